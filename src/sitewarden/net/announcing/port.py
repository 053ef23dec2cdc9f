"""The announcement's port on every place; it follows interfaces that come and go."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from sitewarden import ports
from sitewarden.config import Settings
from sitewarden.domain.errors import Refusal
from sitewarden.net.announcing.places import Place, places
from sitewarden.net.interfaces import Network
from sitewarden.net.interfaces_table import Interface, interfaces

MOST_PLACES: Final = 64
"""Places that are joined; a computer of containers has hundreds of interfaces."""

Take = Callable[[bytes, str, Place], None]
"""`take(data, address of the sender, where it arrived)`."""


def indexed() -> list[tuple[Interface, int]]:
    """Return the interfaces that are up, each with the kernel's index."""
    found = []
    for each in interfaces():
        try:
            found.append((each, socket.if_nametoindex(each.name)))
        except OSError:
            # It went away since it was listed.
            continue
    return found


class AnnouncementPort:
    """Sockets on the groups, one a place, so that it is known where a datagram arrived. `look` opens and closes them."""

    def __init__(self, network: Network, settings: Settings, take: Take) -> None:
        self._network, self._settings, self._take = network, settings, take
        self._open: dict[tuple[str, str, int, str], tuple[Place, asyncio.DatagramTransport]] = {}
        self._deaf: dict[str, str] = {}
        self._mute: dict[str, str] = {}
        self.arrivals = 0
        """Places that were opened since the start."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it is open."""
        return tuple(place for place, _ in self._open.values())

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be opened or sent, in sentences."""
        return (*self._deaf.values(), *self._mute.values())

    async def look(self) -> None:
        """Be open on exactly the places that there are now."""
        wanted = places(await asyncio.to_thread(indexed), self._settings)
        self._deaf.clear()
        if len(wanted) > MOST_PLACES:
            self._deaf["many"] = (
                f"Only {MOST_PLACES} of {len(wanted)} interfaces are used: name the right ones in announcement.interfaces."
            )
            wanted = wanted[:MOST_PLACES]
        by_key = {(place.row, place.interface, place.index, place.join): place for place in wanted}
        for gone in self._open.keys() - by_key.keys():
            place, transport = self._open.pop(gone)
            transport.close()
            self._mute.pop(str(place), None)
        for key, place in by_key.items():
            held = self._open.get(key)
            if held is not None and not held[1].is_closing():
                self._open[key] = (place, held[1])
                continue
            try:
                transport, _ = await self._network.join(
                    place.row, partial(_Ear, self._take, place), interface=place.join, ttl=self._settings.announcement.ttl
                )
            except Refusal as refusal:
                self._deaf[f"{place.row} {place.interface}"] = f"Servers on {place} are not heard: {refusal}"
                continue
            self._open[key] = (place, transport)
            self.arrivals += 1

    def send(self, make: Callable[[Place], bytes | None]) -> None:
        """Send what `make` returns for each place that is spoken on."""
        for place, transport in self._open.values():
            data = make(place) if place.addresses else None
            if data is None:
                continue
            row = ports.row(place.row)
            try:
                transport.sendto(data, (row.group, row.default))
                self._mute.pop(str(place), None)
            except OSError as fault:
                self._mute[str(place)] = f"This node could not be announced on {place}: {fault.strerror or fault}."

    def close(self) -> None:
        """Close every socket."""
        for _, transport in self._open.values():
            transport.close()
        self._open.clear()


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, take: Take, place: Place) -> None:
        self._taken, self._place = take, place

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._taken(data, addr[0].partition("%")[0], self._place)

    def error_received(self, exc: Exception) -> None:
        """An interface that went down; `look` closes it."""
