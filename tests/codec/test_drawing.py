"""Masks in pixels: nothing of what they cover is left out, and chroma has half as many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitewarden.codec.drawing import box

sides = st.integers(8, 2048).map(lambda half: 2 * half)
percent = st.floats(0, 100, allow_nan=False).map(lambda value: round(value, 1))


@given(sides, sides, percent, percent, percent, percent)
def test_a_mask_covers_every_pixel_that_it_touches(
    width: int, height: int, left: float, top: float, wide: float, high: float
) -> None:
    wide, high = min(wide, 100 - left), min(high, 100 - top)
    x, y, right, bottom = box((left, top, wide, high), width, height)
    assert 0 <= x <= left * width / 100 and (left + wide) * width / 100 <= right + 1e-6 and right <= width
    assert 0 <= y <= top * height / 100 and (top + high) * height / 100 <= bottom + 1e-6 and bottom <= height
    assert not (x | y | right | bottom) & 1
    assert left * width / 100 - x < 2 and right - (left + wide) * width / 100 < 2


def test_a_mask_by_hand() -> None:
    assert box((25.0, 10.0, 30.0, 40.0), 320, 180) == (80, 18, 176, 90)
    assert box((0.1, 0.1, 0.1, 0.1), 320, 180) == (0, 0, 2, 2)
    assert box((99.9, 99.9, 0.1, 0.1), 640, 360) == (638, 358, 640, 360)
