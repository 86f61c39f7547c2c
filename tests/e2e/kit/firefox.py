"""Debian's Firefox over WebDriver BiDi: enough to open a page, run scripts in it and answer questions about it."""

import asyncio
import itertools
import json
import re
import shutil
from pathlib import Path

import aiohttp

from .browser import CORNERS, RECEIVED, REMEMBER_CONNECTIONS
from .waiting import until

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
STANDS_STILL = """
async (element) => {
  const place = () => JSON.stringify(element.getBoundingClientRect());
  const before = place();
  for (let frame = 0; frame < 2; frame += 1) await new Promise((done) => requestAnimationFrame(done));
  return place() === before;
}
"""


class Firefox:
    """One Firefox with one page. Its fake camera and microphone are Firefox's own."""

    def __init__(self, folder):
        self.profile = Path(folder) / "firefox"
        self.numbers = itertools.count(1)
        self.answers = {}
        self.process = self.http = self.socket = self.reader = None

    async def start(self):
        self.profile.mkdir()
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (self.profile / "user.js").write_text("\n".join(lines))
        self.process = await asyncio.create_subprocess_exec(
            FIREFOX,
            "--headless",
            "--no-remote",
            "--remote-debugging-port=0",
            "--profile",
            str(self.profile),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        address = await asyncio.wait_for(self._address(), 30)
        self._drain = asyncio.create_task(self.process.stderr.read())
        self.http = aiohttp.ClientSession()
        self.socket = await self.http.ws_connect(f"{address}/session", max_msg_size=0)
        self.reader = asyncio.create_task(self._read())
        await self.send("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
        tree = await self.send("browsingContext.getTree")
        self.page = tree["contexts"][0]["context"]
        await self.send("script.addPreloadScript", functionDeclaration=f"() => {{ {REMEMBER_CONNECTIONS} }}")
        return self

    async def stop(self):
        if self.reader:
            self.reader.cancel()
        if self.http:
            await self.http.close()
        if self.process and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()

    async def open(self, address):
        await self.send("browsingContext.navigate", context=self.page, url=address, wait="complete")

    async def evaluate(self, script):
        """The value of an expression or promise, which must be something JSON can say."""
        answer = await self.send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({script})))()",
            target={"context": self.page},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer.get("exceptionDetails", {}).get("text")
        return json.loads(answer["result"].get("value", "null"))

    async def locate(self, role, name):
        """The one element with this role and accessible name, or None while there is none."""
        locator = {"type": "accessibility", "value": {"role": role, "name": name}}
        nodes = (await self.send("browsingContext.locateNodes", context=self.page, locator=locator))["nodes"]
        return {"sharedId": nodes[0]["sharedId"]} if nodes else None

    async def click(self, role, name):
        node = await until(lambda: self.locate(role, name), 15, f"Firefox shows the {role} {name}")
        await until(lambda: self.stands_still(node), 15, f"the {role} {name} stands still")
        origin = {"type": "element", "element": node}
        steps = [{"type": "pointerMove", "x": 0, "y": 0, "origin": origin}]
        steps += [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        await self.act({"type": "pointer", "id": "mouse", "actions": steps})

    async def stands_still(self, node):
        """Whether the element is where it was two frames ago; a click on a moving target misses."""
        answer = await self.send(
            "script.callFunction",
            functionDeclaration=STANDS_STILL,
            arguments=[node],
            target={"context": self.page},
            awaitPromise=True,
        )
        return answer["result"].get("value") is True

    async def type(self, text):
        keys = [{"type": kind, "value": letter} for letter in text for kind in ("keyDown", "keyUp")]
        await self.act({"type": "key", "id": "keyboard", "actions": keys})

    async def act(self, source):
        await self.send("input.performActions", context=self.page, actions=[source])

    async def corners(self):
        return await self.evaluate(f"({CORNERS})()")

    async def received(self):
        return await self.evaluate(f"({RECEIVED})()")

    async def send(self, method, **params):
        number = next(self.numbers)
        self.answers[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(self.answers[number], 30)

    async def _address(self):
        while line := await self.process.stderr.readline():
            if match := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
                return match[1].decode()
        raise AssertionError("Firefox ended before it was ready")

    async def _read(self):
        async for message in self.socket:
            answer = json.loads(message.data)
            waiting = self.answers.pop(answer.get("id"), None)
            if waiting is None or waiting.done():
                continue
            if answer["type"] == "error":
                waiting.set_exception(AssertionError(f"{answer['error']}: {answer['message']}"))
            else:
                waiting.set_result(answer["result"])
