//! The state of the box and what changes it (design.md "conductor").
//!
//! One task owns a [`BoxState`]. It calls a method per command, report, press or tick and then
//! takes the [`Effect`]s out. Nothing here waits, reads a clock or makes random numbers: [`Ctx`]
//! brings them.
//!
//! ```text
//! meeting:    none ──admit──► running ──last remote leaves, 20 s──► none
//! endpoint:   standby ──first remote──► (announcing) ──► joined ──meeting ends / hang-up──► standby
//! recording:  none ──start──► starting ──first frame──► active ──stop──► ending ──file──► none
//! ```

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::account::{ApiKeyRecord, Backoff, FailedLogins, Group, Session, User};
use crate::audit::Actor;
use crate::ids::{GroupId, Identity, MeetingSid, ParticipantSid, RoomId, UserId, WebhookId};
use crate::meeting::{Meeting, ParticipantKind};
use crate::member::Member;
use crate::recording::Recording;
use crate::room::{MeetingEndAction, MeetingRecord, Room};
use crate::units::UnixMillis;
use crate::webhook::{Delivery, EventKind, LeaveReason, Webhook};
use alarms::Alarms;
use ledger::PutBack;

mod account;
mod admit;
mod alarms;
mod audit;
mod deletion;
mod devices;
mod effect;
mod endpoint;
mod grants;
mod groups;
mod join;
mod keys;
mod ledger;
mod meeting;
mod members;
mod moderate;
mod outbox;
mod press;
mod record;
mod refusal;
mod rights;
mod rooms;
mod tables;
mod users;
mod view;
mod webhooks;

pub use crate::access::TokenSource;
pub use account::BACKOFFS;
pub use admit::{Admitted, Arrival, Entrant};
pub use deletion::{Deleted, DeletionCode};
pub use devices::{Device, DeviceState, Disk};
pub use effect::{Change, Effect, Eviction, Write};
pub use endpoint::{AutoJoin, Endpoint};
pub use grants::MediaGrants;
pub use groups::GroupChange;
pub use join::{MemberAsk, MemberGrant};
pub use meeting::{ParticipantUpdate, TrackFlags};
pub use members::NewMember;
pub use moderate::SwitchOff;
pub use record::{RecordingOutcome, RecordingRun, RunPhase, StartedBy};
pub use refusal::Refusal;
pub use rooms::{AccessChange, NewRoom, RoomChange, make_room};
pub use tables::{Table, Tables};
pub use users::{By, NewUser};
pub use view::{
    BoxStatus, DeviceActivity, DeviceStatus, DiskView, EndpointView, MeetingView, ParticipantView,
    RecordingState, RecordingView, RoomState, Scene,
};
pub use webhooks::WebhookSpec;

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Monotonic, since any fixed moment.
    pub mono: Duration,
    /// Wall clock.
    pub wall: UnixMillis,
}

/// Source of unguessable text.
pub trait Entropy {
    /// `len` random characters of `[A-Za-z0-9]`.
    fn alphanumeric(&mut self, len: usize) -> String;
}

/// What a call brings from outside.
pub struct Ctx<'a> {
    /// Time.
    pub now: Now,
    /// Randomness.
    pub entropy: &'a mut dyn Entropy,
    /// Who asks; the box itself unless somebody else is named.
    pub actor: Actor,
}

/// Fixed while the box runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// This room's own room (R7).
    pub home_room: RoomId,
    /// Rooms that a user who is no admin may have.
    pub rooms_per_user: usize,
    /// How the room joins its meetings.
    pub auto_join: AutoJoin,
    /// A meeting ends this long after the last remote participant left.
    pub departure_timeout: Duration,
    /// Free bytes that recordings must leave.
    pub disk_reserve: u64,
    /// An interrupted meeting is continued this long after a restart.
    pub resume_window: Duration,
    /// Webhooks may lead to the box itself and its nearest neighbourhood.
    pub local_webhooks: bool,
}

/// Everything the box knows.
#[derive(Debug)]
pub struct BoxState {
    settings: Settings,
    tables: Tables,
    alarms: Alarms,
    /// Rooms whose meeting was over, but what was to happen then was not done when the box ended.
    unfinished: Vec<RoomId>,
    outbox: outbox::Outbox,
    /// Begins links to the box.
    base: String,
    meetings: BTreeMap<RoomId, Meeting>,
    interrupted: BTreeMap<RoomId, (MeetingRecord, Duration)>,
    runs: BTreeMap<RoomId, RecordingRun>,
    endpoint: Endpoint,
    room_controls: endpoint::Controls,
    devices: BTreeMap<Device, DeviceState>,
    disk: Disk,
    notice: Option<(String, Duration)>,
    fault_until: Option<Duration>,
    backoffs: BTreeMap<String, Backoff>,
    failures: audit::Failures,
    ledgers: ledger::Ledgers,
    unsaved: BTreeMap<String, (Write, Duration)>,
    grant_version: u64,
    audit_count: u32,
    effects: Vec<Effect>,
}

/// What was on the disk when the box started.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Users.
    pub users: Vec<User>,
    /// Login sessions.
    pub sessions: Vec<Session>,
    /// Rooms.
    pub rooms: Vec<Room>,
    /// Groups.
    pub groups: Vec<Group>,
    /// API keys.
    pub keys: Vec<ApiKeyRecord>,
    /// Members of all rooms.
    pub members: Vec<Member>,
    /// Recordings.
    pub recordings: Vec<Recording>,
    /// Failed logins.
    pub failed_logins: Vec<FailedLogins>,
    /// Webhooks.
    pub webhooks: Vec<Webhook>,
    /// Their deliveries, waiting and over.
    pub deliveries: Vec<Delivery>,
    /// Meetings that were running.
    pub meetings: Vec<MeetingRecord>,
}

impl BoxState {
    /// The state after a start.
    pub fn new(settings: Settings, mut stored: Stored, now: Now) -> Self {
        let until = now.mono + settings.resume_window;
        let interrupted = std::mem::take(&mut stored.meetings);
        let backoffs = stored.failed_logins.drain(..).map(|f| (f.whose, f.backoff)).collect();
        let told = |d: &Delivery| stored.webhooks.iter().any(|w| w.webhook_id == d.webhook_id);
        let (deliveries, orphans) = std::mem::take(&mut stored.deliveries).into_iter().partition(told);
        let outbox = outbox::Outbox::load(deliveries, now);
        let alarms = Alarms::of(&stored.rooms);
        let meets = |id: &RoomId| interrupted.iter().any(|m| m.room_id == *id);
        let unfinished = stored.rooms.iter().filter(|r| r.meeting_end_action != MeetingEndAction::None);
        let unfinished = unfinished.map(|r| r.room_id.clone()).filter(|id| !meets(id)).collect();
        let mut state = Self {
            settings,
            tables: Tables::new(stored),
            alarms,
            unfinished,
            outbox,
            base: String::new(),
            meetings: BTreeMap::new(),
            interrupted: interrupted.into_iter().map(|m| (m.room_id.clone(), (m, until))).collect(),
            runs: BTreeMap::new(),
            endpoint: Endpoint::Standby,
            room_controls: endpoint::Controls::default(),
            devices: BTreeMap::new(),
            disk: Disk::default(),
            notice: None,
            fault_until: None,
            backoffs,
            failures: audit::Failures::default(),
            ledgers: ledger::Ledgers::default(),
            unsaved: BTreeMap::new(),
            grant_version: 1,
            audit_count: 0,
            effects: Vec::new(),
        };
        state.remove_deliveries(orphans);
        state
    }

    /// Takes what is to be done, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// A write is on the disk.
    pub fn saved(&mut self, write: &Write) {
        self.unsaved.remove(&retry_key(write));
        if let Write::Delivery(Change { before: None, after: Some(delivery) }) = write {
            self.outbox.saved(delivery);
        }
        self.settle(write, true);
    }

    /// A write failed. Users, sessions, rooms and who is promoted or removed become what is on the
    /// disk; a recording that could not be listed is stopped; what runs anyway is written again
    /// later.
    pub fn roll_back(&mut self, write: &Write, ctx: &mut Ctx<'_>) {
        self.settle(write, false);
        if let Write::Room(_) = write {
            self.look_again_later(&RoomId::from(write.key()), ctx.now.wall);
        }
        self.follow_rights();
        match write {
            Write::Recording(Change { before: None, after: Some(recording) }) => {
                self.stop_unlisted(recording, ctx);
            }
            Write::Meeting(change) => self.write_meeting_again(change, ctx),
            Write::Delivery(Change { before: Some(delivery), after: None }) => {
                self.put_delivery_back(delivery, ctx);
            }
            Write::Delivery(Change { after: Some(delivery), .. })
                if !self.tables.webhooks.contains_key(&delivery.webhook_id) => {}
            Write::Recording(Change { after: Some(_), .. })
            | Write::Delivery(Change { after: Some(_), .. }) => {
                let due = ctx.now.mono + Duration::from_secs(5);
                self.unsaved.insert(retry_key(write), (write.clone(), due));
            }
            Write::Recording(Change { before: Some(kept), after: None }) => {
                self.tables.recordings.put(kept.recording_id.clone(), Some(kept.clone()));
            }
            // These became what is on the disk; what was not done needs no line in the log.
            Write::Recording(_)
            | Write::User(_)
            | Write::Session(_)
            | Write::Room(_)
            | Write::Group(_)
            | Write::ApiKey(_)
            | Write::Member(_)
            | Write::FailedLogins(_)
            | Write::HomeRoom(_)
            | Write::Webhook(_)
            | Write::Delivery(_)
            | Write::Audit(_) => {}
        }
    }

    fn settle(&mut self, write: &Write, saved: bool) {
        match self.ledgers.settle(write, saved) {
            Some(PutBack::User(user)) => self.tables.users.put(UserId::from(write.key()), user),
            Some(PutBack::Session(session)) => self.tables.sessions.put(write.key(), session),
            Some(PutBack::Room(room)) => {
                let id = RoomId::from(write.key());
                self.alarms.set(&id, room.as_ref().and_then(|room| room.auto_deletion_date));
                self.tables.rooms.put(id.clone(), room);
                self.show_metadata(&id);
            }
            Some(PutBack::Group(group)) => self.tables.groups.put(GroupId::from(write.key()), group),
            Some(PutBack::ApiKey(key)) => self.tables.keys.put(write.key(), key),
            Some(PutBack::Meeting(record)) => self.restore_meeting(&RoomId::from(write.key()), record),
            Some(PutBack::Member(member)) => {
                if let Write::Member(c) = write
                    && let Some(known) = c.after.as_ref().or(c.before.as_ref())
                {
                    self.tables.members.put((known.room_id.clone(), known.member_id.clone()), member);
                }
            }
            Some(PutBack::HomeRoom(room)) => {
                self.settings.home_room = room.unwrap_or_else(|| self.settings.home_room.clone());
            }
            Some(PutBack::Webhook(webhook)) => {
                let id = WebhookId::from(write.key());
                let gone = webhook.is_none();
                self.tables.webhooks.put(id.clone(), webhook);
                if gone {
                    self.forget_deliveries(&id);
                }
            }
            None => {}
        }
    }

    fn write_again(&mut self, mono: Duration) {
        let due: Vec<String> =
            self.unsaved.iter().filter(|(_, (_, at))| *at <= mono).map(|(key, _)| key.clone()).collect();
        for key in due {
            if let Some((write, _)) = self.unsaved.remove(&key) {
                self.push(Effect::Persist(write));
            }
        }
    }

    /// A picture of everything that is kept, for lists.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// When [`Self::tick`] wants to be called next.
    pub fn poll_timeout(&self, now: Now) -> Option<Duration> {
        let meetings = self.meetings.iter().filter_map(|(room, m)| {
            let kept = self.runs.get(room).is_some_and(|run| run.keeps_meeting);
            let since = m.empty_since.filter(|_| !kept);
            let departure = since.map(|since| since + self.settings.departure_timeout);
            m.pending_deadline().into_iter().chain(departure).chain(m.time_limit()).min()
        });
        let due = self.alarms.next().map(|due| now.mono + Duration::from_millis(due.since(now.wall)));
        let interrupted = self.interrupted.values().map(|(_, until)| *until);
        let notice = self.notice.iter().map(|(_, until)| *until);
        meetings
            .chain(interrupted)
            .chain(notice)
            .chain(due)
            .chain(self.fault_until)
            .chain(self.endpoint.deadline())
            .chain(self.runs.values().filter_map(RecordingRun::deadline))
            .chain(self.unsaved.values().map(|(_, at)| *at))
            .chain(self.outbox.deadline(|id| self.tables.webhooks.get(id).is_some_and(|w| w.enabled)))
            .min()
    }

    /// Time passed.
    pub fn tick(&mut self, ctx: &mut Ctx<'_>) {
        let mono = ctx.now.mono;
        self.notice.take_if(|(_, until)| *until <= mono);
        self.fault_until.take_if(|until| *until <= mono);
        self.tick_logins(ctx);
        self.forget_interrupted(ctx);
        self.write_again(mono);
        self.tick_runs(ctx);
        self.tick_meetings(ctx);
        self.tick_endpoint(ctx);
        self.tick_rooms(ctx);
        for room in std::mem::take(&mut self.unfinished) {
            self.after_meeting(&room, ctx);
        }
        self.tick_webhooks(ctx);
    }

    fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// A newer change of a record makes an older one that waits for its next try obsolete.
    fn persist(&mut self, write: Write) {
        self.unsaved.remove(&retry_key(&write));
        self.ledgers.begin(&write);
        self.tables.apply(&write);
        if let Write::Room(change) = &write
            && let Some(room) = change.after.as_ref().or(change.before.as_ref())
        {
            let at = change.after.as_ref().and_then(|room| room.auto_deletion_date);
            self.alarms.set(&room.room_id, at);
        }
        self.push(Effect::Persist(write));
    }

    fn notify(&mut self, text: impl Into<String>, now: Now) {
        self.notice = Some((text.into(), now.mono + Duration::from_secs(5)));
    }

    fn fault(&mut self, text: impl Into<String>, now: Now) {
        self.notify(text, now);
        self.fault_until = Some(now.mono + Duration::from_secs(5));
    }

    fn next_version(&mut self) -> u64 {
        self.grant_version += 1;
        self.grant_version
    }

    /// The local participant of a kind in a meeting.
    fn local(&mut self, room: &Room, kind: ParticipantKind, ctx: &mut Ctx<'_>) -> Admitted {
        let (identity, name, grants) = match kind {
            ParticipantKind::Recorder => {
                (join::RECORDER_IDENTITY, "Recorder".to_owned(), MediaGrants::RECORDER)
            }
            ParticipantKind::Room | ParticipantKind::Standard => {
                (join::ROOM_IDENTITY, room.room_name.clone(), MediaGrants::ROOM)
            }
        };
        let (meeting, started) = self.ensure_meeting(room, ctx);
        let sid = ParticipantSid::from(format!("PA_{}", ctx.entropy.alphanumeric(12)));
        Admitted {
            room: room.room_id.clone(),
            meeting,
            started,
            room_metadata: self.metadata_of(room),
            recording: self.is_shown_recording(&room.room_id),
            identity: Identity::new(identity),
            sid,
            name,
            metadata: String::new(),
            attributes: BTreeMap::new(),
            kind,
            grants,
            version: self.next_version(),
        }
    }

    /// A meeting runs there, or a restart has interrupted one whose people are about to come back.
    pub(super) fn meets(&self, room: &RoomId) -> bool {
        self.meetings.contains_key(room) || self.interrupted.contains_key(room)
    }

    /// The meeting that somebody who comes in now finds: the one that runs, or, still without people,
    /// the one that a restart interrupted: who was promoted or removed in it still is.
    fn meeting_to_join(&self, room: &RoomId) -> Option<Cow<'_, Meeting>> {
        let interrupted = || self.interrupted.get(room).map(|(record, _)| Meeting::continued(record));
        self.meetings.get(room).map(Cow::Borrowed).or_else(|| interrupted().map(Cow::Owned))
    }

    fn ensure_meeting(&mut self, room: &Room, ctx: &mut Ctx<'_>) -> (MeetingSid, UnixMillis) {
        if let Some(meeting) = self.meetings.get(&room.room_id) {
            return (meeting.sid.clone(), meeting.started);
        }
        let kept = self.interrupted.remove(&room.room_id).map(|(record, _)| record);
        let fresh = kept.is_none();
        let record = kept.unwrap_or_else(|| MeetingRecord {
            room_id: room.room_id.clone(),
            sid: MeetingSid::from(format!("RM_{}", ctx.entropy.alphanumeric(12))),
            started: ctx.now.wall,
            promoted: BTreeSet::new(),
            removed: BTreeMap::new(),
            attendees: BTreeMap::new(),
        });
        let mut meeting = Meeting::continued(&record);
        meeting.empty_since = Some(ctx.now.mono);
        meeting.had_guests = !fresh;
        meeting.ends = room.config.max_duration_minutes.map(|minutes| {
            let passed = Duration::from_millis(ctx.now.wall.since(record.started));
            ctx.now.mono + Duration::from_secs(u64::from(minutes) * 60).saturating_sub(passed)
        });
        self.meetings.insert(room.room_id.clone(), meeting);
        let answer = (record.sid.clone(), record.started);
        if fresh {
            self.persist(Write::Meeting(Change { before: None, after: Some(record) }));
            self.tell_meeting(EventKind::MeetingStarted, room, false, ctx);
        } else if !record.attendees.is_empty() {
            // They come in anew.
            self.tell_all_left(&record, LeaveReason::ServerShutdown, ctx);
            let after = Some(MeetingRecord { attendees: BTreeMap::new(), ..record.clone() });
            self.persist(Write::Meeting(Change { before: Some(record), after }));
        }
        answer
    }
}

/// Under which a failed write waits for its next try.
fn retry_key(write: &Write) -> String {
    match write {
        Write::Meeting(_) => format!("meeting {}", write.key()),
        Write::Delivery(_) => format!("delivery {}", write.key()),
        Write::User(_)
        | Write::Session(_)
        | Write::Room(_)
        | Write::Recording(_)
        | Write::Group(_)
        | Write::ApiKey(_)
        | Write::Member(_)
        | Write::FailedLogins(_)
        | Write::HomeRoom(_)
        | Write::Webhook(_)
        | Write::Audit(_) => write.key(),
    }
}
