"""Where recorded video lies, on SQLite; one file for each media worker."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sitewarden.domain.errors import Invalid
from sitewarden.domain.video.model import Segment
from sitewarden.store.sqlite.connection import Readers, check_limit, connect_writer, refusing
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
)
COLUMNS: Final = 'id, camera, path, start, "end", bytes, codec, width, height, sealed'


def to_segment(row: tuple[str, str, str, int, int, int, str, int, int, int]) -> Segment:
    """Return the segment of a row of `COLUMNS`."""
    id_, camera, path, start, end, size, codec, width, height, sealed = row
    return Segment(
        id=id_, camera=camera, path=path, start=start, end=end, bytes=size, codec=codec, width=width, height=height,
        sealed=bool(sealed),
    )  # fmt: skip


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

        Raises Invalid where a segment ends before it starts or its path leaves the media directory.
        """
        for one in segments:
            if not 0 <= one.start <= one.end < 1 << 62 or one.bytes < 0:
                raise Invalid(
                    "Times or size are not possible.", where=f"segment {one.id}", remedy="0 <= start <= end, bytes >= 0."
                )
            if Path(one.path).is_absolute() or ".." in Path(one.path).parts:
                raise Invalid(
                    f"The path {one.path!r} leaves the media directory.", where=f"segment {one.id}", remedy="Make it relative."
                )
        if segments:
            await self._writer.submit(segments, len(segments))

    def _write(self, connection: sqlite3.Connection, batches: Sequence[Sequence[Segment]]) -> list[None]:
        rows = [
            (s.id, s.camera, s.path, s.start, s.end, s.bytes, s.codec, s.width, s.height, s.sealed)
            for batch in batches
            for s in batch
        ]
        connection.executemany(f"INSERT OR REPLACE INTO segments ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)", rows)  # noqa: S608
        connection.execute("UPDATE longest SET span = max(span, ?)", (max(row[4] - row[3] for row in rows),))
        return [None] * len(batches)

    async def find(self, camera: str, start: int, end: int, limit: int = 100_000) -> list[Segment]:
        """Return the segments that overlap [start, end), in order of their start."""
        check_limit(limit, 100_000, "limit")
        return await self._select(
            'camera = ? AND start < ? AND start >= ? - (SELECT span FROM longest) AND "end" > ? ORDER BY start LIMIT ?',
            camera, end, start, start, limit,
        )  # fmt: skip

    async def oldest(self, limit: int = 100, camera: str | None = None) -> list[Segment]:
        """Return the oldest segments of all cameras or of one."""
        check_limit(limit, 100_000, "limit")
        if camera is None:
            return await self._select("1 ORDER BY start LIMIT ?", limit)
        return await self._select("camera = ? ORDER BY start LIMIT ?", camera, limit)

    async def _select(self, condition: str, *values: object) -> list[Segment]:
        statement = f"SELECT {COLUMNS} FROM segments WHERE {condition}"  # noqa: S608
        return await self._readers.run(lambda connection: [to_segment(row) for row in connection.execute(statement, values)])

    async def usage(self) -> dict[str, tuple[int, int, int]]:
        """Return camera to (bytes, start of the oldest, end of the newest segment)."""

        def fetch(connection: sqlite3.Connection) -> dict[str, tuple[int, int, int]]:
            rows = connection.execute('SELECT camera, sum(bytes), min(start), max("end") FROM segments GROUP BY camera')
            return {camera: (size, oldest, newest) for camera, size, oldest, newest in rows}

        return await self._readers.run(fetch)

    async def remove(self, ids: Sequence[str]) -> None:
        """Forget segments, durable on return; unknown ids are no error."""
        rows = [(one,) for one in ids]
        await self._writer.call(lambda connection: connection.executemany("DELETE FROM segments WHERE id = ?", rows) and None)

    async def close(self) -> None:
        """Write what waits and close the file."""
        await self._writer.close()
        self._readers.close()
