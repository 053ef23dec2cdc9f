"""Records and reports of controllers to events and statuses. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final, NamedTuple

import msgspec

from sitewarden.domain.access.zones import ZONE_KINDS
from sitewarden.domain.catalogue import CATALOGUE, describe, severity
from sitewarden.domain.events import Event
from sitewarden.domain.refs import is_id, ref, split_ref
from sitewarden.domain.status import Status
from sitewarden.wire.controller import DoorReport, Record

UNREADABLE: Final = "controller.log-gap"
_PARTS: Final = ("access.", "door.", "controller.", "zone.")
_KINDS: Final = ("access-point", "door", "credential-holder", "credential")
_decode = msgspec.msgpack.Decoder(Record).decode


class Relay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a laptop relays: records with their indexes, encoded as the controller sent them, and how its doors are."""

    epoch: Annotated[int, msgspec.Meta(ge=0, le=2**62)]
    records: Annotated[tuple[tuple[Annotated[int, msgspec.Meta(ge=1, le=2**62)], bytes], ...], msgspec.Meta(max_length=512)] = ()
    doors: Annotated[tuple[DoorReport, ...], msgspec.Meta(max_length=256)] = ()


Indexed = tuple[int, Record | None]


def read_records(rows: Sequence[tuple[int, bytes]]) -> list[Indexed]:
    """Decode (index, body) rows; None stands for one that cannot be read."""
    return [(index, _read(body)) for index, body in rows]


def _read(body: bytes) -> Record | None:
    try:
        record = _decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    if not _of_controller(record.type):
        return None
    for id_ in (record.door, record.access_point, record.credential, record.holder):
        if id_ and not _is_id(id_):
            return None
    return record


@lru_cache(maxsize=1024)
def _of_controller(type_: str) -> bool:
    return type_ in CATALOGUE and type_.startswith(_PARTS)


_is_id = lru_cache(maxsize=65536)(is_id)


def references(records: Sequence[Indexed], controller: str) -> set[str]:
    """Return the references whose names the events need."""
    wanted = {ref("controller", controller)}
    for places in {
        (record.access_point, record.door, record.holder, record.credential) for _, record in records if record is not None
    }:
        wanted.update(_related(places))
    wanted.update(zone for _, record in records if record is not None and (zone := _zone(record)))
    return wanted


Places = tuple[str, str, str, str]
"""Ids of access point, door, holder and credential; empty where a record names none."""


class Scene(NamedTuple):
    """What all records of the same places have in common."""

    entity: str
    name: str
    related: tuple[str, ...]
    passage: dict[str, Any]


class Mapper:
    """Makes events of a controller's records, batch after batch of one log.

    An event's key is (device, epoch, index). What a controller says of a door that is not its own is kept as said by the
    controller. `relayed_by` is who brought the records instead of the controller itself; it stands in the events.
    """

    def __init__(
        self, controller: str, epoch: int, doors: Collection[str], names: Mapping[str, str], *, relayed_by: str = ""
    ) -> None:
        self._prefix = f"{controller}/{epoch}/"
        self._own = ref("controller", controller)
        self._name = names.get(self._own, controller)
        self._doors, self._names, self._relayed_by = doors, names, relayed_by
        self._scenes: dict[tuple[bool, Places], Scene] = {}

    def events(self, records: Sequence[Indexed], now: int) -> list[Event]:
        """Return the events; `now` stands in where a record cannot be read."""
        return [self.event(index, record, now) for index, record in records]

    def event(self, index: int, record: Record | None, now: int) -> Event:
        """Return the event of one record."""
        if record is None:
            return self._unreadable(index, now)
        type_, data = record.type, record.data
        passing = type_.startswith("access.")
        places = (record.access_point, record.door, record.holder, record.credential)
        scene = self._scenes.get((passing, places))
        if scene is None:
            scene = self._scenes[passing, places] = self._scene(places, passing=passing)
        if passing:
            data |= scene.passage
        data["name"] = scene.name
        if self._relayed_by:
            data["relayed_by"] = self._relayed_by
        entity, related = scene.entity, scene.related
        if zone := _zone(record):
            entity, related = zone, tuple(dict.fromkeys((*related, scene.entity)))
            self._of_zone(zone, record)
        return Event(
            key=f"{self._prefix}{index}",
            type=type_,
            entity=entity,
            time=record.time,
            severity=severity(type_),
            related=related,
            text=describe(type_, data),
            data=data,
        )

    def _of_zone(self, zone: str, record: Record) -> None:
        """Complete the data of what happened to a zone."""
        data, holder = record.data, record.holder
        data["name"] = self._names.get(zone, zone.partition(":")[2])
        data |= {"holder": holder, "holder_name": self._names.get(ref("credential-holder", holder), holder) if holder else ""}
        data.setdefault("actor", self._own)

    def _scene(self, places: Places, *, passing: bool) -> Scene:
        point, door, _, _ = places
        entity = self._own
        if not door or door in self._doors:
            if passing and point:
                entity = ref("access-point", point)
            elif door:
                entity = ref("door", door)
        related = tuple(reference for reference in (*_related(places), self._own) if reference != entity)
        name = self._names.get(entity, entity.partition(":")[2])
        return Scene(entity, name, related, self._passage(places))

    def _passage(self, places: Places) -> dict[str, Any]:
        point, door, holder, credential = places
        names = self._names
        return {
            "access_point": point,
            "access_point_name": names.get(ref("access-point", point), point),
            "door": door,
            "holder": holder or None,
            "holder_name": names.get(ref("credential-holder", holder), holder) if holder else "Somebody unknown",
            "credential": credential or None,
        }

    def _unreadable(self, index: int, now: int) -> Event:
        data: dict[str, Any] = {"name": self._name, "count": 1, "detail": "a record could not be read", "index": index}
        if self._relayed_by:
            data["relayed_by"] = self._relayed_by
        return Event(
            key=f"{self._prefix}{index}",
            type=UNREADABLE,
            entity=self._own,
            time=now,
            severity=severity(UNREADABLE),
            text=describe(UNREADABLE, data),
            data=data,
        )


def _related(places: Places) -> list[str]:
    return [ref(kind, id_) for kind, id_ in zip(_KINDS, places, strict=True) if id_]


def _zone(record: Record) -> str:
    """Return the reference of the zone that a record is about; empty where it names none."""
    if not record.type.startswith("zone."):
        return ""
    named = record.data.get("zone")
    kind, id_ = split_ref(named) if isinstance(named, str) else ("", "")
    return str(named) if kind in ZONE_KINDS and is_id(id_) else ""


def refused(controller: str, name: str, detail: str, now: int) -> Event:
    """Return the event of a controller that was refused though the site's CA signed its certificate."""
    data = {"name": name, "detail": detail}
    return Event(
        key=f"refused/{controller}/{now}",
        type="controller.refused",
        entity=ref("controller", controller),
        time=now,
        severity=severity("controller.refused"),
        text=describe("controller.refused", data),
        data=data,
    )


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
