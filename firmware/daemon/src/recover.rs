//! After a crash or a power cut: unfinished recordings become whole files, and their records
//! say so (V9). What there is to do is looked up before the box runs; it is done beside it, because
//! a long recording or a slow disk takes its time. Must never touch what is being recorded now.

use std::path::{Path, PathBuf};

use huddle_core::ids::RecordingId;
use huddle_core::recording::{FinishedFile, Recording, after_restart};
use huddle_core::state::{BoxState, Ctx};

use crate::conductor::{Conductor, Message};

/// What was left when the box went down.
pub(crate) struct Unfinished {
    folder: PathBuf,
    /// Bytes of the disk that stay free.
    reserve: u64,
    parts: Vec<PathBuf>,
    /// Recordings that were not over, and failed ones whose file may have come back.
    records: Vec<RecordingId>,
}

impl Unfinished {
    /// What is left in `folder`; nothing may be recorded yet.
    pub(crate) fn find(folder: &Path, reserve: u64, recordings: &[Recording]) -> Self {
        let open = |r: &&Recording| !r.status.is_over() || r.lacks_its_file();
        let records = recordings.iter().filter(open).map(|r| r.recording_id.clone()).collect();
        let parts = huddle_media::find_leftovers(folder);
        Self { folder: folder.to_owned(), reserve, parts, records }
    }

    /// Finishes the files on a thread of its own; the conductor hears of each.
    pub(crate) fn finish(self, conductor: Conductor) -> std::io::Result<()> {
        let tell = move |id, file| conductor.report(Message::Recovered(id, file));
        std::thread::Builder::new().name("recover".to_owned()).spawn(move || self.run(&tell)).map(|_| ())
    }

    fn run(self, tell: &dyn Fn(RecordingId, Option<FinishedFile>)) {
        for part in &self.parts {
            let leftover = huddle_media::finalise_leftover(part, self.reserve);
            match leftover.result {
                Ok(_) => tracing::info!(recording = leftover.stem, "a recording cut short is saved"),
                Err(error) => tracing::warn!(recording = leftover.stem, %error, "nothing playable was left"),
            }
        }
        for id in self.records {
            let file = whole_file(&self.folder, id.as_str());
            tracing::debug!(%id, whole = file.is_some(), "a recording was interrupted");
            tell(id, file);
        }
    }
}

/// Doomed recordings that are over go at once: the box went down before they were gone.
pub(crate) fn bury(state: &mut BoxState, doomed: Vec<Recording>, ctx: &mut Ctx<'_>) {
    for recording in doomed {
        state.recording_recovered(recording.clone(), recording, ctx);
    }
}

/// The record of an interrupted recording becomes what its file is.
pub(crate) fn recovered(
    state: &mut BoxState,
    id: &RecordingId,
    file: Option<FinishedFile>,
    ctx: &mut Ctx<'_>,
) {
    // Deleted meanwhile, otherwise.
    if let Ok(before) = state.recording(id).cloned() {
        let after = after_restart(before.clone(), file);
        state.recording_recovered(before, after, ctx);
    }
}

fn whole_file(folder: &Path, id: &str) -> Option<FinishedFile> {
    let path = folder.join(format!("{id}.mp4"));
    let size = std::fs::metadata(&path).ok()?.len();
    let duration = huddle_media::duration_of(&path)?;
    let thumbnail = folder.join(format!("{id}.jpg")).exists();
    Some(FinishedFile { size, duration: duration.as_secs_f64(), thumbnail })
}
