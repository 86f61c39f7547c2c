//! What is on the disk while changes are under way. A change shows at once and is saved a moment
//! later, so several of one record may be under way; when they fail, the record becomes what the
//! disk has, not what the last of them replaced.

use std::collections::BTreeMap;

use super::{Change, Write};
use crate::account::{ApiKeyRecord, Group, Session, User};
use crate::ids::RoomId;
use crate::member::Member;
use crate::room::{MeetingRecord, Room};
use crate::webhook::{Delivery, Webhook};

/// Records of one kind that have changes under way, by their key.
#[derive(Debug)]
pub(super) struct Ledger<T>(BTreeMap<String, Open<T>>);

#[derive(Debug)]
struct Open<T> {
    on_disk: Option<T>,
    under_way: u32,
    failed: bool,
}

impl<T> Default for Ledger<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Clone> Ledger<T> {
    fn begin(&mut self, key: &str, change: &Change<T>) {
        let open = self.0.entry(key.to_owned());
        open.or_insert_with(|| Open { on_disk: change.before.clone(), under_way: 0, failed: false })
            .under_way += 1;
    }

    /// One change under way was `saved`, or failed. When none is left and any of them failed,
    /// says what is on the disk.
    fn settle(&mut self, key: &str, saved: Option<&Change<T>>) -> Option<Option<T>> {
        let open = self.0.get_mut(key)?;
        match saved {
            Some(change) => open.on_disk.clone_from(&change.after),
            None => open.failed = true,
        }
        open.under_way -= 1;
        if open.under_way > 0 {
            return None;
        }
        let open = self.0.remove(key)?;
        open.failed.then_some(open.on_disk)
    }
}

/// One ledger per kind of record that a failed write takes back.
#[derive(Debug, Default)]
pub(super) struct Ledgers {
    users: Ledger<User>,
    sessions: Ledger<Session>,
    rooms: Ledger<Room>,
    groups: Ledger<Group>,
    keys: Ledger<ApiKeyRecord>,
    members: Ledger<Member>,
    meetings: Ledger<MeetingRecord>,
    webhooks: Ledger<Webhook>,
    home_room: Ledger<RoomId>,
}

/// What a record is to become.
pub(super) enum PutBack {
    User(Option<User>),
    Session(Option<Session>),
    Room(Option<Room>),
    Group(Option<Group>),
    ApiKey(Option<ApiKeyRecord>),
    Member(Option<Member>),
    Meeting(Option<MeetingRecord>),
    Webhook(Option<Webhook>),
    HomeRoom(Option<RoomId>),
}

impl Ledgers {
    pub(super) fn begin(&mut self, write: &Write) {
        let key = &write.key();
        match write {
            Write::User(c) => self.users.begin(key, c),
            Write::Session(c) => self.sessions.begin(key, c),
            Write::Room(c) => self.rooms.begin(key, c),
            Write::Group(c) => self.groups.begin(key, c),
            Write::ApiKey(c) => self.keys.begin(key, c),
            Write::Member(c) => self.members.begin(key, c),
            Write::Meeting(c) => self.meetings.begin(key, c),
            Write::Recording(_) | Write::FailedLogins(_) | Write::Delivery(_) | Write::Audit(_) => {}
            Write::Webhook(c) => self.webhooks.begin(key, c),
            Write::HomeRoom(c) => self.home_room.begin(key, c),
        }
    }

    /// What the record is to become, if anything.
    pub(super) fn settle(&mut self, write: &Write, saved: bool) -> Option<PutBack> {
        let key = &write.key();
        match write {
            Write::User(c) => self.users.settle(key, saved.then_some(c)).map(PutBack::User),
            Write::Session(c) => self.sessions.settle(key, saved.then_some(c)).map(PutBack::Session),
            Write::Room(c) => self.rooms.settle(key, saved.then_some(c)).map(PutBack::Room),
            Write::Group(c) => self.groups.settle(key, saved.then_some(c)).map(PutBack::Group),
            Write::ApiKey(c) => self.keys.settle(key, saved.then_some(c)).map(PutBack::ApiKey),
            Write::Member(c) => self.members.settle(key, saved.then_some(c)).map(PutBack::Member),
            Write::Meeting(c) => self.meetings.settle(key, saved.then_some(c)).map(PutBack::Meeting),
            Write::Recording(_) | Write::FailedLogins(_) | Write::Delivery(_) | Write::Audit(_) => None,
            Write::HomeRoom(c) => self.home_room.settle(key, saved.then_some(c)).map(PutBack::HomeRoom),
            Write::Webhook(c) => self.webhooks.settle(key, saved.then_some(c)).map(PutBack::Webhook),
        }
    }
}

impl Write {
    /// The record's own key.
    pub(super) fn key(&self) -> String {
        fn of<T>(c: &Change<T>, key: impl Fn(&T) -> String) -> String {
            c.after.as_ref().or(c.before.as_ref()).map(key).unwrap_or_default()
        }
        match self {
            Self::User(c) => of(c, |u| u.user_id.to_string()),
            Self::Session(c) => of(c, |s| s.id.clone()),
            Self::Room(c) => of(c, |r| r.room_id.to_string()),
            Self::Meeting(c) => of(c, |m| m.room_id.to_string()),
            Self::Recording(c) => of(c, |r| r.recording_id.to_string()),
            Self::Group(c) => of(c, |g| g.group_id.to_string()),
            Self::ApiKey(c) => of(c, |k| k.key_id.clone()),
            Self::Member(c) => of(c, Member::key),
            Self::FailedLogins(c) => of(c, |f| f.whose.clone()),
            Self::HomeRoom(_) => "home-room".to_owned(),
            Self::Webhook(c) => of(c, |w| w.webhook_id.to_string()),
            Self::Delivery(c) => of(c, Delivery::key),
            Self::Audit(entry) => entry.id.clone(),
        }
    }
}
