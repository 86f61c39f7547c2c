//! The web UI: hashed files under `/assets`, every other page is the app's index.

use axum::Router;
use memory_serve::CacheControl;

/// What pages may load: only this box; blobs for media and workers.
pub(crate) const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; \
    worker-src 'self' blob:; frame-ancestors 'self'; base-uri 'self'; object-src 'none'; \
    form-action 'self'";

/// The app. Unknown paths get the index: the app has routes of its own.
pub(crate) fn pages() -> Router {
    memory_serve::load!()
        .index_file(Some("/index.html"))
        .fallback(Some("/index.html"))
        .fallback_status(axum::http::StatusCode::OK)
        .html_cache_control(CacheControl::NoCache)
        .cache_control(CacheControl::Long)
        .into_router()
}
