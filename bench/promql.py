"""Queries over columns in memory, with their answers as JSON, beside Prometheus over HTTP where it is installed.

A year by the hour is read from a store: out of rollups, beside the same out of samples. SITEWARDEN_BENCH_DAYS is how many days
it has.
"""

from __future__ import annotations

import math
import os
import shutil
import socket
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import uvloop

from bench.harness import Row, workspace
from sitewarden.api.timeseries import replies
from sitewarden.config import TimeSeriesSettings
from sitewarden.domain.clock import DAY, HOUR, MINUTE, SECOND
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.promql.evaluator import Stored
from sitewarden.domain.promql.query import Plan, plan_range
from sitewarden.domain.promql.query import run as evaluate
from sitewarden.services.surface.timeseries import ReadablePoint
from sitewarden.services.timeseries.queries import Queries
from sitewarden.store.sqlite import SqliteSampleStore
from tests.interop.prometheus import Made, prometheus

TITLE = "PromQL, a range query from its text to its JSON; the samples are in memory on both sides"
START: Final = 1_780_000_000
POINTS: Final = int(os.environ.get("SITEWARDEN_BENCH_POINTS", "100"))
HOURS: Final = int(os.environ.get("SITEWARDEN_BENCH_HOURS", "6"))
DAYS: Final = int(os.environ.get("SITEWARDEN_BENCH_DAYS", "365"))
PERIOD: Final = 15
ROUNDS: Final = 3
QUERIES: Final = (
    ("one point, raw", 'temperature{point="p0"}'),
    ("all points, raw", "temperature"),
    ("average by area", "avg by (area) (temperature)"),
    ("rate of all, summed", "sum(rate(energy[5m]))"),
    ("maximum over an hour", "max_over_time(temperature[1h])"),
    ("a quantile over 10 min", "quantile_over_time(0.9, temperature[10m])"),
    ("two joined", "temperature - on (point) group_left () avg_over_time(temperature[10m])"),
)


def made() -> list[Made]:
    rng = np.random.default_rng(7)
    count = HOURS * 3600 // PERIOD
    found = []
    for number in range(POINTS):
        labels = {"point": f"p{number}", "area": f"a{number % 10}"}
        times = [(START + step * PERIOD) * 1000 for step in range(count)]
        walk, rise = (20 + np.cumsum(rng.normal(0, 0.1, count))), np.cumsum(rng.uniform(0, 2, count))
        found.append(Made({"__name__": "temperature", **labels}, times, walk.tolist()))
        found.append(Made({"__name__": "energy", **labels}, times, rise.tolist()))
    return found


def median_ms(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def answer(text: str, stored: list[Stored], start: int, end: int, step: int) -> bytes:
    plan: Plan = plan_range(text, start * 1_000_000, end * 1_000_000, step * 1_000_000)
    found = {}
    for place, need in enumerate(plan.needs):
        matchers = need.selector.all_matchers()
        found[place] = [one for one in stored if all(matcher.fits(one.labels.get(matcher.name, "")) for matcher in matchers)]
    return replies.result(evaluate(plan, found, max_samples=100_000_000))


def run() -> list[Row]:
    series = made()
    stored = [
        Stored(
            one.labels,
            np.array(one.times, dtype=np.int64) * 1000,
            np.array([math.nan if value is None else value for value in one.values]),
            np.zeros(len(one.times), dtype=bool),
        )
        for one in series
    ]
    start, end, step = START, START + HOURS * 3600, 60
    rows: list[Row] = []
    with workspace("promql") as path, ExitStack() as stack:
        peer = None
        if shutil.which("prometheus"):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            peer = stack.enter_context(prometheus("127.0.0.1", port, Path(path)))
            peer.write(series)
        for name, text in QUERIES:
            ours = median_ms(lambda text=text: answer(text, stored, start, end, step))  # type: ignore[misc]
            theirs = None
            if peer is not None:
                theirs = median_ms(lambda text=text: peer.ask("query_range", query=text, start=start, end=end, step=step))  # type: ignore[misc]
            rows.append(
                Row(
                    name=name,
                    value=ours,
                    unit="ms",
                    better="lower",
                    plain=theirs,
                    plain_name="Prometheus over HTTP, its JSON read",
                    note=f"{text}; {POINTS} points, {HOURS} h at {PERIOD} s, {HOURS * 60} steps",
                )
            )
    return rows + over_a_year()


def over_a_year() -> list[Row]:
    """One point a sample a minute, in steps of an hour, from text to numbers."""
    with workspace("promql-year") as path:
        return uvloop.run(_year(Path(path) / "samples.db"))


async def _year(path: Path) -> list[Row]:
    store = SqliteSampleStore.open(path)
    walk = np.random.default_rng(3)
    begin = START * SECOND // DAY * DAY
    for day in range(DAYS):
        times = (begin + day * DAY + np.arange(1440) * MINUTE).tolist()
        values = np.round(20 + np.cumsum(walk.normal(0, 0.1, 1440)), 1).tolist()
        await store.append(Samples(["t"] * 1440, times, times, values, [0] * 1440))
    await store.seal(everything=True)
    await store.compact(everything=True)
    rows = []
    queries, points = Queries(store.reader, TimeSeriesSettings()), [ReadablePoint(id="t", labels={"__name__": "x"}, help="")]
    for name, text in (
        ("the latest value", "x"),
        ("the average", "avg_over_time(x[1h])"),
        ("the maximum of a day", "max_over_time(x[1d])"),
    ):
        plan = plan_range(text, begin + DAY, begin + DAYS * DAY, HOUR)
        raw = replace(plan, needs=tuple(replace(need, piece=0) for need in plan.needs))
        taken = []
        for one in (plan, raw):
            best = math.inf
            for _ in range(ROUNDS):
                started = time.perf_counter()
                await queries.run(one, points, lambda result: len(result.lines))
                best = min(best, (time.perf_counter() - started) * 1000)
            taken.append(best)
        note = f"{text}; {DAYS} days at a minute, steps of an hour, out of a file"
        rows.append(
            Row(
                name=f"{name}, a year",
                value=taken[0],
                unit="ms",
                better="lower",
                plain=taken[1],
                plain_name="out of samples",
                note=note,
            )
        )
    await store.close()
    return rows
