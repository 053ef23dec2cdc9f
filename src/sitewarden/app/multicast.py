"""`sitewarden multicast`: the table of streams, and having a camera sent."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform

COLUMNS: Final = (
    ("camera", "camera"),
    ("name", "name"),
    ("stream", "stream"),
    ("address", "address"),
    ("ttl", "ttl"),
    ("holders", "viewers"),
    ("until", "until"),
    ("dropped", "dropped"),
)
HOLDER: Final = "cli"


def list_streams(settings_path: Path | None, *, json: bool) -> None:
    """Show which camera is sent to which port."""

    async def work(ask: Ask) -> Any:
        return await ask("multicast.list")

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    rows = [{**one, "until": show.moment(one["until"])} for one in found["items"]]
    show.table(rows, COLUMNS, empty=f"Nothing is sent to {found['group']}. `sitewarden multicast start CAMERA` sends a camera.")


def start(
    settings_path: Path | None, camera: str, minutes: float, reason: str, *, second: bool, rtp: bool, sdp: bool, json: bool
) -> None:
    """Have a camera sent, and show how to join."""

    async def work(ask: Ask) -> Any:
        seconds = max(5, round(minutes * 60))
        asked = {"id": camera, "stream": _stream(second), "form": _form(rtp), "seconds": seconds, "holder": HOLDER}
        return await ask("multicast.start", reason=reason, **asked)

    told = with_platform(settled(settings_path), work)
    if json:
        show.as_json(told)
    elif sdp:
        sys.stdout.write(told["sdp"])
    else:
        show.out.print(f"{told['name']} is sent to {told['address']} until {show.moment(told['until'])}.")


def stop(settings_path: Path | None, camera: str, reason: str, *, second: bool, rtp: bool) -> None:
    """Give up what `start` asked for."""

    async def work(ask: Ask) -> Any:
        asked = {"id": camera, "stream": _stream(second), "form": _form(rtp), "holder": HOLDER}
        return await ask("multicast.stop", reason=reason, **asked)

    with_platform(settled(settings_path), work)


def _stream(second: bool) -> str:
    return "sub" if second else "main"


def _form(rtp: bool) -> str:
    return "rtp" if rtp else "mpegts"
