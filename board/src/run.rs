//! The one loop of every board: edges → debounced presses, patterns → lamps.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use huddle_core::button::{Button, ButtonEvent, Debouncer};
use huddle_core::indicator::{Leds, Pattern, lit};

use crate::backend::{Backend, BoardError, Edge};
use crate::config::LedRole;

/// A debounced event of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    /// Which.
    pub button: Button,
    /// What.
    pub event: ButtonEvent,
    /// When the pin moved.
    pub at: Instant,
}

/// Where presses go; called on the board's thread, must not wait.
pub type PressSink = Box<dyn Fn(Press) + Send>;

/// A running board.
pub struct Board {
    shared: Arc<Shared>,
    wake: Arc<dyn Fn() + Send + Sync>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    wanted: Mutex<(Leds, bool)>,
}

impl Board {
    /// What the lamps are to show from now on; takes effect at once.
    pub fn show(&self, leds: Leds) {
        self.shared.wanted.lock().unwrap_or_else(PoisonError::into_inner).0 = leds;
        (self.wake)();
    }

    /// Its thread has ended: no button and no lamp works any more.
    pub fn has_died(&self) -> bool {
        self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.shared.wanted.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        (self.wake)();
        if let Some(thread) = self.thread.take() {
            // A panicked board thread has nothing left to end.
            let _ = thread.join();
        }
    }
}

pub(crate) fn start(backend: Box<dyn Backend>, presses: PressSink) -> Result<Board, BoardError> {
    let shared = Arc::new(Shared::default());
    let wake: Arc<dyn Fn() + Send + Sync> = Arc::from(backend.waker());
    let mut state = Loop {
        backend,
        presses,
        shared: shared.clone(),
        start: Instant::now(),
        buttons: BTreeMap::new(),
        lamps: BTreeMap::new(),
        shown: Leds::default(),
        since: Duration::ZERO,
    };
    let thread = std::thread::Builder::new()
        .name("board".to_owned())
        .spawn(move || state.run())
        .map_err(BoardError::Thread)?;
    Ok(Board { shared, wake, thread: Some(thread) })
}

struct Loop {
    backend: Box<dyn Backend>,
    presses: PressSink,
    shared: Arc<Shared>,
    start: Instant,
    buttons: BTreeMap<Button, Debouncer>,
    lamps: BTreeMap<LedRole, bool>,
    shown: Leds,
    since: Duration,
}

/// A board that reports an error is asked again after this time.
const AFTER_ERROR: Duration = Duration::from_secs(1);

impl Loop {
    fn run(&mut self) {
        loop {
            let (wanted, stop) = *self.shared.wanted.lock().unwrap_or_else(PoisonError::into_inner);
            if stop {
                self.light_all(Leds::default());
                return;
            }
            self.light_all(wanted);
            match self.backend.wait(self.wait()) {
                Ok(Some(edge)) => self.edge(edge),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(error = %error, "the board's buttons cannot be read");
                    std::thread::sleep(AFTER_ERROR);
                }
            }
            self.timeouts();
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wait(&self) -> Duration {
        let now = self.now();
        let button = self.buttons.values().filter_map(Debouncer::poll_timeout).min();
        let patterns = [self.shown.tally, self.shown.mute, self.shown.status];
        let blink = if patterns.contains(&Pattern::FastBlink) {
            Duration::from_millis(25)
        } else if patterns.contains(&Pattern::Blink) {
            Duration::from_millis(100)
        } else {
            Duration::from_secs(5)
        };
        button.map_or(blink, |at| at.saturating_sub(now).min(blink)).max(Duration::from_millis(1))
    }

    fn edge(&mut self, edge: Edge) {
        let now = self.now();
        let event = self.buttons.entry(edge.button).or_default().edge(edge.pressed, now);
        self.report(edge.button, event);
    }

    fn timeouts(&mut self) {
        let now = self.now();
        let events: Vec<_> = self.buttons.iter_mut().map(|(button, d)| (*button, d.timeout(now))).collect();
        for (button, event) in events {
            self.report(button, event);
        }
    }

    fn report(&self, button: Button, event: Option<ButtonEvent>) {
        if let Some(event) = event {
            (self.presses)(Press { button, event, at: Instant::now() });
        }
    }

    fn light_all(&mut self, leds: Leds) {
        if leds != self.shown {
            self.shown = leds;
            self.since = self.now();
        }
        let millis = u64::try_from((self.now() - self.since).as_millis()).unwrap_or(0);
        for (role, pattern) in
            [(LedRole::Tally, leds.tally), (LedRole::Mute, leds.mute), (LedRole::Status, leds.status)]
        {
            let on = lit(pattern, millis);
            if self.lamps.insert(role, on) == Some(on) {
                continue;
            }
            if let Err(error) = self.backend.light(role, on) {
                tracing::warn!(error = %error, "a lamp cannot be switched");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_press_reaches_the_sink_and_the_lamp_answers() {
        let (sender, presses) = mpsc::channel();
        let (board, panel) = crate::simulate(Box::new(move |p| sender.send(p).unwrap())).unwrap();
        assert!(panel.set(Button::Record, true));
        let press = presses.recv_timeout(Duration::from_secs(5)).unwrap();
        assert_eq!((press.button, press.event), (Button::Record, ButtonEvent::Down));
        board.show(Leds { tally: Pattern::On, ..Leds::default() });
        let until = Instant::now() + Duration::from_secs(5);
        while !panel.lit(LedRole::Tally) && Instant::now() < until {
            std::thread::yield_now();
        }
        assert!(panel.lit(LedRole::Tally));
        assert!(panel.set(Button::Record, false));
        let release = presses.recv_timeout(Duration::from_secs(5)).unwrap();
        assert_eq!(release.event, ButtonEvent::Up);
        drop(board);
        assert!(!panel.lit(LedRole::Tally));
    }

    #[test]
    fn a_board_that_panics_is_known_to_be_dead() {
        let (board, panel) = crate::simulate(Box::new(|_| panic!("a mistake"))).unwrap();
        assert!(!board.has_died());
        assert!(panel.set(Button::Record, true));
        let until = Instant::now() + Duration::from_secs(5);
        while !board.has_died() && Instant::now() < until {
            std::thread::yield_now();
        }
        assert!(board.has_died());
    }
}
