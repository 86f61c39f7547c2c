//! What the state is after writes failed: always what is on the disk.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test ends at the first surprise"
)]

mod kit;

use std::collections::VecDeque;

use huddle_core::button::Button;
use huddle_core::ids::RoomId;
use huddle_core::recording::RecordingStatus;
use huddle_core::room::{Room, RoomStatus, WithMeeting, WithRecordings};
use huddle_core::state::{Change, Effect, RecordingOutcome, Write};
use kit::{Bench, HOME, OTHER, file};
use proptest::prelude::*;

/// A disk that saves in order, or fails.
struct Disk {
    room: Option<Room>,
    waiting: VecDeque<Change<Room>>,
    seen: usize,
}

impl Disk {
    fn new(bench: &Bench) -> Self {
        Self { room: bench.state.room(&OTHER.into()).ok().cloned(), waiting: VecDeque::new(), seen: 0 }
    }

    fn take_writes(&mut self, bench: &Bench) {
        for effect in &bench.log()[self.seen..] {
            if let Effect::Persist(Write::Room(change)) = effect {
                self.waiting.push_back(change.clone());
            }
        }
        self.seen = bench.log().len();
    }

    fn settle(&mut self, bench: &mut Bench, works: bool) {
        let Some(change) = self.waiting.pop_front() else { return };
        let write = Write::Room(change.clone());
        if works {
            self.room = change.after;
            bench.state_call(|s, _| s.saved(&write));
        } else {
            bench.state_call(|s, ctx| s.roll_back(&write, ctx));
        }
    }
}

#[test]
fn two_failed_writes_of_one_room_leave_what_is_on_the_disk() {
    let mut bench = Bench::new();
    let mut disk = Disk::new(&bench);
    let id = RoomId::from(OTHER);
    bench.state_call(|s, ctx| s.set_room_metadata(&id, "one".into(), ctx)).unwrap();
    bench.state_call(|s, ctx| s.set_room_metadata(&id, "two".into(), ctx)).unwrap();
    disk.take_writes(&bench);
    disk.settle(&mut bench, false);
    disk.settle(&mut bench, false);
    assert_eq!(bench.state.room(&id).ok(), disk.room.as_ref());
    assert_eq!(bench.state.room(&id).unwrap().metadata, "");
}

#[test]
fn a_failed_metadata_change_is_taken_back_from_participants_too() {
    let mut bench = Bench::new();
    bench.join(OTHER, "ann");
    let mut disk = Disk::new(&bench);
    bench.state_call(|s, ctx| s.set_room_metadata(&OTHER.into(), "new".into(), ctx)).unwrap();
    assert_eq!(bench.metadata(OTHER).unwrap(), "new");
    disk.take_writes(&bench);
    disk.settle(&mut bench, false);
    assert_eq!(bench.metadata(OTHER).unwrap(), "");
}

#[test]
fn a_recording_whose_record_was_refused_is_written_again() {
    let mut bench = Bench::new();
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    let last = bench.log().iter().rev().find_map(|e| match e {
        Effect::Persist(write @ Write::Recording(_)) => Some(write.clone()),
        _ => None,
    });
    let write = last.unwrap();
    bench.state_call(|s, ctx| s.roll_back(&write, ctx));
    let before = bench.log().len();
    bench.pass(6);
    assert!(bench.log()[before..].contains(&Effect::Persist(write)), "the film is being made anyway");
}

#[test]
fn an_old_failed_write_never_follows_a_newer_one() {
    let mut bench = Bench::new();
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    bench.first_frame(&id);
    bench.press(Button::Stop);
    bench.ended(&id, RecordingOutcome::Complete, Some(file()));
    let writes: Vec<Write> = bench
        .log()
        .iter()
        .filter_map(|e| match e {
            Effect::Persist(write @ Write::Recording(_)) => Some(write.clone()),
            _ => None,
        })
        .collect();
    // All four were under way; the second failed, the others are on the disk.
    bench.state_call(|s, _| s.saved(&writes[0]));
    bench.state_call(|s, ctx| s.roll_back(&writes[1], ctx));
    bench.state_call(|s, _| s.saved(&writes[2]));
    bench.state_call(|s, _| s.saved(&writes[3]));
    bench.pass(10);
    assert_eq!(bench.saved(&id).status, RecordingStatus::Complete);
}

#[test]
fn a_recording_that_could_not_be_listed_is_stopped() {
    let mut bench = Bench::new();
    bench.press(Button::Record);
    let id = bench.recording_id(HOME);
    let first = bench.log().iter().find_map(|e| match e {
        Effect::Persist(write @ Write::Recording(_)) => Some(write.clone()),
        _ => None,
    });
    bench.state_call(|s, ctx| s.roll_back(&first.unwrap(), ctx));
    assert!(bench.done(|e| matches!(e, Effect::RecordStop { id: i } if *i == id)));
}

proptest! {
    /// Changes, successes and failures in any order: when nothing is under way any more, the
    /// state is what is on the disk.
    #[test]
    fn the_state_ends_as_the_disk(steps in prop::collection::vec(0_u8..6, 1..40)) {
        let mut bench = Bench::new();
        let mut disk = Disk::new(&bench);
        let id = RoomId::from(OTHER);
        for (n, step) in steps.into_iter().enumerate() {
            match step {
                0 => drop(bench.state_call(|s, ctx| s.set_room_metadata(&id, n.to_string(), ctx))),
                1 => drop(bench.state_call(|s, ctx| s.set_room_status(&id, RoomStatus::Closed, ctx))),
                2 => drop(bench.state_call(|s, ctx| {
                    s.delete_room(&id, WithMeeting::Fail, WithRecordings::Fail, ctx)
                })),
                3 => disk.settle(&mut bench, true),
                _ => disk.settle(&mut bench, false),
            }
            disk.take_writes(&bench);
        }
        while !disk.waiting.is_empty() {
            disk.settle(&mut bench, false);
            disk.take_writes(&bench);
        }
        prop_assert_eq!(bench.state.room(&id).ok(), disk.room.as_ref());
    }
}
