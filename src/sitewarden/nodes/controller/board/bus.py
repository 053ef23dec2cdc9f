"""One OSDP bus: the line (serial or TCP), the panel on it, and when libosdp is called."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.kit.backoff import Backoff
from sitewarden.net import Network
from sitewarden.nodes.controller.board.diagnosis import SILENT
from sitewarden.nodes.controller.board.frames import Frames
from sitewarden.nodes.controller.board.keys import HeldKey, KeyStore
from sitewarden.nodes.controller.board.panel import Member, Panel
from sitewarden.nodes.controller.board.reader import Reader, ReaderStatus
from sitewarden.nodes.controller.board.settings import BusSettings
from sitewarden.nodes.controller.hardware import Events, Signal

log = logging.getLogger(__name__)

POLL: Final = 0.0515
"""Seconds after an answer when libosdp asks the next time (OSDP_PD_POLL_TIMEOUT_MS, and the millisecond that it rounds off)."""
ANSWER: Final = 0.2015
"""Seconds that libosdp waits for an answer (OSDP_RESP_TOUT_MS)."""
IDLE: Final = 0.05
SHORTEST: Final = 0.001
LATE: Final = 0.005
STEPS: Final = 3
"""Steps from an answer to the next question in libosdp: take it, choose, send."""
DEAD: Final = 10.0
"""Seconds in which no reader answered though all were asked, after which a TCP connection is dialled anew."""


class Line(asyncio.Protocol):
    """The connection of now."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self._bus.arrived(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(str(exc) if exc is not None else "the other side closed it")


class Bus:
    """Implements what the board needs of a bus. `start` needs a running loop."""

    def __init__(
        self, settings: BusSettings, network: Network, keys: KeyStore, held: Sequence[HeldKey], *, clock: Clock, pin_time: float
    ) -> None:
        """`held` are the readers' keys in the order of the settings; `pin_time` is how many seconds "pin" is shown."""
        self.settings = settings
        self._network, self._clock = network, clock
        self._readers = [
            Reader(reader, key, settings.place, index, settled=keys.settle, pin_time=pin_time)
            for index, (reader, key) in enumerate(zip(settings.readers, held, strict=True))
        ]
        self._by_address = {reader.settings.address: reader for reader in self._readers}
        self._transport: asyncio.WriteTransport | None = None
        self._ours, self._theirs = Frames(), Frames()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._backoff = Backoff(first=0.25, cap=15.0)
        self._answered_at = 0.0
        self._heard = False
        self._patience = 1.5 + 0.25 * len(settings.readers)
        members = [
            Member(reader.address, key.key, key.settled and key.key is not None)
            for reader, key in zip(settings.readers, held, strict=True)
        ]
        self._panel = Panel(members, self._send)

    def start(self, events: Events) -> None:
        """Begin to connect and to ask the readers."""
        self._loop = asyncio.get_running_loop()
        for reader in self._readers:
            reader.events = events
        self._task = self._loop.create_task(self._run(), name=f"osdp {self.settings.name}")
        self._task.add_done_callback(self._ended)

    def close(self) -> None:
        """Let outputs fall as far as the line still takes it, and close it."""
        for reader in self._readers:
            reader.rest(self._clock.monotonic())
        self._wake()
        if self._task is not None:
            self._task.cancel()
        self._drop()

    def signal(self, index: int, signal: Signal) -> None:
        """Show a signal at a reader."""
        self._readers[index].signal(signal)
        self._wake()

    def set_output(self, index: int, number: int, active: bool) -> None:
        """Drive an output of a reader."""
        self._readers[index].set_output(number, active, self._clock.monotonic())
        self._wake()

    def statuses(self) -> list[ReaderStatus]:
        """Return how the readers are."""
        return [reader.status() for reader in self._readers]

    # -- the line -----------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            try:
                line = await self._open()
            except Refusal as refusal:
                why = f"{refusal.what}. {refusal.remedy}".rstrip()
            except OSError as error:
                said = error.strerror or str(error) or "no answer within 10 s"
                why = f"{self.settings.place} cannot be dialled: {said}; check the converter and the network"
            else:
                why = f"the connection to {self.settings.place} ended: {await line.ended}"
                # A converter that serves somebody else takes the connection and cuts it: that is no reason to hurry.
                if self._heard:
                    self._backoff.reset()
            self._drop()
            for reader in self._readers:
                reader.down("line", why)
            await asyncio.sleep(self._backoff.next())

    async def _open(self) -> Line:
        line = Line(self)
        transport: asyncio.WriteTransport
        if self.settings.serial:
            transport = self._network.serial(
                "osdp", line, self.settings.serial, baud=self.settings.baud, rs485=self.settings.rs485
            )
        else:
            assert self.settings.port is not None
            transport, _ = await self._network.dial("osdp-tcp", lambda: line, self.settings.host, self.settings.port)
        self._transport = transport
        self._ours.clear()
        self._theirs.clear()
        self._panel.channel.flush()
        self._heard = False
        now = self._answered_at = self._clock.monotonic()
        for reader in self._readers:
            reader.connected(self._panel, now)
        self._step(now)
        return line

    def _drop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            for reader in self._readers:
                reader.down("library", f"the bus stopped by a fault of ours: {error!r}; restart the controller and report it")
            self._drop()

    # -- libosdp ------------------------------------------------------------------------------------------------------

    def arrived(self, data: bytes) -> None:
        """Take bytes of the line."""
        now = self._answered_at = self._clock.monotonic()
        for frame in self._theirs.feed(data):
            reader = self._by_address.get(frame.address)
            # On two wires some converters echo what we send; only replies count.
            if reader is not None and frame.reply:
                self._heard = True
                reader.exchange.answered(frame, now)
        self._panel.channel.arrived(data)
        self._step(now)

    def _send(self, data: bytes) -> bool:
        if self._transport is None:
            return False
        now = self._clock.monotonic()
        for frame in self._ours.feed(data):
            reader = self._by_address.get(frame.address)
            if reader is not None:
                reader.exchange.sent(frame, now)
        self._transport.write(data)
        return True

    def _wake(self) -> None:
        if self._transport is not None:
            self._step(self._clock.monotonic())

    def _tick(self) -> None:
        now = self._clock.monotonic()
        silent = now - self._answered_at > DEAD and all(reader.exchange.unanswered >= SILENT for reader in self._readers)
        if silent and self.settings.host and self._transport is not None:
            self._transport.abort()
            return
        for reader in self._readers:
            reader.gave_up(self._panel, now, self._patience)
        self._step(now)

    def _step(self, now: float) -> None:
        for reader in self._readers:
            reader.pump(self._panel, now)
        happened = self._panel.step(STEPS)
        bits = self._panel.online(), self._panel.secured()
        for reader in self._readers:
            reader.look(self._panel, bits, now)
        for index, event in happened:
            self._readers[index].happened(event, now)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(self._due(now), self._tick)

    def _due(self, now: float) -> float:
        """Return the seconds until libosdp has something to do by itself.

        What was due LATE ago waits for something else: a pause of libosdp, or another reader that has the line.
        """
        due = now + IDLE
        for reader in self._readers:
            exchange = reader.exchange
            at = exchange.sent_at + ANSWER if exchange.waiting else exchange.answered_at + POLL
            if at > now - LATE:
                due = min(due, at)
        return max(SHORTEST, due - now)
