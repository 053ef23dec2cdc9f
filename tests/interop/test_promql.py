"""PromQL beside Debian's Prometheus: the same samples, the same queries, the same answers."""

from __future__ import annotations

import math
import random
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from sitewarden.domain.errors import Refusal
from sitewarden.domain.promql.evaluator import Stored
from sitewarden.domain.promql.numbers import show, show_time
from sitewarden.domain.promql.planning import Need
from sitewarden.domain.promql.query import Plan, Result, plan_instant, plan_range, run
from tests.interop.prometheus import Made, Prometheus, prometheus, same_number
from tests.interop.promql_site import START, Queries, site

pytestmark = pytest.mark.interop

SECOND = 1_000_000


class Ours:
    """The same samples in our evaluator."""

    def __init__(self, made: Sequence[Made], shaken: int | None = None) -> None:
        """Take samples; `shaken` is the seed by which the last two bits of every value are changed, of equal ones alike."""
        self._stored = [
            Stored(
                one.labels,
                np.array(one.times, dtype=np.int64) * 1000,
                _shaken(np.array([math.nan if value is None else value for value in one.values]), shaken),
                np.array([value is None for value in one.values]),
            )
            for one in made
        ]

    def _find(self, need: Need) -> list[Stored]:
        matchers = need.selector.all_matchers()
        return [one for one in self._stored if all(matcher.fits(one.labels.get(matcher.name, "")) for matcher in matchers)]

    def run(self, plan: Plan) -> Result:
        found = {place: self._find(need) for place, need in enumerate(plan.needs)}
        return run(plan, found, max_samples=20_000_000)


Both = tuple[Prometheus, Ours, list[Ours]]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    made = site()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with prometheus("127.0.0.1", port, tmp_path_factory.mktemp("prometheus")) as peer:
        peer.write(made)
        yield peer, Ours(made), [Ours(made, seed) for seed in range(4)]


def _shaken(values: Any, seed: int | None) -> Any:
    if seed is None:
        return values
    distinct, places = np.unique(values, return_inverse=True)
    return (distinct * (1 + np.random.default_rng(seed).integers(-3, 4, distinct.size) * 2.0**-52))[places]


def unstable(theirs: dict[str, Any], ours: Result, shaken: Sequence[Result]) -> bool:
    """Tell whether both differ by no more than what the last bits of the samples make of our own answer.

    Of 1e12 - 1e12 + 2.5, of a line through such values, of the logarithm of a rest that is nearly 0, no digit can be relied on.
    """
    rows = [{"metric": {}, "value": theirs["result"]}] if ours.kind == "scalar" else theirs["result"]
    held = [_numbers(one) for one in shaken]
    expected = {
        (tuple(sorted(row["metric"].items())), float(moment)): float(value)
        for row in rows
        for moment, value in (row.get("values") or [row["value"]])
    }
    found = _numbers(ours)
    for place in expected.keys() | found.keys():
        if place not in expected or place not in found:
            if all((place in one) == (place in found) for one in held):
                return False
        elif not same_number(repr(expected[place]), repr(found[place])):
            away = abs(expected[place] - found[place])
            moved = [abs(one[place] - found[place]) for one in held if place in one]
            if len(moved) == len(held) and not any(math.isnan(by) or 64 * by >= away for by in moved):
                return False
    return True


def _numbers(result: Result) -> dict[tuple[tuple[tuple[str, str], ...], float], float]:
    return {
        (tuple(sorted(line.labels.items())), float(show_time(moment))): value
        for line in result.lines
        for moment, value in zip(line.times.tolist(), line.values.tolist(), strict=True)
    }


def differs(theirs: dict[str, Any], ours: Result, tolerance: float = 1e-9) -> str:
    """Say how two results differ; empty where they do not."""
    if theirs["resultType"] != ours.kind:
        return f"{theirs['resultType']} is {ours.kind}"
    rows = [{"metric": {}, "value": theirs["result"]}] if ours.kind == "scalar" else theirs["result"]
    expected = {tuple(sorted(row["metric"].items())): row.get("values") or [row["value"]] for row in rows}
    found = {tuple(sorted(line.labels.items())): line for line in ours.lines}
    if expected.keys() != found.keys():
        return f"series {sorted(expected.keys() ^ found.keys())[:3]}"
    for labels, points in expected.items():
        line = found[labels]
        if [float(moment) for moment, _ in points] != [float(show_time(moment)) for moment in line.times.tolist()]:
            return f"{labels}: moments"
        for (moment, value), other in zip(points, line.values.tolist(), strict=True):
            if not same_number(value, show(other), tolerance):
                return f"{labels} at {moment}: {value} is {show(other)}"
    return ""


def compare(both: Both, seed: int, count: int) -> int:
    """Ask both the same queries; return how many gave something."""
    peer, ours, shaken = both
    queries, rng = Queries(seed), random.Random(seed)
    some = 0
    for number in range(count):
        text = queries.next()
        if number % 5 == 0:
            moment = START // 1000 + 1800 + rng.randrange(7000)
            theirs = peer.ask("query", query=text, time=moment)
            asked: tuple[int, ...] = (moment,)
        else:
            start = START // 1000 + 600 * (number % 7)
            end, step = start + 3600 + (number % 3) * 1800, rng.choice([7, 15, 30, 61, 300])
            theirs = peer.ask("query_range", query=text, start=start, end=end, step=step)
            asked = (start, end, step)
        try:
            times = [moment * SECOND for moment in asked]
            plan = plan_instant(text, *times) if len(times) == 1 else plan_range(text, *times)
            result = ours.run(plan)
        except Refusal as refusal:
            assert theirs["status"] == "error", f"{text}\n{asked}: {refusal}"
            continue
        assert theirs["status"] == "success", f"{text}\n{asked}: {theirs.get('error')}"
        some += bool(result.lines)
        # Least squares through moments as values, 1.8e9 and more, cost Prometheus half of the digits.
        difference = differs(theirs["data"], result, 1e-6 if "deriv(" in text or "predict_linear(" in text else 1e-9)
        if difference:
            assert unstable(theirs["data"], result, [one.run(plan) for one in shaken]), f"{text}\n{asked}: {difference}"
    return some


def test_generated_queries(both: Both) -> None:
    assert compare(both, seed=1, count=500) > 250


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_many_generated_queries(both: Both) -> None:
    assert compare(both, seed=random.randrange(1 << 30), count=20_000) > 10_000


@pytest.mark.parametrize(
    "text",
    [
        "sum(",
        "rate(temperature)",
        "rate(temperature[5m]) > bool temperature[5m]",
        "temperature{",
        "{}",
        '{area=~".*"}',
        "nosuch(temperature)",
        "1 == 2",
        "temperature[5m] offset 1m offset 2m",
        "temperature offset 5m[5m]",
        "(temperature)[5m]",
        "temperature and 1",
        "temperature and on (area) group_left energy_total",
        "temperature + on (area) energy_total",
        "temperature * on (area) group_left (area) energy_total",
        "sum by (area) (temperature, temperature)",
        "topk(temperature)",
        "rate(temperature[0s])",
        "rate(temperature[5x])",
        'temperature{area="hall}',
        "temperature{area='h\\q'}",
        "-'text'",
        'label_replace(temperature, "a-b", "", "area", "x")',
        'label_replace(temperature, "point", "x", "none", ".*") + on () temperature',
        'temperature{area=~"("}',
        "1 +",
        "(1",
        "1)",
        "a b",
        "bool",
        "by(1)",
        'metric{__name__="other"}',
        "round(temperature, 1, 2)",
        "time(1)",
        "temperature @ Inf",
        "sum without (point) (temperature) / on () temperature",
        "1 unless bool 2",
    ],
)
def test_refused_by_both(both: Both, text: str) -> None:
    peer, ours, _ = both
    moment = START // 1000 + 3600
    theirs = peer.ask("query", query=text, time=moment)
    assert theirs["status"] == "error"
    with pytest.raises(Refusal) as caught:
        ours.run(plan_instant(text, moment * SECOND))
    assert caught.value.code == {"bad_data": "bad-query", "execution": "query-failed"}[theirs["errorType"]], theirs


def test_selectors_of_samples_and_text(both: Both) -> None:
    peer, ours, _ = both
    moment = START // 1000 + 3600
    for text in ("temperature[5m]", "energy_total[17m] offset 3m", "max_over_time(temperature[5m])[10m:1m]", "1+1"):
        theirs = peer.ask("query", query=text, time=moment)
        assert not differs(theirs["data"], ours.run(plan_instant(text, moment * SECOND))), text
    theirs = peer.ask("query", query='"a\\tb"', time=moment)
    assert ours.run(plan_instant('"a\\tb"', moment * SECOND)).text == theirs["data"]["result"][1]
