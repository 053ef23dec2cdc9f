from __future__ import annotations

import pytest

from sitewarden.config import RtspOutSettings
from sitewarden.domain.errors import Forbidden, NotFound
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.video.model import Camera
from sitewarden.services.rtsp_out import RtspOut
from tests.services.house import House


async def addresses(house: House, chosen: RtspOutSettings, *held: tuple[str, int]) -> list[tuple[str, int, bool]]:
    out = RtspOut(house.state, chosen, {"rtsp": 8554}, lambda: frozenset(held))
    (operation,) = out.operations()
    if house.operations.get("video.rtsp") is None:
        house.operations.add([operation])
        await house.memory.put("camera", Camera(id="front", name="Front", url="rtsp://192.0.2.1/", area="lab"))
    told = await operation.handler(None, operation.params(id="front"))  # type: ignore[arg-type]
    assert (told.live, told.recorded) == ("/cameras/front/live", "/cameras/front/recorded?start={start}&end={end}")
    assert told.enabled == bool(told.doors)
    return [(door.scheme, door.port, door.open) for door in told.doors]


async def test_each_port_is_told_with_whether_it_is_open(house: House) -> None:
    assert await addresses(house, RtspOutSettings()) == []
    on = RtspOutSettings(enabled=True)
    assert await addresses(house, on, ("rtsp", 8554)) == [("rtsps", 322, False), ("rtsp", 8554, True)]
    secure = RtspOutSettings(enabled=True, plain=False)
    assert await addresses(house, secure, ("rtsps", 322)) == [("rtsps", 322, True)]


async def test_only_who_may_see_the_camera_is_told(house: House) -> None:
    await addresses(house, RtspOutSettings(enabled=True))
    guard = await house.person("guard", Grant(action="camera.live", selector="area:yard"))
    with pytest.raises(Forbidden):
        await house.ask("video.rtsp", guard, id="front")
    with pytest.raises(NotFound):
        await house.ask("video.rtsp", id="other")
