"""The database goes away under load, again and again: nothing acknowledged is lost or doubled, no seq is left out."""

import asyncio
import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sitewarden.config import Database
from sitewarden.domain.access.model import Area
from sitewarden.domain.errors import Refusal, StorageFull, Unreachable
from sitewarden.domain.events import Confirm, StoredEvent
from sitewarden.store.interfaces import AuditEntry, Change, EventFilter, EventLog
from sitewarden.store.postgres import Away, PostgresEventLog, PostgresStateStore, Server, event_log
from sitewarden.store.postgres.journal import REPEAT
from tests.store.cluster import Cluster
from tests.store.samples_of import NOON, StillClock, event

ROOT = Path(__file__).parents[2]


async def until(happened: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(60):
        while not happened():
            await asyncio.sleep(0.01)
    assert happened(), what


async def whole(log: EventLog) -> list[StoredEvent]:
    """Read the whole log."""
    found: list[StoredEvent] = []
    while page := await log.read(EventFilter(after=found[-1].seq if found else 0, limit=10_000)):
        found += page
    return found


def settled(log: PostgresEventLog) -> bool:
    return not log.away and log._journal is None


async def in_thread(work: Callable[[], None]) -> None:
    await asyncio.to_thread(work)


async def produce(log: EventLog, origin: str, epoch: int, told: dict[str, int]) -> None:
    for index in itertools.count(1):
        stored = await log.append(
            [event(index, origin=origin, epoch=epoch, entity=f"door:{origin}")], Confirm(origin, epoch, index)
        )
        told[stored[0].event.key] = stored[0].seq


async def change(state: PostgresStateStore, who: int, made: set[str], refused: set[str], unknown: set[str]) -> None:
    for index in itertools.count():
        name = f"a-{who}-{index}"
        entry = AuditEntry(time=NOON, actor="user:ada", action="area.create", entity=f"area:{name}", outcome="done")
        one = Change(kind="area", id=name, entity=Area(id=name, name=name), revision=0)
        try:
            await state.apply([one], events=[event(0, key=f"area:{name}", entity=f"area:{name}")], audit=[entry])
            made.add(name)
        except Unreachable as refusal:
            (unknown if "whether it was" in str(refusal) else refused).add(name)
            await asyncio.sleep(0.02)


async def test_ten_kills_of_the_server_lose_nothing_acknowledged(cluster: Cluster, database: str, tmp_path: Path) -> None:
    server = Server(Database(url=database))
    log = await PostgresEventLog.open(server, tmp_path / "journal.db")
    state = await PostgresStateStore.open(server, StillClock())
    told: dict[str, int] = {}
    made: set[str] = set()
    refused: set[str] = set()
    unknown: set[str] = set()
    chance = random.Random(7)
    producing = [asyncio.create_task(produce(log, f"p{number}", 1, told)) for number in range(8)]
    producing += [asyncio.create_task(change(state, number, made, refused, unknown)) for number in range(3)]
    for number in range(10):
        count, changes = len(told) + chance.randrange(20, 120), len(made) + chance.randrange(1, 12)
        await until(
            lambda count=count, changes=changes: len(told) > count and len(made) > changes, "events and changes are taken"
        )
        await in_thread(cluster.kill)
        count = len(told) + chance.randrange(1, 60)
        await until(
            lambda count=count: len(told) > count and bool(log.away) and bool(state.home.away), "the journal takes events"
        )
        await in_thread(cluster.start)
        await until(lambda: not log.away and not state.home.away, "the database is back")
        if number % 3 == 2:
            await until(lambda: settled(log), "the journal is given back under load")
            assert not (tmp_path / "journal.db").exists()
    for one in producing:
        one.cancel()
    await asyncio.gather(*producing, return_exceptions=True)
    await until(lambda: settled(log), "the journal is given back")
    await log.close()
    await state.close()
    head = log.head()
    held = {one.entity.id for one in state.list("area")}
    log = await PostgresEventLog.open(server, tmp_path / "journal.db")
    events = await whole(log)
    assert [one.seq for one in events] == list(range(1, head + 1))
    keys = {one.event.key: one.seq for one in events}
    assert len(keys) == len(events)
    assert told.items() <= keys.items(), "each is where its producer was told"
    for number in range(8):
        indexes = [int(one.event.key.rpartition("/")[2]) for one in events if one.event.key.startswith(f"p{number}/")]
        assert indexes == list(range(1, len(indexes) + 1))
        assert log.confirmed(f"p{number}") == (1, indexes[-1])
    assert not [one for one in events if one.event.type == REPEAT]
    await log.close()
    state = await PostgresStateStore.open(server, StillClock())
    areas = {one.entity.id for one in state.list("area")}
    assert areas == held, "memory was what the database holds"
    assert made <= areas
    assert not refused & areas, "a refused change was not made, not in part"
    assert areas <= made | unknown | {f"a-{who}-{index}" for who in range(3) for index in (_last(made | refused | unknown, who),)}
    assert state.version == len(areas)
    assert await state.verify_chain() == []
    assert {one.entry.entity for one in await state.audit_page(limit=10_000)} == {f"area:{name}" for name in areas}
    assert await state.waiting() == len(areas)
    await state.close()


def _last(names: set[str], who: int) -> int:
    """The change that was under way when the test ended."""
    return 1 + max(int(name.rpartition("-")[2]) for name in names if name.startswith(f"a-{who}-"))


VICTIM = """
import asyncio, os, sys
from pathlib import Path
from sitewarden.config import Database
from sitewarden.store.postgres import PostgresEventLog, Server
from tests.store.test_postgres_loss import produce
class Told(dict):
    def __setitem__(self, key, seq):
        os.write(1, f"{key} {seq}\\n".encode())
async def main():
    log = await PostgresEventLog.open(Server(Database(url=sys.argv[1])), Path(sys.argv[2]))
    await asyncio.gather(*(produce(log, f"v{number}", int(sys.argv[3]), Told()) for number in range(8)))
asyncio.run(main())
"""


async def test_kills_of_the_program_with_the_database_there_and_away_lose_nothing(
    cluster: Cluster, database: str, tmp_path: Path
) -> None:
    journal = tmp_path / "journal.db"
    told: dict[str, int] = {}
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    for epoch in range(1, 5):
        with subprocess.Popen(
            [sys.executable, "-c", VICTIM, database, str(journal), str(epoch)], stdout=subprocess.PIPE, env=environment
        ) as victim:
            assert victim.stdout is not None
            lines = [await asyncio.to_thread(victim.stdout.readline) for _ in range(20)]
            if epoch % 2:
                await in_thread(cluster.kill)
                lines += [await asyncio.to_thread(victim.stdout.readline) for _ in range(20)]
            victim.send_signal(signal.SIGKILL)
            lines += victim.stdout.readlines()
        await in_thread(cluster.start)
        told |= {key: int(seq) for key, seq in (line.decode().split() for line in lines)}
        # The server ends the session of a killed program once it notices.
        async with asyncio.timeout(60):
            while True:
                try:
                    log = await PostgresEventLog.open(Server(Database(url=database)), journal)
                    break
                except Refusal:
                    await asyncio.sleep(0.05)
        await until(lambda log=log: settled(log), "the journal is given back")
        events = await whole(log)
        assert [one.seq for one in events] == list(range(1, log.head() + 1))
        keys = {one.event.key: one.seq for one in events}
        assert len(keys) == len(events)
        assert told.items() <= keys.items()
        await log.close()


@pytest.fixture
def small_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "TAIL", 10)


async def opened(database: str, tmp_path: Path, **more: int) -> PostgresEventLog:
    return await PostgresEventLog.open(Server(Database(url=database)), tmp_path / "journal.db", now=lambda: NOON, **more)


async def test_a_repeat_that_comes_while_the_database_is_away_is_kept_once(
    cluster: Cluster, database: str, tmp_path: Path, small_tail: None
) -> None:
    log = await opened(database, tmp_path)
    await log.append([event(0, key="a hashed one"), *(event(index) for index in range(1, 50))])
    await in_thread(cluster.kill)
    assert [one.seq for one in await log.append([event(49), event(50)])] == [51], "what is in memory is known"
    again = await log.append([event(0, key="a hashed one"), event(7), event(51)])
    assert [one.seq for one in again] == [52, 53, 54], "what is not, is kept until the database can say"
    assert log.head() == 54
    await in_thread(cluster.start)
    await until(lambda: settled(log), "the journal is given back")
    events = await whole(log)
    assert [one.seq for one in events] == list(range(1, 55))
    assert [(one.seq, one.event.data["key"]) for one in events if one.event.type == REPEAT] == [
        (52, "a hashed one"),
        (53, "gate/1/7"),
    ]
    assert len({one.event.key for one in events}) == 54
    assert await log.append([event(51), event(52)])
    await log.close()


async def test_reads_go_on_from_memory_and_journal_and_say_where_they_cannot(
    cluster: Cluster, database: str, tmp_path: Path, small_tail: None
) -> None:
    log = await opened(database, tmp_path)
    await log.append([event(index, severity=index % 4, entity=f"door:{index % 2}") for index in range(1, 31)])
    await in_thread(cluster.kill)
    await log.append([event(index, severity=index % 4, entity=f"door:{index % 2}") for index in range(31, 36)])
    found = await log.read(EventFilter(limit=10))
    assert [one.seq for one in found] == list(range(35, 25, -1))
    assert [one.seq for one in await log.read(EventFilter(after=25, limit=100))] == list(range(26, 36))
    assert [one.seq for one in await log.read(EventFilter(after=25, entity="door:0", severity=2, limit=3))] == [26, 30, 34]
    assert [one.seq for one in await log.read(EventFilter(text="main, 33", limit=1))] == [33]
    for which in (EventFilter(limit=20), EventFilter(after=3), EventFilter(entity="door:1")):
        with pytest.raises(Away, match="does not answer"):
            await log.read(which)
    with pytest.raises(Away):
        await log.retain(before=NOON + 1)
    await in_thread(cluster.start)
    await until(lambda: settled(log), "the journal is given back")
    assert [one.seq for one in await log.read(EventFilter(limit=100))] == list(range(35, 0, -1))
    await log.close()


async def test_the_journal_has_a_bound_and_takes_events_again(cluster: Cluster, database: str, tmp_path: Path) -> None:
    log = await opened(database, tmp_path, max_bytes=4000)
    await log.append([event(1)])
    await in_thread(cluster.kill)
    taken = 1
    with pytest.raises(StorageFull, match="journal holds"):
        while taken < 100:
            await log.append([event(taken + 1)])
            taken += 1
    assert 5 < taken < 20
    assert log.head() == taken
    await in_thread(cluster.start)
    await until(lambda: settled(log), "the journal is given back")
    await log.append([event(taken + 1)])
    assert [one.seq for one in await whole(log)] == list(range(1, taken + 2))
    await log.close()


async def test_a_journal_of_the_last_time_follows_at_the_start(cluster: Cluster, database: str, tmp_path: Path) -> None:
    log = await opened(database, tmp_path)
    await log.append([event(1)], Confirm("gate", 1, 1))
    await in_thread(cluster.kill)
    await log.append([event(2)], Confirm("gate", 1, 2))
    await log.close()
    with pytest.raises(Away):
        await opened(database, tmp_path)
    await in_thread(cluster.start)
    log = await opened(database, tmp_path)
    assert log.confirmed("gate") == (1, 2)
    await until(lambda: settled(log), "the journal is given back")
    assert [one.event for one in await whole(log)] == [event(1), event(2)]
    await log.close()
    log = await opened(database, tmp_path)
    assert log.confirmed("gate") == (1, 2)
    await log.close()


async def test_one_server_writes_and_another_is_told_who(database: str, tmp_path: Path) -> None:
    log = await opened(database, tmp_path)
    state = await PostgresStateStore.open(Server(Database(url=database)), StillClock())
    openings: list[Callable[[], Awaitable[object]]] = [
        lambda: opened(database, tmp_path / "other"),
        lambda: PostgresStateStore.open(Server(Database(url=database)), StillClock()),
    ]
    for opening in openings:
        with pytest.raises(Refusal, match="Another server writes to this database, from 127"):
            await opening()
    await log.append([event(1)])
    await log.close()
    await state.close()
    log = await opened(database, tmp_path)
    assert log.head() == 1
    await log.close()


async def test_who_was_replaced_meanwhile_writes_no_more(cluster: Cluster, database: str, tmp_path: Path) -> None:
    reached = True

    class Cut(Server):
        async def connect(self, **session: str) -> object:
            if not reached:
                raise Away("cut off")
            return await super().connect(**session)

    server = Cut(Database(url=database))
    log = await PostgresEventLog.open(server, tmp_path / "journal.db", now=lambda: NOON)
    state = await PostgresStateStore.open(server, StillClock())
    await log.append([event(1)])
    reached = False
    await in_thread(cluster.stop)
    await until(lambda: bool(log.away) and bool(state.home.away), "it is cut off")
    await log.append([event(2)])
    await in_thread(cluster.start)
    other = await opened(database, tmp_path / "other")
    await other.append([event(9, origin="other")])
    await other.close()
    second = await PostgresStateStore.open(Server(Database(url=database)), StillClock())
    await second.apply([Change(kind="area", id="hall", entity=Area(id="hall", name="Hall"))])
    await second.close()
    reached = True
    await until(lambda: "Another server" in log.away and "Another server" in state.home.away, "it says what happened")
    with pytest.raises(Away, match="Another server changed the state"):
        await state.apply([Change(kind="area", id="cellar", entity=Area(id="cellar", name="Cellar"))])
    assert (tmp_path / "journal.db").exists()
    await log.close()
    await state.close()


class Proxy:
    """Passes bytes to a server until a client sends `word`; then cuts the connection, with or without passing that on."""

    def __init__(self, target: Cluster) -> None:
        self._target = target
        self.word: bytes | None = None
        self.passes = True
        self.cuts = 0

    async def serve(self) -> asyncio.Server:
        return await asyncio.start_server(self._take, self._target.host, 0)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._target.host, self._target.port)
        answers = asyncio.create_task(self._copy(far_reader, writer))
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                cut = self.word is not None and self.word in data
                if cut:
                    self.word = None
                    self.cuts += 1
                    answers.cancel()
                    await asyncio.gather(answers, return_exceptions=True)
                if not cut or self.passes:
                    far_writer.write(data)
                    await far_writer.drain()
                if cut and self.passes:
                    # Its answer says that it was done; nobody else hears of it.
                    await far_reader.read(1)
                if cut:
                    break
        answers.cancel()
        for each in (far_writer, writer):
            each.transport.abort()
            with contextlib.suppress(OSError):
                await each.wait_closed()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
            writer.close()


@pytest.mark.parametrize("done", [True, False])
async def test_a_connection_that_breaks_in_the_commit_is_settled_either_way(
    cluster: Cluster, database: str, tmp_path: Path, done: bool
) -> None:
    proxy = Proxy(cluster)
    async with await proxy.serve() as listening:
        port = listening.sockets[0].getsockname()[1]
        server = Server(Database(url=database.replace(f":{cluster.port}/", f":{port}/")))
        log = await PostgresEventLog.open(server, tmp_path / "journal.db", now=lambda: NOON)
        state = await PostgresStateStore.open(server, StillClock())
        await log.append([event(1)], Confirm("gate", 1, 1))
        proxy.word, proxy.passes = b"Ada may pass Main, 2", done
        assert [one.seq for one in await log.append([event(2)], Confirm("gate", 1, 2))] == [2]
        await until(lambda: settled(log), "the journal is given back")
        assert [one.event for one in await whole(log)] == [event(1), event(2)]
        assert log.confirmed("gate") == (1, 2)
        proxy.word = b"COMMIT;"
        area = Change(kind="area", id="hall", entity=Area(id="hall", name="Hall"), revision=0)
        if done:
            assert await state.apply([area]) == 1
        else:
            with pytest.raises(Away, match="Nothing was changed"):
                await state.apply([area])
        assert (state.get("area", "hall") is not None) == done
        assert proxy.cuts == 2
        await until(lambda: not state.home.away, "the database is back")
        await state.apply([Change(kind="area", id="cellar", entity=Area(id="cellar", name="Cellar"), revision=0)])
        await log.close()
        await state.close()
    again = await PostgresStateStore.open(Server(Database(url=database)), StillClock())
    assert [one.entity.id for one in again.list("area")] == (["cellar", "hall"] if done else ["cellar"])
    await again.close()
