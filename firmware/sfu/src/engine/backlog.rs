//! Reliable data that waits for one receiver, in order and bounded. Each sender has a share of its
//! own: who floods loses its own packets, and never costs the receiver its seat.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// All that may wait for a receiver; one that reads so little is sent away with RECONNECT.
const ALL: Share = Share { bytes: 8 << 20, packets: 8_192 };
/// What may wait of one sender.
const EACH: Share = Share { bytes: 2 << 20, packets: 2_048 };

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    bytes: usize,
    packets: usize,
}

impl Share {
    const fn with(self, bytes: usize) -> Self {
        Self { bytes: self.bytes + bytes, packets: self.packets + 1 }
    }

    const fn without(self, bytes: usize) -> Self {
        Self { bytes: self.bytes.saturating_sub(bytes), packets: self.packets.saturating_sub(1) }
    }

    const fn fits(self, most: Self) -> bool {
        self.bytes <= most.bytes && self.packets <= most.packets
    }
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It waits.
    Taken,
    /// Its sender's share is used up: it is lost.
    Refused,
    /// Too much waits.
    Full,
}

/// The queue of one receiver. A sender is a member's key; `None` is the box.
#[derive(Default)]
pub(crate) struct Backlog {
    queue: VecDeque<(Option<usize>, Arc<[u8]>)>,
    all: Share,
    each: HashMap<Option<usize>, Share>,
}

impl Backlog {
    pub(super) fn put(&mut self, sender: Option<usize>, bytes: Arc<[u8]>) -> Put {
        let all = self.all.with(bytes.len());
        if !all.fits(ALL) {
            return Put::Full;
        }
        let own = self.each.get(&sender).copied().unwrap_or_default().with(bytes.len());
        if !own.fits(EACH) {
            return Put::Refused;
        }
        self.all = all;
        self.each.insert(sender, own);
        self.queue.push_back((sender, bytes));
        Put::Taken
    }

    pub(super) fn first(&self) -> Option<&Arc<[u8]>> {
        self.queue.front().map(|(_, bytes)| bytes)
    }

    pub(super) fn take_first(&mut self) {
        let Some((sender, bytes)) = self.queue.pop_front() else { return };
        self.all = self.all.without(bytes.len());
        let left = self.each.remove(&sender).unwrap_or_default().without(bytes.len());
        if left != Share::default() {
            self.each.insert(sender, left);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sender_fills_its_share_and_others_still_get_in() {
        for size in [1, 60_000] {
            let mut backlog = Backlog::default();
            let mut fill = |sender| {
                let puts = (0..10_000).map(|_| backlog.put(sender, vec![0; size].into()));
                puts.take_while(|put| *put == Put::Taken).count()
            };
            let taken = fill(Some(1));
            assert!(taken > 30, "{taken}");
            assert_eq!(fill(Some(2)), taken);
            assert_eq!(fill(None), taken);
            assert_eq!(backlog.put(Some(1), vec![0; size].into()), Put::Refused);
            while backlog.first().is_some() {
                backlog.take_first();
            }
            assert!(backlog.is_empty() && backlog.each.is_empty() && backlog.all == Share::default());
        }
    }

    #[test]
    fn many_senders_together_fill_it() {
        let mut backlog = Backlog::default();
        let puts: Vec<Put> =
            (0..10_000).map(|number| backlog.put(Some(number), vec![0; 10].into())).collect();
        assert_eq!(puts.iter().filter(|put| **put == Put::Taken).count(), ALL.packets);
        assert_eq!(puts.last(), Some(&Put::Full));
    }
}
