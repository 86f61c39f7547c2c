"""Firefox, which chooses its own track ids and codec and never speaks to 127.0.0.1 (I2, T16)."""

import pytest

from kit import pictures
from kit.firefox import FIREFOX, Firefox
from kit.network import HOME_ADDRESS
from kit.waiting import until


@pytest.fixture
async def firefox(tmp_path):
    running = Firefox(tmp_path)
    try:
        yield await running.start()
    finally:
        await running.stop()


@pytest.mark.skipif(FIREFOX is None, reason="Firefox is not installed")
async def test_firefox_on_the_lan_sees_the_room_and_is_seen(box, street, firefox, connect):
    bob = await connect(box, "Bob", color=pictures.GREEN, tone=1900)
    await firefox.open(box.link("speaker").replace(box.url, f"https://{HOME_ADDRESS}:{box.https_port}"))
    await firefox.click("textbox", "Your name")
    await firefox.type("Fay")
    await firefox.click("button", "Join meeting")

    async def shows(color):
        return any(pictures.is_near(pixel, color) for pixel in await firefox.corners())

    await until(lambda: shows(pictures.WALL), 20, "Firefox shows the room")
    await until(lambda: shows(pictures.GREEN), 20, "Firefox shows Bob")
    await until(lambda: bob.frames[bob.identity_of("Fay")] > 30, 20, "Bob sees Firefox's camera move")
    await until(lambda: abs(bob.sound_of(bob.identity_of("Fay"))).max(initial=0) > 200, 20, "Bob hears Firefox")
    before = await firefox.received()

    async def flows():
        now = await firefox.received()
        return now["frames"] > before["frames"] + 20 and now["packets"] > before["packets"]

    await until(flows, 10, "frames keep coming")
    await firefox.click("button", "Leave")
    await until(lambda: bob.identity_of("Fay") is None, 5, "Fay is gone for Bob")
