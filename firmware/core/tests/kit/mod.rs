#![allow(dead_code, reason = "each test file uses a part of it")]
//! A box without a world: drives a `BoxState` and keeps what it asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use huddle_core::account::{FailedLogins, Session, User};
use huddle_core::audit::Actor;
use huddle_core::button::Button;
use huddle_core::ids::{Identity, ParticipantSid, RecordingId, RoomId, UserId};
use huddle_core::indicator::{Leds, Pattern};
use huddle_core::recording::{FinishedFile, Recording};
use huddle_core::room::{LinkRole, MeetingRecord, Room};
use huddle_core::state::{
    Admitted, Arrival, AutoJoin, BoxState, Change, Ctx, Effect, Entrant, Entropy, MemberAsk, NewRoom, Now,
    RecordingOutcome, Refusal, Scene, Settings, Stored, TokenSource, Write, make_room,
};
use huddle_core::units::UnixMillis;
use huddle_core::webhook::LeaveReason;
use proptest::test_runner::TestCaseError;

pub(crate) const HOME: &str = "home";
pub(crate) const OTHER: &str = "other";

/// Counts instead of guessing; the count comes first, backwards, so that beginnings differ.
struct Counter(u64);

impl Entropy for Counter {
    fn alphanumeric(&mut self, len: usize) -> String {
        self.0 += 1;
        let text: String = self.0.to_string().chars().rev().collect();
        format!("{text:0<len$}")
    }
}

pub(crate) struct Bench {
    pub(crate) state: BoxState,
    entropy: Counter,
    now: Now,
    log: Vec<Effect>,
    rooms: Vec<Room>,
}

/// What is saved.
#[derive(Default)]
struct Disk {
    rooms: BTreeMap<String, Room>,
    users: BTreeMap<String, User>,
    sessions: BTreeMap<String, Session>,
    meetings: BTreeMap<String, MeetingRecord>,
    recordings: BTreeMap<String, Recording>,
    failed_logins: BTreeMap<String, FailedLogins>,
}

impl Disk {
    fn put(&mut self, write: &Write) {
        fn put<T: Clone>(map: &mut BTreeMap<String, T>, change: &Change<T>, key: impl Fn(&T) -> String) {
            let known = change.after.as_ref().or(change.before.as_ref()).map(key).unwrap();
            match &change.after {
                Some(after) => map.insert(known, after.clone()),
                None => map.remove(&known),
            };
        }
        match write {
            Write::Room(c) => put(&mut self.rooms, c, |r| r.room_id.to_string()),
            Write::User(c) => put(&mut self.users, c, |u| u.user_id.to_string()),
            Write::Session(c) => put(&mut self.sessions, c, |s| s.id.clone()),
            Write::Meeting(c) => put(&mut self.meetings, c, |m| m.room_id.to_string()),
            Write::Recording(c) => put(&mut self.recordings, c, |r| r.recording_id.to_string()),
            Write::FailedLogins(c) => put(&mut self.failed_logins, c, |f| f.whose.clone()),
            _ => {}
        }
    }

    fn all(self) -> Stored {
        Stored {
            rooms: self.rooms.into_values().collect(),
            users: self.users.into_values().collect(),
            sessions: self.sessions.into_values().collect(),
            meetings: self.meetings.into_values().collect(),
            recordings: self.recordings.into_values().collect(),
            failed_logins: self.failed_logins.into_values().collect(),
            ..Stored::default()
        }
    }
}

fn settings() -> Settings {
    Settings {
        home_room: HOME.into(),
        rooms_per_user: 3,
        auto_join: AutoJoin::Always,
        departure_timeout: Duration::from_secs(20),
        disk_reserve: 100,
        resume_window: Duration::from_secs(60),
        local_webhooks: false,
    }
}

pub(crate) fn file() -> FinishedFile {
    FinishedFile { size: 1_000, duration: 3.0, thumbnail: false }
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with_recordings(Vec::new())
    }

    pub(crate) fn with_recordings(recordings: Vec<Recording>) -> Self {
        let mut entropy = Counter(0);
        let now = Now { mono: Duration::from_secs(1), wall: UnixMillis(1_700_000_000_000) };
        let mut room = |id: &str| {
            let id = Some(RoomId::from(id));
            let new = NewRoom {
                id: id.clone(),
                ..NewRoom::named(id.as_ref().unwrap().as_str(), UserId::new("admin"))
            };
            make_room(new, &mut Ctx { now, entropy: &mut entropy, actor: Actor::this_box() })
        };
        let rooms = vec![room(HOME), room(OTHER)];
        let stored = Stored { rooms: rooms.clone(), recordings, ..Stored::default() };
        let state = BoxState::new(settings(), stored, now);
        Self { state, entropy, now, log: Vec::new(), rooms }
    }

    /// The process ends and starts again, `seconds` later, with what was saved.
    pub(crate) fn restart(self, seconds: u64) -> Self {
        let mut stored = Disk::default();
        self.rooms
            .iter()
            .for_each(|room| stored.put(&Write::Room(Change { before: None, after: Some(room.clone()) })));
        for effect in &self.log {
            if let Effect::Persist(write) = effect {
                stored.put(write);
            }
        }
        let wall = UnixMillis(self.now.wall.0 + seconds * 1_000);
        let now = Now { mono: Duration::from_secs(1), wall };
        let state = BoxState::new(settings(), stored.all(), now);
        Self { state, now, log: Vec::new(), ..self }
    }

    pub(crate) fn state_call<R>(&mut self, f: impl FnOnce(&mut BoxState, &mut Ctx<'_>) -> R) -> R {
        let answer = f(
            &mut self.state,
            &mut Ctx { now: self.now, entropy: &mut self.entropy, actor: Actor::this_box() },
        );
        // Saved at once.
        for effect in self.state.take_effects() {
            self.log.push(if let Effect::AfterSave(later) = effect { *later } else { effect });
        }
        answer
    }

    /// Everything that was asked for until now is on the disk.
    pub(crate) fn save(&mut self) {
        let writes: Vec<Write> = self
            .log
            .drain(..)
            .filter_map(|e| if let Effect::Persist(write) = e { Some(write) } else { None })
            .collect();
        self.state_call(|s, _| writes.iter().for_each(|write| s.saved(write)));
    }

    pub(crate) fn press(&mut self, button: Button) {
        self.state_call(|s, ctx| s.press(button, ctx));
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now.mono += Duration::from_secs(1);
            self.now.wall.0 += 1_000;
            self.state_call(|s, ctx| s.tick(ctx));
        }
    }

    pub(crate) fn join(&mut self, room: &str, name: &str) -> (Identity, ParticipantSid) {
        let room = RoomId::from(room);
        let source = TokenSource { link: Some(LinkRole::Moderator), ..TokenSource::default() };
        let entrant = Entrant::Member { source };
        let identity = Identity::from(format!("{name}-{}", self.entropy.alphanumeric(4)));
        let admitted =
            self.state_call(|s, ctx| s.admit(&room, &entrant, Arrival::new(&identity, name), ctx)).unwrap();
        self.state_call(|s, ctx| s.joined(&room, &identity, &admitted.sid, ctx));
        (identity, admitted.sid)
    }

    pub(crate) fn resume(
        &mut self,
        room: &str,
        who: &(Identity, ParticipantSid),
    ) -> Result<Admitted, Refusal> {
        let (room, (identity, sid)) = (RoomId::from(room), who.clone());
        let source = TokenSource { link: Some(LinkRole::Moderator), ..TokenSource::default() };
        let entrant = Entrant::Member { source };
        self.state_call(|s, ctx| {
            s.admit(&room, &entrant, Arrival { resume: Some(sid), ..Arrival::new(&identity, "x") }, ctx)
        })
    }

    /// Somebody sets the clock.
    pub(crate) fn jump(&mut self, seconds: i64) {
        self.now.wall.0 = self.now.wall.0.saturating_add_signed(seconds * 1_000);
    }

    pub(crate) fn wall(&self) -> UnixMillis {
        self.now.wall
    }

    /// A token for a link, as the join page asks for it: identity and name.
    pub(crate) fn ask(&mut self, room: &str, link: LinkRole, name: &str) -> (Identity, String) {
        self.token(room, link, Some(name.into()), None)
    }

    /// The same from a browser that shows its last token.
    pub(crate) fn ask_again(
        &mut self,
        room: &str,
        link: LinkRole,
        seat: &(Identity, String),
    ) -> (Identity, String) {
        self.token(room, link, None, Some(seat.clone()))
    }

    fn token(
        &mut self,
        room: &str,
        link: LinkRole,
        name: Option<String>,
        seat: Option<(Identity, String)>,
    ) -> (Identity, String) {
        let known = self.rooms.iter().find(|r| r.room_id.as_str() == room).unwrap();
        let secret = Some(known.link(link).secret.reveal().to_owned());
        let ask = MemberAsk { secret, seat, join: true, name, ..MemberAsk::default() };
        let grant = self.state_call(|s, ctx| s.member_token(&room.into(), &ask, ctx)).unwrap();
        (grant.identity.unwrap(), grant.name.unwrap())
    }

    /// Comes in with such a token.
    pub(crate) fn enter(&mut self, room: &str, link: LinkRole, seat: &(Identity, String)) -> Admitted {
        let room = RoomId::from(room);
        let source = TokenSource { link: Some(link), ..TokenSource::default() };
        let entrant = Entrant::Member { source };
        let admitted =
            self.state_call(|s, ctx| s.admit(&room, &entrant, Arrival::new(&seat.0, &seat.1), ctx));
        let admitted = admitted.unwrap();
        self.state_call(|s, ctx| s.joined(&room, &seat.0, &admitted.sid, ctx));
        admitted
    }

    /// Their signalling connection is gone.
    pub(crate) fn cut_off(&mut self, admitted: &Admitted) {
        self.state_call(|s, _| s.disconnected(&admitted.room, &admitted.identity, &admitted.sid));
    }

    /// What participants were told last of the room's metadata.
    pub(crate) fn metadata(&self, room: &str) -> Option<String> {
        let told = self.log.iter().filter_map(|e| match e {
            Effect::RoomMetadata { room: r, metadata } if r.as_str() == room => Some(metadata.clone()),
            _ => None,
        });
        told.into_iter().next_back()
    }

    pub(crate) fn log(&self) -> &[Effect] {
        &self.log
    }

    pub(crate) fn leave(&mut self, room: &str, who: &(Identity, ParticipantSid)) {
        self.state_call(|s, ctx| s.left(&room.into(), &who.0, &who.1, LeaveReason::VoluntaryLeave, ctx));
    }

    pub(crate) fn first_frame(&mut self, id: &RecordingId) {
        self.state_call(|s, ctx| s.recording_started(id, ctx));
    }

    pub(crate) fn ended(&mut self, id: &RecordingId, outcome: RecordingOutcome, file: Option<FinishedFile>) {
        self.state_call(|s, ctx| s.recording_ended(id, &outcome, file, ctx));
    }

    pub(crate) fn leds(&self) -> Leds {
        self.state.leds(self.now)
    }

    pub(crate) fn scene(&self) -> Scene {
        self.state.scene(self.now)
    }

    pub(crate) fn done(&self, which: impl Fn(&Effect) -> bool) -> bool {
        self.log.iter().any(which)
    }

    pub(crate) fn count(&self, which: impl Fn(&Effect) -> bool) -> usize {
        self.log.iter().filter(|e| which(e)).count()
    }

    /// The recording that runs in that room, if any.
    pub(crate) fn running(&self, room: &str) -> Option<RecordingId> {
        let mut running = None;
        for effect in &self.log {
            if let Effect::Persist(Write::Recording(change)) = effect
                && let Some(after) = change.after.as_ref().filter(|r| r.room_id.as_str() == room)
            {
                let over = after.status.is_over();
                running = (!over).then(|| after.recording_id.clone());
            }
        }
        running
    }

    pub(crate) fn recording_id(&self, room: &str) -> RecordingId {
        self.running(room).unwrap()
    }

    /// The record as it was saved last.
    pub(crate) fn saved(&self, id: &RecordingId) -> Recording {
        let records = self.log.iter().filter_map(|e| match e {
            Effect::Persist(Write::Recording(change)) => change.after.clone(),
            _ => None,
        });
        records.into_iter().rfind(|r| r.recording_id == *id).unwrap()
    }

    /// Do participants see the recording indicator?
    pub(crate) fn shown(&self, room: &str) -> bool {
        let shows = self.log.iter().filter_map(|e| match e {
            Effect::ShowRecording { room: r, on } if r.as_str() == room => Some(*on),
            _ => None,
        });
        shows.into_iter().next_back().unwrap_or(false)
    }

    /// The laws that hold after every step.
    pub(crate) fn check_model(&self) -> Result<(), TestCaseError> {
        let active = self.shown(HOME);
        let lit = self.leds().tally == Pattern::On;
        proptest::prop_assert_eq!(active, lit, "the lamp is lit while everybody sees it");
        let starts = self.count(|e| matches!(e, Effect::RecordStart { .. }));
        let stops = self.count(|e| matches!(e, Effect::RecordStop { .. }));
        proptest::prop_assert!(stops <= starts);
        let over = self.count(|e| matches!(e, Effect::RecorderLeave { .. }));
        proptest::prop_assert!(starts - over <= 1, "one recording at a time");
        let joins = self.count(|e| matches!(e, Effect::EndpointJoin { .. }));
        let leaves = self.count(|e| matches!(e, Effect::EndpointLeave));
        proptest::prop_assert!(joins == leaves || joins == leaves + 1);
        Ok(())
    }
}
