"""The thread beside the writer of samples; it converts what an older version wrote, too."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from sitewarden.store.chunks import seal as seals
from sitewarden.store.chunks.head import lasts
from sitewarden.store.chunks.integers import USUAL
from sitewarden.store.chunks.packed import CHUNK
from sitewarden.store.chunks.tender import Tender
from sitewarden.store.sqlite.connection import transaction
from sitewarden.store.sqlite.sample_file import SampleFile, apply, has_rows, put_lasts
from sitewarden.store.sqlite.sample_rows import OlderRows, columns_of
from sitewarden.store.sqlite.space import give_back

Step = Callable[[sqlite3.Connection], None]


class SqliteTender(Tender):
    """Used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(SampleFile(connection))
        self._connection = connection
        self._older: OlderRows | None = OlderRows(connection) if has_rows(connection) else None
        self.give_back = give_back

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def convert(self) -> Step | None:
        """Return what makes chunks of rows of the older schema, a point after the other; None where there are none."""
        if self._older is None:
            return None
        first = self._connection.execute("SELECT point FROM samples LIMIT 1").fetchone()
        if first is None:
            self._older = None
            return _drop
        point = int(first[0])
        columns = columns_of(point, self._older.rows(point, -(1 << 62), 1 << 62, CHUNK))
        begin, end = int(columns.times[0]), int(columns.times[-1])
        work = seals.seal(self.packer, columns, {point: self.home.overlapping(point, begin, end)}, older=True)
        last = self.with_lasts(lasts(columns), older=True)
        body = self.packer.encode(last, USUAL, points=True)
        self.last = None
        self.tops.pop(point, None)

        def write(writer: sqlite3.Connection) -> None:
            apply(writer, work)
            put_lasts(writer, body)
            writer.execute("DELETE FROM samples WHERE point = ? AND time <= ?", (point, end))

        return write


def convert(connection: sqlite3.Connection) -> None:
    """Convert all rows of the older schema through a connection that writes; nobody else has the file open."""
    tender = SqliteTender(connection)
    while (step := tender.convert()) is not None:
        with transaction(connection):
            step(connection)


def _drop(writer: sqlite3.Connection) -> None:
    writer.execute("DROP TABLE samples")
