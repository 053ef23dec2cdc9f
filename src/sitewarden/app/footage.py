"""`sitewarden camera files` and `camera play`: recordings of the server's disk, and cameras that play them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.video.model import FILE

COLUMNS: Final = (("name", "recording"), ("size", "size"), ("when", "changed"))


def list_files(settings_path: Path | None, *, json: bool) -> None:
    """Show what can be played."""

    async def work(ask: Ask) -> Any:
        return await ask("cameras.files")

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    if not found["allowed"]:
        show.err.print(
            'No folder of recordings is allowed. Set it in the settings ([video] files = "/srv/footage").', markup=False
        )
        return
    rows = [{"name": one["name"], "size": show.size(one["bytes"]), "when": show.moment(one["changed"])} for one in found["items"]]
    show.table(rows, COLUMNS, empty="There is none in the folder (MP4, MOV, MKV, TS, AVI).")
    if found["more"]:
        show.err.print("There are more than a list has.")


def play(settings_path: Path | None, name: str, file: str, area: str, *, once: bool, json: bool) -> None:
    """Add a camera that plays a recording."""

    async def work(ask: Ask) -> Any:
        return await ask("camera.create", body={"name": name, "url": FILE + file, "repeat": not once, "area": area or None})

    made = with_platform(settled(settings_path), work)
    if json:
        show.as_json(made)
    else:
        how = "once" if once else "again and again"
        show.out.print(f"{made['name']} is added as {made['id']}, and plays {file} {how}.", soft_wrap=True, markup=False)
