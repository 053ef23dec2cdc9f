"""Keys of devices that push: made once, kept as a hash, told to who may change the device."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from sitewarden.domain.errors import Conflict, Forbidden, NotFound
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.points.model import Device, Endpoint
from sitewarden.services.points.keys import DeviceKeys
from tests.services.house import House


@pytest.fixture
async def keys(house: House) -> House:
    house.operations.add(DeviceKeys(house.state, house.entities).operations())
    server: dict[str, Any] = {"mode": "server", "port": 56789}
    await house.memory.put("endpoint", Endpoint(id="push", name="Push", driver="http", config=server))
    await house.memory.put(
        "endpoint", Endpoint(id="ask", name="Ask", driver="http", config=server | {"mode": "client", "host": "h"})
    )
    await house.memory.put("endpoint", Endpoint(id="bus", name="Bus", driver="modbus", config={"host": "h"}))
    for endpoint in ("push", "ask", "bus"):
        config = {"path": "/a"} if endpoint != "bus" else {}
        await house.memory.put("device", Device(id=f"d-{endpoint}", name="D", endpoint=endpoint, config=config, area="lab"))
    return house


async def test_a_key_is_told_once_and_kept_as_a_hash(keys: House) -> None:
    first = (await keys.ask("devices.key", id="d-push")).value
    told = (await keys.ask("devices.key", id="d-push")).value
    assert len(told.key) == 32 and told.key != first.key
    held = keys.state.get("device", "d-push")
    assert held is not None and isinstance(held.entity, Device)
    assert held.entity.config == {"path": "/a", "key_hash": hashlib.sha256(told.key.encode()).hexdigest()}
    assert told.key not in repr(keys.told) and told.key not in repr(await keys.ask("device.get", id="d-push"))


@pytest.mark.parametrize("device", ["d-ask", "d-bus"])
async def test_only_a_device_that_pushes_has_a_key(keys: House, device: str) -> None:
    with pytest.raises(Conflict, match="does not push"):
        await keys.ask("devices.key", id=device)


async def test_who_may_only_look_gets_no_key(keys: House) -> None:
    guard = await keys.person("guard", Grant(action="device.get", selector="area:lab"))
    with pytest.raises(Forbidden):
        await keys.ask("devices.key", guard, id="d-push")
    with pytest.raises(NotFound):
        await keys.ask("devices.key", id="none")
