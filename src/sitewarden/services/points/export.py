"""Points' history as a file, made while it is sent: pages of samples or buckets become rows, so memory stays bounded."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Final

import numpy as np

from sitewarden.domain.clock import to_datetime
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.domain.points.series import Buckets
from sitewarden.services.points.parquet import BucketFile, SampleFile, available
from sitewarden.services.surface.samples import KnownPoint, SamplesExport, SamplesTicket
from sitewarden.store.interfaces import SampleReader

PAGE: Final = 50_000
"""Samples, or buckets, that are in memory at once."""

SAMPLE_HEAD: Final = ("point", "time", "value", "quality", "server_time")
BUCKET_HEAD: Final = ("point", "start", "count", "minimum", "maximum", "average", "first", "last", "worst_quality")


async def exported(reader: SampleReader, ticket: SamplesTicket, asked: SamplesExport) -> AsyncIterator[bytes]:
    """Yield the file piece by piece: point after point, each in order of time."""
    if asked.form == "csv":
        yield _lines([BUCKET_HEAD if asked.width else SAMPLE_HEAD])
        async for found in pages(reader, ticket, asked):
            yield await asyncio.to_thread(_rows, found)
        return
    available()
    file: SampleFile | BucketFile = BucketFile() if asked.width else SampleFile()
    async for found in pages(reader, ticket, asked):
        yield await asyncio.to_thread(file.add, found)  # type: ignore[arg-type]
    yield file.close()


async def pages(reader: SampleReader, ticket: SamplesTicket, asked: SamplesExport) -> AsyncIterator[Samples | Buckets]:
    """Yield what is asked for in pages of at most `PAGE`; none is empty. Texts are samples, and have no buckets."""
    for point in ticket.points:
        if asked.width:
            async for buckets in _buckets(reader, point, asked, asked.width):
                yield buckets
            continue
        start = asked.start
        while start < asked.end:
            samples = await reader.raw(point.id, start, asked.end, PAGE)
            if not samples.points:
                break
            yield samples
            start = samples.source_times[-1] + 1


async def _buckets(reader: SampleReader, point: KnownPoint, asked: SamplesExport, width: int) -> AsyncIterator[Buckets]:
    if point.type == "string":
        return
    start = asked.start // width * width
    while start < asked.end:
        end = min(start + PAGE * width, -(-asked.end // width) * width)
        for one in await reader.buckets([point.id], start, end, width):
            if len(one):
                yield one
        start = end


def _rows(found: Samples | Buckets) -> bytes:
    if isinstance(found, Samples):
        return _lines(
            [point, _moment(time), _shown(value), _quality(quality), _moment(server)]
            for point, time, server, value, quality in zip(
                found.points, found.source_times, found.server_times, found.values, found.qualities, strict=True
            )
        )
    numbers = (found.minima, found.maxima, found.averages, found.firsts, found.lasts)
    return _lines(
        [found.point, _moment(start), count, *(_shown(number) for number in row), _quality(worst)]
        for start, count, worst, *row in zip(
            found.starts.tolist(),
            found.counts.tolist(),
            found.worst.tolist(),
            *(np.asarray(column).tolist() for column in numbers),
            strict=True,
        )
    )


def _lines(rows: object) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)  # type: ignore[arg-type]
    return text.getvalue().encode()


def _moment(time: int) -> str:
    """Return a time as RFC 3339 in UTC, with microseconds: spreadsheets and programs read the same."""
    return to_datetime(time).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _quality(code: int) -> str:
    return f"0x{code:08X}"


def _shown(value: Value) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    # A text that a spreadsheet would run as a formula is quoted by an apostrophe.
    if isinstance(value, str):
        return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
    return repr(value)
