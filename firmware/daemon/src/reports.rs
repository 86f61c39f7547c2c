//! Reports of the SFU on their way to the conductor. The SFU must not wait, and nothing that
//! happened may be lost: who joined and left is kept until it is read, one entry per session. What
//! only says how something is now (tracks, quality) is kept once, in its latest form. So
//! the queue is bounded by the people there are, whatever they do.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use huddle_core::ids::{Identity, RoomId};
use huddle_sfu::port::Report;

/// What is kept in its latest form only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Tracks,
    Updated,
    Quality,
}

type Key = (RoomId, Identity, State);

#[derive(Default)]
struct Waiting {
    queue: VecDeque<Report>,
    /// Number of the first report in the queue.
    first: u64,
    /// Where the latest form of a state stands, by its number.
    latest: BTreeMap<Key, u64>,
}

/// The queue. Reports come out in the order in which what they tell began to wait.
#[derive(Default)]
pub(crate) struct Reports(Mutex<Waiting>);

impl Reports {
    /// Adds a report, never waiting for the reader. True when it is the first one.
    pub(crate) fn put(&self, report: Report) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let was_empty = waiting.queue.is_empty();
        waiting.put(report);
        was_empty
    }

    /// Everything that waits.
    pub(crate) fn take(&self) -> VecDeque<Report> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = std::mem::take(&mut waiting.queue);
        waiting.first += queue.len() as u64;
        waiting.latest.clear();
        queue
    }
}

impl Waiting {
    fn put(&mut self, report: Report) {
        let next = self.first + self.queue.len() as u64;
        if let Some(key) = state_of(&report) {
            let place = self.latest.get(&key).and_then(|number| usize::try_from(number - self.first).ok());
            if let Some(older) = place.and_then(|place| self.queue.get_mut(place)) {
                *older = report;
                return;
            }
            self.latest.insert(key, next);
        } else if let Some((room, identity)) = session_of(&report) {
            // What is told of the next session must stand behind this.
            for state in [State::Tracks, State::Updated, State::Quality] {
                self.latest.remove(&(room.clone(), identity.clone(), state));
            }
        }
        self.queue.push_back(report);
    }
}

fn state_of(report: &Report) -> Option<Key> {
    let (room, identity, state) = match report {
        Report::Tracks { room, identity, .. } => (room, identity, State::Tracks),
        Report::Updated { room, identity, .. } => (room, identity, State::Updated),
        Report::Quality { room, identity, .. } => (room, identity, State::Quality),
        Report::Joined { .. } | Report::Left { .. } => return None,
    };
    Some((room.clone(), identity.clone(), state))
}

const fn session_of(report: &Report) -> Option<(&RoomId, &Identity)> {
    match report {
        Report::Joined { room, identity, .. } | Report::Left { room, identity, .. } => Some((room, identity)),
        Report::Tracks { .. } | Report::Updated { .. } | Report::Quality { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use huddle_core::ids::{MeetingSid, ParticipantSid};
    use huddle_livekit::proto::TrackInfo;
    use huddle_sfu::port::LeaveCause;

    use super::*;

    fn tracks(count: usize) -> Report {
        let tracks = vec![TrackInfo::default(); count];
        Report::Tracks { room: RoomId::new("room"), identity: Identity::new("ann"), tracks }
    }

    fn joined(sid: &str) -> Report {
        Report::Joined {
            room: RoomId::new("room"),
            meeting: MeetingSid::new("RM_1"),
            identity: Identity::new("ann"),
            sid: ParticipantSid::new(sid),
        }
    }

    fn left(sid: &str) -> Report {
        Report::Left {
            room: RoomId::new("room"),
            identity: Identity::new("ann"),
            sid: ParticipantSid::new(sid),
            cause: LeaveCause::Client,
        }
    }

    #[test]
    fn a_flood_of_mutes_takes_one_place_and_loses_nobody_s_leaving() {
        let reports = Reports::default();
        assert!(reports.put(joined("PA_1")));
        for count in 0..100_000 {
            assert!(!reports.put(tracks(count % 7)));
        }
        reports.put(left("PA_1"));
        reports.put(joined("PA_2"));
        reports.put(tracks(3));
        reports.put(tracks(5));
        let told: Vec<String> = reports.take().iter().map(describe).collect();
        assert_eq!(told, ["joined PA_1", "tracks 4", "left PA_1", "joined PA_2", "tracks 5"]);
        assert!(reports.take().is_empty());
        assert!(reports.put(tracks(1)), "the queue begins anew");
        assert_eq!(reports.take().len(), 1);
    }

    fn describe(report: &Report) -> String {
        match report {
            Report::Joined { sid, .. } => format!("joined {sid}"),
            Report::Left { sid, .. } => format!("left {sid}"),
            Report::Tracks { tracks, .. } => format!("tracks {}", tracks.len()),
            Report::Updated { .. } | Report::Quality { .. } => format!("{report:?}"),
        }
    }
}
