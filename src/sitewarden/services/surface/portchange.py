"""Messages of a change of a port."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.portchange import Reach

RowName = Annotated[str, Meta(max_length=60)]


class PortRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the port manifest."""

    row: RowName


class ChangePort(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Try another number for a row. It goes back by itself unless it is kept within the trial."""

    row: RowName
    number: Annotated[int, Meta(ge=1, le=65535)]
    reason: Annotated[str, Meta(max_length=500)] = ""


class KeepPort(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keep the number that is tried. `proof` is what the new number alone gives out, at /port-trial."""

    row: RowName
    proof: Annotated[str, Meta(max_length=100)] = ""
    reason: Annotated[str, Meta(max_length=500)] = ""


class UndoPort(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give up the number that is tried at once."""

    row: RowName
    reason: Annotated[str, Meta(max_length=500)] = ""


class PortTrial(Struct, frozen=True, kw_only=True):
    """A number that is tried; the old one works on beside it."""

    row: str
    old: int
    new: int
    ends: int
    """Microseconds since 1970 UTC; then it goes back."""
    seconds: float
    """Until then."""
    actor: str
    reach: Reach
    """How it is kept: from the console on the new number, by the proof that the redirect there gives, or from anywhere."""
    warnings: tuple[str, ...] = ()


class PortOutcome(Struct, frozen=True, kw_only=True):
    """How the last change of a row ended."""

    outcome: Literal["kept", "undone"]
    old: int
    new: int
    time: int
    why: str = ""


class PortState(Struct, frozen=True, kw_only=True):
    """The number of a row now, the one that is tried, and how the last change ended (in the life of this core process)."""

    row: str
    number: int | None
    trial: PortTrial | None = None
    last: PortOutcome | None = None
    interrupts: str = ""
    """What a kept change cuts, in a sentence."""
    trial_seconds: float
    """How long a new number is tried."""
