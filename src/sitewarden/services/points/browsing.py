"""Looking at what a device or broker has, before points are made of it."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.commands import Command
from sitewarden.domain.errors import BY_CODE, Conflict, NotFound, Refusal
from sitewarden.domain.points.browse import Browsed
from sitewarden.domain.points.model import Device, Endpoint
from sitewarden.domain.refs import ref
from sitewarden.drivers import registry
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.points import BrowseDevice, BrowseEndpoint
from sitewarden.store.interfaces import StateStore

SECONDS: Final = 40.0
"""Time that a device has for all of its answers."""


class Browsing:
    """The operations that browse; the driver asks the device."""

    def __init__(self, bus: Bus, state: StateStore) -> None:
        self._bus, self._state = bus, state

    def operations(self) -> list[Operation]:
        """Return the operations. They change nothing, and reach into a network: they are audited."""
        return [
            Operation(
                "endpoints.browse",
                "endpoint.browse",
                BrowseEndpoint,
                Browsed,
                self._endpoint,
                entity=lambda asked: ref("endpoint", asked.id),
                timeout=SECONDS + 5.0,
            ),
            Operation(
                "devices.browse",
                "device.browse",
                BrowseDevice,
                Browsed,
                self._device,
                entity=lambda asked: ref("device", asked.id),
                timeout=SECONDS + 5.0,
            ),
        ]

    async def _endpoint(self, caller: Caller, asked: BrowseEndpoint) -> Browsed:
        held = self._state.get("endpoint", asked.id)
        if held is None or not isinstance(held.entity, Endpoint):
            raise NotFound(f"There is no endpoint {asked.id!r}.", where="id", remedy="Look at the list of endpoints.")
        return await self._ask(caller, held.entity, "endpoint.browse", ref("endpoint", asked.id), asked)

    async def _device(self, caller: Caller, asked: BrowseDevice) -> Browsed:
        held = self._state.get("device", asked.id)
        if held is None or not isinstance(held.entity, Device):
            raise NotFound(f"There is no device {asked.id!r}.", where="id", remedy="Look at the list of devices.")
        behind = self._state.get("endpoint", held.entity.endpoint)
        if behind is None or not isinstance(behind.entity, Endpoint):
            raise NotFound(f"The endpoint of device {asked.id!r} is gone.", where="id", remedy="Give it another endpoint.")
        return await self._ask(caller, behind.entity, "device.browse", ref("device", asked.id), asked)

    async def _ask(self, caller: Caller, endpoint: Endpoint, command: str, entity: str, asked: Any) -> Browsed:
        manifest = registry.manifest(endpoint.driver)
        if command not in manifest.commands:
            other = next((one for one in ("device.browse", "endpoint.browse") if one in manifest.commands), None)
            raise Conflict(
                f"{manifest.title} has nothing to browse here.",
                where=entity,
                remedy=f"Browse the {other.partition('.')[0]} instead." if other else "Take addresses from the device's manual.",
            )
        if not any(
            isinstance(one.entity, Device) and one.entity.endpoint == endpoint.id and one.entity.enabled
            for one in self._state.list("device")
        ):
            raise Conflict(
                f"{endpoint.name} is not running: it has no enabled device.",
                where=entity,
                remedy="Add a device to it, without points for now; then browse.",
            )
        arguments = {name: value for name, value in msgspec.structs.asdict(asked).items() if name != "id" and value}
        order = Command(
            id=uuid4().hex,
            name=command,
            entity=entity,
            args=arguments,
            issuer=caller.actor,
            reason=caller.reason,
            timeout=SECONDS,
        )
        result = await self._bus.command(order)
        if not result.ok:
            raise BY_CODE.get(result.code, Refusal)(result.what, where=entity, remedy=result.remedy)
        return msgspec.convert(result.value, Browsed)
