//! The few clear bytes of a payload the SFU looks at: where a keyframe begins. Works for
//! end-to-end encrypted frames too, because LiveKit leaves these bytes clear (reference
//! livekit §1.12). It must never panic: payloads come from the network.

use huddle_tap::Codec;
use str0m::format::Codec as RtcCodec;
use str0m::rtp::Vp8Descriptor;

/// The tap's name of a codec that str0m negotiated; `None` for one we never enable.
pub(crate) fn from_rtc(codec: RtcCodec) -> Option<Codec> {
    if codec == RtcCodec::Opus {
        Some(Codec::Opus)
    } else if codec == RtcCodec::Vp8 {
        Some(Codec::Vp8)
    } else if codec == RtcCodec::H264 {
        Some(Codec::H264)
    } else {
        None
    }
}

/// LiveKit MIME type.
pub(crate) const fn mime(codec: Codec) -> &'static str {
    match codec {
        Codec::Opus => "audio/opus",
        Codec::Vp8 => "video/VP8",
        Codec::H264 => "video/H264",
    }
}

/// What a payload says about itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// First packet of a frame that needs no earlier one.
    pub keyframe: bool,
    /// VP8 only, when the descriptor is well formed.
    pub vp8: Option<Vp8Descriptor>,
}

/// Reads the clear bytes of a payload.
pub(crate) fn look(codec: Codec, payload: &[u8]) -> Seen {
    match codec {
        Codec::Opus => Seen { keyframe: true, vp8: None },
        Codec::Vp8 => {
            let vp8 = Vp8Descriptor::parse(payload).ok();
            Seen { keyframe: vp8.is_some_and(|found| found.starts_keyframe(payload)), vp8 }
        }
        Codec::H264 => Seen { keyframe: h264_keyframe(payload), vp8: None },
    }
}

const IDR: u8 = 5;
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// RFC 6184: does this packet begin an IDR access unit? Browsers send SPS and PPS in front of
/// each IDR, in one STAP-A or as single units, so the SPS is the beginning.
fn h264_keyframe(payload: &[u8]) -> bool {
    let Some((first, rest)) = payload.split_first() else { return false };
    match first & 0x1f {
        SPS | IDR => true,
        STAP_A => stap_a_types(rest).any(|unit| unit == SPS || unit == IDR),
        FU_A => rest.first().is_some_and(|fu| fu & 0x80 != 0 && fu & 0x1f == IDR),
        _ => false,
    }
}

fn stap_a_types(mut rest: &[u8]) -> impl Iterator<Item = u8> + '_ {
    std::iter::from_fn(move || {
        let (length, tail) = rest.split_first_chunk::<2>()?;
        let unit = tail.get(..usize::from(u16::from_be_bytes(*length)))?;
        rest = tail.get(unit.len()..).unwrap_or_default();
        unit.first().map(|header| header & 0x1f)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h264_keyframes_are_seen_in_all_packetisations() {
        assert!(h264_keyframe(&[0x67, 1, 2]));
        assert!(h264_keyframe(&[0x65]));
        assert!(h264_keyframe(&[0x78, 0, 2, 0x67, 1, 0, 1, 0x68]));
        assert!(h264_keyframe(&[0x7c, 0x85, 0]));
        assert!(!h264_keyframe(&[0x7c, 0x05, 0]));
        assert!(!h264_keyframe(&[0x61, 1]));
        assert!(!h264_keyframe(&[0x78, 0xff, 0xff, 0x67]));
        assert!(!h264_keyframe(&[]));
    }

    #[test]
    fn vp8_keyframes_need_the_first_partition_start() {
        assert!(look(Codec::Vp8, &[0x10, 0x00, 0]).keyframe);
        assert!(!look(Codec::Vp8, &[0x10, 0x01, 0]).keyframe);
        assert!(!look(Codec::Vp8, &[0x00, 0x00, 0]).keyframe);
        assert!(!look(Codec::Vp8, &[]).keyframe);
    }
}
