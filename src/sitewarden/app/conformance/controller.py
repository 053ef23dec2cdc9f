"""Try a controller of any make, in direct mode, against docs/protocols/controller.md: this side holds it as a laptop does.

It needs the commissioning code. Doors are moved only where that is allowed.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from sitewarden.app.conformance.parts import Broken, Finding, due, hold, read, refused
from sitewarden.link.dial import dial_link
from sitewarden.link.pairing import pair
from sitewarden.link.session import LinkSession
from sitewarden.link.stream import LinkStream
from sitewarden.net.interfaces import Network, Tls
from sitewarden.net.tls import NodeKey, link_pinned_context, pairing_client_context
from sitewarden.wire import controller as wire
from sitewarden.wire import link
from sitewarden.wire.pairing import Code

SOFTWARE: Final = "sitewarden conformance"
PORTS: Final = {1470: "device-direct-station", 1471: "device-direct-reader"}
NAMES: Final = ("conformance-a", "conformance-b")


class Examination:
    """The rules for a controller. `orders` allows doors to be moved."""

    def __init__(self, network: Network, host: str, number: int, code: Code, *, orders: bool) -> None:
        self._network, self._host, self._number, self._code, self._orders = network, host, number, code, orders
        self._port = PORTS.get(number, PORTS[1470])
        self._identities: dict[str, tuple[str, Tls]] = {}

    async def run(self) -> list[Finding]:
        """Try every rule, in this order."""
        rules: tuple[Callable[[], Awaitable[None]], ...] = (
            self.a_wrong_code_is_refused,
            self.the_code_lets_in,
            self.hello_comes_first,
            self.one_peer_holds_it,
            self.it_is_free_again,
            self.the_log_comes_after_the_index,
            self.a_later_link_gets_the_same_log,
            self.an_unknown_door_is_not_found,
            self.nonsense_is_refused_and_survived,
            self.rules_of_a_laptop_are_not_taken,
            *((self.an_order_is_done_and_told,) if self._orders else ()),
        )
        return [await hold((rule.__doc__ or rule.__name__).strip(), rule) for rule in rules]

    # -- the rules ----------------------------------------------------------------------------------------------------

    async def a_wrong_code_is_refused(self) -> None:
        """A wrong commissioning code is refused with `forbidden`."""
        wrong = Code(self._code.label, self._code.secret[::-1] if self._code.secret != self._code.secret[::-1] else "0" * 16)
        await refused("a wrong code", self._paired("conformance-x", wrong), "forbidden")

    async def the_code_lets_in(self) -> None:
        """Who proves the commissioning code gets a certificate, and is let in with it under the id that it asked for."""
        async with self._link(NAMES[0]):
            pass

    async def hello_comes_first(self) -> None:
        """`controller.hello` is its first request: its log, its doors, and until when it may be held."""
        async with self._link(NAMES[0]) as held:
            hello = await due("controller.hello", held.hello)
            if held.kinds[0] != wire.HELLO:
                raise Broken(f"{held.kinds[0]} came first")
            if hello.hold is None or hello.hold.until <= hello.hold.since:
                raise Broken(f"in direct mode hello tells since when and until when it is held, heard {hello.hold}")
            if hello.last and not 1 <= hello.first <= hello.last:
                raise Broken(f"its log goes from {hello.first} to {hello.last}")

    async def one_peer_holds_it(self) -> None:
        """While one peer holds it, another is refused at hello with `conflict`, and told who holds it."""
        async with self._link(NAMES[0]):
            try:
                async with self._link(NAMES[1]):
                    raise Broken("a second peer was let in")
            except Broken as broken:
                if "conflict" not in str(broken):
                    raise
                if NAMES[0] not in str(broken):
                    raise Broken(f"the refusal does not say that {NAMES[0]} holds it: {broken}") from None

    async def it_is_free_again(self) -> None:
        """Once the holder has closed its link another peer is let in."""
        async with self._link(NAMES[1]):
            pass

    async def the_log_comes_after_the_index(self) -> None:
        """The stream `controller.log` begins right after the index that it is accepted with, and leaves none out."""
        async with self._link(NAMES[0]) as held:
            hello = await due("controller.hello", held.hello)
            rows = await self._read(held, hello, max(0, hello.last - 20))
            wanted = list(range(max(hello.first, hello.last - 19), hello.last + 1))
            if [index for index, _ in rows][: len(wanted)] != wanted:
                raise Broken(f"expected records {wanted}, got {[index for index, _ in rows]}")
            for index, body in rows:
                read(wire.Record, body, f"record {index}")

    async def a_later_link_gets_the_same_log(self) -> None:
        """What a laptop acknowledged is not forgotten: the next link gets the same records again."""
        async with self._link(NAMES[0]) as held:
            hello = await due("controller.hello", held.hello)
            after = max(0, hello.last - 5)
            first = (await self._read(held, hello, after))[:5]
        async with self._link(NAMES[0]) as held:
            again = (await self._read(held, await due("controller.hello", held.hello), after))[:5]
        if first != again:
            raise Broken(f"records {[index for index, _ in first]} came first, then {[index for index, _ in again]}")

    async def an_unknown_door_is_not_found(self) -> None:
        """An order for a door that it does not have is refused with `not-found`."""
        async with self._link(NAMES[0]) as held:
            order = wire.Order(secrets.token_hex(8), "conformance-nowhere", "lock", "conformance")
            await refused("such an order", held.session.request(wire.ORDER, wire.encode(order)), "not-found")

    async def nonsense_is_refused_and_survived(self) -> None:
        """A body that cannot be read is refused with `invalid`, and the link stands."""
        async with self._link(NAMES[0]) as held:
            await refused("an order of no sense", held.session.request(wire.ORDER, b"\xc1"), "invalid")
            wrong = msgspec.msgpack.encode(["1", "conformance-nowhere", "explode"])
            await refused("an unknown command", held.session.request(wire.ORDER, wrong), "invalid", "not-found")
            if not held.session.up:
                raise Broken("the link went down")

    async def rules_of_a_laptop_are_not_taken(self) -> None:
        """Only the site's server brings rules: from a laptop they are refused."""
        async with self._link(NAMES[0]) as held:
            part = wire.RulesPart(2**40, "0" * 64, 1, 0, b"x")
            await refused("rules", held.session.request(wire.RULES, wire.encode(part)), "not-found", "forbidden")

    async def an_order_is_done_and_told(self) -> None:
        """A lock order is answered with the door's report, and stands in the log."""
        async with self._link(NAMES[0]) as held:
            hello = await due("controller.hello", held.hello)
            if not hello.doors:
                raise Broken("it has no door to try; bring it rules first")
            door, begun = hello.doors[0].door, time.monotonic()
            order = wire.Order(secrets.token_hex(8), door, "lock", "conformance")
            done = read(wire.OrderDone, await due("the answer", held.session.request(wire.ORDER, wire.encode(order))), "it")
            if done.report.door != door or not done.report.locked:
                raise Broken(f"heard {done.report}")
            if time.monotonic() - begun > 1.0:
                raise Broken("the lock is to be driven, and the order answered, at once")
            stream = await self._accepted(held, hello.last)
            rows = await due("its record", stream.batch())
            if rows[0][0] <= hello.last:
                raise Broken(f"record {rows[0][0]} came, {hello.last} was known")

    # -- what they need -----------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _link(self, name: str) -> Any:
        if name not in self._identities:
            self._identities[name] = await due("pairing by the commissioning code", self._paired(name, self._code), 20.0)
        controller, tls = self._identities[name]
        held = _Held()
        session = await due(
            "the link",
            dial_link(
                self._network,
                self._port,
                self._host,
                self._number,
                tls=tls,
                hello=link.Hello(1, 1, name, "laptop", SOFTWARE),
                expect=controller,
                admit=held.admit,
            ),
            15.0,
        )
        try:
            yield held
        finally:
            session.close()
            await asyncio.wait([session.closed], timeout=5)

    async def _paired(self, name: str, code: Code) -> tuple[str, Tls]:
        """Prove the code; return the controller's id, and the context that believes this controller alone."""
        strange = await dial_link(
            self._network,
            self._port,
            self._host,
            self._number,
            tls=pairing_client_context(),
            hello=link.Hello(1, 1, "", "laptop", SOFTWARE),
        )
        with tempfile.TemporaryDirectory(prefix="sitewarden-") as folder:
            key = await asyncio.to_thread(NodeKey, Path(folder))
            try:
                await pair(strange, code, key, node=name, model="conformance", software=SOFTWARE)
                context = await asyncio.to_thread(link_pinned_context, strange.certificate or b"", key.pair)
            finally:
                strange.close()
        return strange.peer.node, context

    async def _accepted(self, held: _Held, after: int) -> LinkStream:
        stream = await due("controller.log", held.log)
        stream.accept(index=after)
        return stream

    async def _read(self, held: _Held, hello: wire.Hello, after: int) -> list[tuple[int, bytes]]:
        """Return the records after an index up to the last that hello told, and acknowledge them."""
        stream, rows = await self._accepted(held, after), list[tuple[int, bytes]]()
        while (rows[-1][0] if rows else after) < hello.last:
            rows += await due("a record", stream.batch())
        stream.ack(rows[-1][0] if rows else after)
        return rows


class _Held:
    """A hold: what the controller said first, and its log."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.hello: asyncio.Future[wire.Hello] = loop.create_future()
        self.log: asyncio.Future[LinkStream] = loop.create_future()
        self.kinds: list[str] = []
        self._over: asyncio.Future[None] = loop.create_future()

    def admit(self, session: LinkSession) -> None:
        self.session = session
        session.on_request("", self._asked)
        session.on_stream(wire.LOG, self._opened)

    async def _asked(self, request: link.Request) -> bytes:
        self.kinds.append(request.kind)
        if request.kind == wire.HELLO and not self.hello.done():
            self.hello.set_result(read(wire.Hello, request.body, "controller.hello"))
        return wire.encode(wire.Welcome(time.time_ns() // 1000))

    async def _opened(self, stream: LinkStream) -> None:
        self.kinds.append(stream.kind)
        if not self.log.done():
            self.log.set_result(stream)
        # The stream lives as long as the one who serves it.
        await self._over


async def examine_controller(network: Network, host: str, number: int, code: Code, *, orders: bool = False) -> list[Finding]:
    """Try every rule for controllers in direct mode."""
    return await Examination(network, host, number, code, orders=orders).run()
