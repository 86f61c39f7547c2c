//! systemd's watchdog (`WatchdogSec`): fed by the conductor's loop for as long as it turns. A
//! conductor that hangs is killed and started anew. Does nothing outside systemd.

use std::time::{Duration, Instant};

/// Says `WATCHDOG=1` often enough.
pub(crate) struct Watchdog {
    period: Option<Duration>,
    fed: Option<Instant>,
    say: fn(),
}

impl Watchdog {
    /// As systemd asks for in the environment.
    pub(crate) fn of_systemd() -> Self {
        Self::new(sd_notify::watchdog_enabled(), || {
            // systemd ends the box when it hears nothing; there is nobody else to tell.
            let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
        })
    }

    fn new(limit: Option<Duration>, say: fn()) -> Self {
        Self { period: limit.map(|l| l / 3), fed: None, say }
    }

    /// To be called once per turn, at least every second.
    pub(crate) fn feed(&mut self, now: Instant) {
        let Some(period) = self.period else { return };
        if self.fed.is_none_or(|fed| now.saturating_duration_since(fed) >= period) {
            self.fed = Some(now);
            (self.say)();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    static SAID: AtomicU32 = AtomicU32::new(0);

    #[test]
    fn it_is_fed_three_times_within_the_limit_and_not_more() {
        let say = || {
            SAID.fetch_add(1, Ordering::Relaxed);
        };
        let start = Instant::now();
        let mut dog = Watchdog::new(Some(Duration::from_secs(30)), say);
        for second in 0..30 {
            dog.feed(start + Duration::from_secs(second));
        }
        assert_eq!(SAID.load(Ordering::Relaxed), 3);
        Watchdog::new(None, say).feed(start);
        assert_eq!(SAID.load(Ordering::Relaxed), 3, "nobody asked for it");
    }
}
