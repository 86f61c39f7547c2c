//! Rights in the SFU, and what they are made of.

use serde::{Deserialize, Serialize};

use crate::permission::{Permission, PermissionSet};

/// Rights in the SFU, in the box's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaGrants {
    /// Publish a camera.
    pub camera: bool,
    /// Publish a microphone.
    pub microphone: bool,
    /// Publish a screen and its sound.
    pub screen: bool,
    /// Receive.
    pub subscribe: bool,
    /// Send data packets.
    pub data: bool,
    /// Receive chat.
    pub read_chat: bool,
    /// Send chat.
    pub write_chat: bool,
    /// Change own name, metadata, attributes.
    pub update_metadata: bool,
}

impl MediaGrants {
    /// The room itself.
    pub const ROOM: Self = Self {
        camera: true,
        microphone: true,
        screen: false,
        subscribe: true,
        data: false,
        read_chat: false,
        write_chat: false,
        update_metadata: false,
    };

    /// The recorder: listens only.
    pub const RECORDER: Self = Self { camera: false, microphone: false, ..Self::ROOM };

    /// What both allow.
    pub(super) const fn both(self, other: Self) -> Self {
        Self {
            camera: self.camera && other.camera,
            microphone: self.microphone && other.microphone,
            screen: self.screen && other.screen,
            subscribe: self.subscribe && other.subscribe,
            data: self.data && other.data,
            read_chat: self.read_chat && other.read_chat,
            write_chat: self.write_chat && other.write_chat,
            update_metadata: self.update_metadata && other.update_metadata,
        }
    }

    /// Permissions after these media rights took the place of a token's.
    pub(super) const fn narrow(self, set: PermissionSet) -> PermissionSet {
        set.with(Permission::PublishVideo, self.camera)
            .with(Permission::PublishAudio, self.microphone)
            .with(Permission::ShareScreen, self.screen)
            .with(Permission::ReadChat, self.read_chat)
            .with(Permission::WriteChat, self.write_chat)
    }

    /// These rights, as far as the permissions allow them.
    pub(super) const fn within(self, set: PermissionSet) -> Self {
        let most = Self::from_permissions(set);
        Self {
            camera: self.camera && most.camera,
            microphone: self.microphone && most.microphone,
            screen: self.screen && most.screen,
            data: self.data && most.data,
            read_chat: self.read_chat && most.read_chat,
            write_chat: self.write_chat && most.write_chat,
            ..self
        }
    }

    /// From permissions (P3, P4). Data follows the right to write chat, as OpenVidu Meet has it:
    /// a data packet on any topic is a message.
    pub const fn from_permissions(set: PermissionSet) -> Self {
        Self {
            camera: set.has(Permission::PublishVideo),
            microphone: set.has(Permission::PublishAudio),
            screen: set.has(Permission::ShareScreen),
            subscribe: true,
            data: set.has(Permission::WriteChat),
            read_chat: set.has(Permission::ReadChat),
            write_chat: set.has(Permission::WriteChat),
            update_metadata: false,
        }
    }
}

/// What a LiveKit token allows, in permissions.
pub(super) fn livekit_permissions(grants: MediaGrants, room_admin: bool, room_record: bool) -> PermissionSet {
    let admin = [
        Permission::ShareAccessLinks,
        Permission::MakeModerator,
        Permission::KickParticipants,
        Permission::EndMeeting,
        Permission::MuteParticipants,
        Permission::Invite,
    ];
    let mut set = PermissionSet::of(&[Permission::JoinMeeting, Permission::ChangeVirtualBackground])
        .with(Permission::PublishVideo, grants.camera)
        .with(Permission::PublishAudio, grants.microphone)
        .with(Permission::ShareScreen, grants.screen)
        .with(Permission::ReadChat, grants.subscribe)
        .with(Permission::WriteChat, grants.data)
        .with(Permission::Record, room_record)
        .with(Permission::RetrieveRecordings, room_record);
    for permission in admin {
        set = set.with(permission, room_admin);
    }
    set
}
