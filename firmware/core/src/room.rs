//! Rooms, their links and their settings (`features.md` §2).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::encoding::Encoding;
use crate::ids::{Identity, MeetingSid, RoomId, UserId};
use crate::permission::{Features, Permission, PermissionSet};
use crate::units::UnixMillis;
use crate::webhook::Attendee;

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

/// The secret of a link, at least 10 random characters. Never in a log; compared in a time that
/// does not depend on where texts differ.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// From random text; an empty one opens nothing.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// To be put into a link.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its first characters: they tell a secret from the one that took its place, and open nothing.
    pub fn mark(&self) -> &str {
        self.0.get(..4).unwrap_or_default()
    }

    /// Is it this text?
    pub fn is(&self, text: &str) -> bool {
        let differ = self.0.bytes().zip(text.bytes()).fold(0, |acc, (x, y)| acc | (x ^ y));
        self.0.len() == text.len() && differ == 0 && !text.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// An anonymous access link (R3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The link works.
    pub enabled: bool,
    /// Lets in whoever knows it.
    pub secret: Secret,
}

/// Where a member's permissions start (M1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Leads.
    Moderator,
    /// Takes part.
    Speaker,
}

impl MemberRole {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::Speaker => "speaker",
        }
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

/// Who may see a room's recordings (V5): presets over the permissions of its roles. The owner
/// counts as admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordingAccess {
    /// Only admins.
    Admin,
    /// Moderators too, who may also delete.
    AdminModerator,
    /// Speakers too, who may only play.
    AdminModeratorSpeaker,
}

impl RecordingAccess {
    const ALL: [Self; 3] = [Self::Admin, Self::AdminModerator, Self::AdminModeratorSpeaker];

    /// The roles with this access.
    pub const fn applied_to(self, roles: Roles) -> Roles {
        let moderator = !matches!(self, Self::Admin);
        let speaker = matches!(self, Self::AdminModeratorSpeaker);
        Roles {
            moderator: roles
                .moderator
                .with(Permission::RetrieveRecordings, moderator)
                .with(Permission::DeleteRecordings, moderator),
            speaker: roles
                .speaker
                .with(Permission::RetrieveRecordings, speaker)
                .with(Permission::DeleteRecordings, false),
        }
    }

    /// The preset that these roles have; `None` = permissions of their own.
    pub fn of(roles: Roles) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.applied_to(roles) == roles)
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

/// What guests may do besides listening and watching (P5): anonymous and external people who are
/// not moderators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GuestRights {
    /// Read and write chat.
    pub chat: bool,
    /// Microphone.
    pub audio: bool,
    /// Camera and screen.
    pub video: bool,
}

impl Default for GuestRights {
    fn default() -> Self {
        Self { chat: true, audio: true, video: true }
    }
}

impl GuestRights {
    /// The permissions that are denied. Guests without messages still read what others write.
    pub const fn denied(self) -> PermissionSet {
        let mut set = PermissionSet::EMPTY.with(Permission::WriteChat, !self.chat);
        set = set.with(Permission::PublishAudio, !self.audio);
        set.with(Permission::PublishVideo, !self.video).with(Permission::ShareScreen, !self.video)
    }
}

/// When a recording starts by itself (reference openvidu-meet §1.6, 3.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoStart {
    /// Somebody is there.
    WhenFirstParticipantJoins,
    /// Two are there.
    WhenSecondParticipantJoins,
    /// A moderator is there.
    WhenModeratorJoins,
}

/// Room settings (R6). New fields have defaults, so that older records still load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomConfig {
    /// Recording allowed.
    pub recording_enabled: bool,
    /// Layout of recordings.
    pub recording_layout: Layout,
    /// Size and rate of recordings.
    pub recording_encoding: Encoding,
    /// Recordings start by themselves.
    pub recording_auto_start: Option<AutoStart>,
    /// Chat allowed.
    pub chat_enabled: bool,
    /// Virtual backgrounds allowed.
    pub virtual_background_enabled: bool,
    /// End-to-end encryption; forces recording off.
    pub e2ee_enabled: bool,
    /// Captions wished; this box makes none.
    pub captions_enabled: bool,
    /// Raising hands allowed.
    pub raise_hand_enabled: bool,
    /// Most people at once, the room and the recorder not counted; 1–1,000.
    pub max_participants: Option<u32>,
    /// The meeting ends for all after this many minutes; 1–1,440.
    pub max_duration_minutes: Option<u32>,
    /// People come in with their microphone on.
    pub initial_audio_active: bool,
    /// People come in with their camera on.
    pub initial_video_active: bool,
    /// What guests may do.
    pub guests: GuestRights,
}

impl Default for RoomConfig {
    fn default() -> Self {
        Self {
            recording_enabled: true,
            recording_layout: Layout::Grid,
            recording_encoding: Encoding::default(),
            recording_auto_start: None,
            chat_enabled: true,
            virtual_background_enabled: true,
            e2ee_enabled: false,
            captions_enabled: true,
            raise_hand_enabled: true,
            max_participants: None,
            max_duration_minutes: None,
            initial_audio_active: true,
            initial_video_active: true,
            guests: GuestRights::default(),
        }
    }
}

/// What to do with a running meeting when its room is deleted (reference openvidu-meet §1.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithMeeting {
    /// End it.
    Force,
    /// Wait for its end.
    WhenMeetingEnds,
    /// Refuse.
    #[default]
    Fail,
}

/// What to do with the recordings of a room that is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithRecordings {
    /// Delete them too.
    Force,
    /// Keep them, and close the room instead.
    Close,
    /// Refuse.
    #[default]
    Fail,
}

/// How a room is deleted when its day has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AutoDeletionPolicy {
    /// Never `fail`.
    pub with_meeting: WithMeeting,
    /// Never `fail`.
    pub with_recordings: WithRecordings,
}

impl Default for AutoDeletionPolicy {
    fn default() -> Self {
        Self { with_meeting: WithMeeting::WhenMeetingEnds, with_recordings: WithRecordings::Close }
    }
}

/// What happens to the room when its meeting ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeetingEndAction {
    /// Nothing.
    #[default]
    None,
    /// It is closed.
    Close,
    /// It is deleted.
    Delete,
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
