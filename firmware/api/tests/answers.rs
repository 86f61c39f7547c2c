//! What programs rely on in answers: tags, codes, places in lists, and bodies read as the document
//! has them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]
#![allow(dead_code, reason = "each test file uses a part of the kit")]

mod kit;

use huddle_core::account::Role;
use huddle_core::ids::{Identity, RoomId, UserId};
use huddle_core::recording::RecordingWishes;
use huddle_core::state::{Arrival, By, Entrant, StartedBy, TokenSource};
use kit::team::{Team, team};
use serde_json::{Value, json};

const KEY: (&str, &str) = ("x-api-key", "the-key");

/// The answer's tag, and that of the record as it is read afterwards.
async fn tags(team: &Team, method: &str, path: &str, body: &str, record: Option<&str>) -> (String, String) {
    let answer = team.site.raw(method, path, &[KEY], body).await;
    assert!(answer.status().is_success(), "{method} {path}: {}", answer.status());
    let tag = |headers: &axum::http::HeaderMap| headers["etag"].to_str().unwrap().to_owned();
    let at = record.map(str::to_owned).unwrap_or_else(|| {
        let location = answer.headers()["location"].to_str().unwrap();
        format!("/api/v1{}", location.split("/api/v1").nth(1).unwrap())
    });
    (tag(answer.headers()), tag(team.site.raw("GET", &at, &[KEY], "").await.headers()))
}

#[tokio::test]
async fn an_answer_about_a_record_has_its_tag_of_now() {
    let team = team();
    let hook = json!({ "url": "https://hooks.example.com/" }).to_string();
    let (_, made) = team.ask("key", "POST", "/api/v1/webhooks", &hook).await;
    let hooked = format!("/api/v1/webhooks/{}", made["webhookId"].as_str().unwrap());
    let user = json!({ "userId": "anna_b", "name": "Anna", "role": "user", "password": "first password" });
    let room = format!("/api/v1/rooms/{}", team.room);
    for (method, path, body, record) in [
        ("POST", "/api/v1/users".to_owned(), user.to_string(), None),
        (
            "PUT",
            "/api/v1/users/anna_b/password".to_owned(),
            json!({ "newPassword": "second password" }).to_string(),
            Some("/api/v1/users/anna_b"),
        ),
        (
            "PUT",
            "/api/v1/users/anna_b/role".to_owned(),
            json!({ "role": "room_member" }).to_string(),
            Some("/api/v1/users/anna_b"),
        ),
        ("POST", "/api/v1/groups".to_owned(), json!({ "name": "Desk" }).to_string(), None),
        ("POST", "/api/v1/api-keys".to_owned(), json!({ "name": "Script" }).to_string(), None),
        ("POST", "/api/v1/webhooks".to_owned(), hook.clone(), None),
        ("POST", format!("{hooked}/secret"), String::new(), Some(hooked.as_str())),
        ("POST", "/api/v1/rooms".to_owned(), json!({ "roomName": "New" }).to_string(), None),
        (
            "POST",
            format!("{room}/members"),
            json!({ "name": "Guest", "baseRole": "speaker" }).to_string(),
            None,
        ),
        ("PUT", format!("{room}/status"), json!({ "status": "closed" }).to_string(), Some(room.as_str())),
    ] {
        let (answered, read) = tags(&team, method, &path, &body, record).await;
        assert_eq!(answered, read, "{method} {path}");
    }
}

#[tokio::test]
async fn what_failed_of_many_is_told_by_its_code() {
    let team = team();
    let members = format!("/rooms/{}/members?memberIds=ghost", team.room);
    for (path, code) in [
        ("/users?userIds=other_u,ghost".to_owned(), "user_not_found"),
        ("/users?userIds=admin".to_owned(), "user_protected"),
        (members, "member_not_found"),
        (format!("/rooms?roomIds={},ghost", team.room), "room_not_found"),
        (format!("/rooms?roomIds={}&withMeeting=force", team.site.home.room_id), "room_is_home"),
        ("/recordings?recordingIds=a--EG_b--c".to_owned(), "recording_not_found"),
        ("/recordings?recordingIds=nonsense".to_owned(), "invalid_request"),
    ] {
        let (status, answer) = team.ask("key", "DELETE", &format!("/api/v1{path}"), "").await;
        assert_eq!((status, &answer["failed"][0]["code"]), (400, &json!(code)), "{path}: {answer}");
        assert!(answer["failed"][0]["error"].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn a_list_is_no_object() {
    let team = team();
    let config = format!("/api/v1/rooms/{}/config", team.room);
    for (method, path, body, field) in [
        ("POST", "/api/v1/users", json!(["anna_b", "Anna", "user", "first password"]), "body"),
        ("POST", "/api/v1/rooms", json!(["Name"]), "body"),
        ("POST", "/api/v1/rooms", json!([]), "body"),
        ("POST", "/api/v1/api-keys", json!(["Script"]), "body"),
        ("PUT", config.as_str(), json!({ "config": { "chat": [true] } }), "config.chat"),
        ("PUT", config.as_str(), json!([{ "chat": { "enabled": true } }]), "body"),
    ] {
        let (status, answer) = team.ask("admin", method, path, &body.to_string()).await;
        assert_eq!((status, &answer["details"][0]["field"]), (422, &json!(field)), "{path} {body}: {answer}");
    }
    let hook = json!({ "url": "https://hooks.example.com/", "events": ["meetingEnded"] }).to_string();
    assert_eq!(team.ask("admin", "POST", "/api/v1/webhooks", &hook).await.0, 201, "a list where it belongs");
    let (status, _) = team.ask("speaker", "POST", "/api/v1/users", "[]").await;
    assert_eq!(status, 401, "the caller is judged first");
}

#[tokio::test]
async fn groups_are_found_by_name() {
    let team = team();
    for name in ["Help desk", "help others", "Board"] {
        team.ask("admin", "POST", "/api/v1/groups", &json!({ "name": name }).to_string()).await;
    }
    let names = async |query: &str| {
        let path = format!("/api/v1/groups?sortOrder=asc&{query}");
        let (status, page) = team.ask("admin", "GET", &path, "").await;
        assert_eq!(status, 200, "{page}");
        let all = page["groups"].as_array().unwrap().iter();
        all.map(|group| group["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("name=Board").await, ["Board"]);
    assert_eq!(names("name=help&nameMatchMode=prefix").await, ["help others"]);
    let any_case = names("name=help&nameMatchMode=prefix&nameCaseInsensitive=true").await;
    assert_eq!(any_case, ["Help desk", "help others"]);
    assert_eq!(names("name=%5EB&nameMatchMode=regex").await, ["Board"]);
    assert_eq!(team.ask("admin", "GET", "/api/v1/groups?name=(&nameMatchMode=regex", "").await.0, 422);
}

#[tokio::test]
async fn rooms_without_a_date_are_listed_last_both_ways() {
    let team = team();
    let now = u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    for day in 1..=2 {
        let body = json!({ "roomName": format!("day {day}"), "autoDeletionDate": now + day * 86_400_000 });
        assert_eq!(team.ask("owner", "POST", "/api/v1/rooms", &body.to_string()).await.0, 201);
    }
    for (order, expected) in [("asc", ["day 1", "day 2", "Team"]), ("desc", ["day 2", "day 1", "Team"])] {
        let path = format!("/api/v1/rooms?owner=owner_u&sortField=autoDeletionDate&sortOrder={order}");
        let (_, page) = team.ask("owner", "GET", &path, "").await;
        let names: Vec<&Value> = page["rooms"].as_array().unwrap().iter().map(|r| &r["roomName"]).collect();
        assert_eq!(names, expected, "{order}");
    }
}

/// A recording of the room that was this box's own until another one became it.
fn left_behind(team: &Team) -> (String, String) {
    let (home, next) = (team.site.home.room_id.clone(), RoomId::from(team.room.as_str()));
    let room = home.to_string();
    let id = team.site.change(move |state, ctx| {
        state
            .start_recording(&home, StartedBy::Box, RecordingWishes::default(), ctx)
            .unwrap()
            .recording_id
            .to_string()
    });
    team.site.finish(&id, b"0123456789");
    let home = team.site.home.room_id.clone();
    team.site.change(move |state, ctx| {
        // Nobody asks what became of the meeting.
        let _ = state.end_meeting(&home, ctx);
        state.choose_home_room(&next, ctx).unwrap();
        state.delete_livekit_room(&home, ctx).unwrap();
    });
    (room, id)
}

#[tokio::test]
async fn recordings_outlive_their_room_for_who_may_see_them() {
    let team = team();
    let (room, id) = left_behind(&team);
    let path = format!("/api/v1/recordings?roomId={room}");
    for caller in ["key", "admin", "security"] {
        let (status, page) = team.ask(caller, "GET", &path, "").await;
        assert_eq!((status, &page["recordings"][0]["recordingId"]), (200, &json!(id)), "{caller}: {page}");
    }
    for caller in ["owner", "other", "member"] {
        let (status, page) = team.ask(caller, "GET", &path, "").await;
        assert_eq!((status, &page["code"]), (404, &json!("room_not_found")), "{caller}");
    }
    let (status, _) = team.ask("admin", "GET", "/api/v1/recordings?roomId=never-was", "").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn recordings_for_admins_only_open_by_no_link() {
    let team = team();
    let list = format!("/api/v1/recordings?roomId={}", team.room);
    assert_eq!(team.ask("recording", "GET", &list, "").await.0, 200);
    let roles = format!("/api/v1/rooms/{}/roles", team.room);
    for (access, expected) in [("admin", 403), ("admin_moderator", 200), ("admin_moderator_speaker", 200)] {
        let body = json!({ "roles": { "recordingAccess": access } }).to_string();
        assert_eq!(team.ask("owner", "PUT", &roles, &body).await.0, 200);
        assert_eq!(team.ask("recording", "GET", &list, "").await.0, expected, "{access}");
    }
}

#[tokio::test]
async fn a_ticket_dies_with_a_change_of_role() {
    let team = team();
    let home = team.site.home.room_id.clone();
    let id = team.site.change(move |state, ctx| {
        state
            .start_recording(&home, StartedBy::Box, RecordingWishes::default(), ctx)
            .unwrap()
            .recording_id
            .to_string()
    });
    team.site.finish(&id, b"0123456789");
    let (status, read) = team.ask("admin", "GET", &format!("/api/v1/recordings/{id}?tickets=true"), "").await;
    assert_eq!(status, 200, "{read}");
    let media = format!("/api/v1/recordings/{id}/media?ticket={}", read["ticket"].as_str().unwrap());
    assert_eq!(team.site.raw("GET", &media, &[], "").await.status(), 200);
    team.site.change(|state, ctx| {
        // The test's clock stands still; the change is later than the ticket.
        ctx.now.wall.0 += 1_000;
        state.set_role(&UserId::new("admin_two"), Role::SecurityAdmin, By(None), ctx).unwrap();
    });
    assert_eq!(team.site.raw("GET", &media, &[], "").await.status(), 401, "they could ask for another one");
}

#[tokio::test]
async fn a_program_names_the_people_it_lets_in() {
    let team = team();
    let hook = json!({ "url": "https://hooks.example.com/" }).to_string();
    team.ask("key", "POST", "/api/v1/webhooks", &hook).await;
    let path = format!("/api/v1/rooms/{}/members/token", team.room);
    let id = RoomId::from(team.room.as_str());
    let room = id.clone();
    let secret = team
        .site
        .change(move |state, _| state.room(&room).unwrap().access.speaker.secret.reveal().to_owned());
    let ask = |external: &str| {
        let name = "Ann";
        json!({ "secret": secret, "joinMeeting": true, "participantName": name, "externalId": external })
            .to_string()
    };
    assert_eq!(team.ask("none", "POST", &path, &ask("crm-7")).await.0, 403, "a browser names nobody");
    assert_eq!(team.ask("key", "POST", &path, &ask("two words")).await.0, 422);
    let (status, made) = team.ask("key", "POST", &path, &ask("crm-7")).await;
    assert_eq!(status, 200, "{made}");
    let token = made["token"].as_str().unwrap();
    let header = [("x-room-member-token", token)];
    let again = json!({ "secret": secret, "joinMeeting": true }).to_string();
    let (_, again) = team.site.call("POST", &path, &header, &again).await;
    for token in [token, again["token"].as_str().unwrap()] {
        let claims: Value = {
            use base64::Engine;
            let middle = token.split('.').nth(1).unwrap();
            serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(middle).unwrap())
                .unwrap()
        };
        let source: TokenSource = serde_json::from_value(claims["hb"]["source"].clone()).unwrap();
        let identity = Identity::from(claims["sub"].as_str().unwrap());
        let (room, who) = (id.clone(), identity.clone());
        team.site.change(move |state, ctx| {
            let entrant = Entrant::Member { source };
            let admitted = state.admit(&room, &entrant, Arrival::new(&who, "Ann"), ctx).unwrap();
            state.joined(&room, &who, &admitted.sid, ctx);
        });
        let (_, seen) = team
            .ask("key", "GET", &format!("/api/v1/meetings/{}/participants/{identity}", team.room), "")
            .await;
        assert_eq!(seen["externalId"], "crm-7", "{seen}");
        let (_, seen) = team
            .ask("owner", "GET", &format!("/api/v1/meetings/{}/participants/{identity}", team.room), "")
            .await;
        assert!(seen["externalId"].is_null() && seen["participantIdentity"].is_string(), "{seen}");
    }
    let bodies = team.site.change(|state, _| {
        let hook = state.webhooks().next().unwrap().webhook_id.clone();
        let all = state.deliveries(&hook).unwrap();
        all.map(|d| serde_json::from_slice(&huddle_api::event_body(&d.event)).unwrap())
            .collect::<Vec<Value>>()
    });
    let joined = bodies.iter().find(|body| body["event"] == "participantJoined").unwrap();
    assert_eq!(joined["data"]["participant"]["externalId"], "crm-7");
}
