"""From the sample store to what was asked: samples, buckets, or fewer samples that draw the same line."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from sitewarden.domain.errors import TooLarge
from sitewarden.domain.points.downsample import shape
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.points.series import Buckets, Series
from sitewarden.domain.points.widths import MINUTE, fitting, snapped
from sitewarden.services.surface.samples import KnownPoint, RawQuery, RawSamples, SamplesTicket, SeriesQuery
from sitewarden.store.interfaces import SampleReader

MOST_SAMPLES: Final = 200_000
"""Samples in one answer, over all points."""
MOST_BUCKETS: Final = 200_000
"""Buckets in one answer, over all points."""
MOST_READ: Final = 1_000_000
"""Samples that are read to draw a line with fewer."""
MOST_TEXTS: Final = 5_000
"""Samples of one point with texts in one answer."""
SAMPLES_PER_BUCKET: Final = 2
"""Auto gives samples where there are at most so many for each bucket that was asked for."""
AROUND: Final = 11 * MINUTE
"""A point that is read stands in the store at least every ten minutes: the sample before a time is not further away."""


class Found(Struct, frozen=True, eq=False):
    """What was read for one point: numbers as samples or as buckets, texts as samples of their own type."""

    point: KnownPoint
    data: Series | Buckets | Samples
    more: bool = False


class Answered(Struct, frozen=True, eq=False):
    """All that was read, and the width of a bucket that fits."""

    width: int
    found: list[Found]


async def read(reader: SampleReader, ticket: SamplesTicket, asked: SeriesQuery) -> Answered:
    """Return what was asked for the ticket's points, in their order; raise TooLarge past a limit."""
    width = asked.width or fitting(asked.start, asked.end, asked.buckets)
    numbers = [point.id for point in ticket.points if point.type != "string"]
    data: dict[str, Series | Buckets] = {}
    if numbers:
        data = await _numbers(reader, numbers, asked, width)
    found = []
    for point in ticket.points:
        if point.type == "string":
            samples = await reader.raw(point.id, asked.start, asked.end, MOST_TEXTS + 1)
            more = len(samples) > MOST_TEXTS
            found.append(Found(point, cut(samples, MOST_TEXTS) if more else samples, more))
        else:
            found.append(Found(point, data.get(point.id) or empty(point.id)))
    return Answered(width, found)


async def _numbers(reader: SampleReader, points: list[str], asked: SeriesQuery, width: int) -> dict[str, Series | Buckets]:
    match asked.form:
        case "samples":
            return await _samples(reader, points, asked, MOST_SAMPLES)
        case "lttb":
            return await _line(reader, points, asked)
        case "buckets":
            return await _buckets(reader, points, asked, width)
    buckets = await _buckets(reader, points, asked, width)
    most = min(MOST_SAMPLES, len(points) * max(500, SAMPLES_PER_BUCKET * (asked.end - asked.start) // width))
    if sum(int(one.counts.sum()) for one in buckets.values() if isinstance(one, Buckets)) > most:
        return buckets
    try:
        return await _samples(reader, points, asked, most)
    except TooLarge:
        # Failed reads are samples too, and no bucket counts them.
        return buckets


async def _buckets(reader: SampleReader, points: list[str], asked: SeriesQuery, width: int) -> dict[str, Series | Buckets]:
    start, end = snapped(asked.start, asked.end, width)
    count = (end - start) // width * len(points)
    if count > MOST_BUCKETS:
        raise TooLarge(
            f"{count:,} buckets are more than one answer holds.",
            where="width",
            remedy=f"Ask for at most {MOST_BUCKETS:,}: a greater width, a shorter time or fewer points.",
        )
    return {one.point: one for one in await reader.buckets(points, start, end, width)}


async def _samples(reader: SampleReader, points: list[str], asked: SeriesQuery, limit: int) -> dict[str, Series | Buckets]:
    margin = AROUND if asked.around else 0
    try:
        series = await reader.series(points, max(0, asked.start - margin), asked.end + margin, limit=limit)
    except TooLarge as error:
        raise TooLarge(
            f"There are more than {limit:,} samples in that time.",
            where="end",
            remedy="Ask for a shorter time, for buckets, or page through each point's samples.",
        ) from error
    return {one.point: around(one, asked.start, asked.end) if margin else one for one in series}


async def _line(reader: SampleReader, points: list[str], asked: SeriesQuery) -> dict[str, Series | Buckets]:
    found = await _samples(reader, points, asked, MOST_READ)

    def fewer() -> dict[str, Series | Buckets]:
        made: dict[str, Series | Buckets] = {}
        for id_, one in found.items():
            assert isinstance(one, Series)
            kept = shape(one.times, one.values, asked.buckets)
            made[id_] = Series(id_, one.times[kept], one.values[kept], one.qualities[kept])
        return made

    return await asyncio.to_thread(fewer)


def around(series: Series, start: int, end: int) -> Series:
    """Return the samples of [start, end) with the one before and the one after."""
    first, last = np.searchsorted(series.times, [start, end])
    kept = slice(max(0, int(first) - 1), int(last) + 1)
    return Series(series.point, series.times[kept], series.values[kept], series.qualities[kept])


def empty(point: str) -> Series:
    """Return the history of a point that has none."""
    return Series(point, np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.uint32))


def cut(samples: Samples, count: int) -> Samples:
    """Return the first `count` samples."""
    columns = (samples.points, samples.source_times, samples.server_times, samples.values, samples.qualities)
    return Samples(*(column[:count] for column in columns))  # type: ignore[arg-type]


async def page(reader: SampleReader, asked: RawQuery) -> RawSamples:
    """Return one page of a point's samples, each with a value of its own type."""
    samples = await reader.raw(asked.id, asked.start, asked.end, asked.limit + 1)
    full = len(samples) > asked.limit
    kept = cut(samples, asked.limit) if full else samples
    return RawSamples(
        times=kept.source_times,
        server_times=kept.server_times,
        values=kept.values,
        qualities=kept.qualities,
        next=samples.source_times[asked.limit] if full else None,
    )


def encoded(asked: SeriesQuery, answered: Answered) -> bytes:
    """Return the answer as the JSON of `SeriesAnswer`, made without an object for each number. NaN becomes null."""
    items = [{**msgspec.structs.asdict(one.point), **columns(one)} for one in answered.found]
    for item in items:
        item["point"] = item.pop("id")
    return msgspec.json.encode({"start": asked.start, "end": asked.end, "width": answered.width, "items": items})


def columns(found: Found) -> dict[str, object]:
    """Return the columns of one point as plain lists."""
    data = found.data
    none: list[float] = []
    if isinstance(data, Buckets):
        return {
            "form": "buckets",
            "times": data.starts.tolist(),
            "values": none,
            "qualities": data.worst.tolist(),
            "counts": data.counts.tolist(),
            "minima": data.minima.tolist(),
            "maxima": data.maxima.tolist(),
            "averages": data.averages.tolist(),
            "firsts": data.firsts.tolist(),
            "lasts": data.lasts.tolist(),
            "more": False,
        }
    if isinstance(data, Series):
        times, values, qualities = data.times.tolist(), data.values.tolist(), data.qualities.tolist()
    else:
        times, values, qualities = data.source_times, data.values, data.qualities
    shared = dict.fromkeys(("counts", "minima", "maxima", "averages", "firsts", "lasts"), none)
    return {"form": "samples", "times": times, "values": values, "qualities": qualities, **shared, "more": found.more}
