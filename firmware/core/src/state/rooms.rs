//! Rooms: making, closing, deleting.

use std::collections::BTreeSet;

use super::meeting::METADATA;
use super::{BoxState, Change, Ctx, Effect, Refusal, Write};
use crate::account::{ROOT_ADMIN, Role};
use crate::ids::{RoomId, UserId};
use crate::meeting::Meeting;
use crate::room::{
    Access, AutoDeletionPolicy, Link, LinkRole, MeetingEndAction, Roles, Room, RoomConfig, RoomStatus,
    Secret, slug,
};
use crate::units::UnixMillis;

/// Rooms the box keeps at most.
const MOST: usize = 50_000;
/// After so many milliseconds a deletion that was refused is tried again.
const AGAIN: u64 = 5 * 60 * 1_000;

/// A room to be made.
#[derive(Clone, Debug)]
pub struct NewRoom {
    /// 1–50 characters; blank becomes `Room`.
    pub name: String,
    /// Fixed id (RoomService.CreateRoom); otherwise made from the name.
    pub id: Option<RoomId>,
    /// Whose.
    pub owner: UserId,
    /// Made by RoomService.CreateRoom: without anonymous links, deleted by DeleteRoom.
    pub livekit_made: bool,
    /// LiveKit room metadata.
    pub metadata: String,
    /// Settings.
    pub config: RoomConfig,
    /// Both roles.
    pub roles: Roles,
    /// Deviations from the usual access.
    pub access: AccessChange,
    /// The day it is deleted by itself.
    pub auto_deletion_date: Option<UnixMillis>,
    /// How; only with a date.
    pub auto_deletion_policy: Option<AutoDeletionPolicy>,
}

impl NewRoom {
    /// A room with everything as usual.
    pub fn named(name: impl Into<String>, owner: UserId) -> Self {
        Self {
            name: name.into(),
            id: None,
            owner,
            livekit_made: false,
            metadata: String::new(),
            config: RoomConfig::default(),
            roles: Roles::default(),
            access: AccessChange::default(),
            auto_deletion_date: None,
            auto_deletion_policy: None,
        }
    }
}

impl BoxState {
    /// The room.
    pub fn room(&self, id: &RoomId) -> Result<&Room, Refusal> {
        self.tables.rooms.get(id).ok_or_else(|| Refusal::RoomNotFound(id.clone()))
    }

    /// All rooms.
    pub fn rooms(&self) -> impl Iterator<Item = &Room> {
        self.tables.rooms.values()
    }

    /// This box's own room.
    pub fn home_room(&self) -> Option<&Room> {
        self.tables.rooms.get(&self.settings.home_room)
    }

    /// The running meeting of a room.
    pub fn meeting(&self, room: &RoomId) -> Option<&Meeting> {
        self.meetings.get(room)
    }

    /// Rooms with a running meeting.
    pub fn active_rooms(&self) -> BTreeSet<RoomId> {
        self.meetings.keys().cloned().collect()
    }

    /// Makes a room.
    pub fn create_room(&mut self, new: NewRoom, ctx: &mut Ctx<'_>) -> Result<Room, Refusal> {
        check_metadata(&new.metadata)?;
        let room = make_room(new, ctx);
        if self.tables.rooms.contains_key(&room.room_id) {
            return Err(Refusal::RoomExists(room.room_id));
        }
        self.require_space(&room.owner)?;
        self.write_room(None, Some(room.clone()));
        self.note("room.create", room.room_id.as_str(), room.room_name.clone(), ctx);
        Ok(room)
    }

    /// The box keeps so many rooms, and a user who is no admin so many of them.
    fn require_space(&self, owner: &UserId) -> Result<(), Refusal> {
        if self.tables.rooms.len() >= MOST {
            return Err(Refusal::TooMany(MOST, "rooms"));
        }
        let most = self.settings.rooms_per_user;
        let limited = self.tables.users.get(owner).is_some_and(|user| user.role != Role::Admin);
        if limited && self.tables.rooms.values().filter(|r| r.owner == *owner).count() >= most {
            return Err(Refusal::TooMany(most, "rooms of this user"));
        }
        Ok(())
    }

    /// Changes name, settings, roles, access or auto-deletion. Settings, roles and access stay as
    /// they are while a meeting runs (reference openvidu-meet §1.6).
    pub fn update_room(
        &mut self,
        id: &RoomId,
        change: RoomChange,
        ctx: &mut Ctx<'_>,
    ) -> Result<Room, Refusal> {
        let before = self.room(id)?.clone();
        if self.meets(id) && change.waits_for_end() {
            return Err(Refusal::RoomInUse(id.clone()));
        }
        let what = change.describe();
        let now = ctx.now.wall;
        let after = self.change_room(&before, |room| change.apply(room, now));
        self.note("room.update", id.as_str(), what, ctx);
        Ok(after)
    }

    /// Gives a link a new secret: the old one opens nothing any more.
    pub fn regenerate_link(
        &mut self,
        id: &RoomId,
        role: LinkRole,
        ctx: &mut Ctx<'_>,
    ) -> Result<Room, Refusal> {
        let before = self.room(id)?.clone();
        let secret = Secret::new(ctx.entropy.alphanumeric(16));
        // Tokens that came by the old one carry its mark, and die with it.
        let after = self.change_room(&before, |room| room.link_mut(role).secret = secret);
        self.note("room.regenerateLink", id.as_str(), role.name(), ctx);
        Ok(after)
    }

    /// Opens or closes a room. With a running meeting, closing waits for its end: then the answer's
    /// `meeting_end_action` says so.
    pub fn set_room_status(
        &mut self,
        id: &RoomId,
        status: RoomStatus,
        ctx: &Ctx<'_>,
    ) -> Result<Room, Refusal> {
        let before = self.room(id)?.clone();
        let waits = status == RoomStatus::Closed && self.meets(id);
        let after = self.change_room(&before, |room| {
            if waits {
                room.meeting_end_action = MeetingEndAction::Close;
            } else {
                room.status = status;
                room.meeting_end_action = MeetingEndAction::None;
            }
        });
        let name = if status == RoomStatus::Open { "open" } else { "closed" };
        self.note("room.setStatus", id.as_str(), name, ctx);
        Ok(after)
    }

    /// RoomService.UpdateRoomMetadata, and CreateRoom on a room that exists.
    pub fn set_room_metadata(
        &mut self,
        id: &RoomId,
        metadata: String,
        ctx: &Ctx<'_>,
    ) -> Result<Room, Refusal> {
        check_metadata(&metadata)?;
        let before = self.room(id)?.clone();
        let after = self.change_room(&before, |room| room.metadata = metadata);
        self.show_metadata(id);
        self.note("room.setMetadata", id.as_str(), "", ctx);
        Ok(after)
    }

    /// Rooms of a user who may no longer own them go to the root admin (U5).
    pub(super) fn hand_rooms_to_root(&mut self, user: &UserId, ctx: &Ctx<'_>) {
        let theirs: Vec<Room> = self.tables.rooms.values().filter(|r| r.owner == *user).cloned().collect();
        for before in theirs {
            self.change_room(&before, |room| room.owner = UserId::new(ROOT_ADMIN));
            self.note("room.transfer", before.room_id.as_str(), format!("{user} → {ROOT_ADMIN}"), ctx);
        }
    }

    /// Rooms whose day has come.
    pub(super) fn tick_rooms(&mut self, ctx: &mut Ctx<'_>) {
        for id in self.alarms.due(ctx.now.wall) {
            let Some(room) = self.tables.rooms.get(&id) else {
                self.alarms.set(&id, None);
                continue;
            };
            let policy = room.auto_deletion_policy.unwrap_or_default();
            if self.delete_room(&id, policy.with_meeting, policy.with_recordings, ctx).is_err() {
                self.look_again_later(&id, ctx.now.wall);
            }
        }
    }

    /// A room that could not be deleted on its day keeps the date; the next try is in five minutes.
    pub(super) fn look_again_later(&mut self, id: &RoomId, now: UnixMillis) {
        let date = self.tables.rooms.get(id).and_then(|room| room.auto_deletion_date);
        if date.is_some_and(|date| date <= now) {
            self.alarms.set(id, Some(UnixMillis(now.0 + AGAIN)));
        }
    }

    pub(super) fn change_room(&mut self, before: &Room, change: impl FnOnce(&mut Room)) -> Room {
        let mut after = before.clone();
        change(&mut after);
        after.revision += 1;
        self.write_room(Some(before.clone()), Some(after.clone()));
        after
    }

    /// Tells a running meeting what its metadata is now.
    pub(super) fn show_metadata(&mut self, id: &RoomId) {
        if let (Ok(room), true) = (self.room(id), self.meetings.contains_key(id)) {
            let (room, metadata) = (id.clone(), self.metadata_of(room));
            self.push(Effect::RoomMetadata { room, metadata });
        }
    }

    /// LiveKit room metadata as participants see it: what RoomService set, and under the key
    /// `huddlebox` what the box has to say. Metadata that is no JSON object is left alone.
    pub(super) fn metadata_of(&self, room: &Room) -> String {
        let meeting = self.meetings.get(&room.room_id);
        let Some(ended) = meeting.and_then(|m| m.recording_ended.as_ref()) else {
            return room.metadata.clone();
        };
        let own = if room.metadata.is_empty() { "{}" } else { &room.metadata };
        match serde_json::from_str(own) {
            Ok(serde_json::Value::Object(mut map)) => {
                map.insert("huddlebox".to_owned(), serde_json::json!({ "recordingEnded": ended }));
                serde_json::Value::Object(map).to_string()
            }
            Ok(_) | Err(_) => room.metadata.clone(),
        }
    }

    pub(super) fn write_room(&mut self, before: Option<Room>, after: Option<Room>) {
        self.persist(Write::Room(Change { before, after }));
    }
}

/// What is to change about a room; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct RoomChange {
    /// 1–50 characters.
    pub name: Option<String>,
    /// All settings.
    pub config: Option<RoomConfig>,
    /// Both roles.
    pub roles: Option<Roles>,
    /// Who may come in.
    pub access: Option<AccessChange>,
    /// The day it is deleted; `Some(None)` takes it away.
    pub auto_deletion_date: Option<Option<UnixMillis>>,
    /// How.
    pub auto_deletion_policy: Option<AutoDeletionPolicy>,
}

/// Which ways in are open; `None` leaves one as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessChange {
    /// Moderator link.
    pub moderator: Option<bool>,
    /// Speaker link.
    pub speaker: Option<bool>,
    /// Recordings link.
    pub recording: Option<bool>,
    /// Any logged-in user.
    pub user: Option<bool>,
}

impl RoomChange {
    const fn waits_for_end(&self) -> bool {
        self.config.is_some() || self.roles.is_some() || self.access.is_some()
    }

    fn describe(&self) -> String {
        let parts = [
            (self.name.is_some(), "name"),
            (self.config.is_some(), "settings"),
            (self.roles.is_some(), "roles"),
            (self.access.is_some(), "access"),
            (self.auto_deletion_date.is_some() || self.auto_deletion_policy.is_some(), "auto-deletion"),
        ];
        parts.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
    }

    fn apply(self, room: &mut Room, now: UnixMillis) {
        if let Some(name) = self.name {
            room.room_name = name;
        }
        if let Some(config) = self.config {
            room.config = config;
            // Nobody can record what nobody can decode.
            room.config.recording_enabled &= !room.config.e2ee_enabled;
        }
        if let Some(roles) = self.roles {
            room.roles = roles;
            room.roles_updated_at = now;
        }
        if let Some(access) = self.access {
            room.access.apply(access);
        }
        if let Some(date) = self.auto_deletion_date {
            room.auto_deletion_date = date;
        }
        if let Some(policy) = self.auto_deletion_policy {
            room.auto_deletion_policy = Some(policy);
        }
        room.auto_deletion_policy =
            room.auto_deletion_date.map(|_| room.auto_deletion_policy.unwrap_or_default());
    }
}

impl Access {
    fn apply(&mut self, change: AccessChange) {
        let set = |enabled: &mut bool, wanted: Option<bool>| *enabled = wanted.unwrap_or(*enabled);
        set(&mut self.moderator.enabled, change.moderator);
        set(&mut self.speaker.enabled, change.speaker);
        set(&mut self.recording.enabled, change.recording);
        set(&mut self.user_enabled, change.user);
    }
}

/// A room record from its parts.
pub fn make_room(new: NewRoom, ctx: &mut Ctx<'_>) -> Room {
    let trimmed = new.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = if trimmed.is_empty() { "Room".to_owned() } else { trimmed };
    let id =
        new.id.unwrap_or_else(|| RoomId::from(format!("{}-{}", slug(&name), ctx.entropy.alphanumeric(15))));
    let mut link = || Link { enabled: !new.livekit_made, secret: Secret::new(ctx.entropy.alphanumeric(16)) };
    let mut access = Access { moderator: link(), speaker: link(), recording: link(), user_enabled: false };
    access.apply(new.access);
    let mut config = new.config;
    config.recording_enabled &= !config.e2ee_enabled;
    Room {
        room_id: id,
        room_name: name,
        owner: new.owner,
        creation_date: ctx.now.wall,
        access,
        status: RoomStatus::Open,
        roles: new.roles,
        roles_updated_at: ctx.now.wall,
        config,
        metadata: new.metadata,
        livekit_made: new.livekit_made,
        auto_deletion_date: new.auto_deletion_date,
        auto_deletion_policy: new.auto_deletion_date.map(|_| new.auto_deletion_policy.unwrap_or_default()),
        meeting_end_action: MeetingEndAction::None,
        delete_recordings: false,
        // Unlike that of a room of the same id that was deleted.
        revision: ctx.now.wall.0,
    }
}

fn check_metadata(text: &str) -> Result<(), Refusal> {
    if text.len() > METADATA {
        return Err(Refusal::Invalid("metadata takes at most 64000 bytes".to_owned()));
    }
    Ok(())
}
