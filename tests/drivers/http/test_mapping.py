"""Golden cases give values for documents; what is written is JSON or refused; requests keep their limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from msgspec import Meta

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.http.config import AddressConfig, DeviceConfig, EndpointConfig
from sitewarden.drivers.http.mapping import Reading, Unread, body_of
from sitewarden.drivers.http.requests import HEAD, Reader, RequestError
from sitewarden.kit.config import check

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
SILENT = "-"
"""Stands in a golden case for a point that a message says nothing of."""


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    case = json.loads(path.read_text())
    points = [
        (
            Point(id=str(at), name="P", device="d", **{key: one[key] for key in ("type", "scale", "offset") if key in one}),
            check(AddressConfig, {"path": one["path"]}),
        )
        for at, one in enumerate(case["points"])
    ]
    reading = Reading(check(DeviceConfig, case["device"]), points)
    for message in case["messages"]:
        heard = reading.read(json.dumps(message["body"]).encode())
        found: list[Any] = [SILENT] * len(points)
        for id_, value, quality in zip(heard.ids, heard.values, heard.qualities, strict=True):
            found[int(id_)] = value
            assert quality == (Quality.BAD_SENSOR_FAILURE if value is None else Quality.GOOD)
        assert (found, heard.time) == (message["values"], message["time"])
        assert [type(one) for one in found] == [type(one) for one in message["values"]]
        assert (heard.ids is reading.ids) == (SILENT not in found)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"else": 1}', b"NaN"])
def test_what_is_no_message_is_said(body: bytes) -> None:
    reading = Reading(DeviceConfig(path="/c"), [(Point(id="p", name="P", device="d"), AddressConfig(path="/v"))])
    with pytest.raises(Unread, match="the body"):
        reading.read(body)


@pytest.mark.parametrize(
    ("type_", "body", "value", "said"),
    [
        ("number", '{{"value": {value}}}', 1.5, {"value": 1.5}),
        ("number", '{{"v": {value:.1f}}}', 1.25, {"v": 1.2}),
        ("integer", "{value}", 7, 7),
        ("boolean", '{{"on": {value}}}', True, {"on": True}),
        ("string", '{{"text": {value}}}', 'a", "admin": "yes', {"text": 'a", "admin": "yes'}),
    ],
)
def test_a_value_is_said_as_json(type_: Any, body: str, value: Any, said: Any) -> None:
    point = Point(id="p", name="P", device="d", type=type_)
    assert msgspec.json.decode(body_of(point, AddressConfig(path="/v", write="/w", body=body), value)) == said
    with pytest.raises(Invalid):
        body_of(point, AddressConfig(path="/v", write="/w", body=body), None)


SERVER = {"mode": "server", "port": 56789}


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ({"mode": "server"}, "port: is missing"),
        ({"mode": "client", "port": 1}, "a client needs the host"),
        (SERVER | {"token": "x"}, "are a client's"),
        (SERVER | {"networks": ["x"]}, "x"),
        ({"mode": "client", "port": 1, "host": "h", "token": "a", "password": "b"}, "in the place of"),
        ({"mode": "client", "port": 1, "host": "h", "token": "a\r\nX: b"}, "token"),
    ],
)
def test_an_endpoint_that_cannot_work_is_refused(config: dict[str, Any], what: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(EndpointConfig, config)
    assert what in str(refused.value)


def test_pipelined_and_chunked_requests_are_read_in_pieces() -> None:
    stream = (
        b"POST /a?b=c HTTP/1.1\r\nAuthorization: Bearer k1\r\nContent-Length: 2\r\n\r\n{}"
        b"PUT http://h:1/b HTTP/1.1\r\nX-Device-Key: k2\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n[]\r\n0\r\n\r\n"
    )
    for step in (1, 10, len(stream)):
        reader = Reader(100)
        found = [one for at in range(0, len(stream), step) for one in reader.feed(stream[at : at + step])]
        assert [(one.method, one.path, one.key, one.body, one.keep) for one in found] == [
            (b"POST", "/a", "k1", b"{}", True),
            (b"PUT", "/b", "k2", b"[]", False),
        ]


@pytest.mark.parametrize(
    ("stream", "status"),
    [
        (b"HELLO\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n80\r\n" + b"x" * 128, 413),
        (b"POST /" + b"x" * (3 * HEAD) + b" HTTP/1.1\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\n" + b"A: b\r\n" * HEAD + b"\r\n", 431),
        (b"POST / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 501),
    ],
)
def test_a_request_beyond_its_limits_is_refused(stream: bytes, status: int) -> None:
    for step in (100, len(stream)):
        reader = Reader(100)
        with pytest.raises(RequestError) as refused:
            for at in range(0, len(stream), step):
                reader.feed(stream[at : at + step])
                if reader.fault is not None:
                    raise reader.fault
        assert refused.value.status == status


def test_what_is_secret_is_marked_for_sealing() -> None:
    hints = get_type_hints(EndpointConfig, include_extras=True)
    marked = {
        name for name, hint in hints.items() for one in get_args(hint) if isinstance(one, Meta) and one.extra == {"secret": True}
    }
    assert marked == {"password", "token"}
