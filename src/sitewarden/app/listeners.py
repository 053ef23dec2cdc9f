"""Who listens on which number: core's side of a change of a port, and what it says to the web workers."""

from __future__ import annotations

import asyncio
import logging
from typing import Final, cast, get_args

import msgspec
from msgspec import Struct

from sitewarden import ports
from sitewarden.bus.interfaces import Bus
from sitewarden.config import Settings
from sitewarden.domain.errors import Refusal, Unreachable
from sitewarden.domain.portchange import Reach
from sitewarden.net.network import LocalNetwork

log = logging.getLogger(__name__)

NUMBERS: Final = "ports.numbers"
"""Bus request to core: the numbers in effect of the rows that can be moved, as msgpack of a dict."""
ORDER: Final = "ports.order/"
"""Bus request to a web worker by its name: msgpack of an Order; the answer to a number to be tried is the Reach."""
ANSWER_SECONDS: Final = 5.0


class Order(Struct, frozen=True, kw_only=True):
    """Listen on `number` beside the row's own number (`proof` is given out there), or, without a proof, on it alone."""

    row: str
    number: int
    proof: str = ""


class NodeListeners:
    """Implements `services.portchange.Listeners` for the processes of this node."""

    def __init__(self, bus: Bus, network: LocalNetwork, settings: Settings) -> None:
        self._bus = bus
        self._network = network
        self._settings = settings

    async def open(self, row: str, number: int, proof: str) -> Reach | None:
        """Listen on `number` beside the row's own; None where nothing listens on the row."""
        workers = self._workers(row)
        try:
            if not workers:
                return "anywhere" if await self._network.listen_beside(row, number) else None
            return [await self._order(worker, Order(row=row, number=number, proof=proof)) for worker in workers][-1]
        except Refusal:
            own = ports.number_of(row, self._settings.ports)
            assert isinstance(own, int)
            await self.settle(row, own)
            raise

    async def settle(self, row: str, number: int) -> None:
        """Listen on `number` alone."""
        workers = self._workers(row)
        if not workers:
            await self._network.settle(row, number)
        await asyncio.gather(*(self._settle(worker, row, number) for worker in workers))

    async def _settle(self, worker: str, row: str, number: int) -> None:
        try:
            await self._order(worker, Order(row=row, number=number))
        except Refusal as refusal:
            log.warning("%s takes the number of %s when it is back: %s", worker, row, refusal)

    async def _order(self, worker: str, order: Order) -> Reach:
        try:
            answer = await self._bus.request(ORDER + worker, msgspec.msgpack.encode(order), timeout=ANSWER_SECONDS)
        except Unreachable:
            raise Unreachable(f"{worker} does not answer.", where=f"ports.{order.row}", remedy="Try again in a moment.") from None
        reach = msgspec.msgpack.decode(answer, type=str)
        assert reach in get_args(Reach)
        return cast("Reach", reach)

    def _workers(self, row: str) -> list[str]:
        if "web" not in ports.row(row).roles:
            return []
        return [f"web-{number}" for number in range(self._settings.processes.web)]
