use std::io::Write as _;
use std::net::{Ipv4Addr, TcpStream as Client};

use mio::{Events, Poll};

use super::*;

/// A listener on loopback and what drives it.
struct Bench {
    poll: Poll,
    tcp: Tcp,
    to: SocketAddr,
}

impl Bench {
    fn new() -> Self {
        let poll = Poll::new().unwrap();
        let mut tcp = Tcp::new(64);
        tcp.listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), poll.registry()).unwrap();
        let to = tcp.addresses()[0];
        Self { poll, tcp, to }
    }

    /// Works until `done`; every frame is answered with `known`.
    fn until(&mut self, now: Instant, known: bool, done: impl Fn(&Tcp, usize) -> bool) {
        let mut events = Events::with_capacity(256);
        let mut frames = 0;
        while !done(&self.tcp, frames) {
            self.poll.poll(&mut events, Some(Duration::from_secs(5))).unwrap();
            for event in &events {
                self.tcp.ready(event.token().0);
            }
            self.tcp.receive(now, self.poll.registry(), |_| {
                frames += 1;
                known
            });
        }
    }
}

#[test]
fn frames_of_nobody_do_not_keep_a_connection_open() {
    for (known, stays) in [(false, false), (true, true)] {
        let mut bench = Bench::new();
        let start = Instant::now();
        let mut client = Client::connect(bench.to).unwrap();
        bench.until(start, known, |tcp, _| tcp.connections.len() == 1);
        client.write_all(&[0, 3, 1, 2, 3]).unwrap();
        bench.until(start + PATIENCE, known, |_, frames| frames == 1);
        let closed = bench.tcp.take_closed(start + PATIENCE + Duration::from_secs(1));
        assert_eq!(closed.is_empty(), stays, "known: {known}");
    }
}

#[test]
fn what_is_not_read_to_the_end_is_known_to_wait() {
    let mut bench = Bench::new();
    let now = Instant::now();
    let _client = Client::connect(bench.to).unwrap();
    bench.until(now, true, |tcp, _| tcp.connections.len() == 1);
    bench.tcp.receive(now, bench.poll.registry(), |_| true);
    assert!(!bench.tcp.is_readable());
    let token = bench.tcp.connections.values().next().unwrap().token.0;
    bench.tcp.ready(token);
    assert!(bench.tcp.is_readable());
    bench.tcp.receive(now, bench.poll.registry(), |_| true);
    assert!(!bench.tcp.is_readable(), "there was nothing");
}

#[test]
fn one_address_cannot_take_all_connections() {
    let mut bench = Bench::new();
    let now = Instant::now();
    let greedy: Vec<Client> = (0..CONNECTIONS_EACH + 5).map(|_| Client::connect(bench.to).unwrap()).collect();
    bench.until(now, false, |tcp, _| tcp.connections.len() >= CONNECTIONS_EACH);
    let other = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    other.bind(&SocketAddr::from(([127, 0, 0, 2], 0)).into()).unwrap();
    other.connect(&bench.to.into()).unwrap();
    bench.until(now, false, |tcp, _| tcp.connections.keys().any(|have| have.ip() != greedy_ip()));
    assert_eq!(bench.tcp.connections.len(), CONNECTIONS_EACH + 1);
    drop(greedy);
}

fn greedy_ip() -> std::net::IpAddr {
    Ipv4Addr::LOCALHOST.into()
}
