//! The runtime with real sockets on loopback: UDP and ICE-TCP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use common::{Mailbox, admission, connect};
use huddle_core::units::Bitrate;
use huddle_livekit::admission::SignalMode::SinglePc;
use huddle_livekit::proto;
use huddle_sfu::port::{Command, Config, ConnectionId, Handle, Report};
use proto::signal_response::Message as Told;
use str0m::change::SdpAnswer;
use str0m::net::{Protocol, Receive, TcpType};
use str0m::{Candidate, Event, Input, Output, Rtc};

struct Server {
    handle: Handle,
    thread: JoinHandle<()>,
    reports: Arc<Mutex<Vec<Report>>>,
}

fn server() -> Server {
    server_at(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

fn server_at(bind: IpAddr) -> Server {
    let reports: Arc<Mutex<Vec<Report>>> = Arc::default();
    let sink = reports.clone();
    let config = Config {
        bind,
        udp_port: 0,
        tcp_port: Some(0),
        addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        public: Vec::new(),
        start_bitrate: Bitrate::kbps(2_000),
        node_id: "ND_sockets".into(),
    };
    let (handle, thread) =
        huddle_sfu::start(config, Arc::new(move |report| sink.lock().unwrap().push(report))).unwrap();
    Server { handle, thread, reports }
}

enum Wire {
    Udp(UdpSocket),
    Tcp(TcpStream, Vec<u8>),
}

impl Wire {
    fn send(&mut self, to: SocketAddr, bytes: &[u8]) {
        match self {
            Self::Udp(socket) => {
                socket.send_to(bytes, to).unwrap();
            }
            Self::Tcp(stream, _) => {
                stream.write_all(&(bytes.len() as u16).to_be_bytes()).unwrap();
                stream.write_all(bytes).unwrap();
            }
        }
    }

    /// One packet, or nothing within 5 ms.
    fn receive(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        let mut buffer = [0; 4_096];
        match self {
            Self::Udp(socket) => {
                let (length, from) = socket.recv_from(&mut buffer).ok()?;
                Some((from, buffer[..length].to_vec()))
            }
            Self::Tcp(stream, pending) => {
                if let Ok(length) = stream.read(&mut buffer) {
                    pending.extend_from_slice(&buffer[..length]);
                }
                let length = usize::from(u16::from_be_bytes([*pending.first()?, *pending.get(1)?]));
                let frame = pending.get(2..2 + length)?.to_vec();
                pending.drain(..2 + length);
                Some((stream.peer_addr().unwrap(), frame))
            }
        }
    }
}

/// The address of a candidate line with this transport.
fn candidate(sdp: &str, transport: &str) -> SocketAddr {
    let line = sdp
        .lines()
        .filter(|line| line.starts_with("a=candidate:"))
        .find(|line| line.split(' ').nth(2).is_some_and(|have| have.eq_ignore_ascii_case(transport)))
        .unwrap_or_else(|| panic!("no {transport} candidate in {sdp}"));
    let words: Vec<&str> = line.split(' ').collect();
    format!("{}:{}", words[4], words[5]).parse().unwrap()
}

fn joins_over(protocol: Protocol) {
    str0m::crypto::from_feature_flags().install_process_default();
    let server = server();
    let mut rtc = Rtc::builder().set_rtp_mode(true).build(Instant::now());
    let mut api = rtc.sdp_api();
    api.add_channel("_reliable".into());
    let (offer, pending) = api.apply().unwrap();
    let mailbox = Mailbox::default();
    let mut connect = connect(SinglePc);
    connect.publisher_offer = Some(proto::SessionDescription {
        r#type: "offer".into(),
        sdp: offer.to_sdp_string(),
        id: 1,
        ..Default::default()
    });
    let _client = server
        .handle
        .admit(admission("ann", "PA_ann"), connect, ConnectionId(1), Box::new(mailbox.clone()))
        .unwrap_or_else(|_| panic!("the queue is empty"));
    let end = Instant::now() + Duration::from_secs(20);
    let answer = loop {
        assert!(Instant::now() < end, "an answer");
        let response = mailbox.0.lock().unwrap().queue.pop_front();
        match response.and_then(|response| response.message) {
            Some(Told::Answer(answer)) => break answer.sdp,
            Some(_) => {}
            None => std::thread::yield_now(),
        }
    };
    let tcp = protocol == Protocol::Tcp;
    let to = candidate(&answer, if tcp { "tcp" } else { "udp" });
    let (mut wire, local) = if tcp {
        let stream = TcpStream::connect(to).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let local = stream.local_addr().unwrap();
        (Wire::Tcp(stream, Vec::new()), local)
    } else {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let local = socket.local_addr().unwrap();
        (Wire::Udp(socket), local)
    };
    let ours = if tcp {
        Candidate::builder().tcp().host(local).tcptype(TcpType::Active).build().unwrap()
    } else {
        Candidate::host(local, Protocol::Udp).unwrap()
    };
    rtc.add_local_candidate(ours);
    let only: String = answer
        .lines()
        .filter(|line| !line.starts_with("a=candidate:") || line.contains(&format!(" {} typ", to.port())))
        .map(|line| format!("{line}\r\n"))
        .collect();
    let parsed = SdpAnswer::from_sdp_string(&only).unwrap();
    rtc.sdp_api().accept_answer(pending, parsed).unwrap();
    let mut open = false;
    while !open {
        assert!(Instant::now() < end, "the data channel opens over {protocol:?}");
        rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
        loop {
            match rtc.poll_output().unwrap() {
                Output::Timeout(_) => break,
                Output::Transmit(transmit) => wire.send(transmit.destination, &transmit.contents),
                Output::Event(Event::ChannelOpen(..)) => open = true,
                Output::Event(_) => {}
            }
        }
        if let Some((source, bytes)) = wire.receive() {
            let receive = Receive::new(protocol, source, local, &bytes).unwrap();
            rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
        }
    }
    let joined = |report: &Report| matches!(report, Report::Joined { .. });
    assert!(server.reports.lock().unwrap().iter().any(joined));
    server.handle.send(Command::Shutdown).unwrap_or_else(|_| panic!("the queue is empty"));
    server.thread.join().unwrap();
    let last = mailbox.0.lock().unwrap().queue.pop_back().and_then(|told| told.message);
    assert!(matches!(last, Some(Told::Leave(_))));
}

#[test]
fn a_client_joins_over_udp() {
    joins_over(Protocol::Udp);
}

#[test]
fn a_client_joins_over_tcp() {
    joins_over(Protocol::Tcp);
}

#[test]
fn hostile_tcp_connections_are_closed_and_others_served() {
    let server = server();
    let mailbox = Mailbox::default();
    let mut rtc = Rtc::builder().build(Instant::now());
    let mut api = rtc.sdp_api();
    api.add_channel("_reliable".into());
    let (offer, _) = api.apply().unwrap();
    let mut connect = connect(SinglePc);
    connect.publisher_offer = Some(proto::SessionDescription {
        r#type: "offer".into(),
        sdp: offer.to_sdp_string(),
        ..Default::default()
    });
    let _client = server
        .handle
        .admit(admission("ann", "PA_ann"), connect, ConnectionId(1), Box::new(mailbox.clone()))
        .unwrap_or_else(|_| panic!("the queue is empty"));
    let end = Instant::now() + Duration::from_secs(20);
    let to = loop {
        assert!(Instant::now() < end);
        let response = mailbox.0.lock().unwrap().queue.pop_front();
        if let Some(Told::Answer(answer)) = response.and_then(|response| response.message) {
            break candidate(&answer.sdp, "tcp");
        }
    };
    let mut evil = TcpStream::connect(to).unwrap();
    evil.write_all(&[0xff; 64]).unwrap();
    evil.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let closed = evil.read(&mut [0; 16]);
    assert!(
        matches!(closed, Ok(0))
            || closed.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
    );
    server.handle.send(Command::Shutdown).unwrap_or_else(|_| panic!("the queue is empty"));
    server.thread.join().unwrap();
}

#[test]
fn the_thread_s_heart_beats_whatever_there_is_to_do() {
    let server = server();
    let end = Instant::now() + Duration::from_secs(20);
    let before = server.handle.beats();
    while server.handle.beats() < before + 5 {
        assert!(Instant::now() < end, "a beat");
        std::thread::yield_now();
    }
    server.handle.send(Command::Shutdown).unwrap();
    server.thread.join().unwrap();
}

#[test]
fn an_sfu_that_is_bound_to_one_address_learns_its_public_one() {
    str0m::crypto::from_feature_flags().install_process_default();
    let server = server();
    let (local, public) = (vec![IpAddr::from([127, 0, 0, 2])], vec![IpAddr::from([203, 0, 113, 7])]);
    server.handle.send(Command::SetAddresses { local, public }).unwrap();
    let answer = answer_of(&server, 1);
    assert!(answer.contains("203.0.113.7") && !answer.contains("127.0.0.2"), "{answer}");
    server.handle.send(Command::Shutdown).unwrap();
    server.thread.join().unwrap();
}

#[test]
fn an_address_that_comes_later_is_offered_from_then_on() {
    str0m::crypto::from_feature_flags().install_process_default();
    let server = server_at(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let late = IpAddr::from([127, 0, 0, 2]);
    let addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), late];
    let before = answer_of(&server, 1);
    assert!(!before.contains("127.0.0.2"), "{before}");
    let public = vec![IpAddr::from([203, 0, 113, 7])];
    server.handle.send(Command::SetAddresses { local: addresses, public }).unwrap();
    let after = answer_of(&server, 2);
    let offered: Vec<&str> =
        after.lines().filter(|line| line.contains("candidate") && line.contains("127.0.0.2")).collect();
    assert_eq!(offered.len(), 2, "UDP and TCP: {after}");
    let port = |line: &str| line.split(' ').nth(5).unwrap().parse::<u16>().unwrap();
    let tcp = offered.iter().find(|line| line.to_lowercase().contains(" tcp ")).unwrap();
    TcpStream::connect(SocketAddr::new(late, port(tcp))).unwrap();
    let udp = offered.iter().find(|line| line.to_lowercase().contains(" udp ")).unwrap();
    UdpSocket::bind(SocketAddr::new(late, port(udp))).expect_err("the port is open");
    let learnt = after.lines().filter(|line| line.contains("candidate") && line.contains("203.0.113.7"));
    assert_eq!(learnt.count(), 2, "UDP and TCP: {after}");
    let (local, public) = (vec![IpAddr::V4(Ipv4Addr::LOCALHOST)], Vec::new());
    server.handle.send(Command::SetAddresses { local, public }).unwrap();
    let again = answer_of(&server, 3);
    assert!(!again.contains("127.0.0.2") && !again.contains("203.0.113.7"), "{again}");
    server.handle.send(Command::Shutdown).unwrap();
    server.thread.join().unwrap();
}

/// What a client that joins now is answered.
fn answer_of(server: &Server, number: u64) -> String {
    let mut rtc = Rtc::builder().build(Instant::now());
    let mut api = rtc.sdp_api();
    api.add_channel("_reliable".into());
    let (offer, _) = api.apply().unwrap();
    let mailbox = Mailbox::default();
    let mut connect = connect(SinglePc);
    connect.publisher_offer = Some(proto::SessionDescription {
        r#type: "offer".into(),
        sdp: offer.to_sdp_string(),
        ..Default::default()
    });
    let name = format!("client{number}");
    let admission = admission(&name, &format!("PA_{name}"));
    let outbound = Box::new(mailbox.clone());
    let _client = server.handle.admit(admission, connect, ConnectionId(number), outbound).unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        assert!(Instant::now() < end, "an answer");
        let response = mailbox.0.lock().unwrap().queue.pop_front();
        match response.and_then(|response| response.message) {
            Some(Told::Answer(answer)) => return answer.sdp,
            Some(_) => {}
            None => std::thread::yield_now(),
        }
    }
}
