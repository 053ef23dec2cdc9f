"""Which backups are kept, and how old the last one may be. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from sitewarden.domain.clock import to_datetime

S3: Final = "s3://"
"""How a destination begins that is a bucket: s3://BUCKET/FOLDER."""
LATE: Final = 2.0
"""A last backup that is older than so many times the interval is late."""


class Outcome(Struct, frozen=True, kw_only=True):
    """How the last backups to a destination went. Times are microseconds since 1970 UTC; 0: never."""

    destination: str
    done: int = 0
    id: str = ""
    bytes: int = 0
    """Of all files in it."""
    stored: int = 0
    """What it added to the destination."""
    seconds: float = 0.0
    failed: int = 0
    problem: str = ""
    """Why the last one failed; empty where it did not."""


def kept(made: Iterable[tuple[str, int]], zone: ZoneInfo, *, days: int, weeks: int, months: int) -> set[str]:
    """Return which of the backups, as (id, moment), stay: the last of each of so many days, weeks and months that have one.

    The newest of all stays always.
    """
    newest_first = sorted(made, key=lambda one: -one[1])
    found = {newest_first[0][0]} if newest_first else set()
    for form, most in (("%Y-%m-%d", days), ("%G-%V", weeks), ("%Y-%m", months)):
        seen: set[str] = set()
        for id_, moment in newest_first:
            local: datetime = to_datetime(moment).astimezone(zone)
            name = local.strftime(form)
            if name not in seen and len(seen) < most:
                seen.add(name)
                found.add(id_)
    return found


def is_late(outcome: Outcome | None, now: int, hours: float) -> bool:
    """Tell whether a destination that is due every so many hours has had no backup for too long."""
    return outcome is None or now - outcome.done > hours * LATE * 3_600_000_000
