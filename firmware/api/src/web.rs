//! The web UI: hashed files under `/assets`, every other page is the app's index.

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use memory_serve::CacheControl;
use tower::ServiceExt;

/// What pages may load: only this box; blobs for media and workers.
pub(crate) const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; \
    worker-src 'self' blob:; frame-ancestors 'self'; base-uri 'self'; object-src 'none'; \
    form-action 'self'";

/// The app.
pub(crate) fn pages() -> Router {
    let files: Router = memory_serve::load!()
        .index_file(Some("/index.html"))
        .html_cache_control(CacheControl::NoCache)
        .cache_control(CacheControl::Long)
        .into_router();
    let index = files.clone();
    files.fallback(move |request| page(index, request))
}

/// The app has routes of its own, so an unknown page gets its index. What only programs ask for
/// is really missing.
async fn page(files: Router, mut request: Request) -> Response {
    let path = request.uri().path();
    let for_programs = ["/assets/", "/api/", "/meet/", "/rtc/", "/twirp/"];
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads || for_programs.iter().any(|p| path.starts_with(p)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    *request.uri_mut() = Uri::from_static("/");
    match files.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
