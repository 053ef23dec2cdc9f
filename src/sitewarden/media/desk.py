"""What other processes ask of the recorder: record now, an event came, hold and release, how full the disks are.

Each handler takes and returns msgpack, as the bus carries it.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Struct

from sitewarden.domain.errors import Invalid
from sitewarden.domain.video.model import Lock
from sitewarden.media.recorder import Recorder
from sitewarden.media.survey import survey

T = TypeVar("T")


class Wanted(Struct, frozen=True, kw_only=True):
    """Body of `video.record/<camera>`: record it for so long; 0 takes the order back. The answer is an `Order`."""

    camera: str
    seconds: float
    reason: str
    by: str


class Trigger(Struct, frozen=True, kw_only=True):
    """Body of `video.trigger/<camera>`: an event concerns it."""

    camera: str


class Locking(Struct, frozen=True, kw_only=True):
    """Body of `video.lock/<camera>`: hold these recordings, release a lock, or neither. The answer is the camera's locks."""

    camera: str
    hold: Lock | None = None
    release: str = ""
    reason: str = ""
    by: str = ""


class Desk:
    """The handlers."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    async def record(self, body: bytes) -> bytes:
        """Answer `video.record`."""
        asked = _decode(body, Wanted)
        return msgspec.msgpack.encode(await self._recorder.order(asked.camera, asked.seconds, asked.reason, asked.by))

    async def trigger(self, body: bytes) -> bytes:
        """Answer `video.trigger` with nothing."""
        self._recorder.trigger(_decode(body, Trigger).camera)
        return b""

    async def lock(self, body: bytes) -> bytes:
        """Answer `video.lock`."""
        asked = _decode(body, Locking)
        if asked.hold is not None:
            await self._recorder.lock(asked.hold)
        if asked.release:
            await self._recorder.release(asked.camera, asked.release, asked.reason, asked.by)
        return msgspec.msgpack.encode([one for one in self._recorder.locks if one.camera == asked.camera])

    async def storage(self, body: bytes) -> bytes:
        """Answer `video.storage` with a `StorageState`."""
        return msgspec.msgpack.encode(await survey(self._recorder))


def _decode(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(body, type=type_)
    except msgspec.MsgspecError as error:
        raise Invalid(str(error)) from None
