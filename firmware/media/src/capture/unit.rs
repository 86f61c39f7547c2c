//! A supervised source: opened while wanted, opened again with growing pauses when it fails or
//! goes silent. Opening and closing happen on threads of their own, because drivers may hang in
//! them. It never ends the meeting.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::Error;
use crate::background::{self, Closing, Opening};
use crate::capture::Room;
use crate::capture::file::FileLoop;
use crate::capture::live::Live;
use crate::plan::backoff::{Backoff, Watchdog};
use crate::port::{CameraSpec, Config, Device, DeviceState, MicrophoneSpec, SpeakerSpec};

/// A running device without a buffer for this long is broken.
const SILENCE: Duration = Duration::from_secs(2);
/// Opening may take longer.
const OPENING: Duration = Duration::from_secs(6);
/// Closing is waited for this long: a camera that is switched off is off.
const CLOSING: Duration = Duration::from_secs(2);

/// What a unit opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A media file in a loop.
    File { path: PathBuf, sound: bool },
    /// Test picture.
    Test { sound: bool },
    /// V4L2.
    Camera(PathBuf),
    /// Microphone and speaker in one pipeline.
    Audio { microphone: MicrophoneSpec, speaker: SpeakerSpec },
}

enum Running {
    File(FileLoop),
    Live(Live),
}

/// A source with its supervision.
pub(crate) struct Unit {
    kind: Kind,
    running: Option<Running>,
    opening: Option<Opening<Running>>,
    /// It hangs in there; nothing is opened meanwhile.
    closing: Option<Closing>,
    wanted: bool,
    backoff: Backoff,
    watchdog: Watchdog,
    started: Instant,
    state: DeviceState,
}

/// The units of a configuration.
pub(crate) fn units(config: &Config, now: Instant) -> Vec<Unit> {
    let with_camera = config.microphone == MicrophoneSpec::WithCamera;
    let camera = match &config.camera {
        CameraSpec::File(path) => Some(Kind::File { path: path.clone(), sound: with_camera }),
        CameraSpec::Test => Some(Kind::Test { sound: with_camera }),
        CameraSpec::Device(path) => Some(Kind::Camera(path.clone())),
        CameraSpec::None => None,
    };
    let real_microphone = matches!(config.microphone, MicrophoneSpec::Alsa(_) | MicrophoneSpec::Pulse);
    let audio = real_microphone || config.speaker != SpeakerSpec::None;
    let audio =
        audio.then(|| Kind::Audio { microphone: config.microphone.clone(), speaker: config.speaker.clone() });
    camera.into_iter().chain(audio).map(|kind| Unit::new(kind, now)).collect()
}

impl Unit {
    fn new(kind: Kind, now: Instant) -> Self {
        Self {
            kind,
            running: None,
            opening: None,
            closing: None,
            wanted: false,
            backoff: Backoff::default(),
            watchdog: Watchdog::new(OPENING, now),
            started: now,
            state: DeviceState::Standby,
        }
    }

    /// Which devices it is.
    pub(crate) fn devices(&self) -> Vec<Device> {
        match &self.kind {
            Kind::File { sound: true, .. } | Kind::Test { sound: true } => {
                vec![Device::Camera, Device::Microphone]
            }
            Kind::File { .. } | Kind::Test { .. } | Kind::Camera(_) => vec![Device::Camera],
            Kind::Audio { microphone, speaker } => {
                let real = matches!(microphone, MicrophoneSpec::Alsa(_) | MicrophoneSpec::Pulse);
                let microphone = real.then_some(Device::Microphone);
                microphone
                    .into_iter()
                    .chain((*speaker != SpeakerSpec::None).then_some(Device::Speaker))
                    .collect()
            }
        }
    }

    /// How it is.
    pub(crate) fn state(&self) -> &DeviceState {
        &self.state
    }

    /// Opens or closes it. What is open is closed before this returns, unless it hangs for longer
    /// than [`CLOSING`]; what is still being opened is closed as soon as it is open. Neither feeds
    /// anything any more.
    pub(crate) fn want(&mut self, wanted: bool, room: &Arc<Room>, now: Instant) {
        if wanted == self.wanted {
            return;
        }
        self.wanted = wanted;
        if wanted {
            self.start(room, now);
        } else {
            self.close();
            self.state = DeviceState::Standby;
            self.backoff = Backoff::default();
        }
    }

    /// Looks after it.
    pub(crate) fn poll(&mut self, room: &Arc<Room>, now: Instant) {
        self.opened(now);
        if !self.wanted {
            self.close();
        }
        if self.closing.take_if(|closing| closing.is_over()).is_some() && self.wanted {
            self.start(room, now);
        }
        if !self.wanted || self.closing.is_some() {
            return;
        }
        if self.opening.is_some() {
            self.wait_for_opening(now);
            return;
        }
        let error = match &self.running {
            Some(Running::File(file)) => file.error(),
            Some(Running::Live(live)) => live.error(),
            None => None,
        };
        if let Some(error) = error {
            self.fail(error, now);
        } else if self.running.is_none() {
            if self.backoff.due(now) {
                self.start(room, now);
            }
        } else {
            self.watch(room, now);
        }
    }

    /// Breaks it, for trying recovery.
    pub(crate) fn break_it(&self) {
        match &self.running {
            Some(Running::File(file)) => file.break_it(),
            Some(Running::Live(live)) => live.break_it(),
            None => {}
        }
    }

    /// Where sound for the speaker goes, when it is one and runs.
    pub(crate) fn speaker(&self) -> Option<gstreamer_app::AppSrc> {
        match &self.running {
            Some(Running::Live(live)) => live.speaker(),
            Some(Running::File(_)) | None => None,
        }
    }

    fn watch(&mut self, room: &Room, now: Instant) {
        let fed = if self.devices().contains(&Device::Camera) {
            room.last_picture()
        } else if self.devices().contains(&Device::Microphone) {
            room.last_sound()
        } else {
            Some(now)
        };
        if let Some(fed) = fed.filter(|fed| *fed >= self.started) {
            if self.state != DeviceState::Running {
                self.state = DeviceState::Running;
                self.watchdog = Watchdog::new(SILENCE, now);
            }
            self.watchdog.feed(fed);
        }
        if self.watchdog.starved(now) {
            self.fail("it delivers nothing".into(), now);
        }
    }

    fn start(&mut self, room: &Arc<Room>, now: Instant) {
        if self.closing.is_some() {
            self.hangs("it does not close");
        }
        if self.opening.is_some() || self.closing.is_some() {
            return;
        }
        self.started = now;
        self.watchdog = Watchdog::new(OPENING, now);
        let (kind, room) = (self.kind.clone(), room.clone());
        match background::open(move || kind.open(&room)) {
            Ok(opening) => self.opening = Some(opening),
            Err(error) => self.fail(error.to_string(), now),
        }
    }

    /// Takes what has been opened meanwhile.
    fn opened(&mut self, now: Instant) {
        let Some(result) = self.opening.as_ref().and_then(Opening::result) else { return };
        self.opening = None;
        match result {
            Ok(running) => {
                self.running = Some(running);
                self.backoff.started(now);
            }
            Err(error) if self.wanted => self.fail(error.to_string(), now),
            Err(_) => {}
        }
    }

    fn close(&mut self) {
        if let Some(running) = self.running.take() {
            self.closing = background::close(running, CLOSING);
            if self.closing.is_some() {
                tracing::warn!(devices = ?self.devices(), "a device hangs while it is closed");
            }
        }
    }

    /// A driver that hangs cannot be interrupted, but the admin is told.
    fn wait_for_opening(&mut self, now: Instant) {
        let late = now.saturating_duration_since(self.started);
        if late >= OPENING && self.state == DeviceState::Standby {
            self.hangs("it does not open");
        }
    }

    fn hangs(&mut self, reason: &str) {
        tracing::warn!(devices = ?self.devices(), %reason, "a device hangs");
        self.state = DeviceState::Restarting { reason: reason.to_owned(), pause: Duration::ZERO };
    }

    fn fail(&mut self, reason: String, now: Instant) {
        self.close();
        let pause = self.backoff.failed(now);
        let known = matches!(&self.state, DeviceState::Restarting { reason: known, .. } if *known == reason);
        if known {
            tracing::debug!(devices = ?self.devices(), %reason, ?pause, "a device failed again");
        } else {
            tracing::warn!(devices = ?self.devices(), %reason, ?pause, "a device failed and will be opened again");
        }
        self.state = DeviceState::Restarting { reason, pause };
    }
}

impl Kind {
    fn open(&self, room: &Arc<Room>) -> Result<Running, Error> {
        Ok(match self {
            Self::File { path, sound } => Running::File(FileLoop::start(room, path, *sound)?),
            Self::Test { sound } => Running::Live(Live::test(room, *sound)?),
            Self::Camera(device) => Running::Live(Live::camera(room, device)?),
            Self::Audio { microphone, speaker } => Running::Live(Live::audio(room, microphone, speaker)?),
        })
    }
}
