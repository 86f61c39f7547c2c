//! Why something is refused: one list for REST, signalling and Twirp.

use crate::ids::{GroupId, Identity, MemberId, RecordingId, RoomId, UserId, WebhookId};
use crate::permission::Permission;
use crate::room::LinkRole;
use crate::webhook::UrlError;

/// Why something was refused. The text is fit for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 404.
    #[error("Room '{0}' does not exist")]
    RoomNotFound(RoomId),
    /// 409.
    #[error("Room '{0}' is closed and cannot be joined")]
    RoomClosed(RoomId),
    /// 409.
    #[error("Room '{0}' already exists")]
    RoomExists(RoomId),
    /// 409.
    #[error("Room '{0}' is this box's own room and cannot be deleted. Choose another one first.")]
    RoomIsHome(RoomId),
    /// 400.
    #[error("Provided secret is not recognized for room '{0}'")]
    BadSecret(RoomId),
    /// 403.
    #[error("Anonymous access in room '{0}' is disabled for role '{role}'", role = .1.name())]
    LinkDisabled(RoomId, LinkRole),
    /// 403.
    #[error("You are missing the permission '{0}' for this.")]
    Missing(Permission),
    /// 403.
    #[error("Insufficient permissions to access this resource")]
    Forbidden,
    /// 401.
    #[error("Invalid token")]
    TokenDead,
    /// 400.
    #[error(
        "participantName is required when joining a meeting and it cannot be inferred from member/user context"
    )]
    NameRequired,
    /// 403.
    #[error("Recording is disabled for room '{0}'")]
    RecordingDisabled(RoomId),
    /// 409.
    #[error("Room '{0}' is already being recorded")]
    AlreadyRecording(RoomId),
    /// 409.
    #[error("Room '{0}' has no participants")]
    NoParticipants(RoomId),
    /// 507.
    #[error("The recording disk is full. Delete recordings to make room.")]
    DiskFull,
    /// 404.
    #[error("Recording '{0}' not found")]
    RecordingNotFound(RecordingId),
    /// 409.
    #[error("Recording '{0}' is not stopped yet")]
    RecordingRunning(RecordingId),
    /// 409.
    #[error("Recording '{0}' is already stopped")]
    RecordingStopped(RecordingId),
    /// 404.
    #[error("Room '{0}' has no active meeting")]
    NoMeeting(RoomId),
    /// 404.
    #[error("Participant '{1}' not found in room '{0}'")]
    ParticipantNotFound(RoomId, Identity),
    /// 409: the room does not take part.
    #[error("The room is not in a meeting.")]
    NotInMeeting,
    /// 401.
    #[error("Invalid user ID or password")]
    LoginFailed,
    /// 429.
    #[error("Too many failed logins. Try again in {0} s.")]
    LoginWait(u64),
    /// 400.
    #[error("Invalid current password")]
    WrongPassword,
    /// 404.
    #[error("User '{0}' not found")]
    UserNotFound(UserId),
    /// 409.
    #[error("User '{0}' already exists")]
    UserExists(UserId),
    /// 403.
    #[error("{0}")]
    UserProtected(&'static str),
    /// 404.
    #[error("Group '{0}' not found")]
    GroupNotFound(GroupId),
    /// 409.
    #[error("Group '{0}' already exists")]
    GroupExists(String),
    /// 404.
    #[error("Webhook '{0}' does not exist")]
    WebhookNotFound(WebhookId),
    /// 404.
    #[error("API key '{0}' not found")]
    KeyNotFound(String),
    /// 409: more than a person can keep apart.
    #[error("There are {0} {1} already, which is as many as this box keeps")]
    TooMany(usize, &'static str),
    /// 404.
    #[error("Room member '{1}' not found in room '{0}'")]
    MemberNotFound(RoomId, MemberId),
    /// 409.
    #[error("User '{1}' is already a member of room '{0}'")]
    MemberExists(RoomId, UserId),
    /// 409.
    #[error(
        "User '{1}' cannot be added as a member of room '{0}' because they are the room owner or an admin"
    )]
    MemberNeedless(RoomId, UserId),
    /// 409.
    #[error("Room '{0}' has an active meeting")]
    RoomInUse(RoomId),
    /// 409; the code says which case of the deletion matrix it is.
    #[error("{1}")]
    NotDeleted(&'static str, String),
    /// 412: somebody else changed it meanwhile.
    #[error("It was changed by somebody else meanwhile. Load it again and repeat the change.")]
    Stale,
    /// 403.
    #[error("The owner, admins and operators cannot be removed, demoted or muted")]
    Protected,
    /// 403.
    #[error("You were removed from this meeting. A moderator can invite you again.")]
    Removed,
    /// 409.
    #[error(
        "Participant '{1}' in room '{0}' cannot be promoted to moderator because they are not eligible for promotion"
    )]
    NotPromotable(RoomId, Identity),
    /// 409.
    #[error("Participant '{1}' in room '{0}' cannot be demoted because they are not a promoted moderator")]
    NotPromoted(RoomId, Identity),
    /// 409.
    #[error("Room '{0}' is full")]
    RoomFull(RoomId),
    /// 409.
    #[error(
        "You are already in the meeting of room '{0}'. Leave it first, or join with \"force\": true to leave it now."
    )]
    InAnotherMeeting(RoomId),
    /// 409.
    #[error("Your meeting in room '{0}' is still running. Go back to it, or join with \"force\": true.")]
    OwnMeetingRuns(RoomId),
    /// 422 for a field of the request.
    #[error("{1}")]
    InvalidField(&'static str, String),
    /// 422 for the address of a webhook.
    #[error(transparent)]
    BadUrl(#[from] UrlError),
    /// 422.
    #[error("{0}")]
    Invalid(String),
    /// 507 or 500: the settings disk refused the change; nothing was changed.
    #[error("The box could not save the change: {0}")]
    NotSaved(String),
    /// 500: a mistake of the box.
    #[error("Unexpected error while handling the request")]
    Failed,
    /// 503.
    #[error("The box is busy. Try again in a moment.")]
    Busy,
}

impl Refusal {
    /// The refusal by a name that never changes, for programs: what to do follows from it, the
    /// text is for people.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RoomNotFound(_) => "room_not_found",
            Self::RoomClosed(_) => "room_closed",
            Self::RoomExists(_) => "room_exists",
            Self::RoomIsHome(_) => "room_is_home",
            Self::BadSecret(_) => "bad_secret",
            Self::LinkDisabled(..) => "link_disabled",
            Self::Missing(_) => "permission_missing",
            Self::Forbidden => "forbidden",
            Self::TokenDead => "invalid_token",
            Self::NameRequired => "name_required",
            Self::RecordingDisabled(_) => "recording_disabled",
            Self::AlreadyRecording(_) => "already_recording",
            Self::NoParticipants(_) => "no_participants",
            Self::DiskFull => "disk_full",
            Self::RecordingNotFound(_) => "recording_not_found",
            Self::RecordingRunning(_) => "recording_running",
            Self::RecordingStopped(_) => "recording_stopped",
            Self::NoMeeting(_) => "no_active_meeting",
            Self::ParticipantNotFound(..) => "participant_not_found",
            Self::NotInMeeting => "not_in_meeting",
            Self::LoginFailed => "login_failed",
            Self::LoginWait(_) => "login_wait",
            Self::WrongPassword => "wrong_password",
            Self::UserNotFound(_) => "user_not_found",
            Self::UserExists(_) => "user_exists",
            Self::UserProtected(_) => "user_protected",
            Self::GroupNotFound(_) => "group_not_found",
            Self::GroupExists(_) => "group_exists",
            Self::KeyNotFound(_) => "api_key_not_found",
            Self::WebhookNotFound(_) => "webhook_not_found",
            Self::TooMany(..) => "limit_reached",
            Self::MemberNotFound(..) => "member_not_found",
            Self::MemberExists(..) => "member_exists",
            Self::MemberNeedless(..) => "member_needless",
            Self::RoomInUse(_) => "room_has_active_meeting",
            Self::NotDeleted(code, _) => code,
            Self::Stale => "changed_meanwhile",
            Self::Protected => "participant_protected",
            Self::Removed => "removed_from_meeting",
            Self::NotPromotable(..) => "not_promotable",
            Self::NotPromoted(..) => "not_promoted",
            Self::RoomFull(_) => "room_full",
            Self::InAnotherMeeting(_) => "in_another_meeting",
            Self::OwnMeetingRuns(_) => "own_meeting_runs",
            Self::BadUrl(error) => error.code(),
            Self::Invalid(_) | Self::InvalidField(..) => "invalid_request",
            Self::NotSaved(_) => "not_saved",
            Self::Failed => "internal_error",
            Self::Busy => "busy",
        }
    }
}
