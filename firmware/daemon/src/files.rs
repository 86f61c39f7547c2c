//! Deletes the files of recordings, on a thread of its own: a large file or a disk that hangs must
//! not stop lamps and buttons.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::{Sender, bounded};
use huddle_core::recording::Recording;

use crate::conductor::{Conductor, Message};

/// Recordings that may wait to be deleted; more are left to the next start of the box.
const QUEUE: usize = 4_096;

/// The way to the thread, which ends with it.
pub(crate) struct Files {
    queue: Sender<Recording>,
    waiting: Arc<AtomicUsize>,
}

impl Files {
    /// For files in `folder`; the conductor hears of each recording whose files are gone.
    pub(crate) fn start(folder: PathBuf, conductor: Conductor) -> std::io::Result<Self> {
        let (queue, recordings) = bounded::<Recording>(QUEUE);
        let waiting = Arc::new(AtomicUsize::new(0));
        let counted = waiting.clone();
        let work = move || {
            for recording in recordings {
                if remove(&folder, &recording) {
                    conductor.report(Message::FilesGone(Box::new(recording)));
                }
                counted.fetch_sub(1, Ordering::AcqRel);
            }
        };
        std::thread::Builder::new().name("files".to_owned()).spawn(work)?;
        Ok(Self { queue, waiting })
    }

    /// Deletes a recording's files, a moment later.
    pub(crate) fn remove(&self, recording: Recording) {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        if self.queue.try_send(recording).is_err() {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            tracing::warn!("too many files wait to be deleted; the next start of the box goes on");
        }
    }

    /// Some are not deleted yet.
    pub(crate) fn is_busy(&self) -> bool {
        self.waiting.load(Ordering::Acquire) > 0
    }
}

/// True when nothing of it is left.
fn remove(folder: &Path, recording: &Recording) -> bool {
    let id = &recording.recording_id;
    let names = [recording.filename(), format!("{id}.jpg"), format!("{id}.part.mp4")];
    let gone = names.map(|name| match std::fs::remove_file(folder.join(name)) {
        Ok(()) => true,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => {
            tracing::warn!(%error, "a recording's file cannot be deleted; the next start tries again");
            false
        }
    });
    gone.into_iter().all(|gone| gone)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::conductor::tests::{queue_for_tests, recording};

    #[test]
    fn a_recording_is_gone_when_all_its_files_are() {
        let dir = tempfile::tempdir().unwrap();
        let (conductor, inbox) = queue_for_tests();
        let files = Files::start(dir.path().to_owned(), conductor).unwrap();
        let (first, stuck, last) =
            (recording("a--EG_1--c"), recording("a--EG_2--c"), recording("a--EG_3--c"));
        for recording in [&first, &last] {
            std::fs::write(dir.path().join(recording.filename()), "film").unwrap();
        }
        // Not even root can remove a folder as if it were a file.
        std::fs::create_dir(dir.path().join(stuck.filename())).unwrap();
        for recording in [first, stuck, last] {
            files.remove(recording);
        }
        let until = Instant::now() + Duration::from_secs(10);
        while files.is_busy() && Instant::now() < until {
            std::thread::yield_now();
        }
        let gone: Vec<String> = std::iter::from_fn(|| inbox.next())
            .filter_map(
                |m| if let Message::FilesGone(r) = m { Some(r.recording_id.to_string()) } else { None },
            )
            .collect();
        assert_eq!(gone, ["a--EG_1--c", "a--EG_3--c"]);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
