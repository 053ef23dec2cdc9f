"""Pairing, sans-IO: a code that both sides know proves each to the other and binds their keys. No I/O.

A code is 20 characters of Crockford's base 32: a label of 4 that finds it, and a secret of 16, 80 bits, that never travels.
Both proofs are HMAC-SHA256 over the transcript: the wished node id, the hash of the device's signing request (which holds
its public key, signed by it), the hash of the listener's certificate (which holds its public key) and a nonce of each side. A
relay between the two shows the device another certificate, so its proofs fail. `docs/protocols/link.md` has byte examples.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from sitewarden.domain.errors import Invalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LABEL, SECRET = 4, 16
"""Characters of the label and of the secret."""
NONCE = 32
REQUEST_LIMIT = 16 * 1024
"""Greatest signing request in bytes."""

HELLO = "pair.hello"
PROVE = "pair.prove"
_INFO = b"sitewarden pairing 1"
_LOOKALIKES = str.maketrans("OIL", "011", "- \t")

Nonce = Annotated[bytes, Meta(min_length=NONCE, max_length=NONCE)]
Mac = Annotated[bytes, Meta(min_length=32, max_length=32)]
Name = Annotated[str, Meta(max_length=120)]


class PairHello(Struct, frozen=True, array_like=True):
    """The device's first request: who it would like to be, and a nonce."""

    node: Name
    nonce: Nonce
    model: Name = ""
    software: Name = ""


class PairChallenge(Struct, frozen=True, array_like=True):
    """The listener's nonce."""

    nonce: Nonce


class PairProof(Struct, frozen=True, array_like=True):
    """The device's second request: the code's label, its proof, and its signing request (PEM)."""

    label: Annotated[str, Meta(min_length=LABEL, max_length=LABEL)]
    mac: Mac
    request: Annotated[bytes, Meta(max_length=REQUEST_LIMIT)]


class PairGrant(Struct, frozen=True, array_like=True):
    """The listener's proof, the id that it gives, and the certificate chain and site CA (PEM)."""

    mac: Mac
    node: Name
    chain: bytes
    ca: bytes


class Code(Struct, frozen=True):
    """A pairing code."""

    label: str
    secret: str

    def __str__(self) -> str:
        text = self.label + self.secret
        return "-".join(text[at : at + 4] for at in range(0, len(text), 4))

    def __repr__(self) -> str:
        return f"Code({self.label})"


def make_code(random: bytes) -> Code:
    """Return the code of 13 random bytes (100 of their bits)."""
    if len(random) != 13:
        raise ValueError("a code takes 13 random bytes")
    number = int.from_bytes(random) >> 4
    text = "".join(ALPHABET[number >> shift & 31] for shift in range(95, -1, -5))
    return Code(text[:LABEL], text[LABEL:])


def parse_code(text: str) -> Code:
    """Return the code that a person typed: case, hyphens and spaces do not matter, O is 0, I and L are 1. Raises Invalid."""
    plain = text.upper().translate(_LOOKALIKES)
    if len(plain) != LABEL + SECRET or not set(plain) <= set(ALPHABET):
        raise Invalid(
            "This is not a pairing code.",
            where="code",
            remedy=f"Type all {LABEL + SECRET} characters as they are shown; U never is.",
        )
    return Code(plain[:LABEL], plain[LABEL:])


class Transcript(Struct, frozen=True, kw_only=True):
    """All that both sides must agree on."""

    node: str
    device_nonce: bytes
    listener_nonce: bytes
    request: bytes
    """The device's signing request, as sent."""
    certificate: bytes
    """The listener's certificate (DER): its own to the listener, what TLS showed to the device."""

    def device_mac(self, code: Code) -> bytes:
        """Return the device's proof."""
        return self._mac(code, b"device")

    def listener_mac(self, code: Code, node: str, chain: bytes, ca: bytes) -> bytes:
        """Return the listener's proof, which covers what it grants."""
        return self._mac(code, b"listener", node.encode(), chain, ca)

    def _mac(self, code: Code, side: bytes, *granted: bytes) -> bytes:
        # HKDF (RFC 5869) with the nonces as salt, so that a proof is good for one run alone.
        extracted = hmac.digest(self.device_nonce + self.listener_nonce, code.secret.encode(), "sha256")
        key = hmac.digest(extracted, _INFO + code.label.encode() + b"\x01", "sha256")
        parts = (side, self.node.encode(), _hash(self.request), _hash(self.certificate), *(_hash(part) for part in granted))
        return hmac.digest(key, b"".join(len(part).to_bytes(2) + part for part in parts), "sha256")


def same(one: bytes, other: bytes) -> bool:
    """Compare two proofs in constant time."""
    return hmac.compare_digest(one, other)


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


encode = msgspec.msgpack.Encoder().encode
_hello = msgspec.msgpack.Decoder(PairHello)
_challenge = msgspec.msgpack.Decoder(PairChallenge)
_proof = msgspec.msgpack.Decoder(PairProof)
_grant = msgspec.msgpack.Decoder(PairGrant)


def decode_hello(body: bytes) -> PairHello:
    """Decode; raises Invalid."""
    try:
        return _hello.decode(body)
    except (ValueError, RecursionError) as error:
        raise _unfit(error) from error


def decode_challenge(body: bytes) -> PairChallenge:
    """Decode; raises Invalid."""
    try:
        return _challenge.decode(body)
    except (ValueError, RecursionError) as error:
        raise _unfit(error) from error


def decode_proof(body: bytes) -> PairProof:
    """Decode; raises Invalid."""
    try:
        return _proof.decode(body)
    except (ValueError, RecursionError) as error:
        raise _unfit(error) from error


def decode_grant(body: bytes) -> PairGrant:
    """Decode; raises Invalid."""
    try:
        return _grant.decode(body)
    except (ValueError, RecursionError) as error:
        raise _unfit(error) from error


def _unfit(error: Exception) -> Invalid:
    return Invalid(f"The pairing message does not fit: {error}.", where="pairing")
