"""Points' history from the command line: core says what may be read, the store is read here, whether a node runs or not."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

import msgspec

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.app.samples import reading
from sitewarden.domain.access.roster.cells import moment
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.domain.points.quality import Quality, is_bad, is_good
from sitewarden.domain.points.samples import Value
from sitewarden.kit.clock import SystemClock
from sitewarden.services.points.export import exported
from sitewarden.services.points.reading import columns, read
from sitewarden.services.surface.samples import SamplesExport, SamplesTicket, SeriesQuery
from sitewarden.store.interfaces import SampleReader

_AGO: Final = re.compile(r"(\d{1,5})(s|min|h|d|w)").fullmatch
_UNITS: Final = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_NAMES: Final = {int(code): code.name.lower().replace("_", " ") for code in Quality}


def history(
    settings_path: Path | None,
    points: Sequence[str],
    *,
    start: str,
    end: str,
    buckets: int,
    csv: Path | None,
    parquet: Path | None,
    json: bool,
) -> None:
    """Show or write points' history."""
    settings = settled(settings_path)
    if csv is not None and parquet is not None:
        raise Invalid("One file at a time.", where="--parquet", remedy="Give --csv or --parquet.")

    async def work(ask: Ask) -> None:
        zone = ZoneInfo((await ask("site.get"))["timezone"])
        span = {"start": time_of(start, zone, end=False), "end": time_of(end, zone, end=True)}
        async with reading(settings) as reader:
            file = csv or parquet
            if file is not None:
                form = "csv" if csv is not None else "parquet"
                params = {"point": list(points), "form": form, **span}
                ticket = await _ticket(ask, "samples.export", params)
                await _write(exported(reader, ticket, msgspec.convert(params, SamplesExport)), file)
            else:
                if buckets in (1, 2):
                    raise Invalid(f"{buckets} spans draw no curve.", where="--buckets", remedy="Ask for 3 or more, or for none.")
                form = "buckets" if buckets else "samples"
                params = {"point": list(points), "form": form, "buckets": buckets or 3, **span}
                ticket = await _ticket(ask, "samples.series", params)
                await _show(reader, ticket, msgspec.convert(params, SeriesQuery), zone, json)

    with_platform(settings, work)


async def _ticket(ask: Ask, operation: str, params: dict[str, Any]) -> SamplesTicket:
    return msgspec.convert(await ask(operation, **params), SamplesTicket)


async def _write(pieces: AsyncIterator[bytes], path: Path) -> None:
    """Write a file as a whole or not at all; "-" is standard output."""
    if str(path) == "-":
        await _pour(pieces, sys.stdout.buffer)
        return
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            size = await _pour(pieces, file)
        part.replace(path)
    except OSError as error:
        raise Refusal(f"The file cannot be written: {error.strerror}.", where=str(path), remedy="Name another.") from error
    finally:
        part.unlink(missing_ok=True)
    show.err.print(f"{path}: {size:,} bytes")


async def _pour(pieces: AsyncIterator[bytes], file: BinaryIO) -> int:
    size = 0
    async for piece in pieces:
        size += file.write(piece)
    return size


async def _show(reader: SampleReader, ticket: SamplesTicket, asked: SeriesQuery, zone: ZoneInfo, json: bool) -> None:
    answered = await read(reader, ticket, asked)
    if json:
        items = [{**columns(one), "point": one.point.id} for one in answered.found]
        show.as_json({"start": asked.start, "end": asked.end, "width": answered.width, "items": items})
        return
    for one in answered.found:
        data, point = columns(one), one.point
        rows: list[dict[str, object]] = []
        heads = [("time", "time"), ("value", point.unit or "value"), ("quality", "quality")]
        if data["form"] == "buckets":
            heads[2:2] = [("low", "least"), ("high", "greatest"), ("count", "samples")]
        for index, time in enumerate(data["times"]):  # type: ignore[arg-type,var-annotated]
            row: dict[str, object] = {"time": show.moment(time, zone), "quality": quality(data["qualities"][index])}  # type: ignore[index]
            if data["form"] == "buckets":
                for key, column in (("value", "averages"), ("low", "minima"), ("high", "maxima")):
                    row[key] = said(data[column][index], point.decimals)  # type: ignore[index]
                row["count"] = data["counts"][index]  # type: ignore[index]
            else:
                row["value"] = said(data["values"][index], point.decimals)  # type: ignore[index]
            rows.append(row)
        show.table(rows, heads, title=f"{point.name} ({point.id})", empty=f"{point.id}: no samples in this time.")


def said(value: Value, decimals: int) -> str:
    """Return a value as a table shows it."""
    if value is None or value != value:
        return ""
    return f"{value:.{decimals}f}" if isinstance(value, float) else str(value)


def quality(code: int) -> str:
    """Return a StatusCode in words."""
    return _NAMES.get(code) or ("good" if is_good(code) else "bad" if is_bad(code) else "uncertain") + f" 0x{code:08X}"


def time_of(text: str, zone: ZoneInfo, *, end: bool) -> int:
    """Return a moment of "2026-03-01", "2026-03-01 08:00", "2h" ago (s, min, h, d, w), or now."""
    now = SystemClock().now()
    if text in ("", "now"):
        return now
    ago = _AGO(text)
    if ago is not None:
        return now - int(timedelta(**{_UNITS[ago[2]]: int(ago[1])}).total_seconds() * 1e6)
    return moment(text, zone, end=end)
