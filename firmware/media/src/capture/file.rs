//! A media file as the room's camera and microphone, in an endless loop: the demo room.
//! Decoding runs ahead; one thread hands out pictures and sound when they are due, so both stay
//! in step over the seam.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;

use crate::Error;
use crate::capture::Room;
use crate::clock::{instant, nanos};
use crate::picture::lock;
use crate::pipe::{self, Pipe};
use crate::publish::{CAMERA, FPS};
use crate::sound;

/// Handing out later than this moves the whole plan, instead of hurrying after it.
const TOO_LATE: i64 = 500_000_000;
/// Longest wait without looking at the stop signal's other reasons.
const NAP: Duration = Duration::from_millis(20);

/// A running file loop.
pub(crate) struct FileLoop {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    error: Arc<Mutex<Option<String>>>,
}

impl FileLoop {
    /// Plays `path` into `room`; its sound too if `with_sound`.
    pub(crate) fn start(room: &Arc<Room>, path: &Path, with_sound: bool) -> Result<Self, Error> {
        let pipe = Pipe::parse(&description(path, with_sound))?;
        let player = Player::new(pipe, with_sound, room.clone())?;
        let (stop, stopped) = bounded(1);
        let error = Arc::new(Mutex::new(None));
        let slot = error.clone();
        let thread = std::thread::Builder::new()
            .name("media-file".into())
            .spawn(move || {
                let end = player.run(&stopped);
                *lock(&slot) = end;
            })
            .map_err(Error::Thread)?;
        Ok(Self { stop: Some(stop), thread: Some(thread), error })
    }

    /// What went wrong, if anything did.
    pub(crate) fn error(&self) -> Option<String> {
        lock(&self.error).take()
    }

    /// Breaks it, for trying recovery.
    pub(crate) fn break_it(&self) {
        if let Some(stop) = &self.stop {
            let _ = stop.try_send(());
        }
    }
}

impl Drop for FileLoop {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the file player panicked");
        }
    }
}

fn description(path: &Path, with_sound: bool) -> String {
    let path = path.display().to_string().replace(['"', '\\'], "");
    let (width, height) = (CAMERA.width, CAMERA.height);
    let video = format!(
        "filesrc location=\"{path}\" ! decodebin name=d d. ! queue name=vq ! videoconvert ! videoscale add-borders=true ! videorate \
         ! video/x-raw,format=I420,width={width},height={height},framerate={FPS}/1,pixel-aspect-ratio=1/1,colorimetry=bt601 \
         ! appsink name=video sync=false async=false max-buffers=10"
    );
    if !with_sound {
        return video;
    }
    format!(
        "{video} d. ! queue name=aq ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 \
         ! appsink name=audio sync=false async=false max-buffers=40"
    )
}

/// One of the two streams of the file.
struct Stream {
    sink: gst_app::AppSink,
    queue: gst::Element,
    next: Option<(gst::Sample, i64)>,
    end: i64,
}

impl Stream {
    fn new(pipe: &Pipe, sink: &str, queue: &str) -> Result<Self, Error> {
        Ok(Self { sink: pipe.get(sink)?, queue: pipe.get(queue)?, next: None, end: 0 })
    }

    /// Has the next sample ready, if it is decoded.
    fn fill(&mut self) {
        if self.next.is_none()
            && let Some(sample) = self.sink.try_pull_sample(gst::ClockTime::ZERO)
            && let Some(at) = pipe::pts(&sample)
        {
            let length = sample.buffer().and_then(gst::BufferRef::duration).map_or(0, |d| d.nseconds());
            self.end = self.end.max(at + i64::try_from(length).unwrap_or(0));
            self.next = Some((sample, at));
        }
    }

    /// At its end, or not in the file at all.
    fn over(&self) -> bool {
        let missing = || self.queue.static_pad("sink").is_none_or(|pad| !pad.is_linked());
        self.next.is_none() && (self.sink.is_eos() || missing())
    }
}

struct Player {
    pipe: Pipe,
    video: Stream,
    audio: Option<Stream>,
    room: Arc<Room>,
    /// The moment of the file's time 0 in this round.
    base: Option<i64>,
}

impl Player {
    fn new(pipe: Pipe, with_sound: bool, room: Arc<Room>) -> Result<Self, Error> {
        let video = Stream::new(&pipe, "video", "vq")?;
        let audio = with_sound.then(|| Stream::new(&pipe, "audio", "aq")).transpose()?;
        pipe.play()?;
        Ok(Self { pipe, video, audio, room, base: None })
    }

    /// Until told to stop (`None`) or broken (what went wrong).
    fn run(mut self, stop: &Receiver<()>) -> Option<String> {
        let started = Instant::now();
        loop {
            if let Some(error) = self.pipe.error() {
                return Some(error);
            }
            let wait = self.step(Instant::now(), started);
            match wait.map(|wait| stop.recv_timeout(wait.min(NAP))) {
                Err(error) => return Some(error),
                Ok(Ok(())) => return Some("injected fault".into()),
                Ok(Err(RecvTimeoutError::Disconnected)) => return None,
                Ok(Err(RecvTimeoutError::Timeout)) => {}
            }
        }
    }

    /// Hands out what is due; returns how long to wait for the next.
    fn step(&mut self, now: Instant, started: Instant) -> Result<Duration, String> {
        self.video.fill();
        if let Some(audio) = &mut self.audio {
            audio.fill();
        }
        let heads = [Some(&self.video), self.audio.as_ref()]
            .map(|s| s.and_then(|s| s.next.as_ref()).map(|(_, at)| *at));
        let Some(first) = heads.into_iter().flatten().min() else {
            let settled =
                now.saturating_duration_since(started) > Duration::from_secs(1) || self.base.is_some();
            if settled && self.video.over() && self.audio.as_ref().is_none_or(Stream::over) {
                self.again()?;
            }
            return Ok(Duration::from_millis(5));
        };
        let now = nanos(now);
        let base = *self.base.get_or_insert(now - first);
        let late = now - (base + first);
        if late > TOO_LATE {
            self.base = Some(base + late);
        }
        if late < 0 {
            return Ok(instant(now - late).saturating_duration_since(instant(now)));
        }
        self.hand_out(base, first);
        Ok(Duration::ZERO)
    }

    fn hand_out(&mut self, base: i64, first: i64) {
        if let Some((sample, at)) = self.video.next.take_if(|(_, at)| *at == first) {
            self.room.picture(&sample, base + at);
        }
        let sound = self.audio.as_mut().and_then(|a| a.next.take_if(|(_, at)| *at == first));
        if let Some((sample, at)) = sound
            && let Some(map) = sample.buffer().and_then(|b| b.map_readable().ok())
        {
            self.room.sound(&sound::mono(&map), base + at);
        }
    }

    /// Starts the file anew where it ended.
    fn again(&mut self) -> Result<(), String> {
        let length = self.video.end.max(self.audio.as_ref().map_or(0, |a| a.end));
        if length <= 0 {
            return Err("the file has neither picture nor sound".into());
        }
        self.base = self.base.map(|base| base + length);
        let flags = gst::SeekFlags::FLUSH | gst::SeekFlags::ACCURATE;
        self.pipe.pipeline().seek_simple(flags, gst::ClockTime::ZERO).map_err(|e| e.to_string())
    }
}
