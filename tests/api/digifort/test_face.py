from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator
from typing import cast

import httpx
import pytest

from sitewarden.api.digifort.face import create_digifort
from sitewarden.bus.interfaces import Bus
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.status import Status
from sitewarden.domain.video.model import Camera
from tests.services.house import PASSWORD, House

BASIC = httpx.BasicAuth("ada", PASSWORD)


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    await house.memory.put(
        "camera",
        Camera(id="dock-1", name="Dock 1", url="rtsp://192.0.2.20:8554/main", area="lab"),
        Camera(id="gate", name="Gate", url="rtsp://192.0.2.21/main", area="yard", enabled=False),
    )
    house.board.put(
        Status(ref="camera:dock-1", state="online", since=house.clock.now() - 5_000_000, data={"fps": 24.8, "recording": True})
    )
    app = create_digifort(cast("Bus", house.bus), house.clock)
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 1))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test:8601") as made:
        yield made


async def test_versions_in_every_spelling(client: httpx.AsyncClient) -> None:
    for path in ("/Interface/GetAPIVersion", "/interface/getapiversion", "/Interface/GetApiVersion?"):
        answer = await client.get(path, auth=BASIC)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/xml; charset=UTF-8"
        root = ElementTree.fromstring(answer.content)
        assert (root.findtext("Message"), root.findtext("Data/ApiVersion/Version")) == ("OK", "1.10.0")


async def test_cameras_with_mask_fields_and_parameters_for_sign_in(client: httpx.AsyncClient) -> None:
    who = {"AuthUser": "ada", "AuthPass": PASSWORD, "ResponseFormat": "JSON"}
    everything = (await client.get("/Interface/Cameras/GetCameras", params=who)).json()["Response"]["Data"]["Cameras"]
    assert [(camera["Name"], camera["Active"], camera["ConnectionPort"]) for camera in everything] == [
        ("Dock 1", True, 8554),
        ("Gate", False, 554),
    ]
    some = await client.get("/Interface/Cameras/GetCameras", params={**who, "cameras": "dock*", "fields": "Name,Active"})
    assert some.json()["Response"]["Data"]["Cameras"] == [{"Name": "Dock 1", "Active": True}]


async def test_status(client: httpx.AsyncClient) -> None:
    answer = await client.get("/Interface/Cameras/GetStatus?Working=TRUE&ResponseFormat=Text", auth=BASIC)
    assert answer.text.splitlines()[2:] == [
        "COUNT=1",
        "CAMERA_1_NAME=Dock 1",
        "CAMERA_1_ACTIVE=TRUE",
        "CAMERA_1_WORKING=TRUE",
        "CAMERA_1_ACTIVETIME=5",
        "CAMERA_1_INACTIVETIME=0",
        "CAMERA_1_CONFIGUREDTORECORD=TRUE",
        "CAMERA_1_WRITTINGTODISK=TRUE",
        "CAMERA_1_RECORDINGFPS=25",
    ]


async def test_a_caller_sees_only_their_cameras_and_no_addresses(client: httpx.AsyncClient, house: House) -> None:
    await house.person("app", Grant(action="camera.list", selector="area:lab"))
    answer = await client.get("/Interface/Cameras/GetCameras?ResponseFormat=JSON", auth=("app", PASSWORD))
    [camera] = answer.json()["Response"]["Data"]["Cameras"]
    assert camera["Name"] == "Dock 1"
    assert "ConnectionAddress" not in camera


@pytest.mark.parametrize(
    ("path", "auth", "status", "code"),
    [
        ("/Interface/Cameras/GetCameras", None, 401, 9),
        ("/Interface/Cameras/GetCameras", ("ada", "wrong"), 401, 206),
        ("/Interface/Cameras/GetCameras?AuthUser=ada&AuthPass=wrong", None, 200, 206),
        ("/Interface/No/Such", BASIC, 404, 3),
        ("/", BASIC, 404, 3),
        ("/Interface/Cameras/GetStatus?Active=perhaps", BASIC, 200, 7),
    ],
)
async def test_refusals(client: httpx.AsyncClient, path: str, auth: httpx.Auth | None, status: int, code: int) -> None:
    answer = await client.get(path, auth=auth)
    assert answer.status_code == status
    assert ElementTree.fromstring(answer.content).findtext("Code") == str(code)
    assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_without_the_right_the_code_says_so(client: httpx.AsyncClient, house: House) -> None:
    await house.person("noone")
    answer = await client.get("/Interface/Cameras/GetCameras?ResponseFormat=JSON", auth=("noone", PASSWORD))
    assert (answer.status_code, answer.json()["Response"]["Code"]) == (200, 10)
