//! What a participant looks and sounds like, and GStreamer making it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_rtp::RTPBuffer;
use huddle_tap::*;

pub struct Look {
    pub video: String,
    pub audio: String,
    pub size: (u32, u32),
    /// How much later than sound pictures arrive.
    pub video_late: Duration,
    pub encrypted: bool,
    pub codec: Codec,
    pub source: Source,
    /// Every tenth sound packet is lost (canned only).
    pub lossy: bool,
}

impl Look {
    pub fn colour(colour: u32, tone: u32) -> Self {
        Self {
            video: format!(
                "videotestsrc is-live=true pattern=solid-color foreground-color={:#010x}",
                0xff00_0000 | colour
            ),
            audio: format!("audiotestsrc is-live=true samplesperbuffer=960 freq={tone} volume=0.2"),
            size: (640, 360),
            video_late: Duration::ZERO,
            encrypted: false,
            codec: Codec::Vp8,
            source: Source::Camera,
            lossy: false,
        }
    }

    /// A textured moving picture, 640×360 at about 600 kbit/s.
    pub fn person(number: usize) -> Self {
        Self {
            video: format!(
                "videotestsrc is-live=true pattern=ball background-color={:#010x}",
                0xff20_3040 + number * 0x1407
            ),
            ..Self::colour(0, 300 + 100 * u32::try_from(number).unwrap())
        }
    }

    pub fn encoder(&self) -> &'static str {
        match self.codec {
            Codec::H264 => {
                "x264enc tune=zerolatency speed-preset=ultrafast bitrate=600 key-int-max=25 ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 aggregate-mode=zero-latency"
            }
            _ => {
                "vp8enc deadline=1 cpu-used=16 target-bitrate=600000 keyframe-max-dist=25 ! rtpvp8pay picture-id-mode=15-bit"
            }
        }
    }

    /// One flash and one beep of 120 ms each second, beginning together.
    pub fn flash_and_beep() -> Self {
        Self {
            video: "videotestsrc is-live=true name=flash pattern=solid-color foreground-color=0xff000000".into(),
            audio: "audiotestsrc is-live=true samplesperbuffer=480 freq=1000 volume=0.4 name=beep ! audio/x-raw,rate=48000,channels=1,format=S16LE ! identity name=gate".into(),
            ..Self::colour(0, 0)
        }
    }
}

/// Makes the flash and the beep out of a white picture and a tone, by buffer time.
pub fn blink(pipeline: &gst::Pipeline) {
    let on = |pts: gst::ClockTime| pts.mseconds() % 1_000 < 120;
    if let Some(flash) = pipeline.by_name("flash") {
        flash.static_pad("src").unwrap().add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            if let Some(gst::PadProbeData::Buffer(buffer)) = &mut info.data
                && on(buffer.pts().unwrap())
            {
                let buffer = buffer.make_mut();
                let luma = buffer.size() * 2 / 3;
                buffer.map_writable().unwrap()[..luma].fill(235);
            }
            gst::PadProbeReturn::Ok
        });
    }
    if let Some(gate) = pipeline.by_name("gate") {
        gate.static_pad("src").unwrap().add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            if let Some(gst::PadProbeData::Buffer(buffer)) = &mut info.data
                && !on(buffer.pts().unwrap())
            {
                buffer.make_mut().map_writable().unwrap().fill(0);
            }
            gst::PadProbeReturn::Ok
        });
    }
}

/// Renders a look into a WebM file with VP8 and Opus.
pub fn render(look: &Look, frames: u32, path: &Path) {
    gst::init().unwrap();
    let video = look.video.replace("is-live=true", &format!("num-buffers={frames}"));
    let audio = look.audio.replace("is-live=true", &format!("num-buffers={}", frames * 4));
    let pipeline = gst::parse::launch(&format!(
        "{video} ! video/x-raw,format=I420,width=640,height=360,framerate=25/1 ! vp8enc deadline=1 keyframe-max-dist=25 ! queue max-size-time=0 max-size-bytes=0 max-size-buffers=0 ! webmmux name=m ! filesink location={} \
         {audio} ! opusenc ! queue max-size-time=0 max-size-bytes=0 max-size-buffers=0 ! m.",
        path.display()
    ))
    .unwrap()
    .downcast::<gst::Pipeline>()
    .unwrap();
    blink(&pipeline);
    pipeline.set_state(gst::State::Playing).unwrap();
    let bus = pipeline.bus().unwrap();
    let message = bus
        .timed_pop_filtered(
            gst::ClockTime::from_seconds(20),
            &[gst::MessageType::Eos, gst::MessageType::Error],
        )
        .unwrap();
    assert_eq!(message.type_(), gst::MessageType::Eos);
    pipeline.set_state(gst::State::Null).unwrap();
}

/// Packets in the order of their time: when, whether video, timestamp, marker, payload.
pub type Packets = Vec<(Duration, bool, u32, bool, Arc<[u8]>)>;

/// Ten seconds of a look as packets.
pub fn encode_all(look: &Look) -> Packets {
    let video = look.video.replace("is-live=true", "num-buffers=250");
    let audio = look.audio.replace("is-live=true", "num-buffers=500");
    let pipeline = gst::parse::launch(&format!(
        "{video} ! video/x-raw,format=I420,width={},height={},framerate=25/1 ! {} timestamp-offset=0 ! appsink name=v sync=false \
         {audio} ! audio/x-raw,rate=48000,channels=1 ! opusenc ! rtpopuspay timestamp-offset=0 ! appsink name=a sync=false",
        look.size.0, look.size.1, look.encoder()
    ))
    .unwrap()
    .downcast::<gst::Pipeline>()
    .unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    let mut packets = Packets::new();
    for (name, video) in [("v", true), ("a", false)] {
        let sink = pipeline.by_name(name).unwrap().downcast::<gst_app::AppSink>().unwrap();
        while let Ok(sample) = sink.pull_sample() {
            let buffer = sample.buffer().unwrap();
            let rtp = RTPBuffer::from_buffer_readable(buffer).unwrap();
            let at = Duration::from_nanos(buffer.pts().unwrap().nseconds());
            packets.push((at, video, rtp.timestamp(), rtp.is_marker(), rtp.payload().unwrap().into()));
        }
    }
    pipeline.set_state(gst::State::Null).unwrap();
    packets.sort_by_key(|p| p.0);
    packets
}
