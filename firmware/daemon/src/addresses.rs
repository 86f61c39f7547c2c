//! Under which addresses the box is reached.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant};

use huddle_sfu::port as sfu;

use crate::conductor::{Conductor, Message};
use crate::config::{Config, Media};
use crate::ready;

/// Interfaces are looked at this often.
const LOOK: Duration = Duration::from_secs(3);
/// The STUN server is asked again so long after it did not answer, and after it did: a router may get
/// another address.
const RETRY: Duration = Duration::from_secs(15);
const AGAIN: Duration = Duration::from_secs(600);

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

/// Tells the SFU and the conductor when the addresses change: a cable is plugged, DHCP answers late,
/// the STUN server sees the box elsewhere. `told` and `base` are what they know already.
pub(crate) fn watch(
    config: Config,
    told: Vec<IpAddr>,
    mut base: String,
    sfu: sfu::Handle,
    conductor: Conductor,
) -> std::io::Result<()> {
    let watch = move || {
        let mut public = Public::new(&config.media);
        let mut told = (told, public.address);
        loop {
            let lan = of_interfaces();
            let new_base = ready::join_base(&config, &lan);
            // Without a cable the links stay as they were: what is saved with them outlives that.
            let reached = !lan.is_empty() && new_base != base;
            if reached && conductor.send(Message::Base(new_base.clone())) {
                base = new_base;
            }
            let local = for_media(&config.media);
            public.look(Instant::now(), local != told.0, ask_stun);
            let now = (local, public.address);
            // A busy SFU is told the next time.
            if now != told && sfu.send(announcement(&now)).is_ok() {
                tracing::info!(addresses = now.0.len(), "the box's addresses have changed");
                told = now;
            }
            std::thread::sleep(LOOK);
        }
    };
    std::thread::Builder::new().name("addresses".to_owned()).spawn(watch).map(|_| ())
}

fn announcement((local, public): &(Vec<IpAddr>, Option<IpAddr>)) -> sfu::Command {
    sfu::Command::SetAddresses { local: local.clone(), public: public.iter().copied().collect() }
}

/// The public address: as configured, or as the STUN server sees the box. The media ports are
/// expected to be forwarded unchanged.
struct Public {
    server: Option<String>,
    address: Option<IpAddr>,
    due: Option<Instant>,
}

impl Public {
    fn new(media: &Media) -> Self {
        let server = media.stun.clone().filter(|_| media.public_address.is_none());
        Self { server, address: media.public_address, due: None }
    }

    /// Asks if it is time, or if the box `moved`. Without an answer the last one counts.
    fn look(&mut self, now: Instant, moved: bool, ask: impl FnOnce(&str) -> Option<IpAddr>) {
        let Some(server) = &self.server else { return };
        if !moved && self.due.is_some_and(|due| now < due) {
            return;
        }
        let found = ask(server);
        if found.is_none() && (moved || self.due.is_none()) {
            tracing::warn!(%server, "the STUN server does not answer and is asked again");
        }
        self.due = Some(now + if found.is_some() { AGAIN } else { RETRY });
        self.address = found.or(self.address);
    }
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
    fn the_stun_server_is_asked_until_it_answers_and_then_now_and_again() {
        let media = Media { stun: Some("stun.example:3478".into()), ..Media::default() };
        let start = Instant::now();
        let mut public = Public::new(&media);
        let mut asked = 0;
        let mut look = |second: u64, moved: bool, answer: Option<[u8; 4]>| {
            let ask = |_: &str| {
                asked += 1;
                answer.map(IpAddr::from)
            };
            public.look(start + Duration::from_secs(second), moved, ask);
            (asked, public.address)
        };
        let (first, second) = ([203, 0, 113, 7], [203, 0, 113, 8]);
        assert_eq!(look(0, false, None), (1, None));
        assert_eq!(look(3, false, Some(first)), (1, None), "not every time");
        assert_eq!(look(15, false, Some(first)), (2, Some(first.into())));
        assert_eq!(look(500, false, Some(second)), (2, Some(first.into())));
        assert_eq!(look(501, true, Some(second)), (3, Some(second.into())), "at once when the box moved");
        assert_eq!(look(1_101, false, None), (4, Some(second.into())), "the last answer counts");
        assert_eq!(look(1_116, false, Some(first)), (5, Some(first.into())));
    }

    #[test]
    fn a_configured_public_address_needs_no_stun() {
        let address = Some(IpAddr::from([203, 0, 113, 7]));
        let stun = Some("stun.example:3478".into());
        let mut public = Public::new(&Media { public_address: address, stun, ..Media::default() });
        public.look(Instant::now(), true, |_| None);
        assert_eq!((public.address, public.due), (address, None));
    }

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
