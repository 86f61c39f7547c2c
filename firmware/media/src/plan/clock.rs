//! Lip-sync: puts packets of one sender on our clock, so that what was captured together is
//! shown together. Sender reports (RFC 3550 §6.4.1) tie the RTP clocks of a sender's tracks to
//! one clock of theirs; the shortest transit seen ties that clock to ours.
//!
//! All times are nanoseconds; ours count from the process's epoch (`crate::clock`).

/// How long a shortest transit is believed; clocks drift.
const WINDOW: i64 = 5_000_000_000;
/// The mapping moves at most this far per observation, so that sound needs no jumps …
const SLEW: i64 = 50_000;
/// … unless it is off by more than this.
const JUMP: i64 = 250_000_000;
/// When packets come later than the mapping says by more than this …
const LATER: i64 = 60_000_000;
/// … and none in time for so long …
const FOR: i64 = 1_000_000_000;
/// … and at least so many of them, the path has become slower, and the mapping follows at once.
const MANY: u32 = 10;
/// Sender reports that contradict the arrival of packets by more than this are not believed.
const INCREDIBLE: i64 = 3_000_000_000;
/// So many observations are needed before the mapping is worth to be moved slowly.
const SETTLED: u32 = 75;

/// Lowest transit over the last 5–10 s, as a slowly moving offset; over the last second when the
/// path has become slower, because what comes after its time is neither heard nor seen.
#[derive(Debug, Default, Clone)]
pub(crate) struct Transit {
    window_start: i64,
    current: Option<i64>,
    previous: Option<i64>,
    offset: Option<i64>,
    observations: u32,
    late: Option<Late>,
}

/// Packets without exception late.
#[derive(Debug, Clone)]
struct Late {
    since: i64,
    count: u32,
    lowest: i64,
}

impl Transit {
    /// A packet made at `sent` (their clock) arrived at `arrived` (ours).
    pub(crate) fn observe(&mut self, sent: i64, arrived: i64) {
        let transit = arrived.saturating_sub(sent);
        if self.offset.is_some_and(|offset| (transit - offset).abs() > 20 * JUMP) {
            *self = Self::default(); // their clock was set, or the track began anew
        }
        if self.current.is_none() || arrived.saturating_sub(self.window_start) > WINDOW {
            self.previous = self.current.take();
            self.window_start = arrived;
        }
        let lowest = self.current.map_or(transit, |c| c.min(transit));
        self.current = Some(lowest);
        let target = self.previous.map_or(lowest, |p| p.min(lowest));
        self.observations = self.observations.saturating_add(1);
        let settled = self.offset.filter(|_| self.observations > SETTLED);
        self.offset = Some(settled.map_or(target, |offset| slew(offset, target)));
        self.follow_slower_path(transit, arrived);
    }

    fn follow_slower_path(&mut self, transit: i64, arrived: i64) {
        let in_time = self.offset.is_none_or(|offset| transit.saturating_sub(offset) <= LATER);
        if in_time {
            self.late = None;
            return;
        }
        let late = self.late.get_or_insert(Late { since: arrived, count: 0, lowest: transit });
        (late.count, late.lowest) = (late.count.saturating_add(1), late.lowest.min(transit));
        if late.count >= MANY && arrived.saturating_sub(late.since) >= FOR {
            let lowest = late.lowest;
            (self.offset, self.current, self.previous) = (Some(lowest), Some(lowest), None);
            (self.window_start, self.late) = (arrived, None);
        }
    }

    /// Their time on our clock; `None` before the first packet.
    pub(crate) fn ours(&self, sent: i64) -> Option<i64> {
        self.offset.map(|offset| sent.saturating_add(offset))
    }
}

fn slew(from: i64, to: i64) -> i64 {
    let step = to.saturating_sub(from);
    if step.abs() > JUMP { to } else { from + step.clamp(-SLEW, SLEW) }
}

/// Unwraps 32-bit RTP timestamps.
#[derive(Debug, Default, Clone)]
pub(crate) struct Unwrap(Option<i64>);

impl Unwrap {
    /// The timestamp nearest to the one before that has these low 32 bits.
    pub(crate) fn extend(&mut self, timestamp: u32) -> i64 {
        let extended = self.near(timestamp);
        self.0 = Some(extended);
        extended
    }

    /// As [`extend`](Self::extend), without moving on.
    pub(crate) fn near(&self, timestamp: u32) -> i64 {
        let Some(last) = self.0 else { return i64::from(timestamp) };
        #[expect(clippy::cast_possible_truncation, reason = "the low 32 bits are wanted")]
        let delta = timestamp.wrapping_sub(last as u32).cast_signed();
        last + i64::from(delta)
    }
}

/// The clock of one track.
#[derive(Debug, Clone)]
pub(crate) struct TrackClock {
    rate: i64,
    unwrap: Unwrap,
    alone: Transit,
    report: Option<(i64, i64)>,
}

impl TrackClock {
    /// `rate` in Hz, not 0.
    pub(crate) fn new(rate: u32) -> Self {
        Self {
            rate: i64::from(rate.max(1)),
            unwrap: Unwrap::default(),
            alone: Transit::default(),
            report: None,
        }
    }

    /// A sender report: RTP timestamp and 32.32 NTP time.
    pub(crate) fn report(&mut self, rtp: u32, ntp: u64) {
        let seconds = i64::try_from(ntp >> 32).unwrap_or(0);
        let fraction = i64::try_from(((ntp & 0xffff_ffff) * 1_000_000_000) >> 32).unwrap_or(0);
        self.report = Some((self.unwrap.near(rtp), seconds * 1_000_000_000 + fraction));
    }

    /// A packet with this timestamp arrived; returns when it is due on our clock, before any
    /// playout delay. `peer` is shared by the sender's tracks.
    pub(crate) fn arrive(&mut self, timestamp: u32, arrived: i64, peer: &mut Transit) -> i64 {
        let extended = self.unwrap.extend(timestamp);
        let sent = self.nanos(extended);
        self.alone.observe(sent, arrived);
        let alone = self.alone.ours(sent).unwrap_or(arrived);
        let Some((rtp, ntp)) = self.report else { return alone };
        let sent = ntp.saturating_add(self.nanos(extended - rtp));
        peer.observe(sent, arrived);
        let together = peer.ours(sent).unwrap_or(alone);
        if together.abs_diff(alone) > INCREDIBLE.unsigned_abs() { alone } else { together }
    }

    fn nanos(&self, ticks: i64) -> i64 {
        let wide = i128::from(ticks) * 1_000_000_000 / i128::from(self.rate);
        i64::try_from(wide).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    fn ntp(ms: i64) -> u64 {
        let ms = u64::try_from(ms).unwrap();
        ((ms / 1000) << 32) | (((ms % 1000) << 32) / 1000)
    }

    #[test]
    fn jitter_does_not_move_the_picture() {
        let mut t = Transit::default();
        for n in 0..200 {
            let jitter = [0, 7, 30, 3][usize::try_from(n % 4).unwrap()];
            t.observe(n * 20 * MS, (n * 20 + 100 + jitter) * MS);
        }
        assert!((t.ours(0).unwrap() - 100 * MS).abs() < MS);
    }

    fn observe(t: &mut Transit, from: i64, count: i64, transit: i64) {
        for n in from..from + count {
            t.observe(n * 20 * MS, (n * 20 + transit) * MS);
        }
    }

    #[test]
    fn a_path_that_becomes_slower_is_followed_within_a_good_second() {
        let mut t = Transit::default();
        observe(&mut t, 0, 200, 100);
        observe(&mut t, 200, 60, 250);
        assert!(t.ours(0).unwrap() >= 190 * MS, "{:?}", t.ours(0));
        observe(&mut t, 260, 1_000, 250);
        assert!((t.ours(0).unwrap() - 250 * MS).abs() < MS, "{:?}", t.ours(0));
    }

    #[test]
    fn a_path_that_becomes_slower_bit_by_bit_is_followed_closely() {
        let mut t = Transit::default();
        for n in 0..1_500 {
            observe(&mut t, n, 1, 100 + n / 5);
            let behind = (100 + n / 5) * MS - t.ours(0).unwrap();
            assert!(behind <= 90 * MS, "{behind} after {n} packets");
        }
    }

    #[test]
    fn single_packets_in_time_keep_the_mapping() {
        let mut t = Transit::default();
        observe(&mut t, 0, 200, 100);
        for n in 200..600 {
            observe(&mut t, n, 1, if n % 30 == 0 { 100 } else { 250 });
        }
        assert!((t.ours(0).unwrap() - 100 * MS).abs() < 2 * MS, "{:?}", t.ours(0));
    }

    #[test]
    fn a_few_late_packets_after_a_pause_move_nothing() {
        let mut t = Transit::default();
        observe(&mut t, 0, 200, 100);
        observe(&mut t, 2_000, 1, 400);
        observe(&mut t, 2_100, 1, 180);
        observe(&mut t, 2_101, 1, 180);
        assert!(t.ours(0).unwrap() < 110 * MS, "{:?}", t.ours(0));
    }

    #[test]
    fn reports_bring_sound_and_picture_together() {
        // Sound: RTP 0 captured at 10,000 ms of their clock; picture: RTP 900,000 captured then too,
        // but pictures take 80 ms longer to arrive.
        let (mut sound, mut picture) = (TrackClock::new(48_000), TrackClock::new(90_000));
        let mut peer = Transit::default();
        let (mut s, mut p) = (0, 0);
        for n in 0..500i64 {
            if n == 50 {
                sound.report(0, ntp(10_000));
                picture.report(900_000, ntp(10_000));
            }
            s = sound.arrive(u32::try_from(n * 960).unwrap(), (500 + n * 20) * MS, &mut peer);
            p = picture.arrive(u32::try_from(900_000 + n * 1800).unwrap(), (580 + n * 20) * MS, &mut peer);
        }
        assert!((s - p).abs() < 2 * MS, "{s} {p}");
    }

    #[test]
    fn timestamps_wrap() {
        let mut u = Unwrap::default();
        assert_eq!(u.extend(u32::MAX - 1), i64::from(u32::MAX) - 1);
        assert_eq!(u.extend(4), i64::from(u32::MAX) + 5);
        assert_eq!(u.extend(u32::MAX), i64::from(u32::MAX));
    }

    #[test]
    fn an_absurd_report_is_not_believed() {
        let mut c = TrackClock::new(90_000);
        let mut peer = Transit::default();
        let mut other = TrackClock::new(48_000);
        other.report(0, ntp(0));
        other.arrive(0, 0, &mut peer);
        c.report(0, ntp(4_000));
        assert!(c.arrive(0, 10 * MS, &mut peer).abs() < 1000 * MS);
    }

    #[test]
    fn a_sender_whose_clock_was_set_is_followed() {
        let mut t = Transit::default();
        t.observe(0, 100 * MS);
        t.observe(3_600_000 * MS, 200 * MS);
        assert_eq!(t.ours(3_600_000 * MS), Some(200 * MS));
    }
}
