//! Going: a seat is given up, the others are told.

use huddle_core::ids::RoomId;
use huddle_livekit::proto;
use huddle_livekit::session::reply;
use huddle_tap::TapEvent;
use proto::leave_request::Action;

use super::state::Member;
use super::{Engine, SIDES};
use crate::demux::PeerRef;
use crate::port::{LeaveCause, Report};

/// Departures of a meeting that are kept for who was cut off meanwhile; older ones are forgotten.
const GONE: usize = 256;

impl Engine {
    /// Takes a member from the table. `told`: the `leave` for their client.
    pub(super) fn remove(
        &mut self,
        key: usize,
        told: Option<(proto::DisconnectReason, Action)>,
        cause: LeaveCause,
    ) {
        let Some(mut farewell) = self.info_of(key) else { return };
        self.unsubscribe_from_all(key);
        for track in self.members.get(key).map(tracks_of).unwrap_or_default() {
            self.drop_track(track);
        }
        for side in SIDES {
            let id = PeerRef { participant: key, side };
            self.touch(id, |rtc| rtc.close());
            self.demux.remove(id);
        }
        if let Some((reason, action)) = told {
            self.send(key, reply::leave(reason, action));
        }
        self.sink.events.retain(|(id, _)| id.participant != key);
        self.failed.retain(|(failed, _)| *failed != key);
        self.negotiate.remove(&key);
        self.taps.remove(&key);
        let Some(mut member) = self.members.try_remove(key) else { return };
        if let Some(signal) = &mut member.signal {
            self.connections.remove(&signal.connection);
            signal.outbound.close();
        }
        farewell.state = proto::participant_info::State::Disconnected as i32;
        farewell.tracks.clear();
        farewell.version = farewell.version.saturating_add(1);
        farewell.disconnect_reason =
            told.map_or(proto::DisconnectReason::ClientInitiated, |(reason, _)| reason) as i32;
        self.farewell(&member, &farewell);
        (self.reports)(Report::Left {
            room: member.room.clone(),
            identity: member.identity.clone(),
            sid: member.sid.clone(),
            cause,
        });
    }

    fn farewell(&mut self, member: &Member, farewell: &proto::ParticipantInfo) {
        let room = &member.room;
        if let Some(meeting) = self.meetings.get_mut(room) {
            meeting.members.remove(&member.identity);
            if meeting.members.is_empty() {
                self.meetings.remove(room);
                return;
            }
            // Only what says who it was.
            let mut short = farewell.clone();
            short.metadata.clear();
            short.attributes.clear();
            meeting.gone.retain(|gone| gone.identity != short.identity);
            meeting.gone.push_back(short);
            if meeting.gone.len() > GONE {
                meeting.gone.pop_front();
            }
        }
        for other in self.others(room, usize::MAX) {
            self.send(other, reply::update(vec![farewell.clone()]));
            self.tap_event(other, TapEvent::ParticipantLeft(member.identity.clone()));
        }
        self.room_changed(room);
    }

    pub(super) fn end_meeting(&mut self, room: &RoomId, reason: proto::DisconnectReason) {
        for key in self.others(room, usize::MAX) {
            self.remove(key, Some((reason, Action::Disconnect)), LeaveCause::Removed);
        }
    }

    pub(super) fn shutdown(&mut self) {
        let told = (proto::DisconnectReason::ServerShutdown, Action::Reconnect);
        let everybody: Vec<usize> = self.members.iter().map(|(key, _)| key).collect();
        for key in everybody {
            self.remove(key, Some(told), LeaveCause::Removed);
        }
        self.over = true;
    }
}

fn tracks_of(member: &Member) -> Vec<usize> {
    member.published.values().copied().collect()
}
