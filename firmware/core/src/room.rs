//! Rooms, their links and their settings (`features.md` §2).

use serde::{Deserialize, Serialize};

use crate::ids::{MeetingSid, RoomId, UserId};
use crate::permission::{Features, PermissionSet, Standing};
use crate::units::UnixMillis;

/// Stored status; `active_meeting` is derived from the running meetings (R1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomStatus {
    /// Can be joined.
    Open,
    /// Cannot be joined; its recordings stay.
    Closed,
}

/// An anonymous access link (R3).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The link works.
    pub enabled: bool,
    /// Its secret, at least 10 random characters.
    pub secret: String,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("enabled", &self.enabled).finish_non_exhaustive()
    }
}

/// Which anonymous link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkRole {
    /// Full rights by default.
    Moderator,
    /// Takes part.
    Speaker,
    /// Only sees the recordings.
    Recording,
}

impl LinkRole {
    /// As in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::Speaker => "speaker",
            Self::Recording => "recordings",
        }
    }
}

/// Who may come in (R3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Moderator link.
    pub moderator: Link,
    /// Speaker link.
    pub speaker: Link,
    /// Recordings link.
    pub recording: Link,
    /// Any logged-in user may join as speaker.
    pub user_enabled: bool,
}

/// Default permissions of the two roles in this room (R4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles {
    /// Moderator role.
    pub moderator: PermissionSet,
    /// Speaker role.
    pub speaker: PermissionSet,
}

impl Default for Roles {
    fn default() -> Self {
        Self { moderator: PermissionSet::MODERATOR, speaker: PermissionSet::SPEAKER }
    }
}

/// Layout of a recording (V8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Equal tiles.
    #[default]
    Grid,
    /// Active speaker large.
    Speaker,
    /// Only the active speaker.
    SingleSpeaker,
}

/// Room settings (R6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomConfig {
    /// Recording allowed.
    pub recording_enabled: bool,
    /// Layout of recordings.
    pub recording_layout: Layout,
    /// Chat allowed.
    pub chat_enabled: bool,
    /// Virtual backgrounds allowed.
    pub virtual_background_enabled: bool,
    /// End-to-end encryption; forces recording off.
    pub e2ee_enabled: bool,
}

impl Default for RoomConfig {
    fn default() -> Self {
        Self {
            recording_enabled: true,
            recording_layout: Layout::Grid,
            chat_enabled: true,
            virtual_background_enabled: true,
            e2ee_enabled: false,
        }
    }
}

/// A room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// `slug-random`.
    pub room_id: RoomId,
    /// 1–50 characters.
    pub room_name: String,
    /// The user who made it (R2).
    pub owner: UserId,
    /// Made.
    pub creation_date: UnixMillis,
    /// Links.
    pub access: Access,
    /// Open or closed.
    pub status: RoomStatus,
    /// Role permissions.
    pub roles: Roles,
    /// Member tokens issued before are dead.
    pub roles_updated_at: UnixMillis,
    /// Settings.
    pub config: RoomConfig,
    /// LiveKit room metadata (RoomService).
    pub metadata: String,
    /// Made by RoomService.CreateRoom, so RoomService.DeleteRoom deletes it.
    #[serde(default)]
    pub livekit_made: bool,
}

/// A meeting that was running; kept so that a restart of the box continues it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingRecord {
    /// Where.
    pub room_id: RoomId,
    /// LiveKit room sid.
    pub sid: MeetingSid,
    /// Began.
    pub started: UnixMillis,
}

impl Room {
    /// Which of the room's links has this secret, whether enabled or not. The comparison takes
    /// the same time wherever the texts differ.
    pub fn link_of(&self, secret: &str) -> Option<LinkRole> {
        let links = [
            (LinkRole::Moderator, &self.access.moderator),
            (LinkRole::Speaker, &self.access.speaker),
            (LinkRole::Recording, &self.access.recording),
        ];
        links
            .into_iter()
            .fold(None, |found, (role, link)| same(&link.secret, secret).then_some(role).or(found))
    }

    /// The link of that role.
    pub const fn link(&self, role: LinkRole) -> &Link {
        match role {
            LinkRole::Moderator => &self.access.moderator,
            LinkRole::Speaker => &self.access.speaker,
            LinkRole::Recording => &self.access.recording,
        }
    }

    /// Rights that an anonymous link gives here.
    pub fn standing_of_link(&self, role: LinkRole) -> Standing {
        let roles = match role {
            LinkRole::Moderator => self.roles.moderator,
            LinkRole::Speaker => self.roles.speaker,
            LinkRole::Recording => PermissionSet::RECORDING_LINK,
        };
        Standing { roles, ..Standing::default() }
    }

    /// What is switched off here.
    pub const fn features(&self) -> Features {
        Features {
            recording_off: !self.config.recording_enabled || self.config.e2ee_enabled,
            chat_off: !self.config.chat_enabled,
            virtual_background_off: !self.config.virtual_background_enabled,
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    let differ = a.bytes().zip(b.bytes()).fold(0, |acc, (x, y)| acc | (x ^ y));
    a.len() == b.len() && differ == 0 && !a.is_empty()
}

/// Checks the form of a room id: 1–100 of letters, digits, `_` and `-`.
pub fn check_room_id(id: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=100).contains(&id.len()) && id.chars().all(fits)
}

/// The readable part of a room id: lower-case ASCII letters, digits and `_`; `room` when
/// nothing is left (reference openvidu-meet §1.6).
pub fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        let c = if c == '-' || c.is_whitespace() { '_' } else { fold_accent(c) };
        let double = c == '_' && (out.ends_with('_') || out.is_empty());
        if (c.is_ascii_alphanumeric() || c == '_') && !double {
            out.push(c);
        }
    }
    let out = out.trim_matches('_');
    if out.is_empty() { "room".to_owned() } else { out.chars().take(60).collect() }
}

fn fold_accent(c: char) -> char {
    match c {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

impl Room {
    /// Stands for a room that was deleted: closed, its links dead, owned by the root admin.
    pub fn ghost(room_id: RoomId, room_name: String, now: UnixMillis) -> Self {
        let dead = || Link { enabled: false, secret: String::new() };
        Self {
            room_id,
            room_name,
            owner: UserId::new(crate::account::ROOT_ADMIN),
            creation_date: now,
            access: Access { moderator: dead(), speaker: dead(), recording: dead(), user_enabled: false },
            status: RoomStatus::Closed,
            roles: Roles::default(),
            roles_updated_at: now,
            config: RoomConfig::default(),
            metadata: String::new(),
            livekit_made: false,
        }
    }
}
