"""Commands routed to one owner, events fanned out to bounded subscribers. Does I/O."""

from typing import TYPE_CHECKING

from sitewarden.bus.client import BusClient
from sitewarden.bus.hub import Hub
from sitewarden.bus.interfaces import Bus, DurableLog, EventSubscription, Handler, Outbox, ReadLog, TopicSubscription

__all__ = ["Bus", "BusClient", "DurableLog", "EventSubscription", "Handler", "Hub", "Outbox", "ReadLog", "TopicSubscription"]

if TYPE_CHECKING:
    _BUSES: tuple[type[Bus], ...] = (Hub, BusClient)
