//! Letting people in, or not: what is asked at the door, also of those who show a good token.

use std::collections::BTreeMap;
use std::time::Duration;

use super::grants::livekit_permissions;
use super::join::{RECORDER_IDENTITY, ROOM_IDENTITY};
use super::rights::badge;
use super::{BoxState, Ctx, Eviction, MediaGrants, Refusal};
use crate::access::{Action, Person, TokenSource, Why, decide, effective};
use crate::ids::{Identity, MeetingSid, ParticipantSid, RoomId, UserId};
use crate::meeting::{Badge, Meeting, Participant, ParticipantKind, Presence, Quality, with_rights};
use crate::permission::{Permission, PermissionSet};
use crate::room::{Room, RoomStatus};
use crate::units::UnixMillis;
use crate::webhook::LeaveReason;

/// Who knocks at `/rtc`.
#[derive(Clone, Debug)]
pub enum Entrant {
    /// With a member token issued by this box.
    Member {
        /// From the token.
        source: TokenSource,
    },
    /// With a LiveKit token made with the API key: judged by its grants alone.
    LiveKit {
        /// Media rights of the token.
        grants: MediaGrants,
        /// `roomAdmin`: may do what moderators do.
        room_admin: bool,
        /// `roomRecord`: may record.
        room_record: bool,
    },
}

impl Entrant {
    const fn source(&self) -> Option<&TokenSource> {
        match self {
            Self::Member { source, .. } => Some(source),
            Self::LiveKit { .. } => None,
        }
    }
}

/// As whom they come, and what they say of themselves.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// From the token.
    pub identity: Identity,
    /// Display name.
    pub name: String,
    /// Participant metadata; the rights in it are not believed.
    pub metadata: String,
    /// Participant attributes.
    pub attributes: BTreeMap<String, String>,
    /// The session that a reconnecting client has.
    pub resume: Option<ParticipantSid>,
}

impl Arrival {
    /// Somebody new who says nothing but their name.
    pub fn new(identity: &Identity, name: &str) -> Self {
        Self {
            identity: identity.clone(),
            name: name.to_owned(),
            metadata: String::new(),
            attributes: BTreeMap::new(),
            resume: None,
        }
    }
}

/// What somebody may do in this meeting.
struct Judged {
    permissions: PermissionSet,
    grants: MediaGrants,
    badge: Badge,
}

/// Let in: everything the SFU needs to know, in the box's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Where.
    pub room: RoomId,
    /// Which meeting.
    pub meeting: MeetingSid,
    /// When it began.
    pub started: UnixMillis,
    /// LiveKit room metadata.
    pub room_metadata: String,
    /// A recording runs.
    pub recording: bool,
    /// As whom.
    pub identity: Identity,
    /// This session.
    pub sid: ParticipantSid,
    /// Display name.
    pub name: String,
    /// Participant metadata.
    pub metadata: String,
    /// Participant attributes.
    pub attributes: BTreeMap<String, String>,
    /// Person, room or recorder.
    pub kind: ParticipantKind,
    /// Media rights.
    pub grants: MediaGrants,
    /// Order of the rights.
    pub version: u64,
}

/// Somebody admitted must be at the SFU within this time.
const EXPECTED: Duration = Duration::from_secs(30);

impl BoxState {
    /// One meeting at a time, and an owner is led back to the meeting they left (P8).
    pub(super) fn require_one_meeting(&self, room: &Room, source: &TokenSource) -> Result<(), Refusal> {
        let Some(user) = source.user.as_ref().filter(|_| !source.force) else { return Ok(()) };
        if let Some((other, _)) = self.seats_elsewhere(room, user).next() {
            return Err(Refusal::InAnotherMeeting(other.clone()));
        }
        let starts = room.owner == *user && !self.meets(&room.room_id);
        let own = |id: &RoomId| self.tables.rooms.get(id).is_some_and(|r| r.owner == *user);
        let left = self.meetings.iter().find(|(id, m)| own(id) && m.has_guests());
        match left {
            Some((other, _)) if starts => Err(Refusal::OwnMeetingRuns(other.clone())),
            _ => Ok(()),
        }
    }

    /// Whoever asked to come in here all the same leaves where they are.
    fn leave_others(&mut self, room: &Room, source: Option<&TokenSource>) {
        let Some(user) = source.and_then(|source| source.user.as_ref()) else { return };
        let seats = self.seats_elsewhere(room, user).map(|(room, identity)| (room.clone(), identity.clone()));
        for (other, identity) in seats.collect::<Vec<_>>() {
            self.evict(&other, &identity, Eviction::Elsewhere);
        }
    }

    /// Where else somebody logged in as this user takes part.
    fn seats_elsewhere<'a>(
        &'a self,
        room: &'a Room,
        user: &'a UserId,
    ) -> impl Iterator<Item = (&'a RoomId, &'a Identity)> + 'a {
        let theirs = move |p: &Participant| {
            let there = p.presence == Presence::Present || p.connections > 0;
            there && p.source.as_ref().is_some_and(|source| source.user.as_ref() == Some(user))
        };
        let others = self.meetings.iter().filter(move |(id, _)| **id != room.room_id);
        others.flat_map(move |(id, m)| {
            m.participants.iter().filter(move |(_, p)| theirs(p)).map(move |(identity, _)| (id, identity))
        })
    }

    /// Would they be let in? For `/rtc/validate`.
    pub fn may_enter(
        &self,
        room: &RoomId,
        entrant: &Entrant,
        identity: &Identity,
        now: UnixMillis,
    ) -> Result<(), Refusal> {
        let room = self.room(room)?;
        if room.status == RoomStatus::Closed {
            return Err(Refusal::RoomClosed(room.room_id.clone()));
        }
        self.judge(room, entrant, identity, Some(now))?;
        match entrant {
            Entrant::Member { source, .. } => {
                self.require_entry(room, source, identity)?;
                self.require_one_meeting(room, source)
            }
            Entrant::LiveKit { .. } => self.require_seat(room, identity),
        }
    }

    /// Lets somebody in – a meeting that a restart interrupted goes on then – or refuses, and nothing
    /// has changed.
    pub fn admit(
        &mut self,
        room: &RoomId,
        entrant: &Entrant,
        arrival: Arrival,
        ctx: &mut Ctx<'_>,
    ) -> Result<Admitted, Refusal> {
        let Arrival { identity, name, metadata, attributes, resume } = arrival;
        let room = self.room(room)?.clone();
        if [ROOM_IDENTITY, RECORDER_IDENTITY].contains(&identity.as_str()) {
            return Err(Refusal::Invalid(format!("The identity '{identity}' belongs to the box")));
        }
        let seats = self.meetings.get(&room.room_id).map(|m| &m.participants);
        let seat = seats.and_then(|p| p.get(&identity));
        let resumes = resume.is_some() && resume.as_ref() == seat.map(|p| &p.sid);
        let granted = seat.filter(|_| resumes).and_then(|p| p.granted);
        if !resumes {
            // A closed room keeps those who are in, over a lost connection too.
            self.may_enter(&room.room_id, entrant, &identity, ctx.now.wall)?;
        }
        let now = (!resumes).then_some(ctx.now.wall);
        let Judged { permissions, grants, badge } = self.judge(&room, entrant, &identity, now)?;
        if !resumes {
            self.leave_others(&room, entrant.source());
        }
        let limit = if entrant.source().is_some() { permissions } else { PermissionSet::ALL };
        let permissions = granted.map_or(permissions, |g| g.narrow(permissions).within(limit));
        let grants = granted.map_or(grants, |g| g.within(limit));
        let (meeting, started) = self.ensure_meeting(&room, ctx);
        let promoted = self.is_promoted(&room.room_id, &identity);
        let shown = entrant.source().and_then(|_| with_rights(&metadata, permissions, badge, promoted));
        let metadata = shown.unwrap_or(metadata);
        // A resume of any other session than the seated one is for the SFU to refuse.
        let takes_seat = resume.is_none() || resumes;
        let sid =
            resume.unwrap_or_else(|| ParticipantSid::from(format!("PA_{}", ctx.entropy.alphanumeric(12))));
        let version = self.next_version();
        if takes_seat {
            let seat = Participant {
                sid: sid.clone(),
                name: name.clone(),
                metadata: metadata.clone(),
                kind: ParticipantKind::Standard,
                badge,
                permissions,
                granted: None,
                sent: (grants, version),
                source: entrant.source().cloned(),
                connections: 1,
                unconfirmed: false,
                presence: Presence::Expected { until: ctx.now.mono + EXPECTED },
                joined: ctx.now.wall,
                audio: false,
                video: false,
                screen: false,
                quality: Quality::Excellent,
                evicted: None,
            };
            self.expect(&room.room_id, &identity, seat, ctx);
        }
        Ok(Admitted {
            recording: self.is_shown_recording(&room.room_id),
            room_metadata: self.metadata_of(&room),
            room: room.room_id,
            meeting,
            started,
            identity,
            sid,
            name,
            metadata,
            attributes,
            kind: ParticipantKind::Standard,
            grants,
            version,
        })
    }

    /// A signalling connection of somebody admitted is gone. They may resume, leave, or come
    /// back as themselves.
    pub fn disconnected(&mut self, room: &RoomId, identity: &Identity, sid: &ParticipantSid) {
        let meeting = self.meetings.get_mut(room);
        let seat = meeting.and_then(|m| m.participants.get_mut(identity)).filter(|p| p.sid == *sid);
        if let Some(participant) = seat {
            participant.connections = participant.connections.saturating_sub(1);
        }
    }

    /// Keeps the seat for them. Who has it already keeps what they have sent and been given.
    fn expect(&mut self, room: &RoomId, identity: &Identity, seat: Participant, ctx: &mut Ctx<'_>) {
        let seated = self.meetings.get(room).and_then(|m| m.participants.get(identity));
        if seated.is_some_and(|p| p.sid != seat.sid) {
            self.tell_left(room, identity, LeaveReason::DuplicateIdentity, ctx);
        }
        let Some(meeting) = self.meetings.get_mut(room) else {
            return;
        };
        let known = meeting.participants.get(identity).filter(|p| p.sid == seat.sid).cloned();
        let participant = match known {
            Some(known) => {
                let connections = known.connections.saturating_add(1);
                let Participant { permissions, badge, source, sent, .. } = seat;
                Participant { permissions, badge, source, connections, sent, ..known }
            }
            None => seat,
        };
        meeting.participants.insert(identity.clone(), participant);
        meeting.update_emptiness(ctx.now.mono);
    }

    /// What they may do. `now` where their token must be alive: who is in stays in without.
    fn judge(
        &self,
        room: &Room,
        entrant: &Entrant,
        identity: &Identity,
        now: Option<UnixMillis>,
    ) -> Result<Judged, Refusal> {
        match entrant {
            Entrant::Member { source } => {
                if let Some(now) = now {
                    self.token_person(&room.room_id, source, Some(identity), now)?;
                }
                let person = self.person(room, source, Some(identity));
                let meeting = self.meeting_to_join(&room.room_id);
                let meeting = meeting.as_deref();
                require_join(&person, room, meeting)?;
                let permissions = effective(&person, room, meeting);
                let grants = MediaGrants::from_permissions(permissions);
                Ok(Judged { permissions, grants, badge: badge(&person, room, meeting) })
            }
            Entrant::LiveKit { grants, room_admin, room_record } => {
                let off = room.features().off();
                let permissions = livekit_permissions(*grants, *room_admin, *room_record).without(off);
                let badge = if *room_admin { Badge::Moderator } else { Badge::Other };
                Ok(Judged { permissions, grants: *grants, badge })
            }
        }
    }

    /// May join, was not removed, and there is a seat.
    pub(super) fn require_entry(
        &self,
        room: &Room,
        source: &TokenSource,
        identity: &Identity,
    ) -> Result<(), Refusal> {
        let person = self.person(room, source, Some(identity));
        let meeting = self.meeting_to_join(&room.room_id);
        require_join(&person, room, meeting.as_deref())?;
        if person.power(room).is_some() { Ok(()) } else { self.require_seat(room, identity) }
    }

    /// Those with power over the room find a seat in a full one, and nobody removes them.
    fn require_seat(&self, room: &Room, identity: &Identity) -> Result<(), Refusal> {
        let Some(meeting) = self.meeting_to_join(&room.room_id) else { return Ok(()) };
        if meeting.removed.contains_key(identity) {
            return Err(Refusal::Removed);
        }
        let taken = meeting.guests().filter(|(id, _)| *id != identity).count();
        let full = room.config.max_participants.is_some_and(|most| taken >= most as usize);
        if full { Err(Refusal::RoomFull(room.room_id.clone())) } else { Ok(()) }
    }
}

fn require_join(person: &Person, room: &Room, meeting: Option<&Meeting>) -> Result<(), Refusal> {
    let decision = decide(person, Action::Use(Permission::JoinMeeting), Some(room), meeting);
    if decision.allowed {
        return Ok(());
    }
    let removed = decision.why == Why::Removed;
    Err(if removed { Refusal::Removed } else { Refusal::Missing(Permission::JoinMeeting) })
}
