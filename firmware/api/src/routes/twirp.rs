//! LiveKit's server API over Twirp, protobuf and JSON (reference livekit §3): the part of
//! RoomService that LiveKit backends use.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use huddle_core::account::ROOT_ADMIN;
use huddle_core::audit::Actor;
use huddle_core::ids::{Identity, RoomId, TrackSid, UserId};
use huddle_core::meeting::{Meeting, ParticipantKind};
use huddle_core::room::{Room, RoomConfig, check_room_id};
use huddle_core::state::{BoxState, Ctx, NewRoom, ParticipantUpdate, Refusal};
use huddle_livekit::grants::from_permission;
use huddle_livekit::proto;
use huddle_livekit::token::VideoGrant;
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::App;
use crate::auth::bearer;
use crate::control::{DataPacket, ask};
use crate::error::ApiError;

/// `/twirp/livekit.*`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/twirp/livekit.RoomService/{method}", post(room_service))
        .route("/twirp/{service}/{method}", any(unimplemented))
}

/// A Twirp error: HTTP status and `{code, msg}`.
struct TwirpError(StatusCode, &'static str, String);

impl IntoResponse for TwirpError {
    fn into_response(self) -> Response {
        (self.0, axum::Json(json!({ "code": self.1, "msg": self.2 }))).into_response()
    }
}

impl From<Refusal> for TwirpError {
    fn from(refusal: Refusal) -> Self {
        let error = ApiError::from(refusal);
        let code = match error.status() {
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::CONFLICT => "failed_precondition",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE => "unavailable",
            StatusCode::INTERNAL_SERVER_ERROR => "internal",
            StatusCode::FORBIDDEN => "permission_denied",
            _ => "invalid_argument",
        };
        Self(error.status(), code, error.message().to_owned())
    }
}

fn invalid(text: &str) -> TwirpError {
    TwirpError(StatusCode::BAD_REQUEST, "invalid_argument", text.to_owned())
}

/// 429 as Twirp says it.
pub(super) fn too_many(seconds: u64) -> Response {
    let text = "Too many requests, please try again later".to_owned();
    let error = TwirpError(StatusCode::TOO_MANY_REQUESTS, "resource_exhausted", text);
    ([(header::RETRY_AFTER, seconds.to_string())], error).into_response()
}

async fn unimplemented(Path((service, method)): Path<(String, String)>) -> TwirpError {
    let text = format!("{service}.{method} is not offered by this box");
    TwirpError(StatusCode::NOT_IMPLEMENTED, "unimplemented", text)
}

/// The request's encoding, also of the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Protobuf,
    Json,
}

/// An authenticated call.
struct Call {
    app: App,
    video: VideoGrant,
    /// For the audit log.
    actor: Actor,
    encoding: Encoding,
    body: Bytes,
}

impl Call {
    fn read<T: Message + Default + DeserializeOwned>(&self) -> Result<T, TwirpError> {
        match self.encoding {
            Encoding::Protobuf => T::decode(self.body.as_ref()).map_err(|_| invalid("malformed protobuf")),
            Encoding::Json => {
                serde_json::from_slice(&self.body).map_err(|e| invalid(&format!("malformed JSON: {e}")))
            }
        }
    }

    fn answer<T: Message + Serialize>(&self, answer: &T) -> Result<Response, TwirpError> {
        match self.encoding {
            Encoding::Protobuf => {
                let kind = [(header::CONTENT_TYPE, "application/protobuf")];
                Ok((kind, answer.encode_to_vec()).into_response())
            }
            Encoding::Json => Ok(axum::Json(answer).into_response()),
        }
    }

    /// Does something to the state as the program that calls.
    async fn act<R, F>(&self, f: F) -> Result<R, TwirpError>
    where
        R: Send + 'static,
        F: FnOnce(&mut BoxState, &mut Ctx<'_>) -> Result<R, Refusal> + Send + 'static,
    {
        let actor = self.actor.clone();
        let job = move |state: &mut BoxState, ctx: &mut Ctx<'_>| {
            ctx.actor = actor;
            f(state, ctx)
        };
        Ok(ask(&*self.app.control, job).await??)
    }

    fn allow(&self, allowed: bool) -> Result<(), TwirpError> {
        if allowed {
            return Ok(());
        }
        let text = "permissions denied".to_owned();
        Err(TwirpError(StatusCode::FORBIDDEN, "permission_denied", text))
    }

    fn allow_admin(&self, room: &str) -> Result<(), TwirpError> {
        self.allow(self.video.room_admin && self.video.room == room)
    }
}

async fn room_service(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, TwirpError> {
    let unauthenticated =
        |text: &str| TwirpError(StatusCode::UNAUTHORIZED, "unauthenticated", text.to_owned());
    let token = bearer(&headers, "authorization").ok_or_else(|| unauthenticated("no token"))?;
    let claims = app.config.livekit.verify(&token).map_err(|_| unauthenticated("invalid token"))?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|k| k.to_str().ok()).unwrap_or_default();
    let encoding = match kind.split(';').next().unwrap_or_default().trim() {
        "application/protobuf" => Encoding::Protobuf,
        "application/json" => Encoding::Json,
        other => return Err(invalid(&format!("unexpected Content-Type: '{other}'"))),
    };
    let address = Some(address.ip().to_canonical().to_string());
    let actor = Actor { who: format!("key:{}", claims.iss), address };
    let call = Call { app, video: claims.video.unwrap_or_default(), actor, encoding, body };
    match method.as_str() {
        "CreateRoom" => create_room(&call).await,
        "ListRooms" => list_rooms(&call).await,
        "DeleteRoom" => delete_room(&call).await,
        "UpdateRoomMetadata" => update_room_metadata(&call).await,
        "ListParticipants" => list_participants(&call).await,
        "GetParticipant" => get_participant(&call).await,
        "RemoveParticipant" => remove_participant(&call).await,
        "MutePublishedTrack" => mute_published_track(&call).await,
        "UpdateParticipant" => update_participant(&call).await,
        "SendData" => send_data(&call).await,
        other => Err(unimplemented(Path(("RoomService".to_owned(), other.to_owned()))).await),
    }
}

fn room_info(room: &Room, meeting: Option<&Meeting>) -> proto::Room {
    let standard = |kind: ParticipantKind| kind == ParticipantKind::Standard;
    let people =
        meeting.map(|m| m.participants.values().filter(|p| standard(p.kind)).count()).unwrap_or_default();
    let started = meeting.map_or(room.creation_date, |m| m.started).0;
    proto::Room {
        sid: meeting.map(|m| m.sid.to_string()).unwrap_or_default(),
        name: room.room_id.to_string(),
        metadata: room.metadata.clone(),
        creation_time: i64::try_from(started / 1_000).unwrap_or_default(),
        creation_time_ms: i64::try_from(started).unwrap_or_default(),
        num_participants: u32::try_from(people).unwrap_or(u32::MAX),
        max_participants: room.config.max_participants.unwrap_or_default(),
        empty_timeout: 20,
        departure_timeout: 20,
        ..proto::Room::default()
    }
}

async fn create_room(call: &Call) -> Result<Response, TwirpError> {
    call.allow(call.video.room_create)?;
    let request: proto::CreateRoomRequest = call.read()?;
    check_name(&request.name)?;
    let id = RoomId::from(request.name);
    let made = call.act(move |state, ctx| {
        if state.room(&id).is_err() {
            let most = (request.max_participants > 0).then_some(request.max_participants);
            state.create_room(new_room(&id, request.metadata, most), ctx)?;
        } else if !request.metadata.is_empty() {
            state.set_room_metadata(&id, request.metadata, ctx)?;
        }
        Ok(room_info(state.room(&id)?, state.meeting(&id)))
    });
    call.answer(&made.await?)
}

/// A name becomes a room id, so it takes the characters of one.
fn check_name(name: &str) -> Result<(), TwirpError> {
    if check_room_id(name) {
        return Ok(());
    }
    Err(invalid("name: 1 to 100 of letters, digits, '-' and '_'"))
}

fn new_room(id: &RoomId, metadata: String, max_participants: Option<u32>) -> NewRoom {
    let name: String = id.as_str().chars().take(50).collect();
    NewRoom {
        config: RoomConfig { max_participants, ..RoomConfig::default() },
        id: Some(id.clone()),
        livekit_made: true,
        metadata,
        ..NewRoom::named(name, UserId::new(ROOT_ADMIN))
    }
}

async fn list_rooms(call: &Call) -> Result<Response, TwirpError> {
    call.allow(call.video.room_list)?;
    let request: proto::ListRoomsRequest = call.read()?;
    let rooms = ask(&*call.app.control, move |state, _| {
        let asked =
            |r: &&Room| request.names.is_empty() || request.names.iter().any(|n| n == r.room_id.as_str());
        let rooms = state.rooms().filter(asked);
        rooms.map(|r| room_info(r, state.meeting(&r.room_id))).collect::<Vec<_>>()
    });
    call.answer(&proto::ListRoomsResponse { rooms: rooms.await? })
}

async fn delete_room(call: &Call) -> Result<Response, TwirpError> {
    call.allow(call.video.room_create)?;
    let request: proto::DeleteRoomRequest = call.read()?;
    let id = RoomId::from(request.room);
    let delete = call.act(move |state, ctx| {
        let made = state.room(&id)?.livekit_made;
        if state.meeting(&id).is_some() {
            state.end_meeting(&id, ctx)?;
        }
        if made { state.delete_livekit_room(&id, ctx) } else { Ok(()) }
    });
    delete.await?;
    call.answer(&proto::DeleteRoomResponse {})
}

async fn update_room_metadata(call: &Call) -> Result<Response, TwirpError> {
    let request: proto::UpdateRoomMetadataRequest = call.read()?;
    call.allow_admin(&request.room)?;
    let id = RoomId::from(request.room);
    let room = call.act(move |state, ctx| {
        state.set_room_metadata(&id, request.metadata, ctx)?;
        Ok(room_info(state.room(&id)?, state.meeting(&id)))
    });
    call.answer(&room.await?)
}

async fn participants(call: &Call, room: &str) -> Result<Vec<proto::ParticipantInfo>, TwirpError> {
    let id = RoomId::from(room);
    let wanted = id.clone();
    ask(&*call.app.control, move |state, _| state.room(&wanted).map(|_| ())).await??;
    Ok(call.app.control.participants(id).await?)
}

async fn list_participants(call: &Call) -> Result<Response, TwirpError> {
    let request: proto::ListParticipantsRequest = call.read()?;
    call.allow_admin(&request.room)?;
    let participants = participants(call, &request.room).await?;
    call.answer(&proto::ListParticipantsResponse { participants })
}

async fn participant(call: &Call, room: &str, identity: &str) -> Result<proto::ParticipantInfo, TwirpError> {
    let all = participants(call, room).await?;
    let found = all.into_iter().find(|p| p.identity == identity);
    let missing = || Refusal::ParticipantNotFound(RoomId::from(room), Identity::from(identity));
    Ok(found.ok_or_else(missing)?)
}

async fn get_participant(call: &Call) -> Result<Response, TwirpError> {
    let request: proto::RoomParticipantIdentity = call.read()?;
    call.allow_admin(&request.room)?;
    call.answer(&participant(call, &request.room, &request.identity).await?)
}

async fn remove_participant(call: &Call) -> Result<Response, TwirpError> {
    let request: proto::RoomParticipantIdentity = call.read()?;
    call.allow_admin(&request.room)?;
    let (room, identity) = (RoomId::from(request.room), Identity::from(request.identity));
    call.act(move |state, ctx| state.kick(&room, &identity, ctx)).await?;
    call.answer(&proto::RemoveParticipantResponse {})
}

async fn mute_published_track(call: &Call) -> Result<Response, TwirpError> {
    let request: proto::MuteRoomTrackRequest = call.read()?;
    call.allow_admin(&request.room)?;
    let info = participant(call, &request.room, &request.identity).await?;
    let track = info.tracks.into_iter().find(|t| t.sid == request.track_sid);
    let missing = || TwirpError(StatusCode::NOT_FOUND, "not_found", "track not found".to_owned());
    let mut track = track.ok_or_else(missing)?;
    if !request.muted {
        let text = "remote unmute is not enabled".to_owned();
        return Err(TwirpError(StatusCode::PRECONDITION_FAILED, "failed_precondition", text));
    }
    let (room, identity) = (RoomId::from(request.room), Identity::from(request.identity));
    call.app.control.mute(room.clone(), identity.clone(), TrackSid::from(request.track_sid), true)?;
    let note = move |state: &mut BoxState, ctx: &mut Ctx<'_>| {
        state.note("meeting.switchOff", format!("{room}/{identity}"), "a track", ctx);
        Ok(())
    };
    call.act(note).await?;
    track.muted = true;
    call.answer(&proto::MuteRoomTrackResponse { track: Some(track) })
}

async fn update_participant(call: &Call) -> Result<Response, TwirpError> {
    let request: proto::UpdateParticipantRequest = call.read()?;
    call.allow_admin(&request.room)?;
    let mut info = participant(call, &request.room, &request.identity).await?;
    let update = ParticipantUpdate {
        name: Some(request.name).filter(|n| !n.is_empty()),
        metadata: Some(request.metadata).filter(|m| !m.is_empty()),
        attributes: request.attributes.into_iter().collect(),
        grants: request.permission.as_ref().map(from_permission),
    };
    info.name = update.name.clone().unwrap_or(info.name);
    info.metadata = update.metadata.clone().unwrap_or(info.metadata);
    info.attributes.extend(update.attributes.clone());
    info.attributes.retain(|_, value| !value.is_empty());
    info.permission = request.permission.or(info.permission);
    let (room, identity) = (RoomId::from(request.room), Identity::from(request.identity));
    call.act(move |state, ctx| state.update_participant(&room, &identity, update, ctx)).await?;
    call.answer(&info)
}

/// Largest packet of `SendData`, in bytes: receivers take no larger ones (reference livekit §1.11).
const MAX_DATA: usize = 64_000;

async fn send_data(call: &Call) -> Result<Response, TwirpError> {
    let request: proto::SendDataRequest = call.read()?;
    call.allow_admin(&request.room)?;
    if request.data.len() > MAX_DATA {
        return Err(invalid("data is larger than 64,000 bytes"));
    }
    participants(call, &request.room).await?;
    let packet = DataPacket {
        payload: request.data.clone(),
        topic: request.topic.clone(),
        reliable: request.kind == proto::data_packet::Kind::Reliable as i32,
        destinations: request.destination_identities.iter().map(Identity::new).collect(),
    };
    call.app.control.send_data(RoomId::from(request.room), packet)?;
    call.answer(&proto::SendDataResponse {})
}
