"""How recordings lie on disk: `<camera>/<UTC day>/<start>.mp4`, and `.part` behind it until the segment is sealed. Pure.

`start` is the wall time of the first frame, microseconds since 1970 UTC, so a directory listing alone tells the order.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

from sitewarden.domain.clock import to_datetime
from sitewarden.domain.refs import is_id

SEALED: Final = ".mp4"
OPEN: Final = ".mp4.part"

_NAME = re.compile(r"(\d{1,19})\.mp4(\.part)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def day_of(time: int) -> str:
    """Return the UTC day of a time as its folder is named."""
    return f"{to_datetime(time):%Y-%m-%d}"


def segment_path(camera: str, start: int, *, sealed: bool = True) -> str:
    """Return a segment's path relative to the media directory."""
    return str(PurePosixPath(camera) / day_of(start) / f"{start}{SEALED if sealed else OPEN}")


def segment_id(camera: str, start: int) -> str:
    """Return a segment's id."""
    return f"{camera}/{start}"


def parse_path(path: str) -> tuple[str, int, bool] | None:
    """Return (camera, start, sealed) of a relative path, or None where it is no segment's."""
    parts = PurePosixPath(path).parts
    if len(parts) != 3 or not is_id(parts[0]) or not _DAY.fullmatch(parts[1]):
        return None
    match = _NAME.fullmatch(parts[2])
    return (parts[0], int(match.group(1)), match.group(2) is None) if match else None


def is_day(name: str) -> bool:
    """Tell whether a folder's name is a UTC day."""
    return _DAY.fullmatch(name) is not None
