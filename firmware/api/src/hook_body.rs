//! What is sent to webhooks (reference openvidu-meet §6). The same bodies as those of REST, so that
//! a receiver knows them already.

use huddle_core::room::MemberRole;
use huddle_core::units::UnixMillis;
use huddle_core::webhook::{Attendee, Departure, Event, Facts, LeaveReason};
use serde::Serialize;
use serde_json::{Value, json};

use crate::dto::RecordingBody;
use crate::room_body::{Links, RoomBody};

/// Everything a receiver gets, in the contract's order, and the event's id.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    event: &'a str,
    creation_date: u64,
    data: Value,
    event_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MeetingData {
    #[serde(flatten)]
    room: RoomBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ParticipantData<'a> {
    room_id: &'a str,
    room_name: &'a str,
    participant: ParticipantBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ParticipantBody<'a> {
    participant_identity: &'a str,
    participant_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a String>,
    role: MemberRole,
    join_date: u64,
    #[serde(flatten)]
    departure: Option<DepartureBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DepartureBody {
    leave_date: u64,
    duration_seconds: u64,
    leave_reason: LeaveReason,
}

/// The body of an event: the same bytes at each attempt.
pub fn event_body(event: &Event) -> Vec<u8> {
    let data = match &event.facts {
        Facts::Meeting { room, timed_out } => value(MeetingData {
            room: RoomBody::new(
                room,
                event.kind == huddle_core::webhook::EventKind::MeetingStarted,
                &Links { base: &event.base, shown: true },
            ),
            reason: timed_out.then_some("max_duration_reached"),
        }),
        Facts::Participant { room_name, identity, attendee, departure } => value(ParticipantData {
            room_id: event.room_id.as_str(),
            room_name,
            participant: participant(identity.as_str(), attendee, *departure),
        }),
        Facts::Recording(recording) => value(RecordingBody::from(&**recording)),
    };
    bytes(event.kind.name(), event.at, data, &event.id)
}

/// The body of a test.
pub fn test_body(id: &str, now: UnixMillis) -> Vec<u8> {
    bytes("testEvent", now, json!({ "message": "This is a test webhook event" }), id)
}

fn participant<'a>(
    identity: &'a str,
    attendee: &'a Attendee,
    departure: Option<Departure>,
) -> ParticipantBody<'a> {
    ParticipantBody {
        participant_identity: identity,
        participant_name: &attendee.name,
        external_id: attendee.external_id.as_ref(),
        role: attendee.role,
        join_date: attendee.joined.0,
        departure: departure.map(|departure| DepartureBody {
            leave_date: departure.at.0,
            duration_seconds: departure.at.since(attendee.joined) / 1_000,
            leave_reason: departure.reason,
        }),
    }
}

fn bytes(event: &str, at: UnixMillis, data: Value, event_id: &str) -> Vec<u8> {
    let body = Body { event, creation_date: at.0, data, event_id };
    serde_json::to_vec(&body).unwrap_or_default()
}

fn value(body: impl Serialize) -> Value {
    serde_json::to_value(body).unwrap_or_default()
}
