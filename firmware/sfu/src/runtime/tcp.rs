//! ICE-TCP, passive (RFC 6544): for networks that let no UDP through. Bounded in connections,
//! in bytes waiting and in patience for a first frame.

use std::collections::{BTreeSet, HashMap};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};
use str0m::net::Protocol;

use super::frames::{self, Frames};
use crate::engine::Datagram;

/// Connections at a time; further ones are closed at once.
const CONNECTIONS: usize = 256;
/// Bytes waiting for a slow receiver; beyond that packets to it are dropped.
const QUEUE: usize = 512 << 10;
/// Connections of one remote address: an office behind one router, but not everybody's share.
const CONNECTIONS_EACH: usize = 64;
/// A connection without a frame that belongs to a participant for so long is closed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Reads of one connection before others get their turn.
const READS: usize = 16;

struct Connection {
    stream: TcpStream,
    token: Token,
    local: SocketAddr,
    frames: Frames,
    out: Vec<u8>,
    last: Instant,
}

pub(super) struct Tcp {
    listeners: HashMap<usize, TcpListener>,
    connections: HashMap<SocketAddr, Connection>,
    by_token: HashMap<usize, SocketAddr>,
    ready: BTreeSet<usize>,
    next: usize,
    closed: Vec<SocketAddr>,
}

impl Tcp {
    /// `first` is the first token this may use.
    pub(super) fn new(first: usize) -> Self {
        Self {
            listeners: HashMap::new(),
            connections: HashMap::new(),
            by_token: HashMap::new(),
            ready: BTreeSet::new(),
            next: first,
            closed: Vec::new(),
        }
    }

    pub(super) fn listen(&mut self, address: SocketAddr, registry: &Registry) -> std::io::Result<()> {
        // mio sets SO_REUSEADDR: a restart does not wait for old connections.
        let mut listener = TcpListener::bind(address)?;
        let token = Token(self.next);
        self.next += 1;
        registry.register(&mut listener, token, Interest::READABLE)?;
        self.listeners.insert(token.0, listener);
        Ok(())
    }

    /// Closes listeners elsewhere; their connections end by themselves.
    pub(super) fn keep(&mut self, stays: impl Fn(std::net::IpAddr) -> bool) {
        self.listeners.retain(|_, listener| listener.local_addr().is_ok_and(|address| stays(address.ip())));
    }

    /// Addresses of the listeners.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.values().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    pub(super) fn ready(&mut self, token: usize) {
        self.ready.insert(token);
    }

    /// Some are ready and not read to the end.
    pub(super) fn is_readable(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Accepts and reads what is ready. `take` answers whether a frame belongs to a participant:
    /// only that keeps a connection open, not bytes that trickle in.
    pub(super) fn receive(
        &mut self,
        now: Instant,
        registry: &Registry,
        mut take: impl FnMut(&Datagram<'_>) -> bool,
    ) {
        for token in std::mem::take(&mut self.ready) {
            if let Some(address) = self.by_token.get(&token).copied() {
                if !self.read(now, address, &mut take) {
                    self.close(address);
                }
            } else {
                self.accept(now, token, registry);
            }
        }
    }

    /// Connections that ended since the last call.
    pub(super) fn take_closed(&mut self, now: Instant) -> Vec<SocketAddr> {
        let idle: Vec<SocketAddr> = self
            .connections
            .iter()
            .filter(|(_, connection)| now.saturating_duration_since(connection.last) > PATIENCE)
            .map(|(address, _)| *address)
            .collect();
        for address in idle {
            self.close(address);
        }
        std::mem::take(&mut self.closed)
    }

    /// Queues and writes one packet.
    pub(super) fn send(&mut self, to: SocketAddr, packet: &[u8]) {
        let Some(connection) = self.connections.get_mut(&to) else { return };
        if connection.out.len() + packet.len() > QUEUE {
            return;
        }
        frames::append(&mut connection.out, packet);
        if !connection.write() {
            self.close(to);
        }
    }

    fn accept(&mut self, now: Instant, listener: usize, registry: &Registry) {
        loop {
            let Some(Ok((mut stream, address))) = self.listeners.get(&listener).map(TcpListener::accept)
            else {
                return;
            };
            let same = self.connections.keys().filter(|have| have.ip() == address.ip()).count();
            if self.connections.len() >= CONNECTIONS || same >= CONNECTIONS_EACH {
                continue;
            }
            let token = Token(self.next);
            self.next += 1;
            let interest = Interest::READABLE | Interest::WRITABLE;
            let Ok(local) = stream.local_addr() else { continue };
            if registry.register(&mut stream, token, interest).is_err() {
                continue;
            }
            // Media does not wait for full segments; without it packets are only later.
            let _ = stream.set_nodelay(true);
            self.by_token.insert(token.0, address);
            let connection =
                Connection { stream, token, local, frames: Frames::default(), out: Vec::new(), last: now };
            self.connections.insert(address, connection);
        }
    }

    /// False when the connection is over.
    fn read(
        &mut self,
        now: Instant,
        address: SocketAddr,
        take: &mut impl FnMut(&Datagram<'_>) -> bool,
    ) -> bool {
        let Some(connection) = self.connections.get_mut(&address) else { return true };
        if !connection.write() {
            return false;
        }
        let mut buffer = [0; 16 << 10];
        for _ in 0..READS {
            let count = match connection.stream.read(&mut buffer) {
                Ok(0) => return false,
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return false,
            };
            let destination = connection.local;
            let bytes = buffer.get(..count).unwrap_or_default();
            let mut known = false;
            let read = connection.frames.push(bytes, |bytes| {
                known |= take(&Datagram { proto: Protocol::Tcp, source: address, destination, bytes });
            });
            if known {
                connection.last = now;
            }
            if read.is_err() {
                return false;
            }
        }
        self.ready.insert(connection.token.0);
        true
    }

    fn close(&mut self, address: SocketAddr) {
        if let Some(connection) = self.connections.remove(&address) {
            self.by_token.remove(&connection.token.0);
            self.closed.push(address);
        }
    }
}

impl Connection {
    /// False when the connection is broken.
    fn write(&mut self) -> bool {
        while !self.out.is_empty() {
            match self.stream.write(&self.out) {
                Ok(0) => return false,
                Ok(count) => {
                    self.out.drain(..count);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests;
