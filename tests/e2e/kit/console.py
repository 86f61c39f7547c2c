"""The console as people use it: signing in, choosing from lists, reading what it says."""

import re

from playwright.async_api import expect

from .browser import open_page
from .waiting import until

CLIPBOARD = ["camera", "microphone", "clipboard-read", "clipboard-write"]


async def sign_in(browser, box, user="admin", password="admin", **context):
    """A fresh profile of `browser` with that user signed in, on whatever page comes first."""
    page = await open_page(browser, f"{box.url}/login", permissions=CLIPBOARD, **context)
    await enter(page, user, password)
    return page


async def enter(page, user, password):
    """Fill in the sign-in page; then the console is there, or the demand for an own password."""
    await page.get_by_role("textbox", name="User").fill(user)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()
    console = page.get_by_role("navigation", name="Main")
    await console.or_(page.get_by_role("heading", name="Choose a new password")).wait_for()


async def choose_password(page, old, new):
    """Go through the page that demands an own password; whatever page one was going to comes next."""
    demand = page.get_by_role("heading", name="Choose a new password")
    await demand.wait_for()
    await page.get_by_label("Current password").fill(old)
    await page.get_by_label("New password", exact=True).fill(new)
    await page.get_by_label("Repeat new password").fill(new)
    await page.get_by_role("button", name="Change password").click()
    await demand.wait_for(state="detached")


async def choose(page, label, option):
    """Pick from the list with this label."""
    await page.get_by_role("button", name=re.compile(f"{label}$")).click()
    await page.get_by_role("option", name=option, exact=True).click()


async def flip(place, name):
    """Press a switch, as the keyboard does: what is to be clicked lies over it."""
    await place.get_by_role("switch", name=name, exact=True).press("Space")


async def dialog(page, title):
    """The open dialog with this title, of either kind."""
    found = page.get_by_role("dialog", name=title).or_(page.get_by_role("alertdialog", name=title))
    await found.wait_for()
    return found


async def message(page, text):
    """A short message over the page."""
    await page.get_by_role("region", name="Messages").get_by_text(text).wait_for()


async def copied(page, place, label):
    """What a copy button copies; nothing that was copied before."""
    await page.evaluate("navigator.clipboard.writeText('')")
    await place.get_by_role("button", name=label).click()
    await place.get_by_text("Copied").wait_for()
    return await until(lambda: page.evaluate("navigator.clipboard.readText()"), 5, "something is copied")


async def loaded(page):
    """Its heading is there and nothing on it is waited for."""
    await page.get_by_role("heading").first.wait_for()
    await expect(page.get_by_text("Loading…")).to_have_count(0)


async def saved(place):
    """What was changed in this form is saved: only then there is nothing to discard in it."""
    await expect(place.get_by_role("button", name="Discard changes")).to_have_count(0)
