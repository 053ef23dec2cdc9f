"""A pull point: asked for, kept alive, asked what happened (ONVIF Core Specification clause 9.2, WS-BaseNotification)."""

from __future__ import annotations

import contextlib
from typing import Final

from sitewarden.domain.clock import Clock
from sitewarden.drivers.onvif import mapping, notices, wire
from sitewarden.drivers.onvif.client import SECONDS, Client
from sitewarden.kit.errors import PeerViolation
from sitewarden.wire.httpplace import HttpPlace
from sitewarden.wire.soap import SoapFault, element
from sitewarden.wire.xmltree import Element

LIFE: Final = 60
"""Seconds that a pull point lives unless it is renewed."""
RENEW: Final = 20.0
"""Seconds between two renewals."""
WAIT: Final = 5
"""Seconds that the camera holds a question while nothing happens."""
MESSAGES: Final = 100
"""Messages of one answer."""
MOST_REFERENCES: Final = 8


class PullPoint:
    """One subscription at a camera."""

    def __init__(self, client: Client, clock: Clock, place: HttpPlace, references: str) -> None:
        self._client = client
        self._clock = clock
        self._place = place
        self._references = references
        self._renewed = clock.monotonic()
        self._renews = True

    @classmethod
    async def open(cls, client: Client, clock: Clock) -> PullPoint:
        """Subscribe; raise SoapFault where the camera refuses."""
        answer = await client.call(wire.create_subscription(LIFE))
        reference = answer.child("SubscriptionReference")
        address = reference.said("Address") if reference is not None else ""
        if reference is None or not address:
            raise PeerViolation("the camera subscribes us, and does not say where")
        return cls(client, clock, mapping.local(address, client.base), _references(reference.child("ReferenceParameters")))

    async def synchronise(self) -> None:
        """Have the camera tell the present state of all properties: not every one does when it is subscribed to.

        One that does not take this request has told them; raise a DriverError where it cannot be asked.
        """
        with contextlib.suppress(SoapFault):
            await self._client.call(wire.sync_events(), self._place, self._references)

    async def pull(self) -> tuple[notices.Notification, ...]:
        """Return what happened, after some seconds nothing; raise SoapFault where the camera forgot the subscription."""
        if self._renews and self._clock.monotonic() - self._renewed >= RENEW:
            await self._renew()
        answer = await self._client.call(
            wire.pull_messages(WAIT, MESSAGES), self._place, self._references, seconds=WAIT + SECONDS
        )
        return notices.read_notifications(answer)

    async def close(self) -> None:
        """Tell the camera that nobody asks any more; it would find out by itself."""
        await self._client.call(wire.unsubscribe(), self._place, self._references, seconds=1.0)

    async def _renew(self) -> None:
        self._renewed = self._clock.monotonic()
        try:
            await self._client.call(wire.renew(LIFE), self._place, self._references)
        except SoapFault as fault:
            # Some cameras keep a pull point alive by its pulls alone. One that is lost for good says so to the pull.
            self._renews = not fault.says("ActionNotSupported", "OptionalActionNotImplemented")


def _references(parameters: Element | None) -> str:
    """Return the headers by which the camera knows the subscription (WS-Addressing 1.0, SOAP Binding clause 3)."""
    if parameters is None:
        return ""
    return "".join(
        element(
            f"p{number}:{each.name}",
            text=each.text,
            attributes={f"xmlns:p{number}": each.space, "wsa:IsReferenceParameter": "true"},
        )
        for number, each in enumerate(parameters.children[:MOST_REFERENCES])
        if each.space
    )
