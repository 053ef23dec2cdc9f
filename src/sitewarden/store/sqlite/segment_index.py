"""Where recorded video lies, on SQLite; one file for each media worker."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sitewarden.domain.errors import Invalid
from sitewarden.domain.video.model import Gap, GapReason, Lock, Order, Segment
from sitewarden.store.limits import check_limit
from sitewarden.store.sqlite.connection import Readers, connect_writer, refusing
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.writer import GroupWriter

STORE: Final = "segments"
SCHEMA: Final = (
    """
    CREATE TABLE segments (
        id TEXT PRIMARY KEY, camera TEXT NOT NULL, path TEXT NOT NULL UNIQUE, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        bytes INTEGER NOT NULL, codec TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, sealed INTEGER NOT NULL);
    CREATE INDEX segments_camera ON segments (camera, start);
    CREATE INDEX segments_start ON segments (start);
    CREATE TABLE longest (one INTEGER PRIMARY KEY CHECK (one = 1), span INTEGER NOT NULL);
    INSERT INTO longest VALUES (1, 0)
    """,
    """
    CREATE TABLE gaps (
        camera TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
        PRIMARY KEY (camera, start)) WITHOUT ROWID;
    CREATE TABLE alive (one INTEGER PRIMARY KEY CHECK (one = 1), time INTEGER NOT NULL);
    CREATE TABLE locks (
        id TEXT PRIMARY KEY, camera TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, until INTEGER NOT NULL,
        reason TEXT NOT NULL, "by" TEXT NOT NULL, made INTEGER NOT NULL);
    CREATE INDEX locks_camera ON locks (camera, start);
    CREATE TABLE orders (
        camera TEXT PRIMARY KEY, until INTEGER NOT NULL, reason TEXT NOT NULL, "by" TEXT NOT NULL)
    """,
    """
    ALTER TABLE segments ADD COLUMN volume TEXT NOT NULL DEFAULT 'main';
    CREATE INDEX segments_volume ON segments (volume, start);
    CREATE TABLE volumes (id TEXT PRIMARY KEY, mark TEXT NOT NULL, own INTEGER NOT NULL);
    CREATE TABLE leftovers (volume TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (volume, path)) WITHOUT ROWID
    """,
)
COLUMNS: Final = 'id, camera, path, start, "end", bytes, codec, width, height, sealed, volume'
GAP: Final = 'camera, start, "end", reason, detail'
LOCK: Final = 'id, camera, start, "end", until, reason, "by", made'


def to_segment(row: tuple[str, str, str, int, int, int, str, int, int, int, str]) -> Segment:
    """Return the segment of a row of `COLUMNS`."""
    id_, camera, path, start, end, size, codec, width, height, sealed, volume = row
    return Segment(
        id=id_, camera=camera, path=path, start=start, end=end, bytes=size, codec=codec, width=width, height=height,
        sealed=bool(sealed), volume=volume,
    )  # fmt: skip


def to_gap(row: tuple[str, int, int, GapReason, str]) -> Gap:
    """Return the gap of a row of `GAP`."""
    camera, start, end, reason, detail = row
    return Gap(camera=camera, start=start, end=end, reason=reason, detail=detail)


def to_lock(row: tuple[str, str, int, int, int, str, str, int]) -> Lock:
    """Return the lock of a row of `LOCK`."""
    id_, camera, start, end, until, reason, by, made = row
    return Lock(id=id_, camera=camera, start=start, end=end, until=until, reason=reason, by=by, made=made)


class SqliteSegmentIndex:
    """`SegmentIndex` in a file of its own; the media worker that records is its one writer."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._readers = Readers(path)
        self._writer: GroupWriter[Sequence[Segment], None] = GroupWriter(path, connection, self._write, wal_pages=256)

    @classmethod
    def open(cls, path: Path | str, *, page_limit: int | None = None) -> SqliteSegmentIndex:
        """Open or make the file; `page_limit` bounds it in pages of 4096 bytes.

        Raises StorageFull or Unreachable.
        """
        path = Path(path)
        connection = connect_writer(path, page_limit=page_limit)
        migrate(connection, path, STORE, SCHEMA)
        with refusing(path):
            return cls(path, connection)

    async def add(self, segments: Sequence[Segment]) -> None:
        """Store segments, durable on return; one with a known id replaces it.

        Raises Invalid where a segment ends before it starts or its path leaves the volume.
        """
        for one in segments:
            if not 0 <= one.start <= one.end < 1 << 62 or one.bytes < 0:
                raise Invalid(
                    "Times or size are not possible.", where=f"segment {one.id}", remedy="0 <= start <= end, bytes >= 0."
                )
            if Path(one.path).is_absolute() or ".." in Path(one.path).parts:
                raise Invalid(f"The path {one.path!r} leaves the volume.", where=f"segment {one.id}", remedy="Make it relative.")
        if segments:
            await self._writer.submit(segments, len(segments))

    def _write(self, connection: sqlite3.Connection, batches: Sequence[Sequence[Segment]]) -> list[None]:
        rows = [
            (s.id, s.camera, s.path, s.start, s.end, s.bytes, s.codec, s.width, s.height, s.sealed, s.volume)
            for batch in batches
            for s in batch
        ]
        connection.executemany(f"INSERT OR REPLACE INTO segments ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows)  # noqa: S608
        connection.execute("UPDATE longest SET span = max(span, ?)", (max(row[4] - row[3] for row in rows),))
        return [None] * len(batches)

    async def find(self, camera: str, start: int, end: int, limit: int = 100_000) -> list[Segment]:
        """Return the segments that overlap [start, end), in order of their start."""
        check_limit(limit, 100_000, "limit")
        return await self._select(
            'camera = ? AND start < ? AND start >= ? - (SELECT span FROM longest) AND "end" > ? ORDER BY start LIMIT ?',
            camera, end, start, start, limit,
        )  # fmt: skip

    async def oldest(
        self, limit: int = 100, camera: str | None = None, after: int = -1, *, volume: str | None = None
    ) -> list[Segment]:
        """Return the oldest segments that start after a moment, of all cameras or of one, on all volumes or on one."""
        check_limit(limit, 100_000, "limit")
        chosen = {"camera": camera, "volume": volume}
        conditions = [f"{name} = ?" for name, value in chosen.items() if value is not None]
        values = [value for value in chosen.values() if value is not None]
        return await self._select(" AND ".join([*conditions, "start > ?"]) + " ORDER BY start LIMIT ?", *values, after, limit)

    async def _select(self, condition: str, *values: object) -> list[Segment]:
        statement = f"SELECT {COLUMNS} FROM segments WHERE {condition}"  # noqa: S608
        return await self._readers.run(lambda connection: [to_segment(row) for row in connection.execute(statement, values)])

    async def usage(self) -> dict[str, tuple[int, int, int]]:
        """Return camera to (bytes, start of the oldest, end of the newest segment)."""

        def fetch(connection: sqlite3.Connection) -> dict[str, tuple[int, int, int]]:
            rows = connection.execute('SELECT camera, sum(bytes), min(start), max("end") FROM segments GROUP BY camera')
            return {camera: (size, oldest, newest) for camera, size, oldest, newest in rows}

        return await self._readers.run(fetch)

    async def held(self) -> dict[str, dict[str, int]]:
        """Return volume to camera to bytes."""

        def fetch(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
            found: dict[str, dict[str, int]] = {}
            for volume, camera, size in connection.execute(
                "SELECT volume, camera, sum(bytes) FROM segments GROUP BY volume, camera"
            ):
                found.setdefault(volume, {})[camera] = size
            return found

        return await self._readers.run(fetch)

    async def recent(self, since: int) -> dict[str, tuple[int, int]]:
        """Return camera to (bytes, start of the oldest) of the segments that start at or after a moment."""

        def fetch(connection: sqlite3.Connection) -> dict[str, tuple[int, int]]:
            statement = "SELECT camera, sum(bytes), min(start) FROM segments WHERE start >= ? GROUP BY camera"
            return {camera: (size, oldest) for camera, size, oldest in connection.execute(statement, (since,))}

        return await self._readers.run(fetch)

    async def remove(self, ids: Sequence[str], *, leave: Sequence[Segment] = ()) -> None:
        """Forget segments, durable on return; unknown ids are no error. The files of `leave` become leftovers."""
        rows = [(one,) for one in ids]
        left = [(one.volume, one.path) for one in leave]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM segments WHERE id = ?", rows)
            connection.executemany("INSERT OR IGNORE INTO leftovers VALUES (?,?)", left)

        await self._writer.call(write)

    async def move(self, segment: Segment, volume: str) -> bool:
        """Say that a segment lies on another volume now, durable on return; its old file becomes a leftover.

        False where it is not where it was, or is known no more.
        """

        def write(connection: sqlite3.Connection) -> bool:
            update = "UPDATE segments SET volume = ? WHERE id = ? AND volume = ?"
            if not connection.execute(update, (volume, segment.id, segment.volume)).rowcount:
                return False
            connection.execute("INSERT OR IGNORE INTO leftovers VALUES (?,?)", (segment.volume, segment.path))
            connection.execute("DELETE FROM leftovers WHERE volume = ? AND path = ?", (volume, segment.path))
            return True

        return await self._writer.call(write)

    async def leftovers(self, volume: str) -> list[str]:
        """Return the paths of files that are still to be deleted from a volume, since their segments lie elsewhere."""

        def fetch(connection: sqlite3.Connection) -> list[str]:
            return [path for (path,) in connection.execute("SELECT path FROM leftovers WHERE volume = ?", (volume,))]

        return await self._readers.run(fetch)

    async def leave(self, volume: str, paths: Sequence[str]) -> None:
        """Note files that are to be deleted from a volume, durable on return."""
        rows = [(volume, path) for path in paths]
        statement = "INSERT OR IGNORE INTO leftovers VALUES (?,?)"
        await self._writer.call(lambda connection: connection.executemany(statement, rows) and None)

    async def cleared(self, volume: str, paths: Sequence[str]) -> None:
        """Forget leftovers that are deleted."""
        rows = [(volume, path) for path in paths]
        statement = "DELETE FROM leftovers WHERE volume = ? AND path = ?"
        await self._writer.call(lambda connection: connection.executemany(statement, rows) and None)

    async def volumes(self) -> dict[str, tuple[str, bool]]:
        """Return volume to (its mark, whether it had a disk of its own) of those that were ever written to."""

        def fetch(connection: sqlite3.Connection) -> dict[str, tuple[str, bool]]:
            return {id_: (mark, bool(own)) for id_, mark, own in connection.execute("SELECT id, mark, own FROM volumes")}

        return await self._readers.run(fetch)

    async def know(self, volume: str, mark: str, own: bool) -> None:
        """Remember a volume's mark, durable on return."""
        statement = "INSERT OR REPLACE INTO volumes VALUES (?,?,?)"
        await self._writer.call(lambda connection: connection.execute(statement, (volume, mark, own)) and None)

    async def note(self, gaps: Sequence[Gap]) -> None:
        """Store gaps, durable on return; one replaces another of the same start, an empty one deletes it."""
        rows = [(one.camera, one.start, one.end, one.reason, one.detail) for one in gaps]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(f"INSERT OR REPLACE INTO gaps ({GAP}) VALUES (?,?,?,?,?)", rows)  # noqa: S608
            connection.executemany(
                'DELETE FROM gaps WHERE camera = ? AND start = ? AND "end" != 0 AND "end" <= start', [row[:2] for row in rows]
            )

        if rows:
            await self._writer.call(write)

    async def gaps(self, camera: str, start: int, end: int, limit: int = 100_000) -> list[Gap]:
        """Return the gaps that overlap [start, end), in order of their start; one that lasts has the end 0."""
        check_limit(limit, 100_000, "limit")
        condition = 'camera = ? AND start < ? AND ("end" > ? OR "end" = 0) ORDER BY start LIMIT ?'
        return await self._gaps(condition, camera, end, start, limit)

    async def open_gaps(self) -> list[Gap]:
        """Return the gaps that last."""
        return await self._gaps('"end" = 0')

    async def _gaps(self, condition: str, *values: object) -> list[Gap]:
        statement = f"SELECT {GAP} FROM gaps WHERE {condition}"  # noqa: S608
        return await self._readers.run(lambda connection: [to_gap(row) for row in connection.execute(statement, values)])

    async def forget_before(self, camera: str, start: int, before: int, detail: str) -> None:
        """Put one gap "deleted", from `start` or earlier, in the place of all gaps of the camera before a moment."""

        def write(connection: sqlite3.Connection) -> None:
            old = 'camera = ? AND "end" != 0 AND "end" <= ?'
            first = connection.execute(f"SELECT min(start) FROM gaps WHERE {old}", (camera, before)).fetchone()[0]  # noqa: S608
            connection.execute(f"DELETE FROM gaps WHERE {old}", (camera, before))  # noqa: S608
            row = (camera, start if first is None else min(first, start), before, detail)
            connection.execute(f"INSERT OR IGNORE INTO gaps ({GAP}) VALUES (?,?,?,'deleted',?)", row)  # noqa: S608

        await self._writer.call(write)

    async def accounted(self) -> dict[str, int]:
        """Return camera to the moment up to which it is known what was recorded of it and what was not."""

        def fetch(connection: sqlite3.Connection) -> dict[str, int]:
            rows = connection.execute(
                'SELECT camera, max("end") FROM (SELECT camera, "end" FROM segments UNION ALL SELECT camera, "end" FROM gaps)'
                " GROUP BY camera"
            )
            return dict(rows.fetchall())

        return await self._readers.run(fetch)

    async def alive(self) -> int:
        """Return when the recorder last said that it runs; 0 where it never did."""

        def fetch(connection: sqlite3.Connection) -> int:
            row = connection.execute("SELECT time FROM alive").fetchone()
            return int(row[0]) if row else 0

        return await self._readers.run(fetch)

    async def beat(self, time: int) -> None:
        """Say that the recorder runs."""
        statement = "INSERT OR REPLACE INTO alive VALUES (1, ?)"
        await self._writer.call(lambda connection: connection.execute(statement, (time,)) and None)

    async def lock(self, lock: Lock) -> None:
        """Store a lock, durable on return."""
        row = (lock.id, lock.camera, lock.start, lock.end, lock.until, lock.reason, lock.by, lock.made)
        statement = f"INSERT OR REPLACE INTO locks ({LOCK}) VALUES (?,?,?,?,?,?,?,?)"  # noqa: S608
        await self._writer.call(lambda connection: connection.execute(statement, row) and None)

    async def unlock(self, ids: Sequence[str]) -> None:
        """Forget locks, durable on return."""
        rows = [(one,) for one in ids]
        await self._writer.call(lambda connection: connection.executemany("DELETE FROM locks WHERE id = ?", rows) and None)

    async def locks(self) -> list[Lock]:
        """Return all locks in order of their camera and start."""

        def fetch(connection: sqlite3.Connection) -> list[Lock]:
            return [to_lock(row) for row in connection.execute(f"SELECT {LOCK} FROM locks ORDER BY camera, start, id")]  # noqa: S608

        return await self._readers.run(fetch)

    async def order(self, order: Order) -> None:
        """Store an order to record, durable on return; it replaces the camera's last one."""
        row = (order.camera, order.until, order.reason, order.by)
        statement = "INSERT OR REPLACE INTO orders VALUES (?,?,?,?)"
        await self._writer.call(lambda connection: connection.execute(statement, row) and None)

    async def orders(self) -> list[Order]:
        """Return the last order of each camera."""

        def fetch(connection: sqlite3.Connection) -> list[Order]:
            rows = connection.execute('SELECT camera, until, reason, "by" FROM orders ORDER BY camera')
            return [Order(camera=camera, until=until, reason=reason, by=by) for camera, until, reason, by in rows]

        return await self._readers.run(fetch)

    async def close(self) -> None:
        """Write what waits and close the file."""
        await self._writer.close()
        self._readers.close()
