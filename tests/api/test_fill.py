"""The route by which a gap is filled from the camera's own recording."""

from __future__ import annotations

from typing import cast

import httpx
import msgspec
import pytest

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.video.fill import Fill
from sitewarden.domain.video.model import Camera
from sitewarden.media.worker import FillAsk
from sitewarden.services.cameras.filling import CameraFilling
from tests.services.house import PASSWORD, House

CSRF = {"X-Sitewarden": "1"}


@pytest.fixture
async def asked(house: House, client: httpx.AsyncClient) -> list[FillAsk]:
    """What the media process of the camera is asked; somebody is signed in."""
    found: list[FillAsk] = []

    async def fill(body: bytes) -> bytes:
        found.append(msgspec.msgpack.decode(body, type=FillAsk))
        return msgspec.msgpack.encode([Fill(id="f", camera="lobby", start=found[-1].start, end=found[-1].end)])

    house.operations.add(CameraFilling(house.state, cast("Bus", house.bus)).operations())
    house.bus.serve("video.fill/lobby", fill)
    await house.memory.put("camera", Camera(id="lobby", name="Lobby", url="rtsp://192.0.2.1/a"))
    await client.post("/api/v1/session", json={"username": "ada", "password": PASSWORD})
    return found


async def test_a_gap_is_asked_for_with_a_reason(client: httpx.AsyncClient, asked: list[FillAsk]) -> None:
    body = {"start": 1_000_000, "end": 61_000_000, "reason": "theft"}
    answer = await client.post("/api/v1/cameras/lobby/fill", json=body, headers=CSRF)
    assert answer.status_code == 202, answer.text
    (item,) = answer.json()["items"]
    assert (item["camera"], item["start"], item["end"], item["state"]) == ("lobby", 1_000_000, 61_000_000, "waiting")
    assert asked == [FillAsk(camera="lobby", start=1_000_000, end=61_000_000, reason="theft", by="user:ada")]


async def test_what_is_wrong_is_said(client: httpx.AsyncClient, asked: list[FillAsk]) -> None:
    for path, body, status in (
        ("lobby", {"start": 2, "end": 1}, 422),
        ("lobby", {"start": 1}, 422),
        ("lobby", {"start": -1, "end": 1}, 422),
        ("lobby", {"start": 1, "end": 2, "camera": "x"}, 422),
        ("nowhere", {"start": 1, "end": 2}, 404),
    ):
        answer = await client.post(f"/api/v1/cameras/{path}/fill", json=body, headers=CSRF)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    assert asked == []
