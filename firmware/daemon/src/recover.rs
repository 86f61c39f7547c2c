//! After a crash or a power cut: unfinished recordings become whole files, and their records
//! say so (V9).

use std::path::Path;

use huddle_core::recording::{FinishedFile, Recording, after_restart};
use huddle_store::Reader;

/// A recording that was not over when the box went down.
pub(crate) struct Recovered {
    /// As it is listed.
    pub(crate) before: Recording,
    /// As it is to be listed.
    pub(crate) after: Recording,
}

/// Finishes what was left in `folder`; what the state is to list, to tell, and to delete.
pub(crate) fn recordings(folder: &Path, reader: &Reader) -> anyhow::Result<Vec<Recovered>> {
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
    for before in reader.recordings()?.into_iter().filter(|r| r.doomed || !r.status.is_over()) {
        let id = before.recording_id.as_str();
        let file = files.remove(id).or_else(|| whole_file(folder, id));
        tracing::info!(%id, whole = file.is_some(), "a recording was interrupted");
        let after = after_restart(before.clone(), file);
        recovered.push(Recovered { before, after });
    }
    Ok(recovered)
}

/// The crash came between renaming the finished file and saving its record.
fn whole_file(folder: &Path, id: &str) -> Option<FinishedFile> {
    let path = folder.join(format!("{id}.mp4"));
    let size = std::fs::metadata(&path).ok()?.len();
    let duration = huddle_media::duration_of(&path)?;
    let thumbnail = folder.join(format!("{id}.jpg")).exists();
    Some(FinishedFile { size, duration: duration.as_secs_f64(), thumbnail })
}
