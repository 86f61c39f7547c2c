//! Units as types.

use serde::{Deserialize, Serialize};

/// Bits per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bitrate(pub u64);

impl Bitrate {
    /// From kilobits (1,000 bits) per second.
    pub const fn kbps(kilobits: u64) -> Self {
        Self(kilobits * 1_000)
    }

    /// Bits per second.
    pub const fn bps(self) -> u64 {
        self.0
    }

    /// A part of it, `share` of 0 to 1; in steps of a thousandth, rounded down.
    pub fn share(self, share: f32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1,000")]
        let thousandths = (share.clamp(0.0, 1.0) * 1_000.0).round() as u64;
        Self(self.0 / 1_000 * thousandths + self.0 % 1_000 * thousandths / 1_000)
    }
}

/// Wall-clock time in milliseconds since 1970-01-01 UTC, as the REST API uses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// Milliseconds passed since `earlier`; 0 when the clock went backwards.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Is what was issued then from before a change? One more than an hour ahead was made by a clock
    /// that was wrong, and outdates nothing.
    pub const fn is_outdated_by(self, change: Self, now: Self) -> bool {
        self.0 < change.0 && change.since(now) <= 3_600_000
    }
}

/// RFC 6464 audio level: 0 (loudest) … 127 (silence), in -dBov.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Level(pub u8);

impl Level {
    /// Digital silence.
    pub const SILENCE: Self = Self(127);
}

/// Picture size in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}
