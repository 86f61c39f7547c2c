//! What the box shows: the console's status, the lamps, the TV. All derived, nothing stored.

use serde::Serialize;

use super::{BoxState, Device, DeviceState, Endpoint, Now, RunPhase};
use crate::ids::{Identity, RecordingId};
use crate::indicator::{Leds, Tally, leds};
use crate::meeting::{Badge, Participant, ParticipantKind, Quality};
use crate::room::{Room, RoomStatus};
use crate::units::UnixMillis;

/// The console's picture of the box.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BoxStatus {
    /// The home room's meeting.
    pub meeting: MeetingView,
    /// The home room's recording.
    pub recording: RecordingView,
    /// The room as a participant.
    pub room: EndpointView,
    /// Devices that were seen.
    pub devices: Vec<DeviceStatus>,
    /// Lamps.
    pub leds: Leds,
    /// Bytes on the recordings disk.
    pub disk: DiskView,
}

/// A meeting.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MeetingView {
    /// There is one.
    pub active: bool,
    /// Began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<UnixMillis>,
    /// Everybody present.
    pub participants: Vec<ParticipantView>,
}

/// A participant.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ParticipantView {
    /// Unique in the meeting.
    pub identity: Identity,
    /// Display name.
    pub name: String,
    /// Person, room or recorder.
    pub kind: ParticipantKind,
    /// `owner`, `admin`, `moderator`, `other`.
    pub role: Badge,
    /// Came in.
    pub join_date: UnixMillis,
    /// Sends sound.
    pub audio_active: bool,
    /// Sends camera video.
    pub video_active: bool,
    /// Shares a screen.
    pub screen_share_active: bool,
    /// Connection.
    pub quality: Quality,
}

/// What the home room's recording is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// Nothing.
    #[default]
    Off,
    /// No frame yet.
    Starting,
    /// Frames are written.
    Recording,
    /// The file is being finished.
    Stopping,
    /// Refused or failed a moment ago.
    Fault,
}

/// What the room is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomState {
    /// Camera and microphone are off.
    #[default]
    Standby,
    /// Somebody calls.
    Announcing,
    /// Takes part.
    Joined,
    /// Hung up or declined.
    Away,
    /// Lost its way into the meeting and tries again.
    Retrying,
}

/// What a device is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeviceActivity {
    /// Not in use.
    Standby,
    /// Works.
    Running,
    /// Failed and is being started again.
    Restarting,
}

/// A recording's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecordingView {
    /// What it is doing.
    pub state: RecordingState,
    /// Which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording_id: Option<RecordingId>,
    /// First frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<UnixMillis>,
    /// What the TV says, while it says something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The room as a participant.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EndpointView {
    /// What it is doing.
    pub state: RoomState,
    /// Microphone muted.
    pub mic_muted: bool,
    /// Camera off.
    pub camera_off: bool,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DeviceStatus {
    /// Which.
    pub device: Device,
    /// What it is doing.
    pub state: DeviceActivity,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The recordings disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DiskView {
    /// All.
    pub total_bytes: u64,
    /// Free.
    pub free_bytes: u64,
    /// Kept free.
    pub reserve_bytes: u64,
    /// Taken by recordings.
    pub recordings_bytes: u64,
}

/// What the TV draws around the pictures; the link and the clock are added by the shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// This room.
    pub room_name: String,
    /// Path and query of the link that others join by, while there is one.
    pub join_path: Option<String>,
    /// The room takes part in a meeting.
    pub in_meeting: bool,
    /// Red dot.
    pub tally: Tally,
    /// Length of the running recording.
    pub recording_seconds: Option<u64>,
    /// Microphone muted.
    pub mic_muted: bool,
    /// Camera off.
    pub camera_off: bool,
    /// A line for some seconds.
    pub notice: Option<String>,
    /// Trouble.
    pub health: Vec<String>,
}

impl BoxState {
    /// The lamps now.
    pub fn leds(&self, now: Now) -> Leds {
        let joined = self.endpoint == Endpoint::Joined;
        leds(
            self.tally(now.mono),
            joined && self.room_controls.mic_muted,
            self.device_trouble(),
            self.disk.is_full(self.settings.disk_reserve),
        )
    }

    /// The console's picture now.
    pub fn status(&self, now: Now) -> BoxStatus {
        BoxStatus {
            meeting: self.meeting_view(),
            recording: self.recording_view(now),
            room: self.endpoint_view(),
            devices: self.devices.iter().map(|(d, s)| device_status(*d, s)).collect(),
            leds: self.leds(now),
            disk: self.disk_view(),
        }
    }

    /// The TV now.
    pub fn scene(&self, now: Now) -> Scene {
        let home = &self.settings.home_room;
        let run = self.runs.get(home).map(|run| run.phase);
        let view = self.endpoint_view();
        Scene {
            room_name: self.home_room().map(|r| r.room_name.clone()).unwrap_or_default(),
            join_path: self.home_room().and_then(join_path),
            in_meeting: self.endpoint == Endpoint::Joined,
            tally: self.tally(now.mono),
            recording_seconds: match run {
                Some(RunPhase::Active { since }) => Some(self.seconds_since(since, now.mono)),
                Some(RunPhase::Starting { .. } | RunPhase::Ending { .. }) | None => None,
            },
            mic_muted: view.mic_muted,
            camera_off: view.camera_off,
            notice: self.notice.as_ref().map(|(text, _)| text.clone()),
            health: self.health(),
        }
    }

    fn health(&self) -> Vec<String> {
        let full = self.disk.is_full(self.settings.disk_reserve);
        let devices = self.devices.iter().filter_map(|(device, state)| match state {
            DeviceState::Restarting { reason } => Some(format!("{}: {reason}", device_name(*device))),
            DeviceState::Standby | DeviceState::Running => None,
        });
        full.then(|| "Recording disk is full".to_owned()).into_iter().chain(devices).collect()
    }

    fn meeting_view(&self) -> MeetingView {
        let Some(meeting) = self.meetings.get(&self.settings.home_room) else {
            return MeetingView::default();
        };
        let present = |p: &&Participant| p.presence == crate::meeting::Presence::Present;
        MeetingView {
            active: true,
            start_date: Some(meeting.started),
            participants: meeting
                .participants
                .iter()
                .filter(|(_, p)| present(p))
                .map(|(identity, p)| ParticipantView {
                    identity: identity.clone(),
                    name: p.name.clone(),
                    kind: p.kind,
                    role: p.badge,
                    join_date: p.joined,
                    audio_active: p.audio,
                    video_active: p.video,
                    screen_share_active: p.screen,
                    quality: p.quality,
                })
                .collect(),
        }
    }

    fn recording_view(&self, now: Now) -> RecordingView {
        let run = self.runs.get(&self.settings.home_room);
        let state = match (run.map(|r| r.phase), self.tally(now.mono)) {
            (Some(RunPhase::Starting { .. }), _) => RecordingState::Starting,
            (Some(RunPhase::Active { .. }), _) => RecordingState::Recording,
            (Some(RunPhase::Ending { .. }), _) => RecordingState::Stopping,
            (None, Tally::Fault) => RecordingState::Fault,
            (None, _) => RecordingState::Off,
        };
        RecordingView {
            state,
            recording_id: run.map(|r| r.recording.recording_id.clone()),
            start_date: run.map(|r| r.recording.start_date),
            message: self.notice.as_ref().map(|(text, _)| text.clone()),
        }
    }

    fn endpoint_view(&self) -> EndpointView {
        let joined = self.endpoint == Endpoint::Joined;
        EndpointView {
            state: match self.endpoint {
                Endpoint::Standby => RoomState::Standby,
                Endpoint::Announcing { .. } => RoomState::Announcing,
                Endpoint::Joined => RoomState::Joined,
                Endpoint::Away => RoomState::Away,
                Endpoint::Retrying { .. } => RoomState::Retrying,
            },
            mic_muted: joined && self.room_controls.mic_muted,
            camera_off: joined && self.room_controls.camera_off,
        }
    }

    fn disk_view(&self) -> DiskView {
        DiskView {
            total_bytes: self.disk.total,
            free_bytes: if self.disk.pretend_full { 0 } else { self.disk.free },
            reserve_bytes: self.settings.disk_reserve,
            recordings_bytes: self.disk.recordings,
        }
    }
}

fn device_status(device: Device, state: &DeviceState) -> DeviceStatus {
    let (state, message) = match state {
        DeviceState::Standby => (DeviceActivity::Standby, None),
        DeviceState::Running => (DeviceActivity::Running, None),
        DeviceState::Restarting { reason } => (DeviceActivity::Restarting, Some(reason.clone())),
    };
    DeviceStatus { device, state, message }
}

const fn device_name(device: Device) -> &'static str {
    match device {
        Device::Camera => "Camera",
        Device::Microphone => "Microphone",
        Device::Speaker => "Speaker",
        Device::Display => "Display",
    }
}

fn join_path(room: &Room) -> Option<String> {
    let open = room.status == RoomStatus::Open && room.access.speaker.enabled;
    open.then(|| format!("/room/{}?secret={}", room.room_id, room.access.speaker.secret.reveal()))
}
