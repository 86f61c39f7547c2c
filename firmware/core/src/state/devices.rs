//! Devices and the disk, as far as rules depend on them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{BoxState, Ctx};

/// A device of the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// Camera.
    Camera,
    /// Microphone.
    Microphone,
    /// Speaker.
    Speaker,
    /// TV.
    Display,
}

/// What a device is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// Not in use.
    Standby,
    /// Works.
    Running,
    /// Failed and is being restarted.
    Restarting {
        /// What went wrong.
        reason: String,
    },
}

/// The recordings disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// Bytes in all.
    pub total: u64,
    /// Bytes free.
    pub free: u64,
    /// Bytes taken by recordings.
    pub recordings: u64,
    /// Demo only: pretend that it is full.
    pub pretend_full: bool,
}

impl Disk {
    /// Recordings must not go on. Unknown (total 0) counts as not full.
    pub const fn is_full(&self, reserve: u64) -> bool {
        self.pretend_full || (self.total > 0 && self.free < reserve)
    }
}

impl BoxState {
    /// A device changed.
    pub fn device(&mut self, device: Device, state: DeviceState) {
        self.devices.insert(device, state);
    }

    /// The disk as measured now.
    pub fn set_disk(&mut self, total: u64, free: u64, recordings: u64) {
        self.disk = Disk { total, free, recordings, ..self.disk };
    }

    /// Demo only.
    pub fn pretend_disk_full(&mut self, full: bool) {
        self.disk.pretend_full = full;
    }

    /// A line for the TV, for some seconds.
    pub fn show_notice(&mut self, text: &str, ctx: &Ctx<'_>) {
        self.notify(text, ctx.now);
    }

    pub(super) fn device_trouble(&self) -> bool {
        self.devices.values().any(|s| matches!(s, DeviceState::Restarting { .. }))
    }

    pub(super) fn seconds_since(&self, since: Duration, mono: Duration) -> u64 {
        mono.saturating_sub(since).as_secs()
    }
}
