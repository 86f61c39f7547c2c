//! Media's door to the rest of the box: commands in, reports out.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use huddle_core::ids::{Identity, ParticipantSid, RecordingId, TrackSid};
use huddle_core::units::Size;
use huddle_tap::LocalEnd;

/// Where the room's picture comes from (`--camera`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CameraSpec {
    /// A media file played in a loop, picture and sound in step (demo default).
    File(PathBuf),
    /// A moving test picture and a tone.
    Test,
    /// V4L2 device; a by-id path survives re-plugging.
    Device(PathBuf),
    /// The room has no camera.
    None,
}

/// Where the room's sound comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MicrophoneSpec {
    /// The sound of the camera file or the test tone.
    WithCamera,
    /// An ALSA device such as `hw:1,0`.
    Alsa(String),
    /// The PulseAudio or PipeWire default source.
    Pulse,
    /// The room has no microphone.
    None,
}

/// Where the sound of the others goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpeakerSpec {
    /// An ALSA device.
    Alsa(String),
    /// The PulseAudio or PipeWire default sink.
    Pulse,
    /// Nowhere (demo).
    None,
}

/// Where the TV picture goes. A PNG snapshot is always available besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisplaySpec {
    /// KMS plane of the first connected output.
    Kms,
    /// Wayland kiosk.
    Wayland,
    /// X11 window.
    X11,
    /// No display (demo).
    None,
}

/// Devices of the box and folders it may write to.
#[derive(Clone, Debug)]
pub struct Config {
    /// Picture source.
    pub camera: CameraSpec,
    /// Sound source.
    pub microphone: MicrophoneSpec,
    /// Sound sink.
    pub speaker: SpeakerSpec,
    /// Picture sink.
    pub display: DisplaySpec,
    /// TV canvas. A display with another mode gets it scaled, with borders.
    pub tv_size: Size,
    /// Free bytes below which recordings end as `limit_reached`.
    pub disk_reserve: u64,
}

/// Tally on the TV, same meaning as the LED (`features.md` B4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Tally {
    /// Not recording.
    #[default]
    Off,
    /// Recording is starting or being saved.
    Busy,
    /// Recording.
    On,
    /// Recording failed or was refused.
    Fault,
}

/// What the TV shows around the pictures. Set whole ([`Handle::show`]); the media crate draws it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TvScene {
    /// Name of this room.
    pub room_name: String,
    /// Link shown as text and QR while idle; `None` hides it.
    pub join_url: Option<String>,
    /// Clock text such as `14:05`.
    pub clock: String,
    /// A meeting runs and the room takes part.
    pub in_meeting: bool,
    /// Tally.
    pub tally: Tally,
    /// Seconds the recording runs, shown beside the tally.
    pub recording_seconds: Option<u64>,
    /// The room's microphone is muted.
    pub mic_muted: bool,
    /// The room's camera is off.
    pub camera_off: bool,
    /// A line for a few seconds: “Recording saved”, “Disk is full”.
    pub notice: Option<String>,
    /// Lines of trouble: camera lost, no network.
    pub health: Vec<String>,
}

/// Composition of a recording (reference openvidu-meet §1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RecordingLayout {
    /// Equal tiles.
    #[default]
    Grid,
    /// Active speaker large, others in a strip.
    Speaker,
    /// Only the active speaker.
    SingleSpeaker,
}

/// What a recording listens to.
pub enum RecordingSource {
    /// The meeting the room endpoint is in, room included: decoders are shared with the TV.
    Room,
    /// Another meeting, through a tap of its own.
    Tap(LocalEnd),
}

/// A recording to be made.
pub struct StartRecording {
    /// Which.
    pub id: RecordingId,
    /// Final file `….mp4`; while recording `….part.mp4` beside it.
    pub path: PathBuf,
    /// Input.
    pub source: RecordingSource,
    /// Composition.
    pub layout: RecordingLayout,
    /// Canvas; 1280×720 unless configured.
    pub size: Size,
    /// Frames per second, 10–60.
    pub fps: u32,
    /// The press or request that started it, for press-to-frame figures.
    pub asked_at: Instant,
}

/// A fault injected by the demo-only endpoint, to try recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An element error in the camera pipeline.
    Camera,
    /// An element error in the microphone pipeline.
    Microphone,
    /// An element error in the display pipeline.
    Display,
    /// The recording's disk is full from now on (`false`: again not).
    DiskFull(bool),
}

/// Commands to media, applied in order.
pub enum Command {
    /// The room takes part in a meeting through this tap.
    JoinRoom {
        /// The room's own end of the tap.
        tap: LocalEnd,
        /// This session of the room; comes back in [`Report::RoomClosed`].
        session: ParticipantSid,
        /// Identity under which the room takes part.
        identity: Identity,
        /// Name on its tile in recordings.
        name: String,
        /// Starts with the microphone muted.
        mic_muted: bool,
        /// Starts with the camera off.
        camera_off: bool,
    },
    /// The room leaves; camera and microphone are closed (R7: standby).
    LeaveRoom,
    /// Mute or unmute the room's microphone.
    MuteMicrophone(bool),
    /// Switch the room's camera off or on.
    CameraOff(bool),
    /// Start a recording.
    StartRecording(Box<StartRecording>),
    /// Let a recording go on through a tap of its own; for when the room leaves its meeting.
    MoveRecording {
        /// Which.
        id: RecordingId,
        /// The recorder's own end of the tap.
        tap: LocalEnd,
    },
    /// A call is announced: two tones on the room's speaker.
    Chime,
    /// Stop a recording and finalise its file.
    StopRecording(RecordingId),
    /// Demo only.
    Inject(Fault),
    /// End: recordings are finalised, pipelines stopped.
    Shutdown,
}

/// State of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// Not in use or not configured.
    Standby,
    /// Works.
    Running,
    /// Failed; retried after the pause. The text says what and is fit for the admin.
    Restarting {
        /// What went wrong.
        reason: String,
        /// Until the next try.
        pause: Duration,
    },
}

/// Which device a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Device {
    /// Camera.
    Camera,
    /// Microphone.
    Microphone,
    /// Speaker.
    Speaker,
    /// Display.
    Display,
}

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingEnd {
    /// As asked.
    Complete,
    /// The disk reserve was reached; the file plays.
    LimitReached,
    /// It broke; the text is fit for the admin. What there is of the file is kept when it plays.
    Failed(String),
}

/// A finalised recording file.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingFile {
    /// The file.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Length of the media.
    pub duration: Duration,
    /// JPEG of an early frame beside the file, when one could be made.
    pub thumbnail: Option<PathBuf>,
}

/// What media tells the conductor. Must not wait.
#[derive(Clone, Debug)]
pub enum Report {
    /// The first frame of a recording is in the muxer.
    RecordingStarted {
        /// Which.
        id: RecordingId,
        /// From `asked_at` to that frame.
        after: Duration,
    },
    /// A recording is over. `file` is `None` when nothing playable came of it.
    RecordingEnded {
        /// Which.
        id: RecordingId,
        /// How.
        end: RecordingEnd,
        /// The finalised file.
        file: Option<RecordingFile>,
    },
    /// A device changed state.
    Device {
        /// Which.
        device: Device,
        /// Now.
        state: DeviceState,
    },
    /// A moderator muted the room's track; media has muted it.
    MutedByModerator {
        /// Which track.
        track: TrackSid,
        /// Microphone or camera.
        device: Device,
    },
    /// The room's tap was closed by the SFU, or could not be used.
    RoomClosed {
        /// Of which session: the room may have joined again meanwhile.
        session: ParticipantSid,
    },
    /// A finished recording was refused before it began (encoder missing, disk full).
    RecordingRefused {
        /// Which.
        id: RecordingId,
        /// Fit for occupants.
        reason: String,
    },
}

/// Where reports go; called on media threads, must not wait.
pub type ReportSink = Arc<dyn Fn(Report) + Send + Sync>;

/// Commands to the media thread, what the TV is to show, and its latest picture. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    pub(crate) commands: crossbeam_channel::Sender<Command>,
    pub(crate) snapshot: Arc<dyn Fn() -> Option<Arc<[u8]>> + Send + Sync>,
    pub(crate) scene: Arc<dyn Fn(TvScene) + Send + Sync>,
    pub(crate) beats: Arc<AtomicU64>,
}

/// The media thread cannot take the command: its queue (256) is full or it is gone.
#[derive(Debug, thiserror::Error)]
#[error("the media thread is busy or stopped")]
pub struct Busy;

impl Handle {
    /// Queues a command, never waiting.
    pub fn send(&self, command: Command) -> Result<(), Busy> {
        self.commands.try_send(command).map_err(|_| Busy)
    }

    /// Turns of the media thread so far: one each 20 ms, unless a device takes its time, which is
    /// waited for two seconds at most. One that stands still hangs.
    pub fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }

    /// Draws this around the pictures from now on. Only the latest scene counts, so nothing is
    /// queued and nothing can be full.
    pub fn show(&self, scene: TvScene) {
        (self.scene)(scene);
    }

    /// Queues a command, or gives back what does not fit; for those who may not lose one.
    pub fn offer(&self, command: Command) -> Option<Command> {
        self.commands.try_send(command).err().map(crossbeam_channel::TrySendError::into_inner)
    }

    /// The TV picture of this moment as PNG; `None` before the first frame. Encodes on the
    /// calling thread.
    pub fn tv_snapshot(&self) -> Option<Arc<[u8]>> {
        (self.snapshot)()
    }
}
