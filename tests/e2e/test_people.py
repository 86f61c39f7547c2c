"""Rights in a running meeting follow every change, at the box first (M4, P4, P6, P7, U7)."""

import contextlib
import re

import pytest
from livekit import rtc

from kit import pictures
from kit.browser import join, received
from kit.waiting import pause, until


@pytest.fixture
async def team(box):
    """A room of its own with a member from outside."""
    room = (await box.rest.post("/rooms", json={"roomName": "Team"})).json()
    members = f"/rooms/{room['roomId']}/members"
    guest = (await box.rest.post(members, json={"name": "Gast", "baseRole": "speaker"})).json()
    return room, members, guest


async def token_of(box, room, secret, name=None, earlier=None):
    body = {"secret": secret, "joinMeeting": True, "participantName": name}
    headers = {"X-Room-Member-Token": f"Bearer {earlier}"} if earlier else {}
    return await box.guest.post(f"/rooms/{room['roomId']}/members/token", json=body, headers=headers)


def secret_of(link):
    return link.split("secret=")[1]


async def test_a_member_who_loses_the_camera_is_cut_off_and_a_deleted_one_is_out(box, connect, team):
    room, members, guest = team
    issued = await token_of(box, room, secret_of(guest["accessUrl"]))
    token = issued.json()["token"]
    gast = await connect(box, "Gast", token=token, color=pictures.RED, tone=700)
    speaker = secret_of(room["access"]["anonymous"]["speaker"]["url"])
    bob = await connect(box, "Bob", token=(await token_of(box, room, speaker, "Bob")).json()["token"])
    identity = guest["memberId"]
    await until(lambda: bob.frames[identity] > 10, 15, "Bob sees the guest")

    path = f"{members}/{identity}"
    changed = await box.rest.patch(path, json={"customPermissions": {"canPublishVideo": False}})
    assert changed.status_code == 200, changed.text
    await pause(1)
    seen = bob.frames[identity]
    await pause(2)
    assert bob.frames[identity] == seen, "the guest's client still sends, and nobody gets it"
    assert abs(bob.sound_of(identity)).max(initial=0) > 200, "the microphone goes on"

    assert (await box.rest.delete(path)).status_code == 200
    await until(lambda: gast.disconnected is not None, 5, "the guest is out")
    assert gast.disconnected == rtc.DisconnectReason.PARTICIPANT_REMOVED
    assert (await token_of(box, room, secret_of(guest["accessUrl"]))).status_code == 400
    with pytest.raises(rtc.ConnectError):
        await connect(box, "Gast", token=token)


async def test_a_browser_that_is_told_nothing_and_sends_on_is_cut_off_all_the_same(box, browsers, sdk, team):
    room, members, guest = team
    told = []

    async def deaf_later(page):
        """From the first entry in `told` on, no message of the box reaches the page any more."""

        def carry(near):
            far = near.connect_to_server()
            near.on_message(far.send)
            far.on_message(lambda message: None if told else near.send(message))

        await page.route_web_socket(re.compile(r"/rtc"), carry)

    token = (await token_of(box, room, secret_of(guest["accessUrl"]))).json()["token"]
    gast = await sdk(box, "Gast", pictures.RED, token=token, prepare=deaf_later)
    watching = await browsers.start(color=pictures.GREEN, size="320x180")
    bob = await join(watching, room["access"]["anonymous"]["speaker"]["url"], "Bob")
    start = await received(bob)

    async def sees_the_guest():
        return (await received(bob))["frames"] > start["frames"] + 20

    await until(sees_the_guest, 15, "Bob's browser decodes the guest's camera")
    told.append("nothing")
    path = f"{members}/{guest['memberId']}"
    changed = await box.rest.patch(path, json={"customPermissions": {"canPublishVideo": False}})
    assert changed.status_code == 200, changed.text
    await pause(1)
    before, sent = await received(bob), await received(gast)
    await pause(3)
    after, sent_after = await received(bob), await received(gast)
    sources = await gast.evaluate("() => room.localParticipant.permissions.canPublishSources")
    assert sources == [], "the guest's browser still believes that it may send everything"
    assert sent_after["sentVideoPackets"] > sent["sentVideoPackets"] + 30, "the guest's browser sends on"
    assert after["videoPackets"] == before["videoPackets"], "and no packet of it reaches Bob's"
    assert after["energy"] > before["energy"], "the microphone goes on"


async def test_a_promoted_speaker_leads_and_a_removed_one_stays_out(box, connect, team):
    room, _, _ = team
    links = room["access"]["anonymous"]
    leader = (await token_of(box, room, secret_of(links["moderator"]["url"]), "Mia")).json()["token"]
    sam_token = (await token_of(box, room, secret_of(links["speaker"]["url"]), "Sam")).json()["token"]
    mia = await connect(box, "Mia", token=leader)
    sam = await connect(box, "Sam", token=sam_token, color=pictures.GREEN)
    ann = (await token_of(box, room, secret_of(links["speaker"]["url"]), "Ann")).json()["token"]
    ann_client = await connect(box, "Ann", token=ann, tone=900)
    meeting = f"/meetings/{room['roomId']}"
    await until(lambda: mia.identity_of("Sam") and mia.identity_of("Ann"), 10, "all are there")
    sam_id, ann_id = mia.identity_of("Sam"), mia.identity_of("Ann")

    def headers(token):
        return {"X-Room-Member-Token": f"Bearer {token}"}

    mute = {"audioActive": False}
    refused = await box.guest.put(f"{meeting}/participants/{ann_id}/media", json=mute, headers=headers(sam_token))
    assert refused.status_code == 403
    promoted = await box.guest.put(f"{meeting}/participants/{sam_id}/role", json={"action": "upgrade"}, headers=headers(leader))
    assert promoted.status_code == 200, promoted.text
    await until(lambda: ann_id in mia.sounds, 10, "Mia hears Ann")
    muted = await box.guest.put(f"{meeting}/participants/{ann_id}/media", json=mute, headers=headers(sam_token))
    assert muted.status_code == 200, muted.text
    await until(lambda: True in mia.muted.values(), 5, "Ann's microphone is off for everybody")

    kicked = await box.guest.delete(f"{meeting}/participants/{sam_id}", headers=headers(leader))
    assert kicked.status_code == 200, kicked.text
    await until(lambda: sam.disconnected is not None, 5, "Sam is out")
    with pytest.raises(rtc.ConnectError):
        await connect(box, "Sam", token=sam_token)
    again = await token_of(box, room, secret_of(links["speaker"]["url"]), "Sam", earlier=sam_token)
    assert again.status_code == 403, again.text
    assert ann_client.disconnected is None


async def test_forged_metadata_changes_nothing(box, connect, team):
    room, _, _ = team
    speaker = secret_of(room["access"]["anonymous"]["speaker"]["url"])
    token = (await token_of(box, room, speaker, "Eve")).json()["token"]
    eve = await connect(box, "Eve", token=token)
    for change in (
        eve.room.local_participant.set_metadata('{"badge":"owner","permissions":{"canRecord":true}}'),
        eve.room.local_participant.set_attributes({"role": "moderator"}),
    ):
        # Refused is fine, ignored too.
        with contextlib.suppress(Exception):
            await change
    headers = {"X-Room-Member-Token": f"Bearer {token}"}
    started = await box.guest.post("/recordings", json={"roomId": room["roomId"]}, headers=headers)
    assert started.status_code == 403
    listed = (await box.rest.get(f"/meetings/{room['roomId']}/participants")).json()["participants"]
    assert [p["role"] for p in listed if p["participantName"] == "Eve"] == ["speaker"]


async def test_operator_powers_come_and_go_within_a_second(box, connect, team):
    room, members, _ = team
    user = {"userId": "helper", "name": "Helper", "role": "room_member", "password": "first"}
    assert (await box.rest.post("/users", json=user)).status_code == 201
    assert (await box.rest.post(members, json={"userId": "helper", "baseRole": "speaker"})).status_code == 201
    login = (await box.guest.post("/auth/login", json={"userId": "helper", "password": "first"})).json()
    change = {"currentPassword": "first", "newPassword": "second"}
    bearer = {"Authorization": f"Bearer {login['accessToken']}"}
    fresh = (await box.guest.post("/users/change-password", json=change, headers=bearer)).json()
    bearer = {"Authorization": f"Bearer {fresh['accessToken']}"}
    path = f"/rooms/{room['roomId']}/members/token"
    token = (await box.guest.post(path, json={"joinMeeting": True}, headers=bearer)).json()["token"]
    await connect(box, "Helper", token=token)
    headers = {"X-Room-Member-Token": f"Bearer {token}"}

    async def may_read_removed():
        return (await box.guest.get(f"/meetings/{room['roomId']}/removed", headers=headers)).status_code == 200

    assert not await may_read_removed()
    group = {"name": "Help desk", "operator": True, "members": ["helper"]}
    made = (await box.rest.post("/groups", json=group)).json()
    await until(may_read_removed, 1, "the operator leads")
    await box.rest.patch(f"/groups/{made['groupId']}", json={"members": []})
    assert not await may_read_removed()
