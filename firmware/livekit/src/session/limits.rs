//! How much a client may say at once. Everything it names costs a look at every member or a copy
//! for every receiver, so that more than any client needs is refused before it is read. Pure
//! counting: whoever asks decides what becomes of it.
#![expect(deprecated, reason = "old clients use the old fields and requests")]

use livekit_protocol as proto;
use prost::Message as _;
use proto::data_packet::Value;
use proto::signal_request::Message;

/// Entries in the lists of one request or packet, all of them together.
pub const ENTRIES: usize = 1_000;
/// An `AddTrackRequest` in bytes, encoded: it is told to everybody with every change.
pub const TRACK: usize = 8 << 10;
/// Name, metadata and attributes of a participant together, in bytes (LiveKit: 64,000 each).
pub const METADATA: usize = 64_000;
/// A data packet in bytes, encoded (LiveKit clients stay at or below 64,000).
pub const PACKET: usize = 64 << 10;

/// May a client ask for so much?
pub fn request_fits(message: &Message) -> bool {
    match message {
        Message::AddTrack(request) => track_fits(request),
        Message::SyncState(state) => sync_fits(state),
        Message::Offer(description) | Message::Answer(description) => {
            description.mid_to_track_id.len() <= ENTRIES
        }
        Message::Subscription(update) => subscription(update) <= ENTRIES,
        Message::TrackSetting(settings) => settings.track_sids.len() <= ENTRIES,
        Message::SubscriptionPermission(permission) => {
            let sids = permission.track_permissions.iter().map(|one| one.track_sids.len());
            permission.track_permissions.len() + sids.sum::<usize>() <= ENTRIES
        }
        Message::UpdateMetadata(update) => update.attributes.len() <= ENTRIES,
        Message::UpdateAudioTrack(update) => update.features.len() <= ENTRIES,
        Message::UpdateDataSubscription(update) => update.updates.len() <= ENTRIES,
        Message::Trickle(_)
        | Message::Mute(_)
        | Message::Leave(_)
        | Message::UpdateLayers(_)
        | Message::Simulate(_)
        | Message::Ping(_)
        | Message::PingReq(_)
        | Message::UpdateVideoTrack(_)
        | Message::PublishDataTrackRequest(_)
        | Message::UnpublishDataTrackRequest(_)
        | Message::StoreDataBlobRequest(_)
        | Message::GetDataBlobRequest(_) => true,
    }
}

/// May a track be announced with so many words?
pub fn track_fits(request: &proto::AddTrackRequest) -> bool {
    request.encoded_len() <= TRACK
}

/// May a client believe itself to have so much after a resume?
pub fn sync_fits(state: &proto::SyncState) -> bool {
    let subscribed = state.subscription.as_ref().map_or(0, subscription);
    let lists = [
        subscribed,
        state.track_sids_disabled.len(),
        state.publish_tracks.len(),
        state.data_channels.len(),
        state.datachannel_receive_states.len(),
        state.publish_data_tracks.len(),
    ];
    lists.into_iter().sum::<usize>() <= ENTRIES
}

/// May a packet name so many receivers and attributes?
pub fn packet_fits(packet: &proto::DataPacket) -> bool {
    let more = match &packet.value {
        Some(Value::User(user)) => user.destination_identities.len() + user.destination_sids.len(),
        Some(Value::StreamHeader(header)) => header.attributes.len(),
        Some(Value::StreamTrailer(trailer)) => trailer.attributes.len(),
        Some(_) | None => 0,
    };
    packet.destination_identities.len() + more <= ENTRIES
}

fn subscription(update: &proto::UpdateSubscription) -> usize {
    let sids = update.participant_tracks.iter().map(|tracks| tracks.track_sids.len());
    update.track_sids.len() + update.participant_tracks.len() + sids.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("TR_{number}")).collect()
    }

    #[test]
    fn a_thousand_entries_are_taken_and_one_more_is_not_however_they_are_nested() {
        let nested = |count| proto::ParticipantTracks { track_sids: names(count), ..Default::default() };
        let permission = |count| proto::TrackPermission { track_sids: names(count), ..Default::default() };
        let ask = |count: usize| {
            let half = count / 2;
            let settings = proto::UpdateTrackSettings { track_sids: names(count), ..Default::default() };
            let subscription = proto::UpdateSubscription {
                participant_tracks: vec![nested(half - 1), nested(count - half - 1)],
                ..Default::default()
            };
            let permission = proto::SubscriptionPermission {
                track_permissions: vec![permission(half - 1), permission(count - half - 1)],
                ..Default::default()
            };
            let state = proto::SyncState { subscription: Some(subscription.clone()), ..Default::default() };
            [
                Message::TrackSetting(settings),
                Message::Subscription(subscription),
                Message::SubscriptionPermission(permission),
                Message::SyncState(state),
            ]
        };
        assert!(ask(ENTRIES).iter().all(request_fits));
        assert!(!ask(ENTRIES + 1).iter().any(request_fits));
    }

    #[test]
    fn more_than_a_thousand_receivers_are_too_many_for_a_packet() {
        let to =
            |count: usize| proto::DataPacket { destination_identities: names(count), ..Default::default() };
        assert!(packet_fits(&to(ENTRIES)) && !packet_fits(&to(ENTRIES + 1)));
    }
}
