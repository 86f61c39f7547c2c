//! The box itself: what it is, how it is, and the room's own switches.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use huddle_core::access::Action;
use huddle_core::ids::RoomId;
use huddle_core::room::{LinkRole, Room};
use huddle_core::state::{BoxStatus, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;
use utoipa::ToSchema;

use crate::App;
use crate::act::Asker;
use crate::body::Sent;
use crate::control::News;
use crate::dto::{MessageBody, RecordingBody};
use crate::error::{ApiError, ErrorBody};
use crate::etag::{IfMatch, etag};
use crate::list::Wish;
use crate::room_body::link_url;

/// What answers here; needs no login.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InfoBody {
    /// `huddlebox`.
    service: &'static str,
    /// Version.
    version: &'static str,
    /// How it is run.
    mode: Mode,
    /// There is a virtual front panel.
    panel: bool,
}

/// What answers here.
#[utoipa::path(get, path = "/info", operation_id = "getInfo", tag = "box", security(),
    responses((status = 200, body = InfoBody)))]
pub(crate) async fn info(State(app): State<App>) -> Json<InfoBody> {
    Json(InfoBody {
        service: "huddlebox",
        version: app.config.version,
        mode: mode(&app),
        panel: app.config.demo,
    })
}

/// How a box is run.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// To try it.
    Demo,
    /// In earnest.
    Installed,
}

fn mode(app: &App) -> Mode {
    if app.config.demo { Mode::Demo } else { Mode::Installed }
}

/// This box and its own room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AboutBody {
    name: String,
    version: &'static str,
    /// How it is run.
    mode: Mode,
    /// There is a virtual front panel.
    panel: bool,
    home_room: HomeRoomBody,
}

/// This box's own room with its links.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HomeRoomBody {
    room_id: String,
    room_name: String,
    moderator_url: String,
    speaker_url: String,
    /// Speaker links by the box's addresses in the network.
    lan_urls: Vec<String>,
}

impl HomeRoomBody {
    fn new(room: &Room, base: &str, lan: &[String]) -> Self {
        Self {
            room_id: room.room_id.to_string(),
            room_name: room.room_name.clone(),
            moderator_url: link_url(base, room, LinkRole::Moderator),
            speaker_url: link_url(base, room, LinkRole::Speaker),
            lan_urls: lan.iter().map(|b| link_url(b, room, LinkRole::Speaker)).collect(),
        }
    }
}

/// This box and the links of its own room; for admins.
#[utoipa::path(get, path = "/box", operation_id = "getBox", tag = "box",
    responses((status = 200, body = AboutBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn about(State(app): State<App>, wish: Wish, asker: Asker) -> Result<Response, ApiError> {
    let home =
        asker.act(&app, Action::OperateBox, |state, _| state.home_room().cloned().ok_or(Refusal::Busy));
    let room = home.await?;
    let lan = app.control.lan_bases();
    let body = AboutBody {
        name: app.config.name.clone(),
        version: app.config.version,
        mode: mode(&app),
        panel: app.config.demo,
        home_room: HomeRoomBody::new(&room, &wish.base, &lan),
    };
    // The choice of the room is the only setting there is.
    Ok((etag(&room.room_id), Json(body)).into_response())
}

/// Meeting, recording, devices, lamps and disk now; for admins.
#[utoipa::path(get, path = "/box/status", operation_id = "getBoxStatus", tag = "box",
    responses((status = 200, body = BoxStatus), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn status(State(app): State<App>, asker: Asker) -> Result<Json<Arc<BoxStatus>>, ApiError> {
    asker.may(&app, Action::ReadBox).await?;
    Ok(Json(app.control.status()))
}

/// Whether a listener may still listen is looked at this often, and before each event.
const STILL: Duration = Duration::from_secs(5);

/// News as server-sent events: `status` at once and at each change, `recording` at each change. The
/// stream ends with the caller's session, key or right.
#[utoipa::path(get, path = "/box/events", operation_id = "getBoxEvents", tag = "box",
    responses((status = 200, content_type = "text/event-stream"),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn events(
    State(app): State<App>,
    asker: Asker,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    asker.may(&app, Action::ReadBox).await?;
    let news = app.control.news();
    let first = app.control.status();
    let rest = stream::unfold((app, asker, news), |(app, asker, mut news)| async move {
        loop {
            let next = tokio::time::timeout(STILL, news.recv()).await;
            asker.may(&app, Action::ReadBox).await.ok()?;
            match next {
                Ok(Ok(one)) => return Some((one, (app, asker, news))),
                Ok(Err(RecvError::Closed)) => return None,
                Ok(Err(RecvError::Lagged(_))) | Err(_) => {}
            }
        }
    });
    let first = stream::once(async move { News::Status(first) });
    let events = first.chain(rest).map(|news| Ok(event(&news)));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

fn event(news: &News) -> Event {
    let (name, body): (_, Value) = match news {
        News::Status(status) => ("status", serde_json::to_value(&**status).unwrap_or_default()),
        News::Recording(recording) => {
            let body = RecordingBody::from(&**recording);
            ("recording", serde_json::to_value(body).unwrap_or_default())
        }
    };
    Event::default().event(name).data(body.to_string())
}

/// Which room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HomeRoomAsk {
    room_id: String,
}

/// Chooses which room is this box's own; its TV and its buttons follow at once. 409 while a meeting
/// or a recording of the old or the new one is under way, or the new one is closed.
#[utoipa::path(put, path = "/box/home-room", operation_id = "setHomeRoom", tag = "box", request_body = HomeRoomAsk,
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of `GET /box`.")),
    responses((status = 200, body = HomeRoomBody), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 412, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn set_home_room(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    if_match: IfMatch,
    body: Sent<HomeRoomAsk>,
) -> Result<Response, ApiError> {
    asker.may(&app, Action::OperateBox).await?;
    let body = body.read()?;
    let id = RoomId::from(body.room_id);
    let chosen = asker.act(&app, Action::OperateBox, move |state, ctx| {
        if_match.check_tag(state.home_room().map_or("", |room| room.room_id.as_str()))?;
        state.choose_home_room(&id, ctx)
    });
    let room = chosen.await?;
    let body = HomeRoomBody::new(&room, &wish.base, &app.control.lan_bases());
    Ok((etag(&room.room_id), Json(body)).into_response())
}

/// The room's own switches; an absent one stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ControlsAsk {
    mic_muted: Option<bool>,
    camera_off: Option<bool>,
}

/// The room's own switches now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ControlsBody {
    mic_muted: bool,
    camera_off: bool,
}

/// Mutes the room's microphone, switches its camera.
#[utoipa::path(put, path = "/box/room", operation_id = "updateBoxRoom", tag = "box",
    request_body = ControlsAsk,
    responses((status = 200, body = ControlsBody), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn set_controls(
    State(app): State<App>,
    asker: Asker,
    body: Sent<ControlsAsk>,
) -> Result<Json<ControlsBody>, ApiError> {
    asker.may(&app, Action::OperateBox).await?;
    let body = body.read()?;
    let set = asker.act(&app, Action::OperateBox, move |state, ctx| {
        state.set_room_controls(body.mic_muted, body.camera_off, ctx)
    });
    let (mic_muted, camera_off) = set.await?;
    Ok(Json(ControlsBody { mic_muted, camera_off }))
}

/// The room leaves its meeting.
#[utoipa::path(post, path = "/box/room/hang-up", operation_id = "hangUpBoxRoom", tag = "box",
    responses((status = 202, body = MessageBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn hang_up(
    State(app): State<App>,
    asker: Asker,
) -> Result<(StatusCode, Json<MessageBody>), ApiError> {
    let hang_up = asker.act(&app, Action::OperateBox, |state, ctx| state.hang_up(ctx));
    hang_up.await?;
    Ok((StatusCode::ACCEPTED, Json(MessageBody::new("The room has left the meeting"))))
}
