"""Keys, digests and ciphers of the User-based Security Model. Pure.

HMAC-SHA-1-96 (RFC 3414), HMAC-SHA-2 (RFC 7860), AES-128 in CFB (RFC 3826), and AES-256 with the two ways in use to make a key
longer than the digest: by draft-blumenthal-aes-usm-04 ("aes256"), and as Cisco and others do by
draft-reeder-snmpv3-usm-3desede-00 ("aes256c"). With SHA-256 and longer both are the same.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final, Literal

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from msgspec import Struct

from sitewarden.wire.snmp.ber import WireError

Auth = Literal["sha1", "sha224", "sha256", "sha384", "sha512"]
Priv = Literal["aes128", "aes256", "aes256c"]

DIGEST: Final[dict[str, int]] = {"sha1": 12, "sha224": 16, "sha256": 24, "sha384": 32, "sha512": 48}
"""Bytes of a digest that a message carries."""
KEY: Final[dict[str, int]] = {"aes128": 16, "aes256": 32, "aes256c": 32}
STRETCH: Final = 1 << 20
"""Bytes of the repeated password that are digested (RFC 3414, A.2)."""
SHORTEST: Final = 8
"""Fewest characters of a password (RFC 3414, 11.2)."""
ENGINE: Final = (5, 32)
"""Fewest and most bytes of an engine's id (RFC 3411, clause 5)."""
SALT: Final = 8


class Keys(Struct, frozen=True, repr_omit_defaults=True):
    """A user's keys at one engine; empty names where there is none."""

    auth: str = ""
    auth_key: bytes = b""
    priv: str = ""
    priv_key: bytes = b""

    def __repr__(self) -> str:
        return f"Keys({self.auth}, {self.priv})"

    @property
    def flags(self) -> int:
        """msgFlags of what they protect: 1 with a digest, 3 encrypted too."""
        return (1 if self.auth else 0) | (2 if self.priv else 0)


class User:
    """A user with passwords. What is made of a password is made once: it costs a digest of a megabyte."""

    def __init__(self, name: str, auth: str = "", auth_password: str = "", priv: str = "", priv_password: str = "") -> None:
        self.name = name.encode()
        self._auth, self._priv = auth, priv
        self._master = master(auth, auth_password) if auth else b""
        self._priv_master = master(auth, priv_password) if auth and priv else b""

    def keys(self, engine: bytes) -> Keys:
        """Return its keys at an engine."""
        if not self._auth:
            return Keys()
        key = localised(self._auth, self._master, engine)
        if not self._priv:
            return Keys(self._auth, key)
        short = localised(self._auth, self._priv_master, engine)
        return Keys(self._auth, key, self._priv, lengthened(self._auth, self._priv, short, engine))


def master(auth: str, password: str) -> bytes:
    """Return the key Ku of a password (RFC 3414, A.2.2)."""
    word = password.encode()
    if not word:
        raise ValueError("the password is empty")
    return hashlib.new(auth, (word * (STRETCH // len(word) + 1))[:STRETCH]).digest()


def localised(auth: str, key: bytes, engine: bytes) -> bytes:
    """Return the key Kul of an engine (RFC 3414, 2.6)."""
    return hashlib.new(auth, key + engine + key).digest()


def lengthened(auth: str, priv: str, key: bytes, engine: bytes) -> bytes:
    """Return a key as long as the cipher wants it."""
    wanted = KEY[priv]
    while len(key) < wanted:
        if priv == "aes256c":
            stretched = hashlib.new(auth, (key * (STRETCH // len(key) + 1))[:STRETCH]).digest()
            key += localised(auth, stretched, engine)
        else:
            key += hashlib.new(auth, key).digest()
    return key[:wanted]


def digest(keys: Keys, message: bytes) -> bytes:
    """Return the digest of a message whose own place for it holds zeros."""
    return hmac.digest(keys.auth_key, message, keys.auth)[: DIGEST[keys.auth]]


def proven(keys: Keys, message: bytes, at: int, given: bytes) -> bool:
    """Tell whether the digest `given` at `at` of `message` was made with these keys."""
    size = DIGEST[keys.auth]
    if len(given) != size:
        return False
    blank = message[:at] + bytes(size) + message[at + size :]
    return hmac.compare_digest(digest(keys, blank), given)


def encrypt(keys: Keys, boots: int, time: int, salt: bytes, plain: bytes) -> bytes:
    """Return a scoped PDU encrypted (RFC 3826, 3.1.4)."""
    worker = _cipher(keys, boots, time, salt).encryptor()
    return worker.update(plain) + worker.finalize()


def decrypt(keys: Keys, boots: int, time: int, salt: bytes, secret: bytes) -> bytes:
    """Return a scoped PDU in clear; with wrong keys it is noise."""
    worker = _cipher(keys, boots, time, salt).decryptor()
    return worker.update(secret) + worker.finalize()


def _cipher(keys: Keys, boots: int, time: int, salt: bytes) -> Cipher[CFB]:
    if len(salt) != SALT:
        raise WireError("the salt has not 8 bytes")
    start = boots.to_bytes(4) + time.to_bytes(4) + salt
    return Cipher(algorithms.AES(keys.priv_key), CFB(start))
