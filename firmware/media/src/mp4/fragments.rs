//! Reads a fragmented MP4: the header once, then fragment by fragment, up to where it was cut.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::time::Duration;

use super::boxes::{Reader, child, children, header};
use crate::Error;

/// Largest header or fragment index believed.
const INDEX: u64 = 16 << 20;
/// Most samples of a file: a day at 30 + 47 per second.
const SAMPLES: usize = 8_000_000;
/// Latest decode time believed, in ticks: years at any timescale.
const LATEST: u64 = 1 << 48;

/// One sample (ISO/IEC 14496-12 §8.8.8).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) size: u32,
    pub(crate) duration: u32,
    pub(crate) composition: i32,
    pub(crate) sync: bool,
}

/// Samples that lie one after the other in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Index of its track in [`Movie::tracks`].
    pub(crate) track: usize,
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) samples: u32,
}

/// A track and all its whole samples.
pub(crate) struct Track {
    id: u32,
    /// Ticks per second.
    pub(crate) timescale: u32,
    /// The `trak` box's body.
    pub(crate) trak: Vec<u8>,
    /// Decode time of the first sample, in ticks.
    pub(crate) start: u64,
    pub(crate) samples: Vec<Sample>,
    defaults: Defaults,
    end: Option<u64>,
}

#[derive(Clone, Copy, Default)]
struct Defaults {
    duration: u32,
    size: u32,
    flags: u32,
}

/// What is in the file.
pub(crate) struct Movie {
    pub(crate) mvhd: Vec<u8>,
    pub(crate) tracks: Vec<Track>,
    /// In the order of the file.
    pub(crate) runs: Vec<Run>,
    header_at: u64,
    end: u64,
}

impl Movie {
    /// Reads what is whole. An error when there is not one sample.
    pub(crate) fn read(file: &mut File) -> Result<Self, Error> {
        let length = file.metadata()?.len();
        let mut movie: Option<Self> = None;
        let mut at = 0;
        while let Some((kind, size, body)) = next(file, at, length)? {
            match (&kind, &mut movie) {
                (b"moov", None) => movie = Some(Self::new(&read_index(file, at, size, body)?, at)?),
                (b"moov", Some(_)) => break, // an index appended by an interrupted finalisation
                (b"moof", Some(movie)) => match read_index(file, at, size, body) {
                    Ok(index) => movie.fragment(&index, at, length),
                    // What came before is whole.
                    Err(Error::Damaged(_)) => break,
                    Err(error) => return Err(error),
                },
                _ => {}
            }
            at += size;
        }
        let mut movie = movie.ok_or(Error::Damaged("it has no header"))?;
        if movie.runs.is_empty() {
            return Err(Error::Damaged("it has no pictures or sound yet"));
        }
        movie.runs.sort_by_key(|run| run.offset);
        movie.end = movie.runs.iter().map(|run| run.offset + run.bytes).max().unwrap_or(0);
        Ok(movie)
    }

    /// The longest track, its start included.
    pub(crate) fn duration(&self) -> Duration {
        self.tracks.iter().map(Track::until).max().unwrap_or_default()
    }

    /// Where the last sample ends in the file.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Where the fragments' header begins in the file.
    pub(crate) fn header_at(&self) -> u64 {
        self.header_at
    }

    fn new(moov: &[u8], header_at: u64) -> Result<Self, Error> {
        let mvhd = child(moov, b"mvhd").ok_or(Error::Damaged("its header lacks a part"))?.to_vec();
        let traks = children(moov).into_iter().filter(|c| &c.kind == b"trak");
        let tracks = traks.filter_map(|c| Track::new(c.body, moov)).collect();
        Ok(Self { mvhd, tracks, runs: Vec::new(), header_at, end: 0 })
    }

    fn fragment(&mut self, moof: &[u8], at: u64, length: u64) {
        for traf in children(moof).into_iter().filter(|c| &c.kind == b"traf") {
            // What cannot be read of a damaged fragment is left out; the rest is kept.
            let _ = self.track_fragment(traf.body, at, length);
        }
    }

    fn track_fragment(&mut self, traf: &[u8], at: u64, length: u64) -> Option<()> {
        let mut tfhd = Reader(child(traf, b"tfhd")?);
        let (_, flags) = tfhd.version()?;
        let id = tfhd.u32()?;
        let index = self.tracks.iter().position(|t| t.id == id)?;
        let track = self.tracks.get_mut(index)?;
        let base = if flags & 1 != 0 { tfhd.u64()? } else { at };
        if flags & 2 != 0 {
            tfhd.u32()?;
        }
        let mut defaults = track.defaults;
        for (flag, value) in
            [(8, &mut defaults.duration), (0x10, &mut defaults.size), (0x20, &mut defaults.flags)]
        {
            if flags & flag != 0 {
                *value = tfhd.u32()?;
            }
        }
        if let Some(tfdt) = child(traf, b"tfdt") {
            let mut tfdt = Reader(tfdt);
            let (version, _) = tfdt.version()?;
            track.resume(tfdt.by_version(version)?);
        }
        let mut offset = base;
        for trun in children(traf).into_iter().filter(|c| &c.kind == b"trun") {
            let run = track.run(trun.body, index, base, offset, defaults, length)?;
            offset = run.offset + run.bytes;
            if run.samples > 0 {
                self.runs.push(run);
            }
        }
        Some(())
    }
}

impl Track {
    fn new(trak: &[u8], moov: &[u8]) -> Option<Self> {
        let mut tkhd = Reader(child(trak, b"tkhd")?);
        let (version, _) = tkhd.version()?;
        let _created_and_changed = (tkhd.by_version(version)?, tkhd.by_version(version)?);
        let id = tkhd.u32()?;
        let mut mdhd = Reader(child(child(trak, b"mdia")?, b"mdhd")?);
        let (version, _) = mdhd.version()?;
        let _created_and_changed = (mdhd.by_version(version)?, mdhd.by_version(version)?);
        let timescale = mdhd.u32().filter(|&t| t > 0)?;
        let defaults = child(moov, b"mvex").and_then(|mvex| Defaults::of(mvex, id)).unwrap_or_default();
        Some(Self { id, timescale, trak: trak.to_vec(), start: 0, samples: Vec::new(), defaults, end: None })
    }

    /// The next fragment begins at decode time `at`: a gap before it prolongs the last sample.
    fn resume(&mut self, at: u64) {
        let at = at.min(LATEST);
        let Some(end) = self.end else {
            self.start = at;
            self.end = Some(at);
            return;
        };
        if let (Some(last), true) = (self.samples.last_mut(), at > end) {
            let gap = u32::try_from(at - end).unwrap_or(0);
            last.duration = last.duration.saturating_add(gap);
            self.end = Some(end + u64::from(gap));
        }
    }

    fn run(
        &mut self,
        trun: &[u8],
        track: usize,
        base: u64,
        at: u64,
        defaults: Defaults,
        length: u64,
    ) -> Option<Run> {
        let mut r = Reader(trun);
        let (_, flags) = r.version()?;
        let count = r.u32()?;
        let offset = if flags & 1 != 0 { base.checked_add_signed(i64::from(r.i32()?))? } else { at };
        let first = if flags & 4 != 0 { Some(r.u32()?) } else { None };
        let mut run = Run { track, offset, bytes: 0, samples: 0 };
        for n in 0..count {
            let sample = defaults.sample(&mut r, flags, first.filter(|_| n == 0))?;
            let bytes = run.bytes + u64::from(sample.size);
            let whole = run.offset.checked_add(bytes).is_some_and(|end| end <= length);
            if !whole || sample.size == 0 || self.samples.len() >= SAMPLES {
                break;
            }
            (run.bytes, run.samples) = (bytes, run.samples + 1);
            self.end = Some(self.end.unwrap_or(0).saturating_add(u64::from(sample.duration)));
            self.samples.push(sample);
        }
        Some(run)
    }

    /// Sum of the samples' durations in ticks.
    pub(crate) fn ticks(&self) -> u64 {
        self.samples.iter().map(|s| u64::from(s.duration)).sum()
    }

    fn until(&self) -> Duration {
        if self.samples.is_empty() {
            return Duration::ZERO;
        }
        let ticks = u128::from(self.start) + u128::from(self.ticks());
        let nanos = ticks * 1_000_000_000 / u128::from(self.timescale);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl Defaults {
    /// From `trex` (§8.8.3).
    fn of(mvex: &[u8], track: u32) -> Option<Self> {
        children(mvex).into_iter().filter(|c| &c.kind == b"trex").find_map(|c| {
            let mut r = Reader(c.body);
            r.version()?;
            let id = r.u32()?;
            r.u32()?;
            let (duration, size, flags) = (r.u32()?, r.u32()?, r.u32()?);
            (id == track).then_some(Self { duration, size, flags })
        })
    }

    fn sample(&self, r: &mut Reader<'_>, flags: u32, first: Option<u32>) -> Option<Sample> {
        let mut field = |flag: u32, default: u32| if flags & flag == 0 { Some(default) } else { r.u32() };
        let duration = field(0x100, self.duration)?;
        let size = field(0x200, self.size)?;
        let bits = field(0x400, first.unwrap_or(self.flags))?;
        let composition = field(0x800, 0)?.cast_signed();
        let sync = first.unwrap_or(bits) & 0x0001_0000 == 0; // sample_is_non_sync_sample
        Some(Sample { size, duration, composition, sync })
    }
}

type Found = Option<([u8; 4], u64, usize)>;

/// The box at `at`: kind, size, header size. `None` at the end; the last `mdat` may be cut.
fn next(file: &mut File, at: u64, length: u64) -> Result<Found, Error> {
    let mut bytes = Vec::with_capacity(16);
    file.seek(SeekFrom::Start(at))?;
    file.take(16).read_to_end(&mut bytes)?;
    let found = header(&bytes).filter(|(kind, size, _)| {
        let whole = at.checked_add(*size).is_some_and(|end| end <= length);
        whole || kind == b"mdat" && at.checked_add(*size).is_some()
    });
    Ok(found)
}

fn read_index(file: &mut File, at: u64, size: u64, header: usize) -> Result<Vec<u8>, Error> {
    let header = u64::try_from(header).unwrap_or(8);
    if size > INDEX {
        return Err(Error::Damaged("an index is too large"));
    }
    let mut body = Vec::new();
    file.seek(SeekFrom::Start(at + header))?;
    file.take(size - header).read_to_end(&mut body)?;
    Ok(body)
}
