"""What an import of machines would do: what is added, changed, kept and left, and the errors by line."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.tabular import FieldChange

Kind = Literal["endpoint", "device", "point"]
Action = Literal["add", "change", "keep"]
Mode = Annotated[
    Literal["keep", "overwrite", "merge"],
    Meta(
        description=(
            "What happens to what is there already and differs. keep: it stays as it is. overwrite: what the file names counts, "
            "what is empty there is emptied. merge: what the file gives counts, what is empty leaves, lists and settings gain."
        )
    ),
]


class MachineChange(Struct, frozen=True, kw_only=True):
    """One entity that the import adds, changes, or leaves though the file says otherwise (`keep`)."""

    line: int
    action: Action
    kind: Kind
    id: str
    name: str
    fields: tuple[FieldChange, ...]
    note: str = ""
    """What a person should know of it, such as another point of the same address."""


class MachineCounts(Struct, kw_only=True):
    """How many entities; `kept` are in conflict with the file and stay. A file that names none has 0 `lines`."""

    added: int = 0
    changed: int = 0
    kept: int = 0
    same: int = 0
    endpoints: int = 0
    devices: int = 0
    points: int = 0
    """Of the added and changed."""
    notes: int = 0
    lines: int = 0
    errors: int = 0
