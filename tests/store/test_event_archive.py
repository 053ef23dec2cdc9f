"""The archive of events: what retention deletes is in Parquet, once, whatever crashes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from pyarrow import parquet

from sitewarden.app.event_retention import _compact
from sitewarden.domain.clock import DAY
from sitewarden.domain.errors import Unreachable
from sitewarden.domain.events import StoredEvent
from sitewarden.services.aside import aside
from sitewarden.store.event_archive import PENDING, EventArchive, compact
from sitewarden.store.sqlite import SqliteEventLog
from tests.store.samples_of import NOON, StillClock, event


def stored(*numbers: int, day: int = 0) -> list[StoredEvent]:
    return [
        StoredEvent(seq=n, stored=NOON, event=event(n, time=NOON + day * DAY, data={"n": n, "ü": None}, related=("a:b", "c:d")))
        for n in numbers
    ]


async def test_what_is_deleted_is_archived_by_month_once_and_checked(tmp_path: Path) -> None:
    archive = EventArchive(tmp_path / "archive")
    archive.take(stored(1, 2, 3))
    archive.take(stored(4, day=40))
    first, second = archive.pending()
    assert await aside(lambda part: None, _compact, archive.folder, first) == 3, "in a child, with its limits"
    assert compact(archive.folder, second) == 1 and not archive.pending()
    archive.take(stored(3, 5))
    with (archive.folder / PENDING / f"{first}.jsonl").open("ab") as file:
        file.write(b'{"seq":99,"stor')
    archive.take(stored(6))
    assert compact(archive.folder, first) == 5
    one, other = archive.months()
    assert (one.month, one.rows, one.first, one.last, other.rows) == (first, 5, 1, 6, 1)
    assert len(list(archive.folder.glob("*.parquet"))) == 2, "what was replaced is gone"
    rows = parquet.read_table(archive.folder / one.file).to_pylist()
    assert [row["seq"] for row in rows] == [1, 2, 3, 5, 6]
    assert rows[0]["related"] == ["a:b", "c:d"] and msgspec.json.decode(rows[0]["data"]) == {"n": 1, "ü": None}
    assert rows[0]["time"].timestamp() * 1e6 == NOON
    assert [archive.wrong(month) for month in (one, other)] == ["", ""]
    data = (archive.folder / one.file).read_bytes()
    (archive.folder / one.file).write_bytes(data[:-1] + b"x")
    assert "SHA-256" in archive.wrong(one)
    (archive.folder / one.file).unlink()
    assert "missing" in archive.wrong(one)


async def test_nothing_is_deleted_that_cannot_be_archived(tmp_path: Path) -> None:
    clock = StillClock()
    log = SqliteEventLog.open(tmp_path / "events.db", now=clock.now)
    await log.append([event(n) for n in range(1, 2001)])
    (tmp_path / "archive").touch()
    clock.time += DAY
    await log.append([event(3000)])
    with pytest.raises(Unreachable, match="so they stay"):
        await log.retain(classes={"access": clock.time}, archive=EventArchive(tmp_path / "archive").take)
    (tmp_path / "archive").unlink()
    archive = EventArchive(tmp_path / "archive")
    assert await log.retain(classes={"access": clock.time}, archive=archive.take) == 2000
    await log.close()
    assert await asyncio.to_thread(compact, archive.folder, archive.pending()[0]) == 2000
