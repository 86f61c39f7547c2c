//! What moderators do in a running meeting (`features.md` P6, P7, T5). Nothing of it outlives the
//! meeting.

use super::{BoxState, Change, Ctx, Effect, Eviction, Refusal, Write};
use crate::access::Person;
use crate::ids::{Identity, RoomId};
use crate::meeting::{Meeting, Participant, ParticipantKind};
use crate::permission::Permission;
use crate::room::MeetingRecord;

/// What is to be switched off for somebody; nobody is ever switched on by others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SwitchOff {
    /// Microphone.
    pub audio: bool,
    /// Camera.
    pub video: bool,
    /// Screen share.
    pub screen: bool,
}

impl BoxState {
    /// Makes somebody moderator for this meeting (P6).
    pub fn promote(&mut self, room: &RoomId, identity: &Identity, ctx: &mut Ctx<'_>) -> Result<(), Refusal> {
        let (meeting, participant) = self.somebody(room, identity)?;
        let person = self.participant_person(room, identity, participant);
        let already = person.as_ref().is_none_or(|p| p.is_moderator(Some(meeting)));
        if already || self.is_powerful(room, person.as_ref()) {
            return Err(Refusal::NotPromotable(room.clone(), identity.clone()));
        }
        self.change_meeting(room, |m| m.promoted.insert(identity.clone()));
        self.note("meeting.promote", format!("{room}/{identity}"), "", ctx);
        self.follow_rights();
        Ok(())
    }

    /// Takes a promotion back.
    pub fn demote(&mut self, room: &RoomId, identity: &Identity, ctx: &mut Ctx<'_>) -> Result<(), Refusal> {
        let (meeting, participant) = self.somebody(room, identity)?;
        if self.is_powerful(room, self.participant_person(room, identity, participant).as_ref()) {
            return Err(Refusal::Protected);
        }
        if !meeting.promoted.contains(identity) {
            return Err(Refusal::NotPromoted(room.clone(), identity.clone()));
        }
        self.change_meeting(room, |m| m.promoted.remove(identity));
        self.note("meeting.demote", format!("{room}/{identity}"), "", ctx);
        self.follow_rights();
        Ok(())
    }

    /// Puts somebody out; there is no way back without an invitation (P7). For the room that is
    /// hanging up; the recorder goes with its recording.
    pub fn kick(&mut self, room: &RoomId, identity: &Identity, ctx: &mut Ctx<'_>) -> Result<(), Refusal> {
        let (_, participant) = self.somebody(room, identity)?;
        match participant.kind {
            ParticipantKind::Room => return self.hang_up(ctx),
            ParticipantKind::Recorder => return Err(Refusal::Forbidden),
            ParticipantKind::Standard => {}
        }
        if self.is_powerful(room, self.participant_person(room, identity, participant).as_ref()) {
            return Err(Refusal::Protected);
        }
        let name = participant.name.clone();
        self.change_meeting(room, |m| {
            m.removed.insert(identity.clone(), name);
            m.promoted.remove(identity);
        });
        if let Some(evict) = self.eviction(room, identity, Eviction::Removed) {
            // Whoever is told that it failed must not find it half done.
            self.push(Effect::AfterSave(Box::new(evict)));
        }
        self.note("meeting.kick", format!("{room}/{identity}"), "", ctx);
        Ok(())
    }

    /// Lets somebody who was removed come back.
    pub fn invite_back(&mut self, room: &RoomId, identity: &Identity, ctx: &Ctx<'_>) -> Result<(), Refusal> {
        let meeting = self.running(room)?;
        if !meeting.removed.contains_key(identity) {
            return Err(Refusal::ParticipantNotFound(room.clone(), identity.clone()));
        }
        self.change_meeting(room, |m| m.removed.remove(identity));
        self.note("meeting.invite", format!("{room}/{identity}"), "", ctx);
        Ok(())
    }

    /// Switches somebody's microphone, camera or screen off. Owner, admins and operators cannot be
    /// muted by others (P7).
    pub fn switch_off(
        &mut self,
        room: &RoomId,
        identity: &Identity,
        what: SwitchOff,
        ctx: &mut Ctx<'_>,
    ) -> Result<(), Refusal> {
        let (_, participant) = self.somebody(room, identity)?;
        match participant.kind {
            ParticipantKind::Recorder => return Err(Refusal::Forbidden),
            ParticipantKind::Room => {}
            ParticipantKind::Standard => {
                if self.is_powerful(room, self.participant_person(room, identity, participant).as_ref()) {
                    return Err(Refusal::Protected);
                }
            }
        }
        self.push(Effect::SwitchOff { room: room.clone(), identity: identity.clone(), what });
        self.note("meeting.switchOff", format!("{room}/{identity}"), describe(what), ctx);
        Ok(())
    }

    /// Switches off everybody but moderators, the powerful and `except`.
    pub fn switch_off_all(
        &mut self,
        room: &RoomId,
        except: Option<&Identity>,
        what: SwitchOff,
        ctx: &mut Ctx<'_>,
    ) -> Result<usize, Refusal> {
        let meeting = self.running(room)?;
        let plain = |identity: &Identity, p: &Participant| {
            let person = self.participant_person(room, identity, p);
            let leads = person.as_ref().is_some_and(|person| person.is_moderator(Some(meeting)));
            !leads && !self.is_powerful(room, person.as_ref())
        };
        let whom: Vec<Identity> = meeting
            .remotes()
            .filter(|(identity, p)| Some(*identity) != except && plain(identity, p))
            .map(|(identity, _)| identity.clone())
            .collect();
        let count = whom.len();
        for identity in whom {
            self.push(Effect::SwitchOff { room: room.clone(), identity, what });
        }
        self.note("meeting.switchOffAll", room.as_str(), describe(what), ctx);
        Ok(count)
    }

    /// Is this participant a moderator of the meeting?
    pub fn leads(&self, room: &RoomId, identity: &Identity) -> bool {
        let Ok((meeting, participant)) = self.somebody(room, identity) else { return false };
        let person = self.participant_person(room, identity, participant);
        person.as_ref().is_some_and(|p| p.is_moderator(Some(meeting)))
            || self.is_powerful(room, person.as_ref())
    }

    /// The running meeting.
    pub fn running(&self, room: &RoomId) -> Result<&Meeting, Refusal> {
        self.room(room)?;
        self.meetings.get(room).ok_or_else(|| Refusal::NoMeeting(room.clone()))
    }

    /// Puts out the session that somebody has now.
    pub(super) fn evict(&mut self, room: &RoomId, identity: &Identity, why: Eviction) {
        let seat = self.meetings.get_mut(room).and_then(|m| m.participants.get_mut(identity));
        if let Some(seat) = seat {
            seat.evicted = Some(why);
        }
        self.eviction(room, identity, why).into_iter().for_each(|evict| self.push(evict));
    }

    fn eviction(&self, room: &RoomId, identity: &Identity, why: Eviction) -> Option<Effect> {
        let seat = self.meetings.get(room).and_then(|m| m.participants.get(identity))?;
        Some(Effect::Evict { room: room.clone(), identity: identity.clone(), sid: seat.sid.clone(), why })
    }

    fn somebody(&self, room: &RoomId, identity: &Identity) -> Result<(&Meeting, &Participant), Refusal> {
        let meeting = self.running(room)?;
        let missing = || Refusal::ParticipantNotFound(room.clone(), identity.clone());
        Ok((meeting, meeting.participants.get(identity).ok_or_else(missing)?))
    }

    /// Who a participant is; `None` for those judged by a LiveKit token alone.
    pub(super) fn participant_person(
        &self,
        room: &RoomId,
        identity: &Identity,
        p: &Participant,
    ) -> Option<Person> {
        let room = self.tables.rooms.get(room)?;
        Some(self.person(room, p.source.as_ref()?, Some(identity)))
    }

    fn is_powerful(&self, room: &RoomId, person: Option<&Person>) -> bool {
        let room = self.tables.rooms.get(room);
        room.zip(person).is_some_and(|(room, person)| person.power(room).is_some())
    }

    /// Changes what a meeting remembers of its people, on the disk too: a restart keeps it.
    pub(super) fn change_meeting<R>(&mut self, room: &RoomId, change: impl FnOnce(&mut Meeting) -> R) {
        let Some(meeting) = self.meetings.get_mut(room) else { return };
        let before = record(room, meeting);
        change(meeting);
        let after = record(room, meeting);
        self.persist(Write::Meeting(Change { before: Some(before), after: Some(after) }));
    }

    /// A change of who is promoted or removed could not be saved.
    pub(super) fn restore_meeting(&mut self, room: &RoomId, on_disk: Option<MeetingRecord>) {
        if let Some(meeting) = self.meetings.get_mut(room) {
            let kept = on_disk.map(|record| (record.promoted, record.removed));
            (meeting.promoted, meeting.removed) = kept.unwrap_or_default();
        }
    }

    /// That a meeting runs, or is over, is written as it is then.
    pub(super) fn write_meeting_again(&mut self, failed: &Change<MeetingRecord>, ctx: &Ctx<'_>) {
        let Some(known) = failed.after.as_ref().or(failed.before.as_ref()) else { return };
        let after = self.meetings.get(&known.room_id).map(|meeting| record(&known.room_id, meeting));
        let write = Write::Meeting(Change { before: Some(known.clone()), after });
        let due = ctx.now.mono + std::time::Duration::from_secs(5);
        self.unsaved.insert(super::retry_key(&write), (write, due));
    }

    /// Needs this permission in the running meeting; for calls about a participant.
    pub fn participant_may(&self, room: &RoomId, identity: &Identity, permission: Permission) -> bool {
        let meeting = self.meetings.get(room);
        meeting.and_then(|m| m.participants.get(identity)).is_some_and(|p| p.permissions.has(permission))
    }
}

/// What is kept of a running meeting.
pub(super) fn record(room: &RoomId, meeting: &Meeting) -> MeetingRecord {
    MeetingRecord {
        room_id: room.clone(),
        sid: meeting.sid.clone(),
        started: meeting.started,
        promoted: meeting.promoted.clone(),
        removed: meeting.removed.clone(),
        attendees: meeting.attendees.clone(),
    }
}

fn describe(what: SwitchOff) -> String {
    let parts = [(what.audio, "microphone"), (what.video, "camera"), (what.screen, "screen share")];
    parts.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}
