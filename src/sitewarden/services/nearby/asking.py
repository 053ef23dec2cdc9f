"""Asking controllers by UDP, from and to 51110. The port is open only while somebody asks; all who ask at once share it."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from msgspec import Struct

from sitewarden.domain.errors import BY_CODE, Forbidden, Invalid, NotFound, Refusal, TimedOut
from sitewarden.net import Network
from sitewarden.net.broadcast import BroadcastPort, local_networks
from sitewarden.wire import device_udp as wire

DEVICES: Final = 4096
"""Answers of one search that are kept; further ones are dropped."""
FIND_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 5.0
MOVE_SECONDS: Final = 20.0
"""Seconds in which a controller must answer at its new address, to be confirmed."""
RESTART_SECONDS: Final = 40.0
"""Seconds that a small computer may take to be back; who restarts one is told whether it was."""
AGAIN: Final = 0.5
"""Seconds between two questions to a controller that does not answer."""

MakeOrder = Callable[[wire.Stamp], wire.Order]


class Answer(Struct, frozen=True):
    """A controller's answer to a search: what it says, from where, when (monotonic seconds), and what proves it."""

    found: wire.Found
    sender: str
    at: float
    datagram: wire.Datagram

    def stamp(self) -> wire.Stamp:
        """Return a stamp for an order of now."""
        uptime = self.found.uptime + int((time.monotonic() - self.at) * 1000)
        return wire.Stamp(self.found.device, self.found.boot, uptime, secrets.token_bytes(16))


class Asker:
    """The asking side; `bind` is the address of this node, or 0.0.0.0 for all networks."""

    def __init__(self, network: Network, bind: str = "0.0.0.0") -> None:  # noqa: S104
        self.net, self.bind = network, bind
        self._port = BroadcastPort(network, "device-udp", wire.PORT, self._take)
        self._users = 0
        self._opening = asyncio.Lock()
        self._answers: dict[bytes, Callable[[Answer], None]] = {}
        self._orders: dict[bytes, asyncio.Future[wire.Datagram]] = {}

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks that are asked."""
        return tuple(sorted(str(each.network) for each in self._port.addresses))

    @asynccontextmanager
    async def using(self) -> AsyncIterator[None]:
        """Hold the port open for the block. Raises the Refusal that names who has it."""
        async with self._opening:
            if self._users == 0:
                await self._port.open(_searched(self.bind))
            self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if self._users == 0:
                self._port.close()

    async def search(self, seconds: float, *, device: str = "", address: str = "") -> list[Answer]:
        """Return who answers within the time, by id. `address` asks one computer alone."""
        if address:
            _check_host(address)
        held: dict[tuple[str, str], Answer] = {}

        def take(answer: Answer) -> None:
            if len(held) < DEVICES:
                held.setdefault((answer.found.device, answer.found.hardware), answer)

        nonce = secrets.token_bytes(8)
        spread = 0 if device or address else int(seconds * 400)
        question = wire.encode(wire.Search(nonce, device, spread))
        async with self.using():
            self._answers[nonce] = take
            try:
                # Asked twice, since a datagram may be lost; the second leaves time for the answers that wait.
                self._ask(question, address)
                await asyncio.sleep(seconds / 2)
                self._ask(question, address)
                await asyncio.sleep(seconds / 2)
            finally:
                del self._answers[nonce]
        return sorted(held.values(), key=lambda answer: (answer.found.device, answer.found.hardware))

    async def set_network(self, device: str, key: bytes, wanted: wire.Ipv4) -> tuple[str, bool]:
        """Change its network settings; return where it is then, and whether it was confirmed there."""
        wire.check_network(wanted)
        async with self.using():
            before = await self._find(device, key)
            await self._order(before, key, lambda stamp: wire.SetNetwork(stamp, wanted))

            def moved(answer: Answer) -> bool:
                now = answer.found.network
                return now.dhcp == wanted.dhcp and (wanted.dhcp or now.address == wanted.address)

            try:
                async with asyncio.timeout(MOVE_SECONDS):
                    while True:
                        there = await self._until(device, key, moved, wanted.address)
                        address = there.found.network.address
                        if not there.found.trial:
                            return address, True
                        with suppress(TimedOut):
                            await self._order(there, key, wire.Confirm, only=address)
                            return address, True
            except TimeoutError:
                return wanted.address, False

    async def reset(self, device: str, key: bytes) -> bool:
        """Restart it; tell whether it is back."""
        async with self.using():
            before = await self._find(device, key)
            await self._order(before, key, wire.Reset)
            try:
                async with asyncio.timeout(RESTART_SECONDS):
                    await self._until(device, key, lambda answer: answer.found.boot != before.found.boot, before.sender)
            except TimeoutError:
                return False
            return True

    # -- inside -------------------------------------------------------------------------------------------------------

    async def _find(self, device: str, key: bytes) -> Answer:
        """Return an answer that the key proves."""
        strangers = 0

        def count(answer: Answer) -> bool:
            nonlocal strangers
            strangers += 1
            return True

        try:
            async with asyncio.timeout(FIND_SECONDS):
                return await self._until(device, key, count, stranger=count)
        except TimeoutError:
            pass
        if strangers:
            raise Forbidden(
                f"The commissioning code is not that of {device}.",
                where="code",
                remedy="Read it from the controller's label, or from the file commissioning-code in its data directory.",
            )
        raise NotFound(
            f"No controller {device} answers on {', '.join(self.networks) or 'any network'}.",
            where=f"controller:{device}",
            remedy="Check its power and cable, and that UDP 51110 passes both ways. Search again to see who answers.",
        )

    async def _until(
        self,
        device: str,
        key: bytes,
        fits: Callable[[Answer], bool],
        address: str = "",
        stranger: Callable[[Answer], object] = lambda answer: None,
    ) -> Answer:
        """Ask again and again until a proven answer fits."""
        loop = asyncio.get_running_loop()
        fitting: asyncio.Future[Answer] = loop.create_future()

        def take(answer: Answer) -> None:
            if answer.found.device != device or fitting.done():
                return
            if not answer.datagram.proven(key):
                stranger(answer)
            elif fits(answer):
                fitting.set_result(answer)

        while True:
            # A nonce of its own for each question, so that no earlier answer can pass for a new one.
            nonce = secrets.token_bytes(8)
            question = wire.encode(wire.Search(nonce, device))
            self._answers[nonce] = take
            try:
                self._ask(question)
                if address:
                    self._ask(question, address)
                done, _ = await asyncio.wait((fitting,), timeout=AGAIN)
            finally:
                del self._answers[nonce]
            if done:
                return fitting.result()

    async def _order(self, answer: Answer, key: bytes, make: MakeOrder, *, only: str = "") -> None:
        """Send an order and return once it is taken. `only` is the one address that it goes to."""
        stamp = answer.stamp()
        reply: asyncio.Future[wire.Datagram] = asyncio.get_running_loop().create_future()
        data = wire.encode(make(stamp), key)
        self._orders[stamp.nonce] = reply
        try:
            if only or self._port.near(answer.sender):
                self._port.send(data, only or answer.sender)
            else:
                self._port.broadcast(data)
                self._port.send(data, answer.sender)
            async with asyncio.timeout(ANSWER_SECONDS):
                datagram = await reply
        except TimeoutError:
            raise TimedOut(
                f"{stamp.device} did not answer the order.",
                where=f"controller:{stamp.device}",
                remedy="Search for it to see how it is now.",
            ) from None
        finally:
            del self._orders[stamp.nonce]
        said = datagram.message
        if not datagram.proven(key):
            raise Forbidden(f"Somebody else answered for {stamp.device}.", where="code", remedy="Look for a foreign device.")
        if isinstance(said, wire.Refused):
            raise BY_CODE.get(said.code, Refusal)(
                f"{stamp.device} refuses: {said.what}", where=f"controller:{stamp.device}", remedy="Search for it and try again."
            )

    def _ask(self, question: bytes, address: str = "") -> None:
        if address:
            self._port.send(question, address)
        else:
            self._port.broadcast(question)

    def _take(self, data: bytes, sender: tuple[str, int], asked: str) -> None:
        if sender[1] != wire.PORT:
            return
        try:
            datagram = wire.decode(data)
        except Invalid:
            return
        message = datagram.message
        if isinstance(message, wire.Found):
            take = self._answers.get(message.nonce)
            if take is not None:
                take(Answer(message, sender[0], time.monotonic(), datagram))
        elif isinstance(message, wire.Done | wire.Refused):
            reply = self._orders.get(message.nonce)
            if reply is not None and not reply.done():
                reply.set_result(datagram)


def _searched(bind: str) -> list[ipaddress.IPv4Interface]:
    found = local_networks(bind)
    # A wildcard also names loopback, where only a demo has controllers.
    return found or local_networks("127.0.0.1")


def _check_host(address: str) -> None:
    try:
        host = ipaddress.IPv4Address(address)
    except ValueError:
        raise Invalid(f"{address!r} is no IPv4 address.", where="address", remedy="Write it as 192.168.1.20.") from None
    if host.is_multicast or host.is_unspecified or host.is_reserved:
        raise Invalid(f"{address} is no address of one computer.", where="address", remedy="Leave it empty to ask everyone.")
