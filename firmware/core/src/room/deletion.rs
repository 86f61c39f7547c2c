//! How rooms end (`features.md` R5, reference openvidu-meet §1.7).

use serde::{Deserialize, Serialize};

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
