"""Core's part: which points with numbers a caller may read, and their labels. The samples themselves never pass core."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from sitewarden.domain.identity.grants import rights
from sitewarden.domain.points.metrics import has_numbers, help_of, labels_of
from sitewarden.domain.points.model import Point
from sitewarden.domain.refs import ref
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.timeseries import (
    ReadablePoint,
    ReadablePoints,
    ReadableStamp,
    TimeSeriesQuery,
    TimeSeriesRange,
)
from sitewarden.store.interfaces import Change, StateStore

ACTION: Final = "point.read"
KINDS: Final = frozenset({"point", "device", "endpoint", "area"})
"""What labels and grants of points hang on."""
TURN: Final = 200
"""Points that are looked at before others have their turn."""


class Readable:
    """The operations."""

    def __init__(self, state: StateStore, subjects: Subjects) -> None:
        self._state = state
        self._subjects = subjects
        self._born = secrets.token_hex(8)
        self._changes = 0
        state.watch(self._changed)

    def _changed(self, changes: Sequence[Change]) -> None:
        if any(change.kind in KINDS for change in changes):
            self._changes += 1

    def operations(self) -> list[Operation]:
        """Return the operations; reading values is not audited, as on every other way to them, refusals are."""
        return [
            Operation("timeseries.stamp", ACTION, Nothing, ReadableStamp, self._stamped, audit=False, filtered=True),
            Operation("timeseries.query", ACTION, TimeSeriesQuery, ReadableStamp, self._stamped, audit=False, filtered=True),
            Operation("timeseries.range", ACTION, TimeSeriesRange, ReadableStamp, self._stamped, audit=False, filtered=True),
            Operation("timeseries.points", ACTION, Nothing, ReadablePoints, self._points, audit=False, filtered=True),
        ]

    async def _stamped(self, caller: Caller, asked: Struct) -> ReadableStamp:
        return ReadableStamp(stamp=self._stamp(caller))

    def _stamp(self, caller: Caller) -> str:
        selectors = sorted(rights(caller.grants).selectors(ACTION))
        return hashlib.sha256("\n".join([f"{self._born} {self._changes}", *selectors]).encode()).hexdigest()[:32]

    async def _points(self, caller: Caller, asked: Nothing) -> ReadablePoints:
        stamp = self._stamp(caller)
        held = rights(caller.grants)
        items: list[ReadablePoint] = []
        for number, one in enumerate(self._state.list("point")):
            if number % TURN == TURN - 1:
                await asyncio.sleep(0)
            point = one.entity
            if not isinstance(point, Point) or not has_numbers(point):
                continue
            subject = self._subjects.of(ref("point", point.id))
            if held.allows(ACTION, subject, self._subjects.parent):
                labels = labels_of(point, subject.area, subject.tags)
                items.append(ReadablePoint(id=point.id, labels=labels, help=help_of(point)))
        return ReadablePoints(stamp=stamp, items=items)
