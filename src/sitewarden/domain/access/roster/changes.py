"""What an import would do: what is added, changed and left, and the errors by line."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.tabular import SHOWN, FieldChange, LineError

Mode = Annotated[
    Literal["keep", "overwrite", "merge"],
    Meta(
        description=(
            "What happens to people who are there already. keep: they stay as they are. overwrite: the columns of the file "
            "count, an empty cell empties. merge: what the file gives counts, empty cells leave, lists gain."
        )
    ),
]


class RosterChange(Struct, frozen=True, kw_only=True):
    """One person or credential that the import adds or changes."""

    line: int
    action: Literal["add", "change"]
    kind: Literal["credential-holder", "credential"]
    id: str
    name: str
    fields: tuple[FieldChange, ...]


class Counts(Struct, kw_only=True):
    """How many of each."""

    holders_added: int = 0
    holders_changed: int = 0
    holders_same: int = 0
    credentials_added: int = 0
    credentials_changed: int = 0
    credentials_same: int = 0
    lines: int = 0
    errors: int = 0


__all__ = ["SHOWN", "Counts", "FieldChange", "LineError", "Mode", "RosterChange"]
