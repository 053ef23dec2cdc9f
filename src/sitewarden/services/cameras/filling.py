"""Gaps filled from what cameras recorded themselves, as people ask for it; the camera's media process does it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import DAY
from sitewarden.domain.errors import Invalid, NotFound
from sitewarden.domain.refs import ref
from sitewarden.domain.video.fill import Fill
from sitewarden.domain.video.model import Camera
from sitewarden.media.worker import FillAsk
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.recording import FillGap, Fills
from sitewarden.store.interfaces import StateStore

LONGEST: Final = 7 * DAY
"""Microseconds that one question may cover."""


class CameraFilling:
    """The operation; `video.fill/<camera>` on the bus does it."""

    def __init__(self, state: StateStore, bus: Bus) -> None:
        self._state, self._bus = state, bus

    def operations(self) -> list[Operation]:
        """Return the operation. Who may have a camera recorded may have its own recording fetched."""
        return [
            Operation("camera.fill", "camera.record", FillGap, Fills, self._fill, entity=_camera, detail=_detail),
        ]

    async def _fill(self, caller: Caller, asked: FillGap) -> Fills:
        held = self._state.get("camera", asked.id)
        if held is None or not isinstance(held.entity, Camera):
            raise NotFound(f'there is no camera "{asked.id}"', where="id")
        if asked.start >= asked.end:
            raise Invalid("the end is not after the start", where="end", remedy="Give a later end.")
        if asked.end - asked.start > LONGEST:
            raise Invalid(f"a span of more than {LONGEST // DAY} days", where="end", remedy="Ask for a shorter span.")
        body = FillAsk(camera=asked.id, start=asked.start, end=asked.end, reason=caller.reason, by=caller.actor)
        answer = await self._bus.request(f"video.fill/{asked.id}", msgspec.msgpack.encode(body))
        return Fills(items=msgspec.msgpack.decode(answer, type=list[Fill]))


def _camera(asked: FillGap) -> str:
    return ref("camera", asked.id)


def _detail(asked: FillGap) -> dict[str, Any]:
    return {"start": asked.start, "end": asked.end}
