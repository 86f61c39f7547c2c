//! How recordings are to be encoded, by the contract's names (`features.md` V8, reference
//! openvidu-meet §1.9): a preset, or every value by itself.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::units::Size;

/// The smallest and the largest side of a picture in pixels, and the area of the largest picture.
const SIDES: (u32, u32) = (160, 1_920);
const AREA: u64 = 1_920 * 1_080;
/// The fewest and the most pictures per second.
const RATES: (u32, u32) = (10, 60);

/// A preset, or every value by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Encoding {
    /// By name.
    Preset(EncodingPreset),
    /// By value.
    Options(Box<EncodingOptions>),
}

impl Encoding {
    /// The picture that a box records for this: its size in pixels (even, at most 1920×1080 or
    /// 1080×1920, shrunk in proportion, though no side under 160) and its rate per second (10 to 60).
    pub fn picture(&self) -> (Size, u32) {
        match self {
            Self::Preset(preset) => preset.picture(),
            Self::Options(options) => {
                let video = &options.video;
                let size = Size { width: video.width, height: video.height };
                (within_bounds(size), video.framerate.clamp(RATES.0, RATES.1))
            }
        }
    }
}

impl Default for Encoding {
    fn default() -> Self {
        Self::Preset(EncodingPreset::default())
    }
}

/// Picture size and rate of recordings by the contract's names (V8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum EncodingPreset {
    /// 1280×720 at 30.
    #[default]
    #[serde(rename = "H264_720P_30")]
    Hd30,
    /// 1280×720 at 60.
    #[serde(rename = "H264_720P_60")]
    Hd60,
    /// 1920×1080 at 30.
    #[serde(rename = "H264_1080P_30")]
    FullHd30,
    /// 1920×1080 at 60.
    #[serde(rename = "H264_1080P_60")]
    FullHd60,
    /// 720×1280 at 30.
    #[serde(rename = "PORTRAIT_H264_720P_30")]
    PortraitHd30,
    /// 720×1280 at 60.
    #[serde(rename = "PORTRAIT_H264_720P_60")]
    PortraitHd60,
    /// 1080×1920 at 30.
    #[serde(rename = "PORTRAIT_H264_1080P_30")]
    PortraitFullHd30,
    /// 1080×1920 at 60.
    #[serde(rename = "PORTRAIT_H264_1080P_60")]
    PortraitFullHd60,
}

impl EncodingPreset {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Hd30,
        Self::Hd60,
        Self::FullHd30,
        Self::FullHd60,
        Self::PortraitHd30,
        Self::PortraitHd60,
        Self::PortraitFullHd30,
        Self::PortraitFullHd60,
    ];

    fn picture(self) -> (Size, u32) {
        let (width, height, rate) = match self {
            Self::Hd30 => (1_280, 720, 30),
            Self::Hd60 => (1_280, 720, 60),
            Self::FullHd30 => (1_920, 1_080, 30),
            Self::FullHd60 => (1_920, 1_080, 60),
            Self::PortraitHd30 => (720, 1_280, 30),
            Self::PortraitHd60 => (720, 1_280, 60),
            Self::PortraitFullHd30 => (1_080, 1_920, 30),
            Self::PortraitFullHd60 => (1_080, 1_920, 60),
        };
        (Size { width, height }, rate)
    }
}

fn within_bounds(wanted: Size) -> Size {
    let (width, height) = (u64::from(wanted.width.max(1)), u64::from(wanted.height.max(1)));
    let limit = u64::from(SIDES.1);
    // In thousandths: by side, and by the root of the area.
    let by_side = (1_000 * limit / width.max(height)).min(1_000);
    let by_area = (1_000_000 * AREA / (width * height).max(1)).isqrt().min(1_000);
    let part = by_side.min(by_area);
    let side = |pixels: u64| {
        let even = pixels * part / 1_000 / 2 * 2;
        u32::try_from(even).unwrap_or(SIDES.1).clamp(SIDES.0, SIDES.1)
    };
    Size { width: side(width), height: side(height) }
}

/// Picture and sound, value by value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EncodingOptions {
    /// Picture.
    pub video: VideoOptions,
    /// Sound.
    pub audio: AudioOptions,
}

/// Picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VideoOptions {
    /// Pixels.
    #[cfg_attr(feature = "schema", schema(minimum = 1))]
    pub width: u32,
    /// Pixels.
    #[cfg_attr(feature = "schema", schema(minimum = 1))]
    pub height: u32,
    /// Pictures per second.
    #[cfg_attr(feature = "schema", schema(minimum = 1))]
    pub framerate: u32,
    /// Codec and profile.
    pub codec: VideoCodec,
    /// In kbit/s.
    #[cfg_attr(feature = "schema", schema(minimum = 1))]
    pub bitrate: u32,
    /// Seconds between key frames.
    #[cfg_attr(feature = "schema", schema(value_type = f64, exclusive_minimum = 0))]
    pub key_frame_interval: Number,
    /// Bits per pixel.
    #[cfg_attr(feature = "schema", schema(minimum = 1))]
    pub depth: u32,
}

/// Sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AudioOptions {
    /// Codec.
    pub codec: AudioCodec,
    /// In kbit/s.
    #[cfg_attr(feature = "schema", schema(minimum = 1))]
    pub bitrate: u32,
    /// In Hz.
    #[cfg_attr(feature = "schema", schema(minimum = 1))]
    pub frequency: u32,
}

/// Codec and profile of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VideoCodec {
    /// The box's own choice.
    DefaultVc,
    /// H.264 baseline profile.
    H264Baseline,
    /// H.264 main profile.
    H264Main,
    /// H.264 high profile.
    H264High,
    /// VP8.
    Vp8,
}

/// Codec of the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AudioCodec {
    /// The box's own choice.
    DefaultAc,
    /// Opus.
    Opus,
    /// AAC.
    Aac,
    /// MP3.
    AcMp3,
}

impl EncodingOptions {
    /// The name of the first value that is not positive.
    pub fn not_positive(&self) -> Option<&'static str> {
        let (video, audio) = (&self.video, &self.audio);
        let interval = video.key_frame_interval.as_f64().is_some_and(|seconds| seconds > 0.0);
        let values = [
            (video.width > 0, "video.width"),
            (video.height > 0, "video.height"),
            (video.framerate > 0, "video.framerate"),
            (video.bitrate > 0, "video.bitrate"),
            (interval, "video.keyFrameInterval"),
            (video.depth > 0, "video.depth"),
            (audio.bitrate > 0, "audio.bitrate"),
            (audio.frequency > 0, "audio.frequency"),
        ];
        values.into_iter().find(|(positive, _)| !positive).map(|(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked(width: u32, height: u32, framerate: u32) -> Encoding {
        let (codec, key_frame_interval) = (VideoCodec::DefaultVc, Number::from(2));
        let video =
            VideoOptions { width, height, framerate, codec, bitrate: 3_000, key_frame_interval, depth: 24 };
        let audio = AudioOptions { codec: AudioCodec::DefaultAc, bitrate: 128, frequency: 48_000 };
        Encoding::Options(Box::new(EncodingOptions { video, audio }))
    }

    #[test]
    fn every_preset_is_what_its_name_says() {
        for preset in EncodingPreset::ALL {
            let name = serde_json::to_string(&preset).unwrap();
            let (size, rate) = Encoding::Preset(preset).picture();
            let short = size.width.min(size.height);
            assert!(name.contains(&format!("{short}P_{rate}")), "{name}");
            assert_eq!(name.contains("PORTRAIT"), size.height > size.width, "{name}");
        }
    }

    #[test]
    fn what_a_box_can_record_is_recorded_as_asked() {
        assert_eq!(asked(640, 360, 15).picture(), (Size { width: 640, height: 360 }, 15));
        assert_eq!(asked(1_080, 1_920, 60).picture(), (Size { width: 1_080, height: 1_920 }, 60));
        assert_eq!(asked(3_840, 2_160, 120).picture(), (Size { width: 1_920, height: 1_080 }, 60));
    }

    proptest! {
        #[test]
        fn any_wish_becomes_a_picture_that_encoders_take(
            width in 1u32.., height in 1u32.., rate in 1u32..
        ) {
            let (size, rate) = asked(width, height, rate).picture();
            for side in [size.width, size.height] {
                prop_assert!(side % 2 == 0 && (160..=1_920).contains(&side));
            }
            prop_assert!(u64::from(size.width) * u64::from(size.height) <= AREA);
            prop_assert!((10..=60).contains(&rate));
        }
    }
}
