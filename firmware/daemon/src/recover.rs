//! After a crash or a power cut: unfinished recordings become whole files, and their records
//! say so (V9).

use std::path::Path;

use huddle_core::recording::{FinishedFile, after_restart};
use huddle_core::state::{Change, Write};
use huddle_store::{Reader, Writer};

/// Finishes what was left in `folder`; returns how many recordings were saved.
pub(crate) fn recordings(folder: &Path, reader: &Reader, writer: &Writer) -> anyhow::Result<usize> {
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
    let mut saved = 0;
    for before in reader.all_recordings()?.into_iter().filter(|r| !r.status.is_over()) {
        let id = before.recording_id.as_str();
        let file = files.remove(id).or_else(|| whole_file(folder, id));
        saved += usize::from(file.is_some());
        let after = after_restart(before.clone(), file);
        let write = Write::Recording(Change { before: Some(before), after: Some(after) });
        writer.commit(vec![write], |result| {
            if let Err(error) = result {
                tracing::error!(%error, "a recovered recording could not be listed");
            }
        });
    }
    Ok(saved)
}

/// The crash came between renaming the finished file and saving its record.
fn whole_file(folder: &Path, id: &str) -> Option<FinishedFile> {
    let path = folder.join(format!("{id}.mp4"));
    let size = std::fs::metadata(&path).ok()?.len();
    let duration = huddle_media::duration_of(&path)?;
    let thumbnail = folder.join(format!("{id}.jpg")).exists();
    Some(FinishedFile { size, duration: duration.as_secs_f64(), thumbnail })
}
