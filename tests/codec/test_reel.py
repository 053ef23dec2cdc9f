"""The timeline of a recording that is played again and again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitewarden.codec.reel import HELD, OVERLAP, Reel

FRAME = 3600


def play(reel: Reel, start: int, shown: list[int], sounds: list[int], span: int = 1920) -> tuple[list[int], list[int]]:
    """Play one run of a file whose first picture alone is a key frame; return the times of pictures and of sound."""
    pictures, heard = [], []
    for time in sounds:
        reel.sound(start + time, span, b"")
    for number, place in enumerate(shown):
        time = reel.picture(start + place * FRAME, FRAME, key=number == 0)
        if time is not None:
            pictures.append(time)
        heard += [moment for moment, _ in reel.heard()]
    heard += [moment for moment, _ in reel.rewind()]
    return pictures, heard


@given(
    start=st.integers(-(1 << 40), 1 << 40),
    orders=st.lists(st.permutations(range(1, 8)), min_size=1, max_size=5),
    sounds=st.lists(st.integers(-10_000, 60_000), max_size=30),
)
def test_no_run_reaches_back_into_the_one_before(start: int, orders: list[list[int]], sounds: list[int]) -> None:
    reel, end, last = Reel(), 0, 0
    for order in orders:
        pictures, heard = play(reel, start, [0, *order], sorted(sounds))
        assert sorted(pictures) == [end + place * FRAME for place in range(8)]
        for time in heard:
            assert time >= last - OVERLAP and end <= time < end + 8 * FRAME
            last = time + 1920
        end += 8 * FRAME


def test_what_a_cut_left_without_its_key_frame_is_let_go() -> None:
    reel = Reel()
    assert reel.picture(0, FRAME, key=False) is None and not reel.began
    assert reel.picture(9 * FRAME, FRAME, key=True) == 0
    # Shown before the key frame: it leans on a picture that the cut took.
    assert reel.picture(8 * FRAME, FRAME, key=False) is None
    assert reel.picture(10 * FRAME, FRAME, key=False) == FRAME


def test_sound_far_ahead_of_the_pictures_is_bounded() -> None:
    reel = Reel()
    for number in range(HELD + 100):
        reel.sound(number, 1, b"")
    assert reel.picture(0, 10 * HELD, key=True) == 0
    assert len([*reel.heard(), *reel.rewind()]) <= HELD
