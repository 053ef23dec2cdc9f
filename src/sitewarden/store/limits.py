"""Bounds on what one read may ask for. Pure."""

from __future__ import annotations

from sitewarden.domain.errors import Invalid


def check_limit(limit: int, highest: int, where: str) -> int:
    """Return `limit` where it is 1 to `highest`; refuse it otherwise."""
    if not 1 <= limit <= highest:
        raise Invalid(f"A limit of {limit} is not possible.", where=where, remedy=f"Ask for 1 to {highest} at a time.")
    return limit
