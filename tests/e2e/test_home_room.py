"""The admin chooses which room is the box's own (R7): its button, its TV and its links follow."""

from kit.waiting import until


async def test_the_box_moves_into_another_room_and_stays_there_through_a_restart(box, connect):
    old = box.room_id
    other = (await box.rest.post("/rooms", json={"roomName": "Attic"})).json()["roomId"]
    ann = await connect(box, "Ann")
    busy = await box.rest.put("/box/home-room", json={"roomId": other})
    assert busy.status_code == 409, "people are in the old room"
    await ann.close()
    await box.rest.delete(f"/meetings/{old}")
    before = await box.tv()
    chosen = await box.rest.put("/box/home-room", json={"roomId": other})
    assert chosen.status_code == 200, chosen.text
    assert (await box.get("/box"))["homeRoom"] == chosen.json()
    assert chosen.json()["roomId"] == other and f"/room/{other}?secret=" in chosen.json()["speakerUrl"]

    async def changed():
        return (await box.tv()).tobytes() != before.tobytes()

    await until(changed, 5, "the TV shows the new room")
    recording = await box.start_recording_alone()
    assert recording.startswith(f"{other}--")
    await box.stop_recording(recording)
    await box.finished(recording, statuses=("complete", "aborted"))
    await box.stop()
    await box.start()
    assert box.room_id == other
    assert (await box.rest.delete(f"/rooms/{old}", params={"withRecordings": "force"})).status_code == 200
    assert (await box.rest.delete(f"/rooms/{other}", params={"withRecordings": "force"})).status_code == 409
