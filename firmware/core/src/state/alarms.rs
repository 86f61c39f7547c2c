//! When rooms that delete themselves are to be looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::RoomId;
use crate::room::Room;
use crate::units::UnixMillis;

/// One moment per room, found by room and by time.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    of_room: BTreeMap<RoomId, UnixMillis>,
    by_time: BTreeSet<(UnixMillis, RoomId)>,
}

impl Alarms {
    pub(super) fn of(rooms: &[Room]) -> Self {
        let mut alarms = Self::default();
        rooms.iter().for_each(|room| alarms.set(&room.room_id, room.auto_deletion_date));
        alarms
    }

    /// Sets or takes away the room's moment.
    pub(super) fn set(&mut self, room: &RoomId, at: Option<UnixMillis>) {
        if let Some(before) = self.of_room.remove(room) {
            self.by_time.remove(&(before, room.clone()));
        }
        if let Some(at) = at {
            self.of_room.insert(room.clone(), at);
            self.by_time.insert((at, room.clone()));
        }
    }

    /// The earliest moment.
    pub(super) fn next(&self) -> Option<UnixMillis> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Rooms whose moment has come.
    pub(super) fn due(&self, now: UnixMillis) -> Vec<RoomId> {
        self.by_time.iter().take_while(|(at, _)| *at <= now).map(|(_, room)| room.clone()).collect()
    }
}
