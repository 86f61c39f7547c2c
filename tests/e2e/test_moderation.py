"""Moderating a meeting by its buttons: who may, and that everybody's page follows at once (P6, P7, T5)."""

import re

from playwright.async_api import expect

from kit import pictures
from kit.browser import join, open_page


async def people(page):
    await page.get_by_role("button", name="Participants").click()
    panel = page.get_by_role("complementary", name="Participants")
    await panel.wait_for()
    return panel


def person(panel, name):
    return panel.get_by_role("listitem").filter(has_text=name)


async def manage(page, panel, name, what):
    await panel.get_by_role("button", name=f"Manage {name}").click()
    await page.get_by_role("menuitem", name=what).click()


async def test_a_moderator_mutes_promotes_removes_invites_back_and_ends(box, browsers):
    browser = await browsers.start(color=pictures.RED, size="320x180")
    mia = await join(browser, box.link("moderator"), "Mia")
    sam = await join(browser, box.link("speaker"), "Sam")
    hers, his = await people(mia), await people(sam)
    assert await his.get_by_role("button", name=re.compile("Manage|Mute")).count() == 0

    await person(hers, "Sam").get_by_role("img", name="Microphone on").wait_for()
    await manage(mia, hers, "Sam", "Mute")
    await person(hers, "Sam").get_by_role("img", name="Microphone off").wait_for()
    await sam.get_by_role("region", name="Messages").get_by_text("muted").wait_for()
    await sam.get_by_role("button", name="Unmute microphone").first.click()
    await person(hers, "Sam").get_by_role("img", name="Microphone on").wait_for()
    await hers.get_by_role("button", name="Mute everyone").click()
    await person(hers, "Sam").get_by_role("img", name="Microphone off").wait_for()
    await expect(person(hers, "Mia").get_by_role("img", name="Microphone on")).to_be_visible()

    await manage(mia, hers, "Sam", "Make moderator")
    await person(his, "Sam").get_by_text("Moderator", exact=True).wait_for()
    await his.get_by_role("button", name="Mute everyone").wait_for()
    await sam.get_by_role("button", name="Start recording").wait_for()
    await manage(mia, hers, "Sam", "No longer moderator")
    await expect(person(his, "Sam").get_by_text("Moderator", exact=True)).to_have_count(0)
    await expect(his.get_by_role("button", name="Mute everyone")).to_have_count(0)
    await expect(sam.get_by_role("button", name="Start recording")).to_have_count(0)

    await manage(mia, hers, "Sam", "Remove from the meeting")
    await mia.get_by_role("alertdialog").get_by_role("button", name="Remove from the meeting").click()
    await sam.get_by_role("heading", name="You were removed from the meeting").wait_for()
    await sam.get_by_role("button", name="Rejoin").click()
    await sam.get_by_text("You were removed from this meeting").wait_for()
    await hers.get_by_role("button", name="Invite Sam back").click()
    await expect(hers.get_by_role("region", name="Removed from this meeting")).to_have_count(0)
    await sam.get_by_role("button", name="Rejoin").click()
    await sam.get_by_role("button", name="Leave", exact=True).wait_for()
    await person(hers, "Sam").wait_for()

    await mia.get_by_role("button", name="More").click()
    await mia.get_by_role("menuitem", name="End the meeting for everyone").click()
    await mia.get_by_role("alertdialog").get_by_role("button", name="End meeting").click()
    for page in (mia, sam):
        await page.get_by_role("heading", name="The meeting has ended").wait_for()


async def test_nobody_is_offered_to_manage_an_administrator(box, browsers):
    browser = await browsers.start(color=pictures.RED, size="320x180")
    admin = await open_page(browser, f"{box.url}/login")
    await admin.get_by_role("textbox", name="User").fill("admin")
    await admin.get_by_label("Password", exact=True).fill("admin")
    await admin.get_by_role("button", name="Sign in").click()
    await admin.get_by_role("button", name="Sign out").first.wait_for()
    await admin.goto(box.link("speaker"))
    await admin.get_by_role("button", name="Join meeting").click()
    await admin.get_by_role("button", name="Leave", exact=True).wait_for()
    mia = await join(browser, box.link("moderator"), "Mia")
    hers = await people(mia)
    await person(hers, "Administrator").wait_for()
    assert await hers.get_by_role("button", name="Manage Administrator").count() == 0
