//! Recordings: start, stop, list, read, delete (reference openvidu-meet §1.9).

use std::borrow::Cow;
use std::cell::Cell;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use huddle_core::access::{Action, decide};
use huddle_core::encoding::Encoding;
use huddle_core::ids::{RecordingId, RoomId};
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
use crate::act::{Asker, View, require, room_of};
use crate::auth::Caller;
use crate::body::Sent;
use crate::control::{News, ask};
use crate::dto::{MessageBody, Pagination, RecordingBody};
use crate::encoding_body::encoding;
use crate::error::{ApiError, ErrorBody};
use crate::list::{
    Bulk, FieldsQuery, Flag, MatchModeQuery, PageQuery, Search, SortKey, Wish, ids, page, sort_field,
};

/// Listing and playing.
const RETRIEVE: Action = Action::Use(Permission::RetrieveRecordings);
const DELETE: Action = Action::Use(Permission::DeleteRecordings);

/// Which recording.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "for the document; ids are checked where recordings are looked up")]
pub(crate) struct RecordingPath {
    /// `{roomId}--EG_{random}--{random}`.
    #[param(max_length = 200, pattern = "^[A-Za-z0-9_-]+--EG_[A-Za-z0-9_-]*--[A-Za-z0-9_-]+$")]
    #[param(rename = "recordingId")]
    recording_id: String,
}

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
    /// Each record brings a ticket for its files, and whether it may be deleted.
    tickets: Option<bool>,
}

/// What one record is to contain.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadQuery {
    /// The record brings a ticket for its files, and whether it may be deleted.
    tickets: Option<bool>,
}

/// Starts a recording and waits for its first frame.
#[utoipa::path(post, path = "/recordings", operation_id = "startRecording", tag = "recordings",
    params(FieldsQuery), request_body = StartBody,
    responses((status = 201, body = RecordingBody), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 503, body = ErrorBody),
        (status = 507, body = ErrorBody)))]
pub(crate) async fn start(
    State(app): State<App>,
    asker: Asker,
    wish: Wish,
    body: Sent<StartBody>,
) -> Result<Response, ApiError> {
    let body = body.read()?;
    let mut news = app.control.news();
    let given = body.config.encoding.as_ref();
    let encoding = given.map(|given| encoding("config.encoding", given)).transpose()?;
    let wishes = RecordingWishes { layout: body.config.layout, encoding };
    let who = asker.clone();
    let start =
        asker.act_in(&app, &body.room_id, Action::Use(Permission::Record), move |state, ctx, room| {
            // The empty room's camera is switched on by those only who operate it (R7).
            let operates = decide(&who.person(state, None, ctx)?, Action::OperateBox, None, None).allowed;
            let by = if operates { StartedBy::Box } else { StartedBy::Participant };
            state.start_recording(&room.room_id, by, wishes, ctx)
        });
    let recording = start.await?;
    let started = wait_for_start(&app, recording, &mut news).await?;
    let location = format!("/api/v1/recordings/{}", started.recording_id);
    let answer = Json(wish.fields(&[]).of(RecordingBody::from(&started)));
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
    tag = "recordings", params(RecordingPath, FieldsQuery),
    responses((status = 202, body = RecordingBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn stop(
    State(app): State<App>,
    asker: Asker,
    wish: Wish,
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
    let answer = Json(wish.fields(&[]).of(RecordingBody::from(&stopped)));
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], answer).into_response())
}

/// Recordings the caller may see.
#[utoipa::path(get, path = "/recordings", operation_id = "getRecordings", tag = "recordings",
    params(ListQuery, PageQuery, FieldsQuery,
        ("sortField" = Option<String>, Query, pattern = "^(startDate|roomName|duration|size)$", description = "Which field.")),
    responses((status = 200, body = RecordingsBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    asker: Asker,
    wish: Wish,
    query: Result<Query<ListQuery>, QueryRejection>,
    paging: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<RecordingsBody>, ApiError> {
    let (Query(query), Query(paging)) = (query?, paging?);
    let sort = SortBy::of(sort_field(&paging, &["startDate", "roomName", "duration", "size"])?);
    let mode = (query.room_name_match_mode, query.room_name_case_insensitive);
    let mut search = Search::new("roomName", query.room_name.as_deref(), mode.0, mode.1)?;
    let own = match &asker.caller {
        Caller::Member(member) => Some(member.room.clone()),
        Caller::ApiKey(_) | Caller::User { .. } => None,
    };
    let only = own.clone().or_else(|| query.room_id.as_deref().map(RoomId::from));
    let room = only.clone();
    let (maker, by, fields) = (app.clone(), asker.caller.clone(), wish.fields(&[]));
    let mut list = move |view: &View| {
        search.begin();
        let (readable, deletable) = (Allowed::new(view, RETRIEVE), Allowed::new(view, DELETE));
        let fits = |r: &&Recording| query.status.is_none_or(|s| s == r.status) && search.fits(&r.room_name);
        let key = |r| (sort.key(r), RecordingId::as_str(&r.recording_id));
        let paged = match &only {
            Some(room) => page(view.tables.recordings_of(room).filter(fits), &paging, key)?,
            None => {
                let all = view.tables.recordings.values().filter(fits);
                page(all.filter(|r| readable.has(r)), &paging, key)?
            }
        };
        search.end("roomName")?;
        let opened = |r| query.tickets.unwrap_or(false).then(|| (view.now, deletable.has(r)));
        let body = |r| fields.pick(record(&maker, &by, r, opened(r)));
        Ok(RecordingsBody {
            recordings: paged.items.into_iter().map(body).collect(),
            pagination: paged.pagination,
        })
    };
    let made = match (own, room) {
        (Some(room), _) => asker.look_in(&app, room.as_str(), RETRIEVE, move |view, _| list(view)).await?,
        (None, Some(room)) => {
            let list = move |view: &View| {
                may_list(view, &room)?;
                list(view)
            };
            asker.look(&app, Action::ListRecordings, list).await?
        }
        (None, None) => asker.look(&app, Action::ListRecordings, list).await?,
    };
    Ok(Json(made))
}

/// May they see the recordings of this room? They outlive it, see [`Asker::recording`].
fn may_list(view: &View, id: &RoomId) -> Result<(), Refusal> {
    let tables = &view.tables;
    let left = || tables.recordings_of(id).next().map(|left| room_of(tables, left, view.now));
    let room = tables.rooms.get(id).map(Cow::Borrowed).or_else(left);
    let missing = || Refusal::RoomNotFound(id.clone());
    let room = room.ok_or_else(missing)?;
    let person = view.person_in(&room);
    if !person.sees(&room) {
        return Err(missing());
    }
    require(decide(&person, RETRIEVE, Some(&room), None).why, Some(&room), RETRIEVE)
}

/// What recordings are sorted by.
#[derive(Clone, Copy)]
enum SortBy {
    StartDate,
    RoomName,
    Duration,
    Size,
}

impl SortBy {
    fn of(field: &str) -> Self {
        match field {
            "roomName" => Self::RoomName,
            "duration" => Self::Duration,
            "size" => Self::Size,
            _ => Self::StartDate,
        }
    }

    fn key(self, recording: &Recording) -> SortKey<'_> {
        match self {
            Self::StartDate => SortKey::Number(recording.start_date.0),
            Self::RoomName => SortKey::text(&recording.room_name),
            Self::Duration => recording.duration.map_or(SortKey::Absent, |seconds| {
                let length = Duration::try_from_secs_f64(seconds).unwrap_or_default();
                SortKey::Number(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
            }),
            Self::Size => recording.size.map_or(SortKey::Absent, SortKey::Number),
        }
    }
}

/// With which rooms' recordings the caller may do something. Those of a room lie side by side, so a
/// room is judged once.
struct Allowed<'a> {
    view: &'a View,
    action: Action,
    last: Cell<Option<(&'a RoomId, bool)>>,
}

impl<'a> Allowed<'a> {
    const fn new(view: &'a View, action: Action) -> Self {
        Self { view, action, last: Cell::new(None) }
    }

    fn has(&self, recording: &'a Recording) -> bool {
        if let (Some(rights), Action::Use(permission)) = (self.view.rights, self.action) {
            return rights.has(permission);
        }
        if let Some((room, may)) = self.last.get()
            && *room == recording.room_id
        {
            return may;
        }
        let room = room_of(&self.view.tables, recording, self.view.now);
        let may = decide(&self.view.person_in(&room), self.action, Some(&room), None).allowed;
        self.last.set(Some((&recording.room_id, may)));
        may
    }
}

fn record(
    app: &App,
    caller: &Caller,
    recording: &Recording,
    opened: Option<(UnixMillis, bool)>,
) -> RecordingBody {
    let mut body = RecordingBody::from(recording);
    body.ticket = opened.and_then(|(now, _)| caller.ticket(app, recording.recording_id.as_str(), now));
    body.can_delete = opened.map(|(_, can_delete)| can_delete);
    body
}

/// One recording.
#[utoipa::path(get, path = "/recordings/{recordingId}", operation_id = "getRecording",
    tag = "recordings", params(RecordingPath, ReadQuery, FieldsQuery),
    responses((status = 200, body = RecordingBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    asker: Asker,
    wish: Wish,
    Path(id): Path<String>,
    query: Result<Query<ReadQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(query) = query?;
    let who = asker.clone();
    let read = asker.act_on(&app, &id, Permission::RetrieveRecordings, move |state, ctx, recording| {
        let id = recording.recording_id.as_str();
        let may_delete = who.recording(state, id, Permission::DeleteRecordings, ctx).is_ok();
        Ok((recording.clone(), (ctx.now.wall, may_delete)))
    });
    let (recording, opened) = read.await?;
    let opened = query.tickets.unwrap_or(false).then_some(opened);
    Ok(Json(wish.fields(&[]).of(record(&app, &asker.caller, &recording, opened))))
}

/// Deletes a recording and its file.
#[utoipa::path(delete, path = "/recordings/{recordingId}", operation_id = "deleteRecording",
    tag = "recordings", params(RecordingPath),
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn delete(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Json<MessageBody>, ApiError> {
    let delete = asker.act_on(&app, &id, Permission::DeleteRecordings, |state, ctx, recording| {
        state.delete_recording(&recording.recording_id, ctx)
    });
    delete.await?;
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
    /// Exactly which error, for programs.
    code: &'static str,
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
    let by = asker.clone();
    let bulk = asker.run(&app, move |state, ctx| {
        Ok(Bulk::of(ids, |id| {
            let recording = by.recording(state, id, Permission::DeleteRecordings, ctx)?;
            state.delete_recording(&recording.recording_id, ctx)
        }))
    });
    let bulk = bulk.await?;
    let (status, message) = (bulk.status(), bulk.message("recording"));
    let failed = bulk.failures(|recording_id, refusal| {
        let (error, code) = (refusal.to_string(), refusal.code());
        FailedBody { recording_id, error, code }
    });
    Ok((status, Json(ManyBody { message, deleted: bulk.ids(), failed })))
}
