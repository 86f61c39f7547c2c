//! How recordings are to be encoded, by the contract's names (`features.md` V8, reference
//! openvidu-meet §1.9): a preset, or every value by itself.

use serde::{Deserialize, Serialize};
use serde_json::Number;

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
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Pictures per second.
    pub framerate: u32,
    /// Codec and profile.
    pub codec: VideoCodec,
    /// In kbit/s.
    pub bitrate: u32,
    /// Seconds between key frames.
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub key_frame_interval: Number,
    /// Bits per pixel.
    pub depth: u32,
}

/// Sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AudioOptions {
    /// Codec.
    pub codec: AudioCodec,
    /// In kbit/s.
    pub bitrate: u32,
    /// In Hz.
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
