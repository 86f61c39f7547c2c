//! Offers and answers. v1: the client always offers, we ask for it; v0: it offers what it
//! publishes, we offer what it receives (reference livekit §1.5–1.7, §8). One offer of ours is
//! outstanding at most; later changes wait for its answer.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use huddle_livekit::admission::SignalMode;
use huddle_livekit::proto;
use huddle_livekit::session::reply;
use huddle_tap::MediaKind;
use proto::signal_response::Message;
use rand::RngExt as _;
use str0m::change::SdpOffer;
use str0m::media::Mid;

use super::publish::orphan;
use super::state::Slot;
use super::{Engine, Side};
use crate::demux::PeerRef;
use crate::forward::Tail;
use crate::port::LeaveCause;
use crate::sdp::{self, Direction, Kind, Rewrite};

/// How long we wait for the offer or answer we asked for before we ask again.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Largest offer that is read, in bytes, and the most m-lines in it: each costs every poll.
const MAX_SDP: usize = 256 * 1_024;
const MAX_SECTIONS: usize = 128;

impl Engine {
    /// `offer` of the client on its publisher (or only) peer connection.
    pub(super) fn on_offer(&mut self, key: usize, offer: &proto::SessionDescription) {
        let id = PeerRef { participant: key, side: Side::Publisher };
        let text = offer.sdp.as_str();
        let too_large = text.len() > MAX_SDP || text.matches("\nm=").count() > MAX_SECTIONS;
        let answered = self.touch(id, |rtc| {
            if too_large {
                return Err("the offer is larger than any client's".to_owned());
            }
            let offer = SdpOffer::from_sdp_string(text).map_err(|error| error.to_string())?;
            rtc.sdp_api().accept_offer(offer).map_err(|error| error.to_string())
        });
        let answer = match answered {
            None => return,
            Some(Ok(answer)) => answer.to_sdp_string(),
            Some(Err(error)) => {
                tracing::warn!(error, "offer refused");
                let action = proto::leave_request::Action::Reconnect;
                let told = (proto::DisconnectReason::StateMismatch, action);
                self.remove(key, Some(told), LeaveCause::Failed);
                return;
            }
        };
        self.announce(id);
        let sections = sdp::sections(text);
        self.apply_sections(key, &sections);
        let single = self.members.get(key).is_some_and(|m| m.mode == SignalMode::SinglePc);
        if single {
            self.fill_slots(key);
        }
        let rewrites = self.answer_rewrites(key, &sections);
        let answer = proto::SessionDescription {
            r#type: "answer".to_owned(),
            sdp: sdp::rewrite(&answer, &rewrites),
            id: offer.id,
            mid_to_track_id: if single { self.track_ids(key) } else { HashMap::new() },
        };
        self.send(key, reply::response(Message::Answer(answer)));
        if single {
            // An offer without the announced video was on its way already.
            let waits = |m: &super::state::Member| m.pending.has(proto::TrackType::Video);
            if !self.members.get(key).is_some_and(waits) {
                self.release_video(key);
            }
            self.offered_by_client(key);
        }
    }

    /// Video that waited for the client's offer leaves.
    pub(super) fn release_video(&mut self, key: usize) {
        let Some(member) = self.members.get_mut(key) else { return };
        let side = member.sender_side();
        if let Some(peer) = member.sender() {
            peer.release_video();
        }
        self.touch(PeerRef { participant: key, side }, |_| ());
    }

    pub(super) fn announce(&mut self, id: PeerRef) {
        let peer = self.members.get_mut(id.participant).and_then(|member| member.peer(id.side));
        if let Some(peer) = peer {
            self.demux.announce(peer.ufrag(), id);
        }
    }

    /// Publishes what the client now sends, ends what it stopped, finds slots it can receive on.
    fn apply_sections(&mut self, key: usize, sections: &[sdp::Section]) {
        for section in sections {
            let Some(orphan) = orphan(section) else { continue };
            let mid = orphan.mid;
            let Some(member) = self.members.get_mut(key) else { return };
            let published = member.by_mid.get(&mid).copied();
            let single = member.mode == SignalMode::SinglePc;
            let sends = section.direction.sends() && !section.rejected;
            if single {
                self.update_slot(key, section, mid, orphan.kind);
            }
            match (sends, published) {
                (true, None) => self.match_section(key, orphan),
                (false, Some(track)) => self.unpublish(track),
                (true, Some(_)) => {}
                (false, None) => {
                    if let Some(member) = self.members.get_mut(key) {
                        member.orphans.retain(|have| have.mid != mid);
                    }
                }
            }
        }
    }

    /// v1: a section the client can receive on is a slot; one it took back is none any more and
    /// its track waits for another.
    fn update_slot(&mut self, key: usize, section: &sdp::Section, mid: Mid, kind: MediaKind) {
        let Some(member) = self.members.get_mut(key) else { return };
        let receives = section.direction.receives() && !section.rejected && member.grants.can_subscribe;
        let Some(slot) = member.slots.iter_mut().find(|slot| slot.mid == mid) else {
            if receives {
                member.slots.push(new_slot(mid, kind));
            }
            return;
        };
        slot.open = receives;
        if receives {
            return;
        }
        slot.told = None;
        if let Some(track) = slot.track.take() {
            let tail = self.detach(key, track);
            let slots = self.members.get_mut(key).map(|member| &mut member.slots);
            let slot = slots.and_then(|slots| slots.iter_mut().find(|slot| slot.mid == mid));
            if let (Some(slot), Some(tail)) = (slot, tail) {
                slot.tail = tail;
            }
        }
    }

    /// Gives free slots to waiting subscriptions.
    pub(super) fn fill_slots(&mut self, key: usize) {
        for (track, kind) in self.waiting(key) {
            let sid = self.tracks.get(track).map(|track| track.sid.clone());
            let Some(member) = self.members.get_mut(key) else { return };
            let free = member
                .slots
                .iter_mut()
                .find(|slot| slot.kind == kind && slot.open && slot.track.is_none() && slot.told.is_none());
            let Some(slot) = free else { continue };
            slot.track = Some(track);
            slot.first = slot.first.take().or(sid);
            let mid = slot.mid;
            if let Some(subscription) = member.subscriptions.get_mut(&track) {
                subscription.mid = Some(mid);
            }
        }
    }

    /// Subscriptions without an m-line.
    pub(super) fn waiting(&self, key: usize) -> Vec<(usize, MediaKind)> {
        let Some(member) = self.members.get(key) else { return Vec::new() };
        member
            .subscriptions
            .iter()
            .filter(|(_, subscription)| subscription.mid.is_none())
            .filter_map(|(track, _)| Some((*track, self.tracks.get(*track)?.kind)))
            .collect()
    }

    fn answer_rewrites(&self, key: usize, sections: &[sdp::Section]) -> BTreeMap<String, Rewrite> {
        let Some(member) = self.members.get(key) else { return BTreeMap::new() };
        let mut rewrites = BTreeMap::new();
        for section in sections.iter().filter(|section| section.kind != Kind::Application) {
            let mid = Mid::from(section.mid.as_str());
            let mut rewrite = self.publish_rewrite(key, mid);
            let slot = member.slots.iter().find(|slot| slot.mid == mid);
            let outgoing = slot.and_then(|slot| self.msid(key, slot));
            let sends = section.direction.sends() && !section.rejected;
            match (outgoing, sends) {
                (Some(msid), _) => rewrite.msid = Some(msid),
                (None, true) => rewrite.direction = Some(Direction::RecvOnly),
                (None, false) => rewrite.direction = Some(Direction::Inactive),
            }
            rewrites.insert(mid.to_string(), rewrite);
        }
        rewrites
    }

    /// Codec and Opus parameters of a published m-line.
    fn publish_rewrite(&self, key: usize, mid: Mid) -> Rewrite {
        let track = self
            .members
            .get(key)
            .and_then(|member| member.by_mid.get(&mid))
            .and_then(|track| self.tracks.get(*track));
        let Some(track) = track else { return Rewrite::default() };
        let has = |feature: proto::AudioTrackFeature| track.info.audio_features.contains(&(feature as i32));
        let mut opus = String::new();
        if track.kind == MediaKind::Audio {
            if !has(proto::AudioTrackFeature::TfNoDtx) {
                opus.push_str(";usedtx=1");
            }
            if has(proto::AudioTrackFeature::TfStereo) {
                opus.push_str(";stereo=1;maxaveragebitrate=510000");
            }
        }
        Rewrite {
            codec_first: Some(track.info.mime_type.clone()),
            opus_parameters: opus,
            ..Rewrite::default()
        }
    }

    /// Stream id and track id of what a slot carries: `PA_…|TR_…` and `TR_…`. In a slot's first
    /// use browsers get `PA_…|camera`, so that they keep a publisher's camera and microphone
    /// lip-synchronous. In a later use they would read the track from the media track's id,
    /// which stays that of the first (reference livekit §1.7).
    pub(super) fn msid(&self, receiver: usize, slot: &Slot) -> Option<(String, String)> {
        let track = self.tracks.get(slot.track?)?;
        let owner = self.members.get(track.owner)?;
        let client = &self.members.get(receiver)?.client;
        let together = client.sdk() == proto::client_info::Sdk::Js
            && client.protocol > 9
            && !client.browser.eq_ignore_ascii_case("firefox")
            && slot.first.as_ref() == Some(&track.sid);
        let word: String = track.info.stream.chars().filter(char::is_ascii_alphanumeric).collect();
        let stream = match (together, word.is_empty() || word.len() > 30) {
            (true, false) => word.as_str(),
            (true, true) | (false, _) => track.sid.as_str(),
        };
        Some((format!("{}|{stream}", owner.sid), track.sid.to_string()))
    }

    pub(super) fn track_ids(&self, key: usize) -> HashMap<String, String> {
        let Some(member) = self.members.get(key) else { return HashMap::new() };
        member
            .slots
            .iter()
            .filter_map(|slot| {
                let track = self.tracks.get(slot.track?)?;
                Some((slot.mid.to_string(), track.sid.to_string()))
            })
            .collect()
    }

    /// v1: the answer is out, so the client knows the slots as they are.
    fn offered_by_client(&mut self, key: usize) {
        let Some(member) = self.members.get_mut(key) else { return };
        member.offers.asked = None;
        member.offers.begun = true;
        let mut live = Vec::new();
        let mut emptied = Vec::new();
        for slot in &mut member.slots {
            if slot.told.is_some() && slot.track.is_none() {
                emptied.push(slot.mid);
            }
            slot.told = slot.track;
            live.extend(slot.track.map(|track| (track, slot.mid)));
        }
        member.offers.dirty = false;
        self.renew_streams(key, &emptied);
        for (track, mid) in live {
            self.activate(key, track, mid);
        }
        if !self.waiting(key).is_empty() {
            self.want_negotiation(key);
        }
        self.reallocate(key);
    }

    /// Slots that the client has just seen go inactive get new SSRCs: libwebrtc attaches nobody to
    /// a stream that comes back with the SSRC it had, and the next track would not be shown.
    pub(super) fn renew_streams(&mut self, key: usize, emptied: &[Mid]) {
        let Some(member) = self.members.get_mut(key) else { return };
        for slot in member.slots.iter_mut().filter(|slot| emptied.contains(&slot.mid)) {
            slot.tail = Tail::new(rand::rng().random());
            slot.prepared = false;
        }
        let id = PeerRef { participant: key, side: member.sender_side() };
        for mid in emptied {
            self.touch(id, |rtc| {
                let mut api = rtc.direct_api();
                let (ssrc, repair) = (api.new_ssrc(), api.new_ssrc());
                let repairs = api.stream_tx_by_mid(*mid, None).is_some_and(|tx| tx.rtx().is_some());
                api.reset_stream_tx(*mid, None, ssrc, repairs.then_some(repair)).is_some()
            });
        }
    }

    /// Something changed that the client must be told; done once per batch of input.
    pub(super) fn want_negotiation(&mut self, key: usize) {
        if let Some(member) = self.members.get_mut(key)
            && !member.is_local()
        {
            member.offers.dirty = true;
            self.negotiate.insert(key);
        }
    }

    pub(super) fn negotiate_now(&mut self, key: usize) {
        let Some(member) = self.members.get(key) else { return };
        if !member.offers.dirty {
            return;
        }
        match member.mode {
            SignalMode::SinglePc => self.ask_for_offer(key),
            SignalMode::DualPc => self.make_offer(key),
        }
    }

    /// v1: `media_sections_requirement` with the sections that are missing; 0,0 = just re-offer.
    fn ask_for_offer(&mut self, key: usize) {
        let waiting = self.waiting(key);
        let now = self.now;
        let Some(member) = self.members.get_mut(key) else { return };
        let stale = member.slots.iter().any(|slot| slot.track != slot.told);
        if waiting.is_empty() && !stale {
            member.offers.dirty = false;
            return;
        }
        let asked = member.offers.asked.is_some_and(|at| now.duration_since(at) < PATIENCE);
        if asked || !member.offers.begun || member.signal.is_none() {
            return;
        }
        member.offers.asked = Some(now);
        let missing = |kind: MediaKind| {
            let wanted = waiting.iter().filter(|(_, have)| *have == kind).count();
            let is_free = |slot: &&Slot| slot.kind == kind && slot.open && slot.track.is_none();
            let free = member.slots.iter().filter(is_free).count();
            u32::try_from(wanted.saturating_sub(free)).unwrap_or(u32::MAX)
        };
        let response = reply::sections(missing(MediaKind::Audio), missing(MediaKind::Video));
        self.send(key, response);
    }
}

pub(super) fn new_slot(mid: Mid, kind: MediaKind) -> Slot {
    Slot {
        mid,
        kind,
        track: None,
        told: None,
        first: None,
        open: true,
        tail: Tail::new(rand::rng().random()),
        prepared: false,
    }
}
