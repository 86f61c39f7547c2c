//! The room's speaker: the sound of all others, never the room's own microphone (mix-minus).

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use gstreamer_app::AppSrc;

use crate::Error;
use crate::clock::{nanos, sample_at};
use crate::meeting::Meeting;
use crate::picture::lock;
use crate::publish::CHUNK;
use crate::{pipe, recorder, sound, tv};

/// A piece of sound, 20 ms.
const PIECE: Duration = Duration::from_millis(20);

/// A running mix towards the speaker device.
pub(crate) struct Speaker {
    device: Arc<Mutex<Option<AppSrc>>>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Speaker {
    /// Mixes `meeting` for the device connected later.
    pub(crate) fn start(meeting: Arc<Meeting>) -> Result<Self, Error> {
        let device = Arc::new(Mutex::new(None));
        let (stop, stopped) = bounded(1);
        let slot = device.clone();
        let thread = std::thread::Builder::new().name("media-speaker".into());
        let thread = thread.spawn(move || run(&meeting, &slot, &stopped)).map_err(Error::Thread)?;
        Ok(Self { device, stop: Some(stop), thread: Some(thread) })
    }

    /// Where the sound goes now; nowhere while the device is closed.
    pub(crate) fn connect(&self, device: Option<AppSrc>) {
        *lock(&self.device) = device;
    }

    /// It mixes no longer, though it was not dropped.
    pub(crate) fn has_died(&self) -> bool {
        self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the speaker thread panicked");
        }
    }
}

fn run(meeting: &Meeting, device: &Mutex<Option<AppSrc>>, stopped: &Receiver<()>) {
    let start = Instant::now();
    let first = sample_at(nanos(start) - tv::DELAY);
    let mut piece = 0u32;
    loop {
        let due = start + PIECE * piece;
        match stopped.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
        if let Some(device) = lock(device).as_ref() {
            let people: Vec<_> = meeting.people().into_iter().filter(|p| !p.local).collect();
            let from = first + u64::from(piece) * CHUNK as u64;
            let mixed = sound::mix(recorder::sounds(&people).map(Arc::as_ref), from, CHUNK);
            pipe::push(device, sound::bytes(&mixed), nanos(due), Some(20_000_000));
        }
        piece = piece.wrapping_add(1);
    }
}
