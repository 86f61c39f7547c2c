//! Real media for load clients: a film that is encoded once and sent by all of them, and a decoder
//! that says when the first picture is there.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::{AppSink, AppSrc};
use str0m::rtp::RtpPacket;

/// 640×360, 25 pictures a second, a keyframe each second, 500 kbit/s.
const FILM: &str = "videotestsrc num-buffers=250 pattern=zone-plate kx2=12 ky2=8 kt=2 ! \
     video/x-raw,width=640,height=360,framerate=25/1 ! \
     vp8enc deadline=1 cpu-used=8 target-bitrate=500000 keyframe-max-dist=25 ! \
     rtpvp8pay mtu=1160 picture-id-mode=15-bit ! appsink name=out sync=false";
const DECODER: &str = "appsrc name=in is-live=true format=time do-timestamp=true \
     caps=application/x-rtp,media=video,clock-rate=90000,encoding-name=VP8,payload=96 ! \
     rtpvp8depay ! vp8dec ! appsink name=out sync=false";
/// Ten seconds of the 90 kHz clock.
pub(crate) const LENGTH: u32 = 900_000;

/// A packet of the film.
pub(crate) struct Part {
    /// Since the film's begin, 90 kHz.
    pub timestamp: u32,
    pub marker: bool,
    pub payload: Arc<[u8]>,
}

/// Encodes the film.
pub(crate) fn make() -> anyhow::Result<Vec<Part>> {
    gst::init()?;
    let pipeline = pipeline(FILM)?;
    let out = sink(&pipeline)?;
    pipeline.set_state(gst::State::Playing)?;
    let mut parts: Vec<Part> = Vec::new();
    let mut first = None;
    while let Ok(sample) = out.pull_sample() {
        let buffer = sample.buffer().context("a buffer")?;
        let map = buffer.map_readable()?;
        let [_, second, _, _, t0, t1, t2, t3, _, _, _, _, payload @ ..] = map.as_slice() else { continue };
        let timestamp = u32::from_be_bytes([*t0, *t1, *t2, *t3]);
        let timestamp = timestamp.wrapping_sub(*first.get_or_insert(timestamp));
        parts.push(Part { timestamp, marker: second & 0x80 != 0, payload: Arc::from(payload) });
    }
    pipeline.set_state(gst::State::Null)?;
    anyhow::ensure!(parts.len() >= 250, "the film has {} packets", parts.len());
    Ok(parts)
}

/// Decodes VP8 packets.
pub(crate) struct Decoder {
    pipeline: gst::Pipeline,
    input: AppSrc,
    output: AppSink,
    stream: Option<u32>,
    done: bool,
}

impl Decoder {
    pub(crate) fn new() -> anyhow::Result<Self> {
        gst::init()?;
        let pipeline = pipeline(DECODER)?;
        let input = pipeline.by_name("in").and_downcast::<AppSrc>().context("appsrc")?;
        let output = sink(&pipeline)?;
        pipeline.set_state(gst::State::Playing)?;
        Ok(Self { pipeline, input, output, stream: None, done: false })
    }

    /// Takes a packet, if it belongs to the stream that came first.
    pub(crate) fn push(&mut self, packet: &RtpPacket) -> anyhow::Result<()> {
        let ssrc = *packet.header.ssrc;
        if *self.stream.get_or_insert(ssrc) != ssrc {
            return Ok(());
        }
        let mut bytes = vec![0x80, 96 | if packet.header.marker { 0x80 } else { 0 }];
        bytes.extend(packet.header.sequence_number.to_be_bytes());
        bytes.extend(packet.header.timestamp.to_be_bytes());
        bytes.extend(ssrc.to_be_bytes());
        bytes.extend_from_slice(&packet.payload);
        self.input.push_buffer(gst::Buffer::from_mut_slice(bytes))?;
        Ok(())
    }

    /// A picture was decoded.
    pub(crate) fn has_picture(&mut self) -> bool {
        self.done |= self.output.try_pull_sample(gst::ClockTime::ZERO).is_some();
        self.done
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // It ends with the process at the latest.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

fn pipeline(text: &str) -> anyhow::Result<gst::Pipeline> {
    gst::parse::launch(text)?.downcast::<gst::Pipeline>().ok().context("a pipeline")
}

fn sink(pipeline: &gst::Pipeline) -> anyhow::Result<AppSink> {
    pipeline.by_name("out").and_downcast::<AppSink>().context("appsink")
}

/// Where a client is in the film, and in 20 ms packets of silence.
#[derive(Default)]
pub(crate) struct Player {
    packets: u64,
    sounds: u64,
}

impl Player {
    /// The next packet that is due `elapsed` after the start: its number, timestamp and content.
    pub(crate) fn picture<'a>(
        &mut self,
        film: &'a [Part],
        elapsed: Duration,
    ) -> Option<(u64, u32, &'a Part)> {
        let count = u64::try_from(film.len()).ok()?;
        let part = film.get(usize::try_from(self.packets % count).ok()?)?;
        let rounds = u32::try_from(self.packets / count).ok()?;
        let at = rounds.wrapping_mul(LENGTH).wrapping_add(part.timestamp);
        if Duration::from_micros(u64::from(at) * 100 / 9) > elapsed {
            return None;
        }
        self.packets += 1;
        Some((self.packets, at, part))
    }

    /// The next 20 ms of silence that are due: number and timestamp.
    pub(crate) fn sound(&mut self, elapsed: Duration) -> Option<(u64, u32)> {
        if Duration::from_millis(20 * self.sounds) > elapsed {
            return None;
        }
        self.sounds += 1;
        Some((self.sounds, u32::try_from(self.sounds * 960 % (1 << 32)).ok()?))
    }
}
