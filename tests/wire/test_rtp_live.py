from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.rtp_live import LATE, SETTLED, LiveTime

FRAME = 3600


def test_a_group_that_waited_is_shown_at_once_and_what_follows_at_its_pace() -> None:
    pace = LiveTime()
    burst = [pace.of(number * FRAME, 1_000_000 + number * 20) for number in range(50)]
    assert burst[-1] - burst[0] == 49 * 20
    now = 1_000_000 + 49 * 20
    live = [pace.of((50 + number) * FRAME, now + (number + 1) * FRAME + number % 7 * 50) for number in range(100)]
    assert [b - a for a, b in itertools.pairwise(live)] == [FRAME] * 99
    assert live[0] - burst[-1] == FRAME
    assert pace.offset is not None


def test_sound_has_no_place_until_the_pace_is_found() -> None:
    pace = LiveTime()
    for number in range(20):
        pace.of(number * FRAME, 500_000 + number * 20)
        assert pace.offset is None
    for number in range(20, 20 + SETTLED + 1):
        pace.of(number * FRAME, 500_400 + (number - 19) * FRAME)
    assert pace.offset is not None


def test_a_camera_that_begins_anew_goes_on_behind_what_was_shown() -> None:
    pace = LiveTime()
    last = [pace.of(10_000_000 + number * FRAME, number * FRAME) for number in range(30)][-1]
    assert pace.of(0, 30 * FRAME + 5) > last


@given(
    st.lists(st.tuples(st.integers(1, 9000), st.integers(1, 9000)), min_size=1, max_size=60),
    st.integers(0, 1 << 40),
    st.integers(0, 1 << 40),
)
def test_times_only_grow_and_never_run_ahead(steps: list[tuple[int, int]], time: int, now: int) -> None:
    pace, before = LiveTime(), -1
    for media, passed in steps:
        time, now = time + media, now + passed
        shown = pace.of(time, now)
        assert shown > before
        assert now - LATE <= shown <= now + len(steps)
        before = shown
