"""The ports of the node: the manifest's rows with what the processes have open, from the bus topics `ledger/<role>`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import Clock
from sitewarden.domain.portchange import movable
from sitewarden.domain.portrow import Numbers, PortRow
from sitewarden.net.interfaces import LedgerEntry
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.portchange import PortTrial
from sitewarden.services.surface.system import Ports, PortView

TOPIC: Final = "ledger/"
STALE: Final = 10.0
"""Seconds after which the ledger of a process that fell silent is no longer shown."""
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
        oldest = self._clock.monotonic() - STALE
        return [entry for told, entries in self._told.values() if told >= oldest for entry in entries]


class NetworkPorts:
    """The operations on the port manifest. `numbers` gives the number in use of a row, `trial` what is tried for it."""

    def __init__(
        self,
        node: str,
        rows: Sequence[PortRow],
        numbers: Callable[[str], Numbers],
        ledgers: Ledgers,
        trial: Callable[[str], PortTrial | None] = lambda name: None,
    ) -> None:
        self._node = node
        self._rows = tuple(rows)
        self._numbers = numbers
        self._ledgers = ledgers
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
        return Ports(node=self._node, items=tuple(self._view(row, by_port) for row in self._rows))

    def _view(self, row: PortRow, by_port: Mapping[str, list[LedgerEntry]]) -> PortView:
        numbers = self._numbers(row.name)
        first, last = numbers if isinstance(numbers, tuple) else (numbers, None)
        side = row.side("server")
        ledger = tuple(by_port.get(row.name, ()))
        state: Literal["open", "closed", "planned"] = "open" if ledger else "planned" if row.planned else "closed"
        return PortView(
            row=row.name,
            number=first,
            last=last,
            protocol=row.transport,
            side=side.way if side else "",
            purpose=row.purpose,
            peer=row.peer,
            tls=row.tls,
            changeable=side.change.possible if side else False,
            change=side.change.who if side else "",
            note=row.note or row.tls_reason,
            state=state,
            ledger=ledger,
            movable=movable(row),
            trial=self._trial(row.name),
        )
