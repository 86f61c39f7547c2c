//! Permissions and sets of them (`features.md` §4, P1). Who has which is decided in `access`.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The permissions of the seeds and those that came after them (P2), by their wire names.
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
    /// Switch off others' microphones, cameras and screens (P2).
    MuteParticipants = "canMuteParticipants",
    /// Let those come back who were removed (P2).
    Invite = "canInvite",
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

    /// All of them.
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

    /// Those that change what is there for others; a security admin never has them (U6).
    pub const CHANGING: Self = Self::of(&[
        Permission::Record,
        Permission::DeleteRecordings,
        // Whoever has a moderator's link can do all the rest by it.
        Permission::ShareAccessLinks,
        Permission::MakeModerator,
        Permission::KickParticipants,
        Permission::EndMeeting,
        Permission::MuteParticipants,
        Permission::Invite,
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

    /// Those that are in both.
    #[must_use]
    pub const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
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
        let (mut set, mut named) = (PermissionSet::EMPTY, PermissionSet::EMPTY);
        while let Some((name, on)) = map.next_entry::<String, bool>()? {
            let permission = Permission::from_name(&name)
                .ok_or_else(|| A::Error::custom(format!("unknown permission '{name}'")))?;
            set = set.with(permission, on);
            named = named.with(permission, true);
        }
        // Kept before these two were split off.
        let kick = set.has(Permission::KickParticipants);
        for later in [Permission::MuteParticipants, Permission::Invite] {
            if !named.has(later) {
                set = set.with(later, kick);
            }
        }
        Ok(set)
    }
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
    /// The permissions nobody has here.
    pub const fn off(self) -> PermissionSet {
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
