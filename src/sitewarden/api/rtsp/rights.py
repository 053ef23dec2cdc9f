"""Who may pull which stream: asked of core, once and audited as for every other viewer, and looked at again every minute."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import msgspec

from sitewarden.api.core import Core
from sitewarden.domain.clock import DAY, Clock
from sitewarden.domain.errors import Invalid, TimedOut, TooMany, Unreachable
from sitewarden.media.plan import Plan
from sitewarden.services.identity import TOKEN_PREFIX
from sitewarden.services.invoke import Credentials
from sitewarden.services.surface.identity import Nothing, SessionInfo
from sitewarden.services.surface.video import CameraRef, PlaybackRange, VideoTicket
from sitewarden.wire.rtsp_login import Login
from sitewarden.wire.rtsp_target import Target

RECHECK: Final = 60.0
"""Seconds after which it is looked at whether the client may still see what it gets."""


def credentials(login: Login) -> Credentials:
    """Return what a client shows, as core takes it: an API token may stand in the password's place."""
    if login.proof is not None:
        return Credentials(proof=login.proof)
    if login.password.startswith(TOKEN_PREFIX):
        return Credentials(token=login.password)
    return Credentials(username=login.username, password=login.password)


class Rights:
    """Asks core on behalf of one client."""

    def __init__(self, core: Core, clock: Clock, login: Login, remote: str) -> None:
        self._core, self._clock = core, clock
        self._shown, self._remote = credentials(login), remote

    async def live(self, camera: str) -> VideoTicket:
        """Return where the camera's live video is; raises a Refusal."""
        answer = await self._core.invoke(
            "video.live", CameraRef(id=camera), self._shown, remote=self._remote, reason="RTSP", form="msgpack"
        )
        return msgspec.msgpack.decode(answer.body, type=VideoTicket)

    async def recorded(self, target: Target) -> Plan:
        """Return the recordings of the target's span, by default the last day's; raises a Refusal."""
        now = self._clock.now()
        end = target.end if target.end is not None else min(now, target.start + DAY) if target.start is not None else now
        start = target.start if target.start is not None else end - DAY
        if start >= end:
            raise Invalid("the span begins in the future", where="start", remedy="Give an earlier start.")
        answer = await self._core.invoke(
            "video.playback",
            PlaybackRange(id=target.camera, start=start, end=end),
            self._shown,
            remote=self._remote,
            reason="RTSP",
            form="msgpack",
        )
        return msgspec.msgpack.decode(answer.body, type=Plan)

    async def hold(self, target: Target) -> None:
        """Raise a Refusal once the client may not see the target any more. A look that finds no change is not audited.

        While core cannot say, what it said last counts: its restart shall not end what others record.
        """
        before = None
        while True:
            with contextlib.suppress(Unreachable, TimedOut, TooMany):
                now = await self._grants()
                if before is not None and now != before:
                    await (self.live(target.camera) if target.kind == "live" else self.recorded(target))
                before = now
            await asyncio.sleep(RECHECK)

    async def _grants(self) -> object:
        answer = await self._core.invoke("session.get", Nothing(), self._shown, remote=self._remote, form="msgpack")
        return msgspec.msgpack.decode(answer.body, type=SessionInfo).grants
