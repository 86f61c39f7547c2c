//! Writes the seekable MP4: `ftyp`, `moov`, `mdat`.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};

use super::boxes::{child, children, long_header, pack, pack_full};
use super::fragments::{Movie, Track};
use crate::Error;

/// Ticks per second of the movie header.
const TIMESCALE: u64 = 1_000;

/// Writes `movie`, whose samples are in `input`, to `output`.
pub(crate) fn write(movie: &Movie, input: &mut File, output: &mut File) -> Result<(), Error> {
    let ftyp = pack(b"ftyp", b"isom\0\0\x02\0isomiso2avc1mp41");
    // Offsets have the same length whatever they are: the first index only tells its size.
    let before = ftyp.len() + index(movie, Some(0))?.len() + 16;
    let start = u64::try_from(before).unwrap_or(u64::MAX);
    let data: u64 = movie.runs.iter().map(|run| run.bytes).sum();
    let mut out = BufWriter::with_capacity(1 << 20, output);
    out.write_all(&ftyp)?;
    out.write_all(&index(movie, Some(start))?)?;
    out.write_all(&long_header(*b"mdat", data + 16))?;
    for run in &movie.runs {
        input.seek(SeekFrom::Start(run.offset))?;
        std::io::copy(&mut Read::by_ref(input).take(run.bytes), &mut out)?;
    }
    out.flush()?;
    Ok(())
}

/// The `moov` box. The samples lie from `start` on without gaps, or where the fragments have them.
pub(crate) fn index(movie: &Movie, start: Option<u64>) -> Result<Vec<u8>, Error> {
    let mut offsets: Vec<Vec<u64>> = movie.tracks.iter().map(|_| Vec::new()).collect();
    let mut next = start.unwrap_or(0);
    for run in &movie.runs {
        if let Some(track) = offsets.get_mut(run.track) {
            track.push(if start.is_some() { next } else { run.offset });
        }
        next += run.bytes;
    }
    let duration = movie.tracks.iter().map(shown).max().unwrap_or(0);
    let mut body = pack(b"mvhd", &movie_header(&movie.mvhd, duration)?);
    for (number, track) in movie.tracks.iter().enumerate() {
        let runs =
            movie.runs.iter().filter(|run| run.track == number).map(|run| run.samples).collect::<Vec<_>>();
        let offsets = offsets.get(number).map(Vec::as_slice).unwrap_or_default();
        if !track.samples.is_empty() {
            body.extend(pack(b"trak", &track_box(track, &runs, offsets)?));
        }
    }
    Ok(pack(b"moov", &body))
}

/// How long a track is shown, its empty start included, in movie ticks.
fn shown(track: &Track) -> u64 {
    movie_ticks(track, track.start.saturating_add(track.ticks()))
}

fn movie_ticks(track: &Track, ticks: u64) -> u64 {
    let ticks = u128::from(ticks) * u128::from(TIMESCALE) / u128::from(track.timescale);
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

const SHORT: Error = Error::Damaged("its header lacks a part");

/// The same `mvhd` in our timescale and with the duration, version 0 or 1 kept.
fn movie_header(mvhd: &[u8], duration: u64) -> Result<Vec<u8>, Error> {
    let scale = 1_000u32.to_be_bytes();
    let long = mvhd.first().is_some_and(|&version| version == 1);
    let (at, length) = if long { (20, 8) } else { (12, 4) };
    let patched = patch(mvhd, at, &scale)?;
    patch(&patched, at + 4, &number(duration, length))
}

fn patch(bytes: &[u8], at: usize, new: &[u8]) -> Result<Vec<u8>, Error> {
    let mut bytes = bytes.to_vec();
    bytes.get_mut(at..at + new.len()).ok_or(SHORT)?.copy_from_slice(new);
    Ok(bytes)
}

/// `value` as 4 or 8 bytes.
fn number(value: u64, length: usize) -> Vec<u8> {
    if length == 8 {
        return value.to_be_bytes().to_vec();
    }
    u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes().to_vec()
}

fn track_box(track: &Track, runs: &[u32], offsets: &[u64]) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    for part in children(&track.trak) {
        match &part.kind {
            b"tkhd" => {
                let long = part.body.first().is_some_and(|&version| version == 1);
                let (at, length) = if long { (28, 8) } else { (20, 4) };
                body.extend(pack(b"tkhd", &patch(part.body, at, &number(shown(track), length))?));
                body.extend(edits(track));
            }
            b"mdia" => body.extend(pack(b"mdia", &media_box(track, part.body, runs, offsets)?)),
            b"edts" => {}
            _ => body.extend(pack(&part.kind, part.body)),
        }
    }
    Ok(body)
}

/// An empty edit for a track that starts later (ISO/IEC 14496-12 §8.6.6), and nothing otherwise.
fn edits(track: &Track) -> Vec<u8> {
    let empty = movie_ticks(track, track.start);
    if empty == 0 {
        return Vec::new();
    }
    let mut list = 2u32.to_be_bytes().to_vec();
    for (length, from) in [(empty, -1i64), (shown(track).saturating_sub(empty), 0)] {
        list.extend(length.to_be_bytes());
        list.extend(from.to_be_bytes());
        list.extend([0, 1, 0, 0]);
    }
    pack(b"edts", &pack_full(b"elst", 1, &list))
}

fn media_box(track: &Track, mdia: &[u8], runs: &[u32], offsets: &[u64]) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    for part in children(mdia) {
        match &part.kind {
            b"mdhd" => {
                let long = part.body.first().is_some_and(|&version| version == 1);
                let (at, length) = if long { (24, 8) } else { (16, 4) };
                body.extend(pack(b"mdhd", &patch(part.body, at, &number(track.ticks(), length))?));
            }
            b"minf" => {
                let mut minf = Vec::new();
                for part in children(part.body) {
                    if &part.kind == b"stbl" {
                        minf.extend(pack(b"stbl", &sample_table(track, part.body, runs, offsets)?));
                    } else {
                        minf.extend(pack(&part.kind, part.body));
                    }
                }
                body.extend(pack(b"minf", &minf));
            }
            _ => body.extend(pack(&part.kind, part.body)),
        }
    }
    Ok(body)
}

fn sample_table(track: &Track, stbl: &[u8], runs: &[u32], offsets: &[u64]) -> Result<Vec<u8>, Error> {
    let mut body = pack(b"stsd", child(stbl, b"stsd").ok_or(SHORT)?);
    body.extend(table(b"stts", 0, &lengths(track.samples.iter().map(|s| s.duration))));
    if track.samples.iter().any(|s| s.composition != 0) {
        let offsets = track.samples.iter().map(|s| s.composition.cast_unsigned());
        body.extend(table(b"ctts", 1, &lengths(offsets)));
    }
    if track.samples.iter().any(|s| !s.sync) {
        let numbered = (1u32..).zip(&track.samples);
        let sync: Vec<[u32; 1]> = numbered.filter(|(_, s)| s.sync).map(|(n, _)| [n]).collect();
        body.extend(table(b"stss", 0, &sync));
    }
    body.extend(table(b"stsc", 0, &chunks(runs)));
    let sizes = track.samples.iter().flat_map(|s| s.size.to_be_bytes());
    let count = count(track.samples.len());
    body.extend(pack_full(
        b"stsz",
        0,
        &[0u32.to_be_bytes(), count].concat().into_iter().chain(sizes).collect::<Vec<_>>(),
    ));
    let offsets: Vec<[u32; 2]> = offsets.iter().map(|&o| halves(o)).collect();
    body.extend(table(b"co64", 0, &offsets));
    Ok(body)
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
const fn halves(n: u64) -> [u32; 2] {
    [(n >> 32) as u32, n as u32]
}

fn count(n: usize) -> [u8; 4] {
    u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes()
}

/// A full box of an entry count and entries.
fn table<const N: usize>(kind: &[u8; 4], version: u8, entries: &[[u32; N]]) -> Vec<u8> {
    let numbers = entries.iter().flatten().flat_map(|n| n.to_be_bytes());
    pack_full(kind, version, &count(entries.len()).into_iter().chain(numbers).collect::<Vec<_>>())
}

/// Run-length coding: (count, value).
fn lengths(values: impl Iterator<Item = u32>) -> Vec<[u32; 2]> {
    let mut runs: Vec<[u32; 2]> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some([count, last]) if *last == value => *count += 1,
            _ => runs.push([1, value]),
        }
    }
    runs
}

/// (first chunk, samples per chunk, description) where the number of samples changes.
fn chunks(runs: &[u32]) -> Vec<[u32; 3]> {
    let mut entries: Vec<[u32; 3]> = Vec::new();
    for (chunk, &samples) in (1u32..).zip(runs) {
        if entries.last().is_none_or(|[_, last, _]| *last != samples) {
            entries.push([chunk, samples, 1]);
        }
    }
    entries
}
