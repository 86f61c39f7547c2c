"""A person opens the printed link in a browser: sees and hears the room, and is seen in it (T1, T2, R7)."""

import jwt
import pytest

from kit import pictures
from kit.browser import join, open_page, received, video_corner
from kit.waiting import until

TV_SHARE = 0.05


async def shows(page, color):
    return any(pictures.is_near(pixel, color) for pixel in await video_corner(page))


async def test_a_guest_sees_and_hears_the_room_and_is_on_its_tv(box, browsers):
    browser = await browsers.start(color=pictures.RED, tone=700)
    page = await join(browser, box.link("speaker"), "Ann")
    await until(lambda: shows(page, pictures.WALL), 15, "the room's picture is on the page")
    before = await received(page)

    async def flows():
        now = await received(page)
        return now["frames"] >= before["frames"] + 30 and now["energy"] > before["energy"]

    await until(flows, 15, "the room's frames and sound keep coming")

    async def on_tv():
        return pictures.share_of(await box.tv(), pictures.RED) > TV_SHARE

    await until(on_tv, 15, "Ann's colour is on the TV")
    people = {(person["name"], person["kind"]) for person in await box.participants()}
    assert ("Ann", "standard") in people
    assert "room" in {kind for _, kind in people}
    await page.get_by_role("button", name="Leave", exact=True).click()

    async def empty():
        return "Ann" not in {person["name"] for person in await box.participants()}

    await until(empty, 10, "Ann has left the meeting")


async def test_two_guests_see_each_other_and_both_are_on_the_tv(box, browsers):
    ann = await join(await browsers.start(color=pictures.RED, tone=700, size="320x180"), box.link("speaker"), "Ann")
    bob = await join(await browsers.start(color=pictures.GREEN, tone=1900, size="320x180"), box.link("moderator"), "Bob")
    await until(lambda: shows(ann, pictures.GREEN), 20, "Ann sees Bob")
    await until(lambda: shows(bob, pictures.RED), 20, "Bob sees Ann")
    await until(lambda: shows(bob, pictures.WALL), 20, "Bob sees the room")

    async def both_on_tv():
        tv = await box.tv()
        return pictures.share_of(tv, pictures.RED) > TV_SHARE and pictures.share_of(tv, pictures.GREEN) > TV_SHARE

    await until(both_on_tv, 15, "both colours are on the TV")


async def test_muting_in_the_page_is_known_to_the_box(box, browsers):
    page = await join(await browsers.start(color=pictures.RED, size="320x180"), box.link("speaker"), "Ann")

    async def state(microphone, camera):
        ann = next(person for person in await box.participants() if person["name"] == "Ann")
        return ann["audioActive"] == microphone and ann["videoActive"] == camera

    await until(lambda: state(True, True), 15, "Ann's microphone and camera are on")
    await page.get_by_role("button", name="Mute microphone").click()
    await page.get_by_role("button", name="Turn camera off").click()
    await until(lambda: state(False, False), 10, "Ann's microphone and camera are off")
    await page.get_by_role("button", name="Unmute microphone").click()
    await page.get_by_role("button", name="Turn camera on").click()
    await until(lambda: state(True, True), 10, "Ann's microphone and camera are on again")


LEAVE = """([url, leaves]) => new Promise((resolve) => {
  const socket = new WebSocket(url);
  socket.onmessage = () => {
    socket.onmessage = null;
    if (leaves) socket.send(new Uint8Array([0x42, 0x00]));
    else socket.close(1000);
  };
  socket.onclose = ({ code, wasClean }) => resolve([code, wasClean]);
})"""


@pytest.mark.parametrize("leaves", [True, False], ids=["says leave", "closes"])
async def test_the_box_closes_the_signalling_socket_properly(box, browsers, leaves):
    page = await open_page(await browsers.start(), f"{box.url}/login")
    token = await box.token("speaker", "Ann")
    url = f"{box.livekit_url}/rtc?access_token={token}&protocol=16&auto_subscribe=1"
    assert await page.evaluate(LEAVE, [url, leaves]) == [1000, True]

    async def name_again():
        # As the page does it: the browser shows its last token, and so gets its own seat.
        body = {"secret": box.secret("speaker"), "joinMeeting": True, "participantName": "Ann"}
        headers = {"X-Room-Member-Token": f"Bearer {token}"}
        answer = await box.guest.post(f"/rooms/{box.room_id}/members/token", json=body, headers=headers)
        return jwt.decode(answer.json()["token"], options={"verify_signature": False})["name"]

    assert await name_again() == "Ann", "who has just left is not in their own way"
