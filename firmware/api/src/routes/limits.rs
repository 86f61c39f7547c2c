//! Rate limits of an installed box: per client network, 500 calls a minute with bursts of 200, for
//! REST, signalling and Twirp together.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use super::twirp::too_many;
use crate::error::ApiError;

/// One call more is allowed after this long.
const PERIOD: Duration = Duration::from_millis(120);
/// Calls at once.
const BURST: u32 = 200;
/// Networks remembered. When so many call within one burst's time, all further ones share the
/// allowance of one.
const MOST: usize = 10_000;

/// Puts the limits around routes; all of them count together.
#[derive(Clone)]
pub(crate) struct Limits(Arc<Mutex<Table>>);

impl Limits {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Table::default())))
    }

    pub(crate) fn around<S: Clone + Send + Sync + 'static>(&self, routes: Router<S>) -> Router<S> {
        routes.layer(from_fn_with_state(self.clone(), limited))
    }
}

async fn limited(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    // The listeners always say who calls.
    let Some(peer) = peer else { return next.run(request).await };
    let asked = {
        let mut table = limits.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.ask(network(peer), Instant::now())
    };
    match asked {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            let seconds = wait.as_secs() + 1;
            let error = ApiError::too_many(seconds);
            if request.uri().path().starts_with("/twirp/") {
                too_many(seconds)
            } else {
                error.into_response()
            }
        }
    }
}

/// What counts as one client: an IPv4 address, or the /64 that an IPv6 host has to itself.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// When each network's allowance will be whole again (generic cell rate algorithm).
#[derive(Debug, Default)]
struct Table {
    whole_at: BTreeMap<IpAddr, Instant>,
    others: Option<Instant>,
}

impl Table {
    /// Counts a call, or says how long to wait.
    fn ask(&mut self, who: IpAddr, now: Instant) -> Result<(), Duration> {
        if self.whole_at.len() >= MOST && !self.whole_at.contains_key(&who) {
            self.whole_at.retain(|_, at| *at > now);
        }
        let known = self.whole_at.len() < MOST || self.whole_at.contains_key(&who);
        let slot =
            if known { self.whole_at.entry(who).or_insert(now) } else { self.others.get_or_insert(now) };
        let next = (*slot).max(now) + PERIOD;
        match next.checked_duration_since(now + PERIOD * BURST) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                *slot = next;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        assert_eq!(network(ip("2001:db8:1:2:aaaa::1")), network(ip("2001:db8:1:2:bbbb::2")));
        assert_ne!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:3::1")));
        assert_eq!(network(ip("::ffff:192.0.2.1")), ip("192.0.2.1"));
        assert_ne!(network(ip("192.0.2.1")), network(ip("192.0.2.2")));
    }

    #[test]
    fn a_burst_is_allowed_and_then_the_rate() {
        let (mut table, start, who) = (Table::default(), Instant::now(), ip("192.0.2.1"));
        for _ in 0..BURST {
            assert!(table.ask(who, start).is_ok());
        }
        let wait = table.ask(who, start).unwrap_err();
        assert!(wait <= PERIOD);
        assert!(table.ask(who, start + wait).is_ok());
        assert!(table.ask(ip("192.0.2.2"), start).is_ok(), "others are not held up");
        let minute = start + Duration::from_secs(60);
        assert_eq!((0..1_000).filter(|_| table.ask(who, minute).is_ok()).count(), 200);
    }

    #[test]
    fn the_table_is_bounded_and_forgets() {
        let (mut table, start) = (Table::default(), Instant::now());
        for n in 0..20_000_u32 {
            let _ = table.ask(IpAddr::from(n.to_be_bytes()), start);
        }
        assert_eq!(table.whole_at.len(), MOST);
        assert!(table.ask(ip("203.0.113.1"), start).is_err(), "strangers share one allowance");
        assert!(table.ask(ip("203.0.113.1"), start + Duration::from_secs(60)).is_ok());
        assert!(table.whole_at.len() < 10, "what is whole again is forgotten");
    }
}
