"""Pairing codes and proofs, against the example of docs/protocols/link.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.errors import Invalid
from sitewarden.wire import pairing
from sitewarden.wire.pairing import ALPHABET, Code, Transcript, make_code, parse_code

PAGE = (Path(__file__).parents[2] / "docs/protocols/link.md").read_text()
EXAMPLE = dict(re.findall(r"^\| (code|device's proof|listener's proof) \| `([^`]+)`", PAGE, re.MULTILINE))
TRANSCRIPT = Transcript(
    node="door-1", device_nonce=b"D" * 32, listener_nonce=b"L" * 32, request=b"request", certificate=b"certificate"
)


def test_the_example_of_the_page() -> None:
    code = make_code(bytes(range(13)))
    assert str(code) == EXAMPLE["code"]
    assert TRANSCRIPT.device_mac(code).hex() == EXAMPLE["device's proof"]
    assert TRANSCRIPT.listener_mac(code, "door-1", b"chain", b"ca").hex() == EXAMPLE["listener's proof"]


def test_the_proof_as_another_library_computes_it() -> None:
    code = make_code(bytes(range(13)))
    key = HKDF(SHA256(), 32, b"D" * 32 + b"L" * 32, b"sitewarden pairing 1" + code.label.encode()).derive(code.secret.encode())
    mac = HMAC(key, SHA256())

    def digest(content: bytes) -> bytes:
        import hashlib

        return hashlib.sha256(content).digest()

    for part in (b"device", b"door-1", digest(b"request"), digest(b"certificate")):
        mac.update(len(part).to_bytes(2) + part)
    assert mac.finalize() == TRANSCRIPT.device_mac(code)


@pytest.mark.parametrize("field", ["node", "device_nonce", "listener_nonce", "request", "certificate"])
def test_every_part_of_the_transcript_is_bound(field: str) -> None:
    import msgspec

    code = make_code(bytes(range(13)))
    changed = msgspec.structs.replace(TRANSCRIPT, **{field: "other" if field == "node" else b"X" * 32})
    assert changed.device_mac(code) != TRANSCRIPT.device_mac(code)
    assert changed.listener_mac(code, "n", b"", b"") != TRANSCRIPT.listener_mac(code, "n", b"", b"")


def test_each_side_and_each_grant_has_a_proof_of_its_own() -> None:
    code = make_code(bytes(range(13)))
    proofs = {
        TRANSCRIPT.device_mac(code),
        TRANSCRIPT.listener_mac(code, "a", b"chain", b"ca"),
        TRANSCRIPT.listener_mac(code, "b", b"chain", b"ca"),
        TRANSCRIPT.listener_mac(code, "a", b"other", b"ca"),
        TRANSCRIPT.listener_mac(code, "a", b"chain", b"other"),
        TRANSCRIPT.device_mac(Code(code.label, "0" * 16)),
    }
    assert len(proofs) == 6


@given(st.binary(min_size=13, max_size=13))
def test_codes_are_read_as_they_are_written_and_as_people_type_them(random: bytes) -> None:
    code = make_code(random)
    text = str(code)
    assert set(text) <= set(ALPHABET + "-")
    for typed in (text, text.lower(), text.replace("-", " "), text.replace("0", "o").replace("1", "l")):
        assert parse_code(typed) == code
    assert code.secret not in repr(code)


@pytest.mark.parametrize("text", ["", "0000", "0" * 19, "0" * 21, "U" * 20, "0000-0000-0000-0000-000é"])
def test_other_texts_are_no_codes(text: str) -> None:
    with pytest.raises(Invalid):
        parse_code(text)


@given(st.binary(max_size=100))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for decode in (pairing.decode_hello, pairing.decode_challenge, pairing.decode_proof, pairing.decode_grant):
        try:
            decode(data)
        except Invalid:
            pass
