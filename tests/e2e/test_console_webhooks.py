"""Webhooks in the console: made, tested, followed in their log, switched off and deleted (I3)."""

import re

import pytest
from playwright.async_api import expect

from kit.barriers import LOOKS, check
from kit.console import copied, dialog, flip, message, sign_in
from kit.receiver import Receiver
from kit.waiting import until


@pytest.fixture
async def receiver():
    receiver = await Receiver().start()
    yield receiver
    await receiver.stop()


async def make(page, url):
    """By the dialog, for all events of all rooms; returns the secret."""
    await page.get_by_role("button", name="New webhook").click()
    form = await dialog(page, "New webhook")
    await form.get_by_label("Address").fill(url)
    await form.get_by_role("button", name="Create").click()
    made = await dialog(page, "Copy the secret now")
    secret = await copied(page, made, "Copy")
    await made.get_by_role("button", name="Done").click()
    return secret


async def open_webhooks(browser, box, **context):
    page = await sign_in(browser, box, **context)
    await page.goto(f"{box.url}/keys")
    await page.get_by_role("link", name="Webhooks", exact=True).click()
    await page.get_by_text("No webhooks yet").wait_for()
    return page


async def test_a_webhook_is_made_tested_followed_and_deleted(box, browsers, receiver):
    page = await open_webhooks(await browsers.start(), box)
    receiver.secret = await make(page, receiver.url)
    await page.get_by_role("button", name=f"Send a test event to {receiver.url}").click()
    await message(page, "took the test event")
    assert [body["event"] for body in receiver.bodies()] == ["testEvent"]

    # It knows the receiver is away, says so, and delivers when it is back.
    await receiver.stop()
    await page.get_by_role("link", name=receiver.url, exact=True).click()
    await page.get_by_role("button", name="Send a test event").click()
    await page.get_by_role("alert").filter(has_text="did not take the test event").wait_for()
    await box.stop_recording(await box.start_recording_alone())
    first = page.get_by_role("row").filter(has_text="Recording started")
    await first.get_by_text("Waiting").wait_for()
    await first.get_by_text(re.compile("Next try at")).wait_for()
    receiver.requests.clear()
    await receiver.start()
    await first.get_by_text("Taken").wait_for(timeout=30_000)
    await until(lambda: "recordingStarted" in [body["event"] for body in receiver.events()], 5, "it came, signed")

    await page.get_by_role("link", name="All webhooks").click()
    await flip(page, f"Send events to {receiver.url}")
    await expect(page.get_by_role("switch", name=f"Send events to {receiver.url}")).not_to_be_checked()
    assert not (await box.get("/webhooks"))["webhooks"][0]["enabled"]
    await page.get_by_role("button", name=f"New secret for {receiver.url}").click()
    await (await dialog(page, "Make a new secret?")).get_by_role("button", name="Make a new secret").click()
    renewed = await dialog(page, "Copy the new secret now")
    assert await copied(page, renewed, "Copy") != receiver.secret
    await renewed.get_by_role("button", name="Done").click()
    await page.get_by_role("button", name=f"Delete {receiver.url}").click()
    await (await dialog(page, "Delete this webhook?")).get_by_role("button", name="Delete").click()
    await page.get_by_text("No webhooks yet").wait_for()
    assert (await box.get("/webhooks"))["webhooks"] == []


async def test_a_webhook_is_changed_to_some_events_of_one_room(box, browsers, receiver):
    assert (await box.rest.post("/rooms", json={"roomName": "Atrium"})).status_code == 201
    page = await open_webhooks(await browsers.start(), box)
    await make(page, receiver.url)
    await page.get_by_role("button", name=f"Change {receiver.url}").click()
    form = await dialog(page, "Change webhook")
    await form.get_by_text("Only these").click()
    for kind in ("Somebody came", "Somebody left", "Recording started", "Recording changed", "Recording ended"):
        await form.get_by_role("checkbox", name=kind).press("Space")
    await form.get_by_text("One room only").click()
    await form.get_by_label("Find a room by name").fill("atr")
    # Enter is for the search: nothing is saved yet, and for all rooms least of all.
    await form.get_by_label("Find a room by name").press("Enter")
    await form.get_by_role("button", name="Save").click()
    await form.get_by_text("Please choose the room.").wait_for()
    assert not (await box.get("/webhooks"))["webhooks"][0].get("events")
    await form.get_by_role("button", name="Choose Atrium").click()
    await form.get_by_role("button", name="Save").click()
    await message(page, "Saved.")
    (webhook,) = (await box.get("/webhooks"))["webhooks"]
    assert webhook["events"] == ["meetingStarted", "meetingEnded"]
    assert webhook["roomId"].startswith("atrium-")


@pytest.mark.parametrize("look", LOOKS)
async def test_the_webhooks_have_no_barriers(box, browsers, receiver, look):
    page = await open_webhooks(await browsers.start(), box, **LOOKS[look], bypass_csp=True)
    await check(page, "no webhooks")
    await page.get_by_role("button", name="New webhook").click()
    form = await dialog(page, "New webhook")
    await form.get_by_text("Only these").click()
    await form.get_by_text("One room only").click()
    await check(page, "new webhook")
    await page.keyboard.press("Escape")
    await make(page, receiver.url)
    await check(page, "webhooks")
    await page.get_by_role("button", name=f"New secret for {receiver.url}").click()
    await (await dialog(page, "Make a new secret?")).get_by_role("button", name="Make a new secret").click()
    await dialog(page, "Copy the new secret now")
    await check(page, "new secret")
    await page.get_by_role("button", name="Done").click()
    await page.get_by_role("link", name=receiver.url, exact=True).click()
    await page.get_by_text("Nothing was sent yet").wait_for()
    await check(page, "log of a webhook")
    assert [line for line in page.console_lines if line.startswith("uncaught")] == []
