//! Rooms, their links and their settings (`features.md` §2).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::{Identity, MeetingSid, RoomId, UserId};
use crate::permission::{Features, PermissionSet};
use crate::units::UnixMillis;
use crate::webhook::Attendee;

mod access;
mod config;
mod deletion;

pub use access::{Access, Link, LinkRole, MemberRole, RecordingAccess, Roles, Secret};
pub use config::{AutoStart, GuestRights, Layout, RoomConfig};
pub use deletion::{AutoDeletionPolicy, MeetingEndAction, WithMeeting, WithRecordings};

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
    /// The day it is deleted by itself (R1).
    #[serde(default)]
    pub auto_deletion_date: Option<UnixMillis>,
    /// How; only with a date.
    #[serde(default)]
    pub auto_deletion_policy: Option<AutoDeletionPolicy>,
    /// What happens to it when its meeting ends.
    #[serde(default)]
    pub meeting_end_action: MeetingEndAction,
    /// Recordings that deleting it at the end of its meeting takes along.
    #[serde(default)]
    pub delete_recordings: bool,
    /// Counts changes, for `ETag` and `If-Match`.
    #[serde(default)]
    pub revision: u64,
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
    /// Promoted in it (P6).
    #[serde(default)]
    pub promoted: BTreeSet<Identity>,
    /// Removed from it, with their names (P7).
    #[serde(default)]
    pub removed: BTreeMap<Identity, String>,
    /// Who is in; only followed while a webhook wants to hear of their leaving.
    #[serde(default)]
    pub attendees: BTreeMap<Identity, Attendee>,
}

impl Room {
    /// Which of the room's links has this secret, whether enabled or not. The comparison takes
    /// the same time wherever the texts differ.
    pub fn link_of(&self, secret: &str) -> Option<LinkRole> {
        let links = [LinkRole::Moderator, LinkRole::Speaker, LinkRole::Recording];
        links
            .into_iter()
            .fold(None, |found, role| self.link(role).secret.is(secret).then_some(role).or(found))
    }

    /// The link of that role.
    pub const fn link(&self, role: LinkRole) -> &Link {
        match role {
            LinkRole::Moderator => &self.access.moderator,
            LinkRole::Speaker => &self.access.speaker,
            LinkRole::Recording => &self.access.recording,
        }
    }

    /// The link of that role, to change it.
    pub const fn link_mut(&mut self, role: LinkRole) -> &mut Link {
        match role {
            LinkRole::Moderator => &mut self.access.moderator,
            LinkRole::Speaker => &mut self.access.speaker,
            LinkRole::Recording => &mut self.access.recording,
        }
    }

    /// Permissions of a role here.
    pub const fn permissions_of_role(&self, role: MemberRole) -> PermissionSet {
        match role {
            MemberRole::Moderator => self.roles.moderator,
            MemberRole::Speaker => self.roles.speaker,
        }
    }

    /// Permissions that an anonymous link gives here. Where recordings are for admins only (V5), the
    /// recordings link opens nothing.
    pub const fn permissions_of_link(&self, role: LinkRole) -> PermissionSet {
        match role {
            LinkRole::Moderator => self.roles.moderator,
            LinkRole::Speaker => self.roles.speaker,
            LinkRole::Recording => {
                PermissionSet::RECORDING_LINK.within(self.roles.moderator.union(self.roles.speaker))
            }
        }
    }

    /// What is switched off here.
    pub const fn features(&self) -> Features {
        Features {
            recording_off: !self.config.recording_enabled || self.config.e2ee_enabled,
            chat_off: !self.config.chat_enabled,
            virtual_background_off: !self.config.virtual_background_enabled,
        }
    }

    /// Stands for a room that was deleted: closed, its links dead, owned by the root admin.
    pub fn ghost(room_id: RoomId, room_name: String, now: UnixMillis) -> Self {
        let dead = || Link { enabled: false, secret: Secret::new(String::new()) };
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
            auto_deletion_date: None,
            auto_deletion_policy: None,
            meeting_end_action: MeetingEndAction::None,
            delete_recordings: false,
            revision: 0,
        }
    }
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
