"""Who works beside the writer of samples: makes what a seal writes, joins chunks, plans what goes. Changes nothing by itself."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol

from msgspec import Struct

from sitewarden.domain.clock import HOUR
from sitewarden.store.chunks import seal as seals
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, joined, ordered
from sitewarden.store.chunks.head import Run, lasts, whole
from sitewarden.store.chunks.integers import USUAL
from sitewarden.store.chunks.known import Known
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import Work, nothing
from sitewarden.store.chunks.tending import Bodies, compact, expire

STEP_SECONDS: Final = 0.1
"""Time that one step takes, about; then the writer writes what it made."""
STEP_CHUNKS: Final = 200
"""Chunks that one transaction changes, about."""
_PASSES: Final = 64
"""Passes in which retention by size goes through the whole time that there is, at most."""


class Kept(Bodies, Protocol):
    """A home as who tends it reads it."""

    def names(self, after: int) -> list[tuple[int, str]]:
        """Return number and name of the points past a number, in order."""
        ...

    def known(self, packer: Packer, before: Known) -> Known:
        """Return the ids of points: `before`, what the last seal wrote in one block, and rows of later ones."""
        ...

    def stops(self, points: Sequence[int]) -> dict[int, int]:
        """Return the last moment that is in a chunk, of those points that have any."""
        ...

    def lasts(self) -> bytes | None:
        """Return the last sample that is in a chunk, of every point."""
        ...

    def firsts(self, points: Sequence[int]) -> list[tuple[int, int, int, int]]:
        """Return point, start and count of its first chunk, and start of its last, for those points that have any."""
        ...

    def used_bytes(self) -> int:
        """Return the bytes that hold content."""
        ...


class Made(Struct, frozen=True, eq=False):
    """What a seal writes."""

    work: Work
    carry: Columns
    body: bytes
    """The carry as a journal row."""
    lasts: bytes
    known: Known
    names: bytes
    """The ids of points as a block; nothing where the home has it already."""
    last: Columns
    tops: dict[int, int]


class Tender:
    """Used by one thread at a time."""

    def __init__(self, home: Kept) -> None:
        self.home = home
        self.packer = Packer()
        self.tops: dict[int, int | None] = {}
        """Last moment that is in a chunk of a point, of those that were asked for."""
        self.last: Columns | None = None
        self._known = Known()
        self._dirty: dict[int, None] | None = None

    def forget(self) -> None:
        """Begin anew, since somebody else may have changed the home."""
        self.tops.clear()
        self.last = self._dirty = None
        self._known = Known()

    def seal(self, runs: Sequence[Run], *, everything: bool) -> Made:
        """Return what makes chunks of runs of the head."""
        sealable, carry = seals.split(whole(runs), everything=everything)
        late = {}
        tops = {}
        spans = list(zip(*seals.spans(sealable), strict=True))
        unknown = [point for point, _, _ in spans if point not in self.tops]
        if unknown:
            self.tops.update({**dict.fromkeys(unknown), **self.home.stops(unknown)})
        for point, first, stop in spans:
            top = self.tops[point]
            if top is not None and first <= top:
                late[point] = self.home.overlapping(point, first, stop)
            tops[point] = stop if top is None else max(top, stop)
        work = seals.seal(self.packer, sealable, late)
        last = self.with_lasts(lasts(sealable))
        body = self.packer.encode(carry, USUAL, points=True) if len(carry) else b""
        known = self.home.known(self.packer, self._known)
        names = known.block(self.packer) if known is not self._known else b""
        return Made(work, carry, body, self.packer.encode(last, USUAL, points=True), known, names, last, tops)

    def sealed(self, made: Made) -> None:
        """Note that it is written."""
        self.last = made.last
        self._known = made.known
        self.tops.update(made.tops)
        if self._dirty is not None:
            self._dirty.update(dict.fromkeys(made.tops))

    def with_lasts(self, fresh: Columns, *, older: bool = False) -> Columns:
        """Return the last sample of every point, with those that come; `older` lets the ones that are there stay."""
        if self.last is None:
            body = self.home.lasts()
            try:
                self.last = self.packer.decode(body) if body is not None else fresh.take(slice(0, 0))
            except Corrupt:
                self.last = fresh.take(slice(0, 0))
        return lasts(ordered(joined([fresh, self.last] if older else [self.last, fresh])))

    def step(self, *, everything: bool = False) -> Work | None:
        """Return the next change that makes the home smaller or quicker; None where there is none for now."""
        if self._dirty is None:
            self._dirty = dict.fromkeys(number for number, _ in self.home.names(0))
        end = time.monotonic() + STEP_SECONDS
        work = nothing()
        again: dict[int, None] = {}
        while self._dirty and _size(work) < STEP_CHUNKS and not (_size(work) and time.monotonic() > end):
            point = next(iter(self._dirty))
            del self._dirty[point]
            one = compact(self.packer, self.home, point, everything=everything)
            if one is not None:
                # Its next step can be planned once this one is written.
                again[point] = None
                _add(work, one)
        self._dirty.update(again)
        return work if again else None

    def sweep(self, before: int | None, of: Mapping[int, int], rolls_before: int | None, max_bytes: int | None) -> Sweep:
        """Return a pass over all points that deletes what is too old."""
        self.tops.clear()
        return Sweep(self.home, self.packer, before, of, rolls_before, max_bytes)


def _add(work: Work, more: Work) -> None:
    for name in Work.__struct_fields__:
        getattr(work, name).extend(getattr(more, name))


def _size(work: Work) -> int:
    return len(work.chunks) + len(work.gone) + len(work.rolls) + len(work.gone_rolls)


class Sweep:
    """One pass over all points; by size, the horizon moves on until the home fits."""

    def __init__(
        self,
        home: Kept,
        packer: Packer,
        before: int | None,
        of: Mapping[int, int],
        rolls_before: int | None,
        max_bytes: int | None,
    ) -> None:
        self._home = home
        self._packer = packer
        self._horizon = before
        self._of = of
        self._rolls_before = rolls_before
        self._max_bytes = max_bytes
        self._points = [number for number, _ in home.names(0)]
        self._next = 0
        self._passed = before is None and not of and rolls_before is None
        self.deleted = 0
        self.finished = False

    def step(self, heads: Collection[int]) -> Work | None:
        """Return the next change; None where this step has none. Sets `finished` when no more is due.

        `heads` are the points that have samples in the head.
        """
        if self._passed and not self._advance(heads):
            return None
        work = nothing()
        end = time.monotonic() + STEP_SECONDS
        while self._next < len(self._points):
            point = self._points[self._next]
            self._next += 1
            moment = self._of.get(point, self._horizon) if self._max_bytes is None or self._horizon is None else self._horizon
            if moment is not None or self._rolls_before is not None:
                one, count = expire(
                    self._packer,
                    self._home,
                    point,
                    -(1 << 62) if moment is None else moment,
                    self._rolls_before,
                    alone=point not in heads,
                )
                self.deleted += count
                _add(work, one)
            if len(work.gone) >= STEP_CHUNKS or time.monotonic() > end:
                break
        if self._next >= len(self._points):
            self._passed = True
            self.finished = self._max_bytes is None
        return None if work == nothing() else work

    def _advance(self, heads: Collection[int]) -> bool:
        """Begin the next pass for the size limit; False, and finished, where the home fits or nothing more may go."""
        self._next = 0
        if self._max_bytes is not None and self._home.used_bytes() > self._max_bytes:
            firsts = [
                (start, newest)
                for point, start, count, newest in self._home.firsts(self._points)
                if point in heads or count > 1 or start != newest
            ]
            if firsts:
                oldest, newest = min(first for first, _ in firsts), max(last for _, last in firsts)
                self._horizon = max(self._horizon or 0, oldest) + max(HOUR, (newest - oldest) // _PASSES)
                self._passed = False
                return True
        self.finished = True
        return False
