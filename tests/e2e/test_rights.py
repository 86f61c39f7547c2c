"""Who may record: a speaker may not, anywhere; a moderator may (P1, P3, P4)."""

from kit import pictures
from kit.browser import join


async def as_member(box, role, join_meeting=True):
    token = await box.token(role, role.capitalize(), join=join_meeting)
    return {"X-Room-Member-Token": f"Bearer {token}"}


async def test_a_speaker_cannot_record_by_rest_and_a_moderator_can(box, connect):
    await connect(box, "Ann", color=pictures.RED)
    body = {"roomId": box.room_id}
    refused = await box.guest.post("/recordings", json=body, headers=await as_member(box, "speaker"))
    assert refused.status_code == 403, refused.text
    assert {"error", "message"} <= refused.json().keys()
    moderator = await as_member(box, "moderator")
    started = await box.guest.post("/recordings", json=body, headers=moderator)
    assert started.status_code == 201, started.text
    recording_id = started.json()["recordingId"]
    again = await box.guest.post("/recordings", json=body, headers=moderator)
    assert again.status_code == 409, again.text
    stop = f"/recordings/{recording_id}/stop"
    assert (await box.guest.post(stop, headers=await as_member(box, "speaker"))).status_code == 403
    assert (await box.guest.post(stop, headers=moderator)).status_code == 202
    await box.finished(recording_id)


async def test_a_speaker_may_watch_but_not_delete_a_recording(box):
    recording_id = await box.start_recording_alone()
    await box.stop_recording(recording_id)
    await box.finished(recording_id)
    speaker, moderator = await as_member(box, "speaker", False), await as_member(box, "moderator", False)
    path = f"/recordings/{recording_id}"
    assert (await box.guest.get(f"{path}/media", headers={**speaker, "Range": "bytes=0-99"})).status_code == 206
    assert (await box.guest.delete(path, headers=speaker)).status_code == 403
    assert (await box.guest.delete(path, headers=moderator)).status_code == 200
    assert (await box.rest.get(path)).status_code == 404


async def test_only_the_moderator_has_a_record_button_and_everyone_sees_that_a_recording_runs(box, browsers):
    speaker = await join(await browsers.start(color=pictures.RED, size="320x180"), box.link("speaker"), "Sam")
    moderator = await join(await browsers.start(color=pictures.GREEN, size="320x180"), box.link("moderator"), "Mia")
    assert await speaker.get_by_role("button", name="Start recording").count() == 0
    await moderator.get_by_role("button", name="Start recording").click()
    for page in (speaker, moderator):
        await page.get_by_role("status").filter(has_text="Recording").first.wait_for()
    assert await speaker.get_by_role("button", name="Stop recording").count() == 0
    await moderator.get_by_role("button", name="Stop recording").click()
    await speaker.get_by_role("status").filter(has_text="Recording").first.wait_for(state="hidden")
