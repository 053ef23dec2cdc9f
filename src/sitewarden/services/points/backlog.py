"""What of the samples is still to be sent to one place, by the source time of each point. Pure: the store itself is the queue."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

LATE: Final = 50_000
"""Late samples that wait; beyond it the oldest are left out and counted in `dropped`."""
UNKNOWN: Final = 1 << 62
"""Newest time of a point of which nothing was read yet."""


class Backlog:
    """The points of one shard. `cursors` are the source times up to which all was sent; a point without one begins at `begin`.

    Bounded by the number of points, however far behind it is. A sample older than its point's cursor is late: it goes in a
    request of its own, since a receiver that takes nothing out of order refuses the whole request. Receivers count in
    milliseconds: of samples within one that went in different requests only the first is sent.
    """

    def __init__(self, begin: int) -> None:
        self._begin = begin
        self.cursors: dict[str, int] = {}
        self.dirty: dict[str, int] = {}
        """Point to the earliest source time that is not sent."""
        self.late: deque[tuple[str, int]] = deque()
        self.dropped = 0
        self._newest: dict[str, int] = {}
        self._heard: dict[str, int] = {}
        """Newest time that was stored of a point whose newest of all is not known yet."""
        self._under_way: dict[str, list[int]] = {}
        """Point that was taken to times that were stored since, out of order: they may have come too late to be read."""
        self._odd = 0

    def want(self, points: Iterable[str], cursors: Mapping[str, int]) -> None:
        """Hold exactly these points; new ones are looked through from their cursor on."""
        wanted = set(points)
        for point in self.cursors.keys() - wanted:
            del self.cursors[point]
            self.dirty.pop(point, None)
            self._heard.pop(point, None)
        for point in wanted - self.cursors.keys():
            self.cursors[point] = cursors.get(point, self._begin - 1)
            self.dirty[point] = self.cursors[point] + 1

    def add(self, point: str, time: int) -> None:
        """A sample was stored."""
        cursor = self.cursors.get(point)
        if cursor is None:
            return
        newest = self._newest.get(point, UNKNOWN)
        if newest == UNKNOWN:
            self._heard[point] = max(time, self._heard.get(point, time))
        if time > newest:
            self._newest[point] = time
        elif point in self._under_way and self._odd < LATE:
            self._under_way[point].append(time)
            self._odd += 1
        if time > cursor:
            held = self.dirty.get(point)
            if held is None or time < held:
                self.dirty[point] = time
        elif point not in self._under_way and time >= self._begin and time // 1000 < cursor // 1000:
            self._late(point, time)

    def take(self, most: int) -> list[tuple[str, int]]:
        """Return, and forget, up to `most` points with the time from which on they are to be read, the furthest behind first."""
        self.landed()
        found = heapq.nsmallest(most, self.dirty.items(), key=lambda item: item[1])
        self._under_way, self._odd = {point: [] for point, _ in found}, 0
        for point, _ in found:
            del self.dirty[point]
        return [(point, max(start, (self.cursors[point] // 1000 + 1) * 1000)) for point, start in found]

    def take_late(self, most: int) -> dict[str, set[int]]:
        """Return, and forget, up to `most` late samples: point to source times."""
        found: dict[str, set[int]] = {}
        while self.late and most > 0:
            point, time = self.late.popleft()
            found.setdefault(point, set()).add(time)
            most -= 1
        return found

    def again(self, point: str, start: int) -> None:
        """What was taken is not sent yet from `start` on."""
        if point in self.cursors:
            self.dirty[point] = min(start, self.dirty.get(point, start))

    def sent(self, point: str, times: Sequence[int]) -> None:
        """These, and all of the point before them, were taken by the receiver, or refused for good; ascending, some."""
        last = times[-1]
        if last <= self.cursors.get(point, last):
            return
        self.cursors[point] = last
        self._newest[point] = max(last, self._newest.get(point, last), self._heard.pop(point, last))
        for time in self._under_way.pop(point, ()):
            if time < last and times[bisect_left(times, time)] != time:
                self._late(point, time)
        if point in self.dirty:
            self.dirty[point] = max(self.dirty[point], last + 1)

    def landed(self) -> None:
        """Nothing is under way any more."""
        for point, times in self._under_way.items():
            cursor = self.cursors.get(point, 0)
            for time in times:
                if self._begin <= time and time // 1000 < cursor // 1000:
                    self._late(point, time)
        self._under_way, self._odd = {}, 0

    def _late(self, point: str, time: int) -> None:
        if len(self.late) >= LATE:
            self.late.popleft()
            self.dropped += 1
        self.late.append((point, time))

    def behind(self) -> int | None:
        """Return the earliest source time that waits; None where nothing does."""
        return min(self.dirty.values(), default=None)
