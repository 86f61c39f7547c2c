//! Which pages of other origins may call the box (Fetch standard, CORS): applications with an API
//! key, a member token or a LiveKit token, which they send themselves; there are no cookies that
//! could be abused. The front panel needs no token, so only the box's own pages may touch it.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use tower_http::cors::{Any, CorsLayer};

use crate::error::ApiError;

/// Puts the rules around what programs call.
pub(crate) fn shared<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    let panel = |path: &str| path.contains("/v1/panel");
    let sent = ["x-api-key", "x-room-member-token", "x-refresh-token", "x-fields", "x-extrafields"];
    let sent = sent.into_iter().map(HeaderName::from_static);
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(
            sent.chain([header::AUTHORIZATION, header::CONTENT_TYPE, header::RANGE, header::IF_MATCH])
                .collect::<Vec<_>>(),
        )
        .expose_headers([
            header::LOCATION,
            header::ETAG,
            header::RETRY_AFTER,
            header::CONTENT_RANGE,
            header::CONTENT_DISPOSITION,
        ])
        .max_age(Duration::from_secs(3_600));
    let own = move |request: Request, next: Next| async move {
        if !panel(request.uri().path()) {
            return next.run(request).await;
        }
        if !is_own(request.headers()) {
            let text = "The front panel is for the box's own pages";
            return ApiError::new(StatusCode::FORBIDDEN, "Authorization Error", text).into_response();
        }
        let mut response: Response = next.run(request).await;
        let policy = HeaderName::from_static("cross-origin-resource-policy");
        response.headers_mut().insert(policy, HeaderValue::from_static("same-origin"));
        response.headers_mut().remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        response
    };
    routes.layer(cors).layer(from_fn(own))
}

/// A page of the box itself, or no page at all.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    match headers.get(header::ORIGIN) {
        None => true,
        Some(origin) => {
            let host = origin.to_str().ok().and_then(|o| o.split_once("://")).map(|(_, host)| host);
            host.is_some() && host == text(header::HOST)
        }
    }
}
