"""Durations as PromQL writes them ("1h30m") and microseconds."""

from __future__ import annotations

import re
from typing import Final

UNITS: Final = (
    ("y", 365 * 86_400_000_000),
    ("w", 7 * 86_400_000_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
)
LONGEST: Final = 100 * UNITS[0][1]
"""Prometheus' own bound is 292 years, which is what an int64 of nanoseconds holds."""
_FORM: Final = re.compile("".join(f"(?:([0-9]{{1,18}}){unit})?" for unit, _ in UNITS))


def parse_duration(text: str) -> int:
    """Return microseconds; raise ValueError in Prometheus' words."""
    found = _FORM.fullmatch(text)
    if not text or found is None:
        raise ValueError(f'not a valid duration string: "{text}"')
    total = sum(int(part) * size for part, (_, size) in zip(found.groups(), UNITS, strict=True) if part)
    if total > LONGEST:
        raise ValueError("duration out of range")
    return total


def show_duration(value: int) -> str:
    """Return the text of a duration that is a whole number of milliseconds; the shortest in units without years and weeks."""
    if value < 0:
        return "-" + show_duration(-value)
    parts: list[str] = []
    for unit, size in UNITS[2:]:
        count, value = divmod(value, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
