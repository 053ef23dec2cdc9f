"""The columns of a table of machines: a row is an endpoint, a device or a point, as `kind` says."""

from __future__ import annotations

import difflib
from typing import Final

from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.points.model import Device, Endpoint, Point

MODELS: Final[dict[str, type[Entity]]] = {"endpoint": Endpoint, "device": Device, "point": Point}
"""Kind to model, in the order in which one refers to the other."""
SETTINGS: Final = {"endpoint": "config", "device": "config", "point": "address"}
"""Kind to the field that its driver types; a column names a member of it, "address.register"."""
HEAD: Final = ("kind", "id", "name", "driver", "endpoint", "device", "enabled")
POINT: Final = (
    "type",
    "unit",
    "period",
    "scale",
    "offset",
    "deadband",
    "keep",
    "writable",
    "minimum",
    "maximum",
    "decimals",
    "input",
)
TAIL: Final = ("area", "tags", "description")
COLUMNS: Final = (*HEAD, *POINT, *TAIL)
"""In the order in which they are written; columns of settings come behind."""
FLAGS: Final = frozenset({"enabled", "writable"})
MAX_COLUMNS: Final = 200
FIRST: Final = f"Its first line names the columns: {', '.join(HEAD[:3])}, …"


def fields_of(kind: str) -> frozenset[str]:
    """Return the fields that an entity of that kind has, but its id and what its driver types."""
    return frozenset(MODELS[kind].__struct_fields__) - {"id", SETTINGS[kind]}


def named(row: list[str], number: int) -> list[str]:
    """Return the columns of a head; spaces and capitals of our own names do not count, a stray separator at the end neither."""
    while row and not row[-1].strip():
        row.pop()
    if len(row) > MAX_COLUMNS:
        raise TooLarge(f"The file has {len(row)} columns.", where=f"line {number}", remedy=f"At most {MAX_COLUMNS}.")
    names: list[str] = []
    for cell in row:
        name = cell.strip()
        field, dot, member = name.partition(".")
        if dot and field.lower() in ("config", "address") and member:
            name = f"{field.lower()}.{member}"
        else:
            name = name.lower().replace(" ", "_")
            if name not in COLUMNS:
                near = difflib.get_close_matches(name, COLUMNS, 1, 0.6)
                remedy = f"Did you mean {near[0]}?" if near else 'Settings of the driver are "config.host", "address.register".'
                raise Invalid(f"There is no column {name[:60]!r}.", where=f"line {number}", remedy=remedy)
        if name in names:
            raise Invalid(f"The column {name} is there twice.", where=f"line {number}", remedy="Keep one of them.")
        names.append(name)
    if "id" not in names and "name" not in names:
        raise Invalid("There is neither a column id nor name.", where=f"line {number}", remedy="Add one of them.")
    return names
