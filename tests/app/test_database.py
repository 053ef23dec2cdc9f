"""A site in a PostgreSQL database: set up, used by the verbs, moved there and back."""

import asyncio
import json
import math
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sitewarden.app import core
from sitewarden.app import migrate_database as moving
from sitewarden.app.homes import open_homes
from sitewarden.app.local import Ask, asking, with_platform
from sitewarden.app.places import Places
from sitewarden.app.samples import open_samples, sample_reader
from sitewarden.app.setup import init
from sitewarden.config import Database, Settings, SettingsFile, load
from sitewarden.domain.clock import DAY
from sitewarden.domain.errors import Conflict, Refusal
from sitewarden.domain.events import Confirm
from sitewarden.domain.points.samples import Value
from sitewarden.kit.clock import SystemClock
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.store.interfaces import AuditEntry, EventFilter
from sitewarden.store.sqlite import SqliteEventLog, SqliteSampleStore
from sitewarden.store.sqlite.fsck import check_all
from tests.store.cluster import Cluster
from tests.store.samples_of import NOON, StillClock, event, samples


def set_up(folder: Path, url: str = "sqlite", **more: str) -> Path:
    file = folder / "sitewarden.toml"
    given: dict[str, Any] = {
        "data_dir": folder / "data",
        "bind": "127.0.0.1",
        "site_name": "Mill",
        "timezone": "Europe/Berlin",
        "timeseries_port": 19_090,
        "database": url,
        "admin": "ada",
        "admin_password": "a long password for a test",
        **more,
    }
    init(file, given, ask=False, json=True)
    return file


def test_a_node_is_set_up_in_a_database_and_its_verbs_work_there(database: str, tmp_path: Path) -> None:
    file = set_up(tmp_path, database)
    settings = load(file)
    assert settings.database.url == database

    async def ask_for(ask: Ask) -> None:
        await ask("area.create", body={"id": "hall", "name": "Hall"})

    async def ask_again(ask: Ask) -> tuple[Any, Any]:
        return await ask("area.list"), await ask("events.list")

    with_platform(settings, ask_for)
    areas, events = with_platform(settings, ask_again)
    assert "Hall" in json.dumps(areas)
    assert "Hall" in json.dumps(events)
    assert not Places.of(settings).state.exists() and not Places.of(settings).events.exists()
    with pytest.raises(Conflict, match="data already"):
        init(tmp_path / "other.toml", {"data_dir": tmp_path / "data", "database": database}, ask=False, json=True)
    with pytest.raises(Conflict, match="a site in this database already"):
        set_up(_made(tmp_path / "second"), database)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize(("url", "said"), [("/nowhere", "no such database"), (":1/nowhere", "does not answer")])
def test_init_says_what_is_wrong_with_the_database(cluster: Cluster, tmp_path: Path, url: str, said: str) -> None:
    address = cluster.url("x").rpartition("/")[0]
    with pytest.raises(Refusal, match=said):
        set_up(tmp_path, (address.rpartition(":")[0] if url.startswith(":") else address) + url)
    assert not (tmp_path / "sitewarden.toml").exists()


def fill(settings: Settings) -> None:
    """Events over months with confirms, holes and odd names; entities; an audit log; events that wait; samples of every kind."""

    async def work() -> None:
        clock = StillClock(NOON)
        places = Places.of(settings)
        log = SqliteEventLog.open(places.events, now=clock.now)
        for month in range(4):
            clock.time = NOON + month * 31 * DAY
            await log.append(
                [
                    event(
                        1000 * month + index,
                        origin=f"gate\\{index % 5}",
                        entity=f"door:d{index % 7}",
                        related=("holder:ada", "a\x00b") if index % 3 else (),
                        severity=index % 4,
                        time=clock.time + (index * 7919) % 1000,
                        data={"n": 1.5, "ü": [None, True, "\x00"]},
                    )
                    for index in range(900)
                ],
                Confirm("gate\\1", 1, 1000 * month + 500),
            )
        await log.append([event(0, key="free text"), event(0, key="with/\x00/7")])
        await log.retain(before=NOON + 1, classes={"alarm": NOON + 40 * DAY})
        await log.close()
        await fill_samples(places.samples)
        network = LocalNetwork(settings, "core")
        homes = await open_homes(settings, network, SystemClock())
        entry = AuditEntry(time=NOON, actor="user:ada", action="x", entity="area:a", outcome="done", reason="ü")
        await homes.state.audit([entry] * 2500)
        await homes.state.apply([], events=[event(7, key=f"waiting {number}") for number in range(3)])
        await homes.state.close()
        await homes.log.close()
        await network.close()

    run(work())


async def fill_samples(path: Path) -> None:
    """Chunks, rollups without their samples, a chunk put aside, and samples in the journal."""
    store = SqliteSampleStore.open(path)
    values: list[Value] = [1.5, -3, True, None, "on", math.inf, -0.0, 1 << 70]
    for day in range(3):
        await store.append(samples(*(("fast", day * 86_400 + second, second / 7) for second in range(4000))))
        await store.append(samples(*((f"odd {value}", day * 86_400, value) for value in values)))
        await store.seal(everything=day < 2)
    await store.compact(everything=True)
    await store.retain(before=NOON + 2 * DAY)
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO damaged VALUES (1, 2, 3, 4, x'00ff')")
        connection.commit()


def run(work: Any) -> Any:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)


def content(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of both files; names by name, since their numbers are each file's own."""
    places = Places.of(settings)
    found: dict[str, list[tuple[Any, ...]]] = {}
    with closing(sqlite3.connect(places.state)) as state:
        for table in ("entities", "outbox", "audit", "meta"):
            found[table] = state.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
    with closing(sqlite3.connect(places.events)) as events:
        found["events"] = events.execute(
            "SELECT seq, stored, time, t.name, severity, o.name, epoch, idx, body FROM events e"
            " JOIN names t ON t.id = e.type JOIN names o ON o.id = e.origin ORDER BY seq"
        ).fetchall()
        found["postings"] = events.execute(
            "SELECT n.name, span, places FROM postings JOIN names n ON n.id = entity ORDER BY 1, 2"
        ).fetchall()
        found["tallies"] = events.execute(
            "SELECT level, step, t.name, severity, n FROM tallies JOIN names t ON t.id = type ORDER BY 1, 2, 3, 4"
        ).fetchall()
        for table in ("blocks", "confirms"):
            found[table] = events.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        found["floor"] = events.execute("SELECT value FROM meta WHERE name = 'floor'").fetchall()
    with closing(sqlite3.connect(places.samples)) as held:
        for table in ("names", "journal", "damaged", "lasts", "meta"):
            found[f"samples: {table}"] = held.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        for table in ("chunks", "rolls"):
            names = [row[1] for row in held.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
            rows = held.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY point, start, stop").fetchall()
            found[f"samples: {table}"] = [tuple(map(repr, row)) for row in rows]
    return found


def test_a_site_is_moved_to_a_database_and_back_bit_by_bit(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = set_up(tmp_path)
    file.write_text(file.read_text() + "# a comment of a person's\n")
    settings = load(file)
    fill(settings)
    before = content(settings)
    assert len(before["events"]) > 2000 and len(before["outbox"]) == 3
    assert all(before[f"samples: {table}"] for table in ("chunks", "rolls", "journal", "lasts", "names"))
    capsys.readouterr()
    moving.migrate_database(file, Database(url=database), json=True)
    there = json.loads(capsys.readouterr().out)
    assert there["rows"]["events"] == len(before["events"])
    moved = load(file)
    assert moved.database.url == database and "a comment of a person's" in file.read_text()
    places = Places.of(moved)
    assert not places.state.exists() and len(list(places.data.glob("*.db.moved-*"))) == 3

    async def look() -> tuple[int, list[str], int]:
        network = LocalNetwork(moved, "core")
        reader = sample_reader(moved, network)
        assert len((await reader.raw("fast", 0, 1 << 60, 10_000)).values) == 4000
        await reader.close()
        homes = await open_homes(moved, network, SystemClock())
        found = await homes.log.read(EventFilter(entity="a\x00b", after=0, limit=10_000))
        findings = await homes.state.verify_chain()
        head = homes.log.head()
        assert homes.log.confirmed("gate\\1") == (1, 3500)
        await homes.state.close()
        await homes.log.close()
        await network.close()
        return len(found), [one.what for one in findings], head

    count, findings, head = run(look())
    assert (count, findings) == (sum('"a\\u0000b"' in row[-1] for row in before["events"]), [])
    assert head == before["events"][-1][0]
    SettingsFile(file).set_database({})
    with pytest.raises(Refusal, match="was moved to a database"):
        run(open_homes(load(file), LocalNetwork(moved, "core"), SystemClock()))
    SettingsFile(file).set_database({"url": database})
    moving.migrate_database(file, Database(), json=True)
    back = json.loads(capsys.readouterr().out)
    assert back["sha256"] == there["sha256"]
    assert load(file).database == Database()
    assert content(load(file)) == before
    assert ["put aside" in one.what for one in check_all(places.data)] == [True]
    with pytest.raises(Refusal, match="was moved to"):
        run(open_homes(moved, LocalNetwork(moved, "core"), SystemClock()))
    moving.migrate_database(file, Database(url=database), json=True)
    assert json.loads(capsys.readouterr().out) == there


def test_a_move_that_is_cut_off_or_finds_a_difference_leaves_the_site_as_it_was(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = set_up(tmp_path)
    settings = load(file)
    fill(settings)
    before, text = content(settings), file.read_text()
    capsys.readouterr()
    real = moving.compare

    async def broken(source: Any, target: Any, progress: Any) -> str:
        await target._connection.execute("UPDATE events SET body = replace(body, 'Ada', 'Eve') WHERE seq = 2000")
        return await real(source, target, progress)

    monkeypatch.setattr(moving, "compare", broken)
    with pytest.raises(Conflict, match="of events differ"):
        moving.migrate_database(file, Database(url=database), json=True)
    assert (content(settings), file.read_text()) == (before, text)
    monkeypatch.setattr(moving, "compare", real)
    moving.migrate_database(file, Database(url=database), json=True)
    assert load(file).database.url == database


def test_a_move_is_refused_where_it_would_harm(
    cluster: Cluster, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = set_up(_made(tmp_path / "files"))
    other = set_up(_made(tmp_path / "database"), database)
    with pytest.raises(Conflict, match="already in files"):
        moving.migrate_database(file, Database(), json=True)
    with pytest.raises(Conflict, match="already in a PostgreSQL"):
        moving.migrate_database(other, Database(url=cluster.url("elsewhere")), json=True)
    with pytest.raises(Conflict, match="There is a site in this database already"):
        moving.migrate_database(file, Database(url=database), json=True)
    monkeypatch.setattr(moving, "running", lambda settings: True)
    with pytest.raises(Conflict, match="The server runs") as refused:
        moving.migrate_database(file, Database(url=database), json=True)
    assert "less than a minute" in refused.value.remedy
    monkeypatch.setenv("SITEWARDEN_DATABASE_URL", "sqlite")
    with pytest.raises(Refusal, match="SITEWARDEN_DATABASE_URL"):
        moving.migrate_database(file, Database(url=database), json=True)


def test_core_goes_on_while_the_database_is_away_and_says_so(cluster: Cluster, database: str, tmp_path: Path, host: str) -> None:
    file = set_up(tmp_path, database, bind=host)
    settings = load(file)

    async def serve() -> None:
        network = LocalNetwork(settings, "core")
        ready = asyncio.Event()
        running = asyncio.ensure_future(core.run("core", settings, network, SystemClock(), ready.set))
        try:
            async with asyncio.timeout(100):
                waiting = asyncio.ensure_future(ready.wait())
                await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
                assert ready.is_set(), running.exception()
                rows = [one for one in network.ledger() if one.port == "postgresql"]
                assert rows and all(one.remote == f"{cluster.host}:{cluster.port}" and one.direction == "out" for one in rows)
                async with asking(settings) as ask:
                    await asyncio.to_thread(cluster.kill)
                    await told(ask, "system.database.away")
                    with pytest.raises(Refusal, match="Nothing was changed"):
                        await ask("area.create", body={"id": "cellar", "name": "Cellar"})
                    assert "Mill" in json.dumps(await ask("site.get"))
                    await asyncio.to_thread(cluster.start)
                    await told(ask, "system.database.back")
                    await ask("area.create", body={"id": "hall", "name": "Hall"})
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await network.close()

    async def told(ask: Ask, type_: str) -> None:
        while type_ not in json.dumps(await ask("events.list", limit=20)):
            await asyncio.sleep(0.05)

    run(serve())
    assert not Places.of(settings).journal.exists()


def test_samples_of_an_older_version_move_from_their_file_to_the_database(database: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path), database=Database(url=database))
    places = Places.of(settings)
    run(fill_samples(places.samples))

    async def look() -> tuple[int, str]:
        network = LocalNetwork(settings, "iot")
        store = await open_samples(settings, network)
        await store.append(samples(("fast", 500_000, 1.0)))
        found = await store.range("fast", 0, 1 << 60, 10_000)
        text = repr(sorted((one.point, one.value) for one in await store.latest()))
        await store.close()
        await network.close()
        return len(found.values), text

    count, latest = run(look())
    assert count == 4001 and "('odd 1.5', 1.5)" in latest and "('fast', 1.0)" in latest
    assert not places.samples.exists() and len(list(tmp_path.glob("samples.db.moved-*"))) == 1
    assert run(look()) == (4001, latest), "and are not taken over again"
