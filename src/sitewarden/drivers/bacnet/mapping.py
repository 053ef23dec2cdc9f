"""What devices say of properties to values with quality, and a written value back. Pure."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.bacnet.config import PRESENT_VALUE, AddressConfig
from sitewarden.kit.values import raw, taker
from sitewarden.wire.bacnet import names, tags
from sitewarden.wire.bacnet.apdu import Abort, Error, Reject
from sitewarden.wire.bacnet.services import Refused, Result
from sitewarden.wire.bacnet.tags import Tagged

STATUS_FLAGS: Final = names.NUMBERS["status-flags"]
RELIABILITY: Final = names.NUMBERS["reliability"]
STATE_TEXT: Final = names.NUMBERS["state-text"]
ACTIVE_TEXT: Final = names.NUMBERS["active-text"]
INACTIVE_TEXT: Final = names.NUMBERS["inactive-text"]
BINARY: Final = frozenset({3, 4, 5})
MULTI_STATE: Final = frozenset({13, 14, 19})
FLAGGED: Final = frozenset(
    {0, 1, 2, 3, 4, 5, 12, 13, 14, 19, 21, 22, 23, 24, 28, 30, 35, 36, 37, 39, 40, 42, 44, 45, 46, 47, 48, 50, 54, 55}
)
"""Standard types of object that have status flags."""
TOLD: Final = FLAGGED - {28, 36}
"""Those whose present value a device may tell by itself (table 13-1)."""

_GOOD: Final = int(Quality.GOOD)
_FAULT: Final = {
    **dict.fromkeys((1, 2, 3, 4, 5, 7), Quality.BAD_SENSOR_FAILURE),
    10: Quality.BAD_CONFIGURATION_ERROR,
    12: Quality.BAD_COMMUNICATION_ERROR,
}
"""Reliability to quality; any other fault is the device's."""
_ABSENT: Final = frozenset({9, 27, 31, 32, 36, 42, 44, 45, 50})
"""Codes of errors that a person has to do something about."""
_DEFAULT: Final = {
    **dict.fromkeys((0, 1, 2), tags.REAL),
    **dict.fromkeys(BINARY, tags.ENUMERATED),
    **dict.fromkeys(MULTI_STATE, tags.UNSIGNED),
    40: tags.TEXT,
    45: tags.SIGNED,
    46: tags.DOUBLE,
    48: tags.UNSIGNED,
}
"""Type of the present value of types of object."""


class Item:
    """One point: what is asked for it, and what its device said of it beside the value."""

    def __init__(self, point: Point, address: AddressConfig) -> None:
        self.point, self.address = point, address
        (self.object, self.property), self.index = address.target(), address.index
        kind = self.object >> 22
        self.flagged = self.property == PRESENT_VALUE and kind in FLAGGED
        """Its status flags are asked for too."""
        self.tells = self.property == PRESENT_VALUE and self.index is None and kind in TOLD and not address.poll
        self.worded = point.type == "string" and self.property == PRESENT_VALUE and kind in BINARY | MULTI_STATE
        """Its states have texts that it is read as."""
        self.texts: list[str] = []
        """Of its states, the first one first; empty where they are not known."""
        self.faulty = False
        """The device tells a fault, so its reliability is asked for."""
        self.reliability: int | None = None
        """Why, where it was read."""
        self._take = taker(point)

    @property
    def asked(self) -> list[tuple[int, int | None]]:
        """The properties that make it."""
        more = [(STATUS_FLAGS, None), (RELIABILITY, None)][: 2 if self.faulty else 1] if self.flagged else []
        return [(self.property, self.index), *more]

    def value(self, values: Sequence[Tagged]) -> Value:
        """Return its value; None where what the device says is none of its type."""
        if len(values) != 1:
            shown = " ".join(str(plain(*one)) for one in values)
            return self._take(shown) if self.point.type == "string" and values else None
        tag, content = values[0]
        if self.texts and tag in (tags.UNSIGNED, tags.ENUMERATED):
            place = content - (1 if tag == tags.UNSIGNED else 0)
            return self.texts[place] if 0 <= place < len(self.texts) else str(content)
        if 1 <= tag <= 5 or tag == tags.ENUMERATED:
            return self._take(content)
        return self._take(plain(tag, content)) if tag != tags.NULL else None

    def reading(self, values: Sequence[Tagged], flags: Sequence[bool], reliability: int | None) -> tuple[Value, int]:
        """Return value and quality by status flags (in alarm, fault, overridden, out of service; clause 12.2.7)."""
        self.faulty = len(flags) > 1 and bool(flags[1])
        # What is told without it keeps the one that was read.
        self.reliability = reliability = (reliability or self.reliability) if self.faulty else None
        if len(flags) > 3 and flags[3]:
            return None, Quality.BAD_OUT_OF_SERVICE
        if self.faulty:
            known = Quality.BAD_SENSOR_FAILURE if reliability in (None, 0) else _FAULT.get(reliability or 0)
            return None, known or Quality.BAD_DEVICE_FAILURE
        value = self.value(values)
        return value, _GOOD if value is not None else Quality.BAD_SENSOR_FAILURE


def decode(
    items: Sequence[Item], counts: Sequence[int], results: Sequence[Result]
) -> tuple[list[Value], list[int], dict[str, str]] | None:
    """Return values, qualities and why points are refused, in the order of `items`; None where other things were answered.

    `counts` is how many properties were asked for each item.
    """
    found: list[Value] = []
    qualities: list[int] = []
    why: dict[str, str] = {}
    at, count = 0, len(results)
    for item, asked in zip(items, counts, strict=True):
        if at >= count:
            return None
        first = results[at]
        at += 1
        if first[0] != item.object or first[1] != item.property or first[2] != item.index:
            return None
        flags: Sequence[bool] = ()
        reliability: int | None = None
        if asked > 1:
            if at >= count or results[at][0] != item.object or results[at][1] != STATUS_FLAGS:
                return None
            told = results[at][3]
            at += 1
            flags = told[0][1] if told and told[0][0] == tags.BITS else ()
            if asked > 2:
                if at >= count or results[at][0] != item.object or results[at][1] != RELIABILITY:
                    return None
                told = results[at][3]
                at += 1
                reliability = told[0][1] if told and told[0][0] == tags.ENUMERATED else None
        values = first[3]
        if values is None:
            found.append(None)
            qualities.append(int(quality_of(first[4])))
            why[item.point.id] = f"{names.object_text(item.object)}: {names.error(first[4][1])}"
        elif not any(flags) and not item.faulty and not item.texts and len(values) == 1:
            # Nearly every value of nearly every poll.
            value = item.value(values)
            found.append(value)
            qualities.append(_GOOD if value is not None else Quality.BAD_SENSOR_FAILURE)
        else:
            value, quality = item.reading(values, flags, reliability)
            found.append(value)
            qualities.append(int(quality))
            if item.faulty:
                word = names.RELIABILITY.get(reliability or 7, f"reliability {reliability}")
                why[item.point.id] = f"{names.object_text(item.object)}: {word}"
    return (found, qualities, why) if at == count else None


def quality_of(refused: Refused) -> Quality:
    """Return the quality of a point whose property was refused; always Bad."""
    return Quality.BAD_CONFIGURATION_ERROR if refused[1] in _ABSENT else Quality.BAD_DEVICE_FAILURE


def reason(answer: Error | Reject | Abort) -> str:
    """Return what a device says by refusing."""
    if isinstance(answer, Error):
        return names.error(answer.code)
    if isinstance(answer, Reject):
        return f"rejected: {names.REJECTS.get(answer.reason, answer.reason)}"
    return f"aborted: {names.ABORTS.get(answer.reason, answer.reason)}"


def plain(tag: int, content: Any) -> Value:
    """Return a value as a person reads it, without a point."""
    match tag:
        case tags.NULL:
            return None
        case tags.OCTETS | tags.OTHER:
            return str(content.hex(" "))
        case tags.BITS:
            return "".join("1" if one else "0" for one in content)
        case tags.DATE:
            year, month, day, _ = content
            return f"{'*' if year == 255 else 1900 + year}-{_two(month)}-{_two(day)}"
        case tags.TIME:
            return ":".join(_two(one) for one in content[:3])
        case tags.OBJECT:
            return names.object_text(content)
    return content  # type: ignore[no-any-return]


def _two(number: int) -> str:
    return "*" if number == 255 else f"{number:02d}"


def encode(item: Item, held: int, value: Value) -> list[Tagged]:
    """Return what is written for `value`, in the type `held` that the device gave when it was read; None gives a priority back.

    Raises Invalid where the value does not fit; never cuts or wraps it.
    """
    where = f"point:{item.point.id}"
    if value is None:
        return [(tags.NULL, None)]
    tag = held if held not in (tags.NULL, tags.OTHER) else _DEFAULT.get(item.object >> 22, tags.OTHER)
    if item.texts and isinstance(value, str):
        if value not in item.texts:
            raise Invalid(f'"{value}" is no state of it', where=where, remedy=f"Its states are: {', '.join(item.texts)[:300]}.")
        return [(tag, item.texts.index(value) + (1 if tag == tags.UNSIGNED else 0))]
    told = raw(item.point, value)
    try:
        content = _packed(tag, told)
        tags.write(tag, content)
    except (ValueError, OverflowError, TypeError, ArithmeticError, struct.error):
        word = tags.NAMES[tag] if 0 <= tag < len(tags.NAMES) else "constructed"
        raise Invalid(f"{value} does not fit the type {word} of the property", where=where) from None
    return [(tag, content)]


def _packed(tag: int, told: Value) -> Any:
    match tag:
        case tags.TEXT:
            return told if isinstance(told, str) else str(told)
        case tags.BOOLEAN if told in (0, 1):
            return bool(told)
        case tags.UNSIGNED | tags.ENUMERATED | tags.SIGNED if told is not None and not isinstance(told, str):
            number = round(told)
            if number > 0xFFFFFFFF or number != told:
                raise ValueError
            return number
        case tags.UNSIGNED | tags.ENUMERATED | tags.SIGNED:
            return int(str(told))
        case tags.REAL | tags.DOUBLE:
            return float(told or 0.0)
    raise ValueError
