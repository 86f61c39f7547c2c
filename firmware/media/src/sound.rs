//! Decoded sound on the common clock: one ring per source, read by any number of mixers.
//! A ring holds [`KEPT`]; what is older is gone, what was never written is silence. A step back
//! costs only what is written over.

use std::sync::Mutex;

use huddle_core::units::Level;

use crate::clock::RATE;
use crate::picture::lock;

/// Samples per channel kept: 4 s.
const KEPT: u64 = 4 * RATE;
/// Two channels, interleaved.
pub(crate) const CHANNELS: usize = 2;
/// Off by more than this, sound jumps; 15 ms. Happens while a sender becomes known, hardly later.
const JUMP: u64 = RATE * 15 / 1_000;
/// Off by more than this, single samples are left out or doubled; 2 ms.
const DRIFT: u64 = RATE * 2 / 1_000;
/// Most samples of a chunk left out or doubled: half a percent of 20 ms is not heard.
const MOST: u64 = 5;
/// Going back by more than this is a new beginning; 1 s.
const BACK: u64 = RATE;
/// A chunk this quiet throughout may jump: nobody hears it.
const QUIET: u16 = 120;

/// Sound of one source.
pub(crate) struct Sound(Mutex<Ring>);

struct Ring {
    samples: Vec<[i16; CHANNELS]>,
    /// The oldest sample that can be read.
    from: u64,
    /// The sample after the last written.
    end: u64,
}

impl Default for Sound {
    fn default() -> Self {
        let silence = vec![[0; CHANNELS]; usize::try_from(KEPT).unwrap_or(0)];
        Self(Mutex::new(Ring { samples: silence, from: 0, end: 0 }))
    }
}

impl Sound {
    /// Writes interleaved stereo `chunk` whose first sample is due at sample `due`. Continues
    /// where the last chunk ended when that is near, following a drifting clock by single samples.
    pub(crate) fn write(&self, due: u64, chunk: &[[i16; CHANNELS]]) {
        let mut ring = lock(&self.0);
        let off = ring.end.abs_diff(due);
        let quiet = || chunk.iter().flatten().all(|s| s.unsigned_abs() < QUIET);
        if off > JUMP || off > DRIFT && quiet() {
            ring.seek(due);
            ring.append(chunk.iter());
        } else if off > DRIFT {
            let step = chunk.len() / usize::try_from((off / 16).clamp(1, MOST)).unwrap_or(1);
            let longer = ring.end < due;
            ring.bent(chunk, step.max(2), longer);
        } else {
            ring.append(chunk.iter());
        }
    }

    /// Adds this source's samples from sample `from` on to `mix`.
    pub(crate) fn add_to(&self, from: u64, mix: &mut [[f32; CHANNELS]]) {
        let ring = lock(&self.0);
        for (at, out) in (from..).zip(mix) {
            if (ring.from..ring.end).contains(&at) {
                let [left, right] = ring.get(at);
                let [l, r] = out;
                *l += f32::from(left);
                *r += f32::from(right);
            }
        }
    }
}

impl Ring {
    fn slot(at: u64) -> usize {
        usize::try_from(at % KEPT).unwrap_or(0)
    }

    fn get(&self, at: u64) -> [i16; CHANNELS] {
        self.samples.get(Self::slot(at)).copied().unwrap_or_default()
    }

    fn put(&mut self, sample: [i16; CHANNELS]) {
        if let Some(slot) = self.samples.get_mut(Self::slot(self.end)) {
            *slot = sample;
        }
        self.end += 1;
        self.from = self.from.max(self.end.saturating_sub(KEPT));
    }

    fn append<'a>(&mut self, chunk: impl Iterator<Item = &'a [i16; CHANNELS]>) {
        chunk.for_each(|&sample| self.put(sample));
    }

    /// Every `step`th sample doubled (`longer`) or left out.
    fn bent(&mut self, chunk: &[[i16; CHANNELS]], step: usize, longer: bool) {
        for piece in chunk.chunks(step) {
            let (last, rest) = piece.split_last().map_or((None, piece), |(last, rest)| (Some(last), rest));
            self.append(rest.iter());
            let whole = piece.len() == step;
            let times = if !whole {
                1
            } else if longer {
                2
            } else {
                0
            };
            self.append(last.into_iter().cycle().take(times));
        }
    }

    /// Goes on at `due`: silence up to there, or over what was written too far ahead.
    fn seek(&mut self, due: u64) {
        if (self.end..self.end + KEPT).contains(&due) {
            while self.end < due {
                self.put([0; CHANNELS]);
            }
        } else {
            let near = due < self.end && self.end - due <= BACK;
            self.from = if near { self.from.min(due) } else { due };
            self.end = due;
        }
    }
}

/// Mixes `sources` from sample `from` on; loud sums are bent, not clipped.
pub(crate) fn mix<'a>(
    sources: impl Iterator<Item = &'a Sound>,
    from: u64,
    samples: usize,
) -> Vec<[i16; CHANNELS]> {
    let mut sum = vec![[0.0; CHANNELS]; samples];
    for source in sources {
        source.add_to(from, &mut sum);
    }
    sum.into_iter().map(|[left, right]| [bend(left), bend(right)]).collect()
}

/// Linear up to three quarters of full scale, then towards full scale without reaching it.
fn bend(sum: f32) -> i16 {
    const FULL: f32 = 32_767.0;
    const KNEE: f32 = 0.75 * FULL;
    let loud = sum.abs();
    let bent = if loud <= KNEE {
        loud
    } else {
        KNEE + (FULL - KNEE) * (1.0 - (-(loud - KNEE) / (FULL - KNEE)).exp())
    };
    #[expect(clippy::cast_possible_truncation, reason = "bent is at most full scale")]
    let sample = bent.copysign(sum) as i16;
    sample
}

/// RFC 6464 level of mono samples: 0 (full scale) … 127 (silence), -dBov of the RMS.
pub(crate) fn level(samples: &[i16]) -> Level {
    if samples.is_empty() {
        return Level::SILENCE;
    }
    let energy: f64 = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    let count = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    let rms = (energy / f64::from(count)).sqrt() / 32_768.0;
    if rms <= 0.0 {
        return Level::SILENCE;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=127")]
    let level = (-20.0 * rms.log10()).round().clamp(0.0, 127.0) as u8;
    Level(level)
}

/// Mono on both channels.
pub(crate) fn stereo_of_mono(samples: &[i16]) -> Vec<[i16; CHANNELS]> {
    samples.iter().map(|&s| [s, s]).collect()
}

/// Bytes of mono S16LE as samples; half a sample at the end is left out.
pub(crate) fn mono(bytes: &[u8]) -> Vec<i16> {
    bytes.as_chunks::<2>().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect()
}

/// Bytes of interleaved stereo S16LE as samples; a trailing part of a sample is left out.
pub(crate) fn stereo(bytes: &[u8]) -> Vec<[i16; CHANNELS]> {
    let frames = bytes.as_chunks::<4>().0.iter();
    frames.map(|&[a, b, c, d]| [i16::from_le_bytes([a, b]), i16::from_le_bytes([c, d])]).collect()
}

/// Interleaved stereo samples as S16LE bytes.
pub(crate) fn bytes(samples: &[[i16; CHANNELS]]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|[l, r]| {
            let ([a, b], [c, d]) = (l.to_le_bytes(), r.to_le_bytes());
            [a, b, c, d]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sound: &Sound, from: u64, n: usize) -> Vec<i16> {
        mix(std::iter::once(sound), from, n).iter().map(|s| s[0]).collect()
    }

    #[test]
    fn chunks_that_arrive_early_or_late_are_heard_without_gaps() {
        let sound = Sound::default();
        for n in 0..10u64 {
            let jitter = [0, 30, 60][usize::try_from(n % 3).unwrap()];
            sound.write(100_000 + n * 960 + jitter, &[[7, 7]; 960]);
        }
        assert!(read(&sound, 100_000, 9_600).iter().all(|&s| s == 7));
    }

    #[test]
    fn silence_is_heard_where_nothing_was_sent() {
        let sound = Sound::default();
        sound.write(100_000, &[[7, 7]; 960]);
        sound.write(200_000, &[[9, 9]; 960]);
        assert_eq!(read(&sound, 100_959, 2), [7, 0]);
        assert_eq!(read(&sound, 199_999, 2), [0, 9]);
        assert_eq!(read(&sound, 300_000, 1), [0]);
        sound.write(10_000_000, &[[3, 3]; 10]);
        assert_eq!(read(&sound, 200_000, 1), [0]);
    }

    #[test]
    fn a_step_back_costs_only_what_is_written_over() {
        let sound = Sound::default();
        sound.write(100_000, &[[7, 7]; 48_000]);
        for _ in 0..3 {
            sound.write(148_000 - 960, &[[900, 900]; 960]);
        }
        assert!(
            read(&sound, 100_000, 48_000 - 960).iter().all(|&s| s == 7),
            "what came before is still there"
        );
        assert!(read(&sound, 148_000 - 960, 960).iter().all(|&s| s == 900));
        sound.write(100_000 + 9_600, &[[900, 900]; 960]);
        assert!(read(&sound, 100_000, 9_600).iter().all(|&s| s == 7));
        assert_eq!(read(&sound, 100_000 + 10_560, 1), [0], "what was ahead is over");
    }

    #[test]
    fn after_a_step_back_nothing_is_heard_twice() {
        let sound = Sound::default();
        sound.write(0, &[[7, 7]; 192_000]);
        sound.write(192_000, &[[900, 900]; 9_600]);
        sound.write(192_000 + 4_800, &[[900, 900]; 960]);
        assert_eq!(read(&sound, 9_599, 2), [0, 7], "the oldest samples lie where the newest were");
    }

    #[test]
    fn a_clock_that_is_set_begins_anew() {
        let sound = Sound::default();
        sound.write(1_000_000, &[[900, 900]; 960]);
        sound.write(500_000, &[[901, 901]; 960]);
        assert_eq!(read(&sound, 499_999, 2), [0, 901]);
        assert_eq!(read(&sound, 1_000_000, 1), [0]);
    }

    #[test]
    fn a_drifting_clock_is_followed_within_three_milliseconds() {
        let sound = Sound::default();
        for n in 0..5_000 {
            sound.write(1_000_000 + n * 960 + n / 5, &[[1, 1]; 960]);
        }
        let due = 1_000_000 + 5_000 * 960 + 1_000;
        let end = lock(&sound.0).end;
        assert!(end.abs_diff(due) < 150, "{}", end.abs_diff(due));
    }

    #[test]
    fn ten_loud_people_do_not_wrap_around() {
        let loud: Vec<Sound> = (0..10)
            .map(|_| {
                let s = Sound::default();
                s.write(0, &[[i16::MAX, i16::MIN]; 100]);
                s
            })
            .collect();
        let mixed = mix(loud.iter(), 0, 100);
        assert!(mixed.iter().all(|[l, r]| *l > 32_000 && *r < -32_000));
    }

    #[test]
    fn levels_follow_rfc_6464() {
        assert_eq!(level(&[0; 960]), Level::SILENCE);
        assert_eq!(level(&[i16::MIN; 960]), Level(0));
        assert_eq!(level(&[3277; 960]), Level(20));
    }
}
