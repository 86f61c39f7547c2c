//! Running meetings: who is there, and what moderators do (`features.md` P6, P7, T5; reference
//! openvidu-meet §1.11).

use axum::Json;
use axum::extract::{Path, State};
use huddle_core::access::Action;
use huddle_core::ids::Identity;
use huddle_core::meeting::{Meeting, Participant, Presence};
use huddle_core::permission::Permission;
use huddle_core::room::Room;
use huddle_core::state::{BoxState, Ctx, Refusal, SwitchOff};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::act::Asker;
use crate::auth::Caller;
use crate::body::Sent;
use crate::dto::{MessageBody, badge_name};
use crate::error::{ApiError, ErrorBody};

/// Reading a meeting's state needs the right to join it (P1).
const READ: Action = Action::Use(Permission::JoinMeeting);
/// Ending it for all.
const END: Action = Action::Use(Permission::EndMeeting);
/// Removing others.
const KICK: Action = Action::Use(Permission::KickParticipants);
/// Making others moderators.
const PROMOTE: Action = Action::Use(Permission::MakeModerator);
/// Switching off what others send.
const MUTE: Action = Action::Use(Permission::MuteParticipants);
/// Letting those back in who were removed.
const INVITE: Action = Action::Use(Permission::Invite);

/// A running meeting.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MeetingBody {
    room_id: String,
    room_name: String,
    /// Milliseconds since 1970.
    start_date: u64,
    /// People, without the room and the recorder.
    participant_count: usize,
    recording_active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_participants: Option<u32>,
}

/// A participant.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParticipantBody {
    participant_identity: String,
    participant_name: String,
    /// What the program that asked for their token calls them; told to programs only (P5).
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    /// `moderator` or `speaker`.
    role: &'static str,
    /// `owner`, `admin`, `moderator` or `other`.
    badge: &'static str,
    /// Made moderator in this meeting.
    is_promoted_moderator: bool,
    /// `standard`, `room` or `recorder`.
    #[schema(value_type = String)]
    kind: huddle_core::meeting::ParticipantKind,
    /// Milliseconds since 1970.
    join_date: u64,
    audio_active: bool,
    video_active: bool,
    screen_share_active: bool,
}

/// Participants of a meeting.
#[derive(Serialize, ToSchema)]
pub(crate) struct ParticipantsBody {
    participants: Vec<ParticipantBody>,
}

fn body(
    state: &BoxState,
    meeting: &Meeting,
    room: &huddle_core::ids::RoomId,
    identity: &Identity,
    p: &Participant,
    program: bool,
) -> ParticipantBody {
    ParticipantBody {
        participant_identity: identity.to_string(),
        participant_name: p.name.clone(),
        external_id: p.external_id().filter(|_| program).cloned(),
        role: if state.leads(room, identity) { "moderator" } else { "speaker" },
        badge: badge_name(p.badge),
        is_promoted_moderator: meeting.promoted.contains(identity),
        kind: p.kind,
        join_date: p.joined.0,
        audio_active: p.audio,
        video_active: p.video,
        screen_share_active: p.screen,
    }
}

/// The running meeting of a room.
#[utoipa::path(get, path = "/meetings/{roomId}", operation_id = "getMeeting", tag = "meetings",
    params(("roomId" = String, Path)),
    responses((status = 200, body = MeetingBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<Json<MeetingBody>, ApiError> {
    let read = asker.act_in(&app, &room, READ, |state, _, room| {
        let meeting = state.running(&room.room_id)?;
        Ok(MeetingBody {
            room_id: room.room_id.to_string(),
            room_name: room.room_name.clone(),
            start_date: meeting.started.0,
            participant_count: meeting.remotes().count(),
            recording_active: state.is_recorded(&room.room_id),
            max_participants: room.config.max_participants,
        })
    });
    read.await.map(Json)
}

/// Ends the meeting for all; also when there is none.
#[utoipa::path(delete, path = "/meetings/{roomId}", operation_id = "meetingEnd", tag = "meetings",
    params(("roomId" = String, Path)),
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn end(
    State(app): State<App>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<Json<MessageBody>, ApiError> {
    let end =
        asker.act_in(&app, &room, END, |state, ctx, room| match state.end_meeting(&room.room_id, ctx) {
            Err(Refusal::NoMeeting(_)) => Ok(()),
            other => other,
        });
    end.await?;
    Ok(Json(MessageBody::new(format!("Meeting in room '{room}' ended successfully"))))
}

/// Everybody in the meeting, the room and the recorder included.
#[utoipa::path(get, path = "/meetings/{roomId}/participants", operation_id = "getParticipants", tag = "meetings",
    params(("roomId" = String, Path)),
    responses((status = 200, body = ParticipantsBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn participants(
    State(app): State<App>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<Json<ParticipantsBody>, ApiError> {
    let program = matches!(asker.caller, Caller::ApiKey(_));
    let read = asker.act_in(&app, &room, READ, move |state, _, room| {
        let meeting = state.running(&room.room_id)?;
        let present = meeting.participants.iter().filter(|(_, p)| p.presence == Presence::Present);
        let participants =
            present.map(|(id, p)| body(state, meeting, &room.room_id, id, p, program)).collect();
        Ok(ParticipantsBody { participants })
    });
    read.await.map(Json)
}

/// One participant.
#[utoipa::path(get, path = "/meetings/{roomId}/participants/{identity}", operation_id = "getParticipant",
    tag = "meetings", params(("roomId" = String, Path), ("identity" = String, Path)),
    responses((status = 200, body = ParticipantBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn participant(
    State(app): State<App>,
    asker: Asker,
    Path((room, identity)): Path<(String, Identity)>,
) -> Result<Json<ParticipantBody>, ApiError> {
    let program = matches!(asker.caller, Caller::ApiKey(_));
    let read = asker.act_in(&app, &room, READ, move |state, _, room| {
        let meeting = state.running(&room.room_id)?;
        let missing = || Refusal::ParticipantNotFound(room.room_id.clone(), identity.clone());
        let participant = meeting.participants.get(&identity);
        let participant = participant.filter(|p| p.presence == Presence::Present).ok_or_else(missing)?;
        Ok(body(state, meeting, &room.room_id, &identity, participant, program))
    });
    read.await.map(Json)
}

/// Removes a participant; there is no way back without an invitation.
#[utoipa::path(delete, path = "/meetings/{roomId}/participants/{identity}", operation_id = "participantKick",
    tag = "meetings", params(("roomId" = String, Path), ("identity" = String, Path)),
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn kick(
    State(app): State<App>,
    asker: Asker,
    Path((room, identity)): Path<(String, Identity)>,
) -> Result<Json<MessageBody>, ApiError> {
    let text = format!("Participant '{identity}' kicked successfully from meeting in room '{room}'");
    let kick =
        asker.act_in(&app, &room, KICK, move |state, ctx, room| state.kick(&room.room_id, &identity, ctx));
    kick.await.map(|()| Json(MessageBody::new(text)))
}

/// What is to be switched off; only `false` is possible, and at least one.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MediaAsk {
    audio_active: Option<bool>,
    video_active: Option<bool>,
    screen_share_active: Option<bool>,
}

impl MediaAsk {
    fn switch_off(self) -> Result<SwitchOff, ApiError> {
        let fields = [
            ("audioActive", self.audio_active),
            ("videoActive", self.video_active),
            ("screenShareActive", self.screen_share_active),
        ];
        if let Some((field, _)) = fields.iter().find(|(_, wanted)| *wanted == Some(true)) {
            return Err(ApiError::field(field, "Invalid literal value, expected false"));
        }
        if fields.iter().all(|(_, wanted)| wanted.is_none()) {
            return Err(ApiError::field("audioActive", "At least one of the three must be given"));
        }
        let off = |wanted: Option<bool>| wanted == Some(false);
        Ok(SwitchOff {
            audio: off(self.audio_active),
            video: off(self.video_active),
            screen: off(self.screen_share_active),
        })
    }
}

/// Switches off microphone, camera or screen share of everybody but moderators and the caller.
#[utoipa::path(put, path = "/meetings/{roomId}/participants/media", operation_id = "muteAll", tag = "meetings",
    params(("roomId" = String, Path)), request_body = MediaAsk,
    responses((status = 200, body = MessageBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn switch_off_all(
    State(app): State<App>,
    asker: Asker,
    Path(room): Path<String>,
    body: Sent<MediaAsk>,
) -> Result<Json<MessageBody>, ApiError> {
    let own = asker.identity();
    let off = move |state: &mut BoxState, ctx: &mut Ctx<'_>, room: &Room, what| {
        state.switch_off_all(&room.room_id, own.as_ref(), what, ctx)
    };
    let count = asker.edit_in(&app, (&room, MUTE), body, MediaAsk::switch_off, off).await?;
    Ok(Json(MessageBody::new(format!("{count} participant(s) switched off in room '{room}'"))))
}

/// Switches off microphone, camera or screen share of a participant.
#[utoipa::path(put, path = "/meetings/{roomId}/participants/{identity}/media", operation_id = "muteParticipant",
    tag = "meetings", params(("roomId" = String, Path), ("identity" = String, Path)), request_body = MediaAsk,
    responses((status = 200, body = MessageBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn switch_off(
    State(app): State<App>,
    asker: Asker,
    Path((room, identity)): Path<(String, Identity)>,
    body: Sent<MediaAsk>,
) -> Result<Json<MessageBody>, ApiError> {
    let text = format!("Participant '{identity}' switched off in room '{room}'");
    let off = move |state: &mut BoxState, ctx: &mut Ctx<'_>, room: &Room, what| {
        state.switch_off(&room.room_id, &identity, what, ctx)
    };
    asker.edit_in(&app, (&room, MUTE), body, MediaAsk::switch_off, off).await?;
    Ok(Json(MessageBody::new(text)))
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoleAction {
    Upgrade,
    Downgrade,
}

/// Promotion or its end.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RoleAsk {
    #[schema(inline)]
    action: RoleAction,
}

/// Makes a participant moderator for this meeting, or takes that back.
#[utoipa::path(put, path = "/meetings/{roomId}/participants/{identity}/role", operation_id = "participantRoleUpdate",
    tag = "meetings", params(("roomId" = String, Path), ("identity" = String, Path)), request_body = RoleAsk,
    responses((status = 200, body = MessageBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn set_role(
    State(app): State<App>,
    asker: Asker,
    Path((room, identity)): Path<(String, Identity)>,
    body: Sent<RoleAsk>,
) -> Result<Json<MessageBody>, ApiError> {
    let whom = identity.clone();
    let set = move |state: &mut BoxState, ctx: &mut Ctx<'_>, room: &Room, action| match action {
        RoleAction::Upgrade => state.promote(&room.room_id, &whom, ctx).map(|()| "upgrade"),
        RoleAction::Downgrade => state.demote(&room.room_id, &whom, ctx).map(|()| "downgrade"),
    };
    let name = asker.edit_in(&app, (&room, PROMOTE), body, |ask| Ok(ask.action), set).await?;
    let text = format!("Moderation action '{name}' applied to participant '{identity}' in room '{room}'");
    Ok(Json(MessageBody::new(text)))
}

/// Somebody who was removed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RemovedBody {
    participant_identity: String,
    participant_name: String,
}

/// Everybody who was removed from this meeting.
#[utoipa::path(get, path = "/meetings/{roomId}/removed", operation_id = "getRemoved", tag = "meetings",
    params(("roomId" = String, Path)),
    responses((status = 200, body = Vec<RemovedBody>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn removed(
    State(app): State<App>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<Json<Vec<RemovedBody>>, ApiError> {
    let read = asker.act_in(&app, &room, INVITE, |state, _, room| {
        let removed = state.running(&room.room_id)?.removed.iter();
        let body = |(identity, name): (&Identity, &String)| RemovedBody {
            participant_identity: identity.to_string(),
            participant_name: name.clone(),
        };
        Ok(removed.map(body).collect())
    });
    read.await.map(Json)
}

/// Lets somebody who was removed come back.
#[utoipa::path(delete, path = "/meetings/{roomId}/removed/{identity}", operation_id = "inviteBack", tag = "meetings",
    params(("roomId" = String, Path), ("identity" = String, Path)),
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn invite_back(
    State(app): State<App>,
    asker: Asker,
    Path((room, identity)): Path<(String, Identity)>,
) -> Result<Json<MessageBody>, ApiError> {
    let text = format!("Participant '{identity}' may come back to room '{room}'");
    let invite = asker.act_in(&app, &room, INVITE, move |state, ctx, room| {
        state.invite_back(&room.room_id, &identity, ctx)
    });
    invite.await.map(|()| Json(MessageBody::new(text)))
}
