"""A receiver of webhooks, which checks every signature as an integrator would, and may be down."""

import hashlib
import hmac
import json
import time

from aiohttp import web

from .box import free_tcp_port


class Receiver:
    def __init__(self):
        self.port = free_tcp_port()
        self.secret = None
        self.requests = []
        self.answer = lambda: web.Response()
        self.runner = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    async def start(self):
        application = web.Application()
        application.router.add_post("/hook", self._take)
        self.runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_address=True).start()
        return self

    async def stop(self):
        if self.runner:
            await self.runner.cleanup()
            self.runner = None

    async def _take(self, request):
        body = await request.read()
        self.requests.append((request.headers, body))
        answer = self.answer()
        return await answer if hasattr(answer, "__await__") else answer

    def bodies(self):
        """Everything that came, decoded; the signature and the age of each are right."""
        return [verified(headers, body, self.secret) for headers, body in self.requests]

    def events(self):
        """Each event once, in the order of their first arrival; an event that came again came the same."""
        seen, order = {}, []
        for (_, raw), body in zip(self.requests, self.bodies(), strict=True):
            if body["eventId"] not in seen:
                order.append(body)
            assert seen.setdefault(body["eventId"], raw) == raw, "the same id, another body"
        return order


def verified(headers, body, secret):
    at = headers["X-Timestamp"]
    expected = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(expected, headers["X-Signature"]), "the signature is wrong"
    assert headers["Content-Type"] == "application/json"
    decoded = json.loads(body)
    assert headers["X-Event-Id"] == decoded["eventId"]
    assert abs(time.time() - int(at) / 1000) < 600, "the time is wrong"
    return decoded
