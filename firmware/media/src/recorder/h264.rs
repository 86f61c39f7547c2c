//! Which H.264 encoder recordings use: VA-API, then V4L2, then x264, then OpenH264.
//! Encoders of the hardware are registered only where it is, and some fail all the same: they
//! are tried at start, and one that ever fails is not used again. Never chooses one it did not try.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use gstreamer as gst;

use crate::pipe::Pipe;

/// An H.264 encoder of GStreamer.
struct Candidate {
    element: &'static str,
    hardware: bool,
}

/// The best first.
const CANDIDATES: &[Candidate] = &[
    Candidate { element: "vah264enc", hardware: true },
    Candidate { element: "vah264lpenc", hardware: true },
    Candidate { element: "v4l2h264enc", hardware: true },
    Candidate { element: "x264enc", hardware: false },
    Candidate { element: "openh264enc", hardware: false },
];
/// Pictures encoded to try an encoder.
const PICTURES: u32 = 12;
/// Time an encoder has for them.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is known of the hardware's encoders, by name; none is used before it is known.
static TRUSTED: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// The encoder to use now; `None` when none is installed.
pub(crate) fn best() -> Option<&'static str> {
    let trusted = TRUSTED.lock().unwrap_or_else(PoisonError::into_inner);
    choose(installed, |element| trusted.contains(&element))
}

/// Tries the hardware's encoders; takes up to three seconds for each that hangs.
pub(crate) fn probe() {
    for candidate in CANDIDATES.iter().filter(|c| installed(c.element)) {
        if !candidate.hardware {
            // Loads the plugin.
            let _ = gst::ElementFactory::make(candidate.element).build();
        } else if works(candidate.element) {
            tracing::info!(encoder = candidate.element, "recordings are encoded by the hardware");
            TRUSTED.lock().unwrap_or_else(PoisonError::into_inner).push(candidate.element);
        } else {
            tracing::warn!(encoder = candidate.element, "this encoder of the hardware does not work");
        }
    }
}

/// An encoder of the hardware failed: recordings use another one until the next start.
pub(crate) fn distrust(element: &'static str) {
    TRUSTED.lock().unwrap_or_else(PoisonError::into_inner).retain(|known| *known != element);
}

/// The encoder with its settings, from raw video to `h264parse`. `bitrate` in bits per second,
/// `gop` in pictures between keyframes.
pub(crate) fn description(element: &str, bitrate: u64, gop: u32) -> String {
    let kilobits = bitrate / 1_000;
    match element {
        "vah264enc" | "vah264lpenc" => format!(
            "videoconvert ! video/x-raw,format=NV12 ! {element} rate-control=cbr bitrate={kilobits} key-int-max={gop} b-frames=0 \
             ref-frames=1 ! h264parse config-interval=-1"
        ),
        // Without a level in the caps the driver of the Raspberry Pi 4 hangs.
        "v4l2h264enc" => format!(
            "videoconvert ! video/x-raw,format=NV12 ! v4l2h264enc extra-controls=\"controls,video_bitrate={bitrate},\
             h264_i_frame_period={gop},repeat_sequence_header=1\" ! video/x-h264,level=(string)4 ! h264parse config-interval=-1"
        ),
        "openh264enc" => format!(
            "openh264enc rate-control=bitrate complexity=low bitrate={bitrate} gop-size={gop} ! h264parse"
        ),
        _ => format!(
            "x264enc tune=zerolatency speed-preset=superfast bitrate={kilobits} key-int-max={gop} vbv-buf-capacity=1000 qp-min=12 \
             ! h264parse"
        ),
    }
}

fn choose(installed: impl Fn(&str) -> bool, trusted: impl Fn(&str) -> bool) -> Option<&'static str> {
    let usable = |c: &&Candidate| installed(c.element) && (!c.hardware || trusted(c.element));
    CANDIDATES.iter().find(usable).map(|c| c.element)
}

fn installed(element: &str) -> bool {
    gst::ElementFactory::find(element).is_some()
}

/// Whether it encodes a few pictures in time.
fn works(element: &str) -> bool {
    let encoder = description(element, 1_000_000, 10);
    let pipe = Pipe::parse(&format!(
        "videotestsrc num-buffers={PICTURES} ! video/x-raw,format=I420,width=1280,height=720,framerate=25/1 ! {encoder} \
         ! video/x-h264,stream-format=avc,alignment=au ! fakesink sync=false async=false"
    ));
    let Ok(pipe) = pipe else { return false };
    if pipe.play().is_err() {
        return false;
    }
    let until = Instant::now() + PATIENCE;
    while !pipe.ended() {
        if pipe.error().is_some() || Instant::now() > until {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    pipe.error().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hardware_that_was_tried_comes_first() {
        assert_eq!(choose(|_| true, |_| true), Some("vah264enc"));
        assert_eq!(choose(|e| e != "vah264enc" && e != "vah264lpenc", |_| true), Some("v4l2h264enc"));
    }

    #[test]
    fn hardware_that_does_not_work_is_left_out() {
        assert_eq!(choose(|_| true, |_| false), Some("x264enc"));
        assert_eq!(choose(|e| e != "x264enc", |_| false), Some("openh264enc"));
        assert_eq!(choose(|e| e != "x264enc", |e| e == "v4l2h264enc"), Some("v4l2h264enc"));
    }

    #[test]
    fn without_any_encoder_there_is_none() {
        assert_eq!(choose(|_| false, |_| true), None);
    }

    #[test]
    fn the_encoders_of_this_machine_work_and_a_missing_one_does_not() {
        gst::init().unwrap();
        for element in ["x264enc", "openh264enc"].into_iter().filter(|e| installed(e)) {
            assert!(works(element), "{element}");
        }
        for absent in CANDIDATES.iter().filter(|c| !installed(c.element)) {
            assert!(!works(absent.element), "{}", absent.element);
        }
    }
}
