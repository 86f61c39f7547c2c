//! Data packets: who sent them, who may receive them (reference livekit §1.11). Only clear
//! fields are read: an encrypted packet is all or nothing (design.md).
#![expect(deprecated, reason = "old clients use the old fields and packets")]

use std::collections::BTreeSet;

use huddle_core::ids::{Identity, ParticipantSid};
use livekit_protocol as proto;
use proto::data_packet::{Kind, Value};

use crate::admission::Grants;

/// The topics of chat: of text streams, and of the plain packets in which LiveKit's components say
/// every line once more for older clients.
pub const CHAT_TOPICS: [&str; 2] = ["lk.chat", "lk-chat-topic"];

/// Streams whose topic is remembered per sender; older ones are forgotten first.
const STREAMS: usize = 64;
/// Longest stream id, in bytes; clients send UUIDs.
const STREAM_ID: usize = 64;

/// The chat streams a sender has opened, to know the topic of their chunks.
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

impl Streams {
    /// What a packet is. A chat stream whose id is too long to be remembered is forbidden: its
    /// chunks would not be known as chat.
    pub fn classify(&self, packet: &proto::DataPacket) -> Class {
        match &packet.value {
            Some(Value::ChatMessage(_)) => Class::Chat,
            Some(Value::StreamHeader(header)) if is_chat(&header.topic) => {
                if header.stream_id.len() > STREAM_ID { Class::Forbidden } else { Class::Chat }
            }
            Some(Value::StreamChunk(chunk)) if self.chat.contains(&chunk.stream_id) => Class::Chat,
            Some(Value::StreamTrailer(trailer)) if self.chat.contains(&trailer.stream_id) => Class::Chat,
            Some(Value::User(user)) if user.topic.as_deref().is_some_and(is_chat) => Class::Chat,
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

    /// Remembers the chat stream that begins with a packet, forgets the one that ends. Only for
    /// packets that the sender may send.
    pub fn note(&mut self, packet: &proto::DataPacket) {
        match &packet.value {
            Some(Value::StreamHeader(header)) if self.classify(packet) == Class::Chat => {
                if self.chat.len() >= STREAMS {
                    self.chat.remove(0);
                }
                self.chat.push(header.stream_id.clone());
            }
            Some(Value::StreamTrailer(trailer)) => self.chat.retain(|id| *id != trailer.stream_id),
            Some(_) | None => {}
        }
    }
}

fn is_chat(topic: &str) -> bool {
    CHAT_TOPICS.contains(&topic)
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
        let all: BTreeSet<String> =
            packet.destination_identities.drain(..).chain(user.destination_identities.drain(..)).collect();
        packet.destination_identities = all.into_iter().collect();
        user.destination_identities.clone_from(&packet.destination_identities);
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

    fn trailer() -> proto::DataPacket {
        let trailer = proto::data_stream::Trailer { stream_id: "s1".into(), ..Default::default() };
        proto::DataPacket { value: Some(Value::StreamTrailer(trailer)), ..Default::default() }
    }

    #[test]
    fn chunks_of_a_chat_stream_are_chat() {
        let mut streams = Streams::default();
        assert_eq!(streams.classify(&chunk()), Class::Other);
        for topic in CHAT_TOPICS {
            assert_eq!(streams.classify(&header(topic)), Class::Chat);
            streams.note(&header(topic));
            assert_eq!(streams.classify(&chunk()), Class::Chat);
            streams.note(&trailer());
            assert_eq!(streams.classify(&chunk()), Class::Other);
        }
    }

    #[test]
    fn a_stream_id_that_is_too_long_to_remember_is_refused() {
        let mut long = header("lk.chat");
        if let Some(Value::StreamHeader(header)) = &mut long.value {
            header.stream_id = "x".repeat(STREAM_ID + 1);
        }
        let mut streams = Streams::default();
        assert_eq!(streams.classify(&long), Class::Forbidden);
        streams.note(&long);
        assert!(streams.chat.is_empty());
    }

    #[test]
    fn other_topics_stay_open_without_chat_rights() {
        let streams = Streams::default();
        let muzzled = Grants { can_write_chat: false, can_read_chat: false, ..grants() };
        let file = streams.classify(&header("files"));
        assert!(may_send(&muzzled, file) && may_receive(&muzzled, file));
        let chat = streams.classify(&header("lk.chat"));
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
