//! One track to one subscriber: which packets pass and how their numbers are rewritten, so that
//! a change of layer, a mute or a new track in the same slot looks like one continuous stream.
//! Pure: no `Rtc`, no clock.
//!
//! A switch happens only at a keyframe of the new layer; until then the old layer goes on.
//! Packets of the new layer older than its keyframe never pass.

use std::time::{Duration, Instant};

use huddle_core::routing::Layer;
use huddle_tap::Codec;
use str0m::rtp::{Vp8Descriptor, Vp8Patch};

use crate::codec::Seen;

/// A packet as it came from the publisher.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming {
    pub layer: Layer,
    /// Extended, never wraps.
    pub seq: u64,
    pub timestamp: u32,
    pub seen: Seen,
    pub at: Instant,
}

/// The numbers a packet leaves with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing {
    pub seq: u64,
    pub timestamp: u32,
    pub patch: Option<Vp8Patch>,
    /// This packet began a new layer or a resumption.
    pub switched: bool,
}

/// Where an output stream stands: outlives the track that fills it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tail {
    next_seq: u64,
    timestamp: Option<(u32, Instant)>,
    picture: Option<u16>,
    tl0: Option<u8>,
    key: Option<u8>,
}

impl Tail {
    /// A fresh stream. The first sequence number must be below 65,536, because the SRTP
    /// roll-over counter starts at 0 at the receiver (RFC 3711 §3.3.1).
    pub(crate) fn new(random: u16) -> Self {
        Self {
            next_seq: u64::from(random & 0x7fff).max(1),
            timestamp: None,
            picture: None,
            tl0: None,
            key: None,
        }
    }
}

/// Offsets from publisher numbers to subscriber numbers, valid for one run of one layer.
#[derive(Clone, Copy, Debug)]
struct Run {
    layer: Layer,
    first_seq: u64,
    out_first_seq: u64,
    timestamp: u32,
    picture: u16,
    tl0: u8,
    key: u8,
}

/// Forwarding state of one track to one subscriber.
#[derive(Clone, Debug)]
pub(crate) struct Forwarder {
    codec: Codec,
    target: Option<Layer>,
    run: Option<Run>,
    tail: Tail,
}

/// Sequence gaps inside a run larger than this begin a new run: the publisher was silent.
const LONGEST_GAP: u64 = 1_000;

impl Forwarder {
    pub(crate) fn new(codec: Codec, tail: Tail) -> Self {
        Self { codec, target: None, run: None, tail }
    }

    /// Where the output stands, for the next track in the same slot.
    pub(crate) fn tail(&self) -> Tail {
        self.tail
    }

    /// The layer that is sent now.
    pub(crate) fn current(&self) -> Option<Layer> {
        self.run.map(|run| run.layer)
    }

    /// The layer that shall be sent.
    pub(crate) fn target(&self) -> Option<Layer> {
        self.target
    }

    /// What is added to the publisher's timestamps now; for sender reports.
    pub(crate) fn timestamp_offset(&self) -> Option<(Layer, u32)> {
        self.run.map(|run| (run.layer, run.timestamp))
    }

    /// Sets the wanted layer; `None` stops at once. True when a keyframe of it is needed.
    pub(crate) fn aim(&mut self, target: Option<Layer>) -> bool {
        self.target = target;
        if target.is_none() {
            self.run = None;
        }
        self.waits_for().is_some()
    }

    /// Ends the run (mute, silence): the next packet that passes begins a new one.
    pub(crate) fn interrupt(&mut self) {
        self.run = None;
    }

    /// The layer whose keyframe is waited for.
    pub(crate) fn waits_for(&self) -> Option<Layer> {
        self.target.filter(|target| self.codec != Codec::Opus && self.current() != Some(*target))
    }

    /// Decides about one packet.
    pub(crate) fn forward(&mut self, packet: &Incoming) -> Option<Outgoing> {
        let target = self.target?;
        let mut switched = false;
        let current = self.current();
        if packet.layer == target && current != Some(target) {
            if !packet.seen.keyframe {
                return None;
            }
            self.begin(packet);
            switched = true;
        } else if current != Some(packet.layer) {
            return None;
        }
        let mut run = self.run?;
        if packet.seq > run.first_seq + self.sent_in(&run) + LONGEST_GAP {
            if !packet.seen.keyframe {
                self.run = None;
                return None;
            }
            self.begin(packet);
            run = self.run?;
            switched = true;
        }
        let offset = packet.seq.checked_sub(run.first_seq)?;
        Some(self.emit(packet, &run, offset, switched))
    }

    fn sent_in(&self, run: &Run) -> u64 {
        self.tail.next_seq.saturating_sub(run.out_first_seq)
    }

    fn begin(&mut self, packet: &Incoming) {
        let clock = self.codec.clock_rate();
        let timestamp = match self.tail.timestamp {
            None => 0,
            Some((last, at)) => {
                let elapsed = packet.at.saturating_duration_since(at);
                let ticks = ticks(elapsed, clock).max(clock / 100);
                last.wrapping_add(ticks).wrapping_sub(packet.timestamp)
            }
        };
        let vp8 = packet.seen.vp8;
        self.run = Some(Run {
            layer: packet.layer,
            first_seq: packet.seq,
            out_first_seq: self.tail.next_seq,
            timestamp,
            picture: vp8
                .and_then(|vp8| vp8.picture_id())
                .zip(self.tail.picture)
                .map_or(0, |(now, last)| last.wrapping_add(1).wrapping_sub(now)),
            tl0: vp8
                .and_then(|vp8| vp8.tl0_pic_idx())
                .zip(self.tail.tl0)
                .map_or(0, |(now, last)| last.wrapping_add(1).wrapping_sub(now)),
            key: vp8
                .and_then(|vp8| vp8.key_idx())
                .zip(self.tail.key)
                .map_or(0, |(now, last)| last.wrapping_add(1).wrapping_sub(now)),
        });
    }

    fn emit(&mut self, packet: &Incoming, run: &Run, offset: u64, switched: bool) -> Outgoing {
        let seq = run.out_first_seq + offset;
        let timestamp = packet.timestamp.wrapping_add(run.timestamp);
        if seq >= self.tail.next_seq {
            self.tail.next_seq = seq + 1;
            self.tail.timestamp = Some((timestamp, packet.at));
        }
        let patch = packet.seen.vp8.and_then(|vp8| self.patch(&vp8, run));
        Outgoing { seq, timestamp, patch, switched }
    }

    fn patch(&mut self, vp8: &Vp8Descriptor, run: &Run) -> Option<Vp8Patch> {
        let mut builder = vp8.patch();
        if let Some(picture) = vp8.picture_id() {
            let out = picture.wrapping_add(run.picture) & 0x7fff;
            // A 7-bit descriptor cannot carry 15 bits; its width is not known here, so try.
            let narrow = vp8.patch().picture_id(0x80).build().is_err();
            let out = if narrow { out & 0x7f } else { out };
            builder = builder.picture_id(out);
            if self.tail.picture.is_none_or(|last| newer(out, last)) {
                self.tail.picture = Some(out);
            }
        }
        if let Some(tl0) = vp8.tl0_pic_idx() {
            let out = tl0.wrapping_add(run.tl0);
            builder = builder.tl0_pic_idx(out);
            if self.tail.tl0.is_none_or(|last| out.wrapping_sub(last) < 0x80) {
                self.tail.tl0 = Some(out);
            }
        }
        if let Some(key) = vp8.key_idx() {
            let out = key.wrapping_add(run.key) & 0x1f;
            builder = builder.key_idx(out);
            self.tail.key = Some(out);
        }
        builder.build().ok()
    }
}

fn newer(value: u16, than: u16) -> bool {
    value.wrapping_sub(than) & 0x7fff < 0x4000
}

/// A duration in RTP clock ticks, saturating.
pub(crate) fn ticks(elapsed: Duration, clock: u32) -> u32 {
    let ticks = elapsed.as_micros().saturating_mul(u128::from(clock)) / 1_000_000;
    u32::try_from(ticks).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
