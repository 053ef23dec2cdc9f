"""Who asks a camera for a key frame where its stream takes no requests for one."""

from __future__ import annotations

import asyncio
from typing import Any

from sitewarden.app.keyframes import KeyFrames
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.status import Status
from sitewarden.domain.video.model import Camera
from sitewarden.kit.clock import SystemClock
from sitewarden.media.hub import Hub

GATE = Camera(id="gate", name="Gate", url="rtsp://h/1", sub_url="rtsp://h/2", onvif="http://h")
PLAIN = Camera(id="plain", name="Plain", url="rtsp://p/1")


class Supervisor:
    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.result = Result(ok=True)
        self.go = asyncio.Event()

    async def execute(self, command: Command) -> Result:
        self.asked.append((command.entity, command.args["url"]))
        await self.go.wait()
        return self.result


def status(state: str) -> Status:
    return Status(ref="camera-control:gate", state=state, since=0)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_starved_channel_is_asked_for_over_onvif_one_at_a_time() -> None:
    supervisor = Supervisor()
    keys, hub = KeyFrames(supervisor.execute), Hub(SystemClock())
    hub.on_starved = keys.want
    keys.configure([GATE, PLAIN])
    hub.starved("gate")
    await settle()
    assert supervisor.asked == []
    keys.hear(status("online"))
    for _ in range(3):
        hub.starved("gate")
        hub.starved("gate/sub")
        hub.starved("plain")
        await settle()
    assert supervisor.asked == [("camera-control:gate", "rtsp://h/1"), ("camera-control:gate", "rtsp://h/2")]
    supervisor.go.set()
    await settle()
    hub.starved("gate")
    await settle()
    assert len(supervisor.asked) == 3
    await keys.close()


async def test_a_camera_that_refuses_is_asked_again_only_when_it_was_away() -> None:
    supervisor = Supervisor()
    supervisor.go.set()
    supervisor.result = Result(ok=False, code="conflict", what="the camera refuses: it cannot do that")
    keys = KeyFrames(supervisor.execute)
    keys.configure([GATE])
    keys.hear(status("online"))
    for _ in range(3):
        keys.want("gate")
        await settle()
    assert len(supervisor.asked) == 1
    keys.hear(status("offline"))
    keys.hear(status("online"))
    keys.want("gate")
    await settle()
    assert len(supervisor.asked) == 2


async def test_what_is_being_asked_ends_with_the_process() -> None:
    supervisor = Supervisor()
    keys = KeyFrames(supervisor.execute)
    keys.configure([GATE])
    keys.hear(status("online"))
    keys.want("gate")
    await settle()
    await keys.close()
    keys.want("gate")
    await settle()
    assert len(supervisor.asked) == 2
    await keys.close()
