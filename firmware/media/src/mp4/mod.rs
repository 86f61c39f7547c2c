//! From the crash-safe fragmented MP4 written while recording (ISO/IEC 14496-12 §8.8) to a
//! seekable one with its index in front. No re-encoding; never trusts the input.

mod boxes;
mod fragments;
mod progressive;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
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

/// Length of a finished file, from its movie header (§8.2.2). `None` when there is none within
/// the first 64 boxes, or the file cannot be read.
pub(crate) fn duration(path: &Path) -> Option<Duration> {
    let mut file = File::open(path).ok()?;
    let mut at = 0;
    for _ in 0..64 {
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut start = Vec::new();
        (&mut file).take(16).read_to_end(&mut start).ok()?;
        let (kind, size, header) = boxes::header(&start)?;
        if kind == *b"moov" {
            file.seek(SeekFrom::Start(at + u64::try_from(header).ok()?)).ok()?;
            let mut body = Vec::new();
            // The movie header is the first child.
            (&mut file).take(256.min(size)).read_to_end(&mut body).ok()?;
            return movie_header_duration(boxes::child(&body, b"mvhd")?);
        }
        at = at.checked_add(size)?;
    }
    None
}

fn movie_header_duration(body: &[u8]) -> Option<Duration> {
    let mut r = boxes::Reader(body);
    let (version, _) = r.version()?;
    let (_created, _modified) = (r.by_version(version)?, r.by_version(version)?);
    let scale = r.u32().filter(|scale| *scale > 0)?;
    let ticks = r.by_version(version)?;
    let nanos = u128::from(ticks) * 1_000_000_000 / u128::from(scale);
    u64::try_from(nanos).ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests;
