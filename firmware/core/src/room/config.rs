//! A room's settings (`features.md` R6, P5, V8).

use serde::{Deserialize, Serialize};

use crate::encoding::Encoding;
use crate::permission::{Permission, PermissionSet};

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
