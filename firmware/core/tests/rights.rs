//! Seats, rights in a running meeting, and lock-outs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test ends at the first surprise"
)]

mod kit;

use huddle_core::ids::{Identity, UserId};
use huddle_core::permission::{Permission, PermissionSet};
use huddle_core::room::{LinkRole, Roles};
use huddle_core::state::{
    Arrival, BACKOFFS, Effect, Entrant, MediaGrants, ParticipantUpdate, Refusal, RoomChange, TokenSource,
};
use kit::{Bench, HOME};
use serde_json::{Value, json};

const SILENT: MediaGrants = MediaGrants { microphone: false, ..MediaGrants::ROOM };

fn silence(bench: &mut Bench, who: &Identity) -> Result<(), Refusal> {
    let update = ParticipantUpdate { grants: Some(SILENT), ..ParticipantUpdate::default() };
    bench.state_call(|s, ctx| s.update_participant(&HOME.into(), who, update, ctx))
}

#[test]
fn rights_given_in_a_meeting_are_newer_than_those_of_the_token_and_survive_a_resume() {
    let mut bench = Bench::new();
    let ann = bench.join(HOME, "ann");
    silence(&mut bench, &ann.0).unwrap();
    let given = bench.log().iter().find_map(|e| match e {
        Effect::Grant { identity, grants, version, .. } if *identity == ann.0 => Some((*grants, *version)),
        _ => None,
    });
    let (grants, version) = given.unwrap();
    assert_eq!(grants, SILENT);
    let resumed = bench.resume(HOME, &ann).unwrap();
    assert!(!resumed.grants.microphone, "a resume gives nothing back");
    assert!(resumed.version > version);
    let permissions = bench.state.meeting(&HOME.into()).unwrap().participants[&ann.0].permissions;
    assert!(!permissions.has(huddle_core::permission::Permission::PublishAudio));
}

const LOUD: MediaGrants = MediaGrants { camera: true, microphone: true, screen: true, ..SILENT };

/// What a program gives is no more than what the box gives, at once and over a lost connection.
#[test]
fn a_program_gives_nobody_back_what_the_box_takes() {
    let mut bench = Bench::new();
    let roles =
        Roles { moderator: PermissionSet::ALL.with(Permission::PublishAudio, false), ..Roles::default() };
    let change = RoomChange { roles: Some(roles), ..RoomChange::default() };
    bench.state_call(|s, ctx| s.update_room(&HOME.into(), change, ctx)).unwrap();
    let ann = bench.join(HOME, "ann");
    let update = ParticipantUpdate { grants: Some(LOUD), ..ParticipantUpdate::default() };
    bench.state_call(|s, ctx| s.update_participant(&HOME.into(), &ann.0, update, ctx)).unwrap();
    let given = bench.log().iter().rev().find_map(|e| match e {
        Effect::Grant { identity, grants, .. } if *identity == ann.0 => Some(*grants),
        _ => None,
    });
    assert!(!given.unwrap().microphone && given.unwrap().camera);
    assert!(!bench.resume(HOME, &ann).unwrap().grants.microphone);
}

/// What applications keep in the metadata of their own people is theirs.
#[test]
fn the_metadata_of_who_came_with_a_livekit_token_is_left_alone() {
    let mut bench = Bench::new();
    let entrant = Entrant::LiveKit { grants: LOUD, room_admin: false, room_record: false };
    let bot = Identity::new("bot");
    let own = r#"{"avatar":"x"}"#.to_owned();
    let arrival = Arrival { metadata: own, ..Arrival::new(&bot, "bot") };
    let admitted = bench.state_call(|s, ctx| s.admit(&HOME.into(), &entrant, arrival, ctx)).unwrap();
    bench.state_call(|s, ctx| s.joined(&HOME.into(), &bot, &admitted.sid, ctx));
    silence(&mut bench, &bot).unwrap();
    assert!(!bench.done(|e| matches!(e, Effect::UpdateParticipant { metadata: Some(_), .. })));
}

#[test]
fn nobody_changes_the_room_itself() {
    let mut bench = Bench::new();
    bench.join(HOME, "ann");
    assert_eq!(silence(&mut bench, &Identity::new("room")), Err(Refusal::Forbidden));
    assert!(matches!(silence(&mut bench, &Identity::new("who")), Err(Refusal::ParticipantNotFound(..))));
    assert!(!bench.done(|e| matches!(e, Effect::Grant { .. })));
}

/// Tiles show what everybody is: it stands in the metadata that LiveKit's clients follow.
#[test]
fn a_promotion_shows_in_the_participant_s_metadata_and_its_end_too() {
    let mut bench = Bench::new();
    bench.join(HOME, "moderator");
    let ann = bench.ask(HOME, LinkRole::Speaker, "Ann");
    let source = TokenSource { link: Some(LinkRole::Speaker), ..TokenSource::default() };
    let come_in = |bench: &mut Bench| {
        let entrant = Entrant::Member { source: source.clone() };
        let stale = r#"{"roomId":"home","badge":"other","isPromotedModerator":false}"#.to_owned();
        let admitted = bench.state_call(|s, ctx| {
            s.admit(&HOME.into(), &entrant, Arrival { metadata: stale, ..Arrival::new(&ann.0, &ann.1) }, ctx)
        });
        let admitted = admitted.unwrap();
        bench.state_call(|s, ctx| s.joined(&HOME.into(), &ann.0, &admitted.sid, ctx));
        admitted
    };
    let shown = |text: &str| -> (Value, Value, Value) {
        let shown: Value = serde_json::from_str(text).unwrap();
        let kick = shown["permissions"]["canKickParticipants"].clone();
        assert_eq!(shown["roomId"], "home", "the rest stays");
        (shown["badge"].clone(), shown["isPromotedModerator"].clone(), kick)
    };
    let told = |bench: &Bench| {
        let mut updates = bench.log().iter().filter_map(|e| match e {
            Effect::UpdateParticipant { identity, metadata: Some(text), .. } if *identity == ann.0 => {
                Some(text)
            }
            _ => None,
        });
        shown(updates.next_back().expect("an update"))
    };
    let (moderator, speaker) =
        ((json!("moderator"), json!(true), json!(true)), (json!("other"), json!(false), json!(false)));
    come_in(&mut bench);
    bench.state_call(|s, ctx| s.promote(&HOME.into(), &ann.0, ctx)).unwrap();
    assert_eq!(told(&bench), moderator);
    assert_eq!(shown(&come_in(&mut bench).metadata), moderator, "whatever the token says");
    bench.state_call(|s, ctx| s.demote(&HOME.into(), &ann.0, ctx)).unwrap();
    assert_eq!(told(&bench), speaker);
    // What a program has put there stays, as far as there is room for more.
    let metadata = Some("no JSON at all".to_owned());
    let update = ParticipantUpdate { metadata, ..ParticipantUpdate::default() };
    bench.state_call(|s, ctx| s.update_participant(&HOME.into(), &ann.0, update, ctx)).unwrap();
    let before = bench.count(|e| matches!(e, Effect::UpdateParticipant { .. }));
    bench.state_call(|s, ctx| s.promote(&HOME.into(), &ann.0, ctx)).unwrap();
    assert_eq!(bench.count(|e| matches!(e, Effect::UpdateParticipant { .. })), before);
}

/// The browser keeps its token, and with it identity and name; the name alone gives nobody a seat.
#[test]
fn who_is_cut_off_comes_back_as_themselves_and_nobody_else_does() {
    let mut bench = Bench::new();
    let ann = bench.ask(HOME, LinkRole::Speaker, "Ann");
    let there = bench.enter(HOME, LinkRole::Speaker, &ann);
    let second = bench.ask(HOME, LinkRole::Speaker, "Ann");
    assert_eq!(second.1, "Ann_1", "another Ann, while the first is there");
    bench.cut_off(&there);
    assert_ne!(bench.ask(HOME, LinkRole::Speaker, "Ann").0, ann.0, "the same name by the same link");
    assert_eq!(bench.ask_again(HOME, LinkRole::Speaker, &ann), ann, "the same browser");
    bench.enter(HOME, LinkRole::Speaker, &second);
    assert_eq!(bench.ask_again(HOME, LinkRole::Speaker, &second), second);
}

#[test]
fn failed_logins_are_remembered_within_bounds_and_lockouts_last_longest() {
    let mut bench = Bench::new();
    let (admin, now) = (UserId::new("admin"), bench.wall());
    for _ in 0..12 {
        bench.state_call(|s, _| s.login_failed(&admin, "192.0.2.1", now));
    }
    for n in 0..BACKOFFS {
        bench.state_call(|s, _| s.login_failed(&UserId::from(format!("u{n}")), &format!("a{n}"), now));
    }
    assert!(bench.state.remembered_failures() <= BACKOFFS);
    assert!(bench.state.may_try_login(&admin, "198.51.100.7", now).is_err(), "still locked");
}
