"""What a reader sees of a home: samples, parts and last values of points, of chunks, rollups and the head together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from sitewarden.domain.errors import TooLarge
from sitewarden.domain.points.series import Pieces
from sitewarden.store.chunks import reading
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, empty, joined, ordered
from sitewarden.store.chunks.head import Run, find, lasts, whole
from sitewarden.store.chunks.known import Known
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import Chunk, Roll
from sitewarden.store.chunks.pieces import pieces, spans_of, unclear
from sitewarden.store.chunks.rollups import LEVELS, Parts, blank, sliced

NOTHING: Final = empty()
_TOGETHER: Final = 100_000
"""Samples that are counted into buckets together, about; so many points cost little more than one, and memory is bounded."""
_EVER: Final = -(1 << 62)
Wanted = tuple[int, Columns | None]
"""A point and what the head has of it."""
Span = tuple[int, int, int]
"""A point, from and up to."""


class Older(Protocol):
    """Rows of an older schema, a row a sample, that are not converted yet."""

    def between(self, point: int, start: int, end: int, limit: int | None) -> Columns:
        """Return a point's samples of [start, end), the first `limit` of them."""
        ...

    def before(self, point: int, moment: int) -> Columns:
        """Return a point's last sample before a moment, or none."""
        ...

    def lasts(self) -> list[Columns]:
        """Return the last sample of each point."""
        ...


class Seen(Protocol):
    """What a home shows a reader, of one moment. Methods block, and are called in threads."""

    def generation(self) -> int:
        """Return how many seals there were."""
        ...

    def known(self, packer: Packer, before: Known) -> Known:
        """Return the ids of points: `before`, what the last seal wrote in one block, and rows of later ones."""
        ...

    def journal(self, after: int) -> list[tuple[int, bytes]]:
        """Return the journal's rows after one."""
        ...

    def lasts(self) -> bytes | None:
        """Return the last sample that is in a chunk, of every point."""
        ...

    def overlapping(self, point: int, first: int, last: int, most: int | None = None) -> list[Chunk]:
        """Return the chunks of a point that have a moment of [first, last], in order, with their bodies.

        With `most`, no more of them than hold that many samples of the range.
        """
        ...

    def bodies(self, chunks: Iterable[Chunk]) -> list[Chunk]:
        """Return chunks with their bodies."""
        ...

    def chunks_of(self, spans: Sequence[Span]) -> Iterator[tuple[int, Chunk]]:
        """Yield the index of a span and each chunk that has a moment of its [low, high), with its body; spans in their order."""
        ...

    def lasts_before(self, points: Sequence[int], moment: int) -> dict[int, Chunk]:
        """Return by point the last chunk that begins before a moment, without its body."""
        ...

    def rolls_of(self, spans: Sequence[Span], width: int) -> dict[int, list[Roll]]:
        """Return by point the rollups of one level that have a moment of its [low, high), in order, with their bodies."""
        ...


class View:
    """What one transaction sees, with the head that belongs to it."""

    def __init__(
        self,
        seen: Seen,
        packer: Packer,
        runs: list[Run],
        known: Known,
        older: Older | None,
        damaged: reading.Damaged,
    ) -> None:
        self._seen = seen
        self._packer = packer
        self._runs = runs
        self.known = known
        self._older = older
        self._damaged = damaged

    def wanted(self, points: Sequence[str]) -> list[tuple[int, str, Columns | None]]:
        """Return number, name and head of the points that are known."""
        numbers = self.known.numbers
        known = [(numbers[name], name) for name in dict.fromkeys(points) if name in numbers]
        heads = find(self._runs, [number for number, _ in known])
        return [(number, name, heads.get(number)) for number, name in known]

    def samples(self, point: int, head: Columns | None, start: int, end: int, limit: int | None = None) -> Columns:
        """Return a point's samples of [start, end); with a limit only as many chunks are read as hold it."""
        chunks = self._seen.overlapping(point, start, end - 1, limit)
        if not chunks and self._older is None and head is None:
            return NOTHING
        rows = NOTHING if self._older is None else self._older.between(point, start, end, limit)
        return reading.samples_of(self._packer, chunks, rows, head, start, end, self._damaged)

    def parts(self, wanted: Sequence[Wanted], low: int, high: int, width: int) -> tuple[list[Parts], list[float]]:
        """Return each point's parts of [low, high), both multiples of the width, and what held before."""
        found, chosen, reaching = self._parts(wanted, low, high, width)
        lone = [one for one, rolls in zip(wanted, chosen, strict=True) if not (rolls and rolls[0].start < low)]
        before = self._before(lone, low)
        nothing = float("nan")
        starts = [before.get(point, nothing) if over is None else over for (point, _), over in zip(wanted, reaching, strict=True)]
        return found, starts

    def pieces(
        self, named: Sequence[tuple[int, str, Columns | None]], start: int, end: int, width: int, limit: int
    ) -> list[Pieces]:
        """Return each point's pieces of [start, end], none of which reaches over a multiple of the width; raise TooLarge.

        Where the end is such a multiple, the piece that begins there may reach past it: its first sample is the one at the end.
        """
        wanted = [(number, head) for number, _, head in named]
        low, high = -(-start // width) * width, end // width * width
        edges = [(start, low), (high, end + 1)]
        if end == high:
            high, edges = high + width, edges[:1]
        parts = [blank(0) for _ in wanted]
        if low < high:
            parts = self._parts(wanted, low, high, width)[0]
        else:
            edges = [(start, end + 1)]
        which = [unclear(one) for one in parts]
        spans = [
            sorted([span for span in (*edges, *spans_of(one, some)) if span[0] < span[1]])
            for one, some in zip(parts, which, strict=True)
        ]
        room = limit - sum(map(len, parts))
        held: list[list[Columns]] = [[] for _ in wanted]
        for index, columns in self._between(wanted, spans):
            held[index].append(columns)
            room -= len(columns)
            if room < 0:
                break
        if room < 0:
            raise TooLarge(
                f"The range holds more than {limit} samples.", where="limit", remedy="Ask for less time or fewer points."
            )
        return [
            pieces(name, one, some, joined(columns))
            for (_, name, _), one, some, columns in zip(named, parts, which, held, strict=True)
            if len(one) or columns
        ]

    def _parts(
        self, wanted: Sequence[Wanted], low: int, high: int, width: int
    ) -> tuple[list[Parts], list[list[Roll]], list[float | None]]:
        """Return each point's parts, the rollups that they come of, and what held at `low` where one of these reaches over it."""
        chosen: list[list[Roll]] = [[] for _ in wanted]
        spans = [[(low, high)] for _ in wanted]
        for level in reversed(LEVELS) if self._older is None else ():
            if width % level:
                continue
            asked = [(point, holes[0][0], holes[-1][1]) for (point, _), holes in zip(wanted, spans, strict=True) if holes]
            rolls = self._seen.rolls_of(asked, level) if asked else {}
            for index, (point, head) in enumerate(wanted):
                if point in rolls:
                    chosen[index] = reading.usable(rolls[point], chosen[index], head)
                    spans[index] = reading.holes(chosen[index], low, high)
        found, reaching = reading.rolled(self._packer, chosen, (low, high), width, self._damaged)
        which: list[int] = []
        held: list[Columns] = []
        count = 0
        for index, columns in self._between(wanted, spans):
            which.append(index)
            held.append(columns)
            count += len(columns)
            if count >= _TOGETHER:
                self._count(found, which, held, width)
                which, held, count = [], [], 0
        self._count(found, which, held, width)
        return [sliced(some) for some in found], chosen, reaching

    def _count(self, found: list[list[Parts]], which: list[int], held: list[Columns], width: int) -> None:
        for index, parts in zip(which, reading.counted(held, width), strict=True):
            found[index].append(parts)

    def _between(self, wanted: Sequence[Wanted], spans: Sequence[Sequence[reading.Span]]) -> Iterator[tuple[int, Columns]]:
        """Yield the index of a point and the samples of each of its spans that has some."""
        asked = [(index, *span) for index, some in enumerate(spans) for span in some]
        if self._older is not None:
            for index, first, last in asked:
                columns = self.samples(*wanted[index], first, last)
                if len(columns):
                    yield index, columns
            return
        rows = self._seen.chunks_of([(wanted[index][0], first, last) for index, first, last in asked])
        row = next(rows, None)
        for place, (index, first, last) in enumerate(asked):
            chunks: list[Chunk] = []
            while row is not None and row[0] == place:
                chunks.append(row[1])
                row = next(rows, None)
            chunks.sort(key=lambda chunk: chunk.start)
            head = wanted[index][1]
            if chunks or head is not None:
                columns = reading.samples_of(self._packer, chunks, NOTHING, head, first, last, self._damaged)
                if len(columns):
                    yield index, columns
        assert row is None, "chunks come in the order of the spans"

    def _before(self, wanted: Sequence[Wanted], moment: int) -> dict[int, float]:
        """Return what each point said last before a moment, where it did; NaN where that is no number."""
        found: dict[int, float] = {}
        sealed = self._seen.lasts_before([point for point, _ in wanted], moment) if wanted else {}
        for point, head in wanted:
            late = reading.within(head, _EVER, moment) if head is not None else NOTHING
            if self._older is not None:
                late = ordered(joined([self._older.before(point, moment), late.take(slice(-1, None))]))
            found[point] = self._last(sealed.get(point), late, moment)
        return found

    def _last(self, chunk: Chunk | None, late: Columns, moment: int) -> float:
        if chunk is None or (len(late) and int(late.times[-1]) >= min(chunk.stop, moment - 1)):
            return reading.last_number(late)
        if chunk.stop < moment and chunk.numbers == chunk.count and chunk.closing is not None:
            return chunk.closing
        parts = reading.decoded(self._packer, self._seen.bodies([chunk]), self._damaged)
        sealed = joined([reading.within(one, _EVER, moment) for one in parts])
        return reading.last_number(ordered(joined([sealed.take(slice(-1, None)), late.take(slice(-1, None))])))

    def lasts(self) -> Columns:
        """Return the last sample of every point."""
        parts = [] if self._older is None else self._older.lasts()
        body = self._seen.lasts()
        if body is not None:
            try:
                parts.append(self._packer.decode(body))
            except Corrupt as error:
                self._damaged(0, 0, f"last values: {error}")
        parts.append(lasts(whole(self._runs)))
        return lasts(ordered(joined(parts)))
