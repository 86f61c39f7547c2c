//! A session whose signalling broke and comes back (reference livekit §1.8): what it missed is told
//! before it goes on.

use huddle_core::ids::{Identity, RoomId};
use huddle_core::speaker::Speaking;
use huddle_livekit::admission::{Admission, Connect, SignalMode};
use huddle_livekit::proto;
use huddle_livekit::session::reply;
use proto::signal_request::Message as Request;
use proto::signal_response::Message;

use super::state::Signal;
use super::{Engine, SIDES};
use crate::port::{ConnectionId, LeaveCause};

impl Engine {
    pub(super) fn resume(&mut self, key: usize, admission: &Admission, connect: &Connect, signal: Signal) {
        let connection = signal.connection;
        let Some(member) = self.members.get_mut(key) else { return };
        if let Some(mut old) = member.signal.replace(signal) {
            self.connections.remove(&old.connection);
            old.outbound.close();
        }
        member.last_signal = self.now;
        let newer = admission.version > member.grants_version;
        let dual = member.mode == SignalMode::DualPc;
        if dual {
            // The client forgets an unanswered offer with its old socket.
            member.offers.pending = None;
            member.offers.restart = true;
        }
        member.offers.asked = None;
        member.offers.dirty = true;
        let room = member.room.clone();
        let identity = member.identity.clone();
        self.connections.insert(connection, key);
        let reconnect = proto::ReconnectResponse {
            server_info: Some(reply::server_info(&self.config.node_id)),
            ..Default::default()
        };
        self.send(key, reply::response(Message::Reconnect(reconnect)));
        if newer {
            self.grant(&room, &identity, admission.grants.clone(), admission.version);
        }
        self.tell_missed(key, &room);
        if let Some(state) = &connect.sync_state {
            self.on_message(key, Request::SyncState(state.clone()));
        }
        if let Some(offer) = &connect.publisher_offer {
            self.on_offer(key, offer);
        }
        self.negotiate.insert(key);
    }

    /// The signalling socket is gone. The seat stays for a resume; see `periodic`.
    pub(super) fn signal_closed(&mut self, connection: ConnectionId) {
        let Some(key) = self.connections.remove(&connection) else { return };
        let Some(member) = self.members.get_mut(key) else { return };
        let current = member.signal.as_ref().is_some_and(|signal| signal.connection == connection);
        if !current {
            return;
        }
        member.signal = None;
        member.last_signal = self.now;
        let closed = SIDES.iter().any(|side| member.peer(*side).is_some_and(|peer| peer.closed));
        if closed {
            self.remove(key, None, LeaveCause::Client);
        }
    }

    fn tell_missed(&mut self, key: usize, room: &RoomId) {
        self.repeat_mutes(key);
        let mut known = self.participants(room);
        known.extend(self.absent(room));
        self.send(key, reply::update(known));
        self.repeat_speaking(key);
        if let Some(room) = self.room_info(room) {
            let update = proto::RoomUpdate { room: Some(room) };
            self.send(key, reply::response(Message::RoomUpdate(update)));
        }
    }

    /// Who left and has not come back: clients know people by identity, so that the end of an earlier
    /// session would take the present one away.
    fn absent(&self, room: &RoomId) -> Vec<proto::ParticipantInfo> {
        let Some(meeting) = self.meetings.get(room) else { return Vec::new() };
        let there =
            |gone: &&proto::ParticipantInfo| meeting.members.contains_key(&Identity::new(&gone.identity));
        meeting.gone.iter().filter(|gone| !there(gone)).cloned().collect()
    }

    /// What a moderator muted and the client has not answered to. It must hear that before its own
    /// state, else it "corrects" the box (JS).
    fn repeat_mutes(&mut self, key: usize) {
        let Some(member) = self.members.get(key) else { return };
        let tracks = member.published.values().filter_map(|track| self.tracks.get(*track));
        let muted: Vec<_> = tracks.filter(|track| track.mute_told).map(|track| track.sid.clone()).collect();
        for sid in muted {
            self.send(key, reply::mute(sid.as_str(), true));
        }
    }

    /// Who speaks, and who does not any more.
    fn repeat_speaking(&mut self, key: usize) {
        let Some(room) = self.members.get(key).map(|member| member.room.clone()) else { return };
        let all: Vec<(usize, Speaking)> = self
            .others(&room, usize::MAX)
            .into_iter()
            .filter_map(|other| Some((other, self.members.get(other)?.meter.speaking())))
            .collect();
        self.tell_speakers(key, &all);
    }
}
