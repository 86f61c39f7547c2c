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

mod client;

use std::collections::{BTreeMap, VecDeque};
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
use str0m::media::{MediaKind, Mid};
use str0m::net::Transmit;

pub use client::{Client, End};

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

pub struct World {
    pub now: Instant,
    pub engine: Engine,
    pub server: SocketAddr,
    pub clients: Vec<Client>,
    pub reports: Arc<Mutex<Vec<Report>>>,
    pub drop: Box<dyn FnMut(&Transmit) -> bool>,
    /// The largest data packet that clients which come in say they take.
    pub largest_message: u32,
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
        Self::with(|_| ())
    }

    /// With another configuration.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        str0m::crypto::from_feature_flags().install_process_default();
        let now = Instant::now();
        let server = SocketAddr::from(([10, 0, 0, 1], 7882));
        let mut config = Config {
            bind: server.ip(),
            udp_port: server.port(),
            tcp_port: None,
            addresses: vec![server.ip()],
            public: Vec::new(),
            start_bitrate: Bitrate::kbps(10_000),
            node_id: "ND_test".into(),
        };
        change(&mut config);
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
        Self { now, engine, server, clients: Vec::new(), reports, drop, largest_message: 262_144, next: 0 }
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
        let end = |port| End::new(self.now, SocketAddr::from(([10, 0, 0, 2], port)), self.largest_message);
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
