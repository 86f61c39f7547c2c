//! Users (`features.md` §1, reference openvidu-meet §1.5).

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use huddle_core::access::Action;
use huddle_core::account::{Role, User, check_name, check_password, check_user_id};
use huddle_core::ids::UserId;
use huddle_core::state::{BoxState, By, Ctx, NewUser, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::act::{Asker, View};
use crate::body::Sent;
use crate::dto::{MessageBody, Pagination, UserBody, only_chooses};
use crate::error::{ApiError, ErrorBody};
use crate::etag::{IfMatch, Tagged};
use crate::list::{Bulk, Flag, NameQuery, PageQuery, SortKey, Wish, ids, page, sort_field};

const MANAGE: Action = Action::ManageUsers;

/// A user to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewUserBody {
    /// 5–20 of `[a-z0-9_]`.
    #[schema(pattern = "^[a-z0-9_]{5,20}$")]
    user_id: String,
    /// 1–50 characters.
    #[schema(min_length = 1, max_length = 50)]
    name: String,
    /// Rights on the box.
    role: Role,
    /// Must be changed at the first login.
    #[schema(min_length = 5, max_length = 200)]
    password: String,
}

/// Makes a user, who must change the password at the first login.
#[utoipa::path(post, path = "/users", operation_id = "createUser", tag = "users", request_body = NewUserBody,
    responses((status = 201, body = UserBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn create(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    body: Sent<NewUserBody>,
) -> Result<Tagged<UserBody>, ApiError> {
    asker.may(&app, MANAGE).await?;
    let body = body.read()?;
    check_user_id(&body.user_id).map_err(|e| ApiError::field("userId", e.to_string()))?;
    let name = check_name(&body.name).map_err(|e| ApiError::field("name", e.to_string()))?;
    check_password(&body.password, app.config.min_password)
        .map_err(|e| ApiError::field("password", e.to_string()))?;
    let password_hash = app.hashing.hash(body.password).await.map_err(|_| Refusal::Busy)?;
    let new = NewUser { user_id: UserId::from(body.user_id), name, role: body.role, password_hash };
    let user = asker.act(&app, MANAGE, move |state, ctx| state.create_user(new, ctx)).await?;
    Ok(Tagged::new(&user).created(format!("{}/api/v1/users/{}", wish.base, user.user_id)))
}

/// Filters of users.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsersQuery {
    /// Exactly this id.
    user_id: Option<String>,
    /// Only with this role.
    #[param(inline)]
    role: Option<Role>,
    /// Only who is (not) logged in now.
    #[param(value_type = Option<bool>)]
    online: Option<Flag>,
}

/// A page of users.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsersBody {
    users: Vec<UserBody>,
    pagination: Pagination,
}

/// Users, by registration or name.
#[utoipa::path(get, path = "/users", operation_id = "getUsers", tag = "users", params(UsersQuery, NameQuery, PageQuery,
        ("sortField" = Option<String>, Query, pattern = "^(registrationDate|name)$", description = "Which field.")),
    responses((status = 200, body = UsersBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    asker: Asker,
    query: Result<Query<UsersQuery>, QueryRejection>,
    name: Result<Query<NameQuery>, QueryRejection>,
    paging: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<UsersBody>, ApiError> {
    let (Query(query), Query(name), Query(paging)) = (query?, name?, paging?);
    let by_name = sort_field(&paging, &["registrationDate", "name"])? == "name";
    let mut search = name.search()?;
    let caller = asker.caller.clone();
    if query.online.is_some() && only_chooses(&caller, None) {
        return Err(Refusal::Forbidden.into());
    }
    let list = move |view: &View| {
        search.begin();
        let online = query.online.map(|wanted| (wanted.0, view.tables.online_users(view.now)));
        let fits = |u: &&User| {
            query.user_id.as_deref().is_none_or(|id| u.user_id.as_str() == id)
                && query.role.is_none_or(|role| u.role == role)
                && online.as_ref().is_none_or(|(wanted, ids)| *wanted == ids.contains(&u.user_id))
                && search.fits(&u.name)
        };
        let paged = page(view.tables.users.values().filter(fits), &paging, |user| {
            let key =
                if by_name { SortKey::text(&user.name) } else { SortKey::Number(user.registration_date.0) };
            (key, user.user_id.as_str())
        })?;
        search.end("name")?;
        let shown: BTreeSet<&UserId> = paged.items.iter().map(|user| &user.user_id).collect();
        let sessions = view.tables.sessions.values().filter(|s| s.lives(view.now));
        let online: BTreeSet<&UserId> =
            sessions.map(|s| &s.user_id).filter(|id| shown.contains(id)).collect();
        let body = |user: &&User| {
            let body = UserBody::from(*user).online(online.contains(&user.user_id));
            body.seen_by(&caller)
        };
        Ok(UsersBody { users: paged.items.iter().map(body).collect(), pagination: paged.pagination })
    };
    asker.look(&app, Action::ReadUsers, list).await.map(Json)
}

/// One user.
#[utoipa::path(get, path = "/users/{userId}", operation_id = "getUser", tag = "users",
    params(("userId" = String, Path)),
    responses((status = 200, body = UserBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<UserId>,
) -> Result<Tagged<UserBody>, ApiError> {
    let caller = asker.caller.clone();
    let read = asker.act(&app, Action::ReadUsers, move |state, ctx| {
        let user = known(state, &id)?;
        let body = UserBody::from(user).online(state.is_online(&id, ctx.now.wall));
        let tagged = Tagged::with(user, body.seen_by(&caller));
        // The revision of somebody whose first password was never changed shows that it was not.
        Ok(if only_chooses(&caller, Some(id.as_str())) { tagged.untagged() } else { tagged })
    });
    read.await
}

fn known<'a>(state: &'a BoxState, id: &UserId) -> Result<&'a User, Refusal> {
    state.user(id).ok_or_else(|| Refusal::UserNotFound(id.clone()))
}

/// A user's new name.
#[derive(Deserialize, ToSchema)]
pub(crate) struct UserPatch {
    /// 1–50 characters.
    #[schema(min_length = 1, max_length = 50)]
    name: String,
}

/// Gives a user another display name.
#[utoipa::path(patch, path = "/users/{userId}", operation_id = "patchUser", tag = "users",
    params(("userId" = String, Path), ("If-Match" = Option<String>, Header)), request_body = UserPatch,
    responses((status = 200, body = UserBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 412, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn patch(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<UserId>,
    body: Sent<UserPatch>,
) -> Result<Tagged<UserBody>, ApiError> {
    let name = |body: UserPatch| check_name(&body.name).map_err(|e| ApiError::field("name", e.to_string()));
    let rename = move |state: &mut BoxState, ctx: &mut Ctx<'_>, name| {
        if_match.check(known(state, &id)?)?;
        state.rename_user(&id, name, ctx)
    };
    Ok(Tagged::new(&asker.edit(&app, MANAGE, body, name, rename).await?))
}

/// The same as `PATCH`.
#[utoipa::path(put, path = "/users/{userId}", operation_id = "updateUser", tag = "users",
    params(("userId" = String, Path), ("If-Match" = Option<String>, Header)), request_body = UserPatch,
    responses((status = 200, body = UserBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 412, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn put(
    app: State<App>,
    asker: Asker,
    if_match: IfMatch,
    id: Path<UserId>,
    body: Sent<UserPatch>,
) -> Result<Tagged<UserBody>, ApiError> {
    patch(app, asker, if_match, id, body).await
}

/// Deletes a user: out of running meetings, memberships gone, rooms to the root admin.
#[utoipa::path(delete, path = "/users/{userId}", operation_id = "deleteUser", tag = "users",
    params(("userId" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 412, body = ErrorBody)))]
pub(crate) async fn delete(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<UserId>,
) -> Result<Json<MessageBody>, ApiError> {
    let (text, own) = (format!("User '{id}' deleted successfully"), asker.by());
    let delete = asker.act(&app, MANAGE, move |state, ctx| {
        if_match.check(known(state, &id)?)?;
        state.delete_user(&id, By(own.as_ref()), ctx)
    });
    delete.await?;
    Ok(Json(MessageBody::new(text)))
}

/// Which users.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserIdsQuery {
    /// Comma-separated, at most 100.
    #[param(required, min_length = 1)]
    user_ids: Option<String>,
}

/// A user that was not deleted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserFailure {
    user_id: String,
    error: String,
    /// Exactly which error, for programs.
    code: &'static str,
}

/// What came of a bulk deletion.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsersDeleted {
    message: String,
    deleted: Vec<String>,
    failed: Vec<UserFailure>,
}

/// Deletes several users; those that cannot go are named.
#[utoipa::path(delete, path = "/users", operation_id = "bulkDeleteUsers", tag = "users", params(UserIdsQuery),
    responses((status = 200, body = UsersDeleted), (status = 400, body = UsersDeleted),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn delete_many(
    State(app): State<App>,
    asker: Asker,
    query: Result<Query<UserIdsQuery>, QueryRejection>,
) -> Result<(StatusCode, Json<UsersDeleted>), ApiError> {
    let Query(query) = query?;
    let own = asker.by();
    asker.may(&app, MANAGE).await?;
    let ids = ids("userIds", query.user_ids.as_deref(), "At least one userId is required")?;
    let bulk = asker.act(&app, MANAGE, move |state, ctx| {
        Ok(Bulk::of(ids, |id| state.delete_user(&UserId::from(id), By(own.as_ref()), ctx)))
    });
    let bulk = bulk.await?;
    let (status, message) = (bulk.status(), bulk.message("user"));
    let failed = bulk.failures(|user_id, refusal| {
        let (error, code) = (bulk_error(refusal), refusal.code());
        UserFailure { user_id, error, code }
    });
    Ok((status, Json(UsersDeleted { message, deleted: bulk.ids(), failed })))
}

fn bulk_error(refusal: &Refusal) -> String {
    if matches!(refusal, Refusal::UserNotFound(_)) {
        return "User not found".to_owned();
    }
    let text = refusal.to_string();
    text.split('.').next().unwrap_or(&text).to_owned()
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResetBody {
    /// Must be changed at the next login.
    #[schema(min_length = 5, max_length = 200)]
    new_password: String,
}

/// Sets a password that must be changed at the next login; every session of the user ends.
#[utoipa::path(put, path = "/users/{userId}/password", operation_id = "resetUserPassword", tag = "users",
    params(("userId" = String, Path), ("If-Match" = Option<String>, Header)), request_body = ResetBody,
    responses((status = 200, body = MessageBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 412, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn reset_password(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<UserId>,
    body: Sent<ResetBody>,
) -> Result<Tagged<MessageBody>, ApiError> {
    asker.may(&app, MANAGE).await?;
    let body = body.read()?;
    check_password(&body.new_password, app.config.min_password)
        .map_err(|e| ApiError::field("newPassword", e.to_string()))?;
    let hash = app.hashing.hash(body.new_password).await.map_err(|_| Refusal::Busy)?;
    let own = asker.by();
    let reset = asker.act(&app, MANAGE, move |state, ctx| {
        if_match.check(known(state, &id)?)?;
        state.reset_password(&id, hash, By(own.as_ref()), ctx)
    });
    let user = reset.await?;
    let text = format!(
        "Password for user '{}' has been reset successfully. User must change password on next login.",
        user.user_id
    );
    Ok(Tagged::with(&user, MessageBody::new(text)))
}

/// A role.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SetRole {
    role: Role,
}

/// Changes a role. Who may no longer own rooms hands them to the root admin.
#[utoipa::path(put, path = "/users/{userId}/role", operation_id = "updateUserRole", tag = "users",
    params(("userId" = String, Path), ("If-Match" = Option<String>, Header)), request_body = SetRole,
    responses((status = 200, body = UserBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 412, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn set_role(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<UserId>,
    body: Sent<SetRole>,
) -> Result<Tagged<UserBody>, ApiError> {
    let own = asker.by();
    let set = move |state: &mut BoxState, ctx: &mut Ctx<'_>, role| {
        if_match.check(known(state, &id)?)?;
        state.set_role(&id, role, By(own.as_ref()), ctx)
    };
    Ok(Tagged::new(&asker.edit(&app, MANAGE, body, |body| Ok(body.role), set).await?))
}
