//! Commands of the box, and coming in: admission, the first response, what is told of the room.

use std::collections::{BTreeMap, VecDeque};

use huddle_core::ids::RoomId;
use huddle_core::routing::LayerWish;
use huddle_livekit::admission::{Admission, Connect, SignalMode};
use huddle_livekit::proto;
use huddle_livekit::session::pending::PendingTracks;
use huddle_livekit::session::{info, reply};
use proto::leave_request::Action;
use proto::signal_request::Message as Request;
use proto::signal_response::Message;

use super::Engine;
use super::news::News;
use super::publish::MOST_TRACKS;
use super::state::{DataOut, Meeting, Member, Offers, Signal};
use crate::demux::{PeerRef, Side};
use crate::peer::Peer;
use crate::port::{Command, ConnectionId, LeaveCause, Outbound, Report};

impl Engine {
    pub(super) fn apply(&mut self, command: Command) {
        match command {
            Command::Admit { admission, connect, connection, outbound } => {
                self.admit(*admission, *connect, connection, outbound);
            }
            Command::Signal { connection, request } => self.on_request(connection, *request),
            Command::SignalClosed { connection } => self.signal_closed(connection),
            Command::Grant { room, identity, grants, version } => {
                self.grant(&room, &identity, grants, version);
            }
            Command::UpdateParticipant { room, identity, name, metadata, attributes } => {
                if let Some(member) = self.member_by_identity(&room, &identity) {
                    self.update_participant(member, name, metadata, attributes);
                }
            }
            Command::Remove { room, identity, sid, reason } => {
                let found = self.member_by_identity(&room, &identity);
                let meant = |key: &usize| {
                    sid.as_ref().is_none_or(|sid| self.members.get(*key).is_some_and(|have| have.sid == *sid))
                };
                if let Some(member) = found.filter(meant) {
                    self.remove(member, Some((reason, Action::Disconnect)), LeaveCause::Removed);
                }
            }
            Command::Mute { room, identity, track, muted } => {
                if let Some(member) = self.member_by_identity(&room, &identity) {
                    self.moderator_mute(member, &track, muted);
                }
            }
            Command::SwitchOff { room, identity, sources } => {
                if let Some(member) = self.member_by_identity(&room, &identity) {
                    self.switch_off(member, &sources);
                }
            }
            Command::UpdateRoom { room, metadata, recording } => {
                self.update_room(&room, metadata, recording);
            }
            Command::SendData { room, payload, topic, reliable, destinations } => {
                self.server_data(&room, payload, topic, reliable, &destinations);
            }
            Command::OpenTap { admission, reply } => self.open_tap(*admission, &reply),
            Command::EndMeeting { room, reason } => self.end_meeting(&room, reason),
            Command::Participants { room, reply } => {
                let list = self.participants(&room);
                // The asker may have given up.
                let _ = reply.try_send(list);
            }
            // The sockets come first; see `Engine::set_addresses`.
            Command::SetAddresses { .. } => {}
            Command::Shutdown => self.shutdown(),
        }
    }

    fn admit(
        &mut self,
        admission: Admission,
        connect: Connect,
        connection: ConnectionId,
        mut outbound: Box<dyn Outbound>,
    ) {
        let known = self.member_by_identity(&admission.room, &admission.identity);
        if let Some(resume) = &connect.resume {
            let same = known.filter(|key| {
                self.members.get(*key).is_some_and(|member| {
                    member.sid == resume.sid && !member.is_local() && !member.break_resume
                })
            });
            if let Some(member) = same {
                self.resume(member, &admission, &connect, Signal { connection, outbound });
            } else {
                let reason = proto::DisconnectReason::StateMismatch;
                outbound.send(reply::leave(reason, Action::Reconnect));
                outbound.close();
            }
            return;
        }
        if let Some(old) = known {
            let reason = proto::DisconnectReason::DuplicateIdentity;
            if self.members.get(old).is_some_and(|member| member.admitted > admission.version) {
                // Overtaken on the way: the seat belongs to the session that was let in last.
                outbound.send(reply::leave(reason, Action::Disconnect));
                outbound.close();
                return;
            }
            self.remove(old, Some((reason, Action::Disconnect)), LeaveCause::Replaced);
        }
        self.join(&admission, connect, Signal { connection, outbound });
    }

    fn join(&mut self, admission: &Admission, connect: Connect, signal: Signal) {
        let connection = signal.connection;
        let mut member = self.new_member(admission, &connect);
        member.signal = Some(signal);
        let key = self.seat(admission, member);
        self.connections.insert(connection, key);
        if !self.open_peers(key) {
            return;
        }
        if let Some(join) = self.join_response(key) {
            self.send(key, reply::response(Message::Join(join)));
        }
        let room = admission.room.clone();
        (self.reports)(Report::Joined {
            room: room.clone(),
            meeting: admission.meeting.clone(),
            identity: admission.identity.clone(),
            sid: admission.sid.clone(),
        });
        if let Some(member) = self.members.get_mut(key) {
            member.info.state = proto::participant_info::State::Joined as i32;
        }
        self.broadcast(key, false);
        self.room_changed(&room);
        for request in connect.add_tracks.into_iter().take(MOST_TRACKS + 1) {
            self.on_message(key, Request::AddTrack(request));
        }
        self.subscribe_to_all(key);
        if let Some(offer) = connect.publisher_offer {
            self.on_offer(key, &offer);
        }
        if let Some(member) = self.members.get_mut(key) {
            member.offers.dirty = true;
        }
        self.negotiate.insert(key);
    }

    /// Puts a member at the table, opening the meeting if it is the first.
    pub(super) fn seat(&mut self, admission: &Admission, member: Member) -> usize {
        let key = self.members.insert(member);
        self.meetings
            .entry(admission.room.clone())
            .or_insert_with(|| Meeting {
                sid: admission.meeting.clone(),
                started: admission.started,
                metadata: admission.room_metadata.clone(),
                recording: admission.recording,
                members: BTreeMap::new(),
                speakers: Vec::new(),
                gone: VecDeque::new(),
            })
            .members
            .insert(admission.identity.clone(), key);
        key
    }

    pub(super) fn new_member(&self, admission: &Admission, connect: &Connect) -> Member {
        let joined_ms = self.wall_ms();
        Member {
            room: admission.room.clone(),
            identity: admission.identity.clone(),
            sid: admission.sid.clone(),
            grants: admission.grants.clone(),
            grants_version: admission.version,
            admitted: admission.version,
            info: info::participant(admission, &connect.client, joined_ms),
            client: connect.client.clone(),
            mode: connect.mode,
            auto_subscribe: connect.auto_subscribe,
            adaptive: connect.adaptive_stream,
            signal: None,
            last_signal: self.now,
            publisher: None,
            subscriber: None,
            tap: None,
            pending: PendingTracks::default(),
            orphans: Vec::new(),
            published: BTreeMap::new(),
            by_mid: std::collections::HashMap::new(),
            by_ssrc: std::collections::HashMap::new(),
            subscriptions: BTreeMap::new(),
            refused: std::collections::BTreeSet::new(),
            slots: Vec::new(),
            offers: Offers::default(),
            data: DataOut::default(),
            streams: Default::default(),
            meter: Default::default(),
            clock: Default::default(),
            quality: proto::ConnectionQuality::Excellent,
            reallocate: false,
            tap_lost: 0,
            speakers_missed: false,
            news: News::default(),
            audience: None,
            break_resume: false,
        }
    }

    /// v1: one peer; v0: one each way (no subscriber without the right to subscribe).
    fn open_peers(&mut self, key: usize) -> bool {
        let Some(member) = self.members.get_mut(key) else { return false };
        let mut sides = vec![Side::Publisher];
        if member.mode == SignalMode::DualPc && member.grants.can_subscribe {
            sides.push(Side::Subscriber);
        }
        for side in sides {
            let id = PeerRef { participant: key, side };
            match Peer::new(&self.template, id, self.now) {
                Ok(mut peer) => {
                    self.demux.announce(peer.ufrag(), id);
                    match side {
                        Side::Publisher => member.publisher = Some(peer),
                        Side::Subscriber => member.subscriber = Some(peer),
                    }
                }
                Err(failure) => {
                    self.failed.push((key, failure));
                    return false;
                }
            }
        }
        true
    }

    fn join_response(&self, key: usize) -> Option<proto::JoinResponse> {
        let member = self.members.get(key)?;
        let others =
            self.others(&member.room, key).into_iter().filter_map(|other| self.info_of(other)).collect();
        let server = reply::server_info(&self.config.node_id);
        Some(proto::JoinResponse {
            room: self.room_info(&member.room),
            participant: self.info_of(key),
            other_participants: others,
            server_version: server.version.clone(),
            subscriber_primary: member.subscriber.is_some() && member.client.protocol > 2,
            ping_interval: reply::PING_INTERVAL,
            ping_timeout: reply::PING_TIMEOUT,
            server_info: Some(server),
            enabled_publish_codecs: info::publish_codecs(),
            fast_publish: member.grants.can_publish,
            ..Default::default()
        })
    }

    pub(super) fn room_info(&self, room: &RoomId) -> Option<proto::Room> {
        let meeting = self.meetings.get(room)?;
        let created = i64::try_from(meeting.started.0).unwrap_or(i64::MAX);
        let members = || meeting.members.values().filter_map(|key| self.members.get(*key));
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Some(proto::Room {
            sid: meeting.sid.to_string(),
            name: room.to_string(),
            creation_time: created / 1_000,
            creation_time_ms: created,
            metadata: meeting.metadata.clone(),
            num_participants: count(members().filter(|member| !member.is_local()).count()),
            num_publishers: count(members().filter(|member| !member.published.is_empty()).count()),
            active_recording: meeting.recording,
            enabled_codecs: info::publish_codecs(),
            departure_timeout: 20,
            empty_timeout: 300,
            ..Default::default()
        })
    }

    fn update_room(&mut self, room: &RoomId, metadata: Option<String>, recording: Option<bool>) {
        let Some(meeting) = self.meetings.get_mut(room) else { return };
        if let Some(metadata) = metadata {
            meeting.metadata = metadata;
        }
        if let Some(recording) = recording {
            meeting.recording = recording;
        }
        self.room_changed(room);
    }

    /// `room_update` to everybody.
    pub(super) fn room_changed(&mut self, room: &RoomId) {
        let Some(info) = self.room_info(room) else { return };
        for key in self.others(room, usize::MAX) {
            let update = proto::RoomUpdate { room: Some(info.clone()) };
            self.send(key, reply::response(Message::RoomUpdate(update)));
        }
    }

    pub(super) fn participants(&self, room: &RoomId) -> Vec<proto::ParticipantInfo> {
        self.others(room, usize::MAX).into_iter().filter_map(|key| self.info_of(key)).collect()
    }

    /// The wish a new subscription starts with: adaptive clients start small and ask for more.
    pub(super) fn first_wish(member: &Member) -> LayerWish {
        if member.adaptive {
            LayerWish::AtMost(huddle_core::routing::Layer::Low)
        } else {
            LayerWish::default()
        }
    }
}
