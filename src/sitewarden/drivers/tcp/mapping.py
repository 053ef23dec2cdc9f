"""Messages to the device that sent them and to values with quality, and values to what a device is told. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from struct import unpack
from typing import Final, NamedTuple

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.tcp.config import AddressConfig, DeviceConfig, EndpointConfig
from sitewarden.kit.values import Take, raw, taker
from sitewarden.wire.expressions import ABSENT, Expression
from sitewarden.wire.framing import Counted, Delimited, Fixed, Framer
from sitewarden.wire.template import Template

Span = tuple[int, int]
TIME: Final = "time"
"""Name of the group that tells when the values of a message held."""
OLDEST, NEWEST = 0, 4102444800 * SECOND
"""Years 1970 to 2100: any other time of a device is not believed."""


def framer(config: EndpointConfig) -> Framer:
    """Return what cuts one connection's bytes into messages."""
    if config.framing == "fixed":
        return Fixed(config.length or 1)
    if config.framing == "length":
        return Counted(config.length_at, config.length_size, config.length_order, config.length_adds, config.most)
    return Delimited(config.delimiter.encode("latin-1"), config.most, config.start.encode("latin-1"))


class Naming:
    """Reads out of a message what its device calls itself."""

    def __init__(self, pattern: str) -> None:
        self._expression = Expression(pattern)
        self._group = self._expression.names.get("device", 1)

    def of(self, message: bytes) -> bytes | None:
        """Return the name as it stands there; None where it has none."""
        spans = self._expression.spans(message)
        if spans is None or spans[self._group] == ABSENT:
            return None
        start, end = spans[self._group]
        return message[start:end]


class Heard(NamedTuple):
    """What one expression found in a message."""

    values: list[Value]
    qualities: list[int]
    time: int | None
    """Microseconds since 1970 UTC, where the message tells."""


class Reading:
    """The points of one device that one expression gives, in the order of `ids`."""

    def __init__(self, pattern: str, device: DeviceConfig, points: Sequence[tuple[Point, AddressConfig]]) -> None:
        """Raise ValueError where a point names a group that the expression does not have."""
        expression = Expression(pattern) if pattern else None
        self.ids = [point.id for point, _ in points]
        self._spans: Callable[[bytes], list[Span] | None] = expression.spans if expression is not None else _whole
        self._picks = [(_number(expression, address.group), _taker(point, address)) for point, address in points]
        self._time = expression.names.get(TIME) if expression is not None and device.time else None
        self._form = device.time
        self._good: Final = [int(Quality.GOOD)] * len(points)

    def read(self, message: bytes) -> Heard | None:
        """Return the values; None where the message is another one. What is no value of its type is None and Bad."""
        spans = self._spans(message)
        if spans is None:
            return None
        values: list[Value] = []
        qualities = self._good
        for place, (group, take) in enumerate(self._picks):
            start, end = spans[group]
            value = take(message[start:end]) if start >= 0 else None
            values.append(value)
            if value is None:
                if qualities is self._good:
                    qualities = self._good.copy()
                qualities[place] = Quality.BAD_SENSOR_FAILURE
        moment = None
        if self._time is not None and spans[self._time] != ABSENT:
            start, end = spans[self._time]
            moment = source_time(message[start:end], self._form)
        return Heard(values, qualities, moment)


def readings(device: DeviceConfig, points: Sequence[tuple[Point, AddressConfig]]) -> list[Reading]:
    """Return a reading for each expression of a device's points; raise ValueError where a group is not there."""
    found: dict[str, list[tuple[Point, AddressConfig]]] = {}
    for point, address in points:
        found.setdefault(address.pattern or device.pattern, []).append((point, address))
    return [Reading(pattern, device, some) for pattern, some in found.items()]


def source_time(text: bytes, form: str) -> int | None:
    """Return microseconds since 1970 UTC; None where the text is no believable time. ISO 8601 without a zone is UTC."""
    try:
        if form == "iso":
            read = datetime.fromisoformat(text.decode("ascii").strip())
            found = round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * SECOND)
        else:
            found = round(float(text[:32]) * (SECOND if form == "seconds" else SECOND // 1000))
    except (ValueError, OverflowError):
        return None
    return found if OLDEST < found < NEWEST else None


def message_of(point: Point, address: AddressConfig, value: Value, says: str) -> bytes:
    """Return what is sent to write `value`; raise Invalid where it cannot be said."""
    where = f"point:{point.id}"
    told = raw(point, value)
    if told is None:
        raise Invalid("a value is needed", where=where)
    if isinstance(told, str) and not told.isprintable():
        raise Invalid("the text has control characters, which a device may take for a message of their own", where=where)
    return text_of(address.write, {"value": told, "device": says}, where)


def text_of(template: str, values: dict[str, str | int | float | bool], where: str) -> bytes:
    """Return a template's bytes, a byte a character, or UTF-8 beyond U+00FF; raise Invalid where a format does not fit."""
    try:
        text = Template(template).fill(values)
    except ValueError as error:
        raise Invalid(str(error), where=where) from None
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


def _whole(message: bytes) -> list[Span]:
    return [(0, len(message))]


def _number(expression: Expression | None, group: int | str | None) -> int:
    if expression is None:
        if group not in (None, 0):
            raise ValueError(f"group {group!r} needs a pattern")
        return 0
    return expression.number(min(1, expression.groups) if group is None else group)


def _taker(point: Point, address: AddressConfig) -> Take:
    take, order = taker(point), address.order
    if address.form == "text":
        return take
    if address.form == "hex":
        return lambda found: take(_hex(found))
    if address.form == "float":
        return lambda found: take(_float(found, order))
    signed = address.form == "signed"

    def whole(found: object) -> Value:
        fits = isinstance(found, bytes) and 0 < len(found) <= 8
        return take(int.from_bytes(found, order, signed=signed)) if fits and isinstance(found, bytes) else None

    return whole


def _hex(found: object) -> int | None:
    if not isinstance(found, bytes) or not 0 < len(found) <= 16:
        return None
    try:
        return int(found, 16)
    except ValueError:
        return None


def _float(found: object, order: str) -> float | None:
    code = {4: "f", 8: "d"}.get(len(found)) if isinstance(found, bytes) else None
    if code is None or not isinstance(found, bytes):
        return None
    value: float = unpack((">" if order == "big" else "<") + code, found)[0]
    return value
