//! The room's own tracks: three VP8 layers and Opus, packetised and put up the tap.
//! Encoders outlive the camera: when it restarts, sequence numbers and timestamps go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_rtp::RTPBuffer;
use gstreamer_video as gst_video;
use huddle_core::ids::TrackSid;
use huddle_core::routing::Layer;
use huddle_core::units::{Level, Size};
use huddle_tap::{Codec, MediaKind, Publish, Source, TapCommand, TapPacket, UpLink};

use crate::Error;
use crate::clock;
use crate::pipe::{self, Pipe};
use crate::plan::backoff::Backoff;
use crate::sound;

/// Pictures per second from every camera.
pub(crate) const FPS: u32 = 25;
/// Size of every camera picture, the highest layer.
pub(crate) const CAMERA: Size = Size { width: 1280, height: 720 };
/// Samples of a chunk of sound: 20 ms, one Opus frame.
pub(crate) const CHUNK: usize = 960;
/// Between sender reports; receivers need the first at once for lip-sync.
const REPORT_EVERY: Duration = Duration::from_secs(2);
/// Between two forced keyframes of a layer.
const KEYFRAME_EVERY: Duration = Duration::from_millis(400);

struct LayerSpec {
    layer: Layer,
    size: Size,
    bitrate: u32,
    speed: u32,
}

const LAYERS: [LayerSpec; 3] = [
    LayerSpec { layer: Layer::Low, size: Size { width: 320, height: 180 }, bitrate: 150_000, speed: 6 },
    LayerSpec { layer: Layer::Medium, size: Size { width: 640, height: 360 }, bitrate: 500_000, speed: 8 },
    LayerSpec { layer: Layer::High, size: CAMERA, bitrate: 1_700_000, speed: 10 },
];

/// The encoders of the room's tracks on one tap.
pub(crate) struct Publisher {
    up: UpLink,
    camera: TrackSid,
    microphone: TrackSid,
    layers: Vec<VideoLayer>,
    sound: SoundEncoder,
}

struct VideoLayer {
    spec: &'static LayerSpec,
    pipe: Pipe,
    input: gst_app::AppSrc,
    gate: Arc<Gate>,
    forced: Option<Instant>,
    seq: Arc<AtomicU64>,
    backoff: Backoff,
}

struct SoundEncoder {
    pipe: Pipe,
    input: gst_app::AppSrc,
    level: Arc<AtomicU8>,
    seq: Arc<AtomicU64>,
    backoff: Backoff,
}

/// Which of the room's tracks there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Has {
    /// A camera.
    pub(crate) camera: bool,
    /// A microphone.
    pub(crate) microphone: bool,
}

/// Where captured media is given to the encoders; cheap to clone, used on capture threads.
#[derive(Clone)]
pub(crate) struct Inputs {
    layers: Vec<(gst_app::AppSrc, Arc<Gate>)>,
    sound: gst_app::AppSrc,
    level: Arc<AtomicU8>,
}

/// Whether a layer is fed.
#[derive(Debug, Default)]
pub(crate) struct Gate(AtomicBool);

impl Publisher {
    /// Builds the encoders and publishes the tracks that the room `has`.
    pub(crate) fn new(up: UpLink, has: Has, mic_muted: bool, camera_off: bool) -> Result<Self, Error> {
        let camera = TrackSid::new(random_sid("TR_VC"));
        let microphone = TrackSid::new(random_sid("TR_AM"));
        let layers = LAYERS.iter().map(|spec| VideoLayer::new(spec, &camera, &up, Arc::default()));
        let layers = layers.collect::<Result<Vec<_>, _>>()?;
        let sound = SoundEncoder::new(&microphone, &up, Arc::default())?;
        let this = Self { up, camera, microphone, layers, sound };
        if has.camera {
            this.publish(MediaKind::Video, camera_off);
        }
        if has.microphone {
            this.publish(MediaKind::Audio, mic_muted);
        }
        Ok(this)
    }

    fn publish(&self, kind: MediaKind, muted: bool) {
        let publish = match kind {
            MediaKind::Video => Publish {
                sid: self.camera.clone(),
                kind,
                source: Source::Camera,
                codec: Codec::Vp8,
                layers: LAYERS.iter().map(|l| (l.layer, l.size)).collect(),
                muted,
            },
            MediaKind::Audio => Publish {
                sid: self.microphone.clone(),
                kind,
                source: Source::Microphone,
                codec: Codec::Opus,
                layers: Vec::new(),
                muted,
            },
        };
        self.command(TapCommand::Publish(publish));
    }

    /// The camera track.
    pub(crate) fn camera(&self) -> &TrackSid {
        &self.camera
    }

    /// The microphone track.
    pub(crate) fn microphone(&self) -> &TrackSid {
        &self.microphone
    }

    /// Tells the meeting that a track is muted or not.
    pub(crate) fn mute(&self, track: &TrackSid, muted: bool) {
        self.command(TapCommand::Mute { track: track.clone(), muted });
    }

    /// For the capture threads.
    pub(crate) fn inputs(&self) -> Inputs {
        Inputs {
            layers: self.layers.iter().map(|l| (l.input.clone(), l.gate.clone())).collect(),
            sound: self.sound.input.clone(),
            level: self.sound.level.clone(),
        }
    }

    /// Feeds only the layers that somebody watches; one that is wanted again begins with a keyframe.
    pub(crate) fn want(&mut self, wanted: [bool; 3], now: Instant) {
        for (layer, wanted) in self.layers.iter_mut().zip(wanted) {
            let before = layer.gate.0.swap(wanted, Ordering::Relaxed);
            if wanted && !before {
                layer.forced = None;
                layer.keyframe(now);
            }
        }
    }

    /// Makes a keyframe in one layer, at most one per [`KEYFRAME_EVERY`].
    pub(crate) fn keyframe(&mut self, layer: Layer, now: Instant) {
        self.layers.iter_mut().filter(|l| l.spec.layer == layer).for_each(|l| l.keyframe(now));
    }

    /// Makes keyframes in all layers: the camera is on again.
    pub(crate) fn all_keyframes(&mut self, now: Instant) {
        self.layers.iter_mut().for_each(|l| l.keyframe(now));
    }

    /// Makes encoders that failed anew, after growing pauses; true when [`Self::inputs`] must be
    /// connected again.
    pub(crate) fn repair(&mut self, now: Instant) -> bool {
        let mut repaired = false;
        for layer in &mut self.layers {
            let make = || VideoLayer::new(layer.spec, &self.camera, &self.up, layer.seq.clone());
            if let Some(new) = mend(&mut layer.backoff, layer.pipe.error(), now, make) {
                new.gate.0.store(layer.gate.0.load(Ordering::Relaxed), Ordering::Relaxed);
                *layer = VideoLayer { backoff: std::mem::take(&mut layer.backoff), ..new };
                repaired = true;
            }
        }
        let sound = &mut self.sound;
        let make = || SoundEncoder::new(&self.microphone, &self.up, sound.seq.clone());
        if let Some(new) = mend(&mut sound.backoff, sound.pipe.error(), now, make) {
            *sound = SoundEncoder { backoff: std::mem::take(&mut sound.backoff), ..new };
            repaired = true;
        }
        repaired
    }

    fn command(&self, command: TapCommand) {
        // A closed tap is noticed by its reader.
        let _ = self.up.command(command);
    }
}

impl Inputs {
    /// A camera picture (I420, [`CAMERA`]) of the moment `at`.
    pub(crate) fn picture(&self, buffer: &gst::BufferRef, at: i64) {
        for (input, _) in self.layers.iter().filter(|(_, gate)| gate.0.load(Ordering::Relaxed)) {
            let Ok(mut copy) =
                buffer.copy_region(gst::BufferCopyFlags::MEMORY | gst::BufferCopyFlags::META, ..)
            else {
                return;
            };
            if let Some(copy) = copy.get_mut() {
                copy.set_pts(gst::ClockTime::from_nseconds(u64::try_from(at).unwrap_or(0)));
                copy.set_duration(gst::ClockTime::from_nseconds(1_000_000_000 / u64::from(FPS)));
            }
            // A stopped encoder is rebuilt by the control thread.
            let _ = input.push_buffer(copy);
        }
    }

    /// [`CHUNK`] mono samples whose first is of the moment `at`.
    pub(crate) fn chunk(&self, samples: &[i16], at: i64) {
        self.level.store(sound::level(samples).0, Ordering::Relaxed);
        let bytes = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
        pipe::push(&self.sound, bytes, at, Some(20_000_000));
    }
}

impl VideoLayer {
    fn new(
        spec: &'static LayerSpec,
        track: &TrackSid,
        up: &UpLink,
        seq: Arc<AtomicU64>,
    ) -> Result<Self, Error> {
        let Size { width, height } = spec.size;
        let pipe = Pipe::parse(&format!(
            "appsrc name=in is-live=true format=time max-buffers=2 leaky-type=downstream \
             caps=video/x-raw,format=I420,width={},height={},framerate={FPS}/1,colorimetry=bt601 \
             ! videoscale method=bilinear ! video/x-raw,width={width},height={height} \
             ! vp8enc name=enc deadline=1 cpu-used={} end-usage=cbr target-bitrate={} threads=1 lag-in-frames=0 \
               keyframe-max-dist={} buffer-initial-size=500 buffer-optimal-size=600 buffer-size=1000 \
               max-intra-bitrate=600 undershoot=95 min-quantizer=2 max-quantizer=56 static-threshold=1 \
             ! rtpvp8pay picture-id-mode=15-bit mtu=1200 timestamp-offset=0 seqnum-offset=0 \
             ! appsink name=out sync=false async=false max-buffers=512",
            CAMERA.width,
            CAMERA.height,
            spec.speed,
            spec.bitrate,
            FPS * 20,
        ))?;
        let input = pipe.get::<gst_app::AppSrc>("in")?;
        let output = pipe.get::<gst_app::AppSink>("out")?;
        let mut sender = Sender::new(track.clone(), spec.layer, up.clone(), None, seq.clone());
        pipe::on_sample(&output, move |sample| sender.send(&sample));
        pipe.play()?;
        let gate = Arc::new(Gate(AtomicBool::new(true)));
        Ok(Self { spec, pipe, input, gate, forced: None, seq, backoff: Backoff::default() })
    }

    fn keyframe(&mut self, now: Instant) {
        if self.forced.is_some_and(|at| now.saturating_duration_since(at) < KEYFRAME_EVERY) {
            return;
        }
        self.forced = Some(now);
        let event = gst_video::UpstreamForceKeyUnitEvent::builder().all_headers(true).build();
        let encoder = self.pipe.get::<gst::Element>("enc").ok();
        if let Some(pad) = encoder.and_then(|e| e.static_pad("src")) {
            pad.send_event(event);
        }
    }
}

impl SoundEncoder {
    fn new(track: &TrackSid, up: &UpLink, seq: Arc<AtomicU64>) -> Result<Self, Error> {
        let pipe = Pipe::parse(
            "appsrc name=in is-live=true format=time max-buffers=25 leaky-type=downstream \
             caps=audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved \
             ! opusenc bitrate=32000 audio-type=voice dtx=true inband-fec=true packet-loss-percentage=5 frame-size=20 \
             ! rtpopuspay dtx=true timestamp-offset=0 seqnum-offset=0 \
             ! appsink name=out sync=false async=false max-buffers=64",
        )?;
        let input = pipe.get::<gst_app::AppSrc>("in")?;
        let output = pipe.get::<gst_app::AppSink>("out")?;
        let level = Arc::new(AtomicU8::new(Level::SILENCE.0));
        let mut sender = Sender::new(track.clone(), Layer::Low, up.clone(), Some(level.clone()), seq.clone());
        pipe::on_sample(&output, move |sample| sender.send(&sample));
        pipe.play()?;
        Ok(Self { pipe, input, level, seq, backoff: Backoff::default() })
    }
}

/// What replaces an encoder with this error: now, later, or after another try.
fn mend<T>(
    backoff: &mut Backoff,
    error: Option<String>,
    now: Instant,
    make: impl FnOnce() -> Result<T, Error>,
) -> Option<T> {
    if let Some(error) = error {
        let pause = backoff.failed(now);
        tracing::warn!(%error, ?pause, "an encoder failed and will be made again");
    }
    if !backoff.due(now) {
        return None;
    }
    match make() {
        Ok(new) => {
            backoff.started(now);
            Some(new)
        }
        Err(error) => {
            let pause = backoff.failed(now);
            tracing::warn!(%error, ?pause, "an encoder cannot be made again yet");
            None
        }
    }
}

/// Puts the packets of one encoding up the tap.
struct Sender {
    track: TrackSid,
    layer: Layer,
    up: UpLink,
    level: Option<Arc<AtomicU8>>,
    seq: Arc<AtomicU64>,
    reported: Option<Instant>,
}

impl Sender {
    fn new(
        track: TrackSid,
        layer: Layer,
        up: UpLink,
        level: Option<Arc<AtomicU8>>,
        seq: Arc<AtomicU64>,
    ) -> Self {
        Self { track, layer, up, level, seq, reported: None }
    }

    fn send(&mut self, sample: &gst::Sample) {
        let Some(buffer) = sample.buffer() else { return };
        let Ok(rtp) = RTPBuffer::from_buffer_readable(buffer) else { return };
        let Ok(payload) = rtp.payload() else { return };
        let now = Instant::now();
        if let Some(pts) = pipe::pts(sample) {
            self.report(rtp.timestamp(), pts, now);
        }
        let packet = TapPacket {
            track: self.track.clone(),
            layer: self.layer,
            seq: self.seq.fetch_add(1, Ordering::Relaxed),
            timestamp: rtp.timestamp(),
            marker: rtp.is_marker(),
            level: self.level.as_ref().map(|l| Level(l.load(Ordering::Relaxed))),
            payload: payload.into(),
            at: now,
        };
        // A full ring drops and counts; a closed one is noticed by its reader.
        let _ = self.up.packet(packet);
    }

    fn report(&mut self, rtp: u32, pts: i64, now: Instant) {
        if self.reported.is_some_and(|at| now.saturating_duration_since(at) < REPORT_EVERY) {
            return;
        }
        self.reported = Some(now);
        let (track, layer, at) = (self.track.clone(), self.layer, clock::instant(pts));
        let _ = self.up.command(TapCommand::SenderReport { track, layer, rtp, at });
    }
}

/// `prefix` and 12 random alphanumeric characters.
fn random_sid(prefix: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let random = |_| {
        let letter = LETTERS.get(gst::glib::random_int_range(0, 62).unsigned_abs() as usize);
        char::from(letter.copied().unwrap_or(b'0'))
    };
    prefix.chars().chain((0..12).map(random)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn track_sids_have_the_form_livekit_clients_expect() {
        let sid = random_sid("TR_VC");
        assert_eq!(sid.len(), 17);
        assert!(sid.starts_with("TR_VC") && sid[3..].chars().all(|c| c.is_ascii_alphanumeric()));
        assert_ne!(sid, random_sid("TR_VC"));
    }

    #[test]
    fn an_encoder_that_cannot_be_made_again_is_tried_until_it_can() {
        let (start, mut backoff, mut tries) = (Instant::now(), Backoff::default(), 0);
        let mut error = Some("broken".to_owned());
        let mut made = None;
        for millis in (0..10_000).step_by(20) {
            let now = start + Duration::from_millis(millis);
            made = mend(&mut backoff, error.take(), now, || {
                tries += 1;
                if tries < 4 { Err(Error::NoPipeline) } else { Ok(millis) }
            });
            if made.is_some() {
                break;
            }
        }
        assert_eq!(tries, 4);
        assert!(made.is_some_and(|after| (3_000..5_000).contains(&after)), "{made:?}");
        let idle = mend(&mut backoff, None, start + Duration::from_secs(60), || Ok(0));
        assert_eq!(idle, None, "it works");
    }

    #[test]
    fn a_broken_encoder_is_replaced() {
        gst::init().unwrap();
        let (local, _sfu) = huddle_tap::tap(Arc::new(|| {}));
        let has = Has { camera: true, microphone: true };
        let mut publisher = Publisher::new(local.uplink(), has, false, false).unwrap();
        let now = Instant::now();
        assert!(!publisher.repair(now));
        publisher.layers[0].pipe.break_it("injected fault");
        publisher.sound.pipe.break_it("injected fault");
        assert!(!publisher.repair(now), "after a pause");
        assert!(publisher.repair(now + Duration::from_secs(1)));
        assert!(!publisher.repair(now + Duration::from_secs(20)));
    }
}
