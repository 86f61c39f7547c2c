//! Layers, loss, mute, keyframes, dynacast, congestion.
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

use common::{World, add_track, opus, vp8};
use huddle_livekit::admission::SignalMode::{DualPc, SinglePc};
use huddle_livekit::proto;
use proto::signal_request::Message as Ask;
use proto::signal_response::Message as Told;
use str0m::media::{MediaKind, Mid};

/// Sends frame `n` of all three layers; the tag of a packet names its layer.
fn frame(world: &mut World, client: usize, mid: Mid, n: u64, key: bool) {
    for (index, rid) in ["q", "h", "f"].into_iter().enumerate() {
        let base = 1_000 * (index as u64 + 1);
        let timestamp = 7_000 * index as u32 + 3_000 * n as u32;
        world.send(client, mid, Some(rid), &vp8(base + n, timestamp, key, index as u8));
    }
    world.run(Duration::from_millis(33));
}

fn setting(sid: &str, width: u32, disabled: bool) -> Ask {
    Ask::TrackSetting(proto::UpdateTrackSettings {
        track_sids: vec![sid.to_owned()],
        width,
        height: width * 9 / 16,
        disabled,
        ..Default::default()
    })
}

#[test]
fn a_layer_switch_waits_for_a_keyframe_and_is_continuous() {
    for mode in [SinglePc, DualPc] {
        let mut world = World::new();
        let ann = world.join("ann", SinglePc);
        let bob = world.join("bob", mode);
        let (cam, sid) = world.publish(ann, MediaKind::Video, true);
        for n in 0..30 {
            frame(&mut world, ann, cam, n, n == 0);
        }
        let tags = |world: &mut World| -> Vec<u8> {
            world.clients[bob].received(&sid).iter().map(|packet| packet.2[7]).collect()
        };
        assert_eq!(tags(&mut world).last(), Some(&2), "{mode:?}: the largest by default");
        world.ask(bob, setting(&sid, 320, false));
        world.clients[ann].publisher.keyframe_requests.clear();
        for n in 30..50 {
            frame(&mut world, ann, cam, n, false);
        }
        assert_eq!(tags(&mut world).last(), Some(&2), "the old layer goes on");
        let asked = world.clients[ann].publisher.keyframe_requests.clone();
        assert!(asked.iter().any(|(_, rid)| rid.is_some_and(|rid| &*rid == "q")), "{asked:?}");
        for n in 50..70 {
            frame(&mut world, ann, cam, n, n == 50);
        }
        assert_eq!(tags(&mut world).last(), Some(&0));
        let packets = world.clients[bob].received(&sid);
        assert!(packets.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1));
        assert!(packets.windows(2).all(|pair| {
            let step = pair[1].1.wrapping_sub(pair[0].1);
            (1..18_000).contains(&step)
        }));
        let pictures: Vec<u16> =
            packets.iter().map(|packet| u16::from_be_bytes([packet.2[2] & 0x7f, packet.2[3]])).collect();
        assert!(pictures.windows(2).all(|pair| pair[1] == (pair[0] + 1) & 0x7fff), "{pictures:?}");
    }
}

#[test]
fn a_disabled_track_stops_and_comes_back_at_a_keyframe() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (cam, sid) = world.publish(ann, MediaKind::Video, true);
    for n in 0..10 {
        frame(&mut world, ann, cam, n, n == 0);
    }
    world.ask(bob, setting(&sid, 0, true));
    let before = world.clients[bob].received(&sid).len();
    for n in 10..20 {
        frame(&mut world, ann, cam, n, n == 10);
    }
    assert_eq!(world.clients[bob].received(&sid).len(), before);
    world.ask(bob, setting(&sid, 1280, false));
    for n in 20..30 {
        frame(&mut world, ann, cam, n, n == 22);
    }
    let packets = world.clients[bob].received(&sid);
    assert_eq!(packets.len(), before + 8);
    assert!(packets.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1));
}

#[test]
fn a_layer_that_dies_is_replaced_by_a_living_one() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (cam, sid) = world.publish(ann, MediaKind::Video, true);
    for n in 0..10 {
        frame(&mut world, ann, cam, n, n == 0);
    }
    for n in 10..200 {
        world.send(ann, cam, Some("q"), &vp8(1_000 + n, 3_000 * n as u32, n % 20 == 0, 0));
        world.run(Duration::from_millis(33));
    }
    assert_eq!(world.clients[bob].received(&sid).last().unwrap().2[7], 0);
}

#[test]
fn losses_on_both_legs_are_repaired() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", DualPc);
    let (cam, sid) = world.publish(ann, MediaKind::Video, false);
    let mut count = 0u32;
    world.drop = Box::new(move |transmit| {
        let rtp =
            (128..192).contains(&transmit.contents[0]) && !(64..96).contains(&(transmit.contents[1] & 0x7f));
        count += u32::from(rtp);
        rtp && count % 20 == 7
    });
    for n in 0..600u64 {
        let payload = vp8(n + 1, 300 * n as u32, n == 0, (n % 251) as u8);
        world.send(ann, cam, None, &payload);
        world.run(Duration::from_millis(4));
    }
    world.run(Duration::from_millis(500));
    let mut seqs: Vec<u64> = world.clients[bob].received(&sid).iter().map(|packet| packet.0).collect();
    seqs.sort_unstable();
    seqs.dedup();
    let span = seqs.last().unwrap() - seqs.first().unwrap() + 1;
    assert!(seqs.len() as u64 * 1_000 >= span * 999, "{} of {span}", seqs.len());
    assert!(span > 550);
}

#[test]
fn keyframe_requests_are_passed_on_but_not_more_than_twice_a_second() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let (cam, sid) = world.publish(ann, MediaKind::Video, false);
    let subscribers: Vec<usize> = (0..5).map(|n| world.join(&format!("s{n}"), SinglePc)).collect();
    world.send(ann, cam, None, &vp8(1, 0, true, 0));
    world.run(Duration::from_secs(2));
    world.clients[ann].publisher.keyframe_requests.clear();
    for n in 0..100u64 {
        for &subscriber in &subscribers {
            assert_eq!(world.clients[subscriber].received(&sid).len() as u64, n + 1);
            let ssrc = world.clients[subscriber].receiver().packets[0].1.header.ssrc;
            let mut direct = world.clients[subscriber].publisher.rtc.direct_api();
            let stream = direct.stream_rx(&ssrc).unwrap();
            stream.request_keyframe(str0m::media::KeyframeRequestKind::Pli);
        }
        world.send(ann, cam, None, &vp8(n + 2, 3_000 * (n as u32 + 1), false, 0));
        world.run(Duration::from_millis(20));
    }
    let asked = world.clients[ann].publisher.keyframe_requests.len();
    assert!((3..=5).contains(&asked), "{asked} in two seconds");
}

#[test]
fn mute_stops_packets_and_unmute_is_gapless() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", DualPc);
    let (mic, sid) = world.publish(ann, MediaKind::Audio, false);
    let mute = |muted| Ask::Mute(proto::MuteTrackRequest { sid: sid.clone(), muted });
    let mut seq = 0;
    let mut talk = |world: &mut World| {
        for _ in 0..10 {
            seq += 1;
            world.send(ann, mic, None, &opus(seq, -30));
            world.run(Duration::from_millis(20));
        }
        world.clients[bob].received(&sid)
    };
    let heard = talk(&mut world).len();
    assert!(heard >= 9);
    world.ask(ann, mute(true));
    world.run(Duration::from_millis(50));
    assert!(world.clients[bob].participants["ann"].tracks[0].muted);
    assert_eq!(talk(&mut world).len(), heard);
    world.ask(ann, mute(false));
    let packets = talk(&mut world);
    assert_eq!(packets.len(), heard + 10);
    assert!(packets.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1));
}

/// libwebrtc may lose the sink of a video that arrives while an offer of its own is applied.
#[test]
fn video_waits_for_the_offer_of_who_publishes_and_none_is_lost() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (cam, sid) = world.publish(ann, MediaKind::Video, false);
    let (mic, sound) = world.publish(ann, MediaKind::Audio, false);
    let mut sent = 0;
    let mut go_on = |world: &mut World| {
        for _ in 0..5 {
            sent += 1;
            world.send(ann, cam, None, &vp8(sent, 3_000 * sent as u32, sent == 1, 0));
            world.send(ann, mic, None, &opus(sent, -30));
            world.run(Duration::from_millis(33));
        }
        (world.clients[bob].received(&sid).len(), world.clients[bob].received(&sound).len())
    };
    assert_eq!(go_on(&mut world), (5, 5));

    world.ask(bob, Ask::AddTrack(add_track(MediaKind::Video, "bobs")));
    assert_eq!(go_on(&mut world), (5, 10), "only sound goes on");
    world.clients[bob].add_sending(MediaKind::Video, false, "bobs");
    let offer = world.clients[bob].description();
    world.ask(bob, Ask::Offer(offer));
    assert_eq!(go_on(&mut world), (15, 15), "what waited has arrived");
    let numbers: Vec<_> = world.clients[bob].received(&sid).iter().map(|packet| packet.0).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "in order: {numbers:?}");

    world.ask(bob, Ask::AddTrack(add_track(MediaKind::Video, "screen")));
    assert_eq!(go_on(&mut world), (15, 20));
    world.ask(bob, Ask::AddTrack(add_track(MediaKind::Video, "second camera")));
    world.clients[bob].add_sending(MediaKind::Video, false, "screen");
    let first = world.clients[bob].description();
    world.ask(bob, Ask::Offer(first));
    assert_eq!(go_on(&mut world), (15, 25), "the offer of the second is still to come");
    world.clients[bob].add_sending(MediaKind::Video, false, "second camera");
    let second = world.clients[bob].description();
    world.ask(bob, Ask::Offer(second));
    assert_eq!(go_on(&mut world), (30, 30), "what waited for both has arrived");

    world.ask(bob, Ask::AddTrack(add_track(MediaKind::Video, "never offered")));
    assert_eq!(go_on(&mut world), (30, 35));
    world.run(Duration::from_secs(2));
    assert_eq!(go_on(&mut world), (40, 40), "an offer that never comes is not waited for");
}

#[test]
fn a_client_of_two_connections_publishes_without_a_wait() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", DualPc);
    let (cam, sid) = world.publish(ann, MediaKind::Video, false);
    world.ask(bob, Ask::AddTrack(add_track(MediaKind::Video, "bobs")));
    for n in 0..5 {
        world.send(ann, cam, None, &vp8(n, 3_000 * n as u32, n == 0, 0));
        world.run(Duration::from_millis(33));
    }
    assert_eq!(world.clients[bob].received(&sid).len(), 5);
}

#[test]
fn speakers_are_told_to_those_who_hear_them() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (mic, _) = world.publish(ann, MediaKind::Audio, false);
    for n in 0..60 {
        world.send(ann, mic, None, &opus(n + 1, -15));
        world.run(Duration::from_millis(20));
    }
    let speaking = |world: &World, client: usize| {
        world.clients[client].log.iter().rev().find_map(|told| match told {
            Told::SpeakersChanged(changed) => Some(changed.speakers.clone()),
            _ => None,
        })
    };
    for client in [ann, bob] {
        let speakers = speaking(&world, client).unwrap();
        assert_eq!((speakers[0].sid.as_str(), speakers[0].active), ("PA_ann", true));
        assert!(speakers[0].level > 0.1);
    }
    world.run(Duration::from_secs(3));
    assert!(!speaking(&world, bob).unwrap()[0].active);
}

/// Is the last that a client was told about Ann that she speaks?
fn ann_speaks(world: &World, client: usize) -> Option<bool> {
    let mut told = world.clients[client].log.iter().filter_map(|told| match told {
        Told::SpeakersChanged(changed) => changed.speakers.iter().find(|one| one.sid == "PA_ann"),
        _ => None,
    });
    told.next_back().map(|one| one.active)
}

#[test]
fn who_mutes_while_speaking_falls_silent_for_everybody() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (mic, sid) = world.publish(ann, MediaKind::Audio, false);
    for n in 0..60 {
        world.send(ann, mic, None, &opus(n + 1, -15));
        world.run(Duration::from_millis(20));
    }
    assert_eq!(ann_speaks(&world, bob), Some(true));
    world.ask(ann, Ask::Mute(proto::MuteTrackRequest { sid, muted: true }));
    world.run(Duration::from_secs(1));
    assert_eq!(ann_speaks(&world, bob), Some(false));
}

#[test]
fn a_camera_that_goes_off_ends_nobody_s_speech() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (mic, _) = world.publish(ann, MediaKind::Audio, false);
    let (_, camera) = world.publish(ann, MediaKind::Video, false);
    for n in 0..120 {
        if n == 60 {
            world.ask(ann, Ask::Mute(proto::MuteTrackRequest { sid: camera.clone(), muted: true }));
        }
        world.send(ann, mic, None, &opus(n + 1, -15));
        world.run(Duration::from_millis(20));
    }
    assert_eq!(ann_speaks(&world, bob), Some(true));
    let silent = world.clients[bob].told(|told| {
        matches!(told, Told::SpeakersChanged(changed) if changed.speakers.iter().any(|one| !one.active))
    });
    assert_eq!(silent, 0);
}

#[test]
fn unwatched_layers_are_switched_off_after_a_while_and_on_at_once() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (cam, sid) = world.publish(ann, MediaKind::Video, true);
    for n in 0..10 {
        frame(&mut world, ann, cam, n, n == 0);
    }
    let enabled = |world: &World| {
        world.clients[ann].log.iter().rev().find_map(|told| match told {
            Told::SubscribedQualityUpdate(update) => Some(
                update.subscribed_codecs[0]
                    .qualities
                    .iter()
                    .map(|quality| quality.enabled)
                    .collect::<Vec<bool>>(),
            ),
            _ => None,
        })
    };
    world.run(Duration::from_secs(1));
    assert_eq!(enabled(&world), Some(vec![true; 3]));
    world.ask(bob, setting(&sid, 320, false));
    let mut n = 10;
    let mut watch = |world: &mut World, frames: u64| {
        for _ in 0..frames {
            frame(world, ann, cam, n, n % 30 == 0);
            n += 1;
        }
    };
    watch(&mut world, 90);
    assert_eq!(enabled(&world), Some(vec![true; 3]), "not at once");
    watch(&mut world, 180);
    assert_eq!(enabled(&world), Some(vec![true, false, false]));
    world.ask(bob, setting(&sid, 1280, false));
    watch(&mut world, 6);
    assert_eq!(enabled(&world), Some(vec![true; 3]), "at once");
}
