"""Room inside a database file: how much holds content, and giving back what is free."""

from __future__ import annotations

import sqlite3
from typing import Final

SPARE: Final = 2560
"""Free pages that are kept for what comes next, 10 MB; so is a quarter of the file."""
STEP: Final = 500
"""Pages given back in one transaction."""


def pages(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return (all pages, free pages)."""
    total, free = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
    return int(total), int(free)


def used_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes that hold content; free pages do not count."""
    total, free = pages(connection)
    return (total - free) * int(connection.execute("PRAGMA page_size").fetchone()[0])


def give_back(connection: sqlite3.Connection) -> bool:
    """Give some free pages back to the disk; False where only the spare ones are left."""
    total, free = pages(connection)
    if free <= max(SPARE, total // 4):
        return False
    connection.execute(f"PRAGMA incremental_vacuum({STEP})").fetchall()
    return True
