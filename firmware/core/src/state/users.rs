//! Users and what their administrators do with them (`features.md` U1–U5, U8).

use super::{BoxState, Change, Ctx, Refusal, Write};
use crate::account::{ROOT_ADMIN, Role, User};
use crate::ids::UserId;
use crate::units::UnixMillis;

/// Users the box keeps at most.
const MOST: usize = 50_000;

/// A user to be made; id, name and password length were checked.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// 5–20 of `[a-z0-9_]`.
    pub user_id: UserId,
    /// 1–50 characters.
    pub name: String,
    /// Rights on the box.
    pub role: Role,
    /// argon2id in PHC format.
    pub password_hash: String,
}

/// Who asks for a change of a user: nobody does it to themself.
#[derive(Clone, Copy, Debug)]
pub struct By<'a>(pub Option<&'a UserId>);

const ROOT_DELETE: &str =
    "Cannot delete the root admin user. This account is required for system administration.";
const SELF_DELETE: &str =
    "Cannot delete your own account. Please have another administrator delete your account if needed.";
const ROOT_ROLE: &str =
    "Cannot change the role of the root admin user. This account must retain administrative privileges.";
const SELF_ROLE: &str =
    "Cannot change your own role. Please have another administrator change your role if needed.";
const ROOT_RESET: &str =
    "Cannot reset password for the root admin user. The root admin must change their own password.";
const SELF_RESET: &str =
    "Cannot reset your own password. Please use the change-password endpoint to change your password.";

impl BoxState {
    /// All users.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.tables.users.values()
    }

    /// Has a session that is alive (U8): several count once.
    pub fn is_online(&self, user: &UserId, now: UnixMillis) -> bool {
        self.tables.sessions.values().any(|s| s.user_id == *user && s.lives(now))
    }

    /// Makes a user, who must change the password at the first login (U4).
    pub fn create_user(&mut self, new: NewUser, ctx: &Ctx<'_>) -> Result<User, Refusal> {
        if self.tables.users.contains_key(&new.user_id) {
            return Err(Refusal::UserExists(new.user_id));
        }
        if self.tables.users.len() >= MOST {
            return Err(Refusal::TooMany(MOST, "users"));
        }
        let user = User {
            user_id: new.user_id,
            name: new.name,
            role: new.role,
            password_hash: new.password_hash,
            must_change_password: true,
            registration_date: ctx.now.wall,
            role_updated_at: ctx.now.wall,
            // Unlike that of a user of the same id who was deleted.
            revision: ctx.now.wall.0,
            known_networks: Vec::new(),
        };
        self.write_user(None, Some(user.clone()));
        self.note("user.create", user.user_id.as_str(), format!("role {}", user.role.name()), ctx);
        Ok(user)
    }

    /// Deletes a user: out of every meeting, memberships and groups gone, sessions dead, rooms to
    /// the root admin (U5).
    pub fn delete_user(&mut self, id: &UserId, by: By<'_>, ctx: &mut Ctx<'_>) -> Result<(), Refusal> {
        let before = self.user_to_change(id, by, ROOT_DELETE, SELF_DELETE)?;
        self.end_sessions_of(id, None);
        self.leave_groups(id);
        self.hand_rooms_to_root(id, ctx);
        self.end_memberships(id);
        self.write_user(Some(before), None);
        self.evict_who_came_as(None, id.as_str());
        self.note("user.delete", id.as_str(), "", ctx);
        self.follow_rights();
        Ok(())
    }

    /// Sets a password that must be changed at the next login; every session ends (U4).
    pub fn reset_password(
        &mut self,
        id: &UserId,
        hash: String,
        by: By<'_>,
        ctx: &mut Ctx<'_>,
    ) -> Result<User, Refusal> {
        let before = self.user_to_change(id, by, ROOT_RESET, SELF_RESET)?;
        let after = User {
            password_hash: hash,
            must_change_password: true,
            revision: before.revision + 1,
            known_networks: Vec::new(),
            ..before.clone()
        };
        self.write_user(Some(before), Some(after.clone()));
        self.end_sessions_of(id, None);
        self.forgive_account(id);
        self.note("user.resetPassword", id.as_str(), "", ctx);
        self.follow_rights();
        Ok(after)
    }

    /// Gives a user another display name; also as a member of rooms. 1–50 characters.
    pub fn rename_user(&mut self, id: &UserId, name: String, ctx: &Ctx<'_>) -> Result<User, Refusal> {
        let before = self.tables.users.get(id).cloned().ok_or_else(|| Refusal::UserNotFound(id.clone()))?;
        let after = User { name, revision: before.revision + 1, ..before.clone() };
        self.write_user(Some(before), Some(after.clone()));
        self.rename_memberships(id, &after.name);
        self.note("user.rename", id.as_str(), after.name.clone(), ctx);
        Ok(after)
    }

    /// Changes a role. Who may no longer own rooms loses them to the root admin (U5); who becomes
    /// an admin needs no memberships (M5).
    pub fn set_role(
        &mut self,
        id: &UserId,
        role: Role,
        by: By<'_>,
        ctx: &mut Ctx<'_>,
    ) -> Result<User, Refusal> {
        let before = self.user_to_change(id, by, ROOT_ROLE, SELF_ROLE)?;
        if before.role == role {
            return Ok(before);
        }
        let revision = before.revision + 1;
        let after = User { role, role_updated_at: ctx.now.wall, revision, ..before.clone() };
        let was = before.role.name();
        self.write_user(Some(before), Some(after.clone()));
        if !role.owns_rooms() {
            self.hand_rooms_to_root(id, ctx);
        }
        if role == Role::Admin {
            self.end_memberships(id);
        }
        self.note("user.setRole", id.as_str(), format!("{was} → {}", role.name()), ctx);
        self.follow_rights();
        Ok(after)
    }

    fn user_to_change(
        &self,
        id: &UserId,
        By(by): By<'_>,
        root: &'static str,
        own: &'static str,
    ) -> Result<User, Refusal> {
        let user = self.tables.users.get(id).cloned().ok_or_else(|| Refusal::UserNotFound(id.clone()))?;
        if id.as_str() == ROOT_ADMIN {
            return Err(Refusal::UserProtected(root));
        }
        if by == Some(id) {
            return Err(Refusal::UserProtected(own));
        }
        Ok(user)
    }

    pub(super) fn write_user(&mut self, before: Option<User>, after: Option<User>) {
        self.persist(Write::User(Change { before, after }));
    }
}
