"""The text of queries: precedence, keywords as names, what is refused and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.promql.durations import parse_duration, show_duration
from sitewarden.domain.promql.errors import BadQuery
from sitewarden.domain.promql.matchers import Matcher
from sitewarden.domain.promql.numbers import show, show_plain, show_time
from sitewarden.domain.promql.parser import parse, parse_selector
from sitewarden.domain.promql.printing import quote, render
from sitewarden.domain.promql.tree import Binary, Number, Selector, Text, Unary
from tests.interop.promql_site import Queries

WRITTEN = [
    ("1+2*3", "1 + 2 * 3"),
    ("-2^2", "-2 ^ 2"),
    ("a^b^c", "a ^ b ^ c"),
    ("sum(a)by(b,c)", "sum by (b, c) (a)"),
    ("sum without() (a)", "sum without () (a)"),
    ("a{ b = 'c' , }", 'a{b="c"}'),
    ("x[1h30m]offset -5m", "x[1h30m] offset -5m"),
    ("(a)[1h:]@end()", "(a)[1h:] @ end()"),
    ("a @ 1.5 offset 1w", "a @ 1.500 offset 7d"),
    ("a*on(b)group_left(c)d", "a * on (b) group_left (c) d"),
    ("a > bool ignoring (x) b", "a > bool ignoring (x) b"),
    ("by + sum + offset", "by + sum + offset"),
    ('count_values("v", a)', 'count_values("v", a)'),
    ("0x1f + .5e1 + nan + Inf", "31 + 5 + NaN + Inf"),
    ("a # what it is\n + b", "a + b"),
    ("job:rate:sum[5m]", "job:rate:sum[5m]"),
]


@pytest.mark.parametrize(("given_", "expected"), WRITTEN)
def test_written_again(given_: str, expected: str) -> None:
    assert render(parse(given_)) == expected
    assert parse(expected) == parse(given_)


@given(st.integers(0, 1 << 40))
def test_any_query_is_the_same_after_printing(seed: int) -> None:
    tree = parse(Queries(seed).next())
    assert parse(render(tree)) == tree


@given(st.text())
def test_any_text_is_a_string(text: str) -> None:
    if any("\ud800" <= char <= "\udfff" for char in text):
        return
    assert parse(quote(text)) == Text(text)


def test_precedence() -> None:
    tree = parse("a or b and c == d + e * f ^ g")
    ops = []
    while isinstance(tree, Binary):
        ops.append(tree.op)
        tree = tree.right
    assert ops == ["or", "and", "==", "+", "*", "^"]
    left = parse("a - b - c")
    assert isinstance(left, Binary) and isinstance(left.left, Binary)
    assert isinstance(parse("-a ^ 2"), Unary)
    assert parse("-1") == Number(-1.0)


REFUSED = [
    ("", "1:1: parse error: no expression found in input"),
    ("a{", '1:3: parse error: unexpected end of input in label matching, expected identifier or "}"'),
    ("(1", "1:3: parse error: unclosed left parenthesis"),
    ("a\n  b", '2:3: parse error: unexpected identifier "b"'),
    ("rate(a)", '1:6: parse error: expected type range vector in call to function "rate", got instant vector'),
    ("nope(a)", '1:1: parse error: unknown function with name "nope"'),
    ("1 == 1", "1:1: parse error: comparisons between scalars must use BOOL modifier"),
    ('{a=~".*"}', "1:1: parse error: vector selector must contain at least one non-empty matcher"),
    ("a[0s]", "1:2: parse error: duration must be greater than 0"),
    ("a offset 5m offset 5m", "1:1: parse error: offset may not be set multiple times"),
    ("holt_winters(a[5m], 0.5, 0.5)", '1:1: parse error: unknown function with name "holt_winters"'),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(BadQuery) as caught:
        parse(text)
    assert caught.value.what == said


@pytest.mark.parametrize("text", ["(" * 500 + "1" + ")" * 500, "+".join("a" * 500), "-" * 500 + "a", "x" * 40_000, "a[" * 300])
def test_nothing_is_too_deep_for_us(text: str) -> None:
    with pytest.raises(BadQuery):
        parse(text)


def test_patterns_take_linear_time() -> None:
    matcher = Matcher("a", "=~", "(a|aa|a*)*(a|aa)*b")
    assert not matcher.fits("a" * 50_000)
    for pattern in (r"(a)\1", "(?=a)", "a{1001}", "((a{100}){100}){100}"):
        with pytest.raises(BadQuery, match="error parsing regexp"):
            parse(f"x{{a=~{quote(pattern)}}}")


def test_patterns_are_anchored_and_absent_labels_empty() -> None:
    assert Matcher("a", "=~", "b|c").fits("c")
    assert not Matcher("a", "=~", "b").fits("abc")
    assert Matcher("a", "!~", "b").fits("")
    assert parse_selector('a{b!="c"}') == (Matcher("b", "!=", "c"), Matcher("__name__", "=", "a"))
    with pytest.raises(BadQuery):
        parse_selector("rate(a[5m])")
    assert parse("a") == Selector("a")


@given(st.integers(1, 10**15).map(lambda value: value * 1000))
def test_durations_repeat_themselves(value: int) -> None:
    if value < 100 * 365 * 86_400_000_000:
        assert parse_duration(show_duration(value)) == value


@pytest.mark.parametrize(
    ("text", "value"), [("1y2w3d4h5m6s7ms", 33_019_506_007_000), ("90s", 90_000_000), ("0s", 0), ("1000ms", 1_000_000)]
)
def test_durations(text: str, value: int) -> None:
    assert parse_duration(text) == value


@pytest.mark.parametrize("text", ["", "5", "m", "5m1h", "1.5h", "-5m", "1000y", "5m "])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"), (-0.5, "-0.5"), (1e20, "100000000000000000000"), (1e21, "1e+21"), (1e-6, "0.000001"), (1e-7, "1e-07"),
        (float("nan"), "NaN"), (float("inf"), "+Inf"), (float("-inf"), "-Inf"), (0.1 + 0.2, "0.30000000000000004"),
    ],
)  # fmt: skip
def test_numbers_as_prometheus_writes_them(value: float, text: str) -> None:
    assert show(value) == text
    assert parse(text).__class__ in (Number, Unary)


@given(st.floats(allow_nan=False))
def test_numbers_read_back(value: float) -> None:
    assert float(show(value)) == value
    assert float(show_plain(value)) == value


def test_moments() -> None:
    assert show_time(1_700_000_000_000_000) == "1700000000"
    assert show_time(1_700_000_000_123_456) == "1700000000.123"
