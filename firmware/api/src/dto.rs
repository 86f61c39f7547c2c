//! Bodies as the contract has them (reference openvidu-meet §1.6, §1.9).

use huddle_core::account::{Role, User};
use huddle_core::meeting::Badge;
use huddle_core::permission::{Permission, PermissionSet};
use huddle_core::recording::{EndReason, Recording, RecordingStatus};
use huddle_core::room::{Layout, Link, LinkRole, Room, RoomStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A user, without anything secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserBody {
    /// 5–20 of `[a-z0-9_]`.
    user_id: String,
    /// 1–50 characters.
    name: String,
    /// What they may do on the box.
    role: Role,
    /// Milliseconds since 1970.
    registration_date: u64,
    /// The password must be changed before anything else.
    must_change_password: bool,
}

impl From<&User> for UserBody {
    fn from(user: &User) -> Self {
        Self {
            user_id: user.user_id.to_string(),
            name: user.name.clone(),
            role: user.role,
            registration_date: user.registration_date.0,
            must_change_password: user.must_change_password,
        }
    }
}

/// As in token metadata.
pub(crate) const fn badge_name(badge: Badge) -> &'static str {
    match badge {
        Badge::Owner => "owner",
        Badge::Admin => "admin",
        Badge::Moderator => "moderator",
        Badge::Other => "other",
    }
}

/// An access link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkBody {
    /// The link works.
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

/// A room.
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
    /// Links.
    access: AccessBody,
    /// Whether it can be joined.
    status: RoomStatusName,
    /// Milliseconds since 1970.
    roles_updated_at: u64,
    /// What happens to the room when the meeting ends.
    meeting_end_action: MeetingEndAction,
    /// Settings.
    config: ConfigBody,
    /// Permissions of the two roles.
    roles: RolesBody,
}

/// Whether a room can be joined.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoomStatusName {
    /// It can.
    Open,
    /// It can, and somebody is there.
    ActiveMeeting,
    /// It cannot.
    Closed,
}

/// What happens to a room when its meeting ends.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MeetingEndAction {
    /// Nothing.
    None,
}

/// Settings of a room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigBody {
    recording: RecordingConfigBody,
    chat: SwitchBody,
    virtual_background: SwitchBody,
    e2ee: SwitchBody,
    captions: SwitchBody,
}

/// How a room is recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingConfigBody {
    enabled: bool,
    layout: Layout,
    encoding: EncodingName,
}

/// On or off.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SwitchBody {
    enabled: bool,
}

/// Permissions of the two roles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RolesBody {
    moderator: RoleBody,
    speaker: RoleBody,
}

/// Permissions of a role.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleBody {
    /// One boolean per permission.
    #[schema(value_type = BTreeMap<String, bool>)]
    permissions: Value,
}

/// The preset recordings are made with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) enum EncodingName {
    /// H.264 and AAC, 1280×720.
    #[default]
    #[serde(rename = "H264_720P_30")]
    H264At720P,
}

/// How links begin and whether they are shown.
pub(crate) struct Links<'a> {
    /// `http://host:port`.
    pub(crate) base: &'a str,
    /// The caller has `canShareAccessLinks`.
    pub(crate) shown: bool,
}

impl RoomBody {
    pub(crate) fn new(room: &Room, active: bool, links: &Links<'_>) -> Self {
        let link = |role: LinkRole| {
            let Link { enabled, .. } = room.link(role);
            LinkBody { enabled: *enabled, url: links.shown.then(|| link_url(links.base, room, role)) }
        };
        Self {
            room_id: room.room_id.to_string(),
            room_name: room.room_name.clone(),
            owner: room.owner.to_string(),
            creation_date: room.creation_date.0,
            access: AccessBody {
                anonymous: AnonymousBody {
                    moderator: link(LinkRole::Moderator),
                    speaker: link(LinkRole::Speaker),
                    recording: link(LinkRole::Recording),
                },
                user: LinkBody {
                    enabled: room.access.user_enabled,
                    url: Some(format!("{}/room/{}", links.base, room.room_id)),
                },
            },
            status: status_name(room.status, active),
            roles_updated_at: room.roles_updated_at.0,
            meeting_end_action: MeetingEndAction::None,
            config: config_body(room),
            roles: RolesBody {
                moderator: RoleBody { permissions: permissions(room.roles.moderator) },
                speaker: RoleBody { permissions: permissions(room.roles.speaker) },
            },
        }
    }
}

/// A room's link of that role.
pub(crate) fn link_url(base: &str, room: &Room, role: LinkRole) -> String {
    let page = if role == LinkRole::Recording { "/recordings" } else { "" };
    format!("{base}/room/{}{page}?secret={}", room.room_id, room.link(role).secret)
}

const fn config_body(room: &Room) -> ConfigBody {
    let config = &room.config;
    ConfigBody {
        recording: RecordingConfigBody {
            enabled: config.recording_enabled && !config.e2ee_enabled,
            layout: config.recording_layout,
            encoding: EncodingName::H264At720P,
        },
        chat: SwitchBody { enabled: config.chat_enabled },
        virtual_background: SwitchBody { enabled: config.virtual_background_enabled },
        e2ee: SwitchBody { enabled: config.e2ee_enabled },
        captions: SwitchBody { enabled: false },
    }
}

const fn status_name(status: RoomStatus, active: bool) -> RoomStatusName {
    match (active, status) {
        (true, _) => RoomStatusName::ActiveMeeting,
        (false, RoomStatus::Open) => RoomStatusName::Open,
        (false, RoomStatus::Closed) => RoomStatusName::Closed,
    }
}

/// One boolean per permission.
pub(crate) fn permissions(set: PermissionSet) -> Value {
    Permission::ALL.iter().map(|p| (p.name().to_owned(), Value::Bool(set.has(*p)))).collect()
}

/// A recording.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordingBody {
    /// `{roomId}--EG_{random}--{random}`.
    recording_id: String,
    /// Where it was made.
    room_id: String,
    /// Name of the room then.
    room_name: String,
    /// Life.
    status: RecordingStatus,
    /// Composition.
    layout: Layout,
    /// Preset.
    encoding: EncodingName,
    /// Name for downloads.
    filename: String,
    /// Milliseconds since 1970.
    start_date: u64,
    /// Milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<u64>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<f64>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Why it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<EndReason>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// `GET …/thumbnail` has a picture.
    has_thumbnail: bool,
    /// Only when asked for with `tickets=true`: as query parameter `ticket` it opens this
    /// recording's media, download and thumbnail for at least two hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ticket: Option<String>,
}

impl From<&Recording> for RecordingBody {
    fn from(recording: &Recording) -> Self {
        Self {
            recording_id: recording.recording_id.to_string(),
            room_id: recording.room_id.to_string(),
            room_name: recording.room_name.clone(),
            status: recording.status,
            layout: recording.layout,
            encoding: EncodingName::H264At720P,
            filename: recording.filename(),
            start_date: recording.start_date.0,
            end_date: recording.end_date.map(|d| d.0),
            duration: recording.duration,
            size: recording.size,
            end_reason: recording.end_reason,
            error: recording.error.clone(),
            has_thumbnail: recording.thumbnail,
            ticket: None,
        }
    }
}

/// Where a list goes on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pagination {
    /// There is more.
    pub(crate) is_truncated: bool,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_page_token: Option<String>,
    /// Page size that was used.
    pub(crate) max_items: usize,
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageBody {
    /// For people.
    pub(crate) message: String,
}

impl MessageBody {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// Only these fields of a body, if any are named; unknown names are ignored.
pub(crate) fn select(body: Value, fields: Option<&str>) -> Value {
    let Some(fields) = fields.filter(|f| !f.trim().is_empty()) else {
        return body;
    };
    let names: Vec<&str> = fields.split(',').map(str::trim).collect();
    let Value::Object(map) = body else {
        return body;
    };
    map.into_iter().filter(|(k, _)| names.contains(&k.as_str())).collect()
}

/// A new room (reference openvidu-meet §1.6); only what this version honours is accepted.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewRoomBody {
    /// At most 50 characters; blank becomes `Room`.
    #[serde(default)]
    pub(crate) room_name: Option<String>,
}
