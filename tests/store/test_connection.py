import asyncio
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.errors import TimedOut, Unreachable
from sitewarden.store.prepared import is_counted, split_key
from sitewarden.store.sqlite import Outbox, SqliteEventLog, SqliteSampleStore, SqliteSegmentIndex, SqliteStateStore
from sitewarden.store.sqlite.connection import Readers, connect_writer
from tests.store.samples_of import StillClock, event

PARTS = st.one_of(
    st.integers(0, 10**20).map(str), st.sampled_from(["0", "00", "-1", "+1", "1 ", "", "#", "/", "a"]), st.text(max_size=4)
)
KEYS = st.lists(PARTS, min_size=1, max_size=5).map("/".join)


@given(KEYS, KEYS)
def test_two_keys_are_one_in_the_file_only_where_they_are_one(one: str, other: str) -> None:
    assert (split_key(one) == split_key(other)) == (one == other)


@given(KEYS)
def test_a_key_fits_into_the_files_columns(key: str) -> None:
    origin, epoch, index = split_key(key)
    assert -(1 << 63) <= epoch < 1 << 63 and -(1 << 63) <= index < 1 << 63
    if is_counted(origin):
        assert f"{origin}/{epoch}/{index}" == key


async def test_nobody_else_may_read_a_store(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        state = SqliteStateStore.open(tmp_path / "deep/state.db", StillClock())
        log = SqliteEventLog.open(tmp_path / "deep/events.db")
        await log.append([event(1)])
        files = list((tmp_path / "deep").iterdir())
        assert {"events.db", "events.db-wal", "events.db-shm", "state.db"} <= {one.name for one in files}
        assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
        await log.close()
        await state.close()
    finally:
        os.umask(previous)


@pytest.mark.parametrize("store", [SqliteEventLog, SqliteSampleStore, SqliteSegmentIndex, Outbox])
def test_a_path_that_cannot_be_is_refused_with_advice(tmp_path: Path, store: type[SqliteEventLog]) -> None:
    (tmp_path / "file").write_text("no directory")
    (tmp_path / "folder.db").mkdir()
    for path in (tmp_path / "file/x.db", tmp_path / "folder.db"):
        with pytest.raises(Unreachable) as refused:
            store.open(path)
        assert refused.value.remedy and refused.value.where == str(path)


async def test_a_read_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    writer = connect_writer(tmp_path / "x.db")
    writer.execute("CREATE TABLE t (x)")
    readers = Readers(tmp_path / "x.db", deadline=0.05)

    def forever(connection: sqlite3.Connection) -> object:
        return connection.execute(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
        ).fetchone()

    with pytest.raises(TimedOut):
        await readers.run(forever)
    assert await readers.run(lambda connection: connection.execute("SELECT count(*) FROM t").fetchone()) == (0,)
    with pytest.raises(Unreachable):
        await readers.run(lambda connection: connection.execute("DELETE FROM t"))
    await asyncio.to_thread(readers.close)
    writer.close()
