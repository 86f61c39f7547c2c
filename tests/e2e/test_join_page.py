"""The join page stands still and is ready to type into (T1)."""

import pytest

from kit.browser import open_page
from kit.waiting import pause

# Every shift that no press has caused, and devices that a person takes a second to allow.
WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value);
}).observe({ type: 'layout-shift', buffered: true });
const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  await new Promise((resolve) => setTimeout(resolve, wish.video ? 600 : 1000));
  return original(wish);
};
"""


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("width", [320, 860, 1280])
async def test_nothing_moves_when_devices_and_a_recording_appear(box, browsers, width, allowed):
    # Without the stand-in for the person who answers the browser's question, it is refused.
    browser = await browsers.start(without=() if allowed else ("--use-fake-ui-for-media-stream",))
    options = {} if allowed else {"permissions": []}
    page = await open_page(browser, "about:blank", viewport={"width": width, "height": 800}, **options)
    await page.add_init_script(WATCH)
    await page.goto(box.link("speaker"))
    await page.get_by_role("button", name="Join meeting").wait_for()
    await box.start_recording_alone()
    await page.get_by_role("status").filter(has_text="Recording").wait_for()
    await pause(1)
    # A word in a pill may get wider; a form that moves costs a hundred times as much.
    assert sum(await page.evaluate("shifts")) < 0.001


async def test_a_person_types_the_name_and_presses_enter(box, browsers):
    page = await open_page(await browsers.start(), box.link("speaker"))
    await page.get_by_role("button", name="Join meeting").wait_for()
    await page.keyboard.type("Ann")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Leave", exact=True).wait_for()
    assert "Ann" in {person["name"] for person in await box.participants()}


async def test_on_a_phone_no_keyboard_covers_the_page(box, browsers):
    page = await open_page(await browsers.start(), box.link("speaker"), has_touch=True, is_mobile=True)
    await page.get_by_role("button", name="Join meeting").wait_for()
    assert await page.evaluate("document.activeElement === document.body")
