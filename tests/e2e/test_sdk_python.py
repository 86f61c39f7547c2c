"""Unmodified LiveKit SDK for Python over both ways to connect: one peer connection (v1) and two (v0) (I2)."""

import pytest

from kit import pictures, sounds
from kit.waiting import until

PATHS = pytest.mark.parametrize("single", [True, False], ids=["v1", "v0"])


async def sees(client, name, color):
    picture = client.picture_of(client.identity_of(name))
    return picture is not None and pictures.share_of(picture, color) > 0.7


def hears(client, name, tone):
    return sounds.hears(client.sound_of(client.identity_of(name)), tone, at_least=0.3)


async def room_identity(box):
    return next((person["identity"] for person in await box.participants() if person["kind"] == "room"), None)


@PATHS
async def test_two_people_and_the_room_see_and_hear_each_other(box, connect, single):
    ann = await connect(box, "Ann", single=single, color=pictures.RED, tone=700)
    bob = await connect(box, "Bob", single=single, color=pictures.GREEN, tone=1900)
    await until(lambda: sees(bob, "Ann", pictures.RED), 15, "Bob sees Ann")
    await until(lambda: sees(ann, "Bob", pictures.GREEN), 15, "Ann sees Bob")
    await until(lambda: hears(bob, "Ann", 700), 15, "Bob hears Ann")
    await until(lambda: hears(ann, "Bob", 1900), 15, "Ann hears Bob")
    room = await until(lambda: room_identity(box), 10, "the room is in the meeting")

    def sees_the_room():
        picture = ann.picture_of(room)
        corner = picture.getpixel((picture.width // 20, picture.height // 20))
        assert pictures.is_near(corner, pictures.WALL), f"{picture.size}: {corner} in the corner, {ann.frames[room]} pictures"
        return True

    await until(sees_the_room, 15, "Ann sees the room's wall")
    await until(lambda: abs(ann.sound_of(room)).max(initial=0) > 500, 15, "Ann hears the room speak")
    before = ann.frames[room]
    await until(lambda: ann.frames[room] > before + 30, 10, "the room's picture keeps moving")


async def test_one_path_meets_the_other(box, connect):
    old = await connect(box, "Old", single=False, color=pictures.YELLOW, tone=700)
    new = await connect(box, "New", single=True, color=pictures.PURPLE, tone=1900)
    await until(lambda: sees(old, "New", pictures.PURPLE), 15, "v0 sees v1")
    await until(lambda: sees(new, "Old", pictures.YELLOW), 15, "v1 sees v0")
    await until(lambda: hears(old, "New", 1900), 15, "v0 hears v1")
    await until(lambda: hears(new, "Old", 700), 15, "v1 hears v0")


@PATHS
async def test_data_goes_both_ways_reliable_and_lossy(box, connect, single):
    ann = await connect(box, "Ann", single=single)
    bob = await connect(box, "Bob", single=single)
    await until(lambda: ann.identity_of("Bob") and bob.identity_of("Ann"), 10, "they know of each other")

    async def arrives(sender, receiver, text, reliable):
        await sender.send(text.encode(), reliable=reliable)
        return any(packet.data == text.encode() for packet in receiver.data)

    for sender, receiver in ((ann, bob), (bob, ann)):
        for reliable in (True, False):
            text = f"{sender.name} {'reliable' if reliable else 'lossy'}"
            await until(lambda s=sender, r=receiver, t=text, k=reliable: arrives(s, r, t, k), 10, f"{text} arrives", every=0.3)
    packet = next(packet for packet in bob.data if packet.data.startswith(b"Ann"))
    assert packet.participant.identity == bob.identity_of("Ann")
    assert packet.topic == "test"


@PATHS
async def test_reliable_data_arrives_once_and_in_order(box, connect, single):
    ann = await connect(box, "Ann", single=single)
    bob = await connect(box, "Bob", single=single)
    await until(lambda: ann.identity_of("Bob") and bob.identity_of("Ann"), 10, "they know of each other")
    for number in range(200):
        await ann.send(str(number).encode() + b"." * 1000)
    await until(lambda: len(bob.data) >= 200, 10, "all packets arrive")
    assert [int(packet.data.split(b".")[0]) for packet in bob.data] == list(range(200))


@PATHS
async def test_mute_and_unmute_are_told_to_the_others(box, connect, single):
    ann = await connect(box, "Ann", single=single, tone=700)
    bob = await connect(box, "Bob", single=single)
    await until(lambda: hears(bob, "Ann", 700), 15, "Bob hears Ann")
    ann.audio.track.mute()
    await until(lambda: bob.muted.get(ann.audio.sid) is True, 5, "Bob is told that Ann is muted")
    ann.audio.track.unmute()
    await until(lambda: bob.muted.get(ann.audio.sid) is False, 5, "Bob is told that Ann speaks again")
    bob.sounds.clear()
    await until(lambda: hears(bob, "Ann", 700), 10, "Bob hears Ann again")


async def test_the_same_person_again_replaces_the_first(box, connect):
    from livekit import rtc

    token = await box.token("speaker", "Ann")
    first = await connect(box, "Ann", token=token)
    await connect(box, "Ann", token=token)
    await until(lambda: first.disconnected is not None, 10, "the first one is sent away")
    assert first.disconnected == rtc.DisconnectReason.DUPLICATE_IDENTITY


async def test_who_leaves_is_gone_for_the_others_at_once(box, connect):
    ann = await connect(box, "Ann", color=pictures.RED)
    bob = await connect(box, "Bob")
    await until(lambda: sees(bob, "Ann", pictures.RED), 15, "Bob sees Ann")
    await ann.close()
    await until(lambda: bob.identity_of("Ann") is None, 3, "Ann is gone for Bob")


@PATHS
async def test_who_comes_back_is_seen_and_heard_again(box, connect, single):
    bob = await connect(box, "Bob", single=single)
    for color, tone in ((pictures.RED, 700), (pictures.GREEN, 1900), (pictures.YELLOW, 700)):
        ann = await connect(box, "Ann", single=single, color=color, tone=tone)
        await until(lambda c=color: sees(bob, "Ann", c), 15, "Bob sees Ann")
        await until(lambda t=tone: hears(bob, "Ann", t), 15, "Bob hears Ann")
        before = bob.frames[bob.identity_of("Ann")]
        await until(lambda b=before: bob.frames[bob.identity_of("Ann")] > b + 15, 10, "Ann keeps moving")
        await ann.close()
        await until(lambda: bob.identity_of("Ann") is None, 5, "Ann is gone for Bob")
