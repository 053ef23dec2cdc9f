"""An EDE file (Engineering Data Exchange of the BACnet Interest Group Europe, layout 2.x) as rows of machines. Pure.

Each object with a present value is a point of the device whose instance its line names; devices are made where there is none yet.
Device objects give names to devices; other objects without a value (calendars, files, notification classes) are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.points.tables.rows import Row
from sitewarden.domain.tabular import MAX_CELL, MAX_LINES, LineError
from sitewarden.wire.bacnet import names
from sitewarden.wire.bacnet.tags import INSTANCES

COLUMNS: Final = (
    "keyname",
    "device obj.-instance",
    "object-name",
    "object-type",
    "object-instance",
    "description",
    "present-value-default",
    "min-present-value",
    "max-present-value",
    "settable",
    "supports cov",
    "hi-limit",
    "low-limit",
    "state-text-reference",
    "unit-code",
    "vendor-specific-address",
)
"""In the order of the layout, which counts where the file has no line that names them."""
TYPES: Final = {
    **dict.fromkeys(("analog-input", "analog-output", "analog-value", "large-analog-value"), "number"),
    **dict.fromkeys(("accumulator", "pulse-converter", "loop"), "number"),
    **dict.fromkeys(("integer-value", "positive-integer-value"), "integer"),
    **dict.fromkeys(("multi-state-input", "multi-state-output", "multi-state-value"), "integer"),
    **dict.fromkeys(("binary-input", "binary-output", "binary-value"), "boolean"),
    "characterstring-value": "string",
}
"""Type of object to type of point."""
DEVICE: Final = 8
_HEADS: Final = 20
"""Lines of text before the objects in which an EDE file shows itself."""
_YES, _NO = frozenset({"y", "yes", "true", "1", "x"}), frozenset({"n", "no", "false", "0"})


class Held(Struct, frozen=True):
    """What the site has already: devices of the endpoint by instance, points by device and object, and all ids of devices."""

    devices: Mapping[int, str]
    points: Mapping[tuple[str, str], str]
    taken: Container[str]


def is_ede(text: str) -> bool:
    """Tell whether a text is an EDE file, by what stands above its objects."""
    head = "\n".join(text.lower().split("\n", _HEADS)[:_HEADS])
    return "version_of_layout" in head or "engineering-data-exchange" in head or ("keyname" in head and "obj.-instance" in head)


def rows_of(text: str, endpoint: str, held: Held) -> Iterator[Row | LineError]:
    """Yield devices and points behind `endpoint`, and what is wrong in a line; raises Invalid for what cannot be read at all."""
    made: dict[int, Row] = {}
    for number, cells in _lines(text):
        try:
            instance = _number(cells, "device obj.-instance")
            device = held.devices.get(instance)
            if device is None:
                row = made.get(instance) or made.setdefault(instance, _device(number, instance, endpoint, held))
                device = row.id
            point = _point(number, device, cells, held)
        except Invalid as error:
            yield LineError(line=number, column=error.where, what=error.what, remedy=error.remedy)
            continue
        if point is not None:
            yield point
        elif instance in made and cells["object-type"] == str(DEVICE) and cells.get("object-name"):
            made[instance].values["name"] = cells["object-name"]
    yield from made.values()


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    head = text.split("\n", _HEADS)[:_HEADS]
    shown = next((one for one in head if "keyname" in one.lower()), "".join(head))
    delimiter = max(";,\t", key=shown.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: tuple[str, ...] = COLUMNS
    at = 1
    try:
        for row in reader:
            number, at = at, reader.line_num + 1
            if number > MAX_LINES:
                raise TooLarge(f"The file has more than {MAX_LINES:,} lines.", where="file", remedy="Import it in parts.")
            first = row[0].strip().lower() if row else ""
            if first.lstrip("# ") == "keyname":
                columns = tuple("settable" if (name := one.strip("# ").lower()) == "commandable" else name for one in row)
            elif first and not first.startswith("#") and (len(row) > 2 and any(cell.strip() for cell in row[2:])):
                if any(len(cell) > MAX_CELL for cell in row):
                    raise TooLarge("A cell is too long.", where=f"line {number}", remedy=f"At most {MAX_CELL} characters.")
                yield number, {name: cell.strip() for name, cell in zip(columns, row, strict=False)}
    except csv.Error as error:
        what = f"Line {reader.line_num} cannot be read: {error}."
        raise Invalid(what, where=f"line {reader.line_num}", remedy="Look for a quotation mark that is not closed.") from None


def _device(number: int, instance: int, endpoint: str, held: Held) -> Row:
    id_ = f"{endpoint[:45]}-{instance}"
    while id_ in held.taken:
        id_ += "-x"
    values = {"name": f"Device {instance}", "endpoint": endpoint}
    return Row(line=number, kind="device", id=id_, values=values, settings={"instance": str(instance)}, loose=True)


def _point(number: int, device: str, cells: dict[str, str], held: Held) -> Row | None:
    """Return the point of a line; None for an object without a value."""
    kind = names.OBJECTS.get(_number(cells, "object-type", 1023), "")
    instance = _number(cells, "object-instance")
    type_ = TYPES.get(kind)
    if type_ is None:
        return None
    if type_ == "integer" and cells.get("state-text-reference"):
        # The device itself tells its texts, and the driver reads and writes such a point by them.
        type_ = "string"
    values: dict[str, Any] = {"device": device, "type": type_}
    values["name"] = cells.get("object-name") or cells.get("keyname") or None
    values["description"] = cells.get("description") or None
    values["writable"] = _flag(cells, "settable")
    if type_ == "number":
        code = cells.get("unit-code", "")
        values["unit"] = names.UNITS.get(int(code)) if code.isascii() and code.isdigit() else None
    if type_ in ("number", "integer"):
        # Files with semicolons often have decimal commas.
        values["minimum"], values["maximum"] = (
            cells.get(name, "").replace(",", ".") or None for name in ("min-present-value", "max-present-value")
        )
    target = f"{kind},{instance}"
    id_ = held.points.get((device, target)) or f"{device[:35]}-{kind}-{instance}"[:63]
    places = {"minimum": number, "maximum": number}
    return Row(line=number, kind="point", id=id_, values=values, settings={"object": target}, loose=True, places=places)


def _number(cells: dict[str, str], name: str, most: int = INSTANCES - 1) -> int:
    text = cells.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > most:
        raise Invalid(f"{text[:40]!r} is no number up to {most}.", where=name, remedy="Correct this cell.")
    return int(text)


def _flag(cells: dict[str, str], name: str) -> bool | None:
    text = cells.get(name, "").lower()
    if text and text not in _YES | _NO:
        raise Invalid(f"{text[:40]!r} is neither Y nor N.", where=name, remedy="Write Y or N.")
    return text in _YES if text else None
