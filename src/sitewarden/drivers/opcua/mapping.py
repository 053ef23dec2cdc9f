"""Nodes by their text, and what a server says of them as samples. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality, is_bad
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.drivers.opcua.wire import Values
from sitewarden.kit.values import Take, taker

Kind = Literal["i", "s", "g", "b"]

_NODE: Final = re.compile(r"(?:nsu=(?P<uri>[^;]+);|ns=(?P<index>\d{1,5});)?(?P<kind>[isgb])=(?P<name>.*)", re.DOTALL)
_TYPE: Final = 0x80740000
"""BadTypeMismatch."""


class Node(NamedTuple):
    """A node, as people write it (Part 6, clause 5.3.1.10)."""

    uri: str
    """URI of its namespace; empty where `space`, its index on one server, counts."""
    space: int
    kind: Kind
    name: str

    @classmethod
    def parse(cls, text: str) -> Node:
        """Read "nsu=http://plant.example/;s=Line1.Speed", "ns=2;i=7" or "i=2258"; raises ValueError."""
        match = _NODE.fullmatch(text)
        if match is None:
            raise ValueError(f'"{text[:80]}" is no node: write nsu=<namespace URI>;s=<name>, or ns=2;i=7')
        kind, name = match["kind"], match["name"]
        index = int(match["index"] or 0)
        if index > 0xFFFF:
            raise ValueError(f"{index} is no index of a namespace")
        if kind == "i" and not (name.isascii() and name.isdigit() and int(name) <= 0xFFFFFFFF):
            raise ValueError(f'"{name[:80]}" is no number of a node')
        if kind == "g":
            UUID(name)
        if kind == "b":
            bytes.fromhex(name)
        return cls((match["uri"] or "").replace("%3B", ";").replace("%25", "%"), index, kind, name)  # type: ignore[arg-type]

    def __str__(self) -> str:
        uri = self.uri.replace("%", "%25").replace(";", "%3B")
        space = f"nsu={uri};" if uri else f"ns={self.space};" if self.space else ""
        return f"{space}{self.kind}={self.name}"

    def within(self, namespaces: Sequence[str]) -> int | None:
        """Return the index of its namespace on a server, None where that has none such."""
        if not self.uri:
            return self.space if self.space < max(len(namespaces), 1) else None
        return namespaces.index(self.uri) if self.uri in namespaces else None


class Columns:
    """Points by the numbers that a subscription, or a read, calls their items."""

    def __init__(self, points: Sequence[Point], elements: Sequence[int | None] = ()) -> None:
        """`elements` of arrays, for those points that are one of an array."""
        self.ids = [point.id for point in points]
        self._take: list[Take] = [taker(point) for point in points]
        self._elements = {place: one for place, one in enumerate(elements) if one is not None}
        self._gone: set[int] = set()

    def add(self, point: Point, element: int | None) -> int:
        """Take in one more point; return its number. Numbers are never given twice, since what was told may be on its way."""
        place = len(self.ids)
        self.ids.append(point.id)
        self._take.append(taker(point))
        if element is not None:
            self._elements[place] = element
        return place

    def drop(self, place: int) -> None:
        """Leave out what is still told of a number."""
        self._gone.add(place)

    def samples(self, told: Values, now: int) -> Samples:
        """Return what was told as samples; what belongs to none of the points is left out.

        The source time is the server's own time where it tells no source's, and `now` where it tells neither.
        """
        count = len(self.ids)
        handles = told.handles
        if handles and (max(handles) >= count or (self._gone and not self._gone.isdisjoint(handles))):
            told = _known(told, count, self._gone)
            handles = told.handles
        if self._elements:
            told.values = [_element(one, self._elements.get(at)) for at, one in zip(handles, told.values, strict=True)]
        take, ids = self._take, self.ids
        values: list[Value] = [take[at](one) for at, one in zip(handles, told.values, strict=True)]
        qualities = told.statuses
        if None in values or any(qualities):
            qualities = [_quality(*one) for one in zip(values, told.values, qualities, strict=True)]
            values = [None if is_bad(code) else one for one, code in zip(values, qualities, strict=True)]
        sources = told.sources
        if 0 in sources:
            sources = [source or server or now for source, server in zip(sources, told.servers, strict=True)]
        return Samples([ids[at] for at in handles], sources, [now] * len(handles), values, qualities)


def _quality(value: Value, told: Any, status: int) -> int:
    """Return the server's StatusCode as it is; one that says Good of no value is Bad."""
    if value is not None or is_bad(status):
        return status
    return Quality.BAD_SENSOR_FAILURE if told is None else _TYPE


def _element(told: Any, element: int | None) -> Any:
    """Return the element: of an array of one, as servers give the range, or of the whole, as those give it that know none."""
    if element is None or type(told) is not list:
        return told
    return told[0] if len(told) == 1 else told[element] if element < len(told) else None


def _known(told: Values, count: int, gone: set[int]) -> Values:
    found = Values()
    for place, handle in enumerate(told.handles):
        if handle < count and handle not in gone:
            found.handles.append(handle)
            found.values.append(told.values[place])
            found.statuses.append(told.statuses[place])
            found.sources.append(told.sources[place])
            found.servers.append(told.servers[place])
    return found
