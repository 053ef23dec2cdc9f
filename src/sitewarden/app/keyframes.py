"""Key frames asked for over ONVIF, where a camera's stream takes no requests for them itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import uuid4

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.refs import ref
from sitewarden.domain.status import Status
from sitewarden.domain.video.model import Camera

log = logging.getLogger(__name__)

SECONDS: Final = 5.0
"""For one request: one that takes longer comes after the camera's own next key frame."""
CONTROL: Final = "camera-control:"


class KeyFrames:
    """Of one media process. One request at a time for each channel; what is wanted meanwhile is what it brings."""

    def __init__(self, execute: Callable[[Command], Awaitable[Result]]) -> None:
        """`execute` gives a command to a camera's ONVIF endpoint in this process."""
        self._execute = execute
        self._able: set[str] = set()
        self._refused: set[str] = set()
        """Cameras that said no; they are asked again when their services are back after a loss."""
        self._urls: dict[str, str] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    def configure(self, cameras: Sequence[Camera]) -> None:
        """Take where each channel streams from."""
        self._urls = {camera.id: camera.url for camera in cameras if camera.onvif}
        self._urls |= {f"{camera.id}/sub": camera.sub_url for camera in cameras if camera.onvif and camera.sub_url}

    def hear(self, status: Status) -> None:
        """Take how a camera's services are now."""
        if status.ref.startswith(CONTROL):
            camera = status.ref.removeprefix(CONTROL)
            if status.state == "online":
                self._able.add(camera)
            else:
                self._able.discard(camera)
                self._refused.discard(camera)

    def want(self, channel: str) -> None:
        """Ask for a key frame of a channel, unless it is being asked for."""
        camera = channel.partition("/")[0]
        if channel in self._asking or camera not in self._able or camera in self._refused or channel not in self._urls:
            return
        task = asyncio.get_running_loop().create_task(self._ask(camera, self._urls[channel]), name=f"key frame of {channel}")
        self._asking[channel] = task
        task.add_done_callback(lambda done: self._asking.pop(channel, None))

    async def close(self) -> None:
        """End what is being asked."""
        for task in (asking := list(self._asking.values())):
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _ask(self, camera: str, url: str) -> None:
        entity = ref("camera-control", camera)
        command = Command(id=uuid4().hex, name="camera.picture.sync", entity=entity, args={"url": url}, timeout=SECONDS)
        result = await self._execute(command)
        if not result.ok and result.code in ("conflict", "invalid"):
            self._refused.add(camera)
            log.info("%s gives no key frame on request: %s", camera, result.what)
