//! Internal users (`features.md` §1).

use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, UserId};
use crate::units::UnixMillis;

/// The root administrator's fixed id (U3).
pub const ROOT_ADMIN: &str = "admin";

/// What a user may do on the box (U2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Full control.
    Admin,
    /// Creates and manages own rooms. Input also takes OpenVidu Meet's `room_manager`.
    #[serde(alias = "room_manager")]
    User,
    /// Only rooms where they are a member.
    RoomMember,
    /// Reads reports and recordings, changes nothing (U6).
    SecurityAdmin,
}

impl Role {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
            Self::RoomMember => "room_member",
            Self::SecurityAdmin => "security_admin",
        }
    }

    /// May own rooms.
    pub const fn owns_rooms(self) -> bool {
        matches!(self, Self::Admin | Self::User)
    }
}

/// An internal user. The password is only ever here as an argon2id hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// 5–20 of `[a-z0-9_]`, never changes.
    pub user_id: UserId,
    /// 1–50 characters.
    pub name: String,
    /// Rights on the box.
    pub role: Role,
    /// argon2id in PHC format.
    pub password_hash: String,
    /// Must change it before anything else (U4).
    pub must_change_password: bool,
    /// Created.
    pub registration_date: UnixMillis,
    /// Tokens issued before are dead.
    pub role_updated_at: UnixMillis,
    /// Changes with every change, for `ETag` and `If-Match`.
    #[serde(default)]
    pub revision: u64,
    /// Networks this user has logged in from with the password of now, the last one first; at most
    /// [`KNOWN_NETWORKS`]. Failed logins from elsewhere do not keep them waiting (U9).
    #[serde(default)]
    pub known_networks: Vec<String>,
}

/// Networks that are remembered per user.
pub const KNOWN_NETWORKS: usize = 8;

impl User {
    /// Has logged in from there.
    pub fn knows_network(&self, network: &str) -> bool {
        self.known_networks.iter().any(|known| known == network)
    }

    /// Logged in from there now; the one that was not used for longest is forgotten.
    #[must_use]
    pub fn seen_from(&self, network: &str) -> Self {
        let others = self.known_networks.iter().filter(|known| *known != network).cloned();
        let known_networks = std::iter::once(network.to_owned()).chain(others).take(KNOWN_NETWORKS).collect();
        Self { known_networks, ..self.clone() }
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("user_id", &self.user_id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A login session (U9). The refresh token is kept as a SHA-256 digest only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Random id, in access tokens as `sid`.
    pub id: String,
    /// Whose.
    pub user_id: UserId,
    /// Logged in.
    pub created: UnixMillis,
    /// Dies then, unless refreshed.
    pub expires: UnixMillis,
    /// Hex SHA-256 of the refresh token that is valid now.
    pub refresh_digest: String,
    /// The one before it: whoever shows it has copied it.
    #[serde(default)]
    pub previous_digest: Option<String>,
}

/// How long a session lives without being refreshed, in milliseconds.
pub(crate) const SESSION: u64 = 24 * 3_600 * 1_000;

impl Session {
    /// Is it of any use still? One that would last much longer than sessions do was made by a clock
    /// that was ahead.
    pub const fn lives(&self, now: UnixMillis) -> bool {
        self.expires.0 > now.0 && self.expires.since(now) <= 2 * SESSION
    }
}

/// A group of users (U7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// `gr-…`, never changes.
    pub group_id: GroupId,
    /// 1–50 characters.
    pub name: String,
    /// Its members have the owner's powers in every meeting on this box.
    pub operator: bool,
    /// Who is in it.
    pub members: std::collections::BTreeSet<UserId>,
    /// Made.
    pub creation_date: UnixMillis,
    /// Changes with every change, for `ETag` and `If-Match`.
    #[serde(default)]
    pub revision: u64,
}

/// An API key (U9): acts as the root admin. The key itself is shown once and kept as a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRecord {
    /// `key-…`, never changes.
    pub key_id: String,
    /// What it is for, 1–50 characters.
    pub name: String,
    /// The first characters of the key, to recognise it.
    pub prefix: String,
    /// Hex SHA-256 of the key. Keys are random, so a slow hash would protect nothing.
    pub digest: String,
    /// Made.
    pub creation_date: UnixMillis,
}

/// Why a user id, name or password is refused; fit for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Shorter than 5.
    #[error("userId must be at least 5 characters long")]
    UserIdShort,
    /// Longer than 20.
    #[error("userId cannot exceed 20 characters")]
    UserIdLong,
    /// Names a participant of the box's own.
    #[error("this userId belongs to the box")]
    UserIdReserved,
    /// Other characters than `[a-z0-9_]`.
    #[error("userId must contain only lowercase letters, numbers, and underscores")]
    UserIdCharacters,
    /// Empty or longer than 50 characters.
    #[error("the name must have 1 to 50 characters")]
    Name,
    /// Characters that turn the direction of what stands after them.
    #[error("the name must not have characters that cannot be seen")]
    NameHidden,
    /// Shorter than the box's minimum.
    #[error("the password must have at least {0} characters")]
    PasswordShort(usize),
    /// Longer than 200 bytes: hashing must not be a way to keep the box busy.
    #[error("the password cannot exceed 200 bytes")]
    PasswordLong,
}

/// Checks a user id (U1).
pub fn check_user_id(id: &str) -> Result<(), AccountError> {
    if id.chars().count() < 5 {
        return Err(AccountError::UserIdShort);
    }
    if id.chars().count() > 20 {
        return Err(AccountError::UserIdLong);
    }
    if id == "recorder" {
        return Err(AccountError::UserIdReserved);
    }
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if id.chars().all(fits) { Ok(()) } else { Err(AccountError::UserIdCharacters) }
}

/// The display name as it is kept: without outer spaces, inner ones single, 1–50 characters.
pub fn check_name(name: &str) -> Result<String, AccountError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().any(is_hidden) {
        return Err(AccountError::NameHidden);
    }
    if (1..=50).contains(&name.chars().count()) { Ok(name) } else { Err(AccountError::Name) }
}

/// Has no place in a name: controls, and what turns the direction of all text around it (Unicode
/// UAX #9: embeddings, overrides, isolates). Names of any script do without.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Checks a new password against the box's minimum length (12 installed, 5 in demo mode).
pub fn check_password(password: &str, minimum: usize) -> Result<(), AccountError> {
    if password.chars().count() < minimum {
        return Err(AccountError::PasswordShort(minimum));
    }
    if password.len() > 200 {
        return Err(AccountError::PasswordLong);
    }
    Ok(())
}

/// Nobody waits longer, in milliseconds.
const MOST_WAIT: u64 = 300_000;

/// Failed logins of one account or one client network, or of an account from a network it is known
/// to log in from. They outlive a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedLogins {
    /// `user ID`, `address NETWORK` or `user ID at NETWORK`.
    pub whose: String,
    /// How many, and how long to wait.
    pub backoff: Backoff,
}

/// Login back-off per account and per address (U9), see
/// [`may_try_login`](crate::state::BoxState::may_try_login): five failures are free, then each one
/// doubles the wait from 1 s up to 5 minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backoff {
    failures: u32,
    until: UnixMillis,
}

impl Backoff {
    /// Milliseconds to wait before the next try; 0 = now.
    pub fn wait(&self, now: UnixMillis) -> u64 {
        self.until.since(now).min(MOST_WAIT)
    }

    /// A clock that was wrong when a try failed must not lock anybody out for years: nobody waits
    /// longer than the longest wait from now. True when that changed something.
    pub fn settle(&mut self, now: UnixMillis) -> bool {
        let latest = UnixMillis(now.0.saturating_add(MOST_WAIT));
        let late = self.until > latest;
        self.until = self.until.min(latest);
        late
    }

    /// The last try was right after all: it counts no more, and nothing is waited for. False when
    /// nothing is left to remember.
    pub fn take_back(&mut self, now: UnixMillis) -> bool {
        self.failures = self.failures.saturating_sub(1);
        self.until = now;
        self.failures > 0
    }

    /// Failed tries.
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// A failed try.
    pub fn fail(&mut self, now: UnixMillis) {
        self.failures = self.failures.saturating_add(1);
        let doublings = self.failures.saturating_sub(5);
        let wait = match doublings {
            0 => 0,
            n => 1_000_u64.saturating_mul(1 << (n - 1).min(9)).min(MOST_WAIT),
        };
        self.until = UnixMillis(now.0.saturating_add(wait));
    }

    /// Nothing to remember any more, an hour after the last wait.
    pub fn forgotten(&self, now: UnixMillis) -> bool {
        now.since(self.until) > 3_600_000
    }
}
