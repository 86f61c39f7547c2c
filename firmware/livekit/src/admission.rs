//! What a client asks for when it connects, and what the conductor grants.

use std::collections::BTreeMap;

use huddle_core::ids::{Identity, MeetingSid, ParticipantSid, RoomId};
use huddle_core::units::UnixMillis;
use livekit_protocol as proto;

/// Which signalling path the client came by (reference livekit §0.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalMode {
    /// `/rtc`: two peer connections; the server offers on the subscriber one.
    DualPc,
    /// `/rtc/v1`: one peer connection; only the client offers.
    SinglePc,
}

/// A resume of a session that lost its signalling or media (reference livekit §1.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The session that is to go on.
    pub sid: ParticipantSid,
    /// LiveKit `ReconnectReason` as the client gave it.
    pub reason: i32,
}

/// The query parameters of `/rtc` or the `JoinRequest` of `/rtc/v1`, checked and bounded.
#[derive(Clone, Debug)]
pub struct Connect {
    /// Path.
    pub mode: SignalMode,
    /// SDK, version, protocol, capabilities.
    pub client: proto::ClientInfo,
    /// Subscribe to everything.
    pub auto_subscribe: bool,
    /// Subscriber starts at the lowest layer and sends `track_setting`.
    pub adaptive_stream: bool,
    /// Only with `reconnect=1` and a sid.
    pub resume: Option<Resume>,
    /// v1: sent along with the join.
    pub publisher_offer: Option<proto::SessionDescription>,
    /// v1: tracks announced with the join.
    pub add_tracks: Vec<proto::AddTrackRequest>,
    /// v1: sent along with a resume.
    pub sync_state: Option<proto::SyncState>,
}

/// What a participant may do in the SFU (LiveKit `VideoGrant`, `ParticipantPermission`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    /// Publish any of `sources`.
    pub can_publish: bool,
    /// Which sources; empty = all.
    pub sources: Vec<proto::TrackSource>,
    /// Receive tracks.
    pub can_subscribe: bool,
    /// Send data packets.
    pub can_publish_data: bool,
    /// Receive chat (its topics and `ChatMessage`).
    pub can_read_chat: bool,
    /// Send chat (same topics).
    pub can_write_chat: bool,
    /// Change own metadata, name and attributes.
    pub can_update_own_metadata: bool,
}

/// Everything the SFU needs to let a participant in. `version` orders grants: an older one never
/// overwrites a newer one.
#[derive(Clone, Debug)]
pub struct Admission {
    /// The room, also the LiveKit room name.
    pub room: RoomId,
    /// The running meeting.
    pub meeting: MeetingSid,
    /// When the meeting began.
    pub started: UnixMillis,
    /// LiveKit room metadata.
    pub room_metadata: String,
    /// A recording is running.
    pub recording: bool,
    /// Unique in the meeting.
    pub identity: Identity,
    /// This session; for a resume the one that is resumed.
    pub sid: ParticipantSid,
    /// Display name.
    pub name: String,
    /// Participant metadata.
    pub metadata: String,
    /// Participant attributes.
    pub attributes: BTreeMap<String, String>,
    /// Standard, agent, egress …
    pub kind: proto::participant_info::Kind,
    /// Rights.
    pub grants: Grants,
    /// Order of `grants`.
    pub version: u64,
}
