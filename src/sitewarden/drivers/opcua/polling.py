"""What a server is asked for again and again: nodes that are set to it, and those that cannot be monitored."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Container, Sequence

from sitewarden.drivers.opcua.mapping import Columns
from sitewarden.drivers.opcua.session import Session
from sitewarden.drivers.opcua.subscribing import Wanted
from sitewarden.drivers.opcua.wire import Values
from sitewarden.kit.errors import DriverError


class _Group:
    """Points that are read together; changed ones make new lists, so that an answer on its way finds those of its request."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self.wanted = list(wanted)
        self.columns = Columns([one.point for one in wanted], [one.address.element for one in wanted])


class Polling:
    """All that one session reads in periods."""

    def __init__(self, session: Session, take: Callable[[Columns, Values], None]) -> None:
        self._session, self._take = session, take
        self._groups: dict[float, _Group] = {}
        self._tasks: dict[float, asyncio.Task[None]] = {}

    async def begin(self, wanted: Sequence[Wanted]) -> None:
        """Read all of them once, and each in its period from then on, with those there are; raises a DriverError."""
        periods: dict[float, list[Wanted]] = defaultdict(list)
        for one in wanted:
            periods[one.point.period].append(one)
        for period, several in periods.items():
            await self._read(_Group(several))
            there = self._groups.get(period)
            self._groups[period] = _Group([*there.wanted, *several] if there is not None else several)
            if period not in self._tasks:
                self._tasks[period] = asyncio.create_task(self._every(period), name="reads of OPC UA")

    def remove(self, points: Container[str]) -> None:
        """Read these no more."""
        for period, group in self._groups.items():
            left = [one for one in group.wanted if one.point.id not in points]
            if len(left) < len(group.wanted):
                for place, one in enumerate(group.wanted):
                    if one.point.id in points:
                        group.columns.drop(place)
                self._groups[period] = _Group(left)

    async def close(self) -> None:
        """Read no more."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _every(self, period: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + period
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            try:
                await self._read(self._groups[period])
            except DriverError as error:
                self._session.end(error)
                return
            # A server that is slower than the period is asked as soon as it has answered, and no answer is made up for.
            due = max(due + period, loop.time())

    async def _read(self, group: _Group) -> None:
        asked = group.wanted
        if asked:
            told = await self._session.read([one.node for one in asked], [one.address.element for one in asked])
            self._take(group.columns, told)
