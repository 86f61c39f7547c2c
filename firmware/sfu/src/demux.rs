//! Whose datagram is it: by remote address, and for the first STUN request by ICE ufrag. Both
//! are hash look-ups, never a scan over peers. An address is bound only after a STUN request
//! with valid integrity came from it, so DTLS and RTP from anywhere else are never looked at
//! (reference performance §5, ClientHello race).

use std::collections::HashMap;
use std::net::SocketAddr;

use str0m::net::Protocol;

/// Which of a participant's peer connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Side {
    Publisher,
    Subscriber,
}

/// A peer connection of a participant (slab index).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PeerRef {
    pub participant: usize,
    pub side: Side,
}

/// A remote transport address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Remote {
    pub tcp: bool,
    pub address: SocketAddr,
}

impl Remote {
    pub(crate) fn new(proto: Protocol, address: SocketAddr) -> Self {
        Self { tcp: proto != Protocol::Udp, address }
    }
}

/// Addresses bound per peer; a peer that roams further forgets its oldest.
const ADDRESSES: usize = 16;
/// Ufrags known per peer: the current one, and those before it, for packets on their way.
const UFRAGS: usize = 4;

#[derive(Debug, Default)]
pub(crate) struct Demux {
    by_address: HashMap<Remote, PeerRef>,
    by_ufrag: HashMap<String, PeerRef>,
    bound: HashMap<PeerRef, Vec<Remote>>,
    /// The oldest first.
    ufrags: HashMap<PeerRef, Vec<String>>,
}

impl Demux {
    /// The peer an address is bound to.
    pub(crate) fn by_address(&self, remote: Remote) -> Option<PeerRef> {
        self.by_address.get(&remote).copied()
    }

    /// The peer with this local ICE ufrag.
    pub(crate) fn by_ufrag(&self, ufrag: &str) -> Option<PeerRef> {
        self.by_ufrag.get(ufrag).copied()
    }

    /// Announces a peer's current ufrag (again after each ICE restart; the last ones stay valid
    /// for the packets on their way, str0m refuses them itself).
    pub(crate) fn announce(&mut self, ufrag: String, peer: PeerRef) {
        if self.by_ufrag.insert(ufrag.clone(), peer) == Some(peer) {
            return;
        }
        let known = self.ufrags.entry(peer).or_default();
        known.push(ufrag);
        if known.len() > UFRAGS {
            self.by_ufrag.remove(&known.remove(0));
        }
    }

    /// Binds an address after its STUN integrity was verified.
    pub(crate) fn bind(&mut self, remote: Remote, peer: PeerRef) {
        if self.by_address.insert(remote, peer) == Some(peer) {
            return;
        }
        let bound = self.bound.entry(peer).or_default();
        bound.push(remote);
        if bound.len() > ADDRESSES {
            let oldest = bound.remove(0);
            if self.by_address.get(&oldest) == Some(&peer) {
                self.by_address.remove(&oldest);
            }
        }
    }

    /// Forgets a closed TCP connection.
    pub(crate) fn unbind(&mut self, remote: Remote) {
        if let Some(peer) = self.by_address.remove(&remote)
            && let Some(bound) = self.bound.get_mut(&peer)
        {
            bound.retain(|have| *have != remote);
        }
    }

    /// Forgets a peer.
    pub(crate) fn remove(&mut self, peer: PeerRef) {
        for remote in self.bound.remove(&peer).unwrap_or_default() {
            if self.by_address.get(&remote) == Some(&peer) {
                self.by_address.remove(&remote);
            }
        }
        for ufrag in self.ufrags.remove(&peer).unwrap_or_default() {
            self.by_ufrag.remove(&ufrag);
        }
    }
}

/// The local ufrag a STUN binding request is addressed to: first part of USERNAME (RFC 8445
/// §7.2.2). `None` for anything else. Reads without copying or verifying.
pub(crate) fn stun_ufrag(datagram: &[u8]) -> Option<&str> {
    const BINDING_REQUEST: [u8; 2] = [0, 1];
    const USERNAME: u16 = 6;
    let header = datagram.get(..20)?;
    if header.get(..2)? != BINDING_REQUEST || header.get(4..8)? != [0x21, 0x12, 0xa4, 0x42] {
        return None;
    }
    let mut rest = datagram.get(20..)?;
    loop {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        let [type_high, type_low, length_high, length_low] = *head;
        let length = usize::from(u16::from_be_bytes([length_high, length_low]));
        let value = tail.get(..length)?;
        if u16::from_be_bytes([type_high, type_low]) == USERNAME {
            return std::str::from_utf8(value).ok()?.split(':').next();
        }
        rest = tail.get(length.div_ceil(4) * 4..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(port: u16) -> Remote {
        Remote { tcp: false, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    const ANN: PeerRef = PeerRef { participant: 1, side: Side::Publisher };
    const BOB: PeerRef = PeerRef { participant: 2, side: Side::Publisher };

    #[test]
    fn addresses_are_bound_bounded_and_forgotten() {
        let mut demux = Demux::default();
        for port in 1..=20 {
            demux.bind(remote(port), ANN);
        }
        assert_eq!(demux.by_address(remote(1)), None);
        assert_eq!(demux.by_address(remote(20)), Some(ANN));
        demux.bind(remote(20), BOB);
        demux.remove(ANN);
        assert_eq!(demux.by_address(remote(20)), Some(BOB));
        assert_eq!(demux.by_address(remote(19)), None);
    }

    #[test]
    fn a_peer_that_restarts_ice_for_ever_is_known_by_its_last_ufrags() {
        let mut demux = Demux::default();
        demux.announce("other".into(), BOB);
        for restart in 0..100 {
            for _ in 0..3 {
                demux.announce(format!("ufrag{restart}"), ANN);
            }
        }
        assert_eq!(demux.by_ufrag.len(), UFRAGS + 1);
        assert_eq!((demux.by_ufrag("ufrag99"), demux.by_ufrag("ufrag96")), (Some(ANN), Some(ANN)));
        assert_eq!(demux.by_ufrag("ufrag95"), None);
        demux.remove(ANN);
        assert_eq!((demux.by_ufrag("ufrag99"), demux.by_ufrag("other")), (None, Some(BOB)));
        assert!(!demux.ufrags.contains_key(&ANN));
    }

    #[test]
    fn a_ufrag_is_read_from_a_binding_request_only() {
        let mut request = vec![0, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42];
        request.extend([7; 12]);
        request.extend([0, 6, 0, 5]);
        request.extend(*b"ab:cd\0\0\0");
        assert_eq!(stun_ufrag(&request), Some("ab"));
        for cut in 0..request.len() - 3 {
            assert_eq!(stun_ufrag(&request[..cut]), None);
        }
        request[1] = 0x11;
        assert_eq!(stun_ufrag(&request), None);
    }
}
