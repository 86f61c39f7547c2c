//! What a participant may do and how it is called, while it is there.

use std::collections::BTreeMap;

use huddle_core::ids::{Identity, RoomId};
use huddle_livekit::admission::{Grants, SignalMode};
use huddle_livekit::proto;
use huddle_livekit::session::{info, reply};
use proto::leave_request::Action;

use super::Engine;

impl Engine {
    /// New rights: first at the media, then told to clients (design.md, last line).
    pub(super) fn grant(&mut self, room: &RoomId, identity: &Identity, grants: Grants, version: u64) {
        let Some(key) = self.member_by_identity(room, identity) else { return };
        let Some(member) = self.members.get_mut(key) else { return };
        if version < member.grants_version {
            return;
        }
        member.grants_version = version;
        let before = std::mem::replace(&mut member.grants, grants.clone());
        member.info.permission = Some(info::permission(&grants));
        let waiting = grants.clone();
        member.pending.retain(|info| info::may_publish(&waiting, info.r#type(), info.source()));
        let lost: Vec<usize> = member
            .published
            .values()
            .copied()
            .filter(|track| {
                self.tracks.get(*track).is_some_and(|track| {
                    !info::may_publish(&grants, track.info.r#type(), track.info.source())
                })
            })
            .collect();
        for track in lost {
            self.unpublish(track);
        }
        if before.can_subscribe && !grants.can_subscribe {
            self.unsubscribe_from_all(key);
        } else if !before.can_subscribe && grants.can_subscribe {
            self.let_subscribe(key);
        }
        if before != grants {
            self.broadcast(key, true);
        }
    }

    /// A v0 client that came without the right has no connection to receive on, and was told so when
    /// it joined: it joins anew.
    fn let_subscribe(&mut self, key: usize) {
        let Some(member) = self.members.get_mut(key) else { return };
        let receives =
            member.is_local() || member.mode == SignalMode::SinglePc || member.subscriber.is_some();
        if receives {
            self.subscribe_to_all(key);
            return;
        }
        member.break_resume = true;
        self.send(key, reply::leave(proto::DisconnectReason::StateMismatch, Action::Reconnect));
    }

    pub(super) fn update_participant(
        &mut self,
        key: usize,
        name: Option<String>,
        metadata: Option<String>,
        attributes: BTreeMap<String, String>,
    ) {
        let Some(member) = self.members.get_mut(key) else { return };
        if let Some(name) = name {
            member.info.name = name;
        }
        if let Some(metadata) = metadata {
            member.info.metadata = metadata;
        }
        for (attribute, value) in attributes {
            if value.is_empty() {
                member.info.attributes.remove(&attribute);
            } else {
                member.info.attributes.insert(attribute, value);
            }
        }
        self.broadcast(key, true);
    }
}
