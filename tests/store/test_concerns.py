"""Whom events concern: a search finds what a look at every event finds, through bursts, retention and from an older file."""

import random
import sqlite3
from pathlib import Path

import pytest

from sitewarden.store.interfaces import EventFilter, EventLog
from sitewarden.store.sqlite import SqliteEventLog
from sitewarden.store.sqlite.concerns import SPAN
from sitewarden.store.sqlite.event_rows import SCHEMA
from sitewarden.store.sqlite.fsck import check_all
from tests.store.conftest import Home
from tests.store.samples_of import NOON, StillClock, event

WHO = ("door:a", "door:b", "holder:ada", "holder:eve", "camera:yard")


async def fill(log: EventLog, clock: StillClock, seed: int) -> None:
    """Store more events than a span holds, in calls of one and of hundreds; "site:all" concerns every one."""
    draw = random.Random(seed)
    index = 0
    while index < 3 * SPAN + 17:
        batch = []
        for _ in range(draw.choice((1, 1, 2, 300))):
            index += 1
            clock.time += draw.randrange(1000)
            related = ("site:all", *draw.sample(WHO, draw.randrange(4)))
            batch.append(
                event(index, entity=draw.choice(WHO), related=related, time=NOON + draw.randrange(10_000), severity=index % 4)
            )
        await log.append(batch)


async def filled(path: Path, clock: StillClock, seed: int) -> SqliteEventLog:
    log = SqliteEventLog.open(path, now=clock.now)
    await fill(log, clock, seed)
    return log


async def compare(log: EventLog, draw: random.Random) -> None:
    """Hold searches by entity against a plain scan."""
    every = []
    while page := await log.read(EventFilter(after=every[-1].seq if every else 0, limit=500)):
        every += page
    for _ in range(60):
        entity = draw.choice((*WHO, "site:all", "door:nobody"))
        limit, ascending = draw.choice((1, 7, 500)), draw.random() < 0.5
        after = draw.randrange(every[-1].seq + 2) if ascending else None
        before = draw.randrange(every[-1].seq + 2) if draw.random() < 0.5 else None
        least = draw.choice((0, 0, 2, 3))
        start = NOON + draw.randrange(10_000) if draw.random() < 0.3 else None
        wanted = [
            one
            for one in every
            if entity in (one.event.entity, *one.event.related)
            and (after is None or one.seq > after)
            and (before is None or one.seq < before)
            and one.event.severity >= least
            and (start is None or one.event.time >= start)
        ]
        which = EventFilter(entity=entity, after=after, before=before, severity=least, start=start, limit=limit)
        assert await log.read(which) == (wanted if ascending else wanted[::-1])[:limit]


@pytest.mark.parametrize("seed", range(3))
async def test_a_search_by_entity_finds_what_a_plain_scan_finds_also_after_retention(home: Home, seed: int) -> None:
    clock = StillClock(NOON)
    log = await home.log(clock.now)
    await fill(log, clock, seed)
    draw = random.Random(seed)
    await compare(log, draw)
    middle = (await log.read(EventFilter(after=2 * SPAN, limit=1)))[0]
    assert await log.retain(before=middle.stored) > SPAN
    await compare(log, draw)
    await log.close()
    assert await home.findings() == []


async def test_a_file_with_a_row_for_each_pair_is_brought_over(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    await (await filled(path, StillClock(NOON), 1)).close()
    with sqlite3.connect(path, isolation_level=None) as old:
        rows = old.execute("SELECT entity, span, places FROM postings").fetchall()
        old.execute("DROP TABLE postings")
        old.execute(next(one for one in SCHEMA[0].split(";") if "TABLE concerns" in one))
        for entity, span, places in rows:
            pairs = [(entity, span * SPAN + int(places[at : at + 3], 16)) for at in range(0, len(places), 3)]
            old.executemany("INSERT INTO concerns VALUES (?, ?)", pairs)
        old.execute("DROP TABLE recent")
        old.execute("DROP TABLE tallies")
        old.execute("ALTER TABLE blocks DROP COLUMN deleted")
        old.execute("DELETE FROM migrations WHERE version > 1")
    old.close()
    log = SqliteEventLog.open(path)
    await compare(log, random.Random(1))
    await log.close()
    assert check_all(tmp_path) == []


async def left_behind(path: Path, clock: StillClock) -> None:
    """Store events in a file, and leave it as a killed process does: the last span is not full, and its rows are not written."""
    log = await filled(path.with_name("running.db"), clock, 2)
    other = sqlite3.connect(log.path, isolation_level=None)
    assert 0 < other.execute("SELECT sum(length(counts)) FROM recent").fetchone()[0] < SPAN
    other.execute("VACUUM INTO ?", (str(path),))
    other.close()
    await log.close()


async def test_the_span_that_is_not_full_is_searched_checked_and_goes_on(tmp_path: Path) -> None:
    path, clock = tmp_path / "killed" / "events.db", StillClock(NOON)
    path.parent.mkdir()
    await left_behind(path, clock)
    assert check_all(path.parent) == []
    log = SqliteEventLog.open(path, now=clock.now)
    await compare(log, random.Random(3))
    before = log.head()
    await log.append([event(before + 100 + index, related=("site:all",)) for index in range(SPAN)])
    await compare(log, random.Random(4))
    assert await log.retain(before=clock.time + 1) == log.head() - 1
    await log.close()
    assert check_all(path.parent) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE recent SET entities = x'00'", "by entity"),
        ("UPDATE recent SET counts = zeroblob(length(counts))", "by entity"),
        ("INSERT INTO recent VALUES (1, x'01', x'07000000')", "index entries"),
    ],
)
async def test_damage_of_the_span_that_is_not_full_is_told(tmp_path: Path, statement: str, what: str) -> None:
    path = tmp_path / "killed" / "events.db"
    path.parent.mkdir()
    await left_behind(path, StillClock(NOON))
    with sqlite3.connect(path) as damaged:
        damaged.execute(statement)
    damaged.close()
    assert any(what in finding.what for finding in check_all(path.parent))


@pytest.mark.parametrize(("places", "what"), [("zzz", "by entity"), ("000001", "index entries")])
async def test_damage_is_told(tmp_path: Path, places: str, what: str) -> None:
    path = tmp_path / "events.db"
    await (await filled(path, StillClock(NOON), 1)).close()
    with sqlite3.connect(path) as damaged:
        if what == "by entity":
            damaged.execute("UPDATE postings SET places = ? WHERE span = 1", (places,))
        else:
            damaged.execute("INSERT INTO postings VALUES (12345, 0, ?)", (places,))
    damaged.close()
    assert any(what in finding.what for finding in check_all(tmp_path))
