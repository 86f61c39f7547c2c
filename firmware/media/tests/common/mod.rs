//! The media system with an SFU's end of the tap, and participants who send to it.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_docs,
    reason = "each test file uses a part of this"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::match_wildcard_for_single_variants,
    clippy::print_stdout,
    reason = "code of tests outside test functions"
)]

mod look;
mod measure;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_rtp::RTPBuffer;
use huddle_core::ids::ParticipantSid;
use huddle_core::routing::Layer;
use huddle_core::units::{Level, Size};
use huddle_media::port::*;
use huddle_tap::*;

pub use look::*;
pub use measure::*;

/// How long anything may take before a test fails: decoders and encoders are slow on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(25);

pub const HD: Size = Size { width: 1280, height: 720 };

pub fn config(camera: CameraSpec) -> Config {
    Config {
        camera,
        microphone: MicrophoneSpec::WithCamera,
        speaker: SpeakerSpec::None,
        display: DisplaySpec::None,
        tv_size: HD,
        disk_reserve: 1 << 20,
    }
}

/// Media under test with its reports.
pub struct Media {
    pub handle: Handle,
    pub reports: Receiver<Report>,
    thread: Option<JoinHandle<()>>,
}

impl Media {
    pub fn start(config: Config) -> Self {
        Self::start_with(config, |_| {})
    }

    /// `seen` looks at each report on its way.
    pub fn start_with(config: Config, seen: impl Fn(&Report) + Send + Sync + 'static) -> Self {
        let (sender, reports) = channel();
        let sender = Mutex::new(sender);
        let sink: ReportSink = Arc::new(move |report| {
            seen(&report);
            let _ = sender.lock().unwrap().send(report);
        });
        let (handle, thread) = huddle_media::start(config, sink).unwrap();
        Self { handle, reports, thread: Some(thread) }
    }

    pub fn send(&self, command: Command) {
        self.handle.send(command).unwrap();
    }

    /// The first report that `pick` takes, within [`PATIENCE`].
    pub fn wait<T>(&self, mut pick: impl FnMut(Report) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let report = self.reports.recv_timeout(left).expect("the expected report did not come");
            if let Some(found) = pick(report) {
                return found;
            }
        }
    }

    pub fn join(&self, tap: LocalEnd) {
        let (identity, name) = ("room".into(), "Board room".into());
        self.send(Command::JoinRoom {
            tap,
            session: ParticipantSid::new("PA_room"),
            identity,
            name,
            mic_muted: false,
            camera_off: false,
        });
    }

    pub fn record(&self, path: &Path, layout: RecordingLayout) {
        self.record_from(RecordingSource::Room, path, layout);
    }

    pub fn record_from(&self, source: RecordingSource, path: &Path, layout: RecordingLayout) {
        self.send(Command::StartRecording(Box::new(StartRecording {
            id: "rec".into(),
            path: path.to_owned(),
            source,
            layout,
            size: HD,
            fps: 25,
            asked_at: Instant::now(),
        })));
    }

    pub fn started(&self) -> Duration {
        self.wait(|r| match r {
            Report::RecordingStarted { after, .. } => Some(after),
            Report::RecordingRefused { reason, .. } => panic!("refused: {reason}"),
            _ => None,
        })
    }

    pub fn ended(&self) -> (RecordingEnd, Option<RecordingFile>) {
        self.wait(|r| match r {
            Report::RecordingEnded { end, file, .. } => Some((end, file)),
            _ => None,
        })
    }

    pub fn stop_recording(&self) -> (RecordingEnd, Option<RecordingFile>) {
        self.send(Command::StopRecording("rec".into()));
        self.ended()
    }

    /// Its thread has ended by itself.
    pub fn has_ended(&self) -> bool {
        self.thread.as_ref().unwrap().is_finished()
    }

    pub fn shut_down(&mut self) {
        self.send(Command::Shutdown);
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Media {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = self.handle.send(Command::Shutdown);
            let _ = thread.join();
        }
    }
}

/// The SFU's end; notes what comes up.
pub struct Sfu {
    pub end: Arc<SfuEnd>,
    pub commands: Arc<Mutex<Vec<TapCommand>>>,
    pub packets: Arc<Mutex<Vec<TapPacket>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

pub fn sfu() -> (LocalEnd, Sfu) {
    gst::init().unwrap();
    let (local, end) = tap(Arc::new(|| {}));
    let end = Arc::new(end);
    let (commands, packets, stop) =
        (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<Vec<_>>>::default(), Arc::new(AtomicBool::new(false)));
    let thread = std::thread::spawn({
        let (end, commands, packets, stop) = (end.clone(), commands.clone(), packets.clone(), stop.clone());
        move || {
            while !stop.load(Ordering::Relaxed) {
                while let Ok(Some(command)) = end.poll_command() {
                    commands.lock().unwrap().push(command);
                }
                while let Some(packet) = end.poll_packet() {
                    packets.lock().unwrap().push(packet);
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    });
    (local, Sfu { end, commands, packets, stop, thread: Some(thread) })
}

impl Drop for Sfu {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().unwrap().join();
    }
}

/// A participant who sends; dropping it makes them leave.
pub struct Sender {
    pipeline: gst::Pipeline,
    end: Arc<SfuEnd>,
    identity: String,
    pub keyframes_asked: Arc<AtomicU64>,
}

/// A participant whose packets were encoded beforehand and are sent in a loop.
pub struct Canned {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().unwrap().join();
    }
}

impl Sfu {
    fn announce(&self, identity: &str, look: &Look) {
        let (end, sid) = (&self.end, format!("PA_{identity}"));
        end.event(TapEvent::Participant(TapParticipant {
            identity: identity.into(),
            sid: sid.as_str().into(),
            name: identity.to_uppercase(),
            local: false,
        }))
        .unwrap();
        for (kind, codec) in [(MediaKind::Video, look.codec), (MediaKind::Audio, Codec::Opus)] {
            let video = kind == MediaKind::Video;
            end.event(TapEvent::TrackAdded(TapTrack {
                sid: track(identity, video),
                publisher: identity.into(),
                publisher_sid: sid.as_str().into(),
                kind,
                source: if video { look.source } else { Source::Microphone },
                codec,
                size: if video { Size { width: look.size.0, height: look.size.1 } } else { Size::default() },
                muted: false,
                encrypted: look.encrypted,
            }))
            .unwrap();
        }
    }

    /// Ten seconds of `look`, encoded now and sent in a loop.
    pub fn canned(&self, identity: &str, look: &Look) -> Canned {
        self.play(identity, look, encode_all(look))
    }

    /// These packets of `look`, sent in a loop.
    pub fn play(&self, identity: &str, look: &Look, packets: Packets) -> Canned {
        self.announce(identity, look);
        let (end, identity) = (self.end.clone(), identity.to_owned());
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let lossy = look.lossy;
        let thread = std::thread::Builder::new()
            .name("test-canned".into())
            .spawn(move || send_all(&end, &identity, &packets, lossy, &stopped))
            .unwrap();
        Canned { stop, thread: Some(thread) }
    }

    pub fn person(&self, identity: &str, look: Look) -> Sender {
        let end = self.end.clone();
        self.announce(identity, &look);
        let pipeline = gst::parse::launch(&format!(
            "{} ! video/x-raw,format=I420,width={},height={},framerate=25/1,colorimetry=bt601 ! {} ! appsink name=v sync=false \
             {} ! audio/x-raw,rate=48000,channels=1 ! opusenc ! rtpopuspay ! appsink name=a sync=false",
            look.video, look.size.0, look.size.1, look.encoder(), look.audio
        ))
        .unwrap()
        .downcast::<gst::Pipeline>()
        .unwrap();
        blink(&pipeline);
        for (name, video, late) in [("v", true, look.video_late), ("a", false, Duration::ZERO)] {
            let sink = pipeline.by_name(name).unwrap().downcast::<gst_app::AppSink>().unwrap();
            let (end, sid) = (end.clone(), track(identity, video));
            let delayed = delay_line(end, late);
            let (mut seq, mut reported) = (1000u64, None::<Instant>);
            sink.set_callbacks(
                gst_app::AppSinkCallbacks::builder()
                    .new_sample(move |sink| {
                        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
                        let buffer = sample.buffer().unwrap();
                        let rtp = RTPBuffer::from_buffer_readable(buffer).unwrap();
                        if reported.is_none_or(|at| at.elapsed() > Duration::from_secs(1)) {
                            reported = Some(Instant::now());
                            let at = buffer.pts().unwrap().nseconds() + 5_000_000_000_000;
                            let ntp =
                                ((at / 1_000_000_000) << 32) | (((at % 1_000_000_000) << 32) / 1_000_000_000);
                            let report =
                                TapEvent::SenderReport { track: sid.clone(), rtp: rtp.timestamp(), ntp };
                            let _ = delayed.send((Instant::now(), Down::Event(report)));
                        }
                        let packet = TapPacket {
                            track: sid.clone(),
                            layer: Layer::Low,
                            seq,
                            timestamp: rtp.timestamp(),
                            marker: rtp.is_marker(),
                            level: (!video).then_some(Level(30)),
                            payload: rtp.payload().unwrap().into(),
                            at: Instant::now(),
                        };
                        seq += 1;
                        let _ = delayed.send((Instant::now(), Down::Packet(packet)));
                        Ok(gst::FlowSuccess::Ok)
                    })
                    .build(),
            );
        }
        pipeline.set_state(gst::State::Playing).unwrap();
        Sender { pipeline, end, identity: identity.to_owned(), keyframes_asked: Arc::default() }
    }
}

fn delay_line(end: Arc<SfuEnd>, late: Duration) -> std::sync::mpsc::Sender<(Instant, Down)> {
    let (sender, receiver) = channel::<(Instant, Down)>();
    std::thread::spawn(move || {
        for (at, down) in receiver {
            std::thread::sleep((at + late).saturating_duration_since(Instant::now()));
            let _ = match down {
                Down::Event(event) => end.event(event),
                Down::Packet(mut packet) => {
                    packet.at = Instant::now();
                    end.packet(packet)
                }
            };
        }
    });
    sender
}

pub fn track(identity: &str, video: bool) -> huddle_core::ids::TrackSid {
    format!("TR_{}{identity}", if video { "VC" } else { "AM" }).into()
}

impl Drop for Sender {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
        for video in [true, false] {
            let _ = self.end.event(TapEvent::TrackRemoved(track(&self.identity, video)));
        }
        let _ = self.end.event(TapEvent::ParticipantLeft(self.identity.as_str().into()));
    }
}

/// What the TV shows at a place; `None` before its first picture.
pub fn snapshot_pixel(media: &Media, x: usize, y: usize) -> Option<[u8; 3]> {
    let (width, _, rgb) = png(&media.handle.tv_snapshot()?);
    let at = (y * width as usize + x) * 3;
    Some([rgb[at], rgb[at + 1], rgb[at + 2]])
}

pub fn until(mut true_: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !true_() {
        assert!(Instant::now() < end, "it did not happen within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub fn out_dir(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

fn send_all(end: &SfuEnd, identity: &str, packets: &Packets, lossy: bool, stop: &AtomicBool) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let first = NEXT.fetch_add(100_000, Ordering::Relaxed);
    let (start, sids, mut seq) =
        (Instant::now(), [track(identity, false), track(identity, true)], [first; 2]);
    for round in 0u32.. {
        for (at, video, timestamp, marker, payload) in packets {
            let due = start + Duration::from_secs(10) * round + *at;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let n = usize::from(*video);
            if lossy && !*video && seq[n] % 10 == 3 {
                seq[n] += 1;
                continue;
            }
            let rate = if *video { 90_000 } else { 48_000 };
            let _ = end.packet(TapPacket {
                track: sids[n].clone(),
                layer: Layer::Low,
                seq: seq[n],
                timestamp: timestamp.wrapping_add(10 * rate * round),
                marker: *marker,
                level: None,
                payload: payload.clone(),
                at: Instant::now(),
            });
            seq[n] += 1;
        }
    }
}
