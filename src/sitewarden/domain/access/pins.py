"""PINs: how they are kept. A PIN has few digits, so what protects it is the site's key, not the work of hashing."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from sitewarden.domain.errors import Invalid

MIN_DIGITS, MAX_DIGITS = 4, 12
_PREFIX = "h1$"


def pin_digest(key: bytes, pin: str) -> bytes:
    """Return 16 bytes that stand for a PIN under the site's key (HMAC-SHA256, cut)."""
    inner, outer = _keyed(key)
    inner, outer = inner.copy(), outer.copy()
    inner.update(pin.encode())
    outer.update(inner.digest())
    digest: bytes = outer.digest()
    return digest[:16]


@lru_cache(4)
def _keyed(key: bytes) -> tuple[Any, Any]:
    """Return the inner and the outer hash of RFC 2104 with the key in them: an import asks a hundred thousand times."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in block)), hashlib.sha256(bytes(byte ^ 0x5C for byte in block))


def hash_pin(key: bytes, pin: str) -> str:
    """Return what `Credential.pin_hash` keeps; raises Invalid where the PIN is not 4 to 12 digits."""
    if not pin.isascii() or not pin.isdigit() or not MIN_DIGITS <= len(pin) <= MAX_DIGITS:
        raise Invalid(
            f"a PIN has {MIN_DIGITS} to {MAX_DIGITS} digits", where="pin", remedy="Choose one that is no year and no row of keys."
        )
    return _PREFIX + pin_digest(key, pin).hex()


def digest_of(pin_hash: str) -> bytes:
    """Return the digest in a stored `pin_hash`; raises Invalid where it is not one of ours."""
    digits = pin_hash.removeprefix(_PREFIX)
    try:
        digest = bytes.fromhex(digits)
    except ValueError:
        digest = b""
    if not pin_hash.startswith(_PREFIX) or len(digest) != 16:
        raise Invalid("the PIN's hash is not in a form that is known here", where="pin_hash", remedy="Set the PIN anew.")
    return digest
