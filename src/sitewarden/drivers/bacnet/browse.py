"""What stands in a network, and in a device: devices by Who-Is, objects with name, value and units. Asks through the poller."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from sitewarden.drivers.bacnet.config import PRESENT_VALUE
from sitewarden.drivers.bacnet.device import HEAD, Device
from sitewarden.drivers.bacnet.exchange import Refusing
from sitewarden.drivers.bacnet.mapping import FLAGGED, plain
from sitewarden.drivers.bacnet.poller import Poller
from sitewarden.kit.errors import PeerViolation
from sitewarden.wire.bacnet import names, services, tags
from sitewarden.wire.bacnet.apdu import Answer, Confirmed
from sitewarden.wire.bacnet.services import Property, Result
from sitewarden.wire.bacnet.tags import WireError

MOST: Final = 2_000
"""Objects that are listed at most."""
SHOWN: Final = 200
"""Characters of a value that are shown."""
PER_OBJECT: Final = 110
"""Bytes that name, value, units and description of an object need in an answer, of usual length."""
NAME, LIST, UNITS, DESCRIPTION = (names.NUMBERS[word] for word in ("object-name", "object-list", "units", "description"))


async def objects(poller: Poller, device: Device, under: str, most: int) -> tuple[list[dict[str, Any]], bool]:
    """Return the objects of a device, of the type `under` where it is given, and whether there are more than `most`.

    Raises Unavailable, PeerViolation, or ValueError for what is no type.
    """
    kind = names.kind_of(under.strip().lower()) if under else None
    found = [one for one in await _listed(poller, device) if kind is None or one >> 22 == kind]
    shown = found[:most]
    size = max(1, (device.longest - HEAD) // PER_OBJECT) if device.multiple else 1
    items: list[dict[str, Any]] = []
    for at in range(0, len(shown), size):
        items += await _described(poller, device, shown[at : at + size])
    return items, len(found) > len(shown)


async def _listed(poller: Poller, device: Device) -> list[int]:
    """Return the object list: at once, or element by element where it is too long for an answer."""
    instance = tags.INSTANCES if device.instance is None else device.instance
    this = tags.object_of(8, instance)
    try:
        whole = await poller.read(device, Property(this, LIST))
        return [content for tag, content in whole if tag == tags.OBJECT]
    except Refusing:
        pass
    try:
        length = await poller.read(device, Property(this, LIST, 0))
        count = length[0][1] if length and length[0][0] == tags.UNSIGNED else 0
        found = []
        for place in range(1, min(count, MOST) + 1):
            one = await poller.read(device, Property(this, LIST, place))
            found += [content for tag, content in one if tag == tags.OBJECT]
    except Refusing as refusing:
        raise PeerViolation(f"{device.spec.name} does not list its objects: {refusing}") from None
    return found


async def _described(poller: Poller, device: Device, wanted: list[int]) -> list[dict[str, Any]]:
    asked = [
        (one, [(NAME, None), (DESCRIPTION, None), *([(PRESENT_VALUE, None), (UNITS, None)] if _valued(one) else [])])
        for one in wanted
    ]
    results: list[Result] = []
    try:
        answer = await poller.order(device, Confirmed.READ_PROPERTY_MULTIPLE, services.read_multiple(asked))
        results = services.read_read_multiple_ack(answer.data if isinstance(answer, Answer) else b"")
    except WireError as error:
        raise PeerViolation(f"{device.spec.name} answers what cannot be read: {error}") from None
    except Refusing as refusing:
        if len(wanted) > 1:
            middle = len(wanted) // 2
            return await _described(poller, device, wanted[:middle]) + await _described(poller, device, wanted[middle:])
        for property_, place in asked[0][1]:
            try:
                values = await poller.read(device, Property(wanted[0], property_, place))
            except Refusing:
                values = None
            results.append(Result(wanted[0], property_, place, values, (0, 0) if values is not None else _code(refusing)))
    held: dict[tuple[int, int], Any] = {
        (one.object, one.property): plain(*one.values[0]) for one in results if one.values is not None and len(one.values) == 1
    }
    return [_shown(one, held) for one in wanted]


def _valued(object_: int) -> bool:
    return object_ >> 22 in FLAGGED


def _code(refusing: Refusing) -> tuple[int, int]:
    return (0, getattr(refusing.answer, "code", 0))


def _shown(object_: int, held: dict[tuple[int, int], Any]) -> dict[str, Any]:
    value = held.get((object_, PRESENT_VALUE))
    units = held.get((object_, UNITS))
    words = [names.object_text(object_), names.UNITS.get(units, "") if isinstance(units, int) else ""]
    words.append(str(held.get((object_, DESCRIPTION)) or ""))
    return {
        "label": str(held.get((object_, NAME)) or names.object_text(object_))[:SHOWN],
        "address": {"object": names.object_text(object_)} | ({} if _valued(object_) else {"property": "object-name"}),
        "value": value[:SHOWN] if isinstance(value, str) else value,
        "detail": ", ".join(word for word in words if word)[:SHOWN],
    }


async def devices(poller: Poller, seconds: float) -> list[dict[str, Any]]:
    """Return the devices that answer a Who-Is within some seconds, with where they are."""
    poller.looking += 1
    try:
        poller.look()
        await asyncio.sleep(seconds)
        return [
            {
                "label": f"device {instance}",
                "address": {"object": f"device,{instance}", "property": "object-name"},
                "value": str(station),
                "detail": f"instance {instance}, vendor {one.vendor}, messages of {one.longest} bytes",
            }
            for instance, (station, one) in sorted(poller.found.items())[:MOST]
        ]
    finally:
        poller.looking -= 1
        if not poller.looking:
            poller.found.clear()
