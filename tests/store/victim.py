"""A process that writes to every store from many producers and tells each acknowledgement, until it is killed.

`python -m tests.store.victim DIRECTORY ROUND`; each line on stdout is something that a store said is durable.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from sitewarden.domain.access.model import Area
from sitewarden.domain.events import Confirm
from sitewarden.store.interfaces import AuditEntry, Change
from sitewarden.store.packed_samples import Limits
from sitewarden.store.sqlite import Outbox, SqliteEventLog, SqliteSampleStore, SqliteStateStore
from tests.store.samples_of import NOON, StillClock, event, samples

PRODUCERS = 24
POINTS = 15


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def produce_events(log: SqliteEventLog, origin: str, epoch: int) -> None:
    for index in itertools.count(1):
        one = event(index, origin=origin, epoch=epoch, entity=f"door:{origin}")
        await log.append([one], Confirm(origin, epoch, index))
        say("event", one.key)


async def produce_changes(state: SqliteStateStore, who: int, epoch: int) -> None:
    for index in itertools.count():
        name = f"a-{epoch}-{who}-{index}"
        entry = AuditEntry(time=NOON, actor="user:ada", action="area.create", entity=f"area:{name}", outcome="done")
        change = Change(kind="area", id=name, entity=Area(id=name, name=name), revision=0)
        await state.apply([change], events=[event(0, key=f"area:{name}", entity=f"area:{name}")], audit=[entry])
        say("change", f"area:{name}")


async def produce_samples(store: SqliteSampleStore, who: int, epoch: int) -> None:
    for second in itertools.count(epoch * 1_000_000):
        await store.append(samples(*((f"p{who}-{point}", second, float(second)) for point in range(POINTS))))
        say("samples", f"{who} {second}")


async def join_chunks(store: SqliteSampleStore) -> None:
    while True:
        await store.seal(everything=True)
        await store.compact(everything=True)


async def produce_items(outbox: Outbox, who: int, epoch: int) -> None:
    for index in itertools.count():
        say("item", await outbox.append([event(index, origin=f"out{who}", epoch=epoch)]), f"out{who}/{epoch}/{index}")


async def main(data: Path, epoch: int) -> None:
    log = SqliteEventLog.open(data / "events.db")
    log._writer.checkpointer.pages = 100
    state = SqliteStateStore.open(data / "state.db", StillClock())
    store = SqliteSampleStore.open(data / "samples.db", limits=Limits(seal_at=2_000))
    store._writer.checkpointer.pages = 100
    outbox = Outbox.open(data / "outbox-iot.db")
    await asyncio.gather(
        *(produce_events(log, f"p{number}", epoch) for number in range(PRODUCERS)),
        *(produce_changes(state, number, epoch) for number in range(4)),
        *(produce_samples(store, number, epoch) for number in range(3)),
        *(produce_items(outbox, number, epoch) for number in range(3)),
        join_chunks(store),
    )


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
