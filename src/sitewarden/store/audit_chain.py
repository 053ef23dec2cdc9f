"""The audit log's chain: each hash covers the one before it, so that an entry cannot be changed or taken out unseen.

hash(n) = SHA-256(hash(n-1) || n as 8 bytes, big-endian || entry(n) as UTF-8 JSON with sorted keys); hash(0) is 32 zero bytes.
The chain alone cannot show that it was cut off or written anew from some entry on. So its head stands in the state's `meta`, and
each `system.started` event carries it into the event log (data `audit`: "<id> <hash as hex>"), where fsck looks it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

import msgspec

from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.store.interfaces import AuditEntry, AuditRecord, Finding

ZERO: Final = bytes(32)
MAX_ENTRY: Final = 65_536
"""Bytes of one entry as it is stored."""
_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(AuditEntry).decode


def canonical(entry: AuditEntry) -> str:
    """Return the text that is stored and hashed."""
    return _encode(entry).decode()


def check(entry: AuditEntry) -> None:
    """Refuse an entry that cannot be stored.

    Raises Invalid or TooLarge.
    """
    try:
        size = len(_encode(entry))
    except (TypeError, OverflowError, ValueError, RecursionError) as error:
        raise Invalid(
            f"The detail cannot be stored: {error}.", where=f"audit {entry.action}", remedy="Use what JSON can say."
        ) from error
    if size > MAX_ENTRY:
        raise TooLarge(f"The entry has {size} bytes.", where=f"audit {entry.action}", remedy=f"At most {MAX_ENTRY}.")


def link(previous: bytes, number: int, entry: str) -> bytes:
    """Return the hash of entry `number` after `previous`."""
    return sha256(previous + number.to_bytes(8, "big") + entry.encode()).digest()


def extend(head: tuple[int, bytes], entries: Iterable[AuditEntry]) -> Iterator[tuple[int, str, bytes]]:
    """Yield (id, entry, hash) for entries that follow `head`."""
    number, previous = head
    for entry in entries:
        number += 1
        text = canonical(entry)
        previous = link(previous, number, text)
        yield number, text, previous


def record(number: int, entry: str, digest: bytes) -> AuditRecord:
    """Return a stored row as a record."""
    return AuditRecord(id=number, entry=_decode(entry), hash=digest.hex())


class Verifier:
    """Checks rows in order of id against each other, and at the end against the head that the state names."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._number, self._previous = 0, ZERO
        self._findings: list[Finding] = []

    def take(self, id_: int, entry: str, digest: bytes) -> None:
        """Check the next row."""
        if id_ != self._number + 1:
            self._find(self._number + 1, f"Entries {self._number + 1} to {id_ - 1} are missing.")
        elif link(self._previous, id_, entry) != digest:
            self._find(id_, "The entry or one before it was changed.")
        self._number, self._previous = id_, digest

    def findings(self, head: tuple[int, bytes]) -> list[Finding]:
        """Return what is wrong, now that all rows were taken."""
        if (self._number, self._previous) != head:
            self._find(self._number, f"The log ends at entry {self._number}; it was written up to {head[0]}.")
        return self._findings

    def _find(self, number: int, what: str) -> None:
        remedy = "Compare with a backup; what stands before the first finding is proven whole."
        self._findings.append(Finding(where=f"{self._where}: audit {number}", what=what, remedy=remedy))


def verify(rows: Iterable[tuple[int, str, bytes]], head: tuple[int, bytes], where: str) -> list[Finding]:
    """Check rows in order of id against each other and against the `head` that the state names."""
    verifier = Verifier(where)
    for id_, entry, digest in rows:
        verifier.take(id_, entry, digest)
    return verifier.findings(head)


def named_head(text: str | None) -> tuple[int, bytes]:
    """Return the head as the state's `meta` names it: "<id> <hash as hex>"; the beginning where it names none."""
    number, _, digest = (text or f"0 {ZERO.hex()}").partition(" ")
    return int(number), bytes.fromhex(digest)
