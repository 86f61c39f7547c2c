"""The measuring tools themselves: what they recognise, and what they must not mistake for it."""

import subprocess

import numpy as np
import pytest
from PIL import Image

from kit import pictures, recording, sounds
from kit.box import REPOSITORY
from kit.browser import open_page, video_corner
from kit.waiting import until

TOOLS = REPOSITORY / "tests/tools"


def tone(frequency, seconds=1.0, level=8000):
    return (level * np.sin(2 * np.pi * frequency * np.arange(int(sounds.RATE * seconds)) / sounds.RATE)).astype(np.int16)


def test_a_colour_is_found_in_its_region_only():
    image = Image.new("RGB", (320, 180), (20, 20, 20))
    image.paste(pictures.RED, (40, 20, 120, 100))
    assert pictures.share_of(image, pictures.RED) == pytest.approx(80 * 80 / (320 * 180))
    assert pictures.region_of(image, pictures.RED) == (40, 20, 120, 100)
    assert pictures.share_of(image, pictures.GREEN) == 0
    assert pictures.region_of(image, pictures.GREEN) is None


def test_the_colours_of_people_are_never_taken_for_each_other():
    colors = [pictures.WALL, pictures.RED, pictures.GREEN, pictures.YELLOW, pictures.PURPLE]
    for one in colors:
        assert [other for other in colors if pictures.is_near(one, other)] == [one]


def test_two_tones_are_heard_in_a_mix_and_a_third_is_not():
    mix = tone(700) // 2 + tone(1900) // 2
    assert sounds.hears(mix, 700)
    assert sounds.hears(mix, 1900)
    assert not sounds.hears(mix, 1200)
    assert not sounds.hears(np.zeros(sounds.RATE, dtype=np.int16), 700)


def test_bursts_are_found_to_within_10_ms():
    samples = np.concatenate([np.zeros(24_000, np.int16), tone(1000, 0.12), np.zeros(40_000, np.int16), tone(1000, 0.12)])
    expected = [0.5, 0.5 + 0.12 + 40_000 / sounds.RATE]
    assert sounds.bursts(samples, 1000) == pytest.approx(expected, abs=0.01)
    assert sounds.bursts(tone(440), 1000) == []


async def test_the_flash_and_beep_file_is_in_step_and_a_shifted_one_is_measured(tmp_path):
    subprocess.run([TOOLS / "make-flash-beep", tmp_path / "fb.webm", "4", "320x180"], check=True)
    offsets = await recording.flash_beep_offsets(tmp_path / "fb.webm")
    assert len(offsets) >= 3
    assert max(map(abs, offsets)) < 0.03
    late = tmp_path / "late.mkv"
    await recording.run(
        "ffmpeg",
        "-loglevel",
        "error",
        "-i",
        tmp_path / "fb.webm",
        "-itsoffset",
        "0.15",
        "-i",
        tmp_path / "fb.webm",
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-c",
        "copy",
        late,
    )
    offsets = await recording.flash_beep_offsets(late)
    assert np.median(offsets) == pytest.approx(0.15, abs=0.03)


async def test_the_order_of_parts_tells_whether_a_file_can_be_sought(tmp_path):
    source = ["-f", "lavfi", "-i", "testsrc=d=1:s=160x90"]
    await recording.run("ffmpeg", "-loglevel", "error", *source, tmp_path / "late.mp4")
    await recording.run("ffmpeg", "-loglevel", "error", *source, "-movflags", "+faststart", tmp_path / "early.mp4")
    assert not recording.is_seekable_from_the_start(tmp_path / "late.mp4")
    assert recording.is_seekable_from_the_start(tmp_path / "early.mp4")
    assert await recording.duration(tmp_path / "early.mp4") == pytest.approx(1, abs=0.05)
    assert len(await recording.frame_times(tmp_path / "early.mp4")) == 25


async def test_a_browser_shows_the_colour_of_its_fake_camera(browsers, tmp_path):
    page_file = tmp_path / "camera.html"
    page_file.write_text(
        "<video autoplay muted playsinline></video><script>"
        "navigator.mediaDevices.getUserMedia({video: true, audio: true})"
        ".then(s => document.querySelector('video').srcObject = s).catch(e => document.title = e.name)</script>"
    )
    browser = await browsers.start(color=pictures.GREEN, tone=700)
    page = await open_page(browser, page_file.as_uri())

    async def green():
        return any(pictures.is_near(pixel, pictures.GREEN) for pixel in await video_corner(page))

    await until(green, 10, "the camera's colour is on the page")
