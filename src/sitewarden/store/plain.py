"""Search and counts for an event log that can only be read page by page: right for any log, slow for a large one."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from sitewarden.domain.events import StoredEvent
from sitewarden.store.interfaces import Counted, EventFilter, Found, Tally

PAGE: Final = 1000


class ReadingLog:
    """`search` and `count` of an `EventLog`, made of its `read`, which need not know `among` and `source`."""

    async def read(self, which: EventFilter) -> list[StoredEvent]:
        """Read a page."""
        raise NotImplementedError

    async def search(self, which: EventFilter, seconds: float = 1.0) -> Found:
        """Read as far as `limit` events or `seconds` go, and say where to go on."""
        end = time.monotonic() + seconds
        found: list[StoredEvent] = []
        async for page, last in self._pages(which):
            found += [one for one in page if fits(which, one)][: which.limit - len(found)]
            if len(found) >= which.limit:
                return Found(found, found[-1].seq)
            if last is not None and time.monotonic() > end:
                return Found(found, last)
        return Found(found, None)

    async def count(self, which: EventFilter, step: int, seconds: float = 1.0) -> Counted:
        """Count what a search finds in [start, end), the newest first, as far back as `seconds` go."""
        assert which.start is not None and which.end is not None
        end = time.monotonic() + seconds
        sums: dict[tuple[int, str, int], int] = {}
        reached = None
        async for page, last in self._pages(msgspec.structs.replace(which, after=None, before=None, limit=PAGE)):
            for one in page:
                if fits(which, one):
                    key = ((one.event.time - which.start) // step, one.event.type, one.event.severity)
                    sums[key] = sums.get(key, 0) + 1
            if last is not None and time.monotonic() > end:
                reached = last
                break
        tallies = [Tally(which.start + at * step, type_, severity, n) for (at, type_, severity), n in sorted(sums.items())]
        return Counted(tallies, step, reached)

    async def _pages(self, which: EventFilter) -> AsyncIterator[tuple[list[StoredEvent], int | None]]:
        """Yield page after page with the cursor after it; None after the last."""
        plain = msgspec.structs.replace(which, among=(), source="", limit=max(which.limit, min(PAGE, 4 * which.limit)))
        while True:
            page = await self.read(plain)
            last = page[-1].seq if len(page) == plain.limit else None
            yield page, last
            if last is None:
                return
            plain = msgspec.structs.replace(plain, **{"before" if which.after is None else "after": last})


def fits(which: EventFilter, stored: StoredEvent) -> bool:
    """Tell whether an event concerns one of each group, and is of the source."""
    event = stored.event
    concerned = {event.entity, *event.related}
    if which.source and event.key.rpartition("/")[0].rpartition("/")[0] != which.source:
        return False
    return all(concerned & set(group) for group in which.among)
