"""One master's connection: requests answered in their order, writes carried out before the next is looked at."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, cast

from sitewarden.wire.modbus import DeviceException, ExceptionCode, Frame, Framer, Request, WireError, frame, parse_request, refuse

WAITING: Final = 32
"""Requests that wait behind a write; a master that sends more is not read from until they are answered."""

Read = Callable[[int, Request], bytes]
"""(unit, request) -> PDU; raises DeviceException."""
Carry = Callable[[int, Request, str], Awaitable[bytes]]
"""(unit, request, master's address) -> PDU of a write; raises DeviceException."""


class Connection(asyncio.Protocol):
    """Serves one master; `ended` hears of its end."""

    def __init__(
        self, admit: Callable[[Connection], bool], ended: Callable[[Connection], None], read: Read, carry: Carry
    ) -> None:
        self._admit, self._ended, self._read, self._carry = admit, ended, read, carry
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._queue: deque[Frame] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self.peer = ""
        self.served = 0
        self.heard = self._loop.time()
        """Loop time of the last request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclass of it
        self.peer = str((transport.get_extra_info("peername") or ("",))[0])
        if not self._admit(self):
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._queue.clear()
        if self._writing is not None:
            self._writing.cancel()
        self._ended(self)

    def data_received(self, data: bytes) -> None:
        try:
            frames = self._framer.feed(data)
        except WireError:
            self.close()
            return
        if not frames:
            return
        self.heard = self._loop.time()
        if self._writing is None:
            answers: list[bytes] = []
            for at, one in enumerate(frames):
                answer = self._answer(one)
                if answer is None:
                    self._queue.extend(frames[at + 1 :])
                    break
                answers.append(answer)
            self._send(b"".join(answers))
        else:
            self._queue.extend(frames)
        if len(self._queue) > WAITING and self._transport is not None:
            self._transport.pause_reading()

    def close(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _answer(self, one: Frame) -> bytes | None:
        """Return the ADU that answers a read; None where a write began."""
        self.served += 1
        try:
            request = parse_request(one.pdu)
            if request.function > 4:
                self._writing = self._loop.create_task(self._write(one, request))
                return None
            pdu = self._read(one.unit, request)
        except DeviceException as refusal:
            pdu = refuse(refusal.function, refusal.code)
        return frame(one.transaction, one.unit, pdu)

    async def _write(self, one: Frame, request: Request) -> None:
        try:
            pdu = await self._carry(one.unit, request, self.peer)
        except DeviceException as refusal:
            pdu = refuse(refusal.function, refusal.code)
        except TimeoutError:
            pdu = refuse(request.function, ExceptionCode.SERVER_DEVICE_FAILURE)
        self._writing = None
        answers = [frame(one.transaction, one.unit, pdu)]
        while self._queue:
            answer = self._answer(self._queue.popleft())
            if answer is None:
                break
            answers.append(answer)
        self._send(b"".join(answers))
        if self._transport is not None and len(self._queue) <= WAITING:
            self._transport.resume_reading()

    def _send(self, data: bytes) -> None:
        if data and self._transport is not None:
            self._transport.write(data)
