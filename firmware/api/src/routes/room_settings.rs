//! A room's settings, roles and ways in (reference openvidu-meet §1.6).

use axum::extract::{Path, State};
use huddle_core::access::Action;
use huddle_core::room::LinkRole;
use huddle_core::state::RoomChange;
use serde::Deserialize;
use utoipa::ToSchema;

use super::rooms::{Seen, change, see};
use crate::App;
use crate::act::Asker;
use crate::body::Sent;
use crate::error::{ApiError, ErrorBody};
use crate::etag::{IfMatch, Tagged};
use crate::list::Wish;
use crate::room_body::{AccessBody, AccessPatch, ConfigBody, ConfigPatch, Links, RolesBody, RolesPatch};

/// A room's settings.
#[utoipa::path(get, path = "/rooms/{roomId}/config", operation_id = "getRoomConfig", tag = "rooms",
    params(("roomId" = String, Path)),
    responses((status = 200, body = ConfigBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn config(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Tagged<ConfigBody>, ApiError> {
    let room = asker.act_in(&app, &id, Action::ReadRoom, |_, _, room| Ok(room.clone())).await?;
    Ok(Tagged::with(&room, ConfigBody::from(&room.config)))
}

/// Settings to be changed.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ConfigAsk {
    config: ConfigPatch,
}

/// Changes settings; what is absent stays. Not while a meeting runs.
#[utoipa::path(put, path = "/rooms/{roomId}/config", operation_id = "updateRoomConfig", tag = "rooms",
    params(("roomId" = String, Path), ("If-Match" = Option<String>, Header)), request_body = ConfigAsk,
    responses((status = 200, body = ConfigBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 412, body = ErrorBody), (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn set_config(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<String>,
    body: Sent<ConfigAsk>,
) -> Result<Tagged<ConfigBody>, ApiError> {
    let seen = change(&app, &asker, (&id, if_match), body, |body, room, _| {
        Ok(RoomChange { config: Some(body.config.apply(&room.config)?), ..RoomChange::default() })
    })
    .await?;
    Ok(seen.tagged(ConfigBody::from(&seen.room.config)))
}

/// Roles to be changed.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RolesAsk {
    roles: RolesPatch,
}

/// Changes the permissions of the two roles. Not while a meeting runs.
#[utoipa::path(put, path = "/rooms/{roomId}/roles", operation_id = "updateRoomRoles", tag = "rooms",
    params(("roomId" = String, Path), ("If-Match" = Option<String>, Header)), request_body = RolesAsk,
    responses((status = 200, body = RolesBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 412, body = ErrorBody), (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn set_roles(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<String>,
    body: Sent<RolesAsk>,
) -> Result<Tagged<RolesBody>, ApiError> {
    let seen = change(&app, &asker, (&id, if_match), body, |body, room, _| {
        Ok(RoomChange { roles: Some(body.roles.apply(&room.roles)?), ..RoomChange::default() })
    })
    .await?;
    Ok(seen.tagged(RolesBody::from(&seen.room.roles)))
}

/// Ways in to be switched.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AccessAsk {
    access: AccessPatch,
}

/// Switches the ways in. Not while a meeting runs.
#[utoipa::path(put, path = "/rooms/{roomId}/access", operation_id = "updateRoomAccess", tag = "rooms",
    params(("roomId" = String, Path), ("If-Match" = Option<String>, Header)), request_body = AccessAsk,
    responses((status = 200, body = AccessBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 412, body = ErrorBody), (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn set_access(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<String>,
    body: Sent<AccessAsk>,
) -> Result<Tagged<AccessBody>, ApiError> {
    let seen = change(&app, &asker, (&id, if_match), body, |body, _, _| {
        Ok(RoomChange { access: Some(body.access.into()), ..RoomChange::default() })
    })
    .await?;
    Ok(seen.tagged(access(&seen, &wish.base)))
}

fn access(seen: &Seen, base: &str) -> AccessBody {
    AccessBody::new(&seen.room, &Links { base, shown: seen.links })
}

/// Which link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LinkName {
    Moderator,
    Speaker,
    Recording,
}

/// Gives a link a new secret; the old one opens nothing any more.
#[utoipa::path(post, path = "/rooms/{roomId}/access/anonymous/{link}/regenerate",
    operation_id = "regenerateRoomLink", tag = "rooms",
    params(("roomId" = String, Path), ("link" = inline(LinkName), Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = AccessBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 412, body = ErrorBody)))]
pub(crate) async fn regenerate(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    if_match: IfMatch,
    Path((id, link)): Path<(String, String)>,
) -> Result<Tagged<AccessBody>, ApiError> {
    let role = match link.as_str() {
        "moderator" => LinkRole::Moderator,
        "speaker" => LinkRole::Speaker,
        "recording" => LinkRole::Recording,
        _ => return Err(crate::error::no_such_path().await),
    };
    let own = asker.clone();
    let seen = asker
        .act_in(&app, &id, Action::ManageRoom, move |state, ctx, room| {
            if_match.check(room)?;
            let room = state.regenerate_link(&room.room_id, role, ctx)?;
            see(state, &own, &room, ctx)
        })
        .await?;
    Ok(seen.tagged(access(&seen, &wish.base)))
}
