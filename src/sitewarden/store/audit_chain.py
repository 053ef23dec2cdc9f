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


def verify(rows: Iterable[tuple[int, str, bytes]], head: tuple[int, bytes], where: str) -> list[Finding]:
    """Check rows in order of id against each other and against the `head` that the state names."""
    findings: list[Finding] = []
    number, previous = 0, ZERO
    for id_, entry, digest in rows:
        if id_ != number + 1:
            findings.append(Finding(where=f"{where}: audit {number + 1}", what=f"Entries {number + 1} to {id_ - 1} are missing."))
        elif link(previous, id_, entry) != digest:
            findings.append(Finding(where=f"{where}: audit {id_}", what="The entry or one before it was changed."))
        number, previous = id_, digest
    if (number, previous) != head:
        findings.append(
            Finding(where=f"{where}: audit {number}", what=f"The log ends at entry {number}; it was written up to {head[0]}.")
        )
    remedy = "Compare with a backup; what stands before the first finding is proven whole."
    return [Finding(where=one.where, what=one.what, remedy=remedy) for one in findings]
