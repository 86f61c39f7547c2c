//! When to try a broken part again, and when a silent part counts as broken.
//! Must never give up: a box has nobody to restart it.

use std::time::{Duration, Instant};

/// First pause after a failure.
const FIRST: Duration = Duration::from_millis(250);
/// Longest pause.
const LONGEST: Duration = Duration::from_secs(10);
/// A part that ran this long is healthy again: the next pause is the first one.
const HEALTHY: Duration = Duration::from_secs(20);

/// Doubling pauses between restarts, 0.25 s to 10 s.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    started: Option<Instant>,
    retry_at: Option<Instant>,
}

impl Backoff {
    /// The part was started.
    pub(crate) fn started(&mut self, now: Instant) {
        self.started = Some(now);
        self.retry_at = None;
    }

    /// The part failed; returns the pause until the next try.
    pub(crate) fn failed(&mut self, now: Instant) -> Duration {
        if self.started.is_some_and(|at| now.saturating_duration_since(at) >= HEALTHY) {
            self.failures = 0;
        }
        let pause = FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.started = None;
        self.retry_at = Some(now + pause);
        pause
    }

    /// True while the pause after a failure lasts.
    pub(crate) fn failed_and_waiting(&self, now: Instant) -> bool {
        self.retry_at.is_some_and(|at| now < at)
    }

    /// True once the pause after a failure is over.
    pub(crate) fn due(&self, now: Instant) -> bool {
        self.retry_at.is_some_and(|at| now >= at)
    }
}

/// Notices a device that is open but delivers nothing: some drivers just stop.
#[derive(Debug)]
pub(crate) struct Watchdog {
    patience: Duration,
    fed: Instant,
}

impl Watchdog {
    /// `patience` without a buffer is a failure.
    pub(crate) fn new(patience: Duration, now: Instant) -> Self {
        Self { patience, fed: now }
    }

    /// A buffer came at `at`.
    pub(crate) fn feed(&mut self, at: Instant) {
        self.fed = self.fed.max(at);
    }

    /// True when the patience is over.
    pub(crate) fn starved(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.fed) >= self.patience
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_seconds() {
        let t = Instant::now();
        let mut b = Backoff::default();
        let pauses: Vec<u128> = (0..8).map(|_| b.failed(t).as_millis()).collect();
        assert_eq!(pauses, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    }

    #[test]
    fn a_part_that_ran_well_starts_over_quickly() {
        let t = Instant::now();
        let mut b = Backoff::default();
        for _ in 0..6 {
            b.failed(t);
        }
        b.started(t);
        assert_eq!(b.failed(t + Duration::from_secs(30)), FIRST);
    }

    #[test]
    fn a_retry_is_due_only_after_the_pause() {
        let t = Instant::now();
        let mut b = Backoff::default();
        assert!(!b.due(t));
        let pause = b.failed(t);
        assert!(!b.due(t));
        assert!(b.due(t + pause));
        b.started(t + pause);
        assert!(!b.due(t + pause));
    }

    #[test]
    fn a_silent_camera_is_noticed_after_two_seconds() {
        let t = Instant::now();
        let mut w = Watchdog::new(Duration::from_secs(2), t);
        w.feed(t + Duration::from_secs(1));
        assert!(!w.starved(t + Duration::from_millis(2900)));
        assert!(w.starved(t + Duration::from_secs(3)));
    }
}
