//! Lines of the audit log (`features.md` U9, B9). They go to the disk with the change they tell
//! of, in one transaction, and are not kept here.

use super::{BoxState, Ctx, Write};
use crate::audit::AuditEntry;

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
}
