//! What the engine remembers: meetings, members, tracks, subscriptions. Data only.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Instant;

use huddle_core::ids::{Identity, MeetingSid, ParticipantSid, RoomId, TrackSid};
use huddle_core::routing::{Dynacast, Layer, LayerState, LayerWish};
use huddle_core::speaker::Meter;
use huddle_core::units::{Bitrate, Size, UnixMillis};
use huddle_livekit::admission::{Grants, SignalMode};
use huddle_livekit::proto;
use huddle_livekit::session::data::Streams;
use huddle_livekit::session::pending::PendingTracks;
use huddle_tap::{Codec, MediaKind, SfuEnd};
use str0m::change::SdpPendingOffer;
use str0m::channel::ChannelId;
use str0m::format::PayloadParams;
use str0m::media::{Mid, Pt, Rid};
use str0m::rtp::Ssrc;

use super::backlog::Backlog;
use super::news::News;
use crate::demux::Side;
use crate::forward::{Forwarder, Tail};
use crate::peer::Peer;
use crate::port::{ConnectionId, Outbound};

/// One running meeting.
pub(crate) struct Meeting {
    pub sid: MeetingSid,
    pub started: UnixMillis,
    pub metadata: String,
    pub recording: bool,
    /// By identity, so that the order of lists is stable.
    pub members: BTreeMap<Identity, usize>,
    pub speakers: Vec<Identity>,
    /// Who left lately, the oldest first.
    pub gone: VecDeque<proto::ParticipantInfo>,
}

/// The signalling connection of a member.
pub(crate) struct Signal {
    pub connection: ConnectionId,
    pub outbound: Box<dyn Outbound>,
}

/// A participant: remote (peers) or local (tap).
pub(crate) struct Member {
    pub room: RoomId,
    pub identity: Identity,
    pub sid: ParticipantSid,
    pub grants: Grants,
    pub grants_version: u64,
    /// Order of the admission that opened this session.
    pub admitted: u64,
    /// What others see, tracks filled in when sent.
    pub info: proto::ParticipantInfo,
    pub client: proto::ClientInfo,
    pub mode: SignalMode,
    pub auto_subscribe: bool,
    pub adaptive: bool,
    pub signal: Option<Signal>,
    /// Last request of the client.
    pub last_signal: Instant,
    pub publisher: Option<Peer>,
    pub subscriber: Option<Peer>,
    pub tap: Option<SfuEnd>,
    pub pending: PendingTracks,
    /// m-lines whose `AddTrackRequest` has not come yet.
    pub orphans: Vec<Orphan>,
    pub published: BTreeMap<TrackSid, usize>,
    pub by_mid: HashMap<Mid, usize>,
    pub by_ssrc: HashMap<Ssrc, Route>,
    pub subscriptions: BTreeMap<usize, Subscription>,
    pub refused: BTreeSet<TrackSid>,
    pub slots: Vec<Slot>,
    pub offers: Offers,
    pub data: DataOut,
    pub streams: Streams,
    pub meter: Meter,
    pub clock: PeerClock,
    pub quality: proto::ConnectionQuality,
    pub reallocate: bool,
    /// Packets its tap had no room for, as far as that is logged.
    pub tap_lost: u64,
    /// A local participant does not know who speaks.
    pub speakers_missed: bool,
    /// What the others are still to be told.
    pub news: News,
    /// Who may subscribe to this member's tracks; `None` = all (LiveKit `SubscriptionPermission`).
    pub audience: Option<Vec<proto::TrackPermission>>,
    /// The client is to join anew: the next resume is refused.
    pub break_resume: bool,
}

impl Member {
    /// The peer that sends to the client.
    pub(crate) fn sender(&mut self) -> Option<&mut Peer> {
        match self.mode {
            SignalMode::SinglePc => self.publisher.as_mut(),
            SignalMode::DualPc => self.subscriber.as_mut(),
        }
    }

    /// Which side [`Self::sender`] is.
    pub(crate) const fn sender_side(&self) -> Side {
        match self.mode {
            SignalMode::SinglePc => Side::Publisher,
            SignalMode::DualPc => Side::Subscriber,
        }
    }

    pub(crate) fn peer(&mut self, side: Side) -> Option<&mut Peer> {
        match side {
            Side::Publisher => self.publisher.as_mut(),
            Side::Subscriber => self.subscriber.as_mut(),
        }
    }

    pub(crate) fn is_local(&self) -> bool {
        self.tap.is_some()
    }

    /// Connected in the sense of LiveKit's ACTIVE: the primary peer connection works.
    pub(crate) fn is_connected(&self) -> bool {
        let works = |peer: &Option<Peer>| peer.as_ref().is_some_and(|peer| peer.connected);
        match self.mode {
            SignalMode::SinglePc => works(&self.publisher),
            SignalMode::DualPc if self.subscriber.is_some() => works(&self.subscriber),
            SignalMode::DualPc => works(&self.publisher),
        }
    }
}

/// A sending m-line that no announced track matched.
#[derive(Clone, Debug)]
pub(crate) struct Orphan {
    pub mid: Mid,
    pub kind: MediaKind,
    pub cid: Option<String>,
    pub rids: Vec<String>,
}

/// Where packets of an SSRC belong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub track: usize,
    pub layer: Layer,
}

/// A member's wish for one track.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub wish: LayerWish,
    pub priority: u32,
    /// The m-line, once there is one.
    pub mid: Option<Mid>,
}

/// One m-line towards a client, re-used for track after track.
#[derive(Debug)]
pub(crate) struct Slot {
    pub mid: Mid,
    pub kind: MediaKind,
    /// What shall be sent on it.
    pub track: Option<usize>,
    /// What the client last agreed to; a slot is only given to a new track after the client saw
    /// it inactive, else browsers fire no second `track` event.
    pub told: Option<usize>,
    /// The first track it ever carried: browsers keep that one's id for ever.
    pub first: Option<TrackSid>,
    pub tail: Tail,
    /// The client is willing to receive on it. A closed slot keeps its place and its numbers,
    /// because the m-line keeps its SSRC.
    pub open: bool,
    /// NACK cache configured.
    pub prepared: bool,
}

/// Negotiation towards the client.
#[derive(Default)]
pub(crate) struct Offers {
    /// v0: our offer on its way, with what it says about each slot.
    pub pending: Option<PendingOffer>,
    pub next_id: u32,
    /// Something changed that the client does not know.
    pub dirty: bool,
    /// v1: when we asked for an offer.
    pub asked: Option<Instant>,
    /// v1: the client has offered at least once.
    pub begun: bool,
    /// v0: the next offer restarts ICE.
    pub restart: bool,
    /// v0: data channels are in an offer already.
    pub channels: bool,
}

/// v0: an unanswered offer.
pub(crate) struct PendingOffer {
    pub id: u32,
    pub change: SdpPendingOffer,
    pub said: Vec<(Mid, Option<usize>)>,
    pub since: Instant,
}

/// Data channels towards a client.
#[derive(Default)]
pub(crate) struct DataOut {
    pub labels: HashMap<(Side, ChannelId), Label>,
    pub reliable: Option<ChannelId>,
    pub lossy: Option<ChannelId>,
    /// Reliable messages that the engine has no room for yet, or whose channel is not open.
    pub backlog: Backlog,
}

/// LiveKit's data channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Reliable,
    Lossy,
    Other,
}

/// A client's clock against ours, from its sender reports: the smallest delay seen is taken as
/// the offset, so that sound and picture of one client share one time line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PeerClock {
    /// Our microseconds minus the client's.
    pub offset: Option<i128>,
}

/// A published track.
pub(crate) struct Track {
    pub owner: usize,
    pub sid: TrackSid,
    pub info: proto::TrackInfo,
    pub kind: MediaKind,
    pub codec: Option<Codec>,
    /// When the codec, or the payload type it comes under, was last seen to change.
    pub codec_since: Option<Instant>,
    pub params: Option<PayloadParams>,
    /// m-line at the publisher; `None` for local participants.
    pub mid: Option<Mid>,
    pub layers: Vec<LayerIn>,
    pub subscribers: Vec<Subscriber>,
    pub dynacast: Dynacast,
    /// Somebody was told to have subscribed (LiveKit `track_subscribed`).
    pub subscribed_told: bool,
    /// A moderator muted it, and its client has not answered.
    pub mute_told: bool,
}

impl Track {
    pub(crate) fn layer(&mut self, layer: Layer) -> Option<&mut LayerIn> {
        self.layers.iter_mut().find(|have| have.layer == layer)
    }

    pub(crate) fn subscriber(&mut self, member: usize) -> Option<&mut Subscriber> {
        self.subscribers.iter_mut().find(|subscriber| subscriber.member == member)
    }

    pub(crate) fn states(&self) -> Vec<LayerState> {
        self.layers.iter().map(LayerIn::state).collect()
    }

    pub(crate) fn encrypted(&self) -> bool {
        self.info.encryption != proto::encryption::Type::None as i32
    }
}

/// One incoming encoding.
#[derive(Debug)]
pub(crate) struct LayerIn {
    pub layer: Layer,
    pub rid: Option<Rid>,
    pub size: Size,
    pub declared: Bitrate,
    pub measured: Bitrate,
    pub window_bytes: u64,
    pub last_packet: Option<Instant>,
    pub alive: bool,
    pub last_request: Option<Instant>,
    pub request_waits: bool,
    /// RTP timestamp and the sender's clock in microseconds.
    pub report: Option<(u32, i128)>,
}

impl LayerIn {
    pub(crate) fn state(&self) -> LayerState {
        let measured = self.measured.bps() > 0;
        LayerState {
            layer: self.layer,
            size: self.size,
            bitrate: if measured { self.measured } else { self.declared },
            alive: self.alive,
        }
    }
}

/// A track on its way to one member.
pub(crate) struct Subscriber {
    pub member: usize,
    pub forward: Forwarder,
    pub exit: Exit,
    /// Told to the client as paused (LiveKit `StreamState`).
    pub paused: bool,
    /// A local participant was told of the track: muted or not.
    pub announced: Option<bool>,
}

/// Where packets leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Not negotiated yet.
    Waiting,
    /// An m-line.
    Slot { mid: Mid, pt: Pt },
    /// A local participant.
    Tap,
}
