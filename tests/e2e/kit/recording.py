"""Measuring a recorded MP4 with ffmpeg: streams, frames, sound, order of its parts, lip-sync."""

import asyncio
import io
import json
import struct

import numpy as np
from PIL import Image

from . import sounds


async def run(*command):
    """Run a program and return its standard output as bytes."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, f"{command[0]} failed: {err.decode(errors='replace')[-2000:]}"
    return out


async def probe(path):
    out = await run("ffprobe", "-loglevel", "error", "-of", "json", "-show_format", "-show_streams", path)
    return json.loads(out)


async def codecs(path):
    return {stream["codec_type"]: stream["codec_name"] for stream in (await probe(path))["streams"]}


async def duration(path):
    return float((await probe(path))["format"]["duration"])


async def frame_at(path, second):
    out = await run(
        "ffmpeg", "-loglevel", "error", "-ss", second, "-i", path, "-frames:v", 1, "-f", "image2pipe", "-c:v", "png", "-"
    )
    assert out, f"no frame at {second} s"
    return Image.open(io.BytesIO(out)).convert("RGB")


async def frame_times(path):
    """When each frame is shown, in seconds. Decodes everything: an error in the file fails the test."""
    out = await run(
        "ffprobe",
        "-loglevel",
        "error",
        "-select_streams",
        "v:0",
        "-show_entries",
        "frame=best_effort_timestamp_time",
        "-of",
        "csv=p=0",
        path,
    )
    return [float(line.strip(",")) for line in out.decode().split() if line.strip(",") not in ("", "N/A")]


async def sound(path):
    """The sound as mono samples at 48 kHz, with silence where the file starts late or has gaps."""
    out = await run(
        "ffmpeg",
        "-loglevel",
        "error",
        "-i",
        path,
        "-vn",
        "-af",
        "aresample=async=1:first_pts=0",
        "-ac",
        1,
        "-ar",
        sounds.RATE,
        "-f",
        "s16le",
        "-",
    )
    return np.frombuffer(out, dtype=np.int16)


async def decodes_without_errors(path):
    process = await asyncio.create_subprocess_exec(
        "ffmpeg", "-loglevel", "error", "-i", str(path), "-f", "null", "-", stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    return process.returncode == 0 and not err.strip()


def parts(path):
    """The names of the top-level boxes of an MP4 file in their order."""
    names = []
    with open(path, "rb") as file:
        while header := file.read(8):
            if len(header) < 8:
                break
            size, name = struct.unpack(">I4s", header)
            used = 8
            if size == 1:
                size, used = struct.unpack(">Q", file.read(8))[0], 16
            names.append(name.decode("latin-1"))
            if size == 0:
                break
            file.seek(size - used, 1)
    return names


def is_seekable_from_the_start(path):
    """True if the index stands before the media, so that a browser can seek while it loads."""
    order = parts(path)
    return "moov" in order and "mdat" in order and order.index("moov") < order.index("mdat")


async def flash_beep_offsets(path, frequency=1000, after=0):
    """For each white flash later than `after` (s) the time by which its beep comes later (positive) or earlier (negative)."""
    flashes = [flash for flash in await flash_times(path) if flash >= after]
    beeps = sounds.bursts(await sound(path), frequency)
    pairs = []
    for flash in flashes:
        nearest = min(beeps, key=lambda beep: abs(beep - flash), default=None)
        if nearest is not None and abs(nearest - flash) < 0.5:
            pairs.append(nearest - flash)
    return pairs


async def flash_times(path):
    """When the middle of the picture turns from dark to bright."""
    size = 16
    scale = f"crop=iw/2:ih/2,scale={size}:{size},format=gray"
    out = await run("ffmpeg", "-loglevel", "error", "-i", path, "-vf", scale, "-vsync", "passthrough", "-f", "rawvideo", "-")
    light = np.frombuffer(out, dtype=np.uint8).reshape(-1, size * size).mean(axis=1)
    times = await frame_times(path)
    count = min(len(times), len(light))
    if count == 0 or light.max() - light.min() < 60:
        return []
    bright = light > (float(light.max()) + float(light.min())) / 2
    return [times[i] for i in range(1, count) if bright[i] and not bright[i - 1]]
