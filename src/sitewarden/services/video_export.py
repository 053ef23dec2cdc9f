"""Exports of recordings: who may, what it covers, and the signature over what was written. The video never passes here."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import DAY, Clock
from sitewarden.domain.errors import Forbidden, Invalid, NotFound, TooLarge
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.refs import ref
from sitewarden.domain.video.export import CONTEXT, AuditMark, Manifest
from sitewarden.media.playback import Plan
from sitewarden.media.worker import Find
from sitewarden.services.export_queue import ExportQueue
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.exports import CameraPlan, ExportSign, ExportTicket, SignedManifest, VideoExport
from sitewarden.store.interfaces import AuditEntry, StateStore

ACTION: Final = "camera.export"
LONGEST: Final = 7 * DAY
OPEN: Final = 256
"""Exports that may still be signed; past it the one that was begun longest ago is forgotten, as are downloads that were cut."""


class VideoExports:
    """The operations of an export: begin, and sign what was written."""

    def __init__(
        self,
        state: StateStore,
        bus: Bus,
        subjects: Subjects,
        clock: Clock,
        *,
        node: str,
        site: Callable[[], str],
        sign: Callable[[bytes], bytes],
        certificate: str,
        authority: str,
    ) -> None:
        """`certificate` and `authority` are the node's certificate and its CA's, PEM; `sign` signs with the node's key."""
        self._state, self._bus, self._subjects, self._clock = state, bus, subjects, clock
        self._node, self._site, self._sign = node, site, sign
        self._certificate, self._authority = certificate, authority
        self._open: dict[str, tuple[VideoExport, str]] = {}
        self._queue = ExportQueue(clock)

    def operations(self) -> list[Operation]:
        """Return the operations; both write their own audit entries, one for each camera."""
        return [
            Operation(
                "video.export", ACTION, VideoExport, ExportTicket, self._begin, filtered=True, own_audit=True, timeout=30.0
            ),
            Operation("video.export-sign", ACTION, ExportSign, SignedManifest, self._finish, filtered=True, own_audit=True),
            *self._queue.operations(),
        ]

    async def _begin(self, caller: Caller, asked: VideoExport) -> ExportTicket:
        if not 0 <= asked.start < asked.end < 1 << 62:
            raise Invalid("the end is not after the start", where="end", remedy="Give a later end.")
        if asked.end - asked.start > LONGEST:
            raise TooLarge(f"an export of more than {LONGEST // DAY} days", where="end", remedy="Export it in parts.")
        if not asked.reason.strip():
            raise Invalid("an export needs its reason", where="reason", remedy="Say why; it stands in the audit log.")
        plans = [await self._plan(caller, camera, asked) for camera in dict.fromkeys(asked.camera)]
        if not any(one.plan.segments for one in plans):
            raise NotFound("nothing is recorded in this span", where="start", remedy="Choose a span with recordings.")
        while len(self._open) >= OPEN:
            del self._open[next(iter(self._open))]
        id_ = f"{self._clock.now() // 1_000_000}-{secrets.token_hex(4)}"
        self._open[id_] = (asked, caller.actor)
        self._queue.begin(id_, asked, caller.actor, plans)
        await self._audit(caller, asked, {"export": id_, "start": asked.start, "end": asked.end})
        return ExportTicket(id=id_, cameras=tuple(plans))

    async def _plan(self, caller: Caller, camera: str, asked: VideoExport) -> CameraPlan:
        reference, allowed = ref("camera", camera), rights(caller.grants)
        held = self._state.get("camera", camera)
        seen = allowed.everywhere(ACTION) or allowed.allows(ACTION, self._subjects.of(reference), self._subjects.parent)
        if not seen:
            raise Forbidden(f"You may not export {camera}.", where="camera", remedy=f"Ask for the right {ACTION}.")
        if held is None:
            raise NotFound(f'there is no camera "{camera}"', where="camera")
        body = msgspec.msgpack.encode(Find(camera=camera, start=asked.start, end=asked.end))
        plan = msgspec.msgpack.decode(await self._bus.request(f"video.find/{camera}", body), type=Plan)
        return CameraPlan(camera=camera, name=held.entity.name, plan=plan)

    async def _finish(self, caller: Caller, written: ExportSign) -> SignedManifest:
        """Sign; only who began it may, and only for cameras and times that were allowed."""
        begun = self._open.get(written.id)
        if begun is None or begun[1] != caller.actor:
            raise NotFound("this export is not being written", where="id", remedy="Begin it again.")
        self._queue.refuse_cancelled(written.id)
        asked = begun[0]
        for file in written.files:
            if file.camera not in asked.camera or not asked.start <= file.start < file.end <= asked.end:
                raise Invalid(f"{file.name} is not of this export", where="files")
        del self._open[written.id]
        number, digest = self._state.audit_head()
        manifest = Manifest(
            id=written.id,
            site=self._site(),
            node=self._node,
            made=self._clock.now(),
            by=caller.actor,
            reason=asked.reason.strip(),
            start=asked.start,
            end=asked.end,
            cameras=tuple(dict.fromkeys(asked.camera)),
            files=written.files,
            audit=AuditMark(id=number, hash=digest),
        )
        data = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        detail = {"export": written.id, "files": len(written.files), "manifest_sha256": hashlib.sha256(data).hexdigest()}
        await self._audit(caller, asked, detail)
        self._queue.done(written.id)
        signature = self._sign(CONTEXT + data)
        return SignedManifest(manifest=data, signature=signature, certificate=self._certificate, authority=self._authority)

    async def _audit(self, caller: Caller, asked: VideoExport, detail: dict[str, object]) -> None:
        now = self._clock.now()
        await self._state.audit(
            [
                AuditEntry(
                    time=now,
                    actor=caller.actor,
                    action=ACTION,
                    entity=ref("camera", camera),
                    outcome="done",
                    reason=asked.reason.strip(),
                    detail=detail,
                    remote=caller.remote,
                )
                for camera in dict.fromkeys(asked.camera)
            ]
        )
