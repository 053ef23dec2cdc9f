"""The UDP echo that proves to a probe on another computer what gets through, and the last probes' reports.

It is no open reflector: it stands for a bounded time, answers one address alone, only to questions sealed with the session's
one-time token, each nonce once, with as many bytes as came, and `ANSWERS` times a port.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Final, cast

from msgspec import Struct
from msgspec.structs import replace

from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Refusal, TooMany
from sitewarden.domain.network.probe import Inside, judge
from sitewarden.net.interfaces import Network
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.probe import (
    CloseEcho,
    EchoOpened,
    EchoPort,
    OpenEcho,
    ProbeReport,
    ProbeReports,
    ProbeSeen,
    ProbeVerdict,
)
from sitewarden.wire import probe

SESSIONS: Final = 4
"""Echoes that may stand at once; a further one is refused."""
REPORTS: Final = 32
"""Reports that are kept; the oldest goes first."""
ANSWERS: Final = 16
"""Answers of one port in one session; further questions are counted and not answered."""
SPAN_TRIES: Final = 16
"""Ports of a span that are tried in place of one that is in use."""


class UdpRow(Struct, frozen=True, kw_only=True):
    """A UDP row that this node serves: its port, or its span."""

    name: str
    first: int
    last: int
    shared: bool

    def samples(self) -> list[list[int]]:
        """Return for each port to prove its alternatives: the port itself, or of a span its first, middle and last ports."""
        if self.first == self.last:
            return [[self.first]]
        middle = (self.first + self.last) // 2
        return [
            list(range(self.first, min(self.first + SPAN_TRIES, self.last))),
            list(range(middle, min(middle + SPAN_TRIES, self.last))),
            list(range(self.last, max(self.last - SPAN_TRIES, self.first), -1)),
        ]


class _Answering(asyncio.DatagramProtocol):
    """The echo on one port."""

    def __init__(self, number: int, session: bytes, token: bytes, address: str) -> None:
        self.heard = self.answered = 0
        self.bytes_in = self.bytes_out = 0
        self._number, self._session, self._token, self._address = number, session, token, ipaddress.ip_address(address)
        self._nonces: set[bytes] = set()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if ipaddress.ip_address(addr[0].partition("%")[0]) != self._address:
            return
        nonce = probe.unseal("Q", self._token, self._number, self._session, data)
        if nonce is None or nonce in self._nonces:
            return
        self.heard += 1
        self.bytes_in += len(data)
        if self.answered < ANSWERS and self._transport is not None:
            self._nonces.add(nonce)
            self.answered += 1
            self.bytes_out += len(data)
            self._transport.sendto(probe.seal("A", self._token, self._number, self._session, nonce), addr)


class _Session:
    """One probe's echo."""

    def __init__(self, caller: Caller, address: str, started: int) -> None:
        self.session, self.token = secrets.token_bytes(probe.SESSION), secrets.token_bytes(probe.TOKEN)
        self.report = ProbeReport(
            id=self.session.hex(), actor=caller.actor, address=address, started=started, ended=None, ports=(), verdicts=()
        )
        self.open: list[tuple[EchoPort, asyncio.DatagramTransport, _Answering]] = []
        self.busy: list[EchoPort] = []
        self.timer: asyncio.TimerHandle | None = None

    def ports(self) -> tuple[EchoPort, ...]:
        """Return the ports with what was heard on them."""
        heard = [replace(port, heard=echo.heard, answered=echo.answered) for port, _, echo in self.open]
        return (*heard, *self.busy)


class Probes:
    """Opens echoes on the node's UDP rows; `rows` tells which those are now, `listening` the (row, number) of its TCP ports.

    `attach` gives it the network of core.
    """

    def __init__(
        self,
        clock: Clock,
        bind: str,
        rows: Callable[[], Sequence[UdpRow]],
        listening: Callable[[], Collection[tuple[str, int]]] = frozenset,
    ) -> None:
        self._clock = clock
        self._bind = bind
        self._rows = rows
        self._listening = listening
        self._network: Network | None = None
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._reports: OrderedDict[str, ProbeReport] = OrderedDict()

    def attach(self, network: Network) -> None:
        """Take the network that echoes are opened on."""
        self._network = network

    def operations(self) -> list[Operation]:
        """Return the operations of probes."""
        return [
            Operation("network.probe.open", "network.probe", OpenEcho, EchoOpened, self._open, detail=_detail),
            Operation("network.probe.close", "network.probe", CloseEcho, ProbeReport, self._close, audit=False),
            Operation("network.probe.list", "network.read", Nothing, ProbeReports, self._list, audit=False),
        ]

    async def _open(self, caller: Caller, params: OpenEcho) -> EchoOpened:
        if self._network is None:
            raise Conflict("an echo needs the running node", remedy="Start it with `sitewarden run`.")
        address = self._address(params.address or caller.remote)
        if len(self._sessions) >= SESSIONS:
            raise TooMany(f"{SESSIONS} probes run already.", remedy="Wait until one has ended; each ends by itself.")
        session = _Session(caller, address, self._clock.now())
        self._sessions[session.report.id] = session
        with contextlib.ExitStack() as undo:
            undo.callback(self._end, session.report.id, ())
            for row in self._rows():
                await self._prove(session, row, (address, params.source_port) if params.source_port else None)
            undo.pop_all()
        ends = self._clock.now() + params.seconds * SECOND
        session.timer = asyncio.get_running_loop().call_later(params.seconds, self._end, session.report.id, ())
        key = probe.key_text(session.session, session.token)
        return EchoOpened(id=session.report.id, key=key, address=address, ends=ends, ports=session.ports())

    async def _prove(self, session: _Session, row: UdpRow, remote: tuple[str, int] | None) -> None:
        taken = {port.number for port, _, _ in session.open if port.row == row.name}
        for alternatives in row.samples():
            reason = ""
            for number in alternatives:
                if number in taken:
                    continue
                try:
                    await self._listen(session, row, number, remote)
                except Refusal as refusal:
                    reason = refusal.what
                    continue
                taken.add(number)
                break
            else:
                session.busy.append(EchoPort(row=row.name, number=alternatives[0], state="busy", reason=reason))

    async def _listen(self, session: _Session, row: UdpRow, number: int, remote: tuple[str, int] | None) -> None:
        if self._network is None:
            return
        echo = _Answering(number, session.session, session.token, session.report.address)
        shared = remote if row.shared else None
        transport, _ = await self._network.echo(row.name, lambda: echo, number, remote=shared)
        session.open.append((EchoPort(row=row.name, number=number, state="echo"), transport, echo))

    async def _close(self, caller: Caller, params: CloseEcho) -> ProbeReport:
        if params.id not in self._sessions:
            raise NotFound(f"There is no echo {params.id}.", where="id", remedy="It may have ended by itself; open another one.")
        return self._end(params.id, params.verdicts)

    def _end(self, id_: str, verdicts: tuple[ProbeVerdict, ...]) -> ProbeReport:
        session = self._sessions.pop(id_)
        if session.timer is not None:
            session.timer.cancel()
        for _, transport, _ in session.open:
            with contextlib.suppress(OSError):
                transport.close()
        if self._network is not None:
            self._network.ledger()
        ports = session.ports()
        seen = tuple(self._seen(verdict, ports) for verdict in verdicts)
        report = replace(session.report, ended=self._clock.now(), ports=ports, verdicts=seen)
        self._reports[id_] = report
        while len(self._reports) > REPORTS:
            self._reports.popitem(last=False)
        return report

    def _seen(self, verdict: ProbeVerdict, ports: Sequence[EchoPort]) -> ProbeSeen:
        inside: Inside = ""
        if verdict.transport == "tcp":
            inside = "open" if (verdict.row, verdict.number) in self._listening() else "closed"
        else:
            inside = next((port.state for port in ports if (port.row, port.number) == (verdict.row, verdict.number)), "")
        return ProbeSeen(
            row=verdict.row,
            transport=verdict.transport,
            number=verdict.number,
            verdict=verdict.verdict,
            detail=verdict.detail,
            inside=inside,
            judgement=judge(inside, verdict.verdict),
        )

    async def _list(self, caller: Caller, params: Nothing) -> ProbeReports:
        running = [replace(session.report, ports=session.ports()) for session in self._sessions.values()]
        newest = sorted([*self._reports.values(), *running], key=lambda report: report.started, reverse=True)
        return ProbeReports(items=tuple(newest))

    def _address(self, text: str) -> str:
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            raise Invalid(
                f"{text or 'nothing'!r} is no address to answer to.",
                where="address",
                remedy="Give the address of the computer that the probe runs on.",
            ) from None
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        address = mapped or address
        if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
            raise Invalid(f"{address} is no computer's address.", where="address", remedy="Give the address of one computer.")
        if address.version != ipaddress.ip_address(self._bind).version:
            raise Invalid(
                f"this node listens on {self._bind}, and {address} is of the other version of IP.",
                where="address",
                remedy=f"Probe an IPv{ipaddress.ip_address(self._bind).version} address of this node.",
            )
        return str(address)


def _detail(params: OpenEcho) -> dict[str, object]:
    return {"address": params.address, "seconds": params.seconds}
