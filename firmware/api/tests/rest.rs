//! REST as callers see it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]

mod kit;

use kit::{Site, site};
use serde_json::json;

const KEY: (&str, &str) = ("x-api-key", "the-key");

async fn login(site: &Site, password: &str) -> (u16, serde_json::Value) {
    let body = json!({ "userId": "admin", "password": password }).to_string();
    let (status, body) = site.call("POST", "/api/v1/auth/login", &[], &body).await;
    (status.as_u16(), body)
}

fn bearer(body: &serde_json::Value, field: &str) -> String {
    format!("Bearer {}", body[field].as_str().unwrap())
}

#[tokio::test]
async fn a_login_lives_until_its_logout() {
    let site = site(true);
    let (status, body) = login(&site, "right password").await;
    assert_eq!(status, 200);
    let access = bearer(&body, "accessToken");
    let headers: kit::Headers<'_> = &[("authorization", &access)];
    let (status, me) = site.call("GET", "/api/v1/users/me", headers, "").await;
    assert_eq!((status.as_u16(), &me["userId"]), (200, &json!("admin")));
    assert!(me.to_string().find("argon2").is_none(), "no hash leaves the box");
    site.call("POST", "/api/v1/auth/logout", headers, "").await;
    let (status, _) = site.call("GET", "/api/v1/users/me", headers, "").await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_logout_also_ends_the_member_tokens_of_the_login() {
    let site = site(true);
    let (_, body) = login(&site, "right password").await;
    let access = bearer(&body, "accessToken");
    let headers: kit::Headers<'_> = &[("authorization", &access)];
    let path = format!("/api/v1/rooms/{}/members/token", site.home.room_id);
    let ask = json!({ "joinMeeting": true, "secret": site.home.access.speaker.secret }).to_string();
    let (status, issued) = site.call("POST", &path, headers, &ask).await;
    assert_eq!(status, 200, "{issued}");
    let member = bearer(&issued, "token");
    let token = issued["token"].as_str().unwrap();
    let knock = format!("/rtc/validate?access_token={token}");
    let refresh = format!("{path}/refresh");
    let as_member: kit::Headers<'_> = &[("x-room-member-token", &member)];
    assert_eq!(site.raw("GET", &knock, &[], "").await.status(), 200);
    assert_eq!(site.call("POST", &refresh, as_member, "").await.0, 200);
    site.call("POST", "/api/v1/auth/logout", headers, "").await;
    assert_eq!(site.raw("GET", &knock, &[], "").await.status(), 401, "no way into the meeting");
    assert_eq!(site.call("POST", &refresh, as_member, "").await.0, 401);
    assert_eq!(site.call("GET", "/api/v1/recordings", as_member, "").await.0, 401);
    let guest = site.token(&site.home.access.speaker.secret).await;
    let knock = format!("/rtc/validate?access_token={guest}");
    assert_eq!(site.raw("GET", &knock, &[], "").await.status(), 200, "guests have no login to end");
}

#[tokio::test]
async fn a_refresh_token_works_once_and_a_copy_ends_the_session() {
    let site = site(true);
    let (_, body) = login(&site, "right password").await;
    let refresh = bearer(&body, "refreshToken");
    let headers: kit::Headers<'_> = &[("x-refresh-token", &refresh)];
    let (status, renewed) = site.call("POST", "/api/v1/auth/refresh", headers, "").await;
    assert_eq!(status, 200);
    let (status, _) = site.call("POST", "/api/v1/auth/refresh", headers, "").await;
    assert_eq!(status, 400);
    let access = bearer(&renewed, "accessToken");
    let (status, _) = site.call("GET", "/api/v1/users/me", &[("authorization", &access)], "").await;
    assert_eq!(status, 401, "somebody had a copy of the refresh token");
}

#[tokio::test]
async fn wrong_passwords_lock_for_a_while() {
    let site = site(false);
    for _ in 0..6 {
        assert_eq!(login(&site, "wrong").await.0, 401);
    }
    let (status, body) = login(&site, "right password").await;
    assert_eq!(status, 429, "{body}");
}

#[tokio::test]
async fn a_changed_password_ends_other_sessions() {
    let site = site(true);
    let (_, first) = login(&site, "right password").await;
    let (_, second) = login(&site, "right password").await;
    let (first, second) = (bearer(&first, "accessToken"), bearer(&second, "accessToken"));
    let path = "/api/v1/users/change-password";
    let short = json!({ "currentPassword": "right password", "newPassword": "short" }).to_string();
    let (status, _) = site.call("POST", path, &[("authorization", &first)], &short).await;
    assert_eq!(status, 422);
    let body = json!({ "currentPassword": "right password", "newPassword": "another password" });
    let (status, _) = site.call("POST", path, &[("authorization", &first)], &body.to_string()).await;
    assert_eq!(status, 200);
    let (status, _) = site.call("GET", "/api/v1/users/me", &[("authorization", &second)], "").await;
    assert_eq!(status, 401);
    assert_eq!(login(&site, "another password").await.0, 200);
}

#[tokio::test]
async fn dead_links_are_told_apart() {
    let site = site(true);
    let room = site.home.room_id.clone();
    let path = |room: &str| format!("/api/v1/rooms/{room}/members/token");
    let ask =
        |secret: &str| json!({ "secret": secret, "joinMeeting": true, "participantName": "Ann" }).to_string();
    let (status, _) = site.call("POST", &path("nowhere"), &[], &ask("x")).await;
    assert_eq!(status, 404);
    let (status, _) = site.call("POST", &path(room.as_str()), &[], &ask("wrong")).await;
    assert_eq!(status, 400);
    let (status, _) = site.call("POST", &path(room.as_str()), &[], "{}").await;
    assert_eq!(status, 401);
    let speaker = site.home.access.speaker.secret.clone();
    let close = format!("/api/v1/rooms/{room}/status");
    site.call("PUT", &close, &[KEY], r#"{"status":"closed"}"#).await;
    let (status, _) = site.call("POST", &path(room.as_str()), &[], &ask(&speaker)).await;
    assert_eq!(status, 409);
}

#[tokio::test]
async fn a_speaker_cannot_record_and_a_moderator_can_see_why_not() {
    let site = site(true);
    let body = json!({ "roomId": site.home.room_id }).to_string();
    let speaker = site.token(&site.home.access.speaker.secret).await;
    let (status, _) =
        site.call("POST", "/api/v1/recordings", &[("x-room-member-token", &speaker)], &body).await;
    assert_eq!(status, 403);
    let moderator = site.token(&site.home.access.moderator.secret).await;
    let (status, answer) =
        site.call("POST", "/api/v1/recordings", &[("x-room-member-token", &moderator)], &body).await;
    assert_eq!(status, 409, "nobody is in the meeting yet: {answer}");
}

#[tokio::test]
async fn a_recording_is_made_listed_played_in_ranges_and_deleted() {
    let site = site(true);
    let body = json!({ "roomId": site.home.room_id }).to_string();
    let (status, made) = site.call("POST", "/api/v1/recordings", &[KEY], &body).await;
    assert_eq!((status.as_u16(), &made["status"]), (201, &json!("active")), "{made}");
    let id = made["recordingId"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/recordings/{id}");
    let (status, _) = site.call("POST", "/api/v1/recordings", &[KEY], &body).await;
    assert_eq!(status, 409);
    let (status, _) = site.call("DELETE", &path, &[KEY], "").await;
    assert_eq!(status, 409, "it still runs");
    let (status, _) = site.call("POST", &format!("{path}/stop"), &[KEY], "").await;
    assert_eq!(status, 202);
    let (status, _) = site.call("GET", &format!("{path}/media"), &[KEY], "").await;
    assert_eq!(status, 409, "it is not finished");
    site.finish(&id, b"0123456789");
    let (_, list) = site.call("GET", "/api/v1/recordings", &[KEY], "").await;
    assert_eq!(list["recordings"][0]["status"], "complete");
    let range = site.raw("GET", &format!("{path}/media"), &[KEY, ("range", "bytes=2-5")], "").await;
    assert_eq!(range.status(), 206);
    assert_eq!(range.headers()["content-range"], "bytes 2-5/10");
    let beyond = site.raw("GET", &format!("{path}/media"), &[KEY, ("range", "bytes=99-")], "").await;
    assert_eq!(beyond.status(), 416);
    let kept = site.raw("GET", &format!("{path}/download"), &[KEY], "").await;
    assert!(kept.headers()["content-disposition"].to_str().unwrap().contains(".mp4"));
    let (status, _) = site.call("DELETE", &path, &[KEY], "").await;
    assert_eq!(status, 200);
    let (status, _) = site.call("GET", &path, &[KEY], "").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn bad_requests_get_clear_answers() {
    let site = site(true);
    let json_path = "/api/v1/rooms";
    let cases = [
        ("POST", json_path, "{", 400),
        ("POST", json_path, r#"{"roomName":5}"#, 422),
        ("POST", json_path, r#"{"unknown":true}"#, 422),
        ("GET", "/api/v1/rooms?maxItems=0", "", 422),
        ("GET", "/api/v1/recordings?sortField=x", "", 422),
        ("GET", "/api/v1/recordings/..%2F..%2Fetc", "", 422),
        ("GET", "/api/v1/recordings/a--EG_b--c", "", 404),
        ("GET", "/api/v1/nothing", "", 404),
        ("POST", "/api/v1/panel/buttons/none", r#"{"action":"press"}"#, 404),
    ];
    for (method, path, body, expected) in cases {
        let (status, answer) = site.call(method, path, &[KEY], body).await;
        assert_eq!(status, expected, "{method} {path} {body}: {answer}");
        assert!(answer["message"].is_string(), "{method} {path}: {answer}");
    }
    let large = format!(r#"{{"roomName":"{}"}}"#, "x".repeat(300_000));
    let (status, _) = site.call("POST", json_path, &[KEY], &large).await;
    assert_eq!(status, 413);
    let (status, _) = site.call("GET", json_path, &[("x-api-key", "wrong")], "").await;
    assert_eq!(status, 401);
    let (status, _) = site.call("GET", json_path, &[], "").await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn the_panel_is_for_demo_mode_only() {
    let (status, _) = site(false).call("GET", "/api/v1/panel", &[], "").await;
    assert_eq!(status, 404);
    let (status, _) = site(true).call("GET", "/api/v1/panel", &[], "").await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn signalling_is_refused_before_the_upgrade() {
    let site = site(true);
    let answer = site.raw("GET", "/rtc/validate", &[], "").await;
    assert_eq!(answer.status(), 401);
    let answer = site.raw("GET", "/rtc/validate?access_token=a.b.c", &[], "").await;
    assert_eq!(answer.status(), 401);
    let token = site.token(&site.home.access.speaker.secret).await;
    let path = format!("/rtc/validate?access_token={token}");
    assert_eq!(site.raw("GET", &path, &[], "").await.status(), 200);
    let path = format!("/rtc/v1/validate?access_token={token}");
    assert_eq!(site.raw("GET", &path, &[], "").await.status(), 400, "join_request is missing");
    let path = format!("/rtc?access_token={token}");
    assert_eq!(site.raw("GET", &path, &[], "").await.status(), 404, "not a WebSocket");
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let committed = include_str!("../../../docs/openapi.json");
    assert!(committed == huddle_api::document(), "run: huddlebox openapi > docs/openapi.json");
}
