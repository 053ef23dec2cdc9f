"""Keys by which devices that push prove themselves: made here, shown once, kept as SHA-256 in the device's configuration."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from sitewarden.domain.errors import Conflict, NotFound
from sitewarden.domain.points.model import Device, Endpoint
from sitewarden.domain.refs import ref
from sitewarden.drivers import registry
from sitewarden.services.entities import Entities
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.points import DeviceKey, DeviceRef
from sitewarden.store.interfaces import StateStore

FIELD: Final = "key_hash"
"""Name of the setting that a driver holds the SHA-256 of a device's key in, as hexadecimal digits."""
KEY_BYTES: Final = 24
"""Random bytes of a key, 32 characters."""


class DeviceKeys:
    """The operation that makes a device's key."""

    def __init__(self, state: StateStore, entities: Entities) -> None:
        self._state, self._entities = state, entities

    def operations(self) -> list[Operation]:
        """Return the operation; the change of the device audits itself."""
        return [Operation("devices.key", "device.update", DeviceRef, DeviceKey, self._key, entity=_device_of, own_audit=True)]

    async def _key(self, caller: Caller, asked: DeviceRef) -> DeviceKey:
        """Give the device a new key; whoever posts with the old one is refused from then on."""
        held = self._state.get("device", asked.id)
        if held is None or not isinstance(held.entity, Device):
            raise NotFound(f"There is no device {asked.id!r}.", where="id", remedy="Look at the list of devices.")
        device = held.entity
        behind = self._state.get("endpoint", device.endpoint)
        endpoint = behind.entity if behind is not None and isinstance(behind.entity, Endpoint) else None
        if (
            endpoint is None
            or FIELD not in registry.models(endpoint.driver)["device"].__struct_fields__
            or endpoint.config.get("mode") == "client"
        ):
            raise Conflict(
                "The device does not push: it is asked, or proves itself in another way.",
                where=ref("device", asked.id),
                remedy="Keys are of devices behind an endpoint of the driver http in server mode.",
            )
        key = secrets.token_urlsafe(KEY_BYTES)
        config = device.config | {FIELD: hashlib.sha256(key.encode()).hexdigest()}
        await self._entities.update("device", caller, asked.id, MESSAGES["device"].patch(config=config))
        return DeviceKey(id=asked.id, key=key)


def _device_of(asked: DeviceRef) -> str:
    return ref("device", asked.id)
