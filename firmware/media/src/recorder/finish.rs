//! From `….part.mp4` to the finished file: index in front, synced, renamed, the part deleted.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use gstreamer as gst;
use gstreamer_app as gst_app;

use crate::Error;
use crate::draw::canvas::Canvas;
use crate::mp4;
use crate::pipe::{self, Pipe};
use crate::port::RecordingFile;
use crate::recorder::writer::Space;

/// Finishes `part` as `path`. Where there is no space for a copy the file is finished in place.
pub(crate) fn finish(
    part: &Path,
    path: &Path,
    space: &Space,
    thumbnail: Option<PathBuf>,
) -> Result<RecordingFile, Error> {
    let size = std::fs::metadata(part)?.len();
    // The reserve may be used for a moment: a finished recording is what it is kept for.
    let room = Space { reserve: 0, ..space.clone() }.left(part);
    let temporary = path.with_extension("final.mp4");
    let copied = if room > size + (16 << 20) {
        mp4::finalise(part, &temporary)
    } else {
        Err(Error::Damaged("no space"))
    };
    let (duration, finished) = match copied {
        Ok(duration) => (duration, temporary.as_path()),
        Err(error) => {
            // Either it was not tried, or the disk filled up meanwhile, or nothing is playable.
            tracing::info!(%error, "finishing a recording in place");
            let _ = std::fs::remove_file(&temporary);
            (mp4::finalise_in_place(part)?, part)
        }
    };
    std::fs::rename(finished, path)?;
    sync_folder(path)?;
    if finished != part {
        std::fs::remove_file(part)?;
    }
    Ok(RecordingFile { path: path.to_owned(), size: std::fs::metadata(path)?.len(), duration, thumbnail })
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
