"""Other stores that the sample store is held against, each used as its manual says it is quick, durable after each batch."""

from __future__ import annotations

import http.client
import importlib.util
import shutil
import socket
import sqlite3
import subprocess
import time
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

import asyncpg
import numpy as np
from msgspec import Struct

from sitewarden.store.chunks.columns import Columns
from sitewarden.wire import remote_write

VICTORIA: Final = "victoria-metrics"
SECONDS: Final = 60.0
"""How long another program may take to begin or to end."""


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


async def postgres_rows(
    connection: asyncpg.Connection, index: Literal["brin", "btree"], whole: Columns, batch: int, total: int
) -> Reached:
    """A row a sample, copied, one transaction a batch; keyed by point and time, or with blocks summed up by time."""
    key = ", PRIMARY KEY (point, time)" if index == "btree" else ""
    await connection.execute(
        f"CREATE TABLE {index}_rows (point integer, time bigint, server bigint, value double precision, quality bigint{key})"
    )
    if index == "brin":
        await connection.execute("CREATE INDEX ON brin_rows USING brin (time)")
    began = time.perf_counter()
    for start in range(0, total, batch):
        one = whole.take(slice(start, start + batch))
        times = one.times.tolist()
        await connection.copy_records_to_table(
            f"{index}_rows",
            records=list(
                zip(one.points.tolist(), times, times, one.bits.view(np.float64).tolist(), one.qualities.tolist(), strict=True)
            ),
        )
    taken = time.perf_counter() - began
    size = await connection.fetchval(f"SELECT pg_total_relation_size('{index}_rows')")
    return Reached(total / taken, size / total)


def victoria_metrics(path: Path, whole: Columns, batch: int, total: int) -> Reached:
    """Remote write, a request a batch. It answers before its disk has anything: a kill takes its last seconds."""
    program = shutil.which(VICTORIA)
    if program is None:
        return Reached()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    command = [program, f"-storageDataPath={path}", f"-httpListenAddr=127.0.0.1:{number}", "-retentionPeriod=100y"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_it_answers(number, running)
        connection = http.client.HTTPConnection("127.0.0.1", number, timeout=SECONDS)
        bodies = [_request(whole.take(slice(start, start + batch))) for start in range(0, total, batch)]
        began = time.perf_counter()
        for body in bodies:
            connection.request("POST", "/api/v1/write", body, {"Content-Encoding": "snappy"})
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{VICTORIA} answers {answer.status}")
        taken = time.perf_counter() - began
        connection.close()
    finally:
        # It writes all that it holds when it is asked to end.
        running.terminate()
        running.wait(SECONDS)
    return Reached(total / taken, sum(one.stat().st_size for one in path.rglob("*") if one.is_file()) / total)


def _until_it_answers(number: int, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", number, timeout=1)
            connection.request("GET", "/health")
            connection.getresponse().read()
            connection.close()
            return
        except OSError:
            if running.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{VICTORIA} does not answer") from None
            time.sleep(0.05)


def _request(one: Columns) -> bytes:
    """Return a batch as remote write has it: a series for each of its points."""
    order = np.lexsort((one.times, one.points))
    points, times, values = one.points[order], one.times[order] // 1000, one.bits.view(np.float64)[order]
    edges = [*np.flatnonzero(np.append(True, points[1:] != points[:-1])).tolist(), len(points)]
    body = BytesIO()
    for low, high in pairwise(edges):
        key = remote_write.label_bytes([("__name__", "point_value"), ("point", f"point-{points[low]}")])
        body.write(remote_write.line_bytes(key, times[low:high].tolist(), values[low:high].tolist()))
    return remote_write.pack(body.getvalue())
