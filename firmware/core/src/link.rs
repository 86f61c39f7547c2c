//! What a link to a subscriber is seen to carry: a lower bound beside the estimate of congestion
//! control, which sinks with every loss, whether a queue is full or a radio is noisy.

use std::time::Duration;

use crate::units::Bitrate;

/// A round trip so much longer than the shortest means a standing queue: packets still arrive,
/// but later and later, so nothing can be said of what the link carries.
const QUEUE: Duration = Duration::from_millis(300);
/// The shortest round trip approaches a longer one by this part with each report, so within a few
/// minutes.
const AGE: u32 = 64;
/// Losses up to which congestion control does not give way
/// (draft-ietf-rmcat-gcc-02 §6: only above 10 %).
const TOLERATED: f32 = 0.1;

/// Losses and round trips of one link, as its transport feedback tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Link {
    loss: Option<f32>,
    shortest: Option<Duration>,
    latest: Option<Duration>,
}

impl Link {
    /// Takes a report of about the last second: the share of packets lost (0 to 1) and the
    /// latest round trip. What is no number is ignored.
    pub fn observe(&mut self, loss: Option<f32>, round_trip: Option<Duration>) {
        self.loss = loss.filter(|loss| loss.is_finite()).map(|loss| loss.clamp(0.0, 1.0));
        self.latest = round_trip;
        self.shortest = match (self.shortest, round_trip) {
            // It ages: a client may have moved to a longer way.
            (Some(shortest), Some(latest)) => {
                Some(latest.min(shortest + latest.saturating_sub(shortest) / AGE))
            }
            (before, latest) => before.or(latest),
        };
    }

    /// Bits per second the link carries at least, while `sent` leave for it; 0 when unknown.
    pub fn carries(&self, sent: Bitrate) -> Bitrate {
        let (Some(loss), Some(latest), Some(shortest)) = (self.loss, self.latest, self.shortest) else {
            return Bitrate(0);
        };
        if latest.saturating_sub(shortest) > QUEUE {
            return Bitrate(0);
        }
        if loss <= TOLERATED {
            return sent;
        }
        sent.share(1.0 - loss)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link(loss: f32, millis: &[u64]) -> Link {
        let mut link = Link::default();
        for millis in millis {
            link.observe(Some(loss), Some(Duration::from_millis(*millis)));
        }
        link
    }

    #[test]
    fn nothing_is_known_before_the_first_report() {
        assert_eq!(Link::default().carries(Bitrate(1_000)), Bitrate(0));
    }

    #[test]
    fn noise_is_not_congestion_and_a_queue_is() {
        let sent = Bitrate::kbps(2_000);
        assert_eq!(link(0.05, &[40, 60]).carries(sent), sent, "a radio");
        assert_eq!(link(0.25, &[40, 60]).carries(sent), Bitrate::kbps(1_500), "a bad one");
        assert_eq!(link(0.0, &[40, 400]).carries(sent), Bitrate(0), "a queue that grows");
        assert_eq!(link(0.0, &[40, 400, 80]).carries(sent), sent, "and is gone");
    }

    proptest! {
        #[test]
        fn never_more_than_was_sent(
            sent in 0u64..1_000_000_000,
            reports in prop::collection::vec((any::<Option<f32>>(), prop::option::of(0u64..5_000)), 0..8),
        ) {
            let mut link = Link::default();
            for (loss, millis) in reports {
                link.observe(loss, millis.map(Duration::from_millis));
                prop_assert!(link.carries(Bitrate(sent)) <= Bitrate(sent));
            }
        }
    }
}
