//! The room as a participant of its own meetings (`features.md` R7).

use std::time::Duration;

use super::join::ROOM_IDENTITY;
use super::{BoxState, Change, Ctx, Effect, Refusal, Write};
use crate::ids::{Identity, ParticipantSid, RoomId};
use crate::meeting::{Badge, Participant, ParticipantKind, Presence, Quality};
use crate::permission::PermissionSet;
use crate::room::{Room, RoomStatus};

/// How the room joins when the first remote participant does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoJoin {
    /// At once (demo).
    Always,
    /// Chime and name for 5 s; any button declines (installed default).
    Announce,
    /// Only when a button is pressed.
    Ask,
}

/// What the room is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Camera and microphone are off.
    Standby,
    /// Joins when the time is over, unless declined.
    Announcing {
        /// Monotonic; `None` = waits for a button.
        until: Option<Duration>,
    },
    /// Takes part.
    Joined,
    /// Hung up or declined: stays out until the meeting is over or a button calls it in.
    Away,
    /// Its tap was closed or could not be opened: tries again, with the switches as they were.
    Retrying {
        /// Monotonic.
        until: Duration,
    },
}

impl Endpoint {
    pub(super) fn deadline(&self) -> Option<Duration> {
        match self {
            Self::Announcing { until } => *until,
            Self::Retrying { until } => Some(*until),
            Self::Standby | Self::Joined | Self::Away => None,
        }
    }
}

/// How long an announced participant waits.
const ANNOUNCE: Duration = Duration::from_secs(5);

/// The room's own switches; they outlive a meeting's end only until the next one begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Controls {
    pub(super) mic_muted: bool,
    pub(super) camera_off: bool,
    /// Times in a row that the tap was lost; doubles the pause up to a minute.
    pub(super) lost: u32,
}

impl BoxState {
    pub(super) fn remote_arrived(&mut self, room: &RoomId, name: &str, ctx: &mut Ctx<'_>) {
        if *room != self.settings.home_room || self.endpoint != Endpoint::Standby {
            return;
        }
        match self.settings.auto_join {
            AutoJoin::Always => self.endpoint_join(ctx),
            AutoJoin::Announce | AutoJoin::Ask => {
                let timed = self.settings.auto_join == AutoJoin::Announce;
                self.endpoint = Endpoint::Announcing { until: timed.then(|| ctx.now.mono + ANNOUNCE) };
                self.notify(format!("{name} is calling"), ctx.now);
                self.push(Effect::Announce { name: name.to_owned() });
            }
        }
    }

    pub(super) fn tick_endpoint(&mut self, ctx: &mut Ctx<'_>) {
        let guests = self.meetings.get(&self.settings.home_room).is_some_and(|m| m.has_guests());
        let waits = matches!(self.endpoint, Endpoint::Announcing { .. } | Endpoint::Retrying { .. });
        if waits && !guests {
            // Whoever called has gone: camera and microphone stay off.
            self.endpoint = Endpoint::Standby;
        } else if self.endpoint.deadline().is_some_and(|until| until <= ctx.now.mono) {
            self.endpoint_join(ctx);
        }
    }

    /// The room takes part from now on.
    pub(super) fn endpoint_join(&mut self, ctx: &mut Ctx<'_>) {
        let Some(room) = self.tables.rooms.get(&self.settings.home_room).cloned() else {
            return;
        };
        if self.endpoint == Endpoint::Joined {
            return;
        }
        if !matches!(self.endpoint, Endpoint::Retrying { .. }) {
            self.room_controls = Controls::default();
        }
        let admitted = self.local(&room, ParticipantKind::Room, ctx);
        self.list_local(&room.room_id, &admitted, ctx);
        self.endpoint = Endpoint::Joined;
        self.push(Effect::EndpointJoin {
            admitted: Box::new(admitted),
            mic_muted: self.room_controls.mic_muted,
            camera_off: self.room_controls.camera_off,
        });
    }

    pub(super) fn list_local(&mut self, room: &RoomId, admitted: &super::Admitted, ctx: &Ctx<'_>) {
        let Some(meeting) = self.meetings.get_mut(room) else {
            return;
        };
        let participant = Participant {
            sid: admitted.sid.clone(),
            name: admitted.name.clone(),
            metadata: admitted.metadata.clone(),
            kind: admitted.kind,
            source: None,
            badge: Badge::Other,
            permissions: PermissionSet::EMPTY,
            granted: None,
            sent: (admitted.grants, admitted.version),
            connections: 0,
            unconfirmed: false,
            presence: Presence::Present,
            joined: ctx.now.wall,
            audio: false,
            video: false,
            screen: false,
            quality: Quality::Excellent,
            evicted: None,
        };
        meeting.participants.insert(admitted.identity.clone(), participant);
    }

    pub(super) fn endpoint_leave(&mut self) {
        let joined = self.endpoint == Endpoint::Joined;
        self.endpoint = Endpoint::Standby;
        if joined {
            self.unlist_room();
            self.push(Effect::EndpointLeave);
        }
    }

    fn unlist_room(&mut self) {
        if let Some(meeting) = self.meetings.get_mut(&self.settings.home_room) {
            meeting.participants.remove(&Identity::new("room"));
        }
    }

    /// The room leaves although the meeting goes on, and so does its recording.
    pub fn hang_up(&mut self, ctx: &mut Ctx<'_>) -> Result<(), Refusal> {
        match self.endpoint {
            Endpoint::Joined => {}
            Endpoint::Announcing { .. } | Endpoint::Retrying { .. } => {
                self.endpoint = Endpoint::Away;
                self.note("box.hangUp", "room", "declined", ctx);
                return Ok(());
            }
            Endpoint::Standby | Endpoint::Away => return Err(Refusal::NotInMeeting),
        }
        self.note("box.hangUp", "room", "", ctx);
        let home = self.settings.home_room.clone();
        self.detach_recording(&home, ctx);
        self.endpoint_leave();
        let others = self.meetings.get(&home).is_some_and(|m| m.has_guests());
        if others {
            self.endpoint = Endpoint::Away;
        } else {
            self.close_meeting(&home, ctx);
        }
        Ok(())
    }

    /// Chooses which room is the box's own. Not while a meeting or a recording of the old or the
    /// new one is under way: people would find themselves in a room that is not theirs.
    pub fn choose_home_room(&mut self, id: &RoomId, ctx: &mut Ctx<'_>) -> Result<Room, Refusal> {
        let room = self.room(id)?.clone();
        let before = self.settings.home_room.clone();
        if *id == before {
            return Ok(room);
        }
        if room.status == RoomStatus::Closed {
            return Err(Refusal::RoomClosed(id.clone()));
        }
        let busy = |id: &RoomId| {
            let meets = self.meets(id);
            meets || self.runs.contains_key(id)
        };
        if let Some(busy) = [&before, id].into_iter().find(|id| busy(id)) {
            return Err(Refusal::RoomInUse(busy.clone()));
        }
        self.settings.home_room = id.clone();
        self.endpoint = Endpoint::Standby;
        self.persist(Write::HomeRoom(Change { before: Some(before), after: Some(id.clone()) }));
        self.note("box.setHomeRoom", id.as_str(), room.room_name.clone(), ctx);
        Ok(room)
    }

    /// Sets the room's own switches; `None` leaves one as it is.
    pub fn set_room_controls(
        &mut self,
        mic_muted: Option<bool>,
        camera_off: Option<bool>,
        ctx: &Ctx<'_>,
    ) -> Result<(bool, bool), Refusal> {
        if self.endpoint != Endpoint::Joined {
            return Err(Refusal::NotInMeeting);
        }
        if let Some(muted) = mic_muted.filter(|m| *m != self.room_controls.mic_muted) {
            self.room_controls.mic_muted = muted;
            self.push(Effect::EndpointMic { muted });
            self.note("box.setControls", "room", if muted { "microphone off" } else { "microphone on" }, ctx);
        }
        if let Some(off) = camera_off.filter(|c| *c != self.room_controls.camera_off) {
            self.room_controls.camera_off = off;
            self.push(Effect::EndpointCamera { off });
            self.note("box.setControls", "room", if off { "camera off" } else { "camera on" }, ctx);
        }
        Ok((self.room_controls.mic_muted, self.room_controls.camera_off))
    }

    /// A moderator muted the room's track; media has done it already.
    pub fn muted_by_moderator(&mut self, camera: bool) {
        if camera {
            self.room_controls.camera_off = true;
        } else {
            self.room_controls.mic_muted = true;
        }
    }

    /// The room's tap is closed or could not be opened: the room is out. While people are there
    /// it tries again, after a pause that doubles from 1 s to a minute, with its switches as they
    /// were: a muted room never goes live by itself.
    /// A report about an earlier `session` of the room changes nothing.
    pub fn room_tap_closed(&mut self, session: &ParticipantSid, ctx: &mut Ctx<'_>) {
        let home = self.settings.home_room.clone();
        let seat = self.meetings.get(&home).and_then(|m| m.participants.get(&Identity::new(ROOM_IDENTITY)));
        if self.endpoint != Endpoint::Joined || seat.is_some_and(|seat| seat.sid != *session) {
            return;
        }
        self.detach_recording(&home, ctx);
        self.endpoint_leave();
        if self.meetings.get(&home).is_some_and(|m| m.has_guests()) {
            let pause = Duration::from_secs(1 << self.room_controls.lost.min(6)).min(Duration::from_secs(60));
            self.room_controls.lost += 1;
            self.endpoint = Endpoint::Retrying { until: ctx.now.mono + pause };
            self.notify("The room lost its connection and joins again", ctx.now);
        }
    }
}
