"""How long a value that is no longer read stays believable: Good, then Uncertain (last known value), then Bad."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sitewarden.domain.clock import Clock
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.drivers.modbus.plan import Block

Deliver = Callable[[Samples], None]


class Freshness:
    """Keeps the blocks whose points are Uncertain, and turns them Bad `bad_after` seconds after their last good read."""

    def __init__(self, bad_after: float) -> None:
        self._bad_after = bad_after
        self._uncertain: dict[Block, None] = {}

    def good(self, block: Block, values: list[Value], qualities: list[int], clock: Clock, deliver: Deliver) -> None:
        """Take what a read gave."""
        now = clock.now()
        block.values = values
        block.good_at = (clock.monotonic(), now)
        if block.failed:
            block.failed = False
            self._uncertain.pop(block, None)
        times = [now] * len(values)
        deliver(Samples(block.ids, times, times, values, qualities))

    def bad(self, block: Block, quality: Quality, clock: Clock, deliver: Deliver) -> None:
        """The device refused the read: its points are Bad at once."""
        self._uncertain.pop(block, None)
        block.failed = True
        block.good_at = None
        _tell_bad(block, quality, clock, deliver)

    def lost(self, blocks: Iterable[Block], clock: Clock, deliver: Deliver) -> None:
        """Nobody answers: what was Good is Uncertain with its last value and time, what was never read is Bad."""
        now = clock.now()
        for block in blocks:
            if block.failed:
                continue
            block.failed = True
            if block.good_at is None:
                _tell_bad(block, Quality.BAD_NO_COMMUNICATION, clock, deliver)
                continue
            self._uncertain[block] = None
            count = len(block.ids)
            known = [
                Quality.UNCERTAIN_LAST_KNOWN_VALUE if value is not None else Quality.BAD_NO_COMMUNICATION
                for value in block.values
            ]
            deliver(Samples(block.ids, [block.good_at[1]] * count, [now] * count, block.values, [int(one) for one in known]))

    def age(self, clock: Clock, deliver: Deliver) -> float | None:
        """Turn Bad what is due; return the seconds until the next is, None when nothing is Uncertain."""
        monotonic = clock.monotonic()
        nearest: float | None = None
        for block in list(self._uncertain):
            if block.good_at is None:
                del self._uncertain[block]
                continue
            left = block.good_at[0] + self._bad_after - monotonic
            if left <= 0:
                del self._uncertain[block]
                _tell_bad(block, Quality.BAD_NO_COMMUNICATION, clock, deliver)
            elif nearest is None or left < nearest:
                nearest = left
        return nearest

    def drop(self, blocks: Iterable[Block]) -> None:
        """Forget blocks that are read no more."""
        for block in blocks:
            self._uncertain.pop(block, None)


def _tell_bad(block: Block, quality: Quality, clock: Clock, deliver: Deliver) -> None:
    times = [clock.now()] * len(block.ids)
    deliver(Samples(block.ids, times, times, [None] * len(times), [int(quality)] * len(times)))
