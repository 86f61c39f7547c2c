//! Rate limits of an installed box: per client address, 500 calls a minute with bursts of 200.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

use crate::App;

/// Puts the limits around the REST tree.
pub(crate) fn limited(api: Router<App>) -> Router<App> {
    let config = GovernorConfigBuilder::default()
        .period(Duration::from_millis(120))
        .burst_size(200)
        .use_headers()
        .finish();
    match config {
        Some(config) => api.layer(GovernorLayer::new(Arc::new(config))),
        None => api,
    }
}
