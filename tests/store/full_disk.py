"""Fills the disk under the stores, makes room again, and tells what came of it as JSON.

`python -m tests.store.full_disk DIRECTORY`, where DIRECTORY is a file system of a few megabytes.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from sitewarden.domain.access.model import Area
from sitewarden.domain.errors import StorageFull
from sitewarden.store.interfaces import AuditEntry, Change, EventFilter
from sitewarden.store.sqlite import Outbox, SqliteEventLog, SqliteSampleStore, SqliteStateStore
from sitewarden.store.sqlite.fsck import check_all
from tests.store.samples_of import NOON, StillClock, event, samples

Write = Callable[[int], Awaitable[object]]


async def refused(write: Write, number: int) -> bool:
    """Write it; tell whether the disk was full."""
    try:
        await write(number)
    except StorageFull:
        return True
    return False


async def until_full(write: Write, start: int) -> int:
    """Return the first number that was refused."""
    number = start
    while not await refused(write, number):
        number += 1
    return number


async def fill(write: Write, filler: Path) -> int:
    """Return how many writes were taken: those before the disk was full, and five after there was room again.

    A full disk may take a few more of them where a checkpoint gave room back. One that runs just when there is room again takes
    of it until the log that it copies begins anew, so a write may be refused once more.
    """
    filler.write_bytes(bytes(5_000_000))
    full = await until_full(write, 0)
    assert full > 0
    for _ in range(3):
        full = await until_full(write, full)
    filler.unlink()
    async with asyncio.timeout(60):
        for number in range(full, full + 5):
            while await refused(write, number):
                await asyncio.sleep(0.01)
    return full + 5


async def fill_events(data: Path, filler: Path) -> bool:
    log = SqliteEventLog.open(data / "events.db")
    count = await fill(lambda number: log.append([event(number, text="x" * 50_000)]), filler)
    found = await log.read(EventFilter(after=0, limit=10_000))
    await log.close()
    return [one.event.key for one in found] == [event(number).key for number in range(count)]


async def fill_state(data: Path, filler: Path) -> bool:
    state = SqliteStateStore.open(data / "state.db", StillClock())
    entry = AuditEntry(time=NOON, actor="user:ada", action="x", entity="area:a", outcome="done")

    async def change(number: int) -> None:
        area = Area(id=f"a{number}", name="Hall", description="x" * 2000, tags=tuple(f"{n}{'x' * 50}" for n in range(900)))
        await state.apply([Change(kind="area", id=area.id, entity=area)], events=[event(number)], audit=[entry])

    count = await fill(change, filler)
    whole = len(state.list("area")) == state.audit_head()[0] == await state.waiting() == state.version == count
    whole = whole and await state.verify_chain() == []
    await state.close()
    return whole


async def fill_samples(data: Path, filler: Path) -> bool:
    store = SqliteSampleStore.open(data / "samples.db")

    async def write(number: int) -> None:
        noise = random.Random(number)
        await store.append(samples(*((f"p{p}", number, noise.randbytes(250).hex()) for p in range(100))))

    count = await fill(write, filler)
    stored = len(await store.range("p7", 0, 1 << 60, 100_000))
    await store.close()
    return stored == count


async def fill_outbox(data: Path, filler: Path) -> bool:
    outbox = Outbox.open(data / "outbox-iot.db")
    count = await fill(lambda number: outbox.append([event(number, text="x" * 50_000)]), filler)
    whole = len(outbox) == count == len(await outbox.pending(10_000))
    await outbox.close()
    return whole


async def main(data: Path) -> None:
    told: dict[str, object] = {}
    for scenario in (fill_events, fill_state, fill_samples, fill_outbox):
        folder = data / scenario.__name__
        folder.mkdir()
        told[scenario.__name__] = [await scenario(folder, data / "filler"), [str(one) for one in check_all(folder)]]
        shutil.rmtree(folder)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
