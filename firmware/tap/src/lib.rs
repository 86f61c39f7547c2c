//! The RTP tap: the SFU's in-process door for media (design.md).
//!
//! A *local participant* holds one end ([`LocalEnd`]), the SFU the other ([`SfuEnd`]).
//! Down the tap come the tracks it is subscribed to, as plain RTP with sender reports;
//! up the tap go published packets, keyframe requests and layer wishes. No ICE, DTLS or SRTP.
//!
//! Both directions are bounded. A full *packet* ring drops the newest packet and counts it
//! ([`SfuEnd::lost`]); a full *control* ring closes the tap, because a lost control message would
//! leave the two ends disagreeing for ever. Digests, which the next of their kind say anew, leave the
//! last quarter of the control ring to the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Select, Sender, TryRecvError, TrySendError, bounded};
use huddle_core::ids::{Identity, ParticipantSid, TrackSid};
use huddle_core::routing::{Layer, LayerWish};
use huddle_core::units::{Level, Size};

/// Packets in flight per direction.
pub const PACKET_RING: usize = 4_096;
/// Control messages in flight per direction.
pub const CONTROL_RING: usize = 512;
/// With more than this in flight digests are left out.
const CROWDED: usize = CONTROL_RING / 4 * 3;

/// Audio or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Moving picture.
    Video,
}

/// Codecs that cross the tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// RFC 7587, RTP clock 48,000 Hz.
    Opus,
    /// RFC 7741, RTP clock 90,000 Hz.
    Vp8,
    /// RFC 6184 packetization-mode 1, RTP clock 90,000 Hz.
    H264,
}

impl Codec {
    /// RTP clock rate in Hz.
    pub const fn clock_rate(self) -> u32 {
        match self {
            Self::Opus => 48_000,
            Self::Vp8 | Self::H264 => 90_000,
        }
    }
}

/// LiveKit `TrackSource`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A camera.
    Camera,
    /// A microphone.
    Microphone,
    /// A shared screen.
    ScreenShare,
    /// The sound of a shared screen.
    ScreenShareAudio,
    /// Anything else.
    Unknown,
}

/// One RTP packet without its header bytes: the fields that matter and the payload.
#[derive(Clone, Debug)]
pub struct TapPacket {
    /// The track.
    pub track: TrackSid,
    /// The simulcast layer. Upwards: which encoding this is ([`Layer::Low`] without simulcast).
    /// Downwards: informative, sequence numbers and timestamps are continuous over a switch.
    pub layer: Layer,
    /// RTP sequence number, extended beyond 16 bits so that it never wraps.
    pub seq: u64,
    /// RTP timestamp in the codec's clock.
    pub timestamp: u32,
    /// RTP marker bit: last packet of a frame (video), first of a talk spurt (audio).
    pub marker: bool,
    /// RFC 6464 level, audio only.
    pub level: Option<Level>,
    /// Payload as in the RTP packet.
    pub payload: Arc<[u8]>,
    /// When it came into the box (down) or was made (up).
    pub at: Instant,
}

/// A track as announced down the tap.
#[derive(Clone, Debug)]
pub struct TapTrack {
    /// The track.
    pub sid: TrackSid,
    /// Who publishes it.
    pub publisher: Identity,
    /// Their session.
    pub publisher_sid: ParticipantSid,
    /// Audio or video.
    pub kind: MediaKind,
    /// What it shows.
    pub source: Source,
    /// How it is coded. Known from the packets: a track is announced when its codec is.
    pub codec: Codec,
    /// Declared picture size of the largest layer; zero for audio or when not declared.
    pub size: Size,
    /// Muted by the publisher or a moderator at this moment.
    pub muted: bool,
    /// Frames are end-to-end encrypted: the box cannot decode them (`features.md` T12).
    pub encrypted: bool,
}

/// A participant as announced down the tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapParticipant {
    /// Unique in the meeting.
    pub identity: Identity,
    /// This session.
    pub sid: ParticipantSid,
    /// Name to show.
    pub name: String,
    /// The room itself, the recorder: never shown as a tile of its own on the TV.
    pub local: bool,
}

/// SFU → local participant, ordered, never dropped.
#[derive(Clone, Debug)]
pub enum TapEvent {
    /// Somebody is there, or their name changed.
    Participant(TapParticipant),
    /// Somebody left; their tracks were removed before.
    ParticipantLeft(Identity),
    /// A subscribed track began.
    TrackAdded(TapTrack),
    /// A subscribed track ended.
    TrackRemoved(TrackSid),
    /// Mute state of a subscribed track.
    TrackMuted {
        /// The track.
        track: TrackSid,
        /// Now muted.
        muted: bool,
    },
    /// RTCP sender report of a subscribed track, in the timestamp space of its packets.
    SenderReport {
        /// The track.
        track: TrackSid,
        /// RTP timestamp.
        rtp: u32,
        /// The sender's clock at that timestamp, 32.32 NTP format (RFC 3550 §4).
        ntp: u64,
    },
    /// Who is speaking now, loudest first.
    Speakers(Vec<Identity>),
    /// A subscriber needs a keyframe of one of our published tracks.
    KeyframeWanted {
        /// Our track.
        track: TrackSid,
        /// Which encoding.
        layer: Layer,
    },
    /// Which encodings of our published track anybody watches; the others may be paused.
    LayersWanted {
        /// Our track.
        track: TrackSid,
        /// By [`Layer::index`].
        wanted: [bool; 3],
    },
    /// A moderator muted our track: stop capturing. We may unmute ourselves.
    MuteWanted {
        /// Our track.
        track: TrackSid,
    },
    /// The tap is over; nothing follows.
    Closed,
}

/// A track that a local participant publishes.
#[derive(Clone, Debug)]
pub struct Publish {
    /// The track id, made by the local participant: `TR_VC` or `TR_AM` and 12 alphanumerics.
    pub sid: TrackSid,
    /// Audio or video.
    pub kind: MediaKind,
    /// What it shows.
    pub source: Source,
    /// How it is coded.
    pub codec: Codec,
    /// Picture size of each layer, lowest first (1 or 3); empty for audio.
    pub layers: Vec<(Layer, Size)>,
    /// Starts muted.
    pub muted: bool,
}

/// Local participant → SFU, ordered, never dropped.
#[derive(Clone, Debug)]
pub enum TapCommand {
    /// Publish a track. Packets with its id are forwarded from now on.
    Publish(Publish),
    /// End a published track.
    Unpublish(TrackSid),
    /// Mute or unmute our own published track.
    Mute {
        /// Our track.
        track: TrackSid,
        /// Now muted.
        muted: bool,
    },
    /// The RTP-to-clock mapping of a published track, at least every 5 s.
    SenderReport {
        /// Our track.
        track: TrackSid,
        /// Which encoding.
        layer: Layer,
        /// RTP timestamp.
        rtp: u32,
        /// When that timestamp was captured.
        at: Instant,
    },
    /// Ask the publisher of a subscribed track for a keyframe.
    Keyframe(TrackSid),
    /// What we want of a subscribed video track. Default: the largest layer.
    Layer {
        /// The subscribed track.
        track: TrackSid,
        /// The wish.
        wish: LayerWish,
    },
    /// Leave.
    Leave,
}

/// Packets dropped in one direction because the ring was full.
#[derive(Clone, Debug, Default)]
struct Drops(Arc<AtomicU64>);

impl Drops {
    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The tap is closed: the other end is gone or a control ring overflowed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the tap is closed")]
pub struct Closed;

/// Wakes the SFU thread after something was put into the ring towards it.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// What a local participant receives.
#[derive(Debug)]
pub enum Down {
    /// Control.
    Event(TapEvent),
    /// Media.
    Packet(TapPacket),
}

/// The end held by `media`.
pub struct LocalEnd {
    events: Receiver<TapEvent>,
    packets: Receiver<TapPacket>,
    commands: Sender<TapCommand>,
    up: Sender<TapPacket>,
    up_drops: Drops,
    closed: Arc<AtomicBool>,
    waker: Waker,
}

/// A cloneable half of [`LocalEnd`] for publishing from other threads.
#[derive(Clone)]
pub struct UpLink {
    commands: Sender<TapCommand>,
    up: Sender<TapPacket>,
    up_drops: Drops,
    closed: Arc<AtomicBool>,
    waker: Waker,
}

impl UpLink {
    /// Queues a control message. An overflowing ring closes the tap.
    pub fn command(&self, command: TapCommand) -> Result<(), Closed> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Closed);
        }
        if self.commands.try_send(command).is_err() {
            self.closed.store(true, Ordering::Release);
            (self.waker)();
            return Err(Closed);
        }
        (self.waker)();
        Ok(())
    }

    /// Queues a packet; a full ring drops it and counts.
    pub fn packet(&self, packet: TapPacket) -> Result<(), Closed> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Closed);
        }
        match self.up.try_send(packet) {
            Ok(()) => (self.waker)(),
            Err(TrySendError::Full(_)) => self.up_drops.add(),
            Err(TrySendError::Disconnected(_)) => return Err(Closed),
        }
        Ok(())
    }
}

impl LocalEnd {
    /// A cloneable sender towards the SFU.
    pub fn uplink(&self) -> UpLink {
        UpLink {
            commands: self.commands.clone(),
            up: self.up.clone(),
            up_drops: self.up_drops.clone(),
            closed: self.closed.clone(),
            waker: self.waker.clone(),
        }
    }

    /// The next event or packet, events first; `Ok(None)` when `wait` passed.
    pub fn recv(&self, wait: Duration) -> Result<Option<Down>, Closed> {
        if let Some(down) = self.try_recv()? {
            return Ok(Some(down));
        }
        let mut select = Select::new();
        select.recv(&self.events);
        select.recv(&self.packets);
        if select.ready_timeout(wait).is_err() {
            return Ok(None);
        }
        self.try_recv()
    }

    fn try_recv(&self) -> Result<Option<Down>, Closed> {
        match self.events.try_recv() {
            Ok(event) => return Ok(Some(Down::Event(event))),
            Err(TryRecvError::Disconnected) => return Err(Closed),
            Err(TryRecvError::Empty) => {}
        }
        match self.packets.try_recv() {
            Ok(packet) => Ok(Some(Down::Packet(packet))),
            Err(TryRecvError::Empty) if self.closed.load(Ordering::Acquire) => Err(Closed),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(Closed),
        }
    }
}

/// The end held by the SFU.
pub struct SfuEnd {
    events: Sender<TapEvent>,
    packets: Sender<TapPacket>,
    commands: Receiver<TapCommand>,
    up: Receiver<TapPacket>,
    down_drops: Drops,
    up_drops: Drops,
    closed: Arc<AtomicBool>,
}

impl SfuEnd {
    /// Queues a control message. An overflowing ring closes the tap.
    pub fn event(&self, event: TapEvent) -> Result<(), Closed> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Closed);
        }
        self.events.try_send(event).map_err(|_| {
            self.closed.store(true, Ordering::Release);
            Closed
        })
    }

    /// Queues what the next message of its kind says anew (sender reports, speakers). `Ok(false)`:
    /// left out, because the ring is three quarters full.
    pub fn digest(&self, event: TapEvent) -> Result<bool, Closed> {
        if self.events.len() > CROWDED {
            return Ok(false);
        }
        self.event(event).map(|()| true)
    }

    /// Queues a packet; a full ring drops it and counts.
    pub fn packet(&self, packet: TapPacket) -> Result<(), Closed> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Closed);
        }
        match self.packets.try_send(packet) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => {
                self.down_drops.add();
                Ok(())
            }
            Err(TrySendError::Disconnected(_)) => Err(Closed),
        }
    }

    /// The next control message of the local participant, never waiting.
    pub fn poll_command(&self) -> Result<Option<TapCommand>, Closed> {
        match self.commands.try_recv() {
            Ok(command) => Ok(Some(command)),
            Err(TryRecvError::Empty) if self.closed.load(Ordering::Acquire) => Err(Closed),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(Closed),
        }
    }

    /// The next packet of the local participant, never waiting.
    pub fn poll_packet(&self) -> Option<TapPacket> {
        self.up.try_recv().ok()
    }

    /// Packets dropped in both directions since the tap was opened, because a ring was full.
    pub fn lost(&self) -> u64 {
        self.down_drops.count() + self.up_drops.count()
    }
}

impl Drop for SfuEnd {
    fn drop(&mut self) {
        // Best effort: a full ring already closed the tap.
        let _ = self.events.try_send(TapEvent::Closed);
        self.closed.store(true, Ordering::Release);
    }
}

/// Makes a tap. `waker` is called after each message put in towards the SFU.
pub fn tap(waker: Waker) -> (LocalEnd, SfuEnd) {
    let (events, events_rx) = bounded(CONTROL_RING);
    let (packets, packets_rx) = bounded(PACKET_RING);
    let (commands, commands_rx) = bounded(CONTROL_RING);
    let (up, up_rx) = bounded(PACKET_RING);
    let closed = Arc::new(AtomicBool::new(false));
    let up_drops = Drops::default();
    let local = LocalEnd {
        events: events_rx,
        packets: packets_rx,
        commands,
        up,
        up_drops: up_drops.clone(),
        closed: closed.clone(),
        waker,
    };
    let down_drops = Drops::default();
    let sfu = SfuEnd { events, packets, commands: commands_rx, up: up_rx, down_drops, up_drops, closed };
    (local, sfu)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_room_is_counted_in_both_directions() {
        let (local, sfu) = tap(Arc::new(|| ()));
        let packet = || TapPacket {
            track: TrackSid::new("TR_AMabcdefghijkl"),
            layer: Layer::Low,
            seq: 0,
            timestamp: 0,
            marker: false,
            level: None,
            payload: Arc::new([]),
            at: Instant::now(),
        };
        for _ in 0..PACKET_RING + 3 {
            sfu.packet(packet()).unwrap();
            local.uplink().packet(packet()).unwrap();
        }
        assert_eq!(sfu.lost(), 6);
    }

    #[test]
    fn digests_never_close_the_tap_and_leave_room_for_what_must_arrive() {
        let (_local, sfu) = tap(Arc::new(|| ()));
        for _ in 0..10 * CONTROL_RING {
            assert!(sfu.digest(TapEvent::Speakers(Vec::new())).is_ok());
        }
        assert_eq!(sfu.digest(TapEvent::Speakers(Vec::new())), Ok(false));
        for _ in 0..CONTROL_RING / 5 {
            assert_eq!(sfu.event(TapEvent::ParticipantLeft(Identity::new("ann"))), Ok(()));
        }
    }
}
