//! Rooms: making, closing, deleting.

use super::meeting::METADATA;
use super::{BoxState, Change, Ctx, Effect, Refusal, Write};
use crate::ids::{RoomId, UserId};
use crate::meeting::Meeting;
use crate::room::{Access, Link, Roles, Room, RoomConfig, RoomStatus, slug};

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
}

impl BoxState {
    /// The room.
    pub fn room(&self, id: &RoomId) -> Result<&Room, Refusal> {
        self.rooms.get(id).ok_or_else(|| Refusal::RoomNotFound(id.clone()))
    }

    /// All rooms.
    pub fn rooms(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values()
    }

    /// This box's own room.
    pub fn home_room(&self) -> Option<&Room> {
        self.rooms.get(&self.settings.home_room)
    }

    /// The running meeting of a room.
    pub fn meeting(&self, room: &RoomId) -> Option<&Meeting> {
        self.meetings.get(room)
    }

    /// Makes a room.
    pub fn create_room(&mut self, new: NewRoom, ctx: &mut Ctx<'_>) -> Result<Room, Refusal> {
        let room = make_room(new, ctx);
        if self.rooms.contains_key(&room.room_id) {
            return Err(Refusal::RoomExists(room.room_id));
        }
        self.write_room(None, Some(room.clone()));
        Ok(room)
    }

    /// Opens or closes a room. Closing does not end a running meeting.
    pub fn set_room_status(&mut self, id: &RoomId, status: RoomStatus) -> Result<Room, Refusal> {
        let before = self.room(id)?.clone();
        let after = Room { status, ..before.clone() };
        self.write_room(Some(before), Some(after.clone()));
        Ok(after)
    }

    /// Deletes a room without a meeting; its recordings stay.
    pub fn delete_room(&mut self, id: &RoomId) -> Result<(), Refusal> {
        let before = self.room(id)?.clone();
        if *id == self.settings.home_room {
            return Err(Refusal::RoomIsHome(id.clone()));
        }
        if self.meetings.contains_key(id) {
            return Err(Refusal::RoomBusy(id.clone()));
        }
        self.write_room(Some(before), None);
        Ok(())
    }

    /// RoomService.UpdateRoomMetadata, and CreateRoom on a room that exists.
    pub fn set_room_metadata(&mut self, id: &RoomId, metadata: String) -> Result<Room, Refusal> {
        if metadata.len() > METADATA {
            return Err(Refusal::Invalid("metadata takes at most 64000 bytes".to_owned()));
        }
        let before = self.room(id)?.clone();
        let after = Room { metadata, ..before.clone() };
        self.write_room(Some(before), Some(after.clone()));
        self.show_metadata(id);
        Ok(after)
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

    fn write_room(&mut self, before: Option<Room>, after: Option<Room>) {
        if let Some(room) = &before {
            self.rooms.remove(&room.room_id);
        }
        if let Some(room) = &after {
            self.rooms.insert(room.room_id.clone(), room.clone());
        }
        self.persist(Write::Room(Change { before, after }));
    }
}

/// A room record from its parts.
pub fn make_room(new: NewRoom, ctx: &mut Ctx<'_>) -> Room {
    let trimmed = new.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = if trimmed.is_empty() { "Room".to_owned() } else { trimmed };
    let id =
        new.id.unwrap_or_else(|| RoomId::from(format!("{}-{}", slug(&name), ctx.entropy.alphanumeric(15))));
    let mut link = || Link { enabled: !new.livekit_made, secret: ctx.entropy.alphanumeric(16) };
    let access = Access { moderator: link(), speaker: link(), recording: link(), user_enabled: false };
    Room {
        room_id: id,
        room_name: name,
        owner: new.owner,
        creation_date: ctx.now.wall,
        access,
        status: RoomStatus::Open,
        roles: Roles::default(),
        roles_updated_at: ctx.now.wall,
        config: new.config,
        metadata: new.metadata,
        livekit_made: new.livekit_made,
    }
}
