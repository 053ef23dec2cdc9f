"""What is said to a device beside polling it: the texts of its states once, then its subscriptions, renewed before they end."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from sitewarden.drivers.bacnet.device import Device
from sitewarden.drivers.bacnet.exchange import Refusing
from sitewarden.drivers.bacnet.mapping import ACTIVE_TEXT, BINARY, INACTIVE_TEXT, STATE_TEXT, Item
from sitewarden.kit.errors import Unavailable
from sitewarden.wire.bacnet import services, tags
from sitewarden.wire.bacnet.apdu import Confirmed
from sitewarden.wire.bacnet.services import Property, Subscription

NAME: Final = 77
PROCESS: Final = 8600
"""Our process identifier: the same after a restart, so that a device replaces its old subscriptions."""
RENEW: Final = 0.5
"""Share of its lifetime after which a subscription is renewed."""
PAUSE: Final = 10.0
"""Seconds between two rounds to one device, however often it tells that it is there."""


class Asker(Protocol):
    """The poller, by which devices are asked."""

    async def order(self, device: Device, service: int, data: bytes) -> object: ...

    async def read(self, device: Device, what: Property) -> list[tags.Tagged]: ...

    def learnt(self, device: Device) -> None: ...

    def unlearnt(self, device: Device, why: str) -> None: ...

    def replan(self, device: Device) -> None: ...


class Subscribing:
    """One task a device; its requests go one after the other, between the polls."""

    def __init__(self, poller: Asker) -> None:
        self._poller = poller
        self._loop = asyncio.get_running_loop()
        self._tasks: dict[Device, asyncio.Task[None]] = {}
        self._begun: dict[Device, float] = {}
        self.broken: asyncio.Future[None] = self._loop.create_future()
        """Takes what no task foresaw."""

    def attend(self, device: Device) -> None:
        """Begin anew with a device."""
        self.end(device)
        now = self._loop.time()
        begun = self._begun.get(device)
        pause = 0.0 if begun is None or not device.online else max(0.0, begun + PAUSE - now)
        self._begun[device] = now + pause
        task = self._tasks[device] = asyncio.create_task(self._attend(device, pause), name=f"BACnet {device.spec.id}")
        task.add_done_callback(self._ended)

    def end(self, device: Device) -> None:
        """Say nothing more to a device."""
        task = self._tasks.pop(device, None)
        if task is not None:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and not self.broken.done():
            self.broken.set_exception(error)

    async def _attend(self, device: Device, pause: float) -> None:
        await asyncio.sleep(pause)
        if not device.learnt:
            try:
                await self._learn(device)
            except Unavailable as error:
                self._poller.unlearnt(device, str(error))
                return
            self._poller.learnt(device)
        while device.told:
            before = set(device.subscribed)
            try:
                for object_ in [one for one in device.told if one not in device.untold]:
                    await self._subscribe(device, object_)
            except Unavailable:
                if device.dead:
                    return
                await asyncio.sleep(PAUSE)
                continue
            if device.subscribed != before:
                self._poller.replan(device)
            if not device.subscribed:
                return
            await asyncio.sleep(device.config.lifetime * RENEW)

    async def _subscribe(self, device: Device, object_: int) -> None:
        config = device.config
        asked = Subscription(PROCESS, object_, config.cov == "confirmed", config.lifetime)
        if await self._said(device, Confirmed.SUBSCRIBE_COV, services.subscribe(asked)):
            device.subscribed.add(object_)
        else:
            device.untold.add(object_)
            device.subscribed.discard(object_)

    async def _learn(self, device: Device) -> None:
        # Any answer will do: it shows that the device is there.
        instance = tags.INSTANCES if device.instance is None else device.instance
        await self._texts(device, Property(tags.object_of(8, instance), NAME))
        known: dict[int, list[str]] = {}
        for item in device.items.values():
            if item.worded:
                if item.object not in known:
                    known[item.object] = await self._states(device, item)
                item.texts = known[item.object]

    async def _states(self, device: Device, item: Item) -> list[str]:
        if item.object >> 22 not in BINARY:
            return await self._texts(device, Property(item.object, STATE_TEXT))
        off = await self._texts(device, Property(item.object, INACTIVE_TEXT))
        on = await self._texts(device, Property(item.object, ACTIVE_TEXT))
        return [*(off or ["inactive"])[:1], *(on or ["active"])[:1]]

    async def _texts(self, device: Device, what: Property) -> list[str]:
        try:
            values = await self._poller.read(device, what)
        except Refusing:
            return []
        return [str(content) for tag, content in values if tag == tags.TEXT]

    async def _said(self, device: Device, service: int, data: bytes) -> bool:
        try:
            await self._poller.order(device, service, data)
        except Refusing:
            return False
        return True
