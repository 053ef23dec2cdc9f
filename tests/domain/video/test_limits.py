"""A stream's figures against a camera's limits: told once when they go beyond, once when they are back."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.video.limits import BEGINS, ENDS, GONE, UNWATCHED, WINDOW, Change, Figure, Judge, limits, read
from sitewarden.domain.video.model import Camera

CAMERA = Camera(id="lobby", name="Lobby", url="rtsp://10.1.0.5/1")
STEP = 2.0


class Stream:
    def __init__(self, **limit: float) -> None:
        self.judge = Judge()
        self.at = 0.0
        self.limits: dict[Figure, float] = dict(limit)  # type: ignore[arg-type]

    def tell(self, seconds: float, **figures: float) -> list[tuple[float, Change]]:
        found = []
        for _ in range(int(seconds / STEP)):
            changes = self.judge.take(self.at, round(self.at * 1e6), dict(figures), self.limits)  # type: ignore[arg-type]
            found += [(self.at, change) for change in changes]
            self.at += STEP
        return found


def test_a_loss_is_told_once_with_figure_and_limit_and_once_when_it_is_over() -> None:
    stream = Stream(loss=2.0)
    assert stream.tell(600, loss=1.9) == []
    ((at, begun),) = stream.tell(600, loss=10.0)
    # The mean of the window passes 2 % some seconds in, and stays beyond for BEGINS.
    assert 600 + BEGINS <= at <= 600 + WINDOW + BEGINS
    assert begun.begins and begun.figure == "loss" and begun.limit == 2.0 and 2.0 < begun.value <= 10.0
    assert begun.detail == f"{begun.value:g} % over 30 s, limit 2 %"
    assert stream.judge.poor["loss"].since == round(at * 1e6) and stream.judge.poor["loss"].value == 10.0
    ((over, ended),) = stream.tell(600, loss=0.0)
    assert not ended.begins and 1200 + ENDS <= over <= 1200 + WINDOW + ENDS
    assert stream.judge.poor == {}


def test_nothing_is_judged_before_a_window_is_full_and_a_short_burst_is_none() -> None:
    stream = Stream(loss=2.0)
    assert stream.tell(WINDOW, loss=100.0) == []
    stream.judge.lost()
    assert stream.tell(WINDOW, loss=100.0) == []
    quiet = Stream(loss=2.0)
    for _ in range(20):
        assert quiet.tell(60, loss=0.0) == [] and quiet.tell(2, loss=25.0) == []


def test_what_was_told_outlives_a_lost_stream_and_ends_when_it_is_good_again() -> None:
    stream = Stream(loss=2.0)
    assert [one.begins for _, one in stream.tell(120, loss=5.0)] == [True]
    stream.judge.lost()
    stream.at += 3600
    assert stream.tell(WINDOW, loss=0.0) == [] and "loss" in stream.judge.poor
    assert [one.begins for _, one in stream.tell(120, loss=0.0)] == [False]


def test_a_limit_that_is_taken_away_and_a_camera_that_is_switched_off_end_what_was_told() -> None:
    stream = Stream(loss=2.0, jitter=100.0)
    assert len(stream.tell(120, loss=5.0, jitter=300.0)) == 2
    del stream.limits["jitter"]
    ((_, ended),) = stream.tell(2, loss=5.0, jitter=300.0)
    assert (ended.figure, ended.begins, ended.detail) == ("jitter", False, UNWATCHED)
    assert [(one.figure, one.begins, one.detail) for one in stream.judge.end()] == [("loss", False, GONE)]
    assert stream.judge.end() == []


def test_small_figures_of_rates_and_either_way_of_a_clock() -> None:
    stream = Stream(**{"frame-rate": 5.0, "clock": 10.0, "bitrate": 0.4})
    good = {"frame-rate": 25.0, "clock": -9.9, "bitrate": 4.0}
    assert stream.tell(300, **good) == []
    changes = stream.tell(300, **{"frame-rate": 4.0, "clock": -10.1, "bitrate": 0.1})
    assert {(one.figure, one.begins) for _, one in changes} == {("frame-rate", True), ("clock", True), ("bitrate", True)}
    assert {one.figure: one.value for one in stream.judge.poor.values()}["clock"] == -10.1
    assert len(stream.tell(300, **good)) == 3
    # One wild sender report is none that counts.
    assert all(stream.tell(20, **good) == [] and stream.tell(4, **{**good, "clock": 9000.0}) == [] for _ in range(10))


def test_limits_of_a_camera_and_figures_of_a_status() -> None:
    assert limits(CAMERA, None) == {"loss": 2.0, "jitter": 200.0, "frame-rate": 2.0, "clock": 10.0}
    assert limits(CAMERA, 4_000_000)["bitrate"] == 0.4
    off = Camera(
        id="x", name="X", url="rtsp://h/1", loss_limit=0, jitter_limit=0, frame_rate_limit=0, bitrate_drop=0, clock_limit=0
    )
    assert limits(off, 4_000_000) == {}
    assert read({"fps": 25.0, "bitrate": 4_000_000, "jitter": None, "codec": "x"}) == {"frame-rate": 25.0, "bitrate": 4.0}


@given(st.lists(st.floats(0, 100), min_size=1, max_size=400))
def test_it_never_chatters(losses: list[float]) -> None:
    """Begins and ends alternate, and two begins are at least BEGINS + ENDS apart."""
    stream = Stream(loss=2.0)
    told = [one for loss in losses for one in stream.tell(STEP, loss=loss)]
    assert [one.begins for _, one in told] == [n % 2 == 0 for n in range(len(told))]
    begun = [at for at, one in told if one.begins]
    assert all(b - a >= BEGINS + ENDS for a, b in itertools.pairwise(begun))
