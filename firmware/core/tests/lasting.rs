//! What survives a restart, and what a failed write takes back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test ends at the first surprise"
)]

mod kit;

use huddle_core::account::Role;
use huddle_core::button::Button;
use huddle_core::ids::{RoomId, UserId};
use huddle_core::recording::{RecordingStatus, RecordingWishes, after_restart};
use huddle_core::room::{LinkRole, MeetingEndAction, WithMeeting, WithRecordings};
use huddle_core::state::{
    By, Effect, NewRoom, NewUser, RecordingOutcome, Refusal, RoomChange, StartedBy, WebhookSpec, Write,
};
use huddle_core::units::UnixMillis;
use huddle_core::webhook::{Facts, Webhook};
use kit::{Bench, HOME, OTHER, file};

fn other() -> RoomId {
    RoomId::from(OTHER)
}

fn user(bench: &mut Bench, id: &str, role: Role) -> UserId {
    let user_id = UserId::new(id);
    let new = NewUser { user_id: user_id.clone(), name: id.into(), role, password_hash: "x".into() };
    bench.state_call(|s, ctx| s.create_user(new, ctx)).unwrap();
    user_id
}

fn log_in(bench: &mut Bench, user: &UserId, verified: &str) -> Result<String, Refusal> {
    let session = bench.state_call(|s, ctx| s.login(user, verified, "192.0.2.1", "d".into(), ctx));
    session.map(|session| session.id)
}

#[test]
fn a_lockout_survives_a_restart_for_account_and_address() {
    let mut bench = Bench::new();
    let (anna, now) = (user(&mut bench, "anna_b", Role::User), bench.wall());
    for _ in 0..8 {
        bench.state_call(|s, _| s.login_failed(&anna, "192.0.2.1", now));
    }
    let mut bench = bench.restart(1);
    let now = bench.wall();
    let wait = |bench: &Bench, user: &UserId, address: &str| bench.state.may_try_login(user, address, now);
    assert!(matches!(wait(&bench, &anna, "198.51.100.7"), Err(Refusal::LoginWait(1..=4))));
    assert!(matches!(wait(&bench, &UserId::new("other"), "192.0.2.1"), Err(Refusal::LoginWait(1..=4))));
    assert!(wait(&bench, &UserId::new("other"), "198.51.100.7").is_ok());
    // Forgotten an hour later, on the disk too.
    bench.pass(3_700);
    assert_eq!(bench.state.remembered_failures(), 0);
    assert_eq!(bench.restart(1).state.remembered_failures(), 0);
}

/// A stranger who tries the administrator's password keeps nobody waiting who is known.
#[test]
fn strangers_do_not_lock_an_account_where_its_user_has_logged_in_before() {
    let mut bench = Bench::new();
    let (anna, now) = (user(&mut bench, "anna_b", Role::Admin), bench.wall());
    log_in(&mut bench, &anna, "x").expect("the right password");
    for _ in 0..12 {
        bench.state_call(|s, _| s.login_failed(&anna, "203.0.113.66", now));
    }
    let mut bench = bench.restart(1);
    let now = bench.wall();
    let wait = |bench: &Bench, address: &str| bench.state.may_try_login(&anna, address, now);
    assert_eq!(wait(&bench, "192.0.2.1"), Ok(()), "known, also after a restart");
    assert!(matches!(wait(&bench, "198.51.100.7"), Err(Refusal::LoginWait(60..))), "strangers wait together");
    // There too nobody tries without end, and a right password opens nothing for the strangers.
    for _ in 0..9 {
        bench.state_call(|s, _| s.login_failed(&anna, "192.0.2.1", now));
    }
    assert!(matches!(wait(&bench, "192.0.2.1"), Err(Refusal::LoginWait(8..))));
    bench.state_call(|s, _| s.login_failed(&anna, "192.0.2.1", now));
    log_in(&mut bench, &anna, "x").expect("the right password");
    assert!(wait(&bench, "203.0.113.66").is_err());
    // A new password makes strangers of all.
    bench.state_call(|s, ctx| s.reset_password(&anna, "y".into(), By(None), ctx)).expect("reset");
    for _ in 0..12 {
        bench.state_call(|s, _| s.login_failed(&anna, "203.0.113.67", now));
    }
    assert!(wait(&bench, "192.0.2.1").is_err());
}

#[test]
fn a_user_is_known_from_the_last_few_networks() {
    let mut bench = Bench::new();
    let anna = user(&mut bench, "anna_b", Role::Admin);
    for n in 0..20 {
        let address = format!("192.0.2.{n}");
        bench.state_call(|s, ctx| s.login(&anna, "x", &address, "d".into(), ctx)).expect("a session");
    }
    let known = &bench.state.user(&anna).expect("her record").known_networks;
    assert_eq!((known.len(), known[0].as_str()), (8, "192.0.2.19"));
}

#[test]
fn a_clock_that_was_wrong_locks_nobody_out_for_long() {
    let mut bench = Bench::new();
    let (anna, now) = (UserId::new("anna_b"), bench.wall());
    for _ in 0..8 {
        bench.state_call(|s, _| s.login_failed(&anna, "a", UnixMillis(now.0 + 31_536_000_000)));
    }
    let wait = bench.state.may_try_login(&anna, "a", now);
    assert!(matches!(wait, Err(Refusal::LoginWait(1..=300))), "{wait:?}");
    bench.pass(302);
    assert_eq!(bench.state.may_try_login(&anna, "a", bench.wall()), Ok(()));
}

#[test]
fn who_knows_one_password_does_not_try_others_without_end() {
    let mut bench = Bench::new();
    let (eve, now) = (user(&mut bench, "eve_the", Role::RoomMember), bench.wall());
    for round in 0..6 {
        for victim in 0..4 {
            let victim = UserId::new(format!("victim{victim}_{round}"));
            bench.state_call(|s, _| s.login_failed(&victim, "192.0.2.1", now));
        }
        bench.state_call(|s, _| s.login_failed(&eve, "192.0.2.1", now));
        bench
            .state_call(|s, ctx| s.login(&eve, "x", "192.0.2.1", "digest".to_owned(), ctx))
            .expect("her own password is right");
    }
    let victim = UserId::new("victim_last");
    bench.state_call(|s, _| s.login_failed(&victim, "192.0.2.1", now));
    let wait = bench.state.may_try_login(&UserId::new("somebody"), "192.0.2.1", now);
    assert!(matches!(wait, Err(Refusal::LoginWait(60..))), "{wait:?}");
}

#[test]
fn what_is_typed_as_a_name_is_not_kept() {
    let mut bench = Bench::new();
    let now = bench.wall();
    let typed = ["my secret password".to_owned(), "hunter22".to_owned(), "x".repeat(100_000)];
    for name in &typed {
        bench.state_call(|s, _| s.login_failed(&UserId::new(name), "192.0.2.1", now));
    }
    let restarted = bench.restart(1);
    assert_eq!(restarted.state.remembered_failures(), 1, "the address only");
}

#[test]
fn the_id_of_a_session_alone_ends_nothing() {
    let mut bench = Bench::new();
    let anna = user(&mut bench, "anna_b", Role::User);
    let session = log_in(&mut bench, &anna, "x").expect("a session");
    let digest = "d".to_owned();
    let alive = |bench: &Bench| bench.state.session_user(&session, bench.wall()).is_ok();
    bench.state_call(|s, ctx| s.end_refreshed_session(&session, "invented", ctx));
    let refused = bench.state_call(|s, ctx| s.refresh_session(&session, "invented", "new".into(), ctx));
    assert_eq!(refused, Err(Refusal::TokenDead));
    assert!(alive(&bench));
    bench.state_call(|s, ctx| s.refresh_session(&session, &digest, "new".into(), ctx)).expect("its own");
    // The one before: somebody has copied it.
    let copied = bench.state_call(|s, ctx| s.refresh_session(&session, &digest, "newer".into(), ctx));
    assert_eq!(copied, Err(Refusal::TokenDead));
    assert!(!alive(&bench));
}

#[test]
fn a_password_that_was_changed_meanwhile_opens_nothing() {
    let mut bench = Bench::new();
    let anna = user(&mut bench, "anna_b", Role::User);
    let session = log_in(&mut bench, &anna, "x").unwrap();
    bench.state_call(|s, ctx| s.reset_password(&anna, "reset".into(), By(None), ctx)).unwrap();
    // The old password was looked at before the reset.
    assert_eq!(log_in(&mut bench, &anna, "x"), Err(Refusal::LoginFailed));
    let session_two = log_in(&mut bench, &anna, "reset").unwrap();
    let change = |bench: &mut Bench, session: &str, verified: &str, new: &str| {
        let (new, digest) = (new.to_owned(), "d2".to_owned());
        let done = bench.state_call(|s, ctx| s.change_password(session, verified, new, digest, "a", ctx));
        done.map(|session| session.id)
    };
    assert_eq!(change(&mut bench, &session, "x", "stolen"), Err(Refusal::TokenDead), "its session ended");
    assert_eq!(change(&mut bench, &session_two, "x", "stolen"), Err(Refusal::WrongPassword));
    let third = log_in(&mut bench, &anna, "reset").unwrap();
    assert_eq!(change(&mut bench, &third, "reset", "own"), Ok(third.clone()), "the session goes on");
    let now = bench.wall();
    assert!(bench.state.session_user(&third, now).is_ok());
    assert!(bench.state.session_user(&session_two, now).is_err(), "the others end");
    assert_eq!(bench.state.user(&anna).unwrap().password_hash, "own");
}

#[test]
fn a_password_of_ones_own_choice_works_at_once_after_wrong_tries_of_the_old_one() {
    let mut bench = Bench::new();
    let anna = user(&mut bench, "anna_b", Role::User);
    let session = log_in(&mut bench, &anna, "x").unwrap();
    let now = bench.wall();
    for _ in 0..9 {
        bench.state_call(|s, _| s.login_failed(&anna, "192.0.2.1", now));
    }
    bench
        .state_call(|s, ctx| s.change_password(&session, "x", "own".into(), "d2".into(), "192.0.2.1", ctx))
        .unwrap();
    let account = |s: &huddle_core::state::BoxState, address| s.may_try_login(&anna, address, now);
    assert_eq!(account(&bench.state, "198.51.100.7"), Ok(()), "from anywhere");
    assert_eq!(log_in(&mut bench, &anna, "own").map(|_| ()), Ok(()));
}

#[test]
fn tokens_from_before_a_change_of_role_are_dead() {
    let mut bench = Bench::new();
    let anna = user(&mut bench, "anna_b", Role::Admin);
    let (session, issued) = (log_in(&mut bench, &anna, "x").unwrap(), bench.wall());
    assert!(bench.state.token_user(&session, issued, issued).is_ok());
    bench.pass(1);
    bench.state_call(|s, ctx| s.set_role(&anna, Role::User, By(None), ctx)).unwrap();
    let now = bench.wall();
    assert_eq!(bench.state.token_user(&session, issued, now).err(), Some(Refusal::TokenDead));
    assert!(bench.state.token_user(&session, now, now).is_ok(), "a fresh one says what is so now");
}

#[test]
fn a_room_that_cannot_be_deleted_on_its_day_keeps_the_date_and_is_tried_again() {
    let mut bench = Bench::new();
    let date = Some(UnixMillis(bench.wall().0 + 10_000));
    let change = |room: &str| {
        (RoomId::from(room), RoomChange { auto_deletion_date: Some(date), ..RoomChange::default() })
    };
    let (home, due) = change(HOME);
    bench.state_call(|s, ctx| s.update_room(&home, due, ctx)).unwrap();
    bench.pass(15);
    assert_eq!(bench.state.room(&home).unwrap().auto_deletion_date, date, "this box's own room stays");

    let (id, due) = change(OTHER);
    bench.state_call(|s, ctx| s.update_room(&id, due, ctx)).unwrap();
    bench.save();
    bench.pass(1);
    assert!(bench.state.room(&id).is_err());
    let writes = writes(bench.log());
    bench.state_call(|s, ctx| writes.iter().rev().for_each(|w| s.roll_back(w, ctx)));
    assert_eq!(bench.state.room(&id).unwrap().auto_deletion_date, date, "the disk was full");
    bench.pass(200);
    assert!(bench.state.room(&id).is_ok(), "not at once again");
    bench.pass(120);
    assert!(bench.state.room(&id).is_err());
}

fn writes(effects: &[Effect]) -> Vec<Write> {
    let write = |e: &Effect| if let Effect::Persist(write) = e { Some(write.clone()) } else { None };
    effects.iter().filter_map(write).collect()
}

#[test]
fn a_recording_that_goes_with_its_room_is_remembered_over_a_restart() {
    let mut bench = Bench::new();
    bench.join(OTHER, "ann");
    let by = StartedBy::Participant;
    let id = bench
        .state_call(|s, ctx| s.start_recording(&other(), by, RecordingWishes::default(), ctx))
        .unwrap()
        .recording_id;
    bench.first_frame(&id);
    let (meeting, kept) = (WithMeeting::Force, WithRecordings::Force);
    bench.state_call(|s, ctx| s.delete_room(&other(), meeting, kept, ctx)).unwrap();
    let mut bench = bench.restart(1);
    let before = bench.state.recording(&id).unwrap().clone();
    assert!(before.doomed);
    let webhook = webhook(&mut bench);
    let after = after_restart(before.clone(), Some(file()));
    bench.state_call(|s, ctx| s.recording_recovered(before, after, ctx));
    let told = bench.state.deliveries(&webhook.webhook_id).unwrap().next().expect("an event").event.clone();
    let Facts::Recording(told) = &told.facts else { panic!("{told:?}") };
    assert_eq!((&told.recording_id, told.status), (&id, RecordingStatus::Complete));
    let log = writes(bench.log());
    assert!(log.iter().any(|w| matches!(w, Write::Audit(e) if e.action == "recording.delete")));
    assert!(bench.done(|e| matches!(e, Effect::RemoveFiles { .. })), "when its record is gone");
    let bench = bench.restart(1);
    assert!(bench.state.recording(&id).is_err(), "and it is not told again");
}

fn webhook(bench: &mut Bench) -> Webhook {
    let url = "https://hooks.example.com/".to_owned();
    let spec = WebhookSpec { url, events: None, room_id: None, enabled: true };
    bench.state_call(|s, ctx| s.create_webhook(spec, ctx)).unwrap()
}

#[test]
fn a_recording_that_is_being_finished_goes_after_its_room() {
    let mut bench = Bench::new();
    bench.join(OTHER, "ann");
    let by = StartedBy::Participant;
    let id = bench
        .state_call(|s, ctx| s.start_recording(&other(), by, RecordingWishes::default(), ctx))
        .unwrap()
        .recording_id;
    bench.first_frame(&id);
    let fails = |s: &mut huddle_core::state::BoxState, ctx: &mut huddle_core::state::Ctx<'_>| {
        s.delete_room(&other(), WithMeeting::Force, WithRecordings::Fail, ctx)
    };
    assert!(bench.state_call(fails).is_err(), "one that runs counts");
    bench
        .state_call(|s, ctx| s.delete_room(&other(), WithMeeting::Force, WithRecordings::Force, ctx))
        .unwrap();
    bench.ended(&id, RecordingOutcome::Complete, Some(file()));
    assert_eq!(bench.state.recording(&id), Err(Refusal::RecordingNotFound(id)));
}

#[test]
fn what_was_to_follow_a_meeting_follows_after_a_restart_too() {
    let mut bench = Bench::new();
    bench.join(OTHER, "ann");
    let (meeting, kept) = (WithMeeting::WhenMeetingEnds, WithRecordings::Force);
    bench.state_call(|s, ctx| s.delete_room(&other(), meeting, kept, ctx)).unwrap();
    assert_eq!(bench.state.room(&other()).unwrap().meeting_end_action, MeetingEndAction::Delete);
    let mut bench = bench.restart(1);
    bench.pass(10);
    assert!(bench.state.room(&other()).is_ok(), "people may still come back");
    bench.pass(60);
    assert!(bench.state.room(&other()).is_err());
}

#[test]
fn a_promotion_that_is_not_saved_did_not_happen() {
    let mut bench = Bench::new();
    let seat = bench.ask(OTHER, LinkRole::Speaker, "ann");
    bench.enter(OTHER, LinkRole::Speaker, &seat);
    bench.save();
    let effects = bench.state_call(|s, ctx| {
        s.promote(&other(), &seat.0, ctx).unwrap();
        s.take_effects()
    });
    let early = effects.iter().any(|e| matches!(e, Effect::Grant { .. }));
    let late = effects
        .iter()
        .any(|e| matches!(e, Effect::AfterSave(later) if matches!(**later, Effect::Grant { .. })));
    assert!(!early && late, "nobody is given anything that may be taken back");
    bench.state_call(|s, ctx| writes(&effects).iter().rev().for_each(|w| s.roll_back(w, ctx)));
    assert!(!bench.state.meeting(&other()).unwrap().promoted.contains(&seat.0));
    assert!(!bench.state.leads(&other(), &seat.0));
}

#[test]
fn what_is_taken_away_is_taken_before_it_is_saved() {
    let mut bench = Bench::new();
    let seat = bench.ask(OTHER, LinkRole::Speaker, "ann");
    bench.enter(OTHER, LinkRole::Speaker, &seat);
    bench.state_call(|s, ctx| s.promote(&other(), &seat.0, ctx)).unwrap();
    let effects = bench.state_call(|s, ctx| {
        s.demote(&other(), &seat.0, ctx).unwrap();
        s.take_effects()
    });
    assert!(effects.iter().any(|e| matches!(e, Effect::Grant { .. })));
    assert!(!effects.iter().any(|e| matches!(e, Effect::AfterSave(_))));
}

#[test]
fn a_removal_that_is_not_saved_did_not_happen() {
    let mut bench = Bench::new();
    let seat = bench.ask(OTHER, LinkRole::Speaker, "ann");
    bench.enter(OTHER, LinkRole::Speaker, &seat);
    bench.save();
    let effects = bench.state_call(|s, ctx| {
        s.kick(&other(), &seat.0, ctx).unwrap();
        s.take_effects()
    });
    assert!(!effects.iter().any(|e| matches!(e, Effect::Evict { .. })));
    bench.state_call(|s, ctx| writes(&effects).iter().rev().for_each(|w| s.roll_back(w, ctx)));
    assert!(bench.state.meeting(&other()).unwrap().removed.is_empty());
    let again = bench.ask_again(OTHER, LinkRole::Speaker, &seat);
    assert_eq!(again, seat, "they may come as before");
}

#[test]
fn a_user_has_so_many_rooms() {
    let mut bench = Bench::new();
    let (anna, boss) = (user(&mut bench, "anna_b", Role::User), user(&mut bench, "boss_b", Role::Admin));
    let make = |bench: &mut Bench, owner: &UserId| {
        let new = NewRoom::named("r", owner.clone());
        bench.state_call(|s, ctx| s.create_room(new, ctx)).map(|room| room.room_id)
    };
    let rooms: Vec<RoomId> = (0..3).map(|_| make(&mut bench, &anna).unwrap()).collect();
    assert_eq!(make(&mut bench, &anna), Err(Refusal::TooMany(3, "rooms of this user")));
    (0..5).for_each(|_| drop(make(&mut bench, &boss).unwrap()));
    let (meeting, kept) = (WithMeeting::Fail, WithRecordings::Fail);
    bench.state_call(|s, ctx| s.delete_room(&rooms[0], meeting, kept, ctx)).unwrap();
    assert!(make(&mut bench, &anna).is_ok());
}

/// Actions in the log, in order.
fn actions(bench: &Bench) -> Vec<String> {
    let line = |e: &Effect| match e {
        Effect::Persist(Write::Audit(entry)) => Some(format!("{} {}", entry.actor.who, entry.action)),
        _ => None,
    };
    bench.log().iter().filter_map(line).collect()
}

#[test]
fn what_is_done_at_the_box_is_in_the_log() {
    let mut bench = Bench::new();
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    bench.press(Button::Mute);
    bench.press(Button::Stop);
    bench.ended(&id, RecordingOutcome::Complete, Some(file()));
    bench.state_call(|s, ctx| s.delete_recording(&id, ctx)).unwrap();
    bench.join(HOME, "ann");
    bench.press(Button::HangUp);
    let expected = ["recording.start", "box.setControls", "recording.stop", "recording.delete", "box.hangUp"];
    assert_eq!(actions(&bench), expected.map(|action| format!("box {action}")));
}

#[test]
fn failed_logins_are_in_the_log_but_do_not_wash_it_out() {
    let mut bench = Bench::new();
    let anna = user(&mut bench, "anna_b", Role::User);
    let before = actions(&bench).len();
    for n in 0..500 {
        let who = if n == 0 { anna.clone() } else { UserId::from(format!("pass{n}")) };
        bench.state_call(|s, ctx| s.note_failed_login(&who, ctx));
    }
    assert_eq!(actions(&bench).len() - before, 20);
    bench.pass(61);
    let lines: Vec<_> = bench
        .log()
        .iter()
        .filter_map(|e| match e {
            Effect::Persist(Write::Audit(line)) if line.action == "auth.failed" => Some(line.clone()),
            _ => None,
        })
        .collect();
    assert_eq!((lines[0].target.as_str(), lines[1].target.as_str()), ("anna_b", "unknown user"));
    assert_eq!(lines.last().unwrap().detail, "and 480 more within a minute");
    assert_eq!(lines.len(), 21);
}
