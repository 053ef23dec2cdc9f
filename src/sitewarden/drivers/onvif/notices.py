"""What a camera's event service tells, as changes of what we know: motion, tampering, inputs, relays. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from msgspec import Struct

from sitewarden.drivers.onvif.mapping import LONGEST, MOST, read_moment, truth
from sitewarden.wire.xmltree import Element


class Notification(Struct, frozen=True, kw_only=True):
    """One message of the event service. `topic` has no prefixes: "RuleEngine/CellMotionDetector/Motion"."""

    topic: str
    operation: str = ""
    """"Initialized", "Changed" or "Deleted"; empty for what is no property."""
    time: int | None = None
    """By the camera's clock, microseconds since 1970 UTC; None where it says none."""
    source: dict[str, str] = {}
    data: dict[str, str] = {}


class Change(Struct, frozen=True, kw_only=True):
    """What a notification says of something that we know."""

    kind: Literal["motion", "tamper", "input", "relay"]
    source: str
    """Token of the input, relay or video source."""
    active: bool


def read_notifications(answer: Element) -> tuple[Notification, ...]:
    """Return the messages of a pull."""
    found = []
    for entry in answer.every("NotificationMessage"):
        message = entry.at("Message", "Message")
        topic = "/".join(part.rpartition(":")[2] for part in entry.said("Topic").split("/"))
        if message is None or not topic or len(topic) > LONGEST:
            continue
        found.append(
            Notification(
                topic=topic,
                operation=message.attributes.get("PropertyOperation", ""),
                time=read_moment(message.attributes.get("UtcTime", "")),
                source=_items(message.child("Source")),
                data=_items(message.child("Data")),
            )
        )
    return tuple(found)


_MOTION: Final = re.compile(
    r"^VideoSource/MotionAlarm$|^RuleEngine/[^/]*Motion[^/]*/(Motion|MotionAlarm)$|^RuleEngine/.*/Motion$"
)
_TAMPER: Final = re.compile(r"^VideoSource/(GlobalSceneChange|ImageTooDark|ImageTooBright|ImageTooBlurry|SignalLoss)(/|$)|Tamper")
_TRUTH: Final = ("IsMotion", "IsTamper", "State", "LogicalState", "Value", "IsInside", "Motion")


def change(told: Notification) -> Change | None:
    """Return what a notification changes; None for what is not motion, tamper, an input or a relay, and for what is deleted."""
    if told.operation == "Deleted":
        return None
    kind: Literal["motion", "tamper", "input", "relay"]
    source = next(iter(told.source.values()), "")
    if told.topic.startswith("Device/Trigger/DigitalInput"):
        kind, source = "input", told.source.get("InputToken", source)
    elif told.topic.startswith("Device/Trigger/Relay"):
        kind, source = "relay", told.source.get("RelayToken", source)
    elif _TAMPER.search(told.topic):
        kind = "tamper"
        # A camera has several ways to see tampering; each is a state of its own.
        source = f"{told.topic.rpartition('/')[0].rpartition('/')[2] or told.topic}/{source}"
    elif _MOTION.search(told.topic):
        kind = "motion"
        # A detector may have several regions; the camera has motion while one of them has.
        source = "/".join([*told.topic.split("/")[-2:], *told.source.values()])
    else:
        return None
    active = next((state for name in _TRUTH if (state := truth(told.data.get(name, ""))) is not None), None)
    return Change(kind=kind, source=source[:LONGEST], active=active) if active is not None else None


def _items(element: Element | None) -> dict[str, str]:
    if element is None:
        return {}
    items: Iterable[Mapping[str, str]] = (each.attributes for each in element.every("SimpleItem")[:MOST])
    return {item.get("Name", "")[:LONGEST]: item.get("Value", "")[:LONGEST] for item in items}
