#![expect(clippy::cast_possible_truncation, reason = "small test numbers")]

use std::net::Ipv4Addr;
use std::time::Duration;

use mio::Poll;

use super::*;

fn transmit(from: SocketAddr, to: SocketAddr, size: usize, mark: u8) -> Transmit {
    let contents = vec![mark; size];
    Transmit { proto: Protocol::Udp, source: from, destination: to, contents: contents.into() }
}

#[test]
fn bursts_and_single_packets_arrive_whole_and_in_order() {
    let poll = Poll::new().unwrap();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let bound = Bound::new(any, poll.registry(), Token(1)).unwrap();
    let mut socket = Udp::new(bound);
    let receiver = std::net::UdpSocket::bind(any).unwrap();
    receiver.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let (from, to) = (socket.address, receiver.local_addr().unwrap());
    let sizes = [100, 1_100, 1_100, 1_100, 700, 50, 60, 1_200, 1_200];
    let all: Vec<Transmit> =
        sizes.iter().enumerate().map(|(index, size)| transmit(from, to, *size, index as u8)).collect();
    socket.send(&all);
    let mut buffer = [0; 4_096];
    for (index, size) in sizes.iter().enumerate() {
        let (length, source) = receiver.recv_from(&mut buffer).unwrap();
        assert_eq!((length, buffer[0], source), (*size, index as u8, from));
    }
}

#[test]
fn a_batch_is_received_with_its_source() {
    let mut poll = Poll::new().unwrap();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let bound = Bound::new(any, poll.registry(), Token(1)).unwrap();
    let mut socket = Udp::new(bound);
    let sender = std::net::UdpSocket::bind(any).unwrap();
    for mark in 0..100u8 {
        sender.send_to(&[mark; 9], socket.address).unwrap();
    }
    let mut seen = Vec::new();
    let mut events = mio::Events::with_capacity(8);
    while seen.len() < 100 {
        poll.poll(&mut events, Some(Duration::from_secs(5))).unwrap();
        socket.set_readable();
        socket.receive(|datagram| {
            assert_eq!(datagram.source, sender.local_addr().unwrap());
            seen.push(datagram.bytes[0]);
        });
    }
    assert_eq!(seen, (0..100).collect::<Vec<u8>>());
}
