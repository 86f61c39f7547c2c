//! Logins (`features.md` U9). Hashing happens outside; here are the rules around it.

use super::{BoxState, Change, Ctx, Refusal, Write};
use crate::account::{FailedLogins, SESSION, Session, User, check_user_id};
use crate::ids::UserId;
use crate::units::UnixMillis;

/// Accounts and addresses with failed logins that are remembered at most.
pub const BACKOFFS: usize = 10_000;
/// Sessions of one user; the oldest ends when another begins.
const SESSIONS_PER_USER: usize = 20;

impl BoxState {
    /// The user.
    pub fn user(&self, id: &UserId) -> Option<&User> {
        self.tables.users.get(id)
    }

    /// Refuses while the account or the address has to wait (429). `address` names a client's
    /// network, so that nobody with many addresses gets many tries. A network that the user has logged
    /// in from has a count of its own for this account: strangers who try elsewhere lock nobody out
    /// there (U9).
    pub fn may_try_login(&self, user: &UserId, address: &str, now: UnixMillis) -> Result<(), Refusal> {
        let keys = [self.account_key(user, address), format!("address {address}")];
        let waits = keys.iter().filter_map(|k| self.backoffs.get(k)).map(|b| b.wait(now));
        match waits.max().unwrap_or(0) {
            0 => Ok(()),
            millis => Err(Refusal::LoginWait(millis.div_ceil(1_000))),
        }
    }

    /// Under which failed logins of an account are counted, for somebody at this address.
    fn account_key(&self, user: &UserId, address: &str) -> String {
        let known = self.tables.users.get(user).is_some_and(|u| u.knows_network(address));
        if known { format!("user {user} at {address}") } else { format!("user {user}") }
    }

    /// A try that counts as failed until it is known to be right, so that parallel tries do not
    /// slip through. A name that no account has is counted in memory only: it may be a password,
    /// typed into the wrong field. When [`BACKOFFS`] are remembered, those that have the least to wait are
    /// forgotten first: a lock-out is not washed out by invented names.
    pub fn login_failed(&mut self, user: &UserId, address: &str, now: UnixMillis) {
        let mut keys = vec![format!("address {address}")];
        if check_user_id(user.as_str()).is_ok() {
            keys.push(self.account_key(user, address));
        }
        for whose in keys {
            if self.backoffs.len() >= BACKOFFS && !self.backoffs.contains_key(&whose) {
                self.forget_backoffs(now);
            }
            let backoff = self.backoffs.entry(whose.clone()).or_default();
            backoff.fail(now);
            let lasts = whose.starts_with("address ") || self.tables.users.contains_key(user);
            if lasts {
                let after = Some(FailedLogins { whose, backoff: *backoff });
                self.persist(Write::FailedLogins(Change { before: None, after }));
            }
        }
    }

    /// A try was right: the account is forgiven – what strangers elsewhere have tried only by a login
    /// from there –, and of the address the one failure that was counted for this try. Who knows one
    /// password must not try others' without end.
    fn login_succeeded(&mut self, user: &UserId, address: &str, now: UnixMillis) {
        let whose = format!("address {address}");
        let mut forgiven = vec![self.account_key(user, address)];
        if let Some(backoff) = self.backoffs.get_mut(&whose) {
            if backoff.take_back(now) {
                let after = Some(FailedLogins { whose, backoff: *backoff });
                self.persist(Write::FailedLogins(Change { before: None, after }));
            } else {
                forgiven.push(whose);
            }
        }
        self.forgive(&forgiven);
        self.remember_network(user, address);
    }

    fn remember_network(&mut self, user: &UserId, address: &str) {
        let last = |user: &&User| user.known_networks.first().is_none_or(|known| known != address);
        if let Some(before) = self.tables.users.get(user).filter(last).cloned() {
            let after = before.seen_from(address);
            self.write_user(Some(before), Some(after));
        }
    }

    /// Nobody has to wait any more because of failed logins to this account.
    pub(super) fn forgive_account(&mut self, user: &UserId) {
        let (all, there) = (format!("user {user}"), format!("user {user} at "));
        let theirs = self.backoffs.keys().filter(|whose| **whose == all || whose.starts_with(&there));
        let theirs: Vec<String> = theirs.cloned().collect();
        self.forgive(&theirs);
    }

    fn settle_backoffs(&mut self, now: UnixMillis) {
        let mut settled = Vec::new();
        for (whose, backoff) in &mut self.backoffs {
            if backoff.settle(now) {
                settled.push(FailedLogins { whose: whose.clone(), backoff: *backoff });
            }
        }
        for after in settled {
            self.persist(Write::FailedLogins(Change { before: None, after: Some(after) }));
        }
    }

    /// How many accounts and addresses are remembered; never more than [`BACKOFFS`].
    pub fn remembered_failures(&self) -> usize {
        self.backoffs.len()
    }

    /// Makes room for a tenth of the table.
    fn forget_backoffs(&mut self, now: UnixMillis) {
        self.forget_old_backoffs(now);
        let surplus = self.backoffs.len().saturating_sub(BACKOFFS - BACKOFFS / 10);
        let mut by_wait: Vec<_> =
            self.backoffs.iter().map(|(whose, b)| (b.wait(now), b.failures(), whose.clone())).collect();
        by_wait.sort_unstable();
        let least: Vec<String> = by_wait.into_iter().take(surplus).map(|(_, _, whose)| whose).collect();
        self.forgive(&least);
    }

    fn forget_old_backoffs(&mut self, now: UnixMillis) {
        let old = self.backoffs.iter().filter(|(_, b)| b.forgotten(now)).map(|(whose, _)| whose.clone());
        let old: Vec<String> = old.collect();
        self.forgive(&old);
    }

    /// Forgets the failed logins of these.
    pub(super) fn forgive(&mut self, whose: &[String]) {
        for whose in whose {
            if let Some(backoff) = self.backoffs.remove(whose) {
                let before = Some(FailedLogins { whose: whose.clone(), backoff });
                self.persist(Write::FailedLogins(Change { before, after: None }));
            }
        }
    }

    pub(super) fn tick_logins(&mut self, ctx: &Ctx<'_>) {
        self.settle_backoffs(ctx.now.wall);
        self.forget_old_backoffs(ctx.now.wall);
        self.note_silent_failures(ctx);
    }

    /// The password was right: a session begins. `verified` is the hash it was checked against; a
    /// password that was changed meanwhile opens nothing.
    pub fn login(
        &mut self,
        user: &UserId,
        verified: &str,
        address: &str,
        refresh_digest: String,
        ctx: &mut Ctx<'_>,
    ) -> Result<Session, Refusal> {
        self.require_hash(user, verified, Refusal::LoginFailed)?;
        self.login_succeeded(user, address, ctx.now.wall);
        self.end_surplus_sessions(user, ctx.now.wall);
        let session = Session {
            id: ctx.entropy.alphanumeric(24),
            user_id: user.clone(),
            created: ctx.now.wall,
            expires: UnixMillis(ctx.now.wall.0 + SESSION),
            refresh_digest,
            previous_digest: None,
        };
        self.write_session(None, Some(session.clone()));
        self.note("auth.login", user.as_str(), "", ctx);
        Ok(session)
    }

    fn require_hash(&self, user: &UserId, verified: &str, refusal: Refusal) -> Result<&User, Refusal> {
        self.tables.users.get(user).filter(|u| u.password_hash == verified).ok_or(refusal)
    }

    fn end_surplus_sessions(&mut self, user: &UserId, now: UnixMillis) {
        let mut own: Vec<Session> =
            self.tables.sessions.values().filter(|s| s.user_id == *user).cloned().collect();
        own.sort_by_key(|s| s.created);
        let surplus = (own.len() + 1).saturating_sub(SESSIONS_PER_USER);
        let dead = own.iter().filter(|s| !s.lives(now)).cloned();
        let ended: Vec<Session> = own.iter().take(surplus).cloned().chain(dead).collect();
        for session in ended {
            if self.tables.sessions.contains_key(&session.id) {
                self.write_session(Some(session), None);
            }
        }
    }

    /// The user of a live session; access tokens carry its id.
    pub fn session_user(&self, id: &str, now: UnixMillis) -> Result<&User, Refusal> {
        let session = self.tables.sessions.get(id).filter(|s| s.lives(now)).ok_or(Refusal::TokenDead)?;
        self.tables.users.get(&session.user_id).ok_or(Refusal::TokenDead)
    }

    /// The user behind an access token that was issued at `issued`. One from before a change of
    /// the role is dead: what it said of its user is no longer so (reference openvidu-meet §1.2).
    pub fn token_user(&self, session: &str, issued: UnixMillis, now: UnixMillis) -> Result<&User, Refusal> {
        let user = self.session_user(session, now)?;
        if issued.is_outdated_by(user.role_updated_at, now) { Err(Refusal::TokenDead) } else { Ok(user) }
    }

    /// Rotates the refresh token. The one before ends the session: it was copied. Any other is
    /// refused and changes nothing, for a session's id is no secret.
    pub fn refresh_session(
        &mut self,
        id: &str,
        old_digest: &str,
        new_digest: String,
        ctx: &mut Ctx<'_>,
    ) -> Result<Session, Refusal> {
        let before = self.tables.sessions.get(id).filter(|s| s.lives(ctx.now.wall)).cloned();
        let before = before.ok_or(Refusal::TokenDead)?;
        if before.refresh_digest != old_digest {
            if before.previous_digest.as_deref() == Some(old_digest) {
                self.note("auth.copiedToken", before.user_id.as_str(), "", ctx);
                self.write_session(Some(before), None);
            }
            return Err(Refusal::TokenDead);
        }
        let expires = UnixMillis(ctx.now.wall.0 + SESSION);
        let previous_digest = Some(before.refresh_digest.clone());
        let after = Session { refresh_digest: new_digest, previous_digest, expires, ..before.clone() };
        self.write_session(Some(before), Some(after.clone()));
        Ok(after)
    }

    /// Logout with a refresh token; a wrong one ends nothing.
    pub fn end_refreshed_session(&mut self, id: &str, digest: &str, ctx: &Ctx<'_>) {
        if self.tables.sessions.get(id).is_some_and(|session| session.refresh_digest == digest) {
            self.end_session(id, ctx);
        }
    }

    /// Logout.
    pub fn end_session(&mut self, id: &str, ctx: &Ctx<'_>) {
        if let Some(session) = self.tables.sessions.get(id).cloned() {
            self.note("auth.logout", session.user_id.as_str(), "", ctx);
            self.write_session(Some(session), None);
        }
    }

    /// Sets the own password; the session it is done in goes on, with a new refresh token, and all
    /// others end. `verified` is the hash that the old password was checked against.
    pub fn change_password(
        &mut self,
        session: &str,
        verified: &str,
        hash: String,
        refresh_digest: String,
        address: &str,
        ctx: &mut Ctx<'_>,
    ) -> Result<Session, Refusal> {
        let id = self.session_user(session, ctx.now.wall)?.user_id.clone();
        let before = self.require_hash(&id, verified, Refusal::WrongPassword)?.clone();
        let old = self.tables.sessions.get(session).cloned().ok_or(Refusal::TokenDead)?;
        let after = User {
            password_hash: hash,
            must_change_password: false,
            revision: before.revision + 1,
            known_networks: Vec::new(),
            ..before.clone()
        };
        self.write_user(Some(before), Some(after));
        self.end_sessions_of(&id, Some(session));
        let expires = UnixMillis(ctx.now.wall.0 + SESSION);
        let kept = Session { refresh_digest, previous_digest: None, expires, ..old.clone() };
        self.write_session(Some(old), Some(kept.clone()));
        self.forgive_account(&id);
        self.login_succeeded(&id, address, ctx.now.wall);
        self.note("user.changePassword", id.as_str(), "", ctx);
        Ok(kept)
    }

    /// Ends all sessions of a user but one.
    pub(super) fn end_sessions_of(&mut self, user: &UserId, keep: Option<&str>) {
        let fits = |s: &&Session| s.user_id == *user && Some(s.id.as_str()) != keep;
        for session in self.tables.sessions.values().filter(fits).cloned().collect::<Vec<_>>() {
            self.write_session(Some(session), None);
        }
    }

    fn write_session(&mut self, before: Option<Session>, after: Option<Session>) {
        self.persist(Write::Session(Change { before, after }));
    }
}
