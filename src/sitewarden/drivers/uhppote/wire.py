"""The packets of UHPPOTE boards: 64 bytes, a function code, a serial number, fields at fixed places. Pure.

The layout is the public one of the uhppoted project (its Go and Python libraries, MIT): byte 0 is 0x17, byte 1 the function,
bytes 4 to 7 the board's serial number, little endian as all numbers; dates and times are BCD of the wall clock. One table serves
both directions and both ends, the driver and the simulated board.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote.messages import Message

SIZE: Final = 64
START: Final = 0x17
START_OLD: Final = 0x19
"""First byte of events of firmware 6.62; everything else of it begins with 0x17."""
EVENT: Final = 0x20
"""Function code of a live event, the one of the status too."""


class WireError(ValueError):
    """The bytes are no packet of a board."""


class Kind(NamedTuple):
    """How a field stands in a packet."""

    size: int
    write: Callable[[Any], bytes]
    read: Callable[[bytes], Any]


class Field(NamedTuple):
    """A field of a message and where it stands."""

    name: str
    at: int
    kind: Kind


def _number(size: int) -> Kind:
    return Kind(size, lambda value: value.to_bytes(size, "little"), lambda data: int.from_bytes(data, "little"))


def _to_bcd(text: str) -> bytes:
    return bytes.fromhex(text)


def _digits(data: bytes) -> str | None:
    text = data.hex()
    return text if text.isdecimal() else None


def _read_date(data: bytes) -> date | None:
    text = _digits(data)
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) if text else None
    except ValueError:
        return None


def _read_datetime(data: bytes) -> datetime | None:
    text, day = _digits(data), _read_date(data[:4])
    try:
        return datetime(day.year, day.month, day.day, int(text[8:10]), int(text[10:12]), int(text[12:])) if text and day else None
    except ValueError:
        return None


def _read_minutes(data: bytes) -> int:
    text = _digits(data)
    if text is None or text > "2400" or text[2:] > "59":
        raise WireError(f"{data.hex()} is no time of day")
    return int(text[:2]) * 60 + int(text[2:])


def _read_clock(data: bytes) -> tuple[int, int, int]:
    text = _digits(data)
    if text is None:
        return 99, 99, 99
    return int(text[:2]), int(text[2:4]), int(text[4:])


def _read_version(data: bytes) -> str:
    return f"{data[0]:x}.{data[1]:02x}"


def _write_version(value: str) -> bytes:
    major, _, minor = value.partition(".")
    return bytes((int(major, 16), int(minor, 16)))


BYTE: Final = _number(1)
SHORT: Final = _number(2)
THREE: Final = _number(3)
LONG: Final = _number(4)
FLAG: Final = Kind(1, lambda value: bytes((bool(value),)), lambda data: data != b"\0")
ADDRESS: Final = Kind(4, lambda value: ipaddress.IPv4Address(value).packed, lambda data: str(ipaddress.IPv4Address(data)))
HARDWARE: Final = Kind(6, lambda value: bytes.fromhex(value.replace(":", "")), lambda data: data.hex(":"))
VERSION: Final = Kind(2, _write_version, _read_version)
DATE: Final = Kind(4, lambda value: _to_bcd(f"{value:%Y%m%d}".zfill(8)) if value else bytes(4), _read_date)
DATETIME: Final = Kind(7, lambda value: _to_bcd(f"{value:%Y%m%d%H%M%S}".zfill(14)) if value else bytes(7), _read_datetime)
DAY: Final = Kind(3, lambda value: _to_bcd(f"{value:%y%m%d}") if value else bytes(3), lambda data: _read_date(b"\x20" + data))
CLOCK: Final = Kind(3, lambda value: _to_bcd("".join(f"{part:02d}" for part in value)), _read_clock)
MINUTES: Final = Kind(2, lambda value: _to_bcd(f"{value // 60:02d}{value % 60:02d}"), _read_minutes)


def _fields(text: str) -> tuple[Field, ...]:
    """Return the fields of "name@place kind, …"."""
    kinds = {
        "u8": BYTE, "u16": SHORT, "u24": THREE, "u32": LONG, "flag": FLAG, "ip": ADDRESS, "mac": HARDWARE, "version": VERSION,
        "date": DATE, "datetime": DATETIME, "day": DAY, "clock": CLOCK, "hhmm": MINUTES,
    }  # fmt: skip
    found = []
    for line in filter(None, text.split(",")):
        name, kind = line.split()
        name, _, at = name.partition("@")
        found.append(Field(name, int(at), kinds[kind]))
    return tuple(found)


_EVENT = "index@8 u32, type@12 u8, granted@13 flag, door@14 u8, direction@15 u8, card@16 u32, time@20 datetime, reason@27 u8"
_STATUS = (
    f"{_EVENT}, open_1@28 flag, open_2@29 flag, open_3@30 flag, open_4@31 flag, button_1@32 flag, button_2@33 flag,"
    " button_3@34 flag, button_4@35 flag, error@36 u8, clock@37 clock, sequence@40 u32, special@48 u8, relays@49 u8,"
    " inputs@50 u8, day@51 day"
)
_CARD = "card@8 u32, first@12 date, last@16 date, door_1@20 u8, door_2@21 u8, door_3@22 u8, door_4@23 u8, pin@24 u24"
_PROFILE = (
    "id@8 u8, first@9 date, last@13 date, monday@17 flag, tuesday@18 flag, wednesday@19 flag, thursday@20 flag, friday@21 flag,"
    " saturday@22 flag, sunday@23 flag, start_1@24 hhmm, end_1@26 hhmm, start_2@28 hhmm, end_2@30 hhmm, start_3@32 hhmm,"
    " end_3@34 hhmm, linked@36 u8"
)
_DOOR = "door@8 u8, mode@9 u8, delay@10 u8"
_LISTENER = "address@8 ip, port@12 u16, interval@14 u8"

Layout = tuple[type[Message], tuple[Field, ...]]

TABLE: Final[tuple[tuple[int, type[Message], str, type[Message], str], ...]] = (
    (0x94, m.GetController, "", m.Controller,
     "address@8 ip, netmask@12 ip, gateway@16 ip, hardware@20 mac, version@26 version, released@28 date"),
    (0x20, m.GetStatus, "", m.Status, _STATUS),
    (0x30, m.SetTime, "time@8 datetime", m.Time, "time@8 datetime"),
    (0x32, m.GetTime, "", m.Time, "time@8 datetime"),
    (0x40, m.OpenDoor, "door@8 u8", m.Done, "ok@8 flag"),
    (0x50, m.PutCard, _CARD, m.Done, "ok@8 flag"),
    (0x52, m.DeleteCard, "card@8 u32", m.Done, "ok@8 flag"),
    (0x54, m.DeleteCards, "sure@8 u32", m.Done, "ok@8 flag"),
    (0x58, m.CountCards, "", m.Cards, "count@8 u32"),
    (0x5A, m.GetCard, "card@8 u32", m.Card, _CARD),
    (0x5C, m.GetCardAt, "index@8 u32", m.Card, _CARD),
    (0x80, m.SetDoor, _DOOR, m.Door, _DOOR),
    (0x82, m.GetDoor, "door@8 u8", m.Door, _DOOR),
    (0x84, m.SetAntipassback, "mode@8 u8", m.Done, "ok@8 flag"),
    (0x86, m.GetAntipassback, "", m.Antipassback, "mode@8 u8"),
    (0x88, m.SetProfile, _PROFILE, m.Done, "ok@8 flag"),
    (0x8A, m.ClearProfiles, "sure@8 u32", m.Done, "ok@8 flag"),
    (0x8E, m.SetSpecialEvents, "on@8 flag", m.Done, "ok@8 flag"),
    (0x90, m.SetListener, _LISTENER, m.Done, "ok@8 flag"),
    (0x92, m.GetListener, "", m.Listener, _LISTENER),
    (0x98, m.GetProfile, "id@8 u8", m.Profile, _PROFILE),
    (0xA0, m.SetPcControl, "sure@8 u32, on@12 flag", m.Done, "ok@8 flag"),
    (0xA2, m.SetInterlock, "mode@8 u8", m.Done, "ok@8 flag"),
    (0xB0, m.GetEvent, "index@8 u32", m.Event, _EVENT),
    (0xB2, m.SetEventIndex, "index@8 u32, sure@12 u32", m.Done, "ok@8 flag"),
    (0xB4, m.GetEventIndex, "", m.EventIndex, "index@8 u32"),
)  # fmt: skip
"""Function, request and its fields, answer and its fields."""


_REQUESTS: Final[dict[int, Layout]] = {code: (request, _fields(fields)) for code, request, fields, _, _ in TABLE}
_ANSWERS: Final[dict[int, Layout]] = {code: (answer, _fields(fields)) for code, _, _, answer, fields in TABLE}
_CODES: Final[dict[type[Message], int]] = {request: code for code, request, *_ in TABLE}


def code_of(request: Message) -> int:
    """Return the function code of a request."""
    return _CODES[type(request)]


def write_request(request: Message) -> bytes:
    """Return a request as it travels."""
    code = _CODES[type(request)]
    return _write(code, request, _REQUESTS[code][1])


def write_answer(code: int, answer: Message, *, start: int = START) -> bytes:
    """Return a board's answer to a request of this function."""
    return _write(code, answer, _ANSWERS[code][1], start)


def read_request(data: bytes) -> Message:
    """Return the request of a packet; raises WireError."""
    return _read(data, _REQUESTS, (START,))


def read_answer(data: bytes) -> tuple[int, Message]:
    """Return (function, answer) of a packet; raises WireError."""
    return data[1] if len(data) > 1 else 0, _read(data, _ANSWERS, (START,))


def read_event(data: bytes) -> m.Status:
    """Return the live event of a packet; raises WireError."""
    if len(data) > 1 and data[1] != EVENT:
        raise WireError(f"function {data[1]:#04x} is no event")
    found = _read(data, _ANSWERS, (START, START_OLD))
    assert isinstance(found, m.Status)
    return found


def _write(code: int, message: Message, fields: tuple[Field, ...], start: int = START) -> bytes:
    packet = bytearray(SIZE)
    packet[0], packet[1] = start, code
    packet[4:8] = message.serial.to_bytes(4, "little")
    for name, at, kind in fields:
        packet[at : at + kind.size] = kind.write(getattr(message, name))
    return bytes(packet)


def _read(data: bytes, table: dict[int, Layout], starts: tuple[int, ...]) -> Message:
    if len(data) != SIZE:
        raise WireError(f"a packet has {SIZE} bytes, not {len(data)}")
    if data[0] not in starts:
        raise WireError(f"a packet does not begin with {data[0]:#04x}")
    layout = table.get(data[1])
    if layout is None:
        raise WireError(f"function {data[1]:#04x} is not known")
    type_, fields = layout
    values = {name: kind.read(data[at : at + kind.size]) for name, at, kind in fields}
    return type_(serial=int.from_bytes(data[4:8], "little"), **values)
