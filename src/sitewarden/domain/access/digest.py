"""The digest of rules: equal exactly where tables, holders and credentials are, whichever way they came about.

BLAKE2b over the tables, and the sum (modulo 2^128) of BLAKE2b-128 over each row: a changed row is taken out and put in without a
look at the others. It finds what went astray; that nobody forged it is for TLS to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from sitewarden.domain.access.snapshot import CredentialRow, HolderRow, Tables

_encode = msgspec.msgpack.Encoder().encode
_MASK = (1 << 128) - 1


def row_digest(row: HolderRow | CredentialRow) -> int:
    """Return the number that stands for a row."""
    return int.from_bytes(blake2b(_encode(row), digest_size=16, person=b"row").digest(), "little")


def rows_digest(rows: Iterable[HolderRow | CredentialRow]) -> int:
    """Return the sum over rows, in whatever order."""
    total = 0
    for row in rows:
        total += int.from_bytes(blake2b(_encode(row), digest_size=16, person=b"row").digest(), "little")
    return total & _MASK


def tables_digest(tables: Tables) -> bytes:
    """Return what stands for the tables, 16 bytes."""
    return blake2b(_encode(tables), digest_size=16, person=b"tables").digest()


def rules_digest(tables: bytes, rows: int) -> str:
    """Return the digest of rules, 32 hex digits, of that of their tables and the sum of their rows."""
    return blake2b(tables + (rows & _MASK).to_bytes(16, "little"), digest_size=16, person=b"rules").hexdigest()
