"""What a cell says: yes and no, moments of the site's zone, lists, profiles with their validity. Raises Invalid."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sitewarden.domain.access.people import CredentialProfile, Identifier
from sitewarden.domain.clock import from_datetime
from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import is_id
from sitewarden.domain.tabular import LIST

_YES, _NO = frozenset({"yes", "true", "1", "y", "x"}), frozenset({"no", "false", "0", "n"})
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?").fullmatch
_KINDS = frozenset({"card", "licence-plate", "fingerprint", "face", "iris", "vein", "palm"})


def yes_or_no(text: str) -> bool:
    """Return what yes and no say."""
    lowered = text.lower()
    if lowered in _YES:
        return True
    if lowered in _NO:
        return False
    raise Invalid(f"{text[:40]!r} is neither yes nor no.", remedy="Write yes or no.")


def id_in(text: str, what: str) -> str:
    """Return an id."""
    if not is_id(text):
        raise Invalid(
            f"{text[:70]!r} cannot be the id of a {what}.", remedy="Use a-z, 0-9 and hyphens, 1 to 63 characters, as in ada-b."
        )
    return text


@lru_cache(4096)
def moment(text: str, zone: ZoneInfo, *, end: bool) -> int:
    """Return microseconds since 1970 UTC. A date alone is its first moment, as an `end` that of the day after."""
    found = _DATE(text)
    try:
        if found is None:
            raise ValueError
        day, clock, offset = found.groups()
        if clock is None:
            local = datetime.fromisoformat(day) + timedelta(days=1 if end else 0)
            return from_datetime(local.replace(tzinfo=zone))
        clock = clock if len(clock.partition(":")[0]) == 2 else f"0{clock}"
        whole, _, part = clock.partition(".")
        made = datetime.fromisoformat(f"{day}T{whole}").replace(microsecond=int(part.ljust(6, "0") or 0))
        if offset is None:
            return from_datetime(made.replace(tzinfo=zone))
        shift = "+00:00" if offset == "Z" else offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"
        return from_datetime(datetime.fromisoformat(made.isoformat() + shift))
    except (ValueError, OverflowError):
        raise Invalid(f"{text[:40]!r} is no moment.", remedy="Write 2026-03-01 or 2026-03-01 08:00.") from None


@lru_cache(4096)
def items(text: str) -> tuple[str, ...]:
    """Return the items of a list, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(LIST) if part.strip()))


@lru_cache(4096)
def profile(text: str, zone: ZoneInfo) -> CredentialProfile:
    """Return a profile of "staff" or "staff@from/to"; either side of the slash may be empty."""
    id_, at, validity = text.partition("@")
    begin, slash, end = validity.partition("/")
    if at and not slash:
        raise Invalid(f"{text[:60]!r} has no slash.", remedy="Write staff@2026-01-01/2026-12-31, either date may be missing.")
    return CredentialProfile(
        profile=id_in(id_.strip(), "profile"),
        valid_from=moment(begin.strip(), zone, end=False) if begin.strip() else None,
        valid_to=moment(end.strip(), zone, end=True) if end.strip() else None,
    )


def identifier(text: str) -> Identifier:
    """Return an identifier of "licence-plate=B AB 123"."""
    type_, equals, value = text.partition("=")
    if not equals or type_.strip() not in _KINDS or not value.strip():
        raise Invalid(f"{text[:60]!r} is no identifier.", remedy="Write licence-plate=B AB 123, or card=, face=, fingerprint=, …")
    return Identifier(type=type_.strip(), value=value.strip())  # type: ignore[arg-type]
