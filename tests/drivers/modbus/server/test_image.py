"""What masters read and write of the house: registers, exceptions, words, NaN."""

from __future__ import annotations

import math
from struct import pack, unpack
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.modbus.server.config import DeviceConfig
from sitewarden.drivers.modbus.server.image import Image
from sitewarden.kit.house import UNHEARD, Reading, Source
from sitewarden.wire.modbus import DeviceException, Request

TEMPERATURE, PUMP, DOOR, NAME = Source("point:t"), Source("point:pump"), Source("door:main", "lock"), Source("point:name")
REGISTERS: list[dict[str, Any]] = [
    {"of": "point:t", "table": "input", "register": 0, "type": "float32"},
    {"of": "point:t", "table": "input", "register": 2, "type": "uint32", "what": "quality"},
    {"of": "point:t", "table": "input", "register": 4, "type": "int16", "scale": 0.1},
    {"of": "point:t", "table": "input", "register": 5, "type": "int16", "scale": 0.1, "lost": "last"},
    {"of": "point:pump", "table": "coil", "register": 3, "writable": True},
    {"of": "point:t", "table": "holding", "register": 10, "type": "float32", "word_order": "little", "writable": True},
    {"of": "point:t", "table": "holding", "register": 12, "type": "int16", "scale": 0.1, "writable": True},
    {"of": "point:pump", "table": "holding", "register": 13, "type": "bit", "bit": 4, "writable": True},
    {"of": "door:main", "member": "lock", "table": "holding", "register": 14, "words": {"locked": 1, "unlocked": 0}},
    {"of": "point:name", "table": "holding", "register": 20, "type": "string", "length": 4, "writable": True},
]


def image(registers: list[dict[str, Any]] | None = None, **more: Any) -> Image:
    made = Image(msgspec.convert({"registers": registers or REGISTERS, **more}, DeviceConfig))
    made.put([(source, UNHEARD) for source in made.sources])
    return made


def read(of: Image, function: int, address: int, count: int) -> bytes:
    return of.read(Request(function, address, count))


def refused(of: Image, request: Request) -> int:
    with pytest.raises(DeviceException) as refusal:
        of.read(request) if request.function <= 4 else of.writes(request)
    return refusal.value.code


def test_a_value_stands_in_every_form_that_it_was_given() -> None:
    unit = image()
    unit.put([(TEMPERATURE, Reading(21.5, Quality.GOOD, 1))])
    assert unpack(">fIhh", read(unit, 4, 0, 6)) == (21.5, 0, 215, 215)
    low, high = unpack(">HH", read(unit, 3, 10, 2))
    assert pack(">HH", high, low) == pack(">f", 21.5)


def test_what_is_bad_is_never_a_number() -> None:
    unit = image()
    assert refused(unit, Request(4, 4, 1)) == 4
    assert math.isnan(unpack(">f", read(unit, 4, 0, 2))[0])
    unit.put([(TEMPERATURE, Reading(21.5, Quality.GOOD, 1))])
    unit.put([(TEMPERATURE, Reading(None, Quality.BAD_NO_COMMUNICATION, 2))])
    assert math.isnan(unpack(">f", read(unit, 4, 0, 2))[0])
    assert unpack(">I", read(unit, 4, 2, 2))[0] == Quality.BAD_NO_COMMUNICATION
    assert refused(unit, Request(4, 4, 1)) == 4
    assert unpack(">h", read(unit, 4, 5, 1)) == (215,)
    unit.put([(TEMPERATURE, Reading(20.0, Quality.UNCERTAIN_LAST_KNOWN_VALUE, 1))])
    assert unpack(">h", read(unit, 4, 4, 1)) == (200,)


def test_a_value_that_does_not_fit_is_refused_and_not_cut() -> None:
    unit = image()
    unit.put([(TEMPERATURE, Reading(4000.0, Quality.GOOD, 1))])
    assert refused(unit, Request(4, 4, 1)) == 4
    assert unpack(">f", read(unit, 4, 0, 2)) == (4000.0,)


def test_gaps_are_refused_or_zero_as_the_unit_says() -> None:
    unit = image()
    unit.put([(PUMP, Reading(True, Quality.GOOD, 1))])
    assert refused(unit, Request(1, 0, 8)) == 2
    lenient = image(gaps="zero")
    lenient.put([(PUMP, Reading(True, Quality.GOOD, 1))])
    assert read(lenient, 1, 0, 8) == b"\x08"
    assert read(lenient, 3, 100, 2) == bytes(4)


def test_words_are_numbers_where_they_are_named() -> None:
    unit = image()
    unit.put([(DOOR, Reading("locked", Quality.GOOD, 1))])
    assert read(unit, 3, 14, 1) == b"\0\1"
    unit.put([(DOOR, Reading("ajar", Quality.GOOD, 1))])
    assert refused(unit, Request(3, 14, 1)) == 4
    unit.put([(NAME, Reading("Pump A", Quality.GOOD, 1))])
    assert read(unit, 3, 20, 4) == b"Pump A\0\0"


@pytest.mark.parametrize(
    ("request_", "written"),
    [
        (Request(5, 3, 1, b"\x01"), [("point:pump", True)]),
        (Request(15, 3, 1, b"\x00"), [("point:pump", False)]),
        (Request(6, 12, 1, pack(">h", 185)), [("point:t", 18.5)]),
        (Request(16, 10, 3, bytes.fromhex("0000 419a 000a")), [("point:t", 19.25), ("point:t", 1.0)]),
        (Request(22, 13, 1, pack(">HH", 0xFFEF, 0x0010)), [("point:pump", True)]),
        (Request(6, 13, 1, b"\0\0"), []),
        (Request(16, 20, 4, b"Fan\0\0\0\0\0"), [("point:name", "Fan")]),
    ],
)
def test_a_write_is_values_of_points(request_: Request, written: list[tuple[str, Value]]) -> None:
    unit = image()
    assert [(one.ref, one.value) for one in unit.writes(request_)] == written


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (Request(5, 4, 1, b"\x01"), 2),
        (Request(6, 14, 1, b"\0\1"), 2),
        (Request(6, 10, 1, b"\0\1"), 3),
        (Request(6, 11, 1, b"\0\1"), 2),
        (Request(16, 10, 2, b"\0\0\x7f\xc0"), 3),
        (Request(6, 999, 1, b"\0\1"), 2),
    ],
)
def test_what_cannot_be_written_is_refused(request_: Request, code: int) -> None:
    unit = image()
    unit.put([(DOOR, Reading("locked", Quality.GOOD, 1))])
    assert refused(unit, request_) == code


@given(
    st.floats(width=32, allow_nan=False, allow_infinity=False),
    st.sampled_from(["big", "little"]),
    st.sampled_from(["big", "little"]),
)
def test_what_is_read_and_written_back_is_the_same(value: float, words: str, order: str) -> None:
    config = {"of": "point:t", "register": 7, "type": "float32", "word_order": words, "byte_order": order, "writable": True}
    unit = image([config])
    unit.put([(TEMPERATURE, Reading(value, Quality.GOOD, 1))])
    (write,) = unit.writes(Request(16, 7, 2, read(unit, 3, 7, 2)))
    assert write.value == value


@pytest.mark.parametrize(
    ("registers", "said"),
    [
        ([{"of": "point:a", "register": 1, "type": "float32"}, {"of": "point:b", "register": 2}], "both stand in holding 2"),
        ([{"of": "door:a", "register": 1, "writable": True}], "only the value of a point"),
        ([{"of": "point:a", "table": "input", "register": 1, "writable": True}], "cannot write the table input"),
        ([{"of": "point:a", "register": 1, "lost": "nan"}], "only a float"),
        ([{"of": "point:a", "register": 1, "what": "quality"}], "uint32"),
        ([{"of": "point:a", "register": 1, "scale": 0.0}], "nothing of the value"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(registers: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert({"registers": registers}, DeviceConfig)
