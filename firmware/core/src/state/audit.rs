//! Lines of the audit log (`features.md` U9, B9). They go to the disk with the change they tell
//! of, in one transaction, and are not kept here.

use std::time::Duration;

use super::{BoxState, Ctx, Write};
use crate::audit::AuditEntry;
use crate::ids::UserId;

/// Failed logins that get a line of their own within [`WINDOW`]; the rest share one, so that
/// nobody washes the log out by trying.
const LINES: u32 = 20;
const WINDOW: Duration = Duration::from_secs(60);

/// Failed logins of the last minute.
#[derive(Debug, Default)]
pub(super) struct Failures {
    since: Duration,
    count: u32,
}

impl BoxState {
    /// Notes that the asker of `ctx` did `action` to `target`.
    pub fn note(
        &mut self,
        action: &str,
        target: impl Into<String>,
        detail: impl Into<String>,
        ctx: &Ctx<'_>,
    ) {
        self.audit_count = (self.audit_count + 1) % 1_000_000;
        let at = ctx.now.wall;
        let entry = AuditEntry {
            id: format!("{:013}-{:06}", at.0, self.audit_count),
            at,
            actor: ctx.actor.clone(),
            action: action.to_owned(),
            target: target.into(),
            detail: detail.into(),
        };
        self.persist(Write::Audit(entry));
    }

    /// Notes a failed login. What was typed for a user who does not exist is not kept: it may be
    /// a password.
    pub fn note_failed_login(&mut self, user: &UserId, ctx: &Ctx<'_>) {
        self.note_silent_failures(ctx);
        if self.failures.count == 0 {
            self.failures.since = ctx.now.mono;
        }
        self.failures.count = self.failures.count.saturating_add(1);
        if self.failures.count <= LINES {
            let known = self.tables.users.contains_key(user);
            self.note("auth.failed", if known { user.as_str() } else { "unknown user" }, "", ctx);
        }
    }

    /// After a minute, the failed logins that got no line of their own get one together.
    pub(super) fn note_silent_failures(&mut self, ctx: &Ctx<'_>) {
        if self.failures.count == 0 || ctx.now.mono < self.failures.since + WINDOW {
            return;
        }
        let silent = self.failures.count.saturating_sub(LINES);
        self.failures = Failures::default();
        if silent > 0 {
            self.note("auth.failed", "many", format!("and {silent} more within a minute"), ctx);
        }
    }
}
