"""`sitewarden device limits`: what controllers of other makes cannot keep of the site's rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform


def limits(settings_path: Path | None, controller: str, *, json: bool) -> int:
    """Print the limits, the warnings first; return 1 where there is a warning."""

    async def work(ask: Ask) -> Any:
        return await ask("controllers.limits", id=controller or None)

    found = with_platform(settled(settings_path), work)
    rows = [{"controller": item["controller"], **limit} for item in found["items"] for limit in item["limits"]]
    if json:
        show.as_json(found)
    else:
        lines = [{**row, "what": _named(row)} for row in rows]
        columns = (("controller", "controller"), ("severity", ""), ("text", "what it does instead"), ("what", "concerns"))
        empty = "Every board keeps all of the rules." if found["items"] else "The site has no controller of another make."
        show.table(lines, columns, empty=empty)
    return int(any(row["severity"] == "warning" for row in rows))


def _named(row: dict[str, Any]) -> str:
    more = row["count"] - len(row["entities"])
    return "\n".join(row["entities"]) + (f"\nand {more} more" if more else "")
