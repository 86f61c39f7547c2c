//! Who somebody is here, and how the rights of those who are in a meeting follow every change.

use std::collections::BTreeMap;

use super::{BoxState, Effect, Eviction, MediaGrants, Refusal};
use crate::access::{Person, TokenSource, Why, effective};
use crate::ids::{Identity, RoomId};
use crate::meeting::{Badge, Meeting, Participant, Presence, with_rights};
use crate::permission::{Permission, PermissionSet};
use crate::room::Room;
use crate::units::UnixMillis;

/// New rights of somebody who is in a meeting; `None` puts them out.
type Changed = (RoomId, Identity, Option<(PermissionSet, Badge)>);

impl BoxState {
    /// Everything that gives rights in this room to whoever came by `source` and is known there
    /// under `identity`.
    pub(super) fn person(&self, room: &Room, source: &TokenSource, identity: Option<&Identity>) -> Person {
        let identity = identity.cloned().or_else(|| source.identity());
        Person { identity, ..self.tables.person(room, source) }
    }

    /// What a login gave ends with its session (U9), what a link gave with its secret (R3). Who is
    /// in the meeting already stays there.
    pub(super) fn require_alive(
        &self,
        room: &Room,
        source: &TokenSource,
        now: UnixMillis,
    ) -> Result<(), Refusal> {
        let link = source.link.map(|role| room.link(role).secret.mark());
        if source.link_mark.is_some() && source.link_mark.as_deref() != link {
            return Err(Refusal::TokenDead);
        }
        let Some(user) = &source.user else { return Ok(()) };
        let session = source.session.as_deref().ok_or(Refusal::TokenDead)?;
        if self.session_user(session, now)?.user_id == *user { Ok(()) } else { Err(Refusal::TokenDead) }
    }

    pub(super) fn require_known(
        &self,
        room: &Room,
        source: &TokenSource,
        person: &Person,
    ) -> Result<(), Refusal> {
        let reads =
            person.user.as_ref().is_some_and(|(_, role)| *role == crate::account::Role::SecurityAdmin);
        if person.knows(room) || reads {
            return Ok(());
        }
        match source.link {
            Some(role) if !room.link(role).enabled => Err(Refusal::LinkDisabled(room.room_id.clone(), role)),
            _ if source.member.is_some() => Err(Refusal::TokenDead),
            _ => Err(Refusal::Forbidden),
        }
    }

    /// Puts out whoever came as this user or external member, whatever else would let them stay
    /// (U5, M4).
    pub(super) fn evict_who_came_as(&mut self, room: Option<&RoomId>, id: &str) {
        let came_so = |p: &Participant| {
            let source = p.source.as_ref();
            let user = source.and_then(|s| s.user.as_ref()).is_some_and(|user| user.as_str() == id);
            user || source.and_then(|s| s.member.as_ref()).is_some_and(|member| member.as_str() == id)
        };
        let seats: Vec<(RoomId, Identity)> = self
            .meetings
            .iter()
            .filter(|(of, _)| room.is_none_or(|room| room == *of))
            .flat_map(|(of, m)| m.participants.iter().map(move |(identity, p)| (of, identity, p)))
            .filter(|(_, _, p)| came_so(p))
            .map(|(of, identity, _)| (of.clone(), identity.clone()))
            .collect();
        for (room, identity) in seats {
            self.evict(&room, &identity, Eviction::Removed);
        }
    }

    /// Gives everybody in a meeting the rights they have now: the SFU first, the clients after it
    /// (P4). Who may no longer be there is put out.
    pub(super) fn follow_rights(&mut self) {
        let changed: Vec<Changed> = self
            .meetings
            .iter()
            .filter_map(|(id, meeting)| Some((self.tables.rooms.get(id)?, meeting)))
            .flat_map(|(room, meeting)| self.changed_rights(room, meeting))
            .collect();
        for (room, identity, rights) in changed {
            match rights {
                None => self.evict(&room, &identity, Eviction::Removed),
                Some((permissions, badge)) => self.regrant(room, identity, permissions, badge),
            }
        }
    }

    fn changed_rights<'a>(
        &'a self,
        room: &'a Room,
        meeting: &'a Meeting,
    ) -> impl Iterator<Item = Changed> + 'a {
        // Who was put out is on the way already.
        let stays = |(identity, _): &(&Identity, &Participant)| !meeting.removed.contains_key(*identity);
        meeting.participants.iter().filter(stays).filter_map(move |(identity, p)| {
            let person = self.person(room, p.source.as_ref()?, Some(identity));
            let permissions = narrowed(effective(&person, room, Some(meeting)), p.granted);
            let badge = badge(&person, room, Some(meeting));
            let rights = permissions.has(Permission::JoinMeeting).then_some((permissions, badge));
            let same = rights == Some((p.permissions, p.badge));
            (!same).then(|| (room.room_id.clone(), identity.clone(), rights))
        })
    }

    /// What a participant may do after a program gave them rights.
    pub(super) fn with_granted(
        &self,
        room: &RoomId,
        identity: &Identity,
        p: &Participant,
    ) -> (PermissionSet, MediaGrants) {
        let (meeting, stored) = (self.meetings.get(room), self.tables.rooms.get(room));
        let Some((granted, stored)) = p.granted.zip(stored) else { return (p.permissions, p.sent.0) };
        match self.participant_person(room, identity, p) {
            Some(person) => {
                let permissions = effective(&person, stored, meeting);
                (narrowed(permissions, Some(granted)), granted.within(permissions))
            }
            // Who came with a LiveKit token is judged by what programs say alone.
            None => (granted.narrow(p.permissions), granted),
        }
    }

    /// Rights that changed while somebody was on the way in, when the SFU did not know them yet.
    pub(super) fn confirm_rights(&mut self, room: &RoomId, identity: &Identity) {
        self.follow_rights();
        let seat = self.meetings.get_mut(room).and_then(|m| m.participants.get_mut(identity));
        if let Some(seat) = seat.filter(|p| p.unconfirmed) {
            seat.unconfirmed = false;
            let (permissions, badge) = (seat.permissions, seat.badge);
            self.regrant(room.clone(), identity.clone(), permissions, badge);
        }
    }

    fn regrant(&mut self, room: RoomId, identity: Identity, permissions: PermissionSet, badge: Badge) {
        let participant = self.meetings.get_mut(&room).and_then(|m| m.participants.get_mut(&identity));
        let Some(participant) = participant else { return };
        let was: &Participant = participant;
        let badge_now = (was.badge != badge).then_some(badge);
        let (known, raised) = (was.sent.0, permissions.without(was.permissions) != PermissionSet::EMPTY);
        participant.permissions = permissions;
        participant.badge = badge;
        participant.unconfirmed = participant.presence != Presence::Present;
        let grants = match participant.granted {
            Some(granted) => granted.within(permissions),
            None => MediaGrants::from_permissions(permissions),
        };
        let lowered = known.both(grants);
        self.show_rights(&room, &identity);
        if lowered == grants && !raised {
            return self.grant(&room, &identity, grants, badge_now);
        }
        // What is taken away is taken at once; what is given, when the change that gives it is saved.
        if lowered != known {
            self.grant(&room, &identity, lowered, None);
        }
        let version = self.next_version();
        let grant = Effect::Grant { room, identity, grants, badge: badge_now, version };
        self.push(Effect::AfterSave(Box::new(grant)));
    }

    /// Everybody is to see in the participant's metadata what they are now: in the order of the
    /// changes, so always when they are saved.
    pub(super) fn show_rights(&mut self, room: &RoomId, identity: &Identity) {
        let promoted = self.is_promoted(room, identity);
        let participant = self.meetings.get_mut(room).and_then(|m| m.participants.get_mut(identity));
        // What others keep in their metadata is theirs.
        let Some(participant) = participant.filter(|p| p.source.is_some()) else { return };
        let shown = with_rights(&participant.metadata, participant.permissions, participant.badge, promoted);
        let Some(metadata) = shown else { return };
        participant.metadata.clone_from(&metadata);
        let (room, identity) = (room.clone(), identity.clone());
        let (name, metadata, attributes) = (None, Some(metadata), BTreeMap::new());
        let update = Effect::UpdateParticipant { room, identity, name, metadata, attributes };
        self.push(Effect::AfterSave(Box::new(update)));
    }

    pub(super) fn is_promoted(&self, room: &RoomId, identity: &Identity) -> bool {
        self.meetings.get(room).is_some_and(|meeting| meeting.promoted.contains(identity))
    }

    /// New rights for the SFU, now.
    pub(super) fn grant(
        &mut self,
        room: &RoomId,
        identity: &Identity,
        grants: MediaGrants,
        badge: Option<Badge>,
    ) {
        let version = self.next_version();
        self.granted(room, identity, grants, version);
        let (room, identity) = (room.clone(), identity.clone());
        self.push(Effect::Grant { room, identity, grants, badge, version });
    }

    /// The SFU is told these rights; an older version changes nothing there.
    pub fn granted(&mut self, room: &RoomId, identity: &Identity, grants: MediaGrants, version: u64) {
        let participant = self.meetings.get_mut(room).and_then(|m| m.participants.get_mut(identity));
        if let Some(participant) = participant.filter(|p| p.sent.1 < version) {
            participant.sent = (grants, version);
        }
    }
}

/// What a program took from somebody stays taken; what the box takes, no program gives back.
pub(super) fn narrowed(permissions: PermissionSet, granted: Option<MediaGrants>) -> PermissionSet {
    granted.map_or(permissions, |granted| granted.narrow(permissions).within(permissions))
}

/// How somebody is marked in the list.
pub(super) fn badge(person: &Person, room: &Room, meeting: Option<&Meeting>) -> Badge {
    if person.owns(room) {
        return Badge::Owner;
    }
    match person.power(room) {
        Some(Why::Admin) => Badge::Admin,
        Some(_) => Badge::Moderator,
        None if person.is_moderator(meeting) => Badge::Moderator,
        None => Badge::Other,
    }
}
