//! Who is in the meeting and what they send, as heard down one tap, decoded once.
//! Mixers take snapshots ([`Meeting::people`]); the reader thread is the only writer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use huddle_core::ids::{Identity, ParticipantSid, TrackSid};
use huddle_core::routing::LayerWish;
use huddle_core::units::Size;
use huddle_tap::{Down, LocalEnd, MediaKind, Source, TapCommand, TapEvent, TapTrack, UpLink};

use crate::Error;
use crate::picture::{Pictures, lock};
use crate::plan::clock::Transit;
use crate::receive::{Media, Receiver};
use crate::sound::Sound;
use crate::wishes::Own;

/// How often lost packets, broken decoders and wishes are looked after.
const TICK: Duration = Duration::from_millis(10);
/// A picture nobody shows is switched off after this long.
const UNWANTED: Duration = Duration::from_secs(3);

/// A participant with what they send.
#[derive(Clone)]
pub(crate) struct Person {
    /// Who.
    pub(crate) identity: Identity,
    /// Name to show.
    pub(crate) name: Arc<str>,
    /// The room itself or a recorder.
    pub(crate) local: bool,
    /// Their tracks.
    pub(crate) tracks: Vec<Track>,
}

/// A track of a participant.
#[derive(Clone)]
pub(crate) struct Track {
    /// Which.
    pub(crate) sid: TrackSid,
    /// What it shows.
    pub(crate) source: Source,
    /// Muted now.
    pub(crate) muted: bool,
    /// Cannot be decoded.
    pub(crate) encrypted: bool,
    /// Decoded.
    pub(crate) media: Media,
}

/// The meeting on one tap.
#[derive(Default)]
pub(crate) struct Meeting {
    inner: Mutex<Inner>,
    closed: AtomicBool,
}

#[derive(Default)]
struct Inner {
    people: Vec<Person>,
    speakers: Vec<Identity>,
}

impl Meeting {
    /// Everybody, in the order they came.
    pub(crate) fn people(&self) -> Vec<Person> {
        lock(&self.inner).people.clone()
    }

    /// Who speaks, loudest first.
    pub(crate) fn speakers(&self) -> Vec<Identity> {
        lock(&self.inner).speakers.clone()
    }

    /// True when the tap is over.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Adds or replaces a participant: the room itself.
    pub(crate) fn put(&self, person: Person) {
        let mut inner = lock(&self.inner);
        match inner.people.iter_mut().find(|p| p.identity == person.identity) {
            Some(known) => *known = person,
            None => inner.people.push(person),
        }
    }

    /// Marks a track muted or not.
    pub(crate) fn set_muted(&self, sid: &TrackSid, muted: bool) {
        let mut inner = lock(&self.inner);
        let tracks = inner.people.iter_mut().flat_map(|p| p.tracks.iter_mut());
        tracks.filter(|t| t.sid == *sid).for_each(|t| t.muted = muted);
    }

    fn named(&self, identity: &Identity, name: &str, local: bool) {
        let mut inner = lock(&self.inner);
        match inner.people.iter_mut().find(|p| p.identity == *identity) {
            Some(known) => (known.name, known.local) = (name.into(), known.local || local),
            None => {
                let (identity, name) = (identity.clone(), name.into());
                inner.people.push(Person { identity, name, local, tracks: Vec::new() });
            }
        }
    }

    fn add_track(&self, publisher: &Identity, track: Track) {
        let known = lock(&self.inner).people.iter().any(|p| p.identity == *publisher);
        if !known {
            self.named(publisher, publisher.as_str(), false);
        }
        let mut inner = lock(&self.inner);
        if let Some(person) = inner.people.iter_mut().find(|p| p.identity == *publisher) {
            person.tracks.retain(|t| t.sid != track.sid);
            person.tracks.push(track);
        }
    }

    fn remove_track(&self, sid: &TrackSid) {
        lock(&self.inner).people.iter_mut().for_each(|p| p.tracks.retain(|t| t.sid != *sid));
    }
}

/// The thread that reads a tap.
pub(crate) struct Reader {
    /// What it hears.
    pub(crate) meeting: Arc<Meeting>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    /// Reads `tap` until it is closed or the reader is dropped. `room` is the room's own
    /// participant, whose announcement is not taken from the tap. `own` must not wait.
    pub(crate) fn start(
        tap: LocalEnd,
        room: Option<Identity>,
        own: impl Fn(Own) + Send + 'static,
    ) -> Result<Self, Error> {
        let meeting = Arc::new(Meeting::default());
        let stop = Arc::new(AtomicBool::new(false));
        let work = Work {
            up: tap.uplink(),
            tap,
            room,
            meeting: meeting.clone(),
            tracks: HashMap::new(),
            peers: HashMap::new(),
        };
        let stopped = stop.clone();
        let thread = std::thread::Builder::new()
            .name("media-tap".into())
            .spawn(move || work.run(&stopped, &own))
            .map_err(Error::Thread)?;
        Ok(Self { meeting, stop, thread: Some(thread) })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the tap reader panicked");
        }
    }
}

/// Whoever listens to a meeting learns of its end also when its reader panics.
struct CloseAtEnd(Arc<Meeting>);

impl Drop for CloseAtEnd {
    fn drop(&mut self) {
        self.0.closed.store(true, Ordering::Release);
    }
}

struct Work {
    tap: LocalEnd,
    up: UpLink,
    room: Option<Identity>,
    meeting: Arc<Meeting>,
    tracks: HashMap<TrackSid, Incoming>,
    peers: HashMap<ParticipantSid, Transit>,
}

struct Incoming {
    peer: ParticipantSid,
    receiver: Receiver,
    pictures: Option<Arc<Pictures>>,
    wish: Option<LayerWish>,
    wanted_at: Instant,
}

impl Work {
    fn run(mut self, stop: &AtomicBool, own: &dyn Fn(Own)) {
        let _closed = CloseAtEnd(self.meeting.clone());
        let mut tick = Instant::now();
        while !stop.load(Ordering::Acquire) {
            match self.tap.recv(TICK) {
                Ok(Some(Down::Event(event))) => self.event(event, own),
                Ok(Some(Down::Packet(packet))) => {
                    let now = Instant::now();
                    if let Some(track) = self.tracks.get_mut(&packet.track) {
                        let peer = self.peers.entry(track.peer.clone()).or_default();
                        track.receiver.packet(packet, now, peer);
                    }
                }
                Ok(None) => {}
                Err(_) => {
                    own(Own::Closed);
                    break;
                }
            }
            let now = Instant::now();
            if now.saturating_duration_since(tick) >= TICK {
                tick = now;
                self.tick(now);
            }
        }
        // The tap may be closed already: then nobody needs to be told.
        let _ = self.up.command(TapCommand::Leave);
    }

    fn event(&mut self, event: TapEvent, own: &dyn Fn(Own)) {
        match event {
            TapEvent::Participant(p) if Some(&p.identity) != self.room.as_ref() => {
                self.meeting.named(&p.identity, &p.name, p.local);
            }
            TapEvent::Participant(_) => {}
            TapEvent::ParticipantLeft(who) if Some(&who) != self.room.as_ref() => {
                lock(&self.meeting.inner).people.retain(|p| p.identity != who);
            }
            TapEvent::ParticipantLeft(_) => {}
            TapEvent::TrackAdded(track) => self.added(&track),
            TapEvent::TrackRemoved(sid) => self.removed(&sid),
            TapEvent::TrackMuted { track, muted } => {
                self.meeting.set_muted(&track, muted);
                if let Some(incoming) = self.tracks.get_mut(&track) {
                    incoming.receiver.set_muted(muted);
                }
            }
            TapEvent::SenderReport { track, rtp, ntp } => {
                if let Some(incoming) = self.tracks.get_mut(&track) {
                    incoming.receiver.report(rtp, ntp);
                }
            }
            TapEvent::Speakers(speakers) => lock(&self.meeting.inner).speakers = speakers,
            TapEvent::KeyframeWanted { layer, .. } => own(Own::Keyframe(layer)),
            TapEvent::LayersWanted { wanted, .. } => own(Own::Layers(wanted)),
            TapEvent::MuteWanted { track } => own(Own::Mute(track)),
            TapEvent::Closed => own(Own::Closed),
        }
    }

    fn added(&mut self, track: &TapTrack) {
        let pictures = (track.kind == MediaKind::Video).then(|| Arc::new(Pictures::default()));
        let media = match &pictures {
            Some(pictures) => Media::Pictures(pictures.clone()),
            None => Media::Sound(Arc::new(Sound::default())),
        };
        let shown = Track {
            sid: track.sid.clone(),
            source: track.source,
            muted: track.muted,
            encrypted: track.encrypted,
            media: media.clone(),
        };
        self.meeting.add_track(&track.publisher, shown);
        if track.encrypted {
            let wish = LayerWish::Off;
            let _ = self.up.command(TapCommand::Layer { track: track.sid.clone(), wish });
            return;
        }
        let incoming = Incoming {
            peer: track.publisher_sid.clone(),
            receiver: Receiver::new(track, media),
            pictures,
            wish: None,
            wanted_at: Instant::now(),
        };
        self.tracks.insert(track.sid.clone(), incoming);
    }

    fn removed(&mut self, sid: &TrackSid) {
        self.meeting.remove_track(sid);
        if let Some(gone) = self.tracks.remove(sid) {
            let last = !self.tracks.values().any(|t| t.peer == gone.peer);
            if last {
                self.peers.remove(&gone.peer);
            }
        }
    }

    fn tick(&mut self, now: Instant) {
        for (sid, incoming) in &mut self.tracks {
            let peer = self.peers.entry(incoming.peer.clone()).or_default();
            let mut commands = Vec::new();
            if incoming.receiver.poll(now, peer) && incoming.wish != Some(LayerWish::Off) {
                commands.push(TapCommand::Keyframe(sid.clone()));
            }
            if let Some(wish) = incoming.new_wish(now) {
                commands.push(TapCommand::Layer { track: sid.clone(), wish });
            }
            for command in commands {
                // A closed tap is noticed by the next receive.
                let _ = self.up.command(command);
            }
        }
    }
}

impl Incoming {
    /// The wish to be sent, when it changed.
    fn new_wish(&mut self, now: Instant) -> Option<LayerWish> {
        let wanted = self.pictures.as_ref()?.wanted();
        let wish = if wanted == Size::default() {
            if now.saturating_duration_since(self.wanted_at) < UNWANTED {
                return None;
            }
            LayerWish::Off
        } else {
            self.wanted_at = now;
            LayerWish::Size(wanted)
        };
        (self.wish != Some(wish)).then(|| {
            self.wish = Some(wish);
            wish
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_is_closed_when_its_reader_panics() {
        let (local, sfu) = huddle_tap::tap(Arc::new(|| {}));
        let reader = Reader::start(local, None, |_| panic!("a mistake")).unwrap();
        assert!(!reader.meeting.is_closed());
        sfu.event(TapEvent::MuteWanted { track: "TR_x".into() }).unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        while !reader.meeting.is_closed() && Instant::now() < until {
            std::thread::yield_now();
        }
        assert!(reader.meeting.is_closed());
    }
}
