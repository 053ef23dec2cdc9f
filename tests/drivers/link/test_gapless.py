"""No record is lost or doubled while the server is killed, controllers are killed and the network goes away, in one run."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import random
import socket
import sqlite3
import struct
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomli_w

from sim.demo_access import provision, settings
from sitewarden.domain.events import StoredEvent
from sitewarden.net.tls import Authority
from sitewarden.store.interfaces import EventFilter
from sitewarden.store.sqlite import SqliteEventLog
from tests.netns import IFF_UP_LOOPBACK_MULTICAST, SIOCSIFFLAGS

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
NAMES = ("front", "inner")
EACH = 2
"""How often each thing happens."""
PATIENCE = 90.0


class Process:
    """A process that is killed without mercy and started again."""

    def __init__(self, ready: str, *command: str) -> None:
        self._ready, self._command = ready, command
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *self._command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=ENVIRONMENT,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while self._ready not in (line := (await self._process.stdout.readline()).decode()):
                assert line, f"{self._command} ended before it was ready"

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None


class Controller(Process):
    """A simulated controller whose door contact can be moved."""

    def __init__(self, name: str, data: Path, host: str) -> None:
        self.name, self._socket = name, str(data / f"{name}.sock")
        made = msgspec.to_builtins(settings(name, data, host))
        file = data / f"{name}.toml"
        file.write_text(tomli_w.dumps(_without_none(made)))
        super().__init__(f"controller {name} runs", "sim.controller", "--config", str(file), "--control", self._socket)
        self.log = data / name / "controller.db"

    async def ask(self, *orders: dict[str, Any]) -> list[dict[str, Any]]:
        """Give orders over its control socket; an empty list where it is not there now."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            return []
        try:
            writer.write(b"".join(json.dumps(order).encode() + b"\n" for order in orders))
            return [json.loads(await reader.readline()) for _ in orders]
        except (OSError, ValueError):
            return []
        finally:
            writer.close()

    async def busy(self) -> None:
        """Open and close a door, over and over."""
        while True:
            await self.ask(*({"op": "input", "line": 0, "active": active} for _ in range(5) for active in (True, False)))
            await asyncio.sleep(0.05)

    async def logged(self) -> int:
        """Return the index of its newest record; a controller logs its doors from its first rules on."""
        state = await self.ask({"op": "state"})
        return int(state[0]["last"]) if state else 0

    async def settled(self) -> bool:
        """Tell whether the server has confirmed all that it logged."""
        state = await self.ask({"op": "state"})
        return bool(state) and state[0]["connected"] and state[0]["confirmed"] == state[0]["last"] > 0


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list | tuple) else value


def loopback(*, up: bool) -> None:
    """Plug the namespace's loopback in or out: what is on its way is lost, and connections do not hear of it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        flags = IFF_UP_LOOPBACK_MULTICAST if up else IFF_UP_LOOPBACK_MULTICAST & ~1
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags))


async def test_the_log_is_gapless_through_kills_and_network_loss(netns: bool, tmp_path: Path) -> None:
    if not netns:
        pytest.skip("the network can be taken away only in a namespace of its own")
    host, data = "127.0.0.1", tmp_path / "controllers"
    data.mkdir()
    authority = Authority.open(tmp_path / "server" / "tls")
    for name in NAMES:
        provision(authority, name, data)
    server = Process("serving", "tests.drivers.link.server_process", str(tmp_path / "server"), host)
    controllers = [Controller(name, data, host) for name in NAMES]
    try:
        await asyncio.gather(server.start(), *(one.start() for one in controllers))
        at_work = [asyncio.create_task(one.busy()) for one in controllers]
        draw = random.Random(11)
        happenings = ["server", "controller", "network"] * EACH
        draw.shuffle(happenings)
        for what in happenings:
            await asyncio.sleep(draw.uniform(0.2, 0.8))
            if what == "network":
                loopback(up=False)
                await asyncio.sleep(draw.uniform(0.2, 0.8))
                loopback(up=True)
            else:
                victim = server if what == "server" else draw.choice(controllers)
                await victim.kill()
                await victim.start()
        async with asyncio.timeout(PATIENCE):
            while not all([await one.logged() > 100 for one in controllers]):
                await asyncio.sleep(0.1)
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
        async with asyncio.timeout(PATIENCE):
            while not all([await one.settled() for one in controllers]):
                await asyncio.sleep(0.1)
    finally:
        for process in (server, *controllers):
            await process.kill()
    log = SqliteEventLog.open(tmp_path / "server" / "events.db")
    try:
        stored: list[StoredEvent] = []
        while page := await log.read(EventFilter(after=stored[-1].seq if stored else 0, types=(), limit=10_000)):
            stored += page
    finally:
        await log.close()
    for one in controllers:
        with sqlite3.connect(one.log) as db:
            kept = [index for (index,) in db.execute("SELECT idx FROM log ORDER BY idx")]
            (epoch,) = db.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
        prefix = f"{one.name}/{epoch}/"
        came = [int(item.event.key.removeprefix(prefix)) for item in stored if item.event.key.startswith(prefix)]
        assert kept == list(range(1, len(kept) + 1)), "the controller's own log has no gap"
        assert len(kept) > 100
        assert came == kept, "all of it, once, in its order"
