//! Recordings: start, stop, list, read, delete (reference openvidu-meet §1.9).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use huddle_core::access::{Action, decide};
use huddle_core::encoding::Encoding;
use huddle_core::ids::RoomId;
use huddle_core::permission::Permission;
use huddle_core::recording::{Recording, RecordingStatus, RecordingWishes};
use huddle_core::room::Layout;
use huddle_core::state::{Refusal, StartedBy};
use huddle_core::units::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::act::{Asker, View, room_of};
use crate::auth::Caller;
use crate::control::{News, ask};
use crate::dto::{MessageBody, Pagination, RecordingBody, select};
use crate::encoding_body::encoding;
use crate::error::{ApiError, ErrorBody};
use crate::page::{
    Flag, MatchModeQuery, PageQuery, Search, SortKey, bulk_message, bulk_status, ids, page, sort_field,
};

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
    /// A preset's name, or every value by itself. Size and rate are followed as far as a box can; the
    /// file is always H.264 and AAC.
    #[serde(default)]
    #[schema(value_type = Option<Encoding>)]
    encoding: Option<Value>,
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
    let by = match &asker.caller {
        Caller::Member(_) => StartedBy::Participant,
        Caller::ApiKey(_) | Caller::User { .. } => StartedBy::Box,
    };
    let mut news = app.control.news();
    let given = body.config.encoding.as_ref();
    let encoding = given.map(|given| encoding("config.encoding", given)).transpose()?;
    let wishes = RecordingWishes { layout: body.config.layout, encoding };
    let start =
        asker.act_in(&app, &body.room_id, Action::Use(Permission::Record), move |state, ctx, room| {
            state.start_recording(&room.room_id, by, wishes, ctx)
        });
    let recording = start.await?;
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
                    let wanted = id.clone();
                    let now = ask(&*app.control, move |state, _| state.recording(&wanted).cloned()).await;
                    let now = now.ok().and_then(Result::ok);
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
    tag = "recordings", params(("recordingId" = String, Path, max_length = 200, pattern = "^[A-Za-z0-9_-]+--EG_[A-Za-z0-9_-]*--[A-Za-z0-9_-]+$")),
    responses((status = 202, body = RecordingBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn stop(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let stop = asker.act_on(&app, &id, Permission::Record, |state, ctx, recording| {
        if recording.status.is_over() {
            return Err(Refusal::RecordingStopped(recording.recording_id.clone()));
        }
        state.stop_recording(&recording.recording_id, ctx)
    });
    let stopped = stop.await?;
    let location = format!("/api/v1/recordings/{}", stopped.recording_id);
    let answer = Json(RecordingBody::from(&stopped));
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], answer).into_response())
}

/// Recordings the caller may see.
#[utoipa::path(get, path = "/recordings", operation_id = "getRecordings", tag = "recordings",
    params(ListQuery, PageQuery,
        ("sortField" = Option<String>, Query, pattern = "^(startDate|roomName|duration|size)$", description = "Which field.")),
    responses((status = 200, body = RecordingsBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    asker: Asker,
    query: Result<Query<ListQuery>, QueryRejection>,
    paging: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<RecordingsBody>, ApiError> {
    let (Query(query), Query(paging)) = (query?, paging?);
    let sort = sort_field(&paging, &["startDate", "roomName", "duration", "size"])?.to_owned();
    let mode = (query.room_name_match_mode, query.room_name_case_insensitive);
    let mut search = Search::new("roomName", query.room_name.as_deref(), mode.0, mode.1)?;
    let only = match &asker.caller {
        Caller::Member(member) => Some(member.room.clone()),
        Caller::ApiKey(_) | Caller::User { .. } => query.room_id.as_deref().map(RoomId::from),
    };
    let room = only.clone();
    let (maker, by) = (app.clone(), asker.caller.clone());
    let mut list = move |view: &View| {
        search.begin();
        let readable = Readable::new(view);
        let all: Box<dyn Iterator<Item = &Recording>> = match &only {
            Some(room) => Box::new(view.tables.recordings_of(room)),
            None => Box::new(view.tables.recordings.values().filter(|r| readable.has(r))),
        };
        let fits = |r: &&Recording| query.status.is_none_or(|s| s == r.status) && search.fits(&r.room_name);
        let paged = page(all.filter(fits), &paging, |r| (sort_key(r, &sort), r.recording_id.as_str()))?;
        search.end("roomName")?;
        let now = query.tickets.unwrap_or(false).then_some(view.now);
        let body = |r: &&Recording| record(&maker, &by, r, query.fields.as_deref(), now);
        Ok(RecordingsBody {
            recordings: paged.items.iter().map(body).collect(),
            pagination: paged.pagination,
        })
    };
    let retrieve = Action::Use(Permission::RetrieveRecordings);
    let made = match room {
        Some(room) => asker.look_in(&app, room.as_str(), retrieve, move |view, _| list(view)).await?,
        None => asker.look(&app, Action::ListRecordings, list).await?,
    };
    Ok(Json(made))
}

fn sort_key<'a>(recording: &'a Recording, by: &str) -> SortKey<'a> {
    match by {
        "roomName" => SortKey::text(&recording.room_name),
        "duration" => recording.duration.map_or(SortKey::Absent, |seconds| {
            let length = Duration::try_from_secs_f64(seconds).unwrap_or_default();
            SortKey::Number(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
        }),
        "size" => recording.size.map_or(SortKey::Absent, SortKey::Number),
        _ => SortKey::Number(recording.start_date.0),
    }
}

/// Which rooms' recordings the caller may see; each room is judged once.
struct Readable<'a> {
    view: &'a View,
    rooms: RefCell<BTreeMap<&'a RoomId, bool>>,
}

impl<'a> Readable<'a> {
    fn new(view: &'a View) -> Self {
        Self { view, rooms: RefCell::default() }
    }

    fn has(&self, recording: &'a Recording) -> bool {
        *self.rooms.borrow_mut().entry(&recording.room_id).or_insert_with(|| {
            let room = room_of(&self.view.tables, recording, self.view.now);
            let retrieve = Action::Use(Permission::RetrieveRecordings);
            decide(&self.view.person_in(&room), retrieve, Some(&room), None).allowed
        })
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
    tag = "recordings", params(("recordingId" = String, Path, max_length = 200, pattern = "^[A-Za-z0-9_-]+--EG_[A-Za-z0-9_-]*--[A-Za-z0-9_-]+$"), ReadQuery),
    responses((status = 200, body = RecordingBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
    query: Result<Query<ReadQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(query) = query?;
    let read = asker.act_on(&app, &id, Permission::RetrieveRecordings, |_, ctx, recording| {
        Ok((recording.clone(), ctx.now.wall))
    });
    let (recording, now) = read.await?;
    let now = query.tickets.unwrap_or(false).then_some(now);
    Ok(Json(record(&app, &asker.caller, &recording, query.fields.as_deref(), now)))
}

/// Deletes a recording and its file.
#[utoipa::path(delete, path = "/recordings/{recordingId}", operation_id = "deleteRecording",
    tag = "recordings", params(("recordingId" = String, Path, max_length = 200, pattern = "^[A-Za-z0-9_-]+--EG_[A-Za-z0-9_-]*--[A-Za-z0-9_-]+$")),
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
    #[param(required, min_length = 1)]
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
    query: Result<Query<ManyQuery>, QueryRejection>,
) -> Result<(StatusCode, Json<ManyBody>), ApiError> {
    let Query(query) = query?;
    let ids = ids("recordingIds", query.recording_ids.as_deref(), "At least one recordingId is required")?;
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for id in ids {
        match delete_one(&app, &asker, &id).await {
            Ok(()) => deleted.push(id),
            Err(error) => {
                failed.push(FailedBody { recording_id: id, error: error.message().to_owned() });
            }
        }
    }
    let message = bulk_message("recording", failed.len());
    Ok((bulk_status(failed.len()), Json(ManyBody { message, deleted, failed })))
}

async fn delete_one(app: &App, asker: &Asker, id: &str) -> Result<(), ApiError> {
    let delete = asker.act_on(app, id, Permission::DeleteRecordings, |state, ctx, recording| {
        state.delete_recording(&recording.recording_id, ctx)
    });
    delete.await
}
