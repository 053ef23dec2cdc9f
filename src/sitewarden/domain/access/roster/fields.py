"""Which field of an entity a column holds, how its text is read, and what differs between two entities as text. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sitewarden.domain.access.formats import Format, card_of
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.roster import cells as read
from sitewarden.domain.access.roster.changes import FieldChange
from sitewarden.domain.access.roster.writing import credential_cells, holder_cells
from sitewarden.domain.errors import Invalid
from sitewarden.domain.tabular import LIST

DEFAULT_HOLDER = CredentialHolder(id="x", name="x")
DEFAULT_CREDENTIAL = Credential(id="x", name="x", holder="x")


@dataclass(frozen=True)
class Known:
    """The site as far as people refer to it."""

    holders: Mapping[str, CredentialHolder]
    credentials: Mapping[str, Credential]
    groups: frozenset[str]
    profiles: frozenset[str]
    areas: frozenset[str]
    formats: Mapping[str, Format]
    zone: ZoneInfo
    pin_key: bytes = b""


def differences(before: Any, after: CredentialHolder | Credential, zone: ZoneInfo) -> tuple[FieldChange, ...]:
    """Return the columns that differ, as text; of a PIN only that it is new."""
    old: dict[str, str]
    if isinstance(after, CredentialHolder):
        old, new = holder_cells(before or DEFAULT_HOLDER, zone), holder_cells(after, zone)
    else:
        old, new = credential_cells(before or DEFAULT_CREDENTIAL, zone), credential_cells(after, zone)
    skipped = ("holder", "credential")
    found = [
        FieldChange(name, "" if before is None else old.get(name, ""), new.get(name, ""))
        for name in dict.fromkeys((*new, *old))
        if new.get(name, "") != old.get(name, "") and name not in skipped
    ]
    if isinstance(after, Credential) and after.pin_hash != (before.pin_hash if before is not None else ""):
        found.append(FieldChange("pin", "", "set"))
    return tuple(found)


Cell = tuple[str, Any, Callable[[str, Known], Any]]
"""Field of the entity, what an emptied cell leaves, and how the text is read."""


def _text(text: str, known: Known) -> str:
    return text


def _flag(text: str, known: Known) -> bool:
    return read.yes_or_no(text)


def _ids(what: str) -> Callable[[str, Known], tuple[str, ...]]:
    return lambda text, known: tuple(read.id_in(one, what) for one in read.items(text))


def _from(text: str, known: Known) -> int:
    return read.moment(text, known.zone, end=False)


def _to(text: str, known: Known) -> int:
    return read.moment(text, known.zone, end=True)


def card_text(text: str, known: Known) -> str:
    """Return a card in its one text form; raises Invalid."""
    return card_of(text, known.formats)


def _profiles(text: str, known: Known) -> tuple[CredentialProfile, ...]:
    found = tuple(read.profile(one, known.zone) for one in read.items(text))
    if len({one.profile for one in found}) < len(found):
        raise Invalid("A profile stands there twice.", remedy=f"Write each once, {LIST} between them.")
    return found


HOLDER_CELLS: dict[str, Cell] = {
    "name": ("name", "", _text),
    "kind": ("kind", "person", lambda text, known: text.lower()),
    "host": ("host", None, lambda text, known: read.id_in(text, "person")),
    "company": ("company", "", _text),
    "groups": ("groups", (), _ids("group")),
    "enabled": ("enabled", True, _flag),
    "valid_from": ("valid_from", None, _from),
    "valid_to": ("valid_to", None, _to),
    "antipassback_exempt": ("antipassback_exempt", False, _flag),
    "area": ("area", None, lambda text, known: read.id_in(text, "area")),
    "tags": ("tags", (), lambda text, known: read.items(text)),
    "description": ("description", "", _text),
}
CREDENTIAL_CELLS: dict[str, Cell] = {
    "credential_name": ("name", "", _text),
    "card": ("card", "", card_text),
    "identifiers": ("identifiers", (), lambda text, known: tuple(read.identifier(one) for one in read.items(text))),
    "credential_enabled": ("enabled", True, _flag),
    "disabled_reason": ("disabled_reason", "", lambda text, known: text.lower()),
    "credential_valid_from": ("valid_from", None, _from),
    "credential_valid_to": ("valid_to", None, _to),
    "extended_grant_time": ("extended_grant_time", False, _flag),
    "profiles": ("profiles", (), _profiles),
}
