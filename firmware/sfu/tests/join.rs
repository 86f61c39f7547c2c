//! Joining by both signalling paths, publishing, subscribing, slots.
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

use common::{World, admission, connect, everything, opus, vp8};
use huddle_core::ids::{Identity, RoomId};
use huddle_livekit::admission::SignalMode::{self, DualPc, SinglePc};
use huddle_livekit::admission::{Admission, Grants};
use huddle_livekit::grants::{from_video, to_sfu};
use huddle_livekit::proto;
use huddle_sfu::port::{Command, Report};
use proto::signal_response::Message as Told;
use str0m::media::MediaKind;

fn media_flows(from: SignalMode, to: SignalMode) {
    let mut world = World::new();
    let ann = world.join("ann", from);
    let bob = world.join("bob", to);
    assert!(world.clients[ann].publisher.connected && world.clients[bob].receiver().connected);
    let (cam, cam_sid) = world.publish(ann, MediaKind::Video, false);
    let (mic, mic_sid) = world.publish(ann, MediaKind::Audio, false);
    for n in 0..100 {
        let key = n % 30 == 0;
        world.send(ann, cam, None, &vp8(500 + n, 3_000 * u32::try_from(n).unwrap(), key, 7));
        world.send(ann, mic, None, &opus(70 + n, -20));
        world.run(Duration::from_millis(20));
    }
    let video = world.clients[bob].received(&cam_sid);
    let audio = world.clients[bob].received(&mic_sid);
    assert!(video.len() > 60, "{from:?}→{to:?}: {} video packets", video.len());
    assert!(audio.len() > 95, "{from:?}→{to:?}: {} audio packets", audio.len());
    assert!(video.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1));
    assert!(video.iter().all(|packet| packet.2[7] == 7));
}

#[test]
fn media_flows_between_all_combinations_of_paths() {
    for from in [SinglePc, DualPc] {
        for to in [SinglePc, DualPc] {
            media_flows(from, to);
        }
    }
}

#[test]
fn the_join_response_is_first_and_has_what_clients_insist_on() {
    for mode in [SinglePc, DualPc] {
        let mut world = World::new();
        let ann = world.join("ann", mode);
        let bob = world.join("bob", mode);
        let Told::Join(join) = &world.clients[bob].log[0] else { panic!("join is first") };
        assert_eq!(join.subscriber_primary, mode == DualPc);
        assert_eq!((join.ping_interval, join.ping_timeout), (5, 15));
        assert!(join.fast_publish && !join.enabled_publish_codecs.is_empty());
        let server = join.server_info.as_ref().unwrap();
        assert_eq!((server.version.as_str(), server.protocol), ("1.13.5", 17));
        assert!(join.participant.as_ref().unwrap().permission.is_some());
        assert_eq!(join.other_participants[0].identity, "ann");
        assert_eq!(join.room.as_ref().unwrap().name, common::ROOM);
        let state = world.clients[ann].participants["bob"].state;
        assert_eq!(state, proto::participant_info::State::Active as i32);
        assert_eq!(world.report_count(|report| matches!(report, Report::Joined { .. })), 2);
    }
}

#[test]
fn the_public_address_is_offered_for_udp_and_tcp() {
    let mut world = World::with(|config| {
        config.public = vec![[203, 0, 113, 7].into()];
        config.tcp_port = Some(7_881);
    });
    let ann = world.join("ann", SinglePc);
    let public = |world: &World, address: &str| -> Vec<String> {
        let lines = world.clients[ann].last_answer.lines().filter(|line| line.contains(address));
        let mut found: Vec<String> = lines
            .filter_map(|line| {
                let words: Vec<&str> = line.split(' ').collect();
                Some(format!("{} {}", words.get(2)?.to_lowercase(), words.get(5)?))
            })
            .collect();
        found.sort();
        found.dedup();
        found
    };
    assert_eq!(public(&world, "203.0.113.7"), ["tcp 7881", "udp 7882"]);
    let (now, server) = (world.now, world.server);
    world.engine.set_addresses(now, vec![server], Vec::new(), vec![[203, 0, 113, 8].into()]);
    world.publish(ann, MediaKind::Audio, false);
    assert_eq!(public(&world, "203.0.113.8"), ["tcp 7881", "udp 7882"]);
}

#[test]
fn nobody_is_hidden_whatever_the_token_says() {
    let mut world = World::new();
    let bob = world.join("bob", SinglePc);
    let video = serde_json::from_str(r#"{"roomJoin":true,"hidden":true}"#).unwrap();
    let grants = to_sfu(from_video(&video));
    let eve = world.enter(Admission { grants, ..admission("eve", "PA_eve") }, connect(SinglePc));
    world.run(Duration::from_millis(500));
    assert!(world.clients[bob].participants.contains_key("eve"));
    let late = world.join("late", DualPc);
    assert!(world.clients[late].participants.contains_key("eve"));
    let connection = world.clients[eve].connection;
    world.command(Command::Signal {
        connection,
        request: Box::new(proto::SignalRequest {
            message: Some(proto::signal_request::Message::Leave(Default::default())),
        }),
    });
    world.run(Duration::from_millis(50));
    let gone = proto::participant_info::State::Disconnected as i32;
    assert_eq!(world.clients[bob].participants["eve"].state, gone);
}

#[test]
fn a_client_of_two_connections_that_may_subscribe_later_joins_anew() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let (mic, sid) = world.publish(ann, MediaKind::Audio, false);
    let silent = Grants { can_subscribe: false, ..everything() };
    let bob = world.enter(Admission { grants: silent, ..admission("bob", "PA_bob") }, connect(DualPc));
    world.run(Duration::from_secs(1));
    world.command(Command::Grant {
        room: RoomId::new(common::ROOM),
        identity: Identity::new("bob"),
        grants: everything(),
        version: 2,
    });
    world.run(Duration::from_millis(50));
    let reconnect = proto::leave_request::Action::Reconnect as i32;
    assert_eq!(
        world.clients[bob].told(|told| matches!(told, Told::Leave(leave) if leave.action == reconnect)),
        1
    );
    let again = world.enter(Admission { version: 3, ..admission("bob", "PA_bob2") }, connect(DualPc));
    world.run(Duration::from_secs(1));
    world.send(ann, mic, None, &opus(1, -30));
    world.run(Duration::from_millis(50));
    assert_eq!(world.clients[again].received(&sid).len(), 1);
}

#[test]
fn a_late_joiner_receives_tracks_that_were_there() {
    for mode in [SinglePc, DualPc] {
        let mut world = World::new();
        let ann = world.join("ann", SinglePc);
        let (cam, sid) = world.publish(ann, MediaKind::Video, false);
        let bob = world.join("bob", mode);
        world.send(ann, cam, None, &vp8(1, 0, true, 1));
        world.run(Duration::from_millis(50));
        assert_eq!(world.clients[bob].received(&sid).len(), 1);
        assert_eq!(world.clients[bob].participants["ann"].tracks[0].sid, sid);
    }
}

#[test]
fn a_subscriber_without_a_free_section_gets_one() {
    for mode in [SinglePc, DualPc] {
        let mut world = World::new();
        let ann = world.join("ann", SinglePc);
        let bob = world.join("bob", mode);
        let mut tracks = Vec::new();
        for _ in 0..4 {
            tracks.push(world.publish(ann, MediaKind::Video, false));
        }
        world.run(Duration::from_secs(1));
        for (mid, _) in &tracks {
            world.send(ann, *mid, None, &vp8(1, 0, true, 1));
        }
        world.run(Duration::from_millis(100));
        for (_, sid) in &tracks {
            assert_eq!(world.clients[bob].received(sid).len(), 1, "{mode:?} {sid}");
        }
    }
}

#[test]
fn a_slot_is_reused_for_the_next_track() {
    for mode in [SinglePc, DualPc] {
        let mut world = World::new();
        let ann = world.join("ann", DualPc);
        let bob = world.join("bob", mode);
        let (first, sid) = world.publish(ann, MediaKind::Video, false);
        world.send(ann, first, None, &vp8(1, 0, true, 1));
        world.run(Duration::from_millis(100));
        let before = world.clients[bob].received(&sid);
        assert_eq!(before.len(), 1);
        let sections = |world: &World| match mode {
            SinglePc => world.clients[bob].last_answer.matches("m=video").count(),
            DualPc => world.clients[bob].last_offer.matches("m=video").count(),
        };
        let count = sections(&world);
        let offer =
            world.clients[ann].offer_with(|api| api.set_direction(first, str0m::media::Direction::Inactive));
        world.ask(ann, proto::signal_request::Message::Offer(offer));
        world.run(Duration::from_secs(1));
        assert!(world.clients[bob].participants["ann"].tracks.is_empty());
        let (second, sid) = world.publish(ann, MediaKind::Video, false);
        world.run(Duration::from_secs(1));
        world.send(ann, second, None, &vp8(900, 77, true, 2));
        world.run(Duration::from_millis(100));
        assert_eq!(sections(&world), count, "{mode:?}: no further section");
        let after = world.clients[bob].received(&sid);
        assert_eq!(after.last().unwrap().2[7], 2);
        assert_eq!(world.clients[ann].told(|told| matches!(told, Told::TrackUnpublished(_))), 1);
    }
}

#[test]
fn a_client_that_changes_its_track_id_is_matched_by_kind() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (cam, sid) = world.publish_as(ann, MediaKind::Video, false, "{2611}", "{cf26}");
    world.send(ann, cam, None, &vp8(1, 0, true, 1));
    world.run(Duration::from_millis(100));
    assert_eq!(world.clients[bob].received(&sid).len(), 1);
}

#[test]
fn unsubscribe_stops_a_track_and_subscribe_brings_it_back() {
    for mode in [SinglePc, DualPc] {
        let mut world = World::new();
        let ann = world.join("ann", SinglePc);
        let bob = world.join("bob", mode);
        let (mic, sid) = world.publish(ann, MediaKind::Audio, false);
        let ask = |subscribe| {
            proto::signal_request::Message::Subscription(proto::UpdateSubscription {
                track_sids: vec![sid.clone()],
                subscribe,
                ..Default::default()
            })
        };
        let mut seq = 0;
        let mut talk = |world: &mut World| {
            for _ in 0..10 {
                seq += 1;
                world.send(ann, mic, None, &opus(seq, -30));
                world.run(Duration::from_millis(20));
            }
            world.clients[bob].receiver().packets.len()
        };
        let heard = talk(&mut world);
        assert!(heard >= 9);
        world.ask(bob, ask(false));
        world.run(Duration::from_millis(500));
        assert_eq!(talk(&mut world), heard);
        world.ask(bob, ask(true));
        world.run(Duration::from_millis(500));
        assert!(talk(&mut world) >= heard + 9, "{mode:?}");
    }
}
