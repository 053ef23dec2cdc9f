"""Who looked at which recorded video, and when: one entry of the audit log for a viewing, however many pieces it is fetched in.

A player fetches half a minute at a time and says the same `viewing` with each piece. What was asked for lies on disk before a
piece is given, and becomes an entry when no more pieces are asked for; a core that was killed writes it at its next start.
"""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from sitewarden.domain.clock import HOUR, MINUTE, Clock
from sitewarden.domain.errors import Refusal, StorageFull
from sitewarden.domain.refs import ref, split_ref
from sitewarden.services.operations import Caller
from sitewarden.services.surface.video import PlaybackRange
from sitewarden.store.interfaces import AuditEntry, StateStore

log = logging.getLogger(__name__)

ACTION: Final = "camera.playback"
OVER: Final = MINUTE
"""Microseconds without a piece after which a viewing is over: a player that is paused for longer begins another."""
LONGEST: Final = HOUR
"""Microseconds that one entry tells of; who looks on for longer has several."""
MOST: Final = 1000
"""Viewings that are open at once; past it the one that was asked for longest ago is written down, and begins anew."""
SPANS: Final = 50
"""Spans of one viewing; past it, too."""
LOOK: Final = 5.0
"""Seconds between two looks for viewings that are over."""
RECENT: Final = 1000
"""Entries of the audit log that are searched, after a crash, for what was written down just before it."""

Key = tuple[str, str, str, str]


class Viewing(Struct, kw_only=True):
    """What somebody looks at. Times are microseconds since 1970 UTC."""

    actor: str
    remote: str
    camera: str
    viewing: str
    reason: str = ""
    began: int
    """When its first piece was asked for, and its last."""
    last: int
    pieces: int = 0
    spans: list[tuple[int, int]] = []
    """What was asked for, in order, without overlaps."""

    @property
    def key(self) -> Key:
        return (self.actor, self.remote, self.camera, self.viewing)

    def take(self, start: int, end: int, now: int) -> None:
        """Add a piece."""
        self.last, self.pieces = now, self.pieces + 1
        merged: list[tuple[int, int]] = []
        for begin, over in sorted([*self.spans, (start, end)]):
            if merged and begin <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], over))
            else:
                merged.append((begin, over))
        self.spans = merged

    def entry(self, now: int) -> AuditEntry:
        """Return what the audit log keeps of it."""
        detail: dict[str, Any] = {
            "from": self.spans[0][0],
            "to": self.spans[-1][1],
        }
        if self.viewing:
            detail |= {"viewing": self.viewing, "began": self.began, "last": self.last, "pieces": self.pieces}
        if len(self.spans) > 1:
            detail["spans"] = [list(span) for span in self.spans]
        return AuditEntry(
            time=now,
            actor=self.actor,
            action=ACTION,
            entity=ref("camera", self.camera),
            outcome="done",
            reason=self.reason,
            detail=detail,
            remote=self.remote,
        )


_decode = msgspec.msgpack.Decoder(list[Viewing]).decode


class Viewings:
    """The viewings that are not over yet. `path` is where they are kept; None keeps nothing."""

    def __init__(self, state: StateStore, clock: Clock, path: Path | None = None) -> None:
        self._state, self._clock, self._path = state, clock, path
        self._open: dict[Key, Viewing] | None = None
        self._ending: list[Viewing] = []
        """Over, and on their way to the log."""
        self._saving = asyncio.Lock()
        self._changes = self._saved = 0
        self._closing = asyncio.Lock()

    async def note(self, caller: Caller, asked: PlaybackRange) -> None:
        """Take a piece that is about to be given; durable on return. Raises StorageFull where that cannot be."""
        now = self._clock.now()
        if not asked.viewing:
            one = Viewing(
                actor=caller.actor, remote=caller.remote, camera=asked.id, viewing="", reason=caller.reason, began=now, last=now
            )
            one.take(asked.start, asked.end, now)
            await self._state.audit([one.entry(now)])
            return
        held = await self._load()
        key = (caller.actor, caller.remote, asked.id, asked.viewing)
        found = held.get(key)
        over = [found] if found is not None and (now - found.began > LONGEST or len(found.spans) >= SPANS) else []
        if found is None and len(held) >= MOST:
            over = [min(held.values(), key=lambda one: one.last)]
        if over:
            await self._write_down(over)
        found = held.get(key)
        if found is None:
            found = held[key] = _begin(key, caller.reason, now)
        found.take(asked.start, asked.end, now)
        await self._save()

    async def run(self) -> None:
        """Write down what is over, until cancelled."""
        await self._recover()
        while True:
            await self.settle()
            await asyncio.sleep(LOOK)

    async def settle(self) -> None:
        """Write down the viewings of which no piece was asked for lately."""
        now = self._clock.now()
        held = await self._load()
        try:
            await self._write_down([one for one in held.values() if not 0 <= now - one.last < OVER])
        except Refusal as refusal:
            log.warning("who looked at recordings is not in the audit log yet, trying again: %s", refusal)

    async def _write_down(self, over: list[Viewing]) -> None:
        held = await self._load()
        for one in over:
            # A piece that comes meanwhile begins another viewing; this one stays on disk until it is in the log.
            if held.get(one.key) is one:
                self._ending.append(held.pop(one.key))
        async with self._closing:
            if not self._ending:
                return
            gone = list(self._ending)
            await self._state.audit([one.entry(self._clock.now()) for one in gone])
            self._ending = self._ending[len(gone) :]
            await self._save()

    async def _recover(self) -> None:
        """Drop what a core that was killed had written down, and could not take off the list any more."""
        held = await self._load()
        if not held and not self._ending:
            return
        written = set()
        for record in await self._state.audit_page(limit=RECENT):
            entry = record.entry
            if entry.action == ACTION and entry.detail.get("viewing"):
                _, camera = split_ref(entry.entity)
                written.add((entry.actor, entry.remote, camera, entry.detail["viewing"], entry.detail.get("began")))
        for key in [key for key, one in held.items() if (*key, one.began) in written]:
            del held[key]
        self._ending = [one for one in self._ending if (*one.key, one.began) not in written]
        await self._save()

    async def _load(self) -> dict[Key, Viewing]:
        if self._open is None:
            found: list[Viewing] = []
            try:
                if self._path is not None:
                    found = _decode(self._path.read_bytes())
            except FileNotFoundError:
                pass
            except (OSError, msgspec.MsgspecError):
                log.exception("%s cannot be read: who looked at recordings when core ended is not known", self._path)
            self._open = {}
            for one in sorted(found, key=lambda one: one.began):
                if (before := self._open.get(one.key)) is not None:
                    self._ending.append(before)
                self._open[one.key] = one
        return self._open

    async def _save(self) -> None:
        """Write the list; who waits while it is written shares the next write."""
        if self._path is None:
            return
        self._changes += 1
        mine = self._changes
        async with self._saving:
            if self._saved >= mine:
                return
            upto, data = self._changes, msgspec.msgpack.encode([*self._ending, *(await self._load()).values()])
            try:
                await asyncio.to_thread(_write, self._path, data)
            except OSError as error:
                raise StorageFull(
                    f"it cannot be written down who looks at recordings: {error.strerror or error}",
                    where=str(self._path),
                    remedy="Make room on the disk of the data directory.",
                ) from error
            self._saved = upto


def _begin(key: Key, reason: str, now: int) -> Viewing:
    actor, remote, camera, viewing = key
    return Viewing(actor=actor, remote=remote, camera=camera, viewing=viewing, reason=reason, began=now, last=now)


def _write(path: Path, data: bytes) -> None:
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
