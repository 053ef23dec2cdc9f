"""Columns of holders and credentials as they travel: packed little-endian integers, and how tables and rows hold together."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from itertools import pairwise

from sitewarden.domain.access.snapshot import Credentials, Holders
from sitewarden.domain.errors import Invalid


def integers(code: str, data: bytes) -> array[int]:
    """Return a packed column; `code` is "q" (8 bytes) or "I" (4 bytes)."""
    column: array[int] = array(code)
    if len(data) % column.itemsize:
        raise Invalid("a column is cut short", where="snapshot", remedy="Send the snapshot again, whole.")
    column.frombytes(data)
    if sys.byteorder == "big":
        column.byteswap()
    return column


def packed_integers(column: array[int]) -> bytes:
    """Return a column as it travels."""
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column.tobytes()


def holders_whole(rows: Holders) -> bool:
    """Tell whether the columns fit each other and are sorted."""
    count = len(rows.ids)
    lengths = {len(rows.flags), len(rows.valid_from) / 8, len(rows.valid_to) / 8, len(rows.groups) / 4}
    return lengths == {count} and _sorted(rows.ids) and _below(rows.groups, len(rows.sets))


def credentials_whole(rows: Credentials, holders: int) -> bool:
    """Tell whether the columns fit each other, are sorted, and name holders that are there."""
    count = len(rows.ids)
    lengths = {
        len(rows.keys),
        len(rows.flags),
        len(rows.holders) / 4,
        len(rows.valid_from) / 8,
        len(rows.valid_to) / 8,
        len(rows.bundles) / 4,
    }
    sparse = (rows.more, rows.pins, rows.duress, rows.disabled)
    return (
        lengths == {count}
        and _sorted(rows.ids)
        and _below(rows.holders, holders)
        and _below(rows.bundles, len(rows.sets))
        and all(0 <= slot < count for table in sparse for slot in table)
    )


def _sorted(ids: Sequence[str]) -> bool:
    return all(one < two for one, two in pairwise(ids))


def _below(data: bytes, count: int) -> bool:
    column = integers("I", data)
    return not column or max(column) < count
