"""What an event or a record of a controller's log tells the zones. Pure; the same on a controller, on the server and in a replay.

The log is the system of record: zones that were lost are made again from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sitewarden.domain.access.zone_state import Arm, DoorShut, Fact, Fire, Forgive, Granted, NotPassed, Passed, Violated

TYPES: Final = ("access.granted", "access.taken", "access.not-taken", "access.denied", "door.opened", "door.closed", "zone.*")
"""Types of events that tell something."""


def facts_in(type_: str, data: Mapping[str, Any], time: int) -> Iterator[Fact]:
    """Yield what an event tells, from its type, its data and when it happened. Data that is not as it should be tells nothing."""
    match type_:
        case "access.granted" | "access.denied":
            yield from _violations(data, time)
            if type_ == "access.granted":
                yield from _passage(Granted, data, time)
                if data.get("unwatched"):
                    yield from _passage(Passed, data, time)
        case "access.taken":
            yield from _passage(Passed, data, time)
        case "access.not-taken":
            yield from _passage(NotPassed, data, time)
        case "door.opened" | "door.closed":
            if _text(data, "door"):
                yield DoorShut(_text(data, "door"), type_ == "door.closed", time)
        case "zone.armed" | "zone.disarmed":
            yield Arm(_text(data, "zone"), type_ == "zone.armed", time)
        case "zone.fire" | "zone.fire-over":
            yield Fire(_text(data, "zone"), type_ == "zone.fire", time)
        case "zone.forgiven":
            credentials = tuple(one for one in data.get("credentials", ()) if isinstance(one, str))
            yield Forgive(_text(data, "zone"), _text(data, "holder"), credentials, time)


def _passage(kind: type[Granted] | type[Passed] | type[NotPassed], data: Mapping[str, Any], time: int) -> Iterator[Fact]:
    """Yield who passed; `first_holder` is the first of two."""
    holders = tuple(holder for holder in (_text(data, "first_holder"), _text(data, "holder")) if holder)
    if holders:
        yield kind(_text(data, "access_point"), holders, time)


def _violations(data: Mapping[str, Any], time: int) -> Iterator[Fact]:
    why = data.get("explanation")
    views = why.get("zones", ()) if isinstance(why, Mapping) else ()
    for view in views if isinstance(views, list | tuple) else ():
        if isinstance(view, Mapping) and view.get("kind") == "antipassback-zone" and view.get("verdict") in ("refused", "told"):
            yield Violated(_text(view, "zone"), _text(data, "credential"), time)


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
