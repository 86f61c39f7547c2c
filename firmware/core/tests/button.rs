//! Debouncing against a simple model: whatever a contact does, presses come in pairs, and what
//! is stable in the end is what was reported last.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test ends at the first surprise"
)]

use std::time::Duration;

use huddle_core::button::{ButtonEvent, DEBOUNCE, Debouncer, LONG_PRESS};
use proptest::prelude::*;

/// Feeds edges (gap before, level) and runs the timeouts in between.
fn run(edges: &[(u64, bool)]) -> Vec<(Duration, ButtonEvent)> {
    let mut button = Debouncer::default();
    let mut now = Duration::from_secs(1);
    let mut events = Vec::new();
    let until = |button: &mut Debouncer, end: Duration, events: &mut Vec<_>| {
        while let Some(at) = button.poll_timeout().filter(|at| *at <= end) {
            events.extend(button.timeout(at).map(|e| (at, e)));
        }
    };
    for (gap, pressed) in edges {
        let next = now + Duration::from_millis(*gap);
        until(&mut button, next, &mut events);
        now = next;
        events.extend(button.edge(*pressed, now).map(|e| (now, e)));
    }
    until(&mut button, now + Duration::from_secs(60), &mut events);
    events
}

#[test]
fn a_press_counts_at_its_first_edge() {
    let bouncing = [(0, true), (2, false), (1, true), (3, false), (2, true)];
    let events = run(&bouncing);
    assert_eq!(events[0], (Duration::from_secs(1), ButtonEvent::Down));
    assert_eq!(events[1].1, ButtonEvent::Long);
    assert_eq!(events[1].0, Duration::from_secs(1) + LONG_PRESS);
    assert_eq!(events.len(), 2);
}

#[test]
fn a_release_inside_the_debounce_time_is_not_lost() {
    let events = run(&[(0, true), (5, false)]);
    assert_eq!(events[1], (Duration::from_secs(1) + DEBOUNCE, ButtonEvent::Up));
}

proptest! {
    #[test]
    fn downs_and_ups_alternate(edges in prop::collection::vec((0_u64..60, any::<bool>()), 0..80)) {
        let events = run(&edges);
        let turns: Vec<_> = events.iter().filter(|(_, e)| *e != ButtonEvent::Long).collect();
        for (i, (_, event)) in turns.iter().enumerate() {
            let expected = if i % 2 == 0 { ButtonEvent::Down } else { ButtonEvent::Up };
            prop_assert_eq!(*event, expected);
        }
        for pair in turns.windows(2) {
            prop_assert!(pair[1].0 - pair[0].0 >= DEBOUNCE);
        }
        let last = edges.last().is_some_and(|(_, pressed)| *pressed);
        prop_assert_eq!(turns.len() % 2 == 1, last);
    }
}
