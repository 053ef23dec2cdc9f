"""What a server is asked for again and again: nodes that are set to it, and those that cannot be monitored."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence

from sitewarden.drivers.opcua.mapping import Columns
from sitewarden.drivers.opcua.session import Session
from sitewarden.drivers.opcua.subscribing import Wanted
from sitewarden.drivers.opcua.wire import Values
from sitewarden.kit.errors import DriverError


class Polling:
    """All that one session reads in periods."""

    def __init__(self, session: Session, take: Callable[[Columns, Values], None]) -> None:
        self._session, self._take = session, take
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self, wanted: Sequence[Wanted]) -> None:
        """Read all of them once, and each in its period from then on; raises a DriverError."""
        periods: dict[float, list[Wanted]] = defaultdict(list)
        for one in wanted:
            periods[one.point.period].append(one)
        for period, several in periods.items():
            columns = Columns([one.point for one in several], [one.address.element for one in several])
            await self._read(columns, several)
            self._tasks.append(asyncio.create_task(self._every(period, columns, several), name="reads of OPC UA"))

    async def close(self) -> None:
        """Read no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _every(self, period: float, columns: Columns, wanted: Sequence[Wanted]) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + period
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            try:
                await self._read(columns, wanted)
            except DriverError as error:
                self._session.end(error)
                return
            # A server that is slower than the period is asked as soon as it has answered, and no answer is made up for.
            due = max(due + period, loop.time())

    async def _read(self, columns: Columns, wanted: Sequence[Wanted]) -> None:
        self._take(columns, await self._session.read([one.node for one in wanted], [one.address.element for one in wanted]))
