import asyncio
import math
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.clock import HOUR, SECOND
from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.store.sqlite import SqliteSampleStore
from sitewarden.store.sqlite.sample_values import pack, unpack
from tests.store.samples_of import NOON, samples


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteSampleStore]:
    opened = SqliteSampleStore.open(tmp_path / "samples.db")
    yield opened
    await opened.close()


VALUES = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(min_value=-(1 << 255), max_value=1 << 255), st.text(max_size=50)
)


@given(st.lists(VALUES, max_size=20))
def test_values_come_back_as_they_were_with_their_type(values: list[Value]) -> None:
    back = unpack(pack(values))
    assert [type(one) for one in back] == [type(one) for one in values]
    assert all(a == b or (a != a and b != b) for a, b in zip(values, back, strict=True))


async def test_samples_come_back_after_a_restart_in_order_of_source_time(tmp_path: Path) -> None:
    store = SqliteSampleStore.open(tmp_path / "samples.db")
    values: list[Value] = [1.5, -3, True, False, None, "on", math.inf, 1 << 70, ""]
    await store.append(samples(*(("flow", second, value) for second, value in enumerate(values))))
    await store.append(samples(("level", 3, 7.0), ("flow", -5, 0.25)))
    await store.close()
    store = SqliteSampleStore.open(tmp_path / "samples.db")
    everything = await store.range("flow", 0, 1 << 60, 100)
    assert everything.values == [0.25, *values]
    assert [type(one) for one in everything.values] == [type(one) for one in [0.25, *values]]
    assert everything.source_times[0] == NOON - 5 * SECOND
    assert everything.server_times[0] == NOON - 5 * SECOND + 1500
    assert everything.qualities[5] == 0x80000000
    some = await store.range("flow", NOON + SECOND, NOON + 3 * SECOND, 100)
    assert some.values == [-3, True]
    assert (await store.range("flow", 0, 1 << 60, 2)).values == [0.25, 1.5]
    assert len(await store.range("nothing", 0, 1 << 60, 2)) == 0
    latest = {one.point: (one.value, one.source_time) for one in await store.latest()}
    assert latest == {"flow": ("", NOON + 8 * SECOND), "level": (7.0, NOON + 3 * SECOND)}
    await store.close()


async def test_a_repeat_of_point_and_time_replaces_the_value(store: SqliteSampleStore) -> None:
    await store.append(samples(("flow", 1, 1.0), ("flow", 1, 2.0)))
    await store.append(samples(("flow", 1, 3.0)))
    found = await store.range("flow", 0, 1 << 60, 10)
    assert found.values == [3.0]


async def test_concurrent_batches_are_all_stored(store: SqliteSampleStore) -> None:
    await asyncio.gather(*(store.append(samples(*((f"p{n}", s, float(s)) for s in range(50)))) for n in range(30)))
    for number in range(30):
        assert len(await store.range(f"p{number}", 0, 1 << 60, 100)) == 50
    assert len(await store.latest()) == 30


@pytest.mark.parametrize(
    ("batch", "error"),
    [
        (Samples(["a"], [1, 2], [1], [1.0], [0]), Invalid),
        (Samples(["a"], [1], [1], [], [0]), Invalid),
        (Samples(["a"], [-1], [1], [1.0], [0]), Invalid),
        (Samples(["a"], [1], [1 << 62], [1.0], [0]), Invalid),
        (Samples(["a"], [1], [1], [1.0], [1 << 32]), Invalid),
        (Samples([""], [1], [1], [1.0], [0]), Invalid),
        (Samples(["a"], [1], [1], [[1]], [0]), Invalid),  # type: ignore[list-item]
        (Samples(["a"], [1], [1], ["x" * 9000], [0]), TooLarge),
        (Samples(["a"], [1], [1], [1 << 300], [0]), TooLarge),
        (Samples(["a"] * 100_001, [1] * 100_001, [1] * 100_001, [1.0] * 100_001, [0] * 100_001), TooLarge),
    ],
)
async def test_what_does_not_fit_is_refused(store: SqliteSampleStore, batch: Samples, error: type[Exception]) -> None:
    with pytest.raises(error):
        await store.append(batch)
    assert await store.latest() == []


async def test_retention_by_age_keeps_the_last_of_every_point(store: SqliteSampleStore) -> None:
    for number in range(250):
        await store.append(samples((f"slow{number}", 0, 1.0)))
    await store.append(samples(*(("fast", second, float(second)) for second in range(12_000))))
    assert await store.retain(before=NOON + 11_000 * SECOND) == 11_000
    assert len(await store.latest()) == 251
    assert (await store.range("fast", 0, 1 << 60, 1)).values == [11_000.0]
    assert await store.retain(before=1 << 60) == 999
    assert await store.retain() == 0


async def test_retention_by_size_deletes_the_oldest_of_all_points(store: SqliteSampleStore) -> None:
    for point in ("a", "b"):
        hours = HOUR // SECOND
        await store.append(samples(*((point, (n // 1000) * hours + n % 1000, float(n)) for n in range(10_000))))
    deleted = await store.retain(max_bytes=300_000)
    assert deleted > 5000
    left = [await store.range(point, 0, 1 << 60, 100_000) for point in ("a", "b")]
    assert len(left[0]) + len(left[1]) == 20_000 - deleted
    assert left[0].source_times[-1] == left[1].source_times[-1]
    assert left[0].source_times[0] >= NOON + HOUR
    assert await store.retain(max_bytes=1) > 0
    assert len(await store.latest()) == 2
