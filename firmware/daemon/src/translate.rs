//! From one crate's words into another's.

use huddle_core::ids::{Identity, RoomId};
use huddle_core::indicator::Tally;
use huddle_core::meeting::{ParticipantKind, Quality};
use huddle_core::recording::FinishedFile;
use huddle_core::room::Layout;
use huddle_core::state::{Admitted, BoxState, Ctx, Device, DeviceState, RecordingOutcome, Scene, TrackFlags};
use huddle_core::webhook::LeaveReason;
use huddle_livekit::admission::Admission;
use huddle_livekit::grants::to_sfu;
use huddle_livekit::proto;
use huddle_media::port as media;
use huddle_sfu::port as sfu;

/// For the SFU.
pub(crate) fn admission(admitted: Admitted) -> Admission {
    let kind = match admitted.kind {
        ParticipantKind::Standard | ParticipantKind::Room => proto::participant_info::Kind::Standard,
        ParticipantKind::Recorder => proto::participant_info::Kind::Egress,
    };
    Admission {
        room: admitted.room,
        meeting: admitted.meeting,
        started: admitted.started,
        room_metadata: admitted.room_metadata,
        recording: admitted.recording,
        identity: admitted.identity,
        sid: admitted.sid,
        name: admitted.name,
        metadata: admitted.metadata,
        attributes: admitted.attributes,
        kind,
        grants: to_sfu(admitted.grants),
        version: admitted.version,
    }
}

/// A report of the SFU, applied to the state.
pub(crate) fn sfu_report(state: &mut BoxState, report: sfu::Report, ctx: &mut Ctx<'_>) {
    match report {
        sfu::Report::Joined { room, identity, sid, .. } => state.joined(&room, &identity, &sid, ctx),
        sfu::Report::Left { room, identity, sid, cause } => {
            tracing::info!(%room, ?cause, "a participant left");
            state.left(&room, &identity, &sid, leave_reason(cause), ctx);
        }
        sfu::Report::Tracks { room, identity, tracks } => {
            state.tracks(&room, &identity, track_flags(&tracks));
        }
        sfu::Report::Updated { room, identity, name, metadata, .. } => {
            state.renamed(&room, &identity, name, metadata);
        }
        sfu::Report::Quality { room, identity, quality } => {
            set_quality(state, &room, &identity, quality);
        }
    }
}

const fn leave_reason(cause: sfu::LeaveCause) -> LeaveReason {
    match cause {
        sfu::LeaveCause::Client => LeaveReason::VoluntaryLeave,
        sfu::LeaveCause::Timeout => LeaveReason::NetworkDisconnect,
        sfu::LeaveCause::Removed => LeaveReason::ParticipantKicked,
        sfu::LeaveCause::Replaced => LeaveReason::DuplicateIdentity,
        sfu::LeaveCause::Failed => LeaveReason::Unknown,
    }
}

fn set_quality(state: &mut BoxState, room: &RoomId, who: &Identity, quality: proto::ConnectionQuality) {
    let quality = match quality {
        proto::ConnectionQuality::Poor => Quality::Poor,
        proto::ConnectionQuality::Good => Quality::Good,
        proto::ConnectionQuality::Excellent => Quality::Excellent,
        proto::ConnectionQuality::Lost => Quality::Lost,
    };
    state.quality(room, who, quality);
}

fn track_flags(tracks: &[proto::TrackInfo]) -> TrackFlags {
    let sends = |source: proto::TrackSource| tracks.iter().any(|t| t.source == source as i32 && !t.muted);
    TrackFlags {
        audio: sends(proto::TrackSource::Microphone),
        video: sends(proto::TrackSource::Camera),
        screen: sends(proto::TrackSource::ScreenShare),
    }
}

/// A report of media, applied to the state.
pub(crate) fn media_report(state: &mut BoxState, report: media::Report, ctx: &mut Ctx<'_>) {
    match report {
        media::Report::RecordingStarted { id, after } => {
            tracing::info!(%id, millis = after.as_millis(), "the first frame is recorded");
            state.recording_started(&id, ctx);
        }
        media::Report::RecordingEnded { id, end, file } => {
            let outcome = match end {
                media::RecordingEnd::Complete => RecordingOutcome::Complete,
                media::RecordingEnd::LimitReached => RecordingOutcome::LimitReached,
                media::RecordingEnd::Failed(reason) => RecordingOutcome::Failed(reason),
            };
            tracing::info!(%id, ?outcome, "a recording ended");
            let file = file.map(|f| FinishedFile {
                size: f.size,
                duration: f.duration.as_secs_f64(),
                thumbnail: f.thumbnail.is_some(),
            });
            state.recording_ended(&id, &outcome, file, ctx);
        }
        media::Report::RecordingRefused { id, reason } => {
            tracing::warn!(%id, reason, "a recording was refused");
            state.recording_ended(&id, &RecordingOutcome::Failed(reason), None, ctx);
        }
        media::Report::Device { device, state: now } => {
            state.device(core_device(device), core_device_state(now));
        }
        media::Report::MutedByModerator { device, .. } => {
            state.muted_by_moderator(device == media::Device::Camera);
        }
        media::Report::RoomClosed { session } => state.room_tap_closed(&session, ctx),
    }
}

const fn core_device(device: media::Device) -> Device {
    match device {
        media::Device::Camera => Device::Camera,
        media::Device::Microphone => Device::Microphone,
        media::Device::Speaker => Device::Speaker,
        media::Device::Display => Device::Display,
    }
}

fn core_device_state(state: media::DeviceState) -> DeviceState {
    match state {
        media::DeviceState::Standby => DeviceState::Standby,
        media::DeviceState::Running => DeviceState::Running,
        media::DeviceState::Restarting { reason, pause } => {
            tracing::warn!(reason, ?pause, "a device failed and is started again");
            DeviceState::Restarting { reason }
        }
    }
}

/// For the TV.
pub(crate) fn scene(scene: Scene, base: &str, clock: String) -> media::TvScene {
    media::TvScene {
        room_name: scene.room_name,
        join_url: scene.join_path.map(|path| format!("{base}{path}")),
        clock,
        in_meeting: scene.in_meeting,
        tally: match scene.tally {
            Tally::Off => media::Tally::Off,
            Tally::Busy => media::Tally::Busy,
            Tally::On => media::Tally::On,
            Tally::Fault => media::Tally::Fault,
        },
        recording_seconds: scene.recording_seconds,
        mic_muted: scene.mic_muted,
        camera_off: scene.camera_off,
        notice: scene.notice,
        health: scene.health,
    }
}

/// For the recorder.
pub(crate) const fn layout(layout: Layout) -> media::RecordingLayout {
    match layout {
        Layout::Grid => media::RecordingLayout::Grid,
        Layout::Speaker => media::RecordingLayout::Speaker,
        Layout::SingleSpeaker => media::RecordingLayout::SingleSpeaker,
    }
}
