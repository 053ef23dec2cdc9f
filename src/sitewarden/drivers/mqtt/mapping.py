"""Messages to samples in columns, and written values to payloads. Pure.

What a topic means is looked up once and kept: points by topic, each with the way to its value. A payload that several points
read is decoded once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.drivers.mqtt.config import AddressConfig
from sitewarden.wire.mqtt import Publish
from sitewarden.wire.mqtt.topics import matches_levels, wild

Take = Callable[[object], Value]
TOPICS: Final = 65_536
"""Topics whose points are remembered; at the limit all are forgotten, and looked up anew."""
_MISSING: Final = object()
_GOOD: Final = int(Quality.GOOD)
_UNCERTAIN: Final = int(Quality.UNCERTAIN_LAST_KNOWN_VALUE)
_NO_VALUE: Final = int(Quality.BAD_SENSOR_FAILURE)
_decode: Final = msgspec.json.Decoder().decode


class Source:
    """A point, and how its value is found in a payload."""

    __slots__ = ("device", "filter", "ignored", "key", "path", "point", "retained", "take", "time")

    def __init__(self, point: str, device: str, filter_: str, address: AddressConfig, take: Take) -> None:
        """`filter_` is the topic with the device's base; `take` makes the point's value of what is found."""
        self.point = point
        self.device = device
        self.filter = filter_
        self.take = take
        self.path: tuple[str, ...] | None = split_pointer(address.pointer) if address.pointer else None
        self.key = self.path[0] if self.path is not None and len(self.path) == 1 else None
        """The one name of the usual pointer, which is looked up without a loop."""
        self.time = split_pointer(address.time_pointer) if address.time_pointer else None
        self.ignored = address.retained == "ignore"
        self.retained = _UNCERTAIN if address.retained == "uncertain" else _GOOD


class Batch:
    """Columns of samples in the making."""

    __slots__ = ("devices", "points", "qualities", "source_times", "values")

    def __init__(self) -> None:
        self.points: list[str] = []
        self.source_times: list[int] = []
        self.values: list[Value] = []
        self.qualities: list[int] = []
        self.devices: set[str] = set()
        """Devices that were heard."""

    def samples(self, now: int) -> Samples:
        """Return them as samples that arrived at `now`."""
        return Samples(self.points, self.source_times, [now] * len(self.points), self.values, self.qualities)


class Routes:
    """Topics to the points that they give."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self.sources = {source.point: source for source in sources}
        self.unrouted = 0
        """Messages that no point asked for."""
        self._exact: dict[str, list[Source]] = {}
        self._wild: list[tuple[list[str], Source]] = []
        for source in self.sources.values():
            if wild(source.filter):
                self._wild.append((source.filter.split("/"), source))
            else:
                self._exact.setdefault(source.filter, []).append(source)
        self._known: dict[str, tuple[Source, ...]] = {}

    def filters(self) -> list[str]:
        """Return what is to be subscribed to: each filter once, without those that another one covers."""
        every = dict.fromkeys(source.filter for source in self.sources.values())
        wide = [(one, one.split("/")) for one in every if wild(one)]
        if not wide:
            return list(every)
        return [
            one
            for one in every
            if not any(other != one and matches_levels(levels, one.split("/")) for other, levels in wide if "#" not in one)
        ]

    def of(self, topic: str) -> tuple[Source, ...]:
        """Return the points that a topic gives."""
        found = self._known.get(topic)
        if found is None:
            levels = topic.split("/")
            found = (*self._exact.get(topic, ()), *(one for filter_, one in self._wild if matches_levels(filter_, levels)))
            if len(self._known) >= TOPICS:
                self._known.clear()
            self._known[topic] = found
        return found

    def take(self, messages: Iterable[Publish], now: int, batch: Batch) -> None:
        """Put what messages say into columns; `now` in microseconds since 1970 UTC is the source time where none is told.

        What is no value of the point's type, or is not in the payload that should have it, is Bad; a pointer that finds nothing
        in a JSON object that is about something else leaves its point alone.
        """
        known = self._known
        points, times, values, qualities = batch.points, batch.source_times, batch.values, batch.qualities
        devices = batch.devices
        for message in messages:
            topic = message.topic
            sources = known.get(topic)
            if sources is None:
                sources = self.of(topic)
            if not sources:
                self.unrouted += 1
                continue
            payload, retain = message.payload, message.retain
            document: Any = _MISSING
            for source in sources:
                if retain and source.ignored:
                    continue
                devices.add(source.device)
                found: object = payload
                moment = now
                if source.path is not None or source.time is not None:
                    if document is _MISSING:
                        try:
                            document = _decode(payload)
                        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                            document = None
                    if source.key is not None:
                        found = document.get(source.key, _MISSING) if type(document) is dict else None
                    elif source.path is not None:
                        found = pick(document, source.path)
                    if found is _MISSING:
                        continue
                    if source.time is not None:
                        told = moment_of(pick(document, source.time))
                        moment = now if told is None else told
                value = source.take(found)
                points.append(source.point)
                times.append(moment)
                values.append(value)
                qualities.append((source.retained if retain else _GOOD) if value is not None else _NO_VALUE)


def split_pointer(pointer: str) -> tuple[str, ...]:
    """Return the tokens of a JSON pointer (RFC 6901)."""
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


def pick(document: Any, path: tuple[str, ...]) -> Any:
    """Return what lies at `path`; a marker that no value equals where an object lacks it, None where nothing can lie there."""
    for token in path:
        if type(document) is dict:
            if token not in document:
                return _MISSING
            document = document[token]
        elif type(document) is list and token.isascii() and token.isdigit() and int(token) < len(document):
            document = document[int(token)]
        else:
            return None
    return document


def moment_of(told: object) -> int | None:
    """Return microseconds since 1970 UTC of a source time; None where it is none. The size of a number tells its unit."""
    if isinstance(told, str):
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            return None
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1e6)
    if isinstance(told, bool) or not isinstance(told, (int, float)) or not 0 < told < 1e19:
        return None
    for limit, factor in ((1e11, 1_000_000.0), (1e14, 1_000.0), (1e17, 1.0)):
        if told < limit:
            return round(told * factor)
    return round(told / 1000)


_PLACES: Final = re.compile(r"\{(value|json|ms)\}")


def payload_of(address: AddressConfig, value: Value, now: int) -> bytes:
    """Return what is published to write `value`, which is the device's (unscaled)."""

    def put(match: re.Match[str]) -> str:
        if match[1] == "ms":
            return str(now // 1000)
        if match[1] == "json":
            return msgspec.json.encode(value).decode()
        if isinstance(value, bool):
            return address.write_true if value else address.write_false
        # A whole number is said without its ".0", which devices that read integers do not take.
        return str(value).removesuffix(".0") if isinstance(value, float) else str(value)

    return _PLACES.sub(put, address.write_template).encode()
