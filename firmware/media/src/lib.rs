//! GStreamer: the room endpoint (camera, microphone, TV) and the recorder.
//! `port` is what the daemon sees of it. GStreamer moves buffers; decisions are plain structs (`plan`).
//! A failing device, decoder or display is started again and never ends a meeting or a recording.

mod background;
mod capture;
mod chime;
mod clock;
mod control;
mod draw;
mod meeting;
mod mp4;
mod picture;
mod pipe;
mod plan;
pub mod port;
mod publish;
mod receive;
mod recorder;
mod selftest;
mod sound;
mod speaker;
mod tv;
mod wishes;

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

pub use recorder::leftovers::Leftover;
pub use selftest::Missing;

/// Media cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// GStreamer itself does not start.
    #[error("GStreamer does not start")]
    Init(#[source] gstreamer::glib::Error),
    /// An element is missing or refuses its settings.
    #[error("a media element cannot be made: {0}")]
    Element(#[source] gstreamer::glib::Error),
    /// A pipeline lacks a part; a mistake in this crate.
    #[error("a media pipeline is incomplete")]
    NoPipeline,
    /// A pipeline does not start, mostly because of its device.
    #[error("{0}")]
    Start(String),
    /// A thread cannot be started.
    #[error("a media thread cannot be started")]
    Thread(#[source] std::io::Error),
    /// A file cannot be written or read.
    #[error("a recording file cannot be written or read")]
    File(#[from] std::io::Error),
    /// A file is not what it should be.
    #[error("the recording file is damaged: {0}")]
    Damaged(&'static str),
}

/// Starts the media threads. `reports` is called on them and must not wait.
pub fn start(
    config: port::Config,
    reports: port::ReportSink,
) -> Result<(port::Handle, JoinHandle<()>), Error> {
    gstreamer::init().map_err(Error::Init)?;
    control::start(config, reports)
}

/// What a crash or power cut left in `dir`: every `….part.mp4`. To be asked before anything is
/// recorded there.
pub fn find_leftovers(dir: &Path) -> Vec<PathBuf> {
    recorder::leftovers::find(dir)
}

/// Makes a seekable MP4 with a duration of one of [`find_leftovers`], or removes it when nothing
/// playable is in it. Blocks while the file is read; `reserve` bytes of the disk stay free.
pub fn finalise_leftover(part: &Path, reserve: u64) -> Leftover {
    recorder::leftovers::finalise(part, reserve)
}

/// Length of a finished recording file; `None` when it is not one.
pub fn duration_of(path: &Path) -> Option<std::time::Duration> {
    mp4::duration(path)
}

/// The GStreamer elements that are needed here but not installed, with their Debian packages.
pub fn self_test() -> Vec<Missing> {
    selftest::missing()
}
