"""Golden cases give samples for messages; filters, pointers, times and templates as their standards say; settings are checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.mqtt.config import AddressConfig, DeviceConfig, EndpointConfig
from sitewarden.drivers.mqtt.mapping import Batch, Routes, Source, moment_of, payload_of
from sitewarden.kit.config import check
from sitewarden.kit.values import taker
from sitewarden.wire.mqtt import Publish

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
NOW = 1_800_000_000_000_000
QUALITIES = {"good": Quality.GOOD, "uncertain": Quality.UNCERTAIN_LAST_KNOWN_VALUE, "bad": Quality.BAD_SENSOR_FAILURE}


def sources(case: dict[str, Any]) -> list[Source]:
    device = check(DeviceConfig, {"base": case["base"]})
    made = []
    for one in case["points"]:
        point = Point(name="P", device="d", **{name: value for name, value in one.items() if name != "address"})
        address = check(AddressConfig, one["address"])
        made.append(Source(point.id, "d", device.full(address.topic), address, taker(point)))
    return made


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    case = json.loads(path.read_text())
    routes, batch = Routes(sources(case)), Batch()
    messages = [Publish(one["topic"], one["payload"].encode(), retain=one.get("retain", False)) for one in case["messages"]]
    routes.take(messages, NOW, batch)
    found = batch.samples(NOW)
    expected = [(*one, NOW) if len(one) == 3 else tuple(one) for one in case["samples"]]
    assert list(zip(found.points, found.values, found.qualities, found.source_times, strict=True)) == [
        (point, value, QUALITIES[quality], time) for point, value, quality, time in expected
    ]
    assert [type(value) for value in found.values] == [type(one[1]) for one in expected]
    assert found.server_times == [NOW] * len(expected)
    assert (routes.unrouted, batch.devices) == (case["unrouted"], {"d"})


def test_a_filter_that_another_covers_is_not_asked_for() -> None:
    topics = ["a/b", "a/+", "a/#", "b/+", "b/1", "+/1", "c", "c"]
    points = [{"id": f"p{place}", "address": {"topic": topic}} for place, topic in enumerate(topics)]
    assert Routes(sources({"base": "", "points": points})).filters() == ["a/#", "b/+", "+/1", "c"]


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2026-01-02T03:04:05Z", 1_767_323_045_000_000),
        ("2026-01-02T04:04:05.5+01:00", 1_767_323_045_500_000),
        ("2026-01-02 03:04:05", 1_767_323_045_000_000),
        (1_767_323_045, 1_767_323_045_000_000),
        (1_767_323_045.25, 1_767_323_045_250_000),
        (1_767_323_045_250, 1_767_323_045_250_000),
        (1_767_323_045_250_001, 1_767_323_045_250_001),
        (1_767_323_045_250_001_999, 1_767_323_045_250_002),
        ("yesterday", None),
        (True, None),
        (-5, None),
        (1e300, None),
        (float("nan"), None),
        (None, None),
    ],
)
def test_a_source_time_is_told_by_its_form_and_size(told: object, moment: int | None) -> None:
    assert moment_of(told) == moment


@pytest.mark.parametrize(
    ("template", "value", "payload"),
    [
        ("{value}", 21.0, b"21"),
        ("{value}", 0.1, b"0.1"),
        ("{value}", True, b"ON"),
        ("{value}", "a b", b"a b"),
        ('{"v":{json}}', 'say "x"', b'{"v":"say \\"x\\""}'),
        ('{"v":{json},"at":{ms}}', False, b'{"v":false,"at":1800000000000}'),
        ("{other} {{value}}", 3, b"{other} {3}"),
        ("{value}", "{json}", b"{json}"),
    ],
)
def test_a_template_is_filled(template: str, value: Any, payload: bytes) -> None:
    address = check(AddressConfig, {"topic": "a", "write_topic": "b", "write_template": template, "write_true": "ON"})
    assert payload_of(address, value, NOW) == payload


@pytest.mark.parametrize(
    ("model", "data", "said"),
    [
        (EndpointConfig, {"host": "h"}, "missing"),
        (EndpointConfig, {"host": "h", "port": 8883, "will_topic": "a", "host_id": "b"}, "one will"),
        (EndpointConfig, {"host": "h", "port": 8883, "will_topic": "a/#"}, "wildcard"),
        (EndpointConfig, {"host": "h", "port": 8883, "certificate": "x"}, "go together"),
        (EndpointConfig, {"host": "h", "port": 1883, "tls": False, "ca": "x"}, "need tls"),
        (EndpointConfig, {"host": "h", "port": 1883, "version": "3.1.1", "password": "x"}, "without a username"),
        (DeviceConfig, {"group": "g"}, "group and node"),
        (DeviceConfig, {"group": "g", "node": "n", "base": "b"}, "leave base"),
        (DeviceConfig, {"group": "g/x", "node": "n"}, "regex"),
        (DeviceConfig, {"base": "a/+"}, "wildcard"),
        (AddressConfig, {}, "topic"),
        (AddressConfig, {"topic": "a", "metric": "m"}, "not both"),
        (AddressConfig, {"metric": "m", "pointer": "/x"}, "no pointers"),
        (AddressConfig, {"topic": "a#"}, "alone"),
        (AddressConfig, {"topic": "a", "write_topic": "a/+"}, "wildcard"),
        (AddressConfig, {"topic": "a", "pointer": "x"}, "begins with"),
        (AddressConfig, {"topic": "a", "write_qos": 0}, "0"),
    ],
)
def test_settings_that_cannot_be_are_refused(model: Any, data: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(model, data)
    assert said in str(refused.value)


def test_an_endpoint_tells_the_port_that_it_needs() -> None:
    [use] = check(EndpointConfig, {"host": "broker", "port": 8883}).uses()
    assert (use.row, use.way, use.host, use.number) == ("mqtt", "out", "broker", 8883)
