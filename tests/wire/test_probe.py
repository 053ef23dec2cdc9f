"""Datagrams of a probe: byte tables, and what is refused."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.errors import Invalid
from sitewarden.wire import probe

TOKEN, SESSION, NONCE = bytes(range(16)), b"SESSION!", b"nonce-of-16-byte"
HEAD = b"SWPE\x01Q\x0b\xb8SESSION!nonce-of-16-byte"
BEACONS = [
    (
        probe.Beacon(group=1, ttl=16, phase=1, machine=b"machine!", number=258, interval=100, sent=1_700_000_000_000_001),
        b"SWPM\x01\x01\x10\x01machine!\x00\x00\x01\x02\x00\x00\x00\x64\x00\x06\x0a\x24\x18\x1e\x40\x01" + bytes(8),
    ),
    (
        probe.Beacon(group=0, ttl=1, phase=0, machine=bytes(8), number=0, interval=1, sent=0),
        b"SWPM\x01\x00\x01\x00" + bytes(8) + bytes(4) + b"\x00\x00\x00\x01" + bytes(16),
    ),
]


def test_a_question_has_64_bytes_and_its_answer_as_many() -> None:
    question = probe.seal("Q", TOKEN, 3000, SESSION, NONCE)
    assert question == HEAD + hmac.digest(TOKEN, HEAD, hashlib.sha256)
    assert len(question) == len(probe.seal("A", TOKEN, 3000, SESSION, NONCE)) == 64
    assert TOKEN not in question
    assert probe.unseal("Q", TOKEN, 3000, SESSION, question) == NONCE


@pytest.mark.parametrize(
    ("kind", "token", "port", "session"),
    [("A", TOKEN, 3000, SESSION), ("Q", bytes(16), 3000, SESSION), ("Q", TOKEN, 3001, SESSION), ("Q", TOKEN, 3000, b"another!")],
)
def test_a_question_passes_for_nothing_else(kind: probe.Kind, token: bytes, port: int, session: bytes) -> None:
    assert probe.unseal(kind, token, port, session, probe.seal("Q", TOKEN, 3000, SESSION, NONCE)) is None


@given(st.integers(0, 63), st.integers(1, 255))
def test_a_question_with_one_byte_changed_is_none(place: int, difference: int) -> None:
    question = bytearray(probe.seal("Q", TOKEN, 3000, SESSION, NONCE))
    question[place] ^= difference
    assert probe.unseal("Q", TOKEN, 3000, SESSION, bytes(question)) is None


@pytest.mark.parametrize(("beacon", "data"), BEACONS)
def test_beacons(beacon: probe.Beacon, data: bytes) -> None:
    assert probe.encode_beacon(beacon) == data
    assert probe.decode_beacon(data) == beacon
    assert probe.decode_beacon(data[:-1]) is None
    assert probe.decode_beacon(b"\x00" + data[1:]) is None


def test_a_key_is_one_word() -> None:
    assert probe.read_key(" " + probe.key_text(SESSION, TOKEN) + "\n") == (SESSION, TOKEN)
    for text in ("", "abc", probe.key_text(SESSION, TOKEN)[:-2], probe.key_text(SESSION[:4], TOKEN), "zz.zz"):
        with pytest.raises(Invalid, match="no key of an echo"):
            probe.read_key(text)
