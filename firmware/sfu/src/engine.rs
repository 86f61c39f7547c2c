//! The engine: meetings, members, tracks and their peer connections, without sockets and
//! without a clock (`now` is an argument). Datagrams, commands and tap messages go in;
//! datagrams, signalling responses and reports come out. One thread owns it; nothing waits.
//!
//! After each input the caller takes the transmits; before it sleeps it asks `poll_timeout`.

mod admit;
mod backlog;
mod data;
mod dual;
mod leave;
mod media;
mod negotiate;
mod news;
mod periodic;
mod publish;
mod resume;
mod rights;
mod signal;
mod state;
mod subscribe;
mod tap;

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use huddle_core::ids::{Identity, RoomId};
use huddle_core::units::UnixMillis;
use huddle_livekit::proto;
use slab::Slab;
use str0m::net::Transmit;
use str0m::{Event, Rtc};

pub use crate::peer::Datagram;

use self::state::{Meeting, Member, Track};
use crate::demux::{Demux, PeerRef, Remote, Side, stun_ufrag};
use crate::peer::{Failure, Peer, Sink, Template};
use crate::port::{Command, Config, ConnectionId, LeaveCause, ReportSink};

/// The sans-IO SFU.
pub struct Engine {
    config: Config,
    template: Template,
    reports: ReportSink,
    waker: huddle_tap::Waker,
    epoch: Instant,
    wall: UnixMillis,
    now: Instant,
    members: Slab<Member>,
    tracks: Slab<Track>,
    meetings: HashMap<RoomId, Meeting>,
    connections: HashMap<ConnectionId, usize>,
    taps: BTreeSet<usize>,
    demux: Demux,
    sink: Sink,
    dirty: Vec<PeerRef>,
    timers: BinaryHeap<Reverse<(Instant, PeerRef)>>,
    negotiate: BTreeSet<usize>,
    failed: Vec<(usize, Failure)>,
    /// Members the others are to be told about, and when.
    late: VecDeque<(Instant, usize)>,
    periodic: periodic::Clockwork,
    over: bool,
}

impl Engine {
    /// An engine for one process. `udp` and `tcp` are the addresses of host candidates, as the
    /// sockets report them; `waker` is called by taps from other threads.
    pub fn new(
        config: Config,
        udp: Vec<SocketAddr>,
        tcp: Vec<SocketAddr>,
        reports: ReportSink,
        waker: huddle_tap::Waker,
        now: Instant,
        wall: UnixMillis,
    ) -> Self {
        let provider = str0m::crypto::from_feature_flags();
        let (udp, tcp) = offered(&config, udp, tcp);
        let template = Template {
            cert: provider.dtls_provider.generate_certificate(),
            udp,
            tcp,
            start_bitrate: config.start_bitrate,
        };
        Self {
            config,
            template,
            reports,
            waker,
            epoch: now,
            wall,
            now,
            members: Slab::new(),
            tracks: Slab::new(),
            meetings: HashMap::new(),
            connections: HashMap::new(),
            taps: BTreeSet::new(),
            demux: Demux::default(),
            sink: Sink::default(),
            dirty: Vec::new(),
            timers: BinaryHeap::new(),
            negotiate: BTreeSet::new(),
            failed: Vec::new(),
            late: VecDeque::new(),
            periodic: periodic::Clockwork::new(now),
            over: false,
        }
    }

    /// Applies a command.
    pub fn handle_command(&mut self, now: Instant, command: Command) {
        self.now = self.now.max(now);
        self.apply(command);
        self.pump();
    }

    /// Takes one datagram. Unknown sources are ignored unless it is a STUN request with a known
    /// ufrag and valid integrity; only that binds a source address.
    /// True when the source is one of a participant's.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) -> bool {
        self.now = self.now.max(now);
        let remote = Remote::new(datagram.proto, datagram.source);
        let Some(id) = self.route(remote, datagram) else { return false };
        let sink = &mut self.sink;
        let peer = self.members.get_mut(id.participant).and_then(|member| member.peer(id.side));
        let Some(peer) = peer else { return false };
        match peer.receive(self.now, datagram, sink) {
            Ok(()) => schedule(peer, &mut self.timers),
            Err(failure) => self.failed.push((id.participant, failure)),
        }
        self.pump();
        true
    }

    /// Takes what local participants have put into their taps.
    pub fn handle_taps(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.poll_taps();
        self.pump();
    }

    /// Serves due timers and sends queued RTP. Call after each batch of input and when
    /// [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.run_periodic();
        self.tell_late();
        self.run_timers();
        self.pump();
        self.flush();
        self.pump();
    }

    /// When [`Self::handle_timeout`] is wanted at the latest.
    pub fn poll_timeout(&self) -> Instant {
        let timer = self.timers.peek().map(|Reverse((at, _))| *at);
        let late = self.late.front().map(|(at, _)| *at);
        timer.into_iter().chain(late).fold(self.periodic.next(), Instant::min)
    }

    /// Moves the datagrams that are to be sent into `out`, in order.
    pub fn take_transmits(&mut self, out: &mut Vec<Transmit>) {
        out.append(&mut self.sink.transmits);
    }

    /// The addresses of the sockets are these now, and those under which they are reached from
    /// outside.
    pub fn set_addresses(
        &mut self,
        now: Instant,
        udp: Vec<SocketAddr>,
        tcp: Vec<SocketAddr>,
        public: Vec<IpAddr>,
    ) {
        self.now = self.now.max(now);
        self.config.public = public;
        let (udp, tcp) = offered(&self.config, udp, tcp);
        let fresh = self.template.renew(udp, tcp);
        for key in self.members.iter().map(|(key, _)| key).collect::<Vec<_>>() {
            for side in SIDES {
                let id = PeerRef { participant: key, side };
                self.touch(id, |rtc| {
                    for candidate in &fresh {
                        rtc.add_local_candidate(candidate.clone());
                    }
                });
            }
        }
        self.pump();
    }

    /// A closed TCP connection: its address is forgotten.
    pub fn handle_tcp_closed(&mut self, address: SocketAddr) {
        self.demux.unbind(Remote { tcp: true, address });
    }

    /// `Command::Shutdown` was served: nothing more will come.
    pub fn is_over(&self) -> bool {
        self.over
    }

    fn route(&mut self, remote: Remote, datagram: &Datagram<'_>) -> Option<PeerRef> {
        let known = self.demux.by_address(remote);
        let Some(ufrag) = stun_ufrag(datagram.bytes) else { return known };
        let owner = self.demux.by_ufrag(ufrag)?;
        if known == Some(owner) {
            return known;
        }
        let now = self.now;
        let peer = self.members.get_mut(owner.participant)?.peer(owner.side)?;
        if !peer.accepts(now, datagram) {
            return known;
        }
        self.demux.bind(remote, owner);
        Some(owner)
    }

    /// Runs one mutation of a peer's engine; a failure drops the participant later.
    fn touch<R>(&mut self, id: PeerRef, mutate: impl FnOnce(&mut Rtc) -> R) -> Option<R> {
        let peer = self.members.get_mut(id.participant)?.peer(id.side)?;
        match peer.touch(self.now, &mut self.sink, mutate) {
            Ok(result) => {
                schedule(peer, &mut self.timers);
                Some(result)
            }
            Err(failure) => {
                self.failed.push((id.participant, failure));
                None
            }
        }
    }

    fn run_timers(&mut self) {
        while let Some(Reverse((at, id))) = self.timers.peek().copied() {
            if at > self.now {
                return;
            }
            self.timers.pop();
            let Some(peer) = self.members.get_mut(id.participant).and_then(|member| member.peer(id.side))
            else {
                continue;
            };
            if peer.scheduled == Some(at) {
                peer.scheduled = None;
            }
            if peer.deadline <= self.now {
                self.touch(id, |_| ());
            } else {
                schedule(peer, &mut self.timers);
            }
        }
    }

    /// Sends what was queued by `Peer::write`, one burst per peer.
    fn flush(&mut self) {
        for id in std::mem::take(&mut self.dirty) {
            let Some(peer) = self.members.get_mut(id.participant).and_then(|member| member.peer(id.side))
            else {
                continue;
            };
            if peer.queued == 0 {
                continue;
            }
            match peer.run(self.now, &mut self.sink) {
                Ok(()) => schedule(peer, &mut self.timers),
                Err(failure) => self.failed.push((id.participant, failure)),
            }
        }
    }

    /// Works until nothing is left that one thing caused in another.
    fn pump(&mut self) {
        loop {
            while let Some((id, event)) = self.sink.events.pop_front() {
                self.on_event(id, event);
            }
            for (member, failure) in std::mem::take(&mut self.failed) {
                if self.members.contains(member) {
                    tracing::warn!(error = &failure as &dyn std::error::Error, "peer dropped");
                    let action = proto::leave_request::Action::Reconnect;
                    let told = (proto::DisconnectReason::MediaFailure, action);
                    self.remove(member, Some(told), LeaveCause::Failed);
                }
            }
            for member in std::mem::take(&mut self.negotiate) {
                self.negotiate_now(member);
            }
            if self.sink.events.is_empty() && self.failed.is_empty() && self.negotiate.is_empty() {
                return;
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "str0m's events are non-exhaustive")]
    fn on_event(&mut self, id: PeerRef, event: Event) {
        match event {
            Event::RtpPacket(packet) => self.on_rtp(id, packet),
            Event::Connected => self.on_connected(id),
            Event::KeyframeRequest(request) => self.on_keyframe_request(id, request.mid),
            Event::SenderFeedback(feedback) => self.on_sender_report(id, &feedback),
            Event::ChannelOpen(channel, label) => self.on_channel_open(id, channel, &label),
            Event::ChannelData(data) => self.on_channel_data(id, data.id, &data.data),
            Event::ChannelBufferedAmountLow(_) => self.flush_data(id.participant),
            Event::ChannelClose(channel) => self.on_channel_close(id, channel),
            Event::EgressBitrateEstimate(kind) => self.on_estimate(id, &kind),
            Event::PeerStats(stats) => self.on_statistics(id, &stats),
            Event::Closed => self.on_closed(id),
            _ => {}
        }
    }

    fn on_connected(&mut self, id: PeerRef) {
        let Some(member) = self.members.get_mut(id.participant) else { return };
        if let Some(peer) = member.peer(id.side) {
            peer.connected = true;
        }
        let active = proto::participant_info::State::Active as i32;
        if member.is_connected() && member.info.state != active {
            member.info.state = active;
            self.broadcast(id.participant, false);
        }
        if let Some(member) = self.members.get_mut(id.participant) {
            member.reallocate = true;
        }
        self.reallocate(id.participant);
    }

    fn on_closed(&mut self, id: PeerRef) {
        let Some(member) = self.members.get_mut(id.participant) else { return };
        if let Some(peer) = member.peer(id.side) {
            peer.closed = true;
            peer.connected = false;
        }
        if member.signal.is_none() {
            self.remove(id.participant, None, LeaveCause::Client);
        }
    }

    /// Queues a response; a full or closed mailbox ends the signalling connection.
    fn send(&mut self, member: usize, response: proto::SignalResponse) {
        let Some(signal) = self.members.get_mut(member).and_then(|member| member.signal.as_mut()) else {
            return;
        };
        if !signal.outbound.send(response) {
            let connection = signal.connection;
            signal.outbound.close();
            self.signal_closed(connection);
        }
    }

    /// A participant's full state for clients.
    fn info_of(&self, member: usize) -> Option<proto::ParticipantInfo> {
        let member = self.members.get(member)?;
        let mut info = member.info.clone();
        info.tracks = member
            .published
            .values()
            .filter_map(|track| self.tracks.get(*track))
            .map(|track| track.info.clone())
            .collect();
        info.is_publisher = !info.tracks.is_empty();
        Some(info)
    }

    /// Members of a meeting except one.
    fn others(&self, room: &RoomId, member: usize) -> Vec<usize> {
        self.meetings
            .get(room)
            .map(|meeting| meeting.members.values().copied().filter(|key| *key != member).collect())
            .unwrap_or_default()
    }

    fn member_by_identity(&self, room: &RoomId, identity: &Identity) -> Option<usize> {
        self.meetings.get(room)?.members.get(identity).copied()
    }

    /// Milliseconds since 1970, moving with the steady clock.
    fn wall_ms(&self) -> u64 {
        let up = u64::try_from(self.uptime().as_millis()).unwrap_or(u64::MAX);
        self.wall.0.saturating_add(up)
    }

    /// Time on the steady clock that `core` is given.
    fn uptime(&self) -> Duration {
        self.now.saturating_duration_since(self.epoch)
    }
}

/// The addresses of host candidates: those of the sockets, and the public ones, to which the ports
/// are forwarded unchanged.
fn offered(
    config: &Config,
    mut udp: Vec<SocketAddr>,
    mut tcp: Vec<SocketAddr>,
) -> (Vec<SocketAddr>, Vec<SocketAddr>) {
    for ip in &config.public {
        udp.push(SocketAddr::new(*ip, config.udp_port));
        tcp.extend(config.tcp_port.map(|port| SocketAddr::new(*ip, port)));
    }
    (udp, tcp)
}

/// Queues a wake-up unless an earlier one is queued.
fn schedule(peer: &mut Peer, timers: &mut BinaryHeap<Reverse<(Instant, PeerRef)>>) {
    if peer.scheduled.is_none_or(|scheduled| peer.deadline < scheduled) {
        peer.scheduled = Some(peer.deadline);
        timers.push(Reverse((peer.deadline, peer.id())));
    }
}

const SIDES: [Side; 2] = [Side::Publisher, Side::Subscriber];
