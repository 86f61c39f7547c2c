//! Permissions and the one function that decides (`features.md` §4, P1–P3).
//!
//! REST, token issue, signalling and SFU grants all ask [`decide`]; nothing else may.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The permissions of the seeds, by their wire names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $($(#[$doc])* $variant,)*
        }

        impl Permission {
            /// All of them, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The permission of that wire name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

permissions! {
    /// Start and stop recordings.
    Record = "canRecord",
    /// List, play and download recordings.
    RetrieveRecordings = "canRetrieveRecordings",
    /// Delete recordings.
    DeleteRecordings = "canDeleteRecordings",
    /// Join the meeting; also read its state.
    JoinMeeting = "canJoinMeeting",
    /// See and share the access links.
    ShareAccessLinks = "canShareAccessLinks",
    /// Promote others to moderator for this meeting.
    MakeModerator = "canMakeModerator",
    /// Remove others from the meeting.
    KickParticipants = "canKickParticipants",
    /// End the meeting for all.
    EndMeeting = "canEndMeeting",
    /// Publish camera video.
    PublishVideo = "canPublishVideo",
    /// Publish microphone audio.
    PublishAudio = "canPublishAudio",
    /// Share a screen, with its sound.
    ShareScreen = "canShareScreen",
    /// Read chat.
    ReadChat = "canReadChat",
    /// Write chat.
    WriteChat = "canWriteChat",
    /// Change the virtual background.
    ChangeVirtualBackground = "canChangeVirtualBackground",
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of permissions; on the wire an object with one boolean per permission.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet(u32);

impl PermissionSet {
    /// None.
    pub const EMPTY: Self = Self(0);

    /// All 14.
    pub const ALL: Self = Self((1 << Permission::ALL.len()) - 1);

    /// The moderator role's default (P1): all.
    pub const MODERATOR: Self = Self::ALL;

    /// The speaker role's default (P1).
    pub const SPEAKER: Self = Self::of(&[
        Permission::RetrieveRecordings,
        Permission::JoinMeeting,
        Permission::PublishVideo,
        Permission::PublishAudio,
        Permission::ShareScreen,
        Permission::ReadChat,
        Permission::WriteChat,
        Permission::ChangeVirtualBackground,
    ]);

    /// What the anonymous recording link gives (reference openvidu-meet §2.1).
    pub const RECORDING_LINK: Self = Self::of(&[Permission::RetrieveRecordings]);

    /// Exactly these.
    pub const fn of(permissions: &[Permission]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < permissions.len() {
            #[expect(clippy::indexing_slicing, reason = "i < len; iterators are not const")]
            let bit = permissions[i] as u32;
            bits |= 1 << bit;
            i += 1;
        }
        Self(bits)
    }

    /// Is it in the set?
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u32) != 0
    }

    /// With one permission put in or taken out.
    #[must_use]
    pub const fn with(self, permission: Permission, on: bool) -> Self {
        let bit = 1 << permission as u32;
        Self(if on { self.0 | bit } else { self.0 & !bit })
    }

    /// Both together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without those of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The permissions in it.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |p| self.has(*p))
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::name)).finish()
    }
}

impl Serialize for PermissionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Permission::ALL.len()))?;
        for permission in Permission::ALL {
            map.serialize_entry(permission.name(), &self.has(*permission))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for PermissionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SetVisitor)
    }
}

struct SetVisitor;

impl<'de> Visitor<'de> for SetVisitor {
    type Value = PermissionSet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of permission names and booleans")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut set = PermissionSet::EMPTY;
        while let Some((name, on)) = map.next_entry::<String, bool>()? {
            let permission = Permission::from_name(&name)
                .ok_or_else(|| A::Error::custom(format!("unknown permission '{name}'")))?;
            set = set.with(permission, on);
        }
        Ok(set)
    }
}

/// How somebody stands to a room, as far as rights go. Several can hold at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Admin, API key, or the room's owner (R2): everything, never masked by denials.
    pub owner: bool,
    /// Permissions of the roles and links held, already those of the room's role settings.
    pub roles: PermissionSet,
    /// Member grants on top.
    pub granted: PermissionSet,
    /// Member denials.
    pub denied: PermissionSet,
    /// Promoted to moderator in this meeting (P6): these are added.
    pub promoted: Option<PermissionSet>,
}

/// What the room or the box has switched off for everybody (R6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Recording is disabled for the room (or e2ee forces it off).
    pub recording_off: bool,
    /// Chat is disabled.
    pub chat_off: bool,
    /// Virtual backgrounds are disabled.
    pub virtual_background_off: bool,
}

impl Features {
    const fn off(self) -> PermissionSet {
        let mut set = PermissionSet::EMPTY;
        if self.recording_off {
            set = set.with(Permission::Record, true);
        }
        if self.chat_off {
            set = set.with(Permission::ReadChat, true).with(Permission::WriteChat, true);
        }
        if self.virtual_background_off {
            set = set.with(Permission::ChangeVirtualBackground, true);
        }
        set
    }
}

/// Why something is or is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Owner, admin or API key.
    Owner,
    /// A role, link, grant or promotion gives it.
    Granted,
    /// Nothing gives it, or it was taken away.
    Missing,
    /// The room or the box has the feature switched off.
    FeatureOff,
}

/// Answer of [`decide`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// May they?
    pub allowed: bool,
    /// Because.
    pub why: Why,
}

/// The one decision (P3), in the evaluation order of reference trueconf §3.4: roles and
/// grants, minus denials, plus promotion, minus features that are off; owners are never masked
/// by denials, but by features.
pub fn decide(standing: &Standing, permission: Permission, features: Features) -> Decision {
    if features.off().has(permission) {
        return Decision { allowed: false, why: Why::FeatureOff };
    }
    if standing.owner {
        return Decision { allowed: true, why: Why::Owner };
    }
    let own = standing.roles.union(standing.granted).without(standing.denied);
    let all = own.union(standing.promoted.unwrap_or_default());
    if all.has(permission) {
        Decision { allowed: true, why: Why::Granted }
    } else {
        Decision { allowed: false, why: Why::Missing }
    }
}

/// All that [`decide`] allows.
pub fn effective(standing: &Standing, features: Features) -> PermissionSet {
    Permission::ALL
        .iter()
        .filter(|p| decide(standing, **p, features).allowed)
        .fold(PermissionSet::EMPTY, |set, p| set.with(*p, true))
}
