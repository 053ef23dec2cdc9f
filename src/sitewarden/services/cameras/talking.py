"""Speaking through cameras: who may, who does now, and what the log says of it.

Speech comes in pieces of a second at most, each with its right. Who speaks is kept in memory alone, as who moves a camera.
"""

from __future__ import annotations

import uuid
from typing import Any, Final, Protocol

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import Clock
from sitewarden.domain.commands import Command
from sitewarden.domain.errors import BY_CODE, Conflict, Invalid, NotFound, Refusal
from sitewarden.domain.refs import ref
from sitewarden.domain.video.holds import Hold, Holds
from sitewarden.domain.video.model import Camera
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.cameras import CameraSay, CameraSpeech
from sitewarden.store.interfaces import AuditEntry, StateStore

SPEAKING: Final = 3.0
"""Seconds for which a loudspeaker is held by who spoke, counted from the last piece."""
TIMEOUT: Final = 8.0
"""Seconds that a camera has for a piece; the first opens its loudspeaker."""


class Ranks(Protocol):
    """Who goes before whom, as `CameraControl` knows it."""

    def priority(self, actor: str) -> int: ...

    def name_of(self, actor: str) -> str: ...


class CameraTalk:
    """The operation that speaks."""

    def __init__(self, state: StateStore, bus: Bus, clock: Clock, ranks: Ranks) -> None:
        self._state, self._bus, self._clock, self._ranks = state, bus, clock, ranks
        self._holds = Holds()

    def operations(self) -> list[Operation]:
        """Return the operation. Who begins to speak is audited once, not every piece."""
        return [Operation("cameras.talk", "camera.talk", CameraSay, CameraSpeech, self._say, entity=_camera_of, own_audit=True)]

    async def _say(self, caller: Caller, asked: CameraSay) -> CameraSpeech:
        held = self._state.get("camera", asked.id)
        if held is None or not isinstance(held.entity, Camera):
            raise NotFound(f"There is no camera {asked.id!r}.", where=_camera_of(asked), remedy="Look at the list of cameras.")
        if not held.entity.enabled:
            raise Conflict(f"{held.entity.name} is switched off.", where=_camera_of(asked), remedy="Enable the camera first.")
        if len(asked.audio) % 2:
            raise Invalid("The speech is cut within a sample.", where="audio", remedy="Send samples of 16 bits.")
        hold, before = self._take(caller, asked.id)
        try:
            await self._send(caller, held.entity, asked.audio)
        except Refusal:
            if before is None:
                self._holds.release(asked.id, caller.actor, hold.priority, self._clock.now())
            raise
        if before is None or before.actor != caller.actor:
            await self._write_down(caller, asked, before)
        return CameraSpeech(until=hold.until)

    def _take(self, caller: Caller, camera: str) -> tuple[Hold, Hold | None]:
        now, rank, name = self._clock.now(), self._ranks.priority(caller.actor), self._ranks.name_of(caller.actor)
        other = self._holds.of(camera, now)
        try:
            return self._holds.take(camera, caller.actor, name, rank, SPEAKING, now)
        except Conflict:
            who = f"{other.name} speaks" if other is not None else "Somebody speaks"
            raise Conflict(
                f"{who} through this camera now.", where=ref("camera", camera), remedy="Wait until they have finished."
            ) from None

    async def _send(self, caller: Caller, camera: Camera, audio: bytes) -> None:
        command = Command(
            id=uuid.uuid4().hex,
            name="camera.talk",
            entity=ref("camera", camera.id),
            args={"audio": audio},
            issuer=caller.actor,
            reason=caller.reason,
            timeout=TIMEOUT,
        )
        result = await self._bus.command(command)
        if not result.ok:
            what = f"{camera.name}: {result.what}"
            raise BY_CODE.get(result.code, Refusal)(what, where=ref("camera", camera.id), remedy=result.remedy)

    async def _write_down(self, caller: Caller, asked: CameraSay, before: Hold | None) -> None:
        entry = AuditEntry(
            time=self._clock.now(),
            actor=caller.actor,
            action="camera.talk",
            entity=_camera_of(asked),
            outcome="done",
            reason=caller.reason,
            detail={"from": before.name} if before is not None else {},
            remote=caller.remote,
        )
        await self._state.audit([entry])


def _camera_of(params: Any) -> str:
    return ref("camera", params.id)
