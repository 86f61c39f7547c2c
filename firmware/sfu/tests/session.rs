//! Data, resume, eviction, rights, local participants, leaving.
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

use std::time::Duration;

use common::{Mailbox, ROOM, World, admission, connect, everything, opus, vp8};
use huddle_core::ids::{Identity, ParticipantSid, RoomId, TrackSid};
use huddle_core::routing::{Layer, LayerWish};
use huddle_core::units::Size;
use huddle_livekit::admission::SignalMode::{DualPc, SinglePc};
use huddle_livekit::admission::{Admission, Grants};
use huddle_livekit::proto;
use huddle_sfu::port::{Command, ConnectionId, LeaveCause, Report};
use huddle_tap::{Codec, Down, LocalEnd, Publish, Source, TapCommand, TapEvent, TapPacket};
use proto::data_packet::Value;
use proto::leave_request::Action;
use proto::signal_request::Message as Ask;
use proto::signal_response::Message as Told;
use str0m::media::MediaKind;

fn message(text: &str, to: &[&str]) -> proto::DataPacket {
    proto::DataPacket {
        destination_identities: to.iter().map(ToString::to_string).collect(),
        value: Some(Value::User(proto::UserPacket {
            payload: text.as_bytes().to_vec(),
            ..Default::default()
        })),
        ..Default::default()
    }
}

fn heard(world: &mut World, client: usize) -> Vec<(String, String, String)> {
    let data = world.clients[client].receiver().data.clone();
    data.iter()
        .map(|(label, bytes)| {
            let packet: proto::DataPacket = prost::Message::decode(bytes.as_slice()).unwrap();
            let Some(Value::User(user)) = packet.value else { panic!("a user packet") };
            let text = String::from_utf8(user.payload).unwrap();
            (label.clone(), packet.participant_identity, text)
        })
        .collect()
}

fn grant(world: &mut World, name: &str, grants: Grants, version: u64) {
    world.command(Command::Grant { room: RoomId::new(ROOM), identity: Identity::new(name), grants, version });
}

fn leave(world: &World, client: usize) -> Option<(i32, i32)> {
    world.clients[client].log.iter().find_map(|told| match told {
        Told::Leave(leave) => Some((leave.reason, leave.action)),
        _ => None,
    })
}

#[test]
fn data_reaches_its_destinations_on_the_same_channel() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", DualPc);
    let cid = world.join("cid", SinglePc);
    let now = world.now;
    world.clients[ann].publisher.write_data(now, "_reliable", &message("all", &[]));
    world.clients[bob].publisher.write_data(now, "_lossy", &message("one", &["cid"]));
    world.run(Duration::from_millis(200));
    let all = ("_reliable".to_owned(), "ann".to_owned(), "all".to_owned());
    let one = ("_lossy".to_owned(), "bob".to_owned(), "one".to_owned());
    assert_eq!(heard(&mut world, bob), std::slice::from_ref(&all));
    let mut got = heard(&mut world, cid);
    got.sort();
    assert_eq!(got, [one, all]);
    assert!(heard(&mut world, ann).is_empty());
}

#[test]
fn reliable_data_waits_for_somebody_who_is_joining() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.enter(admission("bob", "PA_bob"), connect(SinglePc));
    let now = world.now;
    world.clients[ann].publisher.write_data(now, "_reliable", &message("early", &[]));
    world.run(Duration::from_secs(2));
    assert_eq!(heard(&mut world, bob).len(), 1);
}

#[test]
fn a_large_stream_of_data_arrives_whole_and_in_order() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let mut sent = 0;
    while sent < 100 {
        let text = format!("{sent:03}{}", "x".repeat(15_000));
        let bytes = prost::Message::encode_to_vec(&message(&text, &[]));
        let id = world.clients[ann].publisher.channels["_reliable"];
        let mut channel = world.clients[ann].publisher.rtc.channel(id).unwrap();
        sent += u32::from(channel.write(true, &bytes).unwrap());
        world.step();
    }
    world.run_until("all of it", |world| heard(world, bob).len() == 100);
    let order: Vec<String> = heard(&mut world, bob).iter().map(|(_, _, text)| text[..3].to_owned()).collect();
    assert!(order.is_sorted());
}

#[test]
fn chat_needs_rights_on_both_sides_and_other_data_does_not() {
    for topic in ["lk.chat", "lk-chat-topic"] {
        chat_needs_rights(topic);
    }
}

fn chat_needs_rights(topic: &str) {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let chat = || {
        let mut packet = message("chat", &[]);
        if let Some(Value::User(user)) = &mut packet.value {
            user.topic = Some(topic.into());
        }
        packet
    };
    let say = |world: &mut World, packet: &proto::DataPacket| {
        let now = world.now;
        world.clients[ann].publisher.write_data(now, "_reliable", packet);
        world.run(Duration::from_millis(100));
        heard(world, bob).len()
    };
    assert_eq!(say(&mut world, &chat()), 1);
    grant(&mut world, "bob", Grants { can_read_chat: false, ..everything() }, 2);
    assert_eq!(say(&mut world, &chat()), 1);
    world.command(Command::SendData {
        room: RoomId::new(ROOM),
        payload: b"chat".to_vec(),
        topic: Some(topic.to_owned()),
        reliable: true,
        destinations: Vec::new(),
    });
    assert_eq!(say(&mut world, &message("file", &[])), 2);
    grant(&mut world, "bob", everything(), 3);
    grant(&mut world, "ann", Grants { can_write_chat: false, ..everything() }, 2);
    assert_eq!(say(&mut world, &chat()), 2);
    assert_eq!(say(&mut world, &message("file", &[])), 3);
    grant(&mut world, "ann", Grants { can_publish_data: false, ..everything() }, 3);
    assert_eq!(say(&mut world, &message("file", &[])), 3);
}

#[test]
fn a_data_packet_that_is_too_large_blocks_none_of_the_next() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    world.largest_message = 1_000;
    let cid = world.join("cid", DualPc);
    for size in [200_000, 20_000] {
        let now = world.now;
        world.clients[ann].publisher.write_data(now, "_reliable", &message(&"x".repeat(size), &[]));
        world.run(Duration::from_millis(300));
    }
    let now = world.now;
    world.clients[ann].publisher.write_data(now, "_reliable", &message("short", &[]));
    world.run(Duration::from_millis(300));
    let texts = |world: &mut World, client| -> Vec<usize> {
        heard(world, client).iter().map(|(_, _, text)| text.len()).collect()
    };
    assert_eq!(texts(&mut world, bob), [20_000, 5]);
    assert_eq!(texts(&mut world, cid), [5], "who takes only short ones keeps the seat");
    assert_eq!(world.report_count(|report| matches!(report, Report::Left { .. })), 0);
}

#[test]
fn who_floods_costs_nobody_else_the_seat() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let cid = world.join("cid", SinglePc);
    let address = world.clients[bob].publisher.address;
    world.drop = Box::new(move |transmit| transmit.source == address);
    let mut sent = 0;
    while sent < 700 {
        let bytes = prost::Message::encode_to_vec(&message(&"x".repeat(15_000), &[]));
        let id = world.clients[ann].publisher.channels["_reliable"];
        let mut channel = world.clients[ann].publisher.rtc.channel(id).unwrap();
        sent += u32::from(channel.write(true, &bytes).unwrap());
        world.step();
    }
    world.run_until("cid has it all", |world| heard(world, cid).len() == 700);
    let now = world.now;
    world.clients[cid].publisher.write_data(now, "_reliable", &message("calm", &["bob"]));
    world.run(Duration::from_millis(100));
    world.drop = Box::new(|_| false);
    let calm =
        |world: &mut World| heard(world, bob).iter().any(|(_, who, text)| who == "cid" && text == "calm");
    world.run_until("bob hears who was calm", calm);
    assert_eq!(world.report_count(|report| matches!(report, Report::Left { .. })), 0);
}

#[test]
fn taking_the_right_to_publish_away_cuts_media_at_once() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", DualPc);
    let (mic, _) = world.publish(ann, MediaKind::Audio, false);
    for n in 0..10 {
        world.send(ann, mic, None, &opus(n + 1, -30));
        world.run(Duration::from_millis(20));
    }
    let before = world.clients[bob].receiver().packets.len();
    assert!(before > 8);
    let sources = vec![proto::TrackSource::Camera];
    grant(&mut world, "ann", Grants { sources, ..everything() }, 2);
    for n in 10..20 {
        world.send(ann, mic, None, &opus(n + 1, -30));
        world.run(Duration::from_millis(20));
    }
    assert_eq!(world.clients[bob].receiver().packets.len(), before);
    assert!(world.clients[bob].participants["ann"].tracks.is_empty());
    assert_eq!(world.clients[ann].told(|told| matches!(told, Told::TrackUnpublished(_))), 1);
    let own = world.clients[ann].participants["ann"].permission.clone().unwrap();
    assert_eq!(own.can_publish_sources, [proto::TrackSource::Camera as i32]);
    world.ask(ann, Ask::AddTrack(common::add_track(MediaKind::Audio, "again")));
    world.step();
    let refused = world.clients[ann].told(|told| {
        matches!(told, Told::RequestResponse(response)
        if response.reason == proto::request_response::Reason::NotAllowed as i32)
    });
    assert_eq!(refused, 1);
    grant(&mut world, "ann", everything(), 1);
    assert_eq!(world.clients[ann].participants["ann"].permission, Some(own), "older is ignored");
}

#[test]
fn a_resume_keeps_the_seat_and_the_media() {
    for mode in [SinglePc, DualPc] {
        let mut world = World::new();
        let ann = world.join("ann", SinglePc);
        let bob = world.join("bob", mode);
        let (mic, sid) = world.publish(ann, MediaKind::Audio, false);
        let connection = world.clients[bob].connection;
        world.command(Command::SignalClosed { connection });
        let mut seq = 0;
        let mut talk = |world: &mut World| {
            for _ in 0..10 {
                seq += 1;
                world.send(ann, mic, None, &opus(seq, -30));
                world.run(Duration::from_millis(20));
            }
            world.clients[bob].received(&sid).len()
        };
        assert!(talk(&mut world) >= 9, "media goes on without signalling");
        world.clients[bob].log.clear();
        world.resume(bob, "PA_bob");
        world.run(Duration::from_secs(1));
        assert!(matches!(world.clients[bob].log[0], Told::Reconnect(_)));
        assert!(matches!(world.clients[bob].log[1], Told::Update(_)));
        assert_eq!(world.clients[bob].told(|told| matches!(told, Told::RoomUpdate(_))), 1);
        let before = world.clients[bob].received(&sid).len();
        assert!(talk(&mut world) >= before + 9, "{mode:?}: media after the resume");
        assert_eq!(world.report_count(|report| matches!(report, Report::Left { .. })), 0);
    }
}

#[test]
fn what_was_missed_during_an_outage_is_told_at_the_resume() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let cid = world.join("cid", SinglePc);
    let (mic, _) = world.publish(ann, MediaKind::Audio, false);
    let (voice, _) = world.publish(cid, MediaKind::Audio, false);
    let (_, muted) = world.publish(bob, MediaKind::Audio, false);
    for n in 0..60 {
        world.send(ann, mic, None, &opus(n + 1, -15));
        world.send(cid, voice, None, &opus(n + 1, -15));
        world.run(Duration::from_millis(20));
    }
    let connection = world.clients[bob].connection;
    world.command(Command::SignalClosed { connection });
    world.ask(ann, Ask::Leave(Default::default()));
    world.command(Command::Mute {
        room: RoomId::new(ROOM),
        identity: Identity::new("bob"),
        track: TrackSid::new(&muted),
        muted: true,
    });
    world.run(Duration::from_secs(3));
    world.clients[bob].log.clear();
    world.resume(bob, "PA_bob");
    world.run(Duration::from_millis(100));
    let gone = proto::participant_info::State::Disconnected as i32;
    assert_eq!(world.clients[bob].participants["ann"].state, gone);
    let log = &world.clients[bob].log;
    let position = |which: &dyn Fn(&Told) -> bool| log.iter().position(which);
    let mute = position(&|told| matches!(told, Told::Mute(mute) if mute.muted && mute.sid == muted));
    let update = position(&|told| matches!(told, Told::Update(_)));
    assert!(mute.is_some() && mute < update, "{mute:?} {update:?}");
    let silent = position(&|told| {
        matches!(told, Told::SpeakersChanged(changed)
            if changed.speakers.iter().any(|one| one.sid == "PA_cid" && !one.active))
    });
    assert!(silent > update, "Cid fell silent meanwhile");
    world.ask(bob, Ask::Mute(proto::MuteTrackRequest { sid: muted.clone(), muted: true }));
    world.resume(bob, "PA_bob");
    world.clients[bob].log.clear();
    world.run(Duration::from_millis(100));
    let again = world.clients[bob].told(|told| matches!(told, Told::Mute(_)));
    assert_eq!(again, 0, "Bob has answered");
}

#[test]
fn resuming_an_unknown_session_is_told_to_start_over() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    world.clients[ann].log.clear();
    world.resume(ann, "PA_other");
    world.step();
    let mismatch = proto::DisconnectReason::StateMismatch as i32;
    assert_eq!(leave(&world, ann), Some((mismatch, Action::Reconnect as i32)));
    assert!(world.clients[ann].mailbox.0.lock().unwrap().closed);
}

#[test]
fn the_same_identity_again_replaces_the_old_session() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    world.publish(ann, MediaKind::Audio, false);
    let again = world.enter(admission("ann", "PA_ann2"), connect(DualPc));
    world.run(Duration::from_secs(1));
    let duplicate = proto::DisconnectReason::DuplicateIdentity as i32;
    assert_eq!(leave(&world, ann), Some((duplicate, Action::Disconnect as i32)));
    assert_eq!(world.clients[bob].participants["ann"].sid, "PA_ann2");
    assert!(world.clients[bob].participants["ann"].tracks.is_empty());
    assert!(world.clients[again].receiver().connected);
    let replaced = |report: &Report| matches!(report, Report::Left { cause: LeaveCause::Replaced, .. });
    assert_eq!(world.report_count(replaced), 1);
}

#[test]
fn an_admission_that_was_overtaken_on_its_way_does_not_take_the_seat_back() {
    let mut world = World::new();
    let mut later = admission("ann", "PA_later");
    later.version = 8;
    let seated = world.enter(later, connect(SinglePc));
    world.run(Duration::from_millis(500));
    let mut earlier = admission("ann", "PA_earlier");
    earlier.version = 7;
    let late = world.enter(earlier, connect(SinglePc));
    world.run(Duration::from_millis(500));
    let duplicate = proto::DisconnectReason::DuplicateIdentity as i32;
    assert_eq!(leave(&world, late), Some((duplicate, Action::Disconnect as i32)));
    assert_eq!(leave(&world, seated), None);
    assert_eq!(world.report_count(|report| matches!(report, Report::Left { .. })), 0);
}

#[test]
fn a_seat_is_kept_for_twenty_seconds_and_not_longer() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let connection = world.clients[ann].connection;
    let address = world.clients[ann].publisher.address;
    world.drop = Box::new(move |transmit| transmit.source == address);
    world.command(Command::SignalClosed { connection });
    let state = |world: &World| world.clients[bob].participants["ann"].state;
    let ping = |world: &mut World| world.ask(bob, Ask::Ping(1));
    for _ in 0..18 {
        ping(&mut world);
        world.run(Duration::from_secs(1));
    }
    assert_eq!(state(&world), proto::participant_info::State::Active as i32);
    for _ in 0..5 {
        ping(&mut world);
        world.run(Duration::from_secs(1));
    }
    assert_eq!(state(&world), proto::participant_info::State::Disconnected as i32);
    let timeout = |report: &Report| matches!(report, Report::Left { cause: LeaveCause::Timeout, .. });
    assert_eq!(world.report_count(timeout), 1);
}

#[test]
fn shutdown_asks_everybody_to_come_back() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", DualPc);
    world.command(Command::Shutdown);
    world.step();
    let shutdown = proto::DisconnectReason::ServerShutdown as i32;
    for client in [ann, bob] {
        assert_eq!(leave(&world, client), Some((shutdown, Action::Reconnect as i32)));
    }
    assert!(world.engine.is_over());
}

#[test]
fn a_client_whose_mailbox_is_full_loses_only_its_signalling() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    world.clients[ann].mailbox.0.lock().unwrap().full = true;
    let bob = world.join("bob", SinglePc);
    assert!(world.clients[ann].mailbox.0.lock().unwrap().closed);
    assert!(world.clients[bob].receiver().connected);
    assert_eq!(world.report_count(|report| matches!(report, Report::Left { .. })), 0);
}

#[test]
fn metadata_pings_and_unknown_requests_are_answered() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    world.ask(
        ann,
        Ask::UpdateMetadata(proto::UpdateParticipantMetadata {
            name: "New".into(),
            attributes: [("hand".to_owned(), "up".to_owned())].into(),
            request_id: 9,
            ..Default::default()
        }),
    );
    world.ask(ann, Ask::PingReq(proto::Ping { timestamp: 42, rtt: 0 }));
    world.ask(ann, Ask::PublishDataTrackRequest(Default::default()));
    world.step();
    let info = &world.clients[bob].participants["ann"];
    assert_eq!((info.name.as_str(), info.attributes["hand"].as_str()), ("New", "up"));
    let told = |which: &dyn Fn(&Told) -> bool| world.clients[ann].told(which);
    assert_eq!(told(&|told| matches!(told, Told::PongResp(pong) if pong.last_ping_timestamp == 42)), 1);
    assert_eq!(
        told(&|told| matches!(told, Told::RequestResponse(r) if r.request_id == 9 && r.reason == 0)),
        1
    );
    let unsupported = proto::request_response::Reason::UnsupportedType as i32;
    assert_eq!(told(&|told| matches!(told, Told::RequestResponse(r) if r.reason == unsupported)), 1);
}

fn open_tap(world: &mut World, name: &str) -> LocalEnd {
    open_tap_with(world, name, everything())
}

fn open_tap_with(world: &mut World, name: &str, grants: Grants) -> LocalEnd {
    let (reply, local) = crossbeam_channel::bounded(1);
    let admission = Box::new(Admission { grants, ..admission(name, &format!("PA_{name}")) });
    world.command(Command::OpenTap { admission, reply });
    local.try_recv().unwrap()
}

fn take(local: &LocalEnd) -> (Vec<TapEvent>, Vec<TapPacket>) {
    let (mut events, mut packets) = (Vec::new(), Vec::new());
    while let Ok(Some(down)) = local.recv(Duration::ZERO) {
        match down {
            Down::Event(event) => events.push(event),
            Down::Packet(packet) => packets.push(packet),
        }
    }
    (events, packets)
}

#[test]
fn a_local_participant_hears_and_is_heard() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let (mic, sid) = world.publish(ann, MediaKind::Audio, false);
    let room = open_tap(&mut world, "room");
    for n in 0..10 {
        world.send(ann, mic, None, &opus(n + 1, -10));
        world.run(Duration::from_millis(20));
    }
    let (events, packets) = take(&room);
    assert!(matches!(&events[0], TapEvent::Participant(who) if who.identity.as_str() == "ann"));
    assert!(events.iter().any(|event| matches!(event,
        TapEvent::TrackAdded(track) if track.sid.as_str() == sid && track.codec == Codec::Opus)));
    assert_eq!(packets.len(), 10);
    assert_eq!(packets[0].level.unwrap().0, 10);
    assert!(packets.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1));

    let camera = TrackSid::new("TR_roomcamera01");
    let uplink = room.uplink();
    let size = |layer: Layer| (layer, Size { width: 320 << layer.index(), height: 180 << layer.index() });
    uplink
        .command(TapCommand::Publish(Publish {
            sid: camera.clone(),
            kind: huddle_tap::MediaKind::Video,
            source: Source::Camera,
            codec: Codec::Vp8,
            layers: Layer::ALL.map(size).to_vec(),
            muted: false,
        }))
        .unwrap();
    world.run(Duration::from_secs(1));
    let state = &world.clients[ann].participants["room"];
    assert_eq!(state.state, proto::participant_info::State::Active as i32);
    assert_eq!(state.tracks[0].sid, camera.as_str());
    let (events, _) = take(&room);
    assert!(
        events
            .iter()
            .any(|event| matches!(event, TapEvent::KeyframeWanted { track, .. } if *track == camera))
    );
    assert!(
        events.iter().any(|event| matches!(event, TapEvent::LayersWanted { track, .. } if *track == camera))
    );
    for n in 0..10u64 {
        let rtp = vp8(n, 3_000 * n as u32, n == 0, 5);
        uplink
            .packet(TapPacket {
                track: camera.clone(),
                layer: Layer::High,
                seq: rtp.seq,
                timestamp: rtp.timestamp,
                marker: true,
                level: None,
                payload: rtp.payload.into(),
                at: world.now,
            })
            .unwrap();
        world.run(Duration::from_millis(33));
    }
    assert_eq!(world.clients[ann].received(camera.as_str()).len(), 10);
    let left = world.report_count(|report| matches!(report, Report::Left { .. }));
    assert_eq!(left, 0);
    uplink.command(TapCommand::Leave).unwrap();
    world.run(Duration::from_millis(20));
    assert!(take(&room).0.iter().any(|event| matches!(event, TapEvent::Closed)));
    let gone = proto::participant_info::State::Disconnected as i32;
    assert_eq!(world.clients[ann].participants["room"].state, gone);
}

#[test]
fn a_local_participant_that_only_sits_there_makes_nobody_send() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let (cam, sid) = world.publish(ann, MediaKind::Video, true);
    let seat = open_tap_with(&mut world, "recorder", Grants { can_subscribe: false, ..everything() });
    for n in 0..10u64 {
        world.send(ann, cam, Some("q"), &vp8(n + 1, 3_000 * n as u32, n == 0, 0));
        world.run(Duration::from_millis(33));
    }
    let (events, packets) = take(&seat);
    assert!(!events.iter().any(|event| matches!(event, TapEvent::TrackAdded(_))) && packets.is_empty());
    let wanted = world.clients[ann].log.iter().rev().find_map(|told| match told {
        Told::SubscribedQualityUpdate(update) if update.track_sid == sid => Some(update.clone()),
        _ => None,
    });
    assert!(wanted.unwrap().subscribed_codecs[0].qualities.iter().all(|layer| !layer.enabled));
}

#[test]
fn a_local_participant_chooses_its_layer() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let (cam, sid) = world.publish(ann, MediaKind::Video, true);
    let recorder = open_tap(&mut world, "recorder");
    let wish = LayerWish::Size(Size { width: 300, height: 160 });
    let track = TrackSid::new(&sid);
    recorder.uplink().command(TapCommand::Layer { track, wish }).unwrap();
    world.run(Duration::from_millis(20));
    for n in 0..10u64 {
        for (index, rid) in ["q", "h", "f"].into_iter().enumerate() {
            let packet = vp8(1_000 * (index as u64 + 1) + n, 3_000 * n as u32, n == 0, index as u8);
            world.send(ann, cam, Some(rid), &packet);
        }
        world.run(Duration::from_millis(33));
    }
    let (_, packets) = take(&recorder);
    assert_eq!(packets.len(), 10);
    assert!(packets.iter().all(|packet| packet.layer == Layer::Low && packet.payload[7] == 0));
}

#[test]
fn flipping_mute_all_day_closes_nobody_s_mailbox_and_no_tap() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (mic, sid) = world.publish(ann, MediaKind::Audio, false);
    let room = open_tap(&mut world, "room");
    world.send(ann, mic, None, &opus(1, -10));
    world.run(Duration::from_millis(20));
    take(&room);
    for flip in 0..2_001 {
        world.ask(ann, Ask::Mute(proto::MuteTrackRequest { sid: sid.clone(), muted: flip % 2 == 0 }));
        if flip % 100 == 99 {
            world.engine.handle_timeout(world.now);
        }
    }
    let waiting = world.clients[bob].mailbox.0.lock().unwrap().queue.len();
    assert!(waiting < 10, "{waiting} updates for bob");
    world.run(Duration::from_millis(100));
    assert!(world.clients[bob].participants["ann"].tracks[0].muted, "as it is in the end");
    let muted: Vec<bool> = take(&room)
        .0
        .iter()
        .filter_map(|event| match event {
            TapEvent::TrackMuted { muted, .. } => Some(*muted),
            _ => None,
        })
        .collect();
    assert!(muted.len() < 10 && muted.last() == Some(&true), "{muted:?}");
    assert!(room.recv(Duration::ZERO).is_ok(), "the tap is open");
}

#[test]
fn a_client_that_changes_its_mind_about_its_audience_floods_nobody() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    world.publish(ann, MediaKind::Audio, false);
    for flip in 0..2_001 {
        let all_participants = flip % 2 == 1;
        let permission = proto::SubscriptionPermission { all_participants, ..Default::default() };
        world.ask(ann, Ask::SubscriptionPermission(permission));
    }
    let waiting = world.clients[bob].mailbox.0.lock().unwrap().queue.len();
    assert!(waiting < 10, "{waiting} messages for bob");
    world.run(Duration::from_millis(100));
    let last = world.clients[bob].log.iter().rev().find_map(|told| match told {
        Told::SubscriptionPermissionUpdate(update) => Some(update.allowed),
        _ => None,
    });
    assert_eq!(last, Some(false), "as it is in the end");
}

#[test]
fn a_codec_of_the_other_kind_is_not_passed_on() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let (mic, _) = world.publish(ann, MediaKind::Audio, false);
    let room = open_tap(&mut world, "room");
    for n in 0..10 {
        let now = world.now;
        let packet = vp8(n, 960 * n as u32, true, 1);
        world.clients[ann].publisher.send_as(str0m::format::Codec::Vp8, now, mic, None, &packet);
        world.run(Duration::from_millis(20));
    }
    let (events, packets) = take(&room);
    assert!(!events.iter().any(|event| matches!(event, TapEvent::TrackAdded(_))), "{events:?}");
    assert!(packets.is_empty());
    world.send(ann, mic, None, &opus(20, -10));
    world.run(Duration::from_millis(20));
    let (events, packets) = take(&room);
    assert!(
        events.iter().any(|event| matches!(event, TapEvent::TrackAdded(track) if track.codec == Codec::Opus))
    );
    assert_eq!(packets.len(), 1);
}

#[test]
fn a_codec_that_changes_with_every_packet_is_followed_once_a_second() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (cam, _) = world.publish(ann, MediaKind::Video, false);
    let room = open_tap(&mut world, "room");
    world.run(Duration::from_secs(1));
    world.clients[bob].log.clear();
    for n in 0..300u64 {
        let codec = if n % 2 == 0 { str0m::format::Codec::Vp8 } else { str0m::format::Codec::H264 };
        let now = world.now;
        let packet = vp8(n + 1, 450 * n as u32, true, 1);
        world.clients[ann].publisher.send_as(codec, now, cam, None, &packet);
        world.run(Duration::from_millis(5));
    }
    let updates = world.clients[bob].told(|told| matches!(told, Told::Update(_)));
    assert!((1..=2).contains(&updates), "{updates} updates");
    let (events, packets) = take(&room);
    let added = events.iter().filter(|event| matches!(event, TapEvent::TrackAdded(_))).count();
    assert_eq!(added, 2, "the first codec, and the other a second later");
    assert!(packets.len() > 100);
    assert!(room.recv(Duration::ZERO).is_ok(), "the tap is open");
}

#[test]
fn moderators_mute_at_the_server() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (mic, sid) = world.publish(ann, MediaKind::Audio, false);
    world.command(Command::Mute {
        room: RoomId::new(ROOM),
        identity: Identity::new("ann"),
        track: TrackSid::new(&sid),
        muted: true,
    });
    for n in 0..10 {
        world.send(ann, mic, None, &opus(n + 1, -30));
        world.run(Duration::from_millis(20));
    }
    assert!(world.clients[bob].received(&sid).is_empty());
    assert_eq!(world.clients[ann].told(|told| matches!(told, Told::Mute(mute) if mute.muted)), 1);
}

#[test]
fn a_moderator_mutes_also_what_is_only_announced() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    world.ask(ann, Ask::AddTrack(common::add_track(MediaKind::Audio, "mic")));
    let (room, identity) = (RoomId::new(ROOM), Identity::new("ann"));
    world.command(Command::SwitchOff { room, identity, sources: vec![Source::Microphone] });
    let mic = world.clients[ann].add_sending(MediaKind::Audio, false, "mic");
    let offer = world.clients[ann].description();
    world.ask(ann, Ask::Offer(offer));
    world.run(Duration::from_millis(300));
    for n in 0..10 {
        world.send(ann, mic, None, &opus(n + 1, -30));
        world.run(Duration::from_millis(20));
    }
    let seen = world.clients[bob].participants["ann"].tracks[0].clone();
    assert!(seen.muted && world.clients[bob].received(&seen.sid).is_empty());
    assert_eq!(world.clients[ann].told(|told| matches!(told, Told::Mute(mute) if mute.muted)), 1);
}

#[test]
fn a_removed_participant_is_told_and_everybody_else_too() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", DualPc);
    let reason = proto::DisconnectReason::ParticipantRemoved;
    let (room, identity) = (RoomId::new(ROOM), Identity::new("bob"));
    let stale = Some(ParticipantSid::new("PA_of_an_earlier_session"));
    world.command(Command::Remove { room: room.clone(), identity: identity.clone(), sid: stale, reason });
    world.run(Duration::from_millis(100));
    assert_eq!(world.report_count(|report| matches!(report, Report::Left { .. })), 0);
    let sid = Some(ParticipantSid::new("PA_bob"));
    world.command(Command::Remove { room, identity, sid, reason });
    world.run(Duration::from_millis(50));
    assert_eq!(leave(&world, bob), Some((reason as i32, Action::Disconnect as i32)));
    let info = &world.clients[ann].participants["bob"];
    assert_eq!(info.state, proto::participant_info::State::Disconnected as i32);
    let (reply, list) = crossbeam_channel::bounded(1);
    world.command(Command::Participants { room: RoomId::new(ROOM), reply });
    assert_eq!(list.try_recv().unwrap().len(), 1);
    world.command(Command::Admit {
        admission: Box::new(admission("eve", "PA_eve")),
        connect: Box::new(connect(SinglePc)),
        connection: ConnectionId(77),
        outbound: Box::new(Mailbox::default()),
    });
}
