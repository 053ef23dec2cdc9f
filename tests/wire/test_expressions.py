"""Expressions and templates: what is refused is said, what is hostile costs nothing, what is filled in is exact."""

from __future__ import annotations

import pytest

from sitewarden.wire.expressions import ABSENT, Expression
from sitewarden.wire.template import Template


def test_groups_by_number_and_name() -> None:
    expression = Expression(r"^(?P<name>\w+) (\d+)(kg)?")
    data = b"S7 42 lb"
    spans = expression.spans(data)
    assert spans is not None and [data[a:b] for a, b in spans[:3]] == [b"S7 42", b"S7", b"42"] and spans[3] == ABSENT
    assert (expression.number("name"), expression.number(2)) == (1, 2)
    assert expression.spans(b"-") is None
    for group in ("weight", 4):
        with pytest.raises(ValueError, match="group"):
            expression.number(group)


def test_bytes_that_are_no_text_are_matched() -> None:
    spans = Expression(r"\x02(.{2})\xff").spans(b"\x00\x02\n\x80\xff")
    assert spans is not None and spans[1] == (2, 4)


@pytest.mark.parametrize("text", ["(", r"(a)\1", "(?=a)", "a{1000}{1000}", "x" * 1001])
def test_what_cannot_be_bounded_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the expression"):
        Expression(text)


def test_nested_repeats_come_to_an_end() -> None:
    assert Expression("^(a+)+$").spans(b"a" * 60_000 + b"b") is None


@pytest.mark.parametrize(
    ("text", "value", "made"),
    [
        ("SET {value}\r\n", 12.5, "SET 12.5\r\n"),
        ("SET {value:.1f}", 12.25, "SET 12.2"),
        ("{value:04d}", 7.0, "0007"),
        ("{value:02X}", 255, "FF"),
        ("{{{value}}}", True, "{1}"),
        ("{value}", False, "0"),
        ("no place", 1, "no place"),
    ],
)
def test_a_template_is_filled(text: str, value: float, made: str) -> None:
    assert Template(text).fill({"value": value}) == made


@pytest.mark.parametrize("text", ["{", "}", "{value!r}", "{value.x}", "{0}", "{value:>9999999}", "{value:{width}}"])
def test_a_template_is_no_format_string(text: str) -> None:
    with pytest.raises(ValueError, match=r"stands alone|is no format"):
        Template(text)


def test_a_format_that_does_not_fit_its_value_is_refused() -> None:
    with pytest.raises(ValueError):
        Template("{value:d}").fill({"value": 1.5})
