"""Recordings of the server's disk as cameras: listed to who may add one, named only where a folder is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.errors import Forbidden, Invalid
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.video.model import Camera
from sitewarden.services.cameras.footage import CameraFootage, playable
from sitewarden.services.proposal import Proposal
from sitewarden.services.surface.entities import MESSAGES
from tests.services.house import House


def propose(house: House, url: str, folder: str, before: Camera | None = None, **fields: Any) -> None:
    camera = Camera(id="a", name="A", url=url, **fields)
    playable(folder)(Proposal("camera", "a", before, camera, None, house.state))  # type: ignore[arg-type]


async def test_who_may_add_a_camera_sees_what_there_is(house: House, tmp_path: Path) -> None:
    (tmp_path / "night.mp4").write_bytes(b"film")
    house.operations.add(CameraFootage(str(tmp_path)).operations())
    found = (await house.ask("cameras.files")).value
    assert found.allowed and not found.more and [(one.name, one.bytes) for one in found.items] == [("night.mp4", 4)]
    adds = await house.person("adds", Grant(action="camera.create", selector="area:lab"))
    assert (await house.ask("cameras.files", adds)).value == found
    looks = await house.person("looks", Grant(action="camera.get"))
    with pytest.raises(Forbidden):
        await house.ask("cameras.files", looks)


async def test_where_no_folder_is_allowed_there_is_nothing(house: House) -> None:
    house.operations.add(CameraFootage("").operations())
    assert not (await house.ask("cameras.files")).value.allowed
    with pytest.raises(Invalid, match="settings name no folder"):
        propose(house, "file:night.mp4", "")
    # One that stood there before the setting was taken back may be renamed, or deleted.
    propose(house, "file:night.mp4", "", Camera(id="a", name="Old", url="file:night.mp4"))
    propose(house, "rtsp://192.0.2.1/", "")


@pytest.mark.parametrize("name", ["../b.mp4", "a/../../b.mp4", "a//b.mp4", "a/"])
def test_a_name_outside_is_refused(house: House, name: str) -> None:
    with pytest.raises(Invalid, match="names no file"):
        propose(house, f"file:{name}", "/srv/footage")


def test_a_file_is_played_by_one_driver(house: House) -> None:
    propose(house, "file:lobby/night.mp4", "/srv/footage", driver="libav")
    assert Camera(id="a", name="A", url="file:lobby/night.mp4").stream_driver == "libav"
    with pytest.raises(Invalid, match="mjpeg"):
        propose(house, "file:lobby/night.mp4", "/srv/footage", driver="mjpeg")


@pytest.mark.parametrize("url", ["file:/etc/passwd", "file:", "file:///etc/passwd"])
async def test_a_rooted_path_is_no_address(house: House, url: str) -> None:
    with pytest.raises(Invalid):
        await house.ask("camera.create", body=MESSAGES["camera"].input(name="A", url=url))
