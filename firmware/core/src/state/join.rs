//! Coming in: member tokens, admission, and the rights that follow.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::rights::badge;
use super::{BoxState, Ctx, Eviction, Refusal};
use crate::access::{Action, Person, TokenSource, decide, effective};
use crate::ids::{Identity, MeetingSid, MemberId, ParticipantSid, RoomId, UserId};
use crate::meeting::{Badge, Participant, ParticipantKind, Presence, Quality};
use crate::permission::{Permission, PermissionSet};
use crate::room::{Room, RoomStatus, slug};
use crate::units::UnixMillis;
use crate::webhook::LeaveReason;

/// Rights in the SFU, in the box's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaGrants {
    /// Publish a camera.
    pub camera: bool,
    /// Publish a microphone.
    pub microphone: bool,
    /// Publish a screen and its sound.
    pub screen: bool,
    /// Receive.
    pub subscribe: bool,
    /// Send data packets.
    pub data: bool,
    /// Receive chat.
    pub read_chat: bool,
    /// Send chat.
    pub write_chat: bool,
    /// Change own name, metadata, attributes.
    pub update_metadata: bool,
    /// Not listed.
    pub hidden: bool,
}

impl MediaGrants {
    /// The room itself.
    pub const ROOM: Self = Self {
        camera: true,
        microphone: true,
        screen: false,
        subscribe: true,
        data: false,
        read_chat: false,
        write_chat: false,
        update_metadata: false,
        hidden: false,
    };

    /// The recorder: listens only.
    pub const RECORDER: Self = Self { camera: false, microphone: false, ..Self::ROOM };

    /// What both allow.
    pub(super) const fn both(self, other: Self) -> Self {
        Self {
            camera: self.camera && other.camera,
            microphone: self.microphone && other.microphone,
            screen: self.screen && other.screen,
            subscribe: self.subscribe && other.subscribe,
            data: self.data && other.data,
            read_chat: self.read_chat && other.read_chat,
            write_chat: self.write_chat && other.write_chat,
            update_metadata: self.update_metadata && other.update_metadata,
            hidden: self.hidden && other.hidden,
        }
    }

    /// Permissions after these media rights took the place of a token's.
    pub(super) const fn narrow(self, set: PermissionSet) -> PermissionSet {
        set.with(Permission::PublishVideo, self.camera)
            .with(Permission::PublishAudio, self.microphone)
            .with(Permission::ShareScreen, self.screen)
            .with(Permission::ReadChat, self.read_chat)
            .with(Permission::WriteChat, self.write_chat)
    }

    /// These rights, as far as the permissions allow them.
    pub(super) const fn within(self, set: PermissionSet) -> Self {
        let most = Self::from_permissions(set);
        Self {
            camera: self.camera && most.camera,
            microphone: self.microphone && most.microphone,
            screen: self.screen && most.screen,
            data: self.data && most.data,
            read_chat: self.read_chat && most.read_chat,
            write_chat: self.write_chat && most.write_chat,
            ..self
        }
    }

    /// From permissions (P3, P4). Data follows the right to write chat, as OpenVidu Meet has it:
    /// a data packet on any topic is a message.
    pub const fn from_permissions(set: PermissionSet) -> Self {
        Self {
            camera: set.has(Permission::PublishVideo),
            microphone: set.has(Permission::PublishAudio),
            screen: set.has(Permission::ShareScreen),
            subscribe: true,
            data: set.has(Permission::WriteChat),
            read_chat: set.has(Permission::ReadChat),
            write_chat: set.has(Permission::WriteChat),
            update_metadata: false,
            hidden: false,
        }
    }
}

/// A request for a member token (reference openvidu-meet §1.10).
#[derive(Clone, Debug)]
pub struct MemberAsk {
    /// Of a link.
    pub secret: Option<String>,
    /// Logged in as.
    pub user: Option<UserId>,
    /// The login session of `user`.
    pub session: Option<String>,
    /// Wants to join, not only to look.
    pub join: bool,
    /// Leaves another meeting for this one.
    pub force: bool,
    /// Wished display name.
    pub name: Option<String>,
    /// Identity and name of an earlier token of the same browser (P6).
    pub seat: Option<(Identity, String)>,
}

/// What a member token is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberGrant {
    /// Where.
    pub room: RoomId,
    /// Only when joining.
    pub identity: Option<Identity>,
    /// Display name, unique in the meeting.
    pub name: Option<String>,
    /// Rights now.
    pub permissions: PermissionSet,
    /// Mark.
    pub badge: Badge,
    /// Promoted in the running meeting.
    pub promoted: bool,
    /// Is a member of the room.
    pub is_member: bool,
    /// Where it comes from.
    pub source: TokenSource,
}

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

/// The room's own identity in its meetings.
pub(super) const ROOM_IDENTITY: &str = "room";
/// The recorder's identity.
pub(super) const RECORDER_IDENTITY: &str = "recorder";

/// Somebody admitted must be at the SFU within this time.
const EXPECTED: Duration = Duration::from_secs(30);

impl BoxState {
    /// Makes the content of a member token.
    pub fn member_token(
        &mut self,
        room: &RoomId,
        ask: &MemberAsk,
        ctx: &mut Ctx<'_>,
    ) -> Result<MemberGrant, Refusal> {
        let room = self.room(room)?.clone();
        self.continue_meeting(&room, ctx);
        let source = self.source(&room, ask)?;
        self.require_alive(&room, &source, ctx.now.wall)?;
        let person = self.person(&room, &source, None);
        self.require_known(&room, &source, &person)?;
        let (identity, name) = if ask.join { self.seat(&room, ask, &source, ctx)? } else { (None, None) };
        Ok(self.grant_of(&room, source, Person { identity, ..person }, name))
    }

    fn grant_of(
        &self,
        room: &Room,
        source: TokenSource,
        person: Person,
        name: Option<String>,
    ) -> MemberGrant {
        let meeting = self.meetings.get(&room.room_id);
        let promoted = |id: &Identity| meeting.is_some_and(|m| m.promoted.contains(id));
        MemberGrant {
            room: room.room_id.clone(),
            permissions: effective(&person, room, meeting),
            badge: badge(&person, room, meeting),
            is_member: person.member.is_some(),
            promoted: person.identity.as_ref().is_some_and(promoted),
            identity: person.identity,
            name,
            source,
        }
    }

    /// Where the rights of somebody who asks come from: a link's secret, an external member's
    /// secret, a login, or a login with one of the others.
    fn source(&self, room: &Room, ask: &MemberAsk) -> Result<TokenSource, Refusal> {
        let mut source =
            TokenSource { user: ask.user.clone(), session: ask.session.clone(), ..TokenSource::default() };
        source.force = ask.force && source.user.is_some();
        if let Some(secret) = &ask.secret {
            source.link = room.link_of(secret);
            source.link_mark = source.link.map(|role| room.link(role).secret.mark().to_owned());
            source.member = self.member_of_secret(&room.room_id, secret).map(|m| m.member_id.clone());
            if source.link.is_none() && source.member.is_none() {
                return Err(Refusal::BadSecret(room.room_id.clone()));
            }
        }
        Ok(source)
    }

    fn seat(
        &mut self,
        room: &Room,
        ask: &MemberAsk,
        source: &TokenSource,
        ctx: &mut Ctx<'_>,
    ) -> Result<(Option<Identity>, Option<String>), Refusal> {
        if room.status == RoomStatus::Closed {
            return Err(Refusal::RoomClosed(room.room_id.clone()));
        }
        let member = source.member.as_ref().map(|id| id.as_str());
        let fixed = member.or(source.user.as_ref().map(UserId::as_str)).map(Identity::new);
        let earlier = ask.seat.as_ref().filter(|_| fixed.is_none());
        let name = self.seat_name(room, ask, source, earlier.map(|(_, name)| name.as_str()))?;
        let kept = fixed.or_else(|| earlier.map(|(identity, _)| identity.clone()));
        let meeting = self.meetings.get(&room.room_id);
        let name = meeting.map_or_else(|| name.clone(), |m| m.free_name(&name, kept.as_ref()));
        let identity = kept
            .unwrap_or_else(|| Identity::from(format!("{}-{}", slug(&name), ctx.entropy.alphanumeric(15))));
        self.require_entry(room, source, &identity)?;
        self.require_one_meeting(room, source)?;
        Ok((Some(identity), Some(name)))
    }

    /// Members have fixed names (M1); others choose theirs.
    fn seat_name(
        &self,
        room: &Room,
        ask: &MemberAsk,
        source: &TokenSource,
        earlier: Option<&str>,
    ) -> Result<String, Refusal> {
        let id = source.member.clone().or_else(|| source.user.as_ref().map(|u| MemberId::new(u.as_str())));
        let member = id.and_then(|id| self.tables.members.get(&(room.room_id.clone(), id)));
        if let Some(member) = member {
            return Ok(member.name.clone());
        }
        let wished = ask.name.as_deref().map(clean_name).filter(|n| !n.is_empty());
        let user = source.user.as_ref().and_then(|id| self.tables.users.get(id));
        let own = || user.map(|u| u.name.clone()).or_else(|| earlier.map(str::to_owned));
        wished.or_else(own).ok_or(Refusal::NameRequired)
    }

    /// One meeting at a time, and an owner is led back to the meeting they left (P8).
    fn require_one_meeting(&self, room: &Room, source: &TokenSource) -> Result<(), Refusal> {
        let Some(user) = source.user.as_ref().filter(|_| !source.force) else { return Ok(()) };
        if let Some((other, _)) = self.seats_elsewhere(room, user).next() {
            return Err(Refusal::InAnotherMeeting(other.clone()));
        }
        let starts = room.owner == *user && !self.meetings.contains_key(&room.room_id);
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

    /// Rights of a member token now, for REST calls and token refresh. A token from before a
    /// change of the room's roles, the member's permissions or the user's role is refused (reference
    /// openvidu-meet §1.2).
    pub fn member_permissions(
        &self,
        room: &RoomId,
        source: &TokenSource,
        identity: Option<&Identity>,
        issued: UnixMillis,
        now: UnixMillis,
    ) -> Result<PermissionSet, Refusal> {
        let stored = self.room(room)?;
        let person = self.token_person(room, source, identity, now)?;
        let changed = self.tables.member_behind(stored, source).map(|m| m.permissions_updated_at);
        let user = source.user.as_ref().and_then(|id| self.tables.users.get(id));
        let role_changed = user.is_some_and(|user| issued < user.role_updated_at);
        if role_changed || issued < stored.roles_updated_at || changed.is_some_and(|at| issued < at) {
            return Err(Refusal::TokenDead);
        }
        Ok(effective(&person, stored, self.meetings.get(room)))
    }

    /// Who shows this member token, if it still counts. Rights are those of now.
    pub fn token_person(
        &self,
        room: &RoomId,
        source: &TokenSource,
        identity: Option<&Identity>,
        now: UnixMillis,
    ) -> Result<Person, Refusal> {
        let room = self.room(room)?;
        self.require_alive(room, source, now)?;
        let person = Person { identity: identity.cloned(), ..self.person(room, source, None) };
        self.require_known(room, source, &person)?;
        Ok(person)
    }

    /// What a token is made anew from: rights, badge, promotion.
    pub fn renewed_grant(
        &self,
        room: &RoomId,
        source: &TokenSource,
        identity: Option<&Identity>,
        now: UnixMillis,
    ) -> Result<MemberGrant, Refusal> {
        let person = self.token_person(room, source, identity, now)?;
        Ok(self.grant_of(self.room(room)?, source.clone(), person, None))
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
        self.judge(room, entrant, identity, now)?;
        match entrant {
            Entrant::Member { source, .. } => {
                self.require_entry(room, source, identity)?;
                self.require_one_meeting(room, source)
            }
            Entrant::LiveKit { .. } => self.require_seat(room, identity),
        }
    }

    /// Lets somebody in, or refuses. `resume` names the session that a reconnecting client has.
    #[expect(clippy::too_many_arguments, reason = "what a token and a connect request carry")]
    pub fn admit(
        &mut self,
        room: &RoomId,
        entrant: &Entrant,
        identity: &Identity,
        name: &str,
        metadata: String,
        attributes: BTreeMap<String, String>,
        resume: Option<ParticipantSid>,
        ctx: &mut Ctx<'_>,
    ) -> Result<Admitted, Refusal> {
        let room = self.room(room)?.clone();
        if [ROOM_IDENTITY, RECORDER_IDENTITY].contains(&identity.as_str()) {
            return Err(Refusal::Invalid(format!("The identity '{identity}' belongs to the box")));
        }
        self.continue_meeting(&room, ctx);
        let seats = self.meetings.get(&room.room_id).map(|m| &m.participants);
        let seat = seats.and_then(|p| p.get(identity));
        let resumes = resume.is_some() && resume.as_ref() == seat.map(|p| &p.sid);
        let granted = seat.filter(|_| resumes).and_then(|p| p.granted);
        if !resumes {
            // A closed room keeps those who are in, over a lost connection too.
            self.may_enter(&room.room_id, entrant, identity, ctx.now.wall)?;
            self.leave_others(&room, entrant.source());
        }
        let (permissions, grants, badge) = self.judge(&room, entrant, identity, ctx.now.wall)?;
        let permissions = granted.map_or(permissions, |g| g.narrow(permissions));
        let grants = granted.unwrap_or(grants);
        let (meeting, started) = self.ensure_meeting(&room, ctx);
        // A resume of any other session than the seated one is for the SFU to refuse.
        let takes_seat = resume.is_none() || resumes;
        let sid =
            resume.unwrap_or_else(|| ParticipantSid::from(format!("PA_{}", ctx.entropy.alphanumeric(12))));
        let version = self.next_version();
        if takes_seat {
            let source = entrant.source().cloned();
            self.expect(
                &room.room_id,
                identity,
                &sid,
                name,
                permissions,
                badge,
                source,
                (grants, version),
                ctx,
            );
        }
        Ok(Admitted {
            recording: self.is_shown_recording(&room.room_id),
            room_metadata: self.metadata_of(&room),
            room: room.room_id,
            meeting,
            started,
            identity: identity.clone(),
            sid,
            name: name.to_owned(),
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

    #[expect(clippy::too_many_arguments, reason = "the fields of one participant")]
    fn expect(
        &mut self,
        room: &RoomId,
        identity: &Identity,
        sid: &ParticipantSid,
        name: &str,
        permissions: PermissionSet,
        badge: Badge,
        source: Option<TokenSource>,
        sent: (MediaGrants, u64),
        ctx: &mut Ctx<'_>,
    ) {
        let seated = self.meetings.get(room).and_then(|m| m.participants.get(identity));
        if seated.is_some_and(|p| p.sid != *sid) {
            self.tell_left(room, identity, LeaveReason::DuplicateIdentity, ctx);
        }
        let Some(meeting) = self.meetings.get_mut(room) else {
            return;
        };
        let known = meeting.participants.get(identity).filter(|p| p.sid == *sid);
        let participant = match known {
            Some(known) => {
                let connections = known.connections.saturating_add(1);
                Participant { permissions, badge, source, connections, sent, ..known.clone() }
            }
            None => Participant {
                sid: sid.clone(),
                name: name.to_owned(),
                kind: ParticipantKind::Standard,
                badge,
                permissions,
                granted: None,
                sent,
                source,
                connections: 1,
                unconfirmed: false,
                presence: Presence::Expected { until: ctx.now.mono + EXPECTED },
                joined: ctx.now.wall,
                audio: false,
                video: false,
                screen: false,
                quality: Quality::Excellent,
                evicted: None,
            },
        };
        meeting.participants.insert(identity.clone(), participant);
        meeting.update_emptiness(ctx.now.mono);
    }

    fn judge(
        &self,
        room: &Room,
        entrant: &Entrant,
        identity: &Identity,
        now: UnixMillis,
    ) -> Result<(PermissionSet, MediaGrants, Badge), Refusal> {
        match entrant {
            Entrant::Member { source } => {
                let person = self.token_person(&room.room_id, source, Some(identity), now)?;
                let meeting = self.meetings.get(&room.room_id);
                let permissions = effective(&person, room, meeting);
                if !permissions.has(Permission::JoinMeeting) {
                    return Err(Refusal::Missing(Permission::JoinMeeting));
                }
                Ok((permissions, MediaGrants::from_permissions(permissions), badge(&person, room, meeting)))
            }
            Entrant::LiveKit { grants, room_admin, room_record } => {
                let off = room.features().off();
                let permissions = livekit_permissions(*grants, *room_admin, *room_record).without(off);
                let badge = if *room_admin { Badge::Moderator } else { Badge::Other };
                Ok((permissions, *grants, badge))
            }
        }
    }

    /// May join, was not removed, and there is a seat.
    fn require_entry(&self, room: &Room, source: &TokenSource, identity: &Identity) -> Result<(), Refusal> {
        let person = self.person(room, source, Some(identity));
        let meeting = self.meetings.get(&room.room_id);
        if !decide(&person, Action::Use(Permission::JoinMeeting), Some(room), meeting).allowed {
            return Err(Refusal::Missing(Permission::JoinMeeting));
        }
        if person.power(room).is_some() { Ok(()) } else { self.require_seat(room, identity) }
    }

    /// Those with power over the room find a seat in a full one, and nobody removes them.
    fn require_seat(&self, room: &Room, identity: &Identity) -> Result<(), Refusal> {
        let Some(meeting) = self.meetings.get(&room.room_id) else { return Ok(()) };
        if meeting.removed.contains_key(identity) {
            return Err(Refusal::Removed);
        }
        let taken = meeting.guests().filter(|(id, _)| *id != identity).count();
        let full = room.config.max_participants.is_some_and(|most| taken >= most as usize);
        if full { Err(Refusal::RoomFull(room.room_id.clone())) } else { Ok(()) }
    }
}

fn livekit_permissions(grants: MediaGrants, room_admin: bool, room_record: bool) -> PermissionSet {
    let admin = [
        Permission::ShareAccessLinks,
        Permission::MakeModerator,
        Permission::KickParticipants,
        Permission::EndMeeting,
        Permission::MuteParticipants,
        Permission::Invite,
    ];
    let mut set = PermissionSet::of(&[Permission::JoinMeeting, Permission::ChangeVirtualBackground])
        .with(Permission::PublishVideo, grants.camera)
        .with(Permission::PublishAudio, grants.microphone)
        .with(Permission::ShareScreen, grants.screen)
        .with(Permission::ReadChat, grants.subscribe)
        .with(Permission::WriteChat, grants.data)
        .with(Permission::Record, room_record)
        .with(Permission::RetrieveRecordings, room_record);
    for permission in admin {
        set = set.with(permission, room_admin);
    }
    set
}

/// One line, single spaces, at most 50 characters, no control characters.
fn clean_name(name: &str) -> String {
    let visible: String = name.chars().filter(|c| !c.is_control()).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    words.join(" ").chars().take(50).collect::<String>().trim_end().to_owned()
}
