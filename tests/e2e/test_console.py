"""The administrator's console and the front panel, used as a person uses them (V3, V4, B4, B6)."""

import pytest

from kit import pictures, recording
from kit.browser import join, open_page
from kit.waiting import pause, until


async def sign_in(browser, box):
    page = await open_page(browser, f"{box.url}/login")
    await page.get_by_role("textbox", name="User").fill("admin")
    await page.get_by_label("Password", exact=True).fill("admin")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("region", name="Invite to this room").wait_for()
    return page


async def test_an_administrator_records_plays_downloads_and_deletes(box, browsers, tmp_path):
    page = await sign_in(await browsers.start(), box)
    await page.get_by_role("button", name="Start recording").click()
    await until(box.is_recording, 10, "the recording runs")
    await page.get_by_role("button", name="Stop recording").wait_for()
    await pause(3)
    await page.get_by_role("button", name="Stop recording").click()
    await page.get_by_role("button", name="Start recording").wait_for()
    (listed,) = await box.recordings()
    await box.finished(listed["recordingId"])
    await page.get_by_role("link", name="Recordings").first.click()
    row = page.get_by_role("row").filter(has_text=listed["roomName"])
    async with page.expect_download() as download:
        await row.get_by_role("link", name="Download recording").click()
    path = tmp_path / "downloaded.mp4"
    await (await download.value).save_as(path)
    assert await recording.codecs(path) == {"video": "h264", "audio": "aac"}
    await row.get_by_role("link", name="Play recording").click()
    video = page.locator("video")
    await video.evaluate("v => { v.muted = true; return v.play(); }")
    await until(lambda: video.evaluate("v => v.currentTime > 0.5"), 10, "it plays in the console")
    await page.goto(f"{box.url}/recordings")
    await row.get_by_role("button", name="Delete recording").click()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.get_by_text("No recordings yet").wait_for()
    assert await box.recordings() == []


async def test_the_overview_follows_the_meeting_without_reloading(box, browsers):
    browser = await browsers.start(color=pictures.RED, size="320x180")
    console = await sign_in(browser, box)
    await console.get_by_text("Nobody is here yet").wait_for()
    guest = await join(browser, box.link("speaker"), "Ann")
    await console.get_by_text("Ann", exact=True).first.wait_for()
    await console.get_by_role("button", name="Mute room microphone").click()
    await until(lambda: mute_lamp(box, "on"), 5, "the mute lamp is lit")
    await console.get_by_role("button", name="Unmute room microphone").click()
    await until(lambda: mute_lamp(box, "off"), 5, "the mute lamp is out")
    await guest.get_by_role("button", name="Leave", exact=True).click()
    await console.get_by_text("Nobody is here yet").wait_for()


async def mute_lamp(box, state):
    return (await box.leds())["mute"] == state


async def test_the_front_panel_records_by_its_buttons_and_lights_its_lamps(box, browsers):
    page = await open_page(await browsers.start(), f"{box.url}/panel")
    await page.get_by_role("button", name="Record").click()
    await until(lambda: tally(box, "on"), 5, "the tally lamp is lit")
    picture = page.get_by_role("img").first
    await until(lambda: picture.evaluate("image => image.naturalWidth >= 640"), 10, "the TV picture is on the page")
    await page.get_by_role("button", name="Stop").click()
    await until(lambda: tally(box, "off"), 10, "the tally lamp is out")
    assert len(await box.recordings()) == 1


async def tally(box, state):
    return (await box.leds())["tally"] == state


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/room/{room}?secret=wrong", "link"),
        ("/room/no_such_room-abcdefghijklmno?secret=x", "link"),
        ("/no-such-page", "no such page"),
    ],
)
async def test_dead_links_say_so_in_clear_words(box, browsers, path, words):
    page = await open_page(await browsers.start(), box.url + path.format(room=box.room_id))
    await page.get_by_text(words).first.wait_for()
    assert await page.get_by_role("button", name="Join meeting").count() == 0
