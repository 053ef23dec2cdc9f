"""Recorded and live video: who may see which camera, and where a web process finds it. The video itself never passes here."""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import DAY
from sitewarden.domain.errors import Invalid, NotFound, TooLarge, Unreachable
from sitewarden.domain.refs import ref
from sitewarden.domain.video.health import CameraHealth
from sitewarden.domain.video.model import Camera
from sitewarden.media.plan import Plan
from sitewarden.media.playback import spans
from sitewarden.media.worker import Find, LivePlace, Watch
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.video import (
    CameraHealthAsk,
    CameraRef,
    Filled,
    PlaybackRange,
    Recording,
    Recordings,
    VideoRange,
    VideoTicket,
)
from sitewarden.services.viewings import Viewings
from sitewarden.store.interfaces import StateStore

LONGEST_LIST: Final = 400 * DAY
"""Span of one listing of recordings, microseconds."""
LONGEST_PLAYBACK: Final = DAY
"""Span that one playback may cover, microseconds."""

T = TypeVar("T")


class Video:
    """The operations on video; a camera's media worker answers `video.find/<camera>`, `video.live/…`, `video.health/…`."""

    def __init__(self, state: StateStore, bus: Bus, viewings: Viewings) -> None:
        self._state = state
        self._bus = bus
        self._viewings = viewings

    def operations(self) -> list[Operation]:
        """Return the operations on video. Playback and live are audited: who looked at which camera, and when."""
        return [
            Operation(
                "video.recordings", "camera.playback", VideoRange, Recordings, self._recordings, entity=_camera, audit=False
            ),
            Operation("video.playback", "camera.playback", PlaybackRange, Plan, self._playback, entity=_camera, own_audit=True),
            Operation("video.health", "camera.get", CameraHealthAsk, CameraHealth, self._health, entity=_camera, audit=False),
            Operation("video.live", "camera.live", CameraRef, VideoTicket, self._live, entity=_camera),
        ]

    async def _recordings(self, caller: Caller, asked: VideoRange) -> Recordings:
        plan = await self._find(asked, LONGEST_LIST, "Ask for a shorter span.", gaps=True)
        first = {segment.start: segment.id for segment in plan.segments}
        return Recordings(
            items=[
                Recording(start=span.start, end=span.end, bytes=span.bytes, segment=first[span.start], codec=span.codec)
                for span in spans(plan.segments)
            ],
            gaps=list(plan.gaps),
            locks=list(plan.locks),
            filled=[Filled(start=start, end=end) for start, end in plan.filled],
            fills=list(plan.fills),
        )

    async def _playback(self, caller: Caller, asked: PlaybackRange) -> Plan:
        """Return all that a web process needs for `media.playback.film` or `media.keyframes.film`."""
        if asked.direction == "backward" and asked.frames != "keys":
            raise Invalid("only key frames can be played backward", where="direction", remedy="Add frames=keys.")
        plan = await self._find(asked, LONGEST_PLAYBACK, "Play, or export, a day at a time.")
        if not plan.segments:
            raise NotFound("nothing is recorded in this span", where="start", remedy="Choose a span with recordings.")
        await self._viewings.note(caller, asked)
        return plan

    async def _live(self, caller: Caller, asked: CameraRef) -> VideoTicket:
        """Return the socket of the media worker, for `media.live_client.LiveRelay`."""
        place = await live_place(self._state, self._bus, asked.id)
        held = self._state.get("camera", asked.id)
        second = asked.stream == "sub" and held is not None and isinstance(held.entity, Camera) and held.entity.sub_url
        return msgspec.structs.replace(place, channel=f"{asked.id}/sub" if second else asked.id)

    async def _health(self, caller: Caller, asked: CameraHealthAsk) -> CameraHealth:
        """Return how well the camera's streams arrive, as its media worker has seen it."""
        if self._state.get("camera", asked.id) is None:
            raise NotFound(f'there is no camera "{asked.id}"', where="id")
        return await ask_worker(self._bus, f"video.health/{asked.id}", Watch(camera=asked.id), CameraHealth)

    async def _find(self, asked: VideoRange, longest: int, remedy: str, *, gaps: bool = False) -> Plan:
        if not 0 <= asked.start < asked.end < 1 << 62:
            raise Invalid("the end is not after the start", where="end", remedy="Give a later end.")
        if asked.end - asked.start > longest:
            raise TooLarge(f"a span of more than {longest // DAY} days", where="end", remedy=remedy)
        body = Find(camera=asked.id, start=asked.start, end=asked.end, gaps=gaps)
        return await ask_worker(self._bus, f"video.find/{asked.id}", body, Plan)


async def ask_worker(bus: Bus, target: str, body: msgspec.Struct, answer: type[T]) -> T:
    """Ask the media worker that has a camera."""
    return msgspec.msgpack.decode(await bus.request(target, msgspec.msgpack.encode(body)), type=answer)


async def live_place(state: StateStore, bus: Bus, camera: str) -> VideoTicket:
    """Return where a camera's live video is; raises NotFound, and Unreachable where nobody shall see it now."""
    held = state.get("camera", camera)
    if held is None:
        raise NotFound(f'there is no camera "{camera}"', where="id")
    if not getattr(held.entity, "enabled", True):
        raise Unreachable(f"{held.entity.name} is switched off", where="enabled", remedy="Enable the camera first.")
    refuse_private(held.entity)
    place = await ask_worker(bus, f"video.live/{camera}", Watch(camera=camera), LivePlace)
    return VideoTicket(camera=camera, socket=place.socket)


def refuse_private(entity: object) -> None:
    """Raise Unreachable where nobody shall see what this camera sees now."""
    if isinstance(entity, Camera) and entity.privacy:
        reason = f": {entity.privacy_reason}" if entity.privacy_reason else ""
        raise Unreachable(f"{entity.name} is in privacy mode{reason}", where="privacy", remedy="End the privacy mode first.")


def _camera(asked: VideoRange | CameraRef | CameraHealthAsk) -> str:
    return ref("camera", asked.id)
