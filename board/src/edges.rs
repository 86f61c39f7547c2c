//! Edges on their way from an interrupt to the board's loop. The queue is bounded; when it was full
//! the pins themselves are read, so that neither a press nor a release is missed for good.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::backend::Edge;

/// Edges that may wait.
const QUEUE: usize = 64;

/// The way in; cheap to clone, never waits.
#[derive(Clone)]
pub(crate) struct EdgeSink {
    queue: Sender<Option<Edge>>,
    lost: Arc<AtomicBool>,
}

/// The way out.
pub(crate) struct Edges {
    queue: Receiver<Option<Edge>>,
    lost: Arc<AtomicBool>,
    levels: VecDeque<Edge>,
}

pub(crate) fn edges() -> (EdgeSink, Edges) {
    let ((sender, queue), lost) = (bounded(QUEUE), Arc::<AtomicBool>::default());
    let edges = Edges { queue, lost: lost.clone(), levels: VecDeque::new() };
    (EdgeSink { queue: sender, lost }, edges)
}

impl EdgeSink {
    /// A pin has moved.
    pub(crate) fn put(&self, edge: Edge) {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(Some(edge)) {
            self.lost.store(true, Ordering::Release);
        }
    }

    /// Ends a wait.
    pub(crate) fn wake(&self) {
        // Full = there is something to wake up for anyway.
        let _ = self.queue.try_send(None);
    }
}

impl Edges {
    /// The next one, within `wait`; `read` tells how all pins are now.
    pub(crate) fn next(&mut self, wait: Duration, read: impl FnOnce() -> Vec<Edge>) -> Option<Edge> {
        if let Some(edge) = self.levels.pop_front() {
            return Some(edge);
        }
        let lost = self.lost.load(Ordering::Acquire);
        if let Ok(edge) = self.queue.recv_timeout(if lost { Duration::ZERO } else { wait }) {
            return edge;
        }
        if lost {
            // What moves from here on is in the queue again.
            self.lost.store(false, Ordering::Release);
            self.levels.extend(read());
        }
        self.levels.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use huddle_core::button::Button;

    use super::*;

    #[test]
    fn a_release_that_found_the_queue_full_is_read_from_the_pin() {
        let (sink, mut edges) = edges();
        let edge = |pressed| Edge { button: Button::Record, pressed };
        for _ in 0..QUEUE {
            sink.put(edge(true));
        }
        sink.put(edge(false));
        let mut last = None;
        while let Some(edge) = edges.next(Duration::ZERO, || vec![edge(false)]) {
            last = Some(edge);
        }
        assert_eq!(last, Some(edge(false)), "the button is up");
        sink.put(edge(true));
        assert_eq!(edges.next(Duration::ZERO, Vec::new), Some(edge(true)), "the next press counts");
        sink.wake();
        assert_eq!(edges.next(Duration::from_secs(60), Vec::new), None);
    }
}
