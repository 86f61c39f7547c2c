"""Webhooks (I3): whatever happens to the receiver and to the box, every event arrives, in order and signed (P-e)."""

import asyncio
import hashlib
import hmac
import os
import random
import re
import subprocess
import time

import pytest
from aiohttp import web

from kit.box import REPOSITORY
from kit.network import HOME_ADDRESS
from kit.receiver import Receiver
from kit.waiting import pause, until

SEED = 20261122


@pytest.fixture
async def receiver():
    made = await Receiver().start()
    yield made
    await made.stop()


async def hook(box, receiver, **options):
    answer = await box.rest.post("/webhooks", json={"url": receiver.url, **options})
    assert answer.status_code == 201, answer.text
    webhook = answer.json()
    receiver.secret = webhook["secret"]
    return f"/webhooks/{webhook['webhookId']}"


async def deliveries(box, path, **query):
    """The whole log, oldest first."""
    found, token = [], None
    while True:
        params = {"maxItems": 100, "sortOrder": "asc", **query, **({"nextPageToken": token} if token else {})}
        page = await box.get(f"{path}/deliveries", params=params)
        found += page["deliveries"]
        token = page["pagination"].get("nextPageToken")
        if not token:
            return found


async def nothing_waits(box, path):
    return not await deliveries(box, path, state="waiting")


async def room(box, name):
    return (await box.rest.post("/rooms", json={"roomName": name})).json()


async def token(box, made, name):
    secret = made["access"]["anonymous"]["speaker"]["url"].split("secret=")[1]
    body = {"secret": secret, "joinMeeting": True, "participantName": name}
    return (await box.guest.post(f"/rooms/{made['roomId']}/members/token", json=body)).json()["token"]


async def test_a_meeting_with_a_recording_is_told_as_it_happens(box, connect, receiver):
    path = await hook(box, receiver)
    shown = await box.get(path)
    assert "secret" not in shown and shown["url"] == receiver.url and shown["enabled"] is True
    ann = await connect(box, "Ann", role="moderator")
    recording = await box.start_recording()
    await box.stop_recording(recording)
    await box.finished(recording, statuses=("complete", "aborted"))
    await ann.close()
    await until(lambda: any(e["event"] == "participantLeft" for e in receiver.events()), 10, "that she left is told")
    await box.rest.delete(f"/meetings/{box.room_id}")
    await until(lambda: any(e["event"] == "meetingEnded" for e in receiver.events()), 15, "the end is told")
    events = {}
    for event in receiver.events():
        events.setdefault(event["event"], []).append(event["data"])
    assert events["meetingStarted"][0]["roomId"] == box.room_id
    assert events["meetingStarted"][0]["status"] == "active_meeting"
    assert {"config", "roles", "access", "owner"} <= events["meetingStarted"][0].keys()
    joined, left = events["participantJoined"][0], events["participantLeft"][0]
    assert joined["participant"]["participantName"] == "Ann" and joined["participant"]["role"] == "moderator"
    assert left["participant"]["leaveReason"] == "voluntary_leave"
    assert left["participant"]["participantIdentity"] == joined["participant"]["participantIdentity"]
    started, ended = events["recordingStarted"][0], events["recordingEnded"][0]
    assert started["status"] == "starting" and started["recordingId"] == ended["recordingId"] == recording
    assert [e["status"] for e in events["recordingUpdated"]] == ["active", "ending"]
    kinds = [e["event"] for e in receiver.events()]
    assert kinds[:2] == ["meetingStarted", "participantJoined"] and kinds[-1] == "meetingEnded"
    log = await deliveries(box, path)
    assert [d["eventId"] for d in log] == [e["eventId"] for e in receiver.events()]
    assert {d["participantName"] for d in log if "participantName" in d} == {"Ann"}
    assert {(d["state"], d["attempts"], d["lastStatus"]) for d in log} == {("delivered", 1, 200)}


async def outage(box, connect, receiver, seconds):
    """The receiver is away for `seconds`; meanwhile the power is cut at a moment from a fixed seed, and later the box is
    restarted in an orderly way. Returns what the box had promised: ids that were in its log when a later change was saved."""
    chance = random.Random(SEED)
    path = await hook(box, receiver)
    rooms = [await room(box, name) for name in ("One", "Two")]
    promised = []

    async def come_and_go(name, times):
        for _ in range(times):
            made = chance.choice(rooms)
            client = await connect(box, name, token=await token(box, made, name))
            await pause(chance.uniform(0.05, 0.3))
            await client.close()

    async def note():
        log = await deliveries(box, path)
        # Saved in order: when this is on the disk, so is everything in the log.
        assert (await box.rest.post("/rooms", json={"roomName": "Mark"})).status_code == 201
        promised.extend(d for d in log if d["eventId"] not in {p["eventId"] for p in promised})

    for made in rooms:
        ann = await connect(box, "Ann", token=await token(box, made, "Ann"))
        await ann.close()
    loop = asyncio.get_running_loop()
    until_back = loop.time() + seconds
    await receiver.stop()
    await come_and_go("Bob", 2)
    await note()
    in_the_middle = await connect(box, "Cut", token=await token(box, rooms[0], "Cut"))
    await pause(chance.uniform(0, 0.5))
    await box.kill()
    await in_the_middle.close()
    await box.start()
    await come_and_go("Cyd", 2)
    await note()
    await box.stop()
    await box.start()
    await come_and_go("Dan", 2)
    for made in rooms:
        await box.rest.delete(f"/meetings/{made['roomId']}")
    await note()
    assert {d["state"] for d in await deliveries(box, path)} >= {"waiting"}, "the receiver was really missed"
    await pause(max(0, until_back - loop.time()))
    await receiver.start()
    return path, rooms, promised


def check_order(receiver, rooms, promised):
    got = receiver.events()
    missing = {p["eventId"] for p in promised} - {e["eventId"] for e in got}
    assert not missing, f"promised and never delivered: {missing}"
    for made in rooms:
        here = [e for e in got if e["data"]["roomId"] == made["roomId"]]
        assert here, "every room has had a meeting"
        wanted = [p["eventId"] for p in promised if p["roomId"] == made["roomId"]]
        assert [e["eventId"] for e in here if e["eventId"] in wanted] == wanted
        dates = [e["creationDate"] for e in here]
        assert dates == sorted(dates)
        assert [e["event"] for e in here][-1] == "meetingEnded"
        inside = set()
        for event in here:
            who = event["data"].get("participant", {}).get("participantIdentity")
            if event["event"] == "participantJoined":
                assert who not in inside, "came in twice"
                inside.add(who)
            elif event["event"] == "participantLeft":
                inside.remove(who)
        assert not inside, "came in and never left"


@pytest.mark.timeout(180)
async def test_a_receiver_that_was_away_misses_nothing_although_the_box_restarted(box, connect, receiver):
    path, rooms, promised = await outage(box, connect, receiver, 12)
    await until(lambda: nothing_waits(box, path), 40, "everything is delivered", every=0.5)
    check_order(receiver, rooms, promised)
    print(f"{len(promised)} events promised, {len(receiver.events())} got in {len(receiver.requests)} requests")


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_a_receiver_that_was_away_for_a_minute_misses_nothing(box, connect, receiver):
    path, rooms, promised = await outage(box, connect, receiver, 60)
    await until(lambda: nothing_waits(box, path), 130, "everything is delivered", every=0.5)
    check_order(receiver, rooms, promised)
    print(f"{len(promised)} events promised, {len(receiver.events())} got in {len(receiver.requests)} requests")


async def test_the_test_button_says_what_is_wrong(box, receiver):
    path = await hook(box, receiver)

    async def pressed():
        answer = await box.rest.post(f"{path}/test")
        return answer.status_code, answer.json()["message"]

    assert await pressed() == (200, "Webhook URL is valid")
    assert receiver.bodies()[0]["event"] == "testEvent"
    assert receiver.bodies()[0]["data"] == {"message": "This is a test webhook event"}
    wrong = f"Webhook URL '{receiver.url}' is invalid: "
    for status, words in [(404, "Client error (404 Not Found)"), (500, "Server error (500 Internal Server Error)")]:
        receiver.answer = lambda status=status: web.Response(status=status)
        assert await pressed() == (400, wrong + words)
    receiver.answer = lambda: web.Response(status=302, headers={"Location": receiver.url})
    count = len(receiver.requests)
    assert await pressed() == (400, wrong + "Unexpected answer (302 Found)")
    assert len(receiver.requests) == count + 1, "redirects are not followed"
    receiver.answer = lambda: asyncio.sleep(8)
    assert await pressed() == (400, wrong + "Request timed out after 5 seconds")
    await receiver.stop()
    assert await pressed() == (400, wrong + "Connection refused by server")
    assert await deliveries(box, path) == [], "tests are not listed"


def test_the_manual_s_ways_to_check_a_signature_are_right(tmp_path):
    manual = (REPOSITORY / "docs/webhooks.md").read_text()
    python, shell = (re.search(f"```{language}\n(.*?)```", manual, re.DOTALL)[1] for language in ("python", "sh"))
    sample = {}
    exec(python, sample)  # noqa: S102 - our own manual
    body, secret, now = b'{"event":"testEvent"}', "whsec-1", str(int(time.time() * 1000))
    signature = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Timestamp": now, "X-Signature": signature}
    assert sample["is_genuine"](headers, body, secret)
    assert not sample["is_genuine"](headers, body + b" ", secret)
    assert not sample["is_genuine"]({**headers, "X-Timestamp": str(int(now) - 130_000)}, body, secret)
    assert not sample["is_genuine"]({}, body, secret)
    (tmp_path / "body.json").write_bytes(body)
    told = {"timestamp": now, "secret": secret, "PATH": os.environ["PATH"]}
    printed = subprocess.run(["sh", "-c", shell], cwd=tmp_path, env=told, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == signature


async def test_an_installed_box_does_not_talk_to_itself(make_box, connect, receiver, street):
    box = await make_box(
        config="demo = true\n[media]\nloopback = true\n[room]\ncamera = 'demo'\ndisplay = 'none'\nspeaker = 'none'\n"
    )
    for url in [receiver.url, f"http://localhost:{box.http_port}/", "http://[::1]/", "http://169.254.169.254/latest"]:
        answer = await box.rest.post("/webhooks", json={"url": url})
        assert answer.status_code == 422, url
        assert answer.json()["details"][0]["field"] == "url"
    answer = await box.rest.post("/webhooks", json={"url": f"http://{HOME_ADDRESS}:{box.http_port}/api/v1/info"})
    assert answer.status_code == 201, "that this is the box's own address shows when it is tried"
    tested = await box.rest.post(f"/webhooks/{answer.json()['webhookId']}/test")
    assert tested.status_code == 400
    assert tested.json()["message"].endswith("The address leads to this box or its nearest neighbourhood")
