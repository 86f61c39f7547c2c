//! Data packets: who sent them, who may receive them (reference livekit §1.11). Only clear
//! fields are read: an encrypted packet is all or nothing (design.md).
#![expect(deprecated, reason = "old clients use the old fields and packets")]

use huddle_core::ids::{Identity, ParticipantSid};
use livekit_protocol as proto;
use proto::data_packet::{Kind, Value};

use crate::admission::Grants;

/// The topic of chat text streams.
pub const CHAT_TOPIC: &str = "lk.chat";

/// Streams whose topic is remembered per sender; older ones are forgotten first.
const STREAMS: usize = 64;

/// The text streams a sender has opened, to know the topic of their chunks.
#[derive(Clone, Debug, Default)]
pub struct Streams {
    chat: Vec<String>,
}

/// What a packet is, as far as rights are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Chat: needs `can_write_chat` to send and `can_read_chat` to receive.
    Chat,
    /// RPC, other topics, encrypted packets: needs `can_publish_data` to send.
    Other,
    /// Only the server or an agent may send these: dropped.
    Forbidden,
}

/// Why a packet is not forwarded.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refused {
    /// The sender lacks the right.
    #[error("not allowed")]
    NotAllowed,
    /// Not a `DataPacket`, or one that clients may not send.
    #[error("malformed or forbidden")]
    Malformed,
}

impl Streams {
    /// Classifies a packet and remembers chat streams that begin or end with it.
    pub fn classify(&mut self, packet: &proto::DataPacket) -> Class {
        match &packet.value {
            Some(Value::ChatMessage(_)) => Class::Chat,
            Some(Value::StreamHeader(header)) if header.topic == CHAT_TOPIC => {
                if self.chat.len() >= STREAMS {
                    self.chat.remove(0);
                }
                self.chat.push(header.stream_id.clone());
                Class::Chat
            }
            Some(Value::StreamChunk(chunk)) if self.chat.contains(&chunk.stream_id) => Class::Chat,
            Some(Value::StreamTrailer(trailer)) if self.chat.contains(&trailer.stream_id) => {
                self.chat.retain(|id| *id != trailer.stream_id);
                Class::Chat
            }
            Some(Value::User(user)) if user.topic.as_deref() == Some(CHAT_TOPIC) => Class::Chat,
            Some(Value::Speaker(_) | Value::Transcription(_) | Value::Metrics(_)) | None => Class::Forbidden,
            Some(
                Value::User(_)
                | Value::SipDtmf(_)
                | Value::RpcRequest(_)
                | Value::RpcAck(_)
                | Value::RpcResponse(_)
                | Value::StreamHeader(_)
                | Value::StreamChunk(_)
                | Value::StreamTrailer(_)
                | Value::EncryptedPacket(_),
            ) => Class::Other,
        }
    }
}

/// May the holder of `grants` send a packet of this class?
pub fn may_send(grants: &Grants, class: Class) -> bool {
    match class {
        Class::Chat => grants.can_write_chat && grants.can_publish_data,
        Class::Other => grants.can_publish_data,
        Class::Forbidden => false,
    }
}

/// May the holder of `grants` receive a packet of this class?
pub fn may_receive(grants: &Grants, class: Class) -> bool {
    class != Class::Chat || grants.can_read_chat
}

/// Stamps a packet with its real sender and channel, and moves the destinations to where newer
/// clients look for them. What the client claimed about itself is overwritten.
pub fn stamp(packet: &mut proto::DataPacket, identity: &Identity, sid: &ParticipantSid, kind: Kind) {
    packet.participant_identity = identity.to_string();
    packet.participant_sid = sid.to_string();
    packet.kind = kind as i32;
    if let Some(Value::User(user)) = &mut packet.value {
        user.participant_identity = identity.to_string();
        user.participant_sid = sid.to_string();
        for destination in &user.destination_identities {
            if !packet.destination_identities.contains(destination) {
                packet.destination_identities.push(destination.clone());
            }
        }
        user.destination_identities = packet.destination_identities.clone();
    }
}

/// The session ids a packet is addressed to besides `destination_identities` (old clients).
pub fn destination_sids(packet: &proto::DataPacket) -> &[String] {
    match &packet.value {
        Some(Value::User(user)) => &user.destination_sids,
        Some(_) | None => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants() -> Grants {
        Grants {
            can_publish: true,
            sources: Vec::new(),
            can_subscribe: true,
            can_publish_data: true,
            can_read_chat: true,
            can_write_chat: true,
            can_update_own_metadata: false,
            hidden: false,
        }
    }

    fn header(topic: &str) -> proto::DataPacket {
        proto::DataPacket {
            value: Some(Value::StreamHeader(proto::data_stream::Header {
                stream_id: "s1".into(),
                topic: topic.into(),
                ..Default::default()
            })),
            ..Default::default()
        }
    }

    fn chunk() -> proto::DataPacket {
        proto::DataPacket {
            value: Some(Value::StreamChunk(proto::data_stream::Chunk {
                stream_id: "s1".into(),
                ..Default::default()
            })),
            ..Default::default()
        }
    }

    #[test]
    fn chunks_of_a_chat_stream_are_chat() {
        let mut streams = Streams::default();
        assert_eq!(streams.classify(&chunk()), Class::Other);
        assert_eq!(streams.classify(&header(CHAT_TOPIC)), Class::Chat);
        assert_eq!(streams.classify(&chunk()), Class::Chat);
    }

    #[test]
    fn other_topics_stay_open_without_chat_rights() {
        let mut streams = Streams::default();
        let muzzled = Grants { can_write_chat: false, can_read_chat: false, ..grants() };
        let file = streams.classify(&header("files"));
        assert!(may_send(&muzzled, file) && may_receive(&muzzled, file));
        let chat = streams.classify(&header(CHAT_TOPIC));
        assert!(!may_send(&muzzled, chat) && !may_receive(&muzzled, chat));
    }

    #[test]
    fn a_sender_cannot_pretend_to_be_somebody_else() {
        let mut packet = proto::DataPacket {
            participant_identity: "boss".into(),
            value: Some(Value::User(proto::UserPacket {
                destination_identities: vec!["ann".into()],
                ..Default::default()
            })),
            ..Default::default()
        };
        stamp(&mut packet, &Identity::new("eve"), &ParticipantSid::new("PA_e"), Kind::Lossy);
        assert_eq!(packet.participant_identity, "eve");
        assert_eq!(packet.destination_identities, ["ann"]);
    }
}
