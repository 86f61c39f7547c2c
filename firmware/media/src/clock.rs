//! One clock for everything: nanoseconds since an epoch of this process, from `Instant`.
//! GStreamer's system clock is the same CLOCK_MONOTONIC, so its times convert by an offset.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use gstreamer as gst;
use gstreamer::prelude::*;

/// Samples per second of every sound inside this crate.
pub(crate) const RATE: u64 = 48_000;

/// `at` in nanoseconds since the epoch; 0 before it.
pub(crate) fn nanos(at: Instant) -> i64 {
    i64::try_from(at.saturating_duration_since(epoch()).as_nanos()).unwrap_or(i64::MAX)
}

/// The moment of `nanos`.
pub(crate) fn instant(nanos: i64) -> Instant {
    epoch() + Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

/// The 48 kHz sample of that moment.
pub(crate) fn sample_at(nanos: i64) -> u64 {
    let nanos = u128::try_from(nanos).unwrap_or(0);
    u64::try_from(nanos * u128::from(RATE) / 1_000_000_000).unwrap_or(u64::MAX)
}

/// The moment of a running time of `pipeline`, which must use the system clock and be playing.
pub(crate) fn of_running_time(pipeline: &gst::Pipeline, running: gst::ClockTime) -> Option<i64> {
    let at = i64::try_from((pipeline.base_time()? + running).nseconds()).ok()?;
    Some(at.saturating_add(system_clock()))
}

/// What to add to times of GStreamer's system clock: measured once, with the least delay between
/// the two readings.
fn system_clock() -> i64 {
    static OFFSET: OnceLock<i64> = OnceLock::new();
    *OFFSET.get_or_init(|| {
        let clock = gst::SystemClock::obtain();
        let read = |_| {
            let before = nanos(Instant::now());
            let theirs = clock.time();
            let after = nanos(Instant::now());
            (after - before, (before + after) / 2 - i64::try_from(theirs.nseconds()).unwrap_or(0))
        };
        (0..32).map(read).min().map_or(0, |(_, offset)| offset)
    })
}

// An hour back, so that moments before the start of the process are positive too.
fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(|| {
        let now = Instant::now();
        now.checked_sub(Duration::from_secs(3600)).unwrap_or(now)
    })
}
