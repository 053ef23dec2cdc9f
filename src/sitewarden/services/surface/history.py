"""Messages of the event log: search, counts over time, export."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.events import StoredEvent

Form = Annotated[Literal["csv", "jsonl"], Meta(description="CSV for spreadsheets, JSON Lines for programs.")]
By = Annotated[Literal["severity", "type"], Meta(description="What the counts are told apart by.")]
Moment = Annotated[int, Meta(ge=0, lt=1 << 62)]


class EventSearch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is searched for; all that is given must hold. Times are microseconds since 1970 UTC."""

    type: Annotated[tuple[Annotated[str, Meta(max_length=80)], ...], Meta(max_length=40)] = ()
    """Exact types, or prefixes that end in ".*"."""
    entity: Annotated[str, Meta(max_length=140)] | None = None
    """A reference: the subject of the event, or related to it."""
    area: Annotated[str, Meta(max_length=63)] = ""
    """An area: whatever stands in it, or in an area within it."""
    holder: Annotated[str, Meta(max_length=63)] = ""
    """A person (credential holder) whom the event concerns."""
    source: Annotated[str, Meta(max_length=140)] = ""
    """Who told it: the first part of the event's key, such as the id of a controller."""
    severity: Annotated[int, Meta(ge=0, le=3)] = 0
    start: Moment | None = None
    end: Moment | None = None
    q: Annotated[str, Meta(max_length=200)] = ""
    """Text within the event's line and its values."""


class EventQuery(EventSearch, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events. With `after` upwards from there, otherwise downwards from the newest or from `before`."""

    after: Annotated[int, Meta(ge=0)] | None = None
    before: Annotated[int, Meta(ge=0)] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class EventPage(Struct, frozen=True, kw_only=True):
    """Events, and where to go on: `next` is the next `after` or `before`; None at the end."""

    items: list[StoredEvent]
    next: int | None
    searched: int | None = None
    """Where the search stopped for want of time: all up to the event of this time was looked at. Go on from `next`."""


class EventCountQuery(EventSearch, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to count, over the whole log unless `start` and `end` are given."""

    by: By = "severity"
    steps: Annotated[int, Meta(ge=2, le=500, description="At most so many steps of time.")] = 120


class EventSeries(Struct, frozen=True, kw_only=True):
    """The counts of one severity ("0" to "3") or type; "" holds the types that are rare."""

    name: str
    counts: list[int]


class EventCounts(Struct, frozen=True, kw_only=True):
    """Counts over time: step number n begins at `start` + n * `step`, in microseconds since 1970 UTC."""

    start: int
    end: int
    step: int
    series: list[EventSeries]
    total: int
    reached: int | None = None
    """Where there was no time to count all: events from before this time are not in it."""


class EventExport(EventSearch, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events, oldest first, as a ZIP with a signed manifest."""

    form: Form = "csv"
    reason: Annotated[str, Meta(max_length=500, description="Why; stands in the manifest and in the audit log.")] = ""
