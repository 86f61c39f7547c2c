//! Brings events to webhooks (`features.md` I3): one signed POST per attempt, and one outcome of
//! each. It decides neither what is sent nor when; follows no redirect, uses no proxy, reads no
//! body, and never connects to an address it has not checked.

use std::error::Error;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use aws_lc_rs::hmac;
use huddle_api::{event_body, test_body};
use huddle_core::state::Entropy;
use huddle_core::units::UnixMillis;
use huddle_core::webhook::{Attempt, Outcome, Webhook, inner, is_local};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, StatusCode, redirect, retry};
use tokio::runtime::Handle;
use url::{Host, Url};

use crate::conductor::wall_clock;
use crate::config::Config;
use crate::entropy::Random;

/// The receiver must have answered by then (reference openvidu-meet §6).
const LIMIT: Duration = Duration::from_secs(5);

/// Sends. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Courier {
    client: Client,
    guard: Guard,
    runtime: Handle,
}

/// Which addresses may be reached.
#[derive(Clone, Debug)]
struct Guard {
    local: bool,
    public: Option<IpAddr>,
}

/// Nothing may be reached under this name.
#[derive(Debug, thiserror::Error)]
#[error("The address leads to this box or its nearest neighbourhood")]
struct Refused;

/// The name has no address.
#[derive(Debug, thiserror::Error)]
#[error("Domain name could not be resolved")]
struct Unresolved;

impl Courier {
    /// Must be called inside the web runtime.
    pub(crate) fn new(config: &Config) -> anyhow::Result<Self> {
        let guard = Guard { local: config.webhooks.allow_local, public: config.media.public_address };
        let own = match &config.webhooks.ca {
            Some(path) => {
                let pem = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
                Certificate::from_pem_bundle(&pem)
                    .with_context(|| format!("{} holds no certificates", path.display()))?
            }
            None => Vec::new(),
        };
        let build = |system: bool| {
            let builder = Client::builder()
                .user_agent(concat!("Huddlebox/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .no_proxy()
                .timeout(LIMIT)
                // Each attempt connects anew, to an address that is checked then.
                .pool_max_idle_per_host(0)
                .dns_resolver(Arc::new(guard.clone()));
            let certificates = own.iter().cloned();
            let builder = if system {
                builder.tls_certs_merge(certificates)
            } else {
                builder.tls_certs_only(certificates)
            };
            builder.build()
        };
        let client = build(true).or_else(|error| {
            tracing::warn!(%error, "the system has no certificate authorities: https webhooks fail");
            build(false)
        });
        let client = client.context("cannot start the HTTP client")?;
        Ok(Self { client, guard, runtime: Handle::current() })
    }

    /// Tries once, beside everything else, and says what came of it.
    pub(crate) fn deliver(&self, attempt: Attempt, done: impl FnOnce(Outcome) + Send + 'static) {
        let courier = self.clone();
        self.runtime.spawn(async move {
            let body = event_body(&attempt.event);
            let outcome = courier.post(&attempt.url, attempt.secret.reveal(), &attempt.event.id, body).await;
            if let Some(error) = &outcome.error {
                tracing::debug!(to = %attempt.webhook_id, event = attempt.event.id, error, "an event was not taken");
            }
            done(outcome);
        });
    }

    /// A test event; what came of it.
    pub(crate) async fn test(&self, webhook: &Webhook) -> Outcome {
        let id = format!("ev-{}", Random.alphanumeric(20));
        let body = test_body(&id, wall_clock());
        self.post(&webhook.url, webhook.secret.reveal(), &id, body).await
    }

    async fn post(&self, url: &str, secret: &str, event_id: &str, body: Vec<u8>) -> Outcome {
        let failed = |error: String| Outcome { status: None, error: Some(error) };
        // The client looks up names only: a written address is checked here.
        if !written_address(url).is_none_or(|ip| self.guard.allows(ip)) {
            return failed(Refused.to_string());
        }
        let now = wall_clock();
        let request = self
            .client
            .post(url)
            .header("Content-Type", "application/json")
            .header("X-Timestamp", now.0.to_string())
            .header("X-Signature", signature(secret, now, &body))
            .header("X-Event-Id", event_id)
            .body(body);
        match request.send().await {
            Ok(answer) => judge(answer.status()),
            Err(error) => failed(reason(&error)),
        }
    }
}

impl Guard {
    fn allows(&self, ip: IpAddr) -> bool {
        let spellings: Vec<IpAddr> = std::iter::once(ip).chain(inner(ip).map(IpAddr::V4)).collect();
        let own = || {
            // Nothing is sent while it is not known which addresses are the box's own.
            let all = if_addrs::get_if_addrs();
            let is_own = |all: Vec<if_addrs::Interface>| {
                let mut mine = all.iter().map(if_addrs::Interface::ip).chain(self.public);
                mine.any(|own| spellings.contains(&own))
            };
            all.map_or(true, is_own)
        };
        self.local || (!is_local(ip) && !own())
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| Unresolved)?;
            let found: Vec<SocketAddr> = found.collect();
            if found.is_empty() {
                return Err(Unresolved.into());
            }
            let allowed: Vec<SocketAddr> = found.into_iter().filter(|a| guard.allows(a.ip())).collect();
            if allowed.is_empty() {
                return Err(Refused.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn written_address(url: &str) -> Option<IpAddr> {
    match Url::parse(url).ok()?.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(ip) => Some(ip.into()),
        Host::Ipv6(ip) => Some(ip.into()),
    }
}

/// Hex HMAC-SHA-256 of `<timestamp>.<body>` (reference openvidu-meet §6).
fn signature(secret: &str, at: UnixMillis, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(format!("{}.", at.0).as_bytes());
    context.update(body);
    context.sign().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn judge(status: StatusCode) -> Outcome {
    let kind = match status.as_u16() {
        200..300 => None,
        400..500 => Some("Client error"),
        500..600 => Some("Server error"),
        _ => Some("Unexpected answer"),
    };
    Outcome { status: Some(status.as_u16()), error: kind.map(|kind| format!("{kind} ({status})")) }
}

/// In the contract's words (reference openvidu-meet §6).
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("Request timed out after {} seconds", LIMIT.as_secs());
    }
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    let mut last = error.to_string();
    while let Some(now) = cause {
        if let Some(reason) = known(now) {
            return reason;
        }
        last = now.to_string();
        let io = now.downcast_ref::<std::io::Error>();
        // An I/O error names what it holds as its own source's source.
        cause = io.and_then(std::io::Error::get_ref).map(|e| e as &(dyn Error + 'static)).or(now.source());
    }
    format!("Network error: {last}")
}

fn known(error: &(dyn Error + 'static)) -> Option<String> {
    if error.is::<Refused>() || error.is::<Unresolved>() {
        return Some(error.to_string());
    }
    if error.is::<rustls::Error>() {
        return Some("SSL/TLS certificate error".to_owned());
    }
    let kind = error.downcast_ref::<std::io::Error>()?.kind();
    if kind == ErrorKind::ConnectionRefused {
        Some("Connection refused by server".to_owned())
    } else if matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) {
        Some("Connection reset by server".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn courier() -> Courier {
        // Another test may have chosen the same provider before.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let config = Config::parse("[webhooks]\nallow_local = true\n", Path::new("test")).unwrap();
        Courier::new(&config).unwrap()
    }

    /// Answers once, and holds the connection open.
    async fn receiver(answer: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = [0; 4_096];
            let _ = socket.read(&mut request).await.unwrap();
            socket.write_all(answer.as_bytes()).await.unwrap();
            let _ = socket.read(&mut request).await;
        });
        port
    }

    #[test]
    fn the_signature_is_the_contract_s() {
        let made = signature("whsec-1", UnixMillis(1_700_000_000_000), br#"{"event":"testEvent"}"#);
        assert_eq!(made, "592ee49a17155261aab20829712108ebb60cb73ab03cbcaf2d222489f386cbcb");
    }

    #[tokio::test]
    async fn an_answer_counts_although_its_body_never_comes() {
        let port = receiver("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nx").await;
        let outcome = courier().post(&format!("http://127.0.0.1:{port}/"), "s", "ev-1", Vec::new()).await;
        assert_eq!(outcome, Outcome { status: Some(200), error: None });
    }

    #[tokio::test]
    async fn a_receiver_that_speaks_no_tls_is_named_so() {
        let port = receiver("HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let outcome = courier().post(&format!("https://127.0.0.1:{port}/"), "s", "ev-1", Vec::new()).await;
        assert_eq!(outcome.error.as_deref(), Some("SSL/TLS certificate error"));
    }

    #[tokio::test]
    async fn a_name_that_leads_to_the_box_is_refused_when_it_is_looked_up() {
        let look_up = |local: bool| {
            let guard = Guard { local, public: None };
            guard.resolve("localhost".parse().unwrap())
        };
        let refused = look_up(false).await.err().unwrap();
        assert!(refused.is::<Refused>(), "{refused}");
        assert!(look_up(true).await.is_ok());
    }

    #[test]
    fn the_box_s_own_addresses_are_refused_in_both_spellings() {
        let guard = Guard { local: false, public: Some(IpAddr::from([203, 0, 113, 7])) };
        assert!(!guard.allows("203.0.113.7".parse().unwrap()));
        let translated = ["::ffff:203.0.113.7", "::203.0.113.7", "64:ff9b::203.0.113.7", "2002:cb00:7107::1"];
        // RFC 4380 §4: the client's address stands in Teredo's last 32 bits, inverted.
        for spelling in translated.into_iter().chain(["2001:0:c633:6401:0:ffff:34ff:8ef8"]) {
            assert!(!guard.allows(spelling.parse().unwrap()), "{spelling}");
        }
        assert!(guard.allows("203.0.113.8".parse().unwrap()));
        assert!(guard.allows("64:ff9b::203.0.113.8".parse().unwrap()));
        for interface in if_addrs::get_if_addrs().unwrap() {
            assert!(!guard.allows(interface.ip()), "{}", interface.ip());
        }
    }
}
