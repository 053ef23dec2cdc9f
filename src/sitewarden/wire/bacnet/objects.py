"""The objects of a device that is served, and the answers to who reads them. Pure.

A property is kept as it stands on the wire; an array is a list of its elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sitewarden.wire.bacnet import names, services, tags
from sitewarden.wire.bacnet.apdu import Confirmed, Request
from sitewarden.wire.bacnet.services import ALL, OPTIONAL, REQUIRED, Notification, Property, Refused, Subscription
from sitewarden.wire.bacnet.tags import Tagged, WireError, object_of

Content = bytes | list[bytes] | Refused

IDENTIFIER, LIST, NAME, TYPE, PRESENT_VALUE, FLAGS, PROPERTIES = 75, 76, 77, 79, 85, 111, 371
GOOD: Final = (False, False, False, False)
SUBSCRIPTIONS: Final = 1024
"""Subscriptions of all others together; a further one is refused."""
SERVICES: Final = (
    Confirmed.SUBSCRIBE_COV,
    Confirmed.READ_PROPERTY,
    Confirmed.READ_PROPERTY_MULTIPLE,
    Confirmed.WRITE_PROPERTY,
    26,  # I-Am
    34,  # Who-Is
)
"""Places in Protocol_Services_Supported (clause 21, BACnetServicesSupported)."""


class Objects:
    """One device's objects, the device itself among them."""

    def __init__(self, instance: int, name: str, *, vendor: int = 0, vendor_name: str = "", model: str = "") -> None:
        self.device = object_of(8, instance)
        self._held: dict[int, dict[int, Content]] = {}
        self.add(self.device, name)
        kinds = tuple(kind in (0, 1, 2, 3, 4, 5, 8, 13, 14, 19, 40) for kind in range(60))
        told: dict[str, list[Tagged]] = {
            "system-status": [(tags.ENUMERATED, 0)],
            "vendor-name": [(tags.TEXT, vendor_name)],
            "vendor-identifier": [(tags.UNSIGNED, vendor)],
            "model-name": [(tags.TEXT, model)],
            "firmware-revision": [(tags.TEXT, "1")],
            "application-software-version": [(tags.TEXT, "1")],
            "protocol-version": [(tags.UNSIGNED, 1)],
            "protocol-revision": [(tags.UNSIGNED, 14)],
            "protocol-services-supported": [(tags.BITS, tuple(place in SERVICES for place in range(41)))],
            "protocol-object-types-supported": [(tags.BITS, kinds)],
            "max-apdu-length-accepted": [(tags.UNSIGNED, 1476)],
            "segmentation-supported": [(tags.ENUMERATED, services.SEGMENTED_TRANSMIT)],
            "apdu-timeout": [(tags.UNSIGNED, 3000)],
            "number-of-apdu-retries": [(tags.UNSIGNED, 3)],
            "device-address-binding": [],
            "database-revision": [(tags.UNSIGNED, 1)],
        }
        for property_, values in told.items():
            self.put(self.device, names.NUMBERS[property_], values)

    def __contains__(self, object_: int) -> bool:
        return object_ in self._held

    @property
    def all(self) -> list[int]:
        """Every object, the device first."""
        return list(self._held)

    def add(self, object_: int, name: str) -> None:
        """Add an object with what every object has."""
        self._held[object_] = {}
        self.put(object_, IDENTIFIER, [(tags.OBJECT, object_)])
        self.put(object_, NAME, [(tags.TEXT, name)])
        self.put(object_, TYPE, [(tags.ENUMERATED, object_ >> 22)])

    def put(self, object_: int, property_: int, values: Sequence[Tagged]) -> None:
        """Set a property."""
        self._held[object_][property_] = services.content(values)

    def put_array(self, object_: int, property_: int, values: Sequence[Tagged]) -> None:
        """Set an array."""
        self._held[object_][property_] = [tags.write(*one) for one in values]

    def holds(self, object_: int, property_: int) -> bool:
        """Tell whether there is such a property."""
        return property_ in self._held.get(object_, {})

    def refuse(self, object_: int, property_: int, refused: Refused) -> None:
        """Answer a property with an error: it has no value now."""
        self._held[object_][property_] = refused

    def content(self, what: Property) -> bytes | Refused:
        """Return a property as it stands on the wire, or why not."""
        object_, property_, place = what
        if object_ == object_of(8, tags.INSTANCES):
            object_ = self.device
        properties = self._held.get(object_)
        if properties is None:
            return names.UNKNOWN_OBJECT
        held: Content | None = properties.get(property_)
        if held is None and property_ == LIST and object_ == self.device:
            held = [tags.write(tags.OBJECT, one) for one in self._held]
        elif held is None and property_ == PROPERTIES:
            held = [tags.write(tags.ENUMERATED, one) for one in properties if one not in (IDENTIFIER, NAME, TYPE)]
        if held is None:
            return names.UNKNOWN_PROPERTY
        if isinstance(held, tuple):
            return held
        if isinstance(held, bytes):
            return held if place is None else names.NO_ARRAY
        if place is None:
            return b"".join(held)
        if place == 0:
            return tags.write(tags.UNSIGNED, len(held))
        return held[place - 1] if place <= len(held) else names.BAD_INDEX

    def read(self, request: Request) -> bytes | Refused:
        """Return the content of the acknowledgement of a read of one or many; raise WireError where it cannot be read."""
        if request.service == Confirmed.READ_PROPERTY:
            what = services.read_read_property(request.data)
            found = self.content(what)
            if isinstance(found, tuple):
                return found
            if what.object == object_of(8, tags.INSTANCES):
                what = what._replace(object=self.device)
            return services.read_property_ack(what, found)
        asked = services.read_read_multiple(request.data)
        return services.read_multiple_ack((one, self.content(one)) for what in asked for one in self._meant(what))

    def _meant(self, what: Property) -> list[Property]:
        """Return the properties that one stands for (clause 15.7.3.1.2)."""
        if what.object == object_of(8, tags.INSTANCES):
            what = what._replace(object=self.device)
        held = self._held.get(what.object)
        if what.property not in (ALL, REQUIRED, OPTIONAL) or held is None:
            return [what]
        required = {IDENTIFIER, NAME, TYPE, PRESENT_VALUE, FLAGS, 36, 81, 117, 74, 96, 97, 98, 112, 120, 121, 139, 155}
        chosen = [one for one in held if what.property == ALL or (one in required) == (what.property == REQUIRED)]
        return [Property(what.object, one) for one in chosen]


class Subscriber:
    """One subscription to an object's changes."""

    __slots__ = ("asked", "busy", "changed", "ends", "source", "told")

    def __init__(self, source: object, asked: Subscription, ends: float) -> None:
        self.source, self.asked, self.ends = source, asked, ends
        """`ends` in the caller's seconds; infinite where it has no end."""
        self.told: float | None = None
        """Analog value that was last told."""
        self.busy = False
        """A confirmed notification has no answer yet; what changes meanwhile is told once after it."""
        self.changed = False


class Subscribers:
    """Who is told of changes."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._of: dict[int, dict[tuple[object, int], Subscriber]] = {}

    def __len__(self) -> int:
        return sum(len(one) for one in self._of.values())

    def take(self, source: object, asked: Subscription, now: float) -> Subscriber | Refused | None:
        """Take a subscription and return it; None where it is ended, or why it is refused."""
        if asked.object not in self._objects:
            return names.UNKNOWN_OBJECT
        if not self._objects.holds(asked.object, PRESENT_VALUE):
            return names.NOT_TOLD
        held = self._of.setdefault(asked.object, {})
        key = (source, asked.process)
        if asked.confirmed is None:
            held.pop(key, None)
            return None
        if key not in held and len(self) >= SUBSCRIPTIONS:
            self.expire(now)
            if len(self) >= SUBSCRIPTIONS:
                return names.NO_ROOM
        made = held[key] = Subscriber(source, asked, now + asked.lifetime if asked.lifetime else float("inf"))
        return made

    def of(self, object_: int, now: float) -> list[Subscriber]:
        """Return who is told of an object; what has ended is forgotten."""
        held = self._of.get(object_)
        if not held:
            return []
        for key in [key for key, one in held.items() if one.ends <= now]:
            del held[key]
        return list(held.values())

    def expire(self, now: float) -> None:
        """Forget what has ended."""
        for object_ in list(self._of):
            if not self.of(object_, now):
                del self._of[object_]

    def drop(self, one: Subscriber) -> None:
        """Forget one that refuses what it is told."""
        self._of.get(one.asked.object, {}).pop((one.source, one.asked.process), None)

    def notification(self, one: Subscriber, now: float) -> bytes:
        """Write what is told: present value and status flags (table 13-1)."""
        object_ = one.asked.object
        values: list[tuple[int, int | None, list[Tagged]]] = []
        for property_ in (PRESENT_VALUE, FLAGS):
            content = self._objects.content(Property(object_, property_))
            if isinstance(content, bytes):
                values.append((property_, None, [(tags.OTHER, content)]))
        left = 0 if one.ends == float("inf") else max(1, round(one.ends - now))
        return services.notification(Notification(one.asked.process, self._objects.device, object_, left, values))


__all__ = ["Objects", "Subscriber", "Subscribers", "WireError"]
