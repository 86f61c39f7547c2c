//! From the crash-safe fragmented MP4 written while recording (ISO/IEC 14496-12 §8.8) to a
//! seekable one with its index in front. No re-encoding; never trusts the input.

mod boxes;
mod fragments;
mod progressive;

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use crate::Error;
use fragments::Movie;

/// Makes `done` of the fragmented `part`: index in front, no more than the whole samples of
/// `part`, synced to disk. `part` stays. Returns the length of the media.
pub(crate) fn finalise(part: &Path, done: &Path) -> Result<Duration, Error> {
    let mut input = File::open(part)?;
    let movie = Movie::read(&mut input)?;
    let mut output = File::create(done)?;
    progressive::write(&movie, &mut input, &mut output)?;
    output.sync_all()?;
    Ok(movie.duration())
}

/// Makes `part` itself seekable, with its index at the end: needs almost no disk space.
pub(crate) fn finalise_in_place(part: &Path) -> Result<Duration, Error> {
    let mut file = File::options().read(true).write(true).open(part)?;
    let movie = Movie::read(&mut file)?;
    let end = movie.end();
    // The index is on disk before the fragments' header becomes plain data: a crash between the
    // two leaves a fragmented file with a tail that is ignored.
    file.set_len(end)?;
    file.seek(SeekFrom::Start(end))?;
    file.write_all(&progressive::index(&movie, None)?)?;
    file.sync_data()?;
    let header = movie.header_at();
    file.seek(SeekFrom::Start(header))?;
    file.write_all(&boxes::long_header(*b"mdat", end - header))?;
    file.sync_all()?;
    Ok(movie.duration())
}

#[cfg(test)]
mod tests;
