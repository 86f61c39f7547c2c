//! Rooms, as far as this version manages them: list, make, read, close, delete.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use huddle_core::account::{ROOT_ADMIN, Role};
use huddle_core::ids::{RoomId, UserId};
use huddle_core::permission::Permission;
use huddle_core::room::{Room, RoomConfig, RoomStatus, check_room_id};
use huddle_core::state::{NewRoom, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::control::ask;
use crate::dto::{Links, MessageBody, NewRoomBody, Pagination, RoomBody, select};
use crate::error::{ApiError, ErrorBody};
use crate::{App, Scheme};

/// Paging of rooms.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomsQuery {
    /// 1–100, default 10.
    max_items: Option<f64>,
    /// From the page before.
    next_page_token: Option<String>,
    /// Only rooms with this name.
    room_name: Option<String>,
}

/// A page of rooms.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoomsBody {
    rooms: Vec<RoomBody>,
    pagination: Pagination,
}

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

/// Checks `nextPageToken`: the id of the last item of the page before.
pub(crate) fn page_token(token: Option<&str>, fits: fn(&str) -> bool) -> Result<Option<String>, ApiError> {
    match token {
        Some(token) if !fits(token) => Err(ApiError::field("nextPageToken", "Invalid nextPageToken")),
        _ => Ok(token.map(ToOwned::to_owned)),
    }
}

async fn room_with_state(app: &App, id: RoomId) -> Result<(Room, bool), ApiError> {
    let found = ask(&*app.control, move |state, _| {
        let room = state.room(&id)?.clone();
        let active = state.meeting(&id).is_some();
        Ok::<_, Refusal>((room, active))
    });
    Ok(found.await??)
}

/// The room, if the caller may see it; otherwise as if it did not exist.
pub(crate) async fn visible_room(app: &App, caller: &Caller, id: &str) -> Result<(Room, bool), ApiError> {
    let id = RoomId::from(id);
    let (room, active) = room_with_state(app, id.clone()).await?;
    let seen = match caller {
        Caller::ApiKey => true,
        Caller::User { user, .. } => {
            user.role == Role::Admin || room.owner == user.user_id || room.access.user_enabled
        }
        Caller::Member(member) => member.room == id,
    };
    if seen { Ok((room, active)) } else { Err(Refusal::Forbidden.into()) }
}

fn room_answer(room: &Room, active: bool, base: &str, caller: &Caller) -> RoomBody {
    let shown = caller.require(Permission::ShareAccessLinks, room).is_ok();
    RoomBody::new(room, active, &Links { base, shown })
}

/// Rooms the caller sees, newest first.
#[utoipa::path(get, path = "/rooms", operation_id = "getRooms", tag = "rooms",
    params(RoomsQuery),
    responses((status = 200, body = RoomsBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    Extension(scheme): Extension<Scheme>,
    headers: HeaderMap,
    caller: Caller,
    query: Result<Query<RoomsQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<RoomsBody>, ApiError> {
    let Query(query) = query?;
    let size = max_items(query.max_items)?;
    let Some(user) = caller.user_id().filter(|_| !matches!(caller, Caller::Member(_))) else {
        return Err(Refusal::Forbidden.into());
    };
    let admin = caller.is_admin();
    let mut rooms: Vec<(Room, bool)> = ask(&*app.control, move |state, _| {
        let mine = |r: &&Room| admin || r.owner == user || r.access.user_enabled;
        let rooms = state.rooms().filter(mine);
        rooms.map(|r| (r.clone(), state.meeting(&r.room_id).is_some())).collect()
    })
    .await?;
    rooms.retain(|(r, _)| query.room_name.as_ref().is_none_or(|name| *name == r.room_name));
    rooms.sort_by(|(a, _), (b, _)| {
        b.creation_date.cmp(&a.creation_date).then_with(|| a.room_id.cmp(&b.room_id))
    });
    let after = page_token(query.next_page_token.as_deref(), check_room_id)?;
    let start = rooms.iter().position(|(r, _)| Some(r.room_id.as_str()) == after.as_deref());
    let rest: Vec<_> = rooms.into_iter().skip(start.map_or(0, |i| i + 1)).collect();
    let base = base(scheme, &headers);
    let page: Vec<RoomBody> =
        rest.iter().take(size).map(|(r, active)| room_answer(r, *active, &base, &caller)).collect();
    let is_truncated = rest.len() > size;
    let last = page.last().map(|r| r.room_id.clone());
    Ok(Json(RoomsBody {
        rooms: page,
        pagination: Pagination {
            is_truncated,
            next_page_token: last.filter(|_| is_truncated),
            max_items: size,
        },
    }))
}

/// Makes a room.
#[utoipa::path(post, path = "/rooms", operation_id = "createRoom", tag = "rooms",
    request_body = NewRoomBody,
    responses((status = 201, body = RoomBody), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn create(
    State(app): State<App>,
    Extension(scheme): Extension<Scheme>,
    headers: HeaderMap,
    caller: Caller,
    body: Result<Json<NewRoomBody>, JsonRejection>,
) -> Result<Response, ApiError> {
    let may = match &caller {
        Caller::ApiKey => true,
        Caller::User { user, .. } => user.role != Role::RoomMember,
        Caller::Member(_) => false,
    };
    if !may {
        return Err(Refusal::Forbidden.into());
    }
    let Json(body) = body?;
    let name = body.room_name.unwrap_or_default();
    if name.chars().count() > 50 {
        return Err(ApiError::field("roomName", "roomName cannot exceed 50 characters"));
    }
    let owner = caller.user_id().unwrap_or_else(|| UserId::new(ROOT_ADMIN));
    let new = NewRoom {
        name,
        id: None,
        owner,
        livekit_made: false,
        metadata: String::new(),
        config: RoomConfig::default(),
    };
    let room = ask(&*app.control, move |state, ctx| state.create_room(new, ctx)).await??;
    let base = base(scheme, &headers);
    let location = format!("{base}/api/v1/rooms/{}", room.room_id);
    let answer = Json(room_answer(&room, false, &base, &caller));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], answer).into_response())
}

/// Field selection.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FieldsQuery {
    /// Comma-separated names; unknown ones are ignored.
    pub(crate) fields: Option<String>,
}

/// One room.
#[utoipa::path(get, path = "/rooms/{roomId}", operation_id = "getRoom", tag = "rooms",
    params(("roomId" = String, Path), FieldsQuery),
    responses((status = 200, body = RoomBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    Extension(scheme): Extension<Scheme>,
    headers: HeaderMap,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<FieldsQuery>,
) -> Result<Json<serde_json::Value>, ApiError> {
    let (room, active) = visible_room(&app, &caller, &id).await?;
    let body = room_answer(&room, active, &base(scheme, &headers), &caller);
    let body = serde_json::to_value(body).unwrap_or_default();
    Ok(Json(select(body, query.fields.as_deref())))
}

/// Deletes a room that has no meeting; its recordings stay.
#[utoipa::path(delete, path = "/rooms/{roomId}", operation_id = "deleteRoom", tag = "rooms",
    params(("roomId" = String, Path)),
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<MessageBody>, ApiError> {
    let room = owned_room(&app, &caller, &id).await?.room_id;
    ask(&*app.control, move |state, _| state.delete_room(&room)).await??;
    Ok(Json(MessageBody::new(format!("Room '{id}' deleted successfully"))))
}

/// Open or closed.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct StatusBody {
    /// Wanted.
    status: RoomStatus,
}

/// Opens or closes a room.
#[utoipa::path(put, path = "/rooms/{roomId}/status", operation_id = "updateRoomStatus",
    tag = "rooms", params(("roomId" = String, Path)), request_body = StatusBody,
    responses((status = 200, body = RoomBody), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn set_status(
    State(app): State<App>,
    Extension(scheme): Extension<Scheme>,
    headers: HeaderMap,
    caller: Caller,
    Path(id): Path<String>,
    body: Result<Json<StatusBody>, JsonRejection>,
) -> Result<Json<RoomBody>, ApiError> {
    let id = owned_room(&app, &caller, &id).await?.room_id;
    let Json(body) = body?;
    let room = ask(&*app.control, move |state, _| {
        let room = state.set_room_status(&id, body.status)?;
        Ok::<_, Refusal>((state.meeting(&id).is_some(), room))
    });
    let (active, room) = room.await??;
    Ok(Json(room_answer(&room, active, &base(scheme, &headers), &caller)))
}

async fn owned_room(app: &App, caller: &Caller, id: &str) -> Result<Room, ApiError> {
    let (room, _) = visible_room(app, caller, id).await?;
    let owns = caller.is_admin() || matches!(caller, Caller::User { user, .. } if user.user_id == room.owner);
    if owns { Ok(room) } else { Err(Refusal::Forbidden.into()) }
}
