//! Recording policy: who starts, what may run, how it ends (`features.md` §6).

use std::time::Duration;

use super::{BoxState, Change, Ctx, Effect, Endpoint, Now, Refusal, Write};
use crate::ids::{Identity, RecordingId, RoomId};
use crate::indicator::Tally;
use crate::meeting::ParticipantKind;
use crate::recording::{EndReason, Ended, FinishedFile, Recording, RecordingStatus, RecordingWishes};
use crate::room::Room;
use crate::units::UnixMillis;

/// Who asked for a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartedBy {
    /// A participant in the meeting: it ends with the meeting.
    Participant,
    /// The button, the console or REST: in the home room it also records the room alone and
    /// keeps the meeting until it is stopped.
    Box,
}

/// Where a recording is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunPhase {
    /// Asked for; no frame yet.
    Starting {
        /// Monotonic.
        since: Duration,
    },
    /// Frames are written since (monotonic).
    Active {
        /// First frame.
        since: Duration,
    },
    /// Stopped; the file is being finished.
    Ending {
        /// Monotonic.
        since: Duration,
    },
}

/// A recording that is not over.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingRun {
    /// Its record.
    pub recording: Recording,
    /// Phase.
    pub phase: RunPhase,
    /// Uses the room endpoint's decoders.
    pub shared: bool,
    /// The meeting does not end while it runs.
    pub keeps_meeting: bool,
    /// The recorder in the participant list.
    pub recorder: Identity,
    /// Stopped before its first frame: nothing of it is kept.
    pub cancelled: bool,
    /// Why it was stopped.
    pub why: Option<EndReason>,
}

/// A recording that has no first frame by then has failed.
const START_LIMIT: Duration = Duration::from_secs(20);
/// A file that is not finished by then is not waited for any longer: it is listed when it is, or
/// after the next start of the box.
const FINISH_LIMIT: Duration = Duration::from_secs(120);

impl RecordingRun {
    pub(super) fn is_ending(&self) -> bool {
        matches!(self.phase, RunPhase::Ending { .. })
    }

    /// When it is given up (monotonic).
    pub fn deadline(&self) -> Option<Duration> {
        match self.phase {
            RunPhase::Starting { since } => Some(since + START_LIMIT),
            RunPhase::Ending { since } => Some(since + FINISH_LIMIT),
            RunPhase::Active { .. } => None,
        }
    }
}

/// How media says a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingOutcome {
    /// As asked.
    Complete,
    /// The disk reserve was reached.
    LimitReached,
    /// It broke.
    Failed(String),
}

impl BoxState {
    /// Starts a recording, or says why not. A refusal at the box itself is also shown on TV and
    /// LED (B5).
    pub fn start_recording(
        &mut self,
        room: &RoomId,
        by: StartedBy,
        wishes: RecordingWishes,
        ctx: &mut Ctx<'_>,
    ) -> Result<Recording, Refusal> {
        let room = self.room(room)?.clone();
        if let Err(refusal) = self.may_record(&room, by) {
            if refusal == Refusal::DiskFull && room.room_id == self.settings.home_room {
                self.fault("Disk is full – recording is not possible", ctx.now);
            }
            return Err(refusal);
        }
        let home = room.room_id == self.settings.home_room;
        if home && by == StartedBy::Box && self.endpoint != Endpoint::Joined {
            self.endpoint_join(ctx);
        }
        let recorder = self.local(&room, ParticipantKind::Recorder, ctx);
        self.list_local(&room.room_id, &recorder, ctx);
        let recording = new_recording(&room, wishes, ctx);
        let run = RecordingRun {
            recording: recording.clone(),
            phase: RunPhase::Starting { since: ctx.now.mono },
            shared: home && self.endpoint == Endpoint::Joined,
            keeps_meeting: home && by == StartedBy::Box,
            recorder: recorder.identity.clone(),
            cancelled: false,
            why: None,
        };
        self.push(Effect::RecordStart {
            recording: Box::new(recording.clone()),
            recorder: Box::new(recorder),
            shared: run.shared,
        });
        self.runs.insert(room.room_id.clone(), run);
        if let Some(meeting) = self.meetings.get_mut(&room.room_id) {
            meeting.recorded = true;
        }
        self.tell_ended(&room.room_id, None);
        if home {
            // What the TV said before is over.
            self.notice = None;
            self.fault_until = None;
        }
        self.note("recording.start", recording.recording_id.as_str(), "", ctx);
        self.tell_and_save(None, recording.clone(), ctx);
        Ok(recording)
    }

    fn may_record(&self, room: &Room, by: StartedBy) -> Result<(), Refusal> {
        let id = &room.room_id;
        if room.features().recording_off {
            return Err(Refusal::RecordingDisabled(id.clone()));
        }
        if self.runs.contains_key(id) {
            return Err(Refusal::AlreadyRecording(id.clone()));
        }
        let alone_allowed = *id == self.settings.home_room && by == StartedBy::Box;
        let people = self.meetings.get(id).is_some_and(|m| m.remotes().next().is_some());
        if !people && !alone_allowed {
            return Err(Refusal::NoParticipants(id.clone()));
        }
        if self.disk.is_full(self.settings.disk_reserve) {
            return Err(Refusal::DiskFull);
        }
        Ok(())
    }

    /// Stops a recording.
    pub fn stop_recording(&mut self, id: &RecordingId, ctx: &mut Ctx<'_>) -> Result<Recording, Refusal> {
        let found = self.runs.iter().find(|(_, run)| run.recording.recording_id == *id);
        let (room, run) = found.ok_or_else(|| Refusal::RecordingNotFound(id.clone()))?;
        if run.is_ending() {
            return Err(Refusal::RecordingStopped(id.clone()));
        }
        let room = room.clone();
        self.note("recording.stop", id.as_str(), "", ctx);
        self.stop_run(&room, EndReason::Stopped, ctx).ok_or_else(|| Refusal::RecordingNotFound(id.clone()))
    }

    pub(super) fn stop_run(&mut self, room: &RoomId, why: EndReason, ctx: &mut Ctx<'_>) -> Option<Recording> {
        let run = self.runs.get_mut(room)?;
        if run.is_ending() {
            return Some(run.recording.clone());
        }
        run.why = Some(why);
        run.cancelled = matches!(run.phase, RunPhase::Starting { .. });
        run.phase = RunPhase::Ending { since: ctx.now.mono };
        run.keeps_meeting = false;
        let before = run.recording.clone();
        run.recording.status = RecordingStatus::Ending;
        run.recording.end_date = Some(ctx.now.wall);
        let after = run.recording.clone();
        if let Some(meeting) = self.meetings.get_mut(room) {
            // A meeting of the room alone ends with its recording, without the grace for guests.
            if !meeting.had_guests && meeting.empty_since.is_some() {
                meeting.empty_since = Some(Duration::ZERO);
            }
        }
        self.push(Effect::RecordStop { id: after.recording_id.clone() });
        self.push(Effect::ShowRecording { room: room.clone(), on: false });
        self.tell_and_save(Some(before), after.clone(), ctx);
        Some(after)
    }

    /// The first frame is in the file.
    pub fn recording_started(&mut self, id: &RecordingId, ctx: &mut Ctx<'_>) {
        let Some((room, run)) = self.runs.iter_mut().find(|(_, r)| r.recording.recording_id == *id) else {
            return;
        };
        if !matches!(run.phase, RunPhase::Starting { .. }) {
            return;
        }
        run.phase = RunPhase::Active { since: ctx.now.mono };
        let before = run.recording.clone();
        run.recording.status = RecordingStatus::Active;
        run.recording.start_date = ctx.now.wall;
        let (room, after) = (room.clone(), run.recording.clone());
        self.push(Effect::ShowRecording { room, on: true });
        self.tell_and_save(Some(before), after, ctx);
    }

    /// The file is finished, or there is none.
    pub fn recording_ended(
        &mut self,
        id: &RecordingId,
        outcome: &RecordingOutcome,
        file: Option<FinishedFile>,
        ctx: &mut Ctx<'_>,
    ) {
        let found = self.runs.iter().find(|(_, r)| r.recording.recording_id == *id);
        let room = found.map(|(room, _)| room.clone());
        let Some((room, run)) = room.and_then(|room| self.runs.remove_entry(&room)) else {
            self.finished_late(id, outcome, file, ctx);
            return;
        };
        // Stopped before its first frame, it is as wanted, whatever the recorder says of no frame.
        let outcome = if run.cancelled { &RecordingOutcome::Complete } else { outcome };
        let before = run.recording.clone();
        let (ending, why) = (run.is_ending(), end_reason(&run, outcome));
        let file = file.filter(|_| !run.cancelled);
        let after = finished(run.recording, outcome, why, file, ctx.now.wall);
        // The reason first: who sees the indicator go out knows why.
        let ended = Ended {
            recording_id: after.recording_id.clone(),
            status: after.status,
            end_reason: why,
            end_date: after.end_date.unwrap_or(ctx.now.wall),
        };
        self.tell_ended(&room, Some(ended));
        if !ending {
            self.push(Effect::ShowRecording { room: room.clone(), on: false });
        }
        self.push(Effect::RecorderLeave { room: room.clone(), identity: run.recorder.clone() });
        if let Some(meeting) = self.meetings.get_mut(&room) {
            meeting.participants.remove(&run.recorder);
        }
        self.say_how_it_ended(&room, &after, outcome, ctx.now);
        if run.cancelled {
            self.push(Effect::RemoveFiles { recording: Box::new(after.clone()) });
        }
        self.tell_and_save(Some(before), after.clone(), ctx);
        if after.doomed {
            // It is over, so nothing refuses.
            let _ = self.delete_recording(&after.recording_id, ctx);
        }
        self.tick_meetings(ctx);
        self.record_by_itself(&room, ctx);
    }

    /// The file of a recording that was given up is finished after all.
    fn finished_late(
        &mut self,
        id: &RecordingId,
        outcome: &RecordingOutcome,
        file: Option<FinishedFile>,
        ctx: &mut Ctx<'_>,
    ) {
        let given_up = self.tables.recordings.get(id).filter(|r| r.lacks_its_file()).cloned();
        let (Some(before), Some(file)) = (given_up, file) else { return };
        let why = match outcome {
            RecordingOutcome::Complete => EndReason::Stopped,
            RecordingOutcome::LimitReached => EndReason::DiskFull,
            RecordingOutcome::Failed(_) => EndReason::Failed,
        };
        let recording = Recording { error: None, ..before.clone() };
        let after = finished(recording, outcome, why, Some(file), ctx.now.wall);
        self.say_how_it_ended(&after.room_id, &after, outcome, ctx.now);
        self.tell_and_save(Some(before), after, ctx);
    }

    /// The recording is still running or being finished: it is deleted afterwards.
    pub(super) fn delete_when_finished(&mut self, id: &RecordingId) {
        if let Some(run) = self.runs.values_mut().find(|run| run.recording.recording_id == *id) {
            let before = run.recording.clone();
            run.recording.doomed = true;
            let after = run.recording.clone();
            self.save_recording(Some(before), Some(after));
        }
    }

    fn tell_ended(&mut self, room: &RoomId, ended: Option<Ended>) {
        if let Some(meeting) = self.meetings.get_mut(room)
            && meeting.recording_ended != ended
        {
            meeting.recording_ended = ended;
            self.show_metadata(room);
        }
    }

    /// The room leaves its meeting: a recording that uses its decoders goes on by itself while
    /// somebody else is there, and is saved otherwise.
    pub(super) fn detach_recording(&mut self, room: &RoomId, ctx: &mut Ctx<'_>) {
        let guests = self.meetings.get(room).is_some_and(|m| m.has_guests());
        let Some(run) = self.runs.get_mut(room).filter(|run| run.shared) else {
            return;
        };
        if run.is_ending() {
            return;
        }
        if !guests {
            self.stop_run(room, EndReason::MeetingEnded, ctx);
            return;
        }
        run.shared = false;
        // Without the room nobody is left to stop it once the others have gone.
        run.keeps_meeting = false;
        let id = run.recording.recording_id.clone();
        if let Ok(room) = self.room(room).cloned() {
            let recorder = Box::new(self.local(&room, ParticipantKind::Recorder, ctx));
            self.list_local(&room.room_id, &recorder, ctx);
            self.push(Effect::RecordMove { id, recorder });
        }
    }

    fn say_how_it_ended(
        &mut self,
        room: &RoomId,
        recording: &Recording,
        outcome: &RecordingOutcome,
        now: Now,
    ) {
        if *room != self.settings.home_room {
            return;
        }
        match outcome {
            RecordingOutcome::LimitReached => {
                self.fault("Disk is full – the recording was ended and saved", now);
            }
            RecordingOutcome::Complete if recording.status.is_playable() => {
                self.notify("Recording saved", now);
            }
            RecordingOutcome::Complete => self.notify("Recording cancelled", now),
            RecordingOutcome::Failed(_) => self.fault("Recording failed", now),
        }
    }

    /// Recordings that neither begin nor end in time have failed: nothing blocks the button for ever.
    pub(super) fn tick_runs(&mut self, ctx: &mut Ctx<'_>) {
        let mono = ctx.now.mono;
        let late: Vec<(RecordingId, bool)> = self
            .runs
            .values()
            .filter(|run| run.deadline().is_some_and(|at| at <= mono))
            .map(|run| (run.recording.recording_id.clone(), run.is_ending()))
            .collect();
        for (id, ending) in late {
            let reason = if ending {
                "The file could not be finished in time; it is listed when it is, or after the next start of the box"
            } else {
                "The recording did not begin in time"
            };
            if !ending {
                self.push(Effect::RecordStop { id: id.clone() });
            }
            self.recording_ended(&id, &RecordingOutcome::Failed(reason.to_owned()), None, ctx);
        }
    }

    /// The record of a new recording could not be saved: it is stopped, and everybody told.
    pub(super) fn stop_unlisted(&mut self, recording: &Recording, ctx: &mut Ctx<'_>) {
        if self.stop_run(&recording.room_id, EndReason::Failed, ctx).is_some() {
            self.fault("The recording could not be saved", ctx.now);
        }
    }

    /// The recording.
    pub fn recording(&self, id: &RecordingId) -> Result<&Recording, Refusal> {
        self.tables.recordings.get(id).ok_or_else(|| Refusal::RecordingNotFound(id.clone()))
    }

    /// A finished recording's record and files are to go.
    pub fn delete_recording(&mut self, id: &RecordingId, ctx: &Ctx<'_>) -> Result<(), Refusal> {
        let recording = self.recording(id)?.clone();
        let running = self.runs.values().any(|r| r.recording.recording_id == *id);
        if running || !recording.status.is_over() {
            return Err(Refusal::RecordingRunning(id.clone()));
        }
        self.note("recording.delete", id.as_str(), "", ctx);
        self.persist(Write::Recording(Change { before: Some(recording.clone()), after: None }));
        self.push(Effect::RemoveFiles { recording: Box::new(recording) });
        Ok(())
    }

    pub(super) fn tally(&self, mono: Duration) -> Tally {
        let run = self.runs.get(&self.settings.home_room).map(|run| run.phase);
        match run {
            Some(RunPhase::Active { .. }) => Tally::On,
            _ if self.fault_until.is_some_and(|until| until > mono) => Tally::Fault,
            Some(RunPhase::Starting { .. } | RunPhase::Ending { .. }) => Tally::Busy,
            None => Tally::Off,
        }
    }

    /// Is the meeting of this room being recorded?
    pub fn is_recorded(&self, room: &RoomId) -> bool {
        self.is_shown_recording(room)
    }

    pub(super) fn is_shown_recording(&self, room: &RoomId) -> bool {
        self.runs.get(room).is_some_and(|r| matches!(r.phase, RunPhase::Active { .. }))
    }

    /// Saves what happened to a recording, and tells webhooks of it.
    pub(super) fn tell_and_save(&mut self, before: Option<Recording>, after: Recording, ctx: &mut Ctx<'_>) {
        self.tell_recording(before.as_ref(), &after, ctx);
        self.save_recording(before, Some(after));
    }

    fn save_recording(&mut self, before: Option<Recording>, after: Option<Recording>) {
        if let Some(recording) = &after {
            self.push(Effect::RecordingChanged { recording: Box::new(recording.clone()) });
        }
        self.persist(Write::Recording(Change { before, after }));
    }
}

fn new_recording(room: &Room, wishes: RecordingWishes, ctx: &mut Ctx<'_>) -> Recording {
    let (egress, unique) = (ctx.entropy.alphanumeric(12), ctx.entropy.alphanumeric(12));
    Recording {
        recording_id: RecordingId::from(format!("{}--EG_{egress}--{unique}", room.room_id)),
        room_id: room.room_id.clone(),
        room_name: room.room_name.clone(),
        status: RecordingStatus::Starting,
        layout: wishes.layout.unwrap_or(room.config.recording_layout),
        encoding: wishes.encoding.unwrap_or_else(|| room.config.recording_encoding.clone()),
        start_date: ctx.now.wall,
        end_date: None,
        duration: None,
        size: None,
        end_reason: None,
        error: None,
        thumbnail: false,
        doomed: false,
        public_secret: ctx.entropy.alphanumeric(20),
        private_secret: ctx.entropy.alphanumeric(20),
    }
}

fn end_reason(run: &RecordingRun, outcome: &RecordingOutcome) -> EndReason {
    match outcome {
        RecordingOutcome::LimitReached => EndReason::DiskFull,
        RecordingOutcome::Failed(_) => EndReason::Failed,
        RecordingOutcome::Complete if run.cancelled => EndReason::Cancelled,
        RecordingOutcome::Complete => run.why.unwrap_or(EndReason::MeetingEnded),
    }
}

fn finished(
    mut recording: Recording,
    outcome: &RecordingOutcome,
    why: EndReason,
    file: Option<FinishedFile>,
    now: UnixMillis,
) -> Recording {
    recording.end_date = recording.end_date.or(Some(now));
    recording.end_reason = Some(why);
    recording.status = match (outcome, &file) {
        (RecordingOutcome::LimitReached, Some(_)) => RecordingStatus::LimitReached,
        (RecordingOutcome::Complete, None) => RecordingStatus::Aborted,
        (_, Some(_)) => RecordingStatus::Complete,
        (RecordingOutcome::LimitReached | RecordingOutcome::Failed(_), None) => RecordingStatus::Failed,
    };
    if let RecordingOutcome::Failed(reason) = outcome {
        recording.error = Some(reason.clone());
    }
    if let Some(file) = file {
        recording.duration = Some(file.duration);
        recording.size = Some(file.size);
        recording.thumbnail = file.thumbnail;
    }
    recording
}
