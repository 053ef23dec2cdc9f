"""A row of a file of machines, whatever form the file has, and how a table's cells become one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.tables.columns import FIRST, FLAGS, MODELS, SETTINGS, fields_of, named
from sitewarden.domain.tabular import LIST, LineError, lines

_YES, _NO = frozenset({"yes", "true", "1", "y", "x"}), frozenset({"no", "false", "0", "n"})

LONGEST: Final = 100_000
"""Characters of a cell; a list of settings stands in one."""


class Row(Struct):
    """One entity as the file has it. None stands for what is empty there."""

    line: int
    kind: str
    id: str
    """Empty: to be made from the name."""
    values: dict[str, Any]
    """Field to value: text where `loose`, else what the file's form makes of it."""
    settings: dict[str, Any]
    """Of the field that the driver types."""
    loose: bool
    places: dict[str, int] = {}
    """Field to its line, where fields have lines of their own."""

    def place(self, column: str) -> int:
        """Return the line of a column, or of the row."""
        return self.places.get(column, self.line)


def rows_of(text: str) -> Iterator[Row | LineError]:
    """Yield the rows of a table, and what is wrong in one; raises Invalid for what is no such table."""
    for line in lines(text, named, FIRST, LONGEST):
        cells = line.cells
        kind = cells.get("kind", "").lower() or "point"
        if kind not in MODELS:
            yield LineError(
                line=line.number,
                column="kind",
                what=f"{kind[:60]!r} is no kind.",
                remedy=f"Write {', '.join(MODELS)}; empty is a point.",
            )
            continue
        try:
            yield _row(line.number, kind, cells)
        except Invalid as error:
            yield LineError(line=line.number, column=error.where, what=error.what, remedy=error.remedy)


def _row(number: int, kind: str, cells: dict[str, str]) -> Row:
    known, field = fields_of(kind), SETTINGS[kind]
    values: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    for name, cell in cells.items():
        if name in ("kind", "id"):
            continue
        outer, dot, member = name.partition(".")
        if dot:
            if outer == field:
                settings[member] = cell or None
            elif cell:
                raise Invalid(f"A {kind} has no {outer}.", where=name, remedy=f"Write {field}.{member}, or leave the cell empty.")
        elif name in known:
            values[name] = _value(name, cell)
        elif cell:
            raise Invalid(f"A {kind} has no {name}.", where=name, remedy="Leave the cell empty.")
    return Row(line=number, kind=kind, id=cells.get("id", ""), values=values, settings=settings, loose=True)


def _value(name: str, cell: str) -> Any:
    if not cell:
        return None
    if name == "tags":
        return [part.strip() for part in cell.split(LIST) if part.strip()]
    if name == "input":
        try:
            return msgspec.json.decode(cell)
        except msgspec.DecodeError:
            raise Invalid(
                "It is no JSON.", where=name, remedy='Write {"above": 80, "hysteresis": 2}, or leave it empty.'
            ) from None
    if name in FLAGS:
        lowered = cell.lower()
        if lowered not in _YES | _NO:
            raise Invalid(f"{cell[:40]!r} is neither yes nor no.", where=name, remedy="Write yes or no.")
        return lowered in _YES
    return cell
