"""From endpoints, devices and points to the lines of a table, which `rows` takes back as they are. Secrets stand as "(kept)"."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from sitewarden.domain.entity import Entity
from sitewarden.domain.points.inputs import PointInput
from sitewarden.domain.points.tables.columns import COLUMNS, SETTINGS
from sitewarden.domain.tabular import LIST, safe

PIECE: Final = 500
"""Rows in one piece of text."""
_USUAL: Final = PointInput()
_NUMBER: Final = re.compile(r"-[0-9][0-9.]*(e-?[0-9]+)?").fullmatch


def table(entities: Iterable[tuple[str, Entity, Mapping[str, Any]]]) -> Iterator[str]:
    """Yield a table of (kind, entity, its settings as they may be shown), piece by piece, without columns that nobody fills."""
    rows = [_cells(*one) for one in entities]
    used = set().union(*rows) if rows else {"kind", "id", "name"}
    columns: list[str] = [name for name in COLUMNS if name in used]
    columns += sorted(name for name in used if "." in name)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    for number, row in enumerate(rows, 1):
        writer.writerow([text if _NUMBER(text := row.get(name, "")) else safe(text) for name in columns])
        if number % PIECE == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _cells(kind: str, entity: Entity, settings: Mapping[str, Any]) -> dict[str, str]:
    field = SETTINGS[kind]
    cells = {"kind": kind}
    for name in entity.__struct_fields__:
        if name == field:
            continue
        text = cell(getattr(entity, name))
        if text:
            cells[name] = text
    cells |= {f"{field}.{name}": text for name, value in settings.items() if (text := _setting(value))}
    return cells


def _setting(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else cell(value)


def cell(value: Any) -> str:
    """Return a value as a cell holds it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case int():
            return str(value)
        case tuple() if all(isinstance(one, str) for one in value):
            return LIST.join(value)
        case PointInput():
            given = {name: one for name in value.__struct_fields__ if (one := getattr(value, name)) != getattr(_USUAL, name)}
            return msgspec.json.encode(given).decode()
        case _:
            return msgspec.json.encode(value).decode()
