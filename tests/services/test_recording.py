from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.access.model import Door
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unreachable
from sitewarden.domain.events import Event
from sitewarden.domain.identity.model import Grant
from sitewarden.kit.clock import SystemClock
from sitewarden.services.recording import RecordingDesk
from sitewarden.services.surface.recording import (
    LockQuery,
    LockRef,
    LockSet,
    PrivacyMode,
    RecordNow,
    StorageQuery,
)
from sitewarden.services.surface.video import CameraRef, VideoRange
from tests.media.support import camera, feed, pictures
from tests.services.house import ADDRESS, House
from tests.services.test_video import SECOND, Rig


class Desk(Rig):
    """A camera that waits for events, a second one on command, and the service that commands them."""

    def __init__(self, house: House, tmp_path: Path, host: str) -> None:
        super().__init__(house, tmp_path, host)
        self.now = SystemClock().now()
        self.service = RecordingDesk(house.state, self.bus, SystemClock(), house.subjects, 1)
        house.operations.add(self.service.operations())

    async def settle(self) -> None:
        house = self.house
        cameras = [held.entity for held in house.state.list("camera")]
        self.worker.configure(cameras)  # type: ignore[arg-type]
        for name in ("lobby", "yard"):
            self.bus.serve(f"video.find/{name}", self.worker.find)
            self.bus.serve(f"video.live/{name}", self.worker.live)
            self.bus.serve(f"video.record/{name}", self.worker.desk.record)
            self.bus.serve(f"video.trigger/{name}", self.worker.desk.trigger)
            self.bus.serve(f"video.lock/{name}", self.worker.desk.lock)
        self.bus.serve("video.storage/media-0", self.worker.desk.storage)

    async def ask(self, name: str, params: Any, who: Any = None, reason: str = "") -> Any:
        return (await self.house.dispatcher.invoke(name, params, who or self.house.ada, ADDRESS, reason)).value

    async def listed(self, name: str = "lobby") -> Any:
        end = SystemClock().now() + 3600 * SECOND
        return await self.ask("video.recordings", VideoRange(id=name, start=self.now - 3600 * SECOND, end=end))


@pytest.fixture
async def desk(house: House, tmp_path: Path, host: str) -> AsyncIterator[Desk]:
    made = Desk(house, tmp_path, host)
    task = asyncio.create_task(made.worker.run())
    await made.worker.started.wait()
    await house.memory.put(
        "camera",
        camera("lobby", area="lab", record_mode="events", pre_seconds=1.0, post_seconds=1.0),
        camera("yard", record_mode="manual"),
    )
    await made.settle()
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await made.index.close()
    await made.net.close()


async def test_an_event_records_from_before_it(desk: Desk) -> None:
    hub = desk.worker.hub
    begin = SystemClock().now() - 8 * SECOND
    feed(hub, "lobby", pictures(), range(150), wall=begin)
    assert [one.reason for one in (await desk.listed()).gaps][-1] == "no-event"
    assert not desk.worker.recorder.recording("lobby")
    desk.worker.recorder.heard(Event(key="m/1", type="camera.motion", entity="camera:lobby", time=begin))
    feed(hub, "lobby", pictures(), range(150, 175), wall=begin)
    hub.lost("lobby", "cable")
    while not (found := (await desk.listed()).items) or found[0].end < begin + 7 * SECOND:
        await asyncio.sleep(0.02)
    assert found[0].start == begin + 480 * SECOND // 100, "the key frame before the last second: groups have ten frames"
    assert found[0].end == begin + 7 * SECOND
    assert [one.reason for one in (await desk.listed()).gaps][-2:] == ["no-event", "camera-lost"]


async def test_doors_that_a_camera_shows_start_its_recording(desk: Desk) -> None:
    await desk.house.memory.put("door", Door(id="main", name="Main", controller="c", output=1, camera="lobby"))
    now = SystemClock().now()
    await desk.service._heard(Event(key="d/1", type="door.opened", entity="door:main", time=now))
    await desk.service._heard(Event(key="d/2", type="door.forced", entity="door:main", time=now - 3600 * SECOND, severity=3))
    assert not desk.worker.recorder.recording("lobby")
    await desk.service._heard(Event(key="d/3", type="door.forced", entity="door:main", time=now, severity=3))
    assert desk.worker.recorder.recording("lobby") and not desk.worker.recorder.recording("yard")


async def test_record_now_and_take_it_back(desk: Desk) -> None:
    order = await desk.ask("camera.record", RecordNow(id="yard", seconds=60), reason="a parcel")
    assert order.until > SystemClock().now() + 50 * SECOND
    assert desk.worker.recorder.recording("yard") and desk.worker.recorder.ordered("yard") == order.until
    await desk.ask("camera.record", RecordNow(id="yard", seconds=0))
    assert not desk.worker.recorder.recording("yard")
    guest = await desk.house.person("guest", Grant(action="camera.record", selector="area:lab"))
    with pytest.raises(Forbidden):
        await desk.ask("camera.record", RecordNow(id="yard"), guest)


async def test_privacy_is_neither_recorded_nor_shown(desk: Desk) -> None:
    with pytest.raises(Invalid, match="needs a reason"):
        await desk.ask("camera.privacy", PrivacyMode(id="lobby", on=True))
    await desk.ask("camera.privacy", PrivacyMode(id="lobby", on=True), reason="works council meets")
    await desk.settle()
    feed(desk.worker.hub, "lobby", pictures(), range(50), wall=desk.now)
    with pytest.raises(Unreachable, match="privacy mode: works council meets"):
        await desk.ask("video.live", CameraRef(id="lobby"))
    with pytest.raises(Invalid, match="not recorded"):
        await desk.ask("camera.record", RecordNow(id="lobby"))
    with pytest.raises(Conflict, match="already"):
        await desk.ask("camera.privacy", PrivacyMode(id="lobby", on=True), reason="again")
    listed = await desk.listed()
    assert listed.items == [] and (listed.gaps[-1].reason, listed.gaps[-1].detail) == ("privacy", "works council meets")
    (status,) = desk.worker.private()
    assert (status.state, status.data) == ("disabled", {"privacy": True})
    await desk.ask("camera.privacy", PrivacyMode(id="lobby", on=False), reason="over")
    await desk.settle()
    assert desk.worker.private() == [] and (await desk.listed()).gaps[-1].reason == "camera-lost"


async def test_what_is_locked_stays(desk: Desk) -> None:
    recorder = desk.worker.recorder
    begin = desk.now - 100 * 86_400 * SECOND
    await desk.ask("camera.record", RecordNow(id="yard"), reason="a parcel")
    for part in (0, 1):
        feed(desk.worker.hub, "yard", pictures(), range(100 * part, 100 * part + 50), wall=begin)
        desk.worker.hub.lost("yard", "cut")
    while len(await desk.index.find("yard", 0, 1 << 61)) < 2:
        await asyncio.sleep(0.02)
    first, second = await desk.index.find("yard", 0, 1 << 61)
    span = LockSet(id="yard", start=first.start, end=first.start + SECOND)
    with pytest.raises(Invalid, match="needs a reason"):
        await desk.ask("lock.set", span)
    lock = await desk.ask("lock.set", span, reason="case 17")
    assert (lock.by, lock.reason) == ("user:ada", "case 17")
    assert (await desk.ask("lock.list", LockQuery())).items == [lock]
    await recorder.upkeep.retention.by_age({}, desk.now)
    assert await desk.index.find("yard", 0, 1 << 61) == [first]
    assert await recorder.upkeep.retention.for_space(recorder.volumes.first, 10**15, {}, desk.now) == 0
    storage = await desk.ask("storage.get", StorageQuery())
    assert [(one.name, one.locks, one.bytes) for one in storage.cameras] == [("Lobby", 0, 0), ("Yard", 1, first.bytes)]
    with pytest.raises(NotFound):
        await desk.ask("lock.release", LockRef(id="lobby", lock=lock.id), reason="wrong camera")
    await desk.ask("lock.release", LockRef(id="yard", lock=lock.id), reason="closed")
    await recorder.upkeep.retention.by_age({}, desk.now)
    assert await desk.index.find("yard", 0, 1 << 61) == []
    assert (second.path, list((desk.worker.recorder.volumes.first.root / "yard").glob("*/*"))) == (second.path, [])
    told = [one.event.type for one in desk.bus.stored if one.event.type.startswith("video.lock")]
    assert told == ["video.lock.set", "video.lock.released"]
