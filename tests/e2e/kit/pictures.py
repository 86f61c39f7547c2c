"""Recognising people by the colour they send."""

import numpy as np

WALL = (0x2A, 0x6F, 0x97)
RED = (0xC8, 0x1E, 0x1E)
GREEN = (0x1E, 0xA0, 0x3C)
YELLOW = (0xD2, 0xB4, 0x14)
PURPLE = (0x8C, 0x28, 0xB4)


def hex_of(color):
    return "".join(f"{part:02x}" for part in color)


def share_of(image, color, tolerance=34):
    """The share of pixels, 0 to 1, in which no colour channel differs by more than `tolerance` from `color`."""
    pixels = np.asarray(image.convert("RGB"), dtype=np.int16)
    near = (np.abs(pixels - np.array(color, dtype=np.int16)) <= tolerance).all(axis=2)
    return float(near.mean())


def region_of(image, color, tolerance=34):
    """The bounding box (left, top, right, bottom) of pixels near `color`, or None."""
    pixels = np.asarray(image.convert("RGB"), dtype=np.int16)
    near = (np.abs(pixels - np.array(color, dtype=np.int16)) <= tolerance).all(axis=2)
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def is_near(pixel, color, tolerance=34):
    return all(abs(int(a) - int(b)) <= tolerance for a, b in zip(pixel, color, strict=True))
