"""Unmodified LiveKit server SDK: what backends written for LiveKit ask of the box (I2)."""

import pytest
from livekit import api, rtc

from kit import pictures, sounds
from kit.waiting import until


@pytest.fixture
async def backend(box):
    server = api.LiveKitAPI(box.url, "devkey", "secret")
    yield server
    await server.aclose()


async def test_a_backend_sees_rooms_and_people(box, connect, backend):
    ann = await connect(box, "Ann", color=pictures.RED, tone=700)

    async def ann_with_tracks():
        answer = await backend.room.list_participants(api.ListParticipantsRequest(room=box.room_id))
        people = {person.name: person for person in answer.participants}
        return "Ann" in people and len(people["Ann"].tracks) == 2 and people["Ann"]

    seen = await until(ann_with_tracks, 10, "the backend lists Ann with two tracks")
    assert seen.identity == ann.room.local_participant.identity
    rooms = await backend.room.list_rooms(api.ListRoomsRequest())
    assert box.room_id in {room.name for room in rooms.rooms}


async def test_a_token_of_the_backend_opens_a_room_of_its_own(box, connect, backend):
    def token(identity):
        grants = api.VideoGrants(room_join=True, room="backend-room")
        return api.AccessToken("devkey", "secret").with_identity(identity).with_name(identity).with_grants(grants).to_jwt()

    await backend.room.create_room(api.CreateRoomRequest(name="backend-room"))
    ann = await connect(box, "ann", token=token("ann"), color=pictures.RED, tone=700)
    bob = await connect(box, "bob", token=token("bob"))
    await until(lambda: bob.frames["ann"] > 10, 15, "bob sees ann")
    await until(lambda: sounds.hears(bob.sound_of("ann"), 700, at_least=0.3), 15, "bob hears ann")
    assert set(ann.room.remote_participants) == {"bob"}


async def test_a_backend_mutes_writes_and_removes(box, connect, backend):
    ann = await connect(box, "Ann", tone=700)
    bob = await connect(box, "Bob")
    identity = ann.room.local_participant.identity
    await until(lambda: sounds.hears(bob.sound_of(identity), 700, at_least=0.3), 15, "Bob hears Ann")
    mute = api.MuteRoomTrackRequest(room=box.room_id, identity=identity, track_sid=ann.audio.sid, muted=True)
    await backend.room.mute_published_track(mute)
    await until(lambda: bob.muted.get(ann.audio.sid) is True, 5, "Bob is told that Ann is muted")
    data = api.SendDataRequest(room=box.room_id, data=b"from the backend", kind=0, topic="news")
    await backend.room.send_data(data)
    await until(lambda: any(packet.data == b"from the backend" for packet in bob.data), 5, "Bob gets the backend's data")
    await backend.room.remove_participant(api.RoomParticipantIdentity(room=box.room_id, identity=identity))
    await until(lambda: ann.disconnected is not None, 5, "Ann is sent away")
    assert ann.disconnected == rtc.DisconnectReason.PARTICIPANT_REMOVED
    await until(lambda: bob.identity_of("Ann") is None, 5, "Ann is gone for Bob")


async def test_a_backend_takes_a_right_away_and_everybody_sees_its_metadata(box, connect, backend):
    ann = await connect(box, "Ann", tone=700)
    bob = await connect(box, "Bob")
    identity = ann.room.local_participant.identity
    await until(lambda: sounds.hears(bob.sound_of(identity), 700, at_least=0.3), 15, "Bob hears Ann")
    silent = api.ParticipantPermission(can_subscribe=True, can_publish=False, can_publish_data=True)
    change = api.UpdateParticipantRequest(
        room=box.room_id, identity=identity, permission=silent, metadata="listens", name="Ann L."
    )
    answer = await backend.room.update_participant(change)
    assert (answer.metadata, answer.permission.can_publish) == ("listens", False)
    await until(lambda: not bob.room.remote_participants[identity].track_publications, 5, "Ann's track is gone")
    await until(lambda: bob.room.remote_participants[identity].metadata == "listens", 5, "Bob sees Ann's metadata")
    await until(lambda: is_named(box, "Ann L."), 5, "the console shows Ann's new name")
    await backend.room.update_room_metadata(api.UpdateRoomMetadataRequest(room=box.room_id, metadata='{"topic":1}'))
    await until(lambda: bob.room.metadata == '{"topic":1}', 5, "Bob sees the room's metadata")


async def is_named(box, name):
    return name in {person["name"] for person in await box.participants()}


async def test_a_token_without_rights_over_a_room_cannot_rule_it(box, connect):
    grants = api.VideoGrants(room_join=True, room=box.room_id)
    token = api.AccessToken("devkey", "secret").with_identity("eve").with_grants(grants).to_jwt()
    answer = await box.guest.post(
        f"{box.url}/twirp/livekit.RoomService/ListParticipants",
        json={"room": box.room_id},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 403, answer.text
