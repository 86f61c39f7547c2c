//! What the LEDs show (`features.md` B4, V1): a function of the box's state, nothing more.

use serde::{Deserialize, Serialize};

/// How a lamp is lit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// Dark.
    #[default]
    Off,
    /// Steady.
    On,
    /// 1 Hz: something is under way.
    Blink,
    /// 4 Hz: a fault.
    FastBlink,
}

/// The three lamps of the box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Leds {
    /// Off / blink while starting or saving / on / fast blink = recording fault.
    pub tally: Pattern,
    /// On while the microphone is muted in a meeting.
    pub mute: Pattern,
    /// On = ready, blink = a device is being restarted, fast blink = the disk is full.
    pub status: Pattern,
}

/// What a recording is doing, as the lamps and the TV see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tally {
    /// No recording.
    #[default]
    Off,
    /// Starting or saving.
    Busy,
    /// Recording.
    On,
    /// Refused or failed, for some seconds.
    Fault,
}

/// The lamps for a state.
pub const fn leds(tally: Tally, muted: bool, device_trouble: bool, disk_full: bool) -> Leds {
    Leds {
        tally: match tally {
            Tally::Off => Pattern::Off,
            Tally::Busy => Pattern::Blink,
            Tally::On => Pattern::On,
            Tally::Fault => Pattern::FastBlink,
        },
        mute: if muted { Pattern::On } else { Pattern::Off },
        status: if disk_full {
            Pattern::FastBlink
        } else if device_trouble {
            Pattern::Blink
        } else {
            Pattern::On
        },
    }
}

/// Is a lamp lit `millis` after the pattern began? For backends without blinking hardware.
pub const fn lit(pattern: Pattern, millis: u64) -> bool {
    match pattern {
        Pattern::Off => false,
        Pattern::On => true,
        Pattern::Blink => millis % 1_000 < 500,
        Pattern::FastBlink => millis % 250 < 125,
    }
}
