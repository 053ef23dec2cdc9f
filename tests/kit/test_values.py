"""What devices say to points' values, and back."""

from __future__ import annotations

import math
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.samples import Value
from sitewarden.kit.values import TEXT, raw, taker

Type = Literal["number", "integer", "boolean", "string"]


def point(kind: Type, scale: float = 1.0, offset: float = 0.0) -> Point:
    return Point(id="p", name="P", device="d", type=kind, scale=scale, offset=offset)


@pytest.mark.parametrize(
    ("kind", "heard", "value"),
    [
        ("number", 3, 3.0),
        ("number", "2.5", 2.5),
        ("number", b" 7 ", 7.0),
        ("number", True, 1.0),
        ("number", math.nan, None),
        ("number", "inf", None),
        ("number", "warm", None),
        ("number", [1], None),
        ("number", "9" * 65, None),
        ("integer", 10**400, None),
        ("integer", 2.6, 3),
        ("integer", 2**63 - 1, 2**63 - 1),
        ("boolean", "On", True),
        ("boolean", b"closed", False),
        ("boolean", "perhaps", None),
        ("boolean", 2, True),
        ("boolean", math.nan, None),
        ("string", "a\nb", "a\N{REPLACEMENT CHARACTER}b"),
        ("string", b"\xff", "\N{REPLACEMENT CHARACTER}"),
        ("string", False, "false"),
        ("string", 4, "4"),
        ("string", {"a": 1}, None),
        ("string", "x" * (TEXT + 1), "x" * TEXT),
    ],
)
def test_what_is_heard_becomes_the_points_type_or_nothing(kind: Type, heard: object, value: Value) -> None:
    taken = taker(point(kind))(heard)
    assert taken == value
    assert type(taken) is type(value)


@given(st.floats(-1e9, 1e9), st.floats(0.001, 1000), st.floats(-1e6, 1e6))
def test_what_is_written_is_heard_again(value: float, scale: float, offset: float) -> None:
    of = point("number", scale, offset)
    heard = taker(of)(raw(of, value))
    assert isinstance(heard, float)
    assert math.isclose(heard, value, rel_tol=1e-9, abs_tol=1e-6 * max(1.0, abs(offset)))


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (point("string"), 3),
        (point("number"), "3"),
        (point("number"), None),
        (point("number"), math.inf),
        (point("number", scale=0.0), 3),
        (point("boolean"), 2),
    ],
)
def test_what_is_none_of_its_type_is_refused(of: Point, value: Value) -> None:
    with pytest.raises(Invalid):
        raw(of, value)
