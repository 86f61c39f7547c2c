//! Ways into a room and what they give (`features.md` R3, R4, M1, V5).

use serde::{Deserialize, Serialize};

use crate::permission::{Permission, PermissionSet};

/// The secret of a link, at least 10 random characters. Never in a log; compared in a time that
/// does not depend on where texts differ.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// From random text; an empty one opens nothing.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// To be put into a link.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its first characters: they tell a secret from the one that took its place, and open nothing.
    pub fn mark(&self) -> &str {
        self.0.get(..4).unwrap_or_default()
    }

    /// Is it this text?
    pub fn is(&self, text: &str) -> bool {
        let differ = self.0.bytes().zip(text.bytes()).fold(0, |acc, (x, y)| acc | (x ^ y));
        self.0.len() == text.len() && differ == 0 && !text.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// An anonymous access link (R3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The link works.
    pub enabled: bool,
    /// Lets in whoever knows it.
    pub secret: Secret,
}

/// Where a member's permissions start (M1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Leads.
    Moderator,
    /// Takes part.
    Speaker,
}

impl MemberRole {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::Speaker => "speaker",
        }
    }
}

/// Which anonymous link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkRole {
    /// Full rights by default.
    Moderator,
    /// Takes part.
    Speaker,
    /// Only sees the recordings.
    Recording,
}

impl LinkRole {
    /// As in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::Speaker => "speaker",
            Self::Recording => "recordings",
        }
    }
}

/// Who may come in (R3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Moderator link.
    pub moderator: Link,
    /// Speaker link.
    pub speaker: Link,
    /// Recordings link.
    pub recording: Link,
    /// Any logged-in user may join as speaker.
    pub user_enabled: bool,
}

/// Default permissions of the two roles in this room (R4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles {
    /// Moderator role.
    pub moderator: PermissionSet,
    /// Speaker role.
    pub speaker: PermissionSet,
}

impl Default for Roles {
    fn default() -> Self {
        Self { moderator: PermissionSet::MODERATOR, speaker: PermissionSet::SPEAKER }
    }
}

/// Who may see a room's recordings (V5): presets over the permissions of its roles. The owner
/// counts as admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordingAccess {
    /// Only admins.
    Admin,
    /// Moderators too, who may also delete.
    AdminModerator,
    /// Speakers too, who may only play.
    AdminModeratorSpeaker,
}

impl RecordingAccess {
    const ALL: [Self; 3] = [Self::Admin, Self::AdminModerator, Self::AdminModeratorSpeaker];

    /// The roles with this access.
    pub const fn applied_to(self, roles: Roles) -> Roles {
        let moderator = !matches!(self, Self::Admin);
        let speaker = matches!(self, Self::AdminModeratorSpeaker);
        Roles {
            moderator: roles
                .moderator
                .with(Permission::RetrieveRecordings, moderator)
                .with(Permission::DeleteRecordings, moderator),
            speaker: roles
                .speaker
                .with(Permission::RetrieveRecordings, speaker)
                .with(Permission::DeleteRecordings, false),
        }
    }

    /// The preset that these roles have; `None` = permissions of their own.
    pub fn of(roles: Roles) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.applied_to(roles) == roles)
    }
}
