"""Recordings as a person finds them: started three ways, everybody in picture and sound, in step, playable (V1, V2)."""

import json
import time

import numpy as np
import pytest

from kit import pictures, recording, sounds
from kit.box import REPOSITORY
from kit.browser import join, open_page
from kit.waiting import pause, until


async def check_file(path, seconds):
    assert await recording.codecs(path) == {"video": "h264", "audio": "aac"}
    assert await recording.duration(path) == pytest.approx(seconds, abs=0.5)
    assert recording.is_seekable_from_the_start(path), recording.parts(path)
    assert await recording.decodes_without_errors(path)
    times = await recording.frame_times(path)
    assert max(np.diff(times)) <= 0.2, "the picture stands still"


async def state_is(box, *states):
    return await until(lambda: is_in(box, states), 10, f"recording state is {' or '.join(states)}")


async def is_in(box, states):
    state = await box.recording_state()
    return state if state in states else None


async def test_by_rest_everybody_is_in_picture_and_sound(box, connect, tmp_path):
    ann = await connect(box, "Ann", color=pictures.RED, tone=700)
    bob = await connect(box, "Bob", single=False, color=pictures.GREEN, tone=1900)

    async def both_on_tv():
        tv = await box.tv()
        return min(pictures.share_of(tv, color) for color in (pictures.RED, pictures.GREEN)) > 0.05

    await until(both_on_tv, 20, "both are on the TV")
    recording_id = await box.start_recording()
    await state_is(box, "recording")
    start = time.monotonic()
    assert (await box.leds())["tally"] == "on"
    await pause(6)
    seconds = time.monotonic() - start
    await box.stop_recording(recording_id)
    listed = await box.finished(recording_id)
    path = await box.download(recording_id, tmp_path / "meeting.mp4")
    await check_file(path, seconds)
    assert listed["duration"] == pytest.approx(seconds, abs=0.5)
    assert listed["size"] == path.stat().st_size
    image = await recording.frame_at(path, 4)
    for who, color in (("Ann", pictures.RED), ("Bob", pictures.GREEN), ("the room", pictures.WALL)):
        assert pictures.share_of(image, color) > 0.03, f"{who} is not in the picture"
    heard = await recording.sound(path)
    for who, tone in (("Ann", 700), ("Bob", 1900)):
        assert sounds.hears(heard, tone), f"{who} is not in the sound"
    assert (await box.leds())["tally"] == "off"
    assert ann.disconnected is None and bob.disconnected is None


async def test_the_room_says_how_large_and_one_recording_may_differ(box, tmp_path):
    """V8: a preset of the room's settings, and values of one start's own; what was recorded is listed."""
    video = {"width": 640, "height": 360, "framerate": 15, "codec": "DEFAULT_VC"}
    own = {
        "video": {**video, "bitrate": 800, "keyFrameInterval": 2, "depth": 24},
        "audio": {"codec": "DEFAULT_AC", "bitrate": 128, "frequency": 48_000},
    }
    config = {"recording": {"enabled": True, "encoding": "PORTRAIT_H264_720P_30"}}
    changed = await box.rest.put(f"/rooms/{box.room_id}/config", json={"config": config})
    assert changed.status_code == 200, changed.text
    for number, (wish, expected) in enumerate([({}, (720, 1280, "30/1")), ({"encoding": own}, (640, 360, "15/1"))]):
        started = await box.rest.post("/recordings", json={"roomId": box.room_id, "config": wish})
        assert started.status_code == 201, started.text
        assert started.json()["encoding"] == wish.get("encoding", "PORTRAIT_H264_720P_30")
        await pause(2)
        await box.stop_recording(started.json()["recordingId"])
        await box.finished(started.json()["recordingId"])
        path = await box.download(started.json()["recordingId"], tmp_path / f"{number}.mp4")
        (stream,) = [each for each in (await recording.probe(path))["streams"] if each["codec_type"] == "video"]
        assert (stream["width"], stream["height"], stream["r_frame_rate"]) == expected
        assert await recording.decodes_without_errors(path)


async def test_by_the_button_with_nobody_else_there(box, tmp_path):
    await box.press("record")
    await state_is(box, "recording")
    start = time.monotonic()
    assert (await box.leds())["tally"] == "on"
    await pause(3)
    seconds = time.monotonic() - start
    await box.press("stop")
    await state_is(box, "off")
    (listed,) = await box.recordings()
    await box.finished(listed["recordingId"])
    path = await box.download(listed["recordingId"], tmp_path / "alone.mp4")
    await check_file(path, seconds)
    image = await recording.frame_at(path, 2)
    assert pictures.share_of(image, pictures.WALL) > 0.2, "the room is not in the picture"
    assert np.abs(await recording.sound(path)).max() > 500, "the room is not in the sound"


async def test_by_a_moderator_in_the_page_and_it_plays_and_seeks_in_the_browser(box, browsers):
    browser = await browsers.start(color=pictures.RED, size="320x180")
    page = await join(browser, box.link("moderator"), "Mia")
    await page.get_by_role("button", name="Start recording").click()
    await page.get_by_role("status").filter(has_text="Recording").first.wait_for()
    await state_is(box, "recording")
    await pause(5)
    await page.get_by_role("button", name="Stop recording").click()
    await state_is(box, "off")
    (listed,) = await box.recordings()
    await box.finished(listed["recordingId"])
    token = await box.token("moderator", "Mia", join=False)
    path = f"/recordings/{listed['recordingId']}"
    headers = {"X-Room-Member-Token": f"Bearer {token}"}
    record = (await box.guest.get(path, params={"tickets": "true"}, headers=headers)).json()
    await plays_and_seeks(browser, box, f"/api/v1{path}/media?ticket={record['ticket']}")


async def plays_and_seeks(browser, box, media):
    page = await open_page(browser, "about:blank")
    html = f"<video src='{media}' muted autoplay></video>"
    await page.route("**/player.html", lambda route: route.fulfill(body=html, content_type="text/html"))
    await page.goto(f"{box.url}/player.html")
    video = page.locator("video")
    await until(lambda: video.evaluate("v => v.currentTime > 0.5"), 10, "the recording plays in the browser")
    assert await video.evaluate("v => v.duration") == pytest.approx(5, abs=1.5)
    await video.evaluate("v => { v.pause(); v.currentTime = 3.5; }")
    await until(
        lambda: video.evaluate("v => !v.seeking && Math.abs(v.currentTime - 3.5) < 0.2 && v.readyState >= 2"),
        10,
        "the browser seeks",
    )
    assert await video.evaluate("v => v.error === null")


async def test_it_goes_on_when_the_room_hangs_up_and_says_why_it_ended(box, connect, tmp_path):
    ann = await connect(box, "Ann", color=pictures.RED, tone=700)
    recording_id = await box.start_recording()
    await state_is(box, "recording")
    start = time.monotonic()
    await pause(3)
    await box.press("hang-up")
    await pause(4)
    assert await box.is_recording()
    seconds = time.monotonic() - start
    await box.stop_recording(recording_id)
    listed = await box.finished(recording_id)
    assert listed["endReason"] == "stopped"
    path = await box.download(recording_id, tmp_path / "meeting.mp4")
    await check_file(path, seconds)
    late = await recording.frame_at(path, seconds - 1)
    assert pictures.share_of(late, pictures.RED) > 0.1, "Ann is not in the picture after the room has gone"
    assert pictures.share_of(late, pictures.WALL) < 0.01, "the room is still in the picture"
    told = await until(lambda: ann.room.metadata, 5, "the room's metadata says why")
    ended = json.loads(told)["huddlebox"]["recordingEnded"]
    assert (ended["recordingId"], ended["endReason"]) == (recording_id, "stopped")
    assert ann.disconnected is None


async def test_sound_and_picture_are_in_step(make_box, tmp_path):
    source = tmp_path / "flash-beep.webm"
    await recording.run(REPOSITORY / "tests/tools/make-flash-beep", source, 10, "640x360")
    box = await make_box(camera=f"file:{source}")
    recording_id = await box.start_recording_alone()
    await pause(8)
    await box.stop_recording(recording_id)
    await box.finished(recording_id)
    path = await box.download(recording_id, tmp_path / "in-step.mp4")
    # The camera is switched on together with the recording: its first second is still settling.
    offsets = await recording.flash_beep_offsets(path, after=1)
    assert len(offsets) >= 5, offsets
    print(f"sound after picture: median {np.median(offsets) * 1000:.0f} ms, {[round(o * 1000) for o in offsets]}")
    assert abs(np.median(offsets)) <= 0.060, offsets
    assert max(map(abs, offsets)) <= 0.100, offsets
