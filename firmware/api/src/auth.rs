//! Who is calling (reference openvidu-meet §1.2): the strongest credential present decides
//! alone: API key, room member token, access token. Addresses end up in histories and logs, so
//! tokens count in headers only; a file of a recording also opens with a ticket.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use huddle_core::account::{ROOT_ADMIN, User};
use huddle_core::ids::{Identity, RoomId, UserId};
use huddle_core::permission::PermissionSet;
use huddle_core::state::{Refusal, TokenSource};
use huddle_core::units::UnixMillis;
use huddle_livekit::token::{Claims, MemberClaim};

use crate::App;
use crate::control::ask;
use crate::error::ApiError;
use crate::session::{self, Holder};

/// The bearer of a room member token.
#[derive(Clone, Debug)]
pub struct Member {
    /// The only room it is for.
    pub room: RoomId,
    /// Rights now.
    pub permissions: PermissionSet,
    /// Where it comes from.
    pub source: TokenSource,
    /// As issued.
    pub claims: Claims,
}

/// A caller.
#[derive(Clone, Debug)]
pub enum Caller {
    /// The id of a key; acts as the root admin.
    ApiKey(String),
    /// A logged-in user.
    User {
        /// Who.
        user: Box<User>,
        /// Their session.
        session: String,
    },
    /// A participant or somebody with a link.
    Member(Box<Member>),
}

impl Caller {
    /// The logged-in user behind it.
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::ApiKey(_) => Some(UserId::new(ROOT_ADMIN)),
            Self::User { user, .. } => Some(user.user_id.clone()),
            Self::Member(member) => member.source.user.clone(),
        }
    }

    /// Opens the files of one recording in an address.
    pub(crate) fn ticket(&self, app: &App, recording: &str, now: UnixMillis) -> Option<String> {
        let holder = match self {
            Self::ApiKey(id) => Holder::ApiKey(id.clone()),
            Self::User { user, session } => {
                Holder::Session { id: session.clone(), role: user.role_updated_at.0 }
            }
            Self::Member(member) => Holder::Member {
                room: member.room.to_string(),
                issued: member.claims.hb.as_ref().map_or(0, |claim| claim.iat),
                identity: member.claims.sub.clone(),
                source: member.source.clone(),
            },
        };
        session::ticket(&app.config.session_key, recording, holder, now)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let headers = &parts.headers;
        if let Some(key) = headers.get("x-api-key") {
            return by_key(app, key.to_str().unwrap_or_default()).await;
        }
        if let Some(token) = bearer(headers, "x-room-member-token") {
            return member(app, &token).await.map(|m| Self::Member(Box::new(m)));
        }
        if let Some(token) = bearer(headers, "authorization") {
            let named = session::session_of(&app.config.session_key, &token);
            let (session, issued) = named.ok_or_else(ApiError::invalid_token)?;
            return user(app, session, issued, may_with_old_password(&parts.uri)).await;
        }
        match ticket(parts) {
            Some((recording, ticket)) => by_ticket(app, &recording, &ticket).await,
            None => Err(ApiError::unauthorized()),
        }
    }
}

/// A caller, if there are credentials at all; wrong ones are still refused.
pub struct MaybeCaller(pub Option<Caller>);

impl FromRequestParts<App> for MaybeCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let present = ["x-api-key", "x-room-member-token", "authorization"]
            .iter()
            .any(|h| parts.headers.contains_key(*h));
        if !present {
            return Ok(Self(None));
        }
        Caller::from_request_parts(parts, app).await.map(|c| Self(Some(c)))
    }
}

/// Reads a member token and derives its rights anew.
pub(crate) async fn member(app: &App, token: &str) -> Result<Member, ApiError> {
    let claims = app.config.livekit.verify(token).map_err(|_| ApiError::invalid_token())?;
    member_of(app, claims).await
}

/// What a member token says, whether or not its rights are still those of now: for a fresh one.
pub(crate) fn member_claims(app: &App, headers: &HeaderMap) -> Result<(Claims, MemberClaim), ApiError> {
    let token = bearer(headers, "x-room-member-token").ok_or_else(ApiError::unauthorized)?;
    let claims = app.config.livekit.verify(&token).map_err(|_| ApiError::invalid_token())?;
    let claim = claims.hb.clone().ok_or_else(ApiError::invalid_token)?;
    Ok((claims, claim))
}

async fn member_of(app: &App, claims: Claims) -> Result<Member, ApiError> {
    let claim = claims.hb.clone().ok_or_else(ApiError::invalid_token)?;
    let room = RoomId::from(claim.room);
    let (asked, source, issued) = (room.clone(), claim.source.clone(), UnixMillis(claim.iat));
    let identity = Some(claims.sub.clone()).filter(|sub| !sub.is_empty()).map(Identity::from);
    let permissions = ask(&*app.control, move |state, ctx| {
        state.member_permissions(&asked, &source, identity.as_ref(), issued, ctx.now.wall)
    })
    .await?
    .map_err(|refusal| {
        let gone = matches!(refusal, Refusal::RoomNotFound(_));
        if gone { Refusal::TokenDead } else { refusal }
    })?;
    Ok(Member { room, permissions, source: claim.source, claims })
}

/// Looked up by digest: how long that takes says nothing about the keys.
async fn by_key(app: &App, key: &str) -> Result<Caller, ApiError> {
    let digest = key_digest(key);
    let found = ask(&*app.control, move |state, _| {
        (state.api_key(&digest).map(|key| key.key_id.clone()), state.api_keys().next().is_none())
    });
    match found.await? {
        (Some(id), _) => Ok(Caller::ApiKey(id)),
        (None, true) => Err(ApiError::new(
            axum::http::StatusCode::UNAUTHORIZED,
            "Authentication Error",
            "There are no API keys configured yet. Please, create one to access the API",
        )
        .code("no_api_keys")),
        (None, false) => Err(invalid_key()),
    }
}

/// Hex SHA-256 of an API key.
pub fn key_digest(key: &str) -> String {
    session::refresh_digest(key)
}

/// The user of a session, by something that was issued at that moment.
async fn user(
    app: &App,
    session: String,
    issued: UnixMillis,
    with_old_password: bool,
) -> Result<Caller, ApiError> {
    let wanted = session.clone();
    let found =
        ask(&*app.control, move |state, ctx| state.token_user(&wanted, issued, ctx.now.wall).cloned());
    let user = found.await??;
    if user.must_change_password && !with_old_password {
        return Err(ApiError::new(
            axum::http::StatusCode::FORBIDDEN,
            "Authorization Error",
            "Password change required. Please change your password before accessing other resources.",
        )
        .code("password_change_required"));
    }
    Ok(Caller::User { user: Box::new(user), session })
}

/// Whoever the ticket was given to, with the rights they have now.
async fn by_ticket(app: &App, recording: &str, ticket: &str) -> Result<Caller, ApiError> {
    let holder = session::holder_of(&app.config.session_key, ticket, recording);
    match holder.ok_or_else(ApiError::invalid_token)? {
        Holder::ApiKey(id) => {
            let wanted = id.clone();
            let known = ask(&*app.control, move |state, _| state.api_keys().any(|key| key.key_id == wanted));
            if known.await? { Ok(Caller::ApiKey(id)) } else { Err(invalid_key()) }
        }
        // Tickets are the same for an hour, so they name the role instead of their own age.
        Holder::Session { id, role } => user(app, id, UnixMillis(role), false).await,
        Holder::Member { room, issued, identity, source } => {
            let hb = MemberClaim { room, iat: issued, source };
            let claims = Claims { sub: identity, hb: Some(hb), ..Claims::default() };
            member_of(app, claims).await.map(|m| Caller::Member(Box::new(m)))
        }
    }
}

/// The recording and the ticket in the address of one of its files, as `<video>`, `<img>` and
/// downloads ask for it.
fn ticket(parts: &Parts) -> Option<(String, String)> {
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return None;
    }
    let (rest, file) = parts.uri.path().rsplit_once('/')?;
    let (_, recording) = rest.rsplit_once("/recordings/")?;
    let pairs = parts.uri.query().unwrap_or_default().split('&').filter_map(|p| p.split_once('='));
    let ticket = pairs.into_iter().find(|(name, _)| *name == "ticket").map(|(_, value)| value.to_owned())?;
    ["media", "download", "thumbnail"].contains(&file).then(|| (recording.to_owned(), ticket))
}

/// All that somebody may do who must change the password first. The path is that inside the tree.
fn may_with_old_password(uri: &Uri) -> bool {
    matches!(uri.path(), "/users/me" | "/users/change-password")
}

fn invalid_key() -> ApiError {
    ApiError::new(axum::http::StatusCode::UNAUTHORIZED, "Authentication Error", "Invalid API key")
        .code("invalid_api_key")
}

/// The token in a header, with or without `Bearer`.
pub(crate) fn bearer(headers: &HeaderMap, header: &str) -> Option<String> {
    let text = headers.get(header)?.to_str().unwrap_or_default();
    Some(text.strip_prefix("Bearer ").unwrap_or(text).trim().to_owned())
}
