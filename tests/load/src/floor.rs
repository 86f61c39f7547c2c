//! The floor: what this machine needs to receive a burst and send it on with `sendmmsg`, without
//! cryptography. The ratio to it says more than microseconds of a busy machine.

use std::io::{IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant};

use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg};
use nix::time::{ClockId, clock_gettime};

const BURST: usize = 10;
const BYTES: usize = 1_200;
const BATCH: usize = 64;

/// CPU microseconds per forwarded packet.
pub(crate) fn measure(subscribers: usize, duration: Duration) -> anyhow::Result<f64> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let input = UdpSocket::bind(any)?;
    input.set_read_timeout(Some(Duration::from_millis(200)))?;
    let output = UdpSocket::bind(any)?;
    let source = UdpSocket::bind(any)?;
    let sinks = (0..subscribers).map(|_| UdpSocket::bind(any)).collect::<Result<Vec<_>, _>>()?;
    let to: Vec<Option<SockaddrStorage>> = sinks
        .iter()
        .map(|sink| sink.local_addr().map(|address| Some(address.into())))
        .collect::<Result<_, _>>()?;
    let target = input.local_addr()?;
    let mut incoming = MultiHeaders::<SockaddrStorage>::preallocate(BURST, None);
    let mut outgoing = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, None);
    let mut buffers = vec![[0u8; 2_048]; BURST];
    let mut sent = 0u64;
    let mut spent = Duration::ZERO;
    let end = Instant::now() + duration;
    while Instant::now() < end {
        for _ in 0..BURST {
            source.send_to(&[7; BYTES], target)?;
        }
        let begin = cpu()?;
        let mut slices: Vec<[IoSliceMut<'_>; 1]> =
            buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
        let received =
            recvmmsg(input.as_raw_fd(), &mut incoming, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None)?;
        let packets: Vec<Vec<u8>> =
            received.filter_map(|message| message.iovs().next().map(<[u8]>::to_vec)).collect();
        let all: Vec<(&Vec<u8>, &Option<SockaddrStorage>)> =
            packets.iter().flat_map(|packet| to.iter().map(move |to| (packet, to))).collect();
        for part in all.chunks(BATCH) {
            let slices: Vec<[IoSlice<'_>; 1]> =
                part.iter().map(|(packet, _)| [IoSlice::new(packet)]).collect();
            let addresses: Vec<Option<SockaddrStorage>> = part.iter().map(|(_, to)| **to).collect();
            let count = sendmmsg(
                output.as_raw_fd(),
                &mut outgoing,
                slices.iter(),
                &addresses,
                [],
                MsgFlags::empty(),
            )?
            .count();
            sent += u64::try_from(count)?;
        }
        spent += cpu()?.saturating_sub(begin);
        drain(&sinks);
    }
    #[expect(clippy::cast_precision_loss, reason = "a packet count")]
    let per_packet = spent.as_secs_f64() * 1e6 / sent.max(1) as f64;
    Ok(per_packet)
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
