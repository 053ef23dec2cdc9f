"""The simulated controller as a process of its own: settings file, control socket, and the log after kill -9."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.demo_access import CARDS, card_of, documents
from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.model import AccessPoint, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder
from sitewarden.domain.access.rights import AccessProfile, Schedule
from sitewarden.kit.clock import SystemClock
from sitewarden.nodes.controller.journal import Journal
from tests.drivers.link.site import PIN_KEY, demo

ROOT = Path(__file__).resolve().parents[2]


def rules() -> Any:
    found = demo()

    def of(model: type) -> list[Any]:
        return [entity for entity in found if type(entity) is model]

    return compile(
        version=1,
        zone="UTC",
        pin_key=PIN_KEY,
        controllers=of(Controller),
        doors=of(Door),
        access_points=of(AccessPoint),
        schedules=of(Schedule),
        profiles=of(AccessProfile),
        holders=of(CredentialHolder),
        credentials=of(Credential),
    )


class Process:
    """`python -m sim.controller` with rules that were kept and no server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "inner.toml"
        self.socket = str(folder / "control")
        self.config.write_text(
            f'node = "inner"\ndata = "{folder}"\nreaders = [0, 1, 2]\n[[locks]]\noutput = 0\ncontact = 0\n[[locks]]\noutput = 1\n'
        )

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sim.controller", "--config", str(self.config), "--control", self.socket,
            stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )  # fmt: skip
        assert self.process.stdout is not None
        assert b"controller inner runs" in await self.process.stdout.readline()
        self.reader, self.writer = await asyncio.open_unix_connection(self.socket)

    async def ask(self, **question: Any) -> dict[str, Any]:
        self.writer.write(json.dumps(question).encode() + b"\n")
        said: dict[str, Any] = json.loads(await self.reader.readline())
        return said

    async def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        code = await self.process.wait()
        self.writer.close()
        return code


@pytest.fixture
async def process(tmp_path: Path) -> Process:
    journal = Journal.open(tmp_path / "controller.db", SystemClock())
    packed = Rules(rules()).packed()
    await journal.keep_rules(packed.digest, packed.data)
    await journal.close()
    return Process(tmp_path)


async def test_kill_and_start_again_keep_the_log(process: Process) -> None:
    grants = 0
    last = 0
    for _ in range(4):
        await process.start()
        before = await process.ask(op="state")
        assert before["last"] >= last, "what was durable is there"
        for _ in range(5):
            assert (await process.ask(op="swipe", reader=0, card=card_of("hugo")))["signal"] == "granted"
            grants += 1
        while (last := (await process.ask(op="state"))["last"]) < before["last"] + 5:
            await asyncio.sleep(0)
        assert await process.end(signal.SIGKILL) == -signal.SIGKILL
    journal = Journal.open(process.folder / "controller.db", SystemClock())
    records = journal.records()
    await journal.close()
    assert [index for index, _ in records] == list(range(1, len(records) + 1)), "no index is missing or doubled"
    told = [record for _, record in records if record.type == "access.granted"]
    assert len(told) >= grants - 4, "at most the swipe that was under way at each kill is not in the log"


async def test_control_socket_and_an_orderly_end(process: Process) -> None:
    await process.start()
    assert (await process.ask(op="swipe", reader=0, card=card_of("lena")))["signal"] == "denied"
    answer = await process.ask(op="swipe", reader=0, card=card_of("hugo"))
    assert 0 < answer["released_after"] < 5
    assert await process.ask(op="input", line=0, active=True) == {"ok": True}
    state = await process.ask(op="state")
    assert next(door for door in state["doors"] if door["door"] == "office-wing")["open"] is True
    assert "error" in await process.ask(op="dance")
    assert "error" in await process.ask(op="swipe", reader=0, card="nonsense")
    assert await process.end(signal.SIGTERM) == 0
    journal = Journal.open(process.folder / "controller.db", SystemClock())
    assert journal.records()[-1][1].type in ("door.mode", "access.taken", "door.opened")
    await journal.close()


def test_documents_carry_pins_in_clear_and_no_hash() -> None:
    written = dict.fromkeys(CARDS.values(), False) | {
        document["pin"]: True for kind, document in documents() if kind == "credential" and "pin" in document
    }
    assert all(written[pin] for pin in CARDS.values() if pin)
    assert not any("pin_hash" in document for _, document in documents())
