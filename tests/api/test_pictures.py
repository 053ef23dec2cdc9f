"""Pictures of cameras over HTTP: of now and of recordings, decoded once, for those who may see them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import PIL.Image
import pytest
from litestar import Litestar

from sitewarden.api.application import WebSettings, create_app
from sitewarden.bus.interfaces import Bus
from sitewarden.codec import children
from sitewarden.config import Settings
from sitewarden.domain.identity.model import Grant
from sitewarden.kit.clock import SystemClock
from sitewarden.media.recorder import RecorderSettings
from sitewarden.media.worker import MediaWorker
from sitewarden.net.network import LocalNetwork
from sitewarden.services.video import Video
from sitewarden.services.video_pictures import VideoPictures
from sitewarden.services.viewings import Viewings
from sitewarden.store.sqlite import SqliteSegmentIndex
from tests.api.serving import serving
from tests.media.support import BEGIN, camera, feed, pictures, volume_at
from tests.services.house import House

SECOND = 1_000_000
GROUP = 400_000
"""Microseconds of a group of pictures of what is fed."""


class Rig:
    def __init__(self, house: House, folder: Path, host: str) -> None:
        self.house = house
        bus: Any = house.bus
        house.operations.add(Video(house.state, bus, Viewings(house.state, house.clock)).operations())
        house.operations.add(VideoPictures(house.state, bus, house.clock).operations())
        self.net = LocalNetwork(Settings.for_test(host), "media-0", folder / "run")
        self.index = SqliteSegmentIndex.open(folder / "segments.db")
        self.worker = MediaWorker(
            self.net,
            SystemClock(),
            self.index,
            volume_at(folder / "media"),
            bus.emit,
            socket=folder / "run" / "live.sock",
            settings=RecorderSettings(segment_seconds=2.0, min_free_bytes=0),
        )
        self.base = f"http://{host}:8600/api/v1/cameras"

    def looks(self) -> list[tuple[str, str, str]]:
        return [(one.action, one.entity, one.outcome) for one in self.house.memory.audited if one.entity == "camera:lobby"]

    async def get(self, path: str, who: Any = None, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(timeout=60, cookies={"sitewarden_session": (who or self.house.ada).session}) as client:
            return await client.get(f"{self.base}/{path}", headers=headers, timeout=60)


@pytest.fixture
async def rig(netns: bool, house: House, tmp_path: Path, host: str, console: Path) -> AsyncIterator[Rig]:
    made = Rig(house, tmp_path, host)
    task = asyncio.create_task(made.worker.run())
    await made.worker.started.wait()
    both = camera("lobby", area="lab"), camera("hidden", privacy=True, privacy_reason="a visit")
    for one in both:
        house.bus.serve(f"video.find/{one.id}", made.worker.find)
        house.bus.serve(f"video.live/{one.id}", made.worker.live)
    await house.memory.put("camera", *both)
    made.worker.configure(both)
    app: Litestar = create_app(cast("Bus", house.bus), WebSettings(console=console), made.net)
    async with serving(app, host):
        yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await made.index.close()
    await made.net.close()


def size(answer: httpx.Response) -> tuple[int, int]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg"), answer.text
    image = PIL.Image.open(io.BytesIO(answer.content))
    assert image.format == "JPEG"
    found: tuple[int, int] = image.size
    return found


async def test_a_snapshot_is_the_last_key_frame_and_decoded_once(rig: Rig) -> None:
    feed(rig.worker.hub, "lobby", pictures(), range(25))
    first = await rig.get("lobby/snapshot?width=150")
    assert size(first) == (160, 90)
    assert int(first.headers["x-picture-time"]) == BEGIN + 2 * GROUP
    assert first.headers["cache-control"] == "private, no-cache"
    again = await rig.get("lobby/snapshot?width=160", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    same = await rig.get("lobby/snapshot?width=160")
    assert same.content == first.content and same.headers["etag"] == first.headers["etag"]
    assert size(await rig.get("lobby/snapshot")) == (320, 180)
    feed(rig.worker.hub, "lobby", pictures(), range(25, 35))
    newer = await rig.get("lobby/snapshot?width=160", **{"if-none-match": first.headers["etag"]})
    assert size(newer) == (160, 90)
    assert int(newer.headers["x-picture-time"]) == BEGIN + 3 * GROUP
    assert rig.looks() == [("camera.live", "camera:lobby", "done")]


async def test_a_camera_that_sends_nothing_has_no_picture(rig: Rig) -> None:
    answer = await rig.get("lobby/snapshot")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert "no picture" in answer.json()["detail"]


async def test_recorded_pictures_are_found_by_time(rig: Rig) -> None:
    feed(rig.worker.hub, "lobby", pictures(), range(110))
    rig.worker.hub.lost("lobby", "cable")
    while sum(event.event.type == "video.segment.sealed" for event in rig.house.bus.stored) < 3:
        await asyncio.sleep(0.02)
    at = BEGIN + 3 * SECOND + 300_000
    first = await rig.get(f"lobby/thumbnail?at={at}&width=160")
    assert size(first) == (160, 90)
    assert int(first.headers["x-picture-time"]) == BEGIN + 3 * SECOND + 200_000
    assert first.headers["cache-control"] == "private, max-age=3600, immutable"
    near = await rig.get(f"lobby/thumbnail?at={at + 90_000}&width=100")
    assert near.content == first.content, "the same key frame, made once"
    other = await rig.get(f"lobby/thumbnail?at={at + GROUP}&width=160")
    assert other.content != first.content
    edge = await rig.get(f"lobby/thumbnail?at={BEGIN + 6 * SECOND}&width=160")
    assert int(edge.headers["x-picture-time"]) == BEGIN + 4 * SECOND
    assert edge.headers["cache-control"] == "private, no-cache"
    for nothing in (BEGIN - SECOND, BEGIN + 60 * SECOND):
        assert (await rig.get(f"lobby/thumbnail?at={nothing}")).status_code == 404
    for wrong in ("", "?at=-1", "?at=x", f"?at={at}&width=9000", f"?at={at}&more=1"):
        assert (await rig.get(f"lobby/thumbnail{wrong}")).status_code == 422
    assert rig.looks() == [("camera.playback", "camera:lobby", "done")]
    rig.house.clock.seconds += 601
    await rig.get(f"lobby/thumbnail?at={at}")
    assert len(rig.looks()) == 2


async def test_who_may_not_see_a_camera_gets_no_picture_and_privacy_is_kept(rig: Rig) -> None:
    feed(rig.worker.hub, "lobby", pictures(), range(25))
    feed(rig.worker.hub, "hidden", pictures(), range(25))
    player = await rig.house.person("player", Grant(action="camera.playback"))
    watcher = await rig.house.person("watcher", Grant(action="camera.live"))
    assert (await rig.get("lobby/snapshot", player)).status_code == 403
    assert (await rig.get(f"lobby/thumbnail?at={BEGIN}", watcher)).status_code == 403
    assert (await rig.get("lobby/snapshot", watcher)).status_code == 200
    private = await rig.get("hidden/snapshot")
    assert private.status_code == 503 and "privacy mode: a visit" in private.json()["detail"]
    assert (await rig.get("nowhere/snapshot")).status_code == 404
    assert ("camera.live", "camera:lobby", "refused: forbidden") in rig.looks()


async def test_without_the_extra_it_says_what_to_install(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(rig.worker.hub, "lobby", pictures(), range(25))
    monkeypatch.setattr(children, "installed", lambda: False)
    answer = await rig.get("lobby/snapshot")
    assert answer.status_code == 503
    assert "extra `pictures`" in answer.json()["detail"] and "pip install" in answer.json()["remedy"]
