//! How a recording is to be encoded, as bodies say it (reference openvidu-meet §1.9).

use huddle_core::encoding::{Encoding, EncodingOptions, EncodingPreset};
use serde_json::Value;

use crate::error::ApiError;

/// An encoding, or 422 in the contract's words; `field` is where the body has it.
pub(crate) fn encoding(field: &str, given: &Value) -> Result<Encoding, ApiError> {
    let wrong = |path: &str, text: String| ApiError::field(&format!("{field}{path}"), text);
    let Value::Object(options) = given else {
        return serde_json::from_value(given.clone()).map(Encoding::Preset).map_err(|_| {
            let names = EncodingPreset::ALL.iter().filter_map(|p| serde_json::to_value(p).ok());
            let names: Vec<String> = names.filter_map(|n| n.as_str().map(str::to_owned)).collect();
            wrong("", format!("Invalid encoding preset. Must be one of: {}", names.join(", ")))
        });
    };
    if !options.contains_key("video") || !options.contains_key("audio") {
        let text = "Both video and audio configuration must be provided when using encoding options";
        return Err(wrong("", text.to_owned()));
    }
    for (part, fields) in [("video", VIDEO), ("audio", AUDIO)] {
        let there = |field: &str| given.get(part).and_then(|p| p.get(field)).is_some_and(|v| !v.is_null());
        let missing: Vec<&str> = fields.iter().copied().filter(|field| !there(field)).collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            let text = format!("When {part} encoding is provided, required fields are missing: {missing}");
            return Err(wrong(&format!(".{part}"), text));
        }
    }
    let options: EncodingOptions =
        serde_json::from_value(given.clone()).map_err(|error| wrong("", error.to_string()))?;
    match options.not_positive() {
        Some(name) => Err(wrong(&format!(".{name}"), "Number must be greater than 0".to_owned())),
        None => Ok(Encoding::Options(Box::new(options))),
    }
}

/// What an encoding must say of the picture.
const VIDEO: &[&str] = &["width", "height", "framerate", "codec", "bitrate", "keyFrameInterval", "depth"];
/// What it must say of the sound.
const AUDIO: &[&str] = &["codec", "bitrate", "frequency"];
