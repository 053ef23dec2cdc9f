"""`sitewarden snapshot`: a camera's picture of now, or a recorded one, as a JPEG file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.app.recording import moment
from sitewarden.codec.messages import Jpeg
from sitewarden.codec.stills import Stills
from sitewarden.config import Settings
from sitewarden.domain.errors import Refusal
from sitewarden.media.live_picture import KeyFrame, last_key
from sitewarden.media.plan import Plan
from sitewarden.media.thumbnails import key_at
from sitewarden.net.network import LocalNetwork
from sitewarden.services.surface.video import VideoTicket


def snapshot(settings_path: Path | None, camera: str, at: str | None, width: int, output: Path) -> None:
    """Write the picture."""
    settings = settled(settings_path)

    async def work(ask: Ask) -> tuple[KeyFrame, Jpeg]:
        if at is None:
            ticket: Any = await ask("video.snapshot", id=camera)
            frame = await _live(settings, msgspec.convert(ticket, VideoTicket))
        else:
            when = moment(at, "at")
            plan: Any = await ask("video.thumbnail", id=camera, at=when)
            frame = await asyncio.to_thread(key_at, msgspec.convert(plan, Plan), when)
        stills = Stills(1)
        try:
            return frame, await stills.jpeg(frame.video, frame.data, width)
        finally:
            stills.close()

    frame, picture = with_platform(settings, work)
    try:
        output.write_bytes(picture.data)
    except OSError as error:
        raise Refusal(f"it cannot be written: {error.strerror}", where=str(output), remedy="Give another file.") from None
    show.out.print(f"{output}: {picture.width} × {picture.height}, {show.moment(frame.wall)}")


async def _live(settings: Settings, ticket: VideoTicket) -> KeyFrame:
    network = LocalNetwork(settings, "cli")
    try:
        frame = await last_key(network, ticket.socket, ticket.camera)
    finally:
        await network.close()
    assert frame is not None
    return frame
