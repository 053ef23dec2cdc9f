"""`sitewarden camera publisher` and `camera key`: cameras that publish to this server, and their stream keys."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path
from typing import Any

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.config import Settings


def add(settings_path: Path | None, name: str, area: str, *, json: bool) -> None:
    """Add a camera that publishes, and show where and with which key."""

    async def work(ask: Ask) -> Any:
        made = await ask("camera.create", body={"name": name, "driver": "rtmp", "area": area or None})
        return await ask("cameras.stream-key", id=made["id"])

    settings = settled(settings_path)
    _show(settings, with_platform(settings, work), json=json)


def renew(settings_path: Path | None, camera: str, *, json: bool) -> None:
    """Give a camera a new stream key, and show it."""

    async def work(ask: Ask) -> Any:
        return await ask("cameras.stream-key", id=camera)

    settings = settled(settings_path)
    _show(settings, with_platform(settings, work), json=json)


def _show(settings: Settings, told: Any, *, json: bool) -> None:
    if json:
        show.as_json(told)
        return
    address = told["address"]
    host = socket.gethostname() if ipaddress.ip_address(settings.bind).is_unspecified else settings.bind
    host = f"[{host}]" if ":" in host else host
    scheme = "rtmps" if address["tls"] else "rtmp"
    show.out.out(f"Server:     {scheme}://{host}:{address['port']}{address['path']}", highlight=False)
    show.out.out(f"Stream key: {told['key']}", highlight=False)
    if address["tls"]:
        where = ", ".join(address["plain_networks"]) or "no network"
        show.err.print(f"Without TLS (rtmp://) from {where}: rtmp_plain_networks in the settings lists them.", soft_wrap=True)
    show.err.print("The key is not shown again.")
