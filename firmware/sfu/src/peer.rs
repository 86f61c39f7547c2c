//! One peer connection: the only code that touches an `Rtc`.
//!
//! str0m's one contract is "one mutation, then drain". `touch` is that contract: it runs one
//! mutation, moves time, drains every output into a [`Sink`] and only then returns. RTP writes
//! are the exception that str0m allows (they only queue): `write` queues many and the next
//! `touch` sends them as one burst. What moves the engine on – input from the network, mutations,
//! time – runs under `catch_unwind`: a broken invariant in the engine of one peer must never end
//! another's (design.md). Looking something up in it does not.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use huddle_core::link::Link;
use huddle_core::units::Bitrate;
use huddle_tap::Codec;
use std::net::SocketAddr;
use std::sync::Arc;
use str0m::channel::ChannelId;
use str0m::config::DtlsCert;
use str0m::format::PayloadParams;
use str0m::media::{Mid, Pt, Rid};
use str0m::net::{Protocol, Receive, TcpType, Transmit};
use str0m::rtp::{ExtensionValues, RtpWrite, SeqNo};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcError};

use crate::codec;
use crate::demux::PeerRef;
use crate::hold::Hold;

/// Rounds of immediate timeouts in one drain. The pacer asks for one per packet of a burst; a
/// bug there must not hang the thread (reference media §1.3).
const ROUNDS: usize = 512;
/// Rounds without a packet after which a near timeout waits for the next tick.
const IDLE_ROUNDS: usize = 1;
/// How far a peer's time may run ahead: one tick of the runtime.
const AHEAD: Duration = Duration::from_millis(1);

/// How often the engine tells its losses.
const STATISTICS: Duration = Duration::from_secs(1);

/// RTP payloads above this are dropped: str0m's packet buffer is 2,000 bytes.
pub(crate) const LARGEST_PAYLOAD: usize = 1_600;

/// Where a drain puts what comes out.
#[derive(Default)]
pub(crate) struct Sink {
    pub transmits: Vec<Transmit>,
    pub events: VecDeque<(PeerRef, Event)>,
}

/// The engine of this peer is broken: the participant is dropped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("engine error")]
    Rtc(#[from] RtcError),
    #[error("engine panicked")]
    Panic,
}

/// What all peers share.
pub(crate) struct Template {
    pub cert: Option<DtlsCert>,
    pub udp: Vec<SocketAddr>,
    pub tcp: Vec<SocketAddr>,
    pub start_bitrate: Bitrate,
}

impl Template {
    /// A new engine: RTP mode, ICE-lite, Opus + VP8 + H.264 (packetization-mode 1).
    fn rtc(&self, now: Instant) -> Rtc {
        let mut config = Rtc::builder()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_rtp_mode(true)
            .set_ice_lite(true)
            .set_send_buffer_audio(50)
            .set_send_buffer_video(64)
            .set_stats_interval(Some(STATISTICS))
            .enable_bwe(Some(str0m::bwe::Bitrate::from(self.start_bitrate.bps())));
        for (pt, rtx, profile) in
            [(127, 121, 0x42_001f), (108, 109, 0x42_e01f), (123, 119, 0x4d_001f), (114, 115, 0x64_001f)]
        {
            config.codec_config().add_h264(Pt::from(pt), Some(Pt::from(rtx)), true, profile);
        }
        if let Some(cert) = &self.cert {
            config = config.set_dtls_cert(cert.clone());
        }
        let mut rtc = config.build(now);
        for candidate in candidates(&self.udp, &self.tcp) {
            rtc.add_local_candidate(candidate);
        }
        rtc
    }

    /// Takes other addresses; returns the candidates that were not there before.
    pub(crate) fn renew(&mut self, udp: Vec<SocketAddr>, tcp: Vec<SocketAddr>) -> Vec<Candidate> {
        let without = |new: &[SocketAddr], old: &[SocketAddr]| -> Vec<SocketAddr> {
            new.iter().filter(|address| !old.contains(address)).copied().collect()
        };
        let fresh = candidates(&without(&udp, &self.udp), &without(&tcp, &self.tcp));
        (self.udp, self.tcp) = (udp, tcp);
        fresh
    }
}

fn candidates(udp: &[SocketAddr], tcp: &[SocketAddr]) -> Vec<Candidate> {
    let udp = udp.iter().map(|address| Candidate::host(*address, Protocol::Udp));
    let passive =
        |address: &SocketAddr| Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build();
    udp.chain(tcp.iter().map(passive)).filter_map(Result::ok).collect()
}

/// A packet ready for one subscriber.
pub(crate) struct Write {
    pub mid: Mid,
    pub pt: Pt,
    pub seq: u64,
    pub timestamp: u32,
    pub wallclock: Instant,
    pub marker: bool,
    pub extensions: ExtensionValues,
    pub patch: Option<str0m::rtp::Vp8Patch>,
    pub nackable: bool,
    pub payload: Arc<[u8]>,
}

/// One peer connection of a participant.
pub(crate) struct Peer {
    rtc: Rtc,
    id: PeerRef,
    /// When the engine wants to be touched next.
    pub deadline: Instant,
    /// The earliest wake-up that is queued for this peer.
    pub scheduled: Option<Instant>,
    /// RTP packets that wait for the next touch.
    pub queued: usize,
    pub connected: bool,
    pub closed: bool,
    /// Last datagram with a valid source.
    pub last_received: Instant,
    /// Bandwidth towards the client, once its transport feedback works.
    pub estimate: Option<Bitrate>,
    /// The estimate fell below what is sent: it limits until everything wanted fits.
    pub congested: bool,
    /// Since when the estimate is below what is sent.
    pub short_since: Option<Instant>,
    /// The worse of the losses on the two ways, 0 to 1, smoothed over some [`STATISTICS`].
    pub loss: f32,
    /// What the way to the client is seen to carry.
    pub link: Link,
    /// What the estimator was told to aim at.
    pub desired: Bitrate,
    /// Video waits, see [`crate::hold`].
    hold: Option<Hold>,
}

impl Peer {
    pub(crate) fn new(template: &Template, id: PeerRef, now: Instant) -> Result<Self, Failure> {
        let rtc = catch_unwind(AssertUnwindSafe(|| template.rtc(now))).map_err(|_| Failure::Panic)?;
        Ok(Self {
            rtc,
            id,
            deadline: now,
            scheduled: None,
            queued: 0,
            connected: false,
            closed: false,
            last_received: now,
            estimate: None,
            congested: false,
            short_since: None,
            loss: 0.0,
            link: Link::default(),
            desired: Bitrate(0),
            hold: None,
        })
    }

    pub(crate) fn id(&self) -> PeerRef {
        self.id
    }

    /// Runs one mutation and drains the engine.
    pub(crate) fn touch<R>(
        &mut self,
        now: Instant,
        sink: &mut Sink,
        mutate: impl FnOnce(&mut Rtc) -> R,
    ) -> Result<R, Failure> {
        let queued = std::mem::take(&mut self.queued);
        let rtc = &mut self.rtc;
        let id = self.id;
        let work = AssertUnwindSafe(|| -> Result<(R, Instant), RtcError> {
            let result = mutate(rtc);
            rtc.handle_input(Input::Timeout(now))?;
            release(rtc, id, now, queued, sink)?;
            Ok((result, drain(rtc, id, now, sink)?))
        });
        let (result, deadline) = catch_unwind(work).map_err(|_| Failure::Panic)??;
        self.deadline = deadline.max(now + Duration::from_millis(1));
        Ok(result)
    }

    /// Sends queued RTP and serves due timers.
    pub(crate) fn run(&mut self, now: Instant, sink: &mut Sink) -> Result<(), Failure> {
        self.touch(now, sink, |_| ())
    }

    /// Does this datagram carry valid ICE credentials (or come from the nominated address)?
    pub(crate) fn accepts(&self, now: Instant, datagram: &Datagram<'_>) -> bool {
        let Ok(receive) = datagram.receive() else { return false };
        let input = Input::Receive(now, receive);
        catch_unwind(AssertUnwindSafe(|| self.rtc.accepts(&input))).unwrap_or(false)
    }

    /// Feeds one datagram from a bound address. Malformed ones are ignored.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        datagram: &Datagram<'_>,
        sink: &mut Sink,
    ) -> Result<(), Failure> {
        let Ok(receive) = datagram.receive() else { return Ok(()) };
        self.last_received = now;
        let rtc = &mut self.rtc;
        let id = self.id;
        let work = AssertUnwindSafe(|| -> Result<Instant, RtcError> {
            rtc.handle_input(Input::Receive(now, receive))?;
            drain(rtc, id, now, sink)
        });
        let deadline = catch_unwind(work).map_err(|_| Failure::Panic)??;
        self.deadline = deadline.max(now + Duration::from_millis(1));
        Ok(())
    }

    /// Lets video wait until [`Self::release_video`], from now on for as long as a hold may last.
    pub(crate) fn hold_video(&mut self, now: Instant) {
        match &mut self.hold {
            Some(hold) => hold.prolong(now),
            None => self.hold = Some(Hold::new(now)),
        }
    }

    pub(crate) fn holds_too_long(&self, now: Instant) -> bool {
        self.hold.as_ref().is_some_and(|hold| hold.is_over(now))
    }

    /// Queues the video that waited; it leaves with the next touch.
    pub(crate) fn release_video(&mut self) {
        for packet in self.hold.take().map(Hold::into_packets).unwrap_or_default() {
            self.queue(packet);
        }
    }

    /// Queues one RTP packet; it leaves with the next touch. False when the m-line is not ready.
    pub(crate) fn write(&mut self, packet: Write) -> bool {
        if self.hold.as_ref().is_some_and(Hold::is_full) {
            self.release_video();
        }
        match &mut self.hold {
            Some(hold) if packet.nackable => {
                hold.push(packet);
                true
            }
            _ => self.queue(packet),
        }
    }

    fn queue(&mut self, packet: Write) -> bool {
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(packet.mid, None) else { return false };
        let mut write = RtpWrite::new(
            packet.pt,
            SeqNo::from(packet.seq),
            packet.timestamp,
            packet.wallclock,
            packet.payload,
        )
        .marker(packet.marker)
        .nackable(packet.nackable)
        .ext_vals(packet.extensions);
        if let Some(patch) = packet.patch {
            write = write.vp8_patch(patch);
        }
        stream.write_rtp(write);
        self.queued += 1;
        true
    }

    /// The layer of an incoming SSRC: by the stream, never by the header, because browsers stop
    /// sending mid and rid after the first receiver report (reference media §1.2).
    pub(crate) fn incoming_stream(&mut self, ssrc: str0m::rtp::Ssrc) -> Option<(Mid, Option<Rid>)> {
        let mut direct = self.rtc.direct_api();
        direct.stream_rx(&ssrc).map(|stream| (stream.mid(), stream.rid()))
    }

    /// What an incoming payload type means.
    pub(crate) fn incoming_params(&self, pt: Pt) -> Option<PayloadParams> {
        self.rtc.codec_config().find(|params| params.pt() == pt).copied()
    }

    /// The payload type under which this m-line takes a codec; `None` when the client did not
    /// agree to it or the m-line is not negotiated yet.
    pub(crate) fn outgoing_pt(&self, mid: Mid, codec: Codec, source: Option<PayloadParams>) -> Option<Pt> {
        let media = self.rtc.media(mid)?;
        let agreed = |pt: &Pt| media.remote_pts().contains(pt);
        let config = self.rtc.codec_config();
        source.and_then(|params| config.match_params(params)).map(PayloadParams::pt).filter(agreed).or_else(
            || {
                config
                    .params()
                    .iter()
                    .filter(|params| codec::from_rtc(params.spec().codec) == Some(codec))
                    .map(PayloadParams::pt)
                    .find(agreed)
            },
        )
    }

    /// Writes one data channel message; `Ok(false)` when the engine's buffer is full. One that the
    /// receiver cannot take (it announced a smaller `max-message-size`) is lost.
    pub(crate) fn write_channel(
        &mut self,
        now: Instant,
        sink: &mut Sink,
        channel: ChannelId,
        message: &[u8],
    ) -> Result<bool, Failure> {
        let written = self.touch(now, sink, |rtc| match rtc.channel(channel) {
            Some(mut channel) => channel.write(true, message),
            None => Ok(true),
        })?;
        Ok(written.unwrap_or_else(|error| {
            tracing::debug!(error = &error as &dyn std::error::Error, "a data packet is lost");
            true
        }))
    }

    /// The current local ICE ufrag: changes with each ICE restart.
    pub(crate) fn ufrag(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }
}

/// A datagram as it came from a socket (TCP: one RFC 4571 frame).
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// UDP or TCP.
    pub proto: Protocol,
    /// Remote address.
    pub source: SocketAddr,
    /// Our address it came to: one of the host candidates.
    pub destination: SocketAddr,
    /// Contents.
    pub bytes: &'a [u8],
}

impl Datagram<'_> {
    fn receive(&self) -> Result<Receive<'_>, ()> {
        let parse = || Receive::new(self.proto, self.source, self.destination, self.bytes);
        catch_unwind(AssertUnwindSafe(parse)).map_err(|_| ())?.map_err(|_| ())
    }
}

/// Sends the queued packets. The pacer releases one per timeout, and asking the engine for its next
/// deadline after each would cost as much again, so time moves on a microsecond per packet without
/// asking. Whatever else comes out on the way is taken as well; [`drain`] does the rest.
fn release(rtc: &mut Rtc, id: PeerRef, now: Instant, queued: usize, sink: &mut Sink) -> Result<(), RtcError> {
    let mut at = now;
    for _ in 1..queued.min(ROUNDS) {
        match rtc.poll_output()? {
            Output::Timeout(_) => return Ok(()),
            Output::Transmit(transmit) => sink.transmits.push(transmit),
            Output::Event(event) => {
                sink.events.push_back((id, event));
                continue;
            }
        }
        at += Duration::from_micros(1);
        rtc.handle_input(Input::Timeout(at))?;
    }
    Ok(())
}

/// Polls until nothing is left to do within [`AHEAD`]. The pacer releases one packet per timeout,
/// so a near timeout is fed at once while packets come out of it; without that a probe could
/// never be faster than one packet per tick, and the estimate would fall to that.
fn drain(rtc: &mut Rtc, id: PeerRef, now: Instant, sink: &mut Sink) -> Result<Instant, RtcError> {
    let mut idle = 0;
    let mut rounds = 0;
    loop {
        let before = sink.transmits.len();
        let deadline = loop {
            match rtc.poll_output()? {
                Output::Timeout(deadline) => break deadline,
                Output::Transmit(transmit) => sink.transmits.push(transmit),
                Output::Event(event) => sink.events.push_back((id, event)),
            }
        };
        rounds += 1;
        idle = if sink.transmits.len() == before { idle + 1 } else { 0 };
        if deadline > now + AHEAD || idle > IDLE_ROUNDS || rounds >= ROUNDS {
            return Ok(deadline);
        }
        rtc.handle_input(Input::Timeout(deadline.max(now)))?;
    }
}
