//! Between LiveKit's grants, the box's own media rights, and what the SFU enforces.

use huddle_core::state::MediaGrants;
use livekit_protocol::{ParticipantPermission, TrackSource};

use crate::admission::Grants;
use crate::token::VideoGrant;

/// A token's media rights (reference livekit §2). Its `hidden` is ignored: whoever takes part is seen
/// by the others (T11).
pub fn from_video(video: &VideoGrant) -> MediaGrants {
    let publish = video.can_publish.unwrap_or(true);
    let source = |name: &str| {
        let listed = video.can_publish_sources.iter().any(|s| s.eq_ignore_ascii_case(name));
        publish && (video.can_publish_sources.is_empty() || listed)
    };
    let data = video.can_publish_data.unwrap_or(publish);
    let subscribe = video.can_subscribe.unwrap_or(true);
    MediaGrants {
        camera: source("camera"),
        microphone: source("microphone"),
        // The sound of a screen alone is no right: it would bring the picture with it.
        screen: source("screen_share"),
        subscribe,
        data,
        read_chat: subscribe,
        write_chat: data,
        update_metadata: video.can_update_own_metadata.unwrap_or(false),
    }
}

/// The `video` grant of a token for these rights.
pub fn to_video(grants: MediaGrants, room: &str) -> VideoGrant {
    VideoGrant {
        room_join: true,
        room: room.to_owned(),
        can_publish: Some(grants.camera || grants.microphone || grants.screen),
        can_subscribe: Some(grants.subscribe),
        can_publish_data: Some(grants.data),
        can_publish_sources: source_names(grants),
        can_update_own_metadata: Some(grants.update_metadata),
        ..VideoGrant::default()
    }
}

/// What the SFU enforces.
pub fn to_sfu(grants: MediaGrants) -> Grants {
    Grants {
        can_publish: grants.camera || grants.microphone || grants.screen,
        sources: sources(grants),
        can_subscribe: grants.subscribe,
        can_publish_data: grants.data,
        can_read_chat: grants.read_chat,
        can_write_chat: grants.write_chat,
        can_update_own_metadata: grants.update_metadata,
    }
}

/// The rights in a `RoomService.UpdateParticipant` request; `hidden` is ignored here, too.
pub fn from_permission(permission: &ParticipantPermission) -> MediaGrants {
    let listed = |source: TrackSource| {
        let sources = &permission.can_publish_sources;
        permission.can_publish && (sources.is_empty() || sources.contains(&(source as i32)))
    };
    MediaGrants {
        camera: listed(TrackSource::Camera),
        microphone: listed(TrackSource::Microphone),
        screen: listed(TrackSource::ScreenShare),
        subscribe: permission.can_subscribe,
        data: permission.can_publish_data,
        read_chat: permission.can_subscribe,
        write_chat: permission.can_publish_data,
        update_metadata: permission.can_update_metadata,
    }
}

/// The sources; empty when all of them (and unknown ones) are allowed.
fn sources(grants: MediaGrants) -> Vec<TrackSource> {
    if grants.camera && grants.microphone && grants.screen {
        return Vec::new();
    }
    let pairs = [
        (grants.camera, TrackSource::Camera),
        (grants.microphone, TrackSource::Microphone),
        (grants.screen, TrackSource::ScreenShare),
        (grants.screen, TrackSource::ScreenShareAudio),
    ];
    pairs.into_iter().filter_map(|(on, source)| on.then_some(source)).collect()
}

fn source_names(grants: MediaGrants) -> Vec<String> {
    sources(grants).into_iter().map(|s| s.as_str_name().to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unset_grants_follow_livekit() {
        let all = from_video(&VideoGrant { room_join: true, ..VideoGrant::default() });
        assert!(all.camera && all.microphone && all.screen && all.subscribe && all.data);
        assert!(!all.update_metadata);
        let silent = from_video(&VideoGrant { can_publish: Some(false), ..VideoGrant::default() });
        assert!(!silent.camera && !silent.data && silent.subscribe);
    }

    #[test]
    fn the_sound_of_a_screen_is_no_right_to_its_picture() {
        let only =
            |name: &str| VideoGrant { can_publish_sources: vec![name.to_owned()], ..VideoGrant::default() };
        assert!(!from_video(&only("screen_share_audio")).screen);
        assert!(from_video(&only("screen_share")).screen);
    }

    #[test]
    fn a_token_that_says_hidden_says_nothing() {
        let read = |json: &str| from_video(&serde_json::from_str(json).unwrap());
        assert_eq!(read(r#"{"roomJoin":true,"hidden":true}"#), read(r#"{"roomJoin":true}"#));
    }

    #[test]
    fn rights_survive_the_way_through_a_token() {
        for bits in 0..64_u8 {
            let grants = MediaGrants {
                camera: bits & 1 != 0,
                microphone: bits & 2 != 0,
                screen: bits & 4 != 0,
                subscribe: bits & 8 != 0,
                data: bits & 16 != 0,
                read_chat: bits & 8 != 0,
                write_chat: bits & 16 != 0,
                update_metadata: bits & 32 != 0,
            };
            assert_eq!(from_video(&to_video(grants, "r")), grants);
        }
    }
}
