"""Core as a process of its own: `python -m tests.bus.core_process DIRECTORY`; prints "ready"."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from sitewarden.bus import Hub
from sitewarden.config import Settings
from sitewarden.domain.events import StoredEvent
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.store.interfaces import EventFilter
from sitewarden.store.sqlite import SqliteEventLog


async def main(directory: Path) -> None:
    log = SqliteEventLog.open(directory / "events.db")

    async def read(after: int, limit: int, types: Sequence[str]) -> list[StoredEvent]:
        return await log.read(EventFilter(after=after, limit=limit, types=tuple(types)))

    hub = Hub(log, read)
    network = LocalNetwork(Settings.for_test("127.0.0.1", directory), "core", directory / "run")
    await hub.listen(network, directory / "run/core.sock")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(Path(sys.argv[1])))
