"""JSON documents to values with quality, and values to the body that writes them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.http.config import AddressConfig, DeviceConfig
from sitewarden.kit.values import raw, taker
from sitewarden.wire.jsonpath import ABSENT, Path
from sitewarden.wire.template import Template

OLDEST, NEWEST = 0, 4102444800 * SECOND
"""Years 1970 to 2100: any other time of a device is not believed."""

decode: Final = msgspec.json.Decoder().decode
"""Raises msgspec.DecodeError, ValueError among them, or RecursionError."""


class Unread(ValueError):
    """The document is no message of this device; says why."""


class Heard(NamedTuple):
    """What a document says, of the points that it speaks of."""

    ids: list[str]
    values: list[Value]
    qualities: list[int]
    time: int | None
    """Microseconds since 1970 UTC, where it tells."""


class Reading:
    """The points of one device."""

    def __init__(self, device: DeviceConfig, points: Sequence[tuple[Point, AddressConfig]]) -> None:
        self.ids = [point.id for point, _ in points]
        self._picks = [(Path(address.path), taker(point)) for point, address in points]
        self._time = Path(device.time) if device.time else None
        self._form = device.time_form
        self._good: Final = [int(Quality.GOOD)] * len(points)

    def read(self, body: bytes) -> Heard:
        """Return the values of the points that the document speaks of; null and what is no value of its type is None and Bad.

        `ids` is the same list each time that it speaks of all. Raises Unread.
        """
        try:
            document = decode(body)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise Unread(f"the body is no JSON: {error}") from None
        values: list[Value] = []
        qualities = self._good
        ids = self.ids
        absent: list[int] = []
        for place, (path, take) in enumerate(self._picks):
            found = path.find(document)
            if found is ABSENT:
                absent.append(place)
                values.append(None)
                continue
            value = take(found)
            values.append(value)
            if value is None:
                if qualities is self._good:
                    qualities = self._good.copy()
                qualities[place] = Quality.BAD_SENSOR_FAILURE
        if absent:
            gone = set(absent)
            ids = [id_ for place, id_ in enumerate(ids) if place not in gone]
            values = [value for place, value in enumerate(values) if place not in gone]
            qualities = [quality for place, quality in enumerate(qualities) if place not in gone]
            if not ids:
                raise Unread(f"the body has nothing at {self._picks[0][0].text!r}, nor at any other point's path")
        return Heard(ids, values, qualities, self._moment(document))

    def _moment(self, document: Any) -> int | None:
        return None if self._time is None else source_time(self._time.find(document), self._form)


def source_time(told: object, form: str) -> int | None:
    """Return microseconds since 1970 UTC; None where it is no believable time. ISO 8601 without a zone is UTC."""
    try:
        if form == "iso":
            if not isinstance(told, str):
                return None
            read = datetime.fromisoformat(told.strip())
            found = round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * SECOND)
        elif isinstance(told, (int, float)) and not isinstance(told, bool):
            found = round(told * (SECOND if form == "seconds" else SECOND // 1000))
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return found if OLDEST < found < NEWEST else None


def body_of(point: Point, address: AddressConfig, value: Value) -> bytes:
    """Return the body that writes `value`; raise Invalid where it cannot be said."""
    where = f"point:{point.id}"
    told = raw(point, value)
    if told is None:
        raise Invalid("a value is needed", where=where)
    try:
        # As JSON, so that a text cannot end its own quotes; a number stays one, for a format in the template.
        fits = told if isinstance(told, (int, float)) and not isinstance(told, bool) else msgspec.json.encode(told).decode()
        return Template(address.body).fill({"value": fits}).encode()
    except ValueError as error:
        raise Invalid(str(error), where=where) from None
