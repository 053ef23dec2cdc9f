"""History as columns, read beside the writer."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import TooLarge
from sitewarden.store.sqlite import SqliteSampleStore
from sitewarden.store.sqlite.sample_reader import SqliteSampleReader
from tests.store.samples_of import NOON, samples


async def test_samples_come_as_numbers_by_point(tmp_path: Path) -> None:
    reader = SqliteSampleReader(tmp_path / "samples.db")
    assert await reader.series(["a"], 0, NOON, limit=10) == []
    store = SqliteSampleStore.open(tmp_path / "samples.db")
    await store.append(samples(("a", 0, 1.5), ("a", 1, True), ("b", 1, 7), ("a", 2, None), ("a", 3, "text"), ("a", 4, math.nan)))
    found = {one.point: one for one in await reader.series(["b", "a", "none"], NOON, NOON + 4 * SECOND, limit=100)}
    assert set(found) == {"a", "b"}
    assert found["a"].times.tolist() == [NOON, NOON + SECOND, NOON + 2 * SECOND, NOON + 3 * SECOND]
    np.testing.assert_array_equal(found["a"].values, [1.5, 1.0, math.nan, math.nan])
    assert found["a"].qualities.tolist() == [0, 0, 0x80000000, 0]
    assert found["b"].values.tolist() == [7.0]
    with pytest.raises(TooLarge):
        await reader.series(["a", "b"], NOON, NOON + 10 * SECOND, limit=5)
    await reader.close()
    await store.close()
