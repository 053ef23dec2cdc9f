"""What is heard on a broker within some seconds: topics with their last payload, and the values that lie in it. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from sitewarden.wire.mqtt import Publish, matches
from sitewarden.wire.plain import plain
from sitewarden.wire.sparkplug import PayloadError, decode, split

MOST: Final = 2_000
"""Topics that are listed; further ones are counted."""
LONGEST: Final = 20
"""Seconds of listening, at most."""
SHOWN: Final = 200
"""Characters of a payload, or a value, that are shown."""
VALUES: Final = 50
"""Values listed of one payload."""
DEEP: Final = 6
"""Levels of a JSON payload that are looked through."""
LARGE: Final = 65_536
"""Bytes of a payload that is looked into."""


class Listening:
    """Hears for one who browses."""

    def __init__(self, filter_: str) -> None:
        self.filter = filter_
        self.left_out = 0
        """Messages on topics beyond `MOST`."""
        self._last: dict[str, Publish] = {}
        self._count: dict[str, int] = {}

    def take(self, messages: Iterable[Publish]) -> None:
        """Take messages of the connection, also those that its points asked for."""
        for message in messages:
            topic = message.topic
            if topic not in self._last:
                if not matches(self.filter, topic):
                    continue
                if len(self._last) >= MOST:
                    self.left_out += 1
                    continue
            self._last[topic] = message
            self._count[topic] = self._count.get(topic, 0) + 1

    def found(self) -> list[dict[str, Any]]:
        """Return the values in order of their topics, each with the address of a point that would read it."""
        return [one for topic in sorted(self._last) for one in self._described(self._last[topic])]

    def _described(self, message: Publish) -> Iterator[dict[str, Any]]:
        heard = f"{self._count[message.topic]} × {len(message.payload)} bytes, QoS {message.qos}"
        detail = f"{heard}, retained" if message.retain else heard
        values = list(_values(message))
        if not values:
            payload = plain(message.payload[: SHOWN * 4].decode("utf-8", "replace"), SHOWN)
            yield {"label": message.topic, "address": {"topic": message.topic}, "value": payload, "detail": detail}
        for one in values:
            part = one["address"].get("pointer") or one["address"].get("metric") or ""
            yield {"label": f"{message.topic} {part}".strip(), **one, "detail": detail}


def _values(message: Publish) -> Iterator[dict[str, Any]]:
    if len(message.payload) > LARGE:
        return
    if split(message.topic) is not None:
        try:
            metrics = decode(message.payload).metrics[:VALUES]
        except PayloadError:
            return
        for metric in metrics:
            if metric.name and not isinstance(metric.value, bytes):
                yield {"address": {"metric": metric.name}, "value": _short(metric.value)}
        return
    try:
        document = msgspec.json.decode(message.payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        document = None
    if isinstance(document, (dict, list)):
        left = VALUES
        for pointer, value in _leaves(document, "", 0):
            yield {"address": {"topic": message.topic, "pointer": pointer}, "value": value}
            left -= 1
            if not left:
                return
        return
    yield {
        "address": {"topic": message.topic},
        "value": plain(message.payload[: SHOWN * 4].decode("utf-8", "replace"), SHOWN) if document is None else _short(document),
    }


def _leaves(document: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    pairs = document.items() if isinstance(document, dict) else ((str(place), one) for place, one in enumerate(document))
    for name, value in pairs:
        pointer = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
        if isinstance(value, (dict, list)):
            if depth < DEEP:
                yield from _leaves(value, pointer, depth + 1)
        else:
            yield pointer, _short(value)


def _short(value: Any) -> Any:
    return plain(value, SHOWN) if isinstance(value, str) else value
