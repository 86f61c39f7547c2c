"""A Huddlebox as a process: started on free ports with a data folder of its own, watched by its ready lines."""

import asyncio
import io
import itertools
import os
import re
import signal
import socket
from pathlib import Path

import httpx
from PIL import Image

from .waiting import until

API_KEY = "meet-api-key"
REPOSITORY = Path(__file__).resolve().parents[3]


class Box:
    """One box. `start` and `stop` may be called again and again on the same data folder."""

    def __init__(self, folder, camera=None, extra=(), prefix=(), config=None):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.camera = camera
        self.extra = list(extra)
        self.prefix = list(prefix)
        self.config = config  # a configuration file's text in place of demo mode's
        self.http_port = free_tcp_port()
        self.https_port = free_tcp_port()
        self.media_port = free_media_port()
        self.process = None
        self.ready = {}
        self.starts = 0
        self.rest = self.guest = None  # HTTP clients with the administrator's key and with nothing

    async def start(self):
        self.starts += 1
        self.ready = {}
        self.log = self.folder / f"box-{self.starts}.log"
        with open(self.log, "wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.prefix, *self.command(), stdout=asyncio.subprocess.PIPE, stderr=log, stdin=asyncio.subprocess.DEVNULL
            )
        try:
            await asyncio.wait_for(self._read_ready_lines(), 30)
        except (TimeoutError, AssertionError) as error:
            await self.kill()
            raise AssertionError(f"the box did not become ready ({error}):\n{self.log_tail()}") from None
        self._drain = asyncio.create_task(self._read_further_lines())
        base = f"{self.url}/api/v1"
        self.rest = httpx.AsyncClient(base_url=base, headers={"X-API-KEY": API_KEY}, timeout=15)
        self.guest = httpx.AsyncClient(base_url=base, timeout=15)
        return self

    def command(self):
        binary = os.environ.get("HUDDLEBOX_BIN", REPOSITORY / "target/debug/huddlebox")
        ports = ["--http", self.http_port, "--https", self.https_port, "--media", self.media_port]
        camera = ["--camera", self.camera] if self.camera else []
        mode = ["--demo"]
        if self.config is not None:
            (self.folder / "box.toml").write_text(self.config)
            mode = ["--config", self.folder / "box.toml"]
        return [str(part) for part in [binary, "serve", *mode, "--data", self.data, *ports, *camera, *self.extra]]

    async def _read_ready_lines(self):
        seen = []
        while "Speakers" not in self.ready:
            seen.append(await self._read_line())
            assert seen[-1], f"standard output ended after {seen}"
        assert "Huddlebox is ready\n" in seen, seen

    async def _read_further_lines(self):
        """A line per address on the LAN, if there is one; then nothing."""
        while await self._read_line():
            pass

    async def _read_line(self):
        line = (await self.process.stdout.readline()).decode(errors="replace")
        if match := re.match(r"\s+([A-Z][\w ]+?):\s+(\S.*)$", line):
            self.ready[match[1]] = match[2].strip()
        return line

    async def stop(self):
        """SIGTERM, as systemd does it; returns the exit code."""
        return await self._end(signal.SIGTERM, 15)

    async def kill(self):
        """SIGKILL: what a power cut looks like to the disk."""
        return await self._end(signal.SIGKILL, 5)

    async def _end(self, number, timeout):
        if self.rest:
            await self.rest.aclose()
            await self.guest.aclose()
            self.rest = self.guest = None
        if self.process is None or self.process.returncode is not None:
            return self.process and self.process.returncode
        self.process.send_signal(number)
        try:
            return await asyncio.wait_for(self.process.wait(), timeout)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            raise AssertionError(f"the box did not end within {timeout} s of signal {number}:\n{self.log_tail()}") from None

    def is_running(self):
        return self.process is not None and self.process.returncode is None

    def log_tail(self, lines=40):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    # --- addresses -------------------------------------------------------------------------------------------------

    @property
    def url(self):
        return f"http://localhost:{self.http_port}"

    @property
    def livekit_url(self):
        return f"ws://localhost:{self.http_port}"

    @property
    def room_id(self):
        return re.search(r"/room/([^?]+)", self.ready["Speakers"])[1]

    def link(self, role):
        return self.ready["Speakers" if role == "speaker" else "This room"]

    def secret(self, role):
        return re.search(r"secret=([^&\s]+)", self.link(role))[1]

    # --- REST ------------------------------------------------------------------------------------------------------

    async def token(self, role="speaker", name="Guest", join=True):
        body = {"secret": self.secret(role), "joinMeeting": join, "participantName": name}
        answer = await self.guest.post(f"/rooms/{self.room_id}/members/token", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["token"]

    async def get(self, path, **options):
        answer = await self.rest.get(path, **options)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def status(self):
        return await self.get("/box/status")

    async def participants(self):
        return (await self.status())["meeting"]["participants"]

    async def recordings(self):
        return (await self.get("/recordings"))["recordings"]

    async def recording_state(self):
        return (await self.status())["recording"]["state"]

    async def is_recording(self):
        return await self.recording_state() == "recording"

    async def start_recording(self):
        answer = await self.rest.post("/recordings", json={"roomId": self.room_id})
        assert answer.status_code == 201, answer.text
        return answer.json()["recordingId"]

    async def start_recording_alone(self):
        """Start with nobody but the room, by the button; returns the id once the recording runs (R7)."""
        await self.press("record")

        async def running():
            recording = (await self.status())["recording"]
            return recording["state"] == "recording" and recording["recordingId"]

        return await until(running, 10, "the recording runs")

    async def stop_recording(self, recording_id):
        answer = await self.rest.post(f"/recordings/{recording_id}/stop")
        assert answer.status_code == 202, answer.text

    async def finished(self, recording_id, timeout=20, statuses=("complete",)):
        """Wait until the recording has ended, and return what REST says about it."""

        async def ended():
            recording = await self.get(f"/recordings/{recording_id}")
            return recording if recording["status"] in statuses else None

        return await until(ended, timeout, f"recording {recording_id} is {' or '.join(statuses)}", every=0.2)

    async def download(self, recording_id, path):
        async with self.rest.stream("GET", f"/recordings/{recording_id}/download") as answer:
            assert answer.status_code == 200, answer.status_code
            with open(path, "wb") as file:
                async for chunk in answer.aiter_bytes():
                    file.write(chunk)
        return path

    # --- front panel -------------------------------------------------------------------------------------------------

    async def press(self, button, action="press"):
        answer = await self.rest.post(f"/panel/buttons/{button}", json={"action": action})
        assert answer.status_code == 202, f"{button}: {answer.status_code} {answer.text}"

    async def leds(self):
        return (await self.get("/panel"))["leds"]

    async def fault(self, kind, on=True):
        answer = await self.rest.post("/panel/faults", json={"kind": kind, "on": on})
        assert answer.status_code == 202, answer.text

    async def tv(self):
        """The picture on the room's TV."""
        answer = await self.rest.get("/panel/tv.png")
        assert answer.status_code == 200, answer.status_code
        return Image.open(io.BytesIO(answer.content)).convert("RGB")


# Below the range from which the kernel gives ports to outgoing connections: a port that is free
# now is still free when the box listens. Browsers refuse none of them. Each is handed out once.
_PORTS = itertools.cycle(range(20_000, 30_000))


def free_tcp_port():
    return _free_port(socket.SOCK_STREAM)


def free_media_port():
    """A free UDP port whose predecessor is a free TCP port."""
    for _ in range(100):
        port = free_tcp_port() + 1
        if next(_PORTS) == port and _is_free(socket.SOCK_DGRAM, port):
            return port
    raise AssertionError("no free pair of media ports")


def _free_port(kind):
    return next(port for port in itertools.islice(_PORTS, 10_000) if _is_free(kind, port))


def _is_free(kind, port):
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True
