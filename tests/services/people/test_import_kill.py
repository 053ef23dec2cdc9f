"""kill -9 amid an import: after it everything is there or nothing, in the state, the audit log and the event log alike."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sitewarden.app.platform import Platform
from sitewarden.config import Settings
from sitewarden.store.interfaces import EventFilter
from tests.e2e.site import ENVIRONMENT


class Cores:
    """Cores that import `count` people a round, one at a time."""

    def __init__(self, data: Path, count: int) -> None:
        arguments = [sys.executable, "-m", "tests.services.people.importing", str(data), str(count)]
        self._server = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT)

    def run_and_kill(self, round_: int, seconds: float | None) -> float | None:
        """Import, and kill `seconds` after it began to apply (None: never); return how long it took where it was done."""
        asked, told = self._server.stdin, self._server.stdout
        assert asked is not None and told is not None
        asked.write(f"{round_}\n".encode())
        asked.flush()
        word, _, pid = told.readline().decode().strip().partition(" ")
        assert word == "applying", word
        said = told.readline() if seconds is None else b""
        time.sleep(seconds or 0.0)
        os.kill(int(pid), signal.SIGKILL)
        while (line := told.readline()) != b"over\n":
            said = line
        word, _, taken = said.decode().strip().partition(" ")
        assert word in ("done", ""), word
        return float(taken) if word else None

    def close(self) -> None:
        """End the server, and with it whatever core it waits for."""
        self._server.kill()
        self._server.communicate()


async def found(data: Path, round_: int, count: int) -> bool:
    """Tell whether the round is there, after the start that a core makes; fail where a part of it is."""
    platform = Platform(Settings(data_dir=str(data), bind="127.0.0.1"))
    try:
        await platform.identity.prepare()
        await platform.state.deliver(platform.bus.emit)
        state = platform.state
        here = {
            kind: sum(held.entity.id.startswith(f"r{round_}-") for held in state.list(kind))
            for kind in ("credential-holder", "credential")
        }
        assert here["credential-holder"] == here["credential"] and here["credential"] in (0, count), here
        name = f"round-{round_}.csv"
        entries = [one.entry for one in await state.audit_page(limit=100) if one.entry.detail.get("name") == name]
        stored = await platform.log.read(EventFilter(types=("people.imported",), limit=1000))
        events = [one for one in stored if one.event.data["name"] == name]
        whole = here["credential"] == count
        assert ([one.outcome for one in entries if "sha256" in one.detail], len(events)) == (["done"] * whole, int(whole))
        assert not await state.verify_chain()
        return whole
    finally:
        await platform.close()


async def loop(data: Path, rounds: int, count: int, seed: int) -> list[bool]:
    """Import and kill at random moments; return which rounds are there."""
    chance = random.Random(seed)
    cores = Cores(data, count)
    try:
        taken = cores.run_and_kill(0, None)
        assert taken is not None and await found(data, 0, count)
        outcomes = []
        for round_ in range(1, rounds + 1):
            done = cores.run_and_kill(round_, chance.uniform(0.0, 1.2 * taken))
            outcomes.append(await found(data, round_, count))
            assert outcomes[-1] or done is None, "what was said to be done is gone"
        return outcomes
    finally:
        cores.close()


async def test_an_import_that_is_killed_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    assert len(await loop(tmp_path, 5, 2000, random.randrange(1 << 32))) == 5


@pytest.mark.soak
async def test_many_imports_of_many_people_are_killed(tmp_path: Path) -> None:
    outcomes = await loop(tmp_path, 40, 5_000, random.randrange(1 << 32))
    assert set(outcomes) == {True, False}, "some kills came before the commit and some after it"
