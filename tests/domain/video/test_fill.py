from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.clock import SECOND
from sitewarden.domain.video.fill import BACKOFF, BY_HAND, FAULTS, Fill, filled, holes, missing, next_try
from sitewarden.domain.video.model import Gap, GapReason, Segment


def gap(start: int, end: int, reason: GapReason = "camera-lost") -> Gap:
    return Gap(camera="gate", start=start * SECOND, end=end * SECOND, reason=reason)


def segment(start: int, end: int) -> Segment:
    id_ = f"gate/{start}"
    return Segment(id=id_, camera="gate", path=id_, start=start * SECOND, end=end * SECOND, bytes=1, codec="avc1")


def seconds(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(start // SECOND, end // SECOND) for start, end in spans]


def test_gaps_of_one_loss_are_filled_as_one() -> None:
    gaps = [gap(10, 15), gap(15, 20, "server-down"), gap(20, 22, "starting"), gap(30, 40), gap(40, 60, "privacy"), gap(60, 61)]
    assert seconds(missing(gaps, FAULTS)) == [(10, 22), (30, 40), (60, 61)]


def test_what_was_wanted_so_is_filled_by_hand_alone_and_what_was_kept_private_never() -> None:
    gaps = [gap(0, 5, "no-event"), gap(10, 20, "schedule"), gap(20, 30, "privacy"), gap(30, 40, "off"), gap(40, 50, "deleted")]
    assert missing(gaps, FAULTS) == []
    assert seconds(missing(gaps, BY_HAND)) == [(0, 5), (10, 20)]
    assert not BY_HAND & {"privacy", "off", "removed", "deleted", "clock"}
    assert missing([Gap(camera="gate", start=0, end=0, reason="camera-lost")], FAULTS) == [], "it lasts"


def test_what_lies_where_a_gap_was_came_from_the_camera() -> None:
    fill = Fill(id="a", camera="gate", start=10 * SECOND, end=20 * SECOND)
    assert seconds(filled([segment(0, 10), segment(10, 14), segment(14, 19), segment(20, 30)], [fill])) == [(10, 19)]
    assert filled([segment(9, 12)], [fill]) == []


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 20))), st.integers(0, 50), st.integers(0, 70))
def test_holes_and_segments_make_up_the_span(parts: list[tuple[int, int]], start: int, length: int) -> None:
    segments = [segment(begin, begin + size) for begin, size in parts]
    end = start + length
    found = seconds(holes(start * SECOND, end * SECOND, segments))
    covered = {second for begin, size in parts for second in range(begin, begin + size)}
    assert {second for one in found for second in range(*one)} == set(range(start, end)) - covered


def test_it_is_tried_a_bounded_number_of_times() -> None:
    assert [next_try(tries) for tries in range(1, 7)] == [*BACKOFF, None, None]
