"""One board's packets: asked one at a time, asked again where no answer comes; and the search for boards. Does I/O."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sitewarden.domain.errors import Refusal
from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote import wire
from sitewarden.kit.errors import PeerViolation, Unavailable, reaching
from sitewarden.net.broadcast import EVERYONE, local_networks
from sitewarden.net.interfaces import Network

NUMBER: Final = 60000
TRIES: Final = 3
FOUND: Final = 1024
"""Boards of one search; later answers are not taken."""

A = TypeVar("A", bound=m.Message)


class BoardLink:
    """A board at an address. What it did not answer is asked again from another port, so that no late answer is mixed up."""

    def __init__(self, net: Network, serial: int, host: str, number: int = NUMBER, *, patience: float = 1.0) -> None:
        """`patience` is how many seconds pass until a question is asked again."""
        self._net, self._serial = net, serial
        self._there = (host, number)
        self._patience = patience
        self._lock = asyncio.Lock()
        self._transport: asyncio.DatagramTransport | None = None
        self._awaited: tuple[int, asyncio.Future[m.Message]] | None = None
        self.local = ""
        """Our address, as the board sees it."""

    async def ask(self, request: m.Message, answer: type[A]) -> A:
        """Return the board's answer; raises Unavailable where none comes, PeerViolation where it cannot be read."""
        data, code = wire.write_request(request), wire.code_of(request)
        async with self._lock:
            for _ in range(TRIES):
                transport = await self._open()
                future: asyncio.Future[m.Message] = asyncio.get_running_loop().create_future()
                self._awaited = code, future
                transport.sendto(data)
                try:
                    async with asyncio.timeout(self._patience):
                        found = await future
                except TimeoutError:
                    self.close()
                    continue
                finally:
                    self._awaited = None
                if not isinstance(found, answer):
                    raise PeerViolation(f"board {self._serial} answered a {type(request).__name__} with {type(found).__name__}")
                return found
        raise Unavailable(f"board {self._serial} at {self._there[0]}:{self._there[1]} does not answer")

    async def tell(self, request: m.Message) -> bool:
        """Give an order; return whether the board says that it did it."""
        return (await self.ask(request, m.Done)).ok

    def close(self) -> None:
        """Close its socket; the next question opens another."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    async def _open(self) -> asyncio.DatagramTransport:
        if self._transport is None:
            with reaching(f"{self._there[0]}:{self._there[1]}"):
                transport, _ = await self._net.datagram("uhppote", lambda: _Ear(self._take, self._fault), remote=self._there)
            self._transport = transport
            self.local = str(transport.get_extra_info("sockname")[0])
        return self._transport

    def _take(self, data: bytes, _: str) -> None:
        if self._awaited is None or self._awaited[1].done():
            return
        code, future = self._awaited
        try:
            found, answer = wire.read_answer(data)
        except wire.WireError as error:
            future.set_exception(PeerViolation(f"board {self._serial}: {error}"))
            return
        if found == code and answer.serial == self._serial:
            future.set_result(answer)

    def _fault(self, error: Exception) -> None:
        if self._awaited is not None and not self._awaited[1].done():
            self._awaited[1].set_exception(Unavailable(f"{self._there[0]}:{self._there[1]}: {error}"))


async def find(
    net: Network, bind: str, seconds: float, *, serial: int = 0, address: str = ""
) -> dict[int, tuple[m.Controller, str]]:
    """Return the boards that answer within some time, by serial number, each with the address that its answer came from.

    Asks everyone on each local network that `bind` covers, or one `address`. With a `serial` it asks that board alone, and
    returns as soon as that answers.
    """
    found: dict[int, tuple[m.Controller, str]] = {}
    enough = asyncio.Event()

    def take(data: bytes, sender: str) -> None:
        try:
            _, answer = wire.read_answer(data)
        except wire.WireError:
            return
        if isinstance(answer, m.Controller) and answer.serial and len(found) < FOUND and (not serial or answer.serial == serial):
            found.setdefault(answer.serial, (answer, sender))
            if serial:
                enough.set()

    question = wire.write_request(m.GetController(serial=serial))
    opened: list[tuple[asyncio.DatagramTransport, str]] = []
    problem: Exception | None = None
    try:
        for here in local_networks(bind):
            if address and here.ip.is_loopback != address.startswith("127."):
                continue
            everyone = str(here.network.broadcast_address) if here.ip.is_loopback else EVERYONE
            try:
                transport, _ = await net.datagram("uhppote", lambda: _Ear(take, lambda error: None), host=str(here.ip))
                opened.append((transport, address or everyone))
                transport.sendto(question, (address or everyone, NUMBER))
            except (OSError, Refusal) as error:
                problem = error
        if not opened:
            raise Unavailable(f"boards cannot be searched for: {problem or 'no network is up'}")
        try:
            async with asyncio.timeout(seconds / 2):
                await enough.wait()
        except TimeoutError:
            for transport, there in opened:
                transport.sendto(question, (there, NUMBER))
        try:
            async with asyncio.timeout(seconds / 2):
                await enough.wait()
        except TimeoutError:
            pass
    finally:
        for transport, _ in opened:
            transport.close()
    return found


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, str], None], fault: Callable[[Exception], None]) -> None:
        self._take, self._fault = take, fault

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._take(data, str(addr[0]))

    def error_received(self, exc: Exception) -> None:
        self._fault(exc)
