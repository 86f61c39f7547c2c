//! What is shown to whom: about other people, and what may be done with a recording.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]
#![allow(dead_code, reason = "each test file uses a part of the kit")]

mod kit;

use huddle_core::ids::{RoomId, UserId};
use huddle_core::member::CustomPermissions;
use huddle_core::permission::{Permission, PermissionSet};
use huddle_core::recording::RecordingWishes;
use huddle_core::room::MemberRole;
use huddle_core::state::{NewMember, StartedBy};
use kit::team::{Team, team};
use serde_json::{Value, json};

#[tokio::test]
async fn who_only_chooses_people_does_not_learn_who_is_logged_in_or_waits() {
    let team = team();
    for (caller, status) in [("admin", 200), ("security", 200), ("other", 403)] {
        assert_eq!(team.ask(caller, "GET", "/api/v1/users?online=true", "").await.0, status, "{caller}");
    }
    for (caller, user, tagged) in
        [("admin", "owner_u", true), ("other", "owner_u", false), ("other", "other_u", true)]
    {
        let header = team.header(caller).await.unwrap();
        let path = format!("/api/v1/users/{user}");
        let answer = team.site.raw("GET", &path, &[(header.0, header.1.as_str())], "").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers().contains_key("etag"), tagged, "{caller} {user}");
    }
}

/// A finished recording of the box's own room.
fn recorded(team: &Team) -> String {
    let home = team.site.home.room_id.clone();
    let id = team.site.change(move |state, ctx| {
        let made = state.start_recording(&home, StartedBy::Box, RecordingWishes::default(), ctx).unwrap();
        made.recording_id.to_string()
    });
    team.site.finish(&id, b"0123456789");
    id
}

/// The room member becomes a member of the box's own room.
fn joins_home(team: &Team, custom: CustomPermissions) {
    let home = team.site.home.room_id.clone();
    team.site.change(move |state, ctx| {
        let who = NewMember::Internal(UserId::new("member_u"));
        state.add_member(&home, who, MemberRole::Moderator, custom, ctx).unwrap();
    });
}

#[tokio::test]
async fn a_recording_says_whether_it_may_be_deleted() {
    let team = team();
    let id = recorded(&team);
    let denied = PermissionSet::of(&[Permission::DeleteRecordings]);
    joins_home(&team, CustomPermissions { denied, ..CustomPermissions::default() });
    for (caller, may) in [("security", false), ("member", false), ("admin", true)] {
        let path = format!("/api/v1/recordings/{id}");
        let (_, one) = team.ask(caller, "GET", &format!("{path}?tickets=true"), "").await;
        assert_eq!(one["canDelete"], may, "{caller}: {one}");
        let (_, list) = team.ask(caller, "GET", "/api/v1/recordings?tickets=true", "").await;
        assert_eq!(list["recordings"][0]["canDelete"], may, "{caller}: {list}");
        assert!(list["recordings"][0]["ticket"].is_string());
        let (_, plain) = team.ask(caller, "GET", "/api/v1/recordings", "").await;
        assert!(plain["recordings"][0]["canDelete"].is_null(), "{plain}");
        let deleted = team.ask(caller, "DELETE", &path, "").await.0;
        assert_eq!(deleted, if may { 200 } else { 403 }, "{caller}");
    }
}

#[tokio::test]
async fn the_fields_of_a_recording_are_chosen_by_header_too() {
    let team = team();
    let id = recorded(&team);
    let path = format!("/api/v1/recordings/{id}");
    let headers = [("x-api-key", "the-key"), ("x-fields", "roomId,status")];
    let (_, one) = team.site.call("GET", &path, &headers, "").await;
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&one), ["roomId", "status"]);
    let (_, list) = team.site.call("GET", "/api/v1/recordings", &headers, "").await;
    assert_eq!(names(&list["recordings"][0]), ["roomId", "status"]);
}

/// Camera and microphone of the empty room are switched on by those only who operate it (R7).
#[tokio::test]
async fn a_member_does_not_record_the_empty_room() {
    let team = team();
    joins_home(&team, CustomPermissions::default());
    let body = json!({ "roomId": team.site.home.room_id }).to_string();
    let (status, answer) = team.ask("member", "POST", "/api/v1/recordings", &body).await;
    assert_eq!((status, &answer["code"]), (409, &json!("no_participants")), "{answer}");
    let home = team.site.home.room_id.clone();
    assert!(team.site.change(move |state, _| state.meeting(&home).is_none()));
}

#[tokio::test]
async fn a_page_of_another_origin_may_change_what_it_has_read() {
    let team = team();
    let room = RoomId::from(team.room.as_str());
    let asks = [
        ("origin", "https://app.example.com"),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization,content-type,if-match"),
    ];
    let answer = team.site.raw("OPTIONS", &format!("/api/v1/rooms/{room}"), &asks, "").await;
    let allowed = answer.headers()["access-control-allow-headers"].to_str().unwrap().to_ascii_lowercase();
    assert!(allowed.contains("if-match"), "{allowed}");
}

#[tokio::test]
async fn spaces_in_the_name_of_a_room_are_taken_alike_everywhere() {
    let team = team();
    let body = json!({ "roomName": "  Team\t room " }).to_string();
    let (status, made) = team.ask("owner", "POST", "/api/v1/rooms", &body).await;
    assert_eq!((status, &made["roomName"]), (201, &json!("Team room")), "{made}");
    let path = format!("/api/v1/rooms/{}", made["roomId"].as_str().unwrap());
    let (status, again) = team.ask("owner", "PATCH", &path, &body).await;
    assert_eq!((status, &again["roomName"]), (200, &json!("Team room")), "{again}");
}
