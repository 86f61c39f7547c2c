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
use huddle_livekit::admission::Grants;
use huddle_livekit::admission::SignalMode::{DualPc, SinglePc};
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
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let chat = || {
        let mut packet = message("chat", &[]);
        if let Some(Value::User(user)) = &mut packet.value {
            user.topic = Some("lk.chat".into());
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
    assert_eq!(say(&mut world, &message("file", &[])), 2);
    grant(&mut world, "bob", everything(), 3);
    grant(&mut world, "ann", Grants { can_write_chat: false, ..everything() }, 2);
    assert_eq!(say(&mut world, &chat()), 2);
    assert_eq!(say(&mut world, &message("file", &[])), 3);
    grant(&mut world, "ann", Grants { can_publish_data: false, ..everything() }, 3);
    assert_eq!(say(&mut world, &message("file", &[])), 3);
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
    let (reply, local) = crossbeam_channel::bounded(1);
    let admission = Box::new(admission(name, &format!("PA_{name}")));
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
