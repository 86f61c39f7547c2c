//! Members of a room (`features.md` §3, reference openvidu-meet §1.8).

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use huddle_core::access::{Action, Person, decide, effective};
use huddle_core::account::{check_name, check_user_id};
use huddle_core::ids::{MemberId, UserId};
use huddle_core::member::{CustomPermissions, Member};
use huddle_core::permission::PermissionSet;
use huddle_core::room::{MemberRole, Room};
use huddle_core::state::{BoxState, Ctx, NewMember, Refusal, Tables};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::act::{Asker, View};
use crate::auth::Caller;
use crate::body::Sent;
use crate::dto::{MessageBody, Pagination, permissions};
use crate::error::{ApiError, ErrorBody};
use crate::etag::{IfMatch, Tagged};
use crate::list::{Bulk, FieldsQuery, NameQuery, PageQuery, SortKey, Wish, ids, page, sort_field};

const MANAGE: Action = Action::ManageMembers;

const EXTRA: &[&str] = &["effectivePermissions"];

/// `moderator` or `speaker`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MemberRoleBody {
    /// Leads.
    Moderator,
    /// Takes part.
    Speaker,
}

impl From<MemberRoleBody> for MemberRole {
    fn from(role: MemberRoleBody) -> Self {
        match role {
            MemberRoleBody::Moderator => Self::Moderator,
            MemberRoleBody::Speaker => Self::Speaker,
        }
    }
}

/// `user`, or `external` (input also takes OpenVidu Meet's `identified_guest`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MemberTypeBody {
    /// A user of the box.
    User,
    /// Somebody from outside.
    #[serde(alias = "identified_guest")]
    External,
}

/// A member to be added: a user, or somebody from outside by name.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewMemberBody {
    /// A user of the box.
    user_id: Option<String>,
    /// Somebody from outside; 1–50 characters.
    #[schema(min_length = 1, max_length = 50)]
    name: Option<String>,
    /// Where the permissions start.
    base_role: MemberRoleBody,
    /// Deviations, one boolean per permission.
    #[serde(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, bool>>)]
    custom_permissions: Option<CustomPermissions>,
}

/// What is to change; what is absent stays. `customPermissions` is replaced whole.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberPatch {
    /// Where the permissions start.
    base_role: Option<MemberRoleBody>,
    /// Deviations, one boolean per permission.
    #[schema(value_type = Option<std::collections::BTreeMap<String, bool>>)]
    custom_permissions: Option<CustomPermissions>,
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberBody {
    /// The user's id, or `ext-…`.
    member_id: String,
    room_id: String,
    /// `user` or `external`.
    r#type: &'static str,
    /// Fixed.
    name: String,
    /// Milliseconds since 1970.
    membership_date: u64,
    /// The member's way in; an external member's is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_url: Option<String>,
    /// `moderator` or `speaker`.
    base_role: &'static str,
    /// Deviations.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, bool>>)]
    custom_permissions: Option<CustomPermissions>,
    /// Milliseconds since 1970.
    permissions_updated_at: u64,
    /// What comes of it in this room; only when asked for.
    #[schema(required = false)]
    effective_permissions: Value,
}

impl MemberBody {
    fn new(member: &Member, effective: PermissionSet, base: &str, secret: bool) -> Self {
        let room = format!("{base}/room/{}", member.room_id);
        let access_url = match &member.secret {
            Some(own) => secret.then(|| format!("{room}?secret={}", own.reveal())),
            None => Some(room),
        };
        Self {
            member_id: member.member_id.to_string(),
            room_id: member.room_id.to_string(),
            r#type: if member.user_id.is_some() { "user" } else { "external" },
            name: member.name.clone(),
            membership_date: member.membership_date.0,
            access_url,
            base_role: member.base_role.name(),
            custom_permissions: Some(member.custom).filter(|c| !c.is_empty()),
            permissions_updated_at: member.permissions_updated_at.0,
            effective_permissions: permissions(effective),
        }
    }
}

fn effective_of(tables: &Tables, room: &Room, member: &Member) -> PermissionSet {
    effective(&tables.person_of_member(room, member), room, None)
}

/// Adds a member.
#[utoipa::path(post, path = "/rooms/{roomId}/members", operation_id = "addRoomMember", tag = "room members",
    params(("roomId" = String, Path), FieldsQuery), request_body = NewMemberBody,
    responses((status = 201, body = MemberBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn add(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    Path(room): Path<String>,
    body: Sent<NewMemberBody>,
) -> Result<Tagged<Value>, ApiError> {
    let checked = |body: NewMemberBody| {
        Ok((new_member(body.user_id, body.name)?, body.base_role, body.custom_permissions))
    };
    let add = |state: &mut BoxState,
               ctx: &mut Ctx<'_>,
               room: &Room,
               (who, role, custom): (_, MemberRoleBody, Option<_>)| {
        let custom = custom.unwrap_or_default();
        let member = state.add_member(&room.room_id, who, role.into(), custom, ctx)?;
        Ok((effective_of(state.tables(), room, &member), member))
    };
    let (effective, member) = asker.edit_in(&app, (&room, MANAGE), body, checked, add).await?;
    let location = format!("{}/api/v1/rooms/{room}/members/{}", wish.base, member.member_id);
    Ok(shown(&wish, &member, effective, true).created(location))
}

fn new_member(user: Option<String>, name: Option<String>) -> Result<NewMember, ApiError> {
    match (user, name) {
        (Some(id), None) => {
            check_user_id(&id).map_err(|e| ApiError::field("userId", e.to_string()))?;
            Ok(NewMember::Internal(UserId::from(id)))
        }
        (None, Some(name)) => {
            let name = check_name(&name).map_err(|e| ApiError::field("name", e.to_string()))?;
            Ok(NewMember::External(name))
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(ApiError::field("userId", "Either userId or name must be provided, but not both"))
        }
    }
}

/// The answer about one member; `secret`: with the way in of an external one.
fn shown(wish: &Wish, member: &Member, effective: PermissionSet, secret: bool) -> Tagged<Value> {
    let body = MemberBody::new(member, effective, &wish.base, secret);
    Tagged::with(member, wish.fields(EXTRA).of(body))
}

/// Filters of members.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MembersQuery {
    /// Only with this role.
    #[param(inline)]
    base_role: Option<MemberRoleBody>,
    /// Only of this kind.
    #[param(inline)]
    r#type: Option<MemberTypeBody>,
}

/// A page of members.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembersBody {
    #[schema(value_type = Vec<MemberBody>)]
    members: Vec<Value>,
    pagination: Pagination,
    #[serde(rename = "_extraFields")]
    extra_fields: &'static [&'static str],
}

/// Members of a room, by date or name.
#[utoipa::path(get, path = "/rooms/{roomId}/members", operation_id = "getRoomMembers", tag = "room members",
    params(("roomId" = String, Path), MembersQuery, NameQuery, PageQuery,
        ("sortField" = Option<String>, Query, pattern = "^(membershipDate|name)$", description = "Which field."), FieldsQuery),
    responses((status = 200, body = MembersBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    Path(room): Path<String>,
    query: Result<Query<MembersQuery>, QueryRejection>,
    name: Result<Query<NameQuery>, QueryRejection>,
    paging: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<MembersBody>, ApiError> {
    let (Query(query), Query(name), Query(paging)) = (query?, name?, paging?);
    let by_name = sort_field(&paging, &["membershipDate", "name"])? == "name";
    let mut search = name.search()?;
    let fields = wish.fields(EXTRA);
    let base = wish.base;
    let list = move |view: &View, room: &Room| {
        search.begin();
        let fits = |m: &&Member| {
            query.base_role.is_none_or(|role| m.base_role == role.into())
                && query.r#type.is_none_or(|kind| (kind == MemberTypeBody::User) == m.user_id.is_some())
                && search.fits(&m.name)
        };
        let paged = page(view.tables.members_of(&room.room_id).filter(fits), &paging, |member| {
            let key =
                if by_name { SortKey::text(&member.name) } else { SortKey::Number(member.membership_date.0) };
            (key, member.member_id.as_str())
        })?;
        search.end("name")?;
        let secret = manages(&view.person, room);
        let body = |member: &&Member| {
            let set = effective_of(&view.tables, room, member);
            fields.pick(MemberBody::new(member, set, &base, secret))
        };
        let members = paged.items.iter().map(body).collect();
        Ok(MembersBody { members, pagination: paged.pagination, extra_fields: EXTRA })
    };
    asker.look_in(&app, &room, Action::ReadMembers, list).await.map(Json)
}

/// Who manages members sees their ways in; who only reads them does not.
fn manages(person: &Person, room: &Room) -> bool {
    decide(person, Action::ManageMembers, Some(room), None).allowed
}

/// Which member.
type MemberPath = Path<(String, MemberId)>;

/// One member; also for the member themself.
#[utoipa::path(get, path = "/rooms/{roomId}/members/{memberId}", operation_id = "getRoomMember", tag = "room members",
    params(("roomId" = String, Path), ("memberId" = String, Path), FieldsQuery),
    responses((status = 200, body = MemberBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    Path((room, id)): MemberPath,
) -> Result<Tagged<Value>, ApiError> {
    let own = is_own(&asker, &id);
    let action = if own { Action::ReadRoom } else { Action::ReadMembers };
    let by = asker.clone();
    let (member, effective, secret) = asker
        .act_in(&app, &room, action, move |state, ctx, room| {
            let member = state.member(&room.room_id, &id)?.clone();
            let secret = own || manages(&by.person(state, Some(room), ctx)?, room);
            Ok((member.clone(), effective_of(state.tables(), room, &member), secret))
        })
        .await?;
    Ok(shown(&wish, &member, effective, secret))
}

fn is_own(asker: &Asker, id: &MemberId) -> bool {
    let id = id.as_str();
    match &asker.caller {
        Caller::User { user, .. } => user.user_id.as_str() == id,
        Caller::Member(member) => {
            let own = member.source.member.as_ref().map(|m| m.as_str());
            own.or(member.source.user.as_ref().map(UserId::as_str)) == Some(id)
        }
        Caller::ApiKey(_) => false,
    }
}

/// Changes a member; a running meeting follows at once.
#[utoipa::path(patch, path = "/rooms/{roomId}/members/{memberId}", operation_id = "patchRoomMember",
    tag = "room members", params(("roomId" = String, Path), ("memberId" = String, Path), ("If-Match" = Option<String>, Header), FieldsQuery),
    request_body = MemberPatch,
    responses((status = 200, body = MemberBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 412, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn patch(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    if_match: IfMatch,
    Path((room, id)): MemberPath,
    body: Sent<MemberPatch>,
) -> Result<Tagged<Value>, ApiError> {
    let change = move |state: &mut BoxState, ctx: &mut Ctx<'_>, room: &Room, patch: MemberPatch| {
        if_match.check(state.member(&room.room_id, &id)?)?;
        let role = patch.base_role.map(MemberRole::from);
        let member = state.change_member(&room.room_id, &id, role, patch.custom_permissions, ctx)?;
        Ok((effective_of(state.tables(), room, &member), member))
    };
    let (effective, member) = asker.edit_in(&app, (&room, MANAGE), body, Ok, change).await?;
    Ok(shown(&wish, &member, effective, true))
}

/// The same as `PATCH`.
#[utoipa::path(put, path = "/rooms/{roomId}/members/{memberId}", operation_id = "updateRoomMember",
    tag = "room members", params(("roomId" = String, Path), ("memberId" = String, Path), ("If-Match" = Option<String>, Header), FieldsQuery),
    request_body = MemberPatch,
    responses((status = 200, body = MemberBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 412, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn put(
    app: State<App>,
    wish: Wish,
    asker: Asker,
    if_match: IfMatch,
    path: MemberPath,
    body: Sent<MemberPatch>,
) -> Result<Tagged<Value>, ApiError> {
    patch(app, wish, asker, if_match, path, body).await
}

/// Deletes a member, who is put out of a running meeting at once.
#[utoipa::path(delete, path = "/rooms/{roomId}/members/{memberId}", operation_id = "deleteRoomMember",
    tag = "room members", params(("roomId" = String, Path), ("memberId" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 412, body = ErrorBody)))]
pub(crate) async fn delete(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path((room, id)): MemberPath,
) -> Result<Json<MessageBody>, ApiError> {
    let text = format!("Member '{id}' deleted successfully from room '{room}'");
    let delete = asker.act_in(&app, &room, MANAGE, move |state, ctx, room| {
        if_match.check(state.member(&room.room_id, &id)?)?;
        state.delete_member(&room.room_id, &id, ctx)
    });
    delete.await?;
    Ok(Json(MessageBody::new(text)))
}

/// Which members.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberIdsQuery {
    /// Comma-separated, at most 100.
    #[param(required, min_length = 1)]
    member_ids: Option<String>,
}

/// A member that was not deleted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberFailure {
    member_id: String,
    error: String,
    /// Exactly which error, for programs.
    code: &'static str,
}

/// What came of a bulk deletion.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembersDeleted {
    message: String,
    deleted: Vec<String>,
    failed: Vec<MemberFailure>,
}

/// Deletes several members; those that are not there are named.
#[utoipa::path(delete, path = "/rooms/{roomId}/members", operation_id = "bulkDeleteRoomMembers",
    tag = "room members", params(("roomId" = String, Path), MemberIdsQuery),
    responses((status = 200, body = MembersDeleted), (status = 400, body = MembersDeleted),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn delete_many(
    State(app): State<App>,
    asker: Asker,
    Path(room): Path<String>,
    query: Result<Query<MemberIdsQuery>, QueryRejection>,
) -> Result<(StatusCode, Json<MembersDeleted>), ApiError> {
    let Query(query) = query?;
    asker.may_in(&app, &room, MANAGE).await?;
    let ids = ids("memberIds", query.member_ids.as_deref(), "At least one memberId is required")?;
    let bulk = asker.act_in(&app, &room, MANAGE, move |state, ctx, room| {
        Ok(Bulk::of(ids, |id| state.delete_member(&room.room_id, &MemberId::from(id), ctx)))
    });
    let bulk = bulk.await?;
    let (status, message) = (bulk.status(), bulk.message("room member"));
    let failed = bulk.failures(|member_id, refusal| {
        let (error, code) = (bulk_error(refusal), refusal.code());
        MemberFailure { member_id, error, code }
    });
    Ok((status, Json(MembersDeleted { message, deleted: bulk.ids(), failed })))
}

fn bulk_error(refusal: &Refusal) -> String {
    if matches!(refusal, Refusal::MemberNotFound(..)) {
        return "Room member not found".to_owned();
    }
    refusal.to_string()
}
