//! From `….part.mp4` to the finished file: with an index, synced, renamed, the part deleted. Safe to
//! be interrupted anywhere and done again.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use gstreamer as gst;
use gstreamer_app as gst_app;

use crate::Error;
use crate::draw::canvas::Canvas;
use crate::mp4;
use crate::pipe::{self, Pipe};
use crate::port::RecordingFile;
use crate::recorder::writer::Space;

/// Files up to this size are copied, so that their index is in front; longer ones are finished in
/// place, which takes no time and no space.
const COPIED: u64 = 256 << 20;

/// Finishes `part` as `path`. What is copied leaves the reserve of the disk free.
pub(crate) fn finish(
    part: &Path,
    path: &Path,
    space: &Space,
    thumbnail: Option<PathBuf>,
) -> Result<RecordingFile, Error> {
    let temporary = path.with_extension("final.mp4");
    let (duration, finished) = match finished_by_copy(part, &temporary, space)? {
        Some(duration) => (duration, temporary.as_path()),
        None => (finished_in_place(part)?, part),
    };
    std::fs::rename(finished, path)?;
    sync_folder(path)?;
    if finished != part {
        std::fs::remove_file(part)?;
    }
    Ok(RecordingFile { path: path.to_owned(), size: std::fs::metadata(path)?.len(), duration, thumbnail })
}

/// `None` when there is no copy: the file is too large, or the disk too full.
fn finished_by_copy(part: &Path, copy: &Path, space: &Space) -> Result<Option<Duration>, Error> {
    let size = std::fs::metadata(part)?.len();
    if size > COPIED || space.left(part) <= size {
        return Ok(None);
    }
    let copied = mp4::finalise(part, copy).inspect_err(|error| {
        // The disk filled up meanwhile, or nothing is playable, or it needs no finishing.
        tracing::info!(%error, "a recording is finished in place");
        let _ = std::fs::remove_file(copy);
    });
    Ok(copied.ok())
}

fn finished_in_place(part: &Path) -> Result<Duration, Error> {
    // Whole already: the box went down before it was renamed.
    mp4::finished(part).map_or_else(|| mp4::finalise_in_place(part), Ok)
}

fn sync_folder(path: &Path) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Where the thumbnail of a recording lies.
pub(crate) fn thumbnail_path(path: &Path) -> PathBuf {
    path.with_extension("jpg")
}

/// Writes a JPEG of the canvas beside `path`, on a thread of its own; a missing one is no failure.
pub(crate) fn thumbnail(canvas: Canvas, path: &Path) -> Option<JoinHandle<Option<PathBuf>>> {
    let target = thumbnail_path(path);
    let make = move || {
        let jpeg = jpeg(&canvas).inspect_err(|error| tracing::warn!(%error, "no thumbnail")).ok()?;
        std::fs::write(&target, jpeg).ok()?;
        Some(target)
    };
    std::thread::Builder::new().name("media-thumbnail".into()).spawn(make).ok()
}

fn jpeg(canvas: &Canvas) -> Result<Vec<u8>, Error> {
    let size = canvas.size();
    let pipe = Pipe::parse(&format!(
        "appsrc name=in format=time caps=video/x-raw,format=I420,width={},height={},framerate=1/1,colorimetry=bt601 \
         ! videoscale ! video/x-raw,width={} ! jpegenc quality=80 ! appsink name=out sync=false",
        size.width,
        size.height,
        size.width / 4 * 2,
    ))?;
    let (input, output) = (pipe.get::<gst_app::AppSrc>("in")?, pipe.get::<gst_app::AppSink>("out")?);
    pipe.play()?;
    pipe::push(&input, canvas.data().to_vec(), 0, None);
    let sample = output.try_pull_sample(gst::ClockTime::from_seconds(3));
    let buffer = sample.and_then(|s| s.buffer_owned()).ok_or(Error::Damaged("no picture came out"))?;
    let map = buffer.map_readable().map_err(|_| Error::Damaged("no picture came out"))?;
    Ok(map.to_vec())
}

/// A JPEG of the first picture of a finished recording, for those that were cut before they had one.
pub(crate) fn thumbnail_of_file(path: &Path) -> Option<PathBuf> {
    let target = thumbnail_path(path);
    let location = path.display().to_string().replace(['"', '\\'], "");
    let pipe = Pipe::parse(&format!(
        "filesrc location=\"{location}\" ! qtdemux name=d d.video_0 ! decodebin ! videoconvert ! videoscale \
         ! video/x-raw,width=640,pixel-aspect-ratio=1/1 ! jpegenc quality=80 ! appsink name=out sync=false"
    ))
    .ok()?;
    let output = pipe.get::<gst_app::AppSink>("out").ok()?;
    pipe.play().ok()?;
    let buffer = output.try_pull_sample(gst::ClockTime::from_seconds(3))?.buffer_owned()?;
    std::fs::write(&target, buffer.map_readable().ok()?.as_slice()).ok()?;
    Some(target)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;
    use std::sync::Arc;

    use super::*;
    use crate::mp4::fragmented;

    fn space(reserve: u64) -> Space {
        Space { reserve, full: Arc::default() }
    }

    /// 300 MB longer, by a hole that takes no space.
    fn stretch(part: &Path) {
        let hole: u32 = 300 << 20;
        let mut file = File::options().append(true).open(part).unwrap();
        std::io::Write::write_all(&mut file, &[&hole.to_be_bytes(), b"free".as_slice()].concat()).unwrap();
        file.set_len(file.metadata().unwrap().len() + u64::from(hole) - 8).unwrap();
    }

    #[test]
    fn a_long_recording_is_finished_in_the_same_file() {
        let dir = tempfile::tempdir().unwrap();
        let (part, path) = (fragmented(dir.path()), dir.path().join("x.mp4"));
        stretch(&part);
        let inode = std::fs::metadata(&part).unwrap().ino();
        let file = finish(&part, &path, &space(0), None).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().ino(), inode);
        assert!((file.duration.as_secs_f64() - 2.0).abs() < 0.05, "{:?}", file.duration);
        assert!(!part.exists());
    }

    #[test]
    fn a_short_one_gets_its_index_in_front_while_the_reserve_stays_free() {
        let dir = tempfile::tempdir().unwrap();
        for (reserve, in_place) in [(0, false), (u64::MAX, true)] {
            let (part, path) = (fragmented(dir.path()), dir.path().join("x.mp4"));
            let inode = std::fs::metadata(&part).unwrap().ino();
            finish(&part, &path, &space(reserve), None).unwrap();
            assert_eq!(std::fs::metadata(&path).unwrap().ino() == inode, in_place);
        }
    }

    #[test]
    fn a_power_cut_between_finishing_and_renaming_costs_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (part, path) = (fragmented(dir.path()), dir.path().join("x.mp4"));
        let duration = mp4::finalise_in_place(&part).unwrap();
        let file = finish(&part, &path, &space(0), None).unwrap();
        assert!(file.duration.abs_diff(duration) < Duration::from_millis(2), "{:?}", file.duration);
        assert!(path.exists() && !part.exists());
    }
}
