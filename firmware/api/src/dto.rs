//! Bodies as the contract has them (reference openvidu-meet §1.6, §1.9).

use huddle_core::account::{Role, User};
use huddle_core::encoding::Encoding;
use huddle_core::meeting::Badge;
use huddle_core::permission::{Permission, PermissionSet};
use huddle_core::recording::{EndReason, Recording, RecordingStatus};
use huddle_core::room::Layout;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::Caller;

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
    /// Milliseconds since 1970.
    role_updated_at: u64,
    /// The password must be changed before anything else; others than who reads all and oneself are
    /// told `false`.
    must_change_password: bool,
    /// Logged in now; only where users are managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    online: Option<bool>,
}

impl UserBody {
    /// With the answer to whether they are logged in.
    pub(crate) fn online(self, online: bool) -> Self {
        Self { online: Some(online), ..self }
    }
}

impl UserBody {
    /// As `caller` may see it: who only chooses people for a room is not told whose account still
    /// waits for its user, nor who is logged in.
    pub(crate) fn seen_by(self, caller: &Caller) -> Self {
        if only_chooses(caller, Some(&self.user_id)) {
            return Self { must_change_password: false, online: None, ..self };
        }
        self
    }
}

/// Does the caller read users only to choose people for a room, and is not `whom` themself?
pub(crate) fn only_chooses(caller: &Caller, whom: Option<&str>) -> bool {
    match caller {
        Caller::User { user, .. } => user.role == Role::User && whom != Some(user.user_id.as_str()),
        Caller::ApiKey(_) | Caller::Member(_) => false,
    }
}

impl From<&User> for UserBody {
    fn from(user: &User) -> Self {
        Self {
            user_id: user.user_id.to_string(),
            name: user.name.clone(),
            role: user.role,
            registration_date: user.registration_date.0,
            role_updated_at: user.role_updated_at.0,
            must_change_password: user.must_change_password,
            online: None,
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
    /// Picture and sound as asked for.
    encoding: Encoding,
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
    /// Beside the ticket: who asked may delete this recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) can_delete: Option<bool>,
}

impl From<&Recording> for RecordingBody {
    fn from(recording: &Recording) -> Self {
        Self {
            recording_id: recording.recording_id.to_string(),
            room_id: recording.room_id.to_string(),
            room_name: recording.room_name.clone(),
            status: recording.status,
            layout: recording.layout,
            encoding: recording.encoding.clone(),
            filename: recording.filename(),
            start_date: recording.start_date.0,
            end_date: recording.end_date.map(|d| d.0),
            duration: recording.duration,
            size: recording.size,
            end_reason: recording.end_reason,
            error: recording.error.clone(),
            has_thumbnail: recording.thumbnail,
            ticket: None,
            can_delete: None,
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
