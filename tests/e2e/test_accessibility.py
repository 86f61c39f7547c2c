"""Every page for every person: axe finds nothing wrong, in light and dark, on a phone and a desk."""

import pytest

from kit import pictures
from kit.barriers import LOOKS, check
from kit.browser import join, open_page
from kit.waiting import pause

LOOK = pytest.mark.parametrize("look", LOOKS)


async def sign_in(page):
    await page.get_by_role("textbox", name="User").fill("admin")
    await page.get_by_label("Password", exact=True).fill("admin")
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
    for path in ("/", "/recordings", "/profile", "/panel", "/no-such-page"):
        await page.goto(f"{box.url}{path}")
        await page.get_by_role("heading").first.wait_for()
        await check(page, path)
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
    assert [line for line in page.console_lines if line.startswith("uncaught")] == []
