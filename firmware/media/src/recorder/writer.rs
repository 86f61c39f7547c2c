//! Writes a recording to disk on its own thread and syncs each fragment, so that a power cut finds
//! it there. Never blocks for longer than the disk; its queue is bounded, and when the
//! disk is too slow the encoder waits, which costs pictures, not sound.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use gstreamer as gst;

use crate::Error;
use crate::picture::lock;

/// Pieces waiting for the disk; a piece is at most a fragment of one track.
const QUEUE: usize = 256;
/// A fragment comes in a burst; after this long without more it is synced.
const BURST: Duration = Duration::from_millis(20);
/// Longest time between two syncs.
const SYNC: Duration = Duration::from_millis(400);
/// Time between two looks at the free space.
const LOOK: Duration = Duration::from_secs(1);

/// Why nothing more is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The disk reserve is reached.
    Full,
    /// The disk failed.
    Broken(String),
}

/// Free bytes must stay above a reserve; a fault may say the disk is full.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    /// Bytes that must stay free.
    pub(crate) reserve: u64,
    /// Injected: full whatever is free.
    pub(crate) full: Arc<AtomicBool>,
}

impl Space {
    /// Bytes free for ordinary users on the filesystem of `path` beyond the reserve; 0 when full
    /// or unknown.
    pub(crate) fn left(&self, path: &Path) -> u64 {
        if self.full.load(Ordering::Relaxed) {
            return 0;
        }
        let free =
            nix::sys::statvfs::statvfs(path).map(|s| s.blocks_available().saturating_mul(s.fragment_size()));
        free.unwrap_or(0).saturating_sub(self.reserve)
    }
}

/// A running writer.
pub(crate) struct Writer {
    queue: Option<Sender<gst::Buffer>>,
    trouble: Arc<Mutex<Option<Trouble>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Creates `path`, which must not exist.
    pub(crate) fn start(path: &Path, space: Space) -> Result<Self, Error> {
        let file = File::create_new(path)?;
        let (queue, pieces) = bounded(QUEUE);
        let trouble = Arc::new(Mutex::new(None));
        let work = Work { file, path: path.to_owned(), space, trouble: trouble.clone() };
        let thread = std::thread::Builder::new()
            .name("media-writer".into())
            .spawn(move || work.run(&pieces))
            .map_err(Error::Thread)?;
        Ok(Self { queue: Some(queue), trouble, thread: Some(thread) })
    }

    /// Where pieces go; they wait while the queue is full.
    pub(crate) fn sink(&self) -> impl FnMut(gst::Buffer) + Send + 'static {
        let queue = self.queue.clone();
        move |piece| {
            if let Some(queue) = &queue {
                // A writer that is gone has reported why.
                let _ = queue.send(piece);
            }
        }
    }

    /// Why nothing more is written, if so.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        lock(&self.trouble).clone()
    }

    /// Waits until everything is on disk; all sinks must be dropped before.
    pub(crate) fn close(mut self) -> Option<Trouble> {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            return Some(Trouble::Broken("the writer panicked".into()));
        }
        self.trouble()
    }
}

struct Work {
    file: File,
    path: std::path::PathBuf,
    space: Space,
    trouble: Arc<Mutex<Option<Trouble>>>,
}

impl Work {
    fn run(mut self, pieces: &Receiver<gst::Buffer>) {
        if let Some(folder) = self.path.parent() {
            // The name itself must survive a power cut too; without it the file is still written.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        let (mut synced, mut looked) = (Instant::now(), Instant::now());
        let mut dirty = false;
        loop {
            let mut pause = false;
            match pieces.recv_timeout(if dirty { BURST } else { SYNC }) {
                Ok(piece) => dirty |= self.write(&piece),
                Err(RecvTimeoutError::Timeout) => pause = true,
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if dirty && (pause || synced.elapsed() >= SYNC) {
                self.sync();
                (dirty, synced) = (false, Instant::now());
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                if self.space.left(&self.path) == 0 {
                    self.fail(Trouble::Full);
                }
            }
        }
        self.sync();
    }

    /// Writes a piece; after trouble it is thrown away, so that the encoder can end.
    fn write(&mut self, piece: &gst::Buffer) -> bool {
        if lock(&self.trouble).is_some() {
            return false;
        }
        let Ok(map) = piece.map_readable() else { return false };
        match self.file.write_all(&map) {
            Ok(()) => true,
            Err(error) => {
                self.fail(trouble(&error));
                false
            }
        }
    }

    fn sync(&self) {
        if let Err(error) = self.file.sync_data() {
            self.fail(trouble(&error));
        }
    }

    fn fail(&self, trouble: Trouble) {
        lock(&self.trouble).get_or_insert(trouble);
    }
}

fn trouble(error: &std::io::Error) -> Trouble {
    let full = [std::io::ErrorKind::StorageFull, std::io::ErrorKind::QuotaExceeded];
    if full.contains(&error.kind()) { Trouble::Full } else { Trouble::Broken(error.to_string()) }
}
