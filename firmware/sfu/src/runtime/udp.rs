//! One UDP socket: `recvmmsg` in, UDP GSO and `sendmmsg` out (reference performance §2).
//!
//! Bursts of equal-size packets to one destination leave as one GSO send (the last may be
//! shorter); single packets are collected for `sendmmsg`. Order per destination is kept. A full
//! socket buffer drops: the media layers repair losses.

use std::io::{IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd as _, RawFd};

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg, sendmsg,
};
use socket2::{Domain, Protocol as IpProtocol, Socket, Type};
use str0m::net::{Protocol, Transmit};

use crate::engine::Datagram;

/// Datagrams per `recvmmsg` and `sendmmsg`.
const BATCH: usize = 64;
/// Batches read before others get their turn.
const BATCHES_PER_TURN: usize = 4;
/// Longest datagram taken; longer ones are cut and then fail their checks.
const LONGEST: usize = 2_048;
/// Kernel buffers (reference media §1.4: 2–4 MB).
const BUFFER: usize = 4 << 20;
/// Segments of one GSO send; the kernel takes 64, and 65,507 bytes in all.
const SEGMENTS: usize = 48;
const SEGMENT_BYTES: usize = 60_000;

/// A bound socket that no thread works on yet.
pub(super) struct Bound {
    socket: UdpSocket,
    address: SocketAddr,
    token: Token,
}

/// A socket with its batch buffers; stays in the thread that made it.
pub(super) struct Udp {
    socket: UdpSocket,
    address: SocketAddr,
    token: Token,
    readable: bool,
    buffers: Vec<[u8; LONGEST]>,
    incoming: MultiHeaders<SockaddrStorage>,
    outgoing: MultiHeaders<SockaddrStorage>,
    gso: bool,
}

impl Bound {
    pub(super) fn new(address: SocketAddr, registry: &Registry, token: Token) -> std::io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(IpProtocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        // Smaller buffers work as well, only with more loss under load.
        let _ = socket.set_recv_buffer_size(BUFFER);
        let _ = socket.set_send_buffer_size(BUFFER);
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        let mut socket = UdpSocket::from_std(socket.into());
        let address = socket.local_addr()?;
        registry.register(&mut socket, token, Interest::READABLE)?;
        Ok(Self { socket, address, token })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Udp {
    pub(super) fn new(bound: Bound) -> Self {
        Self {
            socket: bound.socket,
            address: bound.address,
            token: bound.token,
            readable: true,
            buffers: vec![[0; LONGEST]; BATCH],
            incoming: MultiHeaders::preallocate(BATCH, None),
            outgoing: MultiHeaders::preallocate(BATCH, None),
            gso: true,
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn token(&self) -> Token {
        self.token
    }

    pub(super) fn set_readable(&mut self) {
        self.readable = true;
    }

    pub(super) fn is_readable(&self) -> bool {
        self.readable
    }

    /// Hands out what has come, until nothing is left or the turn is over.
    pub(super) fn receive(&mut self, mut take: impl FnMut(&Datagram<'_>)) {
        if !self.readable {
            return;
        }
        let fd = self.socket.as_raw_fd();
        for _ in 0..BATCHES_PER_TURN {
            let mut slices: Vec<[IoSliceMut<'_>; 1]> =
                self.buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
            let received = recvmmsg(fd, &mut self.incoming, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None);
            let Ok(messages) = received else {
                // Nothing left, or an ICMP error of an earlier send: both are over with this.
                self.readable = !matches!(received, Err(Errno::EAGAIN));
                return;
            };
            let mut count = 0;
            for message in messages {
                count += 1;
                let source = message.address.as_ref().and_then(socket_address);
                let (Some(source), Some(bytes)) = (source, message.iovs().next()) else { continue };
                take(&Datagram { proto: Protocol::Udp, source, destination: self.address, bytes });
            }
            if count < BATCH {
                self.readable = false;
                return;
            }
        }
    }

    /// Sends those of `transmits` that leave from this socket.
    pub(super) fn send(&mut self, transmits: &[Transmit]) {
        let address = self.address;
        let mine = |transmit: &&Transmit| transmit.proto == Protocol::Udp && transmit.source == address;
        let fd = self.socket.as_raw_fd();
        let mut singles: Vec<&Transmit> = Vec::with_capacity(BATCH);
        let mut queue = transmits.iter().filter(mine).peekable();
        let mut burst: Vec<&Transmit> = Vec::with_capacity(SEGMENTS);
        while let Some(first) = queue.next() {
            burst.clear();
            burst.push(first);
            let size = first.contents.len();
            while let Some(next) = queue.peek() {
                let fits = self.gso
                    && next.destination == first.destination
                    && next.contents.len() <= size
                    && burst.len() < SEGMENTS
                    && (burst.len() + 1) * size <= SEGMENT_BYTES;
                if !fits {
                    break;
                }
                let last = next.contents.len() < size;
                burst.extend(queue.next());
                if last {
                    break;
                }
            }
            if burst.len() < 2 {
                singles.push(first);
                if singles.len() == BATCH {
                    self.send_singles(fd, &mut singles);
                }
                continue;
            }
            if singles.iter().any(|single| single.destination == first.destination) {
                self.send_singles(fd, &mut singles);
            }
            if !self.send_burst(fd, &burst, size) {
                singles.extend(&burst);
                self.send_singles(fd, &mut singles);
            }
        }
        self.send_singles(fd, &mut singles);
    }

    /// One GSO send; false when the kernel or the interface cannot do it.
    fn send_burst(&mut self, fd: RawFd, burst: &[&Transmit], size: usize) -> bool {
        let Ok(segment) = u16::try_from(size) else { return false };
        let slices: Vec<IoSlice<'_>> =
            burst.iter().map(|transmit| IoSlice::new(&transmit.contents)).collect();
        let Some(first) = burst.first() else { return true };
        let to = SockaddrStorage::from(first.destination);
        let control = [ControlMessage::UdpGsoSegments(&segment)];
        match sendmsg(fd, &slices, &control, MsgFlags::MSG_DONTWAIT, Some(&to)) {
            Err(Errno::EIO | Errno::EINVAL | Errno::EOPNOTSUPP | Errno::ENOPROTOOPT) => {
                tracing::info!("no UDP segmentation offload here");
                self.gso = false;
                false
            }
            Err(Errno::EMSGSIZE) => false,
            Ok(_) | Err(_) => true,
        }
    }

    fn send_singles(&mut self, fd: RawFd, singles: &mut Vec<&Transmit>) {
        let mut rest = singles.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BATCH));
            let slices: Vec<[IoSlice<'_>; 1]> =
                now.iter().map(|transmit| [IoSlice::new(&transmit.contents)]).collect();
            let to: Vec<Option<SockaddrStorage>> =
                now.iter().map(|transmit| Some(transmit.destination.into())).collect();
            let sent = sendmmsg(fd, &mut self.outgoing, slices.iter(), &to, [], MsgFlags::MSG_DONTWAIT)
                .map(Iterator::count);
            match sent {
                // The kernel stopped at a datagram it cannot send: skip that one.
                Ok(count) if count < now.len() => {
                    rest = rest.get(count + 1..).unwrap_or_default();
                }
                Ok(_) => rest = later,
                Err(Errno::EINTR) => {}
                // A full buffer drops the batch; an unreachable host drops its datagram.
                Err(Errno::EAGAIN | Errno::ENOBUFS) => rest = later,
                Err(_) => rest = rest.get(1..).unwrap_or_default(),
            }
        }
        singles.clear();
    }
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| SocketAddr::V4((*v4).into()));
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into())))
}

#[cfg(test)]
mod tests;
