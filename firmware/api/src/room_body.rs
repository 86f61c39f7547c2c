//! Bodies of rooms, in and out (reference openvidu-meet §1.6).

use huddle_core::encoding::Encoding;
use huddle_core::permission::{Permission, PermissionSet};
use huddle_core::room::{
    AutoDeletionPolicy, AutoStart, GuestRights, Layout, LinkRole, MeetingEndAction, RecordingAccess, Roles,
    Room, RoomConfig, RoomStatus, WithMeeting, WithRecordings,
};
use huddle_core::state::AccessChange;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::dto::permissions;
use crate::encoding_body::encoding;
use crate::error::ApiError;

/// One hour in milliseconds: nothing is deleted by itself sooner.
const SOONEST: u64 = 3_600_000;
/// Ten years in milliseconds: a later date is a mistake.
const LATEST: u64 = 10 * 366 * 24 * SOONEST;

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

/// A field that may be absent, null or there.
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Recording settings to be changed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordingPatch {
    enabled: bool,
    /// `grid`, `speaker` or `single-speaker`.
    #[schema(value_type = Option<String>)]
    layout: Option<Layout>,
    /// A preset such as `H264_720P_30`, or all values.
    #[schema(value_type = Option<Encoding>)]
    encoding: Option<Value>,
    /// `when_first_participant_joins`, `when_second_participant_joins`, `when_moderator_joins` or null.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, pattern = "^(when_first_participant_joins|when_second_participant_joins|when_moderator_joins)$")]
    auto_start: Option<Option<AutoStart>>,
}

/// What guests may do, to be changed.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub(crate) struct GuestsPatch {
    chat: Option<bool>,
    audio: Option<bool>,
    video: Option<bool>,
}

/// Settings to be changed; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigPatch {
    recording: Option<RecordingPatch>,
    chat: Option<EnabledBody>,
    virtual_background: Option<EnabledBody>,
    e2ee: Option<EnabledBody>,
    captions: Option<EnabledBody>,
    raise_hand: Option<EnabledBody>,
    guests: Option<GuestsPatch>,
    /// 1–1,000, or null for no limit.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000)]
    max_participants: Option<Option<u32>>,
    /// 1–1,440, or null for no limit.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_440)]
    max_duration_minutes: Option<Option<u32>>,
    initial_audio_active: Option<bool>,
    initial_video_active: Option<bool>,
}

impl ConfigPatch {
    /// The settings with the changes.
    pub(crate) fn apply(&self, before: &RoomConfig) -> Result<RoomConfig, ApiError> {
        range("config.maxParticipants", self.max_participants, 1_000)?;
        range("config.maxDurationMinutes", self.max_duration_minutes, 1_440)?;
        let mut config = before.clone();
        if let Some(recording) = &self.recording {
            config.recording_enabled = recording.enabled;
            set(&mut config.recording_layout, recording.layout);
            set(
                &mut config.recording_encoding,
                recording
                    .encoding
                    .as_ref()
                    .map(|given| encoding("config.recording.encoding", given))
                    .transpose()?,
            );
            set(&mut config.recording_auto_start, recording.auto_start);
        }
        let on = |body: Option<EnabledBody>| body.map(|b| b.enabled);
        set(&mut config.chat_enabled, on(self.chat));
        set(&mut config.virtual_background_enabled, on(self.virtual_background));
        set(&mut config.e2ee_enabled, on(self.e2ee));
        set(&mut config.captions_enabled, on(self.captions));
        set(&mut config.raise_hand_enabled, on(self.raise_hand));
        if let Some(guests) = self.guests {
            set(&mut config.guests.chat, guests.chat);
            set(&mut config.guests.audio, guests.audio);
            set(&mut config.guests.video, guests.video);
        }
        set(&mut config.max_participants, self.max_participants);
        set(&mut config.max_duration_minutes, self.max_duration_minutes);
        set(&mut config.initial_audio_active, self.initial_audio_active);
        set(&mut config.initial_video_active, self.initial_video_active);
        Ok(config)
    }
}

fn set<T>(field: &mut T, wanted: Option<T>) {
    if let Some(wanted) = wanted {
        *field = wanted;
    }
}

fn range(field: &str, wanted: Option<Option<u32>>, most: u32) -> Result<(), ApiError> {
    match wanted.flatten() {
        Some(number) if number == 0 || number > most => {
            Err(ApiError::field(field, format!("Expected a number from 1 to {most}, or null")))
        }
        _ => Ok(()),
    }
}

/// Permissions of a role to be changed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct RolePatch {
    /// One boolean per permission that changes.
    permissions: BTreeMap<String, bool>,
}

/// Roles to be changed; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RolesPatch {
    moderator: Option<RolePatch>,
    speaker: Option<RolePatch>,
    /// Sets the permissions about recordings as a whole, before the others.
    recording_access: Option<RecordingAccess>,
}

impl RolesPatch {
    /// The roles with the changes.
    pub(crate) fn apply(&self, before: &Roles) -> Result<Roles, ApiError> {
        let change = |name: &str, set: PermissionSet, patch: Option<&RolePatch>| {
            let changes = patch.iter().flat_map(|p| &p.permissions);
            changes.into_iter().try_fold(set, |set, (key, on)| {
                let field = || format!("roles.{name}.permissions.{key}");
                let permission = Permission::from_name(key);
                permission
                    .map(|p| set.with(p, *on))
                    .ok_or_else(|| ApiError::field(&field(), "Unknown permission"))
            })
        };
        let before = self.recording_access.map_or(*before, |access| access.applied_to(*before));
        Ok(Roles {
            moderator: change("moderator", before.moderator, self.moderator.as_ref())?,
            speaker: change("speaker", before.speaker, self.speaker.as_ref())?,
        })
    }
}

/// Anonymous links to be switched.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub(crate) struct AnonymousPatch {
    moderator: Option<EnabledBody>,
    speaker: Option<EnabledBody>,
    recording: Option<EnabledBody>,
}

/// Ways in to be switched; what is absent stays.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub(crate) struct AccessPatch {
    anonymous: Option<AnonymousPatch>,
    user: Option<EnabledBody>,
}

impl From<AccessPatch> for AccessChange {
    fn from(patch: AccessPatch) -> Self {
        let on = |body: Option<EnabledBody>| body.map(|b| b.enabled);
        let links = patch.anonymous.unwrap_or_default();
        Self {
            moderator: on(links.moderator),
            speaker: on(links.speaker),
            recording: on(links.recording),
            user: on(patch.user),
        }
    }
}

/// A new room; everything may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewRoomBody {
    /// At most 50 characters; blank becomes `Room`.
    pub(crate) room_name: Option<String>,
    /// Milliseconds since 1970, at least an hour ahead.
    pub(crate) auto_deletion_date: Option<u64>,
    pub(crate) auto_deletion_policy: Option<PolicyBody>,
    pub(crate) config: Option<ConfigPatch>,
    pub(crate) roles: Option<RolesPatch>,
    pub(crate) access: Option<AccessPatch>,
}

/// Name and auto-deletion to be changed; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomPatch {
    /// 1–50 characters.
    pub(crate) room_name: Option<String>,
    /// Milliseconds since 1970, at least an hour ahead; null takes it away.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u64>)]
    pub(crate) auto_deletion_date: Option<Option<u64>>,
    pub(crate) auto_deletion_policy: Option<PolicyBody>,
}

/// Checks a room's name: at most 50 characters.
pub(crate) fn check_room_name(name: &str) -> Result<(), ApiError> {
    if name.chars().count() > 50 {
        return Err(ApiError::field("roomName", "roomName cannot exceed 50 characters"));
    }
    if name.chars().any(char::is_control) {
        return Err(ApiError::field("roomName", "roomName cannot contain control characters"));
    }
    Ok(())
}

/// Checks the day on which a room deletes itself.
pub(crate) fn check_deletion_date(date: u64, now: u64) -> Result<(), ApiError> {
    if date < now.saturating_add(SOONEST) {
        return Err(ApiError::field(
            "autoDeletionDate",
            "autoDeletionDate must be at least 1h in the future",
        ));
    }
    if date > now.saturating_add(LATEST) {
        return Err(ApiError::field("autoDeletionDate", "autoDeletionDate must be within 10 years"));
    }
    Ok(())
}

/// Checks how a room deletes itself: it must not wait for somebody to look.
pub(crate) fn check_policy(policy: PolicyBody) -> Result<AutoDeletionPolicy, ApiError> {
    let field = |name: &str| format!("autoDeletionPolicy.{name}");
    if policy.with_meeting == WithMeeting::Fail {
        let text = "FAIL policy is not allowed for withMeeting auto-deletion policy";
        return Err(ApiError::field(&field("withMeeting"), text));
    }
    if policy.with_recordings == WithRecordings::Fail {
        let text = "FAIL policy is not allowed for withRecordings auto-deletion policy";
        return Err(ApiError::field(&field("withRecordings"), text));
    }
    Ok(AutoDeletionPolicy { with_meeting: policy.with_meeting, with_recordings: policy.with_recordings })
}
