"""Every page for every person: axe finds nothing wrong, in light and dark, on a phone and a desk."""

import pytest

from kit import pictures
from kit.barriers import LOOKS, check
from kit.browser import join, open_page
from kit.console import dialog, loaded
from kit.waiting import pause

LOOK = pytest.mark.parametrize("look", LOOKS)


async def sign_in(page, user="admin", password="admin"):
    await page.get_by_role("textbox", name="User").fill(user)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("heading").first.wait_for()


@LOOK
async def test_the_console_has_no_barriers(box, browsers, look):
    recording_id = await box.start_recording_alone()
    await pause(1)
    await box.stop_recording(recording_id)
    await box.finished(recording_id)
    page = await open_page(await browsers.start(), f"{box.url}/login", **LOOKS[look], bypass_csp=True)
    # The page is there when its form is: before that axe would judge an empty document.
    await page.get_by_role("button", name="Sign in").wait_for()
    await check(page, "login")
    await sign_in(page)
    await page.wait_for_url(f"{box.url}/")
    film = f"/recordings/{recording_id}"
    for path in ("/", "/recordings", film, "/recordings/no-such-id", "/profile", "/panel", "/no-such-page"):
        await page.goto(f"{box.url}{path}")
        await loaded(page)
        await check(page, path)
    assert [line for line in page.console_lines if line.startswith("uncaught")] == []


@LOOK
async def test_the_pages_of_a_link_have_no_barriers(box, browsers, look):
    recording_id = await box.start_recording_alone()
    await pause(1)
    await box.stop_recording(recording_id)
    await box.finished(recording_id)
    recordings = box.link("moderator").replace("?", "/recordings?")
    page = await open_page(await browsers.start(), recordings, **LOOKS[look], bypass_csp=True)
    pages = {
        recordings: "Recordings of",
        f"{recordings}&recording={recording_id}": "Recording of",
        f"{box.url}/room/{box.room_id}?secret=wrong": "This link does not work any more",
        f"{box.url}/room/{box.room_id}": "This link needs a login",
        f"{box.url}/room/no_such_room-abcdefghijklmno?secret=x": "This room does not exist",
    }
    for address, words in pages.items():
        await page.goto(address)
        await page.get_by_role("heading", name=words).first.wait_for()
        await loaded(page)
        await check(page, words)
    assert [line for line in page.console_lines if line.startswith("uncaught")] == []


@LOOK
async def test_the_demand_for_an_own_password_has_no_barriers(box, browsers, look):
    body = {"userId": "ann_s", "name": "Ann", "role": "user", "password": "first-word-1"}
    assert (await box.rest.post("/users", json=body)).status_code == 201
    page = await open_page(await browsers.start(), f"{box.url}/login", **LOOKS[look], bypass_csp=True)
    await sign_in(page, "ann_s", "first-word-1")
    await page.get_by_role("heading", name="Choose a new password").wait_for()
    await check(page, "own password")
    assert [line for line in page.console_lines if line.startswith("uncaught")] == []


@LOOK
async def test_the_meeting_has_no_barriers(box, browsers, look):
    browser = await browsers.start(color=pictures.RED, size="320x180")
    page = await open_page(browser, box.link("moderator"), **LOOKS[look], bypass_csp=True)
    await page.get_by_role("button", name="Join meeting").wait_for()
    await check(page, "join page")
    await page.context.close()
    page = await join(browser, box.link("moderator"), "Mia", **LOOKS[look], bypass_csp=True)
    await check(page, "meeting")
    for panel in ("Chat", "Participants"):
        button = page.get_by_role("button", name=panel)
        if await button.count():
            await button.first.click()
            await check(page, panel)
    await page.get_by_role("button", name="More", exact=True).click()
    await page.get_by_role("menuitem", name="End the meeting for everyone").click()
    await dialog(page, "End the meeting for everyone?")
    await check(page, "end of the meeting")
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Leave", exact=True).click()
    await page.get_by_role("heading", name="You have left the meeting").wait_for()
    await check(page, "after the meeting")
    assert [line for line in page.console_lines if line.startswith("uncaught")] == []
