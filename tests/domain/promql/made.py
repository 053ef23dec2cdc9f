"""Series written as lines, and queries over them; a second is a second after ORIGIN."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sitewarden.domain.promql.evaluator import Stored
from sitewarden.domain.promql.numbers import show
from sitewarden.domain.promql.query import Plan, Result, plan_instant, plan_range, run

ORIGIN = 1_700_000_000
SECOND = 1_000_000

Sample = tuple[float, float | None]


def series(name: str, samples: Sequence[Sample], **labels: str) -> Stored:
    """A series; a value of None is stale."""
    return Stored(
        {"__name__": name, **labels},
        np.array([round((ORIGIN + second) * SECOND) for second, _ in samples], dtype=np.int64),
        np.array([math.nan if value is None else value for _, value in samples], dtype=np.float64),
        np.array([value is None for _, value in samples], dtype=bool),
    )


def result(plan: Plan, stored: Sequence[Stored], max_samples: int = 1_000_000) -> Result:
    def find(place: int) -> list[Stored]:
        matchers = plan.needs[place].selector.all_matchers()
        return [one for one in stored if all(matcher.fits(one.labels.get(matcher.name, "")) for matcher in matchers)]

    return run(plan, {place: find(place) for place in range(len(plan.needs))}, max_samples=max_samples)


def at(text: str, second: float, stored: Sequence[Stored]) -> dict[str, str]:
    """What a query gives at a moment: labels as text to value."""
    found = result(plan_instant(text, round((ORIGIN + second) * SECOND)), stored)
    return {_labels(line.labels): show(float(line.values[-1])) for line in found.lines}


def over(text: str, start: int, end: int, step: int, stored: Sequence[Stored]) -> dict[str, list[tuple[int, str]]]:
    """What a query gives over steps: labels as text to (second, value)."""
    plan = plan_range(text, (ORIGIN + start) * SECOND, (ORIGIN + end) * SECOND, step * SECOND)
    return {
        _labels(line.labels): [
            (int(moment // SECOND - ORIGIN), show(value))
            for moment, value in zip(line.times.tolist(), line.values.tolist(), strict=True)
        ]
        for line in result(plan, stored).lines
    }


def _labels(labels: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(labels.items()))
