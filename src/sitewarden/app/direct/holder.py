"""The laptop's side of direct mode: proves the commissioning code, holds the controller, and gives on what it says. Does I/O."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from sitewarden import __version__
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Invalid, Unreachable
from sitewarden.link import LinkSession, LinkStream, dial_link, pair
from sitewarden.net import Network
from sitewarden.net.tls import NodeKey, link_pinned_context, pairing_client_context
from sitewarden.wire import controller as wire
from sitewarden.wire.link import URGENT, VERSION, Hello, Notify, Request
from sitewarden.wire.pairing import Code

PORTS: Final = {1470: "device-direct-station", 1471: "device-direct-reader"}
SOFTWARE: Final = f"sitewarden/{__version__}"
BATCH: Final = 256

Rows = list[tuple[int, bytes]]

_hello = msgspec.msgpack.Decoder(wire.Hello).decode
_reports = msgspec.msgpack.Decoder(tuple[wire.DoorReport, ...]).decode
_done = msgspec.msgpack.Decoder(wire.OrderDone).decode


class Holder:
    """Holds a controller as `name`, whose keys live in `folder` for as long as it does.

    `said` is called with the controller's hello, `doors` with each report, `log` awaited with records in their order: while it
    waits, the controller is not asked for more. `resume` gives the index after which the log is wanted.
    """

    def __init__(
        self,
        network: Network,
        clock: Clock,
        folder: Path,
        *,
        name: str,
        code: Code,
        said: Callable[[wire.Hello], None],
        doors: Callable[[wire.DoorReport], None],
        log: Callable[[int, Rows], Awaitable[None]],
        resume: Callable[[wire.Hello], Awaitable[int]],
    ) -> None:
        self._network, self._clock, self._folder = network, clock, folder
        self._name, self._code = name, code
        self._said, self._doors, self._log, self._resume = said, doors, log, resume
        self._hello: wire.Hello | None = None
        self.controller = ""
        """Its id, once it has been reached."""
        self.session: LinkSession | None = None

    async def open(self, host: str, number: int) -> LinkSession:
        """Take hold; raises Conflict where another peer holds it, Forbidden where the code is wrong."""
        row = PORTS.get(number, PORTS[1470])
        key = await asyncio.to_thread(NodeKey, self._folder)
        strange = await dial_link(
            self._network, row, host, number, tls=pairing_client_context(), hello=Hello(VERSION, VERSION, "", "laptop", SOFTWARE)
        )
        self.controller, certificate = strange.peer.node, strange.certificate or b""
        try:
            await pair(strange, self._code, key, node=self._name, model="laptop", software=SOFTWARE)
        finally:
            strange.close()
        # The code has proved the very certificate that the controller shows, whichever CA signed that.
        tls = await asyncio.to_thread(link_pinned_context, certificate, key.pair)
        self.session = await dial_link(
            self._network,
            row,
            host,
            number,
            tls=tls,
            hello=Hello(VERSION, VERSION, self._name, "laptop", SOFTWARE),
            expect=self.controller,
            admit=self._admit,
        )
        return self.session

    async def order(self, door: str, command: str) -> wire.DoorReport:
        """Give a door an order; return how it is then."""
        if self.session is None or not self.session.up:
            raise Unreachable("The controller is not held.", remedy="Dial it again.")
        try:
            order = msgspec.convert([uuid.uuid4().hex, door, command, f"laptop:{self._name}"], wire.Order)
        except msgspec.ValidationError:
            raise Invalid(f"Doors do not know {command!r}.", where="order", remedy="Such as: release main-entrance.") from None
        answer = await self.session.request(wire.ORDER, wire.encode(order), priority=URGENT)
        report: wire.DoorReport = _done(answer).report
        self._doors(report)
        return report

    def _admit(self, session: LinkSession) -> None:
        session.on_request(wire.HELLO, self._greet)
        session.on_notify(wire.DOORS, self._take_doors)
        session.on_stream(wire.LOG, self._take_log)

    async def _greet(self, request: Request) -> bytes:
        hello: wire.Hello = _read(_hello, request.body)
        self._hello = hello
        self._said(hello)
        for report in hello.doors:
            self._doors(report)
        return wire.encode(wire.Welcome(self._clock.now()))

    def _take_doors(self, notice: Notify) -> None:
        for report in _read(_reports, notice.body):
            self._doors(report)

    async def _take_log(self, stream: LinkStream) -> None:
        hello = self._hello
        if hello is None:
            raise Invalid("The log comes after hello.", where=wire.LOG)
        stream.accept(index=await self._resume(hello))
        while rows := await stream.batch(BATCH):
            await self._log(hello.epoch, rows)


def _read(decode: Callable[[bytes], Any], body: bytes) -> Any:
    try:
        return decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(f"what the controller says cannot be read: {error}", remedy="Update the older side.") from None
