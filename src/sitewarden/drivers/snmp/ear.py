"""Port 162: traps and informs of all endpoints of a process, since the port is one. Does I/O.

A notification is believed where its sender's address is an agent's of an endpoint, and its community or user that endpoint's. An
inform is acknowledged when its event is durable; what does not fit into the queue is not, so its sender says it again.
"""

from __future__ import annotations

import asyncio
import hashlib
import platform
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import SECOND
from sitewarden.domain.events import Event
from sitewarden.drivers.snmp.agent import VERSIONS, Agent
from sitewarden.drivers.snmp.config import EndpointConfig
from sitewarden.drivers.snmp.mapping import plain
from sitewarden.drivers.snmp.names import named, trap_named
from sitewarden.kit.context import Context
from sitewarden.kit.errors import Misconfigured
from sitewarden.wire.snmp import ber, community, pdu
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.pdu import Kind, Pdu, TrapV1
from sitewarden.wire.snmp.receiver import Receiver
from sitewarden.wire.snmp.usm import User

QUEUE: Final = 4096
"""Notifications that wait for the event log; a further one is left out, and an inform of it not acknowledged."""
BATCH: Final = 256
SHOWN: Final = 32
"""Bindings of a notification that its event carries."""
TEXT: Final = 500
"""Characters of a value in an event."""
EPOCH: Final = 1_577_836_800
"""2020-01-01: the seconds since are our engine's boots, so that they grow with each start and fit 31 bits until 2088."""
NOTIFIED: Final = "device.notified"


class Hearer(Protocol):
    """An endpoint whose agents are heard."""

    config: EndpointConfig
    user: User | None

    def agents_at(self, host: str) -> Iterator[Agent]:
        """Yield the agents at an address."""
        ...

    def told(self, agent: Agent, heard: Pdu) -> None:
        """Take values and the sign of life."""
        ...


class _Waiting(NamedTuple):
    events: list[Event]
    reply: bytes
    sender: tuple[Any, ...]


class Ear(asyncio.DatagramProtocol):
    """The open port."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._loop = asyncio.get_running_loop()
        self._hearers: list[Hearer] = []
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._count = 0
        self._began = self._loop.time()
        self._boots = max(1, ctx.clock.now() // SECOND - EPOCH)
        self._receiver = self._made()
        self._teller: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self.refused = 0
        """Datagrams of unknown senders, with a wrong community or password, or that are none."""

    async def open(self) -> asyncio.Task[None]:
        """Bind the port where that is not done; return the task that tells. Raises a Refusal where it is not possible."""
        async with self._lock:
            if self._teller is None:
                self._transport, _ = await self._ctx.net.datagram("snmp-trap", lambda: self, receive_buffer=1 << 20)
                self._teller = asyncio.create_task(self._tell(), name="notifications")
            return self._teller

    async def close(self) -> None:
        """Give the port back; what waits is told first, as far as a second reaches."""
        if self._transport is not None:
            self._transport.close()
        if self._teller is not None:
            for _ in range(20):
                if not self._waiting:
                    break
                await asyncio.sleep(0.05)
            self._teller.cancel()
            await asyncio.gather(self._teller, return_exceptions=True)

    @property
    def needed(self) -> bool:
        """Somebody listens."""
        return bool(self._hearers)

    def add(self, hearer: Hearer) -> None:
        """Hear for an endpoint too; raise Misconfigured where another one has the same user with other passwords."""
        mine = hearer.config
        for other in self._hearers:
            its = other.config
            same = (its.auth, its.auth_password, its.priv, its.priv_password) == (
                mine.auth,
                mine.auth_password,
                mine.priv,
                mine.priv_password,
            )
            if mine.version == its.version == "3" and its.user == mine.user and not same:
                raise Misconfigured(
                    f'another endpoint hears traps as the user "{mine.user}" with other passwords; give one a name of its own'
                )
        self._hearers.append(hearer)
        self._receiver = self._made()

    def remove(self, hearer: Hearer) -> None:
        """Hear for it no more."""
        self._hearers.remove(hearer)
        self._receiver = self._made()

    def _made(self) -> Receiver:
        """Return our engine with the users of all endpoints; its id is the node's own (RFC 3411, clause 5, format 5)."""
        id_ = hashlib.sha256(f"snmp engine of {self._ctx.node or platform.node()}".encode()).digest()[:12]
        users = {one.user.name: one.user for one in self._hearers if one.user is not None}
        return Receiver(b"\x80\x00\x00\x00\x05" + id_, self._boots, users, self._began)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        known = [(hearer, agent) for hearer in self._hearers for agent in hearer.agents_at(addr[0])]
        try:
            if not known or len(self._waiting) >= QUEUE:
                raise WireError("nobody takes it")
            if community.version(data) == community.V3:
                self._secured(data, addr, known)
            else:
                self._plain(data, addr, known)
        except WireError:
            self.refused += 1

    def _plain(self, data: bytes, addr: tuple[Any, ...], known: Sequence[tuple[Hearer, Agent]]) -> None:
        message = community.read(data)
        heard = message.pdu
        found = heard.as_v2() if isinstance(heard, TrapV1) else heard
        if found.kind not in (Kind.TRAP, Kind.INFORM):
            raise WireError("it is no notification")
        mine = [
            (hearer, agent)
            for hearer, agent in known
            if VERSIONS.get(hearer.config.version) is not None and hearer.config.community.encode() == message.community
        ]
        reply = b""
        if found.kind == Kind.INFORM:
            answer = pdu.write(Pdu(Kind.RESPONSE, found.id, 0, 0, found.varbinds))
            reply = community.write(message.version, message.community, answer)
        self._take(found, reply, addr, mine)

    def _secured(self, data: bytes, addr: tuple[Any, ...], known: Sequence[tuple[Hearer, Agent]]) -> None:
        if not any(hearer.user is not None for hearer, _ in known):
            raise WireError("nobody takes version 3 from there")
        taken = self._receiver.take(data, self._loop.time())
        if taken.pdu is None:
            if taken.reply and self._transport is not None:
                self._transport.sendto(taken.reply, addr)
            return
        mine = [(hearer, agent) for hearer, agent in known if hearer.user is not None and hearer.user.name == taken.user]
        self._take(taken.pdu, taken.reply, addr, mine)

    def _take(self, heard: Pdu, reply: bytes, addr: tuple[Any, ...], mine: Sequence[tuple[Hearer, Agent]]) -> None:
        if not mine:
            raise WireError("it has no community or user that is known")
        events = [self._event(agent, heard) for _, agent in mine]
        self._waiting.append(_Waiting(events, reply, addr))
        self._wake.set()
        for hearer, agent in mine:
            hearer.told(agent, heard)

    def _event(self, agent: Agent, heard: Pdu) -> Event:
        now = self._ctx.clock.now()
        trap = ""
        shown: list[dict[str, str]] = []
        for name, tag, value in heard.varbinds:
            text = str(plain(tag, value) if value is not None else "")[:TEXT]
            if name == pdu.SNMP_TRAP_OID and tag == ber.OID:
                trap = text
            elif name != pdu.SYS_UP_TIME and len(shown) < SHOWN:
                shown.append({"oid": (number := _text(name)), "name": named(number), "value": text})
        told = ", ".join(f"{one['name']} = {one['value']}" for one in shown)
        data: dict[str, Any] = {
            "name": agent.spec.name,
            "trap": trap_named(trap) or "a notification without a name",
            "trap_oid": trap,
            "detail": told[:TEXT] or "it says nothing more",
            "values": shown,
            "confirmed": heard.kind == Kind.INFORM,
        }
        self._count += 1
        if heard.kind == Kind.INFORM:
            # An inform that is said again, since our answer was lost, is the same event.
            same = hashlib.sha256(pdu.write_varbinds(heard.varbinds)).hexdigest()[:16]
            key = f"inform/{agent.spec.reference}/{heard.id}/{same}"
        else:
            key = f"trap/{agent.spec.reference}/{self._boots}/{now}/{self._count}"
        return Event(
            key=key,
            type=NOTIFIED,
            entity=agent.spec.reference,
            time=now,
            severity=severity(NOTIFIED),
            text=describe(NOTIFIED, data),
            data=data,
        )

    async def _tell(self) -> None:
        waiting = self._waiting
        while True:
            await self._wake.wait()
            self._wake.clear()
            while waiting:
                some = [waiting[place] for place in range(min(BATCH, len(waiting)))]
                await self._ctx.emit([event for one in some for event in one.events])
                for one in some:
                    waiting.popleft()
                    if one.reply and self._transport is not None and not self._transport.is_closing():
                        self._transport.sendto(one.reply, one.sender)


def _text(name: bytes) -> str:
    try:
        return ber.oid_text(name)
    except WireError:
        return name.hex(" ")
