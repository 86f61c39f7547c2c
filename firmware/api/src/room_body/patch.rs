//! Bodies of rooms to be made or changed, and what in them is refused.

use std::collections::BTreeMap;

use huddle_core::encoding::Encoding;
use huddle_core::permission::{Permission, PermissionSet};
use huddle_core::room::{
    AutoDeletionPolicy, AutoStart, Layout, RecordingAccess, Roles, RoomConfig, WithMeeting, WithRecordings,
};
use huddle_core::state::AccessChange;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::{EnabledBody, PolicyBody};
use crate::encoding_body::encoding;
use crate::error::ApiError;

/// One hour in milliseconds: nothing is deleted by itself sooner.
const SOONEST: u64 = 3_600_000;
/// Ten years in milliseconds: a later date is a mistake.
const LATEST: u64 = 10 * 366 * 24 * SOONEST;

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
            if let Some(given) = &recording.encoding {
                config.recording_encoding = encoding("config.recording.encoding", given)?;
            }
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

/// A room's name as it is kept: without outer spaces, inner ones single, at most 50 characters.
pub(crate) fn checked_room_name(name: &str) -> Result<String, ApiError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() > 50 {
        return Err(ApiError::field("roomName", "roomName cannot exceed 50 characters"));
    }
    if name.chars().any(huddle_core::account::is_hidden) {
        return Err(ApiError::field("roomName", "roomName cannot contain control characters"));
    }
    Ok(name)
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
