"""What a reader sees of a home: samples, parts and last values of points, of chunks, rollups and the head together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from sitewarden.store.chunks import reading
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, empty, joined, ordered
from sitewarden.store.chunks.head import Run, find, lasts, whole
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import Chunk, Roll
from sitewarden.store.chunks.rollups import LEVELS, Parts

NOTHING: Final = empty()


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

    def names(self, after: int) -> list[tuple[int, str]]:
        """Return number and name of the points past a number, in order."""
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

    def before(self, point: int, moment: int) -> Chunk | None:
        """Return the last chunk of a point that begins before a moment."""
        ...

    def rolls_of(self, point: int, width: int, low: int, high: int) -> list[Roll]:
        """Return the rollups of one level that have a moment of [low, high), in order, with their bodies."""
        ...

    def expect_rolls(self, width: int, asked: Sequence[tuple[int, int, int]]) -> None:
        """Be told that `rolls_of` of this level is asked next, of each point, low and high."""
        ...

    def expect_chunks(self, asked: Sequence[tuple[int, int, int]]) -> None:
        """Be told that `overlapping` is asked next, of each point, first and last."""
        ...

    def expect_before(self, points: Sequence[int], moment: int) -> None:
        """Be told that `before` of this moment is asked next, of each point."""
        ...


class View:
    """What one transaction sees, with the head that belongs to it."""

    def __init__(
        self,
        seen: Seen,
        packer: Packer,
        runs: list[Run],
        numbers: dict[str, int],
        names: dict[int, str],
        older: Older | None,
        damaged: reading.Damaged,
    ) -> None:
        self._seen = seen
        self._packer = packer
        self._runs = runs
        self._numbers = numbers
        self.names = names
        self._older = older
        self._damaged = damaged

    def wanted(self, points: Sequence[str]) -> list[tuple[int, str, Columns | None]]:
        """Return number, name and head of the points that are known."""
        known = [(self._numbers[name], name) for name in dict.fromkeys(points) if name in self._numbers]
        heads = find(self._runs, [number for number, _ in known])
        return [(number, name, heads.get(number)) for number, name in known]

    def samples(self, point: int, head: Columns | None, start: int, end: int, limit: int | None = None) -> Columns:
        """Return a point's samples of [start, end); with a limit only as many chunks are read as hold it."""
        chunks = self._seen.overlapping(point, start, end - 1, limit)
        if not chunks and self._older is None and head is None:
            return NOTHING
        rows = NOTHING if self._older is None else self._older.between(point, start, end, limit)
        return reading.samples_of(self._packer, chunks, rows, head, start, end, self._damaged)

    def pieces(
        self, wanted: Sequence[tuple[int, str, Columns | None]], low: int, high: int, width: int
    ) -> list[tuple[Parts, float]]:
        """Return each point's parts of [low, high), both multiples of the width, and what held before.

        The home is told what is asked next of all points, so that it may fetch it at once.
        """
        chosen: list[list[Roll]] = [[] for _ in wanted]
        spans: list[list[reading.Span]] = [[(low, high)] for _ in wanted]
        for level in reversed(LEVELS) if self._older is None else ():
            if width % level:
                continue
            asked = [(point, of[0][0], of[-1][1]) for (point, _, _), of in zip(wanted, spans, strict=True) if of]
            self._seen.expect_rolls(level, asked)
            for at, (point, _, head) in enumerate(wanted):
                if spans[at]:
                    rolls = self._seen.rolls_of(point, level, spans[at][0][0], spans[at][-1][1])
                    chosen[at] = reading.usable(rolls, chosen[at], head)
                    spans[at] = reading.holes(chosen[at], low, high)
        self._seen.expect_chunks(
            [(point, first, last - 1) for (point, _, _), of in zip(wanted, spans, strict=True) for first, last in of]
        )
        begun = [bool(rolls and rolls[0].start < low) for rolls in chosen]
        self._seen.expect_before([point for (point, _, _), has in zip(wanted, begun, strict=True) if not has], low)
        made = []
        for at, (point, _, head) in enumerate(wanted):
            between = [self.samples(point, head, first, last) for first, last in spans[at]]
            before = float("nan") if begun[at] else self._before(point, head, low)
            made.append(reading.pieces_of(self._packer, chosen[at], between, (low, high), width, before, self._damaged))
        return made

    def _before(self, point: int, head: Columns | None, moment: int) -> float:
        """Return what a point said last before a moment; NaN where it said no number."""
        late = reading.within(head, -(1 << 62), moment) if head is not None else NOTHING
        if self._older is not None:
            late = ordered(joined([self._older.before(point, moment), late.take(slice(-1, None))]))
        chunk: Chunk | None = self._seen.before(point, moment)
        if chunk is None or (len(late) and int(late.times[-1]) >= min(chunk.stop, moment - 1)):
            return reading.last_number(late)
        if chunk.stop < moment and chunk.numbers == chunk.count and chunk.closing is not None:
            return chunk.closing
        sealed = joined(
            [reading.within(one, -(1 << 62), moment) for one in reading.decoded(self._packer, [chunk], self._damaged)]
        )
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
