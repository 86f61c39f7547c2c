//! After a crash or a power cut: every `….part.mp4` becomes a finished recording.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Error;
use crate::port::RecordingFile;
use crate::recorder::finish;
use crate::recorder::writer::Space;

const PART: &str = ".part.mp4";

/// One `….part.mp4` that was found.
#[derive(Debug)]
pub struct Leftover {
    /// Its name without folder and `.part.mp4`: what the final file is called, `.mp4` apart.
    pub stem: String,
    /// The finished file; or why nothing playable is in it. Then the part file is deleted, unless
    /// the disk itself failed.
    pub result: Result<RecordingFile, Error>,
}

/// All in `dir`, not below it. Must not be called while a recording runs.
pub(crate) fn find(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut parts: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|p| stem(p).is_some()).collect();
    parts.sort();
    remove_halves(dir);
    parts
}

/// Finishes one of them; copying leaves `reserve` bytes of the disk free.
pub(crate) fn finalise(part: &Path, reserve: u64) -> Leftover {
    let stem = stem(part).unwrap_or_default();
    let path = part.with_file_name(format!("{stem}.mp4"));
    let result = gstreamer::init().map_err(Error::Init).and_then(|()| one(part, &path, reserve));
    if let Err(error) = &result {
        tracing::warn!(%error, "a recording cut short cannot be saved");
        if matches!(error, Error::Damaged(_)) {
            let _ = std::fs::remove_file(part);
        }
    }
    Leftover { stem, result }
}

fn one(part: &Path, path: &Path, reserve: u64) -> Result<RecordingFile, Error> {
    let known = finish::thumbnail_path(path);
    let known = known.exists().then_some(known);
    let space = Space { reserve, full: Arc::default() };
    let mut file = finish::finish(part, path, &space, known)?;
    if file.thumbnail.is_none() {
        file.thumbnail = finish::thumbnail_of_file(path);
    }
    Ok(file)
}

/// Copies that were being made when the box stopped; their part files are still there.
fn remove_halves(dir: &Path) {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.to_str().is_some_and(|name| name.ends_with(".final.mp4")) {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn stem(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(PART).filter(|stem| !stem.is_empty()).map(str::to_owned)
}
