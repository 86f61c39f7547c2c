//! Bodies of rooms (reference openvidu-meet §1.6): as they are shown, and in `patch` as they come in.

use huddle_core::encoding::Encoding;
use huddle_core::room::{
    AutoStart, GuestRights, Layout, LinkRole, MeetingEndAction, RecordingAccess, Roles, Room, RoomConfig,
    RoomStatus, WithMeeting, WithRecordings,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::dto::permissions;

mod patch;

pub(crate) use patch::{
    AccessPatch, ConfigPatch, NewRoomBody, RolesPatch, RoomPatch, check_deletion_date, check_policy,
    checked_room_name,
};

/// A way into a room.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkBody {
    /// It works.
    enabled: bool,
    /// Left out for callers without `canShareAccessLinks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// The anonymous links.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnonymousBody {
    moderator: LinkBody,
    speaker: LinkBody,
    recording: LinkBody,
}

/// Who may come in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessBody {
    anonymous: AnonymousBody,
    user: LinkBody,
}

/// How links begin and whether they are shown.
pub(crate) struct Links<'a> {
    /// `http://host:port`.
    pub(crate) base: &'a str,
    /// The caller has `canShareAccessLinks`.
    pub(crate) shown: bool,
}

impl AccessBody {
    /// The ways into a room.
    pub(crate) fn new(room: &Room, links: &Links<'_>) -> Self {
        let link = |role: LinkRole| LinkBody {
            enabled: room.link(role).enabled,
            url: links.shown.then(|| link_url(links.base, room, role)),
        };
        Self {
            anonymous: AnonymousBody {
                moderator: link(LinkRole::Moderator),
                speaker: link(LinkRole::Speaker),
                recording: link(LinkRole::Recording),
            },
            user: LinkBody {
                enabled: room.access.user_enabled,
                url: Some(format!("{}/room/{}", links.base, room.room_id)),
            },
        }
    }
}

/// A room's link of that role.
pub(crate) fn link_url(base: &str, room: &Room, role: LinkRole) -> String {
    let page = if role == LinkRole::Recording { "/recordings" } else { "" };
    format!("{base}/room/{}{page}?secret={}", room.room_id, room.link(role).secret.reveal())
}

/// A feature that is on or off.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct EnabledBody {
    pub(crate) enabled: bool,
}

/// Recording settings.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordingConfigBody {
    enabled: bool,
    /// `grid`, `speaker` or `single-speaker`.
    #[schema(value_type = String)]
    layout: Layout,
    encoding: Encoding,
    /// `when_first_participant_joins`, `when_second_participant_joins`, `when_moderator_joins` or null.
    #[schema(value_type = Option<String>, pattern = "^(when_first_participant_joins|when_second_participant_joins|when_moderator_joins)$")]
    auto_start: Option<AutoStart>,
}

/// What guests may do besides listening and watching.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct GuestsBody {
    /// Write chat.
    chat: bool,
    /// Microphone.
    audio: bool,
    /// Camera and screen.
    video: bool,
}

/// Room settings.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigBody {
    recording: RecordingConfigBody,
    chat: EnabledBody,
    virtual_background: EnabledBody,
    e2ee: EnabledBody,
    captions: EnabledBody,
    raise_hand: EnabledBody,
    guests: GuestsBody,
    /// 1–1,000, or null.
    max_participants: Option<u32>,
    /// 1–1,440, or null.
    max_duration_minutes: Option<u32>,
    /// People come in with their microphone on.
    initial_audio_active: bool,
    /// People come in with their camera on.
    initial_video_active: bool,
}

impl From<&RoomConfig> for ConfigBody {
    fn from(config: &RoomConfig) -> Self {
        let on = |enabled| EnabledBody { enabled };
        let GuestRights { chat, audio, video } = config.guests;
        Self {
            recording: RecordingConfigBody {
                enabled: config.recording_enabled && !config.e2ee_enabled,
                layout: config.recording_layout,
                encoding: config.recording_encoding.clone(),
                auto_start: config.recording_auto_start,
            },
            chat: on(config.chat_enabled),
            virtual_background: on(config.virtual_background_enabled),
            e2ee: on(config.e2ee_enabled),
            captions: on(config.captions_enabled),
            raise_hand: on(config.raise_hand_enabled),
            guests: GuestsBody { chat, audio, video },
            max_participants: config.max_participants,
            max_duration_minutes: config.max_duration_minutes,
            initial_audio_active: config.initial_audio_active,
            initial_video_active: config.initial_video_active,
        }
    }
}

/// Permissions of a role.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RolePermissionsBody {
    /// One boolean per permission.
    #[schema(value_type = BTreeMap<String, bool>)]
    permissions: Value,
}

/// The two roles.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RolesBody {
    moderator: RolePermissionsBody,
    speaker: RolePermissionsBody,
    /// Who may see the recordings, as far as the permissions are those of a preset; else null.
    recording_access: Option<RecordingAccess>,
}

impl From<&Roles> for RolesBody {
    fn from(roles: &Roles) -> Self {
        let body = |set| RolePermissionsBody { permissions: permissions(set) };
        let recording_access = RecordingAccess::of(*roles);
        Self { moderator: body(roles.moderator), speaker: body(roles.speaker), recording_access }
    }
}

/// How a room is deleted when its day has come.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyBody {
    /// `force` or `when_meeting_ends`.
    #[schema(value_type = String)]
    with_meeting: WithMeeting,
    /// `force` or `close`.
    #[schema(value_type = String)]
    with_recordings: WithRecordings,
}

/// A room. `config` and `roles` only when asked for by `extraFields`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomBody {
    /// `slug-random`.
    pub(crate) room_id: String,
    /// 1–50 characters.
    room_name: String,
    /// `userId` of the owner.
    owner: String,
    /// Milliseconds since 1970.
    creation_date: u64,
    /// Milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_deletion_date: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_deletion_policy: Option<PolicyBody>,
    access: AccessBody,
    /// `open`, `active_meeting` or `closed`.
    status: &'static str,
    /// Milliseconds since 1970.
    roles_updated_at: u64,
    /// What happens to the room when its meeting ends: `none`, `close` or `delete`.
    meeting_end_action: &'static str,
    #[schema(required = false)]
    config: ConfigBody,
    #[schema(required = false)]
    roles: RolesBody,
}

/// Fields that are left out unless named.
pub(crate) const EXTRA: &[&str] = &["config", "roles"];

impl RoomBody {
    pub(crate) fn new(room: &Room, active: bool, links: &Links<'_>) -> Self {
        let policy = room.auto_deletion_policy.map(|policy| PolicyBody {
            with_meeting: policy.with_meeting,
            with_recordings: policy.with_recordings,
        });
        Self {
            room_id: room.room_id.to_string(),
            room_name: room.room_name.clone(),
            owner: room.owner.to_string(),
            creation_date: room.creation_date.0,
            auto_deletion_date: room.auto_deletion_date.map(|date| date.0),
            auto_deletion_policy: policy,
            access: AccessBody::new(room, links),
            status: status_name(room.status, active),
            roles_updated_at: room.roles_updated_at.0,
            meeting_end_action: match room.meeting_end_action {
                MeetingEndAction::None => "none",
                MeetingEndAction::Close => "close",
                MeetingEndAction::Delete => "delete",
            },
            config: ConfigBody::from(&room.config),
            roles: RolesBody::from(&room.roles),
        }
    }
}

const fn status_name(status: RoomStatus, active: bool) -> &'static str {
    match (active, status) {
        (true, _) => "active_meeting",
        (false, RoomStatus::Open) => "open",
        (false, RoomStatus::Closed) => "closed",
    }
}
