"""Checks of the database while the server is stopped. Changes nothing; every finding says where and what to do."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import asyncpg
import msgspec

from sitewarden.domain.errors import Refusal
from sitewarden.store import packed_fsck
from sitewarden.store.documents import MOST, check, limited
from sitewarden.store.interfaces import Finding
from sitewarden.store.postgres import event_tallies
from sitewarden.store.postgres.event_rows import BLOCK, OVERHEAD, month_of, seqs_of, told
from sitewarden.store.postgres.sample_reader import blocking
from sitewarden.store.postgres.sample_rows import SampleRows
from sitewarden.store.postgres.schema import EVENTS, SAMPLES, STATE, take
from sitewarden.store.postgres.server import Server, describe, refusing
from sitewarden.store.postgres.state_store import verify
from sitewarden.store.prepared import decode_body, split_key

Progress = Callable[[str, int, int], None]
ROWS: Final = 2000
RESTORE: Final = "Put back the last backup of the database."
SILENT: Final[Progress] = lambda what, done, total: None  # noqa: E731


async def check_database(server: Server, progress: Progress = SILENT) -> list[Finding]:
    """Check events, state and samples, in one view of the database. Its locks are taken, so that no server writes meanwhile."""
    try:
        connection = await server.connect()
        try:
            said = await describe(connection, server.where)
            for lock in (EVENTS, STATE, SAMPLES):
                await take(connection, lock, server.where)
            with refusing(server.where):
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    found = [*_settings(server.where, said), *await _Events(connection, server.where, progress).check()]
                    found += await _state(connection, server.where, progress)
                    found += await _samples(connection, server.where, progress)
                    return [*found, *await _anchors(connection, server.where)]
        finally:
            await connection.close()
    except Refusal as error:
        return [Finding(where=error.where or server.where, what=error.what, remedy=error.remedy)]


def _settings(where: str, said: dict[str, Any]) -> list[Finding]:
    return [
        Finding(
            where=where,
            what=f"The server runs with {name} = off: what it confirms can be lost when its computer loses power.",
            remedy=f"Set {name} = on in its postgresql.conf.",
        )
        for name in ("fsync", "full_page_writes")
        if said[name] == "off"
    ]


class _Events:
    """A walk over all events, in order of seq, with what each index says of them beside it."""

    def __init__(self, connection: asyncpg.Connection, where: str, progress: Progress) -> None:
        self._connection = connection
        self._where = where
        self._progress = progress
        self._found: list[Finding] = []
        self._kinds: dict[str, int] = {}

    def _find(self, seq: int, what: str) -> None:
        kind = what.rstrip("0123456789 .")
        self._kinds[kind] = self._kinds.get(kind, 0) + 1
        if self._kinds[kind] <= MOST:
            self._found.append(Finding(where=f"{self._where}: event {seq}", what=what, remedy=RESTORE))

    async def check(self) -> list[Finding]:
        """Return what is wrong."""
        connection = self._connection
        names = {number: told(name) for number, name in await connection.fetch("SELECT id, name FROM event_names")}
        numbers = {name: number for number, name in names.items()}
        floor = await connection.fetchval("SELECT value FROM event_meta WHERE name = 'floor'")
        total = await connection.fetchval("SELECT count(*) FROM events")
        blocks = {row[0]: tuple(row)[1:] for row in await connection.fetch("SELECT * FROM event_blocks")}
        sizes: dict[int, int] = {}
        sums: Counter[tuple[int, int, int, int, int]] = Counter()
        expected, last, done = floor + 1, 0, 0
        columns = "seq, stored, time, type, severity, origin, epoch, idx, body, tableoid::regclass::text"
        query = f"SELECT {columns} FROM events ORDER BY seq"  # noqa: S608
        cursor = await connection.cursor(query)
        while rows := await cursor.fetch(ROWS):
            concerned = await self._concerned(rows[0][0], rows[-1][0])
            self._progress("events", done, total)
            for *key, count in event_tallies.rows_of([(row[1], row[2], row[3], row[4]) for row in rows]):
                month, level, step, type_, severity = key
                sums[month, level, step, type_, severity] += count
            done += len(rows)
            for seq, stored, time, type_, severity, origin, epoch, index, body, table in rows:
                if seq == last:
                    self._find(seq, "It is there twice.")
                last = seq
                if seq > floor:
                    if seq != expected:
                        self._find(seq, f"The events {expected} to {seq - 1} are missing.")
                    expected = seq + 1
                try:
                    event = decode_body(body)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    self._find(seq, f"Its content cannot be read: {error}.")
                    continue
                said = (time, names.get(type_), severity, (names.get(origin), epoch, index))
                if said != (event.time, event.type, event.severity, split_key(event.key)):
                    self._find(seq, "Its columns differ from its content.")
                if not table.endswith(month_of(stored)):
                    self._find(seq, f"It lies in {table}, not in the table of its month.")
                earliest, latest, _ = blocks.get(seq // BLOCK, (1, 0, 0))
                if not earliest <= time <= latest:
                    self._find(seq, "A search by time would not find it.")
                wanted = {numbers.get(one, 0) for one in (event.entity, *event.related)}
                if not wanted <= concerned.get(seq, set()):
                    self._find(seq, "A search by entity would not find it.")
                sizes[seq // BLOCK] = sizes.get(seq // BLOCK, 0) + len(body) + OVERHEAD
        self._progress("events", total, total)
        for block, (_, _, size) in sorted(blocks.items()):
            if sizes.get(block, 0) != size:
                self._find(block * BLOCK, f"Its block is counted as {size} bytes and has {sizes.get(block, 0)}.")
        kept = await connection.fetch("SELECT month, level, step, type, severity, n FROM event_tallies")
        told_sums = {tuple(row)[:5]: row[5] for row in kept}
        wrong = sorted(key for key in sums.keys() | told_sums.keys() if sums.get(key, 0) != told_sums.get(key, 0))
        if wrong:
            what = f"{len(wrong)} sums of events by minute and hour differ from the events; counts over time are wrong."
            self._found.append(Finding(where=self._where, what=what, remedy=RESTORE))
        repeats = await connection.fetch(
            "SELECT min(seq) FROM events GROUP BY origin, epoch, idx HAVING count(*) > 1 ORDER BY 1 LIMIT $1", MOST
        )
        for (seq,) in repeats:
            self._find(seq, "Another event has the same key.")
        return self._found

    async def _concerned(self, first: int, last: int) -> dict[int, set[int]]:
        rows = await self._connection.fetch(
            "SELECT entity, first, places FROM event_concerns WHERE first <= $1 AND last >= $2", last, first
        )
        found: dict[int, set[int]] = {}
        for entity, begins, places in rows:
            for seq in seqs_of(begins, places):
                if first <= seq <= last:
                    found.setdefault(seq, set()).add(entity)
        return found


async def _state(connection: asyncpg.Connection, where: str, progress: Progress) -> list[Finding]:
    rows = [tuple(row) for row in await connection.fetch("SELECT kind, id, data FROM entities ORDER BY 1, 2")]
    progress("state", 0, len(rows))
    found = limited(check(rows, where, RESTORE))
    progress("state", len(rows), len(rows))
    return found + limited(await verify(connection, where))


async def _samples(connection: asyncpg.Connection, where: str, progress: Progress) -> list[Finding]:
    """Every chunk, rollup and journal row against what is said of it; unpacking is a thread's work."""
    rows = SampleRows(blocking(asyncio.get_running_loop(), connection.fetch))
    # Tables of samples that core of this version did not make yet hold nothing.
    if await connection.fetchval("SELECT to_regclass('sample_meta')") is None:
        return []

    def told(what: str, done: int, of: int) -> None:
        progress("samples", done, of)

    return limited(await asyncio.to_thread(lambda: list(packed_fsck.check(where, rows, told))))


async def _anchors(connection: asyncpg.Connection, where: str) -> list[Finding]:
    """The audit chain against its heads in `system.started` events: what the audit log alone cannot show."""
    rows = await connection.fetch(
        "SELECT seq, body FROM events WHERE type = (SELECT id FROM event_names WHERE name = 'system.started') ORDER BY seq"
    )
    found: list[Finding] = []
    for seq, body in rows:
        number, _, digest = str(decode_body(body).data.get("audit", "")).partition(" ")
        if not number.isdecimal() or number == "0":
            continue
        held = await connection.fetchval("SELECT encode(hash, 'hex') FROM audit WHERE id = $1", int(number))
        if held != digest:
            found.append(
                Finding(
                    where=f"{where}: audit {number}",
                    what=f"Event {seq} says that this entry stood in the audit log; it is gone or was written anew.",
                    remedy="Compare with a backup from before that event.",
                )
            )
    return limited(found)
