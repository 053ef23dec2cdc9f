"""Addresses that RTSP out serves: `/cameras/<id>/live` and `/cameras/<id>/recorded?start=…&end=…`, and their tracks. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from msgspec import Struct

TRACKS: Final = ("trackID=0", "trackID=1")
"""The pictures, the sound."""
LATEST: Final = 1 << 52
"""Times are before this; the year 2112."""
_PATH = re.compile(r"/cameras/([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)/(live|recorded)(?:/trackID=([01]))?/?")
_TRACK_BEHIND = re.compile(r"(.*?)/?(?:trackID=([01]))?/?", re.DOTALL)


class TargetError(ValueError):
    """The address names nothing that is served; `times` where only its times cannot be understood."""

    def __init__(self, what: str, *, times: bool = False) -> None:
        super().__init__(what)
        self.times = times


class Target(Struct, frozen=True, kw_only=True):
    """What an address names. Times are microseconds since 1970 UTC, None where the address names none."""

    camera: str
    kind: Literal["live", "recorded"]
    start: int | None = None
    end: int | None = None


def parse(url: str) -> tuple[Target, int | None]:
    """Return what `url` names, and which track of it (None for all); raises TargetError."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise TargetError("not an address") from None
    found = _PATH.fullmatch(parts.path)
    if found is None:
        raise TargetError("there is nothing at this address")
    # Some clients append a track to the whole address, query included (RFC 2326, C.1.1 read by the letter).
    split = _TRACK_BEHIND.fullmatch(parts.query)
    query, behind = (split[1], split[2]) if split else (parts.query, None)
    number = found[3] or behind
    times: dict[str, int] = {}
    for pair in query.split("&") if found[2] == "recorded" else ():
        name, _, text = pair.partition("=")
        if name in ("start", "end"):
            times[name] = moment(unquote(text))
    if "start" in times and "end" in times and times["end"] <= times["start"]:
        raise TargetError("the end is not after the start", times=True)
    target = Target(
        camera=found[1], kind="live" if found[2] == "live" else "recorded", start=times.get("start"), end=times.get("end")
    )
    return target, int(number) if number else None


def moment(text: str) -> int:
    """Return a time given in RFC 3339, with its zone, or in microseconds since 1970 UTC; raises TargetError."""
    if text.isascii() and text.isdigit() and len(text) < 17:
        return int(text)
    try:
        # "+" of a zone comes as a space from who encodes addresses as forms.
        found = datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", text))
    except ValueError:
        raise TargetError(f"not a time: {text[:40]!r}", times=True) from None
    if found.tzinfo is None:
        raise TargetError(f"a time without its zone: {text[:40]!r}", times=True)
    passed = found - datetime(1970, 1, 1, tzinfo=UTC)
    wall = (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
    if not 0 <= wall < LATEST:
        raise TargetError(f"not a time that is served: {text[:40]!r}", times=True)
    return wall


def control(url: str, track: int) -> str:
    """Return the address of a track of what `url` names: in front of the query, and whole, so that nobody must guess."""
    parts = urlsplit(url)
    path = re.sub(r"/(?:trackID=[01])?/?$", "", parts.path)
    return parts._replace(path=f"{path}/{TRACKS[track]}").geturl()
