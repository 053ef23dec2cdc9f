"""`sitewarden machine key`: keys of devices that push their values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform


def renew(settings_path: Path | None, device: str, *, json: bool) -> None:
    """Give a device a new key, and show it."""

    async def work(ask: Ask) -> Any:
        return await ask("devices.key", id=device)

    told = with_platform(settled(settings_path), work)
    if json:
        show.as_json(told)
        return
    show.out.out(f"Key: {told['key']}", highlight=False)
    show.err.print(
        'The device sends it with each message, as "Authorization: Bearer KEY". It is not shown again.', soft_wrap=True
    )
