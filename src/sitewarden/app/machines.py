"""`sitewarden machine`: what devices have, keys of those that push their values, machines from a file and as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sitewarden.app import roster, show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.errors import Invalid


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


def write(settings_path: Path | None, point: str, text: str | None, priority: int | None, *, reason: str, json: bool) -> None:
    """Set a point to what was typed, or give a priority back where that is None; show what came of it."""

    async def work(ask: Ask) -> Any:
        held = await ask("point.get", id=point)
        value = None if text is None else _typed(held, text)
        told = await ask("points.write", id=point, value=value, priority=priority, reason=reason)
        return told | {"name": held["name"], "unit": held["unit"]}

    told = with_platform(settled(settings_path), work)
    if json:
        show.as_json(told)
        return
    old, new, back = (f"{_word(told[one])} {told['unit']}".strip() for one in ("old", "new", "read_back"))
    rank = "" if told["priority"] is None else f" at priority {told['priority']}"
    said = f"given back{rank}; it was {old}" if told["new"] is None else f"set from {old} to {new}{rank}"
    show.out.print(f"{told['name']} {said}. The device reads back {back}.", soft_wrap=True)


def _typed(point: dict[str, Any], text: str) -> Any:
    match point["type"]:
        case "string":
            return text
        case "boolean":
            words = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}
            if text.lower() not in words:
                raise Invalid(f"{point['name']} takes on or off.", where="VALUE", remedy="Write on or off.")
            return words[text.lower()]
    try:
        return int(text) if point["type"] == "integer" else float(text)
    except ValueError:
        what = "whole number" if point["type"] == "integer" else "number"
        raise Invalid(f"{text} is no {what}.", where="VALUE", remedy=f"{point['name']} takes one.") from None


def _word(value: Any) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
    return str(value)


def browse(settings_path: Path | None, what: str, *, under: str, topics: str, seconds: float, json: bool) -> None:
    """List what a device or endpoint has."""
    kind, _, id_ = what.partition(":")

    async def work(ask: Ask) -> Any:
        if kind == "device" and id_:
            return await ask("devices.browse", id=id_, under=under)
        if kind == "endpoint" and id_:
            return await ask("endpoints.browse", id=id_, filter=topics, seconds=seconds)
        raise Invalid(f"{what} is neither a device nor an endpoint.", where="KIND:ID", remedy="Give device:ID or endpoint:ID.")

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    rows = [
        one | {"address": " ".join(f"{name}={value}" for name, value in one.get("address", {}).items())} for one in found["items"]
    ]
    columns = [("label", "What"), ("value", "Value"), ("address", "Address of a point"), ("detail", "")]
    show.table(rows, columns, empty="Nothing was found.")
    if found.get("more"):
        show.err.print("There is more; ask for less of it with --under or --filter.", soft_wrap=True)


def import_machines(
    settings_path: Path | None, file: Path, mode: str, endpoint: str, *, plan: bool, reason: str, json: bool
) -> int:
    """Show what a file of machines changes and, unless only planned, make it so; return the exit status."""
    done = roster.run_import(
        settings_path, "points.import", file, mode, plan=plan, reason=reason, differs=_differs, endpoint=endpoint
    )
    counts = done["counts"]
    if json:
        show.as_json(done)
    elif done["errors"]:
        show.table(done["errors"][: roster.SHOWN], roster.ERRORS)
        show.out.print(f"{counts['errors']} errors; nothing was changed.")
    else:
        show.table(roster.changes_shown(done), (*roster.CHANGES, ("note", "note")), empty="Nothing differs.")
        would = "would be " if plan else ""
        show.out.print(
            f"{counts['added']} {would}added, {counts['changed']} {would}changed, "
            f"{counts['kept']} differ and stay, {counts['same']} are the same"
        )
    return 1 if counts["errors"] else 0


def export_machines(settings_path: Path | None, output: Path | None, *, form: str, endpoint: str, device: str) -> None:
    """Write machines to a file, whole or not at all, or to standard output."""

    async def work(ask: Ask) -> Path:
        return Path((await ask("points.export", form=form, endpoint=endpoint, device=device))["path"])

    roster.fetch(with_platform(settled(settings_path), work), output)


def _differs(counts: dict[str, int]) -> bool:
    return bool(counts["added"] or counts["changed"])
