//! Which GStreamer elements are needed, and which Debian package brings each.
//! `gst-inspect --exists` also compares versions and would miss some; the registry is asked.

use gstreamer as gst;

/// An element that is not installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The element.
    pub element: &'static str,
    /// The Debian package to install.
    pub package: &'static str,
    /// What does not work without it.
    pub needed_for: &'static str,
    /// Without it meetings or recordings do not work at all; otherwise something is poorer.
    pub essential: bool,
}

const BASE: &str = "gstreamer1.0-plugins-base";
const GOOD: &str = "gstreamer1.0-plugins-good";
const BAD: &str = "gstreamer1.0-plugins-bad";
const UGLY: &str = "gstreamer1.0-plugins-ugly";
const LIBAV: &str = "gstreamer1.0-libav";

const NEEDED: &[(&str, &str, &str, bool)] = &[
    ("appsrc", BASE, "everything", true),
    ("videoconvert", BASE, "pictures", true),
    ("videoscale", BASE, "pictures", true),
    ("videorate", BASE, "pictures", true),
    ("audioconvert", BASE, "sound", true),
    ("audioresample", BASE, "sound", true),
    ("decodebin", BASE, "cameras and demo files", true),
    ("opusenc", BASE, "the room's sound", true),
    ("opusdec", BASE, "sound of the others", true),
    ("vp8enc", GOOD, "the room's picture", true),
    ("vp8dec", GOOD, "pictures of the others", true),
    ("rtpvp8pay", GOOD, "the room's picture", true),
    ("rtpopuspay", GOOD, "the room's sound", true),
    ("rtpvp8depay", GOOD, "pictures of the others", true),
    ("rtph264depay", GOOD, "H.264 pictures of the others", false),
    ("h264parse", BAD, "recordings", true),
    ("mp4mux", GOOD, "recordings", true),
    ("aacparse", GOOD, "recordings", true),
    ("jpegenc", GOOD, "thumbnails of recordings", false),
    ("jpegdec", GOOD, "USB cameras", false),
    ("matroskademux", GOOD, "the demo camera file", false),
    ("v4l2src", GOOD, "cameras", false),
    ("pulsesrc", GOOD, "PulseAudio and PipeWire", false),
    ("x264enc", UGLY, "recordings", true),
    ("avenc_aac", LIBAV, "recordings", true),
    ("avdec_h264", LIBAV, "H.264 pictures of the others", false),
    ("alsasrc", "gstreamer1.0-alsa", "ALSA microphones and speakers", false),
    ("webrtcdsp", BAD, "echo cancellation", false),
    ("kmssink", BAD, "the TV without a desktop", false),
    ("waylandsink", BAD, "the TV in a Wayland kiosk", false),
    ("ximagesink", "gstreamer1.0-x", "the TV in an X11 window", false),
];

/// What is missing, in the order above.
pub(crate) fn missing() -> Vec<Missing> {
    if gst::init().is_err() {
        let (element, package, needed_for) = ("appsrc", "libgstreamer1.0-0", "everything");
        return vec![Missing { element, package, needed_for, essential: true }];
    }
    let absent = NEEDED.iter().filter(|(element, ..)| !installed(element));
    absent
        .map(|&(element, package, needed_for, essential)| Missing { element, package, needed_for, essential })
        .collect()
}

fn installed(element: &str) -> bool {
    let others: &[&str] = match element {
        "x264enc" => &["openh264enc"],
        "avenc_aac" => crate::recorder::encoder::AAC,
        _ => &[],
    };
    std::iter::once(&element).chain(others).any(|name| gst::ElementFactory::find(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_element_names_its_package() {
        for missing in missing() {
            assert!(!missing.essential, "install {} for {}", missing.package, missing.element);
        }
    }
}
