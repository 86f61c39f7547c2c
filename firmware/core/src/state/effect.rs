//! What the state wants done: data that the shell carries out, and changes for the disk among it.

use std::collections::BTreeMap;

use super::{Admitted, MediaGrants, SwitchOff};
use crate::account::{ApiKeyRecord, FailedLogins, Group, Session, User};
use crate::audit::AuditEntry;
use crate::ids::{Identity, ParticipantSid, RecordingId, RoomId};
use crate::meeting::Badge;
use crate::member::Member;
use crate::recording::Recording;
use crate::room::{MeetingRecord, Room};
use crate::webhook::{Attempt, Delivery, Webhook};

/// A change for the disk, with what was there before so that it can be taken back.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// A user.
    User(Change<User>),
    /// A login session.
    Session(Change<Session>),
    /// A room.
    Room(Change<Room>),
    /// A running meeting.
    Meeting(Change<MeetingRecord>),
    /// A recording.
    Recording(Change<Recording>),
    /// A group of users.
    Group(Change<Group>),
    /// An API key.
    ApiKey(Change<ApiKeyRecord>),
    /// A member of a room.
    Member(Change<Member>),
    /// Failed logins of an account or a network.
    FailedLogins(Change<FailedLogins>),
    /// Which room is the box's own.
    HomeRoom(Change<RoomId>),
    /// A webhook.
    Webhook(Change<Webhook>),
    /// An event on its way to a webhook.
    Delivery(Change<Delivery>),
    /// A line of the audit log; only ever added.
    Audit(AuditEntry),
}

/// Before and after of one record; `None` = it does not exist.
#[derive(Clone, Debug, PartialEq)]
pub struct Change<T> {
    /// On the disk now.
    pub before: Option<T>,
    /// On the disk afterwards.
    pub after: Option<T>,
}

/// Why a participant is put out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eviction {
    /// Kicked.
    Removed,
    /// The meeting was ended for all.
    MeetingEnded,
    /// They went to another meeting (P8).
    Elsewhere,
}

/// What the box wants done. Applied in order.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "few at a time, and short-lived")]
pub enum Effect {
    /// Commit to the disk.
    Persist(Write),
    /// To be done when everything of the same turn is on the disk, and only then.
    AfterSave(Box<Effect>),
    /// Put somebody out.
    Evict {
        /// Where.
        room: RoomId,
        /// Whom.
        identity: Identity,
        /// Which session of theirs.
        sid: ParticipantSid,
        /// Why.
        why: Eviction,
    },
    /// New rights for somebody who is in: at the SFU first, then the client is told (P4).
    Grant {
        /// Where.
        room: RoomId,
        /// Whose.
        identity: Identity,
        /// From now on.
        grants: MediaGrants,
        /// The new mark, when it changed.
        badge: Option<Badge>,
        /// Order of the rights.
        version: u64,
    },
    /// Switch tracks of a participant off.
    SwitchOff {
        /// Where.
        room: RoomId,
        /// Whose.
        identity: Identity,
        /// Which.
        what: SwitchOff,
    },
    /// The meeting is over soon by its time limit: tell its people.
    EndingSoon {
        /// Where.
        room: RoomId,
    },
    /// The meeting is over: everybody out.
    EndMeeting {
        /// Where.
        room: RoomId,
    },
    /// New name, metadata or attributes of a participant.
    UpdateParticipant {
        /// Where.
        room: RoomId,
        /// Whose.
        identity: Identity,
        /// New name.
        name: Option<String>,
        /// New metadata.
        metadata: Option<String>,
        /// Changed attributes; "" deletes.
        attributes: BTreeMap<String, String>,
    },
    /// LiveKit room metadata as participants see it.
    RoomMetadata {
        /// Where.
        room: RoomId,
        /// All of it.
        metadata: String,
    },
    /// The recording flag that every participant sees.
    ShowRecording {
        /// Where.
        room: RoomId,
        /// On or off.
        on: bool,
    },
    /// The room takes part: open its tap and its devices.
    EndpointJoin {
        /// As whom.
        admitted: Box<Admitted>,
        /// Starts muted.
        mic_muted: bool,
        /// Starts without camera.
        camera_off: bool,
    },
    /// The room leaves: close devices and tap.
    EndpointLeave,
    /// Mute or unmute the room's microphone.
    EndpointMic {
        /// Muted.
        muted: bool,
    },
    /// Switch the room's camera.
    EndpointCamera {
        /// Off.
        off: bool,
    },
    /// A participant is announced before the room joins: chime (R7).
    Announce {
        /// Who comes.
        name: String,
    },
    /// Begin a recording.
    RecordStart {
        /// Its record.
        recording: Box<Recording>,
        /// The recorder as a listed participant.
        recorder: Box<Admitted>,
        /// The room takes part, so its decoders serve the recording too.
        shared: bool,
    },
    /// A recording that used the room's decoders goes on through a tap of its own.
    RecordMove {
        /// Which.
        id: RecordingId,
        /// The recorder as a listed participant.
        recorder: Box<Admitted>,
    },
    /// Stop a recording and finish its file.
    RecordStop {
        /// Which.
        id: RecordingId,
    },
    /// The recorder leaves the participant list.
    RecorderLeave {
        /// Where.
        room: RoomId,
        /// Whom.
        identity: Identity,
    },
    /// Delete a recording's files.
    RemoveFiles {
        /// Whose.
        recording: Box<Recording>,
    },
    /// Try to bring an event to a webhook, and report to [`BoxState::tried`](super::BoxState::tried).
    Deliver(Box<Attempt>),
    /// Tell the consoles.
    RecordingChanged {
        /// Its record now.
        recording: Box<Recording>,
    },
}
