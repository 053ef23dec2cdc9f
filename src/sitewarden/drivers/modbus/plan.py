"""Which reads fetch a unit's points: contiguous ones together, a read that a device refuses cut smaller. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from sitewarden.domain.points.model import Point
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.modbus.config import AddressConfig, DeviceConfig
from sitewarden.drivers.modbus.mapping import Decoder
from sitewarden.kit.freshness import Group
from sitewarden.wire import modbus as wire

Item = tuple[Point, AddressConfig]

FUNCTIONS: Final[dict[str, int]] = {"coil": 1, "discrete-input": 2, "holding": 3, "input": 4}
"""Table to the function code that reads it."""


class Block(Group):
    """One read: a span of one table of one unit, the points in it, and how they stood last."""

    __slots__ = ("decoder", "due", "items", "parked", "period", "request", "size", "start")

    def __init__(self, items: Sequence[Item]) -> None:
        """`items` are of one table and one period, in order of their registers."""
        super().__init__([point.id for point, _ in items])
        self.items = tuple(items)
        first = self.items[0][1]
        self.start = first.register
        self.size = max(address.register + address.size for _, address in self.items) - self.start
        self.period = self.items[0][0].period
        self.request = wire.read(FUNCTIONS[first.table], self.start, self.size)
        self.decoder = Decoder(self.items, self.start)
        self.due = 0.0
        self.parked = False
        """Waits for its unit to come back."""

    def learn(self, id_: str, value: Value) -> None:
        """Take a value that was read back beside the polling, so that it is the last known one."""
        if self.values:
            self.values = [value if own == id_ else known for own, known in zip(self.ids, self.values, strict=True)]

    def split(self) -> list[Block]:
        """Return smaller reads for the same points: without gaps, then by halves; empty for a single point."""
        runs = _runs(self.items, 0, self.size)
        if len(runs) > 1:
            return [Block(run) for run in runs]
        if len(self.items) > 1:
            middle = len(self.items) // 2
            return [Block(self.items[:middle]), Block(self.items[middle:])]
        return []


def build(items: Sequence[Item], device: DeviceConfig) -> list[Block]:
    """Return the reads that fetch `items`, grouped by table and period."""
    groups: dict[tuple[str, float], list[Item]] = defaultdict(list)
    for item in items:
        groups[item[1].table, item[0].period].append(item)
    blocks: list[Block] = []
    for members in groups.values():
        members.sort(key=lambda item: (item[1].register, item[1].size))
        bits = members[0][1].bits
        gap, limit = (device.gap * 16, device.max_bits) if bits else (device.gap, device.max_registers)
        blocks += [Block(run) for run in _runs(members, gap, limit)]
    return blocks


def _runs(items: Sequence[Item], gap: int, limit: int) -> list[list[Item]]:
    """Cut sorted items wherever more than `gap` lies between them or a run would pass `limit`."""
    runs: list[list[Item]] = []
    start = end = 0
    for item in items:
        first = item[1].register
        last = first + item[1].size
        if runs and first - end <= gap and max(last, end) - start <= limit:
            runs[-1].append(item)
            end = max(end, last)
        else:
            runs.append([item])
            start, end = first, last
    return runs
