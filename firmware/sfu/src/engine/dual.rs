//! v0: our offers on the subscriber connection, and the client's answers to them.

use std::collections::BTreeMap;

use huddle_livekit::proto;
use huddle_livekit::session::reply;
use huddle_tap::MediaKind;
use proto::signal_response::Message;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, Reliability};
use str0m::media::{Direction as RtcDirection, MediaKind as RtcKind, Mid};

use super::negotiate::{PATIENCE, new_slot};
use super::state::{PendingOffer, Slot};
use super::{Engine, Side};
use crate::demux::PeerRef;
use crate::port::LeaveCause;
use crate::sdp::{self, Direction, Rewrite};

impl Engine {
    /// v0: offers the subscriber peer connection as it should be.
    pub(super) fn make_offer(&mut self, key: usize) {
        let now = self.now;
        let Some(member) = self.members.get_mut(key) else { return };
        if member.subscriber.is_none() || member.signal.is_none() {
            return;
        }
        if let Some(pending) = &member.offers.pending {
            if now.duration_since(pending.since) < PATIENCE * 3 {
                return;
            }
            member.offers.pending = None;
        }
        self.fill_slots(key);
        let added = self.waiting(key);
        let id = PeerRef { participant: key, side: Side::Subscriber };
        let Some(made) = self.build_offer(id, &added) else { return };
        let Some((offer, change, mids)) = made else {
            if let Some(member) = self.members.get_mut(key) {
                member.offers.dirty = false;
            }
            return;
        };
        self.take_new_slots(key, &added, &mids);
        self.send_offer(key, &offer, change);
    }

    fn take_new_slots(&mut self, key: usize, added: &[(usize, MediaKind)], mids: &[Mid]) {
        let Some(member) = self.members.get_mut(key) else { return };
        for ((track, kind), mid) in added.iter().zip(mids) {
            let mut slot = new_slot(*mid, *kind);
            slot.track = Some(*track);
            slot.first = self.tracks.get(*track).map(|track| track.sid.clone());
            member.slots.push(slot);
            if let Some(subscription) = member.subscriptions.get_mut(track) {
                subscription.mid = Some(*mid);
            }
        }
    }

    /// Makes the change at str0m; inner `None` when there is nothing to offer.
    fn build_offer(
        &mut self,
        id: PeerRef,
        added: &[(usize, MediaKind)],
    ) -> Option<Option<(String, SdpPendingOffer, Vec<Mid>)>> {
        let member = self.members.get_mut(id.participant)?;
        let silence: Vec<Mid> = changed(&member.slots, |slot| slot.track.is_none());
        let revive: Vec<Mid> = changed(&member.slots, |slot| slot.track.is_some());
        let restart = std::mem::take(&mut member.offers.restart);
        let channels = !std::mem::replace(&mut member.offers.channels, true);
        self.touch(id, |rtc| {
            let mut api = rtc.sdp_api();
            if channels {
                open_channels(&mut api);
            }
            for mid in silence {
                api.set_direction(mid, RtcDirection::Inactive);
            }
            for mid in revive {
                api.set_direction(mid, RtcDirection::SendOnly);
            }
            let mut mids = Vec::new();
            for (_, kind) in added {
                let kind = match kind {
                    MediaKind::Audio => RtcKind::Audio,
                    MediaKind::Video => RtcKind::Video,
                };
                mids.push(api.add_media(kind, RtcDirection::SendOnly, None, None, None));
            }
            if restart {
                api.ice_restart(true);
            }
            api.apply().map(|(offer, change)| (offer.to_sdp_string(), change, mids))
        })
    }

    fn send_offer(&mut self, key: usize, offer: &str, change: SdpPendingOffer) {
        let Some(member) = self.members.get(key) else { return };
        let mut rewrites = BTreeMap::new();
        for slot in &member.slots {
            let msid = self.msid(key, slot);
            let direction = if msid.is_some() { Direction::SendOnly } else { Direction::Inactive };
            let rewrite = Rewrite { direction: Some(direction), msid, ..Rewrite::default() };
            rewrites.insert(slot.mid.to_string(), rewrite);
        }
        let sdp = sdp::rewrite(offer, &rewrites);
        let said = member.slots.iter().map(|slot| (slot.mid, slot.track)).collect();
        let mid_to_track_id = self.track_ids(key);
        let now = self.now;
        let Some(member) = self.members.get_mut(key) else { return };
        member.offers.next_id += 1;
        let id = member.offers.next_id;
        member.offers.dirty = false;
        member.offers.pending = Some(PendingOffer { id, change, said, since: now });
        let offer = proto::SessionDescription { r#type: "offer".to_owned(), sdp, id, mid_to_track_id };
        self.send(key, reply::response(Message::Offer(offer)));
    }

    /// v0: the client's answer.
    pub(super) fn on_answer(&mut self, key: usize, answer: &proto::SessionDescription) {
        let Some(member) = self.members.get_mut(key) else { return };
        let fits =
            member.offers.pending.as_ref().is_some_and(|pending| answer.id == 0 || answer.id == pending.id);
        let Some(pending) = member.offers.pending.take_if(|_| fits) else { return };
        let id = PeerRef { participant: key, side: Side::Subscriber };
        let text = answer.sdp.as_str();
        let change = pending.change;
        let accepted = self.touch(id, |rtc| {
            let answer = SdpAnswer::from_sdp_string(text).map_err(|error| error.to_string())?;
            rtc.sdp_api().accept_answer(change, answer).map_err(|error| error.to_string())
        });
        match accepted {
            None => return,
            Some(Ok(())) => {}
            Some(Err(error)) => {
                tracing::warn!(error, "answer refused");
                let action = proto::leave_request::Action::Reconnect;
                let told = (proto::DisconnectReason::StateMismatch, action);
                self.remove(key, Some(told), LeaveCause::Failed);
                return;
            }
        }
        self.announce(id);
        self.answered(key, &pending.said, &sdp::sections(text));
    }

    fn answered(&mut self, key: usize, said: &[(Mid, Option<usize>)], sections: &[sdp::Section]) {
        let refused = |mid: &Mid| {
            sections.iter().any(|section| section.rejected && Mid::from(section.mid.as_str()) == *mid)
        };
        let mut live = Vec::new();
        let mut lost = Vec::new();
        let Some(member) = self.members.get_mut(key) else { return };
        member.slots.retain(|slot| {
            let gone = refused(&slot.mid);
            if gone {
                lost.extend(slot.track);
            }
            !gone
        });
        let mut emptied = Vec::new();
        for slot in &mut member.slots {
            if let Some((_, told)) = said.iter().find(|(mid, _)| *mid == slot.mid) {
                if slot.told.is_some() && told.is_none() {
                    emptied.push(slot.mid);
                }
                slot.told = *told;
            }
            if slot.track.is_some() && slot.track == slot.told {
                live.extend(slot.track.map(|track| (track, slot.mid)));
            }
        }
        let stale = member.slots.iter().any(|slot| slot.track != slot.told);
        self.renew_streams(key, &emptied);
        for track in lost {
            self.refuse(key, track);
        }
        for (track, mid) in live {
            self.activate(key, track, mid);
        }
        if stale || !self.waiting(key).is_empty() {
            self.want_negotiation(key);
        }
        let restart = self.members.get(key).is_some_and(|member| member.offers.restart);
        if restart {
            self.want_negotiation(key);
        }
        self.reallocate(key);
    }
}

fn changed(slots: &[Slot], which: impl Fn(&Slot) -> bool) -> Vec<Mid> {
    slots.iter().filter(|slot| slot.track != slot.told && which(slot)).map(|slot| slot.mid).collect()
}

/// The three channels LiveKit clients expect from a v0 server (reference livekit §1.11).
fn open_channels(api: &mut str0m::change::SdpApi<'_>) {
    api.add_channel_with_config(ChannelConfig { label: "_reliable".to_owned(), ..ChannelConfig::default() });
    for label in ["_lossy", "_data_track"] {
        api.add_channel_with_config(ChannelConfig {
            label: label.to_owned(),
            ordered: false,
            reliability: Reliability::MaxRetransmits { retransmits: 0 },
            ..ChannelConfig::default()
        });
    }
}
