//! The load itself: str0m clients in one thread, one socket each.

use std::collections::HashMap;
use std::io::BufReader;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use crossbeam_channel::Receiver;
use huddle_livekit::proto;
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};
use prost::Message as _;
use proto::signal_request::Message as Ask;
use proto::signal_response::Message as Told;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpWrite, SeqNo};
use str0m::{Candidate, Event, Input, Output, Rtc};

use crate::wire::{self, Frame, Kind};

/// Packets per burst and bursts per second: 300 packets of 1,160 bytes (2.8 Mbit/s).
const BURST: u64 = 10;
const BURSTS: u64 = 30;
const BYTES: usize = 1_160;

/// The result of one run.
pub(crate) struct Run {
    /// Part of the expected packets that arrived.
    pub delivered: f64,
    /// Packets out of the SFU per second.
    pub rate: f64,
    /// CPU microseconds of the SFU process per delivered packet.
    pub cpu_us: f64,
    /// p50, p99 and maximum of send to receive.
    pub latency_ms: [f64; 3],
    /// Resident memory of the SFU process.
    pub rss_mb: f64,
}

struct Peer {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    pending: Option<SdpPendingOffer>,
    connected: bool,
    sending: Option<Mid>,
    received: u64,
    deadline: Instant,
}

struct World {
    child: Child,
    to_child: ChildStdin,
    from_child: Receiver<Frame>,
    peers: Vec<Peer>,
    poll: Poll,
    epoch: Instant,
    latencies: Vec<f64>,
    measuring: bool,
}

/// One run with so many subscribers.
pub(crate) fn run(subscribers: usize, window: Duration) -> anyhow::Result<Run> {
    str0m::crypto::from_feature_flags().install_process_default();
    let mut world = World::new()?;
    for index in 0..=subscribers {
        world.join(index)?;
    }
    world.wait("everybody is connected", |world| world.peers.iter().all(|peer| peer.connected))?;
    world.publish()?;
    world.wait("the track is negotiated", |world| {
        world.peers.first().is_some_and(|peer| peer.pending.is_none())
    })?;
    let mut seq = 100;
    world.stream(Duration::from_secs(2), &mut seq)?;
    let before: u64 = world.peers.iter().map(|peer| peer.received).sum();
    let cpu = cpu_of(world.child.id())?;
    world.measuring = true;
    let first = seq;
    world.stream(window, &mut seq)?;
    world.settle(Duration::from_millis(300))?;
    let spent = cpu_of(world.child.id())? - cpu;
    let received = world.peers.iter().map(|peer| peer.received).sum::<u64>() - before;
    let run = world.result(received, (seq - first) * subscribers as u64, spent, window);
    world.end();
    run
}

impl World {
    fn new() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let to_child = child.stdin.take().context("no standard input")?;
        let output = child.stdout.take().context("no standard output")?;
        let (sender, from_child) = crossbeam_channel::unbounded();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Ok(frame) = wire::read(&mut output) {
                if sender.send(frame).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            child,
            to_child,
            from_child,
            peers: Vec::new(),
            poll: Poll::new()?,
            epoch: Instant::now(),
            latencies: Vec::new(),
            measuring: false,
        })
    }

    fn join(&mut self, index: usize) -> anyhow::Result<()> {
        let now = Instant::now();
        let mut socket = UdpSocket::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let address = socket.local_addr()?;
        self.poll.registry().register(&mut socket, Token(index), Interest::READABLE)?;
        let mut rtc = Rtc::builder()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_rtp_mode(true)
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, Protocol::Udp)?);
        let mut api = rtc.sdp_api();
        api.add_channel("_reliable".to_owned());
        api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let (offer, pending) = api.apply().context("an offer")?;
        let offer = description(&offer.to_sdp_string());
        self.peers.push(Peer {
            rtc,
            socket,
            address,
            pending: Some(pending),
            connected: false,
            sending: None,
            received: 0,
            deadline: now,
        });
        let bytes = offer.encode_to_vec();
        let frame = Frame { kind: Kind::Join, connection: u64::try_from(index)?, bytes };
        Ok(wire::write(&mut self.to_child, &frame)?)
    }

    fn publish(&mut self) -> anyhow::Result<()> {
        let track = proto::AddTrackRequest {
            cid: "cam".to_owned(),
            r#type: proto::TrackType::Video as i32,
            source: proto::TrackSource::Camera as i32,
            width: 1_280,
            height: 720,
            ..Default::default()
        };
        self.ask(0, Ask::AddTrack(track))?;
        let peer = self.peers.first_mut().context("a publisher")?;
        let mut api = peer.rtc.sdp_api();
        let cid = Some("cam".to_owned());
        let mid = api.add_media(MediaKind::Video, Direction::SendOnly, None, cid, None);
        let (offer, pending) = api.apply().context("an offer")?;
        peer.pending = Some(pending);
        peer.sending = Some(mid);
        self.ask(0, Ask::Offer(description(&offer.to_sdp_string())))
    }

    fn ask(&mut self, index: usize, message: Ask) -> anyhow::Result<()> {
        let bytes = proto::SignalRequest { message: Some(message) }.encode_to_vec();
        let frame = Frame { kind: Kind::Signal, connection: u64::try_from(index)?, bytes };
        Ok(wire::write(&mut self.to_child, &frame)?)
    }

    /// Works until `done`, at most 30 s.
    fn wait(&mut self, what: &str, done: impl Fn(&Self) -> bool) -> anyhow::Result<()> {
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            if done(self) {
                return Ok(());
            }
            self.turn(Duration::from_millis(2))?;
        }
        bail!("never: {what}")
    }

    fn settle(&mut self, duration: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            self.turn(Duration::from_millis(2))?;
        }
        Ok(())
    }

    /// Publishes bursts for `duration`; `seq` is the next sequence number.
    fn stream(&mut self, duration: Duration, seq: &mut u64) -> anyhow::Result<()> {
        let start = Instant::now();
        let every = Duration::from_secs(1) / u32::try_from(BURSTS)?;
        let mut next = start;
        while next < start + duration {
            while Instant::now() < next {
                let left = next.saturating_duration_since(Instant::now());
                self.turn(left.min(Duration::from_millis(2)))?;
            }
            next += every;
            let key = (*seq / BURST).is_multiple_of(BURSTS);
            for index in 0..BURST {
                self.send(*seq, key && index == 0, index + 1 == BURST)?;
                *seq += 1;
            }
        }
        Ok(())
    }

    fn send(&mut self, seq: u64, key: bool, marker: bool) -> anyhow::Result<()> {
        let now = Instant::now();
        let sent = u64::try_from(now.duration_since(self.epoch).as_micros())?;
        let Some(peer) = self.peers.first_mut() else { return Ok(()) };
        let mid = peer.sending.context("publishing")?;
        let vp8 = str0m::format::Codec::Vp8;
        let found = peer.rtc.codec_config().find(|params| params.spec().codec == vp8);
        let pt = found.context("VP8")?.pt();
        let first = if seq.is_multiple_of(BURST) { 0x10 } else { 0 };
        let mut payload = vec![first, u8::from(!key)];
        payload.extend(sent.to_be_bytes());
        payload.resize(BYTES, 0);
        let timestamp = u32::try_from(seq / BURST * 3_000 % (1 << 32))?;
        let mut direct = peer.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(mid, None).context("a stream")?;
        let write = RtpWrite::new(pt, SeqNo::from(seq), timestamp, now, payload);
        stream.write_rtp(write.marker(marker).nackable(true));
        self.drive(0, now);
        Ok(())
    }

    fn turn(&mut self, wait: Duration) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(256);
        match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        for event in &events {
            self.receive(event.token().0);
        }
        while let Ok(frame) = self.from_child.try_recv() {
            self.hear(&frame)?;
        }
        let now = Instant::now();
        for index in 0..self.peers.len() {
            if self.peers.get(index).is_some_and(|peer| peer.deadline <= now) {
                self.drive(index, now);
            }
        }
        Ok(())
    }

    fn receive(&mut self, index: usize) {
        let mut buffer = [0; 2_048];
        loop {
            let now = Instant::now();
            let Some(peer) = self.peers.get_mut(index) else { return };
            let Ok((length, source)) = peer.socket.recv_from(&mut buffer) else { return };
            let bytes = buffer.get(..length).unwrap_or_default();
            if let Ok(receive) = Receive::new(Protocol::Udp, source, peer.address, bytes) {
                // A refused packet shows up as a lost one.
                let _ = peer.rtc.handle_input(Input::Receive(now, receive));
            }
            self.drain(index, now);
        }
    }

    fn drive(&mut self, index: usize, now: Instant) {
        if let Some(peer) = self.peers.get_mut(index) {
            let _ = peer.rtc.handle_input(Input::Timeout(now));
        }
        self.drain(index, now);
    }

    fn drain(&mut self, index: usize, now: Instant) {
        let Some(peer) = self.peers.get_mut(index) else { return };
        loop {
            match peer.rtc.poll_output() {
                Err(_) => return,
                Ok(Output::Timeout(deadline)) => {
                    peer.deadline = deadline.max(now + Duration::from_millis(1));
                    return;
                }
                Ok(Output::Transmit(transmit)) => {
                    // A full buffer loses it, as a network would.
                    let _ = peer.socket.send_to(&transmit.contents, transmit.destination);
                }
                Ok(Output::Event(Event::Connected)) => peer.connected = true,
                Ok(Output::Event(Event::RtpPacket(packet))) => {
                    peer.received += 1;
                    let sent = packet.payload.get(2..10).and_then(|bytes| bytes.try_into().ok());
                    if let (true, Some(sent)) = (self.measuring, sent) {
                        let sent = Duration::from_micros(u64::from_be_bytes(sent));
                        let passed = now.duration_since(self.epoch).saturating_sub(sent);
                        self.latencies.push(passed.as_secs_f64() * 1e3);
                    }
                }
                Ok(Output::Event(_)) => {}
            }
        }
    }

    fn hear(&mut self, frame: &Frame) -> anyhow::Result<()> {
        let index = usize::try_from(frame.connection)?;
        let response = proto::SignalResponse::decode(frame.bytes.as_slice())?;
        let Some(peer) = self.peers.get_mut(index) else { return Ok(()) };
        match response.message {
            Some(Told::Answer(answer)) => {
                if let Some(pending) = peer.pending.take() {
                    let answer = SdpAnswer::from_sdp_string(&answer.sdp)?;
                    peer.rtc.sdp_api().accept_answer(pending, answer)?;
                }
                self.drive(index, Instant::now());
            }
            Some(Told::MediaSectionsRequirement(_)) if peer.pending.is_none() => {
                let mut api = peer.rtc.sdp_api();
                api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
                let (offer, pending) = api.apply().context("an offer")?;
                peer.pending = Some(pending);
                self.ask(index, Ask::Offer(description(&offer.to_sdp_string())))?;
            }
            Some(_) | None => {}
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    fn result(
        &mut self,
        received: u64,
        expected: u64,
        spent: Duration,
        window: Duration,
    ) -> anyhow::Result<Run> {
        self.latencies.sort_by(f64::total_cmp);
        let at = |part: usize| {
            let index = self.latencies.len().saturating_sub(1) * part / 100;
            self.latencies.get(index).copied().unwrap_or_default()
        };
        Ok(Run {
            delivered: received as f64 / expected.max(1) as f64,
            rate: received as f64 / window.as_secs_f64(),
            cpu_us: spent.as_secs_f64() * 1e6 / received.max(1) as f64,
            latency_ms: [at(50), at(99), at(100)],
            rss_mb: rss_of(self.child.id())? as f64 / 1024.0,
        })
    }

    fn end(mut self) {
        drop(self.to_child);
        // The child ends with its input; what it returns does not change the numbers.
        let _ = self.child.wait();
    }
}

fn description(sdp: &str) -> proto::SessionDescription {
    proto::SessionDescription {
        r#type: "offer".to_owned(),
        sdp: sdp.to_owned(),
        id: 1,
        mid_to_track_id: HashMap::new(),
    }
}

/// CPU time of all threads of a process, exact to the nanosecond.
fn cpu_of(pid: u32) -> anyhow::Result<Duration> {
    let mut sum = 0u64;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        sum += text.split_whitespace().next().context("schedstat")?.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(sum))
}

/// Resident kilobytes of a process.
fn rss_of(pid: u32) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.split_whitespace().next().context("VmRSS")?.parse()?)
}
