//! The SFU's door to the rest of the box: commands in, reports out.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use huddle_core::ids::{Identity, MeetingSid, ParticipantSid, RoomId, TrackSid};
use huddle_core::units::Bitrate;
use huddle_livekit::admission::{Admission, Connect, Grants};
use huddle_livekit::proto;
use huddle_tap::LocalEnd;

/// Where the SFU listens and which addresses it tells clients.
#[derive(Clone, Debug)]
pub struct Config {
    /// UDP and TCP are bound here; 0.0.0.0 or :: for all interfaces.
    pub bind: IpAddr,
    /// UDP port of all media.
    pub udp_port: u16,
    /// ICE-TCP port (RFC 6544 passive); `None` switches it off.
    pub tcp_port: Option<u16>,
    /// Addresses for host candidates, one per interface, loopback included where wanted.
    pub addresses: Vec<IpAddr>,
    /// Addresses under which the box is reached from outside, the media ports forwarded unchanged:
    /// the configured or discovered one.
    pub public: Vec<IpAddr>,
    /// First downstream bandwidth estimate.
    pub start_bitrate: Bitrate,
    /// LiveKit `node_id` in `ServerInfo`.
    pub node_id: String,
}

/// Where a signalling session's responses go: bounded, ordered. `false` = full or gone, then the
/// connection is closed after what is queued, without a `leave`: clients take that for an outage and
/// resume.
pub trait Outbound: Send {
    /// Queues one response, never waiting.
    fn send(&mut self, response: proto::SignalResponse) -> bool;
    /// The session is over; the socket is closed after what is queued.
    fn close(&mut self);
}

/// One signalling connection (WebSocket); a resume has a new one for the same participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Commands to the SFU, applied in order.
pub enum Command {
    /// Let a participant in, or resume them. The first response goes to `outbound`.
    Admit {
        /// Who and what.
        admission: Box<Admission>,
        /// What the client brought.
        connect: Box<Connect>,
        /// This signalling connection.
        connection: ConnectionId,
        /// Its way back.
        outbound: Box<dyn Outbound>,
    },
    /// A request of a client.
    Signal {
        /// Which connection.
        connection: ConnectionId,
        /// The request.
        request: Box<proto::SignalRequest>,
    },
    /// The signalling connection is gone (without `leave`): the seat is kept for a resume.
    SignalClosed {
        /// Which connection.
        connection: ConnectionId,
    },
    /// New rights, applied at the media first, then told to clients.
    Grant {
        /// Room.
        room: RoomId,
        /// Participant.
        identity: Identity,
        /// Rights.
        grants: Grants,
        /// Order.
        version: u64,
    },
    /// New name, metadata or attributes (attributes merge, "" deletes).
    UpdateParticipant {
        /// Room.
        room: RoomId,
        /// Participant.
        identity: Identity,
        /// New name.
        name: Option<String>,
        /// New metadata.
        metadata: Option<String>,
        /// Changed attributes.
        attributes: BTreeMap<String, String>,
    },
    /// Put a participant out.
    Remove {
        /// Room.
        room: RoomId,
        /// Participant.
        identity: Identity,
        /// Only this session; a newer one of the same identity stays. `None` = whichever there is.
        sid: Option<ParticipantSid>,
        /// Told to the client.
        reason: proto::DisconnectReason,
    },
    /// A moderator switches off all tracks of these sources.
    SwitchOff {
        /// Room.
        room: RoomId,
        /// Whose.
        identity: Identity,
        /// Which.
        sources: Vec<huddle_tap::Source>,
    },
    /// Moderator mute (`muted: true`) of a published track.
    Mute {
        /// Room.
        room: RoomId,
        /// Publisher.
        identity: Identity,
        /// Track.
        track: TrackSid,
        /// Only `true` is forced; `false` is a request.
        muted: bool,
    },
    /// Room metadata or recording flag changed: `room_update` to all.
    UpdateRoom {
        /// Room.
        room: RoomId,
        /// New metadata.
        metadata: Option<String>,
        /// Recording runs.
        recording: Option<bool>,
    },
    /// Data packet from the server (RoomService.SendData). Empty destinations = all.
    SendData {
        /// Room.
        room: RoomId,
        /// Payload.
        payload: Vec<u8>,
        /// Topic.
        topic: Option<String>,
        /// Reliable or lossy.
        reliable: bool,
        /// Receivers.
        destinations: Vec<Identity>,
    },
    /// A local participant (the room, the recorder). The answer is its end of the tap.
    OpenTap {
        /// Who; shown in the list as everybody is.
        admission: Box<Admission>,
        /// Receives the tap's other end.
        reply: crossbeam_channel::Sender<LocalEnd>,
    },
    /// Everybody out, the meeting is over.
    EndMeeting {
        /// Room.
        room: RoomId,
        /// Told to the clients.
        reason: proto::DisconnectReason,
    },
    /// A snapshot of a meeting's participants with their tracks (RoomService.ListParticipants).
    Participants {
        /// Room.
        room: RoomId,
        /// Receives it; empty when there is no meeting.
        reply: crossbeam_channel::Sender<Vec<proto::ParticipantInfo>>,
    },
    /// The addresses of the box have changed (a cable was plugged, DHCP answered): the media ports
    /// are opened there as well, and clients are told of them from now on, those that are in with
    /// their next ICE restart. An SFU that is bound to one address stays there.
    SetAddresses {
        /// Of the interfaces.
        local: Vec<IpAddr>,
        /// As [`Config::public`].
        public: Vec<IpAddr>,
    },
    /// Planned stop: `leave{SERVER_SHUTDOWN, RECONNECT}` to all, flush, end the thread.
    Shutdown,
}

/// Why a participant is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaveCause {
    /// The client said `leave`.
    Client,
    /// Neither signalling nor media came back in time.
    Timeout,
    /// `Command::Remove` or `EndMeeting`.
    Removed,
    /// A newer session of the same identity took the seat.
    Replaced,
    /// The peer broke the protocol or its engine failed.
    Failed,
}

/// What the SFU tells the conductor. Bounded queue; the conductor must keep up.
#[derive(Clone, Debug)]
pub enum Report {
    /// First response is out.
    Joined {
        /// Room.
        room: RoomId,
        /// Meeting.
        meeting: MeetingSid,
        /// Participant.
        identity: Identity,
        /// Session.
        sid: ParticipantSid,
    },
    /// Gone for good.
    Left {
        /// Room.
        room: RoomId,
        /// Participant.
        identity: Identity,
        /// Session.
        sid: ParticipantSid,
        /// Why.
        cause: LeaveCause,
    },
    /// Published, unpublished, muted or unmuted: the participant's tracks now.
    Tracks {
        /// Room.
        room: RoomId,
        /// Participant.
        identity: Identity,
        /// All of them.
        tracks: Vec<proto::TrackInfo>,
    },
    /// The participant changed own name, metadata or attributes (allowed by grants).
    Updated {
        /// Room.
        room: RoomId,
        /// Participant.
        identity: Identity,
        /// Name now.
        name: String,
        /// Metadata now.
        metadata: String,
        /// Attributes now.
        attributes: BTreeMap<String, String>,
    },
    /// Connection quality of a participant changed.
    Quality {
        /// Room.
        room: RoomId,
        /// Participant.
        identity: Identity,
        /// LiveKit quality.
        quality: proto::ConnectionQuality,
    },
}

/// Where reports go; called on the SFU thread, must not wait.
pub type ReportSink = Arc<dyn Fn(Report) + Send + Sync>;

pub use crate::queue::{Busy, Client, Handle};
