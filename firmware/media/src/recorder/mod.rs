//! A recording: composes the meeting at a constant rate, mixes its sound, encodes, and makes a
//! finished file of it. One thread per recording; it ends by itself and reports how.

pub(crate) mod encoder;
mod finish;
pub(crate) mod h264;
pub(crate) mod leftovers;
pub(crate) mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use huddle_core::ids::RecordingId;

use crate::Error;
use crate::clock::{nanos, sample_at};
use crate::draw::canvas::Canvas;
use crate::draw::compose::Composer;
use crate::meeting::{Meeting, Person, Reader};
use crate::picture::Consumer;
use crate::plan::load::Thinning;
use crate::port::{RecordingEnd, RecordingFile, RecordingLayout, Report, ReportSink};
use crate::receive::Media;
use crate::sound::{self, Sound};
use encoder::Encoder;
use writer::{Space, Trouble, Writer};

/// Playout delay: longer than jitter, a retransmission and decoding.
const DELAY: i64 = 240_000_000;
/// Samples by which AAC decoders are late.
const PRIMING: u64 = 1_024;
/// Pictures made late rather than left out; their sources are still kept.
const LATE: u64 = 5;
/// Time the encoder has to hand out its last bytes.
const LAST_BYTES: Duration = Duration::from_secs(4);
/// Most sound queued at once after a pause of the machine: what the rings hold.
const CATCH_UP: u64 = 3 * crate::clock::RATE;

/// What is to be recorded.
pub(crate) struct Job {
    pub(crate) id: RecordingId,
    pub(crate) path: PathBuf,
    pub(crate) meeting: Arc<Meeting>,
    /// The recorder's own tap, when it has one.
    pub(crate) reader: Option<Reader>,
    pub(crate) layout: RecordingLayout,
    pub(crate) size: huddle_core::units::Size,
    pub(crate) fps: u32,
    pub(crate) asked_at: Instant,
    pub(crate) space: Space,
}

/// A recording whose meeting is closed waits this long for another way to hear it.
const MOVING: Duration = Duration::from_secs(3);

/// A running recording.
pub(crate) struct Recording {
    stop: Option<Sender<()>>,
    moves: Sender<Reader>,
    thread: Option<JoinHandle<()>>,
}

impl Recording {
    /// Starts it, on its own thread: a disk may hang already when a file is made. When it cannot
    /// start it reports why.
    pub(crate) fn start(job: Job, reports: ReportSink) -> Result<Self, String> {
        let (stop, stopped) = bounded(1);
        let (moves, moved) = bounded(2);
        let work = move || {
            let id = job.id.clone();
            match Work::open(job, moved, reports.clone()) {
                Ok(work) => work.run(&stopped),
                Err(reason) => reports(Report::RecordingRefused { id, reason }),
            }
        };
        let thread = std::thread::Builder::new().name("media-recorder".into());
        let thread = thread.spawn(work).map_err(|_| "The recording cannot start")?;
        Ok(Self { stop: Some(stop), moves, thread: Some(thread) })
    }

    /// Goes on with what this reader hears. With two moves still waiting, which takes a stuck
    /// thread, it stays where it is.
    pub(crate) fn listen_to(&self, reader: Reader) {
        if self.moves.try_send(reader).is_err() {
            tracing::error!("a recording does not move to its own tap");
        }
    }

    /// Asks it to end; it finalises its file and reports.
    pub(crate) fn stop(&mut self) {
        self.stop = None;
    }

    /// It has ended or never begun, and reported unless it [panicked](Self::has_panicked).
    pub(crate) fn is_over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for its end; true when nobody was told of it.
    pub(crate) fn has_panicked(self) -> bool {
        self.thread.is_some_and(|thread| thread.join().is_err())
    }
}

/// `….part.mp4` beside the final file.
pub(crate) fn part_of(path: &Path) -> PathBuf {
    path.with_extension("part.mp4")
}

struct Work {
    job: Job,
    reports: ReportSink,
    part: PathBuf,
    writer: Writer,
    encoder: Encoder,
    composer: Composer,
    canvas: Canvas,
    thinning: Thinning,
    start: Instant,
    dropped: u64,
    moved: Receiver<Reader>,
    /// What it listens to from that moment on.
    next: Option<(Reader, Instant)>,
    closed: Option<Instant>,
    thumbnail: Option<JoinHandle<Option<PathBuf>>>,
}

/// Why the loop ended.
enum Stop {
    Asked,
    Full,
    Broken(String),
}

impl Work {
    /// The reason why it cannot start is fit for occupants.
    fn open(job: Job, moved: Receiver<Reader>, reports: ReportSink) -> Result<Self, String> {
        let folder = job.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(|_| "The recordings folder cannot be written")?;
        if job.space.left(folder) == 0 {
            return Err("The disk is full".into());
        }
        Self::start(job, moved, reports).map_err(|error| {
            tracing::error!(%error, "a recording cannot start");
            format!("The recording cannot start: {error}")
        })
    }

    fn start(job: Job, moved: Receiver<Reader>, reports: ReportSink) -> Result<Self, Error> {
        let part = part_of(&job.path);
        let writer = Writer::start(&part, job.space.clone())?;
        let canvas = Canvas::new(job.size);
        let (id, asked_at, sink) = (job.id.clone(), job.asked_at, reports.clone());
        let first = move |at: Instant| {
            let after = at.saturating_duration_since(asked_at);
            sink(Report::RecordingStarted { id: id.clone(), after });
        };
        let encoder = Encoder::start(canvas.size(), job.fps.clamp(10, 60), writer.sink(), first);
        let encoder = encoder.inspect_err(|_| {
            // Nothing was written: nothing is to be finished at the next start.
            let _ = std::fs::remove_file(&part);
        })?;
        let composer = Composer::new(Consumer::Recorder, job.layout);
        let (thinning, start) = (Thinning::default(), Instant::now());
        Ok(Self {
            job,
            reports,
            part,
            writer,
            encoder,
            composer,
            canvas,
            thinning,
            start,
            dropped: 0,
            moved,
            next: None,
            closed: None,
            thumbnail: None,
        })
    }

    fn run(mut self, stopped: &Receiver<()>) {
        let stop = self.record(stopped);
        self.composer.rest();
        if self.dropped > 0 {
            tracing::warn!(pictures = self.dropped, "the encoder was too slow: pictures were left out");
        }
        self.end(stop);
    }

    fn record(&mut self, stopped: &Receiver<()>) -> Stop {
        let fps = u64::from(self.job.fps.clamp(10, 60));
        let mut number = 0;
        loop {
            let due = self.start + Duration::from_nanos(number * 1_000_000_000 / fps);
            let now = Instant::now();
            match stopped.recv_timeout(due.saturating_duration_since(now)) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return Stop::Asked,
            }
            if self.is_left_alone(now) {
                return Stop::Asked;
            }
            match self.writer.trouble() {
                Some(Trouble::Full) => return Stop::Full,
                Some(Trouble::Broken(why)) => return Stop::Broken(why),
                None => {}
            }
            if let Some(error) = self.encoder.error() {
                return Stop::Broken(error);
            }
            self.tick(number, due);
            // After a long pause of the machine pictures are left out, sound is caught up.
            let passed = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(0);
            let reached = passed * fps / 1_000_000_000;
            let next = (number + 1).max(reached.saturating_sub(LATE));
            self.dropped += next - number - 1;
            number = next;
        }
    }

    /// The meeting it hears is over. When that was the room's, there may be another way to hear
    /// it in a moment; until then its last pictures stay.
    fn is_left_alone(&mut self, now: Instant) -> bool {
        // In this order: a move is always sent before the meeting is closed by it.
        let closed = self.job.meeting.is_closed();
        if let Ok(reader) = self.moved.try_recv() {
            // What was heard until now is still to be mixed.
            self.next = Some((reader, now + Duration::from_nanos(DELAY.unsigned_abs())));
        }
        if let Some((reader, _)) = self.next.take_if(|(_, from)| now >= *from) {
            self.job.meeting = reader.meeting.clone();
            self.job.reader = Some(reader);
            self.closed = None;
            return false;
        }
        if !closed || self.next.is_some() {
            return false;
        }
        let since = *self.closed.get_or_insert(now);
        self.job.reader.is_some() || now.saturating_duration_since(since) >= MOVING
    }

    /// Picture `number`, due at `due`, and the sound up to there.
    fn tick(&mut self, number: u64, due: Instant) {
        let people = shown(self.job.meeting.people());
        self.sound(&people, due);
        if !self.thinning.keep(self.encoder.waiting()) {
            self.dropped += 1;
            return;
        }
        let speakers = self.job.meeting.speakers();
        // A picture stands for half a period before and after: its sound is in the middle.
        let half = 500_000_000 / i64::from(self.job.fps.clamp(10, 60));
        self.composer.draw(&mut self.canvas, &people, &speakers, nanos(due) - DELAY + half, due);
        self.encoder.picture(self.canvas.data(), number);
        if self.thumbnail.is_none() && number >= u64::from(self.job.fps) {
            self.thumbnail = finish::thumbnail(self.canvas.clone(), &self.job.path);
        }
    }

    fn sound(&mut self, people: &[Person], until: Instant) {
        let first = sample_at(nanos(self.start) - DELAY) + PRIMING;
        let done = self.encoder.samples();
        let wanted = (sample_at(nanos(until) - DELAY) + PRIMING).saturating_sub(first + done);
        let samples = usize::try_from(wanted.min(CATCH_UP)).unwrap_or(0);
        if samples > 0 {
            let mixed = sound::mix(sounds(people).map(Arc::as_ref), first + done, samples);
            self.encoder.sound(&mixed);
        }
    }

    fn end(mut self, stop: Stop) {
        let until = Instant::now();
        let people = shown(self.job.meeting.people());
        self.sound(&people, until);
        self.encoder.finish();
        let patience = Instant::now() + LAST_BYTES;
        while !self.encoder.ended() && self.encoder.error().is_none() && Instant::now() < patience {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        let Self { job, reports, part, writer, encoder, thumbnail, .. } = self;
        drop(encoder);
        let trouble = writer.close();
        drop(job.reader);
        let thumbnail = thumbnail.and_then(|t| t.join().ok()).flatten();
        let mut file = finish::finish(&part, &job.path, &job.space, thumbnail);
        if let Ok(file) = &mut file {
            file.thumbnail = file.thumbnail.take().or_else(|| finish::thumbnail_of_file(&job.path));
        }
        let end = ending(stop, trouble, &file);
        let file = file.ok();
        reports(Report::RecordingEnded { id: job.id, end, file });
    }
}

fn ending(stop: Stop, trouble: Option<Trouble>, file: &Result<RecordingFile, Error>) -> RecordingEnd {
    match (stop, trouble, file) {
        (_, _, Err(error)) => RecordingEnd::Failed(error.to_string()),
        (Stop::Broken(why), ..) | (_, Some(Trouble::Broken(why)), _) => RecordingEnd::Failed(why),
        (Stop::Full, ..) | (_, Some(Trouble::Full), _) => RecordingEnd::LimitReached,
        (Stop::Asked, None, Ok(_)) => RecordingEnd::Complete,
    }
}

/// A local participant without tracks is a recorder: it has no tile.
fn shown(mut people: Vec<Person>) -> Vec<Person> {
    people.retain(|p| !p.local || !p.tracks.is_empty());
    people
}

/// All sound of these people that is not muted.
pub(crate) fn sounds(people: &[Person]) -> impl Iterator<Item = &Arc<Sound>> {
    people.iter().flat_map(|p| &p.tracks).filter(|t| !t.muted && !t.encrypted).filter_map(|t| {
        match &t.media {
            Media::Sound(sound) => Some(sound),
            Media::Pictures(_) => None,
        }
    })
}
