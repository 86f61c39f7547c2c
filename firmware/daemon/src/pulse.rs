//! Finds a thread that hangs by the beats it counts. Must never take a machine that stood still as a
//! whole for one: only time in which somebody looked counts.

use std::time::{Duration, Instant};

/// A thread without a beat for this long hangs.
const LIMIT: Duration = Duration::from_secs(10);
/// Most that counts between two looks.
const LOOK: Duration = Duration::from_secs(2);

/// The pulse of one thread.
#[derive(Default)]
pub(crate) struct Pulse {
    beats: u64,
    still: Duration,
    looked: Option<Instant>,
}

impl Pulse {
    /// To be called at least every second with the beats counted so far; true when it hangs.
    pub(crate) fn hangs(&mut self, beats: u64, now: Instant) -> bool {
        let passed = self.looked.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.looked = Some(now);
        self.still = if beats == self.beats { self.still + passed.min(LOOK) } else { Duration::ZERO };
        self.beats = beats;
        self.still >= LIMIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_stands_still_is_found_after_ten_seconds_and_a_machine_is_not() {
        let (start, mut pulse) = (Instant::now(), Pulse::default());
        let mut look = |second, beats| pulse.hangs(beats, start + Duration::from_secs(second));
        assert!((0..100).all(|second| !look(second, second)), "it beats");
        assert!((100..109).all(|second| !look(second, 99)), "it is slow");
        assert!(look(109, 99), "it hangs");
        assert!(!look(110, 100), "it goes on");
        assert!(!look(3_600, 100), "the machine slept");
        assert!(!look(3_601, 101));
    }
}
