"""Who may open which door, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform

VERDICTS = {"now": "yes, now", "later": "at other times", "no": "no"}
WHO = (("who", "person"), ("carries", "credential"), ("verdict", "can open"), ("ways", "when, and by what"))
WHAT = (
    ("door", "door"),
    ("point", "access point"),
    ("carries", "credential"),
    ("verdict", "can open"),
    ("ways", "when, and by what"),
)
PAGE = 1000


def who(settings_path: Path | None, door: str, *, state: str, query: str, limit: int, json: bool) -> None:
    """Show who can open a door."""

    async def work(ask: Ask) -> Any:
        return await ask("access.who", id=door, state=state, q=query, limit=min(limit, PAGE))

    page = with_platform(settled(settings_path), work)
    if json:
        show.as_json(page)
        return
    rows = [
        {
            "who": f"{row['holder_name']} ({row['holder']})",
            "carries": row["credential"],
            "verdict": _verdict(row),
            "ways": "\n".join(f"{way['access_point_name']}: {_way(way)}" for way in row["ways"]),
        }
        for row in page["items"]
    ]
    show.table(rows, WHO, empty="Nobody. Give people an access profile that leads through this door.")
    if page["total"] > len(rows):
        show.out.print(f"{len(rows)} of {page['total']} credentials; narrow it with --query, or raise --limit.")


def what(settings_path: Path | None, person: str, *, json: bool) -> None:
    """Show what a person can open."""

    async def work(ask: Ask) -> Any:
        return await ask("access.what", id=person, limit=PAGE)

    page = with_platform(settled(settings_path), work)
    if json:
        show.as_json(page)
        return
    rows = [
        {
            "door": way["door"],
            "point": way["access_point_name"],
            "carries": row["credential"],
            "verdict": _verdict(row) if row["verdict"] == "no" else _verdict(way),
            "ways": _way(way),
        }
        for row in page["items"]
        for way in row["ways"]
    ]
    show.table(rows, WHAT, empty="Nothing: no credential with an access profile.")


def _verdict(row: dict[str, Any]) -> str:
    return f"{VERDICTS[row['verdict']]}: {row['why']}" if row["why"] else VERDICTS[row["verdict"]]


def _way(way: dict[str, Any]) -> str:
    group = f" of group {way['group']}" if way["group"] else ""
    return f"{way['when']} ({way['schedule_name']}), profile {way['profile_name']}{group}"
