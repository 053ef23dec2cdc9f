"""How long a value that is no longer heard stays believable: Good, then Uncertain (last known value), then Bad."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat

from sitewarden.domain.clock import Clock
from sitewarden.domain.points.quality import Quality, is_bad
from sitewarden.domain.points.samples import Samples, Value

Deliver = Callable[[Samples], None]


class Group:
    """Points that are heard, and lost, together: of one read, one message or one device."""

    __slots__ = ("failed", "good_at", "ids", "values")

    def __init__(self, ids: Sequence[str]) -> None:
        """`ids` of the points, in the order of their values."""
        self.ids = list(ids)
        self.failed = False
        """Its points are not Good now."""
        self.good_at: tuple[float, int] | None = None
        """Monotonic seconds at which they were last heard, and microseconds since 1970 UTC of their source."""
        self.values: list[Value] = []


class Freshness:
    """Keeps the groups whose points are Uncertain, and turns them Bad `bad_after` seconds after they were last heard."""

    def __init__(self, bad_after: float) -> None:
        self._bad_after = bad_after
        self._uncertain: dict[Group, None] = {}

    def good(
        self,
        group: Group,
        values: list[Value],
        qualities: list[int],
        clock: Clock,
        deliver: Deliver,
        source: int | None = None,
    ) -> None:
        """Take what was heard just now; `source` is when it held (microseconds since 1970 UTC), where the device tells that."""
        now = clock.now()
        self.heard(group, values, clock.monotonic(), now if source is None else source)
        times = [now] * len(values)
        deliver(Samples(group.ids, times if source is None else [source] * len(values), times, values, qualities))

    def heard(self, group: Group, values: list[Value], monotonic: float, source: int) -> None:
        """Note what was heard, for who hands over the samples of many messages together."""
        group.values = values
        group.good_at = (monotonic, source)
        if group.failed:
            group.failed = False
            self._uncertain.pop(group, None)

    def bad(self, group: Group, quality: Quality, clock: Clock, deliver: Deliver) -> None:
        """The device refused them: they are Bad at once."""
        self._uncertain.pop(group, None)
        group.failed = True
        group.good_at = None
        _tell_bad(group, quality, clock, deliver)

    def lost(self, groups: Iterable[Group], clock: Clock, deliver: Deliver) -> None:
        """Nobody answers: what was Good is Uncertain with its last value and time, what was never heard is Bad."""
        now = clock.now()
        for group in groups:
            if group.failed:
                continue
            group.failed = True
            if group.good_at is None:
                _tell_bad(group, Quality.BAD_NO_COMMUNICATION, clock, deliver)
                continue
            self._uncertain[group] = None
            count = len(group.ids)
            known = [
                Quality.UNCERTAIN_LAST_KNOWN_VALUE if value is not None else Quality.BAD_NO_COMMUNICATION
                for value in group.values
            ]
            deliver(Samples(group.ids, [group.good_at[1]] * count, [now] * count, group.values, [int(one) for one in known]))

    def age(self, clock: Clock, deliver: Deliver) -> float | None:
        """Turn Bad what is due; return the seconds until the next is, None when nothing is Uncertain."""
        monotonic = clock.monotonic()
        nearest: float | None = None
        for group in list(self._uncertain):
            if group.good_at is None:
                del self._uncertain[group]
                continue
            left = group.good_at[0] + self._bad_after - monotonic
            if left <= 0:
                del self._uncertain[group]
                _tell_bad(group, Quality.BAD_NO_COMMUNICATION, clock, deliver)
            elif nearest is None or left < nearest:
                nearest = left
        return nearest

    def drop(self, groups: Iterable[Group]) -> None:
        """Forget groups that are read no more."""
        for group in groups:
            self._uncertain.pop(group, None)


def _tell_bad(group: Group, quality: Quality, clock: Clock, deliver: Deliver) -> None:
    times = [clock.now()] * len(group.ids)
    deliver(Samples(group.ids, times, times, [None] * len(times), [int(quality)] * len(times)))


class Heard:
    """The freshness of points that are each heard on their own, whenever their device says something; in columns."""

    def __init__(self, bad_after: float) -> None:
        self._bad_after = bad_after
        self._last: dict[str, tuple[float, int, Value]] = {}
        """Point to monotonic seconds, source time and value of what was last Good."""
        self._failed: set[str] = set()
        self._uncertain: dict[str, float] = {}
        """Point to the monotonic second at which it turns Bad."""

    def take(self, samples: Samples, clock: Clock, deliver: Deliver) -> None:
        """Take what was heard just now, and deliver it."""
        monotonic = clock.monotonic()
        points = samples.points
        if any(samples.qualities):
            for point, time, value, quality in zip(points, samples.source_times, samples.values, samples.qualities, strict=True):
                if not is_bad(quality):
                    self._last[point] = (monotonic, time, value)
                else:
                    self._last.pop(point, None)
        else:
            # In this order, so that a point that was heard twice has its last.
            self._last.update(zip(points, zip(repeat(monotonic), samples.source_times, samples.values), strict=False))
        if self._failed:
            self._failed.difference_update(points)
            for point in points if self._uncertain else ():
                self._uncertain.pop(point, None)
        deliver(samples)

    def lost(self, points: Iterable[str], clock: Clock, deliver: Deliver, held: float = 0.0) -> None:
        """Nobody speaks for these: what was Good is Uncertain with its last value and time, what was never heard is Bad.

        `held` is the monotonic second until which silence meant that nothing changed, where the protocol says so.
        """
        now, monotonic = clock.now(), clock.monotonic()
        told = Samples([], [], [], [], [])
        for point in points:
            if point in self._failed:
                continue
            self._failed.add(point)
            known = self._last.get(point)
            if known is not None and max(known[0], held) + self._bad_after > monotonic:
                self._uncertain[point] = max(known[0], held) + self._bad_after
                _add(told, point, known[1], now, known[2], Quality.UNCERTAIN_LAST_KNOWN_VALUE)
            else:
                _add(told, point, now, now, None, Quality.BAD_NO_COMMUNICATION)
        if told.points:
            deliver(told)

    def age(self, clock: Clock, deliver: Deliver) -> float | None:
        """Turn Bad what is due; return the seconds until the next is, None when nothing is Uncertain."""
        if not self._uncertain:
            return None
        now, monotonic = clock.now(), clock.monotonic()
        told = Samples([], [], [], [], [])
        for point in [point for point, due in self._uncertain.items() if due <= monotonic]:
            del self._uncertain[point]
            _add(told, point, now, now, None, Quality.BAD_NO_COMMUNICATION)
        if told.points:
            deliver(told)
        return min(self._uncertain.values()) - monotonic if self._uncertain else None

    def last(self, point: str) -> Value:
        """Return the value that was last Good, None where there is none."""
        known = self._last.get(point)
        return known[2] if known is not None else None

    def since(self, point: str) -> int | None:
        """Return the source time of the value that was last Good (microseconds since 1970 UTC), None where there is none."""
        known = self._last.get(point)
        return known[1] if known is not None else None

    def drop(self, points: Iterable[str]) -> None:
        """Forget points that are read no more."""
        for point in points:
            self._last.pop(point, None)
            self._uncertain.pop(point, None)
            self._failed.discard(point)


def _add(told: Samples, point: str, source: int, server: int, value: Value, quality: Quality) -> None:
    told.points.append(point)
    told.source_times.append(source)
    told.server_times.append(server)
    told.values.append(value)
    told.qualities.append(int(quality))
