"""`sitewarden door`: how the doors are, and commands for one or many of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.identity.grants import around

PAGE: Final = 1000
COLUMNS: Final = (
    ("id", "door"),
    ("name", "name"),
    ("state", "state"),
    ("mode", "mode"),
    ("held_by", "held by"),
    ("physical", "contact"),
    ("lock", "lock"),
    ("alarm", "alarm"),
    ("since", "since"),
)
OUTCOMES: Final = (("door", "door"), ("name", "name"), ("outcome", "outcome"), ("what", "why"), ("remedy", "what to do"))


def list_doors(settings_path: Path | None, area: str, *, json: bool) -> None:
    """Show the doors."""

    async def work(ask: Ask) -> list[dict[str, Any]]:
        doors = await _all(ask, "door")
        statuses = {one["ref"]: one for one in (await ask("status.list", kind=["door"]))["items"]}
        rows = []
        for door in doors:
            status = statuses.get(f"door:{door['id']}", {})
            data = status.get("data", {})
            alarms = [data["alarm"]] if data.get("alarm", "normal") != "normal" else []
            alarms += [name for name in ("tamper", "fault") if data.get(name) == "active"]
            rows.append(
                {
                    "id": door["id"],
                    "name": door["name"],
                    "area": door["area"],
                    "state": status.get("state", "unknown"),
                    **{name: data.get(name, "") for name in ("mode", "held_by", "priority", "physical", "lock")},
                    "alarm": ", ".join(alarms),
                    "since": status.get("since"),
                }
            )
        if not area:
            return rows
        outer = {one["id"]: one["area"] for one in await _all(ask, "area")}
        return [row for row in rows if area in around(row["area"], outer.get)]

    rows = with_platform(settled(settings_path), work)
    if json:
        show.as_json(rows)
        return
    shown = [{**row, "since": show.moment(row["since"])} for row in rows]
    show.table(shown, COLUMNS, empty="No door. Pair a controller, then add its doors.")


def command_door(settings_path: Path | None, door: str, command: str, reason: str, *, extended: bool, json: bool) -> None:
    """Command one door."""

    async def work(ask: Ask) -> Any:
        return await ask("doors.command", id=door, command=command, reason=reason, extended=extended)

    done = with_platform(settled(settings_path), work)
    now = done["value"].get("door", {})
    if json:
        show.as_json(done)
    else:
        show.out.print(f"{door} has done it: mode {now.get('mode', '?')}, lock {now.get('lock', '?')}.")


def command_all(settings_path: Path | None, command: str, area: str, reason: str, *, json: bool) -> int:
    """Command all doors of an area or the site; return 1 where one did not do it."""

    async def work(ask: Ask) -> Any:
        return await ask("doors.command-many", command=command, reason=reason, area=area or None)

    done = with_platform(settled(settings_path), work)
    missed = [one for one in done["doors"] if one["outcome"] != "done"]
    if json:
        show.as_json(done)
    else:
        if missed:
            show.table(missed, OUTCOMES)
        show.out.print(f"{command}: {done['done']} of {done['total']} doors did it, in {done['seconds']:.2f} s.")
    return 1 if missed else 0


async def _all(ask: Ask, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = await ask(f"{kind}.list", limit=PAGE, offset=len(found))
        found += page["items"]
        if len(found) >= page["total"] or not page["items"]:
            return found
