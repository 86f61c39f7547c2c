//! The one task that owns the state (design.md). Jobs of `api`, reports of `sfu` and `media`,
//! presses of `board` and time go in; effects come out and are carried out in order.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use huddle_api::control::{Job, News, Saved};
use huddle_board::Press;
use huddle_core::button::ButtonEvent;
use huddle_core::state::{BoxState, BoxStatus, Ctx, Effect, Now, Scene, Write};
use huddle_core::units::UnixMillis;
use huddle_media::port as media;
use huddle_sfu::port as sfu;
use huddle_store::Writer;
use tokio::sync::broadcast;

use crate::effects::Hands;
use crate::entropy::Random;
use crate::reports::Reports;
use crate::translate;

/// Messages waiting for the conductor. Jobs are refused when it is full; a report of media is lost
/// with an error in the journal: that takes 16,384 of them within one turn. Reports of the SFU have
/// a queue of their own.
const QUEUE: usize = 16_384;
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
    Saved(Vec<Effect>),
    /// The recordings disk was measured: total, free and recordings' bytes.
    Disk(u64, u64, u64),
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
}

/// The receiving end, until the conductor's thread starts.
pub(crate) struct Inbox(Receiver<Message>);

/// The queue is made before everything that reports into it.
pub(crate) fn queue(state: &BoxState) -> (Conductor, Inbox) {
    let (queue, inbox) = bounded(QUEUE);
    let status = state.status(Now { mono: Duration::ZERO, wall: wall_clock() });
    let (news, _) = broadcast::channel(256);
    let status = Arc::new(ArcSwap::from_pointee(status));
    (Conductor { queue, sfu: Arc::default(), status, news }, Inbox(inbox))
}

impl Conductor {
    /// `false` = the queue is full or the conductor is gone.
    pub(crate) fn send(&self, message: Message) -> bool {
        self.queue.try_send(message).is_ok()
    }

    /// For report sinks, which must not wait.
    pub(crate) fn report(&self, message: Message) {
        if !self.send(message) {
            tracing::error!("the conductor's queue is full: a report is lost");
        }
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
}

impl Task {
    /// Until [`Message::Stop`], or until the SFU or media has died: then the process is to end,
    /// and systemd starts it anew.
    pub(crate) fn run(mut self) {
        self.turn(|_, _| {}, None);
        let mut ticked = Instant::now();
        loop {
            match self.inbox.0.recv_timeout(self.wait()) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(message) => self.handle(message),
                Err(RecvTimeoutError::Timeout) => {}
            }
            for report in self.outside.sfu.take() {
                self.turn(|state, ctx| translate::sfu_report(state, report, ctx), None);
            }
            let due = self.state.poll_timeout().is_some_and(|at| at <= self.start.elapsed());
            if due || ticked.elapsed() >= REST {
                ticked = Instant::now();
                self.turn(|state, ctx| state.tick(ctx), None);
            }
            if let Some(name) = self.hands.dead() {
                tracing::error!(name, "a part of the box has died; the box starts anew");
                break;
            }
        }
        self.stop();
    }

    fn wait(&self) -> Duration {
        let mono = self.start.elapsed();
        let due = self.state.poll_timeout().map(|at| at.saturating_sub(mono));
        due.map_or(REST, |due| due.min(REST)).max(Duration::from_millis(1))
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Job(job, saved) => {
                self.hands.asked_at = Instant::now();
                self.turn(job, Some(saved));
            }
            Message::Sfu => {}
            Message::Media(report) => {
                self.turn(|s, ctx| translate::media_report(s, report, ctx), None);
            }
            Message::Press(press) if press.event == ButtonEvent::Down => {
                self.hands.asked_at = press.at;
                self.turn(|state, ctx| state.press(press.button, ctx), None);
            }
            Message::Press(_) | Message::Stop => {}
            Message::NotSaved(writes) => {
                self.turn(|state, ctx| writes.iter().rev().for_each(|w| state.roll_back(w, ctx)), None);
            }
            Message::Saved(effects) => effects.into_iter().for_each(|e| self.hands.carry_out(e)),
            Message::Disk(total, free, recordings) => {
                self.turn(|state, _| state.set_disk(total, free, recordings), None);
            }
        }
    }

    /// One input: change, show, carry out, save.
    fn turn(&mut self, input: impl FnOnce(&mut BoxState, &mut Ctx<'_>), saved: Option<Saved>) {
        let now = Now { mono: self.start.elapsed(), wall: wall_clock() };
        input(&mut self.state, &mut Ctx { now, entropy: &mut Random });
        let effects = self.state.take_effects();
        // Lamps first: they answer within 50 ms whatever the rest takes (B5).
        self.show(now);
        let (mut writes, mut afterwards) = (Vec::new(), Vec::new());
        for effect in effects {
            if let Effect::Persist(write) = effect {
                writes.push(write);
            } else if let Effect::RecordingChanged { recording } = effect {
                // Nobody may be listening.
                let _ = self.outside.news.send(News::Recording(Arc::from(recording)));
            } else if matches!(effect, Effect::RemoveFiles { .. }) {
                // The file outlives its record, never the other way round.
                afterwards.push(effect);
            } else {
                self.hands.carry_out(effect);
            }
        }
        self.save(writes, afterwards, saved);
    }

    fn save(&self, writes: Vec<Write>, afterwards: Vec<Effect>, saved: Option<Saved>) {
        if writes.is_empty() {
            if let Some(saved) = saved {
                saved(Ok(()));
            }
            return;
        }
        let (outside, copy) = (self.outside.clone(), writes.clone());
        self.writer.commit(writes, move |result| {
            let answer = match result {
                Ok(()) => {
                    if !afterwards.is_empty() {
                        outside.report(Message::Saved(afterwards));
                    }
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

    /// Recordings are finished and saved, for at most ten seconds; then clients are told.
    fn stop(&mut self) {
        self.hands.stop_media();
        let until = Instant::now() + Duration::from_secs(10);
        while self.hands.media_runs() && Instant::now() < until {
            if let Ok(Message::Media(report)) = self.inbox.0.recv_timeout(Duration::from_millis(20)) {
                self.turn(|s, ctx| translate::media_report(s, report, ctx), None);
            }
        }
        while let Ok(message) = self.inbox.0.try_recv() {
            if let Message::Media(report) = message {
                self.turn(|s, ctx| translate::media_report(s, report, ctx), None);
            }
        }
        self.hands.stop_sfu();
    }
}
