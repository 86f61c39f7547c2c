//! What to leave out when the encoder cannot keep up (`features.md` V9): pictures, never sound.

/// Frames waiting for the encoder above which it is too slow.
const TOO_MANY: u64 = 10;
/// Frames in a row without waiting before full rate is tried again: 5 s at 30 fps.
const CALM: u32 = 150;

/// Thins the pictures: every frame, every 2nd, every 4th.
#[derive(Debug, Default)]
pub(crate) struct Thinning {
    step: u32,
    calm: u32,
    count: u64,
}

impl Thinning {
    /// Whether the next frame goes to the encoder, `waiting` frames being queued there.
    pub(crate) fn keep(&mut self, waiting: u64) -> bool {
        self.count = self.count.wrapping_add(1);
        if waiting > TOO_MANY {
            self.calm = 0;
            self.step = (self.step + 1).min(2);
            return false;
        }
        self.calm = if waiting <= 1 { self.calm + 1 } else { 0 };
        if self.calm >= CALM && self.step > 0 {
            self.step -= 1;
            self.calm = 0;
        }
        self.count.is_multiple_of(1 << self.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_is_kept_while_the_encoder_keeps_up() {
        let mut t = Thinning::default();
        assert!((0..1000).all(|n| t.keep(n % 3)));
    }

    #[test]
    fn a_slow_encoder_gets_fewer_frames_and_later_all_again() {
        let mut t = Thinning::default();
        assert!(!t.keep(11));
        let kept = (0..100).filter(|_| t.keep(2)).count();
        assert_eq!(kept, 50);
        (0..CALM).for_each(|_| {
            t.keep(0);
        });
        assert!((0..100).all(|_| t.keep(0)));
    }
}
