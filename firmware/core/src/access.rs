//! Who may do what: the one decision (`features.md` P3) that REST, tokens, signalling, SFU grants
//! and the UI ask. Nothing else may decide, and nothing here remembers anything.

use serde::{Deserialize, Serialize};

use crate::account::Role;
use crate::ids::{Identity, MemberId, UserId};
use crate::meeting::Meeting;
use crate::member::Membership;
use crate::permission::{Permission, PermissionSet};
use crate::room::{LinkRole, MemberRole, Room};

/// Somebody, with everything that may give them rights. Several can hold at once; they add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Shows an API key: acts as the root admin.
    pub api_key: bool,
    /// Logged in as.
    pub user: Option<(UserId, Role)>,
    /// In a group with the operator right (U7).
    pub operator: bool,
    /// Holds the secret of this link, and the link is enabled.
    pub link: Option<LinkRole>,
    /// Is a member of the room in question.
    pub member: Option<Membership>,
    /// Takes part in its meeting under this identity, or would.
    pub identity: Option<Identity>,
}

/// What a member token says of where it comes from. Rights are derived from it anew at each
/// use, never read from the token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct TokenSource {
    /// Came by an anonymous link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkRole>,
    /// [`Secret::mark`](crate::room::Secret::mark) of that link's secret: the token dies with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_mark: Option<String>,
    /// Came by the link of this external member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// Was logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The login session; the token dies with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Leaves another meeting for this one (P8).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
    /// What the program that asked for the token calls this person (reference openvidu-meet §1.11).
    /// Gives no rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

impl TokenSource {
    /// Under which identity members and users take part; others get one with their first token.
    pub fn identity(&self) -> Option<Identity> {
        let user = self.user.as_ref().map(UserId::as_str);
        self.member.as_ref().map(MemberId::as_str).or(user).map(Identity::new)
    }
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Use one of the room's permissions.
    Use(Permission),
    /// Read the room and its settings.
    ReadRoom,
    /// Change its settings, roles, access and links, close it, delete it.
    ManageRoom,
    /// Read its members.
    ReadMembers,
    /// Add, change and delete its members.
    ManageMembers,
    /// Make a room.
    CreateRoom,
    /// List rooms at all.
    ListRooms,
    /// Ask for the rooms of somebody else.
    ListOthersRooms,
    /// List recordings at all.
    ListRecordings,
    /// Read the users' names and roles.
    ReadUsers,
    /// Make, change and delete users.
    ManageUsers,
    /// Read groups.
    ReadGroups,
    /// Make, change and delete groups.
    ManageGroups,
    /// Read and change API keys.
    ManageApiKeys,
    /// Read and change webhooks.
    ManageWebhooks,
    /// Read the audit log.
    ReadAudit,
    /// See how the box is.
    ReadBox,
    /// Operate the room and the box's settings.
    OperateBox,
}

impl Action {
    /// Every action that is about the box, not about a room.
    pub const BOX: &'static [Self] = &[
        Self::CreateRoom,
        Self::ListRooms,
        Self::ListOthersRooms,
        Self::ListRecordings,
        Self::ReadUsers,
        Self::ManageUsers,
        Self::ReadGroups,
        Self::ManageGroups,
        Self::ManageApiKeys,
        Self::ManageWebhooks,
        Self::ReadAudit,
        Self::ReadBox,
        Self::OperateBox,
    ];

    /// Changes nothing, so a security admin may do it (U6).
    const fn only_reads(self) -> bool {
        matches!(
            self,
            Self::Use(Permission::RetrieveRecordings)
                | Self::ReadRoom
                | Self::ReadMembers
                | Self::ListRooms
                | Self::ListOthersRooms
                | Self::ListRecordings
                | Self::ReadUsers
                | Self::ReadGroups
                | Self::ReadAudit
                | Self::ReadBox
        )
    }
}

/// Why something is or is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// An admin or an API key.
    Admin,
    /// The room's owner (R2).
    Owner,
    /// Of a group with the operator right (U7).
    Operator,
    /// The role on the box gives it.
    Role,
    /// A link, a membership or being logged in gives it.
    Granted,
    /// The promotion in this meeting gives it (P6).
    Promoted,
    /// Nothing gives it, or it was taken away from the member.
    Missing,
    /// The room denies it to guests (P5).
    GuestDenied,
    /// The room or the box has the feature switched off (R6).
    FeatureOff,
    /// A security admin changes nothing (U6).
    ReadOnly,
    /// Was put out of the meeting, and not invited back (P7).
    Removed,
}

impl Why {
    /// Is it a yes?
    pub const fn allows(self) -> bool {
        matches!(
            self,
            Self::Admin | Self::Owner | Self::Operator | Self::Role | Self::Granted | Self::Promoted
        )
    }
}

/// Answer of [`decide`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// May they?
    pub allowed: bool,
    /// Because.
    pub why: Why,
}

/// The one decision. Order of evaluation (reference trueconf §3.4): roles and grants, minus the
/// member's denials, minus what guests are denied unless they are moderators, plus promotion,
/// minus features that are off; nothing while one is put out of the meeting. Admin, owner and
/// operator are masked by features only.
/// `room` is the room in question, `meeting` the one running in it.
pub fn decide(person: &Person, action: Action, room: Option<&Room>, meeting: Option<&Meeting>) -> Decision {
    let why = if let Action::Use(permission) = action {
        room.map_or(Why::Missing, |room| use_of(person, permission, room, meeting))
    } else {
        manage(person, action, room)
    };
    Decision { allowed: why.allows(), why }
}

/// All permissions that [`decide`] allows in this room.
pub fn effective(person: &Person, room: &Room, meeting: Option<&Meeting>) -> PermissionSet {
    Permission::ALL
        .iter()
        .filter(|p| decide(person, Action::Use(**p), Some(room), meeting).allowed)
        .fold(PermissionSet::EMPTY, |set, p| set.with(*p, true))
}

impl Person {
    /// Shows an API key.
    pub fn with_api_key() -> Self {
        Self { api_key: true, ..Self::default() }
    }

    /// Logged in.
    pub fn logged_in(user: UserId, role: Role) -> Self {
        Self { user: Some((user, role)), ..Self::default() }
    }

    /// The role on the box.
    pub fn role(&self) -> Option<Role> {
        self.user.as_ref().map(|(_, role)| *role)
    }

    /// Full control of the box.
    pub fn is_admin(&self) -> bool {
        self.api_key || self.role() == Some(Role::Admin)
    }

    /// Owns the room (R2).
    pub fn owns(&self, room: &Room) -> bool {
        self.user.as_ref().is_some_and(|(id, _)| *id == room.owner)
    }

    /// Neither logged in nor a program with a key: anonymous and external people (P5).
    pub fn is_guest(&self) -> bool {
        !self.api_key && self.user.is_none()
    }

    /// Holds the moderator role by link, membership or promotion.
    pub fn is_moderator(&self, meeting: Option<&Meeting>) -> bool {
        self.link == Some(LinkRole::Moderator)
            || self.member.as_ref().is_some_and(|m| m.base_role == MemberRole::Moderator)
            || self.is_promoted(meeting)
    }

    fn is_promoted(&self, meeting: Option<&Meeting>) -> bool {
        let promoted =
            |meeting: &Meeting| self.identity.as_ref().is_some_and(|id| meeting.promoted.contains(id));
        meeting.is_some_and(promoted)
    }

    fn was_removed(&self, meeting: Option<&Meeting>) -> bool {
        let user = || self.user.as_ref().map(|(id, _)| Identity::new(id.as_str()));
        let removed = |meeting: &Meeting| {
            self.identity.clone().into_iter().chain(user()).any(|id| meeting.removed.contains_key(&id))
        };
        meeting.filter(|meeting| !meeting.removed.is_empty()).is_some_and(removed)
    }

    fn is_security_admin(&self) -> bool {
        !self.api_key && self.role() == Some(Role::SecurityAdmin)
    }

    /// May know that this room exists: it leads them in, or they read it.
    pub fn sees(&self, room: &Room) -> bool {
        self.knows(room) || decide(self, Action::ReadRoom, Some(room), None).allowed
    }

    /// Anything that leads into this room.
    pub fn knows(&self, room: &Room) -> bool {
        let invited = self.link.is_some() || self.member.is_some() || self.comes_as_user(room);
        invited || self.power(room).is_some()
    }

    /// Admin, owner or operator: everything, never masked by denials.
    pub fn power(&self, room: &Room) -> Option<Why> {
        if self.is_admin() {
            Some(Why::Admin)
        } else if self.is_security_admin() {
            None
        } else if self.owns(room) {
            Some(Why::Owner)
        } else {
            self.operator.then_some(Why::Operator)
        }
    }

    /// May be in the room as somebody logged in: it is open to users, who are not there by
    /// invitation only (R3).
    fn comes_as_user(&self, room: &Room) -> bool {
        room.access.user_enabled && self.role().is_some_and(|role| role != Role::RoomMember)
    }
}

fn use_of(person: &Person, permission: Permission, room: &Room, meeting: Option<&Meeting>) -> Why {
    if room.features().off().has(permission) {
        return Why::FeatureOff;
    }
    if let Some(why) = person.power(room) {
        return why;
    }
    if person.is_security_admin() && permission == Permission::RetrieveRecordings {
        return Why::Role;
    }
    if permission != Permission::RetrieveRecordings && person.was_removed(meeting) {
        return Why::Removed;
    }
    if person.is_security_admin() && PermissionSet::CHANGING.has(permission) {
        return Why::ReadOnly;
    }
    let mut base = PermissionSet::EMPTY;
    if let Some(link) = person.link {
        base = base.union(room.permissions_of_link(link));
    }
    if person.comes_as_user(room) {
        base = base.union(room.roles.speaker);
    }
    if let Some(member) = &person.member {
        base = member.custom.applied_to(base.union(room.permissions_of_role(member.base_role)));
    }
    let denied =
        person.is_guest() && !person.is_moderator(meeting) && room.config.guests.denied().has(permission);
    if base.has(permission) && !denied {
        Why::Granted
    } else if person.is_promoted(meeting) && room.roles.moderator.has(permission) {
        Why::Promoted
    } else if denied && base.has(permission) {
        Why::GuestDenied
    } else {
        Why::Missing
    }
}

fn manage(person: &Person, action: Action, room: Option<&Room>) -> Why {
    if person.is_admin() {
        return Why::Admin;
    }
    if person.is_security_admin() {
        return if action.only_reads() { Why::Role } else { Why::ReadOnly };
    }
    let owner = room.is_some_and(|room| person.owns(room));
    match action {
        Action::Use(_) => Why::Missing,
        Action::ReadRoom | Action::ManageRoom | Action::ReadMembers | Action::ManageMembers if owner => {
            Why::Owner
        }
        Action::ReadRoom => match room {
            Some(room) if person.knows(room) => Why::Granted,
            _ => Why::Missing,
        },
        Action::CreateRoom | Action::ReadUsers => by_role(person, |role| role == Role::User),
        Action::ListRooms | Action::ListRecordings => by_role(person, |_| true),
        Action::ManageRoom
        | Action::ListOthersRooms
        | Action::ReadMembers
        | Action::ManageMembers
        | Action::ManageUsers
        | Action::ReadGroups
        | Action::ManageGroups
        | Action::ManageApiKeys
        | Action::ManageWebhooks
        | Action::ReadAudit
        | Action::ReadBox
        | Action::OperateBox => Why::Missing,
    }
}

fn by_role(person: &Person, fits: impl Fn(Role) -> bool) -> Why {
    if person.role().is_some_and(fits) { Why::Role } else { Why::Missing }
}
