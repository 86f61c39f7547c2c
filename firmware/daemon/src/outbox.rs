//! Commands that must not be lost, on their way into a bounded queue: what does not fit waits here
//! and goes first next time, in order. Never waits itself.

use std::collections::VecDeque;

/// With more than this waiting, whoever should take them has hung.
const MOST: usize = 4_096;

/// What waits for one receiver.
pub(crate) struct Outbox<C>(VecDeque<C>);

impl<C> Outbox<C> {
    pub(crate) const fn new() -> Self {
        Self(VecDeque::new())
    }

    /// Sends `command` after everything that waits; `offer` gives back what does not fit.
    pub(crate) fn send(&mut self, command: C, offer: impl Fn(C) -> Option<C>) {
        self.0.push_back(command);
        self.flush(offer);
    }

    /// Sends what waits, as far as it fits.
    pub(crate) fn flush(&mut self, offer: impl Fn(C) -> Option<C>) {
        while let Some(command) = self.0.pop_front() {
            if let Some(command) = offer(command) {
                self.0.push_front(command);
                return;
            }
        }
    }

    /// Something waits.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.0.is_empty()
    }

    /// Too much waits.
    pub(crate) fn is_stuck(&self) -> bool {
        self.0.len() > MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn nothing_is_lost_or_overtaken_when_the_queue_is_full() {
        let (taken, room) = (RefCell::new(Vec::new()), RefCell::new(2));
        let offer = |n: u32| {
            if *room.borrow() == 0 {
                return Some(n);
            }
            *room.borrow_mut() -= 1;
            taken.borrow_mut().push(n);
            None
        };
        let mut outbox = Outbox::new();
        (0..4).for_each(|n| outbox.send(n, offer));
        assert!(outbox.is_waiting());
        *room.borrow_mut() = 10;
        outbox.send(4, offer);
        assert_eq!(*taken.borrow(), [0, 1, 2, 3, 4]);
        assert!(!outbox.is_waiting());
    }

    #[test]
    fn a_receiver_that_takes_nothing_is_found_out() {
        let mut outbox = Outbox::new();
        (0..=MOST).for_each(|n| outbox.send(n, Some));
        assert!(outbox.is_stuck());
    }
}
