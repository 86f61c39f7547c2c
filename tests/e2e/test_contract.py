"""The committed OpenAPI document against a live box: thousands of calls made from it by schemathesis (I1)."""

import asyncio
import itertools
import json
import os
import re
import sys
from pathlib import Path

import pytest

from kit.box import REPOSITORY

HERE = Path(__file__).parent / "contract"
SEED = 1
EXAMPLES = 40
# Streams that never end; the one call that would delete our own key, whatever its form; and faults that break a device
# on purpose (test_faults).
LEFT_OUT = ("getBoxEvents", "getPanelEvents", "deleteApiKeys", "injectFault")


@pytest.mark.timeout(600)
async def test_every_answer_is_one_the_document_names(box, connect, tmp_path):
    await connect(box, "Ann")
    environment = os.environ | await credentials(box)
    run = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(HERE / "schemathesis.toml"),
        "run",
        str(REPOSITORY / "docs/openapi.json"),
        *("--url", f"{box.url}/api/v1", "--seed", str(SEED), "--max-examples", str(EXAMPLES)),
        *itertools.chain.from_iterable(("--exclude-operation-id", name) for name in LEFT_OUT),
        *("--workers", "1", "--no-color", "--generation-database", "none"),
        cwd=tmp_path,
        env=environment | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await run.communicate()
    report = output.decode()
    (tmp_path / "report.txt").write_text(report)
    assert run.returncode == 0, report[-20_000:]
    cases = int(re.search(r"(\d+) generated", report).group(1))
    print(f"{cases} cases")
    assert cases >= 2_000, report[-2_000:]
    assert box.is_running()


async def credentials(box):
    """A key of our own, a session of the root administrator, and things that exist."""
    key = await made(box, "/api-keys", {"name": "contract"})
    session = await box.guest.post("/auth/login", json={"userId": "admin", "password": "admin"})
    assert session.status_code == 200, session.text
    return {
        "CONTRACT_API_KEY": key["key"],
        "CONTRACT_API_KEY_ID": key["keyId"],
        "CONTRACT_ACCESS_TOKEN": session.json()["accessToken"],
        "CONTRACT_KNOWN_IDS": json.dumps(await things(box)),
    }


async def things(box):
    rooms = [await made(box, "/rooms", {"roomName": f"Room {number}"}) for number in range(3)]
    users = [
        await made(box, "/users", {"userId": f"person{number}", "name": "P", "password": "secret1", "role": "user"})
        for number in range(3)
    ]
    group = await made(box, "/groups", {"name": "Everybody", "operator": False, "members": []})
    members = [await made(box, f"/rooms/{room['roomId']}/members", {"name": "Ext", "baseRole": "speaker"}) for room in rooms]
    recording = await box.start_recording_alone()
    await box.stop_recording(recording)
    await box.finished(recording)
    return {
        "roomId": [room["roomId"] for room in rooms] + [box.room_id],
        "userId": [user["userId"] for user in users] + ["admin"],
        "groupId": [group["groupId"]],
        "memberId": [member["memberId"] for member in members],
        "recordingId": [recording],
        "webhookId": [(await made(box, "/webhooks", {"url": "http://192.0.2.7/hook"}))["webhookId"]],
        "keyId": [(await made(box, "/api-keys", {"name": "to go"}))["keyId"]],
        "identity": [seat["identity"] for seat in await box.participants()],
        "link": ["moderator", "speaker", "recording"],
    }


async def made(box, path, body):
    answer = await box.rest.post(path, json=body)
    assert answer.status_code == 201, f"{path}: {answer.text}"
    return answer.json()
