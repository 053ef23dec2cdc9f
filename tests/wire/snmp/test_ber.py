"""Names, numbers and lengths: byte tables drive reader and writer both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.snmp import ber
from sitewarden.wire.snmp.ber import WireError

OIDS = [
    ("1.3.6.1.2.1.1.3.0", "2b06010201010300"),
    ("1.3.6.1.4.1.8072.3.2.10", "2b06010401bf0803020a"),
    ("0.0", "00"),
    ("2.100.3", "813403"),
    ("1.3.4294967295", "2b8fffffff7f"),
    ("2.4294967215", "8fffffff7f"),
]
INTEGERS = [(0, "020100"), (127, "02017f"), (128, "02020080"), (-128, "020180"), (-129, "0202ff7f"), (2**31 - 1, "02047fffffff")]
LENGTHS = [(0, "00"), (127, "7f"), (128, "8180"), (255, "81ff"), (256, "820100"), (65536, "83010000")]
BAD_TEXT = ["", "1", "3.1", "1.40", "1..3", "1.3.-1", "1.3.x", "1.3.4294967296", "1.3." + ".".join("1" * 127), "١.٣"]
BAD_BYTES = ["", "80", "2b81", "2b9080808000"]


@pytest.mark.parametrize(("text", "data"), OIDS)
def test_object_identifiers(text: str, data: str) -> None:
    assert ber.oid(text).hex() == data
    assert ber.oid("." + text).hex() == data
    assert ber.oid_text(bytes.fromhex(data)) == text


@pytest.mark.parametrize("text", BAD_TEXT)
def test_what_is_no_object_identifier_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        ber.oid(text)


@pytest.mark.parametrize("data", BAD_BYTES)
def test_bytes_that_are_none_are_refused(data: str) -> None:
    with pytest.raises(WireError):
        ber.oid_text(bytes.fromhex(data))


@pytest.mark.parametrize(("value", "data"), INTEGERS)
def test_integers(value: int, data: str) -> None:
    assert ber.write_integer(value).hex() == data
    assert ber.integer(bytes.fromhex(data), 0, len(data) // 2) == (value, len(data) // 2)


@pytest.mark.parametrize(("count", "data"), LENGTHS)
def test_lengths(count: int, data: str) -> None:
    assert ber.length(count).hex() == data
    whole = bytes((4,)) + bytes.fromhex(data) + bytes(count)
    assert ber.header(whole, 0, len(whole)) == (4, len(whole) - count, len(whole))


@pytest.mark.parametrize("data", ["02", "0205000000000000", "0200", "0280", "028500", "0402ff", "300100"])
def test_broken_elements_are_refused(data: str) -> None:
    with pytest.raises(WireError):
        ber.integer(bytes.fromhex(data), 0, len(data) // 2)


@given(st.lists(st.integers(0, ber.ARC), min_size=1, max_size=40), st.integers(0, 2), st.integers(0, 39))
def test_any_name_survives(rest: list[int], top: int, second: int) -> None:
    text = ".".join(map(str, (top, second, *rest)))
    assert ber.oid_text(ber.oid(text)) == text


@given(st.lists(st.integers(0, ber.ARC), min_size=1, max_size=6), st.lists(st.integers(0, ber.ARC), min_size=1, max_size=6))
def test_names_sort_by_their_numbers(one: list[int], other: list[int]) -> None:
    """RFC 3416, clause 4.2.2: GETNEXT goes by numbers, not by bytes."""
    first, second = (ber.oid(".".join(map(str, (1, 3, *rest)))) for rest in (one, other))
    assert (ber.arcs(first) < ber.arcs(second)) == (one < other)


@given(st.sampled_from(sorted(ber.UNSIGNED)), st.integers(0, 2**64 - 1))
def test_unsigned_numbers_are_kept_or_refused(tag: int, value: int) -> None:
    if value > ber.UNSIGNED[tag]:
        with pytest.raises(WireError):
            ber.write_unsigned(tag, value)
        return
    start, stop = ber.expect(written := ber.write_unsigned(tag, value), 0, len(written), tag)
    assert int.from_bytes(written[start:stop]) == value
