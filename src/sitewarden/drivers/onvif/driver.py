"""The entry of the driver, and the life of one camera's ONVIF services: described, then asked what happens until it is lost."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.events import Event
from sitewarden.domain.status import Status
from sitewarden.drivers.onvif import notices
from sitewarden.drivers.onvif.camera import Known, describe
from sitewarden.drivers.onvif.client import Client, Unauthorised, sentence
from sitewarden.drivers.onvif.config import CameraConfig, read
from sitewarden.drivers.onvif.manifest import MANIFEST
from sitewarden.drivers.onvif.orders import Orders
from sitewarden.drivers.onvif.pulling import PullPoint
from sitewarden.drivers.onvif.states import States
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import DriverError, Unavailable
from sitewarden.wire.soap import SoapFault

LOOK: Final = 10.0
"""Seconds between two questions for the clock of a camera without events, to see that it is there."""
CLOCK_EVERY: Final = 600.0
"""Seconds between two readings of the camera's clock, which drifts."""
GAP: Final = 0.1
EMPTY_GAP: Final = 1.0
"""Seconds between two pulls of a camera that answers at once, where it had something to say and where it had not."""
REOPENED: Final = 3
"""Subscriptions that may be lost in a row before the camera counts as lost."""


class OnvifEndpoint:
    """One camera's services. What is known of its inputs and of motion outlives a connection."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config: CameraConfig = read(spec.config, f"{spec.reference}.config")
        self._states = States(spec.id, spec.name)
        self._orders: Orders | None = None
        self._worked = False
        self._subscribed = False
        """True once a pull point was open: what changed between it and the next is only known from the states."""
        self._changed = asyncio.Event()

    async def run(self, ctx: Context) -> None:
        """Ask the camera what it is and what happens, until it is lost."""
        client = Client(ctx.net, ctx.clock, self._config)
        self._changed.clear()
        try:
            known = await describe(client)
            self._worked = True
            self._orders = Orders(client, known, ctx.clock, self._changed.set)
            self._report(ctx, client, known)
            await self._watch(ctx, client, known)
        except Unauthorised as error:
            if self._worked:
                # These settings have worked: a camera that starts may refuse everyone for a while.
                raise Unavailable(str(error)) from error
            raise
        except SoapFault as fault:
            raise Unavailable(f"the camera refuses: {sentence(fault)}") from fault
        finally:
            orders, self._orders = self._orders, None
            if orders is not None:
                await orders.close()

    async def execute(self, command: Command) -> Result:
        """Carry out a command at the camera."""
        if self._orders is None:
            raise Unavailable(f"{self._spec.name} cannot be asked over ONVIF now")
        return await self._orders.execute(command)

    async def _watch(self, ctx: Context, client: Client, known: Known) -> None:
        lost = 0
        clock_due = ctx.clock.monotonic() + CLOCK_EVERY
        point: PullPoint | None = None
        try:
            while not self._changed.is_set():
                if ctx.clock.monotonic() >= clock_due:
                    clock_due = ctx.clock.monotonic() + CLOCK_EVERY
                    await client.read_clock()
                    self._report(ctx, client, known)
                if not known.events:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._changed.wait(), LOOK)
                    await client.read_clock()
                    continue
                fresh = point is None
                try:
                    if point is None:
                        point = await PullPoint.open(client, ctx.clock)
                        self._states.begin()
                        if self._subscribed:
                            await point.synchronise()
                        self._subscribed = True
                    began = ctx.clock.monotonic()
                    told = await point.pull()
                except SoapFault as fault:
                    if fresh and fault.says("ActionNotSupported", "OptionalActionNotImplemented", "NoSuchService"):
                        known.events = False
                        self._report(ctx, client, known)
                        continue
                    # A camera that was restarted, or that dropped us for want of room, has forgotten the subscription.
                    point, lost = None, lost + 1
                    if lost > REOPENED:
                        raise
                    await asyncio.sleep(EMPTY_GAP)
                    continue
                lost = 0
                await self._take(ctx, client, known, told, settle=fresh)
                if ctx.clock.monotonic() - began < EMPTY_GAP:
                    await asyncio.sleep(GAP if told else EMPTY_GAP)
            raise Unavailable("its media profiles have changed; it is read anew")
        finally:
            if point is not None:
                with contextlib.suppress(DriverError, SoapFault, TimeoutError):
                    async with asyncio.timeout(0.5):
                        await point.close()

    async def _take(
        self, ctx: Context, client: Client, known: Known, told: tuple[notices.Notification, ...], *, settle: bool
    ) -> None:
        now = ctx.clock.now()
        events: list[Event] = []
        seen = False
        for one in told:
            change = notices.change(one)
            if change is None:
                continue
            seen = True
            event = self._states.take(change, one.time - client.offset if one.time is not None else now, now)
            if event is not None:
                events.append(event)
        if settle:
            events += self._states.settle(now)
        if events:
            await ctx.emit(events)
        if seen or events:
            self._report(ctx, client, known)

    def _report(self, ctx: Context, client: Client, known: Known) -> None:
        states = self._states
        inputs, relays = states.of("input"), states.of("relay")
        names = {one.token: one.name for one in known.inputs} | dict.fromkeys(inputs, "")
        ctx.status(
            Status(
                ref=self._spec.reference,
                state="online",
                since=ctx.clock.now(),
                data={
                    **known.told(),
                    "clock_offset": round(client.offset / 1_000_000, 1),
                    "inputs": [{"token": token, "name": name, "active": inputs.get(token)} for token, name in names.items()],
                    "relays": [{"token": one.token, "name": one.name, "active": relays.get(one.token)} for one in known.relays],
                    "motion": states.active("motion"),
                    "tamper": states.active("tamper"),
                    "dropped": states.dropped,
                },
            )
        )


class OnvifDriver:
    """Makes endpoints."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> OnvifEndpoint:
        """Return the endpoint of one camera; raise Misconfigured where a setting does not fit."""
        return OnvifEndpoint(spec)


DRIVER: Final = OnvifDriver()
