//! Recordings as they are listed (`features.md` §6, reference openvidu-meet §1.9).

use serde::{Deserialize, Serialize};

use crate::encoding::Encoding;
use crate::ids::{RecordingId, RoomId};
use crate::room::Layout;
use crate::units::UnixMillis;

/// Life of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordingStatus {
    /// Asked for, no frame yet.
    Starting,
    /// Frames are written.
    Active,
    /// Stopped, the file is being finished.
    Ending,
    /// The file is there.
    Complete,
    /// Nothing playable, or it broke.
    Failed,
    /// Stopped before the first frame.
    Aborted,
    /// Ended by the box (disk reserve); the file is there.
    LimitReached,
}

impl RecordingStatus {
    /// Over: may be deleted.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Complete | Self::Failed | Self::Aborted | Self::LimitReached)
    }

    /// There is a file to play.
    pub const fn is_playable(self) -> bool {
        matches!(self, Self::Complete | Self::LimitReached)
    }
}

/// Why a recording is over; told to participants and in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Somebody stopped it.
    Stopped,
    /// Stopped before its first frame; nothing is kept.
    Cancelled,
    /// The meeting was over.
    MeetingEnded,
    /// The disk reserve was reached; what there is, is saved.
    DiskFull,
    /// It broke.
    Failed,
    /// The box went down; what there was, was saved at its next start.
    Interrupted,
}

/// How the last recording of a running meeting ended, as its participants are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// Which.
    pub recording_id: RecordingId,
    /// Life.
    pub status: RecordingStatus,
    /// Why.
    pub end_reason: EndReason,
    /// When.
    pub end_date: UnixMillis,
}

/// A recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// `{roomId}--EG_{random}--{random}`.
    pub recording_id: RecordingId,
    /// Where it was made.
    pub room_id: RoomId,
    /// The room's name at that time.
    pub room_name: String,
    /// Life.
    pub status: RecordingStatus,
    /// Composition.
    pub layout: Layout,
    /// Picture.
    #[serde(default)]
    pub encoding: Encoding,
    /// Began.
    pub start_date: UnixMillis,
    /// Ended.
    pub end_date: Option<UnixMillis>,
    /// Length of the media in seconds.
    pub duration: Option<f64>,
    /// Bytes of the file.
    pub size: Option<u64>,
    /// Why it is over.
    #[serde(default)]
    pub end_reason: Option<EndReason>,
    /// Why it failed, fit for people.
    pub error: Option<String>,
    /// A JPEG lies beside the file.
    pub thumbnail: bool,
    /// Its room was deleted with its recordings: it goes as soon as it is finished, also after a
    /// restart.
    #[serde(default)]
    pub doomed: bool,
    /// Secret of public share links.
    pub public_secret: String,
    /// Secret of share links that also need a login.
    pub private_secret: String,
}

/// What one recording is to be in place of its room's settings.
#[derive(Clone, Debug, Default)]
pub struct RecordingWishes {
    /// Composition.
    pub layout: Option<Layout>,
    /// Picture.
    pub encoding: Option<Encoding>,
}

impl Recording {
    /// It failed without a file. One may still be found: its disk was not there, or it was being
    /// finished for longer than anybody waits.
    pub fn lacks_its_file(&self) -> bool {
        self.status == RecordingStatus::Failed && self.size.is_none()
    }

    /// File name inside the recordings folder.
    pub fn filename(&self) -> String {
        format!("{}.mp4", self.recording_id)
    }
}

/// Checks the form of a recording id; a path is made of it, so nothing else may pass.
pub fn check_recording_id(id: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let whole = id.len() <= 200 && id.chars().all(fits);
    // From the right: a room's own id may contain `--`.
    let mut parts = id.rsplitn(3, "--");
    let (unique, egress, room) = (parts.next(), parts.next(), parts.next());
    let present = |part: Option<&str>| part.is_some_and(|p| !p.is_empty());
    whole && present(unique) && present(room) && egress.is_some_and(|p| p.starts_with("EG_"))
}

/// A finished file, as media reports it.
#[derive(Clone, Debug, PartialEq)]
pub struct FinishedFile {
    /// Bytes.
    pub size: u64,
    /// Seconds.
    pub duration: f64,
    /// A thumbnail was made.
    pub thumbnail: bool,
}

/// What becomes of a recording that was running when the box went down, or of a failed one whose
/// file is found (V9).
pub fn after_restart(mut recording: Recording, file: Option<FinishedFile>) -> Recording {
    let found = recording.lacks_its_file() && file.is_some();
    if recording.status.is_over() && !found {
        return recording;
    }
    recording.end_reason = Some(EndReason::Interrupted);
    match file {
        Some(file) => {
            let millis = std::time::Duration::from_secs_f64(file.duration.max(0.0)).as_millis();
            let end = recording.start_date.0 + u64::try_from(millis).unwrap_or(0);
            recording.status = RecordingStatus::Complete;
            recording.error = None;
            recording.end_date = Some(UnixMillis(end));
            recording.duration = Some(file.duration);
            recording.size = Some(file.size);
            recording.thumbnail = file.thumbnail;
        }
        None => {
            recording.status = RecordingStatus::Failed;
            recording.error = Some("The box went down before the first second was saved.".to_owned());
        }
    }
    recording
}
