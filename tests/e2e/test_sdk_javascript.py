"""Unmodified livekit-client in Chromium over both ways to connect (I2)."""

import pytest

from kit import pictures
from kit.browser import received, video_corner
from kit.waiting import until


async def shows(page, color):
    return any(pictures.is_near(pixel, color) for pixel in await video_corner(page))


@pytest.mark.parametrize("single", [True, False], ids=["v1", "v0"])
async def test_a_browser_with_the_sdk_and_a_python_client_see_each_other(box, sdk, connect, single):
    ann = await sdk(box, "Ann", pictures.RED, single)
    bob = await connect(box, "Bob", single=single, color=pictures.GREEN, tone=1900)
    await until(lambda: shows(ann, pictures.WALL), 20, "the browser shows the room")
    await until(lambda: shows(ann, pictures.GREEN), 20, "the browser shows Bob")

    def bob_sees_ann():
        picture = bob.picture_of(bob.identity_of("Ann"))
        return picture is not None and pictures.share_of(picture, pictures.RED) > 0.6

    await until(bob_sees_ann, 20, "Bob sees the browser's camera")
    before = await received(ann)

    async def flows():
        now = await received(ann)
        return now["frames"] > before["frames"] + 20 and now["energy"] > before["energy"]

    await until(flows, 10, "frames and sound keep coming")

    async def exchanged():
        await ann.evaluate("() => Promise.all([say('from the browser', true), say('lossy from the browser', false)])")
        await bob.send(b"from python")
        heard = {packet.data for packet in bob.data}
        seen = await ann.evaluate("() => state.data.map((packet) => packet.text)")
        return {b"from the browser", b"lossy from the browser"} <= heard and "from python" in seen

    await until(exchanged, 10, "data goes both ways", every=0.3)
    await ann.evaluate("() => room.localParticipant.setMicrophoneEnabled(false)")
    await until(lambda: True in bob.muted.values(), 5, "Bob is told that Ann is muted")
    await ann.evaluate("() => room.disconnect()")
    await until(lambda: bob.identity_of("Ann") is None, 3, "Ann is gone for Bob")


@pytest.mark.parametrize("scenario", ["signal-reconnect", "full-reconnect", "resume-reconnect"])
async def test_the_sdk_comes_back_after_a_lost_connection(box, sdk, connect, scenario):
    ann = await sdk(box, "Ann", pictures.RED)
    bob = await connect(box, "Bob")

    def bob_sees_ann():
        picture = bob.picture_of(bob.identity_of("Ann"))
        return picture is not None and pictures.share_of(picture, pictures.RED) > 0.6

    await until(bob_sees_ann, 20, "Bob sees Ann")
    await ann.evaluate("(scenario) => room.simulateScenario(scenario)", scenario)

    async def is_back():
        names = await ann.evaluate("() => state.events.map((event) => event[0])")
        connected = await ann.evaluate("() => room.state")
        return ("reconnected" in names or scenario == "signal-reconnect") and connected == "connected"

    await until(is_back, 15, "the SDK says reconnected")
    frames = bob.frames[bob.identity_of("Ann")]
    await until(lambda: bob.frames[bob.identity_of("Ann")] > frames + 15 and bob_sees_ann(), 15, "Bob sees Ann move again")
