"""Relays to the server what a held controller says: its log in order, its doors, over the server's API."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable
from typing import Final

from sitewarden.app.probe.remote import Api
from sitewarden.domain.errors import Refusal, Unreachable
from sitewarden.services.surface.access import Relayed
from sitewarden.wire.controller import DoorReport, encode

log = logging.getLogger(__name__)

EVERY: Final = 15.0
"""Seconds between two words to the server where nothing happens: it shows the state only while it hears of it."""
RETRY: Final = 3.0
WAITING: Final = 64
"""Batches that wait for the server; then the controller is not asked for more, and keeps the rest."""

Rows = list[tuple[int, bytes]]
_NOTHING: Final[Rows] = []


class Relay:
    """`run` relays until cancelled. `problem` is called with each new trouble, and with "" once it is over."""

    def __init__(self, api: Api, problem: Callable[[str], None]) -> None:
        self._api, self._problem = api, problem
        self._path = ""
        self._batches: asyncio.Queue[tuple[int, Rows]] = asyncio.Queue(WAITING)
        self._doors: dict[str, DoorReport] = {}
        self._epoch = 0
        self.stored = 0

    async def begin(self, controller: str, epoch: int) -> int:
        """Ask the server how far it has this log; raises the server's refusal."""
        self._path, self._epoch = f"/controllers/{controller}/relay", epoch
        return (await self._send(epoch, [])).confirmed

    def door(self, report: DoorReport) -> None:
        """Take how a door is now."""
        self._doors[report.door] = report

    async def take(self, epoch: int, rows: Rows) -> None:
        """Take records in their order; waits while too many wait for the server."""
        await self._batches.put((epoch, rows))

    async def run(self) -> None:
        """Relay until cancelled; what failed is tried again, so that no record is left out."""
        while True:
            epoch, rows = self._epoch, _NOTHING
            try:
                async with asyncio.timeout(EVERY):
                    epoch, rows = await self._batches.get()
            except TimeoutError:
                pass
            await self._insist(epoch, rows)

    async def _insist(self, epoch: int, rows: Rows) -> None:
        told = ""
        while True:
            try:
                self.stored += (await self._send(epoch, rows)).stored
                break
            except Unreachable as refusal:
                if told != str(refusal):
                    told = str(refusal)
                    self._problem(f"The server is not reached, so nothing is relayed for now: {refusal.what}")
                await asyncio.sleep(RETRY)
            except Refusal as refusal:
                self._problem(f"The server does not take what is relayed: {refusal}")
                return
        if told:
            self._problem("")

    async def _send(self, epoch: int, rows: Rows) -> Relayed:
        body = {
            "epoch": epoch,
            "records": [[index, _text(record)] for index, record in rows],
            "doors": [_text(encode(report)) for report in self._doors.values()],
        }
        return await self._api.ask("POST", self._path, Relayed, body)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
