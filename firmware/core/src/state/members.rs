//! Members of rooms (`features.md` §3).

use super::{BoxState, Change, Ctx, Refusal, Write};
use crate::account::Role;
use crate::ids::{MemberId, RoomId, UserId};
use crate::member::{CustomPermissions, Member};
use crate::room::{MemberRole, Secret};

/// Members of one room at most.
const MOST: usize = 2_000;

/// Who is to become a member.
#[derive(Clone, Debug)]
pub enum NewMember {
    /// A user of the box.
    Internal(UserId),
    /// Somebody from outside; 1–50 characters.
    External(String),
}

impl BoxState {
    /// The member.
    pub fn member(&self, room: &RoomId, id: &MemberId) -> Result<&Member, Refusal> {
        self.room(room)?;
        let missing = || Refusal::MemberNotFound(room.clone(), id.clone());
        self.tables.members.get(&(room.clone(), id.clone())).ok_or_else(missing)
    }

    /// The external member whose link has this secret.
    pub fn member_of_secret(&self, room: &RoomId, secret: &str) -> Option<&Member> {
        let fits = |m: &Member| m.secret.as_ref().is_some_and(|s| s.is(secret));
        let id = self.tables.members_of(room).filter(|m| fits(m)).last()?.member_id.clone();
        self.tables.members.get(&(room.clone(), id))
    }

    /// Adds a member (M1, M5).
    pub fn add_member(
        &mut self,
        room: &RoomId,
        who: NewMember,
        base_role: MemberRole,
        custom: CustomPermissions,
        ctx: &mut Ctx<'_>,
    ) -> Result<Member, Refusal> {
        let owner = self.room(room)?.owner.clone();
        if self.tables.members_of(room).count() >= MOST {
            return Err(Refusal::TooMany(MOST, "members of this room"));
        }
        let (member_id, user_id, name, secret) = match who {
            NewMember::Internal(id) => {
                let user = self.tables.users.get(&id).ok_or_else(|| Refusal::UserNotFound(id.clone()))?;
                if user.role == Role::Admin || id == owner {
                    return Err(Refusal::MemberNeedless(room.clone(), id));
                }
                if self.tables.is_member(room, &id) {
                    return Err(Refusal::MemberExists(room.clone(), id));
                }
                (MemberId::new(id.as_str()), Some(id), user.name.clone(), None)
            }
            NewMember::External(name) => {
                let id = MemberId::from(format!("ext-{}", ctx.entropy.alphanumeric(10)));
                (id, None, name, Some(Secret::new(ctx.entropy.alphanumeric(20))))
            }
        };
        let member = Member {
            room_id: room.clone(),
            member_id,
            user_id,
            name,
            secret,
            base_role,
            custom,
            membership_date: ctx.now.wall,
            permissions_updated_at: ctx.now.wall,
            // Unlike that of the same user's earlier membership.
            revision: ctx.now.wall.0,
        };
        self.write_member(None, Some(member.clone()));
        self.note("member.add", member.key(), base_role.name(), ctx);
        self.follow_rights();
        Ok(member)
    }

    /// Changes base role or deviations; `None` leaves them (M4). The running meeting follows.
    pub fn change_member(
        &mut self,
        room: &RoomId,
        id: &MemberId,
        base_role: Option<MemberRole>,
        custom: Option<CustomPermissions>,
        ctx: &mut Ctx<'_>,
    ) -> Result<Member, Refusal> {
        let before = self.member(room, id)?.clone();
        let after = Member {
            base_role: base_role.unwrap_or(before.base_role),
            custom: custom.unwrap_or(before.custom),
            permissions_updated_at: ctx.now.wall,
            revision: before.revision + 1,
            ..before.clone()
        };
        self.write_member(Some(before), Some(after.clone()));
        self.note("member.change", after.key(), after.base_role.name(), ctx);
        self.follow_rights();
        Ok(after)
    }

    /// Deletes a member, who is put out of a running meeting at once (M4).
    pub fn delete_member(&mut self, room: &RoomId, id: &MemberId, ctx: &mut Ctx<'_>) -> Result<(), Refusal> {
        let before = self.member(room, id)?.clone();
        let key = before.key();
        self.write_member(Some(before), None);
        self.evict_who_came_as(Some(room), id.as_str());
        self.note("member.delete", key, "", ctx);
        self.follow_rights();
        Ok(())
    }

    pub(super) fn end_memberships(&mut self, user: &UserId) {
        let theirs = self.tables.members.values().filter(|m| m.user_id.as_ref() == Some(user));
        for member in theirs.cloned().collect::<Vec<_>>() {
            self.write_member(Some(member), None);
        }
    }

    /// Members who are users have the user's name.
    pub(super) fn rename_memberships(&mut self, user: &UserId, name: &str) {
        let theirs = self.tables.members.values().filter(|m| m.user_id.as_ref() == Some(user));
        for before in theirs.cloned().collect::<Vec<_>>() {
            let after = Member { name: name.to_owned(), revision: before.revision + 1, ..before.clone() };
            self.write_member(Some(before), Some(after));
        }
    }

    pub(super) fn end_members_of(&mut self, room: &RoomId) {
        for member in self.tables.members_of(room).cloned().collect::<Vec<_>>() {
            self.write_member(Some(member), None);
        }
    }

    fn write_member(&mut self, before: Option<Member>, after: Option<Member>) {
        self.persist(Write::Member(Change { before, after }));
    }
}
