//! A str0m client that speaks LiveKit signalling, and its ends: one peer connection, or two.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::time::Instant;

use huddle_livekit::admission::SignalMode;
use huddle_livekit::proto;
use huddle_sfu::port::ConnectionId;
use proto::signal_request::Message as Ask;
use proto::signal_response::Message as Told;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, SeqNo};
use str0m::{Candidate, Event, Input, Output, Rtc};

use super::{Mailbox, Rtp};

/// One end of a client: an `Rtc` and what came out of it.
pub struct End {
    pub rtc: Rtc,
    pub address: SocketAddr,
    pub connected: bool,
    pub closed: bool,
    pub pending: Option<SdpPendingOffer>,
    pub packets: Vec<(Mid, RtpPacket)>,
    pub channels: HashMap<String, ChannelId>,
    pub labels: HashMap<ChannelId, String>,
    pub data: Vec<(String, Vec<u8>)>,
    pub keyframe_requests: Vec<(Mid, Option<Rid>)>,
    pub out: Vec<Transmit>,
}

pub struct Client {
    pub name: String,
    pub mode: SignalMode,
    pub connection: ConnectionId,
    pub mailbox: Mailbox,
    pub publisher: End,
    pub subscriber: Option<End>,
    pub log: Vec<Told>,
    /// mid → track sid, as the server said last.
    pub tracks: BTreeMap<String, String>,
    pub participants: BTreeMap<String, proto::ParticipantInfo>,
    pub offer_id: u32,
    pub last_answer: String,
    pub last_offer: String,
    pub deaf: bool,
    /// Sections made to receive.
    pub receiving: std::collections::BTreeSet<String>,
}

impl Client {
    pub fn ends(&mut self) -> impl Iterator<Item = &mut End> {
        std::iter::once(&mut self.publisher).chain(self.subscriber.as_mut())
    }

    /// The end that receives media.
    pub fn receiver(&mut self) -> &mut End {
        self.subscriber.as_mut().unwrap_or(&mut self.publisher)
    }

    pub(super) fn first_offer(&mut self) -> proto::SessionDescription {
        let single = self.mode == SignalMode::SinglePc;
        let mut api = self.publisher.rtc.sdp_api();
        api.add_channel_with_config(ChannelConfig { label: "_reliable".into(), ..Default::default() });
        api.add_channel_with_config(ChannelConfig {
            label: "_lossy".into(),
            ordered: false,
            reliability: Reliability::MaxRetransmits { retransmits: 0 },
            ..Default::default()
        });
        if single {
            for kind in [MediaKind::Audio, MediaKind::Video, MediaKind::Video] {
                let mid = api.add_media(kind, Direction::RecvOnly, None, None, None);
                self.receiving.insert(mid.to_string());
            }
        }
        let (offer, pending) = api.apply().unwrap();
        self.publisher.pending = Some(pending);
        self.last_offer = offer.to_sdp_string();
        self.description()
    }

    /// The last offer as a message, with a new id.
    pub fn description(&mut self) -> proto::SessionDescription {
        self.offer_id += 1;
        proto::SessionDescription {
            r#type: "offer".into(),
            sdp: self.willing(&self.last_offer),
            id: self.offer_id,
            ..Default::default()
        }
    }

    /// str0m forgets that it wants to receive when it is answered `inactive`; browsers do not.
    fn willing(&self, offer: &str) -> String {
        let mut mid = String::new();
        let mut out = String::new();
        for line in offer.lines() {
            if let Some(found) = line.strip_prefix("a=mid:") {
                mid = found.to_owned();
            }
            let inactive = line == "a=inactive" && self.receiving.contains(&mid);
            out.push_str(if inactive { "a=recvonly" } else { line });
            out.push_str("\r\n");
        }
        out
    }

    pub fn add_sending(&mut self, kind: MediaKind, simulcast: bool, msid: &str) -> Mid {
        let layers = simulcast.then(|| {
            let mut layers = Simulcast::new();
            for rid in ["q", "h", "f"] {
                layers.add_send_layer(SimulcastLayer::new(rid));
            }
            layers
        });
        let mut api = self.publisher.rtc.sdp_api();
        let mid = api.add_media(kind, Direction::SendOnly, Some("stream".into()), Some(msid.into()), layers);
        let (offer, pending) = api.apply().unwrap();
        self.publisher.pending = Some(pending);
        self.last_offer = offer.to_sdp_string();
        mid
    }

    pub fn offer_with(
        &mut self,
        change: impl FnOnce(&mut str0m::change::SdpApi<'_>),
    ) -> proto::SessionDescription {
        let mut api = self.publisher.rtc.sdp_api();
        change(&mut api);
        let (offer, pending) = api.apply().unwrap();
        self.publisher.pending = Some(pending);
        self.last_offer = offer.to_sdp_string();
        self.description()
    }

    pub(super) fn hear(&mut self, message: &Told) -> Option<Ask> {
        match message {
            Told::Join(join) => {
                for other in &join.other_participants {
                    self.participants.insert(other.identity.clone(), other.clone());
                }
                None
            }
            Told::Update(update) => {
                for other in &update.participants {
                    self.participants.insert(other.identity.clone(), other.clone());
                }
                None
            }
            Told::Answer(answer) => {
                assert_eq!(answer.id, self.offer_id, "answers echo the id of the last offer");
                self.last_answer = answer.sdp.clone();
                if self.mode == SignalMode::SinglePc {
                    self.tracks = answer.mid_to_track_id.clone().into_iter().collect();
                }
                let parsed = SdpAnswer::from_sdp_string(&answer.sdp).unwrap();
                let pending = self.publisher.pending.take()?;
                self.publisher.rtc.sdp_api().accept_answer(pending, parsed).unwrap();
                None
            }
            Told::Offer(offer) => {
                self.last_offer = offer.sdp.clone();
                self.tracks = offer.mid_to_track_id.clone().into_iter().collect();
                let parsed = SdpOffer::from_sdp_string(&offer.sdp).unwrap();
                let subscriber = self.subscriber.as_mut().unwrap();
                let answer = subscriber.rtc.sdp_api().accept_offer(parsed).unwrap();
                Some(Ask::Answer(proto::SessionDescription {
                    r#type: "answer".into(),
                    sdp: answer.to_sdp_string(),
                    id: offer.id,
                    ..Default::default()
                }))
            }
            Told::MediaSectionsRequirement(need) => {
                let (audios, videos) = (need.num_audios, need.num_videos);
                if self.publisher.pending.is_some() {
                    return None;
                }
                if audios + videos == 0 {
                    let made = api_apply(self);
                    return self.finish_offer(made);
                }
                let mut api = self.publisher.rtc.sdp_api();
                let kinds = [(MediaKind::Audio, audios), (MediaKind::Video, videos)];
                for (kind, count) in kinds {
                    for _ in 0..count {
                        let mid = api.add_media(kind, Direction::RecvOnly, None, None, None);
                        self.receiving.insert(mid.to_string());
                    }
                }
                let made = api.apply();
                self.finish_offer(made)
            }
            _ => None,
        }
    }

    fn first_media_mid(&self) -> Mid {
        let mids = self.last_answer.lines().filter_map(|line| line.strip_prefix("a=mid:"));
        mids.map(Mid::from).find(|mid| self.publisher.rtc.media(*mid).is_some()).unwrap()
    }

    fn finish_offer(&mut self, made: Option<(SdpOffer, SdpPendingOffer)>) -> Option<Ask> {
        let (offer, pending) = made?;
        self.publisher.pending = Some(pending);
        self.last_offer = offer.to_sdp_string();
        Some(Ask::Offer(self.description()))
    }

    /// Packets received of a track.
    pub fn received(&mut self, sid: &str) -> Vec<(u64, u32, Vec<u8>)> {
        let mids: Vec<String> =
            self.tracks.iter().filter(|(_, track)| *track == sid).map(|(mid, _)| mid.clone()).collect();
        self.receiver()
            .packets
            .iter()
            .filter(|(mid, _)| mids.iter().any(|have| have.as_str() == &**mid))
            .map(|(_, packet)| (*packet.seq_no, packet.header.timestamp, packet.payload.to_vec()))
            .collect()
    }

    pub fn told(&self, which: impl Fn(&Told) -> bool) -> usize {
        self.log.iter().filter(|told| which(told)).count()
    }
}

/// str0m offers only changes: a direction set twice is one.
fn api_apply(client: &mut Client) -> Option<(SdpOffer, SdpPendingOffer)> {
    let mid = client.first_media_mid();
    let direction = client.publisher.rtc.media(mid).unwrap().direction();
    let mut api = client.publisher.rtc.sdp_api();
    let other = if direction == Direction::Inactive { Direction::RecvOnly } else { Direction::Inactive };
    api.set_direction(mid, other);
    api.set_direction(mid, direction);
    api.apply()
}

impl End {
    pub fn new(now: Instant, address: SocketAddr, largest_message: u32) -> Self {
        let mut rtc = Rtc::builder()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .enable_h264(true)
            .set_rtp_mode(true)
            .set_sctp_max_buffered_amount(1 << 20)
            .set_sctp_max_message_size(largest_message)
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, Protocol::Udp).unwrap());
        Self {
            rtc,
            address,
            connected: false,
            closed: false,
            pending: None,
            packets: Vec::new(),
            channels: HashMap::new(),
            labels: HashMap::new(),
            data: Vec::new(),
            keyframe_requests: Vec::new(),
            out: Vec::new(),
        }
    }

    pub(super) fn receive(&mut self, now: Instant, transmit: &Transmit) {
        let receive =
            Receive::new(transmit.proto, transmit.source, transmit.destination, &transmit.contents).unwrap();
        // A refused packet is the client's business.
        let _ = self.rtc.handle_input(Input::Receive(now, receive));
        self.poll(now);
    }

    pub fn poll(&mut self, now: Instant) {
        let _ = self.rtc.handle_input(Input::Timeout(now));
        loop {
            match self.rtc.poll_output() {
                Err(_) | Ok(Output::Timeout(_)) => return,
                Ok(Output::Transmit(transmit)) => self.out.push(transmit),
                Ok(Output::Event(event)) => self.event(event),
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::Closed => self.closed = true,
            Event::RtpPacket(packet) => {
                let mut direct = self.rtc.direct_api();
                let mid = direct.stream_rx(&packet.header.ssrc).unwrap().mid();
                self.packets.push((mid, packet));
            }
            Event::ChannelOpen(id, label) => {
                self.channels.insert(label.clone(), id);
                self.labels.insert(id, label);
            }
            Event::ChannelData(data) => {
                let label = self.labels.get(&data.id).cloned().unwrap_or_default();
                self.data.push((label, data.data));
            }
            Event::KeyframeRequest(request) => {
                self.keyframe_requests.push((request.mid, request.rid));
            }
            _ => {}
        }
    }

    pub fn send(&mut self, now: Instant, mid: Mid, rid: Option<&str>, packet: &Rtp) {
        let codec = if packet.level.is_some() { Codec::Opus } else { Codec::Vp8 };
        self.send_as(codec, now, mid, rid, packet);
    }

    /// Sends a packet under any codec of the session, whatever the m-line is for.
    pub fn send_as(&mut self, codec: Codec, now: Instant, mid: Mid, rid: Option<&str>, packet: &Rtp) {
        let agreed = self.rtc.codec_config().find(|params| params.spec().codec == codec);
        let pt = agreed.expect("codec agreed").pt();
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(mid, rid.map(Rid::from)).expect("stream");
        let write = RtpWrite::new(pt, SeqNo::from(packet.seq), packet.timestamp, now, packet.payload.clone())
            .marker(packet.marker)
            .nackable(true)
            .ext_vals(ExtensionValues {
                audio_level: packet.level,
                voice_activity: packet.level.map(|_| true),
                ..Default::default()
            });
        stream.write_rtp(write);
        self.poll(now);
    }

    pub fn write_data(&mut self, now: Instant, label: &str, packet: &proto::DataPacket) {
        let bytes = prost::Message::encode_to_vec(packet);
        let id = self.channels[label];
        let written = self.rtc.channel(id).unwrap().write(true, &bytes).unwrap();
        assert!(written);
        self.poll(now);
    }
}
