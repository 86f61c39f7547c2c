//! Under which addresses the box is reached.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use huddle_sfu::port as sfu;

use crate::conductor::{Conductor, Message};
use crate::config::{Config, Media};
use crate::ready;

/// Interfaces are looked at this often.
const LOOK: Duration = Duration::from_secs(3);

/// Addresses of the box's interfaces, IPv4 first; link-local ones are of no use to a browser.
pub(crate) fn of_interfaces() -> Vec<IpAddr> {
    let all = if_addrs::get_if_addrs().unwrap_or_default();
    let mut found: Vec<IpAddr> =
        all.into_iter().map(|i| i.ip()).filter(|ip| !ip.is_loopback() && !is_link_local(*ip)).collect();
    found.sort_by_key(IpAddr::is_ipv6);
    found.dedup();
    found
}

const fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

/// Addresses for host candidates.
pub(crate) fn for_media(media: &Media) -> Vec<IpAddr> {
    let mut found = of_interfaces();
    if !media.bind.is_unspecified() {
        found = vec![media.bind];
    } else if media.bind.is_ipv4() {
        found.retain(IpAddr::is_ipv4);
    }
    if !media.addresses.is_empty() {
        found.retain(|ip| media.addresses.contains(ip));
    }
    if media.loopback || found.is_empty() {
        found.push(IpAddr::from([127, 0, 0, 1]));
    }
    found
}

/// Tells the SFU and the conductor when the addresses change: a cable is plugged, DHCP answers late.
/// `told` and `base` are what they know already.
pub(crate) fn watch(
    config: Config,
    mut told: Vec<IpAddr>,
    mut base: String,
    sfu: sfu::Handle,
    conductor: Conductor,
) -> std::io::Result<()> {
    let watch = move || {
        loop {
            std::thread::sleep(LOOK);
            let lan = of_interfaces();
            let new_base = ready::join_base(&config, &lan);
            // Without a cable the links stay as they were: what is saved with them outlives that.
            let reached = !lan.is_empty() && new_base != base;
            if reached && conductor.send(Message::Base(new_base.clone())) {
                base = new_base;
            }
            let now = for_media(&config.media);
            // A busy SFU is told the next time.
            if now != told && sfu.send(sfu::Command::SetAddresses(now.clone())).is_ok() {
                tracing::info!(addresses = now.len(), "the box's addresses have changed");
                told = now;
            }
        }
    };
    std::thread::Builder::new().name("addresses".to_owned()).spawn(watch).map(|_| ())
}

/// The public address: as configured, or as the STUN server sees the box. The media ports are
/// expected to be forwarded unchanged.
pub(crate) fn public(media: &Media) -> Option<IpAddr> {
    media.public_address.or_else(|| {
        let server = media.stun.as_ref()?;
        let found = ask_stun(server);
        if found.is_none() {
            tracing::warn!(%server, "the STUN server does not answer; no public address is offered");
        }
        found
    })
}

fn ask_stun(server: &str) -> Option<IpAddr> {
    let to = server.to_socket_addrs().ok()?.find(SocketAddr::is_ipv4)?;
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.set_read_timeout(Some(Duration::from_millis(500))).ok()?;
    let mut id = [0_u8; 12];
    rand::fill(&mut id);
    let mut request = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    request.extend_from_slice(&id);
    for _ in 0..3 {
        socket.send_to(&request, to).ok()?;
        let mut buffer = [0_u8; 512];
        let Ok((len, from)) = socket.recv_from(&mut buffer) else {
            continue;
        };
        if from == to {
            return mapped_address(buffer.get(..len)?, &id);
        }
    }
    None
}

/// The IPv4 XOR-MAPPED-ADDRESS of a binding success response (RFC 8489 §14.2) to our request.
fn mapped_address(message: &[u8], id: &[u8; 12]) -> Option<IpAddr> {
    if message.get(..2)? != [1, 1] || message.get(8..20)? != id {
        return None;
    }
    let mut rest = message.get(20..)?;
    while let [t0, t1, l0, l1, body @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*l0, *l1]));
        let value = body.get(..len)?;
        if [*t0, *t1] == [0, 0x20] {
            let [_, 1, _, _, a, b, c, d] = value else {
                return None;
            };
            return Some(IpAddr::from([a ^ 0x21, b ^ 0x12, c ^ 0xa4, d ^ 0x42]));
        }
        rest = body.get(len.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stun_answer_is_read_and_a_forged_one_refused() {
        let id = *b"abcdefghijkl";
        let mut answer = vec![1, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42];
        answer.extend_from_slice(&id);
        answer.extend_from_slice(&[0, 0x20, 0, 8, 0, 1, 0, 0]);
        answer.extend_from_slice(&[203 ^ 0x21, 0x12, 113 ^ 0xa4, 7 ^ 0x42]);
        assert_eq!(mapped_address(&answer, &id), Some(IpAddr::from([203, 0, 113, 7])));
        assert_eq!(mapped_address(&answer, b"xxxxxxxxxxxx"), None);
        for len in 0..answer.len() {
            assert_eq!(mapped_address(answer.get(..len).unwrap(), &id), None);
        }
    }
}
