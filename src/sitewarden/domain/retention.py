"""Which events are kept how long: each belongs to one class, by its type and severity. Pure."""

from __future__ import annotations

from typing import Final, Literal, get_args

Class = Literal["alarm", "access", "video", "platform", "other"]
CLASSES: Final[tuple[Class, ...]] = get_args(Class)
ALARM: Final = 3
"""Severity from which an event is an alarm, whatever its type."""

_FAMILIES: Final[dict[Class, tuple[str, ...]]] = {
    "access": ("access.", "door.", "zone.", "muster.", "people."),
    "video": ("camera.", "camera-control.", "camera-hold.", "video."),
    "platform": ("system.", "session.", "network.", "node.", "endpoint.", "device.", "config."),
}


def family_of(type_: str) -> Class:
    """Return the class of a type's events that are no alarms."""
    return next((name for name, prefixes in _FAMILIES.items() if type_.startswith(prefixes)), "other")


def class_of(type_: str, severity: int) -> Class:
    """Return the class of an event."""
    return "alarm" if severity >= ALARM else family_of(type_)


def may_come_again(confirmed: tuple[int, int] | None, epoch: int, index: int) -> bool:
    """Tell whether a device may still send an event, because its index is past the (epoch, index) that it was confirmed."""
    return confirmed is not None and epoch == confirmed[0] and index > confirmed[1]
