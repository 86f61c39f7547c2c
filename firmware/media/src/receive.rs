//! One remote track: packets in order, on our clock, through one decoder, whatever number of
//! mixers look at the result. A broken decoder is made again; it never ends the meeting. Decoders are
//! made and closed on other threads: whoever reads the tap must not wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gstreamer_app as gst_app;
use huddle_tap::{Codec, TapPacket, TapTrack};

use crate::Error;
use crate::background::{self, Opening};
use crate::clock::{nanos, sample_at};
use crate::picture::{self, Pictures};
use crate::pipe::{self, Pipe};
use crate::plan::backoff::Backoff;
use crate::plan::clock::{TrackClock, Transit};
use crate::plan::jitter::{Ordered, Reorder};
use crate::sound::{self, Sound};

/// Waiting for a retransmitted packet; shorter than the playout delays.
const PATIENCE: Duration = Duration::from_millis(80);
/// Between two requests for a keyframe.
const ASK_AGAIN: Duration = Duration::from_millis(700);
/// Going back by more than this means that the sender's clock was set, in nanoseconds.
const CLOCK_SET: i64 = 1_000_000_000;
/// Bytes waiting for the decoder above which packets are dropped until the next keyframe.
const BACKLOG: u64 = 4 << 20;
/// Packets kept while a decoder is made.
const HELD: usize = 4_096;

/// Largest side of a picture that is decoded; a small keyframe can promise 16,383.
const SIDE: u32 = 4_096;

/// Lost sound packets that are bridged; a longer gap is a pause (DTX).
const CONCEALED: u64 = 5;
/// Length of an Opus packet as browsers make them, in nanoseconds.
const FRAME: i64 = 20_000_000;

/// Where a track's decoded media goes.
#[derive(Clone)]
pub(crate) enum Media {
    /// Pictures.
    Pictures(Arc<Pictures>),
    /// Sound.
    Sound(Arc<Sound>),
}

/// The receiving side of one track.
pub(crate) struct Receiver {
    codec: Codec,
    media: Media,
    order: Reorder<TapPacket>,
    clock: TrackClock,
    last_due: i64,
    decoder: Option<Decoder>,
    making: Option<Opening<Decoder>>,
    /// For the decoder that is being made.
    held: Vec<Input>,
    backoff: Backoff,
    keyframe: Keyframe,
    muted: bool,
}

struct Decoder {
    pipe: Pipe,
    input: gst_app::AppSrc,
}

/// What a decoder is given.
struct Input {
    bytes: Vec<u8>,
    due: i64,
    duration: Option<u64>,
}

#[derive(Default)]
struct Keyframe {
    needed: bool,
    asked: Option<Instant>,
}

impl Receiver {
    /// For a track that can be decoded (not end-to-end encrypted).
    pub(crate) fn new(track: &TapTrack, media: Media) -> Self {
        let pictures = matches!(media, Media::Pictures(_));
        Self {
            codec: track.codec,
            media,
            order: Reorder::new(PATIENCE),
            clock: TrackClock::new(track.codec.clock_rate()),
            last_due: 0,
            decoder: None,
            making: None,
            held: Vec::new(),
            backoff: Backoff::default(),
            keyframe: Keyframe { needed: pictures, asked: None },
            muted: track.muted,
        }
    }

    /// A sender report of this track.
    pub(crate) fn report(&mut self, rtp: u32, ntp: u64) {
        self.clock.report(rtp, ntp);
    }

    /// A packet of this track; `peer` is the clock shared by its publisher's tracks.
    pub(crate) fn packet(&mut self, packet: TapPacket, now: Instant, peer: &mut Transit) {
        self.order.push(packet.seq, packet, now);
        self.drain(now, peer);
    }

    /// Gives up on lost packets in time, restarts a broken decoder. True when the publisher is to
    /// be asked for a keyframe.
    pub(crate) fn poll(&mut self, now: Instant, peer: &mut Transit) -> bool {
        if self.order.waiting() {
            self.drain(now, peer);
        }
        self.take_decoder(now);
        if let Some(error) = self.decoder.as_ref().and_then(|d| d.pipe.error()) {
            let pause = self.backoff.failed(now);
            tracing::warn!(%error, ?pause, "a decoder failed and will be made again");
            self.close_decoder();
            self.need_keyframe();
        }
        let due = self.keyframe.asked.is_none_or(|at| now.saturating_duration_since(at) >= ASK_AGAIN);
        let ask = self.keyframe.needed && due && !self.muted;
        if ask {
            self.keyframe.asked = Some(now);
        }
        ask
    }

    /// The track was muted or unmuted: its old pictures are not shown again.
    pub(crate) fn set_muted(&mut self, muted: bool) {
        self.muted = muted;
        if let Media::Pictures(pictures) = &self.media {
            pictures.clear();
            self.keyframe = Keyframe { needed: true, asked: None };
        }
    }

    fn need_keyframe(&mut self) {
        self.keyframe.needed = matches!(self.media, Media::Pictures(_));
    }

    fn drain(&mut self, now: Instant, peer: &mut Transit) {
        while let Some(ordered) = self.order.pop(now) {
            match ordered {
                Ordered::Lost(count) => {
                    tracing::trace!(count, "packets lost");
                    self.conceal(count);
                    self.need_keyframe();
                }
                Ordered::Packet(packet) => self.decode(&packet, now, peer),
            }
        }
    }

    /// Lets the sound decoder bridge a short loss; an empty packet is a lost one to it.
    fn conceal(&mut self, count: u64) {
        let listening = self.decoder.is_some() || self.making.is_some();
        if !listening || self.codec != Codec::Opus || count > CONCEALED {
            return;
        }
        for _ in 0..count {
            self.last_due += FRAME;
            let (due, duration) = (self.last_due, Some(FRAME.unsigned_abs()));
            self.give(Input { bytes: Vec::new(), due, duration });
        }
    }

    fn decode(&mut self, packet: &TapPacket, now: Instant, peer: &mut Transit) {
        let due = self.clock.arrive(packet.timestamp, nanos(packet.at), peer);
        // Decoders reorder by time when it goes back; only a sender whose clock was set may do that.
        self.last_due = if self.last_due - due > CLOCK_SET { due } else { self.last_due.max(due) };
        if self.keyframe.needed {
            if !starts_keyframe(self.codec, &packet.payload) {
                return;
            }
            self.keyframe = Keyframe::default();
        }
        self.take_decoder(now);
        if self.decoder.is_none() && !self.make_decoder(now) {
            self.need_keyframe();
            return;
        }
        let bytes = match self.codec {
            Codec::Opus => packet.payload.to_vec(),
            Codec::Vp8 | Codec::H264 => rtp_packet(packet),
        };
        self.give(Input { bytes, due: self.last_due, duration: None });
    }

    /// To the decoder, or kept until it is made; too much begins anew with a keyframe.
    fn give(&mut self, input: Input) {
        let waiting = match &self.decoder {
            Some(decoder) => decoder.input.current_level_bytes(),
            None => self.held.iter().map(|input| input.bytes.len() as u64).sum(),
        };
        if waiting > BACKLOG || self.held.len() > HELD {
            self.held.clear();
            self.need_keyframe();
        } else if let Some(decoder) = &self.decoder {
            decoder.push(input);
        } else {
            self.held.push(input);
        }
    }

    /// Starts to make one; false while none can be made.
    fn make_decoder(&mut self, now: Instant) -> bool {
        if self.making.is_some() {
            return true;
        }
        if self.backoff.failed_and_waiting(now) {
            return false;
        }
        let (codec, media) = (self.codec, self.media.clone());
        match background::open(move || Decoder::new(codec, &media)) {
            Ok(making) => self.making = Some(making),
            Err(error) => self.no_decoder(&error, now),
        }
        self.making.is_some()
    }

    /// Takes the one that has been made meanwhile, and gives it what waited.
    fn take_decoder(&mut self, now: Instant) {
        let Some(made) = self.making.as_ref().and_then(Opening::result) else { return };
        self.making = None;
        match made {
            Ok(decoder) => {
                self.backoff.started(now);
                self.held.drain(..).for_each(|input| decoder.push(input));
                self.decoder = Some(decoder);
            }
            Err(error) => {
                self.held.clear();
                self.need_keyframe();
                self.no_decoder(&error, now);
            }
        }
    }

    fn no_decoder(&mut self, error: &Error, now: Instant) {
        let pause = self.backoff.failed(now);
        tracing::warn!(%error, ?pause, "no decoder for a track");
    }

    fn close_decoder(&mut self) {
        if let Some(decoder) = self.decoder.take() {
            background::close(decoder, Duration::ZERO);
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.close_decoder();
    }
}

impl Decoder {
    fn new(codec: Codec, media: &Media) -> Result<Self, Error> {
        let pipe = Pipe::parse(&description(codec))?;
        let input = pipe.get::<gst_app::AppSrc>("in")?;
        let output = pipe.get::<gst_app::AppSink>("out")?;
        match media {
            Media::Pictures(pictures) => {
                let pictures = pictures.clone();
                pipe::on_sample(&output, move |sample| {
                    if let (Some(due), Some(picture)) = (pipe::pts(&sample), picture::of_sample(&sample)) {
                        pictures.push(due, picture);
                    }
                });
            }
            Media::Sound(sound) => {
                let sound = sound.clone();
                pipe::on_sample(&output, move |sample| write_sound(&sound, &sample));
            }
        }
        pipe.play()?;
        Ok(Self { pipe, input })
    }

    fn push(&self, input: Input) {
        // One that does not take it has an error, which is found by the next poll.
        pipe::push(&self.input, input.bytes, input.due, input.duration);
    }
}

fn write_sound(sound: &Sound, sample: &gstreamer::Sample) {
    let Some(due) = pipe::pts(sample) else { return };
    let Some(map) = sample.buffer().and_then(|b| b.map_readable().ok()) else { return };
    sound.write(sample_at(due), &sound::stereo(&map));
}

fn description(codec: Codec) -> String {
    let decode = match codec {
        Codec::Opus => {
            return "appsrc name=in is-live=true format=time max-bytes=0 \
                caps=audio/x-opus,rate=48000,channels=2,channel-mapping-family=0,stream-count=1,coupled-count=1 \
                ! opusdec plc=true ! audioconvert ! audio/x-raw,format=S16LE,rate=48000,channels=2 \
                ! appsink name=out sync=false async=false max-buffers=8"
                .into();
        }
        Codec::Vp8 => {
            let limit = limit("video/x-vp8");
            format!("encoding-name=VP8,payload=96 ! rtpvp8depay ! {limit} ! vp8dec threads=1 max-errors=-1")
        }
        Codec::H264 => {
            let decoder = pipe::first_installed(&["avdec_h264", "openh264dec"]).unwrap_or("avdec_h264");
            let options = if decoder == "avdec_h264" { " max-threads=1 max-errors=-1" } else { "" };
            let limit = limit("video/x-h264");
            format!("encoding-name=H264,payload=96 ! rtph264depay ! h264parse ! {limit} ! {decoder}{options}")
        }
    };
    format!(
        "appsrc name=in is-live=true format=time max-bytes=0 \
         caps=application/x-rtp,media=video,clock-rate=90000,{decode} \
         ! videoconvert n-threads=1 ! video/x-raw,format=I420 ! appsink name=out sync=false async=false max-buffers=4"
    )
}

/// A filter before the decoder, which would take the memory that a picture claims to need.
fn limit(media: &str) -> String {
    format!("{media},width=[1,{SIDE}],height=[1,{SIDE}]")
}

/// The packet as RTP (RFC 3550 §5.1), payload type 96, for GStreamer's depayloaders.
fn rtp_packet(packet: &TapPacket) -> Vec<u8> {
    #[expect(clippy::cast_possible_truncation, reason = "the low 16 bits are wanted")]
    let seq = packet.seq as u16;
    let mut bytes = Vec::with_capacity(12 + packet.payload.len());
    bytes.extend_from_slice(&[0x80, 96 | if packet.marker { 0x80 } else { 0 }]);
    bytes.extend_from_slice(&seq.to_be_bytes());
    bytes.extend_from_slice(&packet.timestamp.to_be_bytes());
    bytes.extend_from_slice(&[0, 0, 0, 1]);
    bytes.extend_from_slice(&packet.payload);
    bytes
}

/// Whether a keyframe begins in this payload; always for sound.
fn starts_keyframe(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Opus => true,
        Codec::Vp8 => vp8_keyframe(payload).unwrap_or(false),
        Codec::H264 => h264_keyframe(payload).unwrap_or(false),
    }
}

/// RFC 7741 §4.2 descriptor, §4.3 P bit.
fn vp8_keyframe(payload: &[u8]) -> Option<bool> {
    let first = *payload.first()?;
    if first & 0x17 != 0x10 {
        return Some(false); // not the start of partition 0
    }
    let mut at = 1;
    if first & 0x80 != 0 {
        let extension = *payload.get(at)?;
        at += 1;
        if extension & 0x80 != 0 {
            at += if *payload.get(at)? & 0x80 != 0 { 2 } else { 1 };
        }
        at += usize::from(extension & 0x40 != 0);
        at += usize::from(extension & 0x30 != 0);
    }
    Some(payload.get(at)? & 1 == 0)
}

/// RFC 6184 §5.4: a sequence parameter set or an IDR slice begins here.
fn h264_keyframe(payload: &[u8]) -> Option<bool> {
    let kind = |byte: u8| matches!(byte & 0x1f, 5 | 7);
    let first = *payload.first()?;
    match first & 0x1f {
        24 => {
            let mut rest = payload.get(1..)?;
            while let [high, low, nal, ..] = *rest {
                if kind(nal) {
                    return Some(true);
                }
                rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..)?;
            }
            Some(false)
        }
        28 => {
            let header = *payload.get(1)?;
            Some(header & 0x80 != 0 && kind(header))
        }
        _ => Some(kind(first)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vp8_keyframes_are_seen_behind_the_descriptor() {
        assert!(starts_keyframe(Codec::Vp8, &[0x10, 0x00]));
        assert!(!starts_keyframe(Codec::Vp8, &[0x10, 0x01]));
        assert!(starts_keyframe(Codec::Vp8, &[0x90, 0x80, 0x81, 0x02, 0x10]));
        assert!(starts_keyframe(Codec::Vp8, &[0x90, 0xe0, 0x81, 0x02, 0x05, 0x20, 0x10]));
        assert!(!starts_keyframe(Codec::Vp8, &[0x00, 0x00]));
    }

    #[test]
    fn h264_keyframes_are_seen_in_all_three_packings() {
        assert!(starts_keyframe(Codec::H264, &[0x67, 1]));
        assert!(starts_keyframe(Codec::H264, &[0x78, 0, 1, 0x09, 0, 2, 0x67, 0x42]));
        assert!(starts_keyframe(Codec::H264, &[0x7c, 0x85, 0]));
        assert!(!starts_keyframe(Codec::H264, &[0x7c, 0x05, 0]));
        assert!(!starts_keyframe(Codec::H264, &[0x41, 1]));
    }

    /// Ten pictures of this size, each a keyframe, and when they arrive.
    fn packets(codec: Codec, width: u32, height: u32) -> Vec<TapPacket> {
        gstreamer::init().unwrap();
        let encode = match codec {
            Codec::H264 => {
                "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=1 ! rtph264pay config-interval=-1"
            }
            Codec::Vp8 | Codec::Opus => "vp8enc deadline=1 keyframe-max-dist=0 ! rtpvp8pay",
        };
        let pipe = Pipe::parse(&format!(
            "videotestsrc num-buffers=10 ! video/x-raw,format=I420,width={width},height={height},framerate=25/1 ! {encode} ! appsink name=out sync=false"
        ));
        let pipe = pipe.unwrap();
        let output = pipe.get::<gst_app::AppSink>("out").unwrap();
        pipe.play().unwrap();
        let start = Instant::now();
        let samples = std::iter::from_fn(|| output.pull_sample().ok());
        let packet = |(seq, sample): (u64, gstreamer::Sample)| {
            let rtp = gstreamer_rtp::RTPBuffer::from_buffer_readable(sample.buffer().unwrap()).unwrap();
            TapPacket {
                track: "TR_x".into(),
                layer: huddle_core::routing::Layer::Low,
                seq,
                timestamp: rtp.timestamp(),
                marker: rtp.is_marker(),
                level: None,
                payload: rtp.payload().unwrap().into(),
                at: start + Duration::from_nanos(u64::try_from(pipe::pts(&sample).unwrap()).unwrap()),
            }
        };
        (0..).zip(samples).map(packet).collect()
    }

    fn receiver(codec: Codec) -> (Receiver, Arc<Pictures>) {
        let pictures = Arc::new(Pictures::default());
        let track = TapTrack {
            sid: "TR_x".into(),
            publisher: "x".into(),
            publisher_sid: "PA_x".into(),
            kind: huddle_tap::MediaKind::Video,
            source: huddle_tap::Source::Camera,
            codec,
            size: huddle_core::units::Size::default(),
            muted: false,
            encrypted: false,
        };
        (Receiver::new(&track, Media::Pictures(pictures.clone())), pictures)
    }

    /// Until `done`, or until nothing more can be expected.
    fn wait(receiver: &mut Receiver, done: impl Fn(&Receiver) -> bool) -> bool {
        let until = Instant::now() + Duration::from_secs(20);
        while !done(receiver) && Instant::now() < until {
            receiver.poll(Instant::now(), &mut Transit::default());
            std::thread::park_timeout(Duration::from_millis(2));
        }
        done(receiver)
    }

    #[test]
    fn nobody_waits_for_a_decoder_and_what_comes_meanwhile_is_decoded() {
        let (mut receiver, pictures) = receiver(Codec::Vp8);
        let (mut peer, mut dues) = (Transit::default(), Vec::new());
        for packet in packets(Codec::Vp8, 64, 64) {
            receiver.packet(packet, Instant::now(), &mut peer);
            dues.push(receiver.last_due);
        }
        assert!(receiver.decoder.is_none() || receiver.held.is_empty());
        dues.dedup();
        assert_eq!(dues.len(), 10);
        // Of each moment there is another picture only when none of them is missing.
        let all = || {
            let shown: Vec<_> = dues.iter().filter_map(|&due| pictures.at(due)).collect();
            shown.len() == 10 && shown.windows(2).all(|two| !Arc::ptr_eq(&two[0], &two[1]))
        };
        assert!(wait(&mut receiver, |_| all()));
    }

    #[test]
    fn the_first_packet_does_not_wait_for_its_decoder() {
        let (mut receiver, _) = receiver(Codec::Vp8);
        let first = packets(Codec::Vp8, 64, 64).remove(0);
        receiver.packet(first, Instant::now(), &mut Transit::default());
        assert!(receiver.decoder.is_none() && receiver.making.is_some() && receiver.held.len() == 1);
    }

    #[test]
    fn pictures_that_would_take_all_memory_are_not_decoded_and_the_others_go_on() {
        for codec in [Codec::Vp8, Codec::H264] {
            let ((mut wide, none), (mut usual, some)) = (receiver(codec), receiver(codec));
            let mut peer = Transit::default();
            for packet in packets(codec, 4_104, 16) {
                wide.packet(packet, Instant::now(), &mut peer);
            }
            for packet in packets(codec, 4_096, 16) {
                usual.packet(packet, Instant::now(), &mut peer);
            }
            assert!(wait(&mut usual, |_| some.at(i64::MAX).is_some()), "{codec:?}");
            assert!(
                wait(&mut wide, |r| r.backoff.failed_and_waiting(Instant::now())),
                "{codec:?} is refused"
            );
            assert!(none.at(i64::MAX).is_none(), "{codec:?}");
        }
    }

    proptest! {
        #[test]
        fn no_payload_panics(payload in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = starts_keyframe(Codec::Vp8, &payload);
            let _ = starts_keyframe(Codec::H264, &payload);
        }
    }
}
