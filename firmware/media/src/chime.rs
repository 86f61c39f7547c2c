//! Two falling tones that announce a call (`features.md` R7), played as if somebody in a meeting
//! of their own made them. Never opens a device: that is done by whoever connects one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gstreamer_app::AppSrc;
use huddle_core::ids::{Identity, TrackSid};
use huddle_tap::Source;

use crate::Error;
use crate::clock::{RATE, nanos, sample_at};
use crate::meeting::{Meeting, Person, Track};
use crate::receive::Media;
use crate::sound::{Sound, stereo_of_mono};
use crate::speaker::Speaker;

/// The speaker is being opened until then.
const AFTER: Duration = Duration::from_millis(800);
/// From the start until the speaker may be closed again.
const WHOLE: Duration = Duration::from_millis(2_800);
/// Frequencies in Hz, one after the other.
const TONES: [f64; 2] = [784.0, 587.33];
/// Length of each, in samples.
const TONE: u32 = 24_000;
/// Loudness, of 32,767.
const PEAK: f64 = 9_000.0;

/// The tones under way.
pub(crate) struct Chime {
    start: Instant,
    speaker: Speaker,
}

impl Chime {
    /// Starts the clock.
    pub(crate) fn start(now: Instant) -> Result<Self, Error> {
        let sound = Arc::new(Sound::default());
        sound.write(sample_at(nanos(now + AFTER)), &stereo_of_mono(&tones()));
        let track = Track {
            sid: TrackSid::new("chime"),
            source: Source::Microphone,
            muted: false,
            encrypted: false,
            media: Media::Sound(sound),
        };
        let meeting = Arc::new(Meeting::default());
        let (identity, name) = (Identity::new("chime"), "".into());
        meeting.put(Person { identity, name, local: false, tracks: vec![track] });
        Ok(Self { start: now, speaker: Speaker::start(meeting)? })
    }

    /// Where it is heard now; nowhere while the device is closed.
    pub(crate) fn connect(&self, device: Option<AppSrc>) {
        self.speaker.connect(device);
    }

    /// It has been heard.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.start) >= WHOLE
    }
}

/// Mono samples: each tone begins at once and dies away.
fn tones() -> Vec<i16> {
    let rate = f64::from(u32::try_from(RATE).unwrap_or(48_000));
    let sample = |frequency: f64, n: u32| {
        let (attack, decay) = (f64::from(n.min(240)) / 240.0, (-f64::from(n) / 6_000.0).exp());
        let wave = (f64::from(n) / rate * frequency * std::f64::consts::TAU).sin();
        #[expect(clippy::cast_possible_truncation, reason = "at most PEAK")]
        let sample = (PEAK * attack * decay * wave) as i16;
        sample
    };
    TONES.iter().flat_map(|f| (0..TONE).map(|n| sample(*f, n))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tones_begin_softly_and_die_away() {
        let all = tones();
        assert_eq!(all.len(), 48_000);
        for tone in all.chunks(24_000) {
            assert!(tone[..10].iter().all(|s| s.abs() < 400), "no click");
            assert!(tone.iter().any(|s| s.abs() > 6_000), "it is heard");
            assert!(tone[23_000..].iter().all(|s| s.abs() < 300), "it has died away");
        }
    }
}
