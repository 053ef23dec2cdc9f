"""`sitewarden mib`: what MIB files name, with the numbers that points take."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sitewarden.app import show
from sitewarden.domain.errors import Invalid
from sitewarden.drivers.snmp.mib import SIZE, MibError, compile_

SHOWN: Final = ("OBJECT-TYPE", "NOTIFICATION-TYPE", "TRAP-TYPE")
COLUMNS: Final = (("name", "Object"), ("oid", "Number"), ("type", "Type"), ("unit", "Unit"), ("text", "What it is"))


def names(files: list[Path], find: str, *, json: bool) -> None:
    """Print the objects and notifications whose name or description has `find` in it, and what further files are needed."""
    texts = []
    for file in files:
        try:
            if file.stat().st_size > SIZE:
                raise Invalid(f"the file has more than {SIZE} bytes", where=str(file))
            texts.append(file.read_text("utf-8", "replace"))
        except OSError as error:
            raise Invalid(f"the file cannot be read: {error.strerror}", where=str(file)) from None
    try:
        found, missing = compile_(texts)
    except MibError as error:
        remedy = "Give MIB files as their makers publish them."
        raise Invalid(str(error), where=", ".join(map(str, files)), remedy=remedy) from None
    wanted = find.lower()
    rows = [
        {
            "name": f"{one.module}::{one.name}",
            "oid": one.oid,
            "type": one.syntax if one.kind == "OBJECT-TYPE" else "notification",
            "access": one.access,
            "unit": one.unit,
            "text": one.text if json else one.text[:80],
        }
        for one in found
        if one.kind in SHOWN and (wanted in one.name.lower() or wanted in one.text.lower())
    ]
    if json:
        show.as_json(rows)
    else:
        show.table(rows, COLUMNS, empty=f'No object has "{find}" in its name or description.' if find else "No objects.")
    for one in missing:
        show.err.print(f"Missing: {one}. Give the file that defines it too.", markup=False)
