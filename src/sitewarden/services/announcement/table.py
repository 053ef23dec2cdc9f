"""The table of servers and nodes that were heard: one row a key, with age and expiry. Pure: time is an argument.

A row belongs to a key, not to a name: what somebody claims to be changes nothing in the row of who holds another key.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from sitewarden.domain.clock import DAY, MINUTE
from sitewarden.domain.errors import Conflict, Forbidden, TooMany
from sitewarden.net.tls.signing import Writer
from sitewarden.wire.announcement import Announcement, Farewell, Message, Stamp, fingerprint
from sitewarden.wire.plain import plain

MOST: Final = 256
"""Rows. Where the table is full, the one that fell silent longest ago goes; while all are there, newcomers are refused."""
PER_ADDRESS: Final = 8
"""Rows that one address speaks for, so that one liar does not fill the table."""
ADDRESSES: Final = 8
"""Addresses of a row that it was heard from; the one that was silent longest goes."""
MISSED: Final = 4
"""Announcements that may be missing before a row counts as silent."""
SHORTEST: Final = 15.0
"""Seconds without an announcement that are borne in any case."""
KEPT: Final = DAY
"""Microseconds that a silent row stays."""
SKEW: Final = 10 * MINUTE
"""Microseconds that the sender's clock may differ; beyond it, what it says may be a recording, and raises no alarm."""

Role = Literal["server", "analytics", "lpr"]
Put = Literal["new", "back", "same", "gone"]
"""What a datagram did: a row is new, present again, renewed, or said farewell."""


@dataclass(slots=True, kw_only=True)
class Row:
    """One server or node. Times are microseconds since 1970 UTC of this computer, `tick` monotonic seconds."""

    id: str
    key: str
    message: Announcement
    ours: bool
    """Its certificate is by this site's CA."""
    twin: bool
    """It signs with this node's own key: a copy of its data directory runs somewhere."""
    host: str
    """Where it is reached: the first address that it was heard from, IPv4 before IPv6, for as long as it is heard from there."""
    interface: str
    heard: dict[str, float]
    """Address that it was heard from to the monotonic second of the last time."""
    first: int
    last: int
    tick: float
    stamp: Stamp
    count: int = 1
    silent: bool = False
    farewell: bool = False

    @property
    def name(self) -> str:
        """Its name as one harmless line."""
        return plain(self.message.name) or self.message.node

    @property
    def roles(self) -> tuple[Role, ...]:
        """What it can be registered as."""
        found: list[Role] = []
        if {"core", "web", "server"} & set(self.message.roles):
            found.append("server")
        found += [role for role in ("analytics", "lpr") if role in self.message.roles]
        return tuple(found)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that it names."""
        return tuple(str(ipaddress.ip_address(packed)) for packed in self.message.addresses)

    @property
    def group(self) -> str:
        """The multicast group of its live media; "" where it sends none."""
        return str(ipaddress.ip_address(self.message.group)) if self.message.group else ""

    @property
    def tls(self) -> str:
        """SHA-256 of the certificate that it says its first port presents; "" where that speaks no TLS."""
        return fingerprint(self.message.tls)

    @property
    def site(self) -> str:
        """SHA-256 of its site's CA, as it says."""
        return fingerprint(self.message.site)

    @property
    def skew(self) -> int:
        """Microseconds that its clock is ahead of ours."""
        return self.stamp.time - self.last

    @property
    def old(self) -> bool:
        """True where its clock is so far off that this may be a recording."""
        return abs(self.skew) > SKEW

    @property
    def patience(self) -> float:
        """Seconds without an announcement after which it counts as silent."""
        return max(SHORTEST, MISSED * float(self.message.period))

    def port(self, role: str) -> int:
        """Return the number that it announces for a role; 0 where it announces none."""
        return next((port.number for port in self.message.ports if port.row == role), 0)


class Table:
    """All rows. `key` and `boot` are this node's own, empty for who announces nothing."""

    def __init__(self, key: str = "", boot: bytes = b"", begun: int = 0) -> None:
        self._key, self._boot, self._begun = key, boot, begun
        self._rows: dict[str, Row] = {}
        self._hosts: Counter[str] = Counter()
        """How many rows were heard from an address."""

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def senders(self) -> Counter[str]:
        """Addresses that rows were heard from, with how many."""
        return self._hosts

    def get(self, id_: str) -> Row | None:
        """Return the row of that id."""
        return self._rows.get(id_)

    def own(self, message: Message, writer: Writer) -> bool:
        """Tell whether this node's present run sent it."""
        return writer.key == self._key and message.stamp.boot == self._boot

    def id_of(self, writer: Writer) -> str:
        """Return the id of a writer's row."""
        return f"node-{writer.key.replace(':', '')[:16].lower()}{'-twin' if writer.key == self._key else ''}"

    def put(self, message: Message, writer: Writer, host: str, interface: str, now: int, tick: float) -> Put:
        """Take what a writer sent from an address. Raises Forbidden, Conflict or TooMany; nothing is changed then."""
        if writer.node != message.node:
            raise Forbidden(f"It says that it is {message.node}, and its certificate is {writer.node}'s.", where=host)
        if ipaddress.ip_address(host).packed not in message.addresses:
            raise Forbidden("It came from an address that it does not name: somebody repeats it.", where=host)
        twin = writer.key == self._key
        if twin and message.stamp.time < self._begun:
            raise Conflict("It is one of this node's own, from before its start.", where=host)
        id_ = self.id_of(writer)
        row = self._rows.get(id_)
        if row is not None:
            _demand_newer(message.stamp, row.stamp, host)
        if isinstance(message, Farewell):
            if row is None:
                raise Conflict("It says farewell and was never heard.", where=host)
            row.stamp, row.silent, row.farewell, row.last = message.stamp, True, True, now
            return "gone"
        if row is None or host not in row.heard:
            if self._hosts[host] >= PER_ADDRESS:
                raise TooMany(f"More than {PER_ADDRESS} servers announce themselves from there.", where=host)
            if row is None:
                self._make_room(writer.ours)
            self._hosts[host] += 1
        if row is None:
            self._rows[id_] = Row(
                id=id_, key=writer.key, message=message, ours=writer.ours, twin=twin, host=host, interface=interface,
                heard={host: tick}, first=now, last=now, tick=tick, stamp=message.stamp,
            )  # fmt: skip
            return "new"
        back = row.silent
        row.message, row.ours, row.interface, row.stamp = message, writer.ours, interface, message.stamp
        row.last, row.tick, row.silent, row.farewell = now, tick, False, False
        row.count = 1 if back else row.count + 1
        row.heard.pop(host, None)
        row.heard[host] = tick
        while len(row.heard) > ADDRESSES:
            first = next(iter(row.heard))
            del row.heard[first]
            self._count(first)
        if row.host not in row.heard or tick - row.heard[row.host] > row.patience or (":" in row.host and ":" not in host):
            row.host = host
        return "back" if back else "same"

    def expire(self, now: int, tick: float) -> list[Row]:
        """Mark and return the rows that have fallen silent; drop those that have been silent for long."""
        fell = []
        for row in list(self._rows.values()):
            if not row.silent and tick - row.tick > row.patience:
                row.silent = True
                fell.append(row)
            elif row.silent and now - row.last > KEPT:
                self._drop(row)
        return fell

    def forget(self, id_: str) -> None:
        """Drop a row."""
        row = self._rows.get(id_)
        if row is not None:
            self._drop(row)

    def _make_room(self, ours: bool) -> None:
        if len(self._rows) < MOST:
            return
        silent = [row for row in self._rows.values() if row.silent]
        # A node of this site is never kept out by strangers.
        gone = silent or ([row for row in self._rows.values() if not row.ours] if ours else [])
        if not gone:
            raise TooMany(f"{MOST} servers announce themselves already, which is the limit.", where="servers")
        self._drop(min(gone, key=lambda row: row.tick))

    def _drop(self, row: Row) -> None:
        del self._rows[row.id]
        for host in row.heard:
            self._count(host)

    def _count(self, host: str) -> None:
        self._hosts[host] -= 1
        if self._hosts[host] <= 0:
            del self._hosts[host]


def _demand_newer(stamp: Stamp, last: Stamp, host: str) -> None:
    """Refuse a repetition: within a run numbers grow, from one run to the next the clock does."""
    if stamp.boot == last.boot:
        if stamp.number <= last.number:
            raise Conflict("It came before, or a later one did.", where=host)
    elif stamp.time <= last.time:
        raise Conflict("It is older than the last one of its sender, or the sender's clock went back.", where=host)
