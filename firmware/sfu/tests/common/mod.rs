//! A meeting in a box: the engine, str0m clients that speak LiveKit signalling, a network with
//! loss, and a clock that only moves when a test says so.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use huddle_core::ids::{Identity, MeetingSid, ParticipantSid, RoomId};
use huddle_core::units::{Bitrate, UnixMillis};
use huddle_livekit::admission::{Admission, Connect, Grants, Resume, SignalMode};
use huddle_livekit::proto;
use huddle_sfu::engine::{Datagram, Engine};
use huddle_sfu::port::{Command, Config, ConnectionId, Outbound, Report};
use proto::signal_request::Message as Ask;
use proto::signal_response::Message as Told;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::media::{Direction, MediaKind, Mid, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, SeqNo};
use str0m::{Candidate, Event, Input, Output, Rtc};

pub const STEP: Duration = Duration::from_millis(1);
pub const ROOM: &str = "board_room";

#[derive(Clone, Default)]
pub struct Mailbox(pub Arc<Mutex<Mail>>);

#[derive(Default)]
pub struct Mail {
    pub queue: VecDeque<proto::SignalResponse>,
    pub closed: bool,
    pub full: bool,
}

impl Outbound for Mailbox {
    fn send(&mut self, response: proto::SignalResponse) -> bool {
        let mut mail = self.0.lock().unwrap();
        if mail.full {
            return false;
        }
        mail.queue.push_back(response);
        true
    }

    fn close(&mut self) {
        self.0.lock().unwrap().closed = true;
    }
}

/// One end of a client: an `Rtc` and what came out of it.
pub struct End {
    pub rtc: Rtc,
    pub address: SocketAddr,
    pub connected: bool,
    pub closed: bool,
    pub pending: Option<SdpPendingOffer>,
    pub packets: Vec<(Mid, RtpPacket)>,
    pub channels: HashMap<String, ChannelId>,
    pub labels: HashMap<ChannelId, String>,
    pub data: Vec<(String, Vec<u8>)>,
    pub keyframe_requests: Vec<(Mid, Option<Rid>)>,
    pub out: Vec<Transmit>,
}

pub struct Client {
    pub name: String,
    pub mode: SignalMode,
    pub connection: ConnectionId,
    pub mailbox: Mailbox,
    pub publisher: End,
    pub subscriber: Option<End>,
    pub log: Vec<Told>,
    /// mid → track sid, as the server said last.
    pub tracks: BTreeMap<String, String>,
    pub participants: BTreeMap<String, proto::ParticipantInfo>,
    pub offer_id: u32,
    pub last_answer: String,
    pub last_offer: String,
    pub deaf: bool,
    /// Sections made to receive.
    pub receiving: std::collections::BTreeSet<String>,
}

pub struct World {
    pub now: Instant,
    pub engine: Engine,
    pub server: SocketAddr,
    pub clients: Vec<Client>,
    pub reports: Arc<Mutex<Vec<Report>>>,
    pub drop: Box<dyn FnMut(&Transmit) -> bool>,
    next: u64,
}

pub fn everything() -> Grants {
    Grants {
        can_publish: true,
        sources: Vec::new(),
        can_subscribe: true,
        can_publish_data: true,
        can_read_chat: true,
        can_write_chat: true,
        can_update_own_metadata: true,
        hidden: false,
    }
}

pub fn admission(name: &str, sid: &str) -> Admission {
    Admission {
        room: RoomId::new(ROOM),
        meeting: MeetingSid::new("RM_test"),
        started: UnixMillis(1_700_000_000_000),
        room_metadata: "meta".into(),
        recording: false,
        identity: Identity::new(name),
        sid: ParticipantSid::new(sid),
        name: name.to_uppercase(),
        metadata: String::new(),
        attributes: BTreeMap::new(),
        kind: proto::participant_info::Kind::Standard,
        grants: everything(),
        version: 1,
    }
}

pub fn connect(mode: SignalMode) -> Connect {
    Connect {
        mode,
        client: proto::ClientInfo { protocol: 16, ..Default::default() },
        auto_subscribe: true,
        adaptive_stream: false,
        resume: None,
        publisher_offer: None,
        add_tracks: Vec::new(),
        sync_state: None,
    }
}

impl World {
    pub fn new() -> Self {
        str0m::crypto::from_feature_flags().install_process_default();
        let now = Instant::now();
        let server = SocketAddr::from(([10, 0, 0, 1], 7882));
        let config = Config {
            bind: server.ip(),
            udp_port: server.port(),
            tcp_port: None,
            addresses: vec![server.ip()],
            public: Vec::new(),
            start_bitrate: Bitrate::kbps(10_000),
            node_id: "ND_test".into(),
        };
        let reports: Arc<Mutex<Vec<Report>>> = Arc::default();
        let sink = reports.clone();
        let engine = Engine::new(
            config,
            vec![server],
            Vec::new(),
            Arc::new(move |report| sink.lock().unwrap().push(report)),
            Arc::new(|| ()),
            now,
            UnixMillis(1_700_000_000_000),
        );
        let drop = Box::new(|_: &Transmit| false);
        Self { now, engine, server, clients: Vec::new(), reports, drop, next: 0 }
    }

    pub fn command(&mut self, command: Command) {
        self.engine.handle_command(self.now, command);
    }

    /// Joins with everything and lets it settle.
    pub fn join(&mut self, name: &str, mode: SignalMode) -> usize {
        let client = self.enter(admission(name, &format!("PA_{name}")), connect(mode));
        self.run(Duration::from_secs(1));
        client
    }

    /// Joins without waiting.
    pub fn enter(&mut self, admission: Admission, mut connect: Connect) -> usize {
        let index = self.clients.len();
        self.next += 1;
        let port = 1_000 + 10 * u16::try_from(self.next).unwrap();
        let end = |port| End::new(self.now, SocketAddr::from(([10, 0, 0, 2], port)));
        let mut client = Client {
            name: admission.identity.to_string(),
            mode: connect.mode,
            connection: ConnectionId(self.next),
            mailbox: Mailbox::default(),
            publisher: end(port),
            subscriber: (connect.mode == SignalMode::DualPc).then(|| end(port + 1)),
            log: Vec::new(),
            tracks: BTreeMap::new(),
            participants: BTreeMap::new(),
            offer_id: 0,
            last_answer: String::new(),
            last_offer: String::new(),
            deaf: false,
            receiving: Default::default(),
        };
        let offer = client.first_offer();
        match connect.mode {
            SignalMode::SinglePc => connect.publisher_offer = Some(offer),
            SignalMode::DualPc => {}
        }
        let dual = connect.mode == SignalMode::DualPc;
        let (connection, outbound) = (client.connection, Box::new(client.mailbox.clone()));
        let late_offer = dual.then(|| client.description());
        self.clients.push(client);
        self.command(Command::Admit {
            admission: Box::new(admission),
            connect: Box::new(connect),
            connection,
            outbound,
        });
        if let Some(offer) = late_offer {
            self.ask(index, Ask::Offer(offer));
        }
        index
    }

    pub fn ask(&mut self, client: usize, message: Ask) {
        let connection = self.clients[client].connection;
        let request = Box::new(proto::SignalRequest { message: Some(message) });
        self.command(Command::Signal { connection, request });
    }

    /// Lets `duration` of virtual time pass.
    pub fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            self.step();
        }
    }

    pub fn run_until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        for _ in 0..20_000 {
            if done(self) {
                return;
            }
            self.step();
        }
        panic!("never happened: {what}");
    }

    pub fn step(&mut self) {
        self.now += STEP;
        self.engine.handle_taps(self.now);
        self.engine.handle_timeout(self.now);
        for _ in 0..20 {
            let quiet = !self.exchange();
            if quiet {
                break;
            }
        }
    }

    fn exchange(&mut self) -> bool {
        let mut moved = false;
        let mut out = Vec::new();
        self.engine.take_transmits(&mut out);
        for transmit in out {
            moved = true;
            if (self.drop)(&transmit) {
                continue;
            }
            let now = self.now;
            let end = self
                .clients
                .iter_mut()
                .flat_map(Client::ends)
                .find(|end| end.address == transmit.destination);
            if let Some(end) = end {
                end.receive(now, &transmit);
            }
        }
        for index in 0..self.clients.len() {
            let now = self.now;
            let mut up = Vec::new();
            for end in self.clients[index].ends() {
                end.poll(now);
                up.append(&mut end.out);
            }
            for transmit in up {
                moved = true;
                if (self.drop)(&transmit) {
                    continue;
                }
                self.engine.handle_datagram(
                    now,
                    &Datagram {
                        proto: transmit.proto,
                        source: transmit.source,
                        destination: transmit.destination,
                        bytes: &transmit.contents,
                    },
                );
            }
            moved |= self.signalling(index);
        }
        self.engine.handle_timeout(self.now);
        moved
    }

    fn signalling(&mut self, index: usize) -> bool {
        let mail = self.clients[index].mailbox.0.clone();
        let mut moved = false;
        loop {
            let Some(response) = mail.lock().unwrap().queue.pop_front() else { return moved };
            moved = true;
            let message = response.message.unwrap();
            if self.clients[index].deaf {
                continue;
            }
            let reply = self.clients[index].hear(&message);
            self.clients[index].log.push(message);
            if let Some(reply) = reply {
                self.ask(index, reply);
            }
        }
    }

    /// Announces and offers a track; returns its mid and sid.
    pub fn publish(&mut self, client: usize, kind: MediaKind, simulcast: bool) -> (Mid, String) {
        let cid = format!("cid{}", self.next);
        self.next += 1;
        self.publish_as(client, kind, simulcast, &cid, &cid)
    }

    pub fn publish_as(
        &mut self,
        client: usize,
        kind: MediaKind,
        simulcast: bool,
        cid: &str,
        msid: &str,
    ) -> (Mid, String) {
        self.ask(client, Ask::AddTrack(add_track(kind, cid)));
        let mid = self.clients[client].add_sending(kind, simulcast, msid);
        let offer = self.clients[client].description();
        self.ask(client, Ask::Offer(offer));
        let cid = cid.to_owned();
        self.run(Duration::from_millis(300));
        let sid = self.clients[client]
            .log
            .iter()
            .find_map(|told| match told {
                Told::TrackPublished(published) if published.cid == cid => {
                    Some(published.track.as_ref().unwrap().sid.clone())
                }
                _ => None,
            })
            .expect("track_published");
        (mid, sid)
    }

    /// Sends one RTP packet of a published track.
    pub fn send(&mut self, client: usize, mid: Mid, rid: Option<&str>, packet: &Rtp) {
        let now = self.now;
        self.clients[client].publisher.send(now, mid, rid, packet);
    }

    pub fn resume(&mut self, client: usize, sid: &str) {
        self.next += 1;
        let connection = ConnectionId(10_000 + self.next);
        let mailbox = Mailbox::default();
        let this = &mut self.clients[client];
        this.connection = connection;
        this.mailbox = mailbox.clone();
        let mut connect = connect(this.mode);
        connect.resume = Some(Resume { sid: ParticipantSid::new(sid), reason: 0 });
        let admission = admission(&this.name, sid);
        self.command(Command::Admit {
            admission: Box::new(admission),
            connect: Box::new(connect),
            connection,
            outbound: Box::new(mailbox),
        });
    }

    pub fn report_count(&self, which: impl Fn(&Report) -> bool) -> usize {
        self.reports.lock().unwrap().iter().filter(|report| which(report)).count()
    }
}

pub struct Rtp {
    pub seq: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub level: Option<i8>,
    pub payload: Vec<u8>,
}

/// A VP8 packet with 15-bit picture id; `tag` is found again at the receiver.
pub fn vp8(seq: u64, timestamp: u32, key: bool, tag: u8) -> Rtp {
    let picture = u16::try_from(seq & 0x7fff).unwrap();
    let [high, low] = picture.to_be_bytes();
    let payload = vec![0x90, 0xe0, 0x80 | high, low, low, 0, u8::from(!key), tag, 9, 9, 9];
    Rtp { seq, timestamp, marker: true, level: None, payload }
}

pub fn opus(seq: u64, level: i8) -> Rtp {
    let timestamp = u32::try_from(seq * 960).unwrap();
    Rtp { seq, timestamp, marker: false, level: Some(level), payload: vec![0xf8, 1, 2, 3, 4] }
}

pub fn add_track(kind: MediaKind, cid: &str) -> proto::AddTrackRequest {
    let layer = |quality: i32, width, height| proto::VideoLayer {
        quality,
        width,
        height,
        bitrate: 100_000 * (1 << (2 * quality)),
        ..Default::default()
    };
    let video = kind == MediaKind::Video;
    proto::AddTrackRequest {
        cid: cid.into(),
        r#type: if video { proto::TrackType::Video } else { proto::TrackType::Audio } as i32,
        source: if video { proto::TrackSource::Camera } else { proto::TrackSource::Microphone } as i32,
        width: if video { 1280 } else { 0 },
        height: if video { 720 } else { 0 },
        layers: if video {
            vec![layer(0, 320, 180), layer(1, 640, 360), layer(2, 1280, 720)]
        } else {
            Vec::new()
        },
        ..Default::default()
    }
}

impl Client {
    pub fn ends(&mut self) -> impl Iterator<Item = &mut End> {
        std::iter::once(&mut self.publisher).chain(self.subscriber.as_mut())
    }

    /// The end that receives media.
    pub fn receiver(&mut self) -> &mut End {
        self.subscriber.as_mut().unwrap_or(&mut self.publisher)
    }

    fn first_offer(&mut self) -> proto::SessionDescription {
        let single = self.mode == SignalMode::SinglePc;
        let mut api = self.publisher.rtc.sdp_api();
        api.add_channel_with_config(ChannelConfig { label: "_reliable".into(), ..Default::default() });
        api.add_channel_with_config(ChannelConfig {
            label: "_lossy".into(),
            ordered: false,
            reliability: Reliability::MaxRetransmits { retransmits: 0 },
            ..Default::default()
        });
        if single {
            for kind in [MediaKind::Audio, MediaKind::Video, MediaKind::Video] {
                let mid = api.add_media(kind, Direction::RecvOnly, None, None, None);
                self.receiving.insert(mid.to_string());
            }
        }
        let (offer, pending) = api.apply().unwrap();
        self.publisher.pending = Some(pending);
        self.last_offer = offer.to_sdp_string();
        self.description()
    }

    /// The last offer as a message, with a new id.
    pub fn description(&mut self) -> proto::SessionDescription {
        self.offer_id += 1;
        proto::SessionDescription {
            r#type: "offer".into(),
            sdp: self.willing(&self.last_offer),
            id: self.offer_id,
            ..Default::default()
        }
    }

    /// str0m forgets that it wants to receive when it is answered `inactive`; browsers do not.
    fn willing(&self, offer: &str) -> String {
        let mut mid = String::new();
        let mut out = String::new();
        for line in offer.lines() {
            if let Some(found) = line.strip_prefix("a=mid:") {
                mid = found.to_owned();
            }
            let inactive = line == "a=inactive" && self.receiving.contains(&mid);
            out.push_str(if inactive { "a=recvonly" } else { line });
            out.push_str("\r\n");
        }
        out
    }

    pub fn add_sending(&mut self, kind: MediaKind, simulcast: bool, msid: &str) -> Mid {
        let layers = simulcast.then(|| {
            let mut layers = Simulcast::new();
            for rid in ["q", "h", "f"] {
                layers.add_send_layer(SimulcastLayer::new(rid));
            }
            layers
        });
        let mut api = self.publisher.rtc.sdp_api();
        let mid = api.add_media(kind, Direction::SendOnly, Some("stream".into()), Some(msid.into()), layers);
        let (offer, pending) = api.apply().unwrap();
        self.publisher.pending = Some(pending);
        self.last_offer = offer.to_sdp_string();
        mid
    }

    pub fn offer_with(
        &mut self,
        change: impl FnOnce(&mut str0m::change::SdpApi<'_>),
    ) -> proto::SessionDescription {
        let mut api = self.publisher.rtc.sdp_api();
        change(&mut api);
        let (offer, pending) = api.apply().unwrap();
        self.publisher.pending = Some(pending);
        self.last_offer = offer.to_sdp_string();
        self.description()
    }

    fn hear(&mut self, message: &Told) -> Option<Ask> {
        match message {
            Told::Join(join) => {
                for other in &join.other_participants {
                    self.participants.insert(other.identity.clone(), other.clone());
                }
                None
            }
            Told::Update(update) => {
                for other in &update.participants {
                    self.participants.insert(other.identity.clone(), other.clone());
                }
                None
            }
            Told::Answer(answer) => {
                assert_eq!(answer.id, self.offer_id, "answers echo the id of the last offer");
                self.last_answer = answer.sdp.clone();
                if self.mode == SignalMode::SinglePc {
                    self.tracks = answer.mid_to_track_id.clone().into_iter().collect();
                }
                let parsed = SdpAnswer::from_sdp_string(&answer.sdp).unwrap();
                let pending = self.publisher.pending.take()?;
                self.publisher.rtc.sdp_api().accept_answer(pending, parsed).unwrap();
                None
            }
            Told::Offer(offer) => {
                self.last_offer = offer.sdp.clone();
                self.tracks = offer.mid_to_track_id.clone().into_iter().collect();
                let parsed = SdpOffer::from_sdp_string(&offer.sdp).unwrap();
                let subscriber = self.subscriber.as_mut().unwrap();
                let answer = subscriber.rtc.sdp_api().accept_offer(parsed).unwrap();
                Some(Ask::Answer(proto::SessionDescription {
                    r#type: "answer".into(),
                    sdp: answer.to_sdp_string(),
                    id: offer.id,
                    ..Default::default()
                }))
            }
            Told::MediaSectionsRequirement(need) => {
                let (audios, videos) = (need.num_audios, need.num_videos);
                if self.publisher.pending.is_some() {
                    return None;
                }
                if audios + videos == 0 {
                    let made = api_apply(self);
                    return self.finish_offer(made);
                }
                let mut api = self.publisher.rtc.sdp_api();
                let kinds = [(MediaKind::Audio, audios), (MediaKind::Video, videos)];
                for (kind, count) in kinds {
                    for _ in 0..count {
                        let mid = api.add_media(kind, Direction::RecvOnly, None, None, None);
                        self.receiving.insert(mid.to_string());
                    }
                }
                let made = api.apply();
                self.finish_offer(made)
            }
            _ => None,
        }
    }

    fn first_media_mid(&self) -> Mid {
        let mids = self.last_answer.lines().filter_map(|line| line.strip_prefix("a=mid:"));
        mids.map(Mid::from).find(|mid| self.publisher.rtc.media(*mid).is_some()).unwrap()
    }

    fn finish_offer(&mut self, made: Option<(SdpOffer, SdpPendingOffer)>) -> Option<Ask> {
        let (offer, pending) = made?;
        self.publisher.pending = Some(pending);
        self.last_offer = offer.to_sdp_string();
        Some(Ask::Offer(self.description()))
    }

    /// Packets received of a track.
    pub fn received(&mut self, sid: &str) -> Vec<(u64, u32, Vec<u8>)> {
        let mids: Vec<String> =
            self.tracks.iter().filter(|(_, track)| *track == sid).map(|(mid, _)| mid.clone()).collect();
        self.receiver()
            .packets
            .iter()
            .filter(|(mid, _)| mids.iter().any(|have| have.as_str() == &**mid))
            .map(|(_, packet)| (*packet.seq_no, packet.header.timestamp, packet.payload.to_vec()))
            .collect()
    }

    pub fn told(&self, which: impl Fn(&Told) -> bool) -> usize {
        self.log.iter().filter(|told| which(told)).count()
    }
}

/// str0m offers only changes: a direction set twice is one.
fn api_apply(client: &mut Client) -> Option<(SdpOffer, SdpPendingOffer)> {
    let mid = client.first_media_mid();
    let direction = client.publisher.rtc.media(mid).unwrap().direction();
    let mut api = client.publisher.rtc.sdp_api();
    let other = if direction == Direction::Inactive { Direction::RecvOnly } else { Direction::Inactive };
    api.set_direction(mid, other);
    api.set_direction(mid, direction);
    api.apply()
}

impl End {
    pub fn new(now: Instant, address: SocketAddr) -> Self {
        let mut rtc = Rtc::builder()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .enable_h264(true)
            .set_rtp_mode(true)
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, Protocol::Udp).unwrap());
        Self {
            rtc,
            address,
            connected: false,
            closed: false,
            pending: None,
            packets: Vec::new(),
            channels: HashMap::new(),
            labels: HashMap::new(),
            data: Vec::new(),
            keyframe_requests: Vec::new(),
            out: Vec::new(),
        }
    }

    fn receive(&mut self, now: Instant, transmit: &Transmit) {
        let receive =
            Receive::new(transmit.proto, transmit.source, transmit.destination, &transmit.contents).unwrap();
        // A refused packet is the client's business.
        let _ = self.rtc.handle_input(Input::Receive(now, receive));
        self.poll(now);
    }

    pub fn poll(&mut self, now: Instant) {
        let _ = self.rtc.handle_input(Input::Timeout(now));
        loop {
            match self.rtc.poll_output() {
                Err(_) | Ok(Output::Timeout(_)) => return,
                Ok(Output::Transmit(transmit)) => self.out.push(transmit),
                Ok(Output::Event(event)) => self.event(event),
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::Closed => self.closed = true,
            Event::RtpPacket(packet) => {
                let mut direct = self.rtc.direct_api();
                let mid = direct.stream_rx(&packet.header.ssrc).unwrap().mid();
                self.packets.push((mid, packet));
            }
            Event::ChannelOpen(id, label) => {
                self.channels.insert(label.clone(), id);
                self.labels.insert(id, label);
            }
            Event::ChannelData(data) => {
                let label = self.labels.get(&data.id).cloned().unwrap_or_default();
                self.data.push((label, data.data));
            }
            Event::KeyframeRequest(request) => {
                self.keyframe_requests.push((request.mid, request.rid));
            }
            _ => {}
        }
    }

    pub fn send(&mut self, now: Instant, mid: Mid, rid: Option<&str>, packet: &Rtp) {
        let codec =
            if packet.level.is_some() { str0m::format::Codec::Opus } else { str0m::format::Codec::Vp8 };
        let pts = self.rtc.media(mid).expect("negotiated").remote_pts().to_vec();
        let pt = self
            .rtc
            .codec_config()
            .find(|params| params.spec().codec == codec && pts.contains(&params.pt()))
            .expect("codec agreed")
            .pt();
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(mid, rid.map(Rid::from)).expect("stream");
        let write = RtpWrite::new(pt, SeqNo::from(packet.seq), packet.timestamp, now, packet.payload.clone())
            .marker(packet.marker)
            .nackable(true)
            .ext_vals(ExtensionValues {
                audio_level: packet.level,
                voice_activity: packet.level.map(|_| true),
                ..Default::default()
            });
        stream.write_rtp(write);
        self.poll(now);
    }

    pub fn write_data(&mut self, now: Instant, label: &str, packet: &proto::DataPacket) {
        let bytes = prost::Message::encode_to_vec(packet);
        let id = self.channels[label];
        let written = self.rtc.channel(id).unwrap().write(true, &bytes).unwrap();
        assert!(written);
        self.poll(now);
    }
}
