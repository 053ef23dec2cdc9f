"""The loop that announces a node: at once, then about every five seconds, and a farewell at the end."""

from __future__ import annotations

import asyncio
import ipaddress
import random
from collections.abc import Callable
from typing import Final

from sitewarden.domain.clock import Clock
from sitewarden.net.announcing.own import Own
from sitewarden.net.announcing.places import Place
from sitewarden.net.announcing.port import AnnouncementPort
from sitewarden.net.tls.signing import Signer
from sitewarden.wire.announcement import Announcement, Farewell, Message, Port, Stamp, cut, encode

PERIOD: Final = 5
"""Seconds between two announcements, about: each pause is drawn from 0.8 to 1.2 of it, so that nodes do not fall into step."""
FIRST: Final = (0.5, 1.0, 2.0)
"""Seconds between the first announcements: a node that starts is found at once, though one may be lost."""
GAP: Final = 1.0
"""Least seconds between two announcements, whoever asks for one."""
LOOK_SECONDS: Final = 2.0
"""How often the interfaces are looked at."""


class Speaker:
    """Announces a node on every place of a port. `own` is asked each time; None: there is nothing to tell yet.

    `boot` are 8 bytes drawn at the start (`Stamp.boot`).
    """

    def __init__(self, port: AnnouncementPort, signer: Signer, clock: Clock, own: Callable[[], Own | None], boot: bytes) -> None:
        self._port, self._signer, self._clock, self._own, self._boot = port, signer, clock, own, boot
        self._number = 0
        self._soon = asyncio.Event()

    def soon(self) -> None:
        """Announce within the next second or so: somebody new is there."""
        self._soon.set()

    async def run(self) -> None:
        """Follow the interfaces and announce until cancelled; say farewell then."""
        await self._port.look()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow(), name="interfaces")
                group.create_task(self._speak(), name="announcements")
        finally:
            own = self._own()
            if own is not None:
                self._send(lambda addresses, stamp: Farewell(own.node, addresses, stamp))
            self._port.close()

    async def _follow(self) -> None:
        while True:
            before = self._port.arrivals
            await asyncio.sleep(LOOK_SECONDS)
            await self._port.look()
            if self._port.arrivals != before:
                self.soon()

    async def _speak(self) -> None:
        pauses = list(FIRST)
        while True:
            own = self._own()
            if own is not None:
                self._announce(own)
            pause = pauses.pop(0) if pauses else PERIOD * random.uniform(0.8, 1.2)  # noqa: S311 -- against step, not for secrets
            try:
                async with asyncio.timeout(pause):
                    await self._soon.wait()
                await asyncio.sleep(GAP * random.uniform(1.0, 1.5))  # noqa: S311 -- the same
            except TimeoutError:
                pass
            self._soon.clear()

    def _announce(self, own: Own) -> None:
        ports = tuple(Port(row, number) for row, number in own.ports[:4])
        group = ipaddress.ip_address(own.group).packed if own.group else b""

        def made(addresses: tuple[bytes, ...], stamp: Stamp) -> Message:
            return Announcement(
                node=own.node, name=cut(own.name), version=own.version[:24], roles=own.roles[:6], addresses=addresses,
                ports=ports, group=group, tls=own.tls, site=own.site, stamp=stamp, period=PERIOD,
            )  # fmt: skip

        self._send(made)

    def _send(self, made: Callable[[tuple[bytes, ...], Stamp], Message]) -> None:
        def datagram(place: Place) -> bytes:
            self._number += 1
            stamp = Stamp(self._boot, self._number, self._clock.now())
            addresses = tuple(ipaddress.ip_address(address).packed for address in place.addresses)
            return encode(made(addresses, stamp), self._signer.certificate, self._signer.sign)

        self._port.send(datagram)
