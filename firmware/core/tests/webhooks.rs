//! Webhooks (`features.md` I3): every event arrives at least once, in order per room, whatever
//! happens to the receiver, the disk and the power.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test ends at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use huddle_core::audit::Actor;
use huddle_core::ids::{Identity, ParticipantSid, RoomId, UserId, WebhookId};
use huddle_core::room::{LinkRole, MeetingRecord, Room};
use huddle_core::state::{
    Arrival, AutoJoin, BoxState, Change, Ctx, Effect, Entrant, Entropy, NewRoom, Now, Refusal, Settings,
    Stored, TokenSource, WebhookSpec, Write, make_room,
};
use huddle_core::units::UnixMillis;
use huddle_core::webhook::{
    Attempt, Delivery, DeliveryState, Event, EventKind, Facts, LeaveReason, Outcome, UrlError, Webhook,
};
use proptest::prelude::*;

struct Counter(u64);

impl Entropy for Counter {
    fn alphanumeric(&mut self, len: usize) -> String {
        self.0 += 1;
        format!("{:0>len$}", self.0)
    }
}

/// A record's table: what is on the disk.
type Table<T> = BTreeMap<String, T>;

/// A box with a disk that may fail, a receiver that may be down, and a plug that may be pulled.
struct World {
    state: BoxState,
    entropy: Counter,
    now: Now,
    rooms: Vec<Room>,
    webhooks: Table<Webhook>,
    deliveries: Table<Delivery>,
    meetings: Table<MeetingRecord>,
    /// Not yet on the disk.
    batches: VecDeque<Vec<Write>>,
    disk_works: bool,
    flying: Vec<Attempt>,
    receiver_up: bool,
    /// What the receiver got.
    received: Vec<Attempt>,
    /// What was once on the disk.
    promised: Table<Delivery>,
    seats: BTreeMap<(RoomId, Identity), ParticipantSid>,
}

fn settings() -> Settings {
    Settings {
        home_room: "home".into(),
        auto_join: AutoJoin::Ask,
        departure_timeout: Duration::from_secs(20),
        disk_reserve: 0,
        resume_window: Duration::from_secs(60),
        rooms_per_user: 100,
        local_webhooks: false,
    }
}

fn spec(url: &str) -> WebhookSpec {
    WebhookSpec { url: url.to_owned(), events: None, room_id: None, enabled: true }
}

fn apply<T: Clone>(table: &mut Table<T>, change: &Change<T>, key: impl Fn(&T) -> String) {
    if let Some(before) = &change.before {
        table.remove(&key(before));
    }
    if let Some(after) = &change.after {
        table.insert(key(after), after.clone());
    }
}

impl World {
    fn new() -> Self {
        let mut entropy = Counter(0);
        let now = Now { mono: Duration::from_secs(1), wall: UnixMillis(1_700_000_000_000) };
        let mut room = |id: &str| {
            let new = NewRoom { id: Some(id.into()), ..NewRoom::named(id, UserId::new("admin")) };
            make_room(new, &mut Ctx { now, entropy: &mut entropy, actor: Actor::this_box() })
        };
        let rooms = vec![room("home"), room("one"), room("two")];
        let stored = Stored { rooms: rooms.clone(), ..Stored::default() };
        Self {
            state: BoxState::new(settings(), stored, now),
            entropy,
            now,
            rooms,
            webhooks: Table::new(),
            deliveries: Table::new(),
            meetings: Table::new(),
            batches: VecDeque::new(),
            disk_works: true,
            flying: Vec::new(),
            receiver_up: true,
            received: Vec::new(),
            promised: Table::new(),
            seats: BTreeMap::new(),
        }
    }

    /// With one webhook that hears of everything.
    fn told() -> (Self, WebhookId) {
        let mut world = Self::new();
        let made = world.call(|s, ctx| s.create_webhook(spec("https://hooks.example.com/"), ctx)).unwrap();
        world.settle();
        (world, made.webhook_id)
    }

    fn call<R>(&mut self, f: impl FnOnce(&mut BoxState, &mut Ctx<'_>) -> R) -> R {
        let mut ctx = Ctx { now: self.now, entropy: &mut self.entropy, actor: Actor::this_box() };
        let answer = f(&mut self.state, &mut ctx);
        let mut batch = Vec::new();
        for effect in self.state.take_effects() {
            match effect {
                Effect::Persist(write) => batch.push(write),
                Effect::Deliver(attempt) => self.flying.push(*attempt),
                _ => {}
            }
        }
        if !batch.is_empty() {
            self.batches.push_back(batch);
        }
        answer
    }

    /// The disk takes what waits for it, or does not.
    fn settle(&mut self) {
        while let Some(batch) = self.batches.pop_front() {
            if !self.disk_works {
                self.call(|s, ctx| batch.iter().rev().for_each(|w| s.roll_back(w, ctx)));
                continue;
            }
            for write in &batch {
                match write {
                    Write::Webhook(c) => apply(&mut self.webhooks, c, |w| w.webhook_id.to_string()),
                    Write::Meeting(c) => apply(&mut self.meetings, c, |m| m.room_id.to_string()),
                    Write::Delivery(c) => {
                        apply(&mut self.deliveries, c, Delivery::key);
                        if let (None, Some(after)) = (&c.before, &c.after) {
                            self.promised.insert(after.key(), after.clone());
                        }
                    }
                    _ => {}
                }
            }
            self.call(|s, _| batch.iter().for_each(|w| s.saved(w)));
        }
    }

    /// The receiver answers what flies.
    fn answer(&mut self) {
        for attempt in std::mem::take(&mut self.flying) {
            let outcome = if self.receiver_up {
                self.received.push(attempt.clone());
                Outcome { status: Some(200), error: None }
            } else {
                Outcome { status: None, error: Some("Connection refused by server".to_owned()) }
            };
            self.call(|s, ctx| s.tried(&attempt.webhook_id, attempt.number, outcome, ctx));
        }
    }

    fn pass(&mut self, seconds: u64) {
        let until = self.now.mono + Duration::from_secs(seconds);
        loop {
            while !self.flying.is_empty() || !self.batches.is_empty() {
                self.settle();
                self.answer();
            }
            let due = self.state.poll_timeout(self.now).unwrap_or(until);
            let to = due.max(self.now.mono + Duration::from_millis(1)).min(until);
            let by = to.saturating_sub(self.now.mono);
            self.now.mono += by;
            self.now.wall.0 += u64::try_from(by.as_millis()).unwrap();
            self.call(|s, ctx| s.tick(ctx));
            if self.now.mono >= until && self.flying.is_empty() && self.batches.is_empty() {
                return;
            }
        }
    }

    /// The power goes and comes back: what is not on the disk is gone. The receiver has got what
    /// was flying, although the box does not know.
    fn power_cut(&mut self) {
        if self.receiver_up {
            self.received.append(&mut self.flying);
        }
        self.flying.clear();
        self.batches.clear();
        self.seats.clear();
        self.now.wall.0 += 7_000;
        self.now.mono = Duration::from_secs(1);
        let stored = Stored {
            rooms: self.rooms.clone(),
            webhooks: self.webhooks.values().cloned().collect(),
            deliveries: self.deliveries.values().cloned().collect(),
            meetings: self.meetings.values().cloned().collect(),
            ..Stored::default()
        };
        self.state = BoxState::new(settings(), stored, self.now);
    }

    fn join(&mut self, room: &str, name: &str) {
        let (room, identity) = (RoomId::from(room), Identity::from(name));
        let source = TokenSource { link: Some(LinkRole::Speaker), ..TokenSource::default() };
        let entrant = Entrant::Member { source };
        let admitted = self.call(|s, ctx| s.admit(&room, &entrant, Arrival::new(&identity, name), ctx));
        let sid = admitted.unwrap().sid;
        self.call(|s, ctx| s.joined(&room, &identity, &sid, ctx));
        self.seats.insert((room, identity), sid);
    }

    fn leave(&mut self, room: &str, name: &str) {
        let key = (RoomId::from(room), Identity::from(name));
        if let Some(sid) = self.seats.remove(&key) {
            self.call(|s, ctx| s.left(&key.0, &key.1, &sid, LeaveReason::VoluntaryLeave, ctx));
        }
    }

    /// What the receiver got of a room, each event once.
    fn heard(&self, room: &str) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        for attempt in self.received.iter().filter(|a| a.event.room_id.as_str() == room) {
            if !events.iter().any(|e| e.id == attempt.event.id) {
                events.push((*attempt.event).clone());
            }
        }
        events
    }

    fn kinds(&self, room: &str) -> Vec<EventKind> {
        self.heard(room).iter().map(|e| e.kind).collect()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Join(&'static str, &'static str),
    Leave(&'static str, &'static str),
    Receiver(bool),
    Disk(bool),
    Save,
    Answer,
    Pass(u64),
    PowerCut,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let room = prop_oneof![Just("one"), Just("two")];
    let name = prop_oneof![Just("ann"), Just("bob")];
    let step = prop_oneof![
        4 => (room.clone(), name.clone()).prop_map(|(r, n)| Step::Join(r, n)),
        3 => (room, name).prop_map(|(r, n)| Step::Leave(r, n)),
        2 => any::<bool>().prop_map(Step::Receiver),
        1 => any::<bool>().prop_map(Step::Disk),
        3 => Just(Step::Save),
        3 => Just(Step::Answer),
        3 => (1..90_u64).prop_map(Step::Pass),
        1 => Just(Step::PowerCut),
    ];
    proptest::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_saved_event_arrives_and_those_of_a_room_in_order(steps in steps()) {
        let (mut world, _) = World::told();
        for step in steps {
            match step {
                Step::Join(room, name) => world.join(room, name),
                Step::Leave(room, name) => world.leave(room, name),
                Step::Receiver(up) => world.receiver_up = up,
                Step::Disk(works) => world.disk_works = works,
                Step::Save => world.settle(),
                Step::Answer => world.answer(),
                Step::Pass(seconds) => world.pass(seconds),
                Step::PowerCut => world.power_cut(),
            }
        }
        (world.receiver_up, world.disk_works) = (true, true);
        world.pass(1_000);
        for (key, promised) in &world.promised {
            let got = world.received.iter().find(|a| a.number == promised.number);
            let id = got.map(|a| a.event.id.as_str());
            prop_assert_eq!(id, Some(promised.event.id.as_str()), "{}", key);
        }
        for room in ["one", "two"] {
            let mut last = 0;
            for attempt in world.received.iter().filter(|a| a.event.room_id.as_str() == room) {
                // Once more is allowed, ahead of an earlier one is not.
                let first = world.received.iter().find(|a| a.number == attempt.number).unwrap();
                if std::ptr::eq(first, attempt) {
                    prop_assert!(attempt.number > last, "{} after {}", attempt.number, last);
                    last = attempt.number;
                }
            }
        }
        let waiting = world.deliveries.values().filter(|d| d.state == DeliveryState::Waiting).count();
        prop_assert_eq!(waiting, 0);
    }
}

#[test]
fn a_meeting_is_told_from_its_beginning_to_its_end() {
    let (mut world, _) = World::told();
    world.join("one", "ann");
    world.pass(5);
    world.leave("one", "ann");
    world.pass(60);
    use EventKind::{MeetingEnded, MeetingStarted, ParticipantJoined, ParticipantLeft};
    assert_eq!(world.kinds("one"), [MeetingStarted, ParticipantJoined, ParticipantLeft, MeetingEnded]);
    let Facts::Participant { attendee, departure, .. } = &world.heard("one")[2].facts else { panic!() };
    assert_eq!(departure.unwrap().reason, LeaveReason::VoluntaryLeave);
    assert_eq!(departure.unwrap().at.since(attendee.joined), 5_000);
}

#[test]
fn a_stay_that_a_power_cut_ended_is_told_before_the_next_one() {
    let (mut world, _) = World::told();
    world.join("one", "ann");
    world.join("two", "bob");
    world.pass(5);
    world.power_cut();
    world.join("one", "ann");
    world.pass(100);
    use EventKind::{MeetingEnded, MeetingStarted, ParticipantJoined, ParticipantLeft};
    let expected = [MeetingStarted, ParticipantJoined, ParticipantLeft, ParticipantJoined];
    assert_eq!(world.kinds("one"), expected, "the meeting itself goes on");
    let expected = [MeetingStarted, ParticipantJoined, ParticipantLeft, MeetingEnded];
    assert_eq!(world.kinds("two"), expected, "nobody came back");
    for room in ["one", "two"] {
        let Facts::Participant { departure, .. } = &world.heard(room)[2].facts else { panic!() };
        assert_eq!(departure.unwrap().reason, LeaveReason::ServerShutdown);
    }
}

#[test]
fn a_meeting_that_a_power_cut_interrupted_can_be_ended_at_once() {
    let (mut world, _) = World::told();
    world.join("one", "ann");
    world.pass(5);
    world.power_cut();
    world.call(|s, ctx| s.end_meeting(&"one".into(), ctx)).unwrap();
    world.pass(1);
    use EventKind::{MeetingEnded, MeetingStarted, ParticipantJoined, ParticipantLeft};
    assert_eq!(world.kinds("one"), [MeetingStarted, ParticipantJoined, ParticipantLeft, MeetingEnded]);
}

#[test]
fn who_is_replaced_by_themself_leaves_first_and_everybody_leaves_with_the_meeting() {
    let (mut world, _) = World::told();
    world.join("one", "ann");
    world.join("one", "ann");
    world.call(|s, ctx| s.end_meeting(&"one".into(), ctx)).unwrap();
    world.pass(1);
    let reasons: Vec<Option<LeaveReason>> = world
        .heard("one")
        .iter()
        .map(|e| match &e.facts {
            Facts::Participant { departure, .. } => departure.map(|d| d.reason),
            _ => None,
        })
        .collect();
    let (replaced, ended) = (Some(LeaveReason::DuplicateIdentity), Some(LeaveReason::MeetingEnded));
    assert_eq!(reasons, [None, None, replaced, None, ended, None]);
}

#[test]
fn nothing_is_sent_before_it_is_saved() {
    let (mut world, _) = World::told();
    world.disk_works = false;
    world.join("one", "ann");
    world.pass(30);
    assert!(world.received.is_empty());
    world.disk_works = true;
    world.pass(10);
    assert_eq!(world.kinds("one"), [EventKind::MeetingStarted, EventKind::ParticipantJoined]);
}

#[test]
fn a_receiver_that_stays_away_for_a_day_gets_no_more_tries() {
    let (mut world, id) = World::told();
    world.receiver_up = false;
    world.join("one", "ann");
    let of = |world: &World| -> Vec<Delivery> { world.state.deliveries(&id).unwrap().cloned().collect() };
    world.pass(70);
    let attempts: Vec<u32> = of(&world).iter().map(|d| d.attempts).collect();
    assert_eq!(attempts, [7, 0], "1, 2, 4 … seconds; the second event waits for the first");
    world.pass(23 * 3_600);
    assert!(of(&world).iter().all(|d| d.state == DeliveryState::Waiting));
    world.pass(2 * 3_600);
    for delivery in of(&world) {
        assert_eq!(delivery.state, DeliveryState::Failed);
        assert!(delivery.attempts >= 1 && delivery.attempts < 200, "{}", delivery.attempts);
        assert_eq!(delivery.last_error.as_deref(), Some("Connection refused by server"));
    }
    world.receiver_up = true;
    world.leave("one", "ann");
    world.pass(60);
    assert_eq!(world.kinds("one"), [EventKind::ParticipantLeft, EventKind::MeetingEnded]);
}

/// A box without a battery starts with the time of its last shutdown.
#[test]
fn a_clock_that_jumps_gives_nothing_up() {
    let (mut world, _) = World::told();
    world.receiver_up = false;
    world.join("one", "ann");
    world.pass(5);
    world.now.wall.0 += 2 * 86_400_000;
    world.pass(600);
    world.receiver_up = true;
    world.pass(600);
    assert_eq!(world.kinds("one"), [EventKind::MeetingStarted, EventKind::ParticipantJoined]);
}

/// What waited while the webhook or the box was off has a day from then on.
#[test]
fn time_in_which_nobody_tries_gives_nothing_up() {
    let (mut world, id) = World::told();
    world.receiver_up = false;
    world.join("one", "ann");
    world.pass(60);
    let put = |world: &mut World, enabled: bool| {
        let spec = WebhookSpec { enabled, ..spec("https://hooks.example.com/") };
        world.call(|s, ctx| s.replace_webhook(&id, spec, ctx)).unwrap();
    };
    put(&mut world, false);
    world.pass(3 * 86_400);
    put(&mut world, true);
    world.pass(600);
    world.power_cut();
    world.now.wall.0 += 3 * 86_400_000;
    world.pass(600);
    world.receiver_up = true;
    world.pass(600);
    let told = [EventKind::MeetingStarted, EventKind::ParticipantJoined];
    assert_eq!(world.kinds("one").get(..2), Some(told.as_slice()));
}

/// A restart does not make a delivery young again, nor one that waits behind it.
#[test]
fn a_day_of_waiting_is_a_day_through_restarts_too() {
    let (mut world, id) = World::told();
    world.receiver_up = false;
    world.join("one", "ann");
    for _ in 0..5 {
        world.pass(5 * 3_600);
        world.power_cut();
    }
    world.pass(10);
    let failed = world.state.deliveries(&id).unwrap().filter(|d| d.state == DeliveryState::Failed);
    let failed: BTreeSet<EventKind> = failed.map(|d| d.event.kind).collect();
    assert!(
        failed.is_superset(&[EventKind::MeetingStarted, EventKind::ParticipantJoined].into()),
        "{failed:?}"
    );
}

/// The record of a new webhook may be the only one that the disk refuses.
#[test]
fn a_webhook_that_could_not_be_saved_leaves_no_deliveries() {
    let mut world = World::new();
    let id =
        world.call(|s, ctx| s.create_webhook(spec("https://hooks.example.com/"), ctx)).unwrap().webhook_id;
    let refused = world.batches.pop_front().unwrap();
    world.join("one", "ann");
    world.call(|s, ctx| refused.iter().rev().for_each(|w| s.roll_back(w, ctx)));
    world.pass(10);
    assert_eq!(world.deliveries.len(), 0, "{:?}", world.deliveries.keys());
    assert!(world.state.webhook(&id).is_err());
    // Those that an earlier version has left go at the next start.
    world.join("one", "bob");
    let (mut old, _) = World::told();
    old.receiver_up = false;
    old.join("one", "ann");
    old.settle();
    assert!(!old.deliveries.is_empty());
    old.webhooks.clear();
    old.power_cut();
    old.pass(1);
    assert_eq!(old.deliveries.len(), 0);
}

#[test]
fn rooms_do_not_wait_for_each_other_and_an_answer_wakes_them_all() {
    let (mut world, _) = World::told();
    world.receiver_up = false;
    world.join("one", "ann");
    world.pass(3_000);
    world.receiver_up = true;
    world.join("two", "bob");
    world.pass(1);
    assert_eq!(world.heard("two").len(), 2);
    assert_eq!(world.heard("one").len(), 2, "the pause of ten minutes is cut short");
}

#[test]
fn when_too_many_wait_the_oldest_is_given_up_and_the_log_is_bounded() {
    let (mut world, id) = World::told();
    world.receiver_up = false;
    for _ in 0..700 {
        world.join("one", "ann");
        world.settle();
        world.leave("one", "ann");
        world.settle();
    }
    let all: Vec<Delivery> = world.state.deliveries(&id).unwrap().cloned().collect();
    let count = |state| all.iter().filter(|d| d.state == state).count();
    assert_eq!((count(DeliveryState::Waiting), count(DeliveryState::Failed)), (1_000, 200));
    assert_eq!(world.deliveries.len(), 1_200, "no more on the disk either");
    let oldest = all.iter().filter(|d| d.state == DeliveryState::Waiting).map(|d| d.number).min();
    assert_eq!(oldest, Some(402), "1,401 came, the last thousand wait");
    let failed = all.iter().find(|d| d.state == DeliveryState::Failed).unwrap();
    assert_eq!(failed.last_error.as_deref(), Some("Too many events were waiting for this webhook"));
}

/// The box gets another address while an event waits.
#[test]
fn the_links_of_an_event_are_those_of_its_moment_at_each_attempt() {
    let (mut world, _) = World::told();
    let base = |world: &mut World, text: &str| world.call(|s, _| s.set_base(text.to_owned()));
    base(&mut world, "https://192.0.2.7");
    world.receiver_up = false;
    world.join("one", "ann");
    world.pass(5);
    base(&mut world, "https://192.0.2.8");
    world.power_cut();
    base(&mut world, "https://192.0.2.9");
    world.receiver_up = true;
    world.pass(5);
    world.join("two", "bob");
    world.pass(5);
    assert_eq!(world.heard("one")[0].base, "https://192.0.2.7");
    assert_eq!(world.heard("two")[0].base, "https://192.0.2.9");
}

#[test]
fn filters_hold_and_a_disabled_or_deleted_webhook_hears_nothing() {
    let (mut world, all) = World::told();
    let room = WebhookSpec { room_id: Some("two".into()), ..spec("https://two.example.com/") };
    let room = world.call(|s, ctx| s.create_webhook(room, ctx)).unwrap().webhook_id;
    let events = Some([EventKind::MeetingStarted].into());
    let events = WebhookSpec { events, ..spec("https://starts.example.com/") };
    let events = world.call(|s, ctx| s.create_webhook(events, ctx)).unwrap().webhook_id;
    let off = WebhookSpec { enabled: false, ..spec("https://off.example.com/") };
    let off = world.call(|s, ctx| s.create_webhook(off, ctx)).unwrap().webhook_id;
    world.call(|s, ctx| s.delete_webhook(&all, ctx)).unwrap();
    world.join("one", "ann");
    world.join("two", "bob");
    world.pass(1);
    let got = |id: &WebhookId| world.received.iter().filter(|a| a.webhook_id == *id).count();
    assert_eq!((got(&all), got(&room), got(&events), got(&off)), (0, 2, 2, 0));
    assert!(world.deliveries.values().all(|d| d.webhook_id != all));
}

#[test]
fn what_cannot_be_a_webhook_is_refused() {
    let mut world = World::new();
    let refused =
        |world: &mut World, spec: WebhookSpec| world.call(|s, ctx| s.create_webhook(spec, ctx)).unwrap_err();
    let local = refused(&mut world, spec("http://127.0.0.1:9/"));
    assert!(matches!(local, Refusal::BadUrl(UrlError::Local)), "{local:?}");
    let none = WebhookSpec { events: Some([].into()), ..spec("https://a.example.com/") };
    assert!(matches!(refused(&mut world, none), Refusal::InvalidField("events", _)));
    let nowhere = WebhookSpec { room_id: Some("no".into()), ..spec("https://a.example.com/") };
    assert_eq!(refused(&mut world, nowhere), Refusal::RoomNotFound("no".into()));
    for _ in 0..20 {
        world.call(|s, ctx| s.create_webhook(spec("https://a.example.com/"), ctx)).unwrap();
    }
    assert_eq!(refused(&mut world, spec("https://a.example.com/")), Refusal::TooMany(20, "webhooks"));
}

#[test]
fn a_new_secret_signs_what_already_waits() {
    let (mut world, id) = World::told();
    let first = world.state.webhook(&id).unwrap().secret.clone();
    world.receiver_up = false;
    world.join("one", "ann");
    world.pass(3);
    let renewed = world.call(|s, ctx| s.renew_webhook_secret(&id, ctx)).unwrap().secret;
    assert_ne!(renewed, first);
    world.receiver_up = true;
    world.pass(10);
    assert_eq!(world.received.len(), 2);
    assert!(world.received.iter().all(|a| a.secret == renewed));
}
