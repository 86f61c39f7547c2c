//! Members of a room (`features.md` §3, reference openvidu-meet §1.8).

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use huddle_core::access::{Action, Person, decide, effective};
use huddle_core::account::{check_name, check_user_id};
use huddle_core::ids::{MemberId, UserId};
use huddle_core::member::{CustomPermissions, Member};
use huddle_core::permission::PermissionSet;
use huddle_core::room::{MemberRole, Room};
use huddle_core::state::{NewMember, Refusal, Tables};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::act::{Asker, View};
use crate::auth::Caller;
use crate::dto::{MessageBody, Pagination, permissions};
use crate::error::{ApiError, ErrorBody};
use crate::etag::{IfMatch, etag};
use crate::page::{
    Bulk, FieldsQuery, Flag, MatchModeQuery, PageQuery, Search, SortKey, Wish, ids, page, sort_field,
};

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
    body: Result<Json<NewMemberBody>, JsonRejection>,
) -> Result<Response, ApiError> {
    asker.may_in(&app, &room, Action::ManageMembers).await?;
    let Json(body) = body?;
    let who = match (body.user_id, body.name) {
        (Some(id), None) => {
            check_user_id(&id).map_err(|e| ApiError::field("userId", e.to_string()))?;
            NewMember::Internal(UserId::from(id))
        }
        (None, Some(name)) => {
            NewMember::External(check_name(&name).map_err(|e| ApiError::field("name", e.to_string()))?)
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(ApiError::field("userId", "Either userId or name must be provided, but not both"));
        }
    };
    let (role, custom) = (body.base_role.into(), body.custom_permissions.unwrap_or_default());
    let added = asker.act_in(&app, &room, Action::ManageMembers, move |state, ctx, room| {
        let member = state.add_member(&room.room_id, who, role, custom, ctx)?;
        Ok((effective_of(state.tables(), room, &member), member))
    });
    let (effective, member) = added.await?;
    let base = wish.base.clone();
    let location = format!("{base}/api/v1/rooms/{room}/members/{}", member.member_id);
    let fields = wish.fields(EXTRA);
    let answer = Json(fields.of(MemberBody::new(&member, effective, &base, true)));
    let located = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, located, etag(member.revision), answer).into_response())
}

/// Filters of members.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MembersQuery {
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
    params(("roomId" = String, Path), MembersQuery, PageQuery,
        ("sortField" = Option<String>, Query, pattern = "^(membershipDate|name)$", description = "Which field."), FieldsQuery),
    responses((status = 200, body = MembersBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    Path(room): Path<String>,
    query: Result<Query<MembersQuery>, QueryRejection>,
    paging: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<MembersBody>, ApiError> {
    let (Query(query), Query(paging)) = (query?, paging?);
    let by_name = sort_field(&paging, &["membershipDate", "name"])? == "name";
    let wanted = query.name.as_deref();
    let mut search = Search::new("name", wanted, query.name_match_mode, query.name_case_insensitive)?;
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
type MemberPath = Path<(String, String)>;

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
) -> Result<Response, ApiError> {
    let own = is_own(&asker, &id);
    let action = if own { Action::ReadRoom } else { Action::ReadMembers };
    let (id, by) = (MemberId::from(id), asker.clone());
    let (member, effective, secret) = asker
        .act_in(&app, &room, action, move |state, ctx, room| {
            let member = state.member(&room.room_id, &id)?.clone();
            let secret = own || manages(&by.person(state, Some(room), ctx)?, room);
            Ok((member.clone(), effective_of(state.tables(), room, &member), secret))
        })
        .await?;
    let fields = wish.fields(EXTRA);
    let body = fields.of(MemberBody::new(&member, effective, &wish.base, secret));
    Ok((etag(member.revision), Json(body)).into_response())
}

fn is_own(asker: &Asker, id: &str) -> bool {
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
    body: Result<Json<MemberPatch>, JsonRejection>,
) -> Result<Response, ApiError> {
    asker.may_in(&app, &room, Action::ManageMembers).await?;
    let Json(body) = body?;
    let (id, role) = (MemberId::from(id), body.base_role.map(MemberRole::from));
    let (member, effective) = asker
        .act_in(&app, &room, Action::ManageMembers, move |state, ctx, room| {
            if_match.check(state.member(&room.room_id, &id)?.revision)?;
            let member = state.change_member(&room.room_id, &id, role, body.custom_permissions, ctx)?;
            Ok((member.clone(), effective_of(state.tables(), room, &member)))
        })
        .await?;
    let fields = wish.fields(EXTRA);
    let body = fields.of(MemberBody::new(&member, effective, &wish.base, true));
    Ok((etag(member.revision), Json(body)).into_response())
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
    body: Result<Json<MemberPatch>, JsonRejection>,
) -> Result<Response, ApiError> {
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
    let member = MemberId::from(id.as_str());
    asker
        .act_in(&app, &room, Action::ManageMembers, move |state, ctx, room| {
            if_match.check(state.member(&room.room_id, &member)?.revision)?;
            state.delete_member(&room.room_id, &member, ctx)
        })
        .await?;
    Ok(Json(MessageBody::new(format!("Member '{id}' deleted successfully from room '{room}'"))))
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
    asker.may_in(&app, &room, Action::ManageMembers).await?;
    let ids = ids("memberIds", query.member_ids.as_deref(), "At least one memberId is required")?;
    let bulk = asker.act_in(&app, &room, Action::ManageMembers, move |state, ctx, room| {
        let delete = |id: &str| state.delete_member(&room.room_id, &MemberId::from(id), ctx);
        Ok(Bulk::delete(ids, "room member", delete))
    });
    let bulk = bulk.await?;
    let failed = bulk.failures(|member_id, refusal| MemberFailure { member_id, error: bulk_error(refusal) });
    Ok((bulk.status(), Json(MembersDeleted { message: bulk.message, deleted: bulk.deleted, failed })))
}

fn bulk_error(refusal: &Refusal) -> String {
    if matches!(refusal, Refusal::MemberNotFound(..)) {
        return "Room member not found".to_owned();
    }
    refusal.to_string()
}
