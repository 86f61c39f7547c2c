//! Recording policy and meetings, as occupants and participants see them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test ends at the first surprise"
)]

mod kit;

use huddle_core::button::Button;
use huddle_core::ids::{Identity, ParticipantSid, UserId};
use huddle_core::indicator::Pattern;
use huddle_core::recording::{EndReason, RecordingStatus, RecordingWishes, after_restart};
use huddle_core::room::{AutoStart, RoomConfig, RoomStatus};
use huddle_core::state::{BoxState, Ctx, Effect, RecordingOutcome, Refusal, RoomChange, StartedBy};
use kit::{Bench, HOME, OTHER, file};
use proptest::prelude::*;

#[test]
fn the_button_records_the_room_alone() {
    let mut bench = Bench::new();
    bench.press(Button::Record);
    assert_eq!(bench.leds().tally, Pattern::Blink);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    assert_eq!(bench.leds().tally, Pattern::On);
    bench.pass(600);
    assert_eq!(bench.leds().tally, Pattern::On, "a recording alone is kept until it is stopped");
    bench.press(Button::Stop);
    assert_eq!(bench.leds().tally, Pattern::Blink);
    bench.ended(&id, RecordingOutcome::Complete, Some(file()));
    assert_eq!(bench.leds().tally, Pattern::Off);
    assert_eq!(bench.saved(&id).status, RecordingStatus::Complete);
    assert!(bench.state.meeting(&HOME.into()).is_none(), "the room alone is no meeting");
}

#[test]
fn everybody_sees_the_recording_from_its_first_frame_to_its_stop() {
    let mut bench = Bench::new();
    bench.join(HOME, "ann");
    bench
        .state_call(|s, ctx| {
            s.start_recording(&HOME.into(), StartedBy::Participant, RecordingWishes::default(), ctx)
        })
        .unwrap();
    let id = bench.recording_id(HOME);
    assert!(!bench.shown(HOME));
    bench.first_frame(&id);
    assert!(bench.shown(HOME));
    bench.state_call(|s, ctx| s.stop_recording(&id, ctx)).unwrap();
    assert!(!bench.shown(HOME));
}

#[test]
fn a_second_press_while_starting_changes_nothing() {
    let mut bench = Bench::new();
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.press(Button::Record);
    assert_eq!(bench.recording_id(HOME), id);
    assert_eq!(bench.leds().tally, Pattern::Blink);
    let again = bench.state_call(|s, ctx| {
        s.start_recording(&HOME.into(), StartedBy::Box, RecordingWishes::default(), ctx)
    });
    assert_eq!(again.unwrap_err(), Refusal::AlreadyRecording(HOME.into()));
}

#[test]
fn another_room_with_nobody_there_cannot_be_recorded() {
    let mut bench = Bench::new();
    let refused = bench.state_call(|s, ctx| {
        s.start_recording(&OTHER.into(), StartedBy::Box, RecordingWishes::default(), ctx)
    });
    assert_eq!(refused.unwrap_err(), Refusal::NoParticipants(OTHER.into()));
}

#[test]
fn a_full_disk_says_so_on_tv_and_led() {
    let mut bench = Bench::new();
    bench.state.set_disk(1_000, 10, 0);
    bench.press(Button::Record);
    assert_eq!(bench.leds().tally, Pattern::FastBlink);
    assert_eq!(bench.leds().status, Pattern::FastBlink);
    assert!(bench.scene().notice.unwrap().contains("full"));
    bench.pass(6);
    assert_eq!(bench.leds().tally, Pattern::Off);
}

#[test]
fn the_trouble_of_another_room_is_not_shown_on_this_one_s_tv() {
    let mut bench = Bench::new();
    bench.join(OTHER, "ann");
    bench.state.set_disk(1_000, 10, 0);
    let start = |s: &mut BoxState, ctx: &mut Ctx<'_>| {
        s.start_recording(&OTHER.into(), StartedBy::Participant, RecordingWishes::default(), ctx)
    };
    assert_eq!(bench.state_call(start).unwrap_err(), Refusal::DiskFull);
    assert_eq!((bench.leds().tally, bench.scene().notice), (Pattern::Off, None));
    bench.press(Button::Record);
    assert!(bench.scene().notice.is_some());
    bench.state.set_disk(1_000, 500, 0);
    bench.state_call(start).unwrap();
    assert!(bench.scene().notice.is_some(), "nor does another room's recording take a notice away");
}

/// A room that records itself.
fn records_itself(bench: &mut Bench, room: &str, when: AutoStart) {
    let config = RoomConfig { recording_auto_start: Some(when), ..RoomConfig::default() };
    let change = RoomChange { config: Some(config), ..RoomChange::default() };
    bench.state_call(|s, ctx| s.update_room(&room.into(), change, ctx)).unwrap();
}

#[test]
fn a_room_that_records_itself_does_it_once_in_a_meeting() {
    for when in [AutoStart::WhenFirstParticipantJoins, AutoStart::WhenModeratorJoins] {
        let mut bench = Bench::new();
        records_itself(&mut bench, OTHER, when);
        let ann = bench.join(OTHER, "ann");
        let id = bench.recording_id(OTHER);
        bench.first_frame(&id);
        bench.state_call(|s, ctx| s.stop_recording(&id, ctx)).unwrap();
        bench.ended(&id, RecordingOutcome::Complete, Some(file()));
        assert_eq!(bench.running(OTHER), None);
        bench.join(OTHER, "bob");
        assert_eq!(bench.running(OTHER), None, "whoever stopped it meant it");
        bench.state_call(|s, ctx| s.end_meeting(&OTHER.into(), ctx)).unwrap();
        bench.leave(OTHER, &ann);
        bench.join(OTHER, "cat");
        assert!(bench.running(OTHER).is_some(), "the next meeting is another one");
    }
}

#[test]
fn a_room_that_records_itself_waits_for_the_second_person() {
    let mut bench = Bench::new();
    records_itself(&mut bench, OTHER, AutoStart::WhenSecondParticipantJoins);
    bench.join(OTHER, "ann");
    assert_eq!(bench.running(OTHER), None);
    bench.join(OTHER, "bob");
    assert!(bench.running(OTHER).is_some());
}

#[test]
fn a_meeting_that_begins_while_the_last_file_is_finished_is_recorded_after_that() {
    let mut bench = Bench::new();
    records_itself(&mut bench, OTHER, AutoStart::WhenFirstParticipantJoins);
    bench.join(OTHER, "ann");
    let first = bench.recording_id(OTHER);
    bench.first_frame(&first);
    bench.state_call(|s, ctx| s.end_meeting(&OTHER.into(), ctx)).unwrap();
    bench.join(OTHER, "bob");
    assert_eq!(bench.recording_id(OTHER), first, "its file is not finished yet");
    bench.ended(&first, RecordingOutcome::Complete, Some(file()));
    assert_ne!(bench.recording_id(OTHER), first);
}

#[test]
fn stop_does_not_end_the_meeting_of_somebody_who_reloads() {
    let mut bench = Bench::new();
    let ann = bench.join(HOME, "ann");
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    bench.leave(HOME, &ann);
    bench.press(Button::Stop);
    bench.ended(&id, RecordingOutcome::Complete, Some(file()));
    bench.pass(5);
    assert!(bench.state.meeting(&HOME.into()).is_some(), "they have their 20 s");
    bench.pass(16);
    assert!(bench.state.meeting(&HOME.into()).is_none());
}

#[test]
fn a_recording_of_a_participant_ends_with_the_meeting() {
    let mut bench = Bench::new();
    let ann = bench.join(HOME, "ann");
    bench
        .state_call(|s, ctx| {
            s.start_recording(&HOME.into(), StartedBy::Participant, RecordingWishes::default(), ctx)
        })
        .unwrap();
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    bench.leave(HOME, &ann);
    bench.pass(21);
    assert!(bench.done(|e| matches!(e, Effect::RecordStop { id: i } if *i == id)));
    assert!(bench.state.meeting(&HOME.into()).is_none());
}

#[test]
fn the_room_joins_with_the_first_remote_and_stands_by_after_the_last() {
    let mut bench = Bench::new();
    let ann = bench.join(HOME, "ann");
    assert!(bench.done(|e| matches!(e, Effect::EndpointJoin { .. })));
    bench.leave(HOME, &ann);
    bench.pass(10);
    assert!(bench.state.meeting(&HOME.into()).is_some(), "they may come back within 20 s");
    bench.pass(11);
    assert!(bench.state.meeting(&HOME.into()).is_none());
    assert!(bench.done(|e| matches!(e, Effect::EndpointLeave)));
}

#[test]
fn hanging_up_leaves_the_others_alone() {
    let mut bench = Bench::new();
    bench.join(HOME, "ann");
    bench.press(Button::HangUp);
    assert!(bench.done(|e| matches!(e, Effect::EndpointLeave)));
    assert!(bench.state.meeting(&HOME.into()).is_some());
    bench.join(HOME, "ben");
    assert_eq!(bench.count(|e| matches!(e, Effect::EndpointJoin { .. })), 1, "it stays away");
}

#[test]
fn hanging_up_does_not_end_the_recording_of_the_others() {
    let mut bench = Bench::new();
    let ann = bench.join(HOME, "ann");
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    bench.press(Button::HangUp);
    assert!(bench.done(|e| matches!(e, Effect::RecordMove { id: i, .. } if *i == id)));
    assert!(!bench.done(|e| matches!(e, Effect::RecordStop { .. })));
    assert!(bench.shown(HOME), "it is still recording");
    let moved = bench.log().iter().position(|e| matches!(e, Effect::RecordMove { .. }));
    let left = bench.log().iter().position(|e| matches!(e, Effect::EndpointLeave));
    assert!(moved < left, "it has its own ears before the room's are closed");
    bench.leave(HOME, &ann);
    bench.pass(21);
    assert!(bench.done(|e| matches!(e, Effect::RecordStop { .. })), "nobody is left to be recorded");
}

#[test]
fn hanging_up_alone_saves_the_recording() {
    let mut bench = Bench::new();
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    bench.press(Button::HangUp);
    assert!(bench.done(|e| matches!(e, Effect::RecordStop { id: i } if *i == id)));
}

#[test]
fn a_recording_goes_on_when_the_room_loses_its_tap() {
    let mut bench = Bench::new();
    bench.join(HOME, "ann");
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    let session = room_session(&bench.state);
    bench.state_call(|s, ctx| s.room_tap_closed(&session, ctx));
    assert!(bench.done(|e| matches!(e, Effect::RecordMove { id: i, .. } if *i == id)));
    assert!(!bench.done(|e| matches!(e, Effect::RecordStop { .. })));
}

#[test]
fn record_then_stop_at_once_leaves_nothing_behind() {
    let failed = RecordingOutcome::Failed("it has no pictures or sound yet".into());
    for (outcome, file) in [(RecordingOutcome::Complete, Some(file())), (failed, None)] {
        let mut bench = Bench::new();
        bench.press(Button::Record);
        let id = bench.recording_id(HOME);
        bench.press(Button::Stop);
        bench.ended(&id, outcome, file);
        let saved = bench.saved(&id);
        assert_eq!(saved.status, RecordingStatus::Aborted);
        assert_eq!((saved.end_reason, saved.error), (Some(EndReason::Cancelled), None));
        assert_eq!(bench.scene().notice.as_deref(), Some("Recording cancelled"));
        assert_eq!(bench.leds().tally, Pattern::Off, "nothing is wrong");
        let removed =
            |e: &Effect| matches!(e, Effect::RemoveFiles { recording } if recording.recording_id == id);
        assert!(bench.done(removed));
    }
}

#[test]
fn a_recording_that_was_given_up_is_listed_when_its_file_is_finished_after_all() {
    let mut bench = Bench::new();
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    bench.press(Button::Stop);
    bench.pass(121);
    let given_up = bench.saved(&id);
    assert_eq!(given_up.status, RecordingStatus::Failed);
    bench.ended(&id, RecordingOutcome::Complete, Some(file()));
    let saved = bench.saved(&id);
    assert_eq!((saved.status, saved.error.as_deref()), (RecordingStatus::Complete, None));
    assert_eq!((saved.size, saved.end_date), (Some(1_000), given_up.end_date));
    bench.ended(&id, RecordingOutcome::Failed("again".into()), None);
    assert_eq!(bench.saved(&id).status, RecordingStatus::Complete, "once is enough");
}

#[test]
fn a_failed_recording_whose_file_is_found_is_complete() {
    let mut bench = Bench::new();
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    let mut bench = bench.restart(5);
    for (found, status) in [(None, RecordingStatus::Failed), (Some(file()), RecordingStatus::Complete)] {
        let before = bench.state.recording(&id).unwrap().clone();
        let after = after_restart(before.clone(), found);
        bench.state_call(|s, ctx| s.recording_recovered(before, after, ctx));
        assert_eq!(bench.saved(&id).status, status);
    }
    let whole = bench.saved(&id);
    assert_eq!((whole.error.as_deref(), whole.size), (None, Some(1_000)));
    assert_eq!(after_restart(whole.clone(), None), whole, "and stays so");
}

#[test]
fn participants_are_told_why_a_recording_ended() {
    let mut bench = Bench::new();
    bench.join(HOME, "ann");
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    bench.ended(&id, RecordingOutcome::LimitReached, Some(file()));
    assert_eq!(bench.saved(&id).end_reason, Some(EndReason::DiskFull));
    let told: serde_json::Value = serde_json::from_str(&bench.metadata(HOME).unwrap()).unwrap();
    let ended = &told["huddlebox"]["recordingEnded"];
    assert_eq!(ended["recordingId"], id.as_str());
    assert_eq!(ended["endReason"], "disk_full");
    assert_eq!(ended["status"], "limit_reached");
    assert!(ended["endDate"].is_u64());
    let reason = bench.log().iter().position(|e| matches!(e, Effect::RoomMetadata { .. }));
    let dark = bench.log().iter().position(|e| matches!(e, Effect::ShowRecording { on: false, .. }));
    assert!(reason < dark, "who sees the indicator go out knows why");
    bench.press(Button::Record);
    assert_eq!(bench.metadata(HOME).unwrap(), "", "the next one begins");
}

#[test]
fn why_a_recording_ended_stands_beside_the_metadata_of_others() {
    let mut bench = Bench::new();
    bench.join(HOME, "ann");
    let set = |text: &str| {
        let text = text.to_owned();
        move |s: &mut BoxState, ctx: &mut Ctx<'_>| s.set_room_metadata(&HOME.into(), text, ctx).map(|_| ())
    };
    bench.state_call(set(r#"{"theirs":1}"#)).unwrap();
    assert_eq!(bench.metadata(HOME).unwrap(), r#"{"theirs":1}"#, "participants see it at once");
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    bench.press(Button::Stop);
    bench.ended(&id, RecordingOutcome::Complete, Some(file()));
    let told: serde_json::Value = serde_json::from_str(&bench.metadata(HOME).unwrap()).unwrap();
    assert_eq!(told["theirs"], 1);
    assert_eq!(told["huddlebox"]["recordingEnded"]["endReason"], "stopped");
    bench.state_call(set("no JSON at all")).unwrap();
    assert_eq!(bench.metadata(HOME).unwrap(), "no JSON at all");
}

#[test]
fn an_interrupted_meeting_goes_on_with_its_start_time() {
    let mut bench = Bench::new();
    bench.join(HOME, "ann");
    let before = bench.state.meeting(&HOME.into()).unwrap().clone();
    let mut bench = bench.restart(10);
    bench.join(HOME, "ann");
    let after = bench.state.meeting(&HOME.into()).unwrap();
    assert_eq!((&after.sid, after.started), (&before.sid, before.started));
}

#[test]
fn a_muted_room_that_loses_its_tap_comes_back_muted() {
    let mut bench = Bench::new();
    bench.join(HOME, "ann");
    bench.press(Button::Mute);
    bench.state_call(|s, ctx| s.room_tap_closed(&room_session(s), ctx));
    bench.pass(3);
    assert_eq!(bench.count(|e| matches!(e, Effect::EndpointJoin { .. })), 2);
    assert!(bench.done(|e| matches!(e, Effect::EndpointJoin { mic_muted: true, .. })));
}

#[test]
fn a_room_that_cannot_join_pauses_longer_each_time_up_to_a_minute() {
    let mut bench = Bench::new();
    bench.join(HOME, "ann");
    let joins = |bench: &Bench| bench.count(|e| matches!(e, Effect::EndpointJoin { .. }));
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        let (before, session) = (joins(&bench), room_session(&bench.state));
        bench.state_call(|s, ctx| s.room_tap_closed(&session, ctx));
        bench.pass(pause - 1);
        assert_eq!(joins(&bench), before, "not before {pause} s");
        bench.pass(1);
        assert_eq!(joins(&bench), before + 1, "after {pause} s");
    }
}

#[test]
fn a_late_report_about_an_earlier_tap_does_not_end_the_present_one() {
    let mut bench = Bench::new();
    bench.join(HOME, "ann");
    let earlier = room_session(&bench.state);
    bench.state_call(|s, ctx| s.room_tap_closed(&earlier, ctx));
    bench.pass(3);
    assert_ne!(room_session(&bench.state), earlier, "the room is back");
    bench.state_call(|s, ctx| s.room_tap_closed(&earlier, ctx));
    bench.pass(3);
    assert_eq!(bench.count(|e| matches!(e, Effect::EndpointLeave)), 1);
    assert_eq!(bench.count(|e| matches!(e, Effect::EndpointJoin { .. })), 2);
}

/// The session with which the room takes part now.
fn room_session(state: &BoxState) -> ParticipantSid {
    let meeting = state.meeting(&HOME.into()).unwrap();
    meeting.participants[&Identity::new("room")].sid.clone()
}

#[test]
fn a_recording_without_a_first_frame_fails_in_time() {
    let mut bench = Bench::new();
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.pass(21);
    assert_eq!(bench.saved(&id).status, RecordingStatus::Failed);
    assert_eq!(bench.leds().tally, Pattern::FastBlink);
    bench.pass(30);
    bench.press(Button::Record);
    assert_eq!(bench.leds().tally, Pattern::Blink, "the button works again");
}

#[test]
fn closing_a_room_waits_for_the_end_of_its_meeting() {
    let mut bench = Bench::new();
    let ann = bench.join(OTHER, "ann");
    bench.state_call(|s, ctx| s.set_room_status(&OTHER.into(), RoomStatus::Closed, ctx)).unwrap();
    assert!(bench.resume(OTHER, &ann).is_ok());
    bench.join(OTHER, "bob");
    bench.state_call(|s, ctx| s.end_meeting(&OTHER.into(), ctx)).unwrap();
    let late = (Identity::new("x"), ParticipantSid::new("PA_x"));
    assert!(matches!(bench.resume(OTHER, &late), Err(Refusal::RoomClosed(_))));
}

#[test]
fn the_box_s_own_identities_are_not_for_others() {
    let mut bench = Bench::new();
    for name in ["room", "recorder"] {
        let sid = ParticipantSid::new("PA_x");
        assert!(matches!(bench.resume(HOME, &(Identity::new(name), sid)), Err(Refusal::Invalid(_))));
    }
}

#[test]
fn wrong_passwords_are_remembered_over_time() {
    let mut bench = Bench::new();
    let user = UserId::new("admin");
    for _ in 0..6 {
        let now = bench.wall();
        bench.state_call(|s, _| s.login_failed(&user, "192.0.2.1", now));
        bench.pass(2);
    }
    let now = bench.wall();
    bench.state_call(|s, _| s.login_failed(&user, "192.0.2.1", now));
    assert!(bench.state.may_try_login(&user, "192.0.2.9", now).is_err());
}

#[derive(Clone, Debug)]
enum Step {
    Press(Button),
    Join,
    LeaveOne,
    FirstFrame,
    Ended(bool),
    Pass(u64),
    Disk(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        prop::sample::select(Button::ALL.to_vec()).prop_map(Step::Press),
        Just(Step::Join),
        Just(Step::LeaveOne),
        Just(Step::FirstFrame),
        any::<bool>().prop_map(Step::Ended),
        (1_u64..40).prop_map(Step::Pass),
        any::<bool>().prop_map(Step::Disk),
    ]
}

proptest! {
    /// Whatever happens: one recording at a time, each start has at most one stop, the lamp is
    /// lit exactly while frames are written, and the endpoint joins and leaves in turn.
    #[test]
    fn lamps_and_effects_agree_with_a_simple_model(steps in prop::collection::vec(step(), 1..60)) {
        let mut bench = Bench::new();
        let mut people = Vec::new();
        for step in steps {
            match step {
                Step::Press(button) => bench.press(button),
                Step::Join => people.push(bench.join(HOME, "someone")),
                Step::LeaveOne => if let Some(who) = people.pop() { bench.leave(HOME, &who) },
                Step::FirstFrame => if let Some(id) = bench.running(HOME) { bench.first_frame(&id) },
                Step::Ended(ok) => if let Some(id) = bench.running(HOME) {
                    let (outcome, file) = if ok {
                        (RecordingOutcome::Complete, Some(file()))
                    } else {
                        (RecordingOutcome::Failed("x".into()), None)
                    };
                    bench.ended(&id, outcome, file);
                },
                Step::Pass(seconds) => bench.pass(seconds),
                Step::Disk(full) => bench.state.set_disk(1_000, if full { 0 } else { 900 }, 0),
            }
            bench.check_model()?;
        }
    }
}
