//! LiveKit signalling (reference livekit §1.1): checks the token before the upgrade, then only
//! frames: what a client sends goes to its session in the SFU, what comes back goes out.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use huddle_core::ids::{Identity, ParticipantSid, RoomId};
use huddle_core::state::{Arrival, BoxState, Ctx, Entrant, Refusal};
use huddle_livekit::admission::SignalMode;
use huddle_livekit::connect::{Connection, read};
use huddle_livekit::grants::from_video;
use huddle_livekit::proto;
use huddle_livekit::token::Claims;
use prost::Message as _;
use tokio::time::{interval, timeout};

use super::member_token::{renew, renewed};
use crate::App;
use crate::auth::bearer;
use crate::control::{Control, Job, Signal, ask};
use crate::error::ApiError;

/// Largest frame of a client, in bytes: offers with many m-lines are large, but none is larger than
/// the 256 KiB that the SFU reads.
const MAX_FRAME: usize = 512 * 1_024;
/// A client that does not read for this long is gone.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// Both sides have closed the socket by then.
const GOODBYE: Duration = Duration::from_secs(3);
/// A fresh token is pushed this often, so that a resume works after the first one expired.
const REFRESH: Duration = Duration::from_secs(300);

type Pairs = Vec<(String, String)>;
type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// The signalling routes.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/rtc", get(v0))
        .route("/rtc/validate", get(validate_v0))
        .route("/rtc/v1", get(v1))
        .route("/rtc/v1/validate", get(validate_v1))
}

/// Plain text with a status, as LiveKit's clients expect it.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        if let Refusal::RoomNotFound(_) = refusal {
            // The exact text keeps livekit-client from falling back to v0.
            return Self(StatusCode::NOT_FOUND, "requested room does not exist".to_owned());
        }
        let error = ApiError::from(refusal);
        Self(error.status(), error.message().to_owned())
    }
}

async fn v0(
    State(app): State<App>,
    Query(query): Query<Pairs>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    enter(app, SignalMode::DualPc, query, headers, upgrade).await
}

async fn v1(
    State(app): State<App>,
    Query(query): Query<Pairs>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    enter(app, SignalMode::SinglePc, query, headers, upgrade).await
}

async fn validate_v0(State(app): State<App>, Query(query): Query<Pairs>, headers: HeaderMap) -> Response {
    validate(app, SignalMode::DualPc, query, headers).await
}

async fn validate_v1(State(app): State<App>, Query(query): Query<Pairs>, headers: HeaderMap) -> Response {
    validate(app, SignalMode::SinglePc, query, headers).await
}

async fn validate(app: App, mode: SignalMode, query: Pairs, headers: HeaderMap) -> Response {
    let knock = match knock(&app, mode, &query, &headers) {
        Ok(knock) => knock,
        Err(refused) => return refused.into_response(),
    };
    let asked = ask(&*app.control, move |state, ctx| {
        state.may_enter(&knock.room, &knock.entrant, &knock.identity, ctx.now.wall)
    })
    .await;
    match asked.and_then(|inner| inner) {
        Ok(()) => "success".into_response(),
        Err(refusal) => Refused::from(refusal).into_response(),
    }
}

/// A token and a connect request that were understood.
struct Knock {
    claims: Claims,
    room: RoomId,
    identity: Identity,
    entrant: Entrant,
    connection: Connection,
}

fn knock(app: &App, mode: SignalMode, query: &Pairs, headers: &HeaderMap) -> Result<Knock, Refused> {
    let unauthorized = |text: &str| Refused(StatusCode::UNAUTHORIZED, text.to_owned());
    let in_query = || query.iter().find(|(k, _)| k == "access_token").map(|(_, v)| v.clone());
    let token = bearer(headers, "authorization")
        .or_else(in_query)
        .ok_or_else(|| unauthorized("no permissions to access the room"))?;
    let claims = app.config.livekit.verify(&token).map_err(|_| unauthorized("invalid token"))?;
    let video = claims.video.clone().filter(|v| v.room_join);
    let video = video.ok_or_else(|| unauthorized("no permissions to access the room"))?;
    let bad = |text: &str| Refused(StatusCode::BAD_REQUEST, text.to_owned());
    let identity = claims.identity();
    if identity.is_empty() || identity.len() > 256 {
        return Err(bad("identity cannot be empty or longer than 256 bytes"));
    }
    if video.room.is_empty() || video.room.len() > 256 {
        return Err(bad("room cannot be empty or longer than 256 bytes"));
    }
    let entrant = match &claims.hb {
        Some(claim) if claim.room == video.room => Entrant::Member { source: claim.source.clone() },
        Some(_) => return Err(unauthorized("invalid token")),
        None => Entrant::LiveKit {
            grants: from_video(&video),
            room_admin: video.room_admin,
            room_record: video.room_record,
        },
    };
    let connection = read(mode, query).map_err(|e| bad(&e.to_string()))?;
    Ok(Knock {
        room: RoomId::from(video.room),
        identity: Identity::from(identity),
        entrant,
        connection,
        claims,
    })
}

async fn enter(app: App, mode: SignalMode, query: Pairs, headers: HeaderMap, upgrade: Upgrade) -> Response {
    let Ok(upgrade) = upgrade else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let opened = match knock(&app, mode, &query, &headers) {
        Ok(knock) => open(&app, knock).await,
        Err(refused) => Err(refused),
    };
    match opened {
        Ok((signal, seat, claims)) => upgrade
            .max_message_size(MAX_FRAME)
            .max_frame_size(MAX_FRAME)
            .on_upgrade(move |socket| pump(app, socket, signal, seat, claims)),
        Err(refused) => refused.into_response(),
    }
}

/// A connection's claim on a seat. However the connection ends – even before its upgrade – the
/// SFU and the rules hear of it.
struct Seat {
    control: Arc<dyn Control>,
    room: RoomId,
    identity: Identity,
    sid: ParticipantSid,
    closed: Option<Box<dyn FnOnce() + Send>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(closed) = self.closed.take() {
            closed();
        }
        let (room, identity, sid) = (self.room.clone(), self.identity.clone(), self.sid.clone());
        let job: Job = Box::new(move |state, _| state.disconnected(&room, &identity, &sid));
        if !self.control.run(job, Box::new(|_| {})) {
            tracing::warn!("a lost connection was not noted: who was cut off gets a new name");
        }
    }
}

async fn open(app: &App, knock: Knock) -> Result<(Signal, Seat, Claims), Refused> {
    let Knock { claims, room, identity, entrant, connection } = knock;
    // Only a token that allows it lets a client speak for itself.
    let own = match &entrant {
        Entrant::LiveKit { grants, .. } => grants.update_metadata,
        Entrant::Member { .. } => false,
    };
    let metadata = connection.metadata.filter(|_| own).unwrap_or_else(|| claims.metadata.clone());
    let mut attributes = claims.attributes.clone();
    if own {
        attributes.extend(connection.attributes);
    }
    let resume = connection.connect.resume.as_ref().map(|r| r.sid.clone());
    let arrival = Arrival { identity, name: claims.name.clone(), metadata, attributes, resume };
    let admit = move |state: &mut BoxState, ctx: &mut Ctx<'_>| state.admit(&room, &entrant, arrival, ctx);
    let admitted = ask(&*app.control, admit).await??;
    let mut seat = Seat {
        control: app.control.clone(),
        room: admitted.room.clone(),
        identity: admitted.identity.clone(),
        sid: admitted.sid.clone(),
        closed: None,
    };
    let mut signal = app.control.open_signal(admitted, connection.connect)?;
    seat.closed = signal.closed.take();
    Ok((signal, seat, claims))
}

async fn pump(app: App, mut socket: WebSocket, mut signal: Signal, seat: Seat, claims: Claims) {
    let mut refresh = interval(REFRESH);
    refresh.tick().await;
    let mut json = false;
    loop {
        tokio::select! {
            response = signal.responses.recv() => {
                let Some(response) = response else { break };
                if !send(&mut socket, &response, json).await {
                    break;
                }
            }
            frame = socket.recv() => {
                let Some(Ok(frame)) = frame else { break };
                match request(&frame, &mut json) {
                    Ok(Some(request)) => {
                        if !(signal.requests)(request) {
                            // A lost request would leave client and box disagreeing.
                            send(&mut socket, &resume(), json).await;
                            break;
                        }
                    }
                    Ok(None) => {}
                    Err(Malformed) => {
                        tracing::info!("a client sent a malformed signalling frame and is dropped");
                        break;
                    }
                }
            }
            _ = refresh.tick() => {
                if !push_token(&app, &mut socket, &claims, json).await {
                    break;
                }
            }
        }
    }
    drop(seat);
    let goodbye = async {
        // What the box still had to say goes out, then both sides close (RFC 6455 §7.1.1): a
        // socket that is dropped earlier may take the last frames with it.
        while let Ok(response) = signal.responses.try_recv() {
            if !send(&mut socket, &response, json).await {
                return;
            }
        }
        let frame = CloseFrame { code: close_code::NORMAL, reason: "".into() };
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    // The client may be gone already.
    let _ = timeout(GOODBYE, goodbye).await;
}

/// A token that has died – by a logout, say – is not made young again; the meeting goes on.
async fn push_token(app: &App, socket: &mut WebSocket, claims: &Claims, json: bool) -> bool {
    let token = match claims.hb.clone() {
        Some(claim) => {
            let (room, identity) = (RoomId::from(claim.room), Identity::from(claims.sub.as_str()));
            let grant = ask(&*app.control, move |state, ctx| {
                let grant = state.renewed_grant(&room, &claim.source, Some(&identity), ctx.now.wall)?;
                Ok::<_, Refusal>((grant, ctx.now.wall))
            });
            let Ok(Ok((grant, now))) = grant.await else {
                return true;
            };
            renew(app, claims, &grant, now)
        }
        None => match ask(&*app.control, |_, ctx| ctx.now.wall).await {
            Ok(now) => renewed(app, claims, now),
            Err(_) => return true,
        },
    };
    let Ok(token) = token else {
        return true;
    };
    let message = proto::signal_response::Message::RefreshToken(token);
    send(socket, &proto::SignalResponse { message: Some(message) }, json).await
}

async fn send(socket: &mut WebSocket, response: &proto::SignalResponse, json: bool) -> bool {
    let frame = if json {
        let Ok(text) = serde_json::to_string(response) else {
            return false;
        };
        Message::Text(text.into())
    } else {
        Message::Binary(response.encode_to_vec().into())
    };
    matches!(timeout(SEND_LIMIT, socket.send(frame)).await, Ok(Ok(())))
}

/// `leave{RESUME}`: the client comes back and says anew what it has and wants.
fn resume() -> proto::SignalResponse {
    let leave = proto::LeaveRequest {
        reason: proto::DisconnectReason::StateMismatch as i32,
        action: proto::leave_request::Action::Resume as i32,
        ..Default::default()
    };
    proto::SignalResponse { message: Some(proto::signal_response::Message::Leave(leave)) }
}

struct Malformed;

/// The request in a frame. The first text frame switches the answers to JSON (old clients).
fn request(frame: &Message, json: &mut bool) -> Result<Option<proto::SignalRequest>, Malformed> {
    match frame {
        Message::Binary(bytes) => {
            proto::SignalRequest::decode(bytes.as_ref()).map(Some).map_err(|_| Malformed)
        }
        Message::Text(text) => {
            *json = true;
            serde_json::from_str(text.as_str()).map(Some).map_err(|_| Malformed)
        }
        // The socket itself answers pings, and ends after a close frame.
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(None),
    }
}
