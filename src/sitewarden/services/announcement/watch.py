"""Looks at the ports of found servers, again and again while they are heard."""

from __future__ import annotations

import asyncio
from typing import Final

from sitewarden.domain.clock import Clock
from sitewarden.net.links import near
from sitewarden.services.announcement.reach import UNCHECKED, Looker, Reach
from sitewarden.services.announcement.table import Row, Table

SECONDS: Final = 30.0
"""Between two looks at a server."""
SOON: Final = 2.0
"""Seconds after a first look that failed, doubled with each further one: who starts announces itself before it serves."""
AT_ONCE: Final = 16
"""Ports that are looked at in one round; those whose turn did not come are first in the next."""
FAR: Final = Reach(state="unchecked", detail="it is on no network of this computer, and is looked at when it is registered")
PORTLESS: Final = Reach(state="unchecked", detail="it announces no port")

Aim = tuple[str, int, str]
"""Address, port (0: it announces none) and the certificate that it announces."""


class Watch:
    """What was found. Only the address that an announcement came from is looked at, and only on networks of this computer."""

    def __init__(self, clock: Clock, table: Table) -> None:
        self._clock, self._table = clock, table
        self._found: dict[str, tuple[Aim, Reach, float]] = {}
        """Id of a row to where was looked, what was found, and when to look again; no larger than the table."""
        self._pauses: dict[str, float] = {}
        """Id of a row to the seconds until the next look, while looks fail."""

    def reach(self, row: Row) -> Reach:
        """Return what the last look found, where it is still about the same port and certificate."""
        held = self._found.get(row.id)
        return held[1] if held is not None and held[0] == aim_of(row) else UNCHECKED

    async def run(self, looker: Looker) -> None:
        """Look until cancelled."""
        while True:
            await self.round(looker)
            await asyncio.sleep(1.0)

    async def round(self, looker: Looker) -> None:
        """Look at those whose turn it is."""
        for id_ in self._found.keys() - {row.id for row in self._table}:
            del self._found[id_]
            self._pauses.pop(id_, None)
        tick = self._clock.monotonic()
        due = sorted((self._due(row), row.id) for row in self._table if not row.silent and self._due(row) <= tick)
        await asyncio.gather(*(self._look(looker, id_) for _, id_ in due[:AT_ONCE]))

    def _due(self, row: Row) -> float:
        held = self._found.get(row.id)
        return held[2] if held is not None and held[0] == aim_of(row) else 0.0

    async def _look(self, looker: Looker, id_: str) -> None:
        row = self._table.get(id_)
        if row is None:
            return
        host, number, fingerprint = aim = aim_of(row)
        if not number:
            reach = PORTLESS
        elif not await asyncio.to_thread(near, host):
            reach = FAR
        else:
            reach = await looker.look(scoped(row), number, fingerprint)
        pause = SECONDS
        if reach.state in ("unreachable", "other-certificate"):
            pause = self._pauses[id_] = min(SECONDS, 2 * self._pauses.get(id_, SOON / 2))
        else:
            self._pauses.pop(id_, None)
        self._found[id_] = (aim, reach, self._clock.monotonic() + pause)


def aim_of(row: Row) -> Aim:
    """Return where a found server is looked at."""
    ports = row.message.ports
    return row.host, ports[0].number if ports else 0, row.tls


def scoped(row: Row) -> str:
    """Return the row's address as it is dialled: a link-local one needs its interface."""
    return f"{row.host}%{row.interface}" if row.host.lower().startswith("fe80:") else row.host
