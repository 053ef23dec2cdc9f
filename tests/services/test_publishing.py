"""Stream keys: made once, sealed, and told to who may change the camera."""

from __future__ import annotations

from typing import Any

import pytest

from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Forbidden, Invalid
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.video.model import Camera
from sitewarden.services.cameras.publishing import CameraPublishing
from sitewarden.services.surface.entities import MESSAGES
from tests.services.house import House


@pytest.fixture
def publishing(house: House) -> House:
    settings = Settings.for_test("0.0.0.0", rtmp_plain_networks=("10.1.0.0/16",))
    made = CameraPublishing(house.state, settings, house.entities, lambda: frozenset({("rtmp", 1935)}))
    house.operations.add(made.operations())
    return house


def camera(**fields: Any) -> Any:
    return MESSAGES["camera"].input(**fields)


async def test_a_key_is_told_once_and_kept_sealed(publishing: House) -> None:
    made = await publishing.ask("camera.create", body=camera(name="Roof", driver="rtmp", area="lab"))
    assert made.value.url == "" and not made.value.stream_key_set
    before = (await publishing.ask("cameras.publishing", id="roof")).value
    assert (before.port, before.path, before.tls, before.plain_networks) == (1935, "/live/roof", True, ("10.1.0.0/16",))
    assert before.publishes and before.open and not before.key_set
    told = (await publishing.ask("cameras.stream-key", id="roof")).value
    again = (await publishing.ask("cameras.stream-key", id="roof")).value
    assert len(told.key) == 32 and told.key != again.key and told.address.key_set
    held = publishing.state.get("camera", "roof")
    assert held is not None and isinstance(held.entity, Camera) and held.entity.stream_key is not None
    assert publishing.secrets.open(held.entity.stream_key, "camera:roof/stream_key") == again.key
    assert again.key not in repr(await publishing.ask("camera.get", id="roof"))


async def test_only_a_camera_that_publishes_has_a_key(publishing: House) -> None:
    await publishing.memory.put("camera", Camera(id="front", name="Front", url="rtsp://192.0.2.1/", area="lab"))
    assert not (await publishing.ask("cameras.publishing", id="front")).value.publishes
    with pytest.raises(Conflict, match="asked for its stream"):
        await publishing.ask("cameras.stream-key", id="front")


async def test_who_may_only_look_gets_no_key(publishing: House) -> None:
    await publishing.memory.put("camera", Camera(id="roof", name="Roof", driver="rtmp", area="lab"))
    guard = await publishing.person("guard", Grant(action="camera.get", selector="area:lab"))
    await publishing.ask("cameras.publishing", guard, id="roof")
    with pytest.raises(Forbidden):
        await publishing.ask("cameras.stream-key", guard, id="roof")


async def test_an_address_belongs_to_a_camera_that_is_asked_and_to_no_other(publishing: House) -> None:
    with pytest.raises(Invalid, match="is missing"):
        await publishing.ask("camera.create", body=camera(name="A"))
    with pytest.raises(Invalid, match="has no stream address"):
        await publishing.ask("camera.create", body=camera(name="A", driver="rtmp", url="rtsp://192.0.2.1/"))
