import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sitewarden.domain.clock import DAY, HOUR, MINUTE, SECOND
from sitewarden.domain.errors import Invalid, TooLarge, Unreachable
from sitewarden.domain.events import Confirm, Event, StoredEvent
from sitewarden.domain.retention import CLASSES
from sitewarden.store.interfaces import EventFilter, EventLog
from sitewarden.store.plain import ReadingLog
from sitewarden.store.postgres import event_search
from sitewarden.store.sqlite import SqliteEventLog, SqliteSampleStore, event_query, space
from sitewarden.store.sqlite.checkpoint import LAID_OUT
from sitewarden.store.sqlite.fsck import check_all
from tests.store.conftest import Home
from tests.store.samples_of import NOON, StillClock, event


@pytest_asyncio.fixture
async def log(home: Home) -> AsyncIterator[EventLog]:
    opened = await home.log()
    yield opened
    await opened.close()


def seqs(found: list[StoredEvent]) -> list[int]:
    return [one.seq for one in found]


async def test_events_come_back_as_they_were_after_a_restart(home: Home) -> None:
    one = event(
        1, related=("holder:ada", "camera:yard"), severity=2, data={"n": 1.5, "list": [1, "zwei", None], "ü": {"a": True}}
    )
    log = await home.log(lambda: NOON)
    assert await log.append([one], Confirm("gate", 1, 1)) == [StoredEvent(seq=1, stored=NOON, event=one)]
    await log.close()
    log = await home.log()
    assert log.head() == 1
    assert log.confirmed("gate") == (1, 1)
    assert log.confirmed("other") is None
    assert await log.read(EventFilter()) == [StoredEvent(seq=1, stored=NOON, event=one)]
    assert seqs(await log.append([event(2)])) == [2]
    await log.close()


@pytest.mark.parametrize("key", ["gate/1/7", "gate/1/07", "free text", "a/b/c", "#/1/1", "x/9999999999999999999/1", "gate/1/-1"])
async def test_a_repeated_key_is_dropped_in_one_call_in_two_and_after_a_restart(home: Home, key: str) -> None:
    log = await home.log()
    assert seqs(await log.append([event(1), event(0, key=key), event(0, key=key)])) == [1, 2]
    assert await log.append([event(0, key=key)]) == []
    await log.close()
    log = await home.log()
    assert seqs(await log.append([event(0, key=key), event(2)])) == [3]
    await log.close()


async def test_keys_that_look_alike_are_different(log: EventLog) -> None:
    keys = ["gate/1/7", "gate/1/07", "gate/01/7", "gate/1/7/", "/1/7", "gate/1", "gate//7", "x/gate/1/7"]
    assert len(await log.append([event(0, key=key) for key in keys])) == len(keys)


async def test_late_records_of_a_device_are_stored_and_its_repeats_are_not(log: EventLog) -> None:
    await log.append([event(10), event(12)])
    assert [one.event.key for one in await log.append([event(12), event(11), event(10), event(13)])] == ["gate/1/11", "gate/1/13"]


async def test_many_producers_share_transactions_and_each_keeps_its_order(log: EventLog) -> None:
    async def produce(origin: str) -> list[int]:
        return [(await log.append([event(index, origin=origin, entity=f"door:{origin}")]))[0].seq for index in range(20)]

    numbers = await asyncio.gather(*(produce(f"p{number}") for number in range(40)))
    assert sorted(seq for each in numbers for seq in each) == list(range(1, 801))
    assert all(each == sorted(each) for each in numbers)
    found = await log.read(EventFilter(entity="door:p7", after=0))
    assert [one.event.key for one in found] == [f"p7/1/{index}" for index in range(20)]


async def test_cursors_walk_both_ways_without_gap_or_overlap(log: EventLog) -> None:
    await log.append([event(index) for index in range(25)])
    up: list[int] = []
    while page := await log.read(EventFilter(after=up[-1] if up else 0, limit=10)):
        up += seqs(page)
    down: list[int] = []
    while page := await log.read(EventFilter(before=down[-1] if down else None, limit=10)):
        down += seqs(page)
    assert up == list(range(1, 26))
    assert down == up[::-1]
    assert seqs(await log.read(EventFilter(after=5, before=8))) == [6, 7]


async def filled(log: EventLog) -> list[Event]:
    types = ("access.granted", "access.denied", "door.forced", "system.started", "access.deniedx")
    events = [
        event(
            index,
            type=types[index % 5],
            severity=index % 4,
            entity=f"door:d{index % 3}",
            related=(f"holder:h{index % 7}", "door:d0") if index % 2 else (),
            time=NOON + (index * 7919) % 1000,
            text=f"Line {index} 100% of_it \\ Ärger",
        )
        for index in range(300)
    ]
    await log.append(events)
    return events


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize(
    "fields",
    [
        {"types": ("access.denied",)},
        {"types": ("access.*",)},
        {"types": ("access.*", "door.forced")},
        {"types": ("nothing.*",)},
        {"entity": "door:d0"},
        {"entity": "holder:h3"},
        {"entity": "holder:nobody"},
        {"entity": "door:d1", "types": ("access.*",), "severity": 1},
        {"severity": 1},
        {"severity": 2},
        {"severity": 3, "text": "line 1"},
        {"start": NOON + 100, "end": NOON + 300},
        {"start": NOON + 990},
        {"end": NOON + 7, "types": ("access.*",)},
        {"start": NOON + 2000},
        {"text": "LINE 12"},
        {"text": "100%"},
        {"text": "of_it \\"},
        {"text": "of.it"},
        {"text": "Ärger"},
        {"text": "severity"},
    ],
)
async def test_filters_find_what_a_plain_scan_finds(log: EventLog, fields: dict[str, object], ascending: bool) -> None:
    events = await filled(log)
    which = EventFilter(**{"limit": 40, **({"after": 17} if ascending else {"before": 280}), **fields})  # type: ignore[arg-type]

    def matches(seq: int, one: Event) -> bool:
        type_fits = any(one.type == t or (t.endswith(".*") and one.type.startswith(t[:-1])) for t in which.types)
        return (
            (seq > 17 if ascending else seq < 280)
            and (not which.types or type_fits)
            and (which.entity is None or which.entity in (one.entity, *one.related))
            and one.severity >= which.severity
            and (which.start is None or one.time >= which.start)
            and (which.end is None or one.time < which.end)
            and which.text.lower() in one.text.lower()
        )

    expected = [seq for seq, one in enumerate(events, start=1) if matches(seq, one)]
    assert seqs(await log.read(which)) == (expected if ascending else expected[::-1])[:40]


async def test_time_is_searched_through_blocks(log: EventLog) -> None:
    for start in range(0, 10_000, 2000):
        await log.append([event(index, time=NOON + index) for index in range(start, start + 2000)])
    await log.append([event(20_000, time=NOON + 50)])
    assert seqs(await log.read(EventFilter(after=0, start=NOON + 50, end=NOON + 52))) == [51, 52, 10_001]
    assert seqs(await log.read(EventFilter(start=NOON + 50, end=NOON + 52, limit=2))) == [10_001, 52]


@pytest.mark.parametrize("limit", [0, -1, 10_001])
async def test_an_impossible_limit_is_refused(log: EventLog, limit: int) -> None:
    with pytest.raises(Invalid):
        await log.read(EventFilter(limit=limit))


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"key": ""}, Invalid),
        ({"key": "k" * 251}, Invalid),
        ({"type": ""}, Invalid),
        ({"entity": "door:" + "x" * 140}, Invalid),
        ({"related": ("",)}, Invalid),
        ({"related": ("door:a",) * 33}, Invalid),
        ({"time": -1}, Invalid),
        ({"time": 1 << 62}, Invalid),
        ({"severity": 4}, Invalid),
        ({"data": {"x": object()}}, Invalid),
        ({"text": "x" * 70_000}, TooLarge),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_of_the_call_is_stored(
    log: EventLog, fields: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await log.append([event(1), event(2, **fields)])
    assert log.head() == 0
    assert seqs(await log.append([event(1)])) == [1]


async def test_a_confirm_never_goes_back_within_an_epoch(log: EventLog) -> None:
    await log.append([event(5)], Confirm("gate", 1, 5))
    await log.append([], Confirm("gate", 1, 3))
    assert log.confirmed("gate") == (1, 5)
    await log.append([], Confirm("gate", 2, 0))
    assert log.confirmed("gate") == (2, 0)


async def test_retention_by_age_keeps_the_newest_and_what_may_come_again(home: Home) -> None:
    clock = StillClock()
    log = await home.log(clock.now)
    await log.append([event(index) for index in range(1, 2501)], Confirm("gate", 1, 2400))
    clock.time += 1000
    await log.append([event(index, origin="other") for index in range(3)])
    assert await log.retain(before=NOON + 500) == 2400
    assert seqs(await log.read(EventFilter(after=0, limit=200))) == list(range(2401, 2504))
    await log.append([], Confirm("gate", 1, 2500))
    assert await log.retain(before=NOON + 500) == 100
    assert await log.retain(before=NOON + 9999) == 2
    assert log.head() == 2503
    await log.close()
    log = await home.log()
    assert log.head() == 2503
    assert seqs(await log.append([event(9999)])) == [2504]
    await log.close()


async def test_retention_by_size_and_a_cursor_that_is_still_needed(log: EventLog) -> None:
    await log.append([event(index, text="x" * 500) for index in range(3000)])
    assert await log.retain(max_bytes=1, keep_from=1000) == 999
    deleted = await log.retain(max_bytes=800_000)
    assert deleted > 0
    left = await log.read(EventFilter(after=0, limit=10_000))
    assert 0 < len(left) == 3000 - 999 - deleted
    assert left[-1].seq == 3000


async def test_what_retention_frees_goes_back_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "SPARE", 50)
    log = SqliteEventLog.open(tmp_path / "events.db")
    await log.append([event(index, text="x" * 2000) for index in range(800)])
    await log.retain(max_bytes=1)
    await log.append([event(9999)])
    await log.close()
    assert (tmp_path / "events.db").stat().st_size < 500_000
    assert check_all(tmp_path) == []


async def test_appends_and_reads_go_on_during_retention(log: EventLog) -> None:
    await log.append([event(index) for index in range(6000)])

    async def produce() -> None:
        for index in range(6000, 6050):
            await log.append([event(index)])

    await asyncio.gather(log.retain(max_bytes=1), produce())
    assert log.head() == 6050


async def test_the_wal_is_begun_anew_under_load_and_does_not_grow(tmp_path: Path) -> None:
    log = SqliteEventLog.open(tmp_path / "events.db")
    checkpointer = log._writer.checkpointer
    checkpointer.pages = 200
    wal = tmp_path / "events.db-wal"
    laid_out = wal.stat().st_size
    assert laid_out >= 4096 * LAID_OUT
    index = 0
    async with asyncio.timeout(100):
        while checkpointer.restarted < 5 or (tmp_path / "events.db").stat().st_size < laid_out:
            await log.append([event(index + offset, text="x" * 300) for offset in range(200)])
            index += 200
    assert wal.stat().st_size == laid_out
    assert seqs(await log.read(EventFilter(limit=1))) == [index]
    await log.close()
    assert not wal.exists()


async def test_a_long_read_holds_no_append_and_no_checkpoint_for_good(tmp_path: Path) -> None:
    log = SqliteEventLog.open(tmp_path / "events.db")
    log._writer.checkpointer.pages = 50
    await log.append([event(0)])
    other = sqlite3.connect(tmp_path / "events.db")
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM events").fetchone()
    for index in range(1, 60):
        await log.append([event(index)])
    assert log._writer.checkpointer.restarted == 0
    other.close()
    while not log._writer.checkpointer.restarted:
        index += 1
        assert index < 10_000
        await log.append([event(index)])
    await log.close()


async def test_a_closed_log_says_so(home: Home) -> None:
    log = await home.log()
    await log.close()
    await log.close()
    with pytest.raises(Unreachable):
        await log.append([event(1)])


async def test_a_file_of_another_store_a_newer_one_or_a_broken_one_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    log = SqliteEventLog.open(path)
    log._writer._connection.execute("INSERT INTO migrations VALUES ('events', 99)")
    await log.close()
    with pytest.raises(Unreachable, match="newer Sitewarden"):
        SqliteEventLog.open(path)
    with pytest.raises(Unreachable, match="is the store 'events'"):
        SqliteSampleStore.open(path)
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all" * 1000)
    with pytest.raises(Unreachable, match="damaged"):
        SqliteEventLog.open(broken)
    assert broken.read_bytes() == b"no database at all" * 1000


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "line 12"},
        {"source": "gate"},
        {"source": "nobody"},
        {"among": (("door:d0", "door:d1"),)},
        {"among": (("door:d0", "holder:nobody"), ("holder:h3", "holder:h4"))},
        {"among": (("door:d2",),), "types": ("access.*",), "start": NOON + 100, "end": NOON + 900},
        {"among": (("holder:nobody",),)},
        {"severity": 2, "entity": "door:d1", "among": (("holder:h1",),)},
    ],
)
async def test_a_search_in_pages_with_no_time_finds_what_a_plain_reader_finds(
    log: SqliteEventLog, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_query, "WINDOW", 16)
    monkeypatch.setattr(event_search, "WINDOW", 16)
    await filled(log)

    class Plain(ReadingLog):
        async def read(self, which: EventFilter) -> list[StoredEvent]:
            return await log.read(which)

    for ascending in (True, False):
        cursor: int | None = 0 if ascending else None
        found: list[int] = []
        for _ in range(1000):
            page = await log.search(EventFilter(**fields, limit=7, **{"after" if ascending else "before": cursor}), 0.0)
            found += seqs(page.items)
            cursor = page.next
            if cursor is None:
                break
        plain = seqs((await Plain().search(EventFilter(**fields, limit=1000, after=0), 60.0)).items)
        assert found == (plain if ascending else plain[::-1])
    start, end = NOON, NOON + 1000
    span = {"start": max(start, fields.get("start", 0)), "end": min(end, fields.get("end", end))}
    which = EventFilter(**{**fields, **span})
    assert (await log.count(which, 100, 60.0)).tallies == (await Plain().count(which, 100, 60.0)).tallies
    partial = await log.count(which, 100, 0.0)
    assert partial.reached is not None or not plain or len(plain) == sum(one.count for one in partial.tallies)


async def test_a_year_is_counted_from_sums_and_they_follow_what_is_stored_and_deleted(home: Home) -> None:
    clock = StillClock(NOON)
    log = await home.log(clock.now)
    base = NOON // DAY * DAY
    rows = [
        event(n, type=("door.opened", "access.granted")[n % 2], severity=n % 4, time=base + n * 7 * MINUTE) for n in range(600)
    ]
    await log.append(rows[:250])
    clock.time += 31 * DAY
    await log.append(rows[200:])
    first, last = base - DAY, base + 9 * DAY
    for step in (DAY, HOUR, MINUTE, 30 * SECOND):
        for which in (
            EventFilter(start=first, end=last),
            EventFilter(start=first, end=last, types=("door.*",), severity=2),
            EventFilter(start=first, end=last, types=("nothing",)),
        ):
            told = await log.count(which, step)
            expected: dict[tuple[int, str, int], int] = {}
            for one in rows:
                if one.severity >= which.severity and (
                    not which.types or (one.type == "door.opened" and which.types == ("door.*",))
                ):
                    key = (first + (one.time - first) // step * step, one.type, one.severity)
                    expected[key] = expected.get(key, 0) + 1
            assert {(t.start, t.type, t.severity): t.count for t in told.tallies} == expected
            assert (told.step, told.reached) == (step, None)
    await log.retain(max_bytes=1, keep_from=400)
    told = await log.count(EventFilter(start=first, end=last), DAY)
    assert sum(one.count for one in told.tallies) == 201
    await log.close()
    assert [one.what for one in await home.findings() if "fsync" not in one.what] == []


async def test_each_class_is_kept_for_its_own_time_and_the_holes_are_explained(home: Home) -> None:
    clock = StillClock()
    log = await home.log(clock.now)
    kinds = (("camera.motion", 0), ("access.granted", 0), ("door.forced", 3), ("system.started", 0), ("other.thing", 0))
    await log.append([event(n, type=kinds[n % 5][0], severity=kinds[n % 5][1], time=NOON + n) for n in range(10_000)])
    await log.append([event(n, origin="late", type="camera.motion") for n in range(1, 101)], Confirm("late", 1, 60))
    clock.time += DAY
    await log.append([event(20_000)])
    archived: list[StoredEvent] = []
    later = clock.time - 1
    assert await log.retain(classes={"video": later, "access": NOON - 1, "alarm": NOON - 1}, archive=archived.extend) == 2060
    assert {one.event.type for one in archived} == {"camera.motion"} and len({one.seq for one in archived}) == 2060
    left = await log.search(EventFilter(after=0, limit=10_000, types=("camera.*",)), 60.0)
    assert [one.event.key for one in left.items] == [f"late/1/{n}" for n in range(61, 101)], "it may send these again"
    assert sum(one.count for one in (await log.count(EventFilter(start=0, end=NOON + 2 * DAY), MINUTE, 60.0)).tallies) == 8041
    await log.append([], Confirm("late", 1, 100))
    assert await log.retain(classes={"video": later, "platform": later}) == 2040
    assert await log.retain(classes={"video": later, "platform": later}) == 0
    await log.close()
    assert await home.findings() == []


async def test_a_hole_that_no_class_explains_is_damage(tmp_path: Path) -> None:
    clock = StillClock()
    log = SqliteEventLog.open(tmp_path / "events.db", now=clock.now)
    await log.append([event(n, type="camera.motion" if n % 2 else "other.thing") for n in range(1000)])
    clock.time += DAY
    await log.append([event(2000)])
    assert await log.retain(classes={"video": clock.time - 1}) == 500
    await log.close()
    assert check_all(tmp_path) == []
    with sqlite3.connect(tmp_path / "events.db") as file:
        file.execute("DELETE FROM events WHERE seq = 3")
    file.close()
    assert any("1 more are gone" in one.what for one in check_all(tmp_path))
    log = SqliteEventLog.open(tmp_path / "events.db", now=clock.now)
    assert await log.retain(classes=dict.fromkeys(CLASSES, clock.time - 1)) == 499
    assert log.head() == 1001
    await log.close()
