//! What moderators do in a running meeting, how rights follow every change, and how rooms go
//! (P4–P8, M4, U7, R5).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]
#![allow(dead_code, reason = "each test file uses a part of the kit")]

mod kit;

use std::collections::BTreeSet;

use huddle_core::access::{Action, TokenSource, Why, decide};
use huddle_core::account::Role;
use huddle_core::encoding::Encoding;
use huddle_core::ids::{Identity, MemberId, ParticipantSid, RoomId, UserId};
use huddle_core::member::CustomPermissions;
use huddle_core::permission::{Permission, PermissionSet};
use huddle_core::recording::{Recording, RecordingStatus};
use huddle_core::room::{Layout, LinkRole, MemberRole, Roles, RoomConfig, WithMeeting, WithRecordings};
use huddle_core::state::{
    Arrival, BoxState, Ctx, DeletionCode, Effect, Entrant, Eviction, GroupChange, MediaGrants, MemberAsk,
    MemberGrant, NewMember, NewRoom, NewUser, Refusal, RoomChange, SwitchOff,
};
use huddle_core::units::UnixMillis;
use kit::{Bench, HOME, OTHER};

const ALL_OFF: SwitchOff = SwitchOff { audio: true, video: true, screen: true };

fn other() -> RoomId {
    RoomId::from(OTHER)
}

/// A user with a session.
fn user(bench: &mut Bench, id: &str, role: Role) -> (UserId, String) {
    let user = UserId::new(id);
    let new = NewUser { user_id: user.clone(), name: id.into(), role, password_hash: "x".into() };
    bench.state_call(|s, ctx| s.create_user(new, ctx)).unwrap();
    let session = bench.state_call(|s, ctx| s.login(&user, "x", "192.0.2.1", "d".into(), ctx)).unwrap();
    (user, session.id)
}

fn ask(user: &(UserId, String), force: bool) -> MemberAsk {
    let (user, session) = (Some(user.0.clone()), Some(user.1.clone()));
    MemberAsk { user, session, join: true, force, ..MemberAsk::default() }
}

/// The user comes in with their login.
fn come_in(bench: &mut Bench, room: &RoomId, user: &(UserId, String)) -> Result<Identity, Refusal> {
    let grant = bench.state_call(|s, ctx| s.member_token(room, &ask(user, false), ctx))?;
    let (identity, name) = (grant.identity.unwrap(), grant.name.unwrap());
    let entrant = Entrant::Member { source: grant.source };
    let admitted = bench.state_call(|s, ctx| s.admit(room, &entrant, Arrival::new(&identity, &name), ctx))?;
    bench.state_call(|s, ctx| s.joined(room, &identity, &admitted.sid, ctx));
    Ok(identity)
}

fn last_grant(bench: &Bench, who: &Identity) -> Option<MediaGrants> {
    let mut grants = bench.log().iter().filter_map(|e| match e {
        Effect::Grant { identity, grants, .. } if identity == who => Some(*grants),
        _ => None,
    });
    grants.next_back()
}

fn evicted(bench: &Bench, who: &Identity) -> Option<Eviction> {
    let mut evictions = bench.log().iter().filter_map(|e| match e {
        Effect::Evict { identity, why, .. } if identity == who => Some(*why),
        _ => None,
    });
    evictions.next_back()
}

#[test]
fn a_promotion_lasts_for_the_meeting_and_survives_coming_back() {
    let mut bench = Bench::new();
    let seat = bench.ask(OTHER, LinkRole::Speaker, "ann");
    let admitted = bench.enter(OTHER, LinkRole::Speaker, &seat);
    bench.state_call(|s, ctx| s.promote(&other(), &seat.0, ctx)).unwrap();
    assert!(bench.state.participant_may(&other(), &seat.0, Permission::KickParticipants));
    let again = bench.state_call(|s, ctx| s.promote(&other(), &seat.0, ctx));
    assert!(matches!(again, Err(Refusal::NotPromotable(..))));

    bench.join(OTHER, "bob");
    bench.leave(OTHER, &(seat.0.clone(), admitted.sid));
    bench.enter(OTHER, LinkRole::Speaker, &seat);
    assert!(bench.state.participant_may(&other(), &seat.0, Permission::KickParticipants));

    bench.state_call(|s, ctx| s.demote(&other(), &seat.0, ctx)).unwrap();
    assert!(!bench.state.participant_may(&other(), &seat.0, Permission::KickParticipants));
    bench.state_call(|s, ctx| s.promote(&other(), &seat.0, ctx)).unwrap();
    bench.state_call(|s, ctx| s.end_meeting(&other(), ctx)).unwrap();
    bench.enter(OTHER, LinkRole::Speaker, &seat);
    assert!(!bench.state.participant_may(&other(), &seat.0, Permission::KickParticipants), "a new meeting");
}

#[test]
fn a_promotion_and_a_removal_survive_a_restart_of_the_box() {
    let mut bench = Bench::new();
    let seats = ["ann", "bob"].map(|name| bench.ask(OTHER, LinkRole::Speaker, name));
    seats.iter().for_each(|seat| drop(bench.enter(OTHER, LinkRole::Speaker, seat)));
    bench.state_call(|s, ctx| s.promote(&other(), &seats[0].0, ctx)).unwrap();
    bench.state_call(|s, ctx| s.kick(&other(), &seats[1].0, ctx)).unwrap();
    let mut bench = bench.restart(5);
    bench.enter(OTHER, LinkRole::Speaker, &seats[0]);
    assert!(bench.state.participant_may(&other(), &seats[0].0, Permission::MakeModerator));
    let entrant =
        Entrant::Member { source: TokenSource { link: Some(LinkRole::Speaker), ..TokenSource::default() } };
    let now = bench.wall();
    assert_eq!(bench.state.may_enter(&other(), &entrant, &seats[1].0, now), Err(Refusal::Removed));
}

/// A meeting that a restart interrupted waits a minute for its people, whoever knocks meanwhile.
#[test]
fn who_is_refused_does_not_revive_an_interrupted_meeting() {
    let mut bench = Bench::new();
    let ann = bench.ask(OTHER, LinkRole::Speaker, "ann");
    bench.enter(OTHER, LinkRole::Speaker, &ann);
    let bob = bench.ask(OTHER, LinkRole::Speaker, "bob");
    bench.enter(OTHER, LinkRole::Speaker, &bob);
    bench.state_call(|s, ctx| s.promote(&other(), &ann.0, ctx)).unwrap();
    bench.state_call(|s, ctx| s.kick(&other(), &bob.0, ctx)).unwrap();
    let mut bench = bench.restart(5);
    let speaker = bench.state.room(&other()).unwrap().access.speaker.secret.reveal().to_owned();
    let knock = |bench: &mut Bench, secret: &str| {
        let (secret, seat) = (Some(secret.to_owned()), Some(bob.clone()));
        let ask = MemberAsk { secret, seat, join: true, ..MemberAsk::default() };
        bench.state_call(|s, ctx| s.member_token(&other(), &ask, ctx).map(|_| ()))
    };
    assert!(matches!(knock(&mut bench, "guessed"), Err(Refusal::BadSecret(_))));
    assert_eq!(knock(&mut bench, &speaker), Err(Refusal::Removed));
    let source = TokenSource { link: Some(LinkRole::Speaker), ..TokenSource::default() };
    let entrant = Entrant::Member { source };
    let refused =
        bench.state_call(|s, ctx| s.admit(&other(), &entrant, Arrival::new(&bob.0, "bob"), ctx).map(|_| ()));
    assert_eq!(refused, Err(Refusal::Removed));
    assert!(bench.state.meeting(&other()).is_none(), "nothing has changed");
    bench.pass(40);
    assert_eq!(bench.ask_again(OTHER, LinkRole::Speaker, &ann), ann);
    bench.enter(OTHER, LinkRole::Speaker, &ann);
    assert!(bench.state.leads(&other(), &ann.0), "promoted before the restart");
    assert_eq!(knock(&mut bench, &speaker), Err(Refusal::Removed));
}

#[test]
fn who_was_removed_comes_back_only_by_invitation() {
    let mut bench = Bench::new();
    bench.join(OTHER, "moderator");
    let seat = bench.ask(OTHER, LinkRole::Speaker, "ann");
    bench.enter(OTHER, LinkRole::Speaker, &seat);
    bench.state_call(|s, ctx| s.kick(&other(), &seat.0, ctx)).unwrap();
    assert_eq!(evicted(&bench, &seat.0), Some(Eviction::Removed));
    let now = bench.wall();
    let entrant =
        Entrant::Member { source: TokenSource { link: Some(LinkRole::Speaker), ..TokenSource::default() } };
    assert_eq!(bench.state.may_enter(&other(), &entrant, &seat.0, now), Err(Refusal::Removed));
    bench.state_call(|s, ctx| s.invite_back(&other(), &seat.0, ctx)).unwrap();
    assert_eq!(bench.state.may_enter(&other(), &entrant, &seat.0, now), Ok(()));
}

#[test]
fn owner_admin_and_operator_cannot_be_removed_demoted_or_muted() {
    let mut bench = Bench::new();
    let admin = user(&mut bench, "second_admin", Role::Admin);
    let helper = user(&mut bench, "helper", Role::RoomMember);
    let members = Some(BTreeSet::from([helper.0.clone()]));
    let group = GroupChange { name: Some("desk".into()), operator: Some(true), members };
    bench.state_call(|s, ctx| s.create_group(group, ctx)).unwrap();
    for who in [&admin, &helper] {
        let identity = come_in(&mut bench, &other(), who).unwrap();
        assert_eq!(bench.state_call(|s, ctx| s.kick(&other(), &identity, ctx)), Err(Refusal::Protected));
        assert_eq!(bench.state_call(|s, ctx| s.demote(&other(), &identity, ctx)), Err(Refusal::Protected));
        let muted = bench.state_call(|s, ctx| s.switch_off(&other(), &identity, ALL_OFF, ctx));
        assert_eq!(muted, Err(Refusal::Protected));
    }
}

#[test]
fn muting_all_spares_moderators_and_the_asker() {
    let mut bench = Bench::new();
    bench.join(OTHER, "moderator");
    let seats = ["ann", "bob", "carl"].map(|name| bench.ask(OTHER, LinkRole::Speaker, name));
    seats.iter().for_each(|seat| drop(bench.enter(OTHER, LinkRole::Speaker, seat)));
    let count =
        bench.state_call(|s, ctx| s.switch_off_all(&other(), Some(&seats[2].0), ALL_OFF, ctx)).unwrap();
    assert_eq!(count, 2);
    for (seat, off) in seats.iter().zip([true, true, false]) {
        let told = bench.done(|e| matches!(e, Effect::SwitchOff { identity, .. } if *identity == seat.0));
        assert_eq!(told, off);
    }
}

#[test]
fn an_operator_s_powers_come_and_go_in_a_running_meeting() {
    let mut bench = Bench::new();
    let (owner, helper) =
        (user(&mut bench, "room_owner", Role::User), user(&mut bench, "helper", Role::RoomMember));
    let room =
        bench.state_call(|s, ctx| s.create_room(huddle_core::state::NewRoom::named("r", owner.0), ctx));
    let room = room.unwrap().room_id;
    let member = NewMember::Internal(helper.0.clone());
    let (role, custom) = (MemberRole::Speaker, CustomPermissions::default());
    bench.state_call(|s, ctx| s.add_member(&room, member, role, custom, ctx)).unwrap();
    let identity = come_in(&mut bench, &room, &helper).unwrap();
    let may = |bench: &Bench| bench.state.participant_may(&room, &identity, Permission::EndMeeting);
    assert!(!may(&bench));
    let group = GroupChange { name: Some("desk".into()), operator: Some(true), members: None };
    let group = bench.state_call(|s, ctx| s.create_group(group, ctx)).unwrap().group_id;
    let change = |members: &[&UserId]| GroupChange {
        members: Some(members.iter().map(|id| (*id).clone()).collect()),
        ..GroupChange::default()
    };
    let joined = change(&[&helper.0]);
    bench.state_call(|s, ctx| s.change_group(&group, joined, ctx)).unwrap();
    assert!(may(&bench));
    bench.state_call(|s, ctx| s.change_group(&group, change(&[]), ctx)).unwrap();
    assert!(!may(&bench));
}

#[test]
fn what_a_member_loses_is_gone_in_the_meeting_at_once() {
    let mut bench = Bench::new();
    let helper = user(&mut bench, "helper", Role::RoomMember);
    let (role, custom) = (MemberRole::Speaker, CustomPermissions::default());
    let member = NewMember::Internal(helper.0.clone());
    bench.state_call(|s, ctx| s.add_member(&other(), member, role, custom, ctx)).unwrap();
    let identity = come_in(&mut bench, &other(), &helper).unwrap();
    let id = MemberId::new("helper");
    let denied = |permission| CustomPermissions { denied: PermissionSet::of(&[permission]), ..custom };
    let no_video = Some(denied(Permission::PublishVideo));
    bench.state_call(|s, ctx| s.change_member(&other(), &id, None, no_video, ctx)).unwrap();
    let grants = last_grant(&bench, &identity).unwrap();
    assert!(!grants.camera && grants.microphone);
    let no_entry = Some(denied(Permission::JoinMeeting));
    bench.state_call(|s, ctx| s.change_member(&other(), &id, None, no_entry, ctx)).unwrap();
    assert_eq!(evicted(&bench, &identity), Some(Eviction::Removed));
    assert!(come_in(&mut bench, &other(), &helper).is_err(), "and there is no way back");
}

#[test]
fn a_deleted_user_is_out_of_every_meeting() {
    let mut bench = Bench::new();
    let admin = user(&mut bench, "second_admin", Role::Admin);
    let identity = come_in(&mut bench, &other(), &admin).unwrap();
    bench.state_call(|s, ctx| s.delete_user(&admin.0, huddle_core::state::By(None), ctx)).unwrap();
    assert_eq!(evicted(&bench, &identity), Some(Eviction::Removed));
    assert!(come_in(&mut bench, &other(), &admin).is_err());
}

#[test]
fn a_user_sits_in_one_meeting_at_a_time() {
    let mut bench = Bench::new();
    let admin = user(&mut bench, "second_admin", Role::Admin);
    let identity = come_in(&mut bench, &other(), &admin).unwrap();
    let home = RoomId::from(HOME);
    assert_eq!(come_in(&mut bench, &home, &admin), Err(Refusal::InAnotherMeeting(other())));
    let grant = bench.state_call(|s, ctx| s.member_token(&home, &ask(&admin, true), ctx)).unwrap();
    assert_eq!(evicted(&bench, &identity), None, "a token is no seat yet");
    let entrant = Entrant::Member { source: grant.source };
    let admit =
        |s: &mut BoxState, ctx: &mut Ctx<'_>| s.admit(&home, &entrant, Arrival::new(&identity, "a"), ctx);
    bench.state_call(admit).unwrap();
    assert_eq!(evicted(&bench, &identity), Some(Eviction::Elsewhere));
}

/// Both tokens were issued while nobody sat anywhere.
#[test]
fn a_token_from_before_is_no_way_to_sit_in_two_meetings() {
    let mut bench = Bench::new();
    let admin = user(&mut bench, "second_admin", Role::Admin);
    let home = RoomId::from(HOME);
    let early = bench.state_call(|s, ctx| s.member_token(&home, &ask(&admin, false), ctx)).unwrap();
    let identity = come_in(&mut bench, &other(), &admin).unwrap();
    let (entrant, now) = (Entrant::Member { source: early.source }, bench.wall());
    let elsewhere = Refusal::InAnotherMeeting(other());
    assert_eq!(bench.state.may_enter(&home, &entrant, &identity, now), Err(elsewhere.clone()));
    let admitted = bench.state_call(|s, ctx| s.admit(&home, &entrant, Arrival::new(&identity, "a"), ctx));
    assert_eq!(admitted, Err(elsewhere));
    assert_eq!(evicted(&bench, &identity), None);
}

#[test]
fn an_owner_is_led_back_to_the_meeting_they_left() {
    let mut bench = Bench::new();
    let owner = user(&mut bench, "room_owner", Role::User);
    let rooms = ["one", "two"].map(|name| {
        let new = huddle_core::state::NewRoom::named(name, owner.0.clone());
        bench.state_call(|s, ctx| s.create_room(new, ctx)).unwrap()
    });
    let one = rooms[0].room_id.clone();
    let source = TokenSource { link: Some(LinkRole::Speaker), ..TokenSource::default() };
    let guest = Identity::new("guest");
    let entrant = Entrant::Member { source };
    let admitted =
        bench.state_call(|s, ctx| s.admit(&one, &entrant, Arrival::new(&guest, "g"), ctx)).unwrap();
    bench.state_call(|s, ctx| s.joined(&one, &guest, &admitted.sid, ctx));
    let two = rooms[1].room_id.clone();
    assert_eq!(come_in(&mut bench, &two, &owner), Err(Refusal::OwnMeetingRuns(one.clone())));
    assert!(come_in(&mut bench, &one, &owner).is_ok());
}

#[test]
fn a_full_room_has_a_seat_for_its_owner_only() {
    let mut bench = Bench::new();
    let config = RoomConfig { max_participants: Some(1), ..RoomConfig::default() };
    let change = RoomChange { config: Some(config), ..RoomChange::default() };
    bench.state_call(|s, ctx| s.update_room(&other(), change, ctx)).unwrap();
    bench.join(OTHER, "ann");
    let source = TokenSource { link: Some(LinkRole::Moderator), ..TokenSource::default() };
    let (entrant, now) = (Entrant::Member { source }, bench.wall());
    let full = bench.state.may_enter(&other(), &entrant, &Identity::new("bob"), now);
    assert_eq!(full, Err(Refusal::RoomFull(other())));
    let admin = user(&mut bench, "second_admin", Role::Admin);
    assert!(come_in(&mut bench, &other(), &admin).is_ok());
}

#[test]
fn a_time_limit_warns_and_then_ends_the_meeting() {
    let mut bench = Bench::new();
    let config = RoomConfig { max_duration_minutes: Some(6), ..RoomConfig::default() };
    let change = RoomChange { config: Some(config), ..RoomChange::default() };
    bench.state_call(|s, ctx| s.update_room(&other(), change, ctx)).unwrap();
    bench.join(OTHER, "ann");
    bench.pass(59);
    assert!(!bench.done(|e| matches!(e, Effect::EndingSoon { .. })));
    bench.pass(2);
    assert_eq!(bench.count(|e| matches!(e, Effect::EndingSoon { .. })), 1);
    bench.pass(300);
    assert!(bench.done(|e| matches!(e, Effect::EndMeeting { room } if *room == other())));
}

fn recording(room: &RoomId) -> Recording {
    Recording {
        recording_id: format!("{room}--EG_a--b").into(),
        room_id: room.clone(),
        room_name: "r".into(),
        status: RecordingStatus::Complete,
        layout: Layout::Grid,
        encoding: Encoding::default(),
        start_date: UnixMillis(1),
        end_date: None,
        duration: None,
        size: None,
        error: None,
        end_reason: None,
        thumbnail: false,
        doomed: false,
        public_secret: "x".into(),
        private_secret: "y".into(),
    }
}

/// All 36 combinations of reference openvidu-meet §1.7.
#[test]
fn deleting_a_room_follows_the_matrix() {
    use WithMeeting as M;
    use WithRecordings as R;
    for (meets, recorded) in [(false, false), (true, false), (false, true), (true, true)] {
        for with_meeting in [M::Force, M::WhenMeetingEnds, M::Fail] {
            for with_recordings in [R::Force, R::Close, R::Fail] {
                let kept: Vec<Recording> = recorded.then(|| recording(&other())).into_iter().collect();
                let mut bench = Bench::with_recordings(kept);
                if meets {
                    bench.join(OTHER, "ann");
                }
                let done =
                    bench.state_call(|s, ctx| s.delete_room(&other(), with_meeting, with_recordings, ctx));
                let expected = match (meets, recorded, with_meeting, with_recordings) {
                    (false, false, _, _) => Ok(DeletionCode::RoomDeleted),
                    (true, false, M::Fail, _) => Err("room_has_active_meeting"),
                    (true, false, M::Force, _) => Ok(DeletionCode::WithMeetingDeleted),
                    (true, false, M::WhenMeetingEnds, _) => Ok(DeletionCode::ScheduledToBeDeleted),
                    (false, true, _, R::Fail) => Err("room_has_recordings"),
                    (false, true, _, R::Force) => Ok(DeletionCode::RecordingsDeleted),
                    (false, true, _, R::Close) => Ok(DeletionCode::Closed),
                    (true, true, M::Fail, _) => Err("room_with_recordings_has_active_meeting"),
                    (true, true, M::Force, R::Fail) => Err("room_with_active_meeting_has_recordings"),
                    (true, true, M::WhenMeetingEnds, R::Fail) => {
                        Err("room_with_active_meeting_has_recordings_cannot_schedule_deletion")
                    }
                    (true, true, M::Force, R::Force) => Ok(DeletionCode::WithMeetingAndRecordingsDeleted),
                    (true, true, M::Force, R::Close) => Ok(DeletionCode::WithMeetingClosed),
                    (true, true, M::WhenMeetingEnds, R::Force) => {
                        Ok(DeletionCode::RecordingsScheduledToBeDeleted)
                    }
                    (true, true, M::WhenMeetingEnds, R::Close) => Ok(DeletionCode::ScheduledToBeClosed),
                };
                match (done, expected) {
                    (Ok(done), Ok(code)) => {
                        assert_eq!(done.code, code);
                        assert_eq!(done.room.is_some(), bench.state.room(&other()).is_ok());
                    }
                    (Err(Refusal::NotDeleted(code, _)), Err(expected)) => assert_eq!(code, expected),
                    other => panic!("{meets} {recorded} {with_meeting:?} {with_recordings:?}: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn a_scheduled_deletion_comes_with_the_end_of_the_meeting() {
    let mut bench = Bench::new();
    bench.join(OTHER, "ann");
    let (meeting, kept) = (WithMeeting::WhenMeetingEnds, WithRecordings::Force);
    bench.state_call(|s, ctx| s.delete_room(&other(), meeting, kept, ctx)).unwrap();
    bench.state_call(|s, ctx| s.end_meeting(&other(), ctx)).unwrap();
    assert!(bench.state.room(&other()).is_err());
}

#[test]
fn a_room_deletes_itself_on_its_day() {
    let mut bench = Bench::new();
    let date = UnixMillis(bench.wall().0 + 10_000);
    let change = RoomChange { auto_deletion_date: Some(Some(date)), ..RoomChange::default() };
    bench.state_call(|s, ctx| s.update_room(&other(), change, ctx)).unwrap();
    bench.pass(9);
    assert!(bench.state.room(&other()).is_ok());
    bench.pass(2);
    assert!(bench.state.room(&other()).is_err());
}

/// A token that came by a link, as its page asks for it.
fn by_link(bench: &mut Bench, link: LinkRole, name: &str) -> MemberGrant {
    let secret = bench.state.room(&other()).unwrap().link(link).secret.reveal().to_owned();
    let ask = MemberAsk { secret: Some(secret), join: true, name: Some(name.into()), ..MemberAsk::default() };
    bench.state_call(|s, ctx| s.member_token(&other(), &ask, ctx)).unwrap()
}

#[test]
fn a_token_of_a_replaced_link_is_dead_and_that_of_another_lives() {
    let mut bench = Bench::new();
    let (ann, bob) =
        (by_link(&mut bench, LinkRole::Speaker, "ann"), by_link(&mut bench, LinkRole::Moderator, "bob"));
    let issued = bench.wall();
    bench.pass(1);
    bench.state_call(|s, ctx| s.regenerate_link(&other(), LinkRole::Speaker, ctx)).unwrap();
    let now = bench.wall();
    let rights = |bench: &Bench, grant: &MemberGrant| {
        bench.state.member_permissions(&other(), &grant.source, grant.identity.as_ref(), issued, now)
    };
    assert_eq!(rights(&bench, &ann), Err(Refusal::TokenDead));
    assert!(rights(&bench, &bob).unwrap().has(Permission::KickParticipants));
}

/// Comes in with that token.
fn sit(
    bench: &mut Bench,
    grant: &MemberGrant,
    resume: Option<ParticipantSid>,
) -> Result<ParticipantSid, Refusal> {
    let identity = grant.identity.clone().unwrap();
    let entrant = Entrant::Member { source: grant.source.clone() };
    let arrival = Arrival { resume, ..Arrival::new(&identity, grant.name.as_ref().unwrap()) };
    let admitted = bench.state_call(|s, ctx| s.admit(&other(), &entrant, arrival, ctx))?;
    bench.state_call(|s, ctx| s.joined(&other(), &identity, &admitted.sid, ctx));
    Ok(admitted.sid)
}

#[test]
fn who_is_in_stays_in_over_a_lost_connection_when_their_link_was_replaced() {
    let mut bench = Bench::new();
    let ann = by_link(&mut bench, LinkRole::Speaker, "ann");
    let sid = sit(&mut bench, &ann, None).unwrap();
    bench.state_call(|s, ctx| s.regenerate_link(&other(), LinkRole::Speaker, ctx)).unwrap();
    assert_eq!(sit(&mut bench, &ann, Some(sid.clone())), Ok(sid));
    assert_eq!(sit(&mut bench, &ann, None), Err(Refusal::TokenDead), "coming anew is another thing");
}

#[test]
fn a_removed_moderator_has_no_rights_in_the_meeting_any_more() {
    let mut bench = Bench::new();
    let helper = user(&mut bench, "helper", Role::RoomMember);
    let (role, custom) = (MemberRole::Moderator, CustomPermissions::default());
    let member = NewMember::Internal(helper.0.clone());
    bench.state_call(|s, ctx| s.add_member(&other(), member, role, custom, ctx)).unwrap();
    let guest = by_link(&mut bench, LinkRole::Moderator, "guest");
    sit(&mut bench, &guest, None).unwrap();
    let identity = come_in(&mut bench, &other(), &helper).unwrap();
    for removed in [&identity, guest.identity.as_ref().unwrap()] {
        bench.state_call(|s, ctx| s.kick(&other(), removed, ctx)).unwrap();
    }
    let grant = bench.state_call(|s, ctx| s.member_token(&other(), &ask(&helper, false), ctx));
    assert_eq!(grant, Err(Refusal::Removed));
    let now = bench.wall();
    let room = bench.state.room(&other()).unwrap();
    let meeting = bench.state.meeting(&other());
    // By access token, and by the member token of before.
    let people = [
        bench.state.tables().person_of_user(&helper.0, Some(room)),
        bench.state.token_person(&other(), &guest.source, guest.identity.as_ref(), now).unwrap(),
    ];
    for person in people {
        for permission in [Permission::Invite, Permission::KickParticipants, Permission::EndMeeting] {
            let decision = decide(&person, Action::Use(permission), Some(room), meeting);
            assert_eq!(decision.why, Why::Removed, "{permission:?}");
        }
        let watch = Action::Use(Permission::RetrieveRecordings);
        assert!(decide(&person, watch, Some(room), meeting).allowed, "what was recorded before is theirs");
    }
    bench.state_call(|s, ctx| s.invite_back(&other(), &identity, ctx)).unwrap();
    assert!(come_in(&mut bench, &other(), &helper).is_ok());
}

#[test]
fn what_a_clock_that_was_ahead_has_marked_locks_nobody_out() {
    let mut bench = Bench::new();
    let years = 10 * 365 * 86_400;
    bench.jump(years);
    let ann = user(&mut bench, "ann_user", Role::User);
    let (roles, change) = (Some(Roles::default()), RoomChange::default());
    bench.state_call(|s, ctx| s.update_room(&other(), RoomChange { roles, ..change }, ctx)).unwrap();
    bench.jump(-years);
    let now = bench.wall();
    assert!(bench.state.session_user(&ann.1, now).is_err(), "a session does not last for years");
    let session = bench.state_call(|s, ctx| s.login(&ann.0, "x", "192.0.2.1", "e".into(), ctx)).unwrap();
    assert!(bench.state.token_user(&session.id, now, now).is_ok());
    let guest = by_link(&mut bench, LinkRole::Speaker, "guest");
    let rights = bench.state.member_permissions(&other(), &guest.source, guest.identity.as_ref(), now, now);
    assert!(rights.is_ok());
}

#[test]
fn what_is_made_again_under_the_same_id_has_another_revision() {
    let mut bench = Bench::new();
    let (ann, _) = user(&mut bench, "ann_user", Role::User);
    let member = |bench: &mut Bench| {
        let (who, custom) = (NewMember::Internal(ann.clone()), CustomPermissions::default());
        bench.state_call(|s, ctx| s.add_member(&other(), who, MemberRole::Speaker, custom, ctx)).unwrap()
    };
    let first = member(&mut bench);
    bench.state_call(|s, ctx| s.delete_member(&other(), &first.member_id, ctx)).unwrap();
    bench.pass(1);
    assert_ne!(member(&mut bench).revision, first.revision);
    let room = |bench: &mut Bench| {
        let new = NewRoom { id: Some("fixed".into()), ..NewRoom::named("Fixed", UserId::new("admin")) };
        bench.state_call(|s, ctx| s.create_room(new, ctx)).unwrap()
    };
    let first = room(&mut bench);
    bench.state_call(|s, ctx| s.delete_livekit_room(&first.room_id, ctx)).unwrap();
    bench.pass(1);
    assert_ne!(room(&mut bench).revision, first.revision);
}

#[test]
fn a_deleted_member_is_out_even_with_a_link_in_hand() {
    let mut bench = Bench::new();
    let helper = user(&mut bench, "helper", Role::RoomMember);
    let (role, custom) = (MemberRole::Speaker, CustomPermissions::default());
    let member = NewMember::Internal(helper.0.clone());
    bench.state_call(|s, ctx| s.add_member(&other(), member, role, custom, ctx)).unwrap();
    let secret = bench.state.room(&other()).unwrap().access.speaker.secret.reveal().to_owned();
    let both = MemberAsk { secret: Some(secret), ..ask(&helper, false) };
    let grant = bench.state_call(|s, ctx| s.member_token(&other(), &both, ctx)).unwrap();
    let (identity, entrant) = (grant.identity.unwrap(), Entrant::Member { source: grant.source });
    let admitted =
        bench.state_call(|s, ctx| s.admit(&other(), &entrant, Arrival::new(&identity, "h"), ctx)).unwrap();
    bench.state_call(|s, ctx| s.joined(&other(), &identity, &admitted.sid, ctx));
    bench.state_call(|s, ctx| s.delete_member(&other(), &MemberId::new("helper"), ctx)).unwrap();
    assert_eq!(evicted(&bench, &identity), Some(Eviction::Removed));
}

#[test]
fn rights_that_change_on_the_way_in_reach_the_sfu_when_they_are_in() {
    let mut bench = Bench::new();
    bench.join(OTHER, "moderator");
    let seat = bench.ask(OTHER, LinkRole::Speaker, "ann");
    let source = TokenSource { link: Some(LinkRole::Speaker), ..TokenSource::default() };
    let entrant = Entrant::Member { source };
    let admitted =
        bench.state_call(|s, ctx| s.admit(&other(), &entrant, Arrival::new(&seat.0, &seat.1), ctx)).unwrap();
    bench.state_call(|s, ctx| s.promote(&other(), &seat.0, ctx)).unwrap();
    let grants =
        |bench: &Bench| bench.count(|e| matches!(e, Effect::Grant { identity, .. } if *identity == seat.0));
    let before = grants(&bench);
    bench.state_call(|s, ctx| s.joined(&other(), &seat.0, &admitted.sid, ctx));
    assert_eq!(grants(&bench), before + 1);
    bench.state_call(|s, ctx| s.kick(&other(), &seat.0, ctx)).unwrap();
    let count =
        |bench: &Bench| bench.count(|e| matches!(e, Effect::Evict { identity, .. } if *identity == seat.0));
    let before = count(&bench);
    bench.state_call(|s, ctx| s.joined(&other(), &seat.0, &admitted.sid, ctx));
    assert_eq!(count(&bench), before + 1, "removed while the SFU did not know them");
}
