//! Routing decisions of the SFU: which simulcast layer a subscriber gets.

use serde::{Deserialize, Serialize};

use crate::units::{Bitrate, Size};

/// Simulcast layer by position, lowest first (LiveKit rids `q`, `h`, `f`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Layer {
    /// `q`, LiveKit quality LOW; also the only layer of a track without simulcast.
    Low,
    /// `h`, LiveKit quality MEDIUM.
    Medium,
    /// `f`, LiveKit quality HIGH.
    High,
}

impl Layer {
    /// Lowest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The rid LiveKit clients use for this position (reference livekit §1.9).
    pub const fn rid(self) -> &'static str {
        match self {
            Self::Low => "q",
            Self::Medium => "h",
            Self::High => "f",
        }
    }

    /// 0, 1 or 2.
    pub const fn index(self) -> usize {
        match self {
            Self::Low => 0,
            Self::Medium => 1,
            Self::High => 2,
        }
    }
}

/// What a subscriber wants of one video track (LiveKit `UpdateTrackSettings`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LayerWish {
    /// Send nothing.
    Off,
    /// The smallest layer at least this large; the largest when none is.
    Size(Size),
    /// At most this layer.
    AtMost(Layer),
}

impl Default for LayerWish {
    fn default() -> Self {
        Self::AtMost(Layer::High)
    }
}

/// A simulcast layer as the publisher declared it and as it is seen now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerState {
    /// Which one.
    pub layer: Layer,
    /// Declared picture size.
    pub size: Size,
    /// Bits per second measured lately; the declared figure until packets arrive.
    pub bitrate: Bitrate,
    /// Packets have arrived lately.
    pub alive: bool,
}
