"""The zones as the server holds them, all of them: told by its own decisions at once, and by the log as it comes. Keeps a file.

What it does not have yet it reads from the log: the state is kept with the cursor up to which it goes, every `SAVE` seconds.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.decision import Decision, DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.transitions import advance, facts_of, held_by
from sitewarden.domain.access.zone_facts import TYPES, facts_in
from sitewarden.domain.access.zone_state import Fact, ZoneState, decode, encode
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.domain.events import StoredEvent
from sitewarden.domain.refs import split_ref

log = logging.getLogger(__name__)

SAVE: Final = 10.0
"""Seconds between two savings, where something changed."""


class _Kept(msgspec.Struct, array_like=True):
    cursor: int
    state: bytes


class ZoneBook:
    """The state of all zones. `rules` gives the rules of now; `path` is where it is kept, None keeps nothing."""

    def __init__(self, bus: Bus, rules: Callable[[], Rules], path: Path | None = None) -> None:
        self._bus = bus
        self._rules = rules
        self._path = path
        self._cursor: int | None = None
        self._dirty = False
        self.state = held_by(rules(), "", self._load())

    def decide(self, request: Request, door: DoorContext, now: int) -> Decision:
        """Decide, and keep the place of whoever may pass."""
        rules = self._rules()
        decision = decide(rules, request, door, now, "server", self.state)
        for fact in facts_of(request, decision, now):
            self._take(rules, fact)
        return decision

    def renew(self) -> None:
        """Go by changed rules: what is not there any more is forgotten."""
        self.state = held_by(self._rules(), "", self.state)

    async def run(self) -> None:
        """Follow the log, and keep what it tells, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(), name="zones")
            group.create_task(self._keep(), name="zones to disk")

    def keep(self) -> None:
        """Write the file now. Blocks."""
        if self._path is not None and self._cursor is not None:
            self._dirty = False
            _save(self._path, _Kept(self._cursor, b""), self.state)

    async def _follow(self) -> None:
        while True:
            try:
                async for batch in self._bus.events(after=self._cursor, types=TYPES):
                    self._read(batch)
                return
            except Invalid as refusal:
                # The log is younger than what was kept: it was put back from a backup, or begun anew.
                log.warning("the zones follow the log from now on: %s", refusal)
                self._cursor = None

    def _read(self, batch: list[StoredEvent]) -> None:
        rules = self._rules()
        for stored in batch:
            event = stored.event
            kind, id_ = split_ref(event.entity)
            data = {**event.data, "door": id_} if kind == "door" else event.data
            for fact in facts_in(event.type, data, event.time):
                self._take(rules, fact)
        if batch:
            self._cursor, self._dirty = batch[-1].seq, True

    def _take(self, rules: Rules, fact: Fact) -> None:
        self.state = advance(rules, self.state, fact)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(SAVE)
            if self._dirty and self._path is not None and self._cursor is not None:
                self._dirty = False
                await asyncio.to_thread(_save, self._path, _Kept(self._cursor, b""), self.state)

    def _load(self) -> ZoneState:
        try:
            if self._path is not None:
                kept = msgspec.msgpack.decode(self._path.read_bytes(), type=_Kept)
                state = decode(kept.state)
                self._cursor = kept.cursor
                return state
        except FileNotFoundError:
            pass
        except (OSError, msgspec.DecodeError, Refusal) as error:
            log.warning("the zones begin anew: what was kept in %s cannot be read: %s", self._path, error)
        return ZoneState()


def _save(path: Path, kept: _Kept, state: ZoneState) -> None:
    kept.state = encode(state)
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as file:
            file.write(msgspec.msgpack.encode(kept))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        log.error("the zones cannot be kept in %s: %s", path, error)
