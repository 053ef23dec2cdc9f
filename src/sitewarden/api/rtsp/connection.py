"""One client of RTSP out: its requests in order, its stream, its end."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Final, Protocol, cast

from sitewarden.api.core import Core
from sitewarden.api.rtsp.rights import Rights
from sitewarden.api.rtsp.sending import Changed, Sending
from sitewarden.api.rtsp.sources import Source
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.media.live_client import LiveRelay
from sitewarden.media.units import Head, UnitError
from sitewarden.wire.rtsp import Reader, Request, RtspError
from sitewarden.wire.rtsp_server import End, Open, Pause, Play, Server

log = logging.getLogger(__name__)

WAITING: Final = 16
"""Requests that wait for the one before; a client with more is cut off."""
LOOK: Final = 5.0
"""Seconds between two looks whether the client is still there."""
STATUS: Final = {401: 401, 403: 403, 404: 404, 413: 457, 422: 451, 429: 429}
"""Of a Refusal's status in HTTP, what RTSP says; all else is 503."""


class Home(Protocol):
    """What the connections of one process share."""

    core: Core
    clock: Clock
    relay: LiveRelay
    udp_ports: tuple[int, int] | None

    def joined(self, connection: Connection) -> bool:
        """Take a new client; False where there are too many."""
        ...

    def left(self, connection: Connection) -> None: ...

    def datagram(self, data: bytes, host: str, port: int, *, control: bool) -> None: ...


class Connection(asyncio.Protocol):
    """Sans-IO `Server` on a transport. Its queue is the transport's own buffer, which it waits for; what comes meanwhile
    waits in the viewer, which drops whole groups of pictures."""

    def __init__(self, home: Home, *, secure: bool) -> None:
        self._home = home
        self._secure = secure
        self._reader = Reader(self._frame)
        self._requests: deque[Request] = deque()
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._transport: asyncio.Transport | None = None
        self._server: Server | None = None
        self._source: Source | None = None
        self._head: Head | None = None
        self._serving: asyncio.Task[None] | None = None
        self._stream: asyncio.Task[None] | None = None
        self._holding: asyncio.Task[None] | None = None
        self.remote = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer, mine = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        self.remote = str(peer[0]).removeprefix("::ffff:") if isinstance(peer, tuple) else ""
        address = str(mine[0]).removeprefix("::ffff:") if isinstance(mine, tuple) else "0.0.0.0"  # noqa: S104
        if not self._home.joined(self):
            self._transport.abort()
            return
        now = asyncio.get_running_loop().time()
        self._server = Server(address, now, secure=self._secure, udp=self._home.udp_ports)
        self._serving = asyncio.create_task(self._serve(self._server), name=f"rtsp {self.remote}")
        self._serving.add_done_callback(self._ended)

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._reader.feed(data):
                if isinstance(message, Request):
                    self._requests.append(message)
        except RtspError as error:
            log.info("%s was cut off: %s", self.remote, error)
            self.abort()
            return
        if len(self._requests) > WAITING:
            self.abort()
        self._wake.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._room.set()
        self._home.left(self)
        for task in (self._stream, self._holding, self._serving):
            if task is not None:
                task.cancel()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def abort(self) -> None:
        """Cut the client off."""
        if self._transport is not None:
            self._transport.abort()

    def alive(self) -> None:
        """Take a sign of life from its UDP ports."""
        if self._server is not None:
            self._server.alive(asyncio.get_running_loop().time())

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the client's UDP ports in use."""
        lanes = self._server.lanes if self._server is not None else []
        return tuple(port for lane in lanes for port in lane.way.ports or ())

    @property
    def full(self) -> bool:
        """True where the client is to be waited for."""
        return not self._room.is_set()

    def write(self, data: bytes) -> None:
        """Send bytes in the connection."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    async def room(self) -> None:
        """Return once the client has taken most of what was written."""
        await self._room.wait()

    def datagram(self, data: bytes, port: int, *, control: bool) -> None:
        """Send to a port of the client's own address, whatever it named."""
        self._home.datagram(data, self.remote, port, control=control)

    def _frame(self, channel: int, data: bytes, start: int, end: int) -> None:
        self.alive()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Leave no client without an answer where a defect ended its task."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("serving %s failed", self.remote, exc_info=error)
            self.abort()

    async def _serve(self, server: Server) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not self._requests:
                self._wake.clear()
                try:
                    async with asyncio.timeout(LOOK):
                        await self._wake.wait()
                except TimeoutError:
                    if server.expired(loop.time()):
                        self.abort()
                        return
            await self._answer(server, self._requests.popleft(), loop.time())

    async def _answer(self, server: Server, request: Request, now: float) -> None:
        if self._source is not None and self._source.position and server.position:
            server.position = (self._source.position, server.position[1])
        answer, act = server.receive(request, now)
        if isinstance(act, Open):
            answer = await self._open(server, act)
        elif isinstance(act, (Pause, End, Play)):
            await self._halt()
        self.write(answer)
        if isinstance(act, Play):
            self._begin(server, act)
        elif isinstance(act, End):
            await self._release()

    async def _open(self, server: Server, act: Open) -> bytes:
        await self._release()
        rights = Rights(self._home.core, self._home.clock, act.login, self.remote)
        source = Source(act.target, rights, self._home.relay)
        try:
            medium = await source.open()
        except Refusal as refusal:
            return server.refused(STATUS.get(refusal.status, 503), f"{refusal.what} {refusal.remedy}".strip())
        self._source, self._head = source, Head(video=medium.video, audio=medium.audio)
        self._holding = asyncio.create_task(self._hold(rights, act), name=f"rtsp {self.remote} rights")
        return server.opened(medium)

    async def _hold(self, rights: Rights, act: Open) -> None:
        try:
            await rights.hold(act.target)
        except Refusal as refusal:
            log.info("%s may not see camera %s any more: %s", self.remote, act.target.camera, refusal.what)
            self.abort()

    def _begin(self, server: Server, act: Play) -> None:
        assert self._source is not None and self._head is not None
        clock = asyncio.get_running_loop().time
        sending = Sending(server.lanes, self, self._head, clock, scale=act.scale)
        self._stream = asyncio.create_task(self._send(self._source, act, sending), name=f"rtsp {self.remote} stream")

    async def _send(self, source: Source, act: Play, sending: Sending) -> None:
        try:
            await source.play(act, sending)
        except TimeoutError:
            log.info("%s took nothing for too long and was cut off", self.remote)
            self.abort()
            return
        except (Changed, UnitError, OSError) as error:
            log.info("the stream to %s ends: %s", self.remote, error)
        sending.bye()

    async def _halt(self) -> None:
        """Send no more."""
        task, self._stream = self._stream, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _release(self) -> None:
        """Forget what was open."""
        await self._halt()
        task, self._holding = self._holding, None
        if task is not None:
            task.cancel()
        self._source = self._head = None
