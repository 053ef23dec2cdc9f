"""`sitewarden rtsp`: the addresses under which other systems pull a camera."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path
from typing import Any

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.errors import Refusal


def addresses(settings_path: Path | None, camera: str, *, json: bool) -> None:
    """Show them; refuse where RTSP out is off."""
    settings = settled(settings_path)

    async def work(ask: Ask) -> Any:
        return await ask("video.rtsp", id=camera)

    told = with_platform(settings, work)
    if json:
        show.as_json(told)
        return
    if not told["enabled"]:
        raise Refusal(
            "RTSP out is off.", where="rtsp_out.enabled", remedy="Set it to true below [rtsp_out] in the settings, and restart."
        )
    host = socket.gethostname() if ipaddress.ip_address(settings.bind).is_unspecified else settings.bind
    host = f"[{host}]" if ":" in host else host
    for door in told["doors"]:
        for path in (told["live"], told["recorded"]):
            show.out.out(f"{door['scheme']}://{host}:{door['port']}{path}", highlight=False)
        if not door["open"]:
            show.err.print(f"Note: nothing listens on {door['port']} now; the node's log says why.", soft_wrap=True)
