"""Recognising people by the tone they send."""

import numpy as np

RATE = 48_000


def tone_ratio(samples, frequency, rate=RATE, width=25):
    """How much of the sound's energy (0 to 1) lies within `width` Hz of `frequency`, in the loudest half second."""
    best = 0.0
    size = rate // 2
    for start in range(0, max(1, len(samples) - size + 1), size):
        part = samples[start : start + size].astype(np.float64)
        if len(part) < size // 2:
            continue
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
        spectrum[: int(60 * len(part) / rate)] = 0
        total = spectrum.sum()
        if total < 1e6:
            continue
        bins = np.fft.rfftfreq(len(part), 1 / rate)
        best = max(best, float(spectrum[np.abs(bins - frequency) <= width].sum() / total))
    return best


def hears(samples, frequency, rate=RATE, at_least=0.05):
    return tone_ratio(samples, frequency, rate) >= at_least


def bursts(samples, frequency, rate=RATE, step=0.005):
    """The moments (seconds) at which a tone of `frequency` begins after at least 0.2 s without it."""
    size = int(rate * step)
    window = 2 * size
    times = np.arange(window) / rate
    probe = np.exp(-2j * np.pi * frequency * times) * np.hanning(window)
    levels = np.array([abs(np.dot(samples[i : i + window], probe)) for i in range(0, len(samples) - window, size)])
    # A tone of amplitude A gives A * size / 2; below 400 of 32767 it is leakage or noise.
    if not len(levels) or levels.max() < 400 * size / 2:
        return []
    loud = levels > levels.max() * 0.35
    starts, quiet_for = [], 1.0
    for index, on in enumerate(loud):
        if on and quiet_for >= 0.2:
            # The window reaches `size` samples past its middle: the sound begins about there.
            starts.append((index * size + window / 2) / rate)
        quiet_for = 0.0 if on else quiet_for + step
    return starts
