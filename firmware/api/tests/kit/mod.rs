#![allow(dead_code, reason = "each test file uses a part of it")]
//! The site over a real `BoxState`, without SFU, media, disk and sockets.

pub(crate) mod team;

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode};
use axum::{Extension, Router};
use huddle_api::auth::key_digest;
use huddle_api::control::{AuditQuery, Control, DataPacket, Fault, Job, News, Saved, Signal};
use huddle_api::{Config, Scheme, router};
use huddle_core::account::{ApiKeyRecord, Role, User};
use huddle_core::audit::{Actor, AuditEntry};
use huddle_core::button::Button;
use huddle_core::ids::{Identity, RecordingId, RoomId, TrackSid, UserId};
use huddle_core::indicator::Leds;
use huddle_core::listing::Page;
use huddle_core::room::Room;
use huddle_core::state::{
    Admitted, AutoJoin, BoxState, BoxStatus, Ctx, Effect, Entropy, NewRoom, Now, Refusal, Settings, Stored,
    Write, make_room,
};
use huddle_core::units::UnixMillis;
use huddle_core::webhook::{Outcome, Webhook};
use huddle_livekit::admission::Connect;
use huddle_livekit::proto;
use huddle_livekit::token::ApiKey;
use serde_json::Value;
use tokio::sync::broadcast;
use tower::ServiceExt;

pub(crate) struct Random;

impl Entropy for Random {
    fn alphanumeric(&mut self, len: usize) -> String {
        use rand::RngExt;
        rand::rng().sample_iter(rand::distr::Alphanumeric).take(len).map(char::from).collect()
    }
}

/// A control that does everything at once and starts recordings by itself.
pub(crate) struct Fake {
    state: Mutex<BoxState>,
    audit: Mutex<Vec<AuditEntry>>,
    news: broadcast::Sender<News>,
}

/// The moment of the test's start: no wait is over because the machine is busy.
fn now() -> Now {
    static START: LazyLock<Duration> = LazyLock::new(|| std::time::UNIX_EPOCH.elapsed().unwrap());
    let since = *START;
    Now { mono: since, wall: UnixMillis(u64::try_from(since.as_millis()).unwrap()) }
}

impl Fake {
    fn apply(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Persist(Write::Audit(entry)) => self.audit.lock().unwrap().push(entry),
                Effect::RecordingChanged { recording } => {
                    let _ = self.news.send(News::Recording(Arc::from(recording)));
                }
                Effect::RecordStart { recording, .. } => {
                    let mut state = self.state.lock().unwrap();
                    let mut ctx = Ctx { now: now(), entropy: &mut Random, actor: Actor::this_box() };
                    state.recording_started(&recording.recording_id, &mut ctx);
                    let more = state.take_effects();
                    drop(state);
                    self.apply(more);
                }
                _ => {}
            }
        }
    }
}

#[async_trait]
impl Control for Fake {
    fn run(&self, job: Job, saved: Saved) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ctx = Ctx { now: now(), entropy: &mut Random, actor: Actor::this_box() };
        // As the conductor does it.
        let _ = catch_unwind(AssertUnwindSafe(|| job(&mut state, &mut ctx)));
        let effects = state.take_effects();
        drop(state);
        self.apply(effects);
        saved(Ok(()));
        true
    }

    fn status(&self) -> Arc<BoxStatus> {
        Arc::new(self.state.lock().unwrap().status(now()))
    }

    fn news(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    async fn audit(&self, query: AuditQuery) -> Result<Page<AuditEntry>, Refusal> {
        let fits =
            |e: &&AuditEntry| query.fits(e) && query.before.as_ref().is_none_or(|before| e.id < *before);
        let log = self.audit.lock().unwrap();
        let mut items: Vec<AuditEntry> =
            log.iter().rev().filter(fits).take(query.most + 1).cloned().collect();
        let truncated = items.len() > query.most;
        items.truncate(query.most);
        Ok(Page { items, truncated })
    }

    async fn test_webhook(&self, webhook: Webhook) -> Outcome {
        let failed = |status, text: &str| Outcome { status, error: Some(text.to_owned()) };
        match webhook.url.as_str() {
            "https://hooks.example.com/" => Outcome { status: Some(204), error: None },
            "https://ill.example.com/" => failed(Some(500), "Server error (500 Internal Server Error)"),
            _ => failed(None, "Connection refused by server"),
        }
    }

    fn open_signal(&self, _: Admitted, _: Connect) -> Result<Signal, Refusal> {
        Err(Refusal::Busy)
    }

    async fn participants(&self, _: RoomId) -> Result<Vec<proto::ParticipantInfo>, Refusal> {
        Ok(Vec::new())
    }

    fn mute(&self, _: RoomId, _: Identity, _: TrackSid, _: bool) -> Result<(), Refusal> {
        Ok(())
    }

    fn send_data(&self, _: RoomId, _: DataPacket) -> Result<(), Refusal> {
        Ok(())
    }

    async fn tv_png(&self) -> Option<Arc<[u8]>> {
        None
    }

    fn push_button(&self, _: Button, _: bool) -> bool {
        true
    }

    fn leds(&self) -> Leds {
        Leds::default()
    }

    fn inject(&self, _: Fault) -> Result<(), Refusal> {
        Ok(())
    }

    fn lan_bases(&self) -> Vec<String> {
        Vec::new()
    }
}

pub(crate) struct Site {
    pub(crate) router: Router,
    pub(crate) home: Room,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) fake: Arc<Fake>,
}

pub(crate) fn site(demo: bool) -> Site {
    let ctx = &mut Ctx { now: now(), entropy: &mut Random, actor: Actor::this_box() };
    let home = make_room(NewRoom::named("Board room", UserId::new("admin")), ctx);
    let user = User {
        user_id: UserId::new("admin"),
        name: "Administrator".into(),
        role: Role::Admin,
        password_hash: huddle_api::password::hash_now("right password").unwrap(),
        must_change_password: false,
        registration_date: UnixMillis(0),
        role_updated_at: UnixMillis(0),
        revision: 0,
        known_networks: Vec::new(),
    };
    let settings = Settings {
        home_room: home.room_id.clone(),
        rooms_per_user: 30,
        auto_join: AutoJoin::Always,
        departure_timeout: std::time::Duration::from_secs(20),
        disk_reserve: 0,
        resume_window: std::time::Duration::from_secs(60),
        local_webhooks: false,
    };
    let key = ApiKeyRecord {
        key_id: "key-1".into(),
        name: "Test".into(),
        prefix: "the-key".into(),
        digest: key_digest("the-key"),
        creation_date: UnixMillis(0),
    };
    let stored =
        Stored { users: vec![user], rooms: vec![home.clone()], keys: vec![key], ..Stored::default() };
    let fake = Arc::new(Fake {
        state: Mutex::new(BoxState::new(settings, stored, now())),
        audit: Mutex::default(),
        news: broadcast::channel(64).0,
    });
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        demo,
        livekit: ApiKey::new("devkey", "secret"),
        session_key: b"0123456789".to_vec(),
        min_password: 12,
        recordings: folder.path().to_owned(),
        name: "Box".into(),
        version: "0",
    };
    let router = router(fake.clone(), Arc::new(config), Scheme::Http)
        .layer(Extension(ConnectInfo(SocketAddr::from(([192, 0, 2, 9], 1_000)))));
    Site { router, home, folder, fake }
}

/// Headers of a request, as pairs.
pub(crate) type Headers<'a> = &'a [(&'a str, &'a str)];

impl Site {
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: &str,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path).header("host", "box:8080");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: &str,
    ) -> (StatusCode, Value) {
        let response = self.raw(method, path, headers, body).await;
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub(crate) async fn token(&self, secret: &str) -> String {
        let path = format!("/api/v1/rooms/{}/members/token", self.home.room_id);
        let body = format!(r#"{{"secret":"{secret}","joinMeeting":true,"participantName":"Ann"}}"#);
        let (status, body) = self.call("POST", &path, &[], &body).await;
        assert_eq!(status, 200, "{body}");
        body["token"].as_str().unwrap().to_owned()
    }

    /// The recording's file appears and its record is complete.
    pub(crate) fn finish(&self, id: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join(format!("{id}.mp4")), bytes).unwrap();
        let id = RecordingId::from(id);
        self.fake.run(
            Box::new(move |state, ctx| {
                let file = huddle_core::recording::FinishedFile { size: 10, duration: 1.0, thumbnail: false };
                let outcome = huddle_core::state::RecordingOutcome::Complete;
                state.recording_ended(&id, &outcome, Some(file), ctx);
            }),
            Box::new(|_| {}),
        );
    }
}
