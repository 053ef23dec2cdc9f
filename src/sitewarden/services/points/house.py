"""The house as protocol servers of the iot process tell it: points from its own table, the rest from the status board."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.commands import Result
from sitewarden.domain.errors import Refusal
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Latest, Samples, Value
from sitewarden.domain.refs import split_ref
from sitewarden.domain.status import Status
from sitewarden.kit.house import UNHEARD, Changed, Reading, Source
from sitewarden.services.points.messages import MACHINE_WRITE, MachineWrite
from sitewarden.services.points.table import PointTable
from sitewarden.services.status import BOARD, TOPIC

AGAIN: Final = 30.0
"""Seconds between two looks at core's whole board, for what was told while core was away or was dropped."""
RETRY: Final = 1.0
WRITE_SECONDS: Final = 8.0
"""Time for a write through core and back; a device has less."""


class LocalHouse:
    """One for all protocol servers of a process. `run` beside it; `told` with each batch of points that changed."""

    def __init__(self, bus: Bus, table: PointTable) -> None:
        self._bus = bus
        self._table = table
        self._statuses: dict[str, Status] = {}
        self._followers: dict[str, dict[Source, list[Changed]]] = defaultdict(dict)
        """By reference; every source once, with all who follow it."""
        self._decode = msgspec.msgpack.Decoder(Status).decode
        self._wanted = asyncio.Event()

    def follow(self, sources: Sequence[Source], changed: Changed) -> Callable[[], None]:
        """See `kit.house.House`."""
        for source in sources:
            self._followers[source.ref].setdefault(source, []).append(changed)
        if not all(_is_point(source) for source in sources):
            self._wanted.set()
        points = tuple(split_ref(source.ref)[1] for source in sources if _is_point(source))
        latest = {one.point: one for one in self._table.latest(points)} if points else {}
        changed([(source, self._reading(source, latest)) for source in sources])

        def end() -> None:
            for source in sources:
                followers = self._followers[source.ref].get(source, [])
                if changed in followers:
                    followers.remove(changed)
                if not followers:
                    self._followers[source.ref].pop(source, None)
                if not self._followers[source.ref]:
                    del self._followers[source.ref]

        return end

    async def write(self, ref: str, value: Value, *, by: str, remote: str, reason: str) -> Result:
        """See `kit.house.House`."""
        if value is None:
            return Result(ok=False, code="invalid", what="a value is needed")
        order = MachineWrite(endpoint=by, entity=ref, value=value, remote=remote, reason=reason)
        try:
            answer = await self._bus.request(MACHINE_WRITE, msgspec.msgpack.encode(order), timeout=WRITE_SECONDS)
        except Refusal as refusal:
            return Result(ok=False, code=refusal.code, what=refusal.what, remedy=refusal.remedy)
        return msgspec.msgpack.decode(answer, type=Result)

    def told(self, samples: Samples) -> None:
        """Take points that changed."""
        if not self._followers:
            return
        news: dict[Changed, list[tuple[Source, Reading]]] = defaultdict(list)
        columns = zip(samples.points, samples.values, samples.qualities, samples.source_times, strict=True)
        for point, value, quality, time in columns:
            for source, followers in self._followers.get(f"point:{point}", {}).items():
                reading = Reading(value, quality, time)
                for changed in followers:
                    news[changed].append((source, reading))
        for changed, items in news.items():
            changed(items)

    async def run(self) -> None:
        """Keep the statuses of what is no point until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hear(), name="statuses")
            group.create_task(self._ask(), name="status board")

    async def _hear(self) -> None:
        # Bound: the last 4096 messages; what is dropped is told again by its source with its next change.
        await self._wanted.wait()
        async for topic, payload in self._bus.subscribe(TOPIC, capacity=4096):
            if topic == TOPIC:
                try:
                    self._take([self._decode(payload)])
                except (msgspec.ValidationError, msgspec.DecodeError):
                    continue

    async def _ask(self) -> None:
        """Take core's whole board once anybody follows anything of it, and now and then."""
        while True:
            await self._wanted.wait()
            pause = AGAIN
            try:
                self._take(msgspec.msgpack.decode(await self._bus.request(BOARD, b""), type=list[Status]))
            except Refusal:
                pause = RETRY
            await asyncio.sleep(pause)

    def _take(self, statuses: Iterable[Status]) -> None:
        news: dict[Changed, list[tuple[Source, Reading]]] = defaultdict(list)
        for status in statuses:
            self._statuses[status.ref] = status
            for source, followers in self._followers.get(status.ref, {}).items():
                if _is_point(source):
                    continue
                reading = self._reading(source, {})
                for changed in followers:
                    news[changed].append((source, reading))
        for changed, items in news.items():
            changed(items)

    def _reading(self, source: Source, latest: dict[str, Latest]) -> Reading:
        if _is_point(source):
            found = latest.get(split_ref(source.ref)[1])
            return Reading(found.value, found.quality, found.source_time) if found is not None else UNHEARD
        status = self._statuses.get(source.ref)
        if status is None:
            return UNHEARD
        value = status.data.get(source.member) if source.member else status.state
        if not isinstance(value, (bool, int, float, str)):
            return Reading(None, Quality.BAD_CONFIGURATION_ERROR if status.state == "online" else Quality.BAD, status.since)
        lost = bool(source.member) and status.state == "offline"
        return Reading(value, Quality.UNCERTAIN_LAST_KNOWN_VALUE if lost else Quality.GOOD, status.since)


def _is_point(source: Source) -> bool:
    return source.ref.startswith("point:") and not source.member
