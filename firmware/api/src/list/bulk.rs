//! One call about several records.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use huddle_core::state::Refusal;

use crate::error::ApiError;

/// Most ids in one call.
const MOST_IDS: usize = 100;

/// The ids of a bulk call: comma-separated, without repetition.
pub(crate) fn ids(field: &str, text: Option<&str>, none: &str) -> Result<Vec<String>, ApiError> {
    let mut seen = BTreeSet::new();
    let all = text.unwrap_or_default().split(',').map(str::trim).filter(|id| !id.is_empty());
    let ids: Vec<String> = all.filter(|id| seen.insert((*id).to_owned())).map(str::to_owned).collect();
    if ids.is_empty() {
        return Err(ApiError::field(field, none));
    }
    if ids.len() > MOST_IDS {
        return Err(ApiError::field(field, format!("At most {MOST_IDS} ids at once")));
    }
    Ok(ids)
}

/// What came of a call about several records, one after the other.
pub(crate) struct Bulk<D> {
    done: Vec<(String, D)>,
    failed: Vec<(String, Refusal)>,
}

impl<D> Bulk<D> {
    /// Does it to each of them.
    pub(crate) fn of(ids: Vec<String>, mut each: impl FnMut(&str) -> Result<D, Refusal>) -> Self {
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for id in ids {
            match each(&id) {
                Ok(outcome) => done.push((id, outcome)),
                Err(refusal) => failed.push((id, refusal)),
            }
        }
        Self { done, failed }
    }

    /// 200 when nothing failed, else 400.
    pub(crate) const fn status(&self) -> StatusCode {
        if self.failed.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST }
    }

    /// What a deletion says to people; `kind` is what they are.
    pub(crate) fn message(&self, kind: &str) -> String {
        match self.failed.len() {
            0 => format!("All {kind}s deleted successfully"),
            n => format!("{n} {kind}(s) could not be deleted"),
        }
    }

    /// Bodies for those that it could not be done to.
    pub(crate) fn failures<F>(&self, body: impl Fn(String, &Refusal) -> F) -> Vec<F> {
        self.failed.iter().map(|(id, refusal)| body(id.clone(), refusal)).collect()
    }

    /// The others, and what came of each.
    pub(crate) fn done(self) -> Vec<(String, D)> {
        self.done
    }

    /// Ids of the others.
    pub(crate) fn ids(self) -> Vec<String> {
        self.done.into_iter().map(|(id, _)| id).collect()
    }
}
