//! LiveKit access tokens: HS256 JSON Web Tokens (RFC 7519) with a `video` grant
//! (reference livekit §2). Member tokens of this box add the claim `hb`, which says where the
//! bearer came from; rights are derived from it anew at each use.

use std::collections::BTreeMap;

use huddle_core::state::TokenSource;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// Longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 16 * 1_024;

/// The `video` grant, names as on the wire. Unset: `canPublish` and `canSubscribe` are true,
/// `canPublishData` follows `canPublish`, `canUpdateOwnMetadata` is false.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VideoGrant {
    /// Create and delete rooms.
    #[serde(skip_serializing_if = "is_false")]
    pub room_create: bool,
    /// List rooms.
    #[serde(skip_serializing_if = "is_false")]
    pub room_list: bool,
    /// Record.
    #[serde(skip_serializing_if = "is_false")]
    pub room_record: bool,
    /// Moderate `room`.
    #[serde(skip_serializing_if = "is_false")]
    pub room_admin: bool,
    /// Join `room`.
    #[serde(skip_serializing_if = "is_false")]
    pub room_join: bool,
    /// Which room.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub room: String,
    /// Publish tracks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_publish: Option<bool>,
    /// Receive tracks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_subscribe: Option<bool>,
    /// Send data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_publish_data: Option<bool>,
    /// Only these sources; empty = all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub can_publish_sources: Vec<String>,
    /// Change own metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_update_own_metadata: Option<bool>,
}

/// The claims this box reads and writes; unknown ones are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Claims {
    /// API key.
    pub iss: String,
    /// Identity.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sub: String,
    /// Identity in old tokens without `sub`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub jti: String,
    /// Expires, seconds since 1970.
    pub exp: u64,
    /// Not before, seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
    /// Display name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Participant metadata.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub metadata: String,
    /// Participant attributes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// `standard`, `agent`, `egress` …
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What it allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoGrant>,
    /// This box's member tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hb: Option<MemberClaim>,
}

/// Claim `hb` of a member token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberClaim {
    /// The room it is for.
    pub room: String,
    /// Issued, milliseconds since 1970: compared with the room's last change of roles.
    pub iat: u64,
    /// Where the bearer came from.
    pub source: TokenSource,
}

impl Claims {
    /// `sub`, or `jti` where it is empty.
    pub fn identity(&self) -> &str {
        if self.sub.is_empty() { &self.jti } else { &self.sub }
    }
}

/// An API key with its secret.
#[derive(Clone)]
pub struct ApiKey {
    /// Public part, `iss` of tokens.
    pub key: String,
    secret: String,
}

/// The token is forged, expired, not yet valid, too long or not a token.
#[derive(Debug, thiserror::Error)]
#[error("invalid token")]
pub struct InvalidToken(#[source] Option<jsonwebtoken::errors::Error>);

/// The token cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the token cannot be signed")]
pub struct CannotSign(#[from] jsonwebtoken::errors::Error);

impl ApiKey {
    /// From configuration.
    pub fn new(key: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { key: key.into(), secret: secret.into() }
    }

    /// Signs; `iss` is set to this key.
    pub fn sign(&self, claims: &Claims) -> Result<String, CannotSign> {
        let claims = Claims { iss: self.key.clone(), ..claims.clone() };
        let key = EncodingKey::from_secret(self.secret.as_bytes());
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)?)
    }

    /// Checks signature, algorithm, issuer, `exp` and `nbf` against the system's clock with 60 s
    /// of leeway. `exp` is required, `nbf` is not.
    pub fn verify(&self, token: &str) -> Result<Claims, InvalidToken> {
        if token.len() > MAX_TOKEN {
            return Err(InvalidToken(None));
        }
        let mut rules = Validation::new(Algorithm::HS256);
        rules.leeway = 60;
        rules.validate_nbf = true;
        rules.validate_aud = false;
        rules.set_required_spec_claims(&["exp", "iss"]);
        rules.set_issuer(&[&self.key]);
        let key = DecodingKey::from_secret(self.secret.as_bytes());
        let data = jsonwebtoken::decode::<Claims>(token, &key, &rules);
        data.map(|d| d.claims).map_err(|e| InvalidToken(Some(e)))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ApiKey {
        ApiKey::new("devkey", "secret")
    }

    fn claims() -> Claims {
        Claims { sub: "ann".into(), exp: 4_000_000_000, ..Claims::default() }
    }

    #[test]
    fn a_signed_token_is_read_back() {
        let token = key().sign(&claims()).unwrap();
        let read = key().verify(&token).unwrap();
        assert_eq!(read.identity(), "ann");
        assert_eq!(read.iss, "devkey");
    }

    #[test]
    fn forged_expired_and_foreign_tokens_are_refused() {
        let forged = ApiKey::new("devkey", "other").sign(&claims()).unwrap();
        assert!(key().verify(&forged).is_err());
        let foreign = ApiKey::new("other", "secret").sign(&claims()).unwrap();
        assert!(key().verify(&foreign).is_err());
        let expired = key().sign(&Claims { exp: 1_000, ..claims() }).unwrap();
        assert!(key().verify(&expired).is_err());
        let early = key().sign(&Claims { nbf: Some(3_999_999_999), ..claims() }).unwrap();
        assert!(key().verify(&early).is_err());
        assert!(key().verify("").is_err());
        assert!(key().verify("a.b.c").is_err());
        assert!(key().verify(&"x".repeat(20_000)).is_err());
    }
}
