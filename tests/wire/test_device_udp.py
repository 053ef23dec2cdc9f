"""Datagrams of UDP 51110: the byte tables of docs/protocols/device-udp.md drive writer and reader; the guard's window."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.errors import Conflict, Forbidden, Invalid, TooMany
from sitewarden.wire import device_udp as wire
from sitewarden.wire.device_udp import (
    KINDS,
    SEARCH_SIZE,
    WINDOW,
    Confirm,
    Done,
    Found,
    Guard,
    Ipv4,
    Refused,
    Reset,
    Search,
    SetNetwork,
    Stamp,
    check_network,
    decode,
    encode,
    key_of,
)
from sitewarden.wire.pairing import parse_code
from tests.fuzz.device_udp import check

PAGE = (Path(__file__).parents[2] / "docs/protocols/device-udp.md").read_text()
CODE = parse_code(re.findall(r"code `([0-9A-Z-]+)`", PAGE)[0])
KEY = key_of(CODE, "front")
EXAMPLES = re.findall(r"^\| `(\w+\(.*\))` \| `([0-9a-f]+)` \|", PAGE, re.MULTILINE)
STAMP = Stamp("front", b"B" * 8, 50_000, b"N" * 16)

words = st.text(max_size=60)
addresses = st.ip_addresses(v=4).map(str)
networks = st.builds(Ipv4, st.booleans(), addresses, st.integers(0, 32), addresses)
devices = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
shorts, longs = st.binary(min_size=8, max_size=8), st.binary(min_size=16, max_size=16)
stamps = st.builds(Stamp, devices, shorts, st.integers(0, 2**53), longs)
ascii_words = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
messages = st.one_of(
    st.builds(Search, shorts, st.just("") | devices, st.integers(0, 5000)),
    st.builds(Found, shorts, devices, ascii_words, ascii_words, st.just("02:00:00:00:00:01"), networks,
              st.sampled_from(["server", "direct"]), ascii_words, st.booleans(), shorts, st.integers(0, 2**53), st.booleans()),
    st.builds(SetNetwork, stamps, networks),
    st.builds(Confirm, stamps),
    st.builds(Reset, stamps),
    st.builds(Done, devices, longs),
    st.builds(Refused, devices, longs, st.just("conflict"), ascii_words),
)  # fmt: skip


def test_the_page_has_an_example_of_every_kind() -> None:
    assert {example.partition("(")[0] for example, _ in EXAMPLES} == {model.__name__ for model in KINDS.values()}
    assert re.findall(r"^\| (\d) \| ([A-Z]\w+) \|", PAGE, re.MULTILINE) == [
        (str(n), model.__name__) for n, model in KINDS.items()
    ]


@pytest.mark.parametrize(("example", "expected"), EXAMPLES)
def test_the_bytes_of_the_page(example: str, expected: str) -> None:
    message = eval(example, vars(wire))
    written = encode(message, KEY)
    shown = written.rstrip(b"\0") if isinstance(message, Search) else written
    assert shown.hex() == expected
    read = decode(written)
    assert read.message == message
    assert isinstance(message, Search) or read.proven(KEY)


@given(messages)
def test_what_is_written_is_read_and_never_above_the_size_of_a_search(message: wire.Message) -> None:
    data = encode(message, KEY)
    assert decode(data).message == message
    assert len(data) <= SEARCH_SIZE <= wire.LIMIT


def test_no_answer_is_longer_than_the_search_however_long_its_fields() -> None:
    network = Ipv4(True, "255.255.255.255", 32, "255.255.255.255")
    model, hardware = "m" * 60, "02:00:00:00:00:01"
    found = Found(b"n" * 8, "d" * 63, model, model, hardware, network, "server", "s" * 120, True, b"b" * 8, 2**53, True)
    assert len(encode(found, KEY)) <= SEARCH_SIZE
    assert len(encode(Refused("d" * 63, b"n" * 16, "c" * 20, "w" * 200), KEY)) <= SEARCH_SIZE


@given(messages, st.data())
def test_one_changed_bit_breaks_the_proof_or_the_form(message: wire.Message, data: st.DataObject) -> None:
    if isinstance(message, Search):
        return
    whole = bytearray(encode(message, KEY))
    at = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[at // 8] ^= 1 << at % 8
    try:
        assert not decode(bytes(whole)).proven(KEY)
    except Invalid:
        pass


@given(st.binary(max_size=1300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    check(data)
    check(wire.MAGIC + data)


@pytest.mark.parametrize("size", [SEARCH_SIZE - 1, SEARCH_SIZE + 1])
def test_a_search_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(Invalid):
        decode((encode(Search(b"n" * 8)) + b"\0")[:size])


def test_a_key_is_of_one_code_and_one_device() -> None:
    other = parse_code("0000-0000-0000-0000-0001")
    assert len({key_of(CODE, "front"), key_of(CODE, "inner"), key_of(other, "front")}) == 3


def test_the_guard_takes_an_order_once_within_its_window() -> None:
    guard = Guard("front", KEY, b"B" * 8)
    order = decode(encode(Reset(STAMP), KEY))
    with pytest.raises(Conflict):
        guard.admit(order, STAMP.uptime + WINDOW + 1)
    with pytest.raises(Conflict):
        guard.admit(order, STAMP.uptime - WINDOW - 1)
    assert guard.admit(order, STAMP.uptime - WINDOW) == Reset(STAMP)
    for uptime in (STAMP.uptime - WINDOW, STAMP.uptime, STAMP.uptime + WINDOW, STAMP.uptime + WINDOW + 1):
        with pytest.raises(Conflict):
            guard.admit(order, uptime)


def test_the_guard_tells_foreign_keys_starts_and_devices_apart() -> None:
    guard = Guard("front", KEY, b"C" * 8)
    with pytest.raises(Conflict):
        guard.admit(decode(encode(Reset(STAMP), KEY)), STAMP.uptime)
    with pytest.raises(Forbidden):
        guard.admit(decode(encode(Reset(STAMP), key_of(CODE, "inner"))), STAMP.uptime)
    assert Guard("inner", KEY, b"B" * 8).admit(decode(encode(Reset(STAMP), KEY)), STAMP.uptime) is None
    assert guard.admit(decode(encode(Done("front", b"n" * 16), KEY)), 0) is None


def test_a_full_memory_refuses_rather_than_forgets() -> None:
    guard = Guard("front", KEY, b"B" * 8)

    def admit(number: int, uptime: int) -> object:
        return guard.admit(decode(encode(Reset(Stamp("front", b"B" * 8, uptime, number.to_bytes(16))), KEY)), uptime)

    for number in range(wire.NONCES):
        assert admit(number, 50_000)
    with pytest.raises(TooMany):
        admit(wire.NONCES, 50_000)
    assert admit(wire.NONCES, 50_000 + 2 * WINDOW + 1)


@pytest.mark.parametrize(
    ("address", "prefix", "gateway", "field"),
    [
        ("10.0.0.5", 24, "10.0.0.1", ""),
        ("10.0.0.5", 24, "", ""),
        ("10.0.0.0", 24, "", "address"),
        ("10.0.0.255", 24, "", "address"),
        ("224.0.0.5", 24, "", "address"),
        ("0.0.0.0", 8, "", "address"),
        ("ten", 24, "", "address"),
        ("10.0.0.5", 31, "", "prefix"),
        ("10.0.0.5", 0, "", "prefix"),
        ("10.0.0.5", 24, "10.0.1.1", "gateway"),
        ("10.0.0.5", 24, "10.0.0.5", "gateway"),
        ("10.0.0.5", 24, "x", "gateway"),
    ],
)
def test_settings_that_reach_no_computer(address: str, prefix: int, gateway: str, field: str) -> None:
    network = Ipv4(False, address, prefix, gateway)
    if not field:
        check_network(network)
        return
    with pytest.raises(Invalid) as refused:
        check_network(network)
    assert refused.value.where == field
    check_network(Ipv4(True, address, prefix, gateway))
