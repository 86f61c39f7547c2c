//! Users, groups, rooms and members by REST, as an administrator meets them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]
#![allow(dead_code, reason = "each test file uses a part of the kit")]

mod kit;

use kit::team::team;
use serde_json::{Value, json};

#[tokio::test]
async fn a_user_is_made_found_changed_and_deleted() {
    let team = team();
    let new = json!({ "userId": "anna_b", "name": " Anna  B ", "role": "room_manager", "password": "first password" });
    let (status, user) = team.ask("admin", "POST", "/api/v1/users", &new.to_string()).await;
    assert_eq!((status, &user["name"], &user["role"]), (201, &json!("Anna B"), &json!("user")), "{user}");
    assert_eq!(user["mustChangePassword"], true);
    assert!(user.to_string().find("argon2").is_none(), "no hash leaves the box");
    let (status, again) = team.ask("admin", "POST", "/api/v1/users", &new.to_string()).await;
    assert_eq!((status, &again["error"]), (409, &json!("User Error")));
    assert_eq!(again["code"], "user_exists", "programs need not read the text");

    let waits = async |caller: &str| {
        let (status, user) = team.ask(caller, "GET", "/api/v1/users/anna_b", "").await;
        assert_eq!(status, 200, "{caller}: {user}");
        (user["mustChangePassword"] == true, user["online"].is_boolean())
    };
    assert_eq!(waits("security").await, (true, true));
    assert_eq!(
        waits("other").await,
        (false, false),
        "who chooses people for a room is not told whose account waits"
    );
    let turned = json!({ "userId": "evil_b", "name": "evil \u{202e}bo", "role": "user", "password": "first password" });
    let (status, _) = team.ask("admin", "POST", "/api/v1/users", &turned.to_string()).await;
    assert_eq!(status, 422, "no name turns the text around it");

    let found = "/api/v1/users?name=anna&nameMatchMode=prefix&nameCaseInsensitive=TRUE";
    let (_, page) = team.ask("admin", "GET", found, "").await;
    assert_eq!(page["users"][0]["userId"], "anna_b");
    assert_eq!(page["pagination"]["isTruncated"], false);
    let (status, _) = team.ask("admin", "GET", "/api/v1/users?name=(&nameMatchMode=regex", "").await;
    assert_eq!(status, 422);

    let role = json!({ "role": "room_member" }).to_string();
    let (status, user) = team.ask("admin", "PUT", "/api/v1/users/anna_b/role", &role).await;
    assert_eq!((status, &user["role"]), (200, &json!("room_member")));
    let (status, _) = team.ask("admin", "DELETE", "/api/v1/users/anna_b", "").await;
    assert_eq!(status, 200);
    let (status, _) = team.ask("admin", "GET", "/api/v1/users/anna_b", "").await;
    assert_eq!(status, 404);
    let (_, log) = team.ask("security", "GET", "/api/v1/audit?maxItems=3&text=user.", "").await;
    let actions: Vec<&str> =
        log["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["user.delete", "user.setRole", "user.create"]);
    assert_eq!(
        (&log["entries"][0]["who"], &log["entries"][0]["address"]),
        (&json!("user:admin_two"), &json!("192.0.2.9"))
    );
}

#[tokio::test]
async fn nobody_changes_the_root_admin_or_themself() {
    let team = team();
    for id in ["admin", "admin_two"] {
        for (method, path, body) in [
            ("DELETE", format!("/api/v1/users/{id}"), String::new()),
            ("PUT", format!("/api/v1/users/{id}/role"), json!({ "role": "user" }).to_string()),
            (
                "PUT",
                format!("/api/v1/users/{id}/password"),
                json!({ "newPassword": "long enough 1" }).to_string(),
            ),
        ] {
            let (status, answer) = team.ask("admin", method, &path, &body).await;
            assert_eq!((status, &answer["error"]), (403, &json!("User Error")), "{method} {path}");
        }
    }
    let (status, outcome) =
        team.ask("admin", "DELETE", "/api/v1/users?userIds=other_u,admin,ghost", "").await;
    assert_eq!((status, &outcome["deleted"]), (400, &json!(["other_u"])));
    assert_eq!(outcome["failed"][0]["error"], "Cannot delete the root admin user");
    assert_eq!(outcome["failed"][1]["error"], "User not found");
}

#[tokio::test]
async fn a_deleted_owner_leaves_the_rooms_to_the_root_admin() {
    let team = team();
    let token = team.log_in("owner_u");
    let (status, _) = team.ask("admin", "DELETE", "/api/v1/users/owner_u", "").await;
    assert_eq!(status, 200);
    let (_, room) = team.ask("key", "GET", &format!("/api/v1/rooms/{}", team.room), "").await;
    assert_eq!(room["owner"], "admin");
    let bearer = format!("Bearer {token}");
    let (status, _) = team.site.call("GET", "/api/v1/users/me", &[("authorization", &bearer)], "").await;
    assert_eq!(status, 401, "the session died with its user");
}

#[tokio::test]
async fn an_api_key_works_from_its_creation_to_its_end() {
    let team = team();
    let (status, made) = team.ask("admin", "POST", "/api/v1/api-keys", r#"{"name":"Script"}"#).await;
    assert_eq!(status, 201, "{made}");
    let (id, key) = (made["keyId"].as_str().unwrap(), made["key"].as_str().unwrap());
    let (status, _) = team.site.call("GET", "/api/v1/users", &[("x-api-key", key)], "").await;
    assert_eq!(status, 200);
    let (_, list) = team.ask("admin", "GET", "/api/v1/api-keys", "").await;
    assert!(!list.to_string().contains(key), "a key is shown once");
    team.ask("admin", "DELETE", &format!("/api/v1/api-keys/{id}"), "").await;
    let (status, _) = team.site.call("GET", "/api/v1/users", &[("x-api-key", key)], "").await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn an_operator_group_gives_the_owners_powers_in_meetings_only() {
    let team = team();
    let group = json!({ "name": "Help desk", "operator": true, "members": ["other_u"] }).to_string();
    let token = format!("/api/v1/rooms/{}/members/token", team.room);
    let (status, _) = team.ask("other", "POST", &token, "{}").await;
    assert_eq!(status, 404, "who has nothing to do with the room does not learn of it");
    let (status, group) = team.ask("admin", "POST", "/api/v1/groups", &group).await;
    assert_eq!(status, 201, "{group}");
    let (status, _) = team.ask("other", "POST", &token, r#"{"joinMeeting":true}"#).await;
    assert_eq!(status, 200);
    let (status, _) = team.ask("other", "PATCH", &format!("/api/v1/rooms/{}", team.room), "{}").await;
    assert_eq!(status, 403, "the room is still not theirs");
    let path = format!("/api/v1/groups/{}", group["groupId"].as_str().unwrap());
    team.ask("admin", "PATCH", &path, r#"{"members":[]}"#).await;
    let (status, _) = team.ask("other", "POST", &token, "{}").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_room_is_made_with_everything_and_read_field_by_field() {
    let team = team();
    let new = json!({
        "roomName": "Board  room",
        "config": { "chat": { "enabled": false }, "maxParticipants": 4, "recording": { "enabled": true, "layout": "speaker" } },
        "roles": { "speaker": { "permissions": { "canRecord": true } } },
        "access": { "anonymous": { "speaker": { "enabled": false } }, "user": { "enabled": true } },
    });
    let (status, room) =
        team.ask("owner", "POST", "/api/v1/rooms?extraFields=config,roles", &new.to_string()).await;
    assert_eq!(status, 201, "{room}");
    assert_eq!((&room["roomName"], &room["owner"]), (&json!("Board room"), &json!("owner_u")));
    assert_eq!(
        (&room["config"]["chat"]["enabled"], &room["config"]["maxParticipants"]),
        (&json!(false), &json!(4))
    );
    assert_eq!(room["roles"]["speaker"]["permissions"]["canRecord"], true);
    assert_eq!(room["access"]["anonymous"]["speaker"]["enabled"], false);
    let id = room["roomId"].as_str().unwrap();
    let (_, few) = team.ask("owner", "GET", &format!("/api/v1/rooms/{id}?fields=roomName"), "").await;
    assert_eq!(few, json!({ "roomName": "Board room", "_extraFields": ["config", "roles"] }));
    let (_, seen) = team.ask("other", "GET", &format!("/api/v1/rooms/{id}"), "").await;
    assert!(
        seen["access"]["anonymous"]["moderator"].get("url").is_none(),
        "links are for those who may share them"
    );
    let wrong = json!({ "config": { "maxParticipants": 0 } }).to_string();
    let (status, answer) = team.ask("owner", "POST", "/api/v1/rooms", &wrong).await;
    assert_eq!((status, &answer["details"][0]["field"]), (422, &json!("config.maxParticipants")));
}

#[tokio::test]
async fn two_admins_who_edit_the_same_room_lose_nothing() {
    let team = team();
    let path = format!("/api/v1/rooms/{}", team.room);
    let key = ("x-api-key", "the-key");
    let read = team.site.raw("GET", &path, &[key], "").await;
    let tag = read.headers()["etag"].to_str().unwrap().to_owned();
    let change = r#"{"roomName":"One"}"#;
    let (status, _) = team.site.call("PATCH", &path, &[key, ("if-match", &tag)], change).await;
    assert_eq!(status, 200);
    let (status, answer) = team
        .site
        .call("PUT", &format!("{path}/config"), &[key, ("if-match", &tag)], r#"{"config":{}}"#)
        .await;
    assert_eq!((status.as_u16(), &answer["error"]), (412, &json!("Precondition Failed")));
    let (status, _) = team.site.call("PATCH", &path, &[key], change).await;
    assert_eq!(status, 200, "without If-Match it is unconditional");
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_while_rooms_come_and_go() {
    let team = team();
    for n in 0..25 {
        let body = json!({ "roomName": format!("Room {n:02}") }).to_string();
        team.ask("owner", "POST", "/api/v1/rooms", &body).await;
    }
    let first = "/api/v1/rooms?owner=owner_u&sortField=roomName&sortOrder=asc&maxItems=10&roomName=Room&roomNameMatchMode=prefix";
    let (_, page) = team.ask("owner", "GET", first, "").await;
    let mut names: Vec<Value> =
        page["rooms"].as_array().unwrap().iter().map(|r| r["roomName"].clone()).collect();
    let last = page["rooms"][9]["roomId"].as_str().unwrap().to_owned();
    team.ask("owner", "DELETE", &format!("/api/v1/rooms/{last}"), "").await;
    let mut token = page["pagination"]["nextPageToken"].clone();
    while let Some(next) = token.as_str() {
        let (_, page) = team.ask("owner", "GET", &format!("{first}&nextPageToken={next}"), "").await;
        names.extend(page["rooms"].as_array().unwrap().iter().map(|r| r["roomName"].clone()));
        token = page["pagination"]["nextPageToken"].clone();
    }
    let expected: Vec<Value> = (0..25).map(|n| json!(format!("Room {n:02}"))).collect();
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_member_s_rights_are_the_role_s_with_their_own_deviations() {
    let team = team();
    let members = format!("/api/v1/rooms/{}/members", team.room);
    let change = json!({ "customPermissions": { "canRecord": true, "canWriteChat": false } }).to_string();
    let path = format!("{members}/{}?extraFields=effectivePermissions", team.external);
    let (status, member) = team.ask("owner", "PATCH", &path, &change).await;
    assert_eq!(status, 200, "{member}");
    let rights = &member["effectivePermissions"];
    assert_eq!(
        (&rights["canRecord"], &rights["canWriteChat"], &rights["canKickParticipants"]),
        (&json!(true), &json!(false), &json!(false))
    );
    assert!(member["accessUrl"].as_str().unwrap().contains("secret="));
    // The public id opens nothing.
    let token = format!("/api/v1/rooms/{}/members/token", team.room);
    let ask = json!({ "secret": team.external, "joinMeeting": true }).to_string();
    let (status, _) = team.site.call("POST", &token, &[], &ask).await;
    assert_eq!(status, 400);
    // Their own link makes them who they are, whatever name they give.
    let ask =
        json!({ "secret": team.secret, "joinMeeting": true, "participantName": "Somebody else" }).to_string();
    let (status, issued) = team.site.call("POST", &token, &[], &ask).await;
    assert_eq!(status, 200, "{issued}");
    let claims = claims(issued["token"].as_str().unwrap());
    assert_eq!((&claims["sub"], &claims["name"]), (&json!(team.external), &json!("Guest")));
    // Deleted, the link and the token are dead.
    let token_of_guest = issued["token"].as_str().unwrap();
    team.ask("owner", "DELETE", &format!("{members}/{}", team.external), "").await;
    let (status, _) = team.site.call("POST", &token, &[], &ask).await;
    assert_eq!(status, 400);
    let header = ("x-room-member-token", token_of_guest);
    let (status, _) = team.site.call("GET", &format!("/api/v1/rooms/{}", team.room), &[header], "").await;
    assert_eq!(status, 401);
    for (body, expected) in [
        (json!({ "userId": "owner_u", "baseRole": "speaker" }), 409),
        (json!({ "userId": "admin_two", "baseRole": "speaker" }), 409),
        (json!({ "userId": "member_u", "baseRole": "speaker" }), 409),
        (json!({ "userId": "nobody_u", "baseRole": "speaker" }), 404),
        (json!({ "userId": "other_u", "name": "x", "baseRole": "speaker" }), 422),
        (json!({ "name": "x", "baseRole": "boss" }), 422),
        (json!({ "name": "x", "baseRole": "speaker", "customPermissions": { "canFly": true } }), 422),
    ] {
        let (status, answer) = team.ask("owner", "POST", &members, &body.to_string()).await;
        assert_eq!(status, expected, "{body}: {answer}");
    }
}

/// The middle part of a JWT.
fn claims(token: &str) -> Value {
    use base64::Engine;
    let middle = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
}
