"""The face over the real stores, hub and link: what the console relies on when core goes and comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from argon2 import PasswordHasher
from websockets.asyncio.client import connect

from sitewarden.api.application import WebSettings, create_app
from sitewarden.bus import BusClient, Hub
from sitewarden.services.dispatch import Dispatcher
from sitewarden.services.entities import Entities
from sitewarden.services.events import Events
from sitewarden.services.identity import Identity
from sitewarden.services.invoke import TARGET
from sitewarden.services.operations import Operations
from sitewarden.services.passwords import Passwords
from sitewarden.services.secrets import SecretBox
from sitewarden.services.sessions import Sessions
from sitewarden.services.subjects import Subjects
from sitewarden.store.interfaces import EventFilter
from sitewarden.store.sqlite import SqliteEventLog, SqliteStateStore
from tests.api.serving import serving
from tests.bus.conftest import UnixNetwork
from tests.services.memory import TestClock

PASSWORD = "correct horse battery"


class CoreProcess:
    """What core does for a face, on files."""

    def __init__(self, folder: Path, clock: TestClock) -> None:
        self.folder = folder
        self.log = SqliteEventLog.open(folder / "events.db", now=clock.now)
        self.hub = Hub(self.log, self._read)
        self.state = SqliteStateStore.open(folder / "state.db", clock, self.hub.emit)
        subjects = Subjects(self.state)
        passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.identity = Identity(self.state, clock, Sessions(clock, folder / "sessions"), passwords, self.hub.emit)
        entities = Entities(
            self.state,
            clock,
            subjects,
            SecretBox(bytes(32)),
            hashers={("user", "password_hash"): self.identity.hash_password},
        )
        operations = Operations()
        for service in (self.identity, entities, Events(self.log, self.state, subjects)):
            operations.add(service.operations())
        self.hub.serve(TARGET, Dispatcher(operations, self.identity, self.state, subjects, clock).serve)
        self.relay = asyncio.create_task(self.state.run())

    async def listen(self) -> None:
        await self.hub.listen(cast("Any", UnixNetwork()), self.folder / "core.sock")

    async def close(self) -> None:
        self.relay.cancel()
        await asyncio.gather(self.relay, return_exceptions=True)
        await self.hub.close()
        await self.state.close()
        await self.log.close()

    async def _read(self, after: int, limit: int, types: Any) -> Any:
        return await self.log.read(EventFilter(after=after, types=tuple(types), limit=limit))


@pytest.fixture
async def web(netns: bool, host: str, tmp_path: Path) -> AsyncIterator[tuple[str, CoreProcess, TestClock]]:
    clock = TestClock()
    core = CoreProcess(tmp_path, clock)
    await core.identity.create_first_administrator("ada", PASSWORD)
    await core.listen()
    bus = BusClient(cast("Any", UnixNetwork()), tmp_path / "core.sock", "web-0")
    link = asyncio.create_task(bus.run())
    await bus.ready()
    async with serving(create_app(bus, WebSettings(console=None)), host):
        yield host, core, clock
    link.cancel()
    await asyncio.gather(link, return_exceptions=True)


async def test_answers_larger_than_a_frame_and_a_core_that_comes_back(web: tuple[str, CoreProcess, TestClock]) -> None:
    host, core, clock = web
    headers = {"X-Sitewarden": "1"}
    async with httpx.AsyncClient(base_url=f"http://{host}:8600/api/v1", headers=headers, timeout=60) as client:
        signed = await client.post("/session", json={"username": "ada", "password": PASSWORD})
        assert signed.status_code == 200
        for number in range(60):
            area = {"name": f"Room {number:03}", "description": "x" * 1900}
            assert (await client.post("/areas", json=area)).status_code == 201
        page = await client.get("/areas?limit=1000")
        assert (page.json()["total"], len(page.content) > 1 << 16) == (60, True)
        audit = (await client.get("/audit?limit=5")).json()
        assert audit["items"][0]["action"] == "area.create"
        assert len(audit["items"][0]["hash"]) == 64

        cookie = {"Cookie": f"sitewarden_session={client.cookies['sitewarden_session']}"}
        async with connect(f"ws://{host}:8600/api/v1/live", additional_headers=cookie, compression=None) as live:
            await live.send(json.dumps({"op": "subscribe", "id": "e", "topic": "events", "after": 0}))
            seqs = await _until(live, lambda event: event["data"].get("name") == "Room 059")
            assert len([name for name in seqs if name == "config.created"]) == 60

            await core.close()
            gone = await client.get("/areas")
            assert (gone.status_code, gone.json()["type"]) == (503, "urn:sitewarden:error:unreachable")

            clock.seconds += 1
            again = CoreProcess(core.folder, clock)
            await again.listen()
            try:
                async with asyncio.timeout(60):
                    while (await client.get("/areas")).status_code != 200:
                        pass
                made = await client.post("/areas", json={"name": "After"})
                assert made.status_code == 201, "the session outlived core"
                assert await _until(live, lambda event: event["data"].get("name") == "After") == ["config.created"]
            finally:
                await again.close()


async def _until(live: Any, wanted: Any) -> list[str]:
    seen: list[str] = []
    async with asyncio.timeout(60):
        while True:
            for item in json.loads(await live.recv()).get("events", ()):
                seen.append(item["event"]["type"])
                if wanted(item["event"]):
                    return seen
