//! Who is speaking, from RFC 6464 audio levels. Pure: time is an argument, nothing is measured
//! here. It must never see sound itself, only the levels that senders declare.

use std::time::Duration;

use crate::units::Level;

/// Louder than or as loud as this counts as speech (LiveKit: -35 dBov).
pub const ACTIVE: Level = Level(35);
/// Levels are judged in windows of this length (LiveKit: 400 ms).
pub const WINDOW: Duration = Duration::from_millis(400);
/// Speech must fill this part of a window, in percent (LiveKit: 40).
const SHARE: u32 = 40;
/// One packet never stands for more than this: DTX gaps are silence.
const LONGEST_PACKET: Duration = Duration::from_millis(120);
/// Below this the smoothed loudness counts as silence.
const FLOOR: f32 = 0.005;

/// Loudness of one participant over time.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    last: Option<Duration>,
    loud: Duration,
    loudest: Option<Level>,
    smoothed: f32,
    active: bool,
}

/// What a participant is told about another (LiveKit `SpeakerInfo`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speaking {
    /// 0 (silent) to 1 (full scale), linear.
    pub level: f32,
    /// Is speaking.
    pub active: bool,
}

impl Meter {
    /// Takes the level of one packet that arrived at `now` (any steady clock).
    pub fn observe(&mut self, now: Duration, level: Level) {
        let lasts =
            self.last.map_or(Duration::from_millis(20), |last| now.saturating_sub(last)).min(LONGEST_PACKET);
        self.last = Some(now);
        if level <= ACTIVE {
            self.loud += lasts;
            self.loudest = Some(self.loudest.map_or(level, |loudest| loudest.min(level)));
        }
    }

    /// Ends a window of [`WINDOW`]; the new state, if anybody should be told.
    pub fn close_window(&mut self) -> Option<Speaking> {
        let enough = self.loud * 100 >= WINDOW * SHARE;
        let now = match self.loudest {
            Some(level) if enough => linear(level),
            Some(_) | None => 0.0,
        };
        self.loud = Duration::ZERO;
        self.loudest = None;
        let before = (self.active, self.smoothed);
        self.smoothed += (now - self.smoothed) * 0.5;
        if now == 0.0 && self.smoothed < FLOOR {
            self.smoothed = 0.0;
        }
        self.active = now > 0.0 || (self.active && self.smoothed >= linear(ACTIVE));
        if !self.active {
            self.smoothed = 0.0;
        }
        let changed = before.0 != self.active || (self.active && (before.1 - self.smoothed).abs() > 0.02);
        changed.then_some(self.speaking())
    }

    /// The state now.
    pub fn speaking(&self) -> Speaking {
        Speaking { level: self.smoothed, active: self.active }
    }

    /// Silence at once: muted or gone. The end of this window tells it.
    pub fn silence(&mut self) {
        *self = Self { active: self.active, ..Self::default() };
    }
}

/// -dBov to linear amplitude.
fn linear(level: Level) -> f32 {
    10f32.powf(-f32::from(level.0) / 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(meter: &mut Meter, start: u64, levels: &[u8]) -> Option<Speaking> {
        for (index, level) in levels.iter().enumerate() {
            meter.observe(Duration::from_millis(start + 20 * index as u64), Level(*level));
        }
        meter.close_window()
    }

    #[test]
    fn speech_for_half_a_window_makes_a_speaker() {
        let mut meter = Meter::default();
        let mut levels = [70u8; 20];
        levels[..10].fill(20);
        let told = window(&mut meter, 0, &levels).unwrap();
        assert!(told.active && told.level > 0.0 && told.level <= 1.0);
    }

    #[test]
    fn a_click_is_not_speech() {
        let mut meter = Meter::default();
        let mut levels = [70u8; 20];
        levels[..4].fill(5);
        assert_eq!(window(&mut meter, 0, &levels), None);
        assert!(!meter.speaking().active);
    }

    #[test]
    fn a_speaker_falls_silent_after_a_few_windows_and_says_so_once() {
        let mut meter = Meter::default();
        window(&mut meter, 0, &[10; 20]).unwrap();
        let ends: Vec<_> = (1..10).filter_map(|_| meter.close_window()).collect();
        let last = ends.last().unwrap();
        assert!(!last.active && last.level == 0.0);
        assert_eq!(ends.iter().filter(|s| !s.active).count(), 1);
    }

    #[test]
    fn a_long_gap_is_not_loudness() {
        let mut meter = Meter::default();
        meter.observe(Duration::from_secs(0), Level(10));
        meter.observe(Duration::from_secs(60), Level(10));
        assert_eq!(meter.close_window(), None);
    }

    #[test]
    fn mute_silences_with_the_end_of_the_window_and_says_so_once() {
        let mut meter = Meter::default();
        window(&mut meter, 0, &[10; 20]).unwrap();
        meter.silence();
        assert!(!meter.close_window().unwrap().active);
        assert_eq!(meter.close_window(), None);
    }
}
