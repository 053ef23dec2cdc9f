"""Core's part of remote write: which points a caller may deliver to, and which series each of them is."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from typing import Final

from sitewarden.domain.errors import Invalid
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.points.metrics import has_numbers
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.refs import ref
from sitewarden.drivers.prometheus.manifest import MANIFEST
from sitewarden.drivers.prometheus.mapping import wanted
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.timeseries import ReadableStamp, ReceivablePoint, ReceivablePoints
from sitewarden.services.timeseries.readable import KINDS, TURN
from sitewarden.store.interfaces import Change, StateStore

ACTION: Final = "point.deliver"


class Receivable:
    """The operations. What is delivered is not audited, as no other reading of a value is; refusals are."""

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
        """Return the operations: `timeseries.write` is asked at every request, `timeseries.receivable` when its stamp is new."""
        return [
            Operation("timeseries.write", ACTION, Nothing, ReadableStamp, self._stamped, audit=False, filtered=True),
            Operation("timeseries.receivable", ACTION, Nothing, ReceivablePoints, self._points, audit=False, filtered=True),
        ]

    async def _stamped(self, caller: Caller, asked: Nothing) -> ReadableStamp:
        return ReadableStamp(stamp=self._stamp(caller))

    def _stamp(self, caller: Caller) -> str:
        selectors = sorted(rights(caller.grants).selectors(ACTION))
        return hashlib.sha256("\n".join([f"{self._born} {self._changes}", *selectors]).encode()).hexdigest()[:32]

    async def _points(self, caller: Caller, asked: Nothing) -> ReceivablePoints:
        stamp, held = self._stamp(caller), rights(caller.grants)
        sources = {
            one.entity.id
            for one in self._state.list("endpoint")
            if isinstance(one.entity, Endpoint) and one.entity.enabled and one.entity.driver == MANIFEST.name
        }
        devices = {
            one.entity.id: one.entity
            for one in self._state.list("device")
            if isinstance(one.entity, Device) and one.entity.enabled and one.entity.endpoint in sources
        }
        items: list[ReceivablePoint] = []
        for number, one in enumerate(self._state.list("point") if devices else ()):
            if number % TURN == TURN - 1:
                await asyncio.sleep(0)
            point = one.entity
            device = devices.get(point.device) if isinstance(point, Point) and has_numbers(point) else None
            if device is None or not isinstance(point, Point):
                continue
            reference = ref("point", point.id)
            if not held.allows(ACTION, self._subjects.of(reference), self._subjects.parent):
                continue
            try:
                labels = wanted(device.config, point.address, reference)
            except Invalid:
                # The endpoint says it: it is not started with such a point.
                continue
            items.append(ReceivablePoint(id=point.id, endpoint=device.endpoint, labels=labels))
        return ReceivablePoints(stamp=stamp, items=items)
