"""What is heard on the announcement's port, read: gate, codec, signature, table. Core and a laptop's command line share it."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.net.announcing import Place
from sitewarden.net.tls.signing import Verifier
from sitewarden.services.announcement.gate import Gate
from sitewarden.services.announcement.table import Put, Row, Table
from sitewarden.wire.announcement import MAGIC, decode

PROBLEMS: Final = 16
"""Senders whose last refused datagram is told; the oldest goes first."""

Told = Callable[[Put, Row], None]


class Hearing:
    """Takes datagrams into a table; tells `told` what they did."""

    def __init__(self, clock: Clock, table: Table, verifier: Verifier, told: Told) -> None:
        self.table = table
        self.heard = self.refused = 0
        """Datagrams that were announcements, and that were refused or were something else."""
        self._clock, self._verifier, self._told = clock, verifier, told
        self._gate = Gate(clock.monotonic())
        self._problems: OrderedDict[str, str] = OrderedDict()

    @property
    def problems(self) -> tuple[str, ...]:
        """Why datagrams of some senders were refused lately, in sentences."""
        return tuple(self._problems.values())

    def take(self, data: bytes, host: str, place: Place) -> None:
        """Take one datagram."""
        now, tick = self._clock.now(), self._clock.monotonic()
        if data[:3] != MAGIC:
            # Beacons of `sitewarden probe --multicast` and of `doctor` cross the same group.
            self.refused += 1
            return
        if not self._gate.admit(host, self.table.senders, tick):
            self.refused += 1
            self._problem(host, "more announcements came than are read")
            return
        try:
            datagram = decode(data)
            message = datagram.message
            if ipaddress.ip_address(host).packed not in message.addresses:
                raise Invalid("It came from an address that it does not name: somebody repeats it.", where=host)
            writer = self._verifier.writer(datagram.certificate, datagram.signed, datagram.signature)
            if self.table.own(message, writer):
                return
            put = self.table.put(message, writer, host, place.interface, now, tick)
        except Refusal as refusal:
            self.refused += 1
            if refusal.code != "conflict":
                self._problem(host, refusal.what.rstrip("."))
            return
        self.heard += 1
        self._problems.pop(host, None)
        row = self.table.get(self.table.id_of(writer))
        if row is not None:
            self._told(put, row)

    def _problem(self, host: str, what: str) -> None:
        self._problems.pop(host, None)
        self._problems[host] = f"What {host} announces is not taken: {what}."
        if len(self._problems) > PROBLEMS:
            self._problems.popitem(last=False)
