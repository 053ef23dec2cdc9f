"""Card formats as entities: which bits of a card are which field, and what its parity bits cover."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Entity

Bits = Annotated[
    str, Meta(pattern=r"^\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*$", max_length=400, description="Bits from 1, as 2-9,12.")
]
"""Bits counted from 1, the first that the reader sends: a mask of up to 256 bits as a person writes it."""


class FieldMask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number within a card, most significant bit first."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    bits: Bits


class ParityMask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A parity bit: `bit` makes the count of ones in itself and in `covers` even or odd."""

    bit: Annotated[int, Meta(ge=1, le=256)]
    covers: Bits
    kind: Literal["even", "odd"] = "even"


class CardFormat(Entity, frozen=True, kw_only=True):
    """How cards of one make are read. `bits`, `fields` and `parities` count for the kind generic alone."""

    kind: Literal["h10301", "h10304", "mifare-csn-4", "mifare-csn-7", "generic"] = "h10301"
    byte_order: Literal["as-sent", "reversed"] = "as-sent"
    """Whether the reader sends the bytes of the serial number in the order in which cards are kept; whole bytes alone reverse."""
    bits: Annotated[int, Meta(ge=1, le=256)] = 26
    fields: Annotated[tuple[FieldMask, ...], Meta(max_length=4)] = ()
    parities: Annotated[tuple[ParityMask, ...], Meta(max_length=4)] = ()
