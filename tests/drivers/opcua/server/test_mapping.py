"""Values of the house as nodes tell them, and clients' values as the house takes them."""

from __future__ import annotations

from typing import Any

import pytest

from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.opcua.server.config import DeviceConfig, EndpointConfig, NodeConfig
from sitewarden.drivers.opcua.server.mapping import taken, told
from sitewarden.kit.config import check
from sitewarden.kit.house import UNHEARD, Reading

LAST = int(Quality.UNCERTAIN_LAST_KNOWN_VALUE)


def node(kind: str) -> NodeConfig:
    return check(NodeConfig, {"of": "point:a", "type": kind})


@pytest.mark.parametrize(
    ("kind", "reading", "expected"),
    [
        ("double", Reading(1, LAST), (1.0, LAST)),
        ("double", Reading(float("inf")), (float("inf"), 0)),
        ("double", Reading("open"), (None, 0x80740000)),
        ("double", Reading(5.0, 0x808C0000), (None, 0x808C0000)),
        ("double", UNHEARD, (None, 0x80310000)),
        ("integer", Reading(2.5), (2, 0)),
        ("integer", Reading(1e30), (None, 0x80740000)),
        ("integer", Reading(float("inf")), (None, 0x80740000)),
        ("boolean", Reading(3), (True, 0)),
        ("string", Reading(True), ("true", 0)),
        ("string", Reading("locked"), ("locked", 0)),
    ],
)
def test_values_as_nodes_tell_them(kind: str, reading: Reading, expected: Any) -> None:
    found = told(node(kind), reading.value, reading.quality)
    assert found == expected and type(found[0]) is type(expected[0])


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [("double", 1, 1.0), ("integer", 7.0, 7), ("boolean", 1, True), ("string", "a", "a")],
)
def test_values_as_the_house_takes_them(kind: str, value: Any, expected: Any) -> None:
    found = taken(node(kind), value)
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("double", "1"),
        ("double", float("nan")),
        ("double", None),
        ("integer", 1.5),
        ("boolean", 2),
        ("string", 1),
        ("double", [1]),
    ],
)
def test_what_is_none_of_the_type_is_not_taken(kind: str, value: Any) -> None:
    with pytest.raises(ValueError):
        taken(node(kind), value)


def test_settings_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(Exception, match="nobody could sign in"):
        check(EndpointConfig, {})
    with pytest.raises(Exception, match="go together"):
        check(EndpointConfig, {"username": "a", "anonymous": True})
    with pytest.raises(Exception, match="only the value of a point"):
        check(NodeConfig, {"of": "door:main", "writable": True})
    with pytest.raises(Exception, match=r'two nodes of Site are called "door:main\.lock"'):
        check(DeviceConfig, {"nodes": [{"of": "door:main", "member": "lock"}] * 2})
    assert check(NodeConfig, {"of": "door:main"}).kind == "string"
    assert check(NodeConfig, {"of": "point:a"}).kind == "double"
