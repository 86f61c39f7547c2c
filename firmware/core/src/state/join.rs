//! Coming in: member tokens, admission, and the rights that follow.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{BoxState, Ctx, Refusal};
use crate::account::Role;
use crate::ids::{Identity, MeetingSid, ParticipantSid, RoomId, UserId};
use crate::meeting::{Badge, Participant, ParticipantKind, Presence, Quality};
use crate::permission::{Permission, PermissionSet, Standing, decide, effective};
use crate::room::{LinkRole, Room, RoomStatus, slug};
use crate::units::UnixMillis;

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

    /// Permissions after these media rights took the place of a token's.
    pub(super) const fn narrow(self, set: PermissionSet) -> PermissionSet {
        set.with(Permission::PublishVideo, self.camera)
            .with(Permission::PublishAudio, self.microphone)
            .with(Permission::ShareScreen, self.screen)
            .with(Permission::ReadChat, self.read_chat)
            .with(Permission::WriteChat, self.write_chat)
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

/// What a member token says of where it comes from. Rights are derived from it anew at each
/// use, never read from the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct TokenSource {
    /// Came by an anonymous link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkRole>,
    /// Was logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The login session; the token dies with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
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
    /// Wished display name.
    pub name: Option<String>,
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
        /// Issued at.
        issued: UnixMillis,
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
        let link = match &ask.secret {
            Some(secret) => {
                Some(room.link_of(secret).ok_or_else(|| Refusal::BadSecret(room.room_id.clone()))?)
            }
            None => None,
        };
        let source = TokenSource { link, user: ask.user.clone(), session: ask.session.clone() };
        let standing = self.standing(&room, &source, ctx.now.wall)?;
        let permissions = effective(&standing, room.features());
        let (identity, name) =
            if ask.join { self.seat(&room, ask, &source, &standing, ctx)? } else { (None, None) };
        Ok(MemberGrant {
            badge: self.badge(&room, &source, permissions),
            room: room.room_id,
            identity,
            name,
            permissions,
            source,
        })
    }

    fn seat(
        &self,
        room: &Room,
        ask: &MemberAsk,
        source: &TokenSource,
        standing: &Standing,
        ctx: &mut Ctx<'_>,
    ) -> Result<(Option<Identity>, Option<String>), Refusal> {
        if room.status == RoomStatus::Closed {
            return Err(Refusal::RoomClosed(room.room_id.clone()));
        }
        if !decide(standing, Permission::JoinMeeting, room.features()).allowed {
            return Err(Refusal::Missing(Permission::JoinMeeting));
        }
        let user = ask.user.as_ref().and_then(|id| self.users.get(id));
        let wished = ask.name.as_deref().map(clean_name).filter(|n| !n.is_empty());
        let name = wished.or_else(|| user.map(|u| u.name.clone())).ok_or(Refusal::NameRequired)?;
        let own = user.map(|u| Identity::new(u.user_id.as_str()));
        let meeting = self.meetings.get(&room.room_id);
        if let (Some(meeting), None) = (meeting, &own)
            && let Some((identity, seat)) = meeting.seat_of(source, &name)
        {
            return Ok((Some(identity.clone()), Some(seat.name.clone())));
        }
        let name = meeting.map_or_else(|| name.clone(), |m| m.free_name(&name, own.as_ref()));
        let identity = own
            .unwrap_or_else(|| Identity::from(format!("{}-{}", slug(&name), ctx.entropy.alphanumeric(15))));
        Ok((Some(identity), Some(name)))
    }

    /// Rights of a member token now, for REST calls and token refresh.
    pub fn member_permissions(
        &self,
        room: &RoomId,
        source: &TokenSource,
        issued: UnixMillis,
        now: UnixMillis,
    ) -> Result<PermissionSet, Refusal> {
        let room = self.room(room)?;
        if issued < room.roles_updated_at {
            return Err(Refusal::TokenDead);
        }
        let standing = self.standing(room, source, now)?;
        Ok(effective(&standing, room.features()))
    }

    /// How the bearer of a member token is marked in the list.
    pub fn member_badge(
        &self,
        room: &RoomId,
        source: &TokenSource,
        permissions: PermissionSet,
    ) -> Result<Badge, Refusal> {
        Ok(self.badge(self.room(room)?, source, permissions))
    }

    /// Would they be let in? For `/rtc/validate`.
    pub fn may_enter(&self, room: &RoomId, entrant: &Entrant, now: UnixMillis) -> Result<(), Refusal> {
        let room = self.room(room)?;
        if room.status == RoomStatus::Closed {
            return Err(Refusal::RoomClosed(room.room_id.clone()));
        }
        self.judge(room, entrant, now).map(|_| ())
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
        let seats = self.meetings.get(&room.room_id).map(|m| &m.participants);
        let seat = seats.and_then(|p| p.get(identity));
        let resumes = resume.is_some() && resume.as_ref() == seat.map(|p| &p.sid);
        let granted = seat.filter(|_| resumes).and_then(|p| p.granted);
        if !resumes {
            // A closed room keeps those who are in, over a lost connection too.
            self.may_enter(&room.room_id, entrant, ctx.now.wall)?;
        }
        let (permissions, grants, badge) = self.judge(&room, entrant, ctx.now.wall)?;
        let permissions = granted.map_or(permissions, |g| g.narrow(permissions));
        let grants = granted.unwrap_or(grants);
        let (meeting, started) = self.ensure_meeting(&room, ctx);
        // A resume of any other session than the seated one is for the SFU to refuse.
        let takes_seat = resume.is_none() || resumes;
        let sid =
            resume.unwrap_or_else(|| ParticipantSid::from(format!("PA_{}", ctx.entropy.alphanumeric(12))));
        if takes_seat {
            let source = entrant.source().cloned();
            self.expect(&room.room_id, identity, &sid, name, permissions, badge, source, ctx);
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
            version: self.next_version(),
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
        ctx: &Ctx<'_>,
    ) {
        let Some(meeting) = self.meetings.get_mut(room) else {
            return;
        };
        let known = meeting.participants.get(identity).filter(|p| p.sid == *sid);
        let participant = match known {
            Some(known) => {
                let connections = known.connections.saturating_add(1);
                Participant { permissions, badge, source, connections, ..known.clone() }
            }
            None => Participant {
                sid: sid.clone(),
                name: name.to_owned(),
                kind: ParticipantKind::Standard,
                badge,
                permissions,
                granted: None,
                source,
                connections: 1,
                presence: Presence::Expected { until: ctx.now.mono + EXPECTED },
                joined: ctx.now.wall,
                audio: false,
                video: false,
                screen: false,
                quality: Quality::Excellent,
            },
        };
        meeting.participants.insert(identity.clone(), participant);
        meeting.update_emptiness(ctx.now.mono);
    }

    fn judge(
        &self,
        room: &Room,
        entrant: &Entrant,
        now: UnixMillis,
    ) -> Result<(PermissionSet, MediaGrants, Badge), Refusal> {
        match entrant {
            Entrant::Member { source, issued } => {
                let permissions = self.member_permissions(&room.room_id, source, *issued, now)?;
                if !permissions.has(Permission::JoinMeeting) {
                    return Err(Refusal::Missing(Permission::JoinMeeting));
                }
                let badge = self.badge(room, source, permissions);
                Ok((permissions, MediaGrants::from_permissions(permissions), badge))
            }
            Entrant::LiveKit { grants, room_admin, room_record } => {
                let permissions = livekit_permissions(*grants, *room_admin, *room_record).without(off(room));
                let badge = if *room_admin { Badge::Moderator } else { Badge::Other };
                Ok((permissions, *grants, badge))
            }
        }
    }

    /// How a token's bearer stands to a room now. What a login gave ends with its session (U9).
    fn standing(&self, room: &Room, source: &TokenSource, now: UnixMillis) -> Result<Standing, Refusal> {
        if let Some(user) = &source.user {
            let session = source.session.as_deref().ok_or(Refusal::TokenDead)?;
            if self.session_user(session, now)?.user_id != *user {
                return Err(Refusal::TokenDead);
            }
        }
        let mut standing = Standing::default();
        let mut any = false;
        if let Some(role) = source.link {
            if !room.link(role).enabled {
                return Err(Refusal::LinkDisabled(room.room_id.clone(), role));
            }
            standing = room.standing_of_link(role);
            any = true;
        }
        if let Some(user) = source.user.as_ref().and_then(|id| self.users.get(id)) {
            standing.owner |= user.role == Role::Admin || room.owner == user.user_id;
            any |= standing.owner;
            if room.access.user_enabled && user.role != Role::RoomMember {
                standing.roles = standing.roles.union(room.roles.speaker);
                any = true;
            }
        }
        if any { Ok(standing) } else { Err(Refusal::Forbidden) }
    }

    fn badge(&self, room: &Room, source: &TokenSource, permissions: PermissionSet) -> Badge {
        let user = source.user.as_ref().and_then(|id| self.users.get(id));
        match user {
            Some(user) if room.owner == user.user_id => Badge::Owner,
            Some(user) if user.role == Role::Admin => Badge::Admin,
            _ if room.roles.moderator.without(off(room)).without(permissions) == PermissionSet::EMPTY => {
                Badge::Moderator
            }
            _ => Badge::Other,
        }
    }
}

fn off(room: &Room) -> PermissionSet {
    let everything = Standing { owner: true, ..Standing::default() };
    PermissionSet::ALL.without(effective(&everything, room.features()))
}

fn livekit_permissions(grants: MediaGrants, room_admin: bool, room_record: bool) -> PermissionSet {
    let admin = [
        Permission::ShareAccessLinks,
        Permission::MakeModerator,
        Permission::KickParticipants,
        Permission::EndMeeting,
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
