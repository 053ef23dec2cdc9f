"""Card formats: fields and parity bits of cards, by masks. H10301, H10304 and MIFARE serial numbers are masks like any other.

Bits are counted from 1, the first that the reader sends and the most significant. H10301 (HID, public): 26 bits; bit 1 even
parity over 2 to 13, facility code 2 to 9, card number 10 to 25, bit 26 odd parity over 14 to 25. H10304 (HID, public): 37 bits;
bit 1 even parity over 2 to 19, facility code 2 to 17, card number 18 to 36, bit 37 odd parity over 19 to 36; bit 19 is in both.
MIFARE serial numbers (CSN): 4 or 7 bytes without parity, which readers send in one order or the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from sitewarden.domain.access.card_formats import CardFormat, FieldMask, ParityMask
from sitewarden.domain.access.cards import canonical_card, format_card, parse_card
from sitewarden.domain.access.snapshot import FormatRow
from sitewarden.domain.errors import Invalid


class Parity(Struct, frozen=True):
    """`bit` is set so that the ones within `mask`, which has it, are odd or even in number."""

    bit: int
    mask: int
    odd: bool

    def holds(self, value: int) -> bool:
        """Tell whether a card's parity is right."""
        return bool((value & self.mask).bit_count() & 1) is self.odd


class Format(Struct, frozen=True):
    """A format ready for use: `fields` are name and mask. A parity that covers another one's bit comes after it."""

    name: str
    bits: int
    fields: tuple[tuple[str, int], ...] = ()
    parities: tuple[Parity, ...] = ()
    reversed: bool = False

    def encode(self, values: Mapping[str, int]) -> int:
        """Return the bits of a card with these fields, its parities set; raises Invalid for a field missing or too large."""
        card = 0
        for name, mask in self.fields:
            value = values.get(name)
            most = (1 << mask.bit_count()) - 1
            if value is None or not 0 <= value <= most:
                given = "is missing" if value is None else f"{value} is not within 0 to {most}"
                raise Invalid(f"{name} {given}", where=name, remedy=f"{self.name} has {mask.bit_count()} bits for it.")
            card |= _spread(value, mask)
        for name in values:
            if name not in dict(self.fields):
                raise Invalid(f"{self.name} has no field {name}", where=name, remedy=f"It has {', '.join(dict(self.fields))}.")
        for parity in self.parities:
            if not parity.holds(card):
                card ^= parity.bit
        return card

    def decode(self, value: int) -> dict[str, int]:
        """Return the fields of a card; raises Invalid where it has other bits or a wrong parity."""
        if not 0 <= value < 1 << self.bits:
            raise Invalid(f"{self.name} has {self.bits} bits", where="card", remedy="Check the format that the reader sends.")
        if not all(parity.holds(value) for parity in self.parities):
            raise Invalid(
                "the parity of the card is wrong", where="card", remedy="Present the card again; check the reader's cable."
            )
        return {name: _gather(value, mask) for name, mask in self.fields}

    def text(self, values: Mapping[str, int]) -> str:
        """Return the card with these fields in its text form."""
        return format_card(self.bits, self.encode(values))


def _spread(value: int, mask: int) -> int:
    """Put the bits of `value` where `mask` has ones, the least significant first."""
    card = 0
    while mask:
        low = mask & -mask
        if value & 1:
            card |= low
        value >>= 1
        mask ^= low
    return card


def _gather(card: int, mask: int) -> int:
    value, place = 0, 0
    while mask:
        low = mask & -mask
        if card & low:
            value |= 1 << place
        place += 1
        mask ^= low
    return value


def mask_of(text: str, bits: int, where: str) -> int:
    """Return the mask of "2-9,12" in a card of `bits`; raises Invalid for what lies outside."""
    mask = 0
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin, end = int(first), int(last or first)
        if not 1 <= begin <= end <= bits:
            raise Invalid(
                f"{part} is not within the bits 1 to {bits}", where=where, remedy="Count from the first bit sent, as 2-9,12."
            )
        mask |= ((1 << (end - begin + 1)) - 1) << (bits - end)
    return mask


def _made(name: str, bits: int, fields: Sequence[FieldMask], parities: Sequence[ParityMask], reversed_: bool) -> Format:
    masks = tuple((one.name, mask_of(one.bits, bits, "fields")) for one in fields)
    taken = 0
    for field, mask in masks:
        if taken & mask:
            raise Invalid(f"{field} shares bits with another field", where="fields", remedy="Give each bit to one field.")
        taken |= mask
    made = []
    for parity in parities:
        if parity.bit > bits:
            raise Invalid(f"there is no bit {parity.bit}", where="parities", remedy=f"The card has {bits} bits.")
        bit = 1 << (bits - parity.bit)
        if taken & bit:
            raise Invalid(f"bit {parity.bit} is in a field", where="parities", remedy="A parity bit belongs to no field.")
        made.append(Parity(bit, mask_of(parity.covers, bits, "parities") | bit, parity.kind == "odd"))
    if len({parity.bit for parity in made}) < len(made):
        raise Invalid("two parities have the same bit", where="parities", remedy="Give each its own.")
    if reversed_ and bits % 8:
        raise Invalid(f"{bits} bits are no whole bytes", where="byte_order", remedy="Choose as-sent.")
    return Format(name, bits, masks, _ordered(made), reversed_)


def _ordered(parities: Sequence[Parity]) -> tuple[Parity, ...]:
    """Return parities in the order in which their bits can be set; raises Invalid where they cover each other in a ring."""
    left, done = list(parities), []
    while left:
        ready = next((one for one in left if not any(one.mask & other.bit for other in left if other is not one)), None)
        if ready is None:
            raise Invalid("parities cover each other's bits", where="parities", remedy="One of them may cover the other.")
        left.remove(ready)
        done.append(ready)
    return tuple(done)


def _field(name: str, bits: str) -> FieldMask:
    return FieldMask(name=name, bits=bits)


BUILT_IN: Final[dict[str, tuple[int, tuple[FieldMask, ...], tuple[ParityMask, ...]]]] = {
    "h10301": (
        26,
        (_field("facility", "2-9"), _field("number", "10-25")),
        (ParityMask(bit=1, covers="2-13", kind="even"), ParityMask(bit=26, covers="14-25", kind="odd")),
    ),
    "h10304": (
        37,
        (_field("facility", "2-17"), _field("number", "18-36")),
        (ParityMask(bit=1, covers="2-19", kind="even"), ParityMask(bit=37, covers="19-36", kind="odd")),
    ),
    "mifare-csn-4": (32, (_field("number", "1-32"),), ()),
    "mifare-csn-7": (56, (_field("number", "1-56"),), ()),
}
"""Kind of a card format to its bits, fields and parities."""


def format_of(entity: CardFormat) -> Format:
    """Return the format of an entity; raises Invalid where its masks do not fit."""
    if entity.kind == "generic":
        bits, fields, parities = entity.bits, entity.fields, entity.parities
    else:
        bits, fields, parities = BUILT_IN[entity.kind]
    return _made(entity.name, bits, fields, parities, entity.byte_order == "reversed")


H10301: Final = _made("H10301", *BUILT_IN["h10301"], False)
H10304: Final = _made("H10304", *BUILT_IN["h10304"], False)


def row_of(entity: CardFormat) -> FormatRow:
    """Return a format as the snapshot has it."""
    made = format_of(entity)
    masks = tuple((f"{parity.mask:x}", parity.odd) for parity in made.parities)
    return FormatRow(entity.id, entity.name, made.bits, made.reversed, masks)


class FormatTable:
    """The formats of a snapshot, asked at readers that take no others."""

    def __init__(self, rows: Sequence[FormatRow]) -> None:
        self._rows = [
            (row.bits, row.reversed, tuple((int(mask, 16), odd) for mask, odd in row.parities), row.name) for row in rows
        ]

    def read(self, places: Sequence[int], card: str) -> str:
        """Return a card in the form in which credentials have it; raises Invalid where it fits none of the formats."""
        key = parse_card(card)
        count = key.bit_length() - 1
        value = key ^ (1 << count)
        for place in places:
            bits, reversed_, parities, _ = self._rows[place]
            if bits == count and all(bool((value & mask).bit_count() & 1) is odd for mask, odd in parities):
                return format_card(bits, turned(bits, value) if reversed_ else value)
        names = ", ".join(self._rows[place][3] for place in places)
        raise Invalid(
            f"a card of {count} bits does not fit {names}", where="card", remedy="Check the formats of the access point."
        )


def turned(bits: int, value: int) -> int:
    """Return whole bytes in reversed order."""
    return int.from_bytes(value.to_bytes(bits // 8, "big"), "little")


def card_of(text: str, formats: Mapping[str, Format]) -> str:
    """Return the text form of a card that was written by its bits, its format and fields, or its serial number.

    "26:2a6f3b1" stays; "h10301:71:1001" and "acme:71:1001" name a built-in format or one of `formats`, then its fields;
    "csn:04a1b2c3" has 4 or 7 bytes in the order in which they are printed. Raises Invalid.
    """
    name, _, rest = text.partition(":")
    if name.isdigit():
        return canonical_card(text)
    if name == "csn":
        digits = rest.replace(":", "").replace(" ", "").lower()
        if len(digits) not in (8, 14) or not all(digit in "0123456789abcdef" for digit in digits):
            raise Invalid(f"{rest[:40]!r} is no serial number", where="card", remedy="Write 4 or 7 bytes, as in csn:04a1b2c3.")
        return format_card(len(digits) * 4, int(digits, 16))
    found = formats.get(name) or {"h10301": H10301, "h10304": H10304}.get(name)
    if found is None:
        raise Invalid(f"there is no card format {name[:40]!r}", where="card", remedy='Write "26:2a6f3b1" or "h10301:71:1001".')
    values = rest.split(":")
    names = [field for field, _ in found.fields]
    if len(values) != len(names) or not all(value.isascii() and value.isdigit() and len(value) < 80 for value in values):
        wanted = ":".join([name, *names])
        raise Invalid(
            f"{text[:80]!r} does not have the fields of {found.name}", where="card", remedy=f"Write {wanted} with numbers."
        )
    return found.text(dict(zip(names, map(int, values), strict=True)))
