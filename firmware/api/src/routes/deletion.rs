//! Deleting rooms (`features.md` R5, reference openvidu-meet §1.7).

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use huddle_core::access::Action;
use huddle_core::ids::RoomId;
use huddle_core::room::{WithMeeting, WithRecordings};
use huddle_core::state::Deleted;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::act::Asker;
use crate::error::{ApiError, ErrorBody};
use crate::etag::IfMatch;
use crate::page::{Fields, FieldsQuery, Wish, bulk_status, ids};
use crate::room_body::{EXTRA, RoomBody};
use crate::routes::rooms::Seen;

/// What happens to a running meeting and to the recordings.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyQuery {
    /// `force`, `when_meeting_ends` or `fail` (default).
    #[serde(default)]
    #[param(value_type = Option<String>, pattern = "^(force|when_meeting_ends|fail)$")]
    with_meeting: WithMeeting,
    /// `force`, `close` or `fail` (default).
    #[serde(default)]
    #[param(value_type = Option<String>, pattern = "^(force|close|fail)$")]
    with_recordings: WithRecordings,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeletionBody {
    /// Such as `room_deleted`.
    success_code: &'static str,
    message: String,
    /// The room, while it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<RoomBody>)]
    room: Option<Value>,
}

async fn delete_one(
    app: &App,
    asker: &Asker,
    id: &str,
    policy: PolicyQuery,
    if_match: Option<IfMatch>,
) -> Result<(Deleted, Option<Seen>), ApiError> {
    let own = asker.clone();
    let done = asker.act_in(app, id, Action::ManageRoom, move |state, ctx, room| {
        let (meeting, kept) = (policy.with_meeting, policy.with_recordings);
        if_match.map_or(Ok(()), |wanted| wanted.check(room.revision))?;
        let deleted = state.delete_room(&room.room_id, meeting, kept, ctx)?;
        let seen = match &deleted.room {
            Some(room) => Some(Seen::new(state, &own.person(state, Some(room), ctx)?, room)),
            None => None,
        };
        Ok((deleted, seen))
    });
    done.await
}

fn body(id: &str, deleted: &Deleted, seen: Option<&Seen>, base: &str, fields: &Fields) -> DeletionBody {
    DeletionBody {
        success_code: deleted.code.name(),
        message: deleted.code.message(&RoomId::from(id)),
        room: seen.map(|seen| fields.of(seen.body(base))),
    }
}

/// Deletes a room, closes it or schedules that, as the two policies say.
#[utoipa::path(delete, path = "/rooms/{roomId}", operation_id = "deleteRoom", tag = "rooms",
    params(("roomId" = String, Path), PolicyQuery, FieldsQuery, ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = DeletionBody), (status = 202, body = DeletionBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 412, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn delete(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<String>,
    policy: Result<Query<PolicyQuery>, QueryRejection>,
) -> Result<(StatusCode, Json<DeletionBody>), ApiError> {
    let Query(policy) = policy?;
    let (deleted, seen) = delete_one(&app, &asker, &id, policy, Some(if_match)).await?;
    let fields = wish.fields(EXTRA);
    let status = if deleted.code.is_scheduled() { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(body(&id, &deleted, seen.as_ref(), &wish.base, &fields))))
}

/// Which rooms.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomIdsQuery {
    /// Comma-separated, at most 100.
    #[param(required, min_length = 1)]
    room_ids: Option<String>,
}

/// A room that was dealt with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomDeleted {
    room_id: String,
    #[serde(flatten)]
    outcome: DeletionBody,
}

/// A room that was not.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomFailure {
    room_id: String,
    error: String,
    message: String,
}

/// What came of a bulk deletion.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoomsDeleted {
    message: String,
    deleted: Vec<RoomDeleted>,
    failed: Vec<RoomFailure>,
}

/// Deletes several rooms by the same policies; those that stay are named.
#[utoipa::path(delete, path = "/rooms", operation_id = "bulkDeleteRooms", tag = "rooms",
    params(RoomIdsQuery, PolicyQuery, FieldsQuery),
    responses((status = 200, body = RoomsDeleted), (status = 400, body = RoomsDeleted),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn delete_many(
    State(app): State<App>,
    wish: Wish,
    asker: Asker,
    rooms: Result<Query<RoomIdsQuery>, QueryRejection>,
    policy: Result<Query<PolicyQuery>, QueryRejection>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let (Query(rooms), Query(policy)) = (rooms?, policy?);
    asker.may(&app, Action::CreateRoom).await?;
    let none = "At least one valid roomId is required after sanitization";
    let ids = ids("roomIds", rooms.room_ids.as_deref(), none)?;
    let fields = wish.fields(EXTRA);
    let base = wish.base;
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for id in ids {
        match delete_one(&app, &asker, &id, policy, None).await {
            Ok((done, seen)) => {
                let outcome = body(&id, &done, seen.as_ref(), &base, &fields);
                deleted.push(RoomDeleted { room_id: id, outcome });
            }
            Err(error) => failed.push(RoomFailure {
                room_id: id,
                error: error.kind().to_owned(),
                message: error.message().to_owned(),
            }),
        }
    }
    let message = match failed.len() {
        0 => "All rooms successfully processed for deletion".to_owned(),
        n => format!("{n} room(s) failed to process while deleting"),
    };
    let status = bulk_status(failed.len());
    Ok((status, Json(json!(RoomsDeleted { message, deleted, failed }))))
}
