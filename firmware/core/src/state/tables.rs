//! The records the box keeps in memory. A picture of them is made in no time and stays as it is,
//! whatever changes afterwards: lists are made from one, away from the task that owns the state.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeBounds;
use std::sync::Arc;

use super::{Change, Stored, Write};
use crate::access::{Person, TokenSource};
use crate::account::{ApiKeyRecord, Group, Session, User};
use crate::ids::{GroupId, MemberId, RecordingId, RoomId, UserId, WebhookId};
use crate::member::Member;
use crate::recording::Recording;
use crate::room::Room;
use crate::units::UnixMillis;
use crate::webhook::Webhook;

/// Records by their key, in its order. A change copies the table only while somebody holds a
/// picture of it.
#[derive(Debug)]
pub struct Table<K, T>(Arc<BTreeMap<K, Arc<T>>>);

impl<K, T> Clone for Table<K, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Ord + Clone, T> Table<K, T> {
    fn new(records: impl IntoIterator<Item = T>, key: impl Fn(&T) -> K) -> Self {
        Self(Arc::new(records.into_iter().map(|record| (key(&record), Arc::new(record))).collect()))
    }

    /// The record of this key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&T>
    where
        K: Borrow<Q>,
    {
        self.0.get(key).map(Arc::as_ref)
    }

    /// Is there one?
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// All records.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values().map(Arc::as_ref)
    }

    /// Records of these keys.
    pub fn range(&self, keys: impl RangeBounds<K>) -> impl Iterator<Item = (&K, &T)> {
        self.0.range(keys).map(|(key, record)| (key, record.as_ref()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// None at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts a record in, or takes it out.
    pub(super) fn put(&mut self, key: K, record: Option<T>) {
        let table = Arc::make_mut(&mut self.0);
        match record {
            Some(record) => table.insert(key, Arc::new(record)),
            None => table.remove(&key),
        };
    }
}

/// Everything that is on the disk, as far as it is kept in memory.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Users.
    pub users: Table<UserId, User>,
    /// Login sessions.
    pub sessions: Table<String, Session>,
    /// Rooms.
    pub rooms: Table<RoomId, Room>,
    /// Groups.
    pub groups: Table<GroupId, Group>,
    /// API keys.
    pub keys: Table<String, ApiKeyRecord>,
    /// Members of all rooms.
    pub members: Table<(RoomId, MemberId), Member>,
    /// Webhooks.
    pub webhooks: Table<WebhookId, Webhook>,
    /// Recordings.
    pub recordings: Table<RecordingId, Recording>,
}

impl Tables {
    pub(super) fn new(stored: Stored) -> Self {
        Self {
            users: Table::new(stored.users, |u| u.user_id.clone()),
            sessions: Table::new(stored.sessions, |s| s.id.clone()),
            rooms: Table::new(stored.rooms, |r| r.room_id.clone()),
            groups: Table::new(stored.groups, |g| g.group_id.clone()),
            keys: Table::new(stored.keys, |k| k.key_id.clone()),
            members: Table::new(stored.members, |m| (m.room_id.clone(), m.member_id.clone())),
            webhooks: Table::new(stored.webhooks, |w| w.webhook_id.clone()),
            recordings: Table::new(stored.recordings, |r| r.recording_id.clone()),
        }
    }

    /// What a change leaves.
    pub(super) fn apply(&mut self, write: &Write) {
        fn put<K: Ord + Clone, T: Clone>(table: &mut Table<K, T>, change: &Change<T>, key: impl Fn(&T) -> K) {
            if let Some(record) = change.after.as_ref().or(change.before.as_ref()) {
                table.put(key(record), change.after.clone());
            }
        }
        match write {
            Write::User(c) => put(&mut self.users, c, |u| u.user_id.clone()),
            Write::Session(c) => put(&mut self.sessions, c, |s| s.id.clone()),
            Write::Room(c) => put(&mut self.rooms, c, |r| r.room_id.clone()),
            Write::Group(c) => put(&mut self.groups, c, |g| g.group_id.clone()),
            Write::ApiKey(c) => put(&mut self.keys, c, |k| k.key_id.clone()),
            Write::Member(c) => {
                put(&mut self.members, c, |m| (m.room_id.clone(), m.member_id.clone()));
            }
            Write::Recording(c) => put(&mut self.recordings, c, |r| r.recording_id.clone()),
            Write::Webhook(c) => put(&mut self.webhooks, c, |w| w.webhook_id.clone()),
            Write::Meeting(_)
            | Write::FailedLogins(_)
            | Write::HomeRoom(_)
            | Write::Delivery(_)
            | Write::Audit(_) => {}
        }
    }

    /// In a group with the operator right (U7).
    pub fn is_operator(&self, user: &UserId) -> bool {
        self.groups.values().any(|g| g.operator && g.members.contains(user))
    }

    /// Members of a room.
    pub fn members_of<'a>(&'a self, room: &'a RoomId) -> impl Iterator<Item = &'a Member> {
        let first = (room.clone(), MemberId::new(""));
        self.members.range(first..).take_while(move |((r, _), _)| r == room).map(|(_, m)| m)
    }

    /// Is this user a member there?
    pub fn is_member(&self, room: &RoomId, user: &UserId) -> bool {
        self.members.contains_key(&(room.clone(), MemberId::new(user.as_str())))
    }

    /// Recordings made in a room; their ids begin with the room's.
    pub fn recordings_of(&self, room: &RoomId) -> impl Iterator<Item = &Recording> {
        let (first, after) = (RecordingId::from(format!("{room}--")), RecordingId::from(format!("{room}-.")));
        self.recordings.range(first..after).map(|(_, recording)| recording)
    }

    /// Everybody who has a session that is alive (U8): several count once.
    pub fn online_users(&self, now: UnixMillis) -> BTreeSet<&UserId> {
        self.sessions.values().filter(|s| s.lives(now)).map(|s| &s.user_id).collect()
    }

    /// A logged-in user, as far as rights outside of meetings go.
    pub fn person_of_user(&self, user: &UserId, room: Option<&Room>) -> Person {
        let person = Person {
            user: self.users.get(user).map(|u| (u.user_id.clone(), u.role)),
            operator: self.is_operator(user),
            ..Person::default()
        };
        match room {
            Some(room) => self.in_room(&person, room),
            None => person,
        }
    }

    /// The same person with what being a member of that room gives.
    pub fn in_room(&self, person: &Person, room: &Room) -> Person {
        let id = person.user.as_ref().map(|(id, _)| MemberId::new(id.as_str()));
        let member = id.and_then(|id| self.members.get(&(room.room_id.clone(), id)));
        Person { member: member.map(Member::membership), ..person.clone() }
    }

    /// A member, as far as rights outside of meetings go.
    pub fn person_of_member(&self, room: &Room, member: &Member) -> Person {
        let source = TokenSource {
            user: member.user_id.clone(),
            member: member.user_id.is_none().then(|| member.member_id.clone()),
            ..TokenSource::default()
        };
        self.person(room, &source)
    }

    /// Everything that gives rights in this room to whoever came by `source`. What is gone
    /// meanwhile gives none.
    pub(super) fn person(&self, room: &Room, source: &TokenSource) -> Person {
        let user = source.user.as_ref().and_then(|id| self.users.get(id));
        Person {
            api_key: false,
            user: user.map(|u| (u.user_id.clone(), u.role)),
            operator: user.is_some_and(|u| self.is_operator(&u.user_id)),
            link: source.link.filter(|role| room.link(*role).enabled),
            member: self.member_behind(room, source).map(Member::membership),
            identity: None,
        }
    }

    pub(super) fn member_behind(&self, room: &Room, source: &TokenSource) -> Option<&Member> {
        let user = source.user.as_ref().map(|id| MemberId::new(id.as_str()));
        let id = source.member.clone().or(user)?;
        self.members.get(&(room.room_id.clone(), id))
    }
}
