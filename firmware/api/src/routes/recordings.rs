//! Recordings: start, stop, list, read, delete (reference openvidu-meet §1.9).

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use huddle_core::access::{Action, decide};
use huddle_core::ids::{RecordingId, RoomId};
use huddle_core::listing::{RecordingQuery, RecordingSort};
use huddle_core::permission::Permission;
use huddle_core::recording::{Recording, RecordingStatus, check_recording_id};
use huddle_core::room::{Layout, Room};
use huddle_core::state::{BoxState, Ctx, Refusal, StartedBy};
use huddle_core::units::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast;
use utoipa::{IntoParams, ToSchema};

use super::rooms::max_items;
use crate::App;
use crate::act::{Asker, permit};
use crate::auth::Caller;
use crate::control::{News, ask};
use crate::dto::{EncodingName, MessageBody, Pagination, RecordingBody, select};
use crate::error::{ApiError, ErrorBody};
use crate::page::{Flag, MatchModeQuery, text_filter};

/// How long a start waits for the first frame.
const START_LIMIT: Duration = Duration::from_secs(20);

/// Which room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StartBody {
    room_id: String,
    /// In place of the room's own settings.
    #[serde(default)]
    config: StartConfig,
}

/// Settings of one recording.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartConfig {
    /// `grid`, `speaker` or `single-speaker`.
    #[serde(default)]
    layout: Option<Layout>,
    /// Only the preset that this box records with.
    #[serde(default)]
    #[expect(dead_code, reason = "there is one preset; any other name is refused on reading")]
    encoding: Option<EncodingName>,
}

/// A page of recordings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingsBody {
    #[schema(value_type = Vec<RecordingBody>)]
    recordings: Vec<Value>,
    pagination: Pagination,
}

/// Filters, order and paging.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListQuery {
    /// Only of this room.
    room_id: Option<String>,
    /// Only of rooms with this name.
    room_name: Option<String>,
    /// How `roomName` compares; `exact` by default.
    #[param(inline)]
    room_name_match_mode: Option<MatchModeQuery>,
    /// Ignores case.
    #[param(value_type = Option<bool>)]
    room_name_case_insensitive: Option<Flag>,
    /// Only in this state.
    status: Option<RecordingStatus>,
    /// `startDate`, `roomName`, `duration` or `size`.
    sort_field: Option<String>,
    /// `asc` or `desc`.
    sort_order: Option<String>,
    /// 1–100, default 10.
    max_items: Option<f64>,
    /// From the page before.
    next_page_token: Option<String>,
    /// Comma-separated names.
    fields: Option<String>,
    /// Each record brings a ticket for its files.
    tickets: Option<bool>,
}

/// What one record is to contain.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadQuery {
    /// Comma-separated names; unknown ones are ignored.
    fields: Option<String>,
    /// The record brings a ticket for its files.
    tickets: Option<bool>,
}

/// Starts a recording and waits for its first frame.
#[utoipa::path(post, path = "/recordings", operation_id = "startRecording", tag = "recordings",
    request_body = StartBody,
    responses((status = 201, body = RecordingBody), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 503, body = ErrorBody),
        (status = 507, body = ErrorBody)))]
pub(crate) async fn start(
    State(app): State<App>,
    asker: Asker,
    body: Result<Json<StartBody>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(body) = body?;
    let id = RoomId::from(body.room_id);
    let room = room(&app, id.clone()).await?;
    permit(&app, &asker.caller, Permission::Record, &room).await?;
    let by = match &asker.caller {
        Caller::Member(_) => StartedBy::Participant,
        Caller::ApiKey(_) | Caller::User { .. } => StartedBy::Box,
    };
    let mut news = app.control.news();
    let layout = body.config.layout;
    let recording = ask(&*app.control, move |state, ctx| {
        let recording = state.start_recording(&id, by, layout, ctx)?;
        ctx.actor = asker.actor();
        state.note("recording.start", recording.recording_id.as_str(), "", ctx);
        Ok::<_, Refusal>(recording)
    })
    .await??;
    let started = wait_for_start(&app, recording, &mut news).await?;
    let location = format!("/api/v1/recordings/{}", started.recording_id);
    let answer = Json(RecordingBody::from(&started));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], answer).into_response())
}

async fn wait_for_start(
    app: &App,
    recording: Recording,
    news: &mut broadcast::Receiver<News>,
) -> Result<Recording, ApiError> {
    let id = recording.recording_id.clone();
    let begun = async {
        loop {
            match news.recv().await {
                Ok(News::Recording(r)) if r.recording_id == id && r.status != RecordingStatus::Starting => {
                    return Some((*r).clone());
                }
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    let now = app.control.recording(id.clone()).await.ok().flatten();
                    if let Some(r) = now.filter(|r| r.status != RecordingStatus::Starting) {
                        return Some(r);
                    }
                }
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    };
    let timed_out = || {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Recording Error",
            format!("Recording in room '{}' timed out while starting", recording.room_id),
        )
        .code("recording_start_timeout")
    };
    let begun = tokio::time::timeout(START_LIMIT, begun).await.ok().flatten();
    let begun = begun.ok_or_else(timed_out)?;
    if begun.status == RecordingStatus::Failed {
        let text = begun.error.unwrap_or_else(|| "The recording could not be started".to_owned());
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return Err(ApiError::new(status, "Recording Error", text).code("recording_start_failed"));
    }
    Ok(begun)
}

/// Stops a recording. Its file is there when the status is `complete`.
#[utoipa::path(post, path = "/recordings/{recordingId}/stop", operation_id = "stopRecording",
    tag = "recordings", params(("recordingId" = String, Path)),
    responses((status = 202, body = RecordingBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn stop(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let (recording, room) = found(&app, &id).await?;
    permit(&app, &asker.caller, Permission::Record, &room).await?;
    if recording.status.is_over() {
        return Err(Refusal::RecordingStopped(recording.recording_id).into());
    }
    let wanted = recording.recording_id;
    let stopped = ask(&*app.control, move |state, ctx| {
        let stopped = state.stop_recording(&wanted, ctx)?;
        ctx.actor = asker.actor();
        state.note("recording.stop", stopped.recording_id.as_str(), "", ctx);
        Ok::<_, Refusal>(stopped)
    })
    .await??;
    let location = format!("/api/v1/recordings/{}", stopped.recording_id);
    let answer = Json(RecordingBody::from(&stopped));
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], answer).into_response())
}

/// Recordings the caller may see.
#[utoipa::path(get, path = "/recordings", operation_id = "getRecordings", tag = "recordings",
    params(ListQuery),
    responses((status = 200, body = RecordingsBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<RecordingsBody>, ApiError> {
    let Query(query) = query?;
    let mut asked = read_query(&query)?;
    match &caller {
        Caller::Member(member) => {
            let own = room(&app, member.room.clone()).await?;
            permit(&app, &caller, Permission::RetrieveRecordings, &own).await?;
            asked.room = Some(member.room.clone());
        }
        Caller::User { .. } if !caller.reads_all() => match asked.room.clone() {
            Some(id) => permit(&app, &caller, Permission::RetrieveRecordings, &room(&app, id).await?).await?,
            None => asked.rooms = Some(readable_rooms(&app, &caller).await?),
        },
        Caller::ApiKey(_) | Caller::User { .. } => {}
    }
    let size = asked.max_items;
    let page = app.control.recordings(asked).await?;
    let last = page.items.last().map(|r| r.recording_id.to_string());
    let now = tickets_from(&app, query.tickets).await?;
    let body = |r: &Recording| record(&app, &caller, r, query.fields.as_deref(), now);
    Ok(Json(RecordingsBody {
        recordings: page.items.iter().map(body).collect(),
        pagination: Pagination {
            is_truncated: page.truncated,
            next_page_token: last.filter(|_| page.truncated),
            max_items: size,
        },
    }))
}

/// The rooms whose recordings a user may see.
async fn readable_rooms(app: &App, caller: &Caller) -> Result<BTreeSet<RoomId>, ApiError> {
    let asker = Asker { caller: caller.clone(), address: String::new() };
    let found = ask(&*app.control, move |state, ctx| {
        let may = |room: &&Room| {
            let person = asker.person(state, Some(room), ctx).unwrap_or_default();
            let action = Action::Use(Permission::RetrieveRecordings);
            decide(&person, action, Some(room), state.meeting(&room.room_id)).allowed
        };
        state.rooms().filter(may).map(|room| room.room_id.clone()).collect()
    });
    Ok(found.await?)
}

fn read_query(query: &ListQuery) -> Result<RecordingQuery, ApiError> {
    let mode = (query.room_name_match_mode, query.room_name_case_insensitive);
    let room_name = text_filter("roomName", query.room_name.as_deref(), mode.0, mode.1)?;
    let sort = match query.sort_field.as_deref() {
        None | Some("startDate") => RecordingSort::StartDate,
        Some("roomName") => RecordingSort::RoomName,
        Some("duration") => RecordingSort::Duration,
        Some("size") => RecordingSort::Size,
        Some(_) => {
            return Err(ApiError::field("sortField", "startDate, roomName, duration or size"));
        }
    };
    let ascending = match query.sort_order.as_deref() {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => return Err(ApiError::field("sortOrder", "asc or desc")),
    };
    Ok(RecordingQuery {
        room: query.room_id.as_deref().map(RoomId::from),
        rooms: None,
        room_name,
        status: query.status,
        sort,
        ascending,
        max_items: max_items(query.max_items)?,
        after: page_token(query.next_page_token.as_deref())?,
    })
}

/// Checks `nextPageToken`: the id of the last item of the page before.
fn page_token(token: Option<&str>) -> Result<Option<String>, ApiError> {
    match token {
        Some(token) if !check_recording_id(token) => {
            Err(ApiError::field("nextPageToken", "Invalid nextPageToken"))
        }
        _ => Ok(token.map(ToOwned::to_owned)),
    }
}

/// The moment tickets are made at, if they are asked for.
async fn tickets_from(app: &App, wanted: Option<bool>) -> Result<Option<UnixMillis>, ApiError> {
    match wanted {
        Some(true) => Ok(Some(ask(&*app.control, |_, ctx| ctx.now.wall).await?)),
        Some(false) | None => Ok(None),
    }
}

fn record(
    app: &App,
    caller: &Caller,
    recording: &Recording,
    fields: Option<&str>,
    tickets: Option<UnixMillis>,
) -> Value {
    let mut body = RecordingBody::from(recording);
    body.ticket = tickets.and_then(|now| caller.ticket(app, recording.recording_id.as_str(), now));
    select(serde_json::to_value(body).unwrap_or_default(), fields)
}

/// One recording.
#[utoipa::path(get, path = "/recordings/{recordingId}", operation_id = "getRecording",
    tag = "recordings", params(("recordingId" = String, Path), ReadQuery),
    responses((status = 200, body = RecordingBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    query: Result<Query<ReadQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(query) = query?;
    let recording = allowed(&app, &caller, &id, Permission::RetrieveRecordings).await?;
    let now = tickets_from(&app, query.tickets).await?;
    Ok(Json(record(&app, &caller, &recording, query.fields.as_deref(), now)))
}

/// Deletes a recording and its file.
#[utoipa::path(delete, path = "/recordings/{recordingId}", operation_id = "deleteRecording",
    tag = "recordings", params(("recordingId" = String, Path)),
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn delete(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Json<MessageBody>, ApiError> {
    delete_one(&app, &asker, &id).await?;
    Ok(Json(MessageBody::new(format!("Recording '{id}' deleted successfully"))))
}

/// Which recordings.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ManyQuery {
    /// Comma-separated ids, at most 100.
    recording_ids: Option<String>,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManyBody {
    message: String,
    deleted: Vec<String>,
    failed: Vec<FailedBody>,
}

/// One that could not be deleted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailedBody {
    recording_id: String,
    error: String,
}

/// Deletes several recordings; 400 when any of them could not be.
#[utoipa::path(delete, path = "/recordings", operation_id = "bulkDeleteRecordings",
    tag = "recordings", params(ManyQuery),
    responses((status = 200, body = ManyBody), (status = 400, body = ManyBody),
        (status = 401, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn delete_many(
    State(app): State<App>,
    asker: Asker,
    Query(query): Query<ManyQuery>,
) -> Result<Response, ApiError> {
    let text = query.recording_ids.unwrap_or_default();
    let ids: Vec<&str> = text.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() || ids.len() > 100 {
        return Err(ApiError::field("recordingIds", "1 to 100 recording ids are required"));
    }
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for id in ids {
        match delete_one(&app, &asker, id).await {
            Ok(()) => deleted.push(id.to_owned()),
            Err(error) => {
                failed.push(FailedBody { recording_id: id.to_owned(), error: error.message().to_owned() })
            }
        }
    }
    let (status, message) = if failed.is_empty() {
        (StatusCode::OK, "All recordings deleted successfully".to_owned())
    } else {
        (StatusCode::BAD_REQUEST, format!("{} recording(s) could not be deleted", failed.len()))
    };
    Ok((status, Json(ManyBody { message, deleted, failed })).into_response())
}

async fn delete_one(app: &App, asker: &Asker, id: &str) -> Result<(), ApiError> {
    let recording = allowed(app, &asker.caller, id, Permission::DeleteRecordings).await?;
    let actor = asker.actor();
    let delete = move |state: &mut BoxState, ctx: &mut Ctx<'_>| {
        let id = recording.recording_id.clone();
        state.delete_recording(recording)?;
        ctx.actor = actor;
        state.note("recording.delete", id.as_str(), "", ctx);
        Ok::<_, Refusal>(())
    };
    Ok(ask(&*app.control, delete).await??)
}

/// The recording, if the caller has that permission in its room.
pub(crate) async fn allowed(
    app: &App,
    caller: &Caller,
    id: &str,
    permission: Permission,
) -> Result<Recording, ApiError> {
    let (recording, room) = found(app, id).await?;
    permit(app, caller, permission, &room).await?;
    Ok(recording)
}

/// The recording and its room. A room that was deleted leaves its recordings to admins: then
/// a room nobody has rights in stands for it.
async fn found(app: &App, id: &str) -> Result<(Recording, Room), ApiError> {
    if !check_recording_id(id) {
        let text = "recordingId does not follow the expected format";
        return Err(ApiError::field("recordingId", text));
    }
    let id = RecordingId::from(id);
    let recording = app.control.recording(id.clone()).await?;
    let recording = recording.ok_or(Refusal::RecordingNotFound(id))?;
    let (wanted, name) = (recording.room_id.clone(), recording.room_name.clone());
    let room = ask(&*app.control, move |state, ctx| {
        state.room(&wanted).cloned().unwrap_or_else(|_| Room::ghost(wanted, name, ctx.now.wall))
    });
    Ok((recording, room.await?))
}

async fn room(app: &App, id: RoomId) -> Result<Room, ApiError> {
    Ok(ask(&*app.control, move |state, _| state.room(&id).cloned()).await??)
}
