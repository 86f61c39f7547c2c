//! The one task that owns the state (design.md). Jobs of `api`, reports of `sfu` and `media`,
//! presses of `board` and time go in; effects come out and are carried out in order.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use huddle_api::control::{Job, News, Saved};
use huddle_board::Press;
use huddle_core::audit::Actor;
use huddle_core::button::ButtonEvent;
use huddle_core::ids::{RecordingId, WebhookId};
use huddle_core::recording::{FinishedFile, Recording};
use huddle_core::state::{BoxState, BoxStatus, Change, Ctx, Effect, Now, Scene, Write};
use huddle_core::units::UnixMillis;
use huddle_core::webhook::Outcome;
use huddle_media::port as media;
use huddle_sfu::port as sfu;
use huddle_store::Writer;
use tokio::sync::broadcast;

use crate::effects::Hands;
use crate::entropy::Random;
use crate::recover;
use crate::reports::Reports;
use crate::translate;
use crate::watchdog::Watchdog;

/// Messages that may wait for the conductor. Facts – what a recording, a button or the disk did – must
/// not be lost: when one finds the queue full, the conductor hangs or has lost touch, and the box
/// starts anew. Reports of the SFU have a queue of their own.
const QUEUE: usize = 16_384;
/// With this many waiting, jobs are refused and digests (quality, disk) left out, so
/// that facts always find room.
const CROWDED: usize = QUEUE / 2;
/// The clock on the TV and the disk are looked at this often.
const REST: Duration = Duration::from_secs(1);

/// What goes in.
pub(crate) enum Message {
    /// A job of a handler.
    Job(Job, Saved),
    /// Reports of the SFU wait in their own queue.
    Sfu,
    /// Media reports.
    Media(media::Report),
    /// A button.
    Press(Press),
    /// A change could not be saved: it is taken back.
    NotSaved(Vec<Write>),
    /// A change is saved: what had to wait for it may be done.
    Saved(Vec<Write>, Vec<Effect>),
    /// A recording's files are deleted.
    FilesGone(Box<Recording>),
    /// The recordings disk was measured: total, free and recordings' bytes.
    Disk(u64, u64, u64),
    /// What came of bringing a delivery to a webhook.
    Tried(WebhookId, u64, Outcome),
    /// What is left of a recording that was interrupted by the end of the box.
    Recovered(RecordingId, Option<FinishedFile>),
    /// Links to the box begin so from now on.
    Base(String),
    /// End: recordings are finished, clients told, then the thread ends.
    Stop,
}

/// The way in, and what can be seen without asking.
#[derive(Clone)]
pub(crate) struct Conductor {
    queue: Sender<Message>,
    sfu: Arc<Reports>,
    status: Arc<ArcSwap<BoxStatus>>,
    news: broadcast::Sender<News>,
    lost: Arc<AtomicBool>,
}

/// The receiving end, until the conductor's thread starts.
pub(crate) struct Inbox(Receiver<Message>);

/// The queue is made before everything that reports into it.
pub(crate) fn queue(state: &BoxState) -> (Conductor, Inbox) {
    let (queue, inbox) = bounded(QUEUE);
    let status = state.status(Now { mono: Duration::ZERO, wall: wall_clock() });
    let (news, _) = broadcast::channel(256);
    let status = Arc::new(ArcSwap::from_pointee(status));
    (Conductor { queue, sfu: Arc::default(), status, news, lost: Arc::default() }, Inbox(inbox))
}

impl Conductor {
    /// For jobs. `false` = too many are waiting or the conductor is gone.
    pub(crate) fn send(&self, message: Message) -> bool {
        self.queue.len() < CROWDED && self.queue.try_send(message).is_ok()
    }

    /// For facts, from threads that must not wait.
    pub(crate) fn report(&self, message: Message) {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(message) {
            self.lost.store(true, Ordering::Release);
        }
    }

    /// For digests: the next one says the same anew.
    pub(crate) fn hint(&self, message: Message) {
        let _ = self.send(message);
    }

    /// For the SFU, which must not wait.
    pub(crate) fn report_of_sfu(&self, report: sfu::Report) {
        if self.sfu.put(report) {
            // With a full queue the conductor is at work, and looks for reports after each message.
            let _ = self.queue.try_send(Message::Sfu);
        }
    }

    /// The status now.
    pub(crate) fn status(&self) -> Arc<BoxStatus> {
        self.status.load_full()
    }

    /// News from now on.
    pub(crate) fn news(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }
}

/// Milliseconds since 1970.
pub(crate) fn wall_clock() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The conductor's own things.
pub(crate) struct Task {
    pub(crate) state: BoxState,
    pub(crate) inbox: Inbox,
    pub(crate) outside: Conductor,
    pub(crate) writer: Writer,
    pub(crate) hands: Hands,
    pub(crate) start: Instant,
    pub(crate) shown: Option<Scene>,
    pub(crate) clock: String,
    /// Batches on their way to the disk.
    pub(crate) saving: usize,
    pub(crate) watchdog: Watchdog,
}

impl Task {
    /// Until [`Message::Stop`], until a fact is lost, or until the SFU or media has died: then the process is to end,
    /// and systemd starts it anew.
    pub(crate) fn run(mut self) {
        self.turn(|_, _| {}, None);
        let mut ticked = Instant::now();
        loop {
            let wait = self.wait();
            match self.inbox.0.recv_timeout(wait) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(message) => self.handle(message),
                Err(RecvTimeoutError::Timeout) => {}
            }
            for report in self.outside.sfu.take() {
                self.turn(guarded(|state, ctx| translate::sfu_report(state, report, ctx)), None);
            }
            let due = self.state.poll_timeout(self.now()).is_some_and(|at| at <= self.start.elapsed());
            if due || ticked.elapsed() >= REST {
                ticked = Instant::now();
                self.turn(|state, ctx| state.tick(ctx), None);
            }
            if let Some(name) = self.hands.dead() {
                tracing::error!(name, "a part of the box has died; the box starts anew");
                break;
            }
            if self.outside.lost.load(Ordering::Acquire) {
                tracing::error!("the conductor's queue was full and a fact is lost; the box starts anew");
                break;
            }
            self.watchdog.feed(Instant::now());
        }
        self.stop();
    }

    fn now(&self) -> Now {
        Now { mono: self.start.elapsed(), wall: wall_clock() }
    }

    fn wait(&mut self) -> Duration {
        if self.hands.send_waiting() {
            return Duration::from_millis(5);
        }
        let mono = self.start.elapsed();
        let due = self.state.poll_timeout(self.now()).map(|at| at.saturating_sub(mono));
        due.map_or(REST, |due| due.min(REST)).max(Duration::from_millis(1))
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Job(job, saved) => {
                self.hands.asked_at = Instant::now();
                self.turn(guarded(job), Some(saved));
            }
            Message::Sfu => {}
            Message::Media(report) => {
                self.turn(guarded(|s, ctx| translate::media_report(s, report, ctx)), None);
            }
            Message::Press(press) if press.event == ButtonEvent::Down => {
                self.hands.asked_at = press.at;
                self.turn(|state, ctx| state.press(press.button, ctx), None);
            }
            Message::Press(_) | Message::Stop => {}
            Message::NotSaved(writes) => {
                self.saving = self.saving.saturating_sub(1);
                self.turn(|state, ctx| writes.iter().rev().for_each(|w| state.roll_back(w, ctx)), None);
            }
            Message::Saved(writes, effects) => {
                self.saving = self.saving.saturating_sub(1);
                self.turn(|state, _| writes.iter().for_each(|w| state.saved(w)), None);
                self.carry_out_late(effects);
            }
            Message::FilesGone(recording) => self.forget(*recording),
            Message::Tried(to, number, outcome) => {
                self.turn(|state, ctx| state.tried(&to, number, outcome, ctx), None);
            }
            Message::Recovered(id, file) => {
                self.turn(guarded(|s, ctx| recover::recovered(s, &id, file, ctx)), None);
            }
            Message::Base(base) => {
                tracing::info!(base, "the box has another address");
                self.hands.base.clone_from(&base);
                // The TV shows a link.
                self.shown = None;
                self.turn(|state, _| state.set_base(base), None);
            }
            Message::Disk(total, free, recordings) => {
                self.turn(|state, _| state.set_disk(total, free, recordings), None);
            }
        }
    }

    /// One input: change, show, carry out, save.
    fn turn(&mut self, input: impl FnOnce(&mut BoxState, &mut Ctx<'_>), saved: Option<Saved>) {
        let now = self.now();
        let actor = Actor::this_box();
        input(&mut self.state, &mut Ctx { now, entropy: &mut Random, actor });
        let effects = self.state.take_effects();
        // Lamps first: they answer within 50 ms whatever the rest takes (B5).
        self.show(now);
        let Sorted { news, now, writes, afterwards } = sort(effects);
        for recording in news {
            // Nobody may be listening.
            let _ = self.outside.news.send(News::Recording(recording));
        }
        now.into_iter().for_each(|effect| self.hands.carry_out(effect));
        self.save(writes, afterwards, saved);
    }

    /// What had to wait until it was saved.
    fn carry_out_late(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Grant { room, identity, grants, version, .. } = &effect {
                self.state.granted(room, identity, *grants, *version);
            }
            self.hands.carry_out(effect);
        }
    }

    fn save(&mut self, writes: Vec<Write>, afterwards: Vec<Effect>, saved: Option<Saved>) {
        if writes.is_empty() {
            self.carry_out_late(afterwards);
            if let Some(saved) = saved {
                saved(Ok(()));
            }
            return;
        }
        let (outside, copy) = (self.outside.clone(), writes.clone());
        self.saving += 1;
        self.writer.commit(doomed_first(writes), move |result| {
            let answer = match result {
                Ok(()) => {
                    outside.report(Message::Saved(copy, afterwards));
                    Ok(())
                }
                Err(error) => {
                    tracing::error!(%error, "a change could not be saved and is taken back");
                    outside.report(Message::NotSaved(copy));
                    Err(error.to_string())
                }
            };
            if let Some(saved) = saved {
                saved(answer);
            }
        });
    }

    /// The files of a recording are gone. When it is not listed any more its record goes too.
    fn forget(&mut self, recording: Recording) {
        if self.state.recording(&recording.recording_id).is_ok() {
            return;
        }
        let outside = self.outside.clone();
        self.saving += 1;
        let gone = Write::Recording(Change { before: Some(recording), after: None });
        self.writer.commit(vec![gone], move |result| {
            if let Err(error) = result {
                tracing::warn!(%error, "a deleted recording is forgotten at the next start");
            }
            outside.report(Message::Saved(Vec::new(), Vec::new()));
        });
    }

    fn show(&mut self, now: Now) {
        let status = self.state.status(now);
        self.hands.light(status.leds);
        if **self.outside.status.load() != status {
            let status = Arc::new(status);
            self.outside.status.store(status.clone());
            // Nobody may be listening.
            let _ = self.outside.news.send(News::Status(status));
        }
        let scene = self.state.scene(now);
        let clock = jiff::Zoned::now().strftime("%H:%M").to_string();
        if self.shown.as_ref() != Some(&scene) || self.clock != clock {
            self.hands.draw(scene.clone(), clock.clone());
            self.shown = Some(scene);
            self.clock = clock;
        }
    }

    /// Recordings are finished, everything is saved and deleted, for at most ten seconds; then
    /// clients are told.
    fn stop(&mut self) {
        self.hands.stop_media();
        let until = Instant::now() + Duration::from_secs(10);
        let busy = |task: &Self| task.hands.media_runs() || task.saving > 0 || task.hands.files.is_busy();
        while busy(self) && Instant::now() < until {
            self.hands.send_waiting();
            if let Ok(message) = self.inbox.0.recv_timeout(Duration::from_millis(20)) {
                self.handle_last(message);
            }
        }
        while let Ok(message) = self.inbox.0.try_recv() {
            self.handle_last(message);
        }
        self.hands.stop_sfu();
    }

    /// At the end only what became of things counts; nothing new is begun.
    fn handle_last(&mut self, message: Message) {
        let news = matches!(
            message,
            Message::Media(_) | Message::Saved(..) | Message::NotSaved(_) | Message::FilesGone(_)
        );
        if news {
            self.handle(message);
        }
    }
}

/// The effects of one turn, by what becomes of them.
#[derive(Default)]
struct Sorted {
    news: Vec<Arc<Recording>>,
    now: Vec<Effect>,
    writes: Vec<Write>,
    afterwards: Vec<Effect>,
}

/// A recording goes in three steps: its record is marked, its files go, its record goes. Whenever
/// the power is cut, the next start goes on, and nothing is left.
fn doomed_first(mut writes: Vec<Write>) -> Vec<Write> {
    for write in &mut writes {
        if let Write::Recording(change) = write
            && change.after.is_none()
        {
            change.after = change.before.clone().map(|recording| Recording { doomed: true, ..recording });
        }
    }
    writes
}

/// Files go when it is on the disk that they are to go.
fn sort(effects: Vec<Effect>) -> Sorted {
    let mut sorted = Sorted::default();
    for effect in effects {
        if let Effect::Persist(write) = effect {
            sorted.writes.push(write);
        } else if let Effect::RecordingChanged { recording } = effect {
            sorted.news.push(Arc::from(recording));
        } else if let Effect::AfterSave(effect) = effect {
            sorted.afterwards.push(*effect);
        } else if matches!(effect, Effect::RemoveFiles { .. }) {
            sorted.afterwards.push(effect);
        } else {
            sorted.now.push(effect);
        }
    }
    sorted
}

/// An input that panics disturbs nothing else: what it did until then stands, and whoever asked
/// is told that it failed.
fn guarded(input: impl FnOnce(&mut BoxState, &mut Ctx<'_>)) -> impl FnOnce(&mut BoxState, &mut Ctx<'_>) {
    move |state, ctx| {
        if catch_unwind(AssertUnwindSafe(|| input(state, ctx))).is_err() {
            tracing::error!("handling one input failed; this is a mistake in the box");
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::entropy::Random;
    use huddle_core::ids::RoomId;
    use huddle_core::recording::{RecordingStatus, after_restart};
    use huddle_core::state::{AutoJoin, Settings, Stored};

    fn settings() -> Settings {
        Settings {
            home_room: RoomId::new("home"),
            rooms_per_user: 200,
            auto_join: AutoJoin::Always,
            departure_timeout: Duration::from_secs(20),
            disk_reserve: 0,
            resume_window: Duration::from_secs(60),
            local_webhooks: false,
        }
    }

    fn state() -> BoxState {
        BoxState::new(settings(), Stored::default(), Now::default())
    }

    /// One that failed.
    pub(crate) fn recording(id: &str) -> Recording {
        let text = r#"{"recording_id":"","room_id":"a","room_name":"A","status":"active",
            "layout":"grid","start_date":1,"end_date":null,"duration":null,"size":null,"error":null,
            "thumbnail":false,"public_secret":"x","private_secret":"y"}"#;
        let recording: Recording = serde_json::from_str(text).unwrap();
        after_restart(Recording { recording_id: RecordingId::from(id), ..recording }, None)
    }

    impl Inbox {
        /// What waits.
        pub(crate) fn next(&self) -> Option<Message> {
            self.0.try_recv().ok()
        }
    }

    pub(crate) fn queue_for_tests() -> (Conductor, Inbox) {
        queue(&state())
    }

    #[test]
    fn a_recording_is_marked_then_its_files_go_then_its_record() {
        let recording = recording("a--EG_b--c");
        assert_eq!(recording.status, RecordingStatus::Failed);
        let stored = Stored { recordings: vec![recording.clone()], ..Stored::default() };
        let mut state = BoxState::new(settings(), stored, Now::default());
        let ctx = Ctx { now: Now::default(), entropy: &mut Random, actor: Actor::this_box() };
        state.delete_recording(&recording.recording_id, &ctx).unwrap();
        let sorted = sort(state.take_effects());
        assert_eq!(sorted.writes.len(), 2, "the record and a line in the log");
        assert!(sorted.now.is_empty(), "nothing is deleted before that is saved");
        assert!(matches!(sorted.afterwards.as_slice(), [Effect::RemoveFiles { .. }]));
        let marked = doomed_first(sorted.writes);
        let doomed =
            |w: &Write| matches!(w, Write::Recording(c) if c.after.as_ref().is_some_and(|r| r.doomed));
        assert_eq!(marked.iter().filter(|w| doomed(w)).count(), 1, "a crash now is made good");
        assert!(state.recording(&recording.recording_id).is_err(), "nobody sees it any more");
    }

    #[test]
    fn a_panic_of_one_input_leaves_the_state_to_the_next() {
        let mut state = state();
        let now = Now::default();
        guarded(|_, _| panic!("a mistake"))(
            &mut state,
            &mut Ctx { now, entropy: &mut Random, actor: Actor::this_box() },
        );
        let mut done = false;
        guarded(|_, _| done = true)(
            &mut state,
            &mut Ctx { now, entropy: &mut Random, actor: Actor::this_box() },
        );
        assert!(done);
    }

    #[test]
    fn a_crowded_queue_refuses_jobs_but_takes_facts_and_a_lost_fact_is_known() {
        let (conductor, _inbox) = queue(&state());
        let job = || Message::Job(Box::new(|_, _| {}), Box::new(|_| {}));
        while conductor.send(job()) {}
        conductor.report(Message::Saved(Vec::new(), Vec::new()));
        assert!(!conductor.lost.load(Ordering::Acquire), "facts still find room");
        for _ in 0..QUEUE {
            conductor.hint(Message::Disk(0, 0, 0));
        }
        assert!(!conductor.lost.load(Ordering::Acquire), "digests may be left out");
        for _ in 0..QUEUE {
            conductor.report(Message::Saved(Vec::new(), Vec::new()));
        }
        assert!(conductor.lost.load(Ordering::Acquire), "the box starts anew");
    }
}
