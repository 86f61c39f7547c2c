"""Sharing a screen and chatting between two people in browsers (T2, T4)."""

import re

from kit import pictures
from kit.browser import join, open_page
from kit.waiting import until

# What a tile shows of its video, and whether more pictures arrive.
TILE_FRAMES = """
(tile) => {
  const video = tile.querySelector('video');
  return video && video.videoWidth > 0 ? video.getVideoPlaybackQuality().totalVideoFrames : 0;
}
"""


async def two(box, browsers):
    ann = await join(await browsers.start(color=pictures.RED, size="320x180"), box.link("speaker"), "Ann")
    bob = await join(await browsers.start(color=pictures.GREEN, size="320x180"), box.link("moderator"), "Bob")
    await ann.get_by_text("Bob", exact=True).first.wait_for()
    return ann, bob


def screen_of(page, name):
    return page.get_by_role("listitem").filter(has_text=f"Screen of {name}")


async def test_a_shared_screen_is_large_for_the_others_until_it_ends(box, browsers):
    ann, bob = await two(box, browsers)
    await ann.get_by_role("button", name="Share screen").click()
    await ann.get_by_role("button", name="Stop sharing").wait_for()
    tile = screen_of(bob, "Ann")
    await until(lambda: tile.evaluate(TILE_FRAMES), 15, "Bob sees Ann's screen")
    before = await tile.evaluate(TILE_FRAMES)
    await until(lambda: moved(tile, before), 10, "it keeps moving")
    screen, person = await tile.bounding_box(), await bob.get_by_role("listitem").filter(has_text="(you)").bounding_box()
    assert screen["width"] * screen["height"] > 4 * person["width"] * person["height"], (screen, person)
    shared = {one["name"]: one["screenShareActive"] for one in await box.participants()}
    assert shared["Ann"] and not shared["Bob"]
    await ann.get_by_role("button", name="Stop sharing").click()
    await tile.wait_for(state="detached")
    await ann.get_by_role("button", name="Share screen").wait_for()


async def moved(tile, before):
    return await tile.evaluate(TILE_FRAMES) > before


async def test_two_people_chat_and_unread_messages_are_counted(box, browsers):
    ann, bob = await two(box, browsers)
    await say(ann, "Hello Bob, see https://example.org/agenda.")
    await bob.get_by_role("button", name="Chat, 1 new message").wait_for()
    await say(ann, "<b>Second</b>")
    await bob.get_by_role("button", name="Chat, 2 new messages").click()
    log = bob.get_by_role("log", name="Messages")
    await log.get_by_text("<b>Second</b>", exact=True).wait_for()
    assert await log.get_by_role("link").get_attribute("href") == "https://example.org/agenda"
    # Read: the counter is gone, and stays away while the panel is open.
    await bob.get_by_role("button", name="Chat", exact=True).wait_for()
    await say(bob, "Hello Ann")
    await ann.get_by_role("log", name="Messages").get_by_text("Hello Ann", exact=True).wait_for()
    assert await ann.get_by_role("button", name=re.compile("new message")).count() == 0


async def say(page, text):
    field = page.get_by_role("textbox", name="Message to everyone")
    if await field.count() == 0:
        await page.get_by_role("button", name=re.compile("^Chat")).click()
    await field.fill(text)
    await field.press("Enter")
    await page.get_by_role("log", name="Messages").get_by_text(text, exact=True).wait_for()


# Devices whose owner has not answered the browser's question yet.
SLOW_DEVICES = """
const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
let answer;
const answered = new Promise((resolve) => { answer = resolve; });
window.allow = answer;
navigator.mediaDevices.getUserMedia = async (wish) => {
  await answered;
  return original(wish);
};
"""


async def test_devices_that_are_not_allowed_yet_keep_nobody_out(box, browsers):
    ann = await join(await browsers.start(color=pictures.RED, size="320x180"), box.link("speaker"), "Ann")
    bob = await open_page(await browsers.start(color=pictures.GREEN, size="320x180"), "about:blank")
    await bob.add_init_script(SLOW_DEVICES)
    await bob.goto(box.link("speaker"))
    await bob.get_by_role("textbox", name="Your name").fill("Bob")
    await bob.get_by_role("button", name="Join meeting").click()
    await bob.get_by_role("button", name="Leave", exact=True).wait_for()
    await say(ann, "Hello Bob")
    await bob.get_by_role("button", name="Chat, 1 new message").wait_for()
    await bob.evaluate("window.allow()")

    async def seen_and_heard():
        (one,) = [person for person in await box.participants() if person["name"] == "Bob"]
        return one["audioActive"] and one["videoActive"]

    await until(seen_and_heard, 15, "Bob's camera and microphone are on")
