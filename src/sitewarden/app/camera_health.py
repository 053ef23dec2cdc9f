"""`sitewarden camera health`: how well a camera's streams arrive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform

SHOWN = 10
"""Interruptions that are printed."""


def health(settings_path: Path | None, camera: str, *, json: bool) -> None:
    """Show a camera's streams, and what interrupted them."""

    async def work(ask: Ask) -> Any:
        return await ask("video.health", id=camera)

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    if not found["streams"]:
        show.out.print("Nothing is taken in from this camera: it is switched off, or in privacy mode.")
    for stream in found["streams"]:
        show.table(
            [{"figure": name, "value": value} for name, value in lines(stream)],
            (("figure", f"{stream['stream']} stream"), ("value", stream["state"])),
        )
        if stream["poor"]:
            show.table(
                [{**one, "since": show.moment(one["since"])} for one in stream["poor"]],
                (("figure", "beyond its limit"), ("value", "mean of 30 s"), ("limit", "limit"), ("since", "since")),
            )
        rows = [
            {
                "time": show.moment(one["time"]),
                "seconds": f"{(one['back'] - one['time']) / 1e6:.1f} s" if one["back"] else "not back yet",
                "reason": one["reason"],
            }
            for one in stream["interruptions"][:SHOWN]
        ]
        if rows:
            show.table(rows, (("time", "lost"), ("seconds", "for"), ("reason", "why")))


def lines(stream: dict[str, Any]) -> list[tuple[str, str]]:
    """Return name and value of what a stream's health says; what is not known is left out."""
    found = [("since", show.moment(stream["since"]))]
    if stream["detail"]:
        found.append(("why", stream["detail"]))
    if stream["instead_until"]:
        again = show.moment(stream["instead_until"])
        found.append(("instead", f"the main stream, {stream['instead_reason']}; tried again from {again} on"))
    if stream["state"] == "online":
        found += [
            ("transport", stream["transport"]),
            ("codec", stream["codec"]),
            ("size", f"{stream['width']} x {stream['height']}"),
            ("sound", stream["audio"]),
            ("bitrate", f"{stream['bitrate'] / 1e6:.2f} Mbit/s"),
            ("frames/s", f"{stream['fps']:g}"),
            ("loss", f"{stream['loss']:g} % now, {stream['lost']} packets so far"),
            ("reordered", str(stream["reordered"])),
            ("jitter", "" if stream["jitter"] is None else f"{stream['jitter']:g} ms"),
            ("key frame every", f"{stream['gop_frames']} frames, {stream['gop_seconds']:g} s" if stream["gop_frames"] else ""),
            ("clock", "" if stream["clock_offset"] is None else f"{stream['clock_offset']:+.3f} s against this server"),
            ("key frames asked for", str(stream["key_requests"])),
        ]
    found.append(("restarts", str(stream["restarts"])))
    return [(name, value) for name, value in found if value]
