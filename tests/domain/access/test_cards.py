"""Cards: H10301 against worked examples, and text forms both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.access.cards import canonical_card, card_key, decode_h10301, encode_h10301, format_card, parse_card
from sitewarden.domain.errors import Invalid

TABLE = [(0, 0, "00000000000000000000000001"), (1, 1, "10000000100000000000000010"), (255, 65535, "01111111111111111111111111"),
         (159, 1881, "01001111100000111010110010")]  # fmt: skip


@pytest.mark.parametrize(("facility", "number", "bits"), TABLE)
def test_h10301_by_hand(facility: int, number: int, bits: str) -> None:
    assert f"{encode_h10301(facility, number):026b}" == bits
    assert decode_h10301(int(bits, 2)) == (facility, number)


@given(st.integers(0, 255), st.integers(0, 65535), st.integers(0, 25))
def test_h10301_both_ways_and_one_wrong_bit_is_seen(facility: int, number: int, bit: int) -> None:
    value = encode_h10301(facility, number)
    assert decode_h10301(value) == (facility, number)
    with pytest.raises(Invalid):
        decode_h10301(value ^ (1 << bit))


@given(st.integers(1, 256).flatmap(lambda bits: st.tuples(st.just(bits), st.integers(0, (1 << bits) - 1))))
def test_text_form_both_ways(card: tuple[int, int]) -> None:
    bits, value = card
    assert parse_card(format_card(bits, value)) == card_key(bits, value)
    assert canonical_card(f"{bits}:{value:064x}") == format_card(bits, value)


@pytest.mark.parametrize(
    "text", ["", "26", "26:", ":1", "0:0", "257:1", "26:4000000", "26:1G", "26:0X1", "26: 1", "26:-1", "x:1", "²6:1", "26:A1"]
)
def test_what_is_no_card(text: str) -> None:
    with pytest.raises(Invalid):
        parse_card(text)


@given(st.text(max_size=90))
def test_any_text_is_a_card_or_refused(text: str) -> None:
    try:
        assert parse_card(text) > 1
    except Invalid:
        pass
