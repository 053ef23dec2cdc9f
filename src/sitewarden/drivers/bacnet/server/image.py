"""The device's objects as others see them: values become properties, writes become orders. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import inf, isfinite, nan
from typing import Any, Final, NamedTuple

from sitewarden.domain.points.quality import Quality, is_bad
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.bacnet.server.config import ANALOG, BINARY, MULTI_STATE, DeviceConfig, ObjectConfig
from sitewarden.kit.house import Reading, Source
from sitewarden.wire.bacnet import names, tags
from sitewarden.wire.bacnet.objects import FLAGS, PRESENT_VALUE, Objects
from sitewarden.wire.bacnet.services import Refused, Write

OUT_OF_SERVICE, RELIABILITY = names.NUMBERS["out-of-service"], names.NUMBERS["reliability"]
NO_FAULT, UNRELIABLE, CONFIGURATION, COMMUNICATION = 0, 7, 10, 12
UNHEARD: Final[Refused] = (0, 25)
"""Error (operational problem) of an object that has no value yet and whose type knows none."""
GREATEST: Final = 3.4028234663852886e38
_RELIABILITY: Final = {
    Quality.BAD_NO_COMMUNICATION: COMMUNICATION,
    Quality.BAD_NOT_CONNECTED: COMMUNICATION,
    Quality.BAD_COMMUNICATION_ERROR: COMMUNICATION,
    Quality.UNCERTAIN_LAST_KNOWN_VALUE: COMMUNICATION,
    Quality.BAD_CONFIGURATION_ERROR: CONFIGURATION,
}


class Order(NamedTuple):
    """A point that another system writes."""

    ref: str
    value: Value


class _Entry:
    __slots__ = ("config", "flags", "number", "source", "value")

    def __init__(self, config: ObjectConfig) -> None:
        self.config = config
        self.number = config.number()
        self.source = Source(config.of, config.member)
        self.value: Any = None
        self.flags = (False,) * 4


class Image:
    """`put` what the house tells; `objects` answers who reads, `order` says what a write asks for."""

    def __init__(self, config: DeviceConfig) -> None:
        self.objects = Objects(config.instance, config.name, vendor_name="Sitewarden", model="Sitewarden")
        self._of: dict[Source, list[_Entry]] = defaultdict(list)
        self._entries: dict[int, _Entry] = {}
        for one in config.objects:
            entry = _Entry(one)
            self._of[entry.source].append(entry)
            self._entries[entry.number] = entry
            self._describe(entry)
            self._take(entry, Reading(None, Quality.BAD_NO_COMMUNICATION))

    @property
    def sources(self) -> list[Source]:
        """All that stands in the device."""
        return list(self._of)

    def put(self, news: Sequence[tuple[Source, Reading]]) -> list[int]:
        """Take how sources are now; return the objects whose value or flags changed."""
        changed = []
        for source, reading in news:
            for entry in self._of.get(source, ()):
                before = (entry.value, entry.flags)
                self._take(entry, reading)
                if (entry.value, entry.flags) != before:
                    changed.append(entry.number)
        return changed

    def analog(self, object_: int) -> tuple[float | None, float]:
        """Return an analog object's value and the change that is told; None for any other object."""
        entry = self._entries[object_]
        if object_ >> 22 in ANALOG and isinstance(entry.value, float) and isfinite(entry.value):
            return entry.value, entry.config.increment
        return None, inf

    def flags(self, object_: int) -> tuple[bool, ...]:
        """Return an object's status flags."""
        return self._entries[object_].flags

    def order(self, write: Write) -> Order | Refused:
        """Return what a write asks for, or why it cannot be."""
        object_, property_, place = write.property
        entry = self._entries.get(object_)
        if entry is None:
            return names.UNKNOWN_OBJECT if object_ not in self.objects else names.NOT_WRITABLE
        if not self.objects.holds(object_, property_):
            return names.UNKNOWN_PROPERTY
        if property_ != PRESENT_VALUE or not entry.config.writable:
            return names.NOT_WRITABLE
        if place is not None:
            return names.NO_ARRAY
        if len(write.values) != 1:
            return names.BAD_TYPE
        tag, value = write.values[0]
        kind, states = object_ >> 22, entry.config.states
        if kind in ANALOG:
            if tag != tags.REAL:
                return names.BAD_TYPE
            return Order(entry.config.of, value) if isfinite(value) else names.OUT_OF_RANGE
        if kind in BINARY:
            if tag != tags.ENUMERATED:
                return names.BAD_TYPE
            if value not in (0, 1):
                return names.OUT_OF_RANGE
            return Order(entry.config.of, states[value] if states else bool(value))
        if kind in MULTI_STATE:
            if tag != tags.UNSIGNED:
                return names.BAD_TYPE
            return Order(entry.config.of, states[value - 1]) if 1 <= value <= len(states) else names.OUT_OF_RANGE
        return Order(entry.config.of, value) if tag == tags.TEXT else names.BAD_TYPE

    def _describe(self, entry: _Entry) -> None:
        config, number = entry.config, entry.number
        objects, of = self.objects, names.NUMBERS
        source = f"{config.of} {config.member}".strip()
        objects.add(number, config.name or source)
        objects.put(number, of["description"], [(tags.TEXT, source)])
        objects.put(number, of["event-state"], [(tags.ENUMERATED, 0)])
        kind = number >> 22
        if kind in ANALOG:
            objects.put(number, of["units"], [(tags.ENUMERATED, config.units)])
            objects.put(number, of["cov-increment"], [(tags.REAL, config.increment)])
        elif kind in MULTI_STATE:
            objects.put(number, of["number-of-states"], [(tags.UNSIGNED, len(config.states))])
            objects.put_array(number, of["state-text"], [(tags.TEXT, one) for one in config.states])
        elif kind in BINARY:
            objects.put(number, of["inactive-text"], [(tags.TEXT, (config.states or ("inactive",))[0])])
            objects.put(number, of["active-text"], [(tags.TEXT, (config.states or ("", "active"))[1])])
            if kind == 3:
                objects.put(number, of["polarity"], [(tags.ENUMERATED, 0)])

    def _take(self, entry: _Entry, reading: Reading) -> None:
        kind, states = entry.number >> 22, entry.config.states
        found: Any = reading.value
        reliability = _RELIABILITY.get(Quality(reading.quality), UNRELIABLE) if reading.quality else NO_FAULT
        if is_bad(reading.quality):
            found = None
        elif kind in ANALOG:
            found = _real(found)
        elif kind in MULTI_STATE or (kind in BINARY and isinstance(found, str) and states):
            found = states.index(found) + (kind in MULTI_STATE) if found in states else None
        elif kind in BINARY:
            found = int(bool(found)) if isinstance(found, (bool, int, float)) else None
        elif found is not None:
            found = str(found)
        if found is None and not reliability:
            reliability = CONFIGURATION
        if found is None and kind in ANALOG and (entry.config.lost == "nan" or entry.value is None):
            found = nan
        if found is not None:
            entry.value = found
        out = reading.quality == Quality.BAD_OUT_OF_SERVICE
        entry.flags = (False, bool(reliability), False, out)
        self._store(entry, reliability)

    def _store(self, entry: _Entry, reliability: int) -> None:
        put, number, kind = self.objects.put, entry.number, entry.number >> 22
        put(number, FLAGS, [(tags.BITS, entry.flags)])
        put(number, OUT_OF_SERVICE, [(tags.BOOLEAN, entry.flags[3])])
        put(number, RELIABILITY, [(tags.ENUMERATED, reliability)])
        if entry.value is None:
            self.objects.refuse(number, PRESENT_VALUE, UNHEARD)
            return
        tag = tags.REAL if kind in ANALOG else tags.ENUMERATED if kind in BINARY else tags.UNSIGNED
        put(number, PRESENT_VALUE, [(tag if kind != 40 else tags.TEXT, entry.value)])


def _real(value: Value) -> float | None:
    """Return a number as 32 bits of floating point hold it; None where they do not."""
    if isinstance(value, (bool, int, float)) and isfinite(value) and abs(value) <= GREATEST:
        return float(value)
    return None
