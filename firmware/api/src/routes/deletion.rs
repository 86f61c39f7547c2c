//! Deleting rooms (`features.md` R5, reference openvidu-meet §1.7).

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use huddle_core::access::Action;
use huddle_core::ids::RoomId;
use huddle_core::room::{Room, WithMeeting, WithRecordings};
use huddle_core::state::{BoxState, Ctx, Deleted, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::act::Asker;
use crate::error::{ApiError, ErrorBody};
use crate::etag::IfMatch;
use crate::list::{Bulk, Fields, FieldsQuery, Wish, ids};
use crate::room_body::{EXTRA, RoomBody};
use crate::routes::rooms::{Seen, see};

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

/// Deletes a room for somebody who may; what is left of it.
fn delete_one(
    state: &mut BoxState,
    ctx: &mut Ctx<'_>,
    (asker, room): (&Asker, &Room),
    policy: PolicyQuery,
) -> Result<(Deleted, Option<Seen>), Refusal> {
    let deleted = state.delete_room(&room.room_id, policy.with_meeting, policy.with_recordings, ctx)?;
    let seen = deleted.room.as_ref().map(|room| see(state, asker, room, ctx)).transpose()?;
    Ok((deleted, seen))
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
    let own = asker.clone();
    let delete = asker.act_in(&app, &id, Action::ManageRoom, move |state, ctx, room| {
        if_match.check(room)?;
        delete_one(state, ctx, (&own, room), policy)
    });
    let (deleted, seen) = delete.await?;
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
    /// Exactly which error, for programs.
    code: String,
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
    let own = asker.clone();
    let bulk = asker.run(&app, move |state, ctx| {
        Ok(Bulk::of(ids, |id| {
            let room = own.room(state, &RoomId::from(id), Action::ManageRoom, ctx)?;
            delete_one(state, ctx, (&own, &room), policy)
        }))
    });
    let bulk = bulk.await?;
    let failed = bulk.failures(|room_id, refusal| {
        let ErrorBody { error, code, message, .. } = ApiError::from(refusal.clone()).into_body();
        RoomFailure { room_id, error, code, message }
    });
    let message = match failed.len() {
        0 => "All rooms successfully processed for deletion".to_owned(),
        n => format!("{n} room(s) failed to process while deleting"),
    };
    let status = bulk.status();
    let deleted = bulk.done().into_iter().map(|(room_id, (done, seen))| {
        let outcome = body(&room_id, &done, seen.as_ref(), &wish.base, &fields);
        RoomDeleted { room_id, outcome }
    });
    let deleted = deleted.collect();
    Ok((status, Json(json!(RoomsDeleted { message, deleted, failed }))))
}
