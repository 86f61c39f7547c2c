//! A running meeting and who is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::access::TokenSource;
use crate::ids::{Identity, MeetingSid, ParticipantSid};
use crate::permission::PermissionSet;
use crate::recording::Ended;
use crate::room::MeetingRecord;
use crate::state::{Eviction, MediaGrants};
use crate::units::UnixMillis;
use crate::webhook::Attendee;

/// How long before its time limit a meeting is told that it ends.
pub const WARNING: Duration = Duration::from_secs(5 * 60);

/// What a participant is. The room and the recorder are listed, but neither keeps a meeting
/// alive nor counts against limits (design.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParticipantKind {
    /// A remote person or program.
    Standard,
    /// This room.
    Room,
    /// The recorder.
    Recorder,
}

/// How a participant is marked in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Badge {
    /// The room's owner.
    Owner,
    /// An admin of the box.
    Admin,
    /// A moderator.
    Moderator,
    /// Anybody else.
    Other,
}

/// LiveKit connection quality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Bad.
    Poor,
    /// Fair.
    Good,
    /// Best.
    #[default]
    Excellent,
    /// No media at the moment.
    Lost,
}

/// Where a participant is on the way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Admitted; must show up at the SFU before the deadline.
    Expected {
        /// Monotonic.
        until: Duration,
    },
    /// In the meeting.
    Present,
}

/// A participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// This session.
    pub sid: ParticipantSid,
    /// Display name.
    pub name: String,
    /// LiveKit participant metadata, see [`with_rights`].
    pub metadata: String,
    /// Person, room or recorder.
    pub kind: ParticipantKind,
    /// Where their rights come from; `None` for LiveKit tokens, the room and the recorder.
    pub source: Option<TokenSource>,
    /// Mark.
    pub badge: Badge,
    /// What they may do here.
    pub permissions: PermissionSet,
    /// Rights given during the meeting, in place of those of the token.
    pub granted: Option<MediaGrants>,
    /// What the SFU knows, and since which version.
    pub sent: (MediaGrants, u64),
    /// Their rights changed on the way in, which the SFU has not heard of.
    pub unconfirmed: bool,
    /// On the way in or there.
    pub presence: Presence,
    /// Signalling connections that are open; none while they are just leaving or cut off.
    pub connections: u32,
    /// Came in.
    pub joined: UnixMillis,
    /// Sends sound.
    pub audio: bool,
    /// Sends camera video.
    pub video: bool,
    /// Shares a screen.
    pub screen: bool,
    /// Connection.
    pub quality: Quality,
    /// Being put out.
    pub evicted: Option<Eviction>,
}

impl Participant {
    /// What the program that asked for their token calls them.
    pub fn external_id(&self) -> Option<&String> {
        self.source.as_ref().and_then(|source| source.external_id.as_ref())
    }
}

/// A running meeting.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// LiveKit room sid.
    pub sid: MeetingSid,
    /// Began.
    pub started: UnixMillis,
    /// Everybody, the room and the recorder included.
    pub participants: BTreeMap<Identity, Participant>,
    /// Since when no remote participant is there (monotonic).
    pub empty_since: Option<Duration>,
    /// It ends for all then (monotonic), by the room's time limit.
    pub ends: Option<Duration>,
    /// Its people were told that it ends soon.
    pub warned: bool,
    /// Promoted to moderator in this meeting; survives leaving and rejoining it (P6).
    pub promoted: BTreeSet<Identity>,
    /// Removed from this meeting, with the names they had; no way back without an invitation (P7).
    pub removed: BTreeMap<Identity, String>,
    /// Who came in and has not left, as webhooks were told.
    pub attendees: BTreeMap<Identity, Attendee>,
    /// How the last recording ended, until the next one begins.
    pub recording_ended: Option<Ended>,
    /// A recording of it was begun: none begins by itself any more.
    pub recorded: bool,
    /// Somebody other than the room and the recorder was expected or in at some time.
    pub had_guests: bool,
}

/// Metadata of somebody with a member token, with the rights of now: `permissions`, `badge` and
/// `isPromotedModerator` (reference openvidu-meet §1.10). `None` for what is no JSON object.
pub fn with_rights(
    metadata: &str,
    permissions: PermissionSet,
    badge: Badge,
    promoted: bool,
) -> Option<String> {
    let Ok(Value::Object(mut map)) = serde_json::from_str(metadata) else { return None };
    map.insert("permissions".to_owned(), json!(permissions));
    map.insert("badge".to_owned(), json!(badge));
    map.insert("isPromotedModerator".to_owned(), promoted.into());
    Some(Value::Object(map).to_string())
}

impl Meeting {
    /// An empty meeting.
    pub const fn new(sid: MeetingSid, started: UnixMillis) -> Self {
        Self {
            sid,
            started,
            participants: BTreeMap::new(),
            empty_since: None,
            ends: None,
            warned: false,
            promoted: BTreeSet::new(),
            removed: BTreeMap::new(),
            attendees: BTreeMap::new(),
            recording_ended: None,
            recorded: false,
            had_guests: false,
        }
    }

    /// What is known of a meeting whose people are about to come back.
    pub fn continued(record: &MeetingRecord) -> Self {
        Self {
            promoted: record.promoted.clone(),
            removed: record.removed.clone(),
            ..Self::new(record.sid.clone(), record.started)
        }
    }

    /// Remote participants that are in.
    pub fn remotes(&self) -> impl Iterator<Item = (&Identity, &Participant)> {
        self.participants
            .iter()
            .filter(|(_, p)| p.kind == ParticipantKind::Standard && p.presence == Presence::Present)
    }

    /// The earliest moment at which somebody expected is given up.
    pub fn pending_deadline(&self) -> Option<Duration> {
        let deadlines = self.participants.values().filter_map(|p| match p.presence {
            Presence::Expected { until } => Some(until),
            Presence::Present => None,
        });
        deadlines.min()
    }

    /// When the time limit wants something: five minutes before the end, and at the end.
    pub fn time_limit(&self) -> Option<Duration> {
        let ends = self.ends?;
        Some(if self.warned { ends } else { ends.saturating_sub(WARNING) })
    }

    /// Everybody expected or in, other than the room and the recorder.
    pub fn guests(&self) -> impl Iterator<Item = (&Identity, &Participant)> {
        self.participants.iter().filter(|(_, p)| p.kind == ParticipantKind::Standard)
    }

    /// Is anybody expected or in, other than the room and the recorder?
    pub fn has_guests(&self) -> bool {
        self.guests().next().is_some()
    }

    /// Follows who is there.
    pub fn update_emptiness(&mut self, now: Duration) {
        if self.has_guests() {
            self.had_guests = true;
            self.empty_since = None;
        } else if self.empty_since.is_none() {
            self.empty_since = Some(now);
        }
    }

    /// `name`, or `name_1`, `name_2` … when somebody else than `own` has it already.
    pub fn free_name(&self, name: &str, own: Option<&Identity>) -> String {
        let taken = |n: &str| self.participants.iter().any(|(i, p)| p.name == n && Some(i) != own);
        if !taken(name) {
            return name.to_owned();
        }
        let numbered = (1..).map(|n: u32| format!("{name}_{n}"));
        numbered.into_iter().find(|n| !taken(n)).unwrap_or_default()
    }
}
