"""`sitewarden recording` and `sitewarden storage`."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.clock import DAY, HOUR, SECOND, from_datetime
from sitewarden.domain.errors import Invalid

TIMES: Final = (("start", "from"), ("end", "to"), ("seconds", "seconds"), ("what", "what"), ("detail", "detail"))
LOCKS: Final = (
    ("id", "lock"),
    ("camera", "camera"),
    ("start", "from"),
    ("end", "to"),
    ("until", "held until"),
    ("by", "by"),
    ("reason", "reason"),
)
EXPORTS: Final = (
    ("id", "export"),
    ("state", "state"),
    ("by", "by"),
    ("cameras", "cameras"),
    ("begun", "begun"),
    ("size", "size"),
    ("reason", "reason"),
)
CAMERAS: Final = (
    ("name", "camera"),
    ("now", "now"),
    ("volume", "volume"),
    ("mode", "mode"),
    ("oldest", "oldest"),
    ("size", "takes"),
    ("daily", "a day"),
    ("days", "days"),
    ("most", "at most"),
    ("priority", "priority"),
    ("locks", "locks"),
)
VOLUMES: Final = (
    ("id", "volume"),
    ("tier", "tier"),
    ("path", "where"),
    ("state", "state"),
    ("total", "size"),
    ("free", "free"),
    ("min_free", "kept free"),
    ("held", "recordings"),
    ("oldest", "oldest"),
    ("keep", "stays there"),
    ("cameras", "cameras"),
    ("full_at", "full"),
)

FILLS: Final = {
    "waiting": "waits to be filled from the camera",
    "running": "is filled from the camera",
    "failed": "not filled from the camera",
}


def list_recordings(settings_path: Path | None, camera: str, start: str, end: str, *, json: bool) -> None:
    """Show recordings and gaps in order."""
    span = {"start": moment(start, "start"), "end": moment(end, "end")}

    async def work(ask: Ask) -> Any:
        return await ask("video.recordings", id=camera, **span)

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    pieces = [{**one, "what": "recorded", "detail": show.size(one["bytes"])} for one in found["items"]]
    pieces += [{**one, "what": one["reason"]} for one in found["gaps"]]
    for one in found["filled"]:
        pieces.append({**one, "what": "of it, filled from the camera"})
    for one in found["fills"]:
        if one["state"] != "done":
            pieces.append({**one, "what": FILLS[one["state"]]})
    rows = [
        {
            **one,
            "start": show.moment(one["start"]),
            "end": show.moment(one["end"]),
            "seconds": round((one["end"] - one["start"]) / SECOND, 1),
        }
        for one in sorted(pieces, key=lambda one: one["start"])
    ]
    show.table(rows, TIMES, empty="Nothing is known of this time.")


def fill(settings_path: Path | None, camera: str, start: str, end: str, reason: str) -> None:
    """Ask for a camera's own recording."""
    span = {"start": moment(start, "start"), "end": moment(end, "end")}

    async def work(ask: Ask) -> Any:
        return await ask("camera.fill", reason=reason, id=camera, **span)

    for one in with_platform(settled(settings_path), work)["items"]:
        show.out.print(f"{show.moment(one['start'])} to {show.moment(one['end'])} is fetched from {camera}.")
    show.out.print("`sitewarden recording list` shows how far that is.")


def record_now(settings_path: Path | None, camera: str, seconds: int, reason: str) -> None:
    """Order a recording, or take the order back."""

    async def work(ask: Ask) -> Any:
        return await ask("camera.record", reason=reason, id=camera, seconds=seconds)

    order = with_platform(settled(settings_path), work)
    show.out.print(
        f"{camera} is recorded until {show.moment(order['until'])}." if seconds else f"{camera} is recorded as its mode says."
    )


def privacy(settings_path: Path | None, camera: str, reason: str, *, on: bool) -> None:
    """Switch the privacy mode."""

    async def work(ask: Ask) -> Any:
        return await ask("camera.privacy", reason=reason, id=camera, on=on)

    with_platform(settled(settings_path), work)
    show.out.print(f"{camera} is {'in privacy mode: neither recorded nor shown' if on else 'out of privacy mode'}.")


def list_locks(settings_path: Path | None, camera: str, *, json: bool) -> None:
    """Show the locks."""

    async def work(ask: Ask) -> Any:
        return await ask("lock.list", camera=camera or None)

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    rows = [
        {
            **one,
            "start": show.moment(one["start"]),
            "end": show.moment(one["end"]),
            "until": show.moment(one["until"]) if one["until"] else "released",
        }
        for one in found["items"]
    ]
    show.table(rows, LOCKS, empty="Nothing is locked.")


def lock(settings_path: Path | None, camera: str, start: str, end: str, reason: str, days: float) -> None:
    """Hold recordings."""
    until = time.time_ns() // 1000 + round(days * DAY) if days else 0
    span = {"start": moment(start, "start"), "end": moment(end, "end")}

    async def work(ask: Ask) -> Any:
        return await ask("lock.set", reason=reason, id=camera, until=until, **span)

    made = with_platform(settled(settings_path), work)
    show.out.print(f"Locked as {made['id']}.")


def release(settings_path: Path | None, camera: str, id_: str, reason: str) -> None:
    """Release a lock."""

    async def work(ask: Ask) -> Any:
        return await ask("lock.release", reason=reason, id=camera, lock=id_)

    with_platform(settled(settings_path), work)
    show.out.print(f"{id_} is released: these recordings are deleted as the camera's others are.")


def list_exports(settings_path: Path | None, *, json: bool) -> None:
    """Show the exports of the last day."""

    async def work(ask: Ask) -> Any:
        return await ask("export.list", all=True)

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    rows = [
        {
            **one,
            "cameras": ", ".join(one["cameras"]),
            "begun": show.moment(one["begun"]),
            "size": f"{show.size(one['bytes'])} of about {show.size(one['total'])}",
        }
        for one in found["items"]
    ]
    show.table(rows, EXPORTS, empty="No exports within a day.")


def cancel_export(settings_path: Path | None, id_: str) -> None:
    """Cancel an export."""

    async def work(ask: Ask) -> Any:
        return await ask("export.cancel", id=id_)

    with_platform(settled(settings_path), work)
    show.out.print(f"{id_} is cancelled; what was downloaded of it proves nothing.")


def show_storage(settings_path: Path | None, *, json: bool) -> None:
    """Show disks and cameras."""

    async def work(ask: Ask) -> Any:
        return await ask("storage.get")

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    volumes = [
        {
            **one,
            **{name: show.size(one[name]) for name in ("total", "free", "min_free", "held")},
            "state": _state(one),
            "oldest": show.moment(one["oldest"]) if one["oldest"] else None,
            "keep": _keep(one),
            "full_at": _full(one),
        }
        for one in found["volumes"]
    ]
    show.table(volumes, VOLUMES, empty="No process for video answers: the server is not running.")
    cameras = [
        {
            **one,
            "now": "recorded" if one["recording"] else one["gap"],
            "oldest": show.moment(one["oldest"]) if one["oldest"] else None,
            "size": show.size(one["bytes"]),
            "daily": show.size(one["daily"]),
            "most": show.size(one["max_bytes"]) if one["max_bytes"] else None,
        }
        for one in found["cameras"]
    ]
    show.table(cameras, CAMERAS, empty="No cameras.")


def _state(volume: dict[str, Any]) -> str:
    """Return how a volume is, with why, and what it does not delete."""
    said: str = f"{volume['state']}: {volume['detail']}" if volume["detail"] else volume["state"]
    if volume["undeleted"]:
        said += f"; {volume['undeleted']} files cannot be deleted: {volume['undeleted_detail']}"
    return said


def _keep(volume: dict[str, Any]) -> str:
    """Return how long recordings stay on a volume."""
    if not volume["next_tier"]:
        return "until deleted"
    return f"{volume['keep_days']:g} days" if volume["keep_days"] else "until it fills"


def _full(volume: dict[str, Any]) -> str | None:
    if volume["state"] == "gone" or not volume["records"]:
        return None
    if volume["full_at"]:
        return show.moment(volume["full_at"])
    return "never, it hands on" if volume["next_tier"] else "never, by the cameras' limits"


def moment(text: str, where: str) -> int:
    """Return microseconds since 1970 UTC of "2026-03-01 07:15" in this machine's zone, or of "-6", hours ago."""
    try:
        if text.startswith("-"):
            return time.time_ns() // 1000 - round(float(text[1:]) * HOUR)
        return from_datetime(datetime.fromisoformat(text).astimezone())
    except ValueError:
        raise Invalid(
            f"{text!r} is no moment", where=where, remedy='Write "2026-03-01 07:15", or "-6" for six hours ago.'
        ) from None
