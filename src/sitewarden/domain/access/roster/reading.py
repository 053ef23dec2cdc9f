"""From the text of a table of people to its lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

from sitewarden.domain import tabular
from sitewarden.domain.access.roster.columns import CUSTOM, MAX_COLUMNS, READ
from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.tabular import Line, decoded

FIRST: Final = f"Its first line names the columns: {', '.join(READ[:4])}, …"


def lines(text: str) -> Iterator[Line]:
    """Yield the lines that have something in them; raises Invalid for a table that cannot be read as one."""
    return tabular.lines(text, _names, FIRST)


def _names(row: list[str], number: int) -> list[str]:
    """Return the columns; spaces and capitals do not count, and an empty last name is a stray separator."""
    while row and not row[-1].strip():
        row.pop()
    if len(row) > MAX_COLUMNS:
        raise TooLarge(f"The file has {len(row)} columns.", where=f"line {number}", remedy=f"At most {MAX_COLUMNS}.")
    names: list[str] = []
    for cell in row:
        name = cell.strip()
        if name[: len(CUSTOM)].lower() == CUSTOM and name[len(CUSTOM) :].strip():
            name = CUSTOM + name[len(CUSTOM) :].strip()
        else:
            name = name.lower().replace(" ", "_")
            if name not in READ:
                near = difflib.get_close_matches(name, READ, 1, 0.6)
                remedy = (
                    f"Did you mean {near[0]}?" if near else f'Write "{CUSTOM}{name[:40] or "field"}" for a field of your own.'
                )
                raise Invalid(f"There is no column {name[:60]!r}.", where=f"line {number}", remedy=remedy)
        if name in names:
            raise Invalid(f"The column {name} is there twice.", where=f"line {number}", remedy="Keep one of them.")
        names.append(name)
    if "holder" not in names and "name" not in names:
        raise Invalid("There is neither a column holder nor name.", where=f"line {number}", remedy="Add one of them.")
    return names


__all__ = ["Line", "decoded", "lines"]
