"""The one endpoint for boards: where their events arrive, and a task for each board."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import NotFound, Unreachable
from sitewarden.domain.refs import split_ref
from sitewarden.domain.status import Status
from sitewarden.drivers.uhppote import wire
from sitewarden.drivers.uhppote.board import Board
from sitewarden.drivers.uhppote.config import DeviceConfig, EndpointConfig
from sitewarden.drivers.uhppote.manifest import MANIFEST
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import DeviceSpec, Endpoint, EndpointSpec
from sitewarden.kit.errors import Misconfigured

ANY: Final = "0.0.0.0"  # noqa: S104


class BoardsEndpoint:
    """All boards of the site."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config = load(EndpointConfig, spec.config, spec.reference)
        _checked(spec)
        self._ctx: Context | None = None
        self._port = 0
        self._boards: dict[str, Board] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failed: asyncio.Future[None] | None = None

    async def run(self, ctx: Context) -> None:
        """Take events until cancelled, and look after each board."""
        self._ctx = ctx
        self._failed = asyncio.get_running_loop().create_future()
        transport, _ = await ctx.net.datagram("uhppote-event", lambda: _Events(self), host=self._config.host or None)
        self._port = int(transport.get_extra_info("sockname")[1])
        ctx.status(Status(ref=self._spec.reference, state="online", since=ctx.clock.now()))
        try:
            for device in self._spec.devices:
                self._start(device)
            await self._failed
        finally:
            transport.close()
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._tasks, self._boards = {}, {}

    def reconfigure(self, spec: EndpointSpec) -> bool:
        """Take changed boards and doors; boards that stay as they are stay connected."""
        if self._ctx is None or self._failed is None or spec.config != self._spec.config:
            return False
        _checked(spec)
        self._spec = spec
        wanted = {device.id: device for device in spec.devices}
        for id_, board in list(self._boards.items()):
            if wanted.get(id_) != board.spec:
                self._stop(id_)
        for id_, device in wanted.items():
            if id_ not in self._boards:
                self._start(device)
        return True

    async def execute(self, command: Command) -> Result:
        """Carry out a command for a board or one of its doors."""
        if command.entity == self._spec.reference and command.name == "controller.sync":
            for board in self._boards.values():
                board.outdated()
            return Result(ok=True)
        kind, id_ = split_ref(command.entity)
        for board in self._boards.values():
            if (kind == "controller" and id_ == board.spec.id) or command.entity in board.spec.entities:
                return await board.execute(command)
        if command.entity in self._spec.owned():
            raise Unreachable("the boards are not looked after now", where=command.entity, remedy="See the endpoint's state.")
        raise NotFound(f"{command.entity} belongs to no board here", where=command.entity, remedy="Is it enabled?")

    def event(self, data: bytes, sender: str) -> None:
        """Wake the board that tells of an event; what it tells is then read from its log."""
        try:
            told = wire.read_event(data)
        except wire.WireError:
            return
        for board in self._boards.values():
            if board.serial == told.serial:
                board.wake()

    def _start(self, device: DeviceSpec) -> None:
        assert self._ctx is not None
        board = Board(device, self._ctx, self._config.host or ANY, self._port)
        self._boards[device.id] = board
        task = asyncio.get_running_loop().create_task(board.run(), name=f"board {device.id}")
        self._tasks[device.id] = task
        task.add_done_callback(self._ended)

    def _stop(self, id_: str) -> None:
        del self._boards[id_]
        self._tasks.pop(id_).cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A board's task ends by a defect alone: it is the endpoint's, and supervise reports it."""
        if task.cancelled() or self._failed is None or self._failed.done():
            return
        error = task.exception()
        if error is not None:
            self._failed.set_exception(error)


def _checked(spec: EndpointSpec) -> None:
    serials: dict[int, str] = {}
    for device in spec.devices:
        config = load(DeviceConfig, device.config, device.reference)
        if (other := serials.setdefault(config.serial, device.reference)) != device.reference:
            raise Misconfigured(f"{device.reference} and {other} have the same serial number {config.serial}.")


class _Events(asyncio.DatagramProtocol):
    def __init__(self, endpoint: BoardsEndpoint) -> None:
        self._endpoint = endpoint

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._endpoint.event(data, str(addr[0]))


class BoardsDriver:
    """The entry of this folder."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> Endpoint:
        """Check the configuration and make the endpoint."""
        return BoardsEndpoint(spec)


DRIVER = BoardsDriver()

__all__ = ["DRIVER", "BoardsDriver", "BoardsEndpoint"]
