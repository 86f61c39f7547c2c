//! Rights that hold: over races, streams, other tabs and guesses.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]
#![allow(dead_code, reason = "each test file uses a part of the kit")]

mod kit;

use axum::http::StatusCode;
use futures_util::StreamExt;
use huddle_core::account::Role;
use huddle_core::ids::UserId;
use huddle_core::state::{By, StartedBy};
use kit::team::{Team, team};
use serde_json::{Value, json};

const KEY: (&str, &str) = ("x-api-key", "the-key");

async fn log_in(team: &Team, user: &str) -> Value {
    let body = json!({ "userId": user, "password": "right password" }).to_string();
    let (status, body) = team.site.call("POST", "/api/v1/auth/login", &[], &body).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn me(team: &Team, token: &str) -> StatusCode {
    let bearer = format!("Bearer {token}");
    team.site.call("GET", "/api/v1/users/me", &[("authorization", &bearer)], "").await.0
}

#[tokio::test]
async fn a_token_from_before_a_change_of_role_is_refused_and_can_be_renewed() {
    let team = team();
    let login = log_in(&team, "other_u").await;
    let token = login["accessToken"].as_str().unwrap().to_owned();
    assert_eq!(me(&team, &token).await, 200);
    team.site.change(|state, ctx| {
        // The test's clock stands still; the change is later than the token.
        ctx.now.wall.0 += 1_000;
        state.set_role(&UserId::new("other_u"), Role::RoomMember, By(None), ctx).unwrap();
    });
    assert_eq!(me(&team, &token).await, 401);
}

#[tokio::test]
async fn an_own_change_of_password_ends_the_others_and_goes_on_here() {
    let team = team();
    let (here, there) = (log_in(&team, "other_u").await, log_in(&team, "other_u").await);
    let bearer = format!("Bearer {}", here["accessToken"].as_str().unwrap());
    let body = json!({ "currentPassword": "right password", "newPassword": "another password" }).to_string();
    let path = "/api/v1/users/change-password";
    let (status, fresh) = team.site.call("POST", path, &[("authorization", &bearer)], &body).await;
    assert_eq!(status, 200, "{fresh}");
    assert_eq!(me(&team, fresh["accessToken"].as_str().unwrap()).await, 200);
    assert_eq!(me(&team, there["accessToken"].as_str().unwrap()).await, 401);
    let stale = format!("Bearer {}", here["refreshToken"].as_str().unwrap());
    let (status, _) =
        team.site.call("POST", "/api/v1/auth/refresh", &[("x-refresh-token", &stale)], "").await;
    assert_eq!(status, 400, "its refresh token was replaced");
}

#[tokio::test]
async fn who_must_change_the_password_may_do_just_that() {
    let team = team();
    let new = json!({ "userId": "fresh_u", "name": "Fresh", "role": "user", "password": "right password" });
    team.ask("key", "POST", "/api/v1/users", &new.to_string()).await;
    let login = log_in(&team, "fresh_u").await;
    let bearer = format!("Bearer {}", login["accessToken"].as_str().unwrap());
    let headers: kit::Headers<'_> = &[("authorization", &bearer)];
    for (path, expected) in [
        ("/api/v1/users/me".to_owned(), 200),
        ("/meet/api/v1/users/me".to_owned(), 200),
        (format!("/api/v1/rooms/{}/members/me", team.room), 403),
        ("/api/v1/rooms/change-password".to_owned(), 403),
    ] {
        let (status, answer) = team.site.call("GET", &path, headers, "").await;
        assert_eq!(status, expected, "{path}: {answer}");
        assert!(status == 200 || answer["code"] == "password_change_required", "{answer}");
    }
}

/// The next event of a stream, or `None` when it has ended.
async fn next(events: &mut axum::body::BodyDataStream) -> Option<String> {
    loop {
        let bytes = events.next().await?.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        if text.contains("event:") {
            return Some(text);
        }
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_login_the_key_or_the_right() {
    for how in ["logout", "role", "key"] {
        let team = team();
        let token = format!("Bearer {}", team.log_in("admin_two"));
        let header = if how == "key" { KEY } else { ("authorization", token.as_str()) };
        let response = team.site.raw("GET", "/api/v1/box/events", &[header], "").await;
        assert_eq!(response.status(), 200);
        let mut events = response.into_body().into_data_stream();
        assert!(next(&mut events).await.unwrap().contains("status"));
        match how {
            "logout" => drop(team.site.raw("POST", "/api/v1/auth/logout", &[header], "").await),
            "role" => team.site.change(|state, ctx| {
                state.set_role(&UserId::new("admin_two"), Role::User, By(None), ctx).map(|_| ()).unwrap();
            }),
            _ => team.site.change(|state, ctx| state.delete_api_key("key-1", ctx).unwrap()),
        }
        // News that nobody of them may have any more.
        let home = team.site.home.room_id.clone();
        team.site.change(move |state, ctx| {
            state
                .start_recording(
                    &home,
                    StartedBy::Box,
                    huddle_core::recording::RecordingWishes::default(),
                    ctx,
                )
                .map(|_| ())
                .unwrap();
        });
        assert_eq!(next(&mut events).await, None, "{how}");
    }
}

#[tokio::test]
async fn a_hidden_room_answers_as_one_that_is_not_there() {
    let team = team();
    for room in [team.room.as_str(), "nothing-like-it"] {
        for (method, path, body) in [
            ("GET", format!("/recordings?roomId={room}"), String::new()),
            ("POST", "/recordings".to_owned(), json!({ "roomId": room }).to_string()),
            ("POST", format!("/rooms/{room}/members/token"), json!({ "joinMeeting": true }).to_string()),
            ("GET", format!("/meetings/{room}"), String::new()),
        ] {
            let (status, answer) = team.ask("other", method, &format!("/api/v1{path}"), &body).await;
            assert_eq!((status, &answer["code"]), (404, &json!("room_not_found")), "{method} {path}");
        }
    }
    let seen = format!("/api/v1/recordings?roomId={}", team.room);
    assert_eq!(team.ask("member", "GET", &seen, "").await.0, 200);
    let body = json!({ "roomId": team.room }).to_string();
    assert_eq!(team.ask("member", "POST", "/api/v1/recordings", &body).await.0, 403, "they know the room");
}

/// Reads a record's tag, changes the record, and tries again with the tag of before.
async fn conditional(team: &Team, path: &str, method: &str, sub: &str, body: &str) {
    let tag = |response: &axum::http::Response<axum::body::Body>| {
        response.headers()["etag"].to_str().unwrap().to_owned()
    };
    let before = tag(&team.site.raw("GET", path, &[KEY], "").await);
    let target = format!("{path}{sub}");
    let first = team.site.raw(method, &target, &[KEY, ("if-match", &before)], body).await;
    assert_eq!(first.status(), 200, "{method} {target}");
    let (status, answer) = team.site.call(method, &target, &[KEY, ("if-match", &before)], body).await;
    assert_eq!((status.as_u16(), &answer["code"]), (412, &json!("changed_meanwhile")), "{method} {target}");
    let (status, _) = team.site.call("DELETE", path, &[KEY, ("if-match", &before)], "").await;
    assert_eq!(status, 412, "DELETE {path}");
    let now = tag(&team.site.raw("GET", path, &[KEY], "").await);
    assert_ne!(now, before, "{path}");
    let several = format!("\"0\", {now}");
    let third = team.site.raw(method, &target, &[KEY, ("if-match", &several)], body).await;
    assert_eq!(third.status(), 200, "{method} {target}");
    assert_eq!(team.site.raw(method, &target, &[KEY], body).await.status(), 200, "without it, always");
}

#[tokio::test]
async fn two_who_edit_the_same_record_lose_nothing() {
    let team = team();
    let (_, group) = team.ask("key", "POST", "/api/v1/groups", r#"{"name":"Help desk"}"#).await;
    let group = format!("/api/v1/groups/{}", group["groupId"].as_str().unwrap());
    let room = format!("/api/v1/rooms/{}", team.room);
    let member = format!("{room}/members/member_u");
    let user = "/api/v1/users/other_u";
    for (path, method, sub, body) in [
        (user, "PATCH", "", json!({ "name": "Other name" })),
        (user, "PUT", "/password", json!({ "newPassword": "long enough 1" })),
        (group.as_str(), "PATCH", "", json!({ "operator": true })),
        (member.as_str(), "PATCH", "", json!({ "baseRole": "moderator" })),
        (room.as_str(), "PUT", "/status", json!({ "status": "open" })),
        (room.as_str(), "PUT", "/access", json!({ "access": {} })),
        (room.as_str(), "POST", "/access/anonymous/speaker/regenerate", json!({})),
    ] {
        conditional(&team, path, method, sub, &body.to_string()).await;
    }
    let about = team.site.raw("GET", "/api/v1/box", &[KEY], "").await;
    let tag = about.headers()["etag"].to_str().unwrap().to_owned();
    let choose = json!({ "roomId": team.room }).to_string();
    for (expected, why) in [(200, "as it was read"), (412, "somebody chose meanwhile")] {
        let headers = [KEY, ("if-match", tag.as_str())];
        let chosen = team.site.raw("PUT", "/api/v1/box/home-room", &headers, &choose).await;
        assert_eq!(chosen.status(), expected, "{why}");
    }
    let key = team.site.raw("GET", "/api/v1/api-keys/key-1", &[KEY], "").await;
    assert!(key.headers().contains_key("etag"));
    let wrong = [KEY, ("if-match", "\"7\"")];
    assert_eq!(team.site.raw("DELETE", "/api/v1/api-keys/key-1", &wrong, "").await.status(), 412);
}

#[tokio::test]
async fn a_new_name_shows_as_a_member_too() {
    let team = team();
    let (status, user) = team.ask("admin", "PATCH", "/api/v1/users/member_u", r#"{"name":" Zoe  B "}"#).await;
    assert_eq!((status, &user["name"]), (200, &json!("Zoe B")));
    let member = format!("/api/v1/rooms/{}/members/member_u", team.room);
    assert_eq!(team.ask("owner", "GET", &member, "").await.1["name"], "Zoe B");
    let (status, _) = team.ask("admin", "PATCH", "/api/v1/users/member_u", r#"{"name":""}"#).await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn muting_has_a_permission_of_its_own() {
    let team = team();
    let roles = json!({ "roles": {
        "moderator": { "permissions": { "canMuteParticipants": false } },
        "speaker": { "permissions": { "canMuteParticipants": true } },
    } });
    let path = format!("/api/v1/rooms/{}/roles", team.room);
    assert_eq!(team.ask("owner", "PUT", &path, &roles.to_string()).await.0, 200);
    let mute = format!("/api/v1/meetings/{}/participants/nobody/media", team.room);
    let kick = format!("/api/v1/meetings/{}/participants/nobody", team.room);
    let off = r#"{"audioActive":false}"#;
    for (who, mutes, kicks) in [("moderator", 403, 404), ("speaker", 404, 403)] {
        assert_eq!(team.ask(who, "PUT", &mute, off).await.0, mutes, "{who}: no meeting runs");
        assert_eq!(team.ask(who, "DELETE", &kick, "").await.0, kicks, "{who}");
    }
}

#[tokio::test]
async fn rooms_of_a_user_are_limited_in_clear_words() {
    let team = team();
    // Thirty, of which the team's room is one.
    for _ in 0..29 {
        assert_eq!(team.ask("owner", "POST", "/api/v1/rooms", "{}").await.0, 201);
    }
    let (status, answer) = team.ask("owner", "POST", "/api/v1/rooms", "{}").await;
    assert_eq!((status, &answer["code"]), (409, &json!("limit_reached")), "{answer}");
    assert_eq!(team.ask("admin", "POST", "/api/v1/rooms", "{}").await.0, 201);
}

#[tokio::test]
async fn every_act_names_its_actor() {
    let team = team();
    let login = log_in(&team, "other_u").await;
    let bearer = format!("Bearer {}", login["accessToken"].as_str().unwrap());
    team.site.call("POST", "/api/v1/auth/logout", &[("authorization", &bearer)], "").await;
    let wrong = json!({ "userId": "other_u", "password": "wrong one 12" }).to_string();
    team.site.call("POST", "/api/v1/auth/login", &[], &wrong).await;
    let claims = json!({ "iss": "devkey", "exp": 4_000_000_000_u64, "video": { "roomCreate": true } });
    let secret = jsonwebtoken::EncodingKey::from_secret(b"secret");
    let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &secret).unwrap();
    let twirp = "/twirp/livekit.RoomService/CreateRoom";
    let bearer = format!("Bearer {token}");
    let (status, made) =
        team.site.call("POST", twirp, &[("authorization", &bearer)], r#"{"name":"by-twirp"}"#).await;
    assert_eq!(status, 200, "{made}");
    let (_, log) = team.ask("key", "GET", "/api/v1/audit?maxItems=4", "").await;
    let lines: Vec<(&str, &str, &str)> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["who"].as_str().unwrap(), e["action"].as_str().unwrap(), e["target"].as_str().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            ("key:devkey", "room.create", "by-twirp"),
            ("unknown", "auth.failed", "other_u"),
            ("user:other_u", "auth.logout", "other_u"),
            ("user:other_u", "auth.login", "other_u"),
        ]
    );
    assert!(log["entries"].as_array().unwrap().iter().all(|e| e["address"] == "192.0.2.9"), "{log}");
}

#[tokio::test]
async fn a_copied_token_is_reported_with_the_address_that_showed_it() {
    let team = team();
    let login = log_in(&team, "other_u").await;
    let shown = format!("Bearer {}", login["refreshToken"].as_str().unwrap());
    for expected in [200, 400] {
        let answer = team.site.call("POST", "/api/v1/auth/refresh", &[("x-refresh-token", &shown)], "").await;
        assert_eq!(answer.0, expected);
    }
    let (_, log) = team.ask("key", "GET", "/api/v1/audit?maxItems=1", "").await;
    let entry = &log["entries"][0];
    assert_eq!((&entry["action"], &entry["who"]), (&json!("auth.copiedToken"), &json!("unknown")), "{entry}");
    assert!(entry["address"].is_string(), "{entry}");
}
