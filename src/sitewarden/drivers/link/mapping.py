"""Records and reports of controllers to events and statuses. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from sitewarden.domain.catalogue import CATALOGUE, describe, severity
from sitewarden.domain.events import Event
from sitewarden.domain.refs import is_id, ref
from sitewarden.domain.status import Status
from sitewarden.wire.controller import DoorReport, Record

UNREADABLE: Final = "controller.log-gap"
_PARTS: Final = ("access.", "door.", "controller.")
_decode = msgspec.msgpack.Decoder(Record).decode

Indexed = tuple[int, Record | None]


def read_records(rows: Sequence[tuple[int, bytes]]) -> list[Indexed]:
    """Decode (index, body) rows; None stands for one that cannot be read."""
    return [(index, _read(body)) for index, body in rows]


def _read(body: bytes) -> Record | None:
    try:
        record = _decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    if record.type not in CATALOGUE or not record.type.startswith(_PARTS):
        return None
    return (
        record
        if all(not id_ or is_id(id_) for id_ in (record.door, record.access_point, record.credential, record.holder))
        else None
    )


def references(records: Sequence[Indexed], controller: str) -> set[str]:
    """Return the references whose names the events need."""
    wanted = {ref("controller", controller)}
    for _, record in records:
        if record is not None:
            wanted.update(_related(record))
    return wanted


def event(
    controller: str, epoch: int, index: int, record: Record | None, now: int, doors: Collection[str], names: Mapping[str, str]
) -> Event:
    """Return the event of a record; its key is (device, epoch, index). `now` stands in where the record cannot be read.

    What a controller says of a door that is not its own is kept as said by the controller.
    """
    key = f"{controller}/{epoch}/{index}"
    own = ref("controller", controller)
    name = names.get(own, controller)
    if record is None:
        data: dict[str, Any] = {"name": name, "count": 1, "detail": "a record could not be read", "index": index}
        return Event(
            key=key,
            type=UNREADABLE,
            entity=own,
            time=now,
            severity=severity(UNREADABLE),
            text=describe(UNREADABLE, data),
            data=data,
        )
    entity = own
    if not record.door or record.door in doors:
        if record.type.startswith("access.") and record.access_point:
            entity = ref("access-point", record.access_point)
        elif record.door:
            entity = ref("door", record.door)
    data = dict(record.data)
    if record.type.startswith("access."):
        data |= _passage(record, names)
    data["name"] = names.get(entity, entity.partition(":")[2])
    return Event(
        key=key,
        type=record.type,
        entity=entity,
        time=record.time,
        severity=severity(record.type),
        related=tuple(reference for reference in (*_related(record), own) if reference != entity),
        text=describe(record.type, data),
        data=data,
    )


def _passage(record: Record, names: Mapping[str, str]) -> dict[str, Any]:
    holder, point = ref("credential-holder", record.holder), ref("access-point", record.access_point)
    return {
        "access_point": record.access_point,
        "access_point_name": names.get(point, record.access_point),
        "door": record.door,
        "holder": record.holder or None,
        "holder_name": names.get(holder, record.holder) if record.holder else "Somebody unknown",
        "credential": record.credential or None,
    }


def _related(record: Record) -> list[str]:
    kinds = (
        ("access-point", record.access_point),
        ("door", record.door),
        ("credential-holder", record.holder),
        ("credential", record.credential),
    )
    return [ref(kind, id_) for kind, id_ in kinds if id_]


def door_status(report: DoorReport, now: int) -> Status:
    """Return the status of a door whose controller is connected."""
    return Status(
        ref=ref("door", report.door),
        state="online",
        since=now,
        data={
            "mode": str(report.mode),
            "lock": "locked" if report.locked else "unlocked",
            "physical": "open" if report.open else "closed",
            "alarm": report.alarm,
            "tamper": "active" if report.tamper else "normal",
            "fault": "active" if report.fault else "normal",
            "faults": list(report.faults),
            "priority": report.priority,
            "held_by": report.held_by,
            "pre_alarm": report.pre_alarm,
            "lock_seen": report.lock_seen,
            "first_person": report.first_person,
        },
    )


def lost_door(door: str, controller: str, last: DoorReport | None, now: int, *, awaited: bool = False) -> Status:
    """Return the status of a door whose controller is not connected; what was known last stays readable.

    `awaited` tells that the controller still has time to dial in.
    """
    state, not_ = ("pending", "not yet") if awaited else ("offline", "not")
    data = door_status(last, now).data if last is not None else {}
    return Status(ref=ref("door", door), state=state, detail=f"controller {controller} is {not_} connected", since=now, data=data)
