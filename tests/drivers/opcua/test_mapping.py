"""Nodes as text, and what a server says as samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.points.model import Point
from sitewarden.drivers.opcua.mapping import Columns, Node
from sitewarden.drivers.opcua.wire import OPAQUE, Values, published

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
NOW = 1_800_000_000_000_000


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    case = json.loads(path.read_text())
    points = [Point(name="P", device="d", **one) for one in case["points"]]
    found = Columns(points, case.get("elements", ())).samples(published(bytes.fromhex(case["publish"])).changes, NOW)
    told = [list(one) for one in zip(found.points, found.values, found.qualities, found.source_times, strict=True)]
    assert told == [[point, told, quality, NOW if time is None else time] for point, told, quality, time in case["samples"]]
    assert [type(one) for one in found.values] == [type(one[1]) for one in case["samples"]]
    assert found.server_times == [NOW] * len(told)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("i=85", Node("", 0, "i", "85")),
        ("ns=2;s=Line.Speed", Node("", 2, "s", "Line.Speed")),
        ("nsu=http://line.example/;s=a;b=c", Node("http://line.example/", 0, "s", "a;b=c")),
        ("nsu=urn:a%3Bb%25;i=7", Node("urn:a;b%", 0, "i", "7")),
        ("ns=1;g=00000000-0000-0000-0000-000000000005", Node("", 1, "g", "00000000-0000-0000-0000-000000000005")),
        ("ns=1;b=0aff", Node("", 1, "b", "0aff")),
    ],
)
def test_nodes_are_read_as_they_are_written(text: str, node: Node) -> None:
    assert Node.parse(text) == node
    assert str(node) == text


@pytest.mark.parametrize("text", ["", "85", "s", "i=-1", "i=4294967296", "i=x", "ns=70000;i=1", "ns=a;i=1", "g=5", "b=x", "x=1"])
def test_what_is_no_node_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Node.parse(text)


@given(st.text(max_size=20), st.text(min_size=1, max_size=20))
def test_any_uri_and_name_survive(uri: str, name: str) -> None:
    node = Node(uri, 0, "s", name)
    assert Node.parse(str(node)) == node


def test_a_node_is_found_by_its_namespace_wherever_that_stands() -> None:
    node = Node.parse("nsu=http://line.example/;s=a")
    assert node.within(["http://opcfoundation.org/UA/", "http://line.example/"]) == 1
    assert node.within(["http://opcfoundation.org/UA/", "urn:b", "http://line.example/"]) == 2
    assert node.within(["http://opcfoundation.org/UA/"]) is None
    assert Node.parse("ns=2;s=a").within(["", "", ""]) == 2
    assert Node.parse("ns=2;s=a").within([""]) is None


def test_no_value_is_never_a_number_and_strange_handles_are_left_out() -> None:
    points = [Point(id="a", name="A", device="d"), Point(id="b", name="B", device="d", type="boolean")]
    told: list[Any] = [None, OPAQUE, [1, 2], float("nan"), 7.0, 1]
    values = Values([0, 0, 0, 0, 9, 1], told, [0, 0, 0, 0, 0, 0x80310000], [1] * 6, [0] * 6)
    found = Columns(points).samples(values, NOW)
    assert found.points == ["a", "a", "a", "a", "b"]
    assert found.values == [None] * 5
    assert found.qualities == [0x808C0000, 0x80740000, 0x80740000, 0x80740000, 0x80310000]
