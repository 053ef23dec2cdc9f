"""Many rows in few steps: one multi-row INSERT holds the interpreter's lock for none of its work."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

_SIZES = (512, 256, 128, 64, 32, 16, 8, 4, 2, 1)
"""Rows a statement; each size is prepared once."""


@lru_cache(maxsize=64)
def _statement(head: str, columns: int, rows: int, tail: str) -> str:
    row = "(" + ",".join("?" * columns) + ")"
    return f"{head} VALUES {','.join([row] * rows)}{tail}"


def insert_many(
    connection: sqlite3.Connection, head: str, columns: int, rows: Sequence[Sequence[Any]], *, tail: str = ""
) -> None:
    """Insert `rows` of `columns` values each; `head` and `tail` are the statement around VALUES, our own text."""
    insert_flat(connection, head, columns, list(chain.from_iterable(rows)), tail=tail)


def insert_flat(connection: sqlite3.Connection, head: str, columns: int, values: list[Any], *, tail: str = "") -> None:
    """Insert rows of `columns` values each, that follow one another in `values`."""
    start, count = 0, len(values) // columns
    for size in _SIZES:
        while count - start >= size:
            part = values[start * columns : (start + size) * columns]
            connection.execute(_statement(head, columns, size, tail), part)
            start += size
