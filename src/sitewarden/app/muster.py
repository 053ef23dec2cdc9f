"""`sitewarden muster`: who is inside, who of them is safe, and marking somebody who was seen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform

COLUMNS: Final = (
    ("state", "state"),
    ("name", "name"),
    ("company", "company"),
    ("host", "host"),
    ("area_name", "area"),
    ("since", "since"),
    ("door_name", "door"),
    ("safe", "safe since"),
    ("safe_at", "muster point"),
)


def roll_call(settings_path: Path | None, area: str, *, csv: bool, json: bool) -> None:
    """Show who is inside, the missing first."""

    async def work(ask: Ask) -> Any:
        return await ask("muster.export" if csv else "muster.list", area=area or None)

    found = with_platform(settled(settings_path), work)
    if csv:
        sys.stdout.write(found)
    elif json:
        show.as_json(found)
    else:
        rows = [
            {
                **one,
                "state": "safe" if one["safe"] is not None else "MISSING",
                "since": show.moment(one["since"]),
                "safe": show.moment(one["safe"]),
            }
            for one in found["people"]
        ]
        show.table(rows, COLUMNS, empty=f"Nobody is known to be in {found['area_name']}.")
        show.out.print(f"{found['area_name']}: {found['missing']} missing, {found['safe']} safe.")


def mark(settings_path: Path | None, holder: str, reason: str, *, json: bool) -> None:
    """Mark somebody as safe."""

    async def work(ask: Ask) -> Any:
        return await ask("muster.mark", holder=holder, reason=reason)

    done = with_platform(settled(settings_path), work)
    if json:
        show.as_json(done)
    else:
        show.out.print(f"{holder} is marked safe since {show.moment(done['safe'])}.")
