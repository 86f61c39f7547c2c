//! The floor: what this machine needs at least to receive a burst, decrypt it, encrypt it for each
//! subscriber and send it with `sendmmsg`, as one plain loop (AES-128-GCM as in SRTP). The ratio to
//! it says more than microseconds of a busy machine.

use std::io::{IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg};
use nix::time::{ClockId, clock_gettime};

const BURST: usize = 10;
/// RTP header with extensions, payload, and the tag of GCM.
const HEADER: usize = 20;
const PAYLOAD: usize = 1_160;
const TAG: usize = 16;
const BATCH: usize = 64;

/// CPU microseconds per forwarded packet.
pub(crate) fn measure(subscribers: usize, duration: Duration) -> anyhow::Result<f64> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let input = UdpSocket::bind(any)?;
    let output = UdpSocket::bind(any)?;
    let source = UdpSocket::bind(any)?;
    let sinks = (0..subscribers).map(|_| UdpSocket::bind(any)).collect::<Result<Vec<_>, _>>()?;
    let to: Vec<Option<SockaddrStorage>> = sinks
        .iter()
        .map(|sink| sink.local_addr().map(|address| Some(address.into())))
        .collect::<Result<_, _>>()?;
    let target = input.local_addr()?;
    let keys = (0..=subscribers).map(|_| key()).collect::<anyhow::Result<Vec<_>>>()?;
    let mut packet = vec![0u8; HEADER];
    packet.extend([7; PAYLOAD]);
    seal(&keys, 0, &mut packet)?;
    let mut incoming = MultiHeaders::<SockaddrStorage>::preallocate(BURST, None);
    let mut outgoing = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, None);
    let mut buffers = vec![[0u8; 2_048]; BURST];
    let mut copies: Vec<Vec<u8>> = (0..BURST * subscribers).map(|_| Vec::with_capacity(2_048)).collect();
    let (mut sent, mut spent) = (0u64, Duration::ZERO);
    let end = Instant::now() + duration;
    while Instant::now() < end {
        for _ in 0..BURST {
            source.send_to(&packet, target)?;
        }
        let begin = cpu()?;
        let plain = receive(&input, &mut incoming, &mut buffers, &keys)?;
        let mut all: Vec<(&Vec<u8>, &Option<SockaddrStorage>)> = Vec::with_capacity(copies.len());
        let targets = plain.iter().flat_map(|packet| to.iter().enumerate().map(move |to| (packet, to)));
        for ((plain, (index, to)), copy) in targets.zip(&mut copies) {
            copy.clear();
            copy.extend_from_slice(plain);
            seal(&keys, index + 1, copy)?;
            all.push((copy, to));
        }
        for part in all.chunks(BATCH) {
            let slices: Vec<[IoSlice<'_>; 1]> =
                part.iter().map(|(packet, _)| [IoSlice::new(packet)]).collect();
            let addresses: Vec<Option<SockaddrStorage>> = part.iter().map(|(_, to)| **to).collect();
            let fd = output.as_raw_fd();
            let flags = MsgFlags::empty();
            let count = sendmmsg(fd, &mut outgoing, slices.iter(), &addresses, [], flags)?.count();
            sent += u64::try_from(count)?;
        }
        spent += cpu()?.saturating_sub(begin);
        drain(&sinks);
    }
    #[expect(clippy::cast_precision_loss, reason = "a packet count")]
    let per_packet = spent.as_secs_f64() * 1e6 / sent.max(1) as f64;
    Ok(per_packet)
}

/// A burst, decrypted: headers and payloads.
fn receive(
    input: &UdpSocket,
    headers: &mut MultiHeaders<SockaddrStorage>,
    buffers: &mut [[u8; 2_048]],
    keys: &[LessSafeKey],
) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut slices: Vec<[IoSliceMut<'_>; 1]> =
        buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
    let received = recvmmsg(input.as_raw_fd(), headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None)?;
    let mut plain: Vec<Vec<u8>> =
        received.filter_map(|message| message.iovs().next().map(<[u8]>::to_vec)).collect();
    for packet in &mut plain {
        let Some((header, body)) = packet.split_at_mut_checked(HEADER) else { continue };
        let key = keys.first().ok_or_else(|| anyhow::anyhow!("no key"))?;
        key.open_in_place(nonce(), Aad::from(header), body)
            .map_err(|_| anyhow::anyhow!("a forged packet"))?;
        packet.truncate(HEADER + PAYLOAD);
    }
    Ok(plain)
}

/// The same key everywhere: what it costs does not depend on it.
fn key() -> anyhow::Result<LessSafeKey> {
    let key = UnboundKey::new(&AES_128_GCM, &[1; 16]).map_err(|_| anyhow::anyhow!("no AES-128-GCM"))?;
    Ok(LessSafeKey::new(key))
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([2; 12])
}

fn seal(keys: &[LessSafeKey], index: usize, packet: &mut Vec<u8>) -> anyhow::Result<()> {
    let key = keys.get(index).ok_or_else(|| anyhow::anyhow!("no key"))?;
    let Some((header, body)) = packet.split_at_mut_checked(HEADER) else { return Ok(()) };
    let tag = key
        .seal_in_place_separate_tag(nonce(), Aad::from(header), body)
        .map_err(|_| anyhow::anyhow!("cannot encrypt"))?;
    packet.extend_from_slice(tag.as_ref());
    debug_assert_eq!(packet.len(), HEADER + PAYLOAD + TAG);
    Ok(())
}

fn cpu() -> anyhow::Result<Duration> {
    Ok(Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?))
}

fn drain(sinks: &[UdpSocket]) {
    let mut buffer = [0; 2_048];
    for sink in sinks {
        if sink.set_nonblocking(true).is_ok() {
            while sink.recv(&mut buffer).is_ok() {}
        }
    }
}
