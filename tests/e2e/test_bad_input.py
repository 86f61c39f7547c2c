"""What nobody should send: each gets its answer, and nobody else notices (B9, I1)."""

import asyncio
import os
import random
import socket
import time

import httpx
import jwt
import pytest

from kit import pictures
from kit.waiting import until

SEED = 7


async def is_alive(box):
    assert box.is_running()
    return (await box.status())["recording"]["state"] == "off"


@pytest.mark.parametrize("path", ["/rtc/validate", "/rtc/v1/validate"])
async def test_signalling_refuses_bad_tokens(box, path):
    claims = {"iss": "devkey", "sub": "eve", "video": {"roomJoin": True, "room": box.room_id}}
    later, past = int(time.time()) + 600, int(time.time()) - 600
    tokens = {
        "nonsense": "nonsense",
        "signed with another secret": jwt.encode({**claims, "exp": later}, "other" * 8, algorithm="HS256"),
        "expired": jwt.encode({**claims, "exp": past}, "secret", algorithm="HS256"),
        "of an unknown key": jwt.encode({**claims, "iss": "who", "exp": later}, "secret", algorithm="HS256"),
        "without signature": jwt.encode({**claims, "exp": later}, None, algorithm="none"),
        "without the right to join": jwt.encode(
            {**claims, "video": {"room": box.room_id}, "exp": later}, "secret", algorithm="HS256"
        ),
    }
    async with httpx.AsyncClient() as client:
        for kind, token in tokens.items():
            answer = await client.get(f"{box.url}{path}", params={"access_token": token, "protocol": 16})
            assert answer.status_code == 401, f"{kind}: {answer.status_code} {answer.text}"
            assert answer.headers.get("access-control-allow-origin"), "browsers need CORS on errors too"
        assert (await client.get(f"{box.url}{path}")).status_code == 401
    assert await is_alive(box)


async def test_room_tokens_are_refused_with_the_right_status(box):
    async def ask(room, secret, **body):
        body = {"secret": secret, "joinMeeting": True, "participantName": "Eve", **body}
        answer = await box.guest.post(f"/rooms/{room}/members/token", json=body)
        return answer.status_code

    secret = box.secret("speaker")
    assert await ask(box.room_id, secret) == 200
    assert await ask(box.room_id, "wrong-secret") == 400
    assert await ask("no_such_room-abcdefghijklmno", secret) == 404
    assert await ask(box.room_id, secret, participantName=None) in (400, 422)
    closed = await box.rest.put(f"/rooms/{box.room_id}/status", json={"status": "closed"})
    assert closed.status_code in (200, 202), closed.text
    assert await ask(box.room_id, secret) == 409
    assert (await box.rest.put(f"/rooms/{box.room_id}/status", json={"status": "open"})).status_code == 200
    assert await ask(box.room_id, secret) == 200


async def test_rest_answers_bad_requests_in_words(box):
    for body, statuses in ((b"{", {400}), (b"\xff\xfe", {400}), (b"[" * 5000, {400, 422}), (b"{}", {422})):
        answer = await box.rest.post("/recordings", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in statuses, answer.text
        assert {"error", "message"} <= answer.json().keys()
    for headers in ({"X-API-KEY": "wrong"}, {"X-API-KEY": ""}, {"Authorization": "Bearer nonsense"}, {}):
        answer = await box.guest.get("/recordings", headers=headers)
        assert answer.status_code == 401, f"{headers}: {answer.status_code}"
    answer = await box.rest.get("/no/such/path")
    assert answer.status_code == 404
    assert answer.json()["error"] == "Path Not Found"
    login = await box.rest.post("/auth/login", json={"userId": "admin", "password": "wrong"})
    assert login.status_code == 401
    assert await is_alive(box)


async def test_login_gives_tokens_that_open_the_console(box):
    answer = await box.guest.post("/auth/login", json={"userId": "admin", "password": "admin"})
    assert answer.status_code == 200, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    assert (await box.guest.get("/users/me", headers=headers)).json()["userId"] == "admin"
    assert (await box.guest.get("/box", headers=headers)).json()["homeRoom"]["roomId"] == box.room_id


async def test_garbage_at_the_media_ports_disturbs_nobody(box, connect):
    ann = await connect(box, "Ann", color=pictures.RED)
    bob = await connect(box, "Bob")

    def bob_sees_ann():
        return bob.frames[bob.identity_of("Ann")] > 10

    await until(bob_sees_ann, 15, "Bob sees Ann")
    chance = random.Random(SEED)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for number in range(3000):
            # The first byte decides how a packet is taken: STUN, DTLS, RTP and what is none of them.
            first = (0, 1, 20, 22, 23, 64, 128, 200, 255)[number % 9]
            udp.sendto(bytes([first]) + chance.randbytes(chance.randrange(0, 1400)), ("127.0.0.1", box.media_port))
    for prefix in (b"", b"\x00\x14", b"\xff\xff", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00"):
        await say_to_tcp(box.media_port - 1, prefix + os.urandom(2000))
    before = bob.frames[bob.identity_of("Ann")]
    await until(lambda: bob.frames[bob.identity_of("Ann")] > before + 30, 10, "Bob still sees Ann move")
    assert ann.disconnected is None and bob.disconnected is None
    assert await is_alive(box)


async def say_to_tcp(port, payload):
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(payload)
        await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def test_garbage_on_the_signalling_socket_ends_only_that_session(box, connect):
    bob = await connect(box, "Bob", color=pictures.GREEN)
    token = await box.token("speaker", "Eve")
    upgrade = "\r\n".join(
        [
            f"GET /rtc?access_token={token}&protocol=13 HTTP/1.1",
            "Host: localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            "\r\n",
        ]
    )
    for payload in (
        b"\x82\xff" + b"\xff" * 8 + os.urandom(64),
        masked(os.urandom(120)),
        masked(b"\x0a\xff\xff\xff\xff\x0f"),
        os.urandom(500),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", box.http_port)
        writer.write(upgrade.encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert b" 101 " in head, head
        writer.write(payload)
        await writer.drain()
        writer.close()
    assert await is_alive(box)
    assert bob.disconnected is None


def masked(payload):
    """One binary WebSocket frame from a client."""
    mask = b"\x01\x02\x03\x04"
    body = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    assert len(payload) < 126
    return b"\x82" + bytes([0x80 | len(payload)]) + mask + body
