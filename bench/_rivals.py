"""Other stores that the sample store is held against, each used as its manual says it is quick, durable after each batch."""

from __future__ import annotations

import importlib.util
import sqlite3
import time
from pathlib import Path

import numpy as np
from msgspec import Struct

from sitewarden.store.chunks.columns import Columns


class Reached(Struct, frozen=True):
    """Samples per second and bytes a sample; None where the store is not installed."""

    rate: float | None = None
    size: float | None = None


def sqlite_rows(path: Path, whole: Columns, batch: int, total: int) -> Reached:
    """A row a sample, keyed by point and time, one transaction a batch."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE samples (point INTEGER, time INTEGER, server INTEGER, value REAL, quality INTEGER,"
        " PRIMARY KEY (point, time)) WITHOUT ROWID"
    )
    began = time.perf_counter()
    for start in range(0, total, batch):
        one = whole.take(slice(start, start + batch))
        times = one.times.tolist()
        with connection:
            connection.executemany(
                "INSERT INTO samples VALUES (?,?,?,?,?)",
                zip(one.points.tolist(), times, times, one.bits.view(np.float64).tolist(), one.qualities.tolist(), strict=True),
            )
    taken = time.perf_counter() - began
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return Reached(total / taken, path.stat().st_size / total)


def duckdb_rows(path: Path, whole: Columns, batch: int, total: int) -> Reached:
    """A table of columns, one transaction a batch."""
    if importlib.util.find_spec("duckdb") is None:
        return Reached()
    import duckdb

    connection = duckdb.connect(str(path))
    connection.execute("SET threads = 1")
    connection.execute("CREATE TABLE samples (point INTEGER, time BIGINT, server BIGINT, value DOUBLE, quality UINTEGER)")
    began = time.perf_counter()
    for start in range(0, total, batch):
        one = whole.take(slice(start, start + batch))
        arrays = {
            "point": one.points,
            "time": one.times,
            "server": one.times + one.lags,
            "value": one.bits.view(np.float64),
            "quality": one.qualities,
        }
        connection.register("arrays", arrays)
        connection.execute("INSERT INTO samples SELECT * FROM arrays")
        connection.unregister("arrays")
    taken = time.perf_counter() - began
    connection.execute("CREATE TABLE sorted AS SELECT * FROM samples ORDER BY point, time")
    connection.execute("DROP TABLE samples")
    connection.execute("CHECKPOINT")
    connection.close()
    return Reached(total / taken, path.stat().st_size / total)
