//! What happens by the clock: keyframe retries, layer rates, speakers, dynacast, quality and
//! seats that nobody came back to.

use std::time::{Duration, Instant};

use huddle_core::ids::Identity;
use huddle_core::routing::{Layer, desired};
use huddle_core::speaker;
use huddle_livekit::proto;
use huddle_livekit::session::reply;
use huddle_tap::TapEvent;
use proto::signal_response::Message;
use str0m::bwe::BweKind;
use str0m::stats::PeerStats;

use super::state::Exit;
use super::{Engine, SIDES};
use crate::demux::PeerRef;
use crate::port::{LeaveCause, Report};
use huddle_core::units::Bitrate;

/// The finest step of everything here.
const STEP: Duration = Duration::from_millis(100);
/// A layer without packets for so long is dead; screen shares may be slow.
const LAYER_SILENCE: Duration = Duration::from_secs(3);
/// The seat of a participant whose signalling and media are lost (LiveKit `departureTimeout`).
const SEAT: Duration = Duration::from_secs(20);
/// Window of layer bitrates.
const RATE_WINDOW: Duration = Duration::from_secs(1);
/// Window of connection quality.
const QUALITY_WINDOW: Duration = Duration::from_secs(5);

/// Whose media is silent for so long is lost. Clients that have nothing to send still check the path
/// every six seconds at the latest (RFC 7675 §5.1).
const LOST: Duration = Duration::from_secs(7);

/// Losses above which a connection is good only, and poor (reference performance §5: congestion
/// control begins to give way at 2 %, and must at 10 %).
const GOOD: f32 = 0.02;
const POOR: f32 = 0.1;

/// When each periodic job is due.
pub(super) struct Clockwork {
    step: Instant,
    speakers: Instant,
    rates: Instant,
    quality: Instant,
}

impl Clockwork {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            step: now + STEP,
            speakers: now + speaker::WINDOW,
            rates: now + RATE_WINDOW,
            quality: now + QUALITY_WINDOW,
        }
    }

    pub(super) fn next(&self) -> Instant {
        self.step
    }
}

/// Moves a due time on; true when it was due. Missed turns are not made up.
fn due(at: &mut Instant, now: Instant, every: Duration) -> bool {
    if *at > now {
        return false;
    }
    *at = (*at + every).max(now);
    true
}

impl Engine {
    pub(super) fn run_periodic(&mut self) {
        let now = self.now;
        if !due(&mut self.periodic.step, now, STEP) {
            return;
        }
        self.retry();
        self.dynacast();
        if due(&mut self.periodic.speakers, now, speaker::WINDOW) {
            self.speakers();
        }
        if due(&mut self.periodic.rates, now, RATE_WINDOW) {
            self.rates();
            self.seats();
            self.log_losses();
        }
        if due(&mut self.periodic.quality, now, QUALITY_WINDOW) {
            self.quality();
        }
    }

    /// Keyframes not come, negotiations not answered, data not written, video that waits for an offer.
    fn retry(&mut self) {
        let tracks: Vec<usize> = self.tracks.iter().map(|(key, _)| key).collect();
        for track in tracks {
            self.request_missing_keyframes(track);
        }
        let members: Vec<usize> = self.members.iter().map(|(key, _)| key).collect();
        for key in members {
            let now = self.now;
            let Some(member) = self.members.get_mut(key) else { continue };
            if member.sender().is_some_and(|peer| peer.holds_too_long(now)) {
                self.release_video(key);
            }
            let Some(member) = self.members.get(key) else { continue };
            if member.offers.dirty && !member.is_local() {
                self.negotiate.insert(key);
            }
            if !member.data.backlog.is_empty() {
                self.flush_data(key);
            }
            self.reallocate(key);
        }
    }

    fn rates(&mut self) {
        let now = self.now;
        let mut changed = Vec::new();
        for (key, track) in &mut self.tracks {
            let only = track.layers.len() == 1;
            for layer in &mut track.layers {
                let rate = std::mem::take(&mut layer.window_bytes).saturating_mul(8);
                // Rises at once, falls slowly: one quiet second is no smaller layer.
                let before = layer.measured.bps();
                layer.measured = Bitrate(rate.max(before - before / 4));
                let silent = layer.last_packet.is_none_or(|last| now.duration_since(last) > LAYER_SILENCE);
                if silent && !only && layer.alive {
                    layer.alive = false;
                    layer.measured = Bitrate(0);
                    changed.push(key);
                }
            }
        }
        for track in changed {
            self.layers_changed(track);
        }
        for (_, member) in &mut self.members {
            member.reallocate |= member.sender().is_some_and(|peer| peer.estimate.is_some());
        }
    }

    /// A local participant that does not keep up loses sound and picture.
    fn log_losses(&mut self) {
        for (_, member) in &mut self.members {
            let lost = member.tap.as_ref().map_or(0, huddle_tap::SfuEnd::lost);
            let packets = lost - std::mem::replace(&mut member.tap_lost, lost);
            if packets > 0 {
                tracing::warn!(identity = %member.identity, packets, "a local participant does not keep up");
            }
        }
    }

    fn speakers(&mut self) {
        self.repeat_speakers();
        let mut changed: Vec<(usize, speaker::Speaking)> = Vec::new();
        for (key, member) in &mut self.members {
            changed.extend(member.meter.close_window().map(|speaking| (key, speaking)));
        }
        if changed.is_empty() {
            return;
        }
        let rooms: std::collections::BTreeSet<_> = changed
            .iter()
            .filter_map(|(key, _)| self.members.get(*key).map(|member| member.room.clone()))
            .collect();
        for room in rooms {
            for key in self.others(&room, usize::MAX) {
                self.tell_speakers(key, &changed);
            }
            self.list_speakers(&room);
        }
    }

    /// Speakers a member hears, and itself.
    pub(super) fn tell_speakers(&mut self, key: usize, changed: &[(usize, speaker::Speaking)]) {
        let Some(member) = self.members.get(key) else { return };
        if member.signal.is_none() {
            return;
        }
        let hears = |speaker: usize| {
            speaker == key
                || member
                    .subscriptions
                    .keys()
                    .any(|track| self.tracks.get(*track).is_some_and(|track| track.owner == speaker))
        };
        let speakers: Vec<proto::SpeakerInfo> = changed
            .iter()
            .filter(|(speaker, _)| hears(*speaker))
            .filter_map(|(speaker, speaking)| {
                let speaker = self.members.get(*speaker)?;
                (speaker.room == member.room).then(|| proto::SpeakerInfo {
                    sid: speaker.sid.to_string(),
                    level: speaking.level,
                    active: speaking.active,
                })
            })
            .collect();
        if !speakers.is_empty() {
            let changed = proto::SpeakersChanged { speakers };
            self.send(key, reply::response(Message::SpeakersChanged(changed)));
        }
    }

    /// The ordered list for taps.
    fn list_speakers(&mut self, room: &huddle_core::ids::RoomId) {
        let mut loud: Vec<(f32, Identity)> = self
            .others(room, usize::MAX)
            .into_iter()
            .filter_map(|key| self.members.get(key))
            .filter(|member| member.meter.speaking().active)
            .map(|member| (member.meter.speaking().level, member.identity.clone()))
            .collect();
        loud.sort_by(|left, right| right.0.total_cmp(&left.0));
        let speakers: Vec<Identity> = loud.into_iter().map(|(_, identity)| identity).collect();
        let Some(meeting) = self.meetings.get_mut(room) else { return };
        if meeting.speakers == speakers {
            return;
        }
        meeting.speakers.clone_from(&speakers);
        for key in self.others(room, usize::MAX) {
            self.tell_tap_speakers(key, speakers.clone());
        }
    }

    fn tell_tap_speakers(&mut self, key: usize, speakers: Vec<Identity>) {
        let told = self.tap_digest(key, TapEvent::Speakers(speakers));
        if let Some(member) = self.members.get_mut(key) {
            member.speakers_missed = !told;
        }
    }

    /// To taps that had no room for the list, or are new.
    fn repeat_speakers(&mut self) {
        for key in self.taps.clone() {
            let Some(member) = self.members.get(key).filter(|member| member.speakers_missed) else {
                continue;
            };
            let speakers = self.meetings.get(&member.room).map(|meeting| meeting.speakers.clone());
            self.tell_tap_speakers(key, speakers.unwrap_or_default());
        }
    }

    /// Tells publishers which encodings anybody wants.
    fn dynacast(&mut self) {
        let now = self.uptime();
        let tracks: Vec<usize> = self.tracks.iter().map(|(key, _)| key).collect();
        for key in tracks {
            let Some(wanted) = self.wanted_layers(key) else { continue };
            let Some(track) = self.tracks.get_mut(key) else { continue };
            let Some(told) = track.dynacast.update(now, wanted) else { continue };
            let (owner, sid) = (track.owner, track.sid.clone());
            let response = reply::qualities(&track.info, told);
            self.tap_event(owner, TapEvent::LayersWanted { track: sid, wanted: told });
            self.send(owner, response);
        }
    }

    /// By layer index; `None` for audio. Remote publishers are asked for all layers up to the
    /// largest wanted one, local ones for exactly those.
    fn wanted_layers(&self, key: usize) -> Option<[bool; 3]> {
        let track = self.tracks.get(key)?;
        if track.kind == huddle_tap::MediaKind::Audio {
            return None;
        }
        let states = track.states();
        let mut wanted = [false; 3];
        for subscriber in &track.subscribers {
            let wish = self.members.get(subscriber.member)?.subscriptions.get(&key)?.wish;
            let mut want = |layer: Option<Layer>| {
                if let Some(slot) = layer.and_then(|layer| wanted.get_mut(layer.index())) {
                    *slot = true;
                }
            };
            want(desired(wish, &states));
            if subscriber.exit != Exit::Waiting {
                want(subscriber.forward.target());
            }
        }
        if track.mid.is_some() {
            let largest = wanted.iter().rposition(|wanted| *wanted);
            for (index, wanted) in wanted.iter_mut().enumerate() {
                *wanted = largest.is_some_and(|largest| index <= largest);
            }
        }
        Some(wanted)
    }

    /// Removes whose signalling and media have both been lost for [`SEAT`].
    fn seats(&mut self) {
        let now = self.now;
        let mut lost = Vec::new();
        for (key, member) in &mut self.members {
            if member.is_local() {
                continue;
            }
            let mut media = None;
            for side in SIDES {
                let peer = member.peer(side).filter(|peer| peer.connected);
                media = media.max(peer.map(|peer| peer.last_received));
            }
            let last = media.map_or(member.last_signal, |media| media.max(member.last_signal));
            if now.duration_since(last) > SEAT {
                lost.push(key);
            }
        }
        for key in lost {
            let action = proto::leave_request::Action::Reconnect;
            let told = (proto::DisconnectReason::ConnectionTimeout, action);
            self.remove(key, Some(told), LeaveCause::Timeout);
        }
    }

    /// Losses on the way to a client as its transport feedback tells them, on the way from it as
    /// our own receivers count them.
    pub(super) fn on_statistics(&mut self, id: PeerRef, stats: &PeerStats) {
        let Some(member) = self.members.get_mut(id.participant) else { return };
        let Some(peer) = member.peer(id.side) else { return };
        let loss = [stats.egress_loss_fraction, stats.ingress_loss_fraction];
        let loss = loss.into_iter().flatten().filter(|loss| loss.is_finite()).fold(0.0, f32::max);
        // Reports come every second, quality is told over QUALITY_WINDOW.
        peer.loss += (loss - peer.loss) / 3.0;
        peer.link.observe(stats.egress_loss_fraction, stats.rtt);
    }

    /// Quality by what is lost and by what the allocation could not give: paused pictures are
    /// poor, smaller ones good. From who is lost nothing comes at all.
    fn quality(&mut self) {
        let members: Vec<usize> = self.members.iter().map(|(key, _)| key).collect();
        for key in members {
            let quality = self.measure_quality(key);
            let Some(member) = self.members.get_mut(key) else { continue };
            if member.is_local() || member.quality == quality {
                continue;
            }
            member.quality = quality;
            let (room, identity) = (member.room.clone(), member.identity.clone());
            let sid = member.sid.clone();
            let score = match quality {
                proto::ConnectionQuality::Excellent => 4.5,
                proto::ConnectionQuality::Good => 3.5,
                proto::ConnectionQuality::Poor => 2.0,
                proto::ConnectionQuality::Lost => 1.0,
            };
            // Who is lost finds out by itself.
            let except = if quality == proto::ConnectionQuality::Lost { key } else { usize::MAX };
            for other in self.others(&room, except) {
                self.send(other, reply::quality(sid.as_str(), quality, score));
            }
            (self.reports)(Report::Quality { room, identity, quality });
        }
    }

    fn measure_quality(&self, key: usize) -> proto::ConnectionQuality {
        let mut quality = proto::ConnectionQuality::Excellent;
        let Some(member) = self.members.get(key) else { return quality };
        let peers = [&member.publisher, &member.subscriber];
        let last = peers.into_iter().flatten().filter(|peer| peer.connected).map(|peer| peer.last_received);
        if last.max().is_some_and(|last| self.now.duration_since(last) > LOST) {
            return proto::ConnectionQuality::Lost;
        }
        let loss = peers.into_iter().flatten().map(|peer| peer.loss).fold(0.0, f32::max);
        if loss > POOR {
            return proto::ConnectionQuality::Poor;
        }
        if loss > GOOD {
            quality = proto::ConnectionQuality::Good;
        }
        for (track, subscription) in &member.subscriptions {
            let Some(track) = self.tracks.get(*track) else { continue };
            let Some(have) = track.subscribers.iter().find(|have| have.member == key) else {
                continue;
            };
            let want = desired(subscription.wish, &track.states());
            if have.paused {
                return proto::ConnectionQuality::Poor;
            }
            let alive = |layer: Layer| track.layers.iter().any(|state| state.layer == layer && state.alive);
            if track.kind == huddle_tap::MediaKind::Video
                && want.is_some_and(|want| alive(want) && have.forward.target() < Some(want))
            {
                quality = proto::ConnectionQuality::Good;
            }
        }
        quality
    }

    /// The bandwidth estimate towards a client changed.
    pub(super) fn on_estimate(&mut self, id: PeerRef, kind: &BweKind) {
        let BweKind::Twcc { estimate, can_probe } = kind else { return };
        let Some(member) = self.members.get_mut(id.participant) else { return };
        if id.side != member.sender_side() {
            return;
        }
        let Some(peer) = member.sender() else { return };
        let bps = Bitrate(estimate.as_u64());
        peer.estimate = can_probe.then_some(bps);
        member.reallocate = true;
        self.reallocate(id.participant);
    }
}
