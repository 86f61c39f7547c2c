//! What a client may ask for over its signalling connection (reference livekit §1.4).

use std::collections::BTreeMap;

use huddle_livekit::proto;
use huddle_livekit::session::{limits, reply};
use proto::leave_request::Action;
use proto::request_response::{Reason, Request};
use proto::signal_request::Message;
use proto::signal_response::Message as Answer;
use proto::simulate_scenario::Scenario;

use super::Engine;
use crate::port::{ConnectionId, LeaveCause, Report};

impl Engine {
    pub(super) fn on_request(&mut self, connection: ConnectionId, request: proto::SignalRequest) {
        let Some(key) = self.connections.get(&connection).copied() else { return };
        if let Some(member) = self.members.get_mut(key) {
            member.last_signal = self.now;
        }
        if let Some(message) = request.message {
            self.on_message(key, message);
        }
    }

    /// What a client asks for, if it is within the limits.
    pub(super) fn on_message(&mut self, key: usize, message: Message) {
        if !limits::request_fits(&message) {
            self.refuse_excess(key, message);
            return;
        }
        match message {
            Message::Offer(offer) => self.on_offer(key, &offer),
            Message::Answer(answer) => self.on_answer(key, &answer),
            // ICE-lite: the client's checks tell us its addresses.
            Message::Trickle(_) => {}
            #[expect(deprecated, reason = "ignored by name")]
            Message::UpdateLayers(_) => {}
            Message::AddTrack(request) => self.add_track(key, request),
            Message::Mute(mute) => self.client_mute(key, &mute.sid, mute.muted),
            Message::Subscription(update) => self.update_subscription(key, &update),
            Message::TrackSetting(settings) => self.update_settings(key, &settings),
            Message::Leave(_) => self.remove(key, None, LeaveCause::Client),
            Message::SubscriptionPermission(permission) => self.set_audience(key, permission),
            Message::SyncState(state) => self.sync_state(key, &state),
            Message::Simulate(scenario) => self.simulate(key, &scenario),
            Message::Ping(_) => {
                let now = self.wall_ms().cast_signed();
                self.send(key, reply::response(Answer::Pong(now)));
            }
            Message::PingReq(ping) => self.pong(key, &ping),
            Message::UpdateMetadata(update) => self.own_metadata(key, update),
            Message::UpdateAudioTrack(update) => {
                let features = update.features;
                self.update_track(key, &update.track_sid, |info| info.audio_features = features);
            }
            Message::UpdateVideoTrack(update) => {
                self.update_track(key, &update.track_sid, |info| {
                    info.width = update.width;
                    info.height = update.height;
                });
            }
            Message::PublishDataTrackRequest(request) => {
                self.unsupported(key, Some(Request::PublishDataTrack(request)));
            }
            Message::UnpublishDataTrackRequest(request) => {
                self.unsupported(key, Some(Request::UnpublishDataTrack(request)));
            }
            Message::UpdateDataSubscription(_)
            | Message::StoreDataBlobRequest(_)
            | Message::GetDataBlobRequest(_) => self.unsupported(key, None),
        }
    }

    fn unsupported(&mut self, key: usize, request: Option<Request>) {
        let reason = Reason::UnsupportedType;
        self.send(key, reply::request(0, reason, "data tracks are not supported", request.filter(is_short)));
    }

    /// More than any client needs. What is too long is not sent back, but for a track's own name:
    /// by that the client knows which one was refused.
    fn refuse_excess(&mut self, key: usize, message: Message) {
        let (mut id, mut told) = (0, None);
        if let Message::AddTrack(request) = message {
            let proto::AddTrackRequest { cid, r#type, source, .. } = request;
            let short = proto::AddTrackRequest { cid, r#type, source, ..Default::default() };
            told = Some(Request::AddTrack(short)).filter(is_short);
        } else if let Message::UpdateMetadata(update) = message {
            id = update.request_id;
        }
        self.send(key, reply::request(id, Reason::LimitExceeded, "too much at once", told));
    }

    fn pong(&mut self, key: usize, ping: &proto::Ping) {
        let pong =
            proto::Pong { last_ping_timestamp: ping.timestamp, timestamp: self.wall_ms().cast_signed() };
        self.send(key, reply::response(Answer::PongResp(pong)));
    }

    fn own_metadata(&mut self, key: usize, update: proto::UpdateParticipantMetadata) {
        let Some(member) = self.members.get(key) else { return };
        let id = update.request_id;
        let told = Some(Request::UpdateMetadata(update.clone())).filter(is_short);
        let refusal = if !member.grants.can_update_own_metadata {
            Some((Reason::NotAllowed, "does not have permission to update own metadata"))
        } else if size_after(&member.info, &update) > limits::METADATA {
            Some((Reason::LimitExceeded, "too large"))
        } else {
            None
        };
        if let Some((reason, text)) = refusal {
            self.send(key, reply::request(id, reason, text, told));
            return;
        }
        let non_empty = |text: String| (!text.is_empty()).then_some(text);
        let attributes: BTreeMap<String, String> = update.attributes.into_iter().collect();
        self.update_participant(key, non_empty(update.name), non_empty(update.metadata), attributes);
        self.send(key, reply::request(id, Reason::Ok, "", told));
        if let Some(member) = self.members.get(key) {
            (self.reports)(Report::Updated {
                room: member.room.clone(),
                identity: member.identity.clone(),
                name: member.info.name.clone(),
                metadata: member.info.metadata.clone(),
                attributes: member.info.attributes.clone().into_iter().collect(),
            });
        }
    }

    /// After a resume: subscriptions as the client believes them to be.
    fn sync_state(&mut self, key: usize, state: &proto::SyncState) {
        if let Some(subscription) = &state.subscription {
            self.update_subscription(key, subscription);
        }
        let settings = proto::UpdateTrackSettings {
            track_sids: state.track_sids_disabled.clone(),
            disabled: true,
            ..Default::default()
        };
        self.update_settings(key, &settings);
    }

    /// Scenarios of the SDK test suites.
    fn simulate(&mut self, key: usize, scenario: &proto::SimulateScenario) {
        match &scenario.scenario {
            Some(Scenario::NodeFailure(true)) => {
                self.remove(key, None, LeaveCause::Failed);
            }
            Some(
                Scenario::Migration(true)
                | Scenario::DisconnectSignalOnResume(true)
                | Scenario::DisconnectSignalOnResumeNoMessages(true),
            ) => self.drop_signal(key),
            Some(Scenario::ServerLeave(true)) => {
                let told = (proto::DisconnectReason::ServerShutdown, Action::Disconnect);
                self.remove(key, Some(told), LeaveCause::Removed);
            }
            Some(Scenario::LeaveRequestFullReconnect(true)) => {
                if let Some(member) = self.members.get_mut(key) {
                    member.break_resume = true;
                }
                let reason = proto::DisconnectReason::StateMismatch;
                self.send(key, reply::leave(reason, Action::Reconnect));
            }
            Some(
                Scenario::SpeakerUpdate(_)
                | Scenario::NodeFailure(_)
                | Scenario::Migration(_)
                | Scenario::ServerLeave(_)
                | Scenario::SwitchCandidateProtocol(_)
                | Scenario::SubscriberBandwidth(_)
                | Scenario::DisconnectSignalOnResume(_)
                | Scenario::DisconnectSignalOnResumeNoMessages(_)
                | Scenario::LeaveRequestFullReconnect(_),
            )
            | None => {}
        }
    }

    fn drop_signal(&mut self, key: usize) {
        let Some(signal) = self.members.get_mut(key).and_then(|member| member.signal.as_mut()) else {
            return;
        };
        let connection = signal.connection;
        signal.outbound.close();
        self.signal_closed(connection);
    }
}

/// Short enough to be sent back with an answer, which may wait for its reader.
fn is_short(request: &Request) -> bool {
    request.encoded_len() <= limits::TRACK
}

/// Name, metadata and attributes as an update would leave them, in bytes.
fn size_after(info: &proto::ParticipantInfo, update: &proto::UpdateParticipantMetadata) -> usize {
    let length = |new: &str, old: &str| if new.is_empty() { old.len() } else { new.len() };
    let kept = info.attributes.iter().filter(|(name, _)| !update.attributes.contains_key(*name));
    let new = update.attributes.iter().filter(|(_, value)| !value.is_empty());
    let attributes: usize = kept.chain(new).map(|(name, value)| name.len() + value.len()).sum();
    length(&update.name, &info.name) + length(&update.metadata, &info.metadata) + attributes
}
