//! Data packets: in on a sender's channel, out on each receiver's channel of the same kind
//! (reference livekit §1.11). Reliable packets wait in a bounded queue for a channel that is not
//! open yet or full; a receiver that never reads is sent away. Lossy ones are dropped then.
//! No sender may fill the queue of a receiver alone; see [`super::backlog`].

use std::collections::HashSet;
use std::sync::Arc;

use huddle_core::ids::{Identity, RoomId};
use huddle_livekit::proto;
use huddle_livekit::session::data::{Class, Streams, destination_sids, may_receive, may_send, stamp};
use huddle_livekit::session::limits;
use prost::Message as _;
use proto::data_packet::{Kind, Value};
use str0m::channel::ChannelId;

use super::Engine;
use super::backlog::Put;
use super::state::Label;
use crate::demux::PeerRef;
use crate::port::LeaveCause;

impl Engine {
    pub(super) fn on_channel_open(&mut self, id: PeerRef, channel: ChannelId, label: &str) {
        let Some(member) = self.members.get_mut(id.participant) else { return };
        let label = match label {
            "_reliable" => Label::Reliable,
            "_lossy" => Label::Lossy,
            _ => Label::Other,
        };
        member.data.labels.insert((id.side, channel), label);
        if id.side != member.sender_side() {
            return;
        }
        match label {
            Label::Reliable => member.data.reliable = Some(channel),
            Label::Lossy => member.data.lossy = Some(channel),
            Label::Other => return,
        }
        self.touch(id, |rtc| {
            if let Some(mut channel) = rtc.channel(channel) {
                channel.set_buffered_amount_low_threshold(32 << 10);
            }
        });
        self.flush_data(id.participant);
    }

    pub(super) fn on_channel_close(&mut self, id: PeerRef, channel: ChannelId) {
        let Some(member) = self.members.get_mut(id.participant) else { return };
        member.data.labels.remove(&(id.side, channel));
        if id.side == member.sender_side() {
            member.data.reliable.take_if(|have| *have == channel);
            member.data.lossy.take_if(|have| *have == channel);
        }
    }

    pub(super) fn on_channel_data(&mut self, id: PeerRef, channel: ChannelId, bytes: &[u8]) {
        let Some(member) = self.members.get_mut(id.participant) else { return };
        let kind = match member.data.labels.get(&(id.side, channel)) {
            Some(Label::Reliable) => Kind::Reliable,
            Some(Label::Lossy) => Kind::Lossy,
            Some(Label::Other) | None => return,
        };
        if bytes.len() > limits::PACKET {
            return;
        }
        let Ok(mut packet) = proto::DataPacket::decode(bytes) else { return };
        if !limits::packet_fits(&packet) {
            return;
        }
        let class = member.streams.classify(&packet);
        if !may_send(&member.grants, class) {
            return;
        }
        member.streams.note(&packet);
        stamp(&mut packet, &member.identity, &member.sid, kind);
        let room = member.room.clone();
        self.distribute(&room, Some(id.participant), &packet, class, kind);
    }

    /// RoomService.SendData.
    pub(super) fn server_data(
        &mut self,
        room: &RoomId,
        payload: Vec<u8>,
        topic: Option<String>,
        reliable: bool,
        destinations: &[Identity],
    ) {
        let kind = if reliable { Kind::Reliable } else { Kind::Lossy };
        let user = proto::UserPacket { payload, topic, ..Default::default() };
        let packet = proto::DataPacket {
            destination_identities: destinations.iter().map(ToString::to_string).collect(),
            value: Some(Value::User(user)),
            ..Default::default()
        };
        let class = Streams::default().classify(&packet);
        self.distribute(room, None, &packet, class, kind);
    }

    fn distribute(
        &mut self,
        room: &RoomId,
        sender: Option<usize>,
        packet: &proto::DataPacket,
        class: Class,
        kind: Kind,
    ) {
        if packet.encoded_len() > limits::PACKET {
            tracing::debug!("a data packet is too large and is dropped");
            return;
        }
        let names = packet.destination_identities.iter().chain(destination_sids(packet));
        let named: HashSet<&str> = names.map(String::as_str).collect();
        let bytes: Arc<[u8]> = packet.encode_to_vec().into();
        for key in self.others(room, sender.unwrap_or(usize::MAX)) {
            let Some(member) = self.members.get(key) else { continue };
            let addressed = named.is_empty()
                || named.contains(member.identity.as_str())
                || named.contains(member.sid.as_str());
            let may = may_receive(&member.grants, class) && member.grants.can_subscribe;
            if addressed && may && !member.is_local() {
                self.send_data(key, sender, kind, &bytes);
            }
        }
    }

    fn send_data(&mut self, key: usize, sender: Option<usize>, kind: Kind, bytes: &Arc<[u8]>) {
        let Some(member) = self.members.get_mut(key) else { return };
        match kind {
            Kind::Lossy => {
                if let Some(channel) = member.data.lossy {
                    self.write_data(key, channel, bytes);
                }
            }
            Kind::Reliable => match member.data.backlog.put(sender, bytes.clone()) {
                Put::Taken => self.flush_data(key),
                Put::Refused => {
                    tracing::debug!(member = key, "reliable data beyond its sender's share is dropped")
                }
                Put::Full => {
                    let action = proto::leave_request::Action::Reconnect;
                    let told = (proto::DisconnectReason::StateMismatch, action);
                    self.remove(key, Some(told), LeaveCause::Failed);
                }
            },
        }
    }

    /// Writes queued reliable packets until the engine has no room.
    pub(super) fn flush_data(&mut self, key: usize) {
        loop {
            let Some(member) = self.members.get_mut(key) else { return };
            let Some(channel) = member.data.reliable else { return };
            let Some(bytes) = member.data.backlog.first().cloned() else { return };
            if !self.write_data(key, channel, &bytes) {
                return;
            }
            if let Some(member) = self.members.get_mut(key) {
                member.data.backlog.take_first();
            }
        }
    }

    fn write_data(&mut self, key: usize, channel: ChannelId, bytes: &[u8]) -> bool {
        let Some(member) = self.members.get_mut(key) else { return false };
        let side = member.sender_side();
        let Some(peer) = member.peer(side) else { return false };
        match peer.write_channel(self.now, &mut self.sink, channel, bytes) {
            Ok(written) => {
                super::schedule(peer, &mut self.timers);
                written
            }
            Err(failure) => {
                self.failed.push((key, failure));
                false
            }
        }
    }
}
