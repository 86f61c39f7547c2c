"""Fixtures: a box, browsers, and clients of the LiveKit SDK. Everything that a test starts ends with the test."""

import atexit
import os
import sys

import pytest
from playwright.async_api import async_playwright

from kit.box import Box
from kit.browser import Browsers, shown
from kit.client import Client
from kit.network import Street, is_private
from kit.sdkpage import Application
from kit.waiting import pause

ended_with = []


@atexit.register
def end_without_taking_python_down():
    """Registered first, so everybody else's exit handlers have run before it.

    A thread of the SDK's native library may still log while the interpreter is taken down; that aborts the process,
    and a green run ends with 134.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if ended_with:
        os._exit(ended_with[0])


def pytest_sessionfinish(exitstatus):
    ended_with.append(int(exitstatus))


@pytest.fixture(scope="session", autouse=True)
def private_street():
    """The cable to the street is the only interface of the private namespace, so it is there for every test."""
    if not is_private():
        yield None
        return
    street = Street()
    yield street
    street.close()


@pytest.fixture
def street(private_street):
    if private_street is None:
        pytest.skip("no network namespace of our own: `./huddle test e2e` makes one where it may")
    return private_street


@pytest.fixture
async def make_box(tmp_path, request):
    """Make boxes with options; each starts at once."""
    made = []

    async def make(**options):
        folder = tmp_path / f"box{len(made)}"
        folder.mkdir()
        box = Box(folder, **options)
        made.append(box)
        return await box.start()

    yield make
    for box in made:
        try:
            await box.stop()
        finally:
            for log in sorted(box.folder.glob("box-*.log")):
                request.node.add_report_section(
                    "teardown", f"log of {log.name}", "\n".join(log.read_text(errors="replace").splitlines()[-60:])
                )


@pytest.fixture
async def box(make_box):
    return await make_box()


@pytest.fixture(scope="session")
async def playwright():
    async with async_playwright() as instance:
        yield instance


@pytest.fixture
async def browsers(playwright, tmp_path, request):
    """Starts browsers; after a failed test the report says what each of their pages showed."""
    running = Browsers(playwright, tmp_path)
    yield running
    if getattr(request.node, "failed", False):
        for page in running.pages():
            request.node.add_report_section("teardown", f"page {page.url}", await shown(page))
    await running.stop()


@pytest.fixture
async def sdk(browsers):
    """Opens the SDK's page in a browser: `await sdk(box, "Ann", RED)`."""
    application = Application(browsers)
    await application.start()
    yield application.join
    await application.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call":
        item.failed = report.failed
    return report


@pytest.fixture
async def connect(request):
    """Connect SDK clients: `await connect(box, "Ann", color=RED)`; they leave when the test ends.

    After a failed test the report says what each of them received, twice within two seconds.
    """
    clients = []

    async def make(box, name, **options):
        client = Client(name)
        clients.append(client)
        publish = {key: options.pop(key) for key in ("color", "tone", "size", "simulcast") if key in options}
        await client.connect(box, **options)
        if "color" in publish or "tone" in publish:
            await client.publish(**publish)
        return client

    yield make
    if getattr(request.node, "failed", False):
        for name in ("at the end", "two seconds later"):
            received = "\n".join([f"{client.name}\n{await client.received()}" for client in clients])
            request.node.add_report_section("teardown", f"received {name}", received)
            await pause(2)
    for client in clients:
        await client.close()
