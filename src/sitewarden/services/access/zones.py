"""The zones as the server holds them, all of them: told by its own decisions at once, and by the log as it comes. Keeps a file.

What it does not have yet it reads from the log: the state is kept with the cursor up to which it goes, every `SAVE` seconds.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.decision import Decision, DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.snapshot import FireRow
from sitewarden.domain.access.transitions import advance, facts_of, held_by
from sitewarden.domain.access.zone_facts import TYPES, facts_in
from sitewarden.domain.access.zone_state import Fact, ZoneState, decode, encode
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.domain.events import Event, StoredEvent
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
        self.on_fire: Callable[[Event], None] = lambda event: None
        """Called with each event of a fire zone whose input tells of fire, or that it is over."""
        self.state = held_by(rules(), "", self._load())

    def decide(self, request: Request, door: DoorContext, now: int) -> Decision:
        """Decide, and keep the place of whoever may pass."""
        rules = self._rules()
        decision = decide(rules, request, door, now, "server", self.state)
        for fact in facts_of(request, decision, now):
            self._take(rules, fact)
        return decision

    def tell(self, type_: str, data: dict[str, Any], now: int) -> None:
        """Take what is about to come through the log too, so that whoever did it sees it at once."""
        for fact in facts_in(type_, data, now):
            self._take(self._rules(), fact)

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
            if event.type.startswith("zone.") and not _may_tell(rules, event):
                log.warning("%s tells of a zone that it does not hold: %s", event.related, event.data.get("zone"))
                continue
            data = {**event.data, "door": id_} if kind == "door" else event.data
            for fact in facts_in(event.type, data, event.time):
                self._take(rules, fact)
            if event.type in ("zone.fire", "zone.fire-over"):
                self.on_fire(event)
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


def _may_tell(rules: Rules, event: Event) -> bool:
    """Tell whether who recorded the event may: the server of any zone, a controller of its own and of fire at its inputs."""
    controllers = {one.partition(":")[2] for one in (event.entity, *event.related) if one.startswith("controller:")}
    place = rules.zone_at.get(str(event.data.get("zone", "")))
    if not controllers or place is None:
        return not controllers
    row = rules.tables.zones[place]
    inputs = {controller for controller, _ in row.inputs} if isinstance(row, FireRow) else set()
    return controllers <= {row.home} | inputs


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
