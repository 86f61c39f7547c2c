//! The audit log (`features.md` U9, B9): who did what, when and from where.

use serde::{Deserialize, Serialize};

use crate::units::UnixMillis;

/// Who does something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// `user:ID`, `key:ID`, `participant:IDENTITY`, `link`, `box` (a button, the box itself).
    pub who: String,
    /// IP address, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Actor {
    /// The box itself, or somebody at its buttons.
    pub fn this_box() -> Self {
        Self { who: "box".to_owned(), address: None }
    }
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Rises with time: 13 digits of milliseconds and 6 of a counter.
    pub id: String,
    /// When.
    pub at: UnixMillis,
    /// Who and from where.
    #[serde(flatten)]
    pub actor: Actor,
    /// Such as `user.create`.
    pub action: String,
    /// What it was done to: an id.
    pub target: String,
    /// In a few words, without anything secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}
