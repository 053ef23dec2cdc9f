"""Exports of recordings: who may, what it covers, and the signature over what was written. The video never passes here."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.codec.children import demand
from sitewarden.codec.messages import Mark
from sitewarden.domain.clock import DAY, Clock, to_datetime
from sitewarden.domain.errors import Forbidden, Invalid, NotFound, TooLarge
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.refs import ref
from sitewarden.domain.video.export import CONTEXT, AuditMark, Converted, Manifest, Mask
from sitewarden.media.film import Look
from sitewarden.media.plan import Plan
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


def _masks(asked: VideoExport) -> dict[str, tuple[Mask, ...]]:
    """Return the masks by camera; raises Invalid where one is of no camera of the export, or not within the picture."""
    found: dict[str, tuple[Mask, ...]] = {}
    for text in asked.mask:
        camera, *numbers = text.split(":")
        left, top, width, height = (float(one) for one in numbers)
        if camera not in asked.camera:
            raise Invalid(f"there is a mask for {camera}, which is not exported", where="mask", remedy="Leave it out.")
        if not (width > 0 and height > 0 and left + width <= 100 and top + height <= 100):
            raise Invalid(f"the mask {text} is not within the picture", where="mask", remedy="Give percent of the picture.")
        found[camera] = (*found.get(camera, ()), (left, top, width, height))
    return found


def _look(name: str, masks: tuple[Mask, ...], mark: Mark | None) -> Look | None:
    named = msgspec.structs.replace(mark, left=name) if mark else None
    return Look(masks=masks, mark=named) if masks or named else None


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
        if asked.mask or asked.watermark:
            demand()
        masks = _masks(asked)
        plans = [await self._plan(caller, camera, asked) for camera in dict.fromkeys(asked.camera)]
        if not any(one.plan.segments for one in plans):
            raise NotFound("nothing is recorded in this span", where="start", remedy="Choose a span with recordings.")
        while len(self._open) >= OPEN:
            del self._open[next(iter(self._open))]
        mark = self._mark(caller) if asked.watermark else None
        plans = [msgspec.structs.replace(one, look=_look(one.name, masks.get(one.camera, ()), mark)) for one in plans]
        id_ = f"{self._clock.now() // 1_000_000}-{secrets.token_hex(4)}"
        self._open[id_] = (asked, caller.actor)
        self._queue.begin(id_, asked, caller.actor, plans)
        drawn = {"masks": len(asked.mask), "watermark": asked.watermark} if asked.mask or asked.watermark else {}
        await self._audit(caller, asked, {"export": id_, "start": asked.start, "end": asked.end, **drawn})
        return ExportTicket(id=id_, cameras=tuple(plans))

    def _mark(self, caller: Caller) -> Mark:
        """Return what the watermark says of every camera; `left` becomes the camera's name."""
        kind, _, id_ = caller.actor.partition(":")
        held = self._state.get(kind, id_) if kind == "user" else None
        who, zone = held.entity.name if held else caller.actor, self._zone()
        moment = to_datetime(self._clock.now()).astimezone(ZoneInfo(zone))
        return Mark(left="", right=f"{self._site()} · {who}, {moment:%Y-%m-%d %H:%M %Z}", zone=zone)

    def _zone(self) -> str:
        held = next(iter(self._state.list("site")), None)
        return str(getattr(held.entity, "timezone", "UTC")) if held else "UTC"

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
        masks = _masks(asked)
        for file in written.files:
            made = file.converted or Converted()
            if made.masks != masks.get(file.camera, ()) or bool(made.watermark) != asked.watermark:
                raise Invalid(f"{file.name} has not the masks and the watermark of this export", where="files")
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
        self._queue.done(written.id, sum(file.bytes for file in written.files))
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
