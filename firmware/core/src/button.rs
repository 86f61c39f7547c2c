//! Buttons: debouncing and long presses (`features.md` B4).

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a button is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Button {
    /// Start a recording.
    Record,
    /// Stop the recording.
    Stop,
    /// Start or stop: boxes with one button.
    RecordToggle,
    /// Microphone mute on/off.
    Mute,
    /// Camera on/off.
    Camera,
    /// Leave the meeting, or decline an announced one.
    HangUp,
}

impl Button {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Record, Self::Stop, Self::RecordToggle, Self::Mute, Self::Camera, Self::HangUp];

    /// Name on the wire and in board files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Stop => "stop",
            Self::RecordToggle => "record-toggle",
            Self::Mute => "mute",
            Self::Camera => "camera",
            Self::HangUp => "hang-up",
        }
    }

    /// The button of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.name() == name)
    }
}

/// A level must be stable this long before it counts.
pub const DEBOUNCE: Duration = Duration::from_millis(20);

/// Held this long, a press is long.
pub const LONG_PRESS: Duration = Duration::from_secs(5);

/// What a debounced button reports. Time is monotonic, since any fixed moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ButtonEvent {
    /// Pressed: acts at once, so that the LED answers in 50 ms (B5).
    Down,
    /// Held for [`LONG_PRESS`].
    Long,
    /// Released.
    Up,
}

/// Debounces one button. The first edge after a stable level counts at once; bounces within
/// [`DEBOUNCE`] after it are ignored, and the level is looked at again when that time is over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Debouncer {
    raw: bool,
    stable: bool,
    quiet_until: Option<Duration>,
    down_since: Option<Duration>,
    long_sent: bool,
}

impl Debouncer {
    /// The pin's level changed (`true` = pressed).
    pub fn edge(&mut self, pressed: bool, now: Duration) -> Option<ButtonEvent> {
        self.raw = pressed;
        if self.quiet_until.is_some_and(|until| now < until) {
            return None;
        }
        self.settle(now)
    }

    /// Call when [`Self::poll_timeout`] has passed.
    pub fn timeout(&mut self, now: Duration) -> Option<ButtonEvent> {
        if self.quiet_until.is_some_and(|until| now >= until) {
            self.quiet_until = None;
            if let Some(event) = self.settle(now) {
                return Some(event);
            }
        }
        let long = self.down_since.is_some_and(|since| now >= since + LONG_PRESS);
        if long && !self.long_sent {
            self.long_sent = true;
            return Some(ButtonEvent::Long);
        }
        None
    }

    /// When [`Self::timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let long = self.down_since.filter(|_| !self.long_sent).map(|since| since + LONG_PRESS);
        match (self.quiet_until, long) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn settle(&mut self, now: Duration) -> Option<ButtonEvent> {
        if self.raw == self.stable {
            return None;
        }
        self.stable = self.raw;
        self.quiet_until = Some(now + DEBOUNCE);
        self.long_sent = false;
        if self.stable {
            self.down_since = Some(now);
            Some(ButtonEvent::Down)
        } else {
            self.down_since = None;
            Some(ButtonEvent::Up)
        }
    }
}
