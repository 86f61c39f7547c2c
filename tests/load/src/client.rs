//! Load clients: str0m peers in one thread, one socket each, with real ICE, DTLS and SRTP.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use huddle_livekit::proto;
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};
use proto::signal_request::Message as Ask;
use proto::signal_response::Message as Told;
use str0m::change::{SdpAnswer, SdpApi, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite, SeqNo};
use str0m::{Candidate, Event, Input, Output, Rtc};

use crate::film::{Decoder, Part, Player};
use crate::link::Link;

/// Longest sleep of a turn.
const NAP: Duration = Duration::from_millis(2);
/// A client without a picture asks this often, as browsers do.
const ASK_AGAIN: Duration = Duration::from_millis(200);
/// Twenty milliseconds of Opus silence (RFC 6716 §3.1).
const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];

/// One client.
pub(crate) struct Peer {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    pending: Option<SdpPendingOffer>,
    /// Sections that the server asked for while an offer was on its way.
    required: Option<(u32, u32)>,
    pub connected: bool,
    /// Sections to receive on. str0m forgets that it wants to when it is answered `inactive`.
    receiving: Vec<Mid>,
    video: Option<Mid>,
    audio: Option<Mid>,
    /// What it sends by itself, since when.
    player: Option<(Player, Instant)>,
    decoder: Option<Decoder>,
    asked: Option<Instant>,
    deadline: Instant,
}

/// Counts packets of the numbered stream from `first` on, and how late they are.
#[derive(Default)]
pub(crate) struct Tally {
    pub first: u64,
    pub received: u64,
    pub latencies: Vec<f64>,
}

/// Clients and their server.
pub(crate) struct World {
    pub link: Link,
    pub peers: BTreeMap<usize, Peer>,
    pub tally: Option<Tally>,
    /// How often the server paused a stream for want of bandwidth.
    pub pauses: usize,
    film: Arc<[Part]>,
    poll: Poll,
    epoch: Instant,
    next: usize,
}

impl World {
    pub(crate) fn new(link: Link, film: Arc<[Part]>) -> anyhow::Result<Self> {
        str0m::crypto::from_feature_flags().install_process_default();
        Ok(Self {
            link,
            peers: BTreeMap::new(),
            tally: None,
            pauses: 0,
            film,
            poll: Poll::new()?,
            epoch: Instant::now(),
            next: 0,
        })
    }

    /// A new client begins to join; returns its number.
    pub(crate) fn join(&mut self, token: &str, subscribe: bool) -> anyhow::Result<usize> {
        let now = Instant::now();
        let index = self.next;
        self.next += 1;
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
        let receiving = [MediaKind::Audio, MediaKind::Video]
            .map(|kind| api.add_media(kind, Direction::RecvOnly, None, None, None))
            .to_vec();
        let (offer, pending) = api.apply().context("an offer")?;
        let peer = Peer {
            rtc,
            socket,
            address,
            pending: Some(pending),
            required: None,
            connected: false,
            receiving,
            video: None,
            audio: None,
            player: None,
            decoder: None,
            asked: None,
            deadline: now,
        };
        self.peers.insert(index, peer);
        self.link.join(index, token, subscribe, description(&offer.to_sdp_string()))?;
        Ok(index)
    }

    /// Gives a client a decoder; see [`Self::has_picture`].
    pub(crate) fn decode(&mut self, index: usize, decoder: Decoder) {
        if let Some(peer) = self.peers.get_mut(&index) {
            peer.decoder = Some(decoder);
        }
    }

    pub(crate) fn has_picture(&mut self, index: usize) -> bool {
        let decoder = self.peers.get_mut(&index).and_then(|peer| peer.decoder.as_mut());
        decoder.is_some_and(Decoder::has_picture)
    }

    pub(crate) fn leave(&mut self, index: usize) -> anyhow::Result<()> {
        self.link.ask(index, Ask::Leave(proto::LeaveRequest::default()))?;
        self.link.leave(index);
        if let Some(mut peer) = self.peers.remove(&index) {
            self.poll.registry().deregister(&mut peer.socket)?;
        }
        Ok(())
    }

    pub(crate) fn all_connected(&self) -> bool {
        self.peers.values().all(|peer| peer.connected)
    }

    pub(crate) fn is_settled(&self, index: usize) -> bool {
        self.peers.get(&index).is_some_and(|peer| peer.pending.is_none())
    }

    /// Announces a camera, and a microphone if wanted, and offers them.
    pub(crate) fn publish(&mut self, index: usize, sound: bool) -> anyhow::Result<()> {
        let camera = proto::AddTrackRequest {
            cid: format!("cam{index}"),
            r#type: proto::TrackType::Video as i32,
            source: proto::TrackSource::Camera as i32,
            width: 640,
            height: 360,
            ..Default::default()
        };
        self.link.ask(index, Ask::AddTrack(camera))?;
        if sound {
            let microphone = proto::AddTrackRequest {
                cid: format!("mic{index}"),
                r#type: proto::TrackType::Audio as i32,
                source: proto::TrackSource::Microphone as i32,
                ..Default::default()
            };
            self.link.ask(index, Ask::AddTrack(microphone))?;
        }
        let peer = self.peers.get_mut(&index).context("a publisher")?;
        let mut api = peer.change();
        let send = Direction::SendOnly;
        let video = api.add_media(MediaKind::Video, send, None, Some(format!("cam{index}")), None);
        let audio =
            sound.then(|| api.add_media(MediaKind::Audio, send, None, Some(format!("mic{index}")), None));
        let (offer, pending) = api.apply().context("an offer")?;
        peer.pending = Some(pending);
        (peer.video, peer.audio) = (Some(video), audio);
        self.link.ask(index, Ask::Offer(description(&offer.to_sdp_string())))
    }

    /// From now on the client sends the film and silence by itself.
    pub(crate) fn play(&mut self, index: usize) {
        if let Some(peer) = self.peers.get_mut(&index) {
            peer.player = Some((Player::default(), Instant::now()));
        }
    }

    /// Works until `done`, at most 30 s.
    pub(crate) fn wait(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) -> anyhow::Result<()> {
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            if done(self) {
                return Ok(());
            }
            self.turn(NAP)?;
        }
        bail!("never: {what}")
    }

    /// Works for so long.
    pub(crate) fn settle(&mut self, duration: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            self.turn(end.saturating_duration_since(Instant::now()).min(NAP))?;
        }
        Ok(())
    }

    /// Sends one packet of the numbered stream: `size` bytes, its number and the time in it.
    pub(crate) fn send(&mut self, index: usize, numbered: &Numbered) -> anyhow::Result<()> {
        let now = Instant::now();
        let sent = u64::try_from(now.duration_since(self.epoch).as_micros())?;
        let mut payload = vec![if numbered.first { 0x10 } else { 0 }, u8::from(!numbered.key)];
        payload.extend(sent.to_be_bytes());
        payload.extend(numbered.seq.to_be_bytes());
        payload.resize(numbered.size, 0);
        let peer = self.peers.get_mut(&index).context("a publisher")?;
        let mid = peer.video.context("publishing")?;
        peer.write(mid, Codec::Vp8, (numbered.seq, numbered.timestamp), numbered.marker, payload.into())?;
        self.drive(index, now)
    }

    /// One turn: waits at most `wait` for something to come, then does what is due.
    pub(crate) fn turn(&mut self, wait: Duration) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(256);
        match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        for event in &events {
            self.receive(event.token().0)?;
        }
        for (index, response) in self.link.hear()? {
            self.hear(index, response)?;
        }
        let now = Instant::now();
        let indices: Vec<usize> = self.peers.keys().copied().collect();
        for index in indices {
            let film = self.film.clone();
            let Some(peer) = self.peers.get_mut(&index) else { continue };
            if peer.send_due(&film, now)? || peer.deadline <= now {
                self.drive(index, now)?;
            }
        }
        Ok(())
    }

    fn receive(&mut self, index: usize) -> anyhow::Result<()> {
        let mut buffer = [0; 2_048];
        loop {
            let now = Instant::now();
            let Some(peer) = self.peers.get_mut(&index) else { return Ok(()) };
            let Ok((length, source)) = peer.socket.recv_from(&mut buffer) else { return Ok(()) };
            let bytes = buffer.get(..length).unwrap_or_default();
            if let Ok(receive) = Receive::new(Protocol::Udp, source, peer.address, bytes) {
                // A refused packet shows up as a lost one.
                let _ = peer.rtc.handle_input(Input::Receive(now, receive));
            }
            self.drain(index, now)?;
        }
    }

    fn drive(&mut self, index: usize, now: Instant) -> anyhow::Result<()> {
        if let Some(peer) = self.peers.get_mut(&index) {
            let _ = peer.rtc.handle_input(Input::Timeout(now));
        }
        self.drain(index, now)
    }

    fn drain(&mut self, index: usize, now: Instant) -> anyhow::Result<()> {
        let Some(peer) = self.peers.get_mut(&index) else { return Ok(()) };
        loop {
            match peer.rtc.poll_output() {
                Err(_) => return Ok(()),
                Ok(Output::Timeout(deadline)) => {
                    peer.deadline = deadline.max(now + Duration::from_millis(1));
                    return Ok(());
                }
                Ok(Output::Transmit(transmit)) => {
                    // A full buffer loses it, as a network would.
                    let _ = peer.socket.send_to(&transmit.contents, transmit.destination);
                }
                Ok(Output::Event(Event::Connected)) => peer.connected = true,
                Ok(Output::Event(Event::RtpPacket(packet))) => {
                    if let Some(tally) = &mut self.tally {
                        tally.count(&packet, now.duration_since(self.epoch));
                    }
                    peer.look(&packet, now)?;
                }
                Ok(Output::Event(_)) => {}
            }
        }
    }

    fn hear(&mut self, index: usize, response: proto::SignalResponse) -> anyhow::Result<()> {
        let Some(peer) = self.peers.get_mut(&index) else { return Ok(()) };
        match response.message {
            Some(Told::Answer(answer)) => {
                if let Some(pending) = peer.pending.take() {
                    let answer = SdpAnswer::from_sdp_string(&answer.sdp)?;
                    peer.rtc.sdp_api().accept_answer(pending, answer)?;
                }
                self.drive(index, Instant::now())?;
                self.offer_required(index)
            }
            Some(Told::MediaSectionsRequirement(need)) => {
                peer.required = Some((need.num_audios, need.num_videos));
                self.offer_required(index)
            }
            Some(Told::StreamStateUpdate(update)) => {
                let states = update.stream_states.iter();
                self.pauses += states.filter(|state| state.state() == proto::StreamState::Paused).count();
                Ok(())
            }
            Some(Told::Leave(leave)) => bail!("a client was sent away: {:?}", leave.reason()),
            Some(_) | None => Ok(()),
        }
    }

    /// Offers the sections that the server wants, once the last offer is answered.
    fn offer_required(&mut self, index: usize) -> anyhow::Result<()> {
        let Some(peer) = self.peers.get_mut(&index) else { return Ok(()) };
        if peer.pending.is_some() {
            return Ok(());
        }
        let Some((audios, videos)) = peer.required.take() else { return Ok(()) };
        let mut api = peer.change();
        let mut added = Vec::new();
        for (kind, count) in [(MediaKind::Audio, audios), (MediaKind::Video, videos)] {
            for _ in 0..count {
                added.push(api.add_media(kind, Direction::RecvOnly, None, None, None));
            }
        }
        let Some((offer, pending)) = api.apply() else { return Ok(()) };
        peer.pending = Some(pending);
        peer.receiving.append(&mut added);
        self.link.ask(index, Ask::Offer(description(&offer.to_sdp_string())))
    }
}

/// A packet of the numbered stream.
pub(crate) struct Numbered {
    pub seq: u64,
    pub timestamp: u32,
    /// First packet of a picture.
    pub first: bool,
    /// Of a keyframe.
    pub key: bool,
    /// Last packet of a picture.
    pub marker: bool,
    pub size: usize,
}

impl Tally {
    fn count(&mut self, packet: &RtpPacket, now: Duration) {
        let number = |range| {
            packet.payload.get(range).and_then(|bytes: &[u8]| bytes.try_into().ok()).map(u64::from_be_bytes)
        };
        let (Some(sent), Some(seq)) = (number(2..10), number(10..18)) else { return };
        if seq < self.first {
            return;
        }
        self.received += 1;
        self.latencies.push(now.saturating_sub(Duration::from_micros(sent)).as_secs_f64() * 1e3);
    }
}

impl Peer {
    /// A change of the session in which every receiving section is open.
    fn change(&mut self) -> SdpApi<'_> {
        let closed =
            |mid: &&Mid| self.rtc.media(**mid).is_some_and(|media| media.direction() == Direction::Inactive);
        let closed: Vec<Mid> = self.receiving.iter().filter(closed).copied().collect();
        let mut api = self.rtc.sdp_api();
        for mid in closed {
            api.set_direction(mid, Direction::RecvOnly);
        }
        api
    }

    fn write(
        &mut self,
        mid: Mid,
        codec: Codec,
        (seq, timestamp): (u64, u32),
        marker: bool,
        payload: Arc<[u8]>,
    ) -> anyhow::Result<()> {
        let found = self.rtc.codec_config().find(|params| params.spec().codec == codec);
        let pt = found.context("a codec")?.pt();
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(mid, None).context("a stream")?;
        let write = RtpWrite::new(pt, SeqNo::from(seq), timestamp, Instant::now(), payload);
        stream.write_rtp(write.marker(marker).nackable(codec == Codec::Vp8));
        Ok(())
    }

    /// Sends what its player has due; true when there was something.
    fn send_due(&mut self, film: &[Part], now: Instant) -> anyhow::Result<bool> {
        let Some((mut player, start)) = self.player.take() else { return Ok(false) };
        let elapsed = now.saturating_duration_since(start);
        let mut sent = false;
        while let Some((seq, timestamp, part)) = player.picture(film, elapsed) {
            let mid = self.video.context("a camera")?;
            self.write(mid, Codec::Vp8, (seq, timestamp), part.marker, part.payload.clone())?;
            sent = true;
        }
        while let (Some(mid), Some((seq, timestamp))) = (self.audio, player.sound(elapsed)) {
            self.write(mid, Codec::Opus, (seq, timestamp), false, Arc::from(SILENCE))?;
            sent = true;
        }
        self.player = Some((player, start));
        Ok(sent)
    }

    /// Feeds the decoder; asks for a keyframe until there is a picture.
    fn look(&mut self, packet: &RtpPacket, now: Instant) -> anyhow::Result<()> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let pt = packet.header.payload_type;
        let found = self.rtc.codec_config().find(|params| params.pt() == pt);
        if decoder.has_picture() || found.is_none_or(|params| params.spec().codec != Codec::Vp8) {
            return Ok(());
        }
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_rx(&packet.header.ssrc) else { return Ok(()) };
        decoder.push(packet)?;
        if self.asked.is_none_or(|asked| now.duration_since(asked) > ASK_AGAIN) {
            self.asked = Some(now);
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
        Ok(())
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
