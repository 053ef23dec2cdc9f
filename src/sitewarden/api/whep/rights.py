"""Who may watch by WebRTC: asked of core, once and audited as for every other viewer, and looked at again every minute."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import msgspec

from sitewarden.api.core import Core
from sitewarden.domain.errors import TimedOut, TooMany, Unreachable
from sitewarden.services.invoke import Credentials
from sitewarden.services.surface.identity import Nothing, SessionInfo
from sitewarden.services.surface.video import CameraRef, VideoTicket

RECHECK: Final = 60.0
"""Seconds after which it is looked at whether the viewer may still watch."""


class Rights:
    """Asks core on behalf of one viewer."""

    def __init__(self, core: Core, shown: Credentials, remote: str) -> None:
        self._core, self._shown, self._remote = core, shown, remote

    async def live(self, camera: str) -> VideoTicket:
        """Return where the camera's live video is; raises a Refusal."""
        answer = await self._core.invoke(
            "video.live", CameraRef(id=camera), self._shown, remote=self._remote, reason="WebRTC", form="msgpack"
        )
        return msgspec.msgpack.decode(answer.body, type=VideoTicket)

    async def who(self) -> SessionInfo:
        """Return whose credentials they are; raises a Refusal."""
        answer = await self._core.invoke("session.get", Nothing(), self._shown, remote=self._remote, form="msgpack")
        return msgspec.msgpack.decode(answer.body, type=SessionInfo)

    async def hold(self, camera: str) -> None:
        """Raise a Refusal once the viewer may not watch any more. A look that finds no change is not audited.

        While core cannot say, what it said last counts.
        """
        before = None
        while True:
            with contextlib.suppress(Unreachable, TimedOut, TooMany):
                now = (await self.who()).grants
                if before is not None and now != before:
                    await self.live(camera)
                before = now
            await asyncio.sleep(RECHECK)
