//! Bad input: it is ignored or costs its sender the seat, and disturbs nobody else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::{World, admission, connect, opus};
use huddle_livekit::admission::SignalMode::{DualPc, SinglePc};
use huddle_livekit::proto;
use huddle_sfu::engine::Datagram;
use huddle_sfu::port::Report;
use proto::signal_request::Message as Ask;
use proto::signal_response::Message as Told;
use str0m::media::{MediaKind, Mid};
use str0m::net::Protocol;

struct Meeting {
    world: World,
    ann: usize,
    bob: usize,
    mic: Mid,
    sid: String,
    seq: u64,
}

fn meeting() -> Meeting {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", DualPc);
    let (mic, sid) = world.publish(ann, MediaKind::Audio, false);
    Meeting { world, ann, bob, mic, sid, seq: 0 }
}

impl Meeting {
    /// Ann talks; every packet must reach Bob.
    fn still_works(&mut self) {
        let before = self.world.clients[self.bob].received(&self.sid).len();
        for _ in 0..10 {
            self.seq += 1;
            self.world.send(self.ann, self.mic, None, &opus(self.seq, -30));
            self.world.run(Duration::from_millis(20));
        }
        let after = self.world.clients[self.bob].received(&self.sid).len();
        assert_eq!(after, before + 10);
        assert_eq!(self.world.report_count(|report| matches!(report, Report::Left { .. })), 0);
    }

    fn inject(&mut self, source: SocketAddr, bytes: &[u8]) {
        let (now, destination) = (self.world.now, self.world.server);
        let datagram = Datagram { proto: Protocol::Udp, source, destination, bytes };
        self.world.engine.handle_datagram(now, &datagram);
    }
}

/// Pseudo-random bytes, the same in every run.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

#[test]
fn garbage_from_strangers_and_from_a_known_address_is_ignored() {
    let mut meeting = meeting();
    meeting.still_works();
    let stranger = SocketAddr::from(([10, 9, 9, 9], 99));
    let known = meeting.world.clients[meeting.ann].publisher.address;
    for seed in 0..2_000u64 {
        let length = usize::try_from(seed % 1_400).unwrap();
        let mut bytes = noise(seed + 1, length);
        if let Some(first) = bytes.first_mut() {
            *first = match seed % 5 {
                0 => 0,
                1 => 22,
                2 => 0x80,
                3 => 0x90,
                _ => *first,
            };
        }
        if seed % 3 == 0 && bytes.len() > 8 {
            bytes[..8].copy_from_slice(&[0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42]);
        }
        let source = if seed % 2 == 0 { stranger } else { known };
        if source == known && seed % 5 == 1 {
            continue;
        }
        meeting.inject(source, &bytes);
    }
    meeting.world.run(Duration::from_millis(100));
    meeting.still_works();
}

#[test]
fn a_client_hello_from_an_address_without_ice_is_never_looked_at() {
    let mut meeting = meeting();
    meeting.still_works();
    let mut hello = vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 60, 1, 0, 0, 48];
    hello.extend(noise(7, 60));
    for port in 1..500u16 {
        meeting.inject(SocketAddr::from(([10, 0, 0, 66], port)), &hello);
    }
    let mut out = Vec::new();
    meeting.world.engine.take_transmits(&mut out);
    assert!(
        out.iter().all(|transmit| transmit.destination.ip() != SocketAddr::from(([10, 0, 0, 66], 1)).ip())
    );
    meeting.still_works();
}

#[test]
fn a_stun_request_with_a_known_ufrag_and_a_wrong_key_binds_nothing() {
    let mut meeting = meeting();
    let answer = meeting.world.clients[meeting.ann].last_answer.clone();
    let ufrag = answer.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).unwrap();
    let username = format!("{ufrag}:evil");
    let mut attributes = Vec::new();
    attributes.extend(6u16.to_be_bytes());
    attributes.extend(u16::try_from(username.len()).unwrap().to_be_bytes());
    attributes.extend(username.as_bytes());
    attributes.resize(attributes.len().div_ceil(4) * 4, 0);
    attributes.extend([0, 0x24, 0, 4, 1, 2, 3, 4, 0, 0x25, 0, 0, 0, 8, 0, 20]);
    attributes.extend([9; 20]);
    let mut request = vec![0, 1];
    request.extend(u16::try_from(attributes.len()).unwrap().to_be_bytes());
    request.extend([0x21, 0x12, 0xa4, 0x42]);
    request.extend([5; 12]);
    request.extend(attributes);
    let evil = SocketAddr::from(([10, 6, 6, 6], 6));
    meeting.inject(evil, &request);
    let mut out = Vec::new();
    meeting.world.engine.take_transmits(&mut out);
    assert!(out.iter().all(|transmit| transmit.destination != evil));
    meeting.still_works();
}

#[test]
fn a_malformed_offer_costs_its_sender_the_seat_and_nobody_else() {
    let texts = [
        "",
        "v=0",
        "m=audio",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        "\u{0}\u{1}\u{ffff}",
    ];
    for text in texts {
        let mut meeting = meeting();
        let eve = meeting.world.enter(admission("eve", "PA_eve"), connect(DualPc));
        meeting.world.run(Duration::from_millis(300));
        let offer = proto::SessionDescription {
            r#type: "offer".into(),
            sdp: text.into(),
            id: 1,
            ..Default::default()
        };
        meeting.world.clients[eve].offer_id = 1;
        meeting.world.ask(eve, Ask::Offer(offer));
        let gone =
            |report: &Report| matches!(report, Report::Left { identity, .. } if identity.as_str() == "eve");
        assert_eq!(meeting.world.report_count(gone), 1, "{text:?}");
        meeting.world.reports.lock().unwrap().clear();
        meeting.still_works();
    }
}

#[test]
fn every_truncation_of_a_good_offer_is_survived() {
    let mut meeting = meeting();
    let good = meeting.world.clients[meeting.ann].last_offer.clone();
    for cut in (0..good.len()).step_by(97) {
        let sid = format!("PA_eve{cut}");
        let mut connect = connect(SinglePc);
        connect.publisher_offer = Some(proto::SessionDescription {
            r#type: "offer".into(),
            sdp: good[..cut].into(),
            ..Default::default()
        });
        meeting.world.command(huddle_sfu::port::Command::Admit {
            admission: Box::new(admission("eve", &sid)),
            connect: Box::new(connect),
            connection: huddle_sfu::port::ConnectionId(5_000 + cut as u64),
            outbound: Box::new(common::Mailbox::default()),
        });
    }
    meeting.world.run(Duration::from_millis(50));
    meeting.world.reports.lock().unwrap().clear();
    meeting.still_works();
}

#[test]
fn nonsense_requests_are_survived() {
    let mut meeting = meeting();
    let eve = meeting.world.join("eve", SinglePc);
    let nonsense = [
        Ask::Answer(Default::default()),
        Ask::Trickle(proto::TrickleRequest { candidate_init: "{".into(), ..Default::default() }),
        Ask::AddTrack(Default::default()),
        Ask::AddTrack(proto::AddTrackRequest { r#type: 99, source: -5, ..Default::default() }),
        Ask::Mute(Default::default()),
        Ask::Subscription(proto::UpdateSubscription {
            track_sids: vec!["TR_none".into(), String::new()],
            subscribe: true,
            ..Default::default()
        }),
        Ask::TrackSetting(proto::UpdateTrackSettings {
            track_sids: vec![meeting.sid.clone()],
            width: u32::MAX,
            height: u32::MAX,
            quality: 77,
            ..Default::default()
        }),
        Ask::SubscriptionPermission(Default::default()),
        Ask::SyncState(Default::default()),
        Ask::UpdateAudioTrack(Default::default()),
        Ask::UpdateVideoTrack(Default::default()),
        Ask::Simulate(Default::default()),
    ];
    for message in nonsense {
        meeting.world.ask(eve, message);
        meeting.world.run(Duration::from_millis(5));
    }
    meeting.still_works();
}

fn refusals(world: &World, client: usize) -> usize {
    let limit = proto::request_response::Reason::LimitExceeded;
    world.clients[client]
        .told(|told| matches!(told, Told::RequestResponse(answer) if answer.reason() == limit))
}

#[test]
fn more_than_a_thousand_entries_at_once_are_refused() {
    let mut meeting = meeting();
    let eve = meeting.world.join("eve", SinglePc);
    let sids = || -> Vec<String> { (0..1_001).map(|n| format!("TR_{n}")).collect() };
    let subscription = || proto::UpdateSubscription { track_sids: sids(), ..Default::default() };
    let each = vec![proto::TrackPermission { track_sids: sids(), ..Default::default() }];
    let excess = [
        Ask::Subscription(subscription()),
        Ask::TrackSetting(proto::UpdateTrackSettings { track_sids: sids(), ..Default::default() }),
        Ask::SubscriptionPermission(proto::SubscriptionPermission {
            track_permissions: each,
            ..Default::default()
        }),
        Ask::SyncState(proto::SyncState { subscription: Some(subscription()), ..Default::default() }),
        Ask::SyncState(proto::SyncState { track_sids_disabled: sids(), ..Default::default() }),
    ];
    let count = excess.len();
    for message in excess {
        meeting.world.ask(eve, message);
    }
    meeting.world.step();
    assert_eq!(refusals(&meeting.world, eve), count);
    let mut destination_identities = sids();
    destination_identities.push("bob".into());
    let value = Some(proto::data_packet::Value::User(Default::default()));
    let packet = proto::DataPacket { destination_identities, value, ..Default::default() };
    let now = meeting.world.now;
    meeting.world.clients[eve].publisher.write_data(now, "_reliable", &packet);
    meeting.world.run(Duration::from_millis(100));
    assert!(meeting.world.clients[meeting.bob].receiver().data.is_empty());
    meeting.still_works();
}

#[test]
fn what_everybody_would_be_told_is_bounded() {
    let mut meeting = meeting();
    let eve = meeting.world.join("eve", SinglePc);
    for (name, stream) in [("x".repeat(9_000), String::new()), (String::new(), "x".repeat(9_000))] {
        let track = common::add_track(MediaKind::Audio, "long");
        meeting.world.ask(eve, Ask::AddTrack(proto::AddTrackRequest { name, stream, ..track }));
    }
    meeting.world.step();
    assert_eq!(refusals(&meeting.world, eve), 2);
    assert_eq!(meeting.world.clients[eve].told(|told| matches!(told, Told::TrackPublished(_))), 0);
    let attribute = |name: &str| {
        Ask::UpdateMetadata(proto::UpdateParticipantMetadata {
            attributes: [(name.to_owned(), "x".repeat(20_000))].into(),
            request_id: 7,
            ..Default::default()
        })
    };
    for name in ["one", "two", "three", "four", "two"] {
        meeting.world.ask(eve, attribute(name));
        meeting.world.run(Duration::from_millis(60));
    }
    assert_eq!(refusals(&meeting.world, eve), 3, "the fourth does not fit, the second may change");
    assert_eq!(meeting.world.clients[meeting.bob].participants["eve"].attributes.len(), 3);
    meeting.still_works();
}

#[test]
fn the_twenty_first_track_of_a_participant_is_refused_with_a_reason() {
    let mut meeting = meeting();
    for number in 0..25 {
        let track = common::add_track(MediaKind::Audio, &format!("more{number}"));
        meeting.world.ask(meeting.ann, Ask::AddTrack(track));
        let mid =
            meeting.world.clients[meeting.ann].add_sending(MediaKind::Audio, false, &format!("more{number}"));
        assert!(!mid.is_empty());
        let offer = meeting.world.clients[meeting.ann].description();
        meeting.world.ask(meeting.ann, Ask::Offer(offer));
        meeting.world.run(Duration::from_millis(20));
    }
    let ann = &meeting.world.clients[meeting.ann];
    let published = ann.told(|told| matches!(told, Told::TrackPublished(_)));
    let limit = proto::request_response::Reason::LimitExceeded;
    let refused = ann.told(|told| matches!(told, Told::RequestResponse(answer) if answer.reason() == limit));
    assert_eq!((published, refused), (20, 6), "the microphone and 19 more, then no");
    meeting.still_works();
}

#[test]
fn nonsense_on_a_data_channel_is_dropped() {
    let mut meeting = meeting();
    let id = meeting.world.clients[meeting.ann].publisher.channels["_reliable"];
    for seed in 0..50 {
        let bytes = noise(seed + 3, 700);
        let mut channel = meeting.world.clients[meeting.ann].publisher.rtc.channel(id).unwrap();
        // Whether the client's own buffer takes it does not matter here.
        let _ = channel.write(true, &bytes);
        meeting.world.step();
    }
    meeting.world.run(Duration::from_millis(100));
    assert!(meeting.world.clients[meeting.bob].receiver().data.is_empty());
    meeting.still_works();
}
