//! The responses of a session, ready to send. Pure constructors; values follow reference
//! livekit §1.3–1.10.
#![expect(deprecated, reason = "clients of all ages read the old fields as well")]

use livekit_protocol as proto;
use proto::leave_request::Action;
use proto::request_response::{Reason, Request};
use proto::signal_response::Message;

/// LiveKit server version that is announced; clients switch features by it.
pub const SERVER_VERSION: &str = "1.13.5";
/// Signalling protocol that is announced. 18 would mean pre-negotiated data channels.
pub const PROTOCOL: i32 = 17;
/// Seconds between the client's pings.
pub const PING_INTERVAL: i32 = 5;
/// Seconds without a pong after which the client gives the connection up.
pub const PING_TIMEOUT: i32 = 15;

/// Wraps a message.
pub fn response(message: Message) -> proto::SignalResponse {
    proto::SignalResponse { message: Some(message) }
}

/// `ServerInfo` of this box.
pub fn server_info(node_id: &str) -> proto::ServerInfo {
    proto::ServerInfo {
        edition: proto::server_info::Edition::Standard as i32,
        version: SERVER_VERSION.to_owned(),
        protocol: PROTOCOL,
        node_id: node_id.to_owned(),
        ..Default::default()
    }
}

/// `update` with full participant states.
pub fn update(participants: Vec<proto::ParticipantInfo>) -> proto::SignalResponse {
    response(Message::Update(proto::ParticipantUpdate { participants }))
}

/// `leave`; `can_reconnect` serves clients below protocol 13.
pub fn leave(reason: proto::DisconnectReason, action: Action) -> proto::SignalResponse {
    response(Message::Leave(proto::LeaveRequest {
        can_reconnect: action != Action::Disconnect,
        reason: reason as i32,
        action: action as i32,
        regions: None,
    }))
}

/// `request_response`.
pub fn request(
    request_id: u32,
    reason: Reason,
    message: &str,
    request: Option<Request>,
) -> proto::SignalResponse {
    response(Message::RequestResponse(proto::RequestResponse {
        request_id,
        reason: reason as i32,
        message: message.to_owned(),
        request,
    }))
}

/// `mute`: a moderator's mute, obeyed by the client.
pub fn mute(sid: &str, muted: bool) -> proto::SignalResponse {
    response(Message::Mute(proto::MuteTrackRequest { sid: sid.to_owned(), muted }))
}

/// `track_published`.
pub fn track_published(cid: &str, track: proto::TrackInfo) -> proto::SignalResponse {
    response(Message::TrackPublished(proto::TrackPublishedResponse {
        cid: cid.to_owned(),
        track: Some(track),
    }))
}

/// `track_unpublished`.
pub fn track_unpublished(sid: &str) -> proto::SignalResponse {
    response(Message::TrackUnpublished(proto::TrackUnpublishedResponse { track_sid: sid.to_owned() }))
}

/// `track_subscribed`: somebody receives the client's track.
pub fn track_subscribed(sid: &str) -> proto::SignalResponse {
    response(Message::TrackSubscribed(proto::TrackSubscribed { track_sid: sid.to_owned() }))
}

/// `subscription_response`: a subscription failed.
pub fn subscription_failed(sid: &str, error: proto::SubscriptionError) -> proto::SignalResponse {
    response(Message::SubscriptionResponse(proto::SubscriptionResponse {
        track_sid: sid.to_owned(),
        err: error as i32,
    }))
}

/// `media_sections_requirement` (single PC): please offer, with so many more sections.
pub fn sections(num_audios: u32, num_videos: u32) -> proto::SignalResponse {
    response(Message::MediaSectionsRequirement(proto::MediaSectionsRequirement { num_audios, num_videos }))
}

/// `stream_state_update` of one track.
pub fn stream_state(participant: &str, track: &str, paused: bool) -> proto::SignalResponse {
    let state = if paused { proto::StreamState::Paused } else { proto::StreamState::Active };
    response(Message::StreamStateUpdate(proto::StreamStateUpdate {
        stream_states: vec![proto::StreamStateInfo {
            participant_sid: participant.to_owned(),
            track_sid: track.to_owned(),
            state: state as i32,
        }],
    }))
}

/// `subscribed_quality_update` (dynacast): the encodings anybody wants, by layer index.
pub fn qualities(info: &proto::TrackInfo, wanted: [bool; 3]) -> proto::SignalResponse {
    let list: Vec<proto::SubscribedQuality> = info
        .layers
        .iter()
        .zip(wanted)
        .map(|(layer, enabled)| proto::SubscribedQuality { quality: layer.quality, enabled })
        .collect();
    let codec = info.mime_type.rsplit('/').next().unwrap_or_default().to_lowercase();
    let message = proto::SubscribedQualityUpdate {
        track_sid: info.sid.clone(),
        subscribed_qualities: list.clone(),
        subscribed_codecs: vec![proto::SubscribedCodec { codec, qualities: list }],
    };
    response(Message::SubscribedQualityUpdate(message))
}

/// `connection_quality` of one participant.
pub fn quality(sid: &str, quality: proto::ConnectionQuality, score: f32) -> proto::SignalResponse {
    response(Message::ConnectionQuality(proto::ConnectionQualityUpdate {
        updates: vec![proto::ConnectionQualityInfo {
            participant_sid: sid.to_owned(),
            quality: quality as i32,
            score,
        }],
    }))
}
