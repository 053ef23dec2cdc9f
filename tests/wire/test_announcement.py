from __future__ import annotations

import ipaddress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.errors import Invalid
from sitewarden.wire.announcement import (
    CERTIFICATE,
    CONTEXT,
    LIMIT,
    NAME_BYTES,
    Announcement,
    Farewell,
    Message,
    Port,
    Stamp,
    cut,
    decode,
    encode,
    fingerprint,
)

STAMP = Stamp(bytes.fromhex("0102030405060708"), 3, 1_800_000_000_000_000)
OURS = bytes((192, 0, 2, 5))
WHOLE = Announcement(
    node="server",
    name="Harbour",
    version="0.1.0",
    roles=("core", "web"),
    addresses=(OURS,),
    ports=(Port("server", 8600),),
    group=bytes((225, 5, 10, 1)),
    tls=b"\xaa" * 32,
    site=b"\xbb" * 32,
    stamp=STAMP,
    period=5,
)
STAMP_BYTES = bytes.fromhex("93 c408 0102030405060708 03 cf 0006651728988000")
TABLE: list[tuple[Message, bytes]] = [
    (
        WHOLE,
        b"SWA\x01\x01\x00\x93"
        + b"\x9b\xa6server\xa7Harbour\xa50.1.0\x92\xa4core\xa3web\x91\xc4\x04\xc0\x00\x02\x05\x91\x92\xa6server\xcd\x21\x98"
        + b"\xc4\x04\xe1\x05\x0a\x01\xc4\x20" + b"\xaa" * 32 + b"\xc4\x20" + b"\xbb" * 32 + STAMP_BYTES + b"\x05",
    ),
    (
        Farewell("server", (OURS,), STAMP),
        b"SWA\x01\x02\x00\x24" + b"\x93\xa6server\x91\xc4\x04\xc0\x00\x02\x05" + STAMP_BYTES,
    ),
]  # fmt: skip


def seen(data: bytes) -> bytes:
    """A signature that depends on what is signed."""
    return bytes((sum(data) % 256,)) * 64


@pytest.mark.parametrize(("message", "head"), TABLE)
def test_bytes_and_messages_agree(message: Message, head: bytes) -> None:
    data = encode(message, b"certificate", seen)
    signed = head + b"\x00\x0bcertificate"
    assert data == signed + seen(CONTEXT + signed)
    read = decode(data)
    assert read.message == message
    assert (read.certificate, read.signed, read.signature) == (b"certificate", CONTEXT + signed, data[-64:])


ADDRESSES = (
    st.one_of(st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16))
    .map(ipaddress.ip_address)
    .filter(lambda each: not each.is_multicast and not each.is_unspecified and str(each) != "255.255.255.255")
    .map(lambda each: each.packed)
)
WORDS = st.from_regex(r"\A[a-z][a-z0-9-]{0,15}\Z")
WHOLES = st.integers(0, 2**53)
STAMPS = st.builds(Stamp, st.binary(min_size=8, max_size=8), WHOLES, WHOLES)
IDS = st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,62}\Z")
GROUPS = st.one_of(
    st.just(b""),
    st.integers(0xE0000000, 0xEFFFFFFF).map(lambda number: number.to_bytes(4)),
    st.binary(min_size=15, max_size=15).map(lambda rest: b"\xff" + rest),
)
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        Announcement,
        node=IDS,
        name=st.text(min_size=1, max_size=NAME_BYTES).map(cut).filter(bool),
        version=st.from_regex(r"\A[0-9a-z.+]{0,24}\Z"),
        roles=st.lists(WORDS, min_size=1, max_size=6).map(tuple),
        addresses=st.lists(ADDRESSES, min_size=1, max_size=8).map(tuple),
        ports=st.lists(st.builds(Port, WORDS, st.integers(1, 65535)), max_size=4).map(tuple),
        group=GROUPS,
        tls=st.one_of(st.just(b""), st.binary(min_size=32, max_size=32)),
        site=st.binary(min_size=32, max_size=32),
        stamp=STAMPS,
        period=st.integers(1, 60),
    ),
    st.builds(Farewell, IDS, st.lists(ADDRESSES, min_size=1, max_size=8).map(tuple), STAMPS),
)


@given(MESSAGES, st.integers(1, 598))
def test_what_is_written_is_read_again_and_fits(message: Message, certificate: int) -> None:
    data = encode(message, b"c" * certificate, seen)
    assert len(data) <= LIMIT
    read = decode(data).message
    assert read.addresses == message.addresses[: len(read.addresses)]
    assert msgspec.structs.replace(read, addresses=message.addresses) == message


def test_the_longest_announcement_fits_with_an_address_and_one_of_a_server_with_four() -> None:
    longest = Announcement(
        node="n" * 63,
        name="ß" * (NAME_BYTES // 2),
        version="1" * 24,
        roles=("r" * 16,) * 6,
        addresses=(b"\xfd" * 16,) * 8,
        ports=(Port("p" * 16, 65535),) * 4,
        group=b"\xff" * 16,
        tls=b"t" * 32,
        site=b"s" * 32,
        stamp=Stamp(b"b" * 8, 2**53, 2**53),
        period=60,
    )
    assert len(decode(encode(longest, b"c" * 598, seen)).message.addresses) == 1
    roles, ports = ("core", "web", "media", "iot"), (Port("server", 8600), Port("http-api", 8601))
    server = msgspec.structs.replace(longest, roles=roles, ports=ports, group=bytes((225, 5, 10, 1)), version="10.20.30")
    assert len(decode(encode(server, b"c" * 598, seen)).message.addresses) >= 4


@given(st.text(max_size=200))
def test_names_are_cut_between_characters(name: str) -> None:
    assert name.startswith(cut(name))
    assert len(cut(name).encode()) <= NAME_BYTES


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda data: b"", "no announcement"),
        (lambda data: data[:6], "no announcement"),
        (lambda data: b"SWD" + data[3:], "no announcement"),
        (lambda data: data[:3] + b"\x02" + data[4:], "version 2, this is 1"),
        (lambda data: data[:4] + b"\x09" + data[5:], "kind 9"),
        (lambda data: data[:5] + b"\xff\xff" + data[7:], "was cut"),
        (lambda data: data[:-1], "do not fill"),
        (lambda data: data + b"x", "do not fill"),
        (lambda data: data + bytes(LIMIT), "no announcement"),
        (lambda data: data.replace(b"\xa6server", b"\xa6Server", 1), "cannot be read"),
        (lambda data: data.replace(OURS, b"\xe1\x00\x00\x01", 1), "no computer has"),
        (lambda data: data.replace(OURS, b"\xff\xff\xff\xff", 1), "no computer has"),
        (lambda data: data.replace(b"\xe1\x05\x0a\x01", b"\x0a\x05\x0a\x01", 1), "no multicast group"),
    ],
)
def test_what_is_no_announcement_is_refused(change: Any, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        decode(change(encode(WHOLE, b"certificate", seen)))


def test_members_that_a_later_version_adds_are_passed_over() -> None:
    data = encode(WHOLE, b"certificate", seen)
    length = int.from_bytes(data[5:7])
    body = [*msgspec.msgpack.decode(data[7 : 7 + length]), "later"]
    longer = msgspec.msgpack.encode(body)
    assert decode(data[:5] + len(longer).to_bytes(2) + longer + data[7 + length :]).message == WHOLE


@pytest.mark.parametrize("certificate", [b"", bytes(CERTIFICATE + 1)])
def test_a_certificate_that_nobody_has_is_not_sent(certificate: bytes) -> None:
    with pytest.raises(ValueError, match="certificate of"):
        encode(WHOLE, certificate, seen)


def test_fingerprints_read_as_people_compare_them() -> None:
    assert fingerprint(b"\x3f\x9a") == "3F:9A"
    assert fingerprint(b"") == ""
