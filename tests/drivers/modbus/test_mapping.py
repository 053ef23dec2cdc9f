"""Golden cases give values for registers and registers for values; what does not fit is refused, never cut."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality, is_bad
from sitewarden.drivers.modbus.config import AddressConfig
from sitewarden.drivers.modbus.mapping import Decoder, encode, masks, merge_bits, quality_of
from sitewarden.kit.config import check

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


def _point(number: int, case: dict[str, Any]) -> tuple[Point, AddressConfig]:
    more = {key: case[key] for key in ("type", "scale", "offset") if key in case}
    return Point(id=f"p{number}", name="P", device="d", **more), check(AddressConfig, case["address"])


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    case = json.loads(path.read_text())
    data = bytes.fromhex(case["data"])
    points = [_point(number, one) for number, one in enumerate(case["points"])]
    values, qualities = Decoder(points, case["start"]).decode(data)
    expected = [one["value"] for one in case["points"]]
    assert values == expected
    assert [type(value) for value in values] == [type(value) for value in expected]
    assert qualities == [Quality.BAD_SENSOR_FAILURE if value is None else Quality.GOOD for value in expected]
    for (point, address), value in zip(points, expected, strict=True):
        if value is None:
            continue
        if address.bits:
            assert encode(point, address, value) == bytes([value])
            continue
        at = (address.register - case["start"]) * 2
        held = data[at : at + address.size * 2]
        encoded = encode(point, address, value)
        if address.bit is not None:
            encoded = merge_bits(address, held, encoded)
        assert encoded == held


REGISTER_TYPES = ["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]


@given(
    st.sampled_from(REGISTER_TYPES),
    st.sampled_from(["big", "little"]),
    st.sampled_from(["big", "little"]),
    st.integers(0, 5),
    st.data(),
)
def test_what_is_written_is_read(kind: str, words: str, order: str, gap: int, data: st.DataObject) -> None:
    address = check(AddressConfig, {"register": gap, "type": kind, "word_order": words, "byte_order": order})
    bits = address.size * 16
    if kind.startswith("float"):
        value: Any = data.draw(st.floats(width=32 if bits == 32 else 64, allow_nan=False, allow_infinity=False))
    elif kind.startswith("u"):
        value = data.draw(st.integers(0, 2**bits - 1))
    else:
        value = data.draw(st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))
    point = Point(id="p", name="P", device="d")
    registers = encode(point, address, value)
    assert Decoder([(point, address)], 0).decode(bytes(gap * 2) + registers)[0] == [value]


@given(st.integers(0, 0xFFFF), st.integers(0, 15), st.integers(1, 16), st.sampled_from(["big", "little"]), st.data())
def test_a_field_changes_its_bits_alone(held: int, bit: int, length: int, order: str, data: st.DataObject) -> None:
    length = min(length, 16 - bit)
    address = check(AddressConfig, {"register": 0, "type": "uint16", "bit": bit, "length": length, "byte_order": order})
    value = data.draw(st.integers(0, 2**length - 1))
    point = Point(id="p", name="P", device="d", type="integer")
    merged = merge_bits(address, held.to_bytes(2, order), encode(point, address, value))  # type: ignore[arg-type]
    kept, given = masks(address, encode(point, address, value))
    one_step = int.from_bytes(held.to_bytes(2, order), "big") & int.from_bytes(kept, "big")  # type: ignore[arg-type]
    one_step |= int.from_bytes(given, "big") & ~int.from_bytes(kept, "big")
    assert one_step.to_bytes(2, "big") == merged
    mask = (2**length - 1) << bit
    assert int.from_bytes(merged, order) == held & ~mask | value << bit  # type: ignore[arg-type]
    assert Decoder([(point, address)], 0).decode(merged)[0] == [value]


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ({"type": "int16"}, 32768),
        ({"type": "uint16"}, -1),
        ({"type": "uint32"}, 2**32),
        ({"type": "float32"}, 1e39),
        ({"type": "float32"}, math.nan),
        ({"type": "int16"}, math.inf),
        ({"type": "uint16", "bit": 0, "length": 3}, 8),
        ({"type": "bit", "bit": 3}, 2),
        ({"type": "int16"}, "7"),
        ({"type": "int16"}, None),
        ({"type": "string", "length": 1}, "abc"),
        ({"type": "string", "length": 2}, 5),
        ({"type": "string", "length": 2}, "a\0b"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(address: dict[str, Any], value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        encode(Point(id="p", name="P", device="d"), check(AddressConfig, {"register": 0} | address), value)
    assert caught.value.where == "point:p"


@pytest.mark.parametrize("code", range(256))
def test_every_exception_is_bad(code: int) -> None:
    assert is_bad(quality_of(code))


@pytest.mark.parametrize(
    "address",
    [
        {"table": "coil", "register": 0, "type": "uint16"},
        {"register": 0, "type": "string"},
        {"register": 0, "type": "bit"},
        {"register": 0, "bit": 3},
        {"register": 0, "type": "uint16", "bit": 10, "length": 7},
        {"register": 0, "type": "int32", "length": 2},
        {"register": 65535, "type": "int32"},
        {"register": 0, "type": "float32", "write": "single"},
    ],
)
def test_an_address_that_makes_no_sense_is_refused(address: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        check(AddressConfig, address)
