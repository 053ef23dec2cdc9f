"""Messages of the time-series service."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Expression = Annotated[str, Meta(min_length=1, max_length=32_768, description="PromQL, see docs/timeseries.md.")]


class TimeSeriesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A query at one moment."""

    query: Expression
    time: int | None = None
    """Microseconds since 1970 UTC; now unless given."""


class TimeSeriesRange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A query over steps. Times are microseconds since 1970 UTC."""

    query: Expression
    start: int
    end: int
    """The last step is at or before it."""
    step: Annotated[int, Meta(ge=1000, description="Microseconds between two steps.")]


class TimeSeriesLine(Struct, frozen=True, kw_only=True):
    """One series of a result, in columns of equal length."""

    labels: dict[str, str]
    times: list[int]
    values: list[float | None]
    """Null where it is no finite number."""


class TimeSeriesResult(Struct, frozen=True, kw_only=True):
    """What a query gave. A vector and a scalar have one value a series, a string has its text."""

    kind: Literal["matrix", "vector", "scalar", "string"]
    series: list[TimeSeriesLine]
    text: str = ""


class ReadableStamp(Struct, frozen=True, kw_only=True):
    """What stands for the points that the caller may read; it changes when they, their labels or the rights do."""

    stamp: str


class ReadablePoint(Struct, frozen=True, kw_only=True):
    """A point as a metric."""

    id: str
    labels: dict[str, str]
    help: str


class ReadablePoints(Struct, frozen=True, kw_only=True):
    """The points with numbers that the caller may read."""

    stamp: str
    items: list[ReadablePoint]


class ReceivablePoint(Struct, frozen=True, kw_only=True):
    """A point whose values another system delivers."""

    id: str
    endpoint: str
    labels: dict[str, str]
    """What a series must have to be the point's; `__name__` is among them."""


class ReceivablePoints(Struct, frozen=True, kw_only=True):
    """The points that the caller may deliver to."""

    stamp: str
    items: list[ReceivablePoint]
