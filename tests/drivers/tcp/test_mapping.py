"""Golden cases give values for messages; what is written is exact or refused."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.tcp.config import AddressConfig, DeviceConfig, EndpointConfig
from sitewarden.drivers.tcp.mapping import Naming, framer, message_of, readings, source_time
from sitewarden.kit.config import check

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
SILENT = "-"
"""Stands in a golden case for a point that a message says nothing of."""


def _points(case: dict[str, Any]) -> list[tuple[Point, AddressConfig]]:
    return [
        (
            Point(id=str(at), name="P", device="d", **{key: one[key] for key in ("type", "scale", "offset") if key in one}),
            check(AddressConfig, one["address"]),
        )
        for at, one in enumerate(case["points"])
    ]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    case = json.loads(path.read_text())
    made = readings(check(DeviceConfig, case["device"]), _points(case))
    for message in case["messages"]:
        data = message["text"].encode() if "text" in message else bytes.fromhex(message["bytes"])
        found: list[Any] = [SILENT] * len(case["points"])
        times = set()
        for reading in made:
            heard = reading.read(data)
            if heard is None:
                continue
            times.add(heard.time)
            for id_, value, quality in zip(reading.ids, heard.values, heard.qualities, strict=True):
                found[int(id_)] = value
                assert quality == (Quality.BAD_SENSOR_FAILURE if value is None else Quality.GOOD)
        for value, expected in zip(found, message["values"], strict=True):
            if isinstance(expected, float):
                assert isinstance(value, float) and math.isclose(value, expected, rel_tol=1e-6), message
            else:
                assert (value, type(value)) == (expected, type(expected)), message
        assert times <= {message["time"]}, message


def _point(**more: Any) -> Point:
    return Point(id="p", name="P", device="d", **more)


@pytest.mark.parametrize(
    ("point", "template", "value", "said"),
    [
        (_point(), "T {value:.2f}\r\n", 1.5, b"T 1.50\r\n"),
        (_point(scale=0.1), "T {value}", 1.5, b"T 15.0"),
        (_point(type="integer"), "{device}={value:03d};", 7, b"S1=007;"),
        (_point(type="boolean"), "\u0002{value}\u0003", True, b"\x021\x03"),
        (_point(type="string"), "N {value}", "Tür", "N Tür".encode("latin-1")),
        (_point(type="string"), "N {value}", "门", "N 门".encode()),
    ],
)
def test_a_value_is_said(point: Point, template: str, value: Any, said: bytes) -> None:
    assert message_of(point, AddressConfig(write=template), value, "S1") == said


@pytest.mark.parametrize(
    ("point", "template", "value"),
    [
        (_point(type="string"), "N {value}\r\n", "x\r\nFIRE"),
        (_point(), "T {value}", "1"),
        (_point(type="boolean"), "T {value}", 3),
        (_point(), "T {value:d}", 1.5),
        (_point(), "T {value}", None),
    ],
)
def test_what_cannot_be_said_is_refused(point: Point, template: str, value: Any) -> None:
    with pytest.raises(Invalid):
        message_of(point, AddressConfig(write=template), value, "S1")


def test_a_device_is_named_by_its_group_or_the_first() -> None:
    assert Naming(r"^(\w+) ").of(b"S1 W=1") == b"S1"
    assert Naming(r"^(\d+) (?P<device>\w+)").of(b"17 S1") == b"S1"
    assert Naming(r"^(\w+)?:").of(b":") is None
    assert Naming(r"^(\w+) ").of(b"?") is None


@pytest.mark.parametrize(
    ("text", "form"), [(b"1e400", "seconds"), (b"-1", "seconds"), (b"9" * 30, "milliseconds"), (b"\xff", "iso")]
)
def test_an_unbelievable_time_is_none(text: bytes, form: str) -> None:
    assert source_time(text, form) is None


SERVER = {"mode": "server", "port": 42000}


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ({"mode": "server"}, "port: is missing"),
        (SERVER | {"host": "10.0.0.1"}, "a server has none"),
        ({"mode": "client", "port": 1}, "a client needs the host"),
        (SERVER | {"framing": "fixed"}, "length goes with"),
        (SERVER | {"delimiter": ""}, "needs a delimiter"),
        (SERVER | {"delimiter": "→"}, "delimiter"),
        (SERVER | {"networks": ["10.0.0.1/8"]}, "host bits"),
        (SERVER | {"device": "no group"}, "no group 1"),
        (SERVER | {"device": "("}, "cannot be read"),
        (SERVER | {"reply": "{value}"}, 'knows no place "value"'),
        (SERVER | {"fingerprint": "0" * 64}, "a client's with tls"),
    ],
)
def test_an_endpoint_that_cannot_work_is_refused(config: dict[str, Any], what: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(EndpointConfig, config)
    assert what in str(refused.value)


def test_a_framer_for_each_framing() -> None:
    assert framer(check(EndpointConfig, SERVER | {"delimiter": "\u00ff"})).feed(b"a\xffb\xff") == [b"a", b"b"]
    assert framer(check(EndpointConfig, SERVER | {"framing": "fixed", "length": 2})).feed(b"abc") == [b"ab"]
    assert framer(check(EndpointConfig, SERVER | {"framing": "length"})).feed(b"\x00\x01a") == [b"\x00\x01a"]
    assert (check(EndpointConfig, SERVER).uses()[0].row, check(EndpointConfig, SERVER).uses()[0].number) == ("tcp-server", 42000)
