"""The application layer's headers (clause 20.1): eight kinds of message, segments among them. Pure."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from sitewarden.wire.bacnet import tags
from sitewarden.wire.bacnet.tags import WireError

LONGEST: Final = 1476
"""Bytes of the longest APDU over IP."""
SIZES: Final = (50, 128, 206, 480, 1024, 1476)
"""Longest APDUs that a header can tell (clause 20.1.2.5)."""
SEGMENTS: Final = (0, 2, 4, 8, 16, 32, 64, 65)
"""Most segments that a header can tell; 0 is not told, 65 more than 64."""
WINDOW: Final = 16
"""Segments that we take between two acknowledgements."""


class Confirmed(IntEnum):
    """Confirmed services in use (clause 21)."""

    ACKNOWLEDGE_ALARM = 0
    COV_NOTIFICATION = 1
    EVENT_NOTIFICATION = 2
    SUBSCRIBE_COV = 5
    READ_PROPERTY = 12
    READ_PROPERTY_MULTIPLE = 14
    WRITE_PROPERTY = 15


class Unconfirmed(IntEnum):
    """Unconfirmed services in use."""

    I_AM = 0
    I_HAVE = 1
    COV_NOTIFICATION = 2
    EVENT_NOTIFICATION = 3
    WHO_HAS = 7
    WHO_IS = 8


class RejectReason(IntEnum):
    """Clause 18.9."""

    OTHER = 0
    INVALID_TAG = 4
    MISSING_REQUIRED_PARAMETER = 5
    UNRECOGNIZED_SERVICE = 9


class AbortReason(IntEnum):
    """Clause 18.10."""

    OTHER = 0
    BUFFER_OVERFLOW = 1
    SEGMENTATION_NOT_SUPPORTED = 4


class Request(NamedTuple):
    """A confirmed request."""

    invoke: int
    service: int
    data: bytes
    longest: int = LONGEST
    """Bytes of the longest APDU that its sender takes."""
    segments: int = 0
    """Segments that its sender takes; 0 where it takes none or tells no number and `segmented` says which."""
    segmented: bool = False
    """Its sender takes answers in segments."""
    sequence: int | None = None
    """Number of this segment, where the request itself is in segments."""
    more: bool = False
    window: int = 1


class Message(NamedTuple):
    """An unconfirmed request."""

    service: int
    data: bytes


class Done(NamedTuple):
    """A simple acknowledgement."""

    invoke: int
    service: int


class Answer(NamedTuple):
    """A complex acknowledgement, whole or one segment of it."""

    invoke: int
    service: int
    data: bytes
    sequence: int | None = None
    more: bool = False
    window: int = 1


class SegmentAck(NamedTuple):
    """The acknowledgement of segments up to `sequence`."""

    invoke: int
    sequence: int
    window: int
    negative: bool = False
    server: bool = False


class Error(NamedTuple):
    """The device refuses for a reason of its own."""

    invoke: int
    service: int
    error_class: int
    code: int


class Reject(NamedTuple):
    """The device cannot read the request."""

    invoke: int
    reason: int


class Abort(NamedTuple):
    """The device gave the exchange up."""

    invoke: int
    reason: int
    server: bool = True


Apdu = Request | Message | Done | Answer | SegmentAck | Error | Reject | Abort


def read(data: bytes) -> Apdu:
    """Return the message; raise WireError."""
    if len(data) < 2:
        raise WireError("an APDU ends within its header")
    first, kind = data[0], data[0] >> 4
    if kind == 1:
        return Message(data[1], data[2:])
    if len(data) < 3:
        raise WireError("an APDU ends within its header")
    if kind == 3:
        if not first & 8:
            return Answer(data[1], data[2], data[3:])
        if len(data) < 5:
            raise WireError("a segment ends within its header")
        return Answer(data[1], data[4], data[5:], data[2], bool(first & 4), data[3])
    match kind:
        case 0:
            return _request(first, data)
        case 2:
            return Done(data[1], data[2])
        case 4:
            if len(data) < 4:
                raise WireError("a segment's acknowledgement ends too early")
            return SegmentAck(data[1], data[2], data[3], bool(first & 2), bool(first & 1))
        case 5:
            return _error(data)
        case 6:
            return Reject(data[1], data[2])
        case 7:
            return Abort(data[1], data[2], bool(first & 1))
    raise WireError(f"{kind} is no kind of APDU")


def _request(first: int, data: bytes) -> Request:
    longest = SIZES[min(data[1] & 15, len(SIZES) - 1)]
    segments = SEGMENTS[data[1] >> 4 & 7]
    takes = bool(first & 2)
    if first & 8:
        if len(data) < 6:
            raise WireError("a segment ends within its header")
        return Request(data[2], data[5], data[6:], longest, segments, takes, data[3], bool(first & 4), data[4])
    if len(data) < 4:
        raise WireError("a request ends within its header")
    return Request(data[2], data[3], data[4:], longest, segments, takes)


def _error(data: bytes) -> Error:
    at, end = 3, len(data)
    # Some services put their error under a context tag, with more beside it (clause 21, "Error Productions").
    if at < end and data[at] == 0x0E:
        at += 1
    (first, error_class), at = tags.value(data, at, end)
    (second, code), _ = tags.value(data, at, end)
    if first != tags.ENUMERATED or second != tags.ENUMERATED:
        raise WireError("an error has no class and code")
    return Error(data[1], data[2], error_class, code)


def request(invoke: int, service: int, data: bytes) -> bytes:
    """Write a confirmed request; we take answers of 1,476 bytes in any number of segments."""
    return bytes((0x02, 0x75, invoke, service)) + data


def message(service: int, data: bytes) -> bytes:
    """Write an unconfirmed request."""
    return bytes((0x10, service)) + data


def done(invoke: int, service: int) -> bytes:
    """Write a simple acknowledgement."""
    return bytes((0x20, invoke, service))


def answer(invoke: int, service: int, data: bytes) -> bytes:
    """Write a whole complex acknowledgement."""
    return bytes((0x30, invoke, service)) + data


def segment(invoke: int, service: int, data: bytes, sequence: int, window: int, *, more: bool) -> bytes:
    """Write one segment of a complex acknowledgement."""
    return bytes((0x3C if more else 0x38, invoke, sequence & 0xFF, window, service)) + data


def segment_ack(invoke: int, sequence: int, window: int, *, negative: bool = False, server: bool = False) -> bytes:
    """Write the acknowledgement of segments."""
    return bytes((0x40 | negative << 1 | server, invoke, sequence & 0xFF, window))


def error(invoke: int, service: int, error_class: int, code: int) -> bytes:
    """Write a refusal."""
    return bytes((0x50, invoke, service)) + tags.write(tags.ENUMERATED, error_class) + tags.write(tags.ENUMERATED, code)


def reject(invoke: int, reason: int) -> bytes:
    """Write that a request cannot be read."""
    return bytes((0x60, invoke, reason))


def abort(invoke: int, reason: int, *, server: bool = True) -> bytes:
    """Write that an exchange is given up."""
    return bytes((0x70 | server, invoke, reason))
