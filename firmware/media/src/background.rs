//! Opening and closing on threads of their own, because drivers may hang in both. Nothing here can
//! interrupt one that hangs; whoever asked goes on without it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::time::Duration;

use crate::Error;

/// Something that is being opened. When nobody waits for it any more, it is closed on its thread
/// as soon as it is open.
pub(crate) struct Opening<T>(Receiver<Result<T, Error>>);

/// Something that is being closed for longer than anybody waited.
pub(crate) struct Closing(Receiver<()>);

/// Starts to open.
pub(crate) fn open<T: Send + 'static>(
    open: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<Opening<T>, Error> {
    let (result, opening) = channel();
    let open = move || {
        // Nobody waits for it any more, otherwise.
        let _ = result.send(open());
    };
    std::thread::Builder::new().name("media-open".into()).spawn(open).map_err(Error::Thread)?;
    Ok(Opening(opening))
}

/// Closes `thing` by dropping it, and waits for that at most `patience`. What is still being closed
/// then is returned.
pub(crate) fn close<T: Send + 'static>(thing: T, patience: Duration) -> Option<Closing> {
    let (done, closing) = channel::<()>();
    let close = move || {
        drop(thing);
        drop(done);
    };
    // Without a thread it was closed by being lost here.
    std::thread::Builder::new().name("media-close".into()).spawn(close).ok()?;
    let late = closing.recv_timeout(patience) == Err(RecvTimeoutError::Timeout);
    late.then_some(Closing(closing))
}

impl<T> Opening<T> {
    /// What came of it, once; `None` while it is being opened.
    pub(crate) fn result(&self) -> Option<Result<T, Error>> {
        match self.0.try_recv() {
            Ok(result) => Some(result),
            Err(TryRecvError::Disconnected) => Some(Err(Error::Start("opening it failed".into()))),
            Err(TryRecvError::Empty) => None,
        }
    }
}

impl Closing {
    /// It is closed at last.
    pub(crate) fn is_over(&self) -> bool {
        self.0.try_recv() == Err(TryRecvError::Disconnected)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::Sender;
    use std::time::Instant;

    use super::*;

    /// Hangs while it is closed, until the sender is dropped.
    struct Hangs(Receiver<()>);

    impl Drop for Hangs {
        fn drop(&mut self) {
            let _ = self.0.recv();
        }
    }

    fn hangs() -> (Sender<()>, Hangs) {
        let (release, held) = channel();
        (release, Hangs(held))
    }

    fn soon(mut is: impl FnMut() -> bool) -> bool {
        let until = Instant::now() + Duration::from_secs(10);
        while !is() && Instant::now() < until {
            std::thread::yield_now();
        }
        is()
    }

    #[test]
    fn what_hangs_while_it_is_closed_holds_nobody_for_longer_than_asked() {
        let (release, hanging) = hangs();
        let closing = close(hanging, Duration::from_millis(20)).expect("it hangs");
        assert!(!closing.is_over());
        drop(release);
        assert!(soon(|| closing.is_over()));
        assert!(close(1, Duration::from_secs(10)).is_none(), "what closes well is closed at once");
    }

    #[test]
    fn what_is_opened_comes_once_and_a_panic_is_a_failure() {
        let opening = open(|| Ok(7)).unwrap();
        let mut result = None;
        assert!(soon(|| {
            result = result.take().or_else(|| opening.result());
            result.is_some()
        }));
        assert!(matches!(result, Some(Ok(7))));
        let opening = open::<u8>(|| panic!("a mistake in a driver")).unwrap();
        let mut result = None;
        assert!(soon(|| {
            result = result.take().or_else(|| opening.result());
            result.is_some()
        }));
        assert!(matches!(result, Some(Err(_))));
    }
}
