"""Multicast distribution of live video."""

from __future__ import annotations

from typing import Final

from sitewarden.api.routes.route import Route
from sitewarden.services.surface import multicast

MULTICAST: Final = [
    Route(
        "GET",
        "/multicast",
        "multicast.list",
        multicast.MulticastList,
        multicast.MulticastStreams,
        "listMulticast",
        "cameras",
        "Which camera is sent to which port of the group",
    ),
    Route(
        "POST",
        "/cameras/{id}/multicast",
        "multicast.start",
        multicast.MulticastStart,
        multicast.MulticastStream,
        "startMulticast",
        "cameras",
        "Have live video sent to the multicast group, for so long",
        command=True,
    ),
    Route(
        "POST",
        "/cameras/{id}/multicast/renew",
        "multicast.renew",
        multicast.MulticastRenew,
        multicast.MulticastStream,
        "renewMulticast",
        "cameras",
        "Go on receiving what is sent: a viewer asks every few seconds",
        command=True,
    ),
    Route(
        "DELETE",
        "/cameras/{id}/multicast",
        "multicast.stop",
        multicast.MulticastHold,
        None,
        "stopMulticast",
        "cameras",
        "Give up one's own hold; the stream ends with the last one",
        status=204,
    ),
]
