"""What runs in a child: a file of machines read and planned, or the machines written as one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.points.tables import rows, writing
from sitewarden.domain.points.tables.changes import MachineChange, MachineCounts, Mode
from sitewarden.domain.points.tables.columns import MODELS, SETTINGS
from sitewarden.domain.points.tables.rows import Row
from sitewarden.domain.tabular import LineError, decoded
from sitewarden.services import config_secrets
from sitewarden.services.aside import Tell
from sitewarden.services.points.tables import documents, ede
from sitewarden.services.points.tables.plan import Machines, plan
from sitewarden.services.site_plan import document
from sitewarden.services.spool import read_items, write_items
from sitewarden.services.surface.entities import PLURALS

CHUNK: Final = 500
"""Entities in one item of a file, so that nobody decodes for long at a time."""
_HEAD: Final = """\
# Machines of a Sitewarden server: endpoints, devices and points. `sitewarden machine import --plan FILE` shows what it
# would change, `sitewarden machine import FILE` adds and changes; nothing is deleted.
# "(kept)" stands for a secret that the server holds.
"""


class Part(Struct, frozen=True, array_like=True):
    """A part of the machines; `lines` of a plan stands for the entities in order."""

    endpoints: list[Endpoint] = []
    devices: list[Device] = []
    points: list[Point] = []
    lines: list[int] = []

    def entities(self) -> Iterator[tuple[str, Endpoint | Device | Point]]:
        """Yield kind and entity."""
        for kind, items in (("endpoint", self.endpoints), ("device", self.devices), ("point", self.points)):
            for item in items:
                yield kind, item


class Planned(Struct, frozen=True, kw_only=True):
    """What came of it. `digest` stands for all that would change, before and after, `source` for the file."""

    counts: MachineCounts
    errors: list[LineError]
    changes: list[MachineChange]
    digest: str
    source: str


def make_plan(tell: Tell, source: Path, machines: Path, name: str, mode: Mode, out: Path, endpoint: str = "") -> Planned:
    """Plan the file at `source` against the machines at `machines`; what would be is written to `out` as `Part`s."""
    data = source.read_bytes()
    known = _machines(machines)
    tell(0.1)
    found = _rows(decoded(data), name, known, endpoint)
    tell(0.3)
    made = plan(found, known, mode, lambda count: tell(0.3 + 0.6 * min(1.0, count / max(1, len(found)))))
    digest = hashlib.sha256()
    encode = msgspec.msgpack.Encoder().encode
    digest.update(b"".join(encode(known[kind].get(entity.id)) for kind, entity in made.made))

    def items() -> Iterator[Part]:
        for start in range(0, len(made.made), CHUNK):
            part = Part([], [], [], made.lines[start : start + CHUNK])
            for kind, entity in made.made[start : start + CHUNK]:
                getattr(part, PLURALS[kind]).append(entity)
            digest.update(encode(part))
            yield part

    write_items(out, items())
    return Planned(
        counts=made.counts,
        errors=made.errors,
        changes=made.changes,
        digest=digest.hexdigest(),
        source=hashlib.sha256(data).hexdigest(),
    )


def write_file(tell: Tell, machines: Path, form: Literal["csv", "yaml"], endpoint: str, device: str, out: Path) -> int:
    """Write the machines at `machines`, narrowed to an endpoint or device where one is named; return the bytes of the file."""
    known = _narrowed(_machines(machines), endpoint, device)
    tell(0.3)
    if form == "yaml":
        content = {
            PLURALS[kind]: {id_: document(kind, entity) for id_, entity in sorted(held.items())}
            for kind, held in known.items()
            if held
        }
        with out.open("w", encoding="utf-8") as file:
            file.write(_HEAD)
            file.writelines(documents.lines(content))
        return out.stat().st_size

    def entities() -> Iterable[tuple[str, Any, Any]]:
        for kind, held in known.items():
            field = SETTINGS[kind]
            for _, entity in sorted(held.items()):
                settings = getattr(entity, field)
                yield kind, entity, config_secrets.shown(settings) if field == config_secrets.FIELD else settings

    with out.open("w", encoding="utf-8-sig", newline="") as file:
        for piece in writing.table(entities()):
            file.write(piece)
    return out.stat().st_size


def _rows(text: str, name: str, known: Machines, endpoint: str) -> list[Row | LineError]:
    if name.lower().endswith((".yaml", ".yml")):
        return list(documents.rows_of(text))
    if ede.is_ede(text):
        id_ = _bacnet(known, endpoint)
        return list(ede.rows_of(text, id_, _held(known, id_)))
    if endpoint:
        raise Invalid("Only of an EDE file an endpoint is chosen.", where="endpoint", remedy="Name endpoints in the file.")
    return list(rows.rows_of(text))


def _bacnet(known: Machines, endpoint: str) -> str:
    """Return the endpoint that an EDE file's devices are behind."""
    all_ = sorted(id_ for id_, one in known["endpoint"].items() if isinstance(one, Endpoint) and one.driver == "bacnet")
    if endpoint in all_ or (not endpoint and len(all_) == 1):
        return endpoint or all_[0]
    remedy = f"Choose one of: {', '.join(all_)[:300]}." if all_ else "Add one of the driver bacnet, then import."
    what = f"{endpoint!r} is no BACnet endpoint." if endpoint else "An EDE file needs a BACnet endpoint."
    raise Invalid(what, where="endpoint", remedy=remedy)


def _held(known: Machines, endpoint: str) -> ede.Held:
    devices = {
        number: id_
        for id_, one in known["device"].items()
        if isinstance(one, Device) and one.endpoint == endpoint and isinstance(number := one.config.get("instance"), int)
    }
    ours = set(devices.values())
    points = {
        (one.device, str(one.address.get("object"))): id_
        for id_, one in known["point"].items()
        if isinstance(one, Point) and one.device in ours and one.address.get("property", "present-value") == "present-value"
    }
    return ede.Held(devices, points, known["device"].keys())


def _machines(path: Path) -> Machines:
    known: Machines = {kind: {} for kind in MODELS}
    for part in read_items(path, Part):
        for kind, entity in part.entities():
            known[kind][entity.id] = entity
    return known


def _narrowed(known: Machines, endpoint: str, device: str) -> Machines:
    if not endpoint and not device:
        return known
    devices = {
        id_: one
        for id_, one in known["device"].items()
        if (not device or id_ == device) and (not endpoint or getattr(one, "endpoint", "") == endpoint)
    }
    points = {id_: one for id_, one in known["point"].items() if getattr(one, "device", "") in devices}
    ends = {getattr(one, "endpoint", "") for one in devices.values()} | ({endpoint} if endpoint else set())
    return {"endpoint": {id_: one for id_, one in known["endpoint"].items() if id_ in ends}, "device": devices, "point": points}
