"""A worker as a process of its own: `python -m tests.bus.worker_process DIRECTORY EPOCH`; prints each key that is safe."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from sitewarden.bus import BusClient
from sitewarden.config import Settings
from sitewarden.domain.commands import Command, Result
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.store.sqlite import Outbox
from tests.bus.conftest import event


async def main(directory: Path, epoch: int) -> None:
    outbox = Outbox.open(directory / "outbox.db")
    network = LocalNetwork(Settings.for_test("127.0.0.1", directory), "iot", directory / "run")
    client = BusClient(network, directory / "run/core.sock", "iot", outbox)

    async def execute(command: Command) -> Result:
        return Result(ok=True, value={"epoch": epoch})

    client.claim(["door:*"], execute)
    running = asyncio.create_task(client.run())
    index = 0
    while not running.done():
        events = [event(f"iot/{epoch}/{index + i}") for i in range(3)]
        await client.emit(events)
        index += 3
        sys.stdout.write("".join(f"{one.key}\n" for one in events))
        sys.stdout.flush()
        await asyncio.sleep(0.002)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(Path(sys.argv[1]), int(sys.argv[2])))
