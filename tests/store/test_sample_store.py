import asyncio
import math
import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sitewarden.domain.clock import DAY, HOUR, SECOND
from sitewarden.domain.errors import Invalid, TooLarge, Unreachable
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.store.packed_samples import PackedSampleStore
from sitewarden.store.sqlite import SqliteSampleStore
from tests.store.conftest import Home
from tests.store.samples_of import NOON, samples


@pytest_asyncio.fixture
async def store(home: Home) -> AsyncIterator[PackedSampleStore]:
    opened = await home.samples()
    yield opened
    await opened.close()


async def test_samples_come_back_after_a_restart_in_order_of_source_time(home: Home) -> None:
    store = await home.samples()
    values: list[Value] = [1.5, -3, True, False, None, "on", math.inf, 1 << 70, ""]
    await store.append(samples(*(("flow", second, value) for second, value in enumerate(values))))
    await store.append(samples(("level", 3, 7.0), ("flow", -5, 0.25)))
    await store.close()
    store = await home.samples()
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


async def test_a_repeat_of_point_and_time_replaces_the_value(store: PackedSampleStore) -> None:
    await store.append(samples(("flow", 1, 1.0), ("flow", 1, 2.0)))
    await store.append(samples(("flow", 1, 3.0)))
    found = await store.range("flow", 0, 1 << 60, 10)
    assert found.values == [3.0]


async def test_concurrent_batches_are_all_stored(store: PackedSampleStore) -> None:
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
        (Samples(["a"], [1], [1], ["\ud800"], [0]), Invalid),
        (Samples(["a"], [1], [1], ["x" * 9000], [0]), TooLarge),
        (Samples(["a"], [1], [1], [1 << 300], [0]), TooLarge),
        (Samples(["a"] * 100_001, [1] * 100_001, [1] * 100_001, [1.0] * 100_001, [0] * 100_001), TooLarge),
    ],
)
async def test_what_does_not_fit_is_refused(store: PackedSampleStore, batch: Samples, error: type[Exception]) -> None:
    with pytest.raises(error):
        await store.append(batch)
    assert await store.latest() == []


async def test_retention_by_age_keeps_the_last_of_every_point(store: PackedSampleStore) -> None:
    for number in range(250):
        await store.append(samples((f"slow{number}", 0, 1.0)))
    await store.append(samples(*(("fast", second, float(second)) for second in range(200_000, 212_000))))
    await store.seal(everything=True)
    assert await store.retain(before=NOON + 211_000 * SECOND) == 0, "a chunk of which less than a day is due waits"
    assert await store.retain(before=NOON + 300_000 * SECOND) == 11_999
    assert len(await store.latest()) == 251
    found = await store.range("fast", 0, 1 << 60, 10)
    assert found.values == [211_999.0]
    assert await store.retain(before=1 << 60) == 0
    assert await store.retain() == 0
    assert len(await store.latest()) == 251


async def test_retention_cuts_a_chunk_once_a_day_of_it_is_due(store: PackedSampleStore) -> None:
    await store.append(samples(*(("slow", number * 3600, float(number)) for number in range(24 * 10))))
    await store.seal(everything=True)
    assert await store.retain(before=NOON + 3 * DAY) == 72
    assert (await store.range("slow", 0, 1 << 60, 1)).values == [72.0]
    [days_] = await store.reader.buckets(["slow"], NOON - DAY, NOON + 11 * DAY, DAY)
    assert days_.counts.sum() == 240, "what is deleted stays in the rollups"
    assert await store.retain(before=NOON + 3 * DAY, rolls_before=NOON + 20 * DAY) == 0
    [days_] = await store.reader.buckets(["slow"], NOON - DAY, NOON + 11 * DAY, DAY)
    assert days_.counts.sum() == 240 - 72


async def test_retention_by_class_of_point(store: PackedSampleStore) -> None:
    for point in ("brief", "usual", "long"):
        await store.append(samples(*((point, number * 3600, 1.0) for number in range(24 * 10))))
    await store.seal(everything=True)
    await store.retain(before=NOON + 3 * DAY, of={"brief": NOON + 8 * DAY, "long": 0, "unheard": 1})
    left = {point: len(await store.range(point, 0, 1 << 60, 1000)) for point in ("brief", "usual", "long")}
    assert left == {"brief": 48, "usual": 168, "long": 240}


async def test_retention_by_size_deletes_the_oldest_of_all_points(store: PackedSampleStore) -> None:
    for point in ("a", "b"):
        hours = HOUR // SECOND
        for part in range(10):
            rows = range(part * 5000, part * 5000 + 5000)
            await store.append(samples(*((point, (n // 1000) * hours + n % 1000, random.random()) for n in rows)))
            await store.seal(everything=True)
    deleted = await store.retain(max_bytes=400_000)
    assert deleted > 20_000
    left = [await store.range(point, 0, 1 << 60, 100_000) for point in ("a", "b")]
    assert len(left[0]) + len(left[1]) == 100_000 - deleted
    assert left[0].source_times[-1] == left[1].source_times[-1]
    assert left[0].source_times[0] >= NOON + HOUR
    assert await store.retain(max_bytes=1) > 0
    assert len(await store.latest()) == 2


async def test_a_number_that_a_failed_write_gave_out_stands_for_no_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteSampleStore.open(tmp_path / "samples.db")

    def fails(*_: object, **__: object) -> bytes:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(store._packer, "encode", fails)
    with pytest.raises(Unreachable):
        await store.append(samples(("lost", 0, 1.0)))
    monkeypatch.undo()
    for second in range(3):
        await store.append(samples(("flow", second, 2.0)))
        await store.append(samples(("lost", second, 3.0), ("level", second, 4), ("flow", second + 10, 5.0)))
    assert {one.point: one.value for one in await store.latest()} == {"flow": 5.0, "lost": 3.0, "level": 4}
    assert (await store.range("flow", 0, 1 << 60, 10)).values == [2.0, 2.0, 2.0, 5.0, 5.0, 5.0]
    assert (await store.range("lost", 0, 1 << 60, 10)).values == [3.0, 3.0, 3.0]
    await store.close()
