//! Rooms (`features.md` §2, reference openvidu-meet §1.6).

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use huddle_core::access::{Action, Person, decide};
use huddle_core::account::ROOT_ADMIN;
use huddle_core::ids::UserId;
use huddle_core::permission::Permission;
use huddle_core::room::{MeetingEndAction, Roles, Room, RoomConfig, RoomStatus};
use huddle_core::state::{BoxState, Ctx, NewRoom, Refusal, RoomChange, Tables};
use huddle_core::units::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::act::{Asker, View};
use crate::body::Sent;
use crate::dto::Pagination;
use crate::error::{ApiError, ErrorBody};
use crate::etag::{IfMatch, Tagged};
use crate::list::{FieldsQuery, Flag, MatchModeQuery, PageQuery, Search, SortKey, Wish, page, sort_field};
use crate::room_body::{
    EXTRA, Links, NewRoomBody, RoomBody, RoomPatch, check_deletion_date, check_policy, checked_room_name,
};
use crate::{App, Scheme};

/// `http://host:port` as the caller reached the box.
pub(crate) fn base(scheme: Scheme, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
    let name = match scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    format!("{name}://{host}")
}

/// Checks `maxItems`: positive; more than 100 is taken as 100.
pub(crate) fn max_items(wanted: Option<f64>) -> Result<usize, ApiError> {
    let wanted = wanted.unwrap_or(10.0).floor();
    if wanted.is_nan() || wanted <= 0.0 {
        return Err(ApiError::field("maxItems", "maxItems must be a positive number"));
    }
    let allowed = (1..=100_u16).rev().find(|n| f64::from(*n) <= wanted);
    Ok(usize::from(allowed.unwrap_or(1)))
}

/// A room as one caller sees it.
pub(crate) struct Seen {
    pub(crate) room: Room,
    pub(crate) active: bool,
    /// Sees the links.
    pub(crate) links: bool,
}

impl Seen {
    pub(crate) fn new(state: &BoxState, person: &Person, room: &Room) -> Self {
        let meeting = state.meeting(&room.room_id);
        let shares = Action::Use(Permission::ShareAccessLinks);
        let links = decide(person, shares, Some(room), meeting).allowed;
        Self { active: meeting.is_some(), room: room.clone(), links }
    }

    pub(crate) fn body(&self, base: &str) -> RoomBody {
        RoomBody::new(&self.room, self.active, &Links { base, shown: self.links })
    }

    /// The answer that shows this of it.
    pub(crate) fn tagged<B>(&self, body: B) -> Tagged<B> {
        Tagged::with(&self.room, body)
    }

    /// The answer that shows the room, as far as the caller wants to see it.
    fn shown(&self, wish: &Wish) -> Tagged<Value> {
        self.tagged(wish.fields(EXTRA).of(self.body(&wish.base)))
    }
}

pub(super) fn see(state: &BoxState, asker: &Asker, room: &Room, ctx: &Ctx<'_>) -> Result<Seen, Refusal> {
    Ok(Seen::new(state, &asker.person(state, Some(room), ctx)?, room))
}

/// Filters of rooms. `owner`, `member` and `userAccess` together mean any of them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomsQuery {
    room_name: Option<String>,
    /// How `roomName` compares; `exact` by default.
    #[param(inline)]
    room_name_match_mode: Option<MatchModeQuery>,
    /// Ignores case.
    #[param(value_type = Option<bool>)]
    room_name_case_insensitive: Option<Flag>,
    /// Only rooms of this user.
    owner: Option<String>,
    /// Only rooms this user is a member of.
    member: Option<String>,
    /// Only rooms that are (not) open to all users.
    #[param(value_type = Option<bool>)]
    user_access: Option<Flag>,
    /// `open`, `active_meeting` or `closed`.
    #[param(inline)]
    status: Option<StatusQuery>,
}

/// Status of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatusQuery {
    Open,
    ActiveMeeting,
    Closed,
}

impl RoomsQuery {
    fn in_scope(&self, tables: &Tables, room: &Room) -> bool {
        let owner = self.owner.as_deref().map(|id| room.owner.as_str() == id);
        let member = self.member.as_deref().map(|id| tables.is_member(&room.room_id, &UserId::from(id)));
        let open = self.user_access.map(|wanted| room.access.user_enabled == wanted.0);
        let asked: Vec<bool> = [owner, member, open].into_iter().flatten().collect();
        asked.is_empty() || asked.contains(&true)
    }

    fn fits(&self, room: &Room, active: bool) -> bool {
        self.status.is_none_or(|wanted| match wanted {
            StatusQuery::ActiveMeeting => active,
            StatusQuery::Open => !active && room.status == RoomStatus::Open,
            StatusQuery::Closed => !active && room.status == RoomStatus::Closed,
        })
    }

    /// Whether they ask for the rooms of somebody else.
    fn action(&self, asker: &Asker) -> Action {
        let own = asker.caller.user_id();
        let theirs = |id: &String| own.as_ref().is_some_and(|own| own.as_str() == id);
        let others = [&self.owner, &self.member].into_iter().flatten().any(|id| !theirs(id));
        if others { Action::ListOthersRooms } else { Action::ListRooms }
    }
}

/// A page of rooms.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoomsBody {
    #[schema(value_type = Vec<RoomBody>)]
    rooms: Vec<Value>,
    pagination: Pagination,
    #[serde(rename = "_extraFields")]
    extra_fields: &'static [&'static str],
}

/// Rooms the caller sees, newest first.
#[utoipa::path(get, path = "/rooms", operation_id = "getRooms", tag = "rooms",
    params(RoomsQuery, PageQuery,
        ("sortField" = Option<String>, Query, pattern = "^(creationDate|roomName|autoDeletionDate)$", description = "Which field."), FieldsQuery),
    responses((status = 200, body = RoomsBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    query: Result<Query<RoomsQuery>, QueryRejection>,
    paging: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<RoomsBody>, ApiError> {
    let (Query(query), Query(paging)) = (query?, paging?);
    let sort = sort_field(&paging, &["creationDate", "roomName", "autoDeletionDate"])?.to_owned();
    let mode = (query.room_name_match_mode, query.room_name_case_insensitive);
    let mut search = Search::new("roomName", query.room_name.as_deref(), mode.0, mode.1)?;
    let fields = wish.fields(EXTRA);
    let base = wish.base;
    let action = query.action(&asker);
    let list = move |view: &View| {
        search.begin();
        let fits = |room: &&Room| {
            query.fits(room, view.active.contains(&room.room_id))
                && query.in_scope(&view.tables, room)
                && search.fits(&room.room_name)
                && decide(&view.person_in(room), Action::ReadRoom, Some(room), None).allowed
        };
        let paged = page(view.tables.rooms.values().filter(fits), &paging, |room| {
            let key = match sort.as_str() {
                "roomName" => SortKey::text(&room.room_name),
                "autoDeletionDate" => {
                    room.auto_deletion_date.map_or(SortKey::Absent, |d| SortKey::Number(d.0))
                }
                _ => SortKey::Number(room.creation_date.0),
            };
            (key, room.room_id.as_str())
        })?;
        search.end("roomName")?;
        let body = |room: &&Room| {
            let links = sees_links(&view.person_in(room), room);
            let active = view.active.contains(&room.room_id);
            fields.pick(RoomBody::new(room, active, &Links { base: &base, shown: links }))
        };
        let rooms = paged.items.iter().map(body).collect();
        Ok(RoomsBody { rooms, pagination: paged.pagination, extra_fields: EXTRA })
    };
    asker.look(&app, action, list).await.map(Json)
}

fn sees_links(person: &Person, room: &Room) -> bool {
    decide(person, Action::Use(Permission::ShareAccessLinks), Some(room), None).allowed
}

/// Makes a room.
#[utoipa::path(post, path = "/rooms", operation_id = "createRoom", tag = "rooms", params(FieldsQuery),
    request_body = NewRoomBody,
    responses((status = 201, body = RoomBody), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn create(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    body: Sent<NewRoomBody>,
) -> Result<Tagged<Value>, ApiError> {
    let now = asker.act(&app, Action::CreateRoom, |_, ctx| Ok(ctx.now.wall)).await?;
    let body = body.read()?;
    let owner = asker.caller.user_id().unwrap_or_else(|| UserId::new(ROOT_ADMIN));
    let new = new_room(body, owner, now)?;
    let own = asker.clone();
    let made = asker.act(&app, Action::CreateRoom, move |state, ctx| {
        let room = state.create_room(new, ctx)?;
        see(state, &own, &room, ctx)
    });
    let seen = made.await?;
    Ok(seen.shown(&wish).created(format!("{}/api/v1/rooms/{}", wish.base, seen.room.room_id)))
}

fn new_room(body: NewRoomBody, owner: UserId, now: UnixMillis) -> Result<NewRoom, ApiError> {
    let name = checked_room_name(&body.room_name.unwrap_or_default())?;
    if let Some(date) = body.auto_deletion_date {
        check_deletion_date(date, now.0)?;
    }
    Ok(NewRoom {
        config: body.config.unwrap_or_default().apply(&RoomConfig::default())?,
        roles: body.roles.unwrap_or_default().apply(&Roles::default())?,
        access: body.access.unwrap_or_default().into(),
        auto_deletion_date: body.auto_deletion_date.map(UnixMillis),
        auto_deletion_policy: body.auto_deletion_policy.map(check_policy).transpose()?,
        ..NewRoom::named(name, owner)
    })
}

/// One room.
#[utoipa::path(get, path = "/rooms/{roomId}", operation_id = "getRoom", tag = "rooms",
    params(("roomId" = String, Path), FieldsQuery),
    responses((status = 200, body = RoomBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Tagged<Value>, ApiError> {
    let own = asker.clone();
    let seen = asker
        .act_in(&app, &id, Action::ReadRoom, move |state, ctx, room| see(state, &own, room, ctx))
        .await?;
    Ok(seen.shown(&wish))
}

/// Changes a room by a body of whatever kind.
pub(super) async fn change<B: Send + 'static>(
    app: &App,
    asker: &Asker,
    (id, if_match): (&str, IfMatch),
    body: Sent<B>,
    change: fn(B, &Room, UnixMillis) -> Result<RoomChange, ApiError>,
) -> Result<Seen, ApiError> {
    asker.may_in(app, id, Action::ManageRoom).await?;
    let (body, own) = (body.read()?, asker.clone());
    let job = move |state: &mut BoxState, ctx: &mut Ctx<'_>, room: &Room| {
        if_match.check(room)?;
        let change = match change(body, room, ctx.now.wall) {
            Ok(change) => change,
            Err(error) => return Ok(Err(error)),
        };
        let room = state.update_room(&room.room_id, change, ctx)?;
        see(state, &own, &room, ctx).map(Ok)
    };
    asker.act_in(app, id, Action::ManageRoom, job).await?
}

/// Renames a room or changes when it deletes itself.
#[utoipa::path(patch, path = "/rooms/{roomId}", operation_id = "patchRoom", tag = "rooms",
    params(("roomId" = String, Path), FieldsQuery, ("If-Match" = Option<String>, Header)), request_body = RoomPatch,
    responses((status = 200, body = RoomBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 412, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn patch(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<String>,
    body: Sent<RoomPatch>,
) -> Result<Tagged<Value>, ApiError> {
    let seen = change(&app, &asker, (&id, if_match), body, |body, _, now| {
        let name = body.room_name.map(|name| checked_room_name(&name)).transpose()?;
        if name.as_ref().is_some_and(String::is_empty) {
            return Err(ApiError::field("roomName", "roomName cannot be empty"));
        }
        if let Some(Some(date)) = body.auto_deletion_date {
            check_deletion_date(date, now.0)?;
        }
        Ok(RoomChange {
            name,
            auto_deletion_date: body.auto_deletion_date.map(|date| date.map(UnixMillis)),
            auto_deletion_policy: body.auto_deletion_policy.map(check_policy).transpose()?,
            ..RoomChange::default()
        })
    })
    .await?;
    Ok(seen.shown(&wish))
}

/// Open or closed.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct StatusBody {
    /// `open` or `closed`.
    #[schema(value_type = String, pattern = "^(open|closed)$")]
    status: RoomStatus,
}

/// Opens or closes a room; with a running meeting, closing waits for its end (202).
#[utoipa::path(put, path = "/rooms/{roomId}/status", operation_id = "updateRoomStatus",
    tag = "rooms", params(("roomId" = String, Path), FieldsQuery, ("If-Match" = Option<String>, Header)), request_body = StatusBody,
    responses((status = 200, body = RoomBody), (status = 202, body = RoomBody), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 412, body = ErrorBody), (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn set_status(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<String>,
    body: Sent<StatusBody>,
) -> Result<Tagged<Value>, ApiError> {
    let own = asker.clone();
    let set = move |state: &mut BoxState, ctx: &mut Ctx<'_>, room: &Room, status| {
        if_match.check(room)?;
        let room = state.set_room_status(&room.room_id, status, ctx)?;
        let waits = room.meeting_end_action == MeetingEndAction::Close;
        Ok((see(state, &own, &room, ctx)?, waits))
    };
    let manage = (id.as_str(), Action::ManageRoom);
    let (seen, waits) = asker.edit_in(&app, manage, body, |body| Ok(body.status), set).await?;
    let shown = seen.shown(&wish);
    Ok(if waits { shown.accepted() } else { shown })
}
