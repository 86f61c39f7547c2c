//! Coming in: member tokens and the rights they stand for.

use super::rights::badge;
use super::{BoxState, Ctx, Refusal};
use crate::access::{Person, TokenSource, effective};
use crate::account::is_hidden;
use crate::ids::{Identity, MemberId, RoomId, UserId};
use crate::meeting::Badge;
use crate::permission::PermissionSet;
use crate::room::{Room, RoomStatus, slug};
use crate::units::UnixMillis;

/// A request for a member token (reference openvidu-meet §1.10).
#[derive(Clone, Debug, Default)]
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
    /// What the program that asks calls this person.
    pub external_id: Option<String>,
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

/// The room's own identity in its meetings.
pub(super) const ROOM_IDENTITY: &str = "room";
/// The recorder's identity.
pub(super) const RECORDER_IDENTITY: &str = "recorder";

impl BoxState {
    /// Makes the content of a member token.
    pub fn member_token(
        &self,
        room: &RoomId,
        ask: &MemberAsk,
        ctx: &mut Ctx<'_>,
    ) -> Result<MemberGrant, Refusal> {
        let room = self.room(room)?.clone();
        let source = self.source(&room, ask)?;
        self.require_alive(&room, &source, ctx.now.wall)?;
        let person = self.person(&room, &source, None);
        self.require_known(&room, &source, &person)?;
        let (identity, name) = if ask.join { self.seat(&room, ask, &source, ctx)? } else { (None, None) };
        Ok(self.grant_of(&room, source, identity.as_ref(), name))
    }

    fn grant_of(
        &self,
        room: &Room,
        source: TokenSource,
        identity: Option<&Identity>,
        name: Option<String>,
    ) -> MemberGrant {
        let person = self.person(room, &source, identity);
        let meeting = self.meeting_to_join(&room.room_id);
        let meeting = meeting.as_deref();
        let promoted = |id: &Identity| meeting.is_some_and(|m| m.promoted.contains(id));
        MemberGrant {
            room: room.room_id.clone(),
            permissions: effective(&person, room, meeting),
            badge: badge(&person, room, meeting),
            is_member: person.member.is_some(),
            promoted: identity.is_some_and(promoted),
            identity: identity.cloned(),
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
        source.external_id.clone_from(&ask.external_id);
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
        &self,
        room: &Room,
        ask: &MemberAsk,
        source: &TokenSource,
        ctx: &mut Ctx<'_>,
    ) -> Result<(Option<Identity>, Option<String>), Refusal> {
        if room.status == RoomStatus::Closed {
            return Err(Refusal::RoomClosed(room.room_id.clone()));
        }
        let fixed = source.identity();
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
        let member = self.tables.member_behind(stored, source).map(|m| m.permissions_updated_at);
        let user = source.user.as_ref().and_then(|id| self.tables.users.get(id)).map(|u| u.role_updated_at);
        let mut changes = [Some(stored.roles_updated_at), member, user].into_iter().flatten();
        if changes.any(|at| issued.is_outdated_by(at, now)) {
            return Err(Refusal::TokenDead);
        }
        Ok(effective(&person, stored, self.meeting_to_join(room).as_deref()))
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
        let person = self.person(room, source, identity);
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
        self.token_person(room, source, identity, now)?;
        Ok(self.grant_of(self.room(room)?, source.clone(), identity, None))
    }
}

/// One line, single spaces, at most 50 characters, none that is hidden.
fn clean_name(name: &str) -> String {
    let visible: String = name.chars().filter(|c| !is_hidden(*c)).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    words.join(" ").chars().take(50).collect::<String>().trim_end().to_owned()
}
