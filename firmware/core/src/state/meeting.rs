//! What the SFU reports, and how meetings end.

use std::collections::BTreeMap;
use std::time::Duration;

use super::moderate::record;
use super::{BoxState, Change, Ctx, Effect, Eviction, MediaGrants, Refusal, StartedBy, Write};
use crate::ids::{Identity, ParticipantSid, RoomId};
use crate::meeting::{Meeting, ParticipantKind, Presence, Quality};
use crate::recording::{EndReason, RecordingWishes};
use crate::room::{AutoStart, MeetingEndAction, RoomStatus, WithMeeting, WithRecordings};
use crate::webhook::LeaveReason;

/// What a participant publishes and does not have muted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrackFlags {
    /// Microphone.
    pub audio: bool,
    /// Camera.
    pub video: bool,
    /// Screen.
    pub screen: bool,
}

/// What `RoomService.UpdateParticipant` changes; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParticipantUpdate {
    /// Display name.
    pub name: Option<String>,
    /// Metadata.
    pub metadata: Option<String>,
    /// Attributes, merged; "" deletes.
    pub attributes: BTreeMap<String, String>,
    /// Rights.
    pub grants: Option<MediaGrants>,
}

/// Most bytes of metadata, or of all attributes of one update: as LiveKit's server has it.
pub(super) const METADATA: usize = 64_000;

impl BoxState {
    /// The participant is in: the SFU sent the first response.
    pub fn joined(&mut self, room: &RoomId, identity: &Identity, sid: &ParticipantSid, ctx: &mut Ctx<'_>) {
        let seat = self.meetings.get(room).and_then(|m| m.participants.get(identity));
        let turned_away = match seat {
            Some(seat) if seat.sid == *sid => None,
            // The seat was given to a later session, which is on its way or will never come.
            Some(_) => Some(Eviction::Removed),
            // The meeting they were admitted for ended while they were on the way in.
            None => Some(Eviction::MeetingEnded),
        };
        if let Some(why) = turned_away {
            let (room, identity, sid) = (room.clone(), identity.clone(), sid.clone());
            return self.push(Effect::Evict { room, identity, sid, why });
        }
        let Some(meeting) = self.meetings.get_mut(room) else { return };
        let removed = meeting.removed.contains_key(identity);
        let Some(participant) = meeting.participants.get_mut(identity) else { return };
        participant.presence = Presence::Present;
        let (kind, name) = (participant.kind, participant.name.clone());
        meeting.update_emptiness(ctx.now.mono);
        if removed {
            // Removed on the way in: the SFU did not know them yet.
            self.evict(room, identity, Eviction::Removed);
            return;
        }
        self.confirm_rights(room, identity);
        self.tell_joined(room, identity, ctx);
        if kind == ParticipantKind::Standard {
            self.remote_arrived(room, &name, ctx);
            self.record_by_itself(room, ctx);
        }
    }

    /// Starts the recording that the room wants for those who are in (R6), once in a meeting: who
    /// stopped it meant it. While the file of an earlier meeting is being finished, this waits for it.
    pub(super) fn record_by_itself(&mut self, room: &RoomId, ctx: &mut Ctx<'_>) {
        let wanted = self.tables.rooms.get(room).and_then(|r| r.config.recording_auto_start);
        let meeting = self.meetings.get(room).filter(|m| !m.recorded);
        let Some((wanted, meeting)) = wanted.zip(meeting) else { return };
        let due = match wanted {
            AutoStart::WhenFirstParticipantJoins => meeting.remotes().next().is_some(),
            AutoStart::WhenSecondParticipantJoins => meeting.remotes().count() >= 2,
            AutoStart::WhenModeratorJoins => meeting.remotes().any(|(id, _)| self.leads(room, id)),
        };
        if due
            && !self.runs.contains_key(room)
            && let Err(refusal) =
                self.start_recording(room, StartedBy::Participant, RecordingWishes::default(), ctx)
        {
            // Other rooms' troubles are not shown on this one's TV.
            if *room == self.settings.home_room {
                self.notify(refusal.to_string(), ctx.now);
            }
        }
    }

    /// The participant's session is over for good. Why, as far as the SFU knows.
    pub fn left(
        &mut self,
        room: &RoomId,
        identity: &Identity,
        sid: &ParticipantSid,
        why: LeaveReason,
        ctx: &mut Ctx<'_>,
    ) {
        let seat = self.meetings.get(room).and_then(|m| m.participants.get(identity));
        let Some(seat) = seat.filter(|p| p.sid == *sid) else { return };
        // Whoever goes to another meeting leaves this one of their own will.
        let elsewhere = seat.evicted == Some(Eviction::Elsewhere);
        let why = if elsewhere { LeaveReason::VoluntaryLeave } else { why };
        self.tell_left(room, identity, why, ctx);
        if let Some(meeting) = self.meetings.get_mut(room) {
            meeting.participants.remove(identity);
            meeting.update_emptiness(ctx.now.mono);
        }
    }

    /// What the participant publishes now.
    pub fn tracks(&mut self, room: &RoomId, identity: &Identity, flags: TrackFlags) {
        let meeting = self.meetings.get_mut(room);
        if let Some(p) = meeting.and_then(|m| m.participants.get_mut(identity)) {
            p.audio = flags.audio;
            p.video = flags.video;
            p.screen = flags.screen;
        }
    }

    /// The participant's connection quality now.
    pub fn quality(&mut self, room: &RoomId, identity: &Identity, quality: Quality) {
        let meeting = self.meetings.get_mut(room);
        if let Some(p) = meeting.and_then(|m| m.participants.get_mut(identity)) {
            p.quality = quality;
        }
    }

    /// The participant changed own name or metadata (allowed by their token).
    pub fn renamed(&mut self, room: &RoomId, identity: &Identity, name: String, metadata: String) {
        let meeting = self.meetings.get_mut(room);
        if let Some(p) = meeting.and_then(|m| m.participants.get_mut(identity)) {
            p.name = name;
            p.metadata = metadata;
        }
    }

    /// Changes somebody's name, metadata, attributes or rights. Rights given here hold until they
    /// leave, as far as the box lets them: a resume does not fall back to those of the token. Nobody
    /// changes the box's own participants.
    pub fn update_participant(
        &mut self,
        room: &RoomId,
        identity: &Identity,
        update: ParticipantUpdate,
        ctx: &Ctx<'_>,
    ) -> Result<(), Refusal> {
        self.room(room)?;
        let attributes: usize = update.attributes.iter().map(|(k, v)| k.len() + v.len()).sum();
        if attributes.max(update.metadata.as_ref().map_or(0, String::len)) > METADATA {
            return Err(Refusal::Invalid("metadata and attributes take at most 64000 bytes".to_owned()));
        }
        let meeting = self.meetings.get_mut(room).ok_or_else(|| Refusal::NoMeeting(room.clone()))?;
        let missing = || Refusal::ParticipantNotFound(room.clone(), identity.clone());
        let participant = meeting.participants.get_mut(identity).ok_or_else(missing)?;
        if participant.kind != ParticipantKind::Standard {
            return Err(Refusal::Forbidden);
        }
        let ParticipantUpdate { name, metadata, attributes, grants } = update;
        if let Some(name) = &name {
            participant.name.clone_from(name);
        }
        if let Some(metadata) = &metadata {
            participant.metadata.clone_from(metadata);
        }
        let (room, identity) = (room.clone(), identity.clone());
        if let Some(grants) = grants {
            participant.granted = Some(grants);
            let seat = participant.clone();
            let (permissions, grants) = self.with_granted(&room, &identity, &seat);
            if let Some(seat) = self.meetings.get_mut(&room).and_then(|m| m.participants.get_mut(&identity)) {
                seat.permissions = permissions;
            }
            self.grant(&room, &identity, grants, None);
        }
        self.note("meeting.updateParticipant", format!("{room}/{identity}"), "", ctx);
        let (of, whose) = (room.clone(), identity.clone());
        self.push(Effect::UpdateParticipant { room, identity, name, metadata, attributes });
        if grants.is_some() {
            self.show_rights(&of, &whose);
        }
        Ok(())
    }

    /// Ends the meeting for all.
    pub fn end_meeting(&mut self, room: &RoomId, ctx: &mut Ctx<'_>) -> Result<(), Refusal> {
        self.room(room)?;
        if !self.meets(room) {
            return Err(Refusal::NoMeeting(room.clone()));
        }
        self.note("meeting.end", room.as_str(), "", ctx);
        self.close_meeting(room, ctx);
        Ok(())
    }

    pub(super) fn tick_meetings(&mut self, ctx: &mut Ctx<'_>) {
        let mono = ctx.now.mono;
        for meeting in self.meetings.values_mut() {
            meeting.participants.retain(|_, p| match p.presence {
                Presence::Expected { until } => until > mono,
                Presence::Present => true,
            });
            meeting.update_emptiness(mono);
        }
        let over: Vec<RoomId> = self
            .meetings
            .iter()
            .filter(|(room, m)| {
                let gone = m.empty_since.is_some_and(|s| s + self.settings.departure_timeout <= mono);
                let kept = self.runs.get(*room).is_some_and(|run| run.keeps_meeting);
                (gone && !kept) || m.ends.is_some_and(|ends| ends <= mono)
            })
            .map(|(room, _)| room.clone())
            .collect();
        for room in over {
            self.close_meeting(&room, ctx);
        }
        self.warn_of_ends(mono);
    }

    fn warn_of_ends(&mut self, mono: Duration) {
        let due = |m: &Meeting| !m.warned && m.time_limit().is_some_and(|at| at <= mono);
        let rooms: Vec<RoomId> =
            self.meetings.iter().filter(|(_, m)| due(m)).map(|(room, _)| room.clone()).collect();
        for room in rooms {
            if let Some(meeting) = self.meetings.get_mut(&room) {
                meeting.warned = true;
            }
            self.push(Effect::EndingSoon { room });
        }
    }

    pub(super) fn close_meeting(&mut self, room: &RoomId, ctx: &mut Ctx<'_>) {
        self.stop_run(room, EndReason::MeetingEnded, ctx);
        if *room == self.settings.home_room {
            self.endpoint_leave();
        }
        let Some(meeting) = self.meetings.remove(room) else {
            // One that a restart interrupted is not continued.
            return self.end_interrupted(room, ctx);
        };
        let timed_out = meeting.ends.is_some_and(|ends| ends <= ctx.now.mono);
        self.push(Effect::EndMeeting { room: room.clone() });
        let before = record(room, &meeting);
        self.tell_over(&before, LeaveReason::MeetingEnded, timed_out, ctx);
        self.persist(Write::Meeting(Change { before: Some(before), after: None }));
        self.after_meeting(room, ctx);
    }

    /// What was to happen to the room when its meeting ends.
    pub(super) fn after_meeting(&mut self, id: &RoomId, ctx: &mut Ctx<'_>) {
        let Some(room) = self.tables.rooms.get(id).cloned() else { return };
        match room.meeting_end_action {
            MeetingEndAction::None => {}
            MeetingEndAction::Close => {
                self.change_room(&room, |room| {
                    room.status = RoomStatus::Closed;
                    room.meeting_end_action = MeetingEndAction::None;
                });
            }
            MeetingEndAction::Delete => {
                let recordings =
                    if room.delete_recordings { WithRecordings::Force } else { WithRecordings::Close };
                if self.delete_room(id, WithMeeting::Force, recordings, ctx).is_err() {
                    // It has become this box's own room meanwhile.
                    self.change_room(&room, |room| room.meeting_end_action = MeetingEndAction::None);
                }
            }
        }
    }

    pub(super) fn forget_interrupted(&mut self, ctx: &mut Ctx<'_>) {
        let mono = ctx.now.mono;
        let over: Vec<RoomId> = self
            .interrupted
            .iter()
            .filter(|(_, (_, until))| *until <= mono)
            .map(|(room, _)| room.clone())
            .collect();
        for room in over {
            self.end_interrupted(&room, ctx);
        }
    }

    fn end_interrupted(&mut self, room: &RoomId, ctx: &mut Ctx<'_>) {
        if let Some((before, _)) = self.interrupted.remove(room) {
            self.tell_over(&before, LeaveReason::ServerShutdown, false, ctx);
            self.persist(Write::Meeting(Change { before: Some(before), after: None }));
            self.after_meeting(room, ctx);
        }
    }
}
