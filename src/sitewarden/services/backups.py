"""When backups are due, how they went, and that somebody is told. They are made by a process of their own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.config import Settings
from sitewarden.domain.backups import S3, Outcome, is_late
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import HOUR, MINUTE, Clock
from sitewarden.domain.errors import Conflict
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.backups import BackupNote, BackupStatus
from sitewarden.services.surface.identity import Nothing

log = logging.getLogger(__name__)
LOOK: Final = 30.0
"""Seconds between two looks at whether one is due."""
SETTLE: Final = 5 * MINUTE
"""After a start, so that a server that starts again and again does not begin one each time."""
AGAIN: Final = HOUR
"""After a failed one, at most."""
MOST: Final = 16
"""Destinations that are remembered; the one that was used longest ago is forgotten."""
Spawn = Callable[[], Awaitable[str]]
"""Makes the backup of the settings; returns why it failed, or nothing."""


class Backups:
    """Wired by app. `record` is the file that outcomes are written to, also by this service alone."""

    def __init__(self, settings: Settings, record: Path, clock: Clock, emit: Callable[[list[Event]], Awaitable[object]]) -> None:
        self._settings = settings
        self._record = record
        self._clock = clock
        self._emit = emit
        self._outcomes = read_outcomes(record)
        self._begun = clock.now()
        self._told = 0
        self._running: asyncio.Task[None] | None = None
        self.spawn: Spawn | None = None
        """Set by core; a platform that the command line opened makes none by itself."""

    def operations(self) -> list[Operation]:
        """Return the operations."""
        return [
            Operation("backup.status", "system.get", Nothing, BackupStatus, self._status, audit=False),
            Operation("backup.start", "system.backup", Nothing, BackupStatus, self._start),
            Operation(
                "backup.note", "system.backup", BackupNote, None, self._note, detail=lambda note: {"to": note.outcome.destination}
            ),
        ]

    async def run(self) -> None:
        """Make backups when they are due, until cancelled."""
        try:
            while True:
                due = self._next()
                if due is not None and due <= self._clock.now() and self.spawn is not None and not self._busy():
                    self._begin()
                await asyncio.sleep(LOOK)
        finally:
            if self._running is not None:
                self._running.cancel()
                await asyncio.gather(self._running, return_exceptions=True)

    async def _status(self, caller: Caller, params: Nothing) -> BackupStatus:
        own = self._settings.backup
        here = self._place()
        return BackupStatus(
            destination=own.destination,
            every_hours=own.every_hours,
            media=own.media,
            running=self._busy(),
            next=self._next(),
            late=bool(here) and is_late(self._outcomes.get(here), self._clock.now(), own.every_hours),
            outcomes=tuple(sorted(self._outcomes.values(), key=lambda one: (one.destination != here, -one.done))),
        )

    async def _start(self, caller: Caller, params: Nothing) -> BackupStatus:
        if not self._settings.backup.destination or self.spawn is None:
            raise Conflict(
                "No destination is set.",
                where="backup.destination",
                remedy='Set it under "[backup]" in the settings and restart.',
            )
        if self._busy():
            raise Conflict("A backup is being made already.", remedy="Wait until it is done.")
        self._begin()
        return await self._status(caller, params)

    async def _note(self, caller: Caller, note: BackupNote) -> None:
        """Write down how a backup went, and tell it as an event."""
        told, now = note.outcome, self._clock.now()
        known = self._outcomes.get(told.destination, Outcome(destination=told.destination))
        if told.problem:
            known = msgspec.structs.replace(known, failed=now, problem=told.problem)
        else:
            known = msgspec.structs.replace(told, failed=known.failed, problem="")
        self._outcomes[told.destination] = known
        while len(self._outcomes) > MOST:
            del self._outcomes[min(self._outcomes.values(), key=lambda one: max(one.done, one.failed)).destination]
        await asyncio.to_thread(self._write)
        type_ = "system.backup.failed" if told.problem else "system.backup.done"
        data = {
            "destination": told.destination,
            "id": told.id,
            "detail": told.problem,
            "size": _megabytes(told.bytes),
            "stored": _megabytes(told.stored),
            "seconds": f"{told.seconds:.0f}",
        }
        self._told += 1
        await self._emit(
            [
                Event(
                    key=f"backup/{self._begun}/{self._told}",
                    type=type_,
                    entity=ref("node", self._settings.node),
                    time=now,
                    severity=severity(type_),
                    text=describe(type_, data),
                    data=data,
                )
            ]
        )

    def _begin(self) -> None:
        self._running = asyncio.create_task(self._make(), name="backup")

    async def _make(self) -> None:
        assert self.spawn is not None
        here, before = self._place(), self._clock.now()
        problem = await self.spawn()
        known = self._outcomes.get(here)
        if problem and (known is None or known.failed < before):
            # It ended before it could tell anybody.
            await self._note(Caller(actor="system:backup"), BackupNote(outcome=Outcome(destination=here, problem=problem)))

    def _next(self) -> int | None:
        here = self._place()
        if not here:
            return None
        known, every = self._outcomes.get(here), int(self._settings.backup.every_hours * HOUR)
        settled = self._begun + SETTLE
        if known is None:
            return settled
        due = known.done + every
        if known.problem:
            due = max(due, known.failed + min(AGAIN, every))
        return max(due, settled)

    def _busy(self) -> bool:
        return self._running is not None and not self._running.done()

    def _place(self) -> str:
        own = self._settings.backup.destination
        return place(own) if own else ""

    def _write(self) -> None:
        draft = self._record.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(list(self._outcomes.values())))
        draft.replace(self._record)


def place(destination: str) -> str:
    """Return a destination as its outcomes are filed: an absolute path, or the address of a bucket without a slash at its end."""
    return destination.rstrip("/") if destination.startswith(S3) else str(Path(destination).expanduser().absolute())


def read_outcomes(record: Path) -> dict[str, Outcome]:
    """Return how the last backups went, by destination; empty where none was made."""
    try:
        return {one.destination: one for one in msgspec.json.decode(record.read_bytes(), type=list[Outcome])}
    except (OSError, msgspec.MsgspecError):
        return {}


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
