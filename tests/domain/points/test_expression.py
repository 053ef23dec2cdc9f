"""Expressions over values: what they say, with which quality, and where they are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.points.expression.evaluating import WRONG, Result, evaluate
from sitewarden.domain.points.expression.parsing import inputs, parse
from sitewarden.domain.points.expression.tree import Input
from sitewarden.domain.points.quality import Quality, is_bad
from tests.fuzz.expression import SEEDS, check

BAD = int(Quality.BAD_NO_COMMUNICATION)
OLD = int(Quality.UNCERTAIN_LAST_KNOWN_VALUE)
SITE = {
    "point:supply": Result(18.5),
    "point:return": Result(22.0, OLD),
    "point:a-b": Result(3),
    "point:pump": Result(True),
    "point:dead": Result(None, BAD),
    "point:mode": Result("auto"),
    "door:main": Result("open"),
    "door:main.lock": Result("locked"),
}


def of(text: str) -> Result:
    return evaluate(parse(text), lambda one: SITE[f"{one.ref}.{one.member}" if one.member else one.ref])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3 - -1", 10),
        ("7 % 4 / 2", 1.5),
        (" [supply]+[a-b] ", 21.5),
        ("[pump] + [pump] + 0", 2),
        ("[mode] == 'auto'", True),
        ("[mode] != 5", True),
        ("[door:main] == \"open\" and [door:main.lock] == 'locked'", True),
        ("not [pump] or 2 > 1", True),
        ("1 < 2 and 2 <= 2 and 3 >= 4", False),
        ("min(3, [a-b], 9) + max(1, 2) + sum(1, 1) + avg(2, 4)", 10),
        ("if([supply] > 20, 'warm', 'cold')", "cold"),
        ("count([pump], false, 3, 0)", 2),
        ("clamp(12, 0, 10) + abs(-1) + sqrt(9) + round(2.345, 1)", 16.3),
        ("round(2.6)", 3),
        ("first([dead], [a-b])", 3),
        ("if([pump], 1, [dead])", 1),
        ("convert(212, '°F', '°C')", 100),
        ("convert(1, 'bar', 'kPa')", 100),
        ("true", True),
    ],
)
def test_a_value(text: str, value: object) -> None:
    found = of(text)
    assert found.value == pytest.approx(value) if isinstance(value, float | int) else found.value == value
    assert found.quality == Quality.GOOD


@pytest.mark.parametrize(
    ("text", "value", "quality"),
    [
        ("[supply] - [return]", -3.5, OLD),
        ("[return] - [dead]", None, BAD),
        ("[dead] == 1", None, BAD),
        ("first([dead], [return])", 22.0, OLD),
        ("first([dead], [dead])", None, BAD),
        ("[pump] or [dead]", True, 0),
        ("[dead] and false", False, 0),
        ("[pump] and [dead]", None, BAD),
        ("[return] > 1 or [pump]", True, 0),
        ("1 / 0", None, WRONG),
        ("[mode] + 1", None, WRONG),
        ("[mode] < 1", None, WRONG),
        ("not [mode]", None, WRONG),
        ("sqrt(-1)", None, WRONG),
        ("1e300 * 1e300", None, WRONG),
        ("if([mode], 1, 2)", None, WRONG),
    ],
)
def test_the_quality_is_the_worst_of_what_took_part(text: str, value: object, quality: int) -> None:
    assert of(text) == Result(value, quality)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", 1, "a value is expected"),
        ("1 +", 4, "a value is expected"),
        ("supply - 1", 1, "a point stands in square brackets"),
        ("[Supply]", 2, "names nothing"),
        ("[supply.x]", 2, "names nothing"),
        ("1 < 2 < 3", 7, "one comparison follows another"),
        ("mxa(1, 2)", 1, "did you mean max?"),
        ("clamp(1, 2)", 1, "takes 3 values, not 2"),
        ("(1", 3, "')' is expected"),
        ("1 2", 3, "an operator is expected"),
        ("1 + $", 5, "is nothing that an expression has"),
        ("convert(1, 'kW', 'bar')", 1, "kW is a power, bar a pressure"),
        ("convert(1, 'kw', 'W')", 1, "there is no unit 'kw'"),
        ("__import__('os')", 1, "there is no function"),
        ("(" * 40 + "1" + ")" * 40, 31, "at most 30"),
        ("-" * 40 + "1", 31, "at most 30"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(text: str, place: int, said: str) -> None:
    with pytest.raises(ValueError, match=f"^at {place}: ") as refused:
        parse(text)
    assert said in str(refused.value)


def test_inputs_are_named_once() -> None:
    assert inputs(parse("[a] + [a] * [door:main.lock]")) == {Input("point:a"), Input("door:main", "lock")}


@given(st.one_of(st.text(max_size=60), st.text("()[]ab+-*/<=>'\",. 10", max_size=80)).map(str.encode))
def test_any_text_is_an_expression_or_refused(data: bytes) -> None:
    check(data)


def test_the_seeds_of_the_fuzzer_are_expressions() -> None:
    for seed in SEEDS:
        parse(seed.decode())
        check(seed)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_arithmetic_has_a_finite_value_or_none(a: float, b: float) -> None:
    for sign in "+-*/%":
        found = evaluate(parse(f"[a] {sign} [b]"), lambda one: Result(a if one.ref == "point:a" else b))
        assert (found.value is None) is is_bad(found.quality)
