"""Range of PLAY: npt and clock (RFC 2326, 3.6, 3.7 and 12.29). Pure; times are microseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

_CLOCK = re.compile(r"(\d{8})T(\d{6})(?:\.(\d{1,9}))?Z")
_SECONDS = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?")
_HOURS = re.compile(r"(\d{1,6}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?")


class RangeError(ValueError):
    """The range cannot be understood, or is none of these two forms."""


class Range(Struct, frozen=True, kw_only=True):
    """From when to when: from the presentation's beginning (npt), or since 1970 UTC (clock)."""

    form: Literal["npt", "clock"]
    start: int | None = None
    """None for "now"."""
    end: int | None = None


def parse(text: str) -> Range:
    """Read a Range header; raises RangeError."""
    form, equals, rest = text.partition(";")[0].strip().partition("=")
    if not equals or form.strip() not in ("npt", "clock"):
        raise RangeError(f"a range is npt= or clock=, not {text[:60]!r}")
    first, dash, last = rest.strip().partition("-")
    first, last = first.strip(), last.strip()
    if not dash or not first:
        raise RangeError(f"a range has a beginning: {text[:60]!r}")
    if form.strip() == "npt":
        found = Range(form="npt", start=None if first == "now" else _npt(first), end=_npt(last) if last else None)
    else:
        found = Range(form="clock", start=_clock(first), end=_clock(last) if last else None)
    if found.start is not None and found.end is not None and found.end <= found.start:
        raise RangeError("the range ends before it begins")
    return found


def npt(start: int, end: int | None) -> str:
    """Return the header of a range from the presentation's beginning."""
    return f"npt={start / 1e6:.3f}-" + (f"{end / 1e6:.3f}" if end is not None else "")


def clock(start: int, end: int | None) -> str:
    """Return the header of a range of wall time."""
    return f"clock={clock_time(start)}-" + (clock_time(end) if end is not None else "")


def clock_time(wall: int) -> str:
    """Return microseconds since 1970 UTC as RFC 2326 writes them: "20251121T174200.25Z"."""
    moment = datetime.fromtimestamp(wall // 1_000_000, UTC)
    fraction = f".{wall % 1_000_000:06d}".rstrip("0").rstrip(".")
    return f"{moment:%Y%m%dT%H%M%S}{fraction}Z"


def _npt(text: str) -> int:
    if found := _SECONDS.fullmatch(text):
        return int(found[1]) * 1_000_000 + _fraction(found[2])
    if found := _HOURS.fullmatch(text):
        return ((int(found[1]) * 60 + int(found[2])) * 60 + int(found[3])) * 1_000_000 + _fraction(found[4])
    raise RangeError(f"not a time: {text[:40]!r}")


def _clock(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise RangeError(f"not a time: {text[:40]!r}")
    try:
        moment = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise RangeError(f"not a time: {text[:40]!r}") from None
    return int(moment.timestamp()) * 1_000_000 + _fraction(found[3])


def _fraction(digits: str | None) -> int:
    return int((digits or "")[:6].ljust(6, "0"))
