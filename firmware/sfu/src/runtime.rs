//! The thin shell around the engine: one thread, its sockets, its clock. It moves bytes and
//! decides nothing.
//!
//! One turn: wait, take commands, receive in batches, let the engine work, send in batches.

mod frames;
mod tcp;
mod udp;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use huddle_core::units::UnixMillis;
use mio::{Events, Poll, Token, Waker};
use str0m::net::{Protocol, Transmit};

use self::tcp::Tcp;
use self::udp::{Bound, Udp};
use crate::engine::Engine;
use crate::port::{Command, Config, Handle, ReportSink};
use crate::queue::{Queue, queue};

/// Commands served before media gets its turn.
const COMMANDS_PER_TURN: usize = 256;
/// Rest between two turns: timers are served in batches, and what comes in bursts is worked on and
/// leaves in bursts, for a price of this much latency (reference media §1.3, performance §2).
const TICK: Duration = Duration::from_millis(1);

const WAKE: Token = Token(0);
const FIRST_UDP: usize = 1;
const FIRST_TCP: usize = 64;

/// The SFU could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A media port cannot be bound.
    #[error("cannot bind {address}")]
    Bind {
        /// The address and port.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// No address to listen on.
    #[error("no usable media address")]
    NoAddress,
    /// The operating system refused a thread, an epoll or an event.
    #[error("cannot set up the media thread")]
    Setup(#[from] std::io::Error),
}

/// Binds the media ports and starts the thread `sfu`. The handle is its only door; the thread
/// ends after `Command::Shutdown`.
pub fn start(config: Config, reports: ReportSink) -> Result<(Handle, JoinHandle<()>), Error> {
    let poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
    let wake: huddle_tap::Waker = Arc::new(move || {
        // An eventfd that is full wakes the thread as well.
        let _ = waker.wake();
    });
    let mut sockets = Vec::new();
    let mut failed = None;
    for (index, ip) in listen_on(&config).into_iter().enumerate() {
        let address = SocketAddr::new(ip, config.udp_port);
        match Bound::new(address, poll.registry(), Token(FIRST_UDP + index)) {
            Ok(socket) => sockets.push(socket),
            Err(source) => failed = Some(unusable(address, source)),
        }
    }
    if sockets.is_empty() {
        return Err(failed.unwrap_or(Error::NoAddress));
    }
    let mut tcp = Tcp::new(FIRST_TCP);
    let mut failed = None;
    if let Some(port) = config.tcp_port {
        for ip in listen_on(&config) {
            let address = SocketAddr::new(ip, port);
            if let Err(source) = tcp.listen(address, poll.registry()) {
                failed = Some(unusable(address, source));
            }
        }
    }
    if let (true, Some(error)) = (tcp.addresses().is_empty(), failed) {
        return Err(error);
    }
    let (handle, queue) = queue(wake.clone());
    let wall = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
    let ports = Ports::new(&config);
    let engine = Engine::new(
        config,
        sockets.iter().map(Bound::address).collect(),
        tcp.addresses(),
        reports,
        wake,
        Instant::now(),
        UnixMillis(wall),
    );
    let work = move || {
        let sockets = sockets.into_iter().map(Udp::new).collect();
        Worker { poll, ports, sockets, tcp, queue, engine, transmits: Vec::new() }.run();
    };
    let thread = std::thread::Builder::new().name("sfu".to_owned()).spawn(work)?;
    Ok((handle, thread))
}

/// One address of several may be unusable (an interface that is going down); the others serve.
fn unusable(address: SocketAddr, source: std::io::Error) -> Error {
    tracing::warn!(%address, error = &source as &dyn std::error::Error, "cannot bind");
    Error::Bind { address, source }
}

/// The addresses to bind: the configured one, or each address that clients are told.
fn listen_on(config: &Config) -> Vec<IpAddr> {
    if !config.bind.is_unspecified() {
        return vec![config.bind];
    }
    let mut addresses = config.addresses.clone();
    addresses.retain(|ip| config.bind.is_ipv6() || ip.is_ipv4());
    addresses.dedup();
    addresses.truncate(FIRST_TCP - FIRST_UDP);
    addresses
}

/// What is needed to open the media ports at a new address.
struct Ports {
    udp: u16,
    tcp: Option<u16>,
    /// Bound to one address: it stays that one.
    fixed: bool,
    with_v6: bool,
}

impl Ports {
    const fn new(config: &Config) -> Self {
        Self {
            udp: config.udp_port,
            tcp: config.tcp_port,
            fixed: !config.bind.is_unspecified(),
            with_v6: config.bind.is_ipv6(),
        }
    }
}

struct Worker {
    poll: Poll,
    ports: Ports,
    sockets: Vec<Udp>,
    tcp: Tcp,
    queue: Queue,
    engine: Engine,
    transmits: Vec<Transmit>,
}

impl Worker {
    fn run(&mut self) {
        let mut events = Events::with_capacity(256);
        let mut last = Instant::now();
        while !self.engine.is_over() {
            if let Err(error) = self.poll.poll(&mut events, Some(self.pause()))
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                tracing::error!(error = &error as &dyn std::error::Error, "media thread ends");
                return;
            }
            std::thread::sleep(TICK.saturating_sub(last.elapsed()));
            self.mark(&events);
            self.turn();
            self.queue.beat();
            last = Instant::now();
        }
        self.turn();
    }

    fn pause(&self) -> Duration {
        let readable = self.sockets.iter().any(Udp::is_readable) || self.tcp.is_readable();
        let busy = readable || !self.queue.is_empty();
        if busy {
            return Duration::ZERO;
        }
        self.engine.poll_timeout().saturating_duration_since(Instant::now()).max(TICK)
    }

    fn mark(&mut self, events: &Events) {
        for event in events {
            let Token(index) = event.token();
            if index >= FIRST_TCP {
                self.tcp.ready(index);
            } else if let Some(socket) =
                self.sockets.iter_mut().find(|socket| socket.token() == event.token())
            {
                socket.set_readable();
            }
        }
    }

    fn turn(&mut self) {
        for _ in 0..COMMANDS_PER_TURN {
            let Some(command) = self.queue.next() else { break };
            if let Command::SetAddresses { local, public } = command {
                self.set_addresses(local, public);
            } else {
                self.engine.handle_command(Instant::now(), command);
            }
        }
        for socket in &mut self.sockets {
            socket.receive(|datagram| {
                self.engine.handle_datagram(Instant::now(), datagram);
            });
        }
        let engine = &mut self.engine;
        let now = Instant::now();
        self.tcp
            .receive(now, self.poll.registry(), |datagram| engine.handle_datagram(Instant::now(), datagram));
        for closed in self.tcp.take_closed(now) {
            self.engine.handle_tcp_closed(closed);
        }
        let now = Instant::now();
        self.engine.handle_taps(now);
        self.engine.handle_timeout(now);
        self.send();
    }

    /// Opens the media ports at new addresses and closes them where there is none any more.
    fn set_addresses(&mut self, mut local: Vec<IpAddr>, public: Vec<IpAddr>) {
        local.retain(|ip| self.ports.with_v6 || ip.is_ipv4());
        if !self.ports.fixed && !local.is_empty() {
            self.bind_to(&local);
        }
        let udp = self.sockets.iter().map(Udp::address).collect();
        self.engine.set_addresses(Instant::now(), udp, self.tcp.addresses(), public);
    }

    fn bind_to(&mut self, addresses: &[IpAddr]) {
        let registry = self.poll.registry();
        self.sockets.retain(|socket| addresses.contains(&socket.address().ip()));
        self.tcp.keep(|ip| addresses.contains(&ip));
        for ip in addresses.iter().copied() {
            let known = self.sockets.iter().any(|socket| socket.address().ip() == ip);
            let free = (FIRST_UDP..FIRST_TCP)
                .map(Token)
                .find(|token| self.sockets.iter().all(|socket| socket.token() != *token));
            if let (false, Some(token)) = (known, free) {
                let address = SocketAddr::new(ip, self.ports.udp);
                match Bound::new(address, registry, token) {
                    Ok(bound) => {
                        tracing::info!(%address, "media is offered at a new address");
                        self.sockets.push(Udp::new(bound));
                    }
                    Err(source) => drop(unusable(address, source)),
                }
            }
            let known = self.tcp.addresses().iter().any(|address| address.ip() == ip);
            if let (false, Some(port)) = (known, self.ports.tcp) {
                let address = SocketAddr::new(ip, port);
                if let Err(source) = self.tcp.listen(address, registry) {
                    drop(unusable(address, source));
                }
            }
        }
    }

    fn send(&mut self) {
        self.engine.take_transmits(&mut self.transmits);
        for transmit in self.transmits.iter().filter(|have| have.proto != Protocol::Udp) {
            self.tcp.send(transmit.destination, &transmit.contents);
        }
        for socket in &mut self.sockets {
            socket.send(&self.transmits);
        }
        self.transmits.clear();
    }
}
