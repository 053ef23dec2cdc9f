from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from sitewarden.media.timeline import JUMP, Timeline


def _run(times: list[int], keys: set[int] = frozenset()) -> list[tuple[int, int, bool]]:  # type: ignore[assignment]
    timeline = Timeline()
    return [timeline.push(time, number in keys) for number, time in enumerate(times)]


def test_without_b_frames_nothing_is_moved() -> None:
    found = _run([1000 + 3600 * number for number in range(50)], {0, 25})
    assert found == [(3600 * number, 0, False) for number in range(50)]


def test_b_frames_keep_their_presentation() -> None:
    order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8]
    times = [3600 * (12 * group + number) for group in range(6) for number in order]
    keys = {10 * group for group in range(6)}
    found = _run(times, keys)
    assert [decode + offset for decode, offset, _ in found] == times
    decodes = [decode for decode, _, _ in found]
    assert all(later > earlier for earlier, later in itertools.pairwise(decodes))
    assert all(offset >= 0 for _, offset, _ in found[20:])
    assert not any(jumped for _, _, jumped in found)


@given(st.lists(st.integers(0, 2**33), max_size=100), st.sets(st.integers(0, 99)))
def test_decode_times_always_grow(times: list[int], keys: set[int]) -> None:
    found = _run(times, keys)
    assert all(later[0] > earlier[0] for earlier, later in itertools.pairwise(found))
    assert all(-(2**31) < offset < 2**31 for _, offset, _ in found)


def test_a_new_timeline_goes_on_after_the_old() -> None:
    found = _run([0, 3600, 7200, 7200 + 10 * JUMP, 7200 + 10 * JUMP + 3600])
    assert [decode for decode, _, _ in found] == [0, 3600, 7200, 10800, 14400]
    assert [jumped for _, _, jumped in found] == [False, False, False, True, False]
