//! After a crash or a power cut: unfinished recordings become whole files, and their records
//! say so (V9).

use std::path::Path;

use crossbeam_channel::Sender;
use huddle_core::recording::{FinishedFile, Recording, after_restart};
use huddle_core::state::{Change, Write};
use huddle_store::{Reader, StoreError, Writer};

use crate::effects::remove_files;

/// A recording that was not over when the box went down.
pub(crate) struct Recovered {
    /// As it is listed.
    pub(crate) before: Recording,
    /// As it is to be listed.
    pub(crate) after: Recording,
}

/// Finishes what was left in `folder`; what the state is to list, and to tell.
pub(crate) fn recordings(folder: &Path, reader: &Reader, writer: &Writer) -> anyhow::Result<Vec<Recovered>> {
    let mut files = std::collections::BTreeMap::new();
    for leftover in huddle_media::finalise_leftovers(folder) {
        match leftover.result {
            Ok(file) => {
                let finished = FinishedFile {
                    size: file.size,
                    duration: file.duration.as_secs_f64(),
                    thumbnail: file.thumbnail.is_some(),
                };
                files.insert(leftover.stem, finished);
            }
            Err(error) => {
                tracing::warn!(recording = leftover.stem, %error, "nothing playable was left");
            }
        }
    }
    let mut recovered = Vec::new();
    let (done, results) = crossbeam_channel::unbounded();
    for before in reader.recordings()?.into_iter().filter(|r| r.doomed || !r.status.is_over()) {
        if before.doomed {
            // Its room was deleted with it while it was being finished.
            remove_files(folder, &before);
            commit(writer, Change { before: Some(before), after: None }, done.clone());
            continue;
        }
        let id = before.recording_id.as_str();
        let file = files.remove(id).or_else(|| whole_file(folder, id));
        tracing::info!(%id, whole = file.is_some(), "a recording was interrupted");
        let after = after_restart(before.clone(), file);
        recovered.push(Recovered { before, after });
    }
    drop(done);
    // Whoever loads the records now finds them as they are.
    for error in results.iter().filter_map(Result::err) {
        tracing::error!(%error, "a recording of a deleted room is still listed");
    }
    Ok(recovered)
}

fn commit(writer: &Writer, change: Change<Recording>, done: Sender<Result<(), StoreError>>) {
    writer.commit(vec![Write::Recording(change)], move |result| {
        // The receiver waits until all are done.
        let _ = done.send(result);
    });
}

/// The crash came between renaming the finished file and saving its record.
fn whole_file(folder: &Path, id: &str) -> Option<FinishedFile> {
    let path = folder.join(format!("{id}.mp4"));
    let size = std::fs::metadata(&path).ok()?.len();
    let duration = huddle_media::duration_of(&path)?;
    let thumbnail = folder.join(format!("{id}.jpg")).exists();
    Some(FinishedFile { size, duration: duration.as_secs_f64(), thumbnail })
}
