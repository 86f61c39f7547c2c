//! Webhooks (`features.md` I3, reference openvidu-meet §1.12 and §6): who is told what, what is
//! told, and when a delivery is tried again. Sends nothing, and knows neither names nor sockets.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::ids::{Identity, RoomId, WebhookId};
use crate::recording::Recording;
use crate::room::{MemberRole, Room, Secret};
use crate::units::UnixMillis;

/// Webhooks a box keeps at most.
pub const MOST: usize = 20;
/// A delivery that fails after it has waited for so long is given up. Time in which the box or the
/// webhook is off does not count, nor do jumps of the wall clock.
pub const GIVE_UP: Duration = Duration::from_secs(24 * 3_600);
/// Longest address in bytes.
const LONGEST_URL: usize = 2_000;

/// What happened, by the contract's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum EventKind {
    /// A meeting began.
    MeetingStarted,
    /// It is over.
    MeetingEnded,
    /// Somebody came in.
    ParticipantJoined,
    /// They are gone.
    ParticipantLeft,
    /// A recording was asked for.
    RecordingStarted,
    /// It runs, or is being finished.
    RecordingUpdated,
    /// It is over.
    RecordingEnded,
}

impl EventKind {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MeetingStarted => "meetingStarted",
            Self::MeetingEnded => "meetingEnded",
            Self::ParticipantJoined => "participantJoined",
            Self::ParticipantLeft => "participantLeft",
            Self::RecordingStarted => "recordingStarted",
            Self::RecordingUpdated => "recordingUpdated",
            Self::RecordingEnded => "recordingEnded",
        }
    }
}

/// Somebody who wants to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// `wh-…`, never changes.
    pub webhook_id: WebhookId,
    /// Where to, as [`check_url`] returned it.
    pub url: String,
    /// Only of these; `None` = of all.
    pub events: Option<BTreeSet<EventKind>>,
    /// Only of this room.
    pub room_id: Option<RoomId>,
    /// Told at the moment.
    pub enabled: bool,
    /// Made.
    pub creation_date: UnixMillis,
    /// Signs what is sent. Shown once.
    pub secret: Secret,
    /// Counts changes, for `ETag` and `If-Match`.
    #[serde(default)]
    pub revision: u64,
}

impl Webhook {
    /// Is it to be told of this?
    pub fn wants(&self, kind: EventKind, room: &RoomId) -> bool {
        self.enabled
            && self.events.as_ref().is_none_or(|events| events.contains(&kind))
            && self.room_id.as_ref().is_none_or(|only| only == room)
    }
}

/// Why somebody left, by the contract's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// They left.
    VoluntaryLeave,
    /// Neither signalling nor media came back.
    NetworkDisconnect,
    /// The box went down.
    ServerShutdown,
    /// Removed, or their right to be there was taken away.
    ParticipantKicked,
    /// The meeting was over.
    MeetingEnded,
    /// Came in anew as the same person.
    DuplicateIdentity,
    /// Anything else.
    Unknown,
}

/// Somebody who came in; while a meeting runs it is kept, so that their leaving is told whatever
/// happens to the box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// Display name.
    pub name: String,
    /// As what.
    pub role: MemberRole,
    /// Came in.
    pub joined: UnixMillis,
    /// What the program that asked for their token calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

/// The end of somebody's stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// When.
    pub at: UnixMillis,
    /// Why.
    pub reason: LeaveReason,
}

/// What an event is about, as it was then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facts {
    /// A meeting.
    Meeting {
        /// Its room, without LiveKit metadata.
        room: Box<Room>,
        /// The time limit of the room ended it.
        timed_out: bool,
    },
    /// A participant.
    Participant {
        /// Name of the room.
        room_name: String,
        /// Who.
        identity: Identity,
        /// More of them.
        attendee: Attendee,
        /// They are gone.
        departure: Option<Departure>,
    },
    /// A recording.
    Recording(Box<Recording>),
}

/// Something that happened in a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// `ev-…`, the same at each attempt and to each webhook.
    pub id: String,
    /// What.
    pub kind: EventKind,
    /// Where.
    pub room_id: RoomId,
    /// When.
    pub at: UnixMillis,
    /// Began the links to the box then, such as `https://192.0.2.7`.
    #[serde(default)]
    pub base: String,
    /// About what.
    pub facts: Facts,
}

/// Where a delivery is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not yet taken by the receiver.
    Waiting,
    /// The receiver answered 2xx.
    Delivered,
    /// Given up.
    Failed,
}

/// An event on its way to a webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// To whom.
    pub webhook_id: WebhookId,
    /// Rises; those of a room go out in this order.
    pub number: u64,
    /// What.
    pub event: Arc<Event>,
    /// How it is.
    pub state: DeliveryState,
    /// Tries so far.
    pub attempts: u32,
    /// How long it had waited at the last one.
    #[serde(default)]
    pub waited: Duration,
    /// The last one.
    pub last_attempt: Option<UnixMillis>,
    /// The next one, while it waits.
    pub next_attempt: Option<UnixMillis>,
    /// HTTP status of the last answer.
    pub last_status: Option<u16>,
    /// Why the last try failed, fit for people.
    pub last_error: Option<String>,
}

impl Delivery {
    /// Its key in the order of numbers: `webhook id/number`.
    pub fn key(&self) -> String {
        format!("{}/{:020}", self.webhook_id, self.number)
    }
}

/// One try to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// To whom.
    pub webhook_id: WebhookId,
    /// Which delivery.
    pub number: u64,
    /// Where to.
    pub url: String,
    /// Signs it.
    pub secret: Secret,
    /// What.
    pub event: Arc<Event>,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Why it failed, fit for people; `None` = taken.
    pub error: Option<String>,
}

/// Pause after so many failed tries: 1 s, doubled each time up to ten minutes.
pub fn pause(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(10);
    Duration::from_secs(1 << doublings).min(Duration::from_secs(600))
}

/// Why an address is refused; fit for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Neither `http://` nor `https://`, or no address at all.
    #[error("URL must start with http:// or https:// and name a host")]
    NotHttp,
    /// Longer than 2,000 bytes.
    #[error("URL cannot exceed 2000 bytes")]
    Long,
    /// They would stand in logs.
    #[error("URL must not contain a user name or a password")]
    Credentials,
    /// The box would talk to itself.
    #[error("URL must not lead to this box or its nearest neighbourhood")]
    Local,
}

impl UrlError {
    /// By a name that never changes, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotHttp => "url_not_http",
            Self::Long => "url_too_long",
            Self::Credentials => "url_credentials",
            Self::Local => "url_local",
        }
    }
}

/// Checks an address and returns its usual spelling. `local` also allows what [`is_local`].
pub fn check_url(text: &str, local: bool) -> Result<String, UrlError> {
    if text.len() > LONGEST_URL {
        return Err(UrlError::Long);
    }
    let mut url = Url::parse(text.trim()).map_err(|_| UrlError::NotHttp)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlError::NotHttp);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Credentials);
    }
    let near = match url.host().ok_or(UrlError::NotHttp)? {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(ip) => is_local(ip.into()),
        Host::Ipv6(ip) => is_local(ip.into()),
    };
    if near && !local {
        return Err(UrlError::Local);
    }
    url.set_fragment(None);
    Ok(url.into())
}

/// The box itself, its own cable, or nobody in particular: addresses that a webhook must not reach,
/// because services there trust whoever reaches them. IPv4 addresses inside IPv6 ones count.
pub fn is_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_local_v4(ip),
        IpAddr::V6(ip) => {
            let own = ip.is_loopback() || ip.is_unspecified() || ip.is_multicast();
            own || ip.is_unicast_link_local() || inner(ip.into()).any(is_local_v4)
        }
    }
}

fn is_local_v4(ip: Ipv4Addr) -> bool {
    let [first, ..] = ip.octets();
    // 0.0.0.0/8 is "this host", 240.0.0.0/4 is reserved and holds the broadcast address.
    ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || first == 0 || first >= 240
}

/// The IPv4 addresses that an IPv6 one may be translated to or tunnelled for: mapped, compatible,
/// NAT64 (RFC 6052 §2.2, RFC 8215: a /48, or a /96 out of it), 6to4 (RFC 3056), Teredo (RFC 4380 §4).
pub fn inner(ip: IpAddr) -> impl Iterator<Item = Ipv4Addr> {
    let from = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    let segments = match ip {
        IpAddr::V4(_) => None,
        IpAddr::V6(ip) => Some(ip.segments()),
    };
    let found = match segments {
        Some(
            [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
            | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
            | [0x2002, high, low, ..],
        ) => [from(high, low), None],
        // Bits 64 to 71 stay free: the lower half begins after them.
        Some([0x64, 0xff9b, 1, first, second, third, high, low]) => {
            [from(high, low), from(first, second << 8 | third >> 8)]
        }
        Some([0x2001, 0, .., high, low]) => [from(!high, !low), None],
        _ => [None, None],
    };
    found.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_ten_minutes() {
        let seconds: Vec<u64> = (1..=12).map(|n| pause(n).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        assert_eq!(pause(0).as_secs(), 1);
        assert_eq!(pause(u32::MAX).as_secs(), 600);
    }

    #[test]
    fn addresses_of_the_box_are_refused_in_every_spelling() {
        let refused = [
            "http://localhost:80/x",
            "http://LOCALHOST./",
            "http://a.localhost",
            "http://127.0.0.1",
            "http://127.1",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0/",
            "http://169.254.169.254/latest",
            "http://224.0.0.1",
            "http://255.255.255.255",
            "http://[::1]:8080/",
            "http://[::]/",
            "http://[fe80::1]/",
            "http://[ff02::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[64:ff9b:1::7f00:1]/",
            "http://[64:ff9b:1:7f00:0:100::]/",
            "http://[2001:0:c633:6401:0:ffff:80ff:fffe]/",
            "http://[2001:0:c633:6401:0:ffff:5601:5601]/",
        ];
        for url in refused {
            assert_eq!(check_url(url, false), Err(UrlError::Local), "{url}");
            assert!(check_url(url, true).is_ok(), "{url}");
        }
        for url in ["https://hooks.example.com/a?b=c", "http://192.168.1.5:5080/webhook", "http://[fd00::5]/"]
        {
            assert_eq!(check_url(url, false).as_deref(), Ok(url));
        }
    }

    #[test]
    fn only_web_addresses_without_credentials_pass() {
        for url in ["", "example.com", "ftp://example.com", "file:///etc/passwd", "http://"] {
            assert_eq!(check_url(url, true), Err(UrlError::NotHttp), "{url}");
        }
        assert_eq!(check_url("http://user:pw@example.com", true), Err(UrlError::Credentials));
        let long = format!("http://example.com/{}", "x".repeat(2_000));
        assert_eq!(check_url(&long, true), Err(UrlError::Long));
        assert_eq!(check_url(" HTTP://Example.com#top ", true).as_deref(), Ok("http://example.com/"));
    }
}
