//! REST as callers see it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]

mod kit;

use kit::{Headers, Site, site};
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
    let guest = site.token(site.home.access.speaker.secret.reveal()).await;
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
    let (status, _) = site.call("POST", &path(room.as_str()), &[], &ask(speaker.reveal())).await;
    assert_eq!(status, 409);
}

#[tokio::test]
async fn a_speaker_cannot_record_and_a_moderator_can_see_why_not() {
    let site = site(true);
    let body = json!({ "roomId": site.home.room_id }).to_string();
    let speaker = site.token(site.home.access.speaker.secret.reveal()).await;
    let (status, _) =
        site.call("POST", "/api/v1/recordings", &[("x-room-member-token", &speaker)], &body).await;
    assert_eq!(status, 403);
    let moderator = site.token(site.home.access.moderator.secret.reveal()).await;
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
    let media = format!("{path}/media");
    let beyond = site.raw("GET", &media, &[KEY, ("range", "bytes=99-")], "").await;
    assert_eq!(beyond.status(), 416);
    assert_eq!(beyond.headers()["content-range"], "bytes */10");
    let (_, words) = site.call("GET", &media, &[KEY, ("range", "bytes=99-")], "").await;
    assert_eq!(words["error"], "Recording Error");
    let tail = site.raw("GET", &media, &[KEY, ("range", "bytes=-3")], "").await;
    assert_eq!(
        (tail.status().as_u16(), tail.headers()["content-range"].to_str().unwrap()),
        (206, "bytes 7-9/10")
    );
    for odd in ["bytes=0-1,4-5", "bytes=5-2", "lines=1-2", "bytes=x"] {
        let whole = site.raw("GET", &media, &[KEY, ("range", odd)], "").await;
        assert_eq!(
            (whole.status().as_u16(), whole.headers()["content-length"].to_str().unwrap()),
            (200, "10"),
            "{odd}"
        );
    }
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
        ("GET", "/api/v1/rooms?maxItems=0", "", 422),
        ("GET", "/api/v1/recordings?sortField=x", "", 422),
        ("GET", "/api/v1/recordings/..%2F..%2Fetc", "", 422),
        ("GET", "/api/v1/recordings/a--EG_b--c", "", 404),
        ("GET", "/api/v1/recordings?nextPageToken=%00garbage", "", 422),
        ("GET", "/api/v1/rooms?nextPageToken=a/b", "", 422),
        ("GET", "/api/v1/nothing", "", 404),
        ("GET", "/api/v2/rooms", "", 404),
        ("GET", "/api/nothing", "", 404),
        ("PATCH", "/api/v1/rooms", "", 405),
        ("DELETE", "/meet/api/v1/auth/login", "", 405),
        ("POST", "/api/v1/recordings", r#"{"roomId":"x","config":{"layout":"circle"}}"#, 422),
        ("POST", "/api/v1/recordings", r#"{"roomId":"x","config":{"encoding":"VP8"}}"#, 422),
        ("POST", "/api/v1/recordings", r#"{"roomId":"x","config":{"colour":1}}"#, 422),
        ("POST", "/api/v1/panel/buttons/none", r#"{"action":"press"}"#, 404),
    ];
    for (method, path, body, expected) in cases {
        let (status, answer) = site.call(method, path, &[KEY], body).await;
        assert_eq!(status, expected, "{method} {path} {body}: {answer}");
        assert!(answer["message"].is_string() && answer["code"].is_string(), "{method} {path}: {answer}");
    }
    let large = format!(r#"{{"roomName":"{}"}}"#, "x".repeat(300_000));
    let said = ("content-length", "300015");
    for headers in [vec![KEY], vec![KEY, said]] {
        let (status, answer) = site.call("POST", json_path, &headers, &large).await;
        assert_eq!((status.as_u16(), &answer["code"]), (413, &"payload_too_large".into()), "{answer}");
    }
    for body in ["[]", r#"["a","b"]"#, r#"{"roomName":7}"#] {
        let (status, answer) = site.call("POST", json_path, &[KEY], body).await;
        let detail = &answer["details"][0];
        assert_eq!(status, 422, "{answer}");
        let text = detail["message"].as_str().unwrap();
        assert!(text.starts_with("invalid type: ") && !text.contains("struct"), "{body}: {answer}");
    }
    let (status, _) = site.call("GET", json_path, &[("x-api-key", "wrong")], "").await;
    assert_eq!(status, 401);
    let (status, _) = site.call("GET", json_path, &[], "").await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_recording_takes_the_layout_it_is_asked_for() {
    let site = site(true);
    let config = json!({ "layout": "speaker", "encoding": "H264_720P_30" });
    let body = json!({ "roomId": site.home.room_id, "config": config }).to_string();
    let (status, made) = site.call("POST", "/api/v1/recordings", &[KEY], &body).await;
    assert_eq!((status.as_u16(), &made["layout"]), (201, &json!("speaker")), "{made}");
}

/// A finished recording of the home room.
async fn film(site: &Site) -> String {
    let body = json!({ "roomId": site.home.room_id }).to_string();
    let (_, made) = site.call("POST", "/api/v1/recordings", &[KEY], &body).await;
    let id = made["recordingId"].as_str().unwrap().to_owned();
    site.call("POST", &format!("/api/v1/recordings/{id}/stop"), &[KEY], "").await;
    site.finish(&id, b"0123456789");
    id
}

async fn ticket(site: &Site, id: &str, headers: kit::Headers<'_>) -> String {
    let path = format!("/api/v1/recordings/{id}?tickets=true");
    let (status, body) = site.call("GET", &path, headers, "").await;
    assert_eq!(status, 200, "{body}");
    body["ticket"].as_str().unwrap().to_owned()
}

async fn status_of(site: &Site, method: &str, path: &str) -> u16 {
    site.raw(method, path, &[], "").await.status().as_u16()
}

#[tokio::test]
async fn a_ticket_opens_the_files_of_one_recording_and_nothing_else() {
    let site = site(true);
    let (one, other) = (film(&site).await, film(&site).await);
    let ticket = ticket(&site, &one, &[KEY]).await;
    let at = |id: &str, what: &str| format!("/api/v1/recordings/{id}{what}?ticket={ticket}");
    assert_eq!(status_of(&site, "GET", &at(&one, "/media")).await, 200);
    assert_eq!(status_of(&site, "HEAD", &at(&one, "/download")).await, 200);
    assert_eq!(status_of(&site, "GET", &at(&other, "/media")).await, 401);
    assert_eq!(status_of(&site, "GET", &at(&one, "")).await, 401, "not the record");
    assert_eq!(status_of(&site, "DELETE", &at(&one, "")).await, 401);
    assert_eq!(status_of(&site, "POST", &at(&one, "/stop")).await, 401);
    let (_, list) = site.call("GET", "/api/v1/recordings?tickets=true", &[KEY], "").await;
    assert!(list["recordings"][0]["ticket"].is_string());
    let (_, list) = site.call("GET", "/api/v1/recordings", &[KEY], "").await;
    assert!(list["recordings"][0]["ticket"].is_null(), "only for those who ask");
}

#[tokio::test]
async fn a_ticket_dies_with_the_login() {
    let site = site(true);
    let id = film(&site).await;
    let media = |ticket: &str| format!("/api/v1/recordings/{id}/media?ticket={ticket}");
    let (_, body) = login(&site, "right password").await;
    let access = bearer(&body, "accessToken");
    let mine = ticket(&site, &id, &[("authorization", &access)]).await;
    assert_eq!(status_of(&site, "GET", &media(&mine)).await, 200);
    site.call("POST", "/api/v1/auth/logout", &[("authorization", &access)], "").await;
    assert_eq!(status_of(&site, "GET", &media(&mine)).await, 401);
    let guest = site.token(site.home.access.speaker.secret.reveal()).await;
    let theirs = ticket(&site, &id, &[("x-room-member-token", &guest)]).await;
    assert_eq!(status_of(&site, "GET", &media(&theirs)).await, 200);
    let other_room = theirs.replace(|c: char| c.is_ascii_uppercase(), "a");
    assert_eq!(status_of(&site, "GET", &media(&other_room)).await, 401, "a changed ticket");
}

#[tokio::test]
async fn no_other_token_counts_in_an_address() {
    let site = site(true);
    let id = film(&site).await;
    let (_, body) = login(&site, "right password").await;
    let access = body["accessToken"].as_str().unwrap();
    let member = site.token(site.home.access.moderator.secret.reveal()).await;
    for token in [format!("accessToken={access}"), format!("roomMemberToken={member}")] {
        for path in [format!("/recordings/{id}/media"), "/recordings".to_owned(), "/box".to_owned()] {
            let path = format!("/api/v1{path}?{token}");
            assert_eq!(status_of(&site, "GET", &path).await, 401, "{path}");
        }
    }
    for token in [access, member.as_str(), "x"] {
        let path = format!("/api/v1/recordings/{id}/media?ticket={token}");
        assert_eq!(status_of(&site, "GET", &path).await, 401, "it is no ticket");
    }
}

#[tokio::test]
async fn other_origins_may_call_with_a_token_but_not_touch_the_panel() {
    let site = site(true);
    let origin = ("origin", "https://app.example");
    let rooms = site.raw("GET", "/api/v1/rooms", &[KEY, origin], "").await;
    assert_eq!(rooms.status(), 200);
    assert_eq!(rooms.headers()["access-control-allow-origin"], "*");
    assert!(!rooms.headers().contains_key("access-control-allow-credentials"));
    let asks =
        [origin, ("access-control-request-method", "POST"), ("access-control-request-headers", "x-api-key")];
    let allowed = site.raw("OPTIONS", "/api/v1/rooms", &asks, "").await;
    assert!(allowed.headers().contains_key("access-control-allow-origin"));
    let knock = site.raw("GET", "/rtc/validate", &[origin], "").await;
    assert_eq!(knock.headers()["access-control-allow-origin"], "*", "on errors too");

    let press = r#"{"action":"press"}"#;
    let button = "/api/v1/panel/buttons/record";
    for foreign in
        [origin, ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "null")]
    {
        assert_eq!(site.raw("POST", button, &[foreign], press).await.status(), 403, "{foreign:?}");
        assert_eq!(site.raw("GET", "/api/v1/panel", &[foreign], "").await.status(), 403);
        assert_eq!(site.raw("GET", "/meet/api/v1/panel", &[foreign], "").await.status(), 403);
    }
    let asked = site.raw("OPTIONS", button, &asks, "").await;
    assert!(!asked.headers().contains_key("access-control-allow-origin"));
    for own in [("origin", "http://box:8080"), ("sec-fetch-site", "same-origin"), ("accept", "*/*")] {
        let pressed = site.raw("POST", button, &[own], press).await;
        assert_eq!(pressed.status(), 202, "{own:?}");
        assert!(!pressed.headers().contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn an_installed_box_limits_calls_also_of_signalling_and_twirp() {
    for path in ["/api/v1/info", "/rtc/validate", "/twirp/livekit.RoomService/ListRooms"] {
        let site = site(false);
        let mut refused = None;
        for _ in 0..260 {
            let answer = site.raw("GET", path, &[], "").await;
            if answer.status() == 429 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.unwrap_or_else(|| panic!("{path} has no limit"));
        let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds));
        let other = site.raw("GET", "/api/v1/info", &[], "").await;
        assert_eq!(other.status(), 429, "one allowance for all");
        let page = site.raw("GET", "/", &[], "").await;
        assert_ne!(page.status(), 429, "pages are not counted");
    }
    let demo = site(true);
    for _ in 0..260 {
        assert_eq!(demo.raw("GET", "/api/v1/info", &[], "").await.status(), 200);
    }
}

#[tokio::test]
async fn a_mistake_in_the_rules_answers_500_and_the_next_call_works() {
    let site = site(true);
    let asked = huddle_api::control::ask(&*site.fake, |_, _| -> u8 { panic!("a mistake") }).await;
    assert_eq!(asked, Err(huddle_core::state::Refusal::Failed));
    let answer = huddle_api::error::ApiError::from(huddle_core::state::Refusal::Failed);
    assert_eq!(answer.status(), 500);
    assert_eq!(site.call("GET", "/api/v1/rooms", &[KEY], "").await.0, 200);
}

#[tokio::test]
async fn an_api_key_makes_no_guest_the_administrator() {
    let site = site(true);
    let path = format!("/api/v1/rooms/{}/members/token", site.home.room_id);
    let secret = site.home.access.speaker.secret.reveal();
    let ask = json!({ "secret": secret, "joinMeeting": true, "participantName": "Ann" }).to_string();
    let (status, issued) = site.call("POST", &path, &[KEY], &ask).await;
    assert_eq!(status, 200, "{issued}");
    let token = bearer(&issued, "token");
    let body = json!({ "roomId": site.home.room_id }).to_string();
    let (status, _) =
        site.call("POST", "/api/v1/recordings", &[("x-room-member-token", &token)], &body).await;
    assert_eq!(status, 403, "a speaker stays a speaker");
}

#[tokio::test]
async fn tries_at_the_same_time_are_all_counted() {
    let site = site(false);
    let tries = (0..12).map(|_| login(&site, "wrong"));
    let statuses: Vec<u16> =
        futures_util::future::join_all(tries).await.into_iter().map(|(s, _)| s).collect();
    let looked_at = statuses.iter().filter(|s| **s == 401).count();
    assert!(looked_at <= 6, "counted before the password is looked at: {statuses:?}");
    let body = json!({ "userId": "admin", "password": "wrong" }).to_string();
    let waits = site.raw("POST", "/api/v1/auth/login", &[], &body).await;
    assert_eq!(waits.status(), 429);
    assert!(waits.headers().contains_key("retry-after"));
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
    let token = site.token(site.home.access.speaker.secret.reveal()).await;
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

#[tokio::test]
async fn an_encoding_comes_by_name_or_value_by_value() {
    let site = site(false);
    let path = format!("/api/v1/rooms/{}/config", site.home.room_id);
    let key: Headers<'_> = &[("x-api-key", "the-key")];
    let video = r#"{"width":1280,"height":720,"framerate":30,"codec":"H264_MAIN","bitrate":4500,"keyFrameInterval":4,"depth":24}"#;
    let audio = r#"{"codec":"OPUS","bitrate":128,"frequency":48000}"#;
    let good = [r#""H264_1080P_30""#.to_owned(), format!(r#"{{"video":{video},"audio":{audio}}}"#)];
    for encoding in good {
        let body = format!(r#"{{"config":{{"recording":{{"enabled":true,"encoding":{encoding}}}}}}}"#);
        let (status, answer) = site.call("PUT", &path, key, &body).await;
        assert_eq!(status, 200, "{answer}");
        let wanted: serde_json::Value = serde_json::from_str(&encoding).unwrap();
        assert_eq!(answer["recording"]["encoding"], wanted);
    }
    let bad = [
        (
            r#""H265""#.to_owned(),
            "config.recording.encoding",
            "Invalid encoding preset. Must be one of: H264_720P_30,",
        ),
        (
            format!(r#"{{"video":{video}}}"#),
            "config.recording.encoding",
            "Both video and audio configuration",
        ),
        (
            format!(r#"{{"video":{{"width":1}},"audio":{audio}}}"#),
            "config.recording.encoding.video",
            "required fields are missing: height, framerate, codec, bitrate, keyFrameInterval, depth",
        ),
        (
            format!(r#"{{"video":{},"audio":{audio}}}"#, video.replace("1280", "0")),
            "config.recording.encoding.video.width",
            "greater than 0",
        ),
        (
            format!(r#"{{"video":{},"audio":{audio}}}"#, video.replace("1280", "-1")),
            "config.recording.encoding",
            "-1",
        ),
    ];
    for (encoding, field, text) in bad {
        let body = format!(r#"{{"config":{{"recording":{{"enabled":true,"encoding":{encoding}}}}}}}"#);
        let (status, answer) = site.call("PUT", &path, key, &body).await;
        assert_eq!((status.as_u16(), &answer["details"][0]["field"]), (422, &field.into()), "{answer}");
        let message = answer["details"][0]["message"].as_str().unwrap();
        assert!(message.contains(text), "{message}");
    }
}

#[tokio::test]
async fn who_may_see_recordings_is_a_preset_over_the_roles() {
    let site = site(false);
    let path = format!("/api/v1/rooms/{}/roles", site.home.room_id);
    let key: Headers<'_> = &[("x-api-key", "the-key")];
    for (access, expected) in [
        ("admin", [false, false, false, false]),
        ("admin_moderator", [true, true, false, false]),
        ("admin_moderator_speaker", [true, true, true, false]),
    ] {
        let body = format!(r#"{{"roles":{{"recordingAccess":"{access}"}}}}"#);
        let (status, roles) = site.call("PUT", &path, key, &body).await;
        assert_eq!(status, 200, "{roles}");
        assert_eq!(roles["recordingAccess"], access);
        let may = |role: &str, what: &str| roles[role]["permissions"][what].as_bool().unwrap();
        let (see, delete) = ("canRetrieveRecordings", "canDeleteRecordings");
        let got =
            [may("moderator", see), may("moderator", delete), may("speaker", see), may("speaker", delete)];
        assert_eq!(got, expected, "{access}");
    }
    let own = r#"{"roles":{"speaker":{"permissions":{"canDeleteRecordings":true}}}}"#;
    let (_, roles) = site.call("PUT", &path, key, own).await;
    assert_eq!(roles["recordingAccess"], serde_json::Value::Null, "permissions of its own");
}

#[tokio::test]
async fn the_box_s_own_room_can_be_another_one() {
    let site = site(false);
    let key: Headers<'_> = &[("x-api-key", "the-key")];
    let (_, room) = site.call("POST", "/api/v1/rooms", key, r#"{"roomName":"Attic"}"#).await;
    let id = room["roomId"].as_str().unwrap();
    let choose = |id: &str| format!(r#"{{"roomId":"{id}"}}"#);
    assert_eq!(site.call("PUT", "/api/v1/box/home-room", key, &choose("none")).await.0, 404);
    let closed = format!("/api/v1/rooms/{id}/status");
    site.call("PUT", &closed, key, r#"{"status":"closed"}"#).await;
    assert_eq!(site.call("PUT", "/api/v1/box/home-room", key, &choose(id)).await.0, 409, "closed");
    site.call("PUT", &closed, key, r#"{"status":"open"}"#).await;
    let (status, home) = site.call("PUT", "/api/v1/box/home-room", key, &choose(id)).await;
    assert_eq!((status.as_u16(), &home["roomId"]), (200, &room["roomId"]));
    let (_, about) = site.call("GET", "/api/v1/box", key, "").await;
    assert_eq!(about["homeRoom"], home);
    let (status, _) = site.call("DELETE", &format!("/api/v1/rooms/{id}"), key, "").await;
    assert_eq!(status, 409, "it is the box's own now");
    let old = format!("/api/v1/rooms/{}", site.home.room_id);
    assert_eq!(site.call("DELETE", &old, key, "").await.0, 200);
}
