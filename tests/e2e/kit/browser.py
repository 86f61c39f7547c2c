"""Debian's Chromium with a camera and a microphone that play files, driven by Playwright."""

import shutil
import subprocess
from pathlib import Path

from playwright.async_api import Error as PlaywrightError

from .box import REPOSITORY
from .pictures import hex_of

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
TOOLS = REPOSITORY / "tests/tools"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]

# Kept before any script of the page runs: every peer connection, so that a test can ask for its statistics.
REMEMBER_CONNECTIONS = """
(() => {
  const Original = window.RTCPeerConnection;
  window.peerConnections = [];
  window.RTCPeerConnection = class extends Original {
    constructor(...given) { super(...given); window.peerConnections.push(this); }
  };
})();
"""

RECEIVED = """
async () => {
  const sum = { frames: 0, energy: 0, packets: 0, videoPackets: 0, lost: 0, sentFrames: 0, sentVideoPackets: 0 };
  for (const connection of window.peerConnections ?? []) {
    if (connection.connectionState === 'closed') continue;
    for (const report of (await connection.getStats()).values()) {
      if (report.type === 'outbound-rtp' && report.kind === 'video') {
        sum.sentFrames += report.framesEncoded ?? 0;
        sum.sentVideoPackets += report.packetsSent ?? 0;
      }
      if (report.type !== 'inbound-rtp') continue;
      sum.packets += report.packetsReceived ?? 0;
      sum.lost += report.packetsLost ?? 0;
      if (report.kind === 'video') {
        sum.frames += report.framesDecoded ?? 0;
        sum.videoPackets += report.packetsReceived ?? 0;
      } else sum.energy += report.totalAudioEnergy ?? 0;
    }
  }
  return sum;
}
"""

# The average of the block that the demo room keeps free of everything but wall paint, for each video on the page.
CORNERS = """
() => [...document.querySelectorAll('video')].filter((video) => video.videoWidth > 0).map((video) => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 8;
  const context = canvas.getContext('2d');
  const width = video.videoWidth * 140 / 1280, height = video.videoHeight * 70 / 720;
  context.drawImage(video, width * 0.2, height * 0.2, width, height, 0, 0, 8, 8);
  const data = context.getImageData(0, 0, 8, 8).data;
  const sum = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) for (let k = 0; k < 3; k += 1) sum[k] += data[i + k];
  return sum.map((value) => Math.round(value / 64));
})
"""


class Browsers:
    """Starts Chromium processes and ends them all; a process per person, because the fake camera is a process flag."""

    def __init__(self, playwright, folder):
        self.playwright = playwright
        self.folder = Path(folder)
        self.running = []

    async def start(self, color=None, tone=700, size="640x360", executable=CHROMIUM, flags=(), without=()):
        """A browser whose camera shows `color` and whose microphone sounds `tone` Hz; without `color` Chromium's own pattern."""
        given = [*(flag for flag in FLAGS if flag not in without), *flags]
        if color is not None:
            name = self.folder / f"{hex_of(color)}-{tone}"
            subprocess.run(
                [TOOLS / "make-fake-devices", name, "--color", hex_of(color), "--tone", str(tone), "--size", size], check=True
            )
            given += [f"--use-file-for-fake-video-capture={name}.y4m", f"--use-file-for-fake-audio-capture={name}.wav"]
        browser = await self.playwright.chromium.launch(executable_path=str(executable), headless=True, args=given)
        self.running.append(browser)
        return browser

    def pages(self):
        return [page for browser in self.running for context in browser.contexts for page in context.pages]

    async def stop(self):
        while self.running:
            await self.running.pop().close()


async def open_page(browser, address, **context):
    """A page in a fresh profile, with camera and microphone allowed; messages of its console are kept in `page.console_lines`."""
    allowed = {"permissions": ["camera", "microphone"]}
    options = {"viewport": {"width": 1280, "height": 800}, "ignore_https_errors": True, **allowed, **context}
    profile = await browser.new_context(**options)
    page = await profile.new_page()
    page.set_default_timeout(15_000)
    page.console_lines = []
    page.on("console", lambda message: page.console_lines.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: page.console_lines.append(f"uncaught: {error}"))
    await page.add_init_script(REMEMBER_CONNECTIONS)
    await page.goto(address)
    return page


async def join(browser, link, name, **context):
    """Go the way a person goes: open the link, say a name, press "Join meeting"."""
    page = await open_page(browser, link, **context)
    await page.get_by_role("textbox", name="Your name").fill(name)
    await page.get_by_role("button", name="Join meeting").click()
    await page.get_by_role("button", name="Leave", exact=True).wait_for()
    return page


async def shown(page):
    """The text of a page and the last lines of its console, for the report of a failed test."""
    try:
        text = await page.locator("body").inner_text(timeout=2_000)
    except PlaywrightError as error:
        text = str(error)
    return "\n".join([text[:2_000], *getattr(page, "console_lines", [])[-20:]])


async def video_corner(page):
    return await page.evaluate(CORNERS)


async def received(page):
    """Sums over all connections of the page: what it decoded and received, and the video that it sent itself."""
    return await page.evaluate(RECEIVED)
