"""Many rows in few steps: one multi-row INSERT holds the interpreter's lock for none of its work."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

_SIZES = (512, 64, 8, 1)
"""Rows a statement; each size is prepared once."""


@lru_cache(maxsize=64)
def _statement(head: str, columns: int, rows: int, tail: str) -> str:
    row = "(" + ",".join("?" * columns) + ")"
    return f"{head} VALUES {','.join([row] * rows)}{tail}"


def insert_many(
    connection: sqlite3.Connection, head: str, columns: int, rows: Sequence[Sequence[Any]], *, tail: str = ""
) -> None:
    """Insert `rows` of `columns` values each; `head` and `tail` are the statement around VALUES, our own text."""
    start, count = 0, len(rows)
    for size in _SIZES:
        while count - start >= size:
            part = rows[start : start + size]
            connection.execute(_statement(head, columns, size, tail), list(chain.from_iterable(part)))
            start += size
