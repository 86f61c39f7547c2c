//! HTTP: REST, login, LiveKit signalling and Twirp, the web UI. It knows the box only through
//! one port, [`control::Control`], and keeps no state of its own but token keys.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::any;
use axum::{Extension, Router};
use huddle_livekit::token::ApiKey;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;

mod act;
pub mod auth;
mod body;
pub mod control;
mod dto;
mod encoding_body;
pub mod error;
mod etag;
mod hook_body;
mod list;
mod openapi;
mod origins;
pub mod password;
mod room_body;
mod routes;
mod session;
mod web;

pub use hook_body::{event_body, test_body};
pub use openapi::document;

/// Bodies above this answer 413.
const MAX_BODY: usize = 256 * 1_024;

/// How the box is reached and how it judges.
#[derive(Clone)]
pub struct Config {
    /// Demo mode: default password, panel, no rate limits.
    pub demo: bool,
    /// LiveKit API key.
    pub livekit: ApiKey,
    /// Signs access and refresh tokens; never the LiveKit secret (U9).
    pub session_key: Vec<u8>,
    /// Shortest password.
    pub min_password: usize,
    /// Folder of recordings, by [`huddle_core::recording::Recording::filename`].
    pub recordings: std::path::PathBuf,
    /// Name of the box.
    pub name: String,
    /// Version of the box.
    pub version: &'static str,
}

/// What handlers share.
#[derive(Clone)]
pub struct App {
    pub(crate) control: Arc<dyn control::Control>,
    pub(crate) config: Arc<Config>,
    pub(crate) hashing: password::Hasher,
}

/// How a listener is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain.
    Http,
    /// TLS.
    Https,
}

/// The whole site for one listener.
pub fn router(control: Arc<dyn control::Control>, config: Arc<Config>, scheme: Scheme) -> Router {
    let demo = config.demo;
    let app = App { control, config, hashing: password::Hasher::default() };
    let (api, _) = routes::rest().split_for_parts();
    let api = api.method_not_allowed_fallback(error::no_such_method);
    let mut programs = Router::new()
        .nest("/api/v1", api.clone().fallback(error::no_such_path))
        .nest("/meet/api/v1", api.fallback(error::no_such_path))
        .route("/api/{*path}", any(error::no_such_path))
        .merge(routes::livekit());
    if !demo {
        programs = routes::Limits::new().around(programs);
    }
    Router::new()
        .merge(origins::shared(programs))
        .with_state(app)
        .merge(web::pages())
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(axum::middleware::map_response(error::in_our_words))
        .layer(Extension(scheme))
        .layer(CatchPanicLayer::new())
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::CONTENT_SECURITY_POLICY, web::CSP))
}

fn fixed(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
