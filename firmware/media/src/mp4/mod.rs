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

/// Length of a file with an index, from its movie header (§8.2.2). `None` when there is none within
/// the first 64 boxes, or the file cannot be read.
pub(crate) fn duration(path: &Path) -> Option<Duration> {
    let mut file = File::open(path).ok()?;
    let (at, size) = index_of(&mut file)?;
    // The movie header is the first child.
    let body = bytes(&mut file, at, size.min(256))?;
    movie_header_duration(boxes::child(&body, b"mvhd")?)
}

/// Length of a file that needs no finishing any more: its index is not one of fragments (no
/// `mvex`, §8.8.1). `None` for all others.
pub(crate) fn finished(path: &Path) -> Option<Duration> {
    let mut file = File::open(path).ok()?;
    let (mut at, size) = index_of(&mut file)?;
    let end = at.checked_add(size)?;
    while at < end {
        let (kind, size, _) = boxes::header(&bytes(&mut file, at, 16)?)?;
        if kind == *b"mvex" {
            return None;
        }
        at = at.checked_add(size)?;
    }
    duration(path)
}

/// Where the body of the first `moov` begins, and its size.
fn index_of(file: &mut File) -> Option<(u64, u64)> {
    let mut at = 0;
    for _ in 0..64 {
        let (kind, size, header) = boxes::header(&bytes(file, at, 16)?)?;
        let header = u64::try_from(header).ok()?;
        if kind == *b"moov" {
            return Some((at + header, size - header));
        }
        at = at.checked_add(size)?;
    }
    None
}

/// At most `count` bytes from `at` on.
fn bytes(file: &mut File, at: u64, count: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(at)).ok()?;
    file.take(count).read_to_end(&mut bytes).ok()?;
    Some(bytes)
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
#[cfg(test)]
pub(crate) use tests::fragmented;
