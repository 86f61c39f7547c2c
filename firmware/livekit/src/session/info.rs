//! `TrackInfo` and `ParticipantInfo` as LiveKit clients expect them (reference livekit §1.6).
#![expect(deprecated, reason = "clients of all ages read the old fields as well")]

use huddle_core::ids::TrackSid;
use livekit_protocol as proto;
use proto::{TrackSource, TrackType};

use crate::admission::{Admission, Grants};

/// Codecs clients may publish, in the order of preference (reference livekit §8.13).
pub const PUBLISH_CODECS: [&str; 3] = ["video/VP8", "video/H264", "audio/opus"];

/// Capabilities of a client that others are told; the protocol knows a handful.
const CAPABILITIES: usize = 32;

/// `enabled_publish_codecs` of the `JoinResponse`.
pub fn publish_codecs() -> Vec<proto::Codec> {
    PUBLISH_CODECS
        .iter()
        .map(|mime| proto::Codec { mime: (*mime).to_owned(), fmtp_line: String::new() })
        .collect()
}

/// A track id of LiveKit's form: `TR_`, two letters for kind and source, `random` (12
/// alphanumeric characters made by the caller).
pub fn track_sid(kind: TrackType, source: TrackSource, random: &str) -> TrackSid {
    let kind = match kind {
        TrackType::Audio => 'A',
        TrackType::Video => 'V',
        TrackType::Data => 'D',
    };
    let source = match source {
        TrackSource::Camera => 'C',
        TrackSource::Microphone => 'M',
        TrackSource::ScreenShare => 'S',
        TrackSource::ScreenShareAudio => 's',
        TrackSource::Unknown => 'U',
    };
    TrackSid::from(format!("TR_{kind}{source}{random}"))
}

/// The `TrackInfo` that answers an `AddTrackRequest`. Every field of the request is copied
/// (clients assert on some); a codec that is not enabled becomes the first enabled one of its
/// kind.
pub fn track_info(sid: &TrackSid, request: &proto::AddTrackRequest) -> proto::TrackInfo {
    let layers = track_layers(request);
    let wanted = request.simulcast_codecs.first().map_or("", |codec| codec.codec.as_str());
    let mime = enabled_mime(wanted, request.r#type());
    let codec = proto::SimulcastCodecInfo {
        mime_type: mime.to_owned(),
        cid: request.simulcast_codecs.first().map_or_else(|| request.cid.clone(), |codec| codec.cid.clone()),
        layers: layers.clone(),
        ..Default::default()
    };
    proto::TrackInfo {
        sid: sid.to_string(),
        r#type: request.r#type,
        name: request.name.clone(),
        muted: request.muted,
        width: request.width,
        height: request.height,
        simulcast: layers.len() > 1,
        disable_dtx: request.disable_dtx,
        source: request.source,
        layers,
        mime_type: mime.to_owned(),
        codecs: vec![codec],
        stereo: request.stereo,
        disable_red: true,
        encryption: request.encryption,
        stream: stream_name(request),
        backup_codec_policy: request.backup_codec_policy,
        audio_features: audio_features(request),
        packet_trailer_features: request.packet_trailer_features.clone(),
        ..Default::default()
    }
}

/// The layers of the request, smallest first, at most three; a video without any has one.
fn track_layers(request: &proto::AddTrackRequest) -> Vec<proto::VideoLayer> {
    let mut layers = match request.simulcast_codecs.first() {
        Some(codec) if !codec.layers.is_empty() => codec.layers.clone(),
        Some(_) | None => request.layers.clone(),
    };
    layers.sort_by_key(|layer| layer.quality);
    layers.truncate(3);
    if layers.is_empty() && request.r#type() == TrackType::Video {
        layers.push(proto::VideoLayer {
            quality: proto::VideoQuality::High as i32,
            width: request.width,
            height: request.height,
            ..Default::default()
        });
    }
    layers
}

fn enabled_mime(wanted: &str, kind: TrackType) -> &'static str {
    let kind_prefix = match kind {
        TrackType::Audio => "audio/",
        TrackType::Video | TrackType::Data => "video/",
    };
    let name = wanted.rsplit('/').next().unwrap_or(wanted);
    let of_kind = || PUBLISH_CODECS.iter().filter(|mime| mime.starts_with(kind_prefix));
    of_kind()
        .find(|mime| mime.rsplit('/').next().is_some_and(|have| have.eq_ignore_ascii_case(name)))
        .or_else(|| of_kind().next())
        .copied()
        .unwrap_or("video/VP8")
}

fn stream_name(request: &proto::AddTrackRequest) -> String {
    if !request.stream.is_empty() {
        return request.stream.clone();
    }
    match request.source() {
        TrackSource::ScreenShare | TrackSource::ScreenShareAudio => "screen".to_owned(),
        TrackSource::Camera | TrackSource::Microphone | TrackSource::Unknown => "camera".to_owned(),
    }
}

fn audio_features(request: &proto::AddTrackRequest) -> Vec<i32> {
    let mut features = request.audio_features.clone();
    let mut want = |on: bool, feature: proto::AudioTrackFeature| {
        if on && !features.contains(&(feature as i32)) {
            features.push(feature as i32);
        }
    };
    want(request.stereo, proto::AudioTrackFeature::TfStereo);
    want(request.disable_dtx, proto::AudioTrackFeature::TfNoDtx);
    features
}

/// Grants as the client sees them.
pub fn permission(grants: &Grants) -> proto::ParticipantPermission {
    proto::ParticipantPermission {
        can_subscribe: grants.can_subscribe,
        can_publish: grants.can_publish,
        can_publish_data: grants.can_publish_data,
        can_publish_sources: grants.sources.iter().map(|source| *source as i32).collect(),
        can_update_metadata: grants.can_update_own_metadata,
        ..Default::default()
    }
}

/// May this source be published under these grants?
pub fn may_publish(grants: &Grants, kind: proto::TrackType, source: TrackSource) -> bool {
    let fits = match kind {
        proto::TrackType::Audio => !matches!(source, TrackSource::Camera | TrackSource::ScreenShare),
        proto::TrackType::Video => !matches!(source, TrackSource::Microphone | TrackSource::ScreenShareAudio),
        proto::TrackType::Data => false,
    };
    fits && grants.can_publish && (grants.sources.is_empty() || grants.sources.contains(&source))
}

/// A new participant's `ParticipantInfo`, state JOINING, without tracks.
pub fn participant(
    admission: &Admission,
    client: &proto::ClientInfo,
    joined_ms: u64,
) -> proto::ParticipantInfo {
    let joined_at_ms = i64::try_from(joined_ms).unwrap_or(i64::MAX);
    proto::ParticipantInfo {
        sid: admission.sid.to_string(),
        identity: admission.identity.to_string(),
        state: proto::participant_info::State::Joining as i32,
        metadata: admission.metadata.clone(),
        joined_at: joined_at_ms / 1_000,
        joined_at_ms,
        name: admission.name.clone(),
        version: 1,
        permission: Some(permission(&admission.grants)),
        kind: admission.kind as i32,
        attributes: admission.attributes.clone().into_iter().collect(),
        client_protocol: client.client_protocol,
        capabilities: client.capabilities.iter().take(CAPABILITIES).copied().collect(),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> proto::AddTrackRequest {
        let layer =
            |quality, width, height| proto::VideoLayer { quality, width, height, ..Default::default() };
        proto::AddTrackRequest {
            cid: "c1".into(),
            r#type: TrackType::Video as i32,
            source: TrackSource::Camera as i32,
            layers: vec![layer(2, 1280, 720), layer(0, 320, 180), layer(1, 640, 360)],
            packet_trailer_features: vec![1],
            ..Default::default()
        }
    }

    #[test]
    fn layers_come_smallest_first_and_fields_are_kept() {
        let info = track_info(&TrackSid::new("TR_VCx"), &request());
        let widths: Vec<_> = info.layers.iter().map(|layer| layer.width).collect();
        assert_eq!(widths, [320, 640, 1280]);
        assert!(info.simulcast);
        assert_eq!(info.stream, "camera");
        assert_eq!(info.packet_trailer_features, [1]);
        assert_eq!(info.codecs[0].cid, "c1");
    }

    #[test]
    fn an_unknown_codec_becomes_the_first_enabled_of_its_kind() {
        assert_eq!(enabled_mime("av1", TrackType::Video), "video/VP8");
        assert_eq!(enabled_mime("h264", TrackType::Video), "video/H264");
        assert_eq!(enabled_mime("video/h264", TrackType::Video), "video/H264");
        assert_eq!(enabled_mime("", TrackType::Audio), "audio/opus");
    }

    #[test]
    fn a_track_sid_names_kind_and_source() {
        let sid = track_sid(TrackType::Audio, TrackSource::Microphone, "abcdefghijkl");
        assert_eq!(sid.as_str(), "TR_AMabcdefghijkl");
    }

    #[test]
    fn the_right_to_a_microphone_is_no_right_to_send_pictures() {
        let grants = Grants {
            can_publish: true,
            sources: vec![TrackSource::Microphone],
            can_subscribe: true,
            can_publish_data: true,
            can_read_chat: true,
            can_write_chat: true,
            can_update_own_metadata: false,
        };
        assert!(may_publish(&grants, TrackType::Audio, TrackSource::Microphone));
        assert!(!may_publish(&grants, TrackType::Video, TrackSource::Microphone), "a picture in disguise");
        let all = Grants { sources: Vec::new(), ..grants };
        assert!(may_publish(&all, TrackType::Video, TrackSource::Camera));
        assert!(!may_publish(&all, TrackType::Audio, TrackSource::Camera));
        assert!(!may_publish(&all, TrackType::Data, TrackSource::Unknown));
    }
}
