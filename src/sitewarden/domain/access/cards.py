"""Cards as bits: the text form "26:2a6f3b1", and the H10301 format (26 bits, HID's public standard).

H10301, most significant bit first: even parity over the next 12 bits, 8 bits of facility code, 16 bits of card number,
odd parity over the 12 bits before it.
"""

from __future__ import annotations

from sitewarden.domain.errors import Invalid

MAX_BITS = 256
_REMEDY = 'Write the number of bits, a colon and the bits as hexadecimal digits, as in "26:2a6f3b1".'


def card_key(bits: int, value: int) -> int:
    """Return the number that stands for a card in tables: its bits below a leading one, so that lengths differ."""
    return (1 << bits) | value


def parse_card(text: str) -> int:
    """Return the key of a card's text form; raises Invalid where it is not one."""
    count, colon, digits = text.partition(":")
    if not colon or not count.isascii() or not count.isdigit() or not digits or len(count) > 3 or len(digits) > MAX_BITS // 4:
        raise Invalid(f"{text[:80]!r} is not a card", where="card", remedy=_REMEDY)
    bits = int(count)
    if not 1 <= bits <= MAX_BITS:
        raise Invalid(f"a card has 1 to {MAX_BITS} bits, not {bits}", where="card", remedy=_REMEDY)
    if digits.strip("0123456789abcdef"):
        raise Invalid(f"{digits[:80]!r} is not lower-case hexadecimal", where="card", remedy=_REMEDY)
    value = int(digits, 16)
    if value >> bits:
        raise Invalid(f"{digits} needs more than {bits} bits", where="card", remedy=_REMEDY)
    return card_key(bits, value)


def format_card(bits: int, value: int) -> str:
    """Return the one text form of a card: the count of bits, and the value with no leading zeros."""
    return f"{bits}:{value:x}"


def canonical_card(text: str) -> str:
    """Return the one text form of a card that was written with leading zeros; raises Invalid."""
    key = parse_card(text)
    bits = key.bit_length() - 1
    return format_card(bits, key ^ (1 << bits))


def encode_h10301(facility: int, number: int) -> int:
    """Return the 26 bits of a card; `facility` is 0 to 255, `number` 0 to 65535. Raises Invalid beyond that."""
    if not 0 <= facility <= 0xFF:
        raise Invalid(f"facility code {facility} is not within 0 to 255", where="facility", remedy="H10301 has 8 bits for it.")
    if not 0 <= number <= 0xFFFF:
        raise Invalid(f"card number {number} is not within 0 to 65535", where="number", remedy="H10301 has 16 bits for it.")
    body = (facility << 16) | number
    even = (body >> 12).bit_count() & 1
    odd = ~(body & 0xFFF).bit_count() & 1
    return (even << 25) | (body << 1) | odd


def decode_h10301(value: int) -> tuple[int, int]:
    """Return (facility, number) of 26 bits; raises Invalid where a parity bit is wrong."""
    if not 0 <= value < 1 << 26:
        raise Invalid("H10301 has 26 bits", where="card", remedy="Check the card format that the reader sends.")
    if (value >> 13).bit_count() & 1 or not (value & 0x1FFF).bit_count() & 1:
        raise Invalid("the parity of the card is wrong", where="card", remedy="Present the card again; check the reader's cable.")
    return (value >> 17) & 0xFF, (value >> 1) & 0xFFFF
