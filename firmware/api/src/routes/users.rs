//! Users (`features.md` §1, reference openvidu-meet §1.5).

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use huddle_core::access::Action;
use huddle_core::account::{Role, User, check_name, check_password, check_user_id};
use huddle_core::ids::UserId;
use huddle_core::state::{BoxState, By, NewUser, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::act::{Asker, View};
use crate::dto::{MessageBody, Pagination, UserBody};
use crate::error::{ApiError, ErrorBody};
use crate::etag::{IfMatch, etag};
use crate::page::{Bulk, Flag, MatchModeQuery, PageQuery, Search, SortKey, Wish, ids, page, sort_field};

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
    body: Result<Json<NewUserBody>, JsonRejection>,
) -> Result<Response, ApiError> {
    asker.may(&app, Action::ManageUsers).await?;
    let Json(body) = body?;
    check_user_id(&body.user_id).map_err(|e| ApiError::field("userId", e.to_string()))?;
    let name = check_name(&body.name).map_err(|e| ApiError::field("name", e.to_string()))?;
    check_password(&body.password, app.config.min_password)
        .map_err(|e| ApiError::field("password", e.to_string()))?;
    let password_hash = app.hashing.hash(body.password).await.map_err(|_| Refusal::Busy)?;
    let new = NewUser { user_id: UserId::from(body.user_id), name, role: body.role, password_hash };
    let user = asker.act(&app, Action::ManageUsers, move |state, ctx| state.create_user(new, ctx)).await?;
    let location = format!("{}/api/v1/users/{}", wish.base.clone(), user.user_id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(UserBody::from(&user))).into_response())
}

/// Filters of users.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsersQuery {
    /// Exactly this id.
    user_id: Option<String>,
    /// Display name.
    name: Option<String>,
    /// How `name` compares; `exact` by default.
    #[param(inline)]
    name_match_mode: Option<MatchModeQuery>,
    /// Ignores case.
    #[param(value_type = Option<bool>)]
    name_case_insensitive: Option<Flag>,
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
#[utoipa::path(get, path = "/users", operation_id = "getUsers", tag = "users", params(UsersQuery, PageQuery,
        ("sortField" = Option<String>, Query, pattern = "^(registrationDate|name)$", description = "Which field.")),
    responses((status = 200, body = UsersBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    asker: Asker,
    query: Result<Query<UsersQuery>, QueryRejection>,
    paging: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<UsersBody>, ApiError> {
    let (Query(query), Query(paging)) = (query?, paging?);
    let by_name = sort_field(&paging, &["registrationDate", "name"])? == "name";
    let wanted = query.name.as_deref();
    let mut search = Search::new("name", wanted, query.name_match_mode, query.name_case_insensitive)?;
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
        let sessions = view.tables.sessions.values().filter(|s| s.expires > view.now);
        let online: BTreeSet<&UserId> =
            sessions.map(|s| &s.user_id).filter(|id| shown.contains(id)).collect();
        let body = |user: &&User| UserBody::from(*user).online(online.contains(&user.user_id));
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
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let id = UserId::from(id);
    let read = asker.act(&app, Action::ReadUsers, move |state, ctx| {
        let user = known(state, &id)?;
        Ok((etag(user.revision), UserBody::from(user).online(state.is_online(&id, ctx.now.wall))))
    });
    let (tag, body) = read.await?;
    Ok((tag, Json(body)).into_response())
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
    Path(id): Path<String>,
    body: Result<Json<UserPatch>, JsonRejection>,
) -> Result<Response, ApiError> {
    asker.may(&app, Action::ManageUsers).await?;
    let Json(body) = body?;
    let name = check_name(&body.name).map_err(|e| ApiError::field("name", e.to_string()))?;
    let id = UserId::from(id);
    let changed = asker.act(&app, Action::ManageUsers, move |state, ctx| {
        if_match.check(known(state, &id)?.revision)?;
        state.rename_user(&id, name, ctx)
    });
    let user = changed.await?;
    Ok((etag(user.revision), Json(UserBody::from(&user))).into_response())
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
    id: Path<String>,
    body: Result<Json<UserPatch>, JsonRejection>,
) -> Result<Response, ApiError> {
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
    Path(id): Path<String>,
) -> Result<Json<MessageBody>, ApiError> {
    let (user, own) = (UserId::from(id.as_str()), asker.by());
    let delete = asker.act(&app, Action::ManageUsers, move |state, ctx| {
        if_match.check(known(state, &user)?.revision)?;
        state.delete_user(&user, By(own.as_ref()), ctx)
    });
    delete.await?;
    Ok(Json(MessageBody::new(format!("User '{id}' deleted successfully"))))
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
    asker.may(&app, Action::ManageUsers).await?;
    let ids = ids("userIds", query.user_ids.as_deref(), "At least one userId is required")?;
    let bulk = asker.act(&app, Action::ManageUsers, move |state, ctx| {
        Ok(Bulk::delete(ids, "user", |id| state.delete_user(&UserId::from(id), By(own.as_ref()), ctx)))
    });
    let bulk = bulk.await?;
    let failed = bulk.failures(|user_id, refusal| UserFailure { user_id, error: bulk_error(refusal) });
    Ok((bulk.status(), Json(UsersDeleted { message: bulk.message, deleted: bulk.deleted, failed })))
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
    Path(id): Path<String>,
    body: Result<Json<ResetBody>, JsonRejection>,
) -> Result<Json<MessageBody>, ApiError> {
    asker.may(&app, Action::ManageUsers).await?;
    let Json(body) = body?;
    check_password(&body.new_password, app.config.min_password)
        .map_err(|e| ApiError::field("newPassword", e.to_string()))?;
    let hash = app.hashing.hash(body.new_password).await.map_err(|_| Refusal::Busy)?;
    let (user, own) = (UserId::from(id.as_str()), asker.by());
    asker
        .act(&app, Action::ManageUsers, move |state, ctx| {
            if_match.check(known(state, &user)?.revision)?;
            state.reset_password(&user, hash, By(own.as_ref()), ctx)
        })
        .await?;
    Ok(Json(MessageBody::new(format!(
        "Password for user '{id}' has been reset successfully. User must change password on next login."
    ))))
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
    Path(id): Path<String>,
    body: Result<Json<SetRole>, JsonRejection>,
) -> Result<Response, ApiError> {
    asker.may(&app, Action::ManageUsers).await?;
    let Json(body) = body?;
    let (user, own, role) = (UserId::from(id), asker.by(), body.role);
    let changed = asker.act(&app, Action::ManageUsers, move |state, ctx| {
        if_match.check(known(state, &user)?.revision)?;
        state.set_role(&user, role, By(own.as_ref()), ctx)
    });
    let user = changed.await?;
    Ok((etag(user.revision), Json(UserBody::from(&user))).into_response())
}
