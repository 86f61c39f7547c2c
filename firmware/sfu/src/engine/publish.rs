//! Publishing: announced tracks, their m-lines, mute, unpublish (reference livekit §1.6).

use huddle_core::ids::TrackSid;
use huddle_core::routing::Layer;
use huddle_core::units::{Bitrate, Size};
use huddle_livekit::admission::SignalMode;
use huddle_livekit::proto;
use huddle_livekit::session::pending::Pending;
use huddle_livekit::session::{info, reply};
use huddle_tap::{Codec, MediaKind, Source, TapEvent};
use proto::request_response::{Reason, Request};
use rand::RngExt as _;
use str0m::media::{Mid, Rid};

use super::Engine;
use super::state::{LayerIn, Orphan, Track};
use super::tap::tap_source;
use crate::codec;
use crate::sdp;

/// Tracks of one participant, waiting ones included: each costs everybody an m-line, and each
/// m-line costs every poll. Camera, microphone and a shared screen with sound are four.
pub(super) const MOST_TRACKS: usize = 20;
/// Longest track id of a client, in bytes; a longer one in an offer is not looked at.
const TRACK_ID: usize = 256;

impl Engine {
    /// `add_track`: answers `track_published` at once, or refuses. The request is within the limits.
    pub(super) fn add_track(&mut self, key: usize, request: proto::AddTrackRequest) {
        let Some(member) = self.members.get_mut(key) else { return };
        if !info::may_publish(&member.grants, request.r#type(), request.source()) {
            let told = Some(Request::AddTrack(request));
            self.send(key, reply::request(0, Reason::NotAllowed, "not allowed to publish", told));
            return;
        }
        if member.published.len() + member.pending.len() >= MOST_TRACKS {
            let told = Some(Request::AddTrack(request));
            self.send(key, reply::request(0, Reason::LimitExceeded, "too many tracks", told));
            return;
        }
        let sid = info::track_sid(request.r#type(), request.source(), &random_id());
        let added = member.pending.add(&request, || info::track_info(&sid, &request));
        match added {
            Ok(track) => {
                if request.r#type() == proto::TrackType::Video && member.mode == SignalMode::SinglePc {
                    let now = self.now;
                    member.sender().into_iter().for_each(|peer| peer.hold_video(now));
                }
                self.send(key, reply::track_published(&request.cid, track));
                self.adopt_orphans(key);
            }
            Err(full) => {
                let told = Some(Request::AddTrack(request));
                self.send(key, reply::request(0, Reason::LimitExceeded, &full.to_string(), told));
            }
        }
    }

    /// m-lines that came before their announcement.
    fn adopt_orphans(&mut self, key: usize) {
        let Some(member) = self.members.get_mut(key) else { return };
        let orphans = std::mem::take(&mut member.orphans);
        for orphan in orphans {
            self.match_section(key, orphan);
        }
    }

    /// Finds the announced track of a sending m-line; without one the m-line waits.
    pub(super) fn match_section(&mut self, key: usize, orphan: Orphan) {
        let Some(member) = self.members.get_mut(key) else { return };
        let kind = match orphan.kind {
            MediaKind::Audio => proto::TrackType::Audio,
            MediaKind::Video => proto::TrackType::Video,
        };
        match member.pending.take(orphan.cid.as_deref(), kind) {
            Some(pending) => self.publish(key, &orphan, pending),
            None => {
                member.orphans.retain(|have| have.mid != orphan.mid);
                if member.orphans.len() < huddle_livekit::session::pending::LIMIT {
                    member.orphans.push(orphan);
                }
            }
        }
    }

    fn publish(&mut self, key: usize, orphan: &Orphan, pending: Pending) {
        let mut info = pending.info;
        info.mid = orphan.mid.to_string();
        if let Some(codec) = info.codecs.first_mut() {
            codec.mid.clone_from(&info.mid);
            codec.sdp_cid = orphan.cid.clone().unwrap_or_default();
        }
        let layers = layers_of(&info, orphan);
        let track = Track {
            owner: key,
            sid: TrackSid::new(&info.sid),
            kind: orphan.kind,
            codec: None,
            codec_since: None,
            params: None,
            mid: Some(orphan.mid),
            layers,
            subscribers: Vec::new(),
            dynacast: Default::default(),
            subscribed_told: false,
            mute_told: false,
            info,
        };
        self.add_live_track(key, track);
    }

    /// A track is there: tell everybody, then subscribe those who want it.
    pub(super) fn add_live_track(&mut self, key: usize, track: Track) {
        let Some(member) = self.members.get_mut(key) else { return };
        let (sid, mid) = (track.sid.clone(), track.mid);
        let track = self.tracks.insert(track);
        member.published.insert(sid, track);
        if let Some(mid) = mid {
            member.by_mid.insert(mid, track);
        }
        let room = member.room.clone();
        self.tracks_changed(key);
        for other in self.others(&room, key) {
            if self.members.get(other).is_some_and(|member| member.auto_subscribe) {
                self.subscribe(other, track);
            }
        }
    }

    /// Ends a track and tells its publisher and everybody else.
    pub(super) fn unpublish(&mut self, track: usize) {
        let Some((owner, sid)) = self.tracks.get(track).map(|track| (track.owner, track.sid.clone())) else {
            return;
        };
        self.drop_track(track);
        self.send(owner, reply::track_unpublished(sid.as_str()));
        self.tracks_changed(owner);
    }

    /// Takes a track from all subscribers and forgets it.
    pub(super) fn drop_track(&mut self, track: usize) {
        let subscribers: Vec<usize> = match self.tracks.get(track) {
            Some(track) => track.subscribers.iter().map(|have| have.member).collect(),
            None => return,
        };
        for member in subscribers {
            self.unsubscribe(member, track);
        }
        let Some(gone) = self.tracks.try_remove(track) else { return };
        if let Some(owner) = self.members.get_mut(gone.owner) {
            owner.published.remove(&gone.sid);
            owner.by_mid.retain(|_, have| *have != track);
            owner.by_ssrc.retain(|_, route| route.track != track);
        }
        self.fell_silent(gone.owner, gone.kind);
    }

    /// A track ended or was muted. Whose last sound that was speaks no more.
    fn fell_silent(&mut self, key: usize, kind: MediaKind) {
        let Some(member) = self.members.get_mut(key) else { return };
        let sounds = |track: &usize| {
            let track = self.tracks.get(*track);
            track.is_some_and(|track| track.kind == MediaKind::Audio && !track.info.muted)
        };
        if kind == MediaKind::Audio && !member.published.values().any(sounds) {
            member.meter.silence();
        }
    }

    /// `mute` of the client for its own track.
    pub(super) fn client_mute(&mut self, key: usize, sid: &str, muted: bool) {
        let Some(member) = self.members.get_mut(key) else { return };
        if member.pending.mute(sid, muted) {
            return;
        }
        if let Some(track) = member.published.get(&TrackSid::new(sid)).copied() {
            if let Some(track) = self.tracks.get_mut(track) {
                track.mute_told = false;
            }
            self.set_muted(key, track, muted);
        }
    }

    /// A moderator's mute: packets stop here at once, then the client is told. Unmuting is only
    /// a request to the client (reference livekit §1.4, message 9).
    pub(super) fn moderator_mute(&mut self, key: usize, sid: &TrackSid, muted: bool) {
        let Some(member) = self.members.get_mut(key) else { return };
        let local = member.is_local();
        if muted {
            member.pending.mute(sid.as_str(), true);
        }
        if let Some(track) = member.published.get(sid).copied()
            && muted
        {
            if let Some(track) = self.tracks.get_mut(track) {
                track.mute_told = true;
            }
            self.set_muted(key, track, true);
        }
        if local && muted {
            self.tap_event(key, TapEvent::MuteWanted { track: sid.clone() });
        }
        self.send(key, reply::mute(sid.as_str(), muted));
    }

    /// A moderator switches off whatever comes from these sources, or is about to.
    pub(super) fn switch_off(&mut self, key: usize, sources: &[Source]) {
        let Some(member) = self.members.get(key) else { return };
        let published = member.published.values().filter_map(|track| self.tracks.get(*track));
        let infos = published.map(|track| &track.info).chain(member.pending.infos());
        let sids: Vec<TrackSid> = infos
            .filter(|info| sources.contains(&tap_source(info.source())))
            .map(|info| TrackSid::new(&info.sid))
            .collect();
        for sid in sids {
            self.moderator_mute(key, &sid, true);
        }
    }

    pub(super) fn set_muted(&mut self, key: usize, track: usize, muted: bool) {
        let Some(found) = self.tracks.get_mut(track) else { return };
        if found.info.muted == muted {
            return;
        }
        found.info.muted = muted;
        for subscriber in &mut found.subscribers {
            subscriber.forward.interrupt();
        }
        let kind = found.kind;
        if muted {
            self.fell_silent(key, kind);
        }
        self.tracks_changed(key);
        if !muted {
            self.request_missing_keyframes(track);
        }
    }

    /// `update_audio_track`, `update_video_track`.
    pub(super) fn update_track(&mut self, key: usize, sid: &str, change: impl FnOnce(&mut proto::TrackInfo)) {
        let track =
            self.members.get(key).and_then(|member| member.published.get(&TrackSid::new(sid)).copied());
        if let Some(track) = track.and_then(|track| self.tracks.get_mut(track)) {
            change(&mut track.info);
            self.tracks_changed(key);
        }
    }
}

/// 12 random alphanumeric characters.
pub(super) fn random_id() -> String {
    let mut rng = rand::rng();
    (0..12).map(|_| char::from(rng.sample(rand::distr::Alphanumeric))).collect()
}

/// The incoming encodings of a new track: one per rid, smallest first, or one without rid.
fn layers_of(info: &proto::TrackInfo, orphan: &Orphan) -> Vec<LayerIn> {
    #[expect(deprecated, reason = "the first codec's layers are copied here for all clients")]
    let declared = &info.layers;
    let order = |rid: &str| Layer::ALL.iter().position(|layer| layer.rid() == rid).unwrap_or(3);
    let mut rids: Vec<&String> = orphan.rids.iter().collect();
    rids.sort_by_key(|rid| order(rid));
    rids.truncate(3);
    if orphan.kind == MediaKind::Audio || rids.len() < 2 {
        let rid = rids.first().map(|rid| Rid::from(rid.as_str()));
        return vec![layer_in(Layer::Low, rid, declared.last(), info)];
    }
    Layer::ALL
        .into_iter()
        .zip(rids)
        .enumerate()
        .map(|(index, (layer, rid))| {
            layer_in(layer, Some(Rid::from(rid.as_str())), declared.get(index), info)
        })
        .collect()
}

fn layer_in(
    layer: Layer,
    rid: Option<Rid>,
    declared: Option<&proto::VideoLayer>,
    info: &proto::TrackInfo,
) -> LayerIn {
    let size = declared.map_or(Size { width: info.width, height: info.height }, |layer| Size {
        width: layer.width,
        height: layer.height,
    });
    let bitrate = declared.map_or(0, |layer| u64::from(layer.bitrate));
    new_layer(layer, rid, size, Bitrate(bitrate))
}

/// A layer of which no packet has come. Without a declared bitrate, 2 bits per pixel and second
/// are assumed (640×360: 460 kbit/s).
pub(super) fn new_layer(layer: Layer, rid: Option<Rid>, size: Size, declared: Bitrate) -> LayerIn {
    let guess = u64::from(size.width) * u64::from(size.height) * 2;
    LayerIn {
        layer,
        rid,
        size,
        declared: if declared.bps() > 0 { declared } else { Bitrate(guess.max(100_000)) },
        measured: Bitrate(0),
        window_bytes: 0,
        last_packet: None,
        alive: false,
        last_request: None,
        request_waits: false,
        report: None,
    }
}

/// Sound or picture.
pub(super) const fn kind_of(codec: Codec) -> MediaKind {
    match codec {
        Codec::Opus => MediaKind::Audio,
        Codec::Vp8 | Codec::H264 => MediaKind::Video,
    }
}

/// The codec a track will probably have, until its first packet says so.
pub(super) fn expected_codec(track: &Track) -> Codec {
    track.codec.unwrap_or_else(|| match track.kind {
        MediaKind::Audio => Codec::Opus,
        MediaKind::Video if track.info.mime_type.eq_ignore_ascii_case(codec::mime(Codec::H264)) => {
            Codec::H264
        }
        MediaKind::Video => Codec::Vp8,
    })
}

/// An m-line of an offer as something to publish; `None` for the data section.
pub(super) fn orphan(section: &sdp::Section) -> Option<Orphan> {
    let kind = match section.kind {
        sdp::Kind::Audio => MediaKind::Audio,
        sdp::Kind::Video => MediaKind::Video,
        sdp::Kind::Application => return None,
    };
    Some(Orphan {
        mid: Mid::from(section.mid.as_str()),
        kind,
        cid: section.track_id.clone().filter(|id| id.len() <= TRACK_ID),
        rids: section.rids.clone(),
    })
}
