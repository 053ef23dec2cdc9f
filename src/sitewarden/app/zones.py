"""`sitewarden zone`: how the zones are, who is in them, and what is done to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import split_ref

COLUMNS: Final = (("zone", "zone"), ("name", "name"), ("held_by", "held by"), ("inside", "inside"), ("state", "state"))
PEOPLE: Final = (("holder", "person"), ("name", "name"), ("area_name", "area"), ("since", "since"), ("door_name", "door"))


def list_zones(settings_path: Path | None, *, json: bool) -> None:
    """Show the zones."""

    async def work(ask: Ask) -> Any:
        return await ask("zones.list")

    found = with_platform(settled(settings_path), work)["items"]
    if json:
        show.as_json(found)
    else:
        show.table([_row(zone) for zone in found], COLUMNS, empty="No zone. Add one in the console, under Site.")


def show_zone(settings_path: Path | None, zone: str, *, json: bool) -> None:
    """Show who is in a zone."""
    kind, id_ = _named(zone)

    async def work(ask: Ask) -> Any:
        return await ask("zones.get", kind=kind, id=id_, limit=10_000)

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    show.table([_row(found["zone"])], COLUMNS)
    people = [{**one, "since": show.moment(one["since"])} for one in found["occupants"]]
    show.table(people, PEOPLE, empty="Nobody is known to be in it.")


def order(settings_path: Path | None, zone: str, action: str, reason: str, *, json: bool, **more: str) -> None:
    """Do something to a zone."""
    kind, id_ = _named(zone)

    async def work(ask: Ask) -> Any:
        return await ask(f"zones.{action}", kind=kind, id=id_, reason=reason, **more)

    now = with_platform(settled(settings_path), work)
    if json:
        show.as_json(now)
    else:
        show.table([_row(now)], COLUMNS)


def _named(zone: str) -> tuple[str, str]:
    kind, id_ = split_ref(zone)
    if not id_:
        raise Invalid(f"{zone!r} names no zone.", where="zone", remedy='Write it as the list shows it: "antipassback-zone:site".')
    return kind, id_


def _row(zone: dict[str, Any]) -> dict[str, Any]:
    said = [] if zone["enabled"] else ["off"]
    if zone["armed"] is not None:
        said.append(f"armed since {show.moment(zone['armed'])}")
    elif zone["kind"] == "intrusion-zone":
        said.append("disarmed")
    if zone["fire"]:
        said.append("FIRE")
    if zone["first"] is not None:
        said.append(f"first person at {show.moment(zone['first'])}")
    if zone["open_doors"]:
        said.append(f"open: {', '.join(zone['open_doors'])}")
    inside = zone["inside"]
    return {
        "zone": f"{zone['kind']}:{zone['id']}",
        "name": zone["name"],
        "held_by": zone["held_by"] or "server",
        "inside": f"{inside} of {zone['limit']}" if zone["limit"] is not None else inside,
        "state": ", ".join(said),
    }
