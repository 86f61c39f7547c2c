//! The one decision (P1–P7), against its own laws and a table.

use std::collections::BTreeMap;
use std::time::Duration;

use huddle_core::access::{Action, Person, Why, decide, effective};
use huddle_core::account::Role;
use huddle_core::ids::{Identity, MeetingSid, UserId};
use huddle_core::meeting::Meeting;
use huddle_core::member::{CustomPermissions, Membership};
use huddle_core::permission::{Permission, PermissionSet};
use huddle_core::room::{GuestRights, LinkRole, MemberRole, Roles, Room, RoomConfig};
use huddle_core::state::{Ctx, Entropy, NewRoom, Now, make_room};
use huddle_core::units::UnixMillis;
use proptest::prelude::*;

struct Same;

impl Entropy for Same {
    fn alphanumeric(&mut self, len: usize) -> String {
        "x".repeat(len)
    }
}

fn room(config: RoomConfig, roles: Roles, user_enabled: bool) -> Room {
    let now = Now { mono: Duration::ZERO, wall: UnixMillis(1) };
    let mut ctx = Ctx { now, entropy: &mut Same, actor: huddle_core::audit::Actor::this_box() };
    let mut room =
        make_room(NewRoom { config, roles, ..NewRoom::named("r", UserId::new("owner")) }, &mut ctx);
    room.access.user_enabled = user_enabled;
    room
}

fn meeting(promoted: bool) -> Meeting {
    let mut meeting = Meeting::new(MeetingSid::new("RM_1"), UnixMillis(1));
    if promoted {
        meeting.promoted.insert(Identity::new("me"));
    }
    meeting
}

fn set() -> impl Strategy<Value = PermissionSet> {
    prop::collection::vec(any::<bool>(), Permission::ALL.len()).prop_map(|bits| {
        let pairs = Permission::ALL.iter().zip(bits);
        pairs.fold(PermissionSet::EMPTY, |set, (p, on)| set.with(*p, on))
    })
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(vec![Role::Admin, Role::User, Role::RoomMember, Role::SecurityAdmin])
}

prop_compose! {
    fn membership()(
        moderator in any::<bool>(),
        granted in set(),
        denied in set(),
    ) -> Membership {
        let base_role = if moderator { MemberRole::Moderator } else { MemberRole::Speaker };
        Membership { base_role, custom: CustomPermissions { granted: granted.without(denied), denied } }
    }
}

prop_compose! {
    fn person()(
        api_key in prop::bool::weighted(0.1),
        user in prop::option::of((prop::sample::select(vec!["owner", "other"]), role())),
        operator in prop::bool::weighted(0.2),
        link in prop::option::of(prop::sample::select(vec![
            LinkRole::Moderator, LinkRole::Speaker, LinkRole::Recording,
        ])),
        member in prop::option::of(membership()),
    ) -> Person {
        let user = user.map(|(id, role)| (UserId::new(id), role));
        let operator = operator && user.is_some();
        Person { api_key, user, operator, link, member, identity: Some(Identity::new("me")) }
    }
}

prop_compose! {
    fn config()(
        recording_enabled in any::<bool>(),
        chat_enabled in any::<bool>(),
        virtual_background_enabled in any::<bool>(),
        (chat, audio, video) in any::<(bool, bool, bool)>(),
    ) -> RoomConfig {
        let guests = GuestRights { chat, audio, video };
        RoomConfig { recording_enabled, chat_enabled, virtual_background_enabled, guests, ..RoomConfig::default() }
    }
}

prop_compose! {
    fn any_room()(
        config in config(),
        moderator in set(),
        speaker in set(),
        user_enabled in any::<bool>(),
    ) -> Room {
        room(config, Roles { moderator, speaker }, user_enabled)
    }
}

#[test]
fn defaults_are_those_of_the_seeds() {
    let speaker = [
        "canRetrieveRecordings",
        "canJoinMeeting",
        "canPublishVideo",
        "canPublishAudio",
        "canShareScreen",
        "canReadChat",
        "canWriteChat",
        "canChangeVirtualBackground",
    ];
    for permission in Permission::ALL {
        assert!(PermissionSet::MODERATOR.has(*permission));
        let listed = speaker.contains(&permission.name());
        assert_eq!(PermissionSet::SPEAKER.has(*permission), listed, "{permission}");
    }
    assert_eq!(
        Permission::ALL.len(),
        16,
        "the fourteen of the seeds, and canMuteParticipants and canInvite (P2)"
    );
}

#[test]
fn a_custom_permission_is_one_boolean_on_the_wire() {
    let custom: CustomPermissions =
        serde_json::from_str(r#"{"canRecord":true,"canReadChat":false}"#).unwrap();
    let speaker = custom.applied_to(PermissionSet::SPEAKER);
    assert!(speaker.has(Permission::Record) && !speaker.has(Permission::ReadChat));
    let back: BTreeMap<String, bool> = serde_json::from_value(serde_json::to_value(custom).unwrap()).unwrap();
    assert_eq!(back.len(), 2);
    assert!(serde_json::from_str::<CustomPermissions>(r#"{"canFly":true}"#).is_err());
}

/// Who may do what with the box, by role: admin and API key, user, room member, security admin.
#[test]
fn box_actions_by_role() {
    for action in Action::BOX {
        let may = |role| decide(&Person::logged_in(UserId::new("anna_b"), role), *action, None, None).allowed;
        let reads = matches!(
            action,
            Action::ListRooms
                | Action::ListOthersRooms
                | Action::ListRecordings
                | Action::ReadUsers
                | Action::ReadGroups
                | Action::ReadAudit
                | Action::ReadBox
        );
        assert!(may(Role::Admin), "{action:?}");
        assert!(decide(&Person::with_api_key(), *action, None, None).allowed, "{action:?}");
        assert_eq!(may(Role::SecurityAdmin), reads, "{action:?}");
        let user = [Action::CreateRoom, Action::ListRooms, Action::ListRecordings, Action::ReadUsers];
        assert_eq!(may(Role::User), user.contains(action), "{action:?}");
        let member = [Action::ListRooms, Action::ListRecordings];
        assert_eq!(may(Role::RoomMember), member.contains(action), "{action:?}");
        assert!(!decide(&Person::default(), *action, None, None).allowed, "{action:?}");
    }
}

#[test]
fn a_promotion_gives_a_guest_the_moderators_rights_for_this_meeting() {
    let guests = GuestRights { chat: false, audio: false, video: false };
    let room = room(RoomConfig { guests, ..RoomConfig::default() }, Roles::default(), false);
    let guest =
        Person { link: Some(LinkRole::Speaker), identity: Some(Identity::new("me")), ..Person::default() };
    let speaks = Action::Use(Permission::PublishAudio);
    assert_eq!(decide(&guest, speaks, Some(&room), Some(&meeting(false))).why, Why::GuestDenied);
    assert!(decide(&guest, speaks, Some(&room), Some(&meeting(true))).allowed);
    assert!(
        decide(&guest, Action::Use(Permission::KickParticipants), Some(&room), Some(&meeting(true))).allowed
    );
    assert!(!decide(&guest, Action::ManageRoom, Some(&room), Some(&meeting(true))).allowed);
}

proptest! {
    #[test]
    fn nothing_is_allowed_without_a_source(person in person(), room in any_room(), promoted in any::<bool>()) {
        let meeting = meeting(promoted);
        for permission in Permission::ALL {
            let source = person.power(&room).is_some()
                || person.link.is_some_and(|link| room.permissions_of_link(link).has(*permission))
                || person.member.is_some_and(|m| {
                    room.permissions_of_role(m.base_role).union(m.custom.granted).has(*permission)
                })
                || (person.role().is_some_and(|r| r != Role::RoomMember)
                    && room.access.user_enabled
                    && room.roles.speaker.has(*permission))
                || (promoted && room.roles.moderator.has(*permission))
                || (person.role() == Some(Role::SecurityAdmin) && *permission == Permission::RetrieveRecordings);
            let decision = decide(&person, Action::Use(*permission), Some(&room), Some(&meeting));
            prop_assert!(!decision.allowed || source, "{permission} {person:?}");
        }
    }

    #[test]
    fn admin_owner_and_operator_are_masked_by_features_only(person in person(), room in any_room()) {
        prop_assume!(person.power(&room).is_some());
        for permission in Permission::ALL {
            let decision = decide(&person, Action::Use(*permission), Some(&room), None);
            prop_assert_eq!(decision.allowed, !room.features().off().has(*permission));
        }
    }

    #[test]
    fn what_is_taken_from_a_member_is_gone(mut person in person(), member in membership(), room in any_room()) {
        person.member = Some(member);
        prop_assume!(person.power(&room).is_none() && person.role() != Some(Role::SecurityAdmin));
        for permission in member.custom.denied.iter() {
            prop_assert!(!decide(&person, Action::Use(permission), Some(&room), Some(&meeting(false))).allowed);
        }
    }

    #[test]
    fn a_security_admin_changes_nothing(mut person in person(), room in any_room(), promoted in any::<bool>()) {
        person.api_key = false;
        person.user = Some((UserId::new("owner"), Role::SecurityAdmin));
        let meeting = meeting(promoted);
        for permission in PermissionSet::CHANGING.iter() {
            prop_assert!(!decide(&person, Action::Use(permission), Some(&room), Some(&meeting)).allowed);
        }
        for action in [Action::ManageRoom, Action::ManageMembers, Action::CreateRoom, Action::OperateBox] {
            prop_assert!(!decide(&person, action, Some(&room), Some(&meeting)).allowed);
        }
    }

    #[test]
    fn only_admins_and_the_owner_manage_a_room(person in person(), room in any_room(), promoted in any::<bool>()) {
        let meeting = meeting(promoted);
        for action in [Action::ManageRoom, Action::ManageMembers] {
            let allowed = decide(&person, action, Some(&room), Some(&meeting)).allowed;
            let owner = person.owns(&room) && person.role() != Some(Role::SecurityAdmin);
            prop_assert_eq!(allowed, person.is_admin() || owner);
        }
    }

    #[test]
    fn effective_is_decide_for_all(person in person(), room in any_room(), promoted in any::<bool>()) {
        let meeting = meeting(promoted);
        let set = effective(&person, &room, Some(&meeting));
        for permission in Permission::ALL {
            let decision = decide(&person, Action::Use(*permission), Some(&room), Some(&meeting));
            prop_assert_eq!(set.has(*permission), decision.allowed);
            prop_assert_eq!(decision.allowed, decision.why.allows());
        }
    }

    #[test]
    fn sets_survive_json(set in set()) {
        let text = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(serde_json::from_str::<PermissionSet>(&text).unwrap(), set);
    }
}

#[test]
fn a_role_from_before_muting_had_a_permission_keeps_what_it_could_do() {
    let old = |kick: bool| {
        serde_json::from_str::<PermissionSet>(&format!(r#"{{"canKickParticipants":{kick}}}"#)).unwrap()
    };
    for later in [Permission::MuteParticipants, Permission::Invite] {
        assert!(old(true).has(later) && !old(false).has(later));
    }
    let named = r#"{"canKickParticipants":true,"canMuteParticipants":false}"#;
    assert!(!serde_json::from_str::<PermissionSet>(named).unwrap().has(Permission::MuteParticipants));
}
