"""Points in core: values and writing, for whoever may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from math import isfinite
from typing import Any, Final
from uuid import uuid4

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.commands import Command
from sitewarden.domain.errors import BY_CODE, Invalid, NotFound, Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.points.samples import Latest, Value
from sitewarden.domain.refs import ref
from sitewarden.drivers.registry import manifest
from sitewarden.kit.driver import Manifest
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.points.messages import LATEST, LatestQuery
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.points import LatestValues, PointRef, PointValues, WritePoint, WriteResult, Writing
from sitewarden.store.interfaces import StateStore

WRITE_SECONDS: Final = 5.0
"""Time that a device has to carry out a write."""

Emit = Callable[[Sequence[Event]], Awaitable[None]]


class Points:
    """The operations on points' values; the iot worker holds the values and reaches the devices."""

    def __init__(self, bus: Bus, state: StateStore, subjects: Subjects, clock: Clock) -> None:
        self._bus = bus
        self._state = state
        self._subjects = subjects
        self._clock = clock

    def operations(self) -> list[Operation]:
        """Return the operations."""
        return [
            Operation("points.values", "point.read", PointValues, LatestValues, self._values, audit=False, filtered=True),
            Operation("points.writing", "point.write", PointRef, Writing, self._writing, entity=_point_of, audit=False),
            Operation("points.write", "point.write", WritePoint, WriteResult, self._write, entity=_point_of, detail=_written),
        ]

    async def _values(self, caller: Caller, query: PointValues) -> LatestValues:
        answer = await self._bus.request(LATEST, msgspec.msgpack.encode(LatestQuery(query.ids)))
        items = msgspec.msgpack.decode(answer, type=list[Latest])
        held = rights(caller.grants)
        if not held.everywhere("point.read"):
            of, parent = self._subjects.of, self._subjects.parent
            items = [item for item in items if held.allows("point.read", of(ref("point", item.point)), parent)]
        return LatestValues(items=items)

    async def _writing(self, caller: Caller, asked: PointRef) -> Writing:
        return Writing(priorities=self._driver(self._point(asked.id)).priorities)

    async def _write(self, caller: Caller, order: WritePoint) -> WriteResult:
        point = self._point(order.id)
        value = self._allowed(point, order)
        reason = order.reason or caller.reason
        command = Command(
            id=uuid4().hex,
            name="point.write",
            entity=ref("point", point.id),
            args={"value": value, "read_back": True} | _told(order.priority),
            issuer=caller.actor,
            reason=reason,
            timeout=WRITE_SECONDS,
        )
        result = await self._bus.command(command)
        if not result.ok:
            raise BY_CODE.get(result.code, Refusal)(result.what, where=command.entity, remedy=result.remedy)
        old, back, priority = result.value.get("old"), result.value.get("read_back"), result.value.get("priority")
        data = {
            "name": point.name,
            "old": _shown(old, point),
            "new": _shown(back if value is None else value, point) + _rank(value, priority),
            "actor": caller.actor,
            "values": {"old": old, "new": value, "read_back": back},
            "reason": reason,
        } | _told(priority)
        await self._bus.emit(
            [
                Event(
                    key=f"command/{command.id}",
                    type="point.written",
                    entity=command.entity,
                    time=self._clock.now(),
                    severity=severity("point.written"),
                    related=(caller.actor,),
                    text=describe("point.written", data),
                    data=data,
                )
            ]
        )
        return WriteResult(id=command.id, old=old, new=value, read_back=back, priority=priority)

    def _allowed(self, point: Point, order: WritePoint) -> Value:
        """Return the value as the point's type; None gives a priority back, where there are any."""
        if (order.value is not None and order.priority is None) or not point.writable:
            return checked(point, order.value)
        driver = self._driver(point)
        if not driver.priorities:
            what = "can be given back" if order.value is None else f"takes the priority {order.priority}"
            raise Invalid(
                f"{driver.title} knows no priorities: nothing of {point.name} {what}.",
                where="priority" if order.priority is not None else "value",
                remedy="Write a value without a priority.",
            )
        return None if order.value is None else checked(point, order.value)

    def _driver(self, point: Point) -> Manifest:
        device = self._state.get("device", point.device)
        endpoint = device and isinstance(device.entity, Device) and self._state.get("endpoint", device.entity.endpoint)
        if not endpoint or not isinstance(endpoint.entity, Endpoint):
            raise NotFound(f"The device of {point.name} is gone.", where=ref("point", point.id), remedy="Give it another device.")
        return manifest(endpoint.entity.driver)

    def _point(self, id_: str) -> Point:
        held = self._state.get("point", id_)
        if held is None or not isinstance(held.entity, Point):
            raise NotFound(f"There is no point {id_!r}.", where="id", remedy="Look at the list of points.")
        return held.entity


def checked(point: Point, value: Value) -> Value:
    """Return the value as the point's type; raise Invalid where it does not fit its type or limits."""
    if not point.writable:
        raise Invalid(f"{point.name} is read-only.", where=ref("point", point.id), remedy="Make the point writable first.")
    match point.type:
        case "string":
            if not isinstance(value, str):
                raise Invalid(f"{point.name} takes a text.", where="value")
            return value
        case "boolean":
            if not isinstance(value, (bool, int, float)) or value not in (0, 1):
                raise Invalid(f"{point.name} takes true or false.", where="value")
            return bool(value)
        case _:
            return _number(point, value)


def _number(point: Point, value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise Invalid(f"{point.name} takes a number.", where="value")
    if point.type == "integer" and value != int(value):
        raise Invalid(f"{point.name} takes a whole number.", where="value")
    low, high = point.minimum, point.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        span = f"{'' if low is None else f'from {low:g} '}{'' if high is None else f'up to {high:g} '}{point.unit}".strip()
        raise Invalid(f"{value:g} is outside the limits of {point.name}.", where="value", remedy=f"Give a value {span}.")
    return int(value) if point.type == "integer" else value


def _shown(value: Any, point: Point) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (int, float)):
        return f"{value:.{point.decimals}f} {point.unit}".strip()
    return "unknown" if value is None else str(value)


def _told(priority: int | None) -> dict[str, Any]:
    return {} if priority is None else {"priority": priority}


def _rank(value: Value, priority: int | None) -> str:
    """What stands behind the new value in the event's sentence."""
    if value is None:
        return " (given back)" if priority is None else f" (priority {priority} given back)"
    return "" if priority is None else f" (priority {priority})"


def _point_of(params: WritePoint | PointRef) -> str:
    return ref("point", params.id)


def _written(order: WritePoint) -> dict[str, Any]:
    return {"value": order.value} | _told(order.priority)
