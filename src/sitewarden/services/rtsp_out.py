"""Where other systems pull a camera by RTSP, as people ask for it. The streams themselves are served by `api.rtsp`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sitewarden.config import RtspOutSettings
from sitewarden.domain.errors import NotFound
from sitewarden.domain.refs import ref
from sitewarden.ports import number_of
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.rtsp_out import RtspAddresses, RtspDoor, RtspRef
from sitewarden.store.interfaces import StateStore


class RtspOut:
    """The operation that tells a camera's addresses."""

    def __init__(
        self,
        state: StateStore,
        settings: RtspOutSettings,
        numbers: Mapping[str, int],
        listening: Callable[[], frozenset[tuple[str, int]]],
    ) -> None:
        """`numbers` are the ports that the settings change, `listening` the (row, port) that are open now."""
        self._state, self._settings = state, settings
        self._numbers, self._listening = numbers, listening

    def operations(self) -> list[Operation]:
        """Return the operation; to know an address is not to look, so it is not audited."""
        return [
            Operation(
                "video.rtsp",
                "camera.live",
                RtspRef,
                RtspAddresses,
                self._addresses,
                entity=lambda asked: ref("camera", asked.id),
                audit=False,
            )
        ]

    async def _addresses(self, caller: Caller, asked: RtspRef) -> RtspAddresses:
        if self._state.get("camera", asked.id) is None:
            raise NotFound(f'there is no camera "{asked.id}"', where="id")
        chosen, held = self._settings, self._listening()
        doors: list[RtspDoor] = []
        if chosen.enabled:
            doors.append(self._door("rtsps", held))
            if chosen.plain:
                doors.append(self._door("rtsp", held))
        path = f"/cameras/{asked.id}"
        return RtspAddresses(
            enabled=chosen.enabled,
            doors=doors,
            udp=chosen.enabled and chosen.plain and chosen.udp,
            live=f"{path}/live",
            recorded=f"{path}/recorded?start={{start}}&end={{end}}",
        )

    def _door(self, scheme: str, held: frozenset[tuple[str, int]]) -> RtspDoor:
        port = number_of(scheme, self._numbers)
        assert isinstance(port, int)
        return RtspDoor(scheme="rtsps" if scheme == "rtsps" else "rtsp", port=port, open=(scheme, port) in held)
