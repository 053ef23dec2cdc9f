"""Multicast distribution as people and programs ask for it: start, go on, stop, and the table of streams."""

from __future__ import annotations

from typing import Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.errors import NotFound, Unreachable
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.refs import ref
from sitewarden.domain.video.model import Camera
from sitewarden.media.multicast import Cast, address, describe
from sitewarden.media.worker import Hold
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.status import StatusBoard
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.multicast import (
    MulticastHold,
    MulticastList,
    MulticastRenew,
    MulticastStart,
    MulticastStream,
    MulticastStreams,
)
from sitewarden.services.video import refuse_private
from sitewarden.store.interfaces import StateStore

ACTION: Final = "camera.multicast"
"""A right of its own: whoever is on the network receives what is multicast, and it is not encrypted."""

_casts = msgspec.json.Decoder(list[Cast])


class Multicast:
    """The operations; a camera's media worker answers `video.multicast/<camera>` and tells its streams in its status."""

    def __init__(self, state: StateStore, bus: Bus, board: StatusBoard, subjects: Subjects, group: str, host: str) -> None:
        """`host` stands in the streams' descriptions as their origin."""
        self._state, self._bus, self._board, self._subjects = state, bus, board, subjects
        self._group, self._host = group, host

    def operations(self) -> list[Operation]:
        """Return the operations. Who has a camera sent is audited; that a viewer goes on is not."""
        return [
            Operation("multicast.start", ACTION, MulticastStart, MulticastStream, self._start, entity=_camera, detail=_detail),
            Operation("multicast.renew", ACTION, MulticastRenew, MulticastStream, self._renew, entity=_camera, audit=False),
            Operation("multicast.stop", ACTION, MulticastHold, None, self._stop, entity=_camera, detail=_detail),
            Operation("multicast.list", ACTION, MulticastList, MulticastStreams, self._list, audit=False, filtered=True),
        ]

    async def _start(self, caller: Caller, asked: MulticastStart) -> MulticastStream:
        held = self._state.get("camera", asked.id)
        if held is None:
            raise NotFound(f'there is no camera "{asked.id}"', where="id")
        if not getattr(held.entity, "enabled", True):
            raise Unreachable(f"{held.entity.name} is switched off", where="enabled", remedy="Enable the camera first.")
        refuse_private(held.entity)
        return self._told(await self._hold(caller, asked, asked.seconds))

    async def _renew(self, caller: Caller, asked: MulticastRenew) -> MulticastStream:
        return self._told(await self._hold(caller, asked, asked.seconds, begin=False))

    async def _stop(self, caller: Caller, asked: MulticastHold) -> None:
        await self._hold(caller, asked, 0)

    async def _list(self, caller: Caller, asked: MulticastList) -> MulticastStreams:
        allowed = rights(caller.grants)
        items: list[MulticastStream] = []
        for held in self._state.list("camera"):
            reference = ref("camera", held.entity.id)
            status = self._board.get(reference)
            if status is None or not (sent := status.data.get("multicast")):
                continue
            if allowed.everywhere(ACTION) or allowed.allows(ACTION, self._subjects.of(reference), self._subjects.parent):
                items += [self._told(cast) for cast in _casts.decode(msgspec.json.encode(sent))]
        return MulticastStreams(group=self._group, items=sorted(items, key=lambda one: one.port))

    async def _hold(self, caller: Caller, asked: MulticastStart | MulticastHold, seconds: float, *, begin: bool = True) -> Cast:
        held = self._state.get("camera", asked.id)
        second = asked.stream == "sub" and held is not None and isinstance(held.entity, Camera) and bool(held.entity.sub_url)
        body = Hold(
            camera=asked.id,
            stream="sub" if second else "main",
            form=asked.form,
            holder=f"{caller.actor}/{asked.holder}",
            seconds=seconds,
            begin=begin,
        )
        answer = await self._bus.request(f"video.multicast/{asked.id}", msgspec.msgpack.encode(body))
        return msgspec.msgpack.decode(answer, type=Cast)

    def _told(self, cast: Cast) -> MulticastStream:
        held = self._state.get("camera", cast.camera)
        name = held.entity.name if held is not None else cast.camera
        return MulticastStream(
            **msgspec.structs.asdict(cast), name=name, address=address(cast), sdp=describe(cast, name, self._host)
        )


def _camera(asked: MulticastStart | MulticastHold) -> str:
    return ref("camera", asked.id)


def _detail(asked: MulticastStart | MulticastHold) -> dict[str, object]:
    return {"stream": asked.stream, "form": asked.form, "seconds": getattr(asked, "seconds", 0)}
