//! Access and refresh tokens of logged-in users (U9), and tickets for the files of one recording:
//! JWTs signed with a key of their own that name a session in the store. Ending the session ends
//! them all. Only a ticket may stand in an address.

use huddle_core::account::Session;
use huddle_core::state::TokenSource;
use huddle_core::units::UnixMillis;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::ApiError;

/// Access tokens live two hours, in seconds.
const ACCESS_TTL: u64 = 2 * 3_600;

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    sid: String,
    exp: u64,
    iat: u64,
    /// `iat` in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    #[serde(rename = "type")]
    kind: String,
}

/// A user's access token.
pub(crate) fn access_token(key: &[u8], session: &Session, now: UnixMillis) -> Result<String, ApiError> {
    let iat = now.0 / 1_000;
    let claims = Claims {
        sub: session.user_id.to_string(),
        sid: session.id.clone(),
        exp: iat + ACCESS_TTL,
        iat,
        ms: Some(now.0),
        kind: "access".to_owned(),
    };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(key))
        .map_err(|_| ApiError::invalid_token())
}

/// The session an access token names and when it was issued, if the token is genuine and alive.
pub(crate) fn session_of(key: &[u8], token: &str) -> Option<(String, UnixMillis)> {
    session_in(key, token, true)
}

/// The session of an access token of any age: enough to end it.
pub(crate) fn ended_session_of(key: &[u8], token: &str) -> Option<String> {
    session_in(key, token, false).map(|(session, _)| session)
}

fn session_in(key: &[u8], token: &str, expires: bool) -> Option<(String, UnixMillis)> {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.validate_aud = false;
    rules.validate_exp = expires;
    rules.leeway = 5;
    let data = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key), &rules).ok()?;
    let claims = data.claims;
    // One without milliseconds was issued at some time within its second.
    let issued = claims.ms.unwrap_or_else(|| claims.iat.saturating_mul(1_000).saturating_add(999));
    (claims.kind == "access").then_some((claims.sid, UnixMillis(issued)))
}

/// Who asked for a ticket; their rights are derived anew at each use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Holder {
    /// With this API key.
    ApiKey(String),
    /// This login session, and the role its user had since then, in milliseconds since 1970.
    Session {
        /// Which.
        id: String,
        /// Since when.
        role: u64,
    },
    /// The bearer of a room member token.
    Member {
        /// Its room.
        room: String,
        /// Issued, milliseconds since 1970.
        issued: u64,
        /// As whom they take part in the meeting; empty for those who do not.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        identity: String,
        /// Where it came from.
        source: TokenSource,
    },
}

#[derive(Serialize, Deserialize)]
struct Ticket {
    sub: String,
    exp: u64,
    #[serde(rename = "type")]
    kind: String,
    by: Holder,
}

/// Opens the files of one recording for two to three hours. The same within an hour, so that
/// browsers keep what they have loaded.
pub(crate) fn ticket(key: &[u8], recording: &str, by: Holder, now: UnixMillis) -> Option<String> {
    let hour = now.0 / 3_600_000;
    let ticket = Ticket { sub: recording.to_owned(), exp: (hour + 3) * 3_600, kind: "ticket".to_owned(), by };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &ticket, &EncodingKey::from_secret(key)).ok()
}

/// Who a ticket for that recording was given to, if it is genuine and alive.
pub(crate) fn holder_of(key: &[u8], ticket: &str, recording: &str) -> Option<Holder> {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.validate_aud = false;
    let data = jsonwebtoken::decode::<Ticket>(ticket, &DecodingKey::from_secret(key), &rules).ok()?;
    let fits = data.claims.kind == "ticket" && data.claims.sub == recording;
    fits.then_some(data.claims.by)
}

/// A refresh token is `session id.random`; only its digest is kept.
pub(crate) fn refresh_digest(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

/// Joins the parts of a refresh token.
pub(crate) fn refresh_token(session: &str, secret: &str) -> String {
    format!("{session}.{secret}")
}

/// Takes a refresh token apart.
pub(crate) fn split_refresh(token: &str) -> Option<(&str, &str)> {
    token.split_once('.')
}
