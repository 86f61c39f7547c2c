//! The packet path: in from a publisher, out to every subscriber. No allocation per packet
//! beyond what str0m makes, no scan over members: an SSRC leads to its track, the track knows
//! its subscribers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use huddle_core::routing::Layer;
use huddle_core::units::Level;
use huddle_tap::{Codec, MediaKind, TapEvent, TapPacket};
use str0m::media::{KeyframeRequestKind, Mid, SenderFeedback};
use str0m::rtp::{ExtensionValues, RtpPacket, VideoOrientation};

use super::publish::kind_of;
use super::state::{Exit, PeerClock, Route, Track};
use super::{Engine, Side};
use crate::codec;
use crate::demux::PeerRef;
use crate::forward::{Incoming, Outgoing};
use crate::peer::{LARGEST_PAYLOAD, Write};

/// The least time between two keyframe requests for one layer (reference media §1.2).
const REQUEST_GAP: Duration = Duration::from_millis(500);
/// The least time between two codecs of one track: each change costs all subscribers an update and a
/// local one its decoder. Packets of the next codec are dropped until then.
const CODEC_GAP: Duration = Duration::from_secs(1);

/// A packet of a track, from a peer or a tap.
pub(super) struct Packet {
    pub layer: Layer,
    pub seq: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub level: Option<Level>,
    pub voice: Option<bool>,
    pub orientation: Option<VideoOrientation>,
    pub payload: Arc<[u8]>,
    pub at: Instant,
}

impl Engine {
    pub(super) fn on_rtp(&mut self, id: PeerRef, packet: RtpPacket) {
        if id.side != Side::Publisher || packet.payload.len() > LARGEST_PAYLOAD {
            return;
        }
        let Some(route) = self.find_route(id.participant, &packet) else { return };
        if !self.learn_codec(id.participant, route.track, &packet) {
            return;
        }
        let extensions = &packet.header.ext_vals;
        let level = extensions.audio_level.map(|level| Level(level.unsigned_abs().min(127)));
        let packet = Packet {
            layer: route.layer,
            seq: *packet.seq_no,
            timestamp: packet.header.timestamp,
            marker: packet.header.marker,
            level,
            voice: extensions.voice_activity,
            orientation: extensions.video_orientation,
            payload: packet.payload,
            at: packet.timestamp,
        };
        self.fan_out(route.track, &packet);
    }

    /// By SSRC; the first packet of an SSRC is looked up at str0m by its mid and rid.
    fn find_route(&mut self, key: usize, packet: &RtpPacket) -> Option<Route> {
        let member = self.members.get_mut(key)?;
        let ssrc = packet.header.ssrc;
        if let Some(route) = member.by_ssrc.get(&ssrc) {
            return Some(*route);
        }
        let (mid, rid) = member.publisher.as_mut()?.incoming_stream(ssrc)?;
        let track = *member.by_mid.get(&mid)?;
        let layers = &self.tracks.get(track)?.layers;
        let layer = match rid {
            Some(rid) => layers.iter().find(|layer| layer.rid == Some(rid))?.layer,
            None => layers.first()?.layer,
        };
        let route = Route { track, layer };
        member.by_ssrc.insert(ssrc, route);
        Some(route)
    }

    /// Clients may send another codec than they announced (reference livekit §8.21), but none of the
    /// other kind. False when the packet is not of the track's codec.
    fn learn_codec(&mut self, key: usize, track: usize, packet: &RtpPacket) -> bool {
        let Some(found) = self.tracks.get_mut(track) else { return false };
        let pt = packet.header.payload_type;
        if found.params.is_some_and(|params| params.pt() == pt) {
            return true;
        }
        let now = self.now;
        let params = self
            .members
            .get(key)
            .and_then(|member| member.publisher.as_ref())
            .and_then(|peer| peer.incoming_params(pt));
        let codec = params.and_then(|params| codec::from_rtc(params.spec().codec));
        let soon = found.codec_since.is_some_and(|since| now.duration_since(since) < CODEC_GAP);
        if soon || codec.is_none_or(|codec| kind_of(codec) != found.kind) {
            return false;
        }
        found.codec = codec;
        found.codec_since = Some(now);
        found.params = params;
        self.codec_known(track);
        true
    }

    /// Sends one packet to everybody who receives its track.
    pub(super) fn fan_out(&mut self, track: usize, packet: &Packet) {
        let now = self.now;
        let Some(found) = self.tracks.get_mut(track) else { return };
        if found.info.muted {
            return;
        }
        let (codec, kind, owner) = (found.codec, found.kind, found.owner);
        let Some(codec) = codec else { return };
        let woke = account(found, packet);
        // Before the packet is judged: it may be the keyframe to begin with.
        if woke {
            self.layers_changed(track);
        }
        let clock = self.members.get_mut(owner).map(|owner| {
            if let (MediaKind::Audio, Some(level)) = (kind, packet.level) {
                let uptime = now.saturating_duration_since(self.epoch);
                owner.meter.observe(uptime, level);
            }
            owner.clock
        });
        let wallclock = self.capture_time(track, packet, codec, clock.unwrap_or_default());
        let Some(found) = self.tracks.get_mut(track) else { return };
        let incoming = Incoming {
            layer: packet.layer,
            seq: packet.seq,
            timestamp: packet.timestamp,
            seen: codec::look(codec, &packet.payload),
            at: packet.at,
        };
        let mut reports = false;
        for subscriber in &mut found.subscribers {
            let Some(out) = subscriber.forward.forward(&incoming) else { continue };
            if out.switched && kind == MediaKind::Video {
                let member = subscriber.member;
                tracing::debug!(member, track, layer = ?packet.layer, "switched");
            }
            let Some(member) = self.members.get_mut(subscriber.member) else { continue };
            match subscriber.exit {
                Exit::Waiting => {}
                Exit::Slot { mid, pt } => {
                    let side = member.sender_side();
                    let Some(peer) = member.sender() else { continue };
                    let write = outgoing(packet, &out, mid, pt, codec, wallclock);
                    let idle = peer.queued == 0;
                    peer.write(write);
                    if idle && peer.queued > 0 {
                        self.dirty.push(PeerRef { participant: subscriber.member, side });
                    }
                }
                Exit::Tap => {
                    reports |= out.switched;
                    if let Some(tap) = &member.tap {
                        // A closed tap is noticed by the next poll.
                        let _ = tap.packet(tap_packet(found.sid.clone(), packet, &out));
                    }
                }
            }
        }
        if reports {
            self.tap_reports(track);
        }
    }

    /// A layer began or ceased: subscribers may get another one.
    pub(super) fn layers_changed(&mut self, track: usize) {
        let members: Vec<usize> = match self.tracks.get(track) {
            Some(track) => track.subscribers.iter().map(|have| have.member).collect(),
            None => return,
        };
        for member in members {
            if let Some(found) = self.members.get_mut(member) {
                found.reallocate = true;
            }
            self.reallocate(member);
        }
    }

    /// When the packet was captured, on our clock: from the sender's report if there is one, so
    /// that our own sender reports keep its sound and picture in step.
    fn capture_time(&self, track: usize, packet: &Packet, codec: Codec, clock: PeerClock) -> Instant {
        let captured = || {
            let track = self.tracks.get(track)?;
            let layer = track.layers.iter().find(|layer| layer.layer == packet.layer)?;
            let (rtp, sender_us) = layer.report?;
            let elapsed = i128::from(packet.timestamp.wrapping_sub(rtp).cast_signed());
            let media_us = elapsed * 1_000_000 / i128::from(codec.clock_rate());
            let us = sender_us + media_us + clock.offset?;
            self.epoch.checked_add(Duration::from_micros(u64::try_from(us).ok()?))
        };
        let oldest = packet.at.checked_sub(Duration::from_secs(3)).unwrap_or(packet.at);
        captured().filter(|at| *at <= packet.at && *at >= oldest).unwrap_or(packet.at)
    }

    /// RTCP sender report of a publisher.
    pub(super) fn on_sender_report(&mut self, id: PeerRef, feedback: &SenderFeedback) {
        if id.side != Side::Publisher {
            return;
        }
        let epoch = self.epoch;
        let Some(member) = self.members.get_mut(id.participant) else { return };
        let Some(track) = member.by_mid.get(&feedback.mid).copied() else { return };
        let Ok(sent) = feedback.sender_info.ntp_time.duration_since(std::time::UNIX_EPOCH) else {
            return;
        };
        let Ok(sent) = i128::try_from(sent.as_micros()) else { return };
        let received = feedback.received_at.saturating_duration_since(epoch).as_micros();
        let Ok(received) = i128::try_from(received) else { return };
        member.clock.observe(received - sent);
        #[expect(clippy::cast_possible_truncation, reason = "RTP timestamps are 32 bits")]
        let rtp = feedback.sender_info.rtp_time.numer() as u32;
        let Some(found) = self.tracks.get_mut(track) else { return };
        let layer = found.layers.iter_mut().find(|layer| layer.rid == feedback.rid);
        if let Some(layer) = layer {
            layer.report = Some((rtp, sent));
        }
        self.tap_reports(track);
    }

    /// Sender reports down the taps, in the timestamps that the tap sees.
    pub(super) fn tap_reports(&mut self, track: usize) {
        let Some(found) = self.tracks.get(track) else { return };
        let mut events = Vec::new();
        for subscriber in &found.subscribers {
            if subscriber.exit != Exit::Tap || subscriber.announced.is_none() {
                continue;
            }
            let Some((layer, offset)) = subscriber.forward.timestamp_offset() else { continue };
            let report = found.layers.iter().find(|have| have.layer == layer);
            if let Some((rtp, sender_us)) = report.and_then(|layer| layer.report) {
                let rtp = rtp.wrapping_add(offset);
                events.push((subscriber.member, rtp, ntp(sender_us)));
            }
        }
        let sid = found.sid.clone();
        for (member, rtp, ntp) in events {
            self.tap_digest(member, TapEvent::SenderReport { track: sid.clone(), rtp, ntp });
        }
    }

    /// A subscriber lost its picture.
    pub(super) fn on_keyframe_request(&mut self, id: PeerRef, mid: Mid) {
        let Some(member) = self.members.get(id.participant) else { return };
        let Some(track) = member.slots.iter().find(|slot| slot.mid == mid).and_then(|slot| slot.track) else {
            return;
        };
        let Some(found) = self.tracks.get_mut(track) else { return };
        let layer = found
            .subscriber(id.participant)
            .and_then(|have| have.forward.current().or(have.forward.target()));
        if let Some(layer) = layer {
            self.request_keyframe(track, layer);
        }
    }

    /// Asks the publisher for a keyframe of a layer, now or as soon as the last request is old
    /// enough.
    pub(super) fn request_keyframe(&mut self, track: usize, layer: Layer) {
        let now = self.now;
        let Some(found) = self.tracks.get_mut(track) else { return };
        if found.kind == MediaKind::Audio {
            return;
        }
        let (owner, mid, sid) = (found.owner, found.mid, found.sid.clone());
        let Some(state) = found.layer(layer) else { return };
        if state.last_request.is_some_and(|last| now.duration_since(last) < REQUEST_GAP) {
            state.request_waits = true;
            return;
        }
        state.request_waits = false;
        state.last_request = Some(now);
        let rid = state.rid;
        let Some(mid) = mid else {
            self.tap_event(owner, TapEvent::KeyframeWanted { track: sid, layer });
            return;
        };
        let id = PeerRef { participant: owner, side: Side::Publisher };
        self.touch(id, |rtc| {
            if let Some(stream) = rtc.direct_api().stream_rx_by_mid(mid, rid) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        });
    }

    /// Asks for the keyframes that subscribers of a track still wait for.
    pub(super) fn request_missing_keyframes(&mut self, track: usize) {
        let Some(found) = self.tracks.get(track) else { return };
        let mut wanted = [false; 3];
        for subscriber in &found.subscribers {
            let layer = subscriber.forward.waits_for().filter(|_| subscriber.exit != Exit::Waiting);
            if let Some(want) = layer.and_then(|layer| wanted.get_mut(layer.index())) {
                *want = true;
            }
        }
        for state in &found.layers {
            if state.request_waits
                && let Some(want) = wanted.get_mut(state.layer.index())
            {
                *want = true;
            }
        }
        for (layer, want) in Layer::ALL.into_iter().zip(wanted) {
            if want {
                self.request_keyframe(track, layer);
            }
        }
    }
}

/// Counts a packet; true when it makes a layer alive.
fn account(track: &mut Track, packet: &Packet) -> bool {
    let Some(layer) = track.layer(packet.layer) else { return false };
    layer.window_bytes = layer.window_bytes.saturating_add(packet.payload.len() as u64 + 40);
    layer.last_packet = Some(packet.at);
    !std::mem::replace(&mut layer.alive, true)
}

fn outgoing(
    packet: &Packet,
    out: &Outgoing,
    mid: Mid,
    pt: str0m::media::Pt,
    codec: Codec,
    wallclock: Instant,
) -> Write {
    let extensions = ExtensionValues {
        audio_level: packet.level.and_then(|level| i8::try_from(level.0).ok()).map(|level| -level),
        voice_activity: packet.voice,
        video_orientation: packet.orientation,
        ..ExtensionValues::default()
    };
    Write {
        mid,
        pt,
        seq: out.seq,
        timestamp: out.timestamp,
        wallclock,
        marker: packet.marker,
        extensions,
        patch: out.patch,
        nackable: codec != Codec::Opus,
        payload: packet.payload.clone(),
    }
}

fn tap_packet(track: huddle_core::ids::TrackSid, packet: &Packet, out: &Outgoing) -> TapPacket {
    TapPacket {
        track,
        layer: packet.layer,
        seq: out.seq,
        timestamp: out.timestamp,
        marker: packet.marker,
        level: packet.level,
        payload: packet.payload.clone(),
        at: packet.at,
    }
}

impl PeerClock {
    /// Takes one measured difference. Smaller is nearer the truth; larger ones pull slowly, so
    /// that drift is followed; a jump of more than a second begins anew.
    pub(super) fn observe(&mut self, difference: i128) {
        self.offset = Some(match self.offset {
            Some(offset) if (difference - offset).abs() > 1_000_000 => difference,
            Some(offset) if difference < offset => difference,
            Some(offset) => offset + (difference - offset).min(200),
            None => difference,
        });
    }
}

/// Microseconds since 1970 as 32.32 NTP time.
fn ntp(unix_us: i128) -> u64 {
    const TO_1900: i128 = 2_208_988_800;
    let seconds = unix_us.div_euclid(1_000_000) + TO_1900;
    let fraction = (unix_us.rem_euclid(1_000_000) << 32) / 1_000_000;
    u64::try_from((seconds << 32) | fraction).unwrap_or_default()
}
