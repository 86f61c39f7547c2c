//! A long quiet stream over a good network: nothing may be lost, paused or held back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{World, vp8};
use huddle_livekit::admission::SignalMode::SinglePc;
use huddle_livekit::proto;
use huddle_sfu::port::Report;
use proto::signal_request::Message as Ask;
use proto::signal_response::Message as Told;
use str0m::media::MediaKind;

/// Ten packets of 1,160 bytes 30 times a second, for half a minute.
#[test]
fn bursts_arrive_whole_and_the_stream_is_never_paused() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (cam, sid) = world.publish(ann, MediaKind::Video, false);
    world.run(Duration::from_secs(1));
    let mut seq = 1;
    for picture in 0..900u32 {
        for index in 0..10 {
            let mut packet = vp8(seq, picture * 3_000, picture % 30 == 0, 1);
            packet.marker = index == 9;
            packet.payload.resize(1_160, 0);
            world.send(ann, cam, None, &packet);
            seq += 1;
        }
        world.run(Duration::from_millis(33));
        assert_eq!(world.clients[bob].received(&sid).len() as u64, seq - 1, "picture {picture}");
        let pauses = world.clients[bob].told(|told| matches!(told, Told::StreamStateUpdate(_)));
        assert_eq!(pauses, 0, "picture {picture}");
    }
}

/// One layer only, and every fifth packet to the subscriber is lost at random, as by a radio:
/// the only picture there is goes on.
#[test]
fn a_lossy_link_does_not_cost_the_only_picture() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (cam, _) = world.publish(ann, MediaKind::Video, false);
    let address = world.clients[bob].publisher.address;
    let mut state = 7u32;
    world.drop = Box::new(move |transmit| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        transmit.destination == address && state >> 24 < 51
    });
    let mut seq = 1;
    for picture in 0..900u32 {
        for index in 0..10 {
            let mut packet = vp8(seq, picture * 3_000, picture % 30 == 0, 1);
            packet.marker = index == 9;
            packet.payload.resize(1_160, 0);
            world.send(ann, cam, None, &packet);
            seq += 1;
        }
        world.run(Duration::from_millis(33));
        let pauses = world.clients[bob].told(|told| matches!(told, Told::StreamStateUpdate(_)));
        assert_eq!(pauses, 0, "picture {picture}");
    }
}

#[test]
fn who_is_cut_off_is_lost_to_the_others_and_who_is_quiet_is_not() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let lost = |world: &World, client: usize| {
        world.clients[client].told(|told| {
            matches!(told, Told::ConnectionQuality(update)
                if update.updates[0].quality() == proto::ConnectionQuality::Lost)
        })
    };
    let ping = |world: &mut World, seconds: u32| {
        for _ in 0..seconds {
            for client in [ann, bob] {
                world.ask(client, Ask::Ping(1));
            }
            world.run(Duration::from_secs(1));
        }
    };
    ping(&mut world, 30);
    assert_eq!((lost(&world, ann), lost(&world, bob)), (0, 0), "nobody sends anything, and nobody is lost");
    let address = world.clients[ann].publisher.address;
    world.drop = Box::new(move |transmit| transmit.source == address);
    ping(&mut world, 14);
    assert_eq!((lost(&world, ann), lost(&world, bob)), (0, 1));
    world.drop = Box::new(|_| false);
    ping(&mut world, 12);
    let excellent = |report: &Report| {
        matches!(report, Report::Quality { identity, quality, .. }
            if identity.as_str() == "ann" && *quality == proto::ConnectionQuality::Excellent)
    };
    assert_eq!(world.report_count(excellent), 1, "and then she is back");
}

#[test]
fn a_connection_that_loses_packets_is_called_poor_until_it_does_not() {
    let mut world = World::new();
    let ann = world.join("ann", SinglePc);
    let bob = world.join("bob", SinglePc);
    let (cam, _) = world.publish(ann, MediaKind::Video, false);
    let address = world.clients[bob].publisher.address;
    let mut seq = 1;
    let mut stream = |world: &mut World, seconds: u32| {
        for picture in 0..seconds * 25 {
            world.send(ann, cam, None, &vp8(seq, picture * 3_600, picture % 25 == 0, 1));
            seq += 1;
            world.run(Duration::from_millis(40));
        }
    };
    let poor = |world: &World| {
        world.report_count(|report| {
            matches!(report, Report::Quality { identity, quality, .. }
                if identity.as_str() == "bob" && *quality == proto::ConnectionQuality::Poor)
        })
    };
    stream(&mut world, 12);
    assert_eq!(poor(&world), 0, "nothing is lost");
    let mut count = 0;
    world.drop = Box::new(move |transmit| {
        let media = transmit.destination == address && transmit.contents.first().is_some_and(|b| *b >= 128);
        count += usize::from(media);
        media && count % 4 == 0
    });
    stream(&mut world, 12);
    assert_eq!(poor(&world), 1, "every fourth packet is lost");
    world.drop = Box::new(|_| false);
    stream(&mut world, 12);
    let excellent = |report: &Report| {
        matches!(report, Report::Quality { identity, quality, .. }
            if identity.as_str() == "bob" && *quality == proto::ConnectionQuality::Excellent)
    };
    assert_eq!(world.report_count(excellent), 1, "and then it is well again");
}
