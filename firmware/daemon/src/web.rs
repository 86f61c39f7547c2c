//! The two web listeners.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_server::Handle;
use huddle_api::control::Control;
use huddle_api::{Config as ApiConfig, Scheme, router};

use crate::config::Config;

/// The listeners; both end when the handle is told to.
pub(crate) struct Servers {
    handle: Handle<SocketAddr>,
    tasks: Vec<tokio::task::JoinHandle<std::io::Result<()>>>,
}

/// Binds both ports and serves. An installed box only redirects on the plain one.
pub(crate) fn start(
    config: &Config,
    api: ApiConfig,
    control: Arc<dyn Control>,
    tls: axum_server::tls_rustls::RustlsConfig,
) -> anyhow::Result<Servers> {
    let api = Arc::new(api);
    let handle = Handle::new();
    let plain = if config.demo {
        router(control.clone(), api.clone(), Scheme::Http)
    } else {
        let port = config.web.https;
        Router::new().fallback(move |request: Request| async move { to_https(&request, port) })
    };
    let secure = router(control, api, Scheme::Https);
    let http = bind(config.web_address(config.web.http))?;
    let https = bind(config.web_address(config.web.https))?;
    let plain = axum_server::from_tcp(http)?
        .handle(handle.clone())
        .serve(plain.into_make_service_with_connect_info::<SocketAddr>());
    let secure = axum_server::from_tcp_rustls(https, tls)?
        .handle(handle.clone())
        .serve(secure.into_make_service_with_connect_info::<SocketAddr>());
    Ok(Servers { handle, tasks: vec![tokio::spawn(plain), tokio::spawn(secure)] })
}

fn bind(address: SocketAddr) -> anyhow::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)
        .with_context(|| format!("cannot listen on {address}: is another program using the port?"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn to_https(request: &Request, port: u16) -> Response {
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok());
    let Some(host) = host.and_then(|h| h.split(':').next()).filter(|h| !h.is_empty()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
    Redirect::permanent(&format!("https://{host}{port}{path}")).into_response()
}

impl Servers {
    /// No new connections; those that are open have three seconds.
    pub(crate) async fn stop(self) {
        self.handle.graceful_shutdown(Some(Duration::from_secs(3)));
        for task in self.tasks {
            if let Ok(Err(error)) = task.await {
                tracing::warn!(%error, "a web server ended with an error");
            }
        }
    }
}
