//! The media thread: takes commands in order, looks after everything that runs, reports.
//! Never waits for a device, a disk or the SFU for longer than opening or closing takes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, select};
use huddle_core::ids::{Identity, ParticipantSid, RecordingId, TrackSid};
use huddle_tap::{LocalEnd, Source};

use crate::Error;
use crate::capture::Room;
use crate::capture::unit::{self, Unit};
use crate::chime::Chime;
use crate::meeting::{Person, Reader, Track};
use crate::port::{
    Command, Config, Device, DeviceState, Fault, Handle, RecordingEnd, RecordingSource, Report, ReportSink,
    SpeakerSpec, StartRecording,
};
use crate::publish::{Has, Publisher};
use crate::receive::Media;
use crate::recorder::encoder;
use crate::recorder::writer::Space;
use crate::recorder::{Job, Recording};
use crate::speaker::Speaker;
use crate::tv::Tv;
use crate::wishes::{Own, Wishes};

/// Commands that may wait; more are refused ([`crate::port::Busy`]).
const COMMANDS: usize = 256;
/// How often everything is looked after.
const TICK: Duration = Duration::from_millis(20);
/// How long recordings have to be finished at the end.
const FAREWELL: Duration = Duration::from_secs(9);

/// Starts the media thread.
pub(crate) fn start(config: Config, reports: ReportSink) -> Result<(Handle, JoinHandle<()>), Error> {
    let (sender, commands) = bounded(COMMANDS);
    let capture = Arc::new(Room::default());
    let tv = Tv::start(&config, capture.clone(), reports.clone())?;
    let beats = Arc::<AtomicU64>::default();
    let handle = Handle {
        commands: sender,
        snapshot: Arc::new(tv.snapshot()),
        scene: Arc::new(tv.scene()),
        beats: beats.clone(),
    };
    let control = Control::new(config, reports, capture, tv);
    let thread = std::thread::Builder::new().name("media".into());
    let thread = thread.spawn(move || control.run(&commands, &beats)).map_err(Error::Thread)?;
    let warm = std::thread::Builder::new().name("media-warm-up".into()).spawn(encoder::warm_up);
    warm.map_err(Error::Thread)?;
    Ok((handle, thread))
}

struct Control {
    config: Config,
    reports: ReportSink,
    capture: Arc<Room>,
    units: Vec<Unit>,
    states: BTreeMap<Device, DeviceState>,
    session: Option<Session>,
    chime: Option<Chime>,
    /// What the conductor calls the session.
    sid: Option<ParticipantSid>,
    recordings: HashMap<RecordingId, Recording>,
    disk_full: Arc<AtomicBool>,
    tv: Tv,
    /// The session has wishes.
    wake: (Sender<()>, Receiver<()>),
}

/// The room in a meeting.
struct Session {
    reader: Reader,
    wishes: Arc<Wishes>,
    publisher: Publisher,
    identity: Identity,
    name: Arc<str>,
    mic_muted: bool,
    camera_off: bool,
    speaker: Option<Speaker>,
}

impl Control {
    fn new(config: Config, reports: ReportSink, capture: Arc<Room>, tv: Tv) -> Self {
        let units = unit::units(&config, Instant::now());
        Self {
            config,
            reports,
            capture,
            units,
            states: BTreeMap::new(),
            session: None,
            chime: None,
            sid: None,
            recordings: HashMap::new(),
            disk_full: Arc::default(),
            tv,
            wake: bounded(1),
        }
    }

    fn run(mut self, commands: &Receiver<Command>, beats: &AtomicU64) {
        let woken = self.wake.1.clone();
        loop {
            beats.fetch_add(1, Ordering::Relaxed);
            select! {
                recv(commands) -> command => match command {
                    Ok(Command::Shutdown) | Err(_) => break,
                    Ok(command) => self.command(command),
                },
                recv(woken) -> _ => {}
                default(TICK) => {}
            }
            self.take_wishes();
            self.look_after(Instant::now());
            if let Some(part) = self.dead_part() {
                tracing::error!(part, "a thread has died; media ends");
                break;
            }
        }
        self.shut_down();
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::JoinRoom { tap, session, identity, name, mic_muted, camera_off } => {
                self.leave();
                match self.join(tap, identity, &name, mic_muted, camera_off) {
                    Ok(()) => self.sid = Some(session),
                    Err(error) => {
                        tracing::error!(%error, "the room cannot take part");
                        self.leave();
                        self.report(Report::RoomClosed { session });
                    }
                }
            }
            Command::LeaveRoom => self.leave(),
            Command::MuteMicrophone(muted) => self.mute_microphone(muted),
            Command::CameraOff(off) => self.camera_off(off),
            Command::StartRecording(start) => self.record(*start),
            Command::StopRecording(id) => {
                if let Some(recording) = self.recordings.get_mut(&id) {
                    recording.stop();
                }
            }
            Command::MoveRecording { id, tap } => self.move_recording(&id, tap),
            Command::Chime => self.chime(Instant::now()),
            Command::Inject(fault) => self.inject(fault),
            Command::Shutdown => {}
        }
    }

    fn join(
        &mut self,
        tap: LocalEnd,
        identity: Identity,
        name: &str,
        mic_muted: bool,
        camera_off: bool,
    ) -> Result<(), Error> {
        let (wishes, wake) = (Arc::<Wishes>::default(), self.wake.0.clone());
        let has = self.has();
        let publisher = Publisher::new(tap.uplink(), has, mic_muted, camera_off)?;
        let told = wishes.clone();
        let reader = Reader::start(tap, Some(identity.clone()), move |own| {
            told.put(own);
            // Full: it wakes anyway.
            let _ = wake.try_send(());
        })?;
        self.capture.connect(Some(publisher.inputs()));
        let meeting = reader.meeting.clone();
        let speaker = (self.config.speaker != SpeakerSpec::None)
            .then(|| Speaker::start(meeting.clone()))
            .transpose()?;
        let name = Arc::from(name);
        self.session =
            Some(Session { reader, wishes, publisher, identity, name, mic_muted, camera_off, speaker });
        self.apply(has);
        self.tv.meeting(Some(meeting));
        Ok(())
    }

    /// Puts the session's mute states into effect everywhere.
    fn apply(&mut self, has: Has) {
        let now = Instant::now();
        let Some(session) = &self.session else { return };
        let (camera, microphone) = (!session.camera_off, !session.mic_muted);
        session.reader.meeting.put(session.person(&self.capture, has));
        self.capture.set_camera(camera);
        self.capture.set_microphone(microphone);
        for unit in &mut self.units {
            let devices = unit.devices();
            let wanted = devices.iter().any(|device| match device {
                Device::Camera => camera,
                Device::Microphone => microphone,
                Device::Speaker => true,
                Device::Display => false,
            });
            unit.want(wanted, &self.capture, now);
        }
    }

    fn leave(&mut self) {
        let now = Instant::now();
        self.tv.meeting(None);
        self.capture.connect(None);
        self.capture.set_camera(false);
        self.capture.set_microphone(false);
        for unit in &mut self.units {
            unit.want(false, &self.capture, now);
        }
        self.session = None;
    }

    /// Which tracks the room can have.
    fn has(&self) -> Has {
        let any = |device| self.units.iter().any(|u| u.devices().contains(&device));
        Has { camera: any(Device::Camera), microphone: any(Device::Microphone) }
    }

    fn mute_microphone(&mut self, muted: bool) {
        if let Some(session) = self.session.as_mut().filter(|s| s.mic_muted != muted) {
            session.mic_muted = muted;
            session.publisher.mute(session.publisher.microphone(), muted);
            self.apply(self.has());
        }
    }

    fn camera_off(&mut self, off: bool) {
        if let Some(session) = self.session.as_mut().filter(|s| s.camera_off != off) {
            session.camera_off = off;
            session.publisher.mute(session.publisher.camera(), off);
            if !off {
                session.publisher.all_keyframes(Instant::now());
            }
            self.apply(self.has());
        }
    }

    fn take_wishes(&mut self) {
        let wishes = self.session.as_ref().map(|s| s.wishes.take()).unwrap_or_default();
        wishes.into_iter().for_each(|own| self.own(own));
    }

    fn own(&mut self, own: Own) {
        let now = Instant::now();
        let Some(session) = self.session.as_mut() else { return };
        match own {
            Own::Keyframe(layer) => session.publisher.keyframe(layer, now),
            Own::Layers(wanted) => session.publisher.want(wanted, now),
            Own::Mute(track) => self.muted_by_moderator(track),
            Own::Closed => self.lost_room(),
        }
    }

    /// The SFU has closed the room's tap.
    fn lost_room(&mut self) {
        self.leave();
        if let Some(session) = self.sid.take() {
            self.report(Report::RoomClosed { session });
        }
    }

    fn muted_by_moderator(&mut self, track: TrackSid) {
        let Some(session) = &self.session else { return };
        let device = if track == *session.publisher.camera() { Device::Camera } else { Device::Microphone };
        match device {
            Device::Camera => self.camera_off(true),
            Device::Microphone | Device::Speaker | Device::Display => self.mute_microphone(true),
        }
        self.report(Report::MutedByModerator { track, device });
    }

    fn record(&mut self, start: StartRecording) {
        let id = start.id.clone();
        if let Err(reason) = self.try_record(start) {
            self.report(Report::RecordingRefused { id, reason });
        }
    }

    fn try_record(&mut self, start: StartRecording) -> Result<(), String> {
        if self.recordings.contains_key(&start.id) {
            return Err("This recording is running already".into());
        }
        let (meeting, reader) = match start.source {
            RecordingSource::Room => {
                let session = self.session.as_ref().ok_or("The room is in no meeting")?;
                (session.reader.meeting.clone(), None)
            }
            RecordingSource::Tap(tap) => {
                let reader = Reader::start(tap, None, |_| {}).map_err(|e| e.to_string())?;
                (reader.meeting.clone(), Some(reader))
            }
        };
        let job = Job {
            id: start.id.clone(),
            path: start.path,
            meeting,
            reader,
            layout: start.layout,
            size: start.size,
            fps: start.fps,
            asked_at: start.asked_at,
            space: Space { reserve: self.config.disk_reserve, full: self.disk_full.clone() },
        };
        let recording = Recording::start(job, self.reports.clone())?;
        self.recordings.insert(start.id, recording);
        Ok(())
    }

    fn move_recording(&mut self, id: &RecordingId, tap: LocalEnd) {
        let Some(recording) = self.recordings.get(id) else { return };
        match Reader::start(tap, None, |_| {}) {
            Ok(reader) => recording.listen_to(reader),
            Err(error) => tracing::error!(%error, "a recording cannot go on without the room"),
        }
    }

    /// Opens the speaker for as long as the tones take; the room is in no meeting then.
    fn chime(&mut self, now: Instant) {
        if self.session.is_some() || self.config.speaker == SpeakerSpec::None {
            return;
        }
        match Chime::start(now) {
            Ok(chime) => self.chime = Some(chime),
            Err(error) => return tracing::warn!(%error, "a call cannot be heard"),
        }
        self.open_speaker(true, now);
    }

    fn open_speaker(&mut self, open: bool, now: Instant) {
        let speakers = self.units.iter_mut().filter(|u| u.devices().contains(&Device::Speaker));
        speakers.for_each(|unit| unit.want(open, &self.capture, now));
    }

    fn look_after_chime(&mut self, now: Instant) {
        let Some(chime) = &self.chime else { return };
        if self.session.is_some() || chime.is_over(now) {
            self.chime = None;
            if self.session.is_none() {
                self.open_speaker(false, now);
            }
        } else {
            chime.connect(self.units.iter().find_map(Unit::speaker));
        }
    }

    fn inject(&mut self, fault: Fault) {
        let broken = match fault {
            Fault::Camera => Device::Camera,
            Fault::Microphone => Device::Microphone,
            Fault::Display => return self.tv.break_display(),
            Fault::DiskFull(full) => return self.disk_full.store(full, Ordering::Relaxed),
        };
        self.units.iter().filter(|u| u.devices().contains(&broken)).for_each(Unit::break_it);
    }

    fn look_after(&mut self, now: Instant) {
        for unit in &mut self.units {
            unit.poll(&self.capture, now);
        }
        if let Some(session) = &mut self.session {
            if session.publisher.repair(now) {
                self.capture.connect(Some(session.publisher.inputs()));
            }
            if let Some(speaker) = &session.speaker {
                speaker.connect(self.units.iter().find_map(Unit::speaker));
            }
        }
        self.look_after_chime(now);
        if self.session.as_ref().is_some_and(|s| s.reader.meeting.is_closed()) {
            self.lost_room();
        }
        self.look_after_recordings();
        self.report_devices();
    }

    fn look_after_recordings(&mut self) {
        for (id, recording) in self.recordings.extract_if(|_, recording| recording.is_over()) {
            if recording.has_panicked() {
                tracing::error!(%id, "the thread of a recording panicked");
                // What there is of the file is found at the next start.
                let end = RecordingEnd::Failed("The recorder has failed".into());
                (self.reports)(Report::RecordingEnded { id, end, file: None });
            }
        }
    }

    /// A thread that must run and does not.
    fn dead_part(&self) -> Option<&'static str> {
        let speaker = self.session.as_ref().and_then(|s| s.speaker.as_ref());
        let parts = [("TV", self.tv.has_died()), ("speaker", speaker.is_some_and(Speaker::has_died))];
        parts.into_iter().find(|(_, dead)| *dead).map(|(part, _)| part)
    }

    fn report_devices(&mut self) {
        let session = self.session.as_ref();
        let off = |device| match device {
            Device::Camera => session.is_none_or(|s| s.camera_off),
            Device::Microphone => session.is_none_or(|s| s.mic_muted),
            Device::Speaker | Device::Display => session.is_none(),
        };
        let states =
            self.units.iter().flat_map(|u| u.devices().into_iter().map(move |d| (d, u.state().clone())));
        let states =
            states.map(|(device, state)| (device, if off(device) { DeviceState::Standby } else { state }));
        let changed: Vec<_> =
            states.filter(|(device, state)| self.states.get(device) != Some(state)).collect();
        for (device, state) in changed {
            self.states.insert(device, state.clone());
            self.report(Report::Device { device, state });
        }
    }

    fn report(&self, report: Report) {
        (self.reports)(report);
    }

    /// Ends everything; recordings are finished first.
    fn shut_down(mut self) {
        let patience = Instant::now() + FAREWELL;
        self.recordings.values_mut().for_each(Recording::stop);
        while self.recordings.values().any(|r| !r.is_over()) && Instant::now() < patience {
            std::thread::park_timeout(TICK);
        }
        self.look_after_recordings();
        self.leave();
    }
}

impl Session {
    /// The room as a participant of its own meeting.
    fn person(&self, capture: &Room, has: Has) -> Person {
        let track = |sid: &TrackSid, source, muted, media| Track {
            sid: sid.clone(),
            source,
            muted,
            encrypted: false,
            media,
        };
        let camera = has.camera.then(|| {
            let media = Media::Pictures(capture.pictures.clone());
            track(self.publisher.camera(), Source::Camera, self.camera_off, media)
        });
        let microphone = has.microphone.then(|| {
            let media = Media::Sound(capture.sound.clone());
            track(self.publisher.microphone(), Source::Microphone, self.mic_muted, media)
        });
        let tracks = camera.into_iter().chain(microphone).collect();
        Person { identity: self.identity.clone(), name: self.name.clone(), local: true, tracks }
    }
}
