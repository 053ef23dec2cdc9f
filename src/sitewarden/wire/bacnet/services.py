"""Parameters of the services in use (clauses 13, 15 and 16): what devices are asked and answer, from both sides. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sitewarden.wire.bacnet import tags
from sitewarden.wire.bacnet.tags import Tagged, WireError

ALL, OPTIONAL, REQUIRED = 8, 80, 105
"""Properties that stand for several (ReadPropertyMultiple)."""
SEGMENTED_BOTH, SEGMENTED_TRANSMIT, SEGMENTED_RECEIVE, NO_SEGMENTATION = range(4)
ITEMS: Final = 4096
"""Most properties of one message."""

Refused = tuple[int, int]
"""Class and code of an error."""


class Property(NamedTuple):
    """A property of an object, whole or one element of it."""

    object: int
    property: int
    place: int | None = None


class Result(NamedTuple):
    """What was read of one property: its values, or why not."""

    object: int
    property: int
    place: int | None
    values: list[Tagged] | None
    refused: Refused = (0, 0)


class IAm(NamedTuple):
    """A device that tells of itself."""

    device: int
    longest: int
    segmentation: int
    vendor: int


class Write(NamedTuple):
    """A property that is written; the value null gives a priority back (clause 19.2)."""

    property: Property
    values: list[Tagged]
    priority: int | None


class Subscription(NamedTuple):
    """A subscription to changes of an object; without `confirmed` and `lifetime` (seconds) it is ended."""

    process: int
    object: int
    confirmed: bool | None
    lifetime: int | None


class Notification(NamedTuple):
    """Changed values of an object."""

    process: int
    device: int
    object: int
    remaining: int
    values: list[tuple[int, int | None, list[Tagged]]]
    """Property, index, values."""


def who_is(low: int | None = None, high: int | None = None) -> bytes:
    """Ask who is there, or who has an instance within these."""
    return b"" if low is None or high is None else tags.context(0, low) + tags.context(1, high)


def read_who_is(data: bytes) -> tuple[int, int]:
    """Return the instances that are asked for."""
    if not data:
        return 0, tags.INSTANCES
    low, at = tags.unsigned(data, 0, len(data), 0)
    high, _ = tags.unsigned(data, at, len(data), 1)
    return low, high


def i_am(one: IAm) -> bytes:
    """Tell of a device."""
    return (
        tags.write(tags.OBJECT, one.device)
        + tags.write(tags.UNSIGNED, one.longest)
        + tags.write(tags.ENUMERATED, one.segmentation)
        + tags.write(tags.UNSIGNED, one.vendor)
    )


def read_i_am(data: bytes) -> IAm:
    """Return what a device tells of itself."""
    at, found = 0, []
    for wanted in (tags.OBJECT, tags.UNSIGNED, tags.ENUMERATED, tags.UNSIGNED):
        (tag, content), at = tags.value(data, at, len(data))
        if tag != wanted:
            raise WireError("an I-Am has another form")
        found.append(content)
    if found[0] >> 22 != 8 or found[1] < 50:
        raise WireError("an I-Am is of no device")
    return IAm(*found)


def read_property(what: Property) -> bytes:
    """Ask for a property."""
    return tags.context_object(0, what.object) + _reference(1, what)


def read_read_property(data: bytes) -> Property:
    """Return the property that is asked for."""
    object_, at = _object(data, 0, len(data), 0)
    property_, at = tags.unsigned(data, at, len(data), 1)
    index, at = tags.optional(data, at, len(data), 2)
    return Property(object_, property_, index)


def read_property_ack(what: Property, content: bytes) -> bytes:
    """Answer with a property's values as they stand on the wire."""
    return tags.context_object(0, what.object) + _reference(1, what) + b"\x3e" + content + b"\x3f"


def read_read_property_ack(data: bytes) -> Result:
    """Return what was read."""
    what, end = read_read_property(data), len(data)
    at = tags.opening(data, _third(data, what), end, 3)
    values, _ = tags.values(data, at, end, 3)
    return Result(what.object, what.property, what.place, values)


def read_multiple(wanted: Iterable[tuple[int, Sequence[tuple[int, int | None]]]]) -> bytes:
    """Ask for properties (with index, where an element is meant) of several objects."""
    parts = []
    for object_, properties in wanted:
        parts.append(tags.context_object(0, object_) + b"\x1e")
        parts += [_reference(0, Property(object_, *one)) for one in properties]
        parts.append(b"\x1f")
    return b"".join(parts)


def read_read_multiple(data: bytes) -> list[Property]:
    """Return the properties that are asked for, in order."""
    at, end, found = 0, len(data), list[Property]()
    while at < end:
        object_, at = _object(data, at, end, 0)
        at = tags.opening(data, at, end, 1)
        while not tags.closes(data, at, end, 1):
            property_, at = tags.unsigned(data, at, end, 0)
            index, at = tags.optional(data, at, end, 1)
            found.append(Property(object_, property_, index))
            if len(found) > ITEMS:
                raise WireError(f"more than {ITEMS} properties are asked for")
        at += 1
    if not found:
        raise WireError("nothing is asked for")
    return found


def read_multiple_ack(results: Iterable[tuple[Property, bytes | Refused]]) -> bytes:
    """Answer with contents as they stand on the wire, or with why not; neighbours of one object stand together."""
    parts: list[bytes] = []
    held = None
    for what, content in results:
        if what.object != held:
            if held is not None:
                parts.append(b"\x1f")
            parts.append(tags.context_object(0, what.object) + b"\x1e")
            held = what.object
        parts.append(_reference(2, what))
        if isinstance(content, bytes):
            parts.append(b"\x4e" + content + b"\x4f")
        else:
            parts.append(b"\x5e" + tags.write(tags.ENUMERATED, content[0]) + tags.write(tags.ENUMERATED, content[1]) + b"\x5f")
    return b"".join(parts) + (b"\x1f" if held is not None else b"")


def read_read_multiple_ack(data: bytes) -> list[Result]:
    """Return what was read, in order."""
    at, end, found = 0, len(data), list[Result]()
    value = tags.value
    while at < end:
        object_, at = _object(data, at, end, 0)
        at = tags.opening(data, at, end, 1)
        while True:
            if at >= end:
                raise WireError("a closing tag 1 is missing")
            if data[at] == 0x1F:
                at += 1
                break
            if data[at] == 0x29 and at + 3 <= end:
                property_ = data[at + 1]
                at += 2
            else:
                property_, at = tags.unsigned(data, at, end, 2)
            index: int | None = None
            if at < end and data[at] != 0x4E:
                index, at = tags.optional(data, at, end, 3)
            if at < end and data[at] == 0x4E:
                # One plain value, as nearly every property is.
                if at + 1 < end and not data[at + 1] & 8:
                    one, after = value(data, at + 1, end)
                    if after < end and data[after] == 0x4F:
                        found.append(Result(object_, property_, index, [one]))
                        at = after + 1
                        continue
                values, at = tags.values(data, at + 1, end, 4)
                found.append(Result(object_, property_, index, values))
            else:
                at = tags.opening(data, at, end, 5)
                refused, at = _refused(data, at, end)
                if not tags.closes(data, at, end, 5):
                    raise WireError("an error has more than class and code")
                at += 1
                found.append(Result(object_, property_, index, None, refused))
            if len(found) > ITEMS:
                raise WireError(f"an answer has more than {ITEMS} properties")
    return found


def write_property(one: Write) -> bytes:
    """Write a property; raises ValueError or OverflowError where a value does not fit its tag."""
    what = one.property
    content = b"".join(tags.write(tag, value) for tag, value in one.values)
    priority = b"" if one.priority is None else tags.context(4, one.priority)
    return tags.context_object(0, what.object) + _reference(1, what) + b"\x3e" + content + b"\x3f" + priority


def read_write_property(data: bytes) -> Write:
    """Return what is to be written."""
    what, end = read_read_property(data), len(data)
    at = tags.opening(data, _third(data, what), end, 3)
    values, at = tags.values(data, at, end, 3)
    priority, _ = tags.optional(data, at, end, 4)
    if priority is not None and not 1 <= priority <= 16:
        raise WireError(f"{priority} is no priority")
    return Write(what, values, priority)


def subscribe(one: Subscription) -> bytes:
    """Subscribe to an object's changes, or end it."""
    ended = one.confirmed is None
    more = b"" if ended else tags.context(2, int(bool(one.confirmed))) + tags.context(3, one.lifetime or 0)
    return tags.context(0, one.process) + tags.context_object(1, one.object) + more


def read_subscribe(data: bytes) -> Subscription:
    """Return the subscription that is asked for."""
    end = len(data)
    process, at = tags.unsigned(data, 0, end, 0)
    object_, at = _object(data, at, end, 1)
    confirmed, at = tags.optional(data, at, end, 2)
    lifetime, at = tags.optional(data, at, end, 3)
    return Subscription(process, object_, None if confirmed is None else bool(confirmed), lifetime)


def notification(one: Notification) -> bytes:
    """Tell changed values."""
    parts = [
        tags.context(0, one.process),
        tags.context_object(1, one.device),
        tags.context_object(2, one.object),
        tags.context(3, one.remaining),
        b"\x4e",
    ]
    for property_, index, values in one.values:
        parts.append(_reference(0, Property(one.object, property_, index)))
        parts.append(b"\x2e" + b"".join(tags.write(tag, value) for tag, value in values) + b"\x2f")
    return b"".join(parts) + b"\x4f"


def read_notification(data: bytes) -> Notification:
    """Return what a device tells."""
    end = len(data)
    process, at = tags.unsigned(data, 0, end, 0)
    device, at = _object(data, at, end, 1)
    object_, at = _object(data, at, end, 2)
    remaining, at = tags.unsigned(data, at, end, 3)
    at = tags.opening(data, at, end, 4)
    found: list[tuple[int, int | None, list[Tagged]]] = []
    while not tags.closes(data, at, end, 4):
        property_, at = tags.unsigned(data, at, end, 0)
        index, at = tags.optional(data, at, end, 1)
        at = tags.opening(data, at, end, 2)
        values, at = tags.values(data, at, end, 2)
        _, at = tags.optional(data, at, end, 3)
        found.append((property_, index, values))
        if len(found) > ITEMS:
            raise WireError(f"a notification has more than {ITEMS} properties")
    return Notification(process, device, object_, remaining, found)


def content(values: Iterable[tuple[int, Any]]) -> bytes:
    """Write values one after the other."""
    return b"".join(tags.write(tag, value) for tag, value in values)


def _object(data: bytes, at: int, end: int, number: int) -> tuple[int, int]:
    if at + 5 > end or data[at] != number << 4 | 12:
        raise WireError(f"an object under the context tag {number} is missing")
    return int.from_bytes(data[at + 1 : at + 5]), at + 5


def _reference(first: int, what: Property) -> bytes:
    plain = tags.context(first, what.property)
    return plain if what.place is None else plain + tags.context(first + 1, what.place)


def _third(data: bytes, what: Property) -> int:
    """Return where the value of a message begins that names a property under the tags 0 to 2."""
    end = len(data)
    _, at = tags.unsigned(data, 5, end, 1)
    return at if what.place is None else tags.unsigned(data, at, end, 2)[1]


def _refused(data: bytes, at: int, end: int) -> tuple[Refused, int]:
    (first, error_class), at = tags.value(data, at, end)
    (second, code), at = tags.value(data, at, end)
    if first != tags.ENUMERATED or second != tags.ENUMERATED:
        raise WireError("an error has no class and code")
    return (error_class, code), at
