"""`sitewarden query`: PromQL over points' history, read from the stores of this node."""

from __future__ import annotations

import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from sitewarden.api.timeseries import replies
from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.app.samples import reading
from sitewarden.domain.errors import Invalid
from sitewarden.domain.promql.durations import parse_duration
from sitewarden.domain.promql.numbers import show as number
from sitewarden.domain.promql.query import RESOLUTION, Result, plan_instant, plan_range
from sitewarden.services.surface.timeseries import ReadablePoints
from sitewarden.services.timeseries.queries import Queries

SHOWN: Final = 200
"""Steps of a range unless a step is given."""
_SECONDS: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?")


def query(settings_path: Path | None, text: str, *, moment: str, span: str, step: str, json: bool) -> None:
    """Show what a query gives at a moment, or over the span before it."""
    settings = settled(settings_path)

    async def work(ask: Ask) -> tuple[Result, ZoneInfo]:
        zone = ZoneInfo((await ask("site.get"))["timezone"])
        points = msgspec.convert(await ask("timeseries.points"), ReadablePoints).items
        async with reading(settings) as reader:
            queries = Queries(reader, settings.timeseries)
            end = _moment(moment, zone)
            if span:
                width = _duration(span, "--range")
                each = _duration(step, "--step") if step else max(width // SHOWN // 1_000_000, 1) * 1_000_000
                if width // each > RESOLUTION:
                    raise Invalid(f"The range has more than {RESOLUTION} steps.", where="--step", remedy="Take a longer step.")
                plan = plan_range(text, end - width, end, each, queries.lookback)
            else:
                plan = plan_instant(text, end, queries.lookback)
            return await queries.run(plan, points, lambda result: result), zone

    found, zone = with_platform(settings, work)
    if json:
        show.out.out(replies.result(found).decode(), highlight=False)
    else:
        _print(found, zone)


def _print(found: Result, zone: ZoneInfo) -> None:
    if found.kind == "string":
        show.out.out(found.text, highlight=False)
        return
    if found.kind == "matrix":
        for line in found.lines:
            show.out.out(_labels(line.labels), highlight=False)
            for moment, value in zip(line.times.tolist(), line.values.tolist(), strict=True):
                show.out.out(f"  {show.moment(moment, zone)}  {number(value)}", highlight=False)
    elif found.kind == "scalar":
        show.out.out(number(float(found.lines[0].values[0])), highlight=False)
    else:
        rows: list[dict[str, Any]] = [
            {"series": _labels(line.labels), "value": number(float(line.values[0]))} for line in found.lines
        ]
        width = max((len(row["value"]) for row in rows), default=0)
        for row in rows:
            show.out.out(f"{row['value']:>{width}}  {row['series']}", highlight=False)
    if not found.lines:
        show.err.print(
            "No series: no point fits, or none had a value then. `sitewarden query 'count by (__name__, point) "
            '({point!=""})\'` shows what there is.',
            soft_wrap=True,
        )


def _labels(labels: dict[str, str]) -> str:
    inside = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()) if name != "__name__")
    return f"{labels.get('__name__', '')}{{{inside}}}"


def _moment(text: str, zone: ZoneInfo) -> int:
    """Return a moment in microseconds: now, seconds since 1970, or a local time of the site."""
    if not text:
        return time.time_ns() // 1_000_000 * 1000
    if _SECONDS.fullmatch(text):
        return round(float(text) * 1000) * 1000
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(
            f"{text!r} is no moment.", where="--time", remedy='Write "2026-03-01 08:00", or seconds since 1970.'
        ) from None
    return round((read if read.tzinfo else read.replace(tzinfo=zone)).timestamp() * 1000) * 1000


def _duration(text: str, where: str) -> int:
    try:
        value = parse_duration(text)
    except ValueError as error:
        raise Invalid(f"{error}.", where=where, remedy='Write it as "15s", "5m", "1h30m" or "7d".') from None
    if value < 1000:
        raise Invalid("It is too short.", where=where, remedy='Write it as "15s", "5m", "1h30m" or "7d".')
    return value
