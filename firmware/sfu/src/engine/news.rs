//! What changed about a member, told to the others: at once after a quiet while, else as it stands
//! when [`GAP`] has passed. So a client that flips something all day costs everybody a few updates a
//! second, and fills nobody's mailbox or tap.

use std::time::{Duration, Instant};

use huddle_livekit::session::reply;
use huddle_tap::TapEvent;

use super::Engine;
use crate::port::Report;

/// Least time between two updates about one member.
const GAP: Duration = Duration::from_millis(50);

/// What the others are still to be told about a member.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// When they were last told.
    told: Option<Instant>,
    /// It is queued for later.
    waits: bool,
    what: What,
    /// The name as local participants know it.
    name: Option<String>,
}

/// What is told besides the update.
#[derive(Clone, Copy, Debug, Default)]
struct What {
    /// The update itself.
    update: bool,
    /// The member, too.
    own: bool,
    /// Its tracks, to local participants and the box.
    tracks: bool,
    /// Who may subscribe to its tracks.
    audience: bool,
}

impl What {
    const fn and(self, other: Self) -> Self {
        Self {
            update: self.update || other.update,
            own: self.own || other.own,
            tracks: self.tracks || other.tracks,
            audience: self.audience || other.audience,
        }
    }
}

impl Engine {
    /// Tells everybody (and the participant, if asked) its new state.
    pub(super) fn broadcast(&mut self, member: usize, own: bool) {
        self.changed(member, What { update: true, own, ..What::default() });
    }

    /// Published, unpublished, muted, renamed: its tracks are others now.
    pub(super) fn tracks_changed(&mut self, member: usize) {
        self.changed(member, What { update: true, tracks: true, ..What::default() });
    }

    /// Others may subscribe to its tracks now.
    pub(super) fn audience_changed(&mut self, member: usize) {
        self.changed(member, What { audience: true, ..What::default() });
    }

    fn changed(&mut self, member: usize, what: What) {
        let now = self.now;
        let Some(news) = self.members.get_mut(member).map(|member| &mut member.news) else { return };
        news.what = news.what.and(what);
        if news.waits {
            return;
        }
        if news.told.is_some_and(|told| now.duration_since(told) < GAP) {
            news.waits = true;
            self.late.push_back((now + GAP, member));
        } else {
            self.tell(member);
        }
    }

    /// Tells what had to wait.
    pub(super) fn tell_late(&mut self) {
        while self.late.front().is_some_and(|(at, _)| *at <= self.now) {
            let Some((_, member)) = self.late.pop_front() else { return };
            // Somebody else may have got the key meanwhile.
            if self.members.get(member).is_some_and(|member| member.news.waits) {
                self.tell(member);
            }
        }
    }

    fn tell(&mut self, member: usize) {
        let now = self.now;
        let Some(news) = self.members.get_mut(member).map(|member| &mut member.news) else { return };
        let what = std::mem::take(&mut news.what);
        news.waits = false;
        news.told = Some(now);
        if what.update {
            self.tell_update(member, what.own);
        }
        if what.tracks {
            self.tell_tracks(member);
        }
        if what.audience {
            self.apply_audience(member);
        }
    }

    fn tell_update(&mut self, member: usize, own: bool) {
        let Some(subject) = self.members.get_mut(member) else { return };
        subject.info.version = subject.info.version.saturating_add(1);
        let named = subject.news.name.as_ref() != Some(&subject.info.name);
        if named {
            subject.news.name = Some(subject.info.name.clone());
        }
        let room = subject.room.clone();
        let Some(info) = self.info_of(member) else { return };
        for other in self.others(&room, member) {
            self.send(other, reply::update(vec![info.clone()]));
            if named {
                self.tap_participant(other, member);
            }
        }
        if own {
            self.send(member, reply::update(vec![info]));
        }
    }

    /// To the box, and to local participants what they believe to be otherwise.
    fn tell_tracks(&mut self, key: usize) {
        let Some(member) = self.members.get(key) else { return };
        let (room, identity) = (member.room.clone(), member.identity.clone());
        let mut muted = Vec::new();
        for track in member.published.values() {
            let Some(track) = self.tracks.get_mut(*track) else { continue };
            let now = track.info.muted;
            for subscriber in &mut track.subscribers {
                if subscriber.announced.is_some_and(|told| told != now) {
                    subscriber.announced = Some(now);
                    muted.push((subscriber.member, track.sid.clone(), now));
                }
            }
        }
        for (tap, track, muted) in muted {
            self.tap_event(tap, TapEvent::TrackMuted { track, muted });
        }
        let tracks = self.info_of(key).map(|info| info.tracks).unwrap_or_default();
        (self.reports)(Report::Tracks { room, identity, tracks });
    }
}
