"""Searches and counts of every home against a reader that looks at one event after the other."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitewarden.domain.errors import Invalid
from sitewarden.domain.events import StoredEvent
from sitewarden.store.interfaces import EventFilter, EventLog
from sitewarden.store.plain import ReadingLog
from tests.store.conftest import Home, PostgresHome, SqliteHome
from tests.store.samples_of import NOON, event

ENTITIES = ("door:a", "door:b", "holder:ada", "holder:eve", "area:nowhere")
GROUPS = st.lists(st.lists(st.sampled_from(ENTITIES), min_size=1, max_size=2).map(tuple), max_size=2).map(tuple)
MOMENT = st.one_of(st.none(), st.integers(-10, 400).map(lambda n: NOON + n))
FILTERS = st.builds(
    EventFilter,
    types=st.sampled_from([(), (), ("access.*",), ("access.granted", "door.forced"), ("nothing",)]),
    entity=st.one_of(st.none(), st.none(), st.sampled_from(ENTITIES)),
    severity=st.sampled_from([0, 0, 1, 2, 3]),
    start=MOMENT,
    end=MOMENT,
    text=st.sampled_from(["", "", "line 1", "LINE", "%", "_", "\\", "\x00", "Ä"]),
    among=GROUPS,
    source=st.sampled_from(["", "", "gate", "yard", "nobody"]),
    limit=st.integers(1, 40),
)
TRIES = st.lists(st.tuples(FILTERS, st.booleans(), st.sampled_from([1, 7, 100])), min_size=8, max_size=8)


def made() -> list[Any]:
    kinds = ("access.granted", "access.denied", "door.forced", "system.started")
    return [
        event(
            number // 2 + 1,
            origin=("gate", "yard")[number % 2],
            type=kinds[number % 7 % 4],
            severity=number % 5 % 4,
            entity=ENTITIES[number % 2],
            related=[(), ("holder:ada",), ("holder:eve", "door:a")][number % 3],
            time=NOON + (number * 7919) % 390,
            text=("Line %d of 100%%_\\ Ä" if number % 11 else "line %d") % number,
        )
        for number in range(250)
    ]


async def compare(log: EventLog, tries: list[tuple[EventFilter, bool, int]]) -> None:
    class Plain(ReadingLog):
        async def read(self, which: EventFilter) -> list[StoredEvent]:
            return await log.read(which)

    for which, ascending, step in tries:
        fields = {name: getattr(which, name) for name in EventFilter.__struct_fields__} | {"after": 0 if ascending else None}
        which = EventFilter(**fields)
        found, cursor = [], which.after
        while True:
            page = await log.search(EventFilter(**fields | {"after" if ascending else "before": cursor}), 60.0)
            assert len(page.items) <= which.limit
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        assert found == (await Plain().search(EventFilter(**fields | {"limit": 1000}), 60.0)).items, which
        span = EventFilter(**fields | {"start": which.start or NOON, "end": which.end or NOON + 400})
        assert span.start is not None and span.end is not None
        if span.start >= span.end:
            with pytest.raises(Invalid):
                await log.count(span, step)
            continue
        assert (await log.count(span, step, 60.0)).tallies == (await Plain().count(span, step, 60.0)).tallies, span


def run(home: Home, tries: list[tuple[EventFilter, bool, int]]) -> None:
    async def work() -> None:
        log = await home.log()
        await log.append(made())
        await compare(log, tries)
        await log.close()

    asyncio.run(work())


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TRIES)
def test_files_are_searched_as_one_by_one(tries: list[tuple[EventFilter, bool, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run(SqliteHome(Path(folder)), tries)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(TRIES)
def test_a_database_is_searched_as_one_by_one(database: str, tmp_path: Path, tries: list[tuple[EventFilter, bool, int]]) -> None:
    run(PostgresHome(database, tmp_path), tries)
