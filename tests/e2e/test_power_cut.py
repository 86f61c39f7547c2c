"""Power cuts while recording: the box comes back by itself and at most the last second is missing (V9)."""

import random
import time

import pytest

from kit import recording
from kit.waiting import pause, until

SEED = 20261122


async def record_and_cut(box, delay, tmp_path):
    """Record, cut the power after `delay` seconds, start again; returns how many seconds are missing."""
    known = {entry["recordingId"] for entry in await box.recordings()}
    recording_id = await box.start_recording_alone()
    assert recording_id not in known
    started = (await box.get(f"/recordings/{recording_id}"))["startDate"] / 1000
    await pause(delay)
    cut = time.time()
    await box.kill()
    await box.start()
    listed = await box.finished(recording_id, timeout=20)
    path = await box.download(recording_id, tmp_path / f"{recording_id}.mp4")
    assert await recording.codecs(path) == {"video": "h264", "audio": "aac"}
    assert recording.is_seekable_from_the_start(path)
    assert await recording.decodes_without_errors(path)
    kept = max(await recording.frame_times(path))
    assert listed["duration"] == pytest.approx(await recording.duration(path), abs=0.5)
    lost = cut - started - kept
    print(f"cut after {delay:.2f} s: {lost:.2f} s lost")
    return lost


async def cuts(box, count, tmp_path):
    moments = random.Random(SEED)
    lost = [await record_and_cut(box, moments.uniform(1.2, 5), tmp_path) for _ in range(count)]
    print(f"lost per cut: {[round(seconds, 2) for seconds in lost]}")
    assert max(lost) <= 1.0, lost


@pytest.mark.timeout(180)
async def test_three_power_cuts_lose_at_most_a_second_each(box, tmp_path):
    await cuts(box, 3, tmp_path)
    assert len(await box.recordings()) == 3


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_twenty_power_cuts_lose_at_most_a_second_each(box, tmp_path):
    await cuts(box, 20, tmp_path)
    everything = (await box.get("/recordings", params={"maxItems": 100}))["recordings"]
    assert len(everything) == 20
    assert {entry["status"] for entry in everything} == {"complete"}


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_power_cut_after_minutes_loses_at_most_a_second_too(box, tmp_path):
    assert await record_and_cut(box, 150, tmp_path) <= 1.0


async def test_a_recording_whose_disk_was_away_is_listed_when_it_is_back(box, tmp_path):
    recording_id = await box.start_recording_alone()
    await pause(2)
    await box.kill()
    disk, away = box.data / "recordings", box.data / "away"
    disk.rename(away)
    await box.start()
    await box.finished(recording_id, statuses=("failed",))
    await box.stop()
    disk.rmdir()
    away.rename(disk)
    await box.start()
    listed = await box.finished(recording_id)
    assert listed["duration"] > 1
    path = await box.download(recording_id, tmp_path / "back.mp4")
    assert await recording.decodes_without_errors(path)


@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_a_recording_deleted_as_the_box_ends_leaves_nothing(box, end):
    recording_id = await box.start_recording_alone()
    await pause(1.5)
    await box.press("stop")
    await box.finished(recording_id)
    assert (await box.rest.delete(f"/recordings/{recording_id}")).status_code == 200
    await getattr(box, end)()
    await box.start()

    async def nothing():
        return not list((box.data / "recordings").glob(f"{recording_id}*"))

    await until(nothing, 10, "its files are gone")
    assert (await box.rest.get(f"/recordings/{recording_id}")).status_code == 404
    assert await box.recordings() == []


async def test_a_power_cut_without_a_recording_keeps_everything(box):
    link = box.link("speaker")
    await box.kill()
    await box.start()
    assert box.link("speaker") == link
    await until(lambda: box.token("speaker", "Ann"), 5, "the old link still opens the room")
