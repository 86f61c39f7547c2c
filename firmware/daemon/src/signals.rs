//! What participants are told by data packets when something about them or the meeting changes
//! (reference openvidu-meet §1.10 "Real-time signals"): the packet says what changed, the client
//! asks for the rest.

use huddle_core::ids::{Identity, RoomId};
use huddle_core::meeting::Badge;
use huddle_core::state::SwitchOff;
use huddle_sfu::port as sfu;
use huddle_tap::Source;
use serde_json::{Value, json};

use crate::conductor::wall_clock;

/// Rights changed, and the mark in the list if it did.
pub(crate) fn granted(room: RoomId, identity: Identity, badge: Option<Badge>) -> Vec<sfu::Command> {
    let body = json!({ "roomId": room, "participantIdentity": identity });
    let rights = packet(room.clone(), "meet_participant_permissions_updated", body, vec![identity.clone()]);
    let role = badge.map(|badge| {
        let body = json!({ "roomId": room, "participantIdentity": identity, "newBadge": badge });
        packet(room, "meet_participant_role_updated", body, Vec::new())
    });
    std::iter::once(rights).chain(role).collect()
}

/// The time limit ends the meeting in five minutes.
pub(crate) fn ending_soon(room: RoomId) -> sfu::Command {
    let body = json!({ "roomId": room, "seconds": huddle_core::meeting::WARNING.as_secs() });
    packet(room, "meet_meeting_ending_soon", body, Vec::new())
}

/// The tracks that a moderator switches off.
pub(crate) fn sources(what: SwitchOff) -> Vec<Source> {
    let wanted = [
        (what.audio, Source::Microphone),
        (what.video, Source::Camera),
        (what.screen, Source::ScreenShare),
        (what.screen, Source::ScreenShareAudio),
    ];
    wanted.into_iter().filter(|(on, _)| *on).map(|(_, source)| source).collect()
}

fn packet(room: RoomId, topic: &str, mut body: Value, destinations: Vec<Identity>) -> sfu::Command {
    if let Value::Object(map) = &mut body {
        map.insert("timestamp".to_owned(), wall_clock().0.into());
    }
    let (payload, topic) = (body.to_string().into_bytes(), Some(topic.to_owned()));
    sfu::Command::SendData { room, payload, topic, reliable: true, destinations }
}
