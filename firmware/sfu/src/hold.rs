//! Video that waits while its receiver sets itself up anew.
//!
//! libwebrtc replaces its video receivers when an offer of its own changes their codec parameters.
//! LiveKit's native SDKs make such an offer over one peer connection (v1) whenever they publish
//! video: they put `x-google-start-bitrate` into every video m-line. A packet of a known stream
//! that comes in between is taken for an unknown stream; libwebrtc fails to add that and takes the
//! sink of the known one away, for good: pictures are decoded, and no application gets them. So
//! video waits from `add_track` until the offer that follows it.

use std::time::{Duration, Instant};

use crate::peer::Write;

/// Offers follow their `add_track` after the SDKs' negotiation delay of 150 ms, on a starved machine
/// after seconds; some never come.
const LONGEST: Duration = Duration::from_secs(2);
/// Packets that wait at most: two seconds of four cameras.
const MOST: usize = 2_048;

/// The packets that wait for one peer.
pub(crate) struct Hold {
    until: Instant,
    packets: Vec<Write>,
}

impl Hold {
    pub(crate) fn new(now: Instant) -> Self {
        Self { until: now + LONGEST, packets: Vec::new() }
    }

    /// It begins anew; what waits, waits on.
    pub(crate) fn prolong(&mut self, now: Instant) {
        self.until = now + LONGEST;
    }

    /// May no more wait?
    pub(crate) fn is_full(&self) -> bool {
        self.packets.len() >= MOST
    }

    pub(crate) fn push(&mut self, packet: Write) {
        self.packets.push(packet);
    }

    /// Has it lasted too long?
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        now >= self.until
    }

    /// What has waited, in order.
    pub(crate) fn into_packets(self) -> Vec<Write> {
        self.packets
    }
}
