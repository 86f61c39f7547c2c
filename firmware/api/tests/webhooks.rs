//! Webhooks over REST (`features.md` I3).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]
#![allow(dead_code, reason = "each test file uses a part of the kit")]

mod kit;

use huddle_api::control::{Control, Job};
use kit::{Headers, Site, site};
use serde_json::{Value, json};

const KEY: Headers<'static> = &[("x-api-key", "the-key")];

async fn call(site: &Site, method: &str, path: &str, body: Value) -> (u16, Value) {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let (status, body) = site.call(method, &format!("/api/v1/webhooks{path}"), KEY, &text).await;
    (status.as_u16(), body)
}

async fn made(site: &Site, body: Value) -> Value {
    let (status, made) = call(site, "POST", "", body).await;
    assert_eq!(status, 201, "{made}");
    made
}

#[tokio::test]
async fn a_webhook_lives_from_creation_to_deletion_and_shows_its_secret_once() {
    let site = site(false);
    let asked = json!({ "url": "https://hooks.example.com/a", "events": ["meetingStarted"],
        "roomId": site.home.room_id });
    let made = made(&site, asked.clone()).await;
    let id = made["webhookId"].as_str().unwrap();
    assert!(id.starts_with("wh-"));
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec-") && secret.len() > 40);
    assert_eq!(made["enabled"], true);
    let (_, listed) = call(&site, "GET", "", Value::Null).await;
    let (_, read) = call(&site, "GET", &format!("/{id}"), Value::Null).await;
    assert_eq!(listed["webhooks"], json!([read]));
    assert_eq!(read.get("secret"), None);
    assert_eq!(read["events"], json!(["meetingStarted"]));

    let replaced = json!({ "url": "https://hooks.example.com/b", "enabled": false });
    let (status, replaced) = call(&site, "PUT", &format!("/{id}"), replaced).await;
    assert_eq!(status, 200);
    assert_eq!((replaced.get("events"), replaced.get("roomId")), (None, None), "replaced as a whole");
    assert_eq!(replaced["creationDate"], made["creationDate"]);
    assert_eq!(replaced.get("secret"), None);

    let (status, renewed) = call(&site, "POST", &format!("/{id}/secret"), Value::Null).await;
    assert_eq!(status, 200);
    assert_ne!(renewed["secret"], secret);

    let stale = [KEY[0], ("if-match", "\"0\"")];
    let path = format!("/api/v1/webhooks/{id}");
    assert_eq!(site.call("DELETE", &path, &stale, "").await.0, 412, "changed twice meanwhile");
    assert_eq!(call(&site, "DELETE", &format!("/{id}"), Value::Null).await.0, 200);
    assert_eq!(call(&site, "GET", &format!("/{id}"), Value::Null).await.0, 404);
    let (_, log) = site.call("GET", "/api/v1/audit", KEY, "").await;
    let actions: Vec<&str> =
        log["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    let expected = ["webhook.delete", "webhook.renewSecret", "webhook.update", "webhook.create"];
    assert_eq!(actions, expected);
    assert!(!log.to_string().contains(&secret) && !log.to_string().contains("/a"), "no secrets in the log");
}

#[tokio::test]
async fn mistakes_name_their_field_and_a_box_keeps_twenty() {
    let site = site(false);
    for (body, field) in [
        (json!({ "url": "ftp://hooks.example.com" }), "url"),
        (json!({ "url": "http://127.0.0.1/" }), "url"),
        (json!({ "url": "https://hooks.example.com", "events": [] }), "events"),
    ] {
        let (status, answer) = call(&site, "POST", "", body).await;
        assert_eq!((status, &answer["details"][0]["field"]), (422, &json!(field)), "{answer}");
    }
    let unknown = json!({ "url": "https://hooks.example.com", "events": ["meetingPaused"] });
    assert_eq!(call(&site, "POST", "", unknown).await.0, 422);
    let nowhere = json!({ "url": "https://hooks.example.com", "roomId": "nowhere" });
    assert_eq!(call(&site, "POST", "", nowhere).await.0, 404);
    for _ in 0..20 {
        made(&site, json!({ "url": "https://hooks.example.com" })).await;
    }
    assert_eq!(call(&site, "POST", "", json!({ "url": "https://hooks.example.com" })).await.0, 409);
}

#[tokio::test]
async fn the_test_says_what_came_of_it() {
    let site = site(false);
    let good = made(&site, json!({ "url": "https://hooks.example.com/" })).await;
    let path = format!("/{}/test", good["webhookId"].as_str().unwrap());
    assert_eq!(call(&site, "POST", &path, Value::Null).await.1["message"], "Webhook URL is valid");
    let why = [
        (
            "https://down.example.com/",
            "Connection refused by server",
            ("url", "Connection refused by server"),
        ),
        ("https://ill.example.com/", "Server error (500 Internal Server Error)", ("status", "500")),
    ];
    for (url, reason, (field, message)) in why {
        let bad = made(&site, json!({ "url": url })).await;
        let path = format!("/{}/test", bad["webhookId"].as_str().unwrap());
        let (status, answer) = call(&site, "POST", &path, Value::Null).await;
        assert_eq!((status, &answer["error"]), (400, &json!("Webhook Error")));
        assert_eq!(answer["message"], format!("Webhook URL '{url}' is invalid: {reason}"));
        assert_eq!(answer["details"], json!([{ "field": field, "message": message }]));
    }
}

#[tokio::test]
async fn the_log_is_paged_newest_first_and_filtered() {
    let site = site(false);
    let id = made(&site, json!({ "url": "https://hooks.example.com/" })).await["webhookId"].clone();
    let log = format!("/{}/deliveries", id.as_str().unwrap());
    let room = site.home.room_id.clone();
    let meetings: Job = Box::new(move |state, ctx| {
        for _ in 0..3 {
            state
                .start_recording(
                    &room,
                    huddle_core::state::StartedBy::Box,
                    huddle_core::recording::RecordingWishes::default(),
                    ctx,
                )
                .unwrap();
            state.end_meeting(&room, ctx).unwrap();
            let id = state.status(ctx.now).recording.recording_id.clone().unwrap();
            let outcome = huddle_core::state::RecordingOutcome::Complete;
            state.recording_ended(&id, &outcome, None, ctx);
        }
    });
    assert!(site.fake.run(meetings, Box::new(|_| {})));
    let (status, first) = call(&site, "GET", &format!("{log}?maxItems=4"), Value::Null).await;
    assert_eq!(status, 200, "{first}");
    assert_eq!(first["deliveries"].as_array().unwrap().len(), 4);
    assert_eq!(first["deliveries"][0]["event"], "recordingEnded");
    assert_eq!(first["deliveries"][0]["state"], "waiting");
    let token = first["pagination"]["nextPageToken"].as_str().unwrap();
    let (_, next) =
        call(&site, "GET", &format!("{log}?maxItems=100&nextPageToken={token}"), Value::Null).await;
    assert_eq!(next["pagination"]["isTruncated"], false);
    let last = next["deliveries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((last["event"].clone(), last["attempts"].clone()), (json!("meetingStarted"), json!(0)));
    let (_, none) = call(&site, "GET", &format!("{log}?state=failed"), Value::Null).await;
    assert_eq!(none["deliveries"], json!([]));
    assert_eq!(call(&site, "GET", &format!("{log}?state=lost"), Value::Null).await.0, 422);
}
