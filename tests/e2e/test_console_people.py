"""Users, groups, rooms and members in the console, against a real box (U2–U7, R1–R5, M1–M4)."""

import re

import pytest
from playwright.async_api import expect

from kit import pictures
from kit.barriers import LOOKS, check
from kit.browser import join, open_page
from kit.console import choose, choose_password, copied, dialog, enter, flip, loaded, message, saved, sign_in
from kit.waiting import until

FIRST, OWN = "first-word-1", "my-own-word-2"


async def make_user(box, user_id, name, role):
    """A user who has chosen a password already."""
    body = {"userId": user_id, "name": name, "role": role, "password": FIRST}
    assert (await box.rest.post("/users", json=body)).status_code == 201
    login = await box.guest.post("/auth/login", json={"userId": user_id, "password": FIRST})
    headers = {"Authorization": f"Bearer {login.json()['accessToken']}"}
    change = {"currentPassword": FIRST, "newPassword": OWN}
    assert (await box.guest.post("/users/change-password", json=change, headers=headers)).status_code == 200


async def make_room(box, name):
    answer = await box.rest.post("/rooms", json={"roomName": name})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def room_named(box, name):
    """The only room of that name, with everything."""
    rooms = (await box.get("/rooms", params={"roomName": name, "extraFields": "config,roles"}))["rooms"]
    assert len(rooms) == 1, rooms
    return rooms[0]


def row(page, name):
    return page.get_by_role("row").filter(has=page.get_by_text(name, exact=True))


async def test_the_whole_life_of_a_user(box, browsers):
    browser = await browsers.start()
    admin = await sign_in(browser, box)
    await admin.get_by_role("link", name="Users").click()
    await admin.get_by_role("button", name="New user").click()
    form = await dialog(admin, "New user")
    await form.get_by_label("Name", exact=True).fill("Ann Summers")
    await form.get_by_label("User name for signing in").fill("ann_s")
    await form.get_by_role("button", name="Create").click()
    made = await dialog(admin, "User created")
    first = await copied(admin, made, "Copy password")
    await made.get_by_role("button", name="Done").click()
    await row(admin, "Ann Summers").get_by_text("Password to be changed").wait_for()

    ann = await sign_in(browser, box, "ann_s", first)
    await choose_password(ann, first, OWN)
    await ann.get_by_role("button", name="New room").click()
    await (await dialog(ann, "New room")).get_by_label("Name").fill("Nest")
    await ann.get_by_role("button", name="Create", exact=True).click()
    await ann.get_by_role("link", name="Nest", exact=True).wait_for()
    assert (await room_named(box, "Nest"))["owner"] == "ann_s"

    await row(admin, "Ann Summers").get_by_role("button", name="Rename").click()
    rename = await dialog(admin, "Rename Ann Summers")
    await rename.get_by_label("Name", exact=True).fill("Ann Sommer")
    await rename.get_by_role("button", name="Rename").click()
    await message(admin, "Ann Sommer is the new name.")

    await row(admin, "Ann Sommer").get_by_role("button", name="Reset password").click()
    reset = await dialog(admin, "Reset password of Ann Sommer")
    await reset.get_by_role("button", name="Reset password").click()
    second = await copied(admin, await dialog(admin, "Password reset"), "Copy password")
    await admin.get_by_role("button", name="Done").click()
    await ann.get_by_role("link", name="Recordings").first.click()
    await ann.get_by_role("heading", name="Sign in").wait_for()
    await enter(ann, "ann_s", second)
    await choose_password(ann, second, "a-third-word-3")
    await ann.get_by_role("heading", name="Recordings", exact=True).wait_for()
    await ann.get_by_role("link", name="Rooms").first.click()
    await ann.get_by_role("heading", name="Rooms", exact=True).wait_for()

    await row(admin, "Ann Sommer").get_by_role("button", name="Change role").click()
    role = await dialog(admin, "Change role of Ann Sommer")
    await choose(admin, "Role", "Room member")
    await role.get_by_text("pass to the root administrator").wait_for()
    await role.get_by_role("button", name="Change role").click()
    await message(admin, "Ann Sommer is now Room member.")
    assert (await room_named(box, "Nest"))["owner"] == "admin"
    await ann.reload()
    # Rights of before are worth nothing: either the page has fewer buttons, or it asks to sign in again.
    signed_out = ann.get_by_role("heading", name="Sign in")
    await ann.get_by_text("You are not a member of any room yet").or_(signed_out).wait_for()
    if await signed_out.count():
        await enter(ann, "ann_s", "a-third-word-3")
        await ann.get_by_text("You are not a member of any room yet").wait_for()
    assert await ann.get_by_role("button", name="New room").count() == 0

    await row(admin, "Ann Sommer").get_by_role("button", name="Delete").click()
    asked = await dialog(admin, "Delete Ann Sommer?")
    await asked.get_by_text("Their rooms and recordings stay").wait_for()
    await asked.get_by_role("button", name="Delete").click()
    await message(admin, "1 deleted.")
    await expect(row(admin, "Ann Sommer")).to_have_count(0)
    await ann.reload()
    await ann.get_by_role("heading", name="Sign in").wait_for()


async def test_deleting_the_owner_of_a_room_passes_it_on(box, browsers):
    await make_user(box, "ann_s", "Ann", "user")
    browser = await browsers.start()
    ann = await sign_in(browser, box, "ann_s", OWN)
    await ann.get_by_role("button", name="New room").click()
    await (await dialog(ann, "New room")).get_by_label("Name").fill("Nest")
    await ann.get_by_role("button", name="Create", exact=True).click()
    await ann.get_by_role("link", name="Nest", exact=True).wait_for()
    admin = await sign_in(browser, box)
    await admin.get_by_role("link", name="Users").click()
    await row(admin, "Ann").get_by_role("checkbox").check(force=True)
    await admin.get_by_role("button", name="Delete selected").click()
    await (await dialog(admin, "Delete Ann?")).get_by_role("button", name="Delete").click()
    await message(admin, "1 deleted.")
    await admin.get_by_role("link", name="Rooms").click()
    await row(admin, "Nest").get_by_text("admin").wait_for()


async def test_the_whole_life_of_a_room(box, browsers):
    browser = await browsers.start(color=pictures.RED, size="320x180")
    admin = await sign_in(browser, box)
    await admin.get_by_role("link", name="Rooms").click()
    await admin.get_by_role("button", name="New room").click()
    await (await dialog(admin, "New room")).get_by_label("Name").fill("Atrium")
    await admin.get_by_role("button", name="Create", exact=True).click()
    await admin.get_by_role("link", name="Atrium", exact=True).click()

    general = admin.get_by_role("region", name="Room", exact=True)
    await general.get_by_label("Name").fill("Forum")
    await general.get_by_role("button", name="Save").click()
    await admin.get_by_role("heading", name="Forum").wait_for()
    settings = admin.get_by_role("region", name="In the meeting")
    await flip(settings, "Chat")
    await settings.get_by_label("People at most").fill("7")
    await settings.get_by_role("button", name="Save").click()
    await saved(settings)
    config = (await room_named(box, "Forum"))["config"]
    assert (config["chat"]["enabled"], config["maxParticipants"]) == (False, 7)

    await admin.get_by_role("link", name="Links").click()
    speakers = admin.get_by_role("region", name="Link for speakers")
    old = await copied(admin, speakers, "Copy")
    await speakers.get_by_role("button", name="Replace link").click()
    await (await dialog(admin, "Replace this link?")).get_by_role("button", name="Replace link").click()
    await message(admin, "There is a new link.")
    await expect(speakers.get_by_text(old, exact=True)).to_have_count(0)
    new = await copied(admin, speakers, re.compile("Cop(y|ied)"))
    assert new != old
    lost = await open_page(browser, old)
    await lost.get_by_role("heading", name="This link does not work any more").wait_for()

    await admin.get_by_role("link", name="Members").click()
    await admin.get_by_role("button", name="Add member").click()
    form = await dialog(admin, "Add member")
    await form.get_by_text("From outside").click()
    await form.get_by_label("Name").fill("Gast")
    await flip(form, "Other permissions than the role has")
    await flip(form, "Start and stop recordings")
    await form.get_by_role("button", name="Add member").click()
    link = await copied(admin, await dialog(admin, "Link of Gast"), "Copy")
    await admin.keyboard.press("Escape")
    guest = await open_page(browser, link)
    await expect(guest.get_by_label("Your name")).to_have_value("Gast")
    await guest.get_by_role("button", name="Join meeting").click()
    await guest.get_by_role("button", name="Leave", exact=True).wait_for()
    await guest.get_by_role("button", name="Start recording").wait_for()

    await admin.get_by_role("button", name="Permissions of Gast").click()
    form = await dialog(admin, "Permissions of Gast")
    await flip(form, "Start and stop recordings")
    await form.get_by_role("button", name="Save").click()
    await expect(guest.get_by_role("button", name="Start recording")).to_have_count(0)

    await admin.get_by_role("link", name="Settings").click()
    await admin.get_by_text("A meeting is running: this can be changed when it is over.").wait_for()
    await admin.get_by_role("button", name="Delete", exact=True).click()
    asked = await dialog(admin, "Delete the room “Forum”?")
    await asked.get_by_role("button", name="Delete").click()
    await asked.get_by_text("End the meeting now").click()
    await asked.get_by_role("button", name="Do it so").click()
    await message(admin, "1 room is deleted.")
    await admin.get_by_role("heading", name="Rooms", exact=True).wait_for()
    await guest.get_by_role("heading", name="The meeting has ended").wait_for()
    assert (await box.get("/rooms", params={"roomName": "Forum"}))["rooms"] == []


async def test_another_room_becomes_the_one_of_the_box(box, browsers):
    room = await make_room(box, "Atrium")
    admin = await sign_in(await browsers.start(), box)
    await admin.goto(f"{box.url}/rooms/{room['roomId']}")
    await admin.get_by_role("button", name="Make it the box’s room").click()
    asked = await dialog(admin, "Make this the box’s own room?")
    await asked.get_by_role("button", name="Make it the box’s room").click()
    await message(admin, "“Atrium” is this box’s own room now.")
    await admin.get_by_text("This box’s own room", exact=True).wait_for()
    await expect(admin.get_by_role("button", name="Delete", exact=True)).to_have_count(0)
    await admin.get_by_role("link", name="Overview").click()
    await admin.get_by_role("heading", name="Atrium").wait_for()


async def test_two_administrators_at_one_member_lose_nothing(box, browsers):
    room = await make_room(box, "Atrium")
    members = f"/rooms/{room['roomId']}/members"
    guest = (await box.rest.post(members, json={"name": "Gast", "baseRole": "speaker"})).json()
    page = await sign_in(await browsers.start(), box)
    await page.goto(f"{box.url}/rooms/{room['roomId']}/members")
    await page.get_by_role("button", name="Permissions of Gast").click()
    form = await dialog(page, "Permissions of Gast")
    await flip(form, "Start and stop recordings")
    # Somebody else is faster.
    other = {"customPermissions": {"canShareScreen": False}}
    assert (await box.rest.patch(f"{members}/{guest['memberId']}", json=other)).status_code == 200
    await form.get_by_role("button", name="Save").click()
    await form.get_by_role("alert").filter(has_text="Somebody else has changed this").wait_for()
    await expect(form.get_by_role("switch", name="Share the screen")).not_to_be_checked()
    await form.get_by_role("button", name="Save").click()
    await message(page, "Saved.")
    kept = await box.get(f"{members}/{guest['memberId']}")
    assert kept["customPermissions"] == {"canRecord": True, "canShareScreen": False}


async def test_a_room_is_set_up_before_it_is_made(box, browsers):
    admin = await sign_in(await browsers.start(), box)
    await admin.get_by_role("link", name="Rooms").click()
    await admin.get_by_role("button", name="New room").click()
    form = await dialog(admin, "New room")
    await form.get_by_label("Name").fill("Quiet room")
    await form.get_by_role("button", name="Set up first…").click()
    await flip(form, "Link for speakers")
    await flip(form, "For users of this box")
    await form.get_by_role("button", name="Next").click()
    await flip(form, "Recording")
    await flip(form, "With the microphone on")
    await form.get_by_label("Minutes at most").fill("30")
    await form.get_by_role("button", name="Next").click()
    await form.get_by_text("Link for moderators, Link to the recordings, For users of this box").wait_for()
    await form.get_by_role("button", name="Create").click()
    await message(admin, "“Quiet room” is ready.")
    made = await room_named(box, "Quiet room")
    assert [made["access"]["anonymous"][way]["enabled"] for way in ("speaker", "moderator", "recording")] == [False, True, True]
    assert made["access"]["user"]["enabled"]
    config = made["config"]
    assert (config["recording"]["enabled"], config["initialAudioActive"], config["maxDurationMinutes"]) == (False, False, 30)


async def test_a_room_with_recordings_is_closed_instead(box, browsers):
    room = await make_room(box, "Archive")
    browser = await browsers.start(color=pictures.RED, size="320x180")
    link = room["access"]["anonymous"]["moderator"]["url"]
    guest = await join(browser, link, "Mia")
    await guest.get_by_role("button", name="Start recording").click()
    await guest.get_by_role("button", name="Stop recording").click(timeout=20_000)
    await until(lambda: finished(box, room["roomId"]), 20, "the recording is saved")
    await guest.get_by_role("button", name="Leave", exact=True).click()
    admin = await sign_in(browser, box)
    await admin.get_by_role("link", name="Rooms").click()
    await expect(row(admin, "Archive").get_by_text("Open", exact=True)).to_be_visible(timeout=30_000)
    await admin.get_by_role("button", name="Delete Archive").click()
    asked = await dialog(admin, "Delete the room “Archive”?")
    await asked.get_by_role("button", name="Delete").click()
    await asked.get_by_text("There are recordings.").wait_for()
    await asked.get_by_role("button", name="Do it so").click()
    await message(admin, "1 room is closed; its recordings stay.")
    await row(admin, "Archive").get_by_text("Closed").wait_for()
    await admin.get_by_role("link", name="Recordings of Archive").click()
    await admin.get_by_role("heading", name="Recordings of Archive").wait_for()
    await admin.get_by_role("link", name=re.compile("^Play recording")).wait_for()


async def finished(box, room_id):
    recordings = (await box.get("/recordings", params={"roomId": room_id}))["recordings"]
    return recordings and recordings[0]["status"] == "complete"


async def test_a_group_makes_its_members_operators_in_a_running_meeting(box, browsers):
    await make_user(box, "olga_o", "Olga", "user")
    room = await make_room(box, "Atrium")
    browser = await browsers.start(color=pictures.RED, size="320x180")
    olga = await sign_in(browser, box, "olga_o", OWN)
    # She has the speakers' link, and no right beyond it.
    await olga.goto(room["access"]["anonymous"]["speaker"]["url"])
    await olga.get_by_role("button", name="Join meeting").click()
    await olga.get_by_role("button", name="Leave", exact=True).wait_for()
    more = olga.get_by_role("button", name="Start recording")
    assert await more.count() == 0

    admin = await sign_in(browser, box)
    await admin.get_by_role("link", name="Users").click()
    await admin.get_by_role("link", name="Groups").click()
    await admin.get_by_role("button", name="New group").click()
    form = await dialog(admin, "New group")
    await form.get_by_label("Name", exact=True).fill("Support")
    await form.get_by_label("Find a user by name").fill("olg")
    await form.get_by_role("button", name="Choose Olga").click()
    await form.get_by_role("button", name="Create").click()
    operators = admin.get_by_role("switch", name="Members of Support are operators")
    await operators.press("Space")
    await expect(operators).to_be_checked()
    await more.wait_for()
    await expect(operators).not_to_have_attribute("aria-readonly", "true")
    await operators.press("Space")
    await expect(more).to_have_count(0)
    await admin.get_by_role("button", name="Delete group Support").click()
    await (await dialog(admin, "Delete the group Support?")).get_by_role("button", name="Delete").click()
    await admin.get_by_text("No groups yet").wait_for()


async def test_a_security_admin_sees_everything_and_is_offered_nothing(box, browsers):
    await make_user(box, "audit_or", "Auditor", "security_admin")
    room = await make_room(box, "Atrium")
    member = {"name": "Gast", "baseRole": "speaker"}
    assert (await box.rest.post(f"/rooms/{room['roomId']}/members", json=member)).status_code == 201
    assert (await box.rest.post("/groups", json={"name": "Support", "members": []})).status_code == 201
    recording_id = await box.start_recording_alone()
    await box.stop_recording(recording_id)
    await box.finished(recording_id)
    page = await sign_in(await browsers.start(), box, "audit_or", OWN)
    await page.get_by_role("region", name="Storage").wait_for()
    at = f"/rooms/{room['roomId']}"
    pages = {
        "/": "Storage",
        "/users": "Auditor",
        "/users/groups": "Support",
        "/rooms": "Atrium",
        at: "People at most",
        f"{at}/access": "Link for speakers",
        f"{at}/roles": "Permissions of the two roles",
        f"{at}/members": "Gast",
        "/recordings": "Complete",
        "/audit": "Room created",
    }
    for path, words in pages.items():
        await page.goto(box.url + path)
        await page.get_by_role("main").get_by_text(words).first.wait_for()
        await expect_nothing_to_change(page, path)
    assert await page.get_by_role("link", name="API", exact=False).count() == 0
    assert [line for line in page.console_lines if line.startswith(("uncaught", "error"))] == []


async def expect_nothing_to_change(page, path):
    main = page.get_by_role("main")
    acts = re.compile(r"^(New \w|Create|Delete|Remove|Revoke|Reset|Change|Save|Add|Close|End|Start|Stop|Replace|Mute|Hang|Join)")
    for role in ("button", "link"):
        names = await main.get_by_role(role, name=acts).all_inner_texts()
        assert names == [], f"{path} offers {names}"
    assert await main.get_by_role("checkbox").count() == 0, path
    for role in ("switch", "textbox"):
        for one in await main.get_by_role(role).all():
            assert await one.is_disabled(), f"{path} offers {role} {await one.get_attribute('aria-label')}"


async def test_two_administrators_at_one_room_lose_nothing(box, browsers):
    await make_user(box, "second_a", "Second", "admin")
    room = await make_room(box, "Atrium")
    browser = await browsers.start()
    one = await sign_in(browser, box)
    two = await sign_in(browser, box, "second_a", OWN)
    for page in (one, two):
        await page.goto(f"{box.url}/rooms/{room['roomId']}")
        await page.get_by_role("region", name="In the meeting").wait_for()
    theirs = two.get_by_role("region", name="In the meeting")
    await theirs.get_by_label("Minutes at most").fill("45")
    ours = one.get_by_role("region", name="In the meeting")
    await ours.get_by_label("People at most").fill("9")
    await ours.get_by_role("button", name="Save").click()
    await message(one, "Saved.")

    await theirs.get_by_role("button", name="Save").click()
    await theirs.get_by_role("alert").filter(has_text="Somebody else has changed this room").wait_for()
    await expect(theirs.get_by_label("People at most")).to_have_value("9")
    await expect(theirs.get_by_label("Minutes at most")).to_have_value("45")
    await theirs.get_by_role("button", name="Save").click()
    await message(two, "Saved.")
    config = (await room_named(box, "Atrium"))["config"]
    assert (config["maxParticipants"], config["maxDurationMinutes"]) == (9, 45)


PAGES = ("/users", "/users/groups", "/rooms", "/keys", "/audit", "/profile", "/recordings")
TABS = ("", "/access", "/roles", "/members")
DIALOGS = {
    "/users": ("New user", "Rename Ann", "Change role of Ann", "Reset password of Ann", "Delete Ann"),
    "/users/groups": ("New group", "Edit Support", "Delete group Support"),
    "/rooms": ("New room", "Delete Atrium"),
    "/keys": ("New key", "Revoke Demo"),
    "/members": ("Add member", "Permissions of Gast", "Show link of Gast", "Remove Gast from the room"),
}


@pytest.mark.parametrize("look", LOOKS)
async def test_the_pages_about_people_have_no_barriers(box, browsers, look):
    await make_user(box, "ann_s", "Ann", "user")
    room = await make_room(box, "Atrium")
    member = {"name": "Gast", "baseRole": "speaker", "customPermissions": {"canRecord": True}}
    assert (await box.rest.post(f"/rooms/{room['roomId']}/members", json=member)).status_code == 201
    group = {"name": "Support", "operator": True, "members": ["ann_s"]}
    assert (await box.rest.post("/groups", json=group)).status_code == 201
    page = await sign_in(await browsers.start(), box, **LOOKS[look], bypass_csp=True)
    dialogs = {**DIALOGS, room["roomId"]: ("Make it the box’s room",)}
    paths = [*PAGES, *(f"/rooms/{room['roomId']}{tab}" for tab in TABS)]
    for path in paths:
        await page.goto(box.url + path)
        await loaded(page)
        await check(page, path)
        for opener in next((names for end, names in dialogs.items() if path.endswith(end)), ()):
            await page.get_by_role("button", name=opener).first.click()
            shown = page.get_by_role("dialog").or_(page.get_by_role("alertdialog"))
            await shown.wait_for()
            await check(page, f"{path}: {opener}")
            await page.keyboard.press("Escape")
            await shown.wait_for(state="detached")
    assert [line for line in page.console_lines if line.startswith("uncaught")] == []


@pytest.mark.parametrize("look", LOOKS)
async def test_the_steps_to_a_room_have_no_barriers(box, browsers, look):
    page = await sign_in(await browsers.start(), box, **LOOKS[look], bypass_csp=True)
    await page.goto(f"{box.url}/rooms")
    await page.get_by_role("button", name="New room").click()
    form = await dialog(page, "New room")
    await form.get_by_label("Name").fill("Atrium")
    await form.get_by_role("button", name="Set up first…").click()
    for step in ("Who may join", "What is possible", "As it will be"):
        await form.get_by_role("heading", name=step).wait_for()
        await check(page, f"new room: {step}")
        if step != "As it will be":
            await form.get_by_role("button", name="Next").click()
    assert [line for line in page.console_lines if line.startswith("uncaught")] == []
