"""The ports of the node: the manifest's rows with what the processes have open, from the bus topics `ledger/<role>`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import Clock
from sitewarden.domain.portchange import movable
from sitewarden.domain.portrow import Numbers, PortRow
from sitewarden.net.exports import Plan
from sitewarden.net.exports.plan import place_of
from sitewarden.net.interfaces import LedgerEntry
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.portchange import PortTrial
from sitewarden.services.surface.system import Ports, PortView

TOPIC: Final = "ledger/"
STALE: Final = 10.0
"""Seconds after which the ledger of a process that fell silent is no longer shown."""
USERS: Final = 8
"""Things that use a row which are named; of more, only how many there are is told."""
ROLES: Final = 256
"""Processes whose ledgers are kept; those of more are dropped."""


class Ledgers:
    """What each process has open, as it last told."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._told: dict[str, tuple[float, tuple[LedgerEntry, ...]]] = {}
        self._decode = msgspec.msgpack.Decoder(tuple[LedgerEntry, ...]).decode
        self.refused = 0

    async def run(self) -> None:
        """Take what comes over the bus until cancelled."""
        # Bound: the last 256 messages; each process tells all again within 2 s.
        subscription = self._bus.subscribe(TOPIC, capacity=256)
        try:
            async for topic, payload in subscription:
                self.put(topic.removeprefix(TOPIC), payload)
        finally:
            subscription.close()

    def put(self, role: str, payload: bytes) -> None:
        """Take the ledger of one process."""
        if role not in self._told and len(self._told) >= ROLES:
            self.refused += 1
            return
        try:
            self._told[role] = (self._clock.monotonic(), self._decode(payload))
        except (msgspec.ValidationError, msgspec.DecodeError):
            self.refused += 1

    def entries(self) -> list[LedgerEntry]:
        """Return what is open now on the node."""
        return [entry for _, entries in self._fresh() for entry in entries]

    def roles(self) -> frozenset[str]:
        """Return the roles of the processes that tell of themselves now ("media-0" is of the role media)."""
        return frozenset(name.partition("-")[0] for name, _ in self._fresh())

    def listening(self) -> frozenset[tuple[str, int]]:
        """Return (row, number) of every TCP port that the node listens on now."""
        return frozenset(
            (entry.port, int(entry.local.rpartition(":")[2]))
            for entry in self.entries()
            if entry.transport == "tcp" and entry.direction != "out"
        )

    def _fresh(self) -> list[tuple[str, tuple[LedgerEntry, ...]]]:
        oldest = self._clock.monotonic() - STALE
        return [(name, entries) for name, (told, entries) in self._told.items() if told >= oldest]


class NetworkPorts:
    """The operations on the port manifest.

    `numbers` gives the number in use of a row, `plan` what the site uses now, `trial` what is tried for a row.
    """

    def __init__(
        self,
        node: str,
        rows: Sequence[PortRow],
        numbers: Callable[[str], Numbers],
        ledgers: Ledgers,
        plan: Callable[[], Plan] = Plan,
        trial: Callable[[str], PortTrial | None] = lambda name: None,
    ) -> None:
        self._node = node
        self._rows = tuple(rows)
        self._numbers = numbers
        self._ledgers = ledgers
        self._plan = plan
        self._trial = trial

    def operations(self) -> list[Operation]:
        """Return the operations on the port manifest."""
        return [
            Operation("network.ports", "network.read", Nothing, Ports, self._ports, audit=False),
        ]

    async def run(self) -> None:
        """Follow the ledgers until cancelled."""
        await self._ledgers.run()

    async def _ports(self, caller: Caller, params: Nothing) -> Ports:
        by_port: dict[str, list[LedgerEntry]] = {}
        for entry in self._ledgers.entries():
            by_port.setdefault(entry.port, []).append(entry)
        users: dict[str, dict[str, None]] = {}
        for use in self._plan().uses:
            if use.by:
                users.setdefault(use.row, {})[use.by] = None
        return Ports(node=self._node, items=tuple(self._view(row, by_port, tuple(users.get(row.name, ()))) for row in self._rows))

    def _state(self, row: PortRow, opened: bool) -> Literal["open", "closed", "planned", "missing"]:
        if opened:
            return "open"
        if row.planned:
            return "planned"
        return "missing" if row.standing and not self._ledgers.roles().isdisjoint(row.roles) else "closed"

    def _view(self, row: PortRow, by_port: Mapping[str, list[LedgerEntry]], users: Sequence[str]) -> PortView:
        numbers = self._numbers(row.name)
        first, last = numbers if isinstance(numbers, tuple) else (numbers, None)
        side = row.side("server")
        ledger = tuple(by_port.get(row.name, ()))
        return PortView(
            row=row.name,
            number=first,
            last=last,
            protocol=row.transport,
            side=side.way if side else "",
            purpose=row.purpose,
            peer=row.peer,
            place=place_of(row),
            roles=row.roles,
            users=tuple(users[:USERS]),
            user_count=len(users),
            tls=row.tls,
            changeable=side.change.possible if side else False,
            change=side.change.who if side else "",
            note=row.note or row.tls_reason,
            state=self._state(row, bool(ledger)),
            ledger=ledger,
            movable=movable(row),
            trial=self._trial(row.name),
        )
