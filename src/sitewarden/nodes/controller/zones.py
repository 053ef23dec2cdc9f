"""The zones that a controller holds: what happened in them, kept over a restart and made whole from its log. Does file I/O.

The log is ahead of the file by at most `SAVE` seconds; what the file lacks is read from the log at the start.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from sitewarden.domain.access.decision import Decision, DoorContext, Request
from sitewarden.domain.access.door_orders import fire_zones_of
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.snapshot import FireRow
from sitewarden.domain.access.transitions import advance, held_by
from sitewarden.domain.access.zone_facts import facts_in
from sitewarden.domain.access.zone_state import DoorShut, ZoneState, decode, encode
from sitewarden.domain.errors import Refusal
from sitewarden.wire.controller import Record

log = logging.getLogger(__name__)

SAVE: Final = 2.0
"""Seconds between a change and its being on disk."""


class _Kept(msgspec.Struct, array_like=True):
    epoch: int
    index: int
    state: bytes


class LiveZones:
    """The state of the zones, by the rules of now. `path` is where it is kept; None keeps nothing."""

    def __init__(self, node: str, path: Path | None) -> None:
        self.state = ZoneState(held=frozenset())
        self._node = node
        self._path = path
        self._rules: Rules | None = None
        self._epoch = self._index = 0
        self._timer: asyncio.TimerHandle | None = None

    def load(self, epoch: int) -> int:
        """Read what was kept; return the index of the log up to which it goes. Blocks, for the start."""
        self._epoch = epoch
        try:
            kept = msgspec.msgpack.decode(self._path.read_bytes(), type=_Kept) if self._path is not None else None
            if kept is not None and kept.epoch == epoch:
                self.state, self._index = decode(kept.state), kept.index
        except FileNotFoundError:
            pass
        except (OSError, msgspec.DecodeError, Refusal) as error:
            log.warning("the zones begin anew: what was kept cannot be read: %s", error)
        return self._index

    def install(self, rules: Rules) -> None:
        """Go by these rules from now on."""
        self._rules = rules
        self.state = held_by(rules, self._node, self.state)

    def replay(self, records: Iterable[tuple[int, Record]]) -> None:
        """Take up what the log holds beyond what was kept."""
        for index, record in records:
            self.told(index, record)

    def told(self, index: int, record: Record) -> None:
        """Take a record of the log."""
        self._index = index
        if self._rules is None or not record.type.startswith(("access.", "zone.")):
            return
        data: dict[str, Any] = {
            **record.data,
            "access_point": record.access_point,
            "holder": record.holder,
            "credential": record.credential,
        }
        before = self.state
        for fact in facts_in(record.type, data, record.time):
            self.state = advance(self._rules, self.state, fact)
        if self.state is not before:
            self._save_soon()

    def door(self, door: str, shut: bool, now: int) -> None:
        """Take that a door is closed and locked, or is not."""
        if self._rules is not None:
            self.state = advance(self._rules, self.state, DoorShut(door, shut, now))

    def decide(self, rules: Rules, request: Request, door: DoorContext, now: int, by: str) -> Decision:
        """Decide with the zones as they stand."""
        return decide(rules, request, door, now, by, self.state)

    def beyond(self, access_point: str) -> bool:
        """Tell whether a zone that only the server holds has a say at an access point."""
        if self._rules is None or access_point not in self._rules.points:
            return False
        held = self.state.held or frozenset()
        return any(guard.zone not in held for guard in self._rules.guards[self._rules.points[access_point][0]].zones)

    def fires(self, number: int) -> list[tuple[FireRow, list[str]]]:
        """Return the fire zones that an input tells of, and the doors of each."""
        if self._rules is None:
            return []
        zones = set(fire_zones_of(self._rules, self._node, number))
        return [(row, self._doors(row)) for row in self._rules.tables.zones if isinstance(row, FireRow) and row.id in zones]

    def burns(self, door: str, zones: Collection[str]) -> bool:
        """Tell whether a door is one of the doors of these fire zones."""
        rows = self._rules.tables.zones if self._rules is not None else ()
        return any(isinstance(row, FireRow) and row.id in zones and door in self._doors(row) for row in rows)

    def _doors(self, row: FireRow) -> list[str]:
        assert self._rules is not None
        return [self._rules.tables.doors[door].id for door in row.doors]

    def close(self) -> None:
        """Keep what there is. Blocks."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._save(self._packed())

    def _save_soon(self) -> None:
        if self._timer is None and self._path is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(SAVE, lambda: self._save_in(loop))

    def _save_in(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        loop.run_in_executor(None, self._save, self._packed())

    def _packed(self) -> bytes:
        return msgspec.msgpack.encode(_Kept(self._epoch, self._index, encode(self.state)))

    def _save(self, data: bytes) -> None:
        if self._path is None:
            return
        part = self._path.with_suffix(".part")
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            log.error("the zones cannot be kept in %s: %s", self._path, error)
