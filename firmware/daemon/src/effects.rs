//! The conductor's hands: what each effect means to the other crates.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use huddle_board::Board;
use huddle_core::indicator::Leds;
use huddle_core::recording::Recording;
use huddle_core::state::{Admitted, Effect, Eviction, Scene};
use huddle_livekit::grants::to_sfu;
use huddle_livekit::proto::DisconnectReason;
use huddle_media::port as media;
use huddle_sfu::port as sfu;
use huddle_tap::{Down, LocalEnd, TapEvent};

use crate::conductor::{Conductor, Message};
use crate::courier::Courier;
use crate::files::Files;
use crate::outbox::Outbox;
use crate::pulse::Pulse;
use crate::signals;
use crate::translate;

/// The SFU answers a request for a tap within this time; it takes microseconds.
const TAP_LIMIT: Duration = Duration::from_secs(2);
/// The disk is measured this often.
const DISK: Duration = Duration::from_secs(2);

/// Handles of everything the conductor drives.
pub(crate) struct Hands {
    pub(crate) sfu: sfu::Handle,
    pub(crate) media: media::Handle,
    pub(crate) board: Option<Board>,
    pub(crate) recordings: PathBuf,
    /// Begins links: `https://192.0.2.7`.
    pub(crate) base: String,
    /// When the press or request that is being handled came in.
    pub(crate) asked_at: Instant,
    pub(crate) leds: Option<Leds>,
    pub(crate) media_thread: Option<JoinHandle<()>>,
    pub(crate) sfu_thread: Option<JoinHandle<()>>,
    pub(crate) media_pulse: Pulse,
    pub(crate) sfu_pulse: Pulse,
    pub(crate) for_sfu: Outbox<sfu::Command>,
    pub(crate) for_media: Outbox<media::Command>,
    pub(crate) courier: Courier,
    pub(crate) files: Files,
    pub(crate) conductor: Conductor,
    pub(crate) reports: std::sync::Arc<dyn Fn(media::Report) + Send + Sync>,
}

impl Hands {
    /// Lamps.
    pub(crate) fn light(&mut self, leds: Leds) {
        if self.leds.replace(leds) != Some(leds)
            && let Some(board) = &self.board
        {
            board.show(leds);
        }
    }

    /// The TV.
    pub(crate) fn draw(&self, scene: Scene, clock: String) {
        let scene = translate::scene(scene, &self.base, clock);
        self.media.show(scene);
    }

    /// Everything but saving and telling consoles, which the conductor does itself.
    pub(crate) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Persist(_) | Effect::RecordingChanged { .. } => {}
            Effect::AfterSave(effect) => self.carry_out(*effect),
            Effect::Evict { room, identity, sid, why } => {
                let reason = match why {
                    Eviction::Removed => DisconnectReason::ParticipantRemoved,
                    Eviction::MeetingEnded => DisconnectReason::RoomDeleted,
                    Eviction::Elsewhere => DisconnectReason::DuplicateIdentity,
                };
                self.tell_sfu(sfu::Command::Remove { room, identity, sid: Some(sid), reason });
            }
            Effect::EndMeeting { room } => {
                let reason = DisconnectReason::RoomDeleted;
                self.tell_sfu(sfu::Command::EndMeeting { room, reason });
            }
            Effect::Grant { room, identity, grants, badge, version } => {
                let grants = to_sfu(grants);
                let told = signals::granted(room.clone(), identity.clone(), badge);
                self.tell_sfu(sfu::Command::Grant { room, identity, grants, version });
                // The SFU has them before the client hears of them (P4).
                self.tell(told);
            }
            Effect::SwitchOff { room, identity, what } => {
                let sources = signals::sources(what);
                self.tell_sfu(sfu::Command::SwitchOff { room, identity, sources });
            }
            Effect::EndingSoon { room } => self.tell([signals::ending_soon(room)]),
            Effect::UpdateParticipant { room, identity, name, metadata, attributes } => {
                let command = sfu::Command::UpdateParticipant { room, identity, name, metadata, attributes };
                self.tell_sfu(command);
            }
            Effect::RoomMetadata { room, metadata } => {
                let (metadata, recording) = (Some(metadata), None);
                self.tell_sfu(sfu::Command::UpdateRoom { room, metadata, recording });
            }
            Effect::ShowRecording { room, on } => {
                let (metadata, recording) = (None, Some(on));
                self.tell_sfu(sfu::Command::UpdateRoom { room, metadata, recording });
            }
            Effect::EndpointJoin { admitted, mic_muted, camera_off } => {
                self.join_room(*admitted, mic_muted, camera_off);
            }
            Effect::EndpointLeave => self.tell_media(media::Command::LeaveRoom),
            Effect::EndpointMic { muted } => self.tell_media(media::Command::MuteMicrophone(muted)),
            Effect::EndpointCamera { off } => self.tell_media(media::Command::CameraOff(off)),
            // The TV's notice says who it is.
            Effect::Announce { .. } => self.tell_media(media::Command::Chime),
            Effect::RecordStart { recording, recorder, shared } => {
                self.record(&recording, *recorder, shared);
            }
            Effect::RecordMove { id, recorder } => match self.open_tap(*recorder) {
                Some(tap) => self.tell_media(media::Command::MoveRecording { id, tap }),
                None => self.tell_media(media::Command::StopRecording(id)),
            },
            Effect::RecordStop { id } => self.tell_media(media::Command::StopRecording(id)),
            Effect::RecorderLeave { room, identity } => {
                let reason = DisconnectReason::ClientInitiated;
                self.tell_sfu(sfu::Command::Remove { room, identity, sid: None, reason });
            }
            Effect::Deliver(attempt) => {
                let (conductor, to, number) =
                    (self.conductor.clone(), attempt.webhook_id.clone(), attempt.number);
                let done = move |outcome| conductor.report(Message::Tried(to, number, outcome));
                self.courier.deliver(*attempt, done);
            }
            Effect::RemoveFiles { recording } => self.files.remove(*recording),
        }
    }

    fn tell(&mut self, packets: impl IntoIterator<Item = sfu::Command>) {
        packets.into_iter().for_each(|packet| self.tell_sfu(packet));
    }

    fn join_room(&mut self, admitted: Admitted, mic_muted: bool, camera_off: bool) {
        let (identity, name) = (admitted.identity.clone(), admitted.name.clone());
        let session = admitted.sid.clone();
        match self.open_tap(admitted) {
            Some(tap) => {
                let join = media::Command::JoinRoom { tap, session, identity, name, mic_muted, camera_off };
                self.tell_media(join);
            }
            None => (self.reports)(media::Report::RoomClosed { session }),
        }
    }

    fn record(&mut self, recording: &Recording, recorder: Admitted, shared: bool) {
        let Some(tap) = self.open_tap(seat(recorder, shared)) else {
            let reason = "The recorder could not join the meeting".to_owned();
            let id = recording.recording_id.clone();
            return (self.reports)(media::Report::RecordingRefused { id, reason });
        };
        let source = if shared {
            idle(tap);
            media::RecordingSource::Room
        } else {
            media::RecordingSource::Tap(tap)
        };
        let (size, fps) = recording.encoding.picture();
        let start = media::StartRecording {
            id: recording.recording_id.clone(),
            path: self.recordings.join(recording.filename()),
            source,
            layout: translate::layout(recording.layout),
            size,
            fps,
            asked_at: self.asked_at,
        };
        self.tell_media(media::Command::StartRecording(Box::new(start)));
    }

    fn open_tap(&mut self, admitted: Admitted) -> Option<LocalEnd> {
        let (reply, answer) = crossbeam_channel::bounded(1);
        let admission = Box::new(translate::admission(admitted));
        self.tell_sfu(sfu::Command::OpenTap { admission, reply });
        answer.recv_timeout(TAP_LIMIT).ok()
    }

    fn tell_sfu(&mut self, command: sfu::Command) {
        let sfu = &self.sfu;
        self.for_sfu.send(command, |command| sfu.offer(command));
    }

    fn tell_media(&mut self, command: media::Command) {
        let media = &self.media;
        self.for_media.send(command, |command| media.offer(command));
    }

    /// Sends what did not fit before. True while something still waits.
    pub(crate) fn send_waiting(&mut self) -> bool {
        let (sfu, media) = (&self.sfu, &self.media);
        self.for_sfu.flush(|command| sfu.offer(command));
        self.for_media.flush(|command| media.offer(command));
        self.for_sfu.is_waiting() || self.for_media.is_waiting()
    }

    /// The name of a thread that must run and does not, hangs, or takes no commands.
    pub(crate) fn dead(&mut self) -> Option<&'static str> {
        let stuck = [("sfu", self.for_sfu.is_stuck()), ("media", self.for_media.is_stuck())];
        let stuck = stuck.into_iter().find(|(_, stuck)| *stuck).map(|(name, _)| name);
        let board = self.board.as_ref().is_some_and(Board::has_died).then_some("board");
        let now = Instant::now();
        let sfu = self.sfu_pulse.hangs(self.sfu.beats(), now).then_some("sfu");
        let media = self.media_pulse.hangs(self.media.beats(), now).then_some("media");
        let dead = first_dead(&[("sfu", &self.sfu_thread), ("media", &self.media_thread)]);
        dead.or(board).or(sfu).or(media).or(stuck)
    }

    /// Recordings are finished, pipelines end.
    pub(crate) fn stop_media(&mut self) {
        self.tell_media(media::Command::Shutdown);
    }

    /// Until its thread has ended.
    pub(crate) fn media_runs(&self) -> bool {
        self.media_thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Clients are told to come back; waits until that is sent.
    pub(crate) fn stop_sfu(&mut self) {
        self.tell_sfu(sfu::Command::Shutdown);
        let until = Instant::now() + TAP_LIMIT;
        while self.send_waiting() && Instant::now() < until {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        if self.for_sfu.is_waiting() {
            tracing::error!("the SFU does not end");
            return;
        }
        if let Some(thread) = self.sfu_thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the SFU thread had failed");
        }
    }
}

fn first_dead(threads: &[(&'static str, &Option<JoinHandle<()>>)]) -> Option<&'static str> {
    let dead = |thread: &Option<JoinHandle<()>>| thread.as_ref().is_some_and(JoinHandle::is_finished);
    threads.iter().find(|(_, thread)| dead(thread)).map(|(name, _)| *name)
}

/// A recorder that shares the room's decoders only sits in the list: what it subscribed to would make
/// everybody send their largest layers, to be thrown away.
fn seat(mut recorder: Admitted, shared: bool) -> Admitted {
    recorder.grants.subscribe &= !shared;
    recorder
}

/// A listed recorder that shares the room's decoders still has to read what its tap says.
fn idle(tap: LocalEnd) {
    let listen = move || {
        loop {
            match tap.recv(Duration::from_secs(60)) {
                Ok(Some(Down::Event(TapEvent::Closed))) | Err(_) => return,
                Ok(_) => {}
            }
        }
    };
    if std::thread::Builder::new().name("recorder-seat".to_owned()).spawn(listen).is_err() {
        tracing::warn!("the recorder is not shown in the list: no thread");
    }
}

/// Measures the recordings disk every two seconds, on a thread of its own: a disk that hangs
/// must not freeze lamps and buttons.
pub(crate) fn watch_disk(folder: PathBuf, conductor: Conductor) -> std::io::Result<()> {
    let watch = move || {
        loop {
            match nix::sys::statvfs::statvfs(&folder) {
                Ok(disk) => {
                    let unit = disk.fragment_size();
                    let (all, free) = (disk.blocks() * unit, disk.blocks_available() * unit);
                    conductor.hint(Message::Disk(all, free, folder_size(&folder)));
                }
                Err(error) => tracing::warn!(%error, "the recordings disk cannot be measured"),
            }
            std::thread::sleep(DISK);
        }
    };
    std::thread::Builder::new().name("disk".to_owned()).spawn(watch).map(|_| ())
}

fn folder_size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|e| e.metadata().ok()).filter(|m| m.is_file()).map(|m| m.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use huddle_core::ids::{Identity, MeetingSid, ParticipantSid, RoomId};
    use huddle_core::meeting::ParticipantKind;
    use huddle_core::state::MediaGrants;
    use huddle_core::units::UnixMillis;

    #[test]
    fn only_a_recorder_with_decoders_of_its_own_receives_anything() {
        let recorder = || Admitted {
            room: RoomId::new("room"),
            meeting: MeetingSid::new("RM_1"),
            started: UnixMillis(0),
            room_metadata: String::new(),
            recording: true,
            identity: Identity::new("recorder"),
            sid: ParticipantSid::new("PA_1"),
            name: "Recording".to_owned(),
            metadata: String::new(),
            attributes: Default::default(),
            kind: ParticipantKind::Recorder,
            grants: MediaGrants::RECORDER,
            version: 1,
        };
        assert!(seat(recorder(), false).grants.subscribe);
        assert!(!seat(recorder(), true).grants.subscribe);
    }

    #[test]
    fn a_thread_that_has_ended_is_noticed() {
        let (end, wait) = crossbeam_channel::bounded::<()>(0);
        let alive = Some(std::thread::spawn(move || while wait.recv().is_ok() {}));
        let gone = std::thread::spawn(|| {});
        while !gone.is_finished() {
            std::thread::yield_now();
        }
        assert_eq!(first_dead(&[("sfu", &alive), ("media", &None)]), None);
        assert_eq!(first_dead(&[("sfu", &alive), ("media", &Some(gone))]), Some("media"));
        drop(end);
    }
}
