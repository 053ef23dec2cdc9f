"""An SNMP agent with objects that a simulation sets, versions 1, 2c and 3, and faults that a test switches on."""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sitewarden.wire.snmp import ber, community, pdu, v3
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.community import V1, V2C, V3
from sitewarden.wire.snmp.pdu import Kind, Pdu, Status, TrapV1, Varbind
from sitewarden.wire.snmp.remote import RESYNC, Remote
from sitewarden.wire.snmp.usm import Keys, User

Held = tuple[int, int | bytes]


@dataclass
class Faults:
    """What an agent does wrong."""

    silent: bool = False
    """Answers nothing."""
    drop: float = 0.0
    """Share of the requests that get lost."""
    delay: float = 0.0
    """Seconds until an answer."""
    error: int = 0
    """Error status of every answer."""
    garbage: bool = False
    """Answers bytes that are no message."""
    other: bool = False
    """Answers with objects that nobody asked for."""


class Mib:
    """Objects in order of their names."""

    def __init__(self) -> None:
        self.held: dict[bytes, Held] = {}
        self.writable: dict[bytes, Callable[[int | bytes], bool]] = {}
        """Objects that can be set, with what takes a value or says no."""
        self._order: list[tuple[tuple[int, ...], bytes]] = []

    def put(self, number: str, tag: int, value: int | bytes | str) -> None:
        """Set or add an object."""
        name = ber.oid(number)
        if name not in self.held:
            self._order = []
        self.held[name] = (tag, value.encode() if isinstance(value, str) else value)

    def allow(self, number: str, take: Callable[[int | bytes], bool] = lambda _value: True) -> None:
        """Let an object be set."""
        self.writable[ber.oid(number)] = take

    def after(self, name: bytes) -> bytes | None:
        """Return the name that follows in order; None at the end."""
        if not self._order:
            self._order = sorted((ber.arcs(known), known) for known in self.held)
        place = bisect_right(self._order, (ber.arcs(name), name))
        return self._order[place][1] if place < len(self._order) else None


class SnmpAgent(asyncio.DatagramProtocol):
    """Serves a Mib on one UDP port; `start` and `stop` it as often as wanted."""

    def __init__(
        self, mib: Mib, *, community: str = "public", write: str = "private", user: User | None = None, most: int = 1400
    ) -> None:
        """`most` is the size in bytes beyond which an answer is too big."""
        self.mib, self.faults = mib, Faults()
        self.community, self.write_community = community.encode(), write.encode()
        self.user, self.most = user, most
        self.engine = b"\x80\x00\x1f\x88\x04" + b"simulated"
        self.boots, self.requests, self.sources = 0, 0, set[tuple[Any, ...]]()
        self.asked: list[Pdu] = []
        self.record = False
        self._keys = user.keys(self.engine) if user is not None else Keys()
        self._began = 0.0
        self._salt = random.getrandbits(63)
        self._random = random.Random(1)
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self, host: str, port: int = 0) -> int:
        """Listen; return the port."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        self._transport = transport
        self.boots += 1
        self._began = loop.time()
        return int(transport.get_extra_info("sockname")[1])

    async def stop(self) -> None:
        """Close the port."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.requests += 1
        self.sources.add(addr[:2])
        faults = self.faults
        if faults.silent or (faults.drop and self._random.random() < faults.drop):
            return
        try:
            answer = b"\x30\x03nope" if faults.garbage else self.answer(data)
        except WireError:
            return
        if answer and faults.delay:
            asyncio.get_running_loop().call_later(faults.delay, self._send, answer, addr)
        elif answer:
            self._send(answer, addr)

    def answer(self, data: bytes) -> bytes:
        """Return what an agent says to a message; empty where it says nothing."""
        if community.version(data) == V3:
            return self._secured(data)
        message = community.read(data)
        asked = message.pdu
        may = message.community in (self.community, self.write_community)
        if isinstance(asked, TrapV1) or not may:
            return b""
        writes = message.community == self.write_community
        found = self._respond(asked, writes=writes, old=message.version == V1)
        return community.write(message.version, message.community, pdu.write(found))

    def _secured(self, data: bytes) -> bytes:
        secured = v3.read(data)
        if self.user is None:
            return b""
        if secured.engine != self.engine:
            return self._report(secured, v3.UNKNOWN_ENGINE, Keys())
        if secured.user != self.user.name:
            return self._report(secured, v3.UNKNOWN_USER, Keys())
        try:
            scoped = v3.open_(secured, data, self._keys)
        except v3.Denied as denied:
            return self._report(secured, denied.report, Keys())
        if self._keys.auth and (secured.boots != self.boots or abs(secured.time - self._time()) > v3.WINDOW):
            return self._report(secured, v3.NOT_IN_WINDOW, Keys(self._keys.auth, self._keys.auth_key))
        if not isinstance(scoped.pdu, Pdu):
            return b""
        found = self._respond(scoped.pdu, writes=True, old=False)
        return self._write3(secured, self._keys, v3.write_scoped(self.engine, scoped.context, pdu.write(found)))

    def _report(self, secured: v3.Secured, name: bytes, keys: Keys) -> bytes:
        told = pdu.write(Pdu(Kind.REPORT, 0, 0, 0, [Varbind(name, ber.COUNTER32, 1)]))
        return self._write3(secured, keys, v3.write_scoped(self.engine, b"", told))

    def _write3(self, secured: v3.Secured, keys: Keys, scoped: bytes) -> bytes:
        self._salt += 1
        salt = self._salt.to_bytes(8)
        return v3.write(secured.id, 0, self.engine, self.boots, self._time(), secured.user, keys, salt, scoped)

    def _time(self) -> int:
        return int(asyncio.get_running_loop().time() - self._began)

    def _respond(self, asked: Pdu, *, writes: bool, old: bool) -> Pdu:
        if self.record:
            self.asked.append(asked)
        if self.faults.error:
            return asked._replace(kind=Kind.RESPONSE, status=self.faults.error, position=1)
        if asked.kind == Kind.SET:
            return self._set(asked, writes=writes, old=old)
        names = [binding.name for binding in asked.varbinds]
        if self.faults.other:
            names = [ber.oid("1.3.6.1.2.1.1.99.0") for _ in names]
        if asked.kind == Kind.GET:
            found = [self._get(name) for name in names]
        elif asked.kind == Kind.GET_NEXT:
            found = [self._next(name) for name in names]
        elif asked.kind == Kind.GET_BULK:
            found = self._bulk(asked, names)
        else:
            raise WireError("an agent is not sent this")
        absent = next((place for place, one in enumerate(found, 1) if one.tag in ber.EMPTY), 0)
        if old and absent:
            return asked._replace(kind=Kind.RESPONSE, status=Status.NO_SUCH_NAME, position=absent)
        whole = Pdu(Kind.RESPONSE, asked.id, 0, 0, found)
        if len(pdu.write(whole)) <= self.most:
            return whole
        if asked.kind == Kind.GET_BULK:
            while len(found) > 1 and len(pdu.write(whole)) > self.most:
                del found[len(found) // 2 :]
            return whole
        return Pdu(Kind.RESPONSE, asked.id, Status.TOO_BIG, 0, [])

    def _get(self, name: bytes) -> Varbind:
        held = self.mib.held.get(name)
        return Varbind(name, *held) if held is not None else Varbind(name, ber.NO_SUCH_INSTANCE, None)

    def _next(self, name: bytes) -> Varbind:
        after = self.mib.after(name)
        return Varbind(after, *self.mib.held[after]) if after is not None else Varbind(name, ber.END_OF_MIB_VIEW, None)

    def _bulk(self, asked: Pdu, names: list[bytes]) -> list[Varbind]:
        found = [self._next(name) for name in names[: asked.status]]
        row = names[asked.status :]
        for _ in range(min(asked.position, 100)):
            more = [self._next(name) for name in row]
            found += more
            row = [one.name for one in more]
            if all(one.tag == ber.END_OF_MIB_VIEW for one in more):
                break
        return found

    def _set(self, asked: Pdu, *, writes: bool, old: bool) -> Pdu:
        def refuse(status: Status, place: int) -> Pdu:
            return asked._replace(kind=Kind.RESPONSE, status=Status.NO_SUCH_NAME if old else status, position=place)

        for place, (name, tag, value) in enumerate(asked.varbinds, 1):
            held, take = self.mib.held.get(name), self.mib.writable.get(name)
            if not writes:
                return refuse(Status.NO_ACCESS, place)
            if held is None or take is None:
                return refuse(Status.NOT_WRITABLE, place)
            if held[0] != tag or value is None:
                return refuse(Status.WRONG_TYPE, place)
            if not take(value):
                return refuse(Status.WRONG_VALUE, place)
        for name, tag, value in asked.varbinds:
            if value is not None:
                self.mib.held[name] = (tag, value)
        return asked._replace(kind=Kind.RESPONSE)

    def _send(self, data: bytes, addr: Any) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, addr)


class Notifier(asyncio.DatagramProtocol):
    """Sends traps and informs as an agent does; an inform is sent until it is acknowledged."""

    def __init__(self, *, community: str = "public", user: User | None = None, old: bool = False) -> None:
        """With `user` in version 3; `old` is version 1."""
        self._community, self._user, self._old = community.encode(), user, old
        self._engine = b"\x80\x00\x1f\x88\x04" + b"notifier"
        self._remote = Remote(user) if user is not None else None
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport | None = None
        self._id = 0

    async def start(self, host: str, to: tuple[str, int]) -> None:
        """Open a socket towards a manager."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0), remote_addr=to)

    def stop(self) -> None:
        """Close it."""
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._answers.put_nowait(data)

    def trap(self, trap: str, *varbinds: Varbind, ticks: int = 0) -> None:
        """Tell once, and hope."""
        self._id += 1
        told = Pdu(Kind.TRAP, self._id, 0, 0, self._bindings(trap, varbinds, ticks))
        if self._user is not None:
            scoped = v3.write_scoped(self._engine, b"", pdu.write(told))
            keys = self._user.keys(self._engine)
            self._send(v3.write(self._id, 0, self._engine, 1, self._id, self._user.name, keys, self._id.to_bytes(8), scoped))
        elif self._old:
            enterprise, _, specific = trap.removesuffix(".0").rpartition(".")
            name = ber.oid(enterprise.removesuffix(".0"))
            old = TrapV1(name, bytes((127, 0, 0, 1)), 6, int(specific), ticks, list(varbinds))
            self._send(community.write(V1, self._community, pdu.write(old)))
        else:
            self._send(community.write(V2C, self._community, pdu.write(told)))

    async def inform(self, trap: str, *varbinds: Varbind, ticks: int = 0, patience: float = 1.0, tries: int = 60) -> bool:
        """Tell until it is acknowledged; return whether it was."""
        self._id += 1
        told = Pdu(Kind.INFORM, self._id, 0, 0, self._bindings(trap, varbinds, ticks))
        now = asyncio.get_running_loop().time
        for _ in range(tries):
            written = pdu.write(told)
            if self._remote is not None:
                self._send(self._remote.write(self._id, written, now(), 1))
            else:
                self._send(community.write(V2C, self._community, written))
            try:
                async with asyncio.timeout(patience):
                    data = await self._answers.get()
            except TimeoutError:
                continue
            if self._remote is None:
                answer = community.read(data).pdu
            else:
                _, answer = self._remote.read(data, now())
                if answer.kind == Kind.REPORT and v3.report_of(answer) in RESYNC:
                    continue
            return isinstance(answer, Pdu) and answer.kind == Kind.RESPONSE and answer.varbinds == told.varbinds
        return False

    def _bindings(self, trap: str, varbinds: tuple[Varbind, ...], ticks: int) -> list[Varbind]:
        first = Varbind(pdu.SYS_UP_TIME, ber.TIMETICKS, ticks)
        return [first, Varbind(pdu.SNMP_TRAP_OID, ber.OID, ber.oid(trap)), *varbinds]

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(data)
