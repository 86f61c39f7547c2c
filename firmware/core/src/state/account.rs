//! Logins (`features.md` U9). Hashing happens outside; here are the rules around it.

use super::{BoxState, Change, Ctx, Refusal, Write};
use crate::account::{Session, User};
use crate::ids::UserId;
use crate::units::UnixMillis;

/// A session lives this long without a refresh, in milliseconds: one day.
const SESSION: u64 = 24 * 3_600 * 1_000;
/// Accounts and addresses with failed logins that are remembered at most.
pub const BACKOFFS: usize = 10_000;
/// Sessions of one user; the oldest ends when another begins.
const SESSIONS_PER_USER: usize = 20;

impl BoxState {
    /// The user.
    pub fn user(&self, id: &UserId) -> Option<&User> {
        self.users.get(id)
    }

    /// Refuses while the account or the address has to wait (429). `address` names a client's
    /// network, so that nobody with many addresses gets many tries.
    pub fn may_try_login(&self, user: &UserId, address: &str, now: UnixMillis) -> Result<(), Refusal> {
        let keys = [format!("user {user}"), format!("address {address}")];
        let waits = keys.iter().filter_map(|k| self.backoffs.get(k)).map(|b| b.wait(now));
        match waits.max().unwrap_or(0) {
            0 => Ok(()),
            millis => Err(Refusal::LoginWait(millis.div_ceil(1_000))),
        }
    }

    /// A wrong password or an unknown user. When [`BACKOFFS`] are remembered, those that have
    /// the least to wait are forgotten first: a lock-out is not washed out by invented names.
    pub fn login_failed(&mut self, user: &UserId, address: &str, now: UnixMillis) {
        for key in [format!("address {address}"), format!("user {user}")] {
            if self.backoffs.len() >= BACKOFFS && !self.backoffs.contains_key(&key) {
                self.forget_backoffs(now);
            }
            self.backoffs.entry(key).or_default().fail(now);
        }
    }

    /// How many accounts and addresses are remembered; never more than [`BACKOFFS`].
    pub fn remembered_failures(&self) -> usize {
        self.backoffs.len()
    }

    /// Makes room for a tenth of the table.
    fn forget_backoffs(&mut self, now: UnixMillis) {
        self.backoffs.retain(|_, b| !b.forgotten(now));
        let mut waits: Vec<_> = self.backoffs.values().map(|b| (b.wait(now), b.failures())).collect();
        waits.sort_unstable();
        let surplus = self.backoffs.len().saturating_sub(BACKOFFS - BACKOFFS / 10);
        let Some(limit) = surplus.checked_sub(1).and_then(|last| waits.get(last)).copied() else {
            return;
        };
        let mut left = surplus;
        self.backoffs.retain(|_, b| {
            let goes = left > 0 && (b.wait(now), b.failures()) <= limit;
            left -= usize::from(goes);
            !goes
        });
    }

    /// The password was right: a session begins.
    pub fn login(
        &mut self,
        user: &UserId,
        address: &str,
        refresh_digest: String,
        ctx: &mut Ctx<'_>,
    ) -> Result<Session, Refusal> {
        if !self.users.contains_key(user) {
            return Err(Refusal::LoginFailed);
        }
        self.backoffs.remove(&format!("user {user}"));
        self.backoffs.remove(&format!("address {address}"));
        self.end_surplus_sessions(user, ctx.now.wall);
        let session = Session {
            id: ctx.entropy.alphanumeric(24),
            user_id: user.clone(),
            created: ctx.now.wall,
            expires: UnixMillis(ctx.now.wall.0 + SESSION),
            refresh_digest,
        };
        self.write_session(None, Some(session.clone()));
        Ok(session)
    }

    fn end_surplus_sessions(&mut self, user: &UserId, now: UnixMillis) {
        let mut own: Vec<Session> = self.sessions.values().filter(|s| s.user_id == *user).cloned().collect();
        own.sort_by_key(|s| s.created);
        let surplus = (own.len() + 1).saturating_sub(SESSIONS_PER_USER);
        let dead = own.iter().filter(|s| s.expires <= now).cloned();
        let ended: Vec<Session> = own.iter().take(surplus).cloned().chain(dead).collect();
        for session in ended {
            if self.sessions.contains_key(&session.id) {
                self.write_session(Some(session), None);
            }
        }
    }

    /// The user of a live session; access tokens carry its id.
    pub fn session_user(&self, id: &str, now: UnixMillis) -> Result<&User, Refusal> {
        let session = self.sessions.get(id).filter(|s| s.expires > now);
        let session = session.ok_or(Refusal::TokenDead)?;
        self.users.get(&session.user_id).ok_or(Refusal::TokenDead)
    }

    /// Rotates the refresh token. A token that was rotated away before ends the session: it was
    /// copied.
    pub fn refresh_session(
        &mut self,
        id: &str,
        old_digest: &str,
        new_digest: String,
        ctx: &mut Ctx<'_>,
    ) -> Result<Session, Refusal> {
        let before = self.sessions.get(id).filter(|s| s.expires > ctx.now.wall).cloned();
        let before = before.ok_or(Refusal::TokenDead)?;
        if before.refresh_digest != old_digest {
            self.write_session(Some(before), None);
            return Err(Refusal::TokenDead);
        }
        let expires = UnixMillis(ctx.now.wall.0 + SESSION);
        let after = Session { refresh_digest: new_digest, expires, ..before.clone() };
        self.write_session(Some(before), Some(after.clone()));
        Ok(after)
    }

    /// Logout.
    pub fn end_session(&mut self, id: &str) {
        if let Some(session) = self.sessions.get(id).cloned() {
            self.write_session(Some(session), None);
        }
    }

    /// Sets a new password hash and ends the user's other sessions.
    pub fn set_password(&mut self, user: &UserId, hash: String, keep: Option<&str>) -> Result<(), Refusal> {
        let before = self.users.get(user).cloned().ok_or(Refusal::Forbidden)?;
        let after = User { password_hash: hash, must_change_password: false, ..before.clone() };
        self.write_user(Some(before), Some(after));
        self.end_sessions_of(user, keep);
        Ok(())
    }

    /// Ends all sessions of a user but one.
    pub(super) fn end_sessions_of(&mut self, user: &UserId, keep: Option<&str>) {
        let fits = |s: &&Session| s.user_id == *user && Some(s.id.as_str()) != keep;
        for session in self.sessions.values().filter(fits).cloned().collect::<Vec<_>>() {
            self.write_session(Some(session), None);
        }
    }

    fn write_session(&mut self, before: Option<Session>, after: Option<Session>) {
        if let Some(session) = &before {
            self.sessions.remove(&session.id);
        }
        if let Some(session) = &after {
            self.sessions.insert(session.id.clone(), session.clone());
        }
        self.persist(Write::Session(Change { before, after }));
    }
}
