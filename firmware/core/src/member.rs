//! Room members: internal users and people from outside (`features.md` §3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{MemberId, RoomId, UserId};
use crate::permission::{Permission, PermissionSet};
use crate::room::{MemberRole, Secret};
use crate::units::UnixMillis;

/// Deviations from a role: what is granted on top and what is taken away. On the wire an object
/// with one boolean per permission that deviates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CustomPermissions {
    /// On top.
    pub granted: PermissionSet,
    /// Taken away; never overlaps with `granted`.
    pub denied: PermissionSet,
}

impl CustomPermissions {
    /// The permissions of a role with the deviations.
    #[must_use]
    pub const fn applied_to(self, role: PermissionSet) -> PermissionSet {
        role.union(self.granted).without(self.denied)
    }

    /// No deviation.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl Serialize for CustomPermissions {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let granted = self.granted.iter().map(|p| (p.name(), true));
        let denied = self.denied.iter().map(|p| (p.name(), false));
        serializer.collect_map(granted.chain(denied))
    }
}

impl<'de> Deserialize<'de> for CustomPermissions {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<String, bool>::deserialize(deserializer)?;
        let mut custom = Self::default();
        for (name, on) in map {
            let permission = Permission::from_name(&name)
                .ok_or_else(|| serde::de::Error::custom(format!("unknown permission '{name}'")))?;
            if on {
                custom.granted = custom.granted.with(permission, true);
            } else {
                custom.denied = custom.denied.with(permission, true);
            }
        }
        Ok(custom)
    }
}

/// What a membership gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Where the permissions start.
    pub base_role: MemberRole,
    /// Deviations.
    pub custom: CustomPermissions,
}

/// A member of a room (M1). The id is public; what lets an external member in is the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Of this room.
    pub room_id: RoomId,
    /// The user's id, or `ext-…`.
    pub member_id: MemberId,
    /// The internal user, or somebody from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Fixed; 1–50 characters.
    pub name: String,
    /// Secret of an external member's link (M2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// Where the permissions start.
    pub base_role: MemberRole,
    /// Deviations.
    #[serde(default)]
    pub custom: CustomPermissions,
    /// Added.
    pub membership_date: UnixMillis,
    /// Member tokens issued before are refused by REST.
    pub permissions_updated_at: UnixMillis,
    /// Changes with every change, for `ETag` and `If-Match`.
    #[serde(default)]
    pub revision: u64,
}

impl Member {
    /// What it gives.
    pub const fn membership(&self) -> Membership {
        Membership { base_role: self.base_role, custom: self.custom }
    }

    /// Key in the store: ids have no `/`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.room_id, self.member_id)
    }
}
