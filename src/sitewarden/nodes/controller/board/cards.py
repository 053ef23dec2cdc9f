"""A card as a reader tells it over OSDP (osdp_RAW) to bits and value. Pure."""

from __future__ import annotations

from sitewarden.domain.access.cards import MAX_BITS

ASCII = 2


def read_card(data: bytes, bits: int, *, backward: bool = False) -> tuple[int, int] | None:
    """Return (bits, value) of card data, most significant bit first; None where the lengths do not fit or exceed MAX_BITS.

    `backward` tells that the reader sent the bits in the opposite order.
    """
    if not 1 <= bits <= MAX_BITS or len(data) * 8 < bits or len(data) * 8 - bits >= 8:
        return None
    value = int.from_bytes(data, "big") >> (len(data) * 8 - bits)
    if backward:
        value = int(f"{value:0{bits}b}"[::-1], 2)
    return bits, value
