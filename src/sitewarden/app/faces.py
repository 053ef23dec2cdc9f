"""The listening rows of a web worker: each serves its application on one number, or on two while another is tried."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from sitewarden import ports
from sitewarden.api.server import serve
from sitewarden.api.web.trial import Trying, with_proof
from sitewarden.app.listeners import NUMBERS, ORDER, Order
from sitewarden.bus.client import BusClient
from sitewarden.config import Settings
from sitewarden.domain.errors import NotFound, Refusal
from sitewarden.domain.portchange import Reach
from sitewarden.net import Network
from sitewarden.net.interfaces import Tls

log = logging.getLogger(__name__)

LINGER_SECONDS: Final = 2.0
"""A number that was given up serves on for so long: consoles hear over it where to go."""
FORGOTTEN_SECONDS: Final = 15.0
"""So long after its trial a tried number closes by itself, whatever core does."""


@dataclass(slots=True)
class Face:
    """One row: its application, and the tasks that serve it by number."""

    app: Any
    tls: Tls
    reach: Reach
    serving: dict[int, asyncio.Task[None]] = field(default_factory=dict)


class Faces:
    """Starts, adds and closes listeners in `group`, which outlives them."""

    def __init__(self, network: Network, settings: Settings, trying: Trying, group: asyncio.TaskGroup) -> None:
        self._network = network
        self._settings = settings
        self._trying = trying
        self._group = group
        self._faces: dict[str, Face] = {}
        self._silence: asyncio.TimerHandle | None = None

    def start(self, row: str, app: Any, tls: Tls, reach: Reach = "console", ready: Callable[[], None] | None = None) -> None:
        """Serve a row on its own number; raises Refusal where that is not free, and can then still be moved."""
        face = self._faces[row] = Face(app, tls, reach)
        self._listen(row, face, self.number(row), app, ready)

    async def follow(self, bus: BusClient, name: str) -> None:
        """Take core's orders until cancelled. A trial ends where core is lost; when it is back its numbers are taken."""
        bus.serve(ORDER + name, self._obey)
        while True:
            await bus.ready()
            await self._reconcile(bus)
            await bus.lost()
            self._give_up()

    async def _reconcile(self, bus: BusClient) -> None:
        try:
            numbers = msgspec.msgpack.decode(await bus.request(NUMBERS, b""), type=dict[str, int])
        except Refusal as refusal:
            log.warning("core does not say which ports hold: %s", refusal)
            return
        for row, number in numbers.items():
            if row in self._faces and number != self.number(row):
                self._settle(row, number)

    async def _obey(self, body: bytes) -> bytes:
        order = msgspec.msgpack.decode(body, type=Order)
        face = self._faces.get(order.row)
        if face is None:
            raise NotFound(f"This worker does not serve {order.row}.", where=f"ports.{order.row}")
        if order.proof:
            self._try(order, face)
        else:
            self._settle(order.row, order.number)
        return msgspec.msgpack.encode(face.reach)

    def _try(self, order: Order, face: Face) -> None:
        self._give_up()
        self._listen(
            order.row, face, order.number, with_proof(face.app, order.row, order.proof, self._trying, self._console(face)), None
        )
        self._trying.row, self._trying.number = order.row, order.number if face.reach == "console" else 0
        self._silence = asyncio.get_running_loop().call_later(
            self._settings.limits.port_trial_seconds + FORGOTTEN_SECONDS, self._give_up
        )

    def _settle(self, row: str, number: int) -> None:
        """Serve the row on `number` alone; the others close in a moment. Where a new `number` is not free, all stays."""
        face = self._faces[row]
        if number not in face.serving:
            try:
                self._listen(row, face, number, face.app, None)
            except Refusal as refusal:
                log.warning("%s is not on %d: %s", row, number, refusal)
                if number != self.number(row):
                    return
        self._settings.renumber(row, number)
        self._end_trial()
        loop = asyncio.get_running_loop()
        for other in [other for other in face.serving if other != number]:
            loop.call_later(LINGER_SECONDS, face.serving.pop(other).cancel)

    def _give_up(self) -> None:
        """Close what is only tried."""
        row = self._trying.row
        if row:
            self._settle(row, self.number(row))

    def _end_trial(self) -> None:
        self._trying.row, self._trying.number = "", 0
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _listen(self, row: str, face: Face, number: int, app: Any, ready: Callable[[], None] | None) -> None:
        sock = self._network.listen_socket(row, number=number, shared=True)
        serving: Awaitable[None] = serve(app, [sock], face.tls, ready=ready, lifespan="off")
        face.serving[number] = self._group.create_task(serving, name=f"{row} on {number}")  # type: ignore[arg-type]

    def _console(self, face: Face) -> Callable[[str], str]:
        """Return what leads from the tried number to the console: nothing where the console itself answers there."""
        if face.reach == "console":
            return lambda host: ""
        return lambda host: f"https://{host}:{self.number('server')}"

    def number(self, row: str) -> int:
        """Return the row's number in effect."""
        number = ports.number_of(row, self._settings.ports)
        assert isinstance(number, int)
        return number
