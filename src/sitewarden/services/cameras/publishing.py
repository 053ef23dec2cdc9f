"""Where encoders publish a camera, and the stream keys that they prove themselves by; `drivers.rtmp` takes the stream."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, NotFound
from sitewarden.domain.refs import ref
from sitewarden.domain.video.model import Camera
from sitewarden.net.rules import plain_networks
from sitewarden.net.tls import serves_tls
from sitewarden.ports import number_of
from sitewarden.services.entities import Entities
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.publishing import PublishAddress, PublishRef, StreamKey
from sitewarden.store.interfaces import StateStore

ROW: Final = "rtmp"
KEY_BYTES: Final = 24
"""Random bytes of a stream key, 32 characters."""


class CameraPublishing:
    """The operations on cameras that publish."""

    def __init__(
        self,
        state: StateStore,
        settings: Settings,
        entities: Entities,
        listening: Callable[[], frozenset[tuple[str, int]]],
    ) -> None:
        """`listening` gives the (row, port) that are open now."""
        self._state, self._settings, self._entities = state, settings, entities
        self._listening = listening

    def operations(self) -> list[Operation]:
        """Return the operations; to know an address without its key opens nothing, so it is not audited."""

        def entity(asked: PublishRef) -> str:
            return ref("camera", asked.id)

        return [
            Operation("cameras.publishing", "camera.get", PublishRef, PublishAddress, self._address, entity=entity, audit=False),
            Operation("cameras.stream-key", "camera.update", PublishRef, StreamKey, self._key, entity=entity, own_audit=True),
        ]

    async def _address(self, caller: Caller, asked: PublishRef) -> PublishAddress:
        return self._of(self._camera(asked.id))

    async def _key(self, caller: Caller, asked: PublishRef) -> StreamKey:
        """Give the camera a new key; whoever publishes with the old one is cut off."""
        if not self._camera(asked.id).publishes:
            raise Conflict(
                "The camera does not publish: it is asked for its stream.",
                where=ref("camera", asked.id),
                remedy="Set its driver to rtmp first, and leave its stream address empty.",
            )
        key = secrets.token_urlsafe(KEY_BYTES)
        await self._entities.update("camera", caller, asked.id, MESSAGES["camera"].patch(stream_key=key))
        return StreamKey(address=self._of(self._camera(asked.id)), key=key)

    def _camera(self, id_: str) -> Camera:
        held = self._state.get("camera", id_)
        if held is None or not isinstance(held.entity, Camera):
            raise NotFound(f'there is no camera "{id_}"', where="id")
        return held.entity

    def _of(self, camera: Camera) -> PublishAddress:
        port = number_of(ROW, self._settings.ports)
        assert isinstance(port, int)
        return PublishAddress(
            publishes=camera.publishes,
            port=port,
            path=f"/live/{camera.id}",
            tls=serves_tls(self._settings),
            plain_networks=plain_networks(self._settings, ROW),
            open=(ROW, port) in self._listening(),
            key_set=camera.stream_key is not None,
        )
