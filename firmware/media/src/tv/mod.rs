//! The TV: draws the meeting or the idle screen, shows it on the display and keeps it for the
//! snapshot. Runs on its own thread; a broken display is opened again and stops nothing else.

mod display;
mod screen;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::Error;
use crate::capture::Room;
use crate::clock::nanos;
use crate::draw::canvas::Canvas;
use crate::draw::compose::Composer;
use crate::meeting::Meeting;
use crate::picture::{Consumer, lock};
use crate::port::{Config, RecordingLayout, ReportSink, TvScene};
use display::Display;
use screen::Screen;

/// Pictures in a meeting.
const LIVELY: Duration = Duration::from_micros(66_667);
/// Pictures while nothing moves.
const CALM: Duration = Duration::from_secs(1);
/// Playout delay on the TV; the speaker uses the same.
pub(crate) const DELAY: i64 = 120_000_000;

/// What the TV looks at.
struct Shared {
    wake: Sender<()>,
    over: AtomicBool,
    scene: Mutex<Arc<TvScene>>,
    meeting: Mutex<Option<Arc<Meeting>>>,
    canvas: Mutex<Option<Canvas>>,
    break_display: AtomicBool,
}

/// The running TV.
pub(crate) struct Tv {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Tv {
    /// Starts it; `room` is shown while nobody else is there.
    pub(crate) fn start(config: &Config, room: Arc<Room>, reports: ReportSink) -> Result<Self, Error> {
        let (wake, woken) = bounded(1);
        let shared = Arc::new(Shared::new(wake));
        let canvas = Canvas::new(config.tv_size);
        let work = Work {
            shared: shared.clone(),
            screen: Screen::new(room),
            composer: Composer::new(Consumer::Tv, RecordingLayout::Grid),
            display: Display::new(config.display.clone(), canvas.size(), reports, Instant::now()),
            canvas,
        };
        let thread = std::thread::Builder::new().name("media-tv".into());
        let thread = thread.spawn(move || work.run(&woken)).map_err(Error::Thread)?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Draws what it is given from then on. After the end it does nothing.
    pub(crate) fn scene(&self) -> impl Fn(TvScene) + Send + Sync + 'static {
        let shared = self.shared.clone();
        move |scene| {
            *lock(&shared.scene) = Arc::new(scene);
            shared.wake();
        }
    }

    /// Shows this meeting, or none.
    pub(crate) fn meeting(&self, meeting: Option<Arc<Meeting>>) {
        *lock(&self.shared.meeting) = meeting;
        self.shared.wake();
    }

    /// It draws no longer, though it was not dropped.
    pub(crate) fn has_died(&self) -> bool {
        self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// Breaks the display, for trying recovery.
    pub(crate) fn break_display(&self) {
        self.shared.break_display.store(true, Ordering::Relaxed);
        self.shared.wake();
    }

    /// The latest picture as PNG.
    pub(crate) fn snapshot(&self) -> impl Fn() -> Option<Arc<[u8]>> + Send + Sync + 'static {
        let shared = self.shared.clone();
        move || {
            let canvas = lock(&shared.canvas).clone()?;
            png(&canvas).inspect_err(|error| tracing::warn!(%error, "no snapshot")).ok()
        }
    }
}

impl Shared {
    fn new(wake: Sender<()>) -> Self {
        Self {
            wake,
            over: AtomicBool::new(false),
            scene: Mutex::default(),
            meeting: Mutex::default(),
            canvas: Mutex::default(),
            break_display: AtomicBool::new(false),
        }
    }

    fn wake(&self) {
        // A full queue means it wakes anyway; without its thread nobody needs to be woken.
        let _ = self.wake.try_send(());
    }
}

impl Drop for Tv {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        self.shared.wake();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the TV thread panicked");
        }
    }
}

fn png(canvas: &Canvas) -> Result<Arc<[u8]>, png::EncodingError> {
    let size = canvas.size();
    let mut bytes = Vec::with_capacity(1 << 20);
    let mut encoder = png::Encoder::new(&mut bytes, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&canvas.rgb())?;
    writer.finish()?;
    Ok(bytes.into())
}

struct Work {
    shared: Arc<Shared>,
    screen: Screen,
    composer: Composer,
    display: Display,
    canvas: Canvas,
}

impl Work {
    fn run(mut self, woken: &Receiver<()>) {
        while !self.shared.over.load(Ordering::Acquire) {
            let now = Instant::now();
            let lively = self.draw(now);
            if self.shared.break_display.swap(false, Ordering::Relaxed) {
                self.display.break_it();
            }
            self.display.show(self.canvas.data(), now);
            *lock(&self.shared.canvas) = Some(self.canvas.clone());
            let next = now + if lively { LIVELY } else { CALM };
            match woken.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Draws; true when the picture moves.
    fn draw(&mut self, now: Instant) -> bool {
        let scene = lock(&self.shared.scene).clone();
        let meeting = lock(&self.shared.meeting).clone().filter(|m| !m.is_closed());
        let mut people = meeting.as_ref().map(|m| m.people()).unwrap_or_default();
        people.retain(|p| !p.local);
        if people.is_empty() {
            self.composer.rest();
            self.screen.idle(&mut self.canvas, &scene);
            return meeting.is_some();
        }
        let speakers = meeting.as_ref().map(|m| m.speakers()).unwrap_or_default();
        self.composer.draw(&mut self.canvas, &people, &speakers, nanos(now) - DELAY, now);
        self.screen.overlay(&mut self.canvas, &scene);
        true
    }
}
