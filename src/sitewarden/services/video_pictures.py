"""Single pictures of cameras, of now and of recordings: who may see them. The pictures themselves never pass here.

They are asked for in great numbers, by a page of cards or a hand on a timeline. That a person looks at a camera is audited once
in AUDIT_EACH; refusals are audited as always.
"""

from __future__ import annotations

from typing import Final

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import MINUTE, Clock
from sitewarden.domain.refs import ref
from sitewarden.media.plan import Plan
from sitewarden.media.thumbnails import BACK
from sitewarden.media.worker import Find
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.video import SnapshotAsk, ThumbnailAsk, VideoTicket
from sitewarden.services.video import ask_worker, live_place
from sitewarden.store.interfaces import AuditEntry, StateStore

LIVE: Final = "camera.live"
RECORDED: Final = "camera.playback"
AUDIT_EACH: Final = 10 * MINUTE
KNOWN: Final = 10_000
"""Looks that are remembered; past it the oldest is forgotten, and would be audited again."""


class VideoPictures:
    """The operations of single pictures."""

    def __init__(self, state: StateStore, bus: Bus, clock: Clock) -> None:
        self._state, self._bus, self._clock = state, bus, clock
        self._looked: dict[tuple[str, str, str], int] = {}

    def operations(self) -> list[Operation]:
        """Return the operations; who may see a camera live, or its recordings, may see single pictures of it."""
        return [
            Operation("video.snapshot", LIVE, SnapshotAsk, VideoTicket, self._snapshot, entity=_camera, own_audit=True),
            Operation("video.thumbnail", RECORDED, ThumbnailAsk, Plan, self._thumbnail, entity=_camera, own_audit=True),
        ]

    async def _snapshot(self, caller: Caller, asked: SnapshotAsk) -> VideoTicket:
        """Return the socket of the media worker, for `media.live_picture.last_key`."""
        ticket = await live_place(self._state, self._bus, asked.id)
        await self._audit(caller, LIVE, asked.id, {"picture": "live"})
        return ticket

    async def _thumbnail(self, caller: Caller, asked: ThumbnailAsk) -> Plan:
        """Return the recordings around a moment, for `media.thumbnails.key_at`; there may be none."""
        body = Find(camera=asked.id, start=max(0, asked.at - BACK), end=asked.at + 1)
        plan = await ask_worker(self._bus, f"video.find/{asked.id}", body, Plan)
        await self._audit(caller, RECORDED, asked.id, {"picture": "recorded", "at": asked.at})
        return plan

    async def _audit(self, caller: Caller, action: str, camera: str, detail: dict[str, object]) -> None:
        now, key = self._clock.now(), (caller.actor, action, camera)
        if now - self._looked.get(key, -AUDIT_EACH) < AUDIT_EACH:
            return
        self._looked.pop(key, None)
        while len(self._looked) >= KNOWN:
            del self._looked[next(iter(self._looked))]
        self._looked[key] = now
        entry = AuditEntry(
            time=now,
            actor=caller.actor,
            action=action,
            entity=ref("camera", camera),
            outcome="done",
            reason=caller.reason,
            detail=detail,
            remote=caller.remote,
        )
        await self._state.audit([entry])


def _camera(asked: SnapshotAsk | ThumbnailAsk) -> str:
    return ref("camera", asked.id)
