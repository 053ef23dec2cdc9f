"""The requests of the Prometheus HTTP API. Each takes its parameters and returns the body of a success, or raises a Refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from sitewarden import __version__
from sitewarden.api.timeseries import replies
from sitewarden.api.timeseries.arguments import Parameters, limit, moment, one, span, timeout
from sitewarden.domain.clock import Clock
from sitewarden.domain.promql.errors import BadQuery
from sitewarden.domain.promql.matchers import Matcher
from sitewarden.domain.promql.parser import parse, parse_selector
from sitewarden.domain.promql.printing import render
from sitewarden.domain.promql.query import Plan, plan_instant, plan_range
from sitewarden.services.surface.timeseries import ReadablePoint
from sitewarden.services.timeseries.queries import Queries, selected

LANGUAGE: Final = "2.42.0"
"""The version of Prometheus whose results ours equal; Grafana offers what that version can."""
MATCHERS: Final = 100
"""Selectors of one request for labels or series."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of somebody who may: their points, and what they ask for. `name` is the part of the path that varies."""

    points: list[ReadablePoint]
    given: Parameters
    queries: Queries
    clock: Clock
    name: str = ""


async def query(asked: Asked) -> bytes:
    """Answer `/query`."""
    given = asked.given
    now = moment(given, "time", asked.clock.now() // 1000 * 1000)
    plan = _plan(lambda: plan_instant(one(given, "query"), now, asked.queries.lookback))
    return await asked.queries.run(plan, asked.points, replies.result, timeout(given))


async def query_range(asked: Asked) -> bytes:
    """Answer `/query_range`."""
    given = asked.given
    start, end, step = span(given)
    plan = _plan(lambda: plan_range(one(given, "query"), start, end, step, asked.queries.lookback))
    return await asked.queries.run(plan, asked.points, replies.result, timeout(given))


def _plan(make: Callable[[], Plan]) -> Plan:
    try:
        return make()
    except BadQuery as refusal:
        raise BadQuery(f'invalid parameter "query": {refusal.what}') from None


async def labels(asked: Asked) -> bytes:
    """Answer `/labels`: the names of all labels."""
    names = sorted({name for point in _matching(asked) for name in point.labels})
    return _some(names, limit(asked.given))


async def values(asked: Asked) -> bytes:
    """Answer `/label/<name>/values`."""
    found = sorted({point.labels[asked.name] for point in _matching(asked) if asked.name in point.labels})
    return _some(found, limit(asked.given))


async def series(asked: Asked) -> bytes:
    """Answer `/series`."""
    if not asked.given.get("match[]"):
        raise BadQuery("no match[] parameter provided")
    found = [dict(sorted(point.labels.items())) for point in _matching(asked)]
    return _some(found, limit(asked.given))


def _some(found: list[str] | list[dict[str, str]], most: int | None) -> bytes:
    if most is not None and len(found) > most:
        return replies.data(found[:most], ["results truncated due to limit"])
    return replies.data(found)


def _matching(asked: Asked) -> list[ReadablePoint]:
    """Return the points of the selectors `match[]`, all where there are none; moments are read and do not matter."""
    start, end = moment(asked.given, "start", 0), moment(asked.given, "end", asked.clock.now())
    if one(asked.given, "start") and one(asked.given, "end") and end < start:
        raise BadQuery('invalid parameter "end": end timestamp must not be before start time')
    texts = asked.given.get("match[]", [])
    if len(texts) > MATCHERS:
        raise BadQuery(f"more than {MATCHERS} selectors")
    if not texts:
        return asked.points
    kept: dict[str, ReadablePoint] = {}
    for text in texts:
        kept.update((point.id, point) for point in selected(asked.points, _selector(text)))
    return list(kept.values())


def _selector(text: str) -> tuple[Matcher, ...]:
    try:
        return parse_selector(text)
    except BadQuery as refusal:
        raise BadQuery(f'invalid parameter "match[]": {refusal.what}') from None


async def metadata(asked: Asked) -> bytes:
    """Answer `/metadata`. Nobody tells us which points count upwards, so all are gauges."""
    wanted, most = one(asked.given, "metric"), limit(asked.given)
    found: dict[str, list[dict[str, str]]] = {}
    for point in asked.points:
        name = point.labels["__name__"]
        if name in found or (wanted and name != wanted) or (most is not None and len(found) >= most):
            continue
        found[name] = [{"type": "gauge", "help": point.help, "unit": ""}]
    return replies.data(found)


async def format_query(asked: Asked) -> bytes:
    """Answer `/format_query`."""
    try:
        return replies.data(render(parse(one(asked.given, "query"))))
    except BadQuery as refusal:
        raise BadQuery(f'invalid parameter "query": {refusal.what}') from None


async def build_info(asked: Asked) -> bytes:
    """Answer `/status/buildinfo`."""
    return replies.data(
        {
            "version": LANGUAGE,
            "revision": f"sitewarden-{__version__}",
            "branch": "",
            "buildUser": "",
            "buildDate": "",
            "goVersion": "",
        }
    )


async def no_exemplars(asked: Asked) -> bytes:
    """Answer `/query_exemplars`: there are none."""
    return replies.data([])


async def no_rules(asked: Asked) -> bytes:
    """Answer `/rules`: rules are no business of this service."""
    return replies.data({"groups": []})


async def no_alerts(asked: Asked) -> bytes:
    """Answer `/alerts`."""
    return replies.data({"alerts": []})


Handler = Callable[[Asked], Awaitable[bytes]]
HANDLERS: Final[dict[str, tuple[Handler, tuple[str, ...]]]] = {
    "query": (query, ("GET", "POST")),
    "query_range": (query_range, ("GET", "POST")),
    "labels": (labels, ("GET", "POST")),
    "series": (series, ("GET", "POST")),
    "format_query": (format_query, ("GET", "POST")),
    "query_exemplars": (no_exemplars, ("GET", "POST")),
    "metadata": (metadata, ("GET",)),
    "rules": (no_rules, ("GET",)),
    "alerts": (no_alerts, ("GET",)),
    "status/buildinfo": (build_info, ("GET",)),
}
"""By path below /api/v1, with the methods that are taken."""
