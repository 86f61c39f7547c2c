//! Puts packets of one track back in order and says what is lost. Retransmissions are asked for
//! by the SFU; here they are only waited for. Bounded: at most [`MOST`] packets are held.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Packets held while waiting for a missing one; more force the gap to be given up.
const MOST: usize = 512;
/// A jump of more than this is a new stream, which nobody waits for.
const RESTART: u64 = 3_000;

/// What comes out, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ordered<P> {
    /// The next packet.
    Packet(P),
    /// So many packets before the next one are lost.
    Lost(u64),
}

/// Reorders by extended sequence number.
#[derive(Debug)]
pub(crate) struct Reorder<P> {
    patience: Duration,
    next: Option<u64>,
    /// How far a new stream has jumped, until that is said.
    jumped: Option<u64>,
    held: BTreeMap<u64, (P, Instant)>,
}

impl<P> Reorder<P> {
    /// Waits at most `patience` for a missing packet.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, next: None, jumped: None, held: BTreeMap::new() }
    }

    /// Puts a packet in; late ones and duplicates are dropped.
    pub(crate) fn push(&mut self, seq: u64, packet: P, now: Instant) {
        let next = *self.next.get_or_insert(seq);
        if next.abs_diff(seq) > RESTART {
            self.held.clear();
            self.jumped = Some(next.abs_diff(seq));
            self.next = Some(seq);
        } else if seq < next {
            return;
        }
        self.held.entry(seq).or_insert((packet, now));
    }

    /// The next thing that is ready.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<Ordered<P>> {
        if let Some(far) = self.jumped.take() {
            return Some(Ordered::Lost(far));
        }
        let next = self.next?;
        let (&first, (_, since)) = self.held.first_key_value()?;
        if first != next {
            let waited = now.saturating_duration_since(*since) >= self.patience;
            if !waited && self.held.len() < MOST {
                return None;
            }
            self.next = Some(first);
            return Some(Ordered::Lost(first - next));
        }
        let (_, (packet, _)) = self.held.pop_first()?;
        self.next = Some(first + 1);
        Some(Ordered::Packet(packet))
    }

    /// True while packets wait for a missing one.
    pub(crate) fn waiting(&self) -> bool {
        !self.held.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(r: &mut Reorder<u64>, now: Instant) -> Vec<Ordered<u64>> {
        std::iter::from_fn(|| r.pop(now)).collect()
    }

    fn feed(r: &mut Reorder<u64>, seqs: &[u64], now: Instant) {
        for &seq in seqs {
            r.push(seq, seq, now);
        }
    }

    #[test]
    fn swapped_packets_come_out_in_order() {
        let (mut r, t) = (Reorder::new(Duration::from_millis(100)), Instant::now());
        feed(&mut r, &[5, 7, 6, 6, 8], t);
        let want = [5, 6, 7, 8].map(Ordered::Packet);
        assert_eq!(drain(&mut r, t), want);
        assert!(!r.waiting());
    }

    #[test]
    fn a_gap_is_waited_for_and_then_reported() {
        let (mut r, t) = (Reorder::new(Duration::from_millis(100)), Instant::now());
        feed(&mut r, &[1, 4], t);
        assert_eq!(drain(&mut r, t), [Ordered::Packet(1)]);
        let later = t + Duration::from_millis(100);
        assert_eq!(drain(&mut r, later), [Ordered::Lost(2), Ordered::Packet(4)]);
        feed(&mut r, &[2], later);
        assert_eq!(drain(&mut r, later), []);
    }

    #[test]
    fn a_restarted_stream_is_followed_at_once() {
        let (mut r, t) = (Reorder::new(Duration::from_millis(100)), Instant::now());
        feed(&mut r, &[100_000, 5], t);
        let jump = Ordered::Lost(99_995);
        assert_eq!(drain(&mut r, t), [jump, Ordered::Packet(5)], "its decoder needs a keyframe");
    }

    #[test]
    fn what_is_held_is_bounded() {
        let (mut r, t) = (Reorder::new(Duration::from_secs(3600)), Instant::now());
        feed(&mut r, &[0], t);
        drain(&mut r, t);
        for seq in 2..2_000 {
            r.push(seq, seq, t);
            drain(&mut r, t);
        }
        assert!(!r.waiting());
    }
}
