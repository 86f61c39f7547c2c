//! Identifiers as types, so that a track cannot be mistaken for a participant.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String))]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps a text that is already known to be such an id.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

id!(
    /// A room, for example `board_room-k3f9…`; also the LiveKit room name (design.md).
    RoomId
);
id!(
    /// An internal user (`features.md` U1): 5–20 of `[a-z0-9_]`.
    UserId
);
id!(
    /// A group of users, `gr-…` (`features.md` U7).
    GroupId
);
id!(
    /// A webhook, `wh-…` (`features.md` I3).
    WebhookId
);
id!(
    /// A room member: a [`UserId`] or `ext-…` (`features.md` M1, M2).
    MemberId
);
id!(
    /// LiveKit participant identity: unique in one meeting, stable over rejoins.
    Identity
);
id!(
    /// LiveKit participant session id, `PA_…`: new at each join, kept by a resume.
    ParticipantSid
);
id!(
    /// LiveKit track id, `TR_…`.
    TrackSid
);
id!(
    /// One meeting in a room, `RM_…` (LiveKit room sid): new each time the room becomes active.
    MeetingSid
);
id!(
    /// A recording: `{roomId}--EG_{random}--{random}` (reference openvidu-meet §1.9).
    RecordingId
);
