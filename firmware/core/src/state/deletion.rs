//! Deleting rooms: what happens to a running meeting and to the recordings (`features.md` R5,
//! reference openvidu-meet §1.7).

use super::{BoxState, Ctx, Refusal};
use crate::ids::{RecordingId, RoomId};
use crate::room::{MeetingEndAction, Room, RoomStatus, WithMeeting, WithRecordings};

/// What came of it, by the contract's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeletionCode {
    /// Neither meeting nor recordings.
    RoomDeleted,
    /// The meeting was ended.
    WithMeetingDeleted,
    /// Goes when the meeting ends.
    ScheduledToBeDeleted,
    /// The recordings went too.
    RecordingsDeleted,
    /// Closed instead, because of its recordings.
    Closed,
    /// The meeting was ended, the recordings went too.
    WithMeetingAndRecordingsDeleted,
    /// The meeting was ended, the room closed because of its recordings.
    WithMeetingClosed,
    /// Goes with its recordings when the meeting ends.
    RecordingsScheduledToBeDeleted,
    /// Is closed when the meeting ends, because of its recordings.
    ScheduledToBeClosed,
}

impl DeletionCode {
    /// The code on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RoomDeleted => "room_deleted",
            Self::WithMeetingDeleted => "room_with_active_meeting_deleted",
            Self::ScheduledToBeDeleted => "room_with_active_meeting_scheduled_to_be_deleted",
            Self::RecordingsDeleted => "room_and_recordings_deleted",
            Self::Closed => "room_closed",
            Self::WithMeetingAndRecordingsDeleted => "room_with_active_meeting_and_recordings_deleted",
            Self::WithMeetingClosed => "room_with_active_meeting_closed",
            Self::RecordingsScheduledToBeDeleted => {
                "room_with_active_meeting_and_recordings_scheduled_to_be_deleted"
            }
            Self::ScheduledToBeClosed => "room_with_active_meeting_scheduled_to_be_closed",
        }
    }

    /// The work waits for the end of the meeting (202).
    pub const fn is_scheduled(self) -> bool {
        matches!(
            self,
            Self::ScheduledToBeDeleted | Self::RecordingsScheduledToBeDeleted | Self::ScheduledToBeClosed
        )
    }

    /// What happened, for people.
    pub fn message(self, id: &RoomId) -> String {
        let what = match self {
            Self::RoomDeleted => "deleted successfully",
            Self::WithMeetingDeleted => "with active meeting deleted successfully",
            Self::ScheduledToBeDeleted => "with active meeting scheduled to be deleted when the meeting ends",
            Self::RecordingsDeleted => "and its recordings deleted successfully",
            Self::Closed => "has been closed instead of deleted because it has recordings",
            Self::WithMeetingAndRecordingsDeleted => {
                "with active meeting and its recordings deleted successfully"
            }
            Self::WithMeetingClosed => {
                "with active meeting has been closed instead of deleted because it has recordings"
            }
            Self::RecordingsScheduledToBeDeleted => {
                "with active meeting and its recordings scheduled to be deleted when the meeting ends"
            }
            Self::ScheduledToBeClosed => {
                "with active meeting scheduled to be closed when the meeting ends because it has recordings"
            }
        };
        format!("Room '{id}' {what}")
    }
}

/// A deletion that was carried out or scheduled.
#[derive(Clone, Debug, PartialEq)]
pub struct Deleted {
    /// What came of it.
    pub code: DeletionCode,
    /// The room, while it exists.
    pub room: Option<Room>,
}

enum Plan {
    Delete,
    Close,
    Schedule(MeetingEndAction),
}

impl BoxState {
    /// Deletes, closes or schedules, or says which case forbids it. The day on which the room was to
    /// delete itself is over then.
    pub fn delete_room(
        &mut self,
        id: &RoomId,
        with_meeting: WithMeeting,
        with_recordings: WithRecordings,
        ctx: &mut Ctx<'_>,
    ) -> Result<Deleted, Refusal> {
        let room = self.room(id)?.clone();
        let meets = self.meets(id);
        let has_recordings = self.tables.recordings_of(id).next().is_some();
        let (code, plan) =
            plan(meets, has_recordings, with_meeting, with_recordings).map_err(|(code, why)| {
                Refusal::NotDeleted(code, format!("Room '{id}' cannot be deleted because {why}."))
            })?;
        if *id == self.settings.home_room
            && !matches!(plan, Plan::Close | Plan::Schedule(MeetingEndAction::Close))
        {
            return Err(Refusal::RoomIsHome(id.clone()));
        }
        self.note("room.delete", id.as_str(), code.name(), ctx);
        let room = match plan {
            Plan::Schedule(action) => Some(self.change_room(&room, |room| {
                room.meeting_end_action = action;
                room.auto_deletion_date = None;
                room.auto_deletion_policy = None;
                room.delete_recordings = with_recordings == WithRecordings::Force;
            })),
            Plan::Close => {
                let closed = self.change_room(&room, |room| {
                    room.status = RoomStatus::Closed;
                    room.meeting_end_action = MeetingEndAction::None;
                    room.auto_deletion_date = None;
                    room.auto_deletion_policy = None;
                });
                self.close_meeting(id, ctx);
                Some(closed)
            }
            Plan::Delete => {
                self.remove_room(room, true, ctx);
                None
            }
        };
        Ok(Deleted { code, room })
    }

    /// Deletes a room at once, for RoomService: its recordings stay, as RoomService knows of none.
    pub fn delete_livekit_room(&mut self, id: &RoomId, ctx: &mut Ctx<'_>) -> Result<(), Refusal> {
        let room = self.room(id)?.clone();
        if *id == self.settings.home_room {
            return Err(Refusal::RoomIsHome(id.clone()));
        }
        self.note("room.delete", id.as_str(), "", ctx);
        self.remove_room(room, false, ctx);
        Ok(())
    }

    fn remove_room(&mut self, room: Room, with_recordings: bool, ctx: &mut Ctx<'_>) {
        let id = room.room_id.clone();
        let room = self.change_room(&room, |room| room.meeting_end_action = MeetingEndAction::None);
        self.close_meeting(&id, ctx);
        let recordings: Vec<RecordingId> = if with_recordings {
            self.tables.recordings_of(&id).map(|r| r.recording_id.clone()).collect()
        } else {
            Vec::new()
        };
        for recording in recordings {
            if self.delete_recording(&recording, ctx).is_err() {
                self.delete_when_finished(&recording);
            }
        }
        self.end_members_of(&id);
        self.write_room(Some(room), None);
    }
}

type Forbidden = (&'static str, &'static str);

fn plan(
    meets: bool,
    has_recordings: bool,
    with_meeting: WithMeeting,
    with_recordings: WithRecordings,
) -> Result<(DeletionCode, Plan), Forbidden> {
    use WithMeeting as M;
    use WithRecordings as R;
    const BOTH: &str = "it has an active meeting and recordings";
    Ok(match (meets, has_recordings, with_meeting, with_recordings) {
        (false, false, _, _) => (DeletionCode::RoomDeleted, Plan::Delete),
        (true, false, M::Fail, _) => return Err(("room_has_active_meeting", "it has an active meeting")),
        (true, false, M::Force, _) => (DeletionCode::WithMeetingDeleted, Plan::Delete),
        (true, false, M::WhenMeetingEnds, _) => {
            (DeletionCode::ScheduledToBeDeleted, Plan::Schedule(MeetingEndAction::Delete))
        }
        (false, true, _, R::Fail) => return Err(("room_has_recordings", "it has recordings")),
        (false, true, _, R::Force) => (DeletionCode::RecordingsDeleted, Plan::Delete),
        (false, true, _, R::Close) => (DeletionCode::Closed, Plan::Close),
        (true, true, M::Fail, _) => return Err(("room_with_recordings_has_active_meeting", BOTH)),
        (true, true, M::Force, R::Fail) => return Err(("room_with_active_meeting_has_recordings", BOTH)),
        (true, true, M::WhenMeetingEnds, R::Fail) => {
            return Err(("room_with_active_meeting_has_recordings_cannot_schedule_deletion", BOTH));
        }
        (true, true, M::Force, R::Force) => (DeletionCode::WithMeetingAndRecordingsDeleted, Plan::Delete),
        (true, true, M::Force, R::Close) => (DeletionCode::WithMeetingClosed, Plan::Close),
        (true, true, M::WhenMeetingEnds, R::Force) => {
            (DeletionCode::RecordingsScheduledToBeDeleted, Plan::Schedule(MeetingEndAction::Delete))
        }
        (true, true, M::WhenMeetingEnds, R::Close) => {
            (DeletionCode::ScheduledToBeClosed, Plan::Schedule(MeetingEndAction::Close))
        }
    })
}
