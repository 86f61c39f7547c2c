//! Room member tokens (reference openvidu-meet §1.10): the way in for links and users.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use huddle_core::ids::{Identity, RoomId, UserId};
use huddle_core::state::{BoxState, Ctx, MediaGrants, MemberAsk, MemberGrant, Refusal};
use huddle_core::units::UnixMillis;
use huddle_livekit::grants::to_video;
use huddle_livekit::token::{Claims, MemberClaim};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::App;
use crate::act::Asker;
use crate::auth::{Caller, MaybeCaller, member_claims};
use crate::body::Sent;
use crate::control::ask;
use crate::dto::{badge_name, permissions};
use crate::error::{ApiError, ErrorBody};

/// Member tokens live two hours, in seconds.
const TTL: u64 = 2 * 3_600;

/// Who wants in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenAsk {
    /// Of an access link.
    #[serde(default)]
    secret: Option<String>,
    /// The token is also a LiveKit token for the meeting.
    #[serde(default)]
    join_meeting: bool,
    /// Display name, at most 50 characters; needed when joining without a login.
    #[serde(default)]
    participant_name: Option<String>,
    /// Leaves another meeting for this one.
    #[serde(default)]
    force: bool,
    /// What your program calls this person; stands in webhooks and in lists of participants. Only with
    /// an API key.
    #[serde(default)]
    #[schema(max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    external_id: Option<String>,
}

/// Only programs name people: what a browser says of itself, nobody could rely on.
fn external_id(given: Option<String>, caller: Option<&Caller>) -> Result<Option<String>, ApiError> {
    let Some(id) = given else {
        return Ok(match caller {
            // Who comes back is still the same person.
            Some(Caller::Member(member)) => member.source.external_id.clone(),
            _ => None,
        });
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !(1..=64).contains(&id.len()) || !id.chars().all(fits) {
        return Err(ApiError::field("externalId", "externalId must be 1 to 64 letters, digits, _ or -"));
    }
    match caller {
        Some(Caller::ApiKey(_)) => Ok(Some(id)),
        _ => Err(Refusal::Forbidden.into()),
    }
}

/// A token.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenBody {
    /// JWT.
    token: String,
}

/// Issues a room member token.
#[utoipa::path(post, path = "/rooms/{roomId}/members/token", operation_id = "generateRoomMemberToken",
    tag = "room members", params(("roomId" = String, Path)), request_body = TokenAsk,
    security((), ("apiKey" = []), ("accessToken" = []), ("roomMemberToken" = [])),
    responses((status = 200, body = TokenBody), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn issue(
    State(app): State<App>,
    MaybeCaller(caller): MaybeCaller,
    Path(room): Path<String>,
    body: Sent<TokenAsk>,
) -> Result<Json<TokenBody>, ApiError> {
    let body = body.read()?;
    if caller.is_none() && body.secret.is_none() {
        return Err(ApiError::unauthorized());
    }
    let (user, session) = own_login(caller.as_ref(), &room)?;
    let member_ask = MemberAsk {
        user,
        session,
        secret: body.secret,
        join: body.join_meeting,
        force: body.force,
        name: body.participant_name,
        seat: earlier_seat(caller.as_ref()),
        external_id: external_id(body.external_id, caller.as_ref())?,
    };
    let id = RoomId::from(room);
    let (grant, now) = ask(&*app.control, move |state, ctx| {
        let grant = state.member_token(&id, &member_ask, ctx);
        if grant == Err(Refusal::Forbidden) && !sees(caller, state, &id, ctx) {
            // Who has nothing to do with the room does not learn that it exists.
            return Err(Refusal::RoomNotFound(id));
        }
        grant.map(|grant| (grant, ctx.now.wall))
    })
    .await??;
    sign(&app, &grant, now).map(Json)
}

fn sees(caller: Option<Caller>, state: &BoxState, room: &RoomId, ctx: &Ctx<'_>) -> bool {
    let asker = caller.map(|caller| Asker { caller, address: String::new() });
    let Some((asker, room)) = asker.zip(state.room(room).ok()) else { return false };
    asker.person(state, Some(room), ctx).is_ok_and(|person| person.sees(room))
}

/// Only a person's own login or token adds their rights to a link's: an API key hands out links
/// to others, who do not become the administrator by it.
fn own_login(caller: Option<&Caller>, room: &str) -> Result<(Option<UserId>, Option<String>), ApiError> {
    match caller {
        None | Some(Caller::ApiKey(_)) => Ok((None, None)),
        Some(Caller::User { user, session }) => Ok((Some(user.user_id.clone()), Some(session.clone()))),
        Some(Caller::Member(member)) if member.room.as_str() == room => {
            Ok((member.source.user.clone(), member.source.session.clone()))
        }
        Some(Caller::Member(_)) => Err(Refusal::Forbidden.into()),
    }
}

/// Identity and name of an earlier token of the same browser: promotion and ban hold for it (P6).
fn earlier_seat(caller: Option<&Caller>) -> Option<(Identity, String)> {
    match caller {
        Some(Caller::Member(member)) if member.claims.video.is_some() => {
            Some((Identity::from(member.claims.sub.as_str()), member.claims.name.clone()))
        }
        _ => None,
    }
}

/// A fresh token with the rights of now, also for one from before they changed. What it came from – a
/// link, a membership, a login – must still be there.
#[utoipa::path(post, path = "/rooms/{roomId}/members/token/refresh",
    operation_id = "refreshRoomMemberToken", tag = "room members",
    params(("roomId" = String, Path)), security(("roomMemberToken" = [])),
    responses((status = 200, body = TokenBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn refresh(
    State(app): State<App>,
    headers: HeaderMap,
    Path(room): Path<String>,
) -> Result<Json<TokenBody>, ApiError> {
    let (claims, claim) = member_claims(&app, &headers)?;
    if claim.room != room {
        return Err(Refusal::Forbidden.into());
    }
    let (room, source) = (RoomId::from(room), claim.source);
    let identity = Some(claims.sub.as_str()).filter(|sub| !sub.is_empty()).map(Identity::from);
    let (grant, now) = ask(&*app.control, move |state, ctx| {
        let grant = state.renewed_grant(&room, &source, identity.as_ref(), ctx.now.wall)?;
        Ok::<_, Refusal>((grant, ctx.now.wall))
    })
    .await??;
    Ok(Json(TokenBody { token: renew(&app, &claims, &grant, now)? }))
}

/// A token for the same person with the rights of now.
pub(crate) fn renew(
    app: &App,
    claims: &Claims,
    grant: &MemberGrant,
    now: UnixMillis,
) -> Result<String, ApiError> {
    let mut claims = claims.clone();
    claims.metadata = metadata(grant, now);
    if let Some(claim) = &mut claims.hb {
        claim.iat = now.0;
    }
    if claims.video.is_some() {
        claims.video = Some(to_video(MediaGrants::from_permissions(grant.permissions), grant.room.as_str()));
    }
    renewed(app, &claims, now)
}

/// The same token with a new life; rights are derived at each use anyway.
pub(crate) fn renewed(app: &App, claims: &Claims, now: UnixMillis) -> Result<String, ApiError> {
    let exp = now.0 / 1_000 + TTL;
    let fresh = Claims { exp, nbf: Some(now.0 / 1_000), ..claims.clone() };
    app.config.livekit.sign(&fresh).map_err(|_| ApiError::invalid_token())
}

fn sign(app: &App, grant: &MemberGrant, now: UnixMillis) -> Result<TokenBody, ApiError> {
    let joining = grant.identity.is_some();
    let claims = Claims {
        sub: grant.identity.as_ref().map(ToString::to_string).unwrap_or_default(),
        name: grant.name.clone().unwrap_or_default(),
        metadata: metadata(grant, now),
        video: joining
            .then(|| to_video(MediaGrants::from_permissions(grant.permissions), grant.room.as_str())),
        hb: Some(MemberClaim { room: grant.room.to_string(), iat: now.0, source: grant.source.clone() }),
        ..Claims::default()
    };
    Ok(TokenBody { token: renewed(app, &claims, now)? })
}

/// Token metadata as OpenVidu Meet has it; for the UI, never read back by the box.
fn metadata(grant: &MemberGrant, now: UnixMillis) -> String {
    let user = grant.source.user.as_ref().map(|id| id.as_str());
    let member = grant.source.member.as_ref().map(|id| id.as_str());
    json!({
        "iat": now.0,
        "roomId": grant.room,
        "memberId": member.or(user.filter(|_| grant.is_member)),
        "userId": user,
        "permissions": permissions(grant.permissions),
        "badge": badge_name(grant.badge),
        "isPromotedModerator": grant.promoted,
    })
    .to_string()
}
