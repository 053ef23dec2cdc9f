"""Neighbours are read together within the limits; a refused read is cut until each register stands alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.points.model import Point
from sitewarden.drivers.modbus.config import AddressConfig, DeviceConfig
from sitewarden.drivers.modbus.plan import Block, Item, build


def item(number: int, register: int, *, table: str = "holding", kind: str | None = None, period: float = 1.0) -> Item:
    return Point(id=f"p{number}", name="P", device="d", period=period), AddressConfig(
        table=table,  # type: ignore[arg-type]
        register=register,
        type=kind,  # type: ignore[arg-type]
    )


def spans(blocks: list[Block]) -> list[tuple[int, int]]:
    return [(block.start, block.size) for block in blocks]


def test_neighbours_and_small_gaps_are_one_read() -> None:
    items = [item(n, register) for n, register in enumerate([0, 1, 2, 10, 30, 31])]
    assert spans(build(items, DeviceConfig())) == [(0, 11), (30, 2)]
    assert spans(build(items, DeviceConfig(gap=0))) == [(0, 3), (10, 1), (30, 2)]
    assert spans(build(items, DeviceConfig(gap=120))) == [(0, 32)]


def test_limits_tables_and_periods_part_reads() -> None:
    items = [item(n, n) for n in range(300)]
    assert spans(build(items, DeviceConfig())) == [(0, 125), (125, 125), (250, 50)]
    mixed = [item(0, 0), item(1, 1, period=5.0), item(2, 2, table="input"), item(3, 0, table="coil"), item(4, 100, table="coil")]
    assert spans(build(mixed, DeviceConfig())) == [(0, 1), (1, 1), (2, 1), (0, 101)]


def test_a_value_is_never_cut_in_two() -> None:
    items = [item(n, n * 4, kind="float64") for n in range(40)]
    assert all(size % 4 == 0 for _, size in spans(build(items, DeviceConfig(max_registers=50))))


def test_a_refused_read_is_cut_at_gaps_then_by_halves() -> None:
    (block,) = build([item(n, register) for n, register in enumerate([0, 1, 2, 3, 8])], DeviceConfig())
    first = block.split()
    assert spans(first) == [(0, 4), (8, 1)]
    assert spans(first[0].split()) == [(0, 2), (2, 2)]
    assert first[1].split() == []


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from(["uint16", "int32", "float64"]), st.sampled_from(["holding", "input"])),
        min_size=1,
        max_size=60,
    ),
    st.integers(4, 125),
    st.integers(0, 20),
)
def test_every_point_is_read_whole_once_within_the_limits(rows: list[tuple[int, str, str]], limit: int, gap: int) -> None:
    items = [item(n, register, kind=kind, table=table) for n, (register, kind, table) in enumerate(rows)]
    blocks = build(items, DeviceConfig(max_registers=limit, gap=gap))
    assert sorted(id_ for block in blocks for id_ in block.ids) == sorted(point.id for point, _ in items)
    waiting = list(blocks)
    while waiting:
        block = waiting.pop()
        assert block.size <= limit
        for _, address in block.items:
            assert block.start <= address.register and address.register + address.size <= block.start + block.size
        smaller = block.split()
        assert sorted(id_ for one in smaller for id_ in one.ids) == (sorted(block.ids) if smaller else [])
        waiting += smaller
