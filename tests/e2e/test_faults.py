"""Broken devices and full disks: they end neither a meeting nor the box (B1, V9)."""

from kit import pictures, recording
from kit.waiting import pause, until


async def room_identity(box):
    return next((person["identity"] for person in await box.participants() if person["kind"] == "room"), None)


async def device(box, name):
    return next(entry["state"] for entry in (await box.status())["devices"] if entry["device"] == name)


async def test_a_lost_camera_comes_back_during_meeting_and_recording(box, connect, tmp_path):
    ann = await connect(box, "Ann", color=pictures.RED, tone=700)
    room = await until(lambda: room_identity(box), 10, "the room is in the meeting")
    await until(lambda: ann.frames[room] > 30, 15, "Ann sees the room")
    recording_id = await box.start_recording()
    await until(box.is_recording, 10, "the recording runs")
    await pause(2)
    await box.fault("camera")

    async def restarting():
        return await device(box, "camera") == "restarting"

    async def running():
        return await device(box, "camera") == "running"

    await until(restarting, 5, "the camera is reported as lost", every=0.02)
    await until(running, 15, "the camera is back")
    before = ann.frames[room]
    await until(lambda: ann.frames[room] > before + 30, 15, "the room moves again")
    assert ann.disconnected is None
    assert await box.is_recording()
    await pause(2)
    await box.stop_recording(recording_id)
    await box.finished(recording_id)
    path = await box.download(recording_id, tmp_path / "camera-lost.mp4")
    assert await recording.decodes_without_errors(path)
    end = await recording.frame_at(path, max(await recording.frame_times(path)) - 0.5)
    assert pictures.share_of(end, pictures.WALL) > 0.05, "the room is missing at the end"
    assert pictures.share_of(end, pictures.RED) > 0.05, "Ann is missing at the end"


async def test_a_full_disk_ends_the_recording_cleanly_and_nothing_else(box, connect, tmp_path):
    ann = await connect(box, "Ann", color=pictures.RED, tone=700)
    recording_id = await box.start_recording()
    await pause(3)
    await box.fault("disk_full")
    await box.finished(recording_id, statuses=("limit_reached",))
    path = await box.download(recording_id, tmp_path / "disk-full.mp4")
    assert await recording.decodes_without_errors(path)
    assert await recording.duration(path) >= 2
    assert ann.disconnected is None
    refused = await box.rest.post("/recordings", json={"roomId": box.room_id})
    assert refused.status_code >= 400
    await box.fault("disk_full", on=False)
    again = await box.start_recording()
    await pause(1)
    await box.stop_recording(again)
    await box.finished(again)
