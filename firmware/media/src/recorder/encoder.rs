//! The encoder of a recording: pictures and sound in, bytes of a fragmented MP4 out.
//! H.264 without look-ahead (delay of a frame), a keyframe and a fragment each 0.4 s, so that
//! a power cut costs less than a second.

use std::sync::Arc;
use std::time::Instant;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use huddle_core::units::Size;

use crate::Error;
use crate::pipe::{self, Pipe};
use crate::recorder::h264;
use crate::sound::{self, CHANNELS};

/// AAC encoders, the best first.
pub(crate) const AAC: &[&str] = &["avenc_aac", "fdkaacenc", "voaacenc"];
/// Length of a fragment and distance of keyframes in milliseconds.
const FRAGMENT: u32 = 400;
/// Bytes of sound that may wait to be encoded: a minute.
const MOST_SOUND: u64 = 60 * 48_000 * 4;

/// A running encoder.
pub(crate) struct Encoder {
    h264: &'static str,
    pipe: Pipe,
    video: gst_app::AppSrc,
    audio: gst_app::AppSrc,
    fps: u32,
    samples: u64,
}

impl Encoder {
    /// Starts it. `bytes` gets the file piece by piece on a streaming thread; `first` is called
    /// when the first picture is in the muxer.
    pub(crate) fn start(
        size: Size,
        fps: u32,
        bytes: impl FnMut(gst::Buffer) + Send + 'static,
        first: impl Fn(Instant) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let missing = |what| Error::Start(format!("no {what} encoder is installed"));
        let h264 = h264::best().ok_or_else(|| missing("H.264"))?;
        let aac = pipe::first_installed(AAC).ok_or_else(|| missing("AAC"))?;
        let pipe = Pipe::parse(&description(size, fps, h264, aac))?;
        let video = pipe.get::<gst_app::AppSrc>("video")?;
        let audio = pipe.get::<gst_app::AppSrc>("audio")?;
        let mut bytes = bytes;
        pipe::on_sample(&pipe.get::<gst_app::AppSink>("out")?, move |sample| {
            if let Some(buffer) = sample.buffer_owned() {
                bytes(buffer);
            }
        });
        notice_first(&pipe, first)?;
        pipe.play()?;
        Ok(Self { h264, pipe, video, audio, fps, samples: 0 })
    }

    /// Queues picture number `number` of the file.
    pub(crate) fn picture(&self, i420: &[u8], number: u64) {
        let duration = 1_000_000_000 / u64::from(self.fps);
        let pts = i64::try_from(number * 1_000_000_000 / u64::from(self.fps)).unwrap_or(i64::MAX);
        pipe::push(&self.video, i420.to_vec(), pts, Some(duration));
    }

    /// Queues sound that follows what was queued before.
    pub(crate) fn sound(&mut self, samples: &[[i16; CHANNELS]]) {
        let nanos =
            |samples: u64| i64::try_from(u128::from(samples) * 1_000_000_000 / 48_000).unwrap_or(i64::MAX);
        let pts = nanos(self.samples);
        self.samples += samples.len() as u64;
        let duration = u64::try_from(nanos(self.samples) - pts).ok();
        pipe::push(&self.audio, sound::bytes(samples), pts, duration);
    }

    /// Samples queued so far.
    pub(crate) fn samples(&self) -> u64 {
        self.samples
    }

    /// Pictures that wait to be encoded.
    pub(crate) fn waiting(&self) -> u64 {
        self.video.current_level_buffers()
    }

    /// What went wrong, if anything did; also when a minute of sound waits, because the disk stands still.
    pub(crate) fn error(&self) -> Option<String> {
        let stuck = self.audio.current_level_bytes() > MOST_SOUND;
        let broken = self.pipe.error().inspect(|_| h264::distrust(self.h264));
        broken.or_else(|| stuck.then(|| "the disk or the encoder stands still".into()))
    }

    /// Ends both streams; [`Self::ended`] tells when all bytes are out.
    pub(crate) fn finish(&self) {
        // A stopped pipeline is found by `error`.
        let _ = (self.video.end_of_stream(), self.audio.end_of_stream());
    }

    /// All bytes were handed out.
    pub(crate) fn ended(&self) -> bool {
        self.pipe.ended()
    }
}

/// Loads the plugins a recording needs and tries the H.264 encoders of the hardware, so that the
/// first recording starts as fast as the next.
pub(crate) fn warm_up() {
    for name in AAC.iter().chain(&["h264parse", "aacparse", "mp4mux", "jpegenc", "appsrc", "appsink"]) {
        let _ = gst::ElementFactory::make(name).build();
    }
    h264::probe();
}

fn notice_first(pipe: &Pipe, first: impl Fn(Instant) + Send + Sync + 'static) -> Result<(), Error> {
    let queue: gst::Element = pipe.get("muxed")?;
    let pad = queue.static_pad("src").ok_or(Error::NoPipeline)?;
    let first = Arc::new(first);
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
        first(Instant::now());
        gst::PadProbeReturn::Remove
    });
    Ok(())
}

fn description(size: Size, fps: u32, h264: &str, aac: &str) -> String {
    let gop = (fps * FRAGMENT / 1_000).max(1);
    // The muxer ends a fragment at the first keyframe after this time: each keyframe must be late enough.
    let fragment = gop * 1_000 / fps * 4 / 5;
    let h264 = h264::description(h264, bitrate(size, fps), gop);
    let (width, height) = (size.width, size.height);
    format!(
        "appsrc name=video is-live=true format=time max-bytes=0 \
         caps=video/x-raw,format=I420,width={width},height={height},framerate={fps}/1,colorimetry=bt601,pixel-aspect-ratio=1/1 \
         ! {h264} ! video/x-h264,stream-format=avc,alignment=au ! queue name=muxed max-size-bytes=0 max-size-buffers=0 \
           max-size-time=4000000000 \
         ! mp4mux name=mux fragment-duration={fragment} streamable=true ! appsink name=out sync=false async=false max-buffers=64 \
         appsrc name=audio is-live=true format=time max-bytes=0 caps=audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved \
         ! audioconvert ! {aac} bitrate=128000 ! aacparse ! queue max-size-bytes=0 max-size-buffers=0 max-size-time=8000000000 ! mux."
    )
}

/// Bits per second: 2 Mbit/s at 720p25, growing with the area and the rate.
fn bitrate(size: Size, fps: u32) -> u64 {
    let pixels = u64::from(size.width) * u64::from(size.height) * u64::from(fps);
    (pixels * 87 / 1_000).clamp(200_000, 12_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bitrate_follows_the_canvas() {
        let hd = bitrate(Size { width: 1280, height: 720 }, 25);
        assert!((1_900_000..2_100_000).contains(&hd));
        assert!(bitrate(Size { width: 1920, height: 1080 }, 30) > 2 * hd);
    }
}
