"""Waiting for a condition, never for a time."""

import asyncio
import inspect
import time


async def until(condition, timeout, what, every=0.1):
    """Ask `condition` (plain or async) until its answer is true, and return that answer.

    Fails with `what` and the last answer after `timeout` seconds. An exception of the condition counts as "not yet".
    """
    end = time.monotonic() + timeout
    last = None
    while True:
        try:
            last = condition()
            if inspect.isawaitable(last):
                last = await last
            if last:
                return last
        except Exception as error:  # noqa: BLE001 - shown when time is up
            last = error
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}; last answer: {last!r}")
        await asyncio.sleep(every)


async def pause(seconds):
    """Let real time pass where time itself is what is tested: the length of a recording, of a network cut."""
    await asyncio.sleep(seconds)
