//! Local participants: the room itself and the recorder, in process, without ICE, DTLS or SRTP.
//! They are ACTIVE at once and behave like everybody else otherwise.

use huddle_core::ids::TrackSid;
use huddle_core::routing::Layer;
use huddle_core::units::Size;
use huddle_livekit::admission::{Admission, Connect, SignalMode};
use huddle_livekit::proto;
use huddle_tap::{
    LocalEnd, MediaKind, Publish, Source, TapCommand, TapEvent, TapPacket, TapParticipant, TapTrack, tap,
};

use super::Engine;
use super::media::Packet;
use super::publish::new_layer;
use super::state::Track;
use crate::codec;
use crate::peer::LARGEST_PAYLOAD;
use crate::port::{LeaveCause, Report};

/// Messages and packets taken from one tap before others get their turn.
const TURN: usize = 256;

impl Engine {
    pub(super) fn open_tap(&mut self, admission: Admission, reply: &crossbeam_channel::Sender<LocalEnd>) {
        if let Some(old) = self.member_by_identity(&admission.room, &admission.identity) {
            self.remove(old, None, LeaveCause::Replaced);
        }
        let (local, sfu) = tap(self.waker.clone());
        let connect = Connect {
            mode: SignalMode::SinglePc,
            client: proto::ClientInfo::default(),
            auto_subscribe: true,
            adaptive_stream: false,
            resume: None,
            publisher_offer: None,
            add_tracks: Vec::new(),
            sync_state: None,
        };
        let mut member = self.new_member(&admission, &connect);
        member.tap = Some(sfu);
        member.speakers_missed = true;
        member.info.state = proto::participant_info::State::Active as i32;
        let key = self.seat(&admission, member);
        self.taps.insert(key);
        if reply.try_send(local).is_err() {
            self.remove(key, None, LeaveCause::Failed);
            return;
        }
        let (room, sid) = (admission.room.clone(), admission.sid.clone());
        (self.reports)(Report::Joined {
            room: room.clone(),
            meeting: admission.meeting.clone(),
            identity: admission.identity.clone(),
            sid,
        });
        for other in self.others(&room, key) {
            self.tap_participant(key, other);
        }
        self.broadcast(key, false);
        self.subscribe_to_all(key);
    }

    pub(super) fn poll_taps(&mut self) {
        for key in self.taps.clone() {
            self.poll_tap(key);
        }
    }

    fn poll_tap(&mut self, key: usize) {
        for _ in 0..TURN {
            let polled = match self.members.get(key).and_then(|member| member.tap.as_ref()) {
                Some(tap) => tap.poll_command(),
                None => return,
            };
            match polled {
                Ok(Some(command)) => self.tap_command(key, command),
                Ok(None) => break,
                Err(_closed) => {
                    self.remove(key, None, LeaveCause::Client);
                    return;
                }
            }
        }
        for _ in 0..TURN {
            let Some(packet) = self
                .members
                .get(key)
                .and_then(|member| member.tap.as_ref())
                .and_then(huddle_tap::SfuEnd::poll_packet)
            else {
                return;
            };
            self.tap_media(key, packet);
        }
        (self.waker)();
    }

    fn tap_media(&mut self, key: usize, packet: TapPacket) {
        let Some(track) =
            self.members.get(key).and_then(|member| member.published.get(&packet.track).copied())
        else {
            return;
        };
        if packet.payload.len() > LARGEST_PAYLOAD {
            return;
        }
        let packet = Packet {
            layer: packet.layer,
            seq: packet.seq,
            timestamp: packet.timestamp,
            marker: packet.marker,
            level: packet.level,
            voice: None,
            orientation: None,
            payload: packet.payload,
            at: packet.at.min(self.now),
        };
        self.fan_out(track, &packet);
    }

    fn tap_command(&mut self, key: usize, command: TapCommand) {
        let published = |engine: &Self, sid: &TrackSid| {
            engine.members.get(key).and_then(|member| member.published.get(sid).copied())
        };
        match command {
            TapCommand::Publish(publish) => self.tap_publish(key, publish),
            TapCommand::Unpublish(sid) => {
                if let Some(track) = published(self, &sid) {
                    self.unpublish(track);
                }
            }
            TapCommand::Mute { track, muted } => {
                if let Some(track) = published(self, &track) {
                    self.set_muted(key, track, muted);
                }
            }
            TapCommand::SenderReport { track, layer, rtp, at } => {
                if let Some(track) = published(self, &track) {
                    self.tap_sender_report(key, track, layer, rtp, at);
                }
            }
            TapCommand::Keyframe(sid) => {
                let found = self.find_track(key, &sid);
                let layer = found.and_then(|track| {
                    let subscriber = self.tracks.get_mut(track)?.subscriber(key)?;
                    subscriber.forward.current().or(subscriber.forward.target())
                });
                if let (Some(track), Some(layer)) = (found, layer) {
                    self.request_keyframe(track, layer);
                }
            }
            TapCommand::Layer { track, wish } => {
                if let Some(track) = self.find_track(key, &track) {
                    self.set_wish(key, track, wish, 0);
                    self.reallocate(key);
                }
            }
            TapCommand::Leave => self.remove(key, None, LeaveCause::Client),
        }
    }

    fn tap_sender_report(
        &mut self,
        key: usize,
        track: usize,
        layer: Layer,
        rtp: u32,
        at: std::time::Instant,
    ) {
        // The local clock is ours: microseconds since 1970 by the steady clock.
        let since = at.saturating_duration_since(self.epoch).as_micros();
        let wall = i128::from(self.wall.0) * 1_000;
        let Ok(since) = i128::try_from(since) else { return };
        if let Some(member) = self.members.get_mut(key) {
            member.clock.offset = Some(-wall);
        }
        if let Some(layer) = self.tracks.get_mut(track).and_then(|track| track.layer(layer)) {
            layer.report = Some((rtp, wall + since));
        }
        self.tap_reports(track);
    }

    fn tap_publish(&mut self, key: usize, publish: Publish) {
        let Some(member) = self.members.get(key) else { return };
        let source = proto_source(publish.source);
        let kind = proto_kind(publish.kind);
        let allowed = huddle_livekit::session::info::may_publish(&member.grants, kind, source);
        if !allowed || member.published.contains_key(&publish.sid) {
            return;
        }
        let info = tap_info(&publish, source);
        let mut layers: Vec<_> = publish
            .layers
            .iter()
            .take(3)
            .map(|(layer, size)| new_layer(*layer, None, *size, Default::default()))
            .collect();
        if layers.is_empty() {
            layers.push(new_layer(Layer::Low, None, Size::default(), Default::default()));
        }
        let track = Track {
            owner: key,
            sid: publish.sid,
            info,
            kind: publish.kind,
            codec: Some(publish.codec),
            codec_since: None,
            params: None,
            mid: None,
            layers,
            subscribers: Vec::new(),
            dynacast: Default::default(),
            subscribed_told: false,
            mute_told: false,
        };
        self.add_live_track(key, track);
    }

    /// Queues an event; a tap that overflows is closed and noticed by the next poll.
    pub(super) fn tap_event(&mut self, key: usize, event: TapEvent) {
        if let Some(tap) = self.members.get(key).and_then(|member| member.tap.as_ref()) {
            let _ = tap.event(event);
        }
    }

    /// Queues what the next event of its kind says anew; false when there is no room for such.
    pub(super) fn tap_digest(&mut self, key: usize, event: TapEvent) -> bool {
        let tap = self.members.get(key).and_then(|member| member.tap.as_ref());
        tap.is_none_or(|tap| tap.digest(event) != Ok(false))
    }

    /// Tells a tap about a participant.
    pub(super) fn tap_participant(&mut self, key: usize, about: usize) {
        let Some(other) = self.members.get(about) else { return };
        let participant = TapParticipant {
            identity: other.identity.clone(),
            sid: other.sid.clone(),
            name: other.info.name.clone(),
            local: other.is_local(),
        };
        self.tap_event(key, TapEvent::Participant(participant));
    }

    /// Announces a track to a tap once its codec is known.
    pub(super) fn announce_to_tap(&mut self, key: usize, track: usize) {
        let Some(found) = self.tracks.get_mut(track) else { return };
        let Some(codec) = found.codec else { return };
        let Some(owner) = self.members.get(found.owner) else { return };
        let announcement = TapTrack {
            sid: found.sid.clone(),
            publisher: owner.identity.clone(),
            publisher_sid: owner.sid.clone(),
            kind: found.kind,
            source: tap_source(found.info.source()),
            codec,
            size: found.layers.last().map_or(Size::default(), |layer| layer.size),
            muted: found.info.muted,
            encrypted: found.encrypted(),
        };
        let Some(subscriber) = found.subscriber(key) else { return };
        let sid = announcement.sid.clone();
        if subscriber.announced.replace(announcement.muted).is_some() {
            self.tap_event(key, TapEvent::TrackRemoved(sid));
        }
        self.tap_event(key, TapEvent::TrackAdded(announcement));
        self.tap_reports(track);
    }
}

#[expect(deprecated, reason = "old clients read the list without codecs")]
fn tap_info(publish: &Publish, source: proto::TrackSource) -> proto::TrackInfo {
    let layers: Vec<proto::VideoLayer> =
        publish.layers.iter().map(|(layer, size)| tap_layer(*layer, *size)).collect();
    let largest = publish.layers.last().map_or(Size::default(), |(_, size)| *size);
    let mime_type = codec::mime(publish.codec).to_owned();
    proto::TrackInfo {
        sid: publish.sid.to_string(),
        r#type: proto_kind(publish.kind) as i32,
        muted: publish.muted,
        width: largest.width,
        height: largest.height,
        simulcast: layers.len() > 1,
        source: source as i32,
        codecs: vec![proto::SimulcastCodecInfo {
            mime_type: mime_type.clone(),
            layers: layers.clone(),
            ..Default::default()
        }],
        layers,
        mime_type,
        stream: "camera".to_owned(),
        disable_red: true,
        ..Default::default()
    }
}

fn tap_layer(layer: Layer, size: Size) -> proto::VideoLayer {
    proto::VideoLayer {
        quality: i32::try_from(layer.index()).unwrap_or_default(),
        width: size.width,
        height: size.height,
        ..Default::default()
    }
}

const fn proto_kind(kind: MediaKind) -> proto::TrackType {
    match kind {
        MediaKind::Audio => proto::TrackType::Audio,
        MediaKind::Video => proto::TrackType::Video,
    }
}

const fn proto_source(source: Source) -> proto::TrackSource {
    match source {
        Source::Camera => proto::TrackSource::Camera,
        Source::Microphone => proto::TrackSource::Microphone,
        Source::ScreenShare => proto::TrackSource::ScreenShare,
        Source::ScreenShareAudio => proto::TrackSource::ScreenShareAudio,
        Source::Unknown => proto::TrackSource::Unknown,
    }
}

pub(super) const fn tap_source(source: proto::TrackSource) -> Source {
    match source {
        proto::TrackSource::Camera => Source::Camera,
        proto::TrackSource::Microphone => Source::Microphone,
        proto::TrackSource::ScreenShare => Source::ScreenShare,
        proto::TrackSource::ScreenShareAudio => Source::ScreenShareAudio,
        proto::TrackSource::Unknown => Source::Unknown,
    }
}
