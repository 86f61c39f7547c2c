//! The one permission function (P1–P3), exhaustively and against its own laws.

use huddle_core::permission::{Features, Permission, PermissionSet, Standing, Why, decide, effective};
use proptest::prelude::*;

fn set() -> impl Strategy<Value = PermissionSet> {
    prop::collection::vec(any::<bool>(), Permission::ALL.len()).prop_map(|bits| {
        let pairs = Permission::ALL.iter().zip(bits);
        pairs.fold(PermissionSet::EMPTY, |set, (p, on)| set.with(*p, on))
    })
}

prop_compose! {
    fn standing()(
        owner in any::<bool>(),
        roles in set(),
        granted in set(),
        denied in set(),
        promoted in prop::option::of(set()),
    ) -> Standing {
        Standing { owner, roles, granted, denied, promoted }
    }
}

prop_compose! {
    fn features()(
        recording_off in any::<bool>(),
        chat_off in any::<bool>(),
        virtual_background_off in any::<bool>(),
    ) -> Features {
        Features { recording_off, chat_off, virtual_background_off }
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
    assert_eq!(Permission::ALL.len(), 14);
}

proptest! {
    #[test]
    fn nothing_is_allowed_without_a_source(standing in standing(), features in features()) {
        for permission in Permission::ALL {
            let decision = decide(&standing, *permission, features);
            let promoted = standing.promoted.unwrap_or_default();
            let source = standing.owner
                || standing.roles.has(*permission)
                || standing.granted.has(*permission)
                || promoted.has(*permission);
            prop_assert!(!decision.allowed || source);
        }
    }

    #[test]
    fn owners_are_masked_by_features_only(mut standing in standing(), features in features()) {
        standing.owner = true;
        for permission in Permission::ALL {
            let decision = decide(&standing, *permission, features);
            prop_assert_eq!(decision.allowed, decision.why != Why::FeatureOff);
        }
    }

    #[test]
    fn denials_beat_roles_and_grants_but_not_promotion(mut standing in standing()) {
        standing.owner = false;
        for permission in standing.denied.iter() {
            let promoted = standing.promoted.unwrap_or_default().has(permission);
            let decision = decide(&standing, permission, Features::default());
            prop_assert_eq!(decision.allowed, promoted);
        }
    }

    #[test]
    fn effective_is_decide_for_all(standing in standing(), features in features()) {
        let set = effective(&standing, features);
        for permission in Permission::ALL {
            let decision = decide(&standing, *permission, features);
            prop_assert_eq!(set.has(*permission), decision.allowed);
        }
    }

    #[test]
    fn sets_survive_json(set in set()) {
        let text = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(serde_json::from_str::<PermissionSet>(&text).unwrap(), set);
    }
}
