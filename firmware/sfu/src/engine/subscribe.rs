//! Subscriptions: who receives which track, in which layer, on which m-line.

use huddle_core::ids::TrackSid;
use huddle_core::routing::{Allotment, Demand, Layer, LayerWish, allocate, desired, living};
use huddle_core::units::{Bitrate, Size};
use huddle_livekit::proto;
use huddle_livekit::session::reply;
use huddle_tap::{MediaKind, TapEvent};
use rand::RngExt as _;
use std::time::Duration;
use str0m::media::Mid;

use super::Engine;
use super::publish::expected_codec;
use super::state::{Exit, Subscriber, Subscription};
use crate::demux::PeerRef;
use crate::forward::{Forwarder, Tail};

/// NACK cache of a subscriber's stream and the share of resent bytes it may reach. One second is
/// ten tries at 100 ms, 256 packets are 0.8 s of 2.5 Mbit/s; a longer cache is the largest part of
/// a participant's memory.
const RESEND_PACKETS: usize = 256;
const RESEND_AGE: Duration = Duration::from_secs(1);
const RESEND_SHARE: f32 = 0.5;

/// Estimates below what is sent are believed after this.
const DIP: Duration = Duration::from_secs(2);

impl Engine {
    /// Everything in the meeting, if the member takes all.
    pub(super) fn subscribe_to_all(&mut self, key: usize) {
        let Some(member) = self.members.get(key) else { return };
        if !member.auto_subscribe {
            return;
        }
        let room = member.room.clone();
        for other in self.others(&room, key) {
            let tracks: Vec<usize> = self
                .members
                .get(other)
                .map(|other| other.published.values().copied().collect())
                .unwrap_or_default();
            for track in tracks {
                self.subscribe(key, track);
            }
        }
    }

    pub(super) fn unsubscribe_from_all(&mut self, key: usize) {
        let tracks: Vec<usize> = self
            .members
            .get(key)
            .map(|member| member.subscriptions.keys().copied().collect())
            .unwrap_or_default();
        for track in tracks {
            self.unsubscribe(key, track);
        }
    }

    /// Starts a subscription; media flows once the client knows its m-line.
    pub(super) fn subscribe(&mut self, key: usize, track: usize) {
        if !self.may_subscribe(key, track) {
            return;
        }
        let (Some(member), Some(found)) = (self.members.get_mut(key), self.tracks.get_mut(track)) else {
            return;
        };
        if member.subscriptions.contains_key(&track) {
            return;
        }
        let local = member.is_local();
        let wish = Self::first_wish(member);
        member.subscriptions.insert(track, Subscription { wish, priority: 0, mid: None });
        member.reallocate = true;
        found.subscribers.push(Subscriber {
            member: key,
            forward: Forwarder::new(expected_codec(found), Tail::new(rand::rng().random())),
            exit: if local { Exit::Tap } else { Exit::Waiting },
            paused: false,
            announced: None,
        });
        if local {
            self.announce_to_tap(key, track);
            self.reallocate(key);
        } else {
            self.want_negotiation(key);
        }
    }

    /// Right to subscribe, the publisher's permission, and not one's own track.
    pub(super) fn may_subscribe(&self, key: usize, track: usize) -> bool {
        let (Some(member), Some(track)) = (self.members.get(key), self.tracks.get(track)) else {
            return false;
        };
        let Some(owner) = self.members.get(track.owner) else { return false };
        if track.owner == key || !member.grants.can_subscribe || member.refused.contains(&track.sid) {
            return false;
        }
        owner.audience.as_ref().is_none_or(|permissions| {
            permissions.iter().any(|permission| {
                (permission.participant_sid == member.sid.as_str()
                    || permission.participant_identity == member.identity.as_str())
                    && (permission.all_tracks
                        || permission.track_sids.iter().any(|sid| sid == track.sid.as_str()))
            })
        })
    }

    /// Ends a subscription; its slot is free once the client knows.
    pub(super) fn unsubscribe(&mut self, key: usize, track: usize) {
        let Some(found) = self.tracks.get_mut(track) else { return };
        let Some(index) = found.subscribers.iter().position(|have| have.member == key) else {
            return;
        };
        let gone = found.subscribers.swap_remove(index);
        let sid = found.sid.clone();
        if gone.announced.is_some() {
            self.tap_event(key, TapEvent::TrackRemoved(sid));
        }
        let Some(member) = self.members.get_mut(key) else { return };
        member.subscriptions.remove(&track);
        if let Some(slot) = member.slots.iter_mut().find(|slot| slot.track == Some(track)) {
            slot.track = None;
            if gone.exit != Exit::Waiting {
                slot.tail = gone.forward.tail();
            }
        }
        member.reallocate = true;
        self.want_negotiation(key);
    }

    /// The client took the m-line back: the subscription waits for another. Where the stream
    /// stands is returned, if any packet could have been sent.
    pub(super) fn detach(&mut self, key: usize, track: usize) -> Option<Tail> {
        let subscription = self.members.get_mut(key).and_then(|member| member.subscriptions.get_mut(&track));
        if let Some(subscription) = subscription {
            subscription.mid = None;
        }
        let subscriber = self.tracks.get_mut(track)?.subscriber(key)?;
        let before = std::mem::replace(&mut subscriber.exit, Exit::Waiting);
        (before != Exit::Waiting).then(|| subscriber.forward.tail())
    }

    /// The client cannot take this track: no codec in common, or the m-line was rejected.
    pub(super) fn refuse(&mut self, key: usize, track: usize) {
        let Some(sid) = self.tracks.get(track).map(|track| track.sid.clone()) else { return };
        self.unsubscribe(key, track);
        if let Some(member) = self.members.get_mut(key) {
            member.refused.insert(sid.clone());
        }
        let error = proto::SubscriptionError::SeCodecUnsupported;
        self.send(key, reply::subscription_failed(sid.as_str(), error));
    }

    /// The m-line is negotiated: packets may flow.
    pub(super) fn activate(&mut self, key: usize, track: usize, mid: Mid) {
        let Some(found) = self.tracks.get_mut(track) else { return };
        let codec = expected_codec(found);
        let params = found.params;
        let Some(member) = self.members.get_mut(key) else { return };
        let Some(pt) = member.sender().and_then(|peer| peer.outgoing_pt(mid, codec, params)) else {
            self.refuse(key, track);
            return;
        };
        let Some(slot) = member.slots.iter_mut().find(|slot| slot.mid == mid) else { return };
        let Some(subscriber) = found.subscriber(key) else { return };
        let exit = Exit::Slot { mid, pt };
        if subscriber.exit == exit {
            return;
        }
        let fresh = subscriber.exit == Exit::Waiting;
        if fresh {
            subscriber.forward = Forwarder::new(codec, slot.tail);
        }
        subscriber.exit = exit;
        tracing::debug!(member = key, track, ?exit, fresh, "subscription is active");
        let prepare = !std::mem::replace(&mut slot.prepared, true);
        member.reallocate = true;
        let id = PeerRef { participant: key, side: member.sender_side() };
        if prepare && codec != huddle_tap::Codec::Opus {
            self.touch(id, |rtc| {
                if let Some(stream) = rtc.direct_api().stream_tx_by_mid(mid, None) {
                    // The publisher paces already; a second pacer only adds seconds of queue
                    // when an estimate is too low.
                    stream.set_unpaced(true);
                    stream.set_rtx_cache(RESEND_PACKETS, RESEND_AGE, Some(RESEND_SHARE));
                }
            });
        }
        if fresh {
            self.tell_subscribed(track);
        }
    }

    fn tell_subscribed(&mut self, track: usize) {
        let Some(found) = self.tracks.get_mut(track) else { return };
        if std::mem::replace(&mut found.subscribed_told, true) {
            return;
        }
        let (owner, sid) = (found.owner, found.sid.clone());
        self.send(owner, reply::track_subscribed(sid.as_str()));
    }

    /// The real codec of a track became known or changed: all payload types are looked up again.
    pub(super) fn codec_known(&mut self, track: usize) {
        let Some(found) = self.tracks.get_mut(track) else { return };
        let codec = expected_codec(found);
        let mut slots = Vec::new();
        let mut taps = Vec::new();
        for subscriber in &mut found.subscribers {
            let tail = subscriber.forward.tail();
            let target = subscriber.forward.target();
            subscriber.forward = Forwarder::new(codec, tail);
            subscriber.forward.aim(target);
            match subscriber.exit {
                Exit::Slot { mid, .. } => slots.push((subscriber.member, mid)),
                Exit::Tap => taps.push(subscriber.member),
                Exit::Waiting => {}
            }
        }
        let owner = found.owner;
        let mime = crate::codec::mime(codec);
        let renamed = found.info.mime_type != mime;
        if renamed {
            found.info.mime_type = mime.to_owned();
            if let Some(first) = found.info.codecs.first_mut() {
                first.mime_type = mime.to_owned();
            }
        }
        for (member, mid) in slots {
            self.activate(member, track, mid);
        }
        for tap in taps {
            self.announce_to_tap(tap, track);
        }
        if renamed {
            self.tracks_changed(owner);
        }
    }

    /// `subscription` of a client.
    pub(super) fn update_subscription(&mut self, key: usize, update: &proto::UpdateSubscription) {
        let sids = update
            .track_sids
            .iter()
            .chain(update.participant_tracks.iter().flat_map(|tracks| &tracks.track_sids));
        for sid in sids {
            let sid = TrackSid::new(sid);
            let track = self.find_track(key, &sid);
            match (track, update.subscribe) {
                (Some(track), true) => {
                    if let Some(member) = self.members.get_mut(key) {
                        member.refused.remove(&sid);
                    }
                    self.subscribe(key, track);
                }
                (Some(track), false) => self.unsubscribe(key, track),
                (None, true) => {
                    let error = proto::SubscriptionError::SeTrackNotfound;
                    self.send(key, reply::subscription_failed(sid.as_str(), error));
                }
                (None, false) => {}
            }
        }
    }

    /// A track of the member's meeting by sid.
    pub(super) fn find_track(&self, key: usize, sid: &TrackSid) -> Option<usize> {
        let room = &self.members.get(key)?.room;
        self.others(room, key)
            .into_iter()
            .find_map(|other| self.members.get(other)?.published.get(sid).copied())
    }

    /// `track_setting` of a client (reference livekit §1.9).
    pub(super) fn update_settings(&mut self, key: usize, settings: &proto::UpdateTrackSettings) {
        let quality = settings.quality();
        let wish = if settings.disabled || quality == proto::VideoQuality::Off {
            LayerWish::Off
        } else if settings.width > 0 && settings.height > 0 {
            LayerWish::Size(Size { width: settings.width, height: settings.height })
        } else {
            LayerWish::AtMost(match quality {
                proto::VideoQuality::Low | proto::VideoQuality::Off => Layer::Low,
                proto::VideoQuality::Medium => Layer::Medium,
                proto::VideoQuality::High => Layer::High,
            })
        };
        for sid in &settings.track_sids {
            if let Some(track) = self.find_track(key, &TrackSid::new(sid)) {
                self.set_wish(key, track, wish, settings.priority);
            }
        }
        self.reallocate(key);
    }

    pub(super) fn set_wish(&mut self, key: usize, track: usize, wish: LayerWish, priority: u32) {
        let Some(member) = self.members.get_mut(key) else { return };
        if let Some(subscription) = member.subscriptions.get_mut(&track) {
            subscription.wish = wish;
            subscription.priority = priority;
            member.reallocate = true;
        }
    }

    /// Decides anew what each of the member's tracks gets, if anything changed.
    pub(super) fn reallocate(&mut self, key: usize) {
        let Some(member) = self.members.get_mut(key) else { return };
        if !std::mem::take(&mut member.reallocate) {
            return;
        }
        let estimate = member.sender().and_then(|peer| peer.estimate);
        let wishes: Vec<(usize, Subscription)> =
            member.subscriptions.iter().map(|(track, have)| (*track, have.clone())).collect();
        let mut videos = Vec::new();
        let mut audio = Bitrate(0);
        let mut sent = 0u64;
        for (track, subscription) in wishes {
            let Some(found) = self.tracks.get_mut(track) else { continue };
            let live = found.subscriber(key).is_some_and(|have| have.exit != Exit::Waiting);
            if found.kind == MediaKind::Audio {
                audio = Bitrate(audio.bps().saturating_add(64_000));
                let target = (live && subscription.wish != LayerWish::Off).then_some(Layer::Low);
                if let Some(subscriber) = found.subscriber(key) {
                    subscriber.forward.aim(target);
                }
            } else if live {
                let current = found.subscriber(key).and_then(|have| have.forward.current());
                let layer = current.and_then(|current| found.layer(current));
                sent += layer.map_or(0, |layer| layer.measured.bps());
                videos.push((track, subscription, found.states(), current));
            }
        }
        let demands: Vec<Demand<'_>> = videos
            .iter()
            .map(|(_, subscription, layers, current)| Demand {
                wish: subscription.wish,
                layers,
                current: *current,
                priority: subscription.priority,
            })
            .collect();
        let wanted: u64 = demands.iter().map(wanted_bitrate).sum();
        let left = estimate.map(|estimate| Bitrate(estimate.bps().saturating_sub(audio.bps())));
        let left = self.limit(key, left, Bitrate(sent));
        let given = allocate(left, &demands);
        if given == allocate(None, &demands) {
            self.relieve(key);
        }
        self.aim_bandwidth(key, Bitrate(wanted.saturating_add(audio.bps())));
        for ((track, _, layers, _), allotment) in videos.iter().zip(given) {
            let target = allotment.layer().map(|layer| living(layer, layers));
            self.aim(key, *track, target, allotment == Allotment::Paused);
        }
    }

    /// The bandwidth to divide. An estimate says little about a link that carries little, so it
    /// limits only once it has stayed below what is sent, until everything wanted fits again. Who
    /// stops sending at the first dip (a busy client reads late) starves the estimator of what it
    /// would recover by. What arrives without a standing queue is what the link carries at least,
    /// however low the estimate: on a lossy link (radio) it sinks although nothing is full.
    fn limit(&mut self, key: usize, left: Option<Bitrate>, sent: Bitrate) -> Option<Bitrate> {
        let now = self.now;
        let peer = self.members.get_mut(key)?.sender()?;
        let left = left?.max(peer.link.carries(sent));
        if left.bps() * 10 < sent.bps() * 9 {
            let since = *peer.short_since.get_or_insert(now);
            peer.congested |= now.duration_since(since) >= DIP;
        } else {
            peer.short_since = None;
        }
        peer.congested.then_some(left)
    }

    fn relieve(&mut self, key: usize) {
        if let Some(peer) = self.members.get_mut(key).and_then(|member| member.sender()) {
            peer.congested = false;
        }
    }

    fn aim(&mut self, key: usize, track: usize, target: Option<Layer>, paused: bool) {
        let Some(found) = self.tracks.get_mut(track) else { return };
        let (sid, owner) = (found.sid.clone(), found.owner);
        let Some(subscriber) = found.subscriber(key) else { return };
        let before = subscriber.forward.target();
        let waits = subscriber.forward.aim(target);
        if before != target {
            tracing::debug!(member = key, track, ?target, "layer");
        }
        let changed = std::mem::replace(&mut subscriber.paused, paused) != paused;
        if waits && let Some(layer) = target {
            self.request_keyframe(track, layer);
        }
        if changed && let Some(owner) = self.members.get(owner).map(|owner| owner.sid.clone()) {
            self.send(key, reply::stream_state(owner.as_str(), sid.as_str(), paused));
        }
    }

    /// Tells the estimator what all wanted layers would need, so that it probes for it; without
    /// that it never grows beyond what is sent (reference media §1.6).
    fn aim_bandwidth(&mut self, key: usize, desired: Bitrate) {
        let Some(member) = self.members.get_mut(key) else { return };
        let id = PeerRef { participant: key, side: member.sender_side() };
        let Some(peer) = member.sender() else { return };
        let before = peer.desired.bps();
        if desired.bps().abs_diff(before) * 10 <= before {
            return;
        }
        peer.desired = desired;
        let rate = str0m::bwe::Bitrate::from(desired.bps().saturating_mul(12) / 10);
        self.touch(id, |rtc| {
            rtc.bwe().set_bitrate(str0m::bwe::Bitrate::from(0u64), rate);
        });
    }

    /// `subscription_permission` of a publisher.
    pub(super) fn set_audience(&mut self, key: usize, permission: proto::SubscriptionPermission) {
        let Some(member) = self.members.get_mut(key) else { return };
        member.audience = (!permission.all_participants).then_some(permission.track_permissions);
        self.audience_changed(key);
    }

    /// Takes the member's tracks from who may not have them any more, and gives them to who may now.
    pub(super) fn apply_audience(&mut self, key: usize) {
        let Some(member) = self.members.get(key) else { return };
        let room = member.room.clone();
        let tracks: Vec<usize> = member.published.values().copied().collect();
        let sid = member.sid.clone();
        for other in self.others(&room, key) {
            for track in &tracks {
                let has =
                    self.members.get(other).is_some_and(|member| member.subscriptions.contains_key(track));
                let may = self.may_subscribe(other, *track);
                if has == may {
                    continue;
                }
                let wants = self.members.get(other).is_some_and(|member| member.auto_subscribe);
                if has {
                    self.unsubscribe(other, *track);
                } else if wants {
                    self.subscribe(other, *track);
                }
                self.tell_permission(other, &sid, *track, may);
            }
        }
    }

    fn tell_permission(
        &mut self,
        key: usize,
        publisher: &huddle_core::ids::ParticipantSid,
        track: usize,
        allowed: bool,
    ) {
        let Some(track) = self.tracks.get(track) else { return };
        let update = proto::SubscriptionPermissionUpdate {
            participant_sid: publisher.to_string(),
            track_sid: track.sid.to_string(),
            allowed,
        };
        let message = proto::signal_response::Message::SubscriptionPermissionUpdate(update);
        self.send(key, reply::response(message));
    }
}

/// Bits per second of the layer a demand wishes for.
fn wanted_bitrate(demand: &Demand<'_>) -> u64 {
    let layer = desired(demand.wish, demand.layers);
    demand.layers.iter().find(|state| Some(state.layer) == layer).map_or(0, |state| state.bitrate.bps())
}
