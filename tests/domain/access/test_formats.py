"""Card formats: published cards, masks both ways, and everything that a person may write for a card."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.access.card_formats import CardFormat, FieldMask, ParityMask
from sitewarden.domain.access.cards import encode_h10301, format_card
from sitewarden.domain.access.formats import H10301, H10304, Format, FormatTable, card_of, format_of, mask_of, row_of, turned
from sitewarden.domain.errors import Invalid

PUBLISHED = [
    # Proxmark3's help of `lf hid clone` and `wiegand decode`: the block on the card, of which the last 26 bits are the format's.
    (H10301, 0x2006EC0C86 & 0x3FFFFFF, 118, 1603),
    (H10301, 0x2006F623AE & 0x3FFFFFF, 123, 4567),
    # github.com/monkeyboard/Wiegand-Protocol-Library-for-Arduino, issue 33: the bits that a reader sent of a card so printed.
    (H10301, 0b10001010100111110000100100, 21, 15890),
    # github.com/flipperdevices/flipperzero-firmware, issue 1029: a 37-bit card as Proxmark3 read it.
    (H10304, 0x0584A2B940, 22602, 89248),
]


@pytest.mark.parametrize(("form", "bits", "facility", "number"), PUBLISHED)
def test_published_cards(form: Format, bits: int, facility: int, number: int) -> None:
    assert form.decode(bits) == {"facility": facility, "number": number}
    assert form.encode({"facility": facility, "number": number}) == bits


@pytest.mark.parametrize(
    ("form", "layout", "even", "odd"),
    [  # HID Tech Tip 5, "The Standard 26 Bit Format", and the 37-bit format with facility code, as their makers draw them.
        (H10301, "PFFFFFFFFNNNNNNNNNNNNNNNNP", "EXXXXXXXXXXXX.............", ".............XXXXXXXXXXXXO"),
        (
            H10304,
            "PFFFFFFFFFFFFFFFFNNNNNNNNNNNNNNNNNNNP",
            "EXXXXXXXXXXXXXXXXXX..................",
            "..................XXXXXXXXXXXXXXXXXXO",
        ),
    ],
)
def test_the_drawn_layouts(form: Format, layout: str, even: str, odd: str) -> None:
    def mask(drawing: str, letters: str) -> int:
        return int("".join("1" if letter in letters else "0" for letter in drawing), 2)

    assert dict(form.fields) == {"facility": mask(layout, "F"), "number": mask(layout, "N")}
    masks = {(mask(even, "E"), mask(even, "EX"), False), (mask(odd, "O"), mask(odd, "OX"), True)}
    assert {(parity.bit, parity.mask, parity.odd) for parity in form.parities} == masks


@given(st.integers(0, 255), st.integers(0, 65535))
def test_masks_make_what_the_encoder_of_26_bits_makes(facility: int, number: int) -> None:
    assert H10301.encode({"facility": facility, "number": number}) == encode_h10301(facility, number)


@given(st.integers(0, 0xFFFF), st.integers(0, 0x7FFFF), st.integers(0, 36))
def test_h10304_both_ways_and_one_wrong_bit_is_seen(facility: int, number: int, bit: int) -> None:
    value = H10304.encode({"facility": facility, "number": number})
    assert H10304.decode(value) == {"facility": facility, "number": number}
    with pytest.raises(Invalid, match="parity"):
        H10304.decode(value ^ (1 << bit))


ACME = CardFormat(
    id="acme",
    name="Acme",
    kind="generic",
    bits=40,
    fields=(FieldMask(name="site", bits="2-5,36-39"), FieldMask(name="number", bits="6-35")),
    parities=(ParityMask(bit=40, covers="1-39", kind="odd"), ParityMask(bit=1, covers="2-20")),
)


@given(st.integers(0, 255), st.integers(0, (1 << 30) - 1))
def test_a_parity_over_another_ones_bit_is_set_after_it(site: int, number: int) -> None:
    form = format_of(ACME)
    value = form.encode({"site": site, "number": number})
    assert form.decode(value) == {"site": site, "number": number}
    assert value.bit_count() & 1


def test_fields_are_cut_from_where_their_mask_says() -> None:
    form = format_of(ACME)
    assert form.encode({"site": 0xA5, "number": 0}) >> 1 & 0x7FFFFFFFFF & ~(1 << 38) == (0xA << 34) | 0x5


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"bits": 20}, "fields"),
        ({"fields": (FieldMask(name="a", bits="2-9"), FieldMask(name="b", bits="9"))}, "fields"),
        ({"fields": (FieldMask(name="a", bits="9-2"),)}, "fields"),
        ({"fields": (FieldMask(name="a", bits="0-2"),)}, "fields"),
        ({"parities": (ParityMask(bit=2, covers="3-4"),)}, "parities"),
        ({"parities": (ParityMask(bit=41, covers="3-4"),)}, "parities"),
        ({"parities": (ParityMask(bit=40, covers="1-3"), ParityMask(bit=40, covers="4-5"))}, "parities"),
        ({"parities": (ParityMask(bit=40, covers="1-3"), ParityMask(bit=1, covers="40"))}, "parities"),
        ({"bits": 41, "byte_order": "reversed"}, "byte_order"),
    ],
)
def test_masks_that_do_not_fit(change: dict[str, object], where: str) -> None:
    with pytest.raises(Invalid) as refusal:
        format_of(msgspec.structs.replace(ACME, **change))
    assert (refusal.value.where, bool(refusal.value.remedy)) == (where, True)


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("26:002a6f3b", "26:2a6f3b"),
        ("h10301:118:1603", "26:2ec0c86"),
        ("h10304:22602:89248", "37:584a2b940"),
        ("csn:04A1B2C3", "32:4a1b2c3"),
        ("csn:04:a1:b2:c3:d4:e5:f6", "56:4a1b2c3d4e5f6"),
        ("acme:165:9", format_card(40, format_of(ACME).encode({"site": 165, "number": 9}))),
    ],
)
def test_what_a_person_writes_for_a_card(text: str, card: str) -> None:
    assert card_of(text, {"acme": format_of(ACME)}) == card


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h10301",
        "h10301:118",
        "h10301:118:1603:1",
        "h10301:256:1",
        "h10301:-1:1",
        "csn:04a1b2",
        "nobody:1:2",
        "26:",
        "acme:1:x",
    ],
)
def test_what_is_no_card(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        card_of(text, {"acme": format_of(ACME)})
    assert refusal.value.remedy


@given(st.text(max_size=60))
def test_any_text_is_a_card_or_refused(text: str) -> None:
    try:
        assert ":" in card_of(text, {})
    except Invalid as refusal:
        assert refusal.remedy


CSN = CardFormat(id="csn", name="Serial numbers", kind="mifare-csn-4", byte_order="reversed")
TABLE = FormatTable([row_of(CardFormat(id="hid", name="HID", kind="h10301")), row_of(CSN)])


def test_a_reader_of_known_formats_turns_bytes_and_refuses_the_rest() -> None:
    assert TABLE.read((0, 1), "26:2ec0c86") == "26:2ec0c86"
    assert TABLE.read((0, 1), "32:c3b2a104") == "32:4a1b2c3"
    with pytest.raises(Invalid, match="does not fit HID, Serial numbers"):
        TABLE.read((0, 1), "26:2ec0c87")
    with pytest.raises(Invalid, match="37 bits"):
        TABLE.read((0,), "37:1")


@given(st.integers(1, 32).flatmap(lambda count: st.tuples(st.just(count * 8), st.integers(0, (1 << count * 8) - 1))))
def test_turning_twice_is_nothing(card: tuple[int, int]) -> None:
    bits, value = card
    assert turned(bits, turned(bits, value)) == value


def test_bits_are_counted_from_the_first_that_is_sent() -> None:
    assert mask_of("1", 8, "") == 0b10000000
    assert mask_of("2-4,8", 8, "") == 0b01110001
    assert mask_of("1-256", 256, "") == (1 << 256) - 1
