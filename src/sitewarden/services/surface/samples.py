"""Messages of points' history: what is asked, the ticket that core gives the web process, and the columns that come of it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id
from sitewarden.domain.points.samples import Value

Moment = Annotated[int, Meta(ge=0, lt=1 << 61, description="Microseconds since 1970 UTC.")]
Type = Literal["number", "integer", "boolean", "string"]

MOST_POINTS: Final = 50
"""Points in one query."""
MOST_EXPORTED: Final = 1_000
"""Points in one export."""


class SeriesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which points, which time, and in which form.

    `buckets` divide the time into at most so many spans of equal width, `width` into spans of that many microseconds.
    `samples` are each sample, `lttb` those of them that draw the same line. `auto` gives samples where they are few and
    buckets otherwise. Texts have no buckets: they come as samples in each form.
    """

    point: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=MOST_POINTS)]
    start: Moment
    end: Moment
    form: Literal["auto", "buckets", "samples", "lttb"] = "auto"
    buckets: Annotated[int, Meta(ge=3, le=20_000)] = 500
    """At most so many for each point; with lttb so many samples."""
    width: Annotated[int, Meta(ge=1_000, le=400 * 86_400_000_000)] | None = None
    """Microseconds; takes the place of `buckets`."""
    around: bool = False
    """Of samples, also the last one before the time and the first one after it, so that a line goes on to the edges."""


class RawQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of one point's history. [start, end)."""

    id: Id
    start: Moment
    end: Moment
    limit: Annotated[int, Meta(ge=1, le=50_000)] = 5000


class SamplesExport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which points and time go into a file: each sample, or buckets where a width is given. [start, end)."""

    point: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=MOST_EXPORTED)]
    start: Moment
    end: Moment
    form: Literal["csv", "parquet"] = "csv"
    width: Annotated[int, Meta(ge=1_000, le=400 * 86_400_000_000)] | None = None
    """Microseconds of a bucket; none: each sample."""


class KnownPoint(Struct, frozen=True, kw_only=True):
    """A point that may be read, and what is needed to write its values."""

    id: str
    name: str
    type: Type
    unit: str
    decimals: int


class SamplesTicket(Struct, frozen=True, kw_only=True):
    """What core says may be read; whoever holds it reads the store."""

    points: tuple[KnownPoint, ...]


class RawSamples(Struct, frozen=True, kw_only=True):
    """Samples in columns of equal length, in order of time."""

    times: list[int]
    """Source times."""
    server_times: list[int]
    values: list[Value]
    qualities: list[int]
    """OPC UA StatusCodes."""
    next: int | None
    """Where the next page starts; none at the end."""


class PointColumns(Struct, frozen=True, kw_only=True):
    """One point's history in columns of equal length, in order of time. Numbers that there are none of are null."""

    point: str
    name: str
    type: Type
    unit: str
    decimals: int
    form: Literal["samples", "buckets"]
    times: list[int]
    """Source times of samples, or the beginnings of buckets; a bucket without a sample has no entry."""
    values: list[float | str | None]
    """Of samples: numbers (Booleans are 0 and 1) or texts. Empty for buckets."""
    qualities: list[int]
    """OPC UA StatusCodes; of a bucket, the worst."""
    counts: list[int]
    """Of buckets: samples that have a number. Empty for samples, as what follows."""
    minima: list[float | None]
    maxima: list[float | None]
    averages: list[float | None]
    """By time: a value holds until the next sample."""
    firsts: list[float | None]
    lasts: list[float | None]
    more: bool
    """True where texts were more than are given; the rest begins after the last time."""


class SeriesAnswer(Struct, frozen=True, kw_only=True):
    """The history of several points over the same time."""

    start: int
    end: int
    width: int
    """Of a bucket, in microseconds, whether or not buckets are given."""
    items: list[PointColumns]
