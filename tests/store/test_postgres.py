"""What is PostgreSQL's alone: months, damage that fsck finds, the way in by password and TLS, names that its text cannot hold."""

import asyncio
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.config import Database
from sitewarden.domain.clock import DAY, MINUTE
from sitewarden.domain.errors import Invalid, Unreachable
from sitewarden.domain.events import Confirm
from sitewarden.net.tls import Authority
from sitewarden.store.interfaces import AuditEntry, EventFilter
from sitewarden.store.postgres import PostgresEventLog, PostgresStateStore, Server
from sitewarden.store.postgres.event_rows import FARTHEST, bounded, kept, month_of, rows_of, seqs_of, span_of, told
from sitewarden.store.postgres.fsck import check_database
from sitewarden.store.postgres.schema import prepare
from tests.store.cluster import Cluster
from tests.store.samples_of import NOON, StillClock, event


@given(st.integers(0, 250_000_000_000_000_000))
def test_a_month_holds_what_was_stored_in_it(stored: int) -> None:
    first, until = span_of(month_of(stored))
    assert first <= stored < until
    assert month_of(first) == month_of(until - 1) == month_of(stored) != month_of(until)


@given(st.text(alphabet=["\\", "0", "\x00", "a"], max_size=12))
def test_every_name_comes_back_and_none_is_another(name: str) -> None:
    assert told(kept(name)) == name
    assert "\x00" not in kept(name)


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2, FARTHEST, FARTHEST + 1]), st.sampled_from([0, 1, 31 * DAY]), st.sets(st.integers(1, 3))),
        max_size=30,
    )
)
def test_places_say_which_events_concern_an_entity(steps: list[tuple[int, int, set[int]]]) -> None:
    seqs, stored = list(accumulate(step for step, _, _ in steps)), [NOON + later for _, later, _ in steps]
    entities = [concerned for _, _, concerned in steps]
    found, months = [], dict(zip(seqs, map(month_of, stored), strict=True))
    for entity, first, last, moment, places in rows_of(seqs, stored, entities):
        held = list(seqs_of(first, places))
        assert (held[0], held[-1]) == (first, last) and held == sorted(held)
        assert {months[one] for one in held} == {month_of(moment)}
        found += [(entity, one) for one in held]
    assert sorted(found) == sorted((entity, seq) for seq, all_ in zip(seqs, entities, strict=True) for entity in all_)


@given(st.integers())
def test_what_somebody_asks_for_is_a_number_that_the_database_knows(number: int) -> None:
    assert -(1 << 63) < bounded(number) < 1 << 63


async def opened(database: str, tmp_path: Path, clock: StillClock) -> PostgresEventLog:
    return await PostgresEventLog.open(Server(Database(url=database)), tmp_path / "journal.db", now=clock.now)


async def test_months_are_dropped_whole_where_all_of_them_is_due(cluster: Cluster, database: str, tmp_path: Path) -> None:
    clock = StillClock(NOON)
    log = await opened(database, tmp_path, clock)
    for month in range(5):
        clock.time = NOON + month * 31 * DAY
        await log.append([event(100 * month + index, text="x" * 100) for index in range(100)])
    await log.append([], Confirm("gate", 1, 250))
    tables = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'sitewarden.events'::regclass"
    name = database.rpartition("/")[2]
    assert cluster.sql(tables, name) == "5"
    assert await log.retain(before=NOON + 31 * DAY + 1, keep_from=151) == 150, "one month whole, half of the next"
    assert cluster.sql(tables, name) == "4"
    assert await log.retain(before=clock.time) == 101, "what the device may send again stays"
    assert [one.seq for one in await log.read(EventFilter(after=0, limit=3))] == [252, 253, 254]
    await log.append([], Confirm("gate", 1, 1000))
    assert await log.retain(max_bytes=100) == 248
    assert await log.retain(max_bytes=100) == 0, "an empty month goes with the next pass"
    assert cluster.sql(tables, name) == "1"
    assert await log.append([event(501)])
    assert log.head() == 501
    await log.close()
    server = Server(Database(url=database))
    assert [one.what for one in await check_database(server) if "fsync" not in one.what] == []


async def test_an_upgrade_counts_what_the_log_holds(cluster: Cluster, database: str, tmp_path: Path) -> None:
    clock = StillClock(NOON)
    log = await opened(database, tmp_path, clock)
    for month in range(3):
        await log.append([event(month * 50 + n, severity=n % 4, time=NOON + n * 3 * MINUTE) for n in range(1, 51)])
        clock.time += 31 * DAY
    await log.close()
    name = database.rpartition("/")[2]
    rows = "SELECT * FROM sitewarden.event_tallies ORDER BY 1, 2, 3, 4, 5"
    kept = cluster.sql(rows, name)
    assert kept.count("\n") > 100
    cluster.sql("DROP TABLE sitewarden.event_tallies; UPDATE sitewarden.alembic_version SET version_num = '0003'", name)
    await prepare(Server(Database(url=database)))
    assert cluster.sql(rows, name) == kept


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM events WHERE seq = 7", "events 7 to 7 are missing"),
        ("UPDATE events SET severity = 3 WHERE seq = 7", "columns differ"),
        ("UPDATE events SET body = '[1' WHERE seq = 7", "cannot be read"),
        ("DELETE FROM event_concerns WHERE first = 1", "search by entity"),
        ("UPDATE event_blocks SET latest = earliest", "search by time"),
        ("UPDATE event_blocks SET bytes = bytes + 1", "is counted as"),
        ("UPDATE event_tallies SET n = n + 1 WHERE level = 1", "sums of events"),
        (
            "INSERT INTO events SELECT seq + 50, stored, time, type, severity, origin, epoch, idx, body FROM events",
            "the same key",
        ),
        ("UPDATE audit SET entry = replace(entry, 'ada', 'eve')", "was changed"),
        ("DELETE FROM audit", "it was written up to 1"),
        ("INSERT INTO entities VALUES ('area', 'a', 1, 1, '{\"id\": \"a\", \"colour\": 1}')", "does not fit this version"),
    ],
)
async def test_damage_is_told(cluster: Cluster, database: str, tmp_path: Path, statement: str, what: str) -> None:
    clock = StillClock(NOON)
    log = await opened(database, tmp_path, clock)
    await log.append([event(index) for index in range(50)])
    server = Server(Database(url=database))
    assert any("Another server writes" in one.what for one in await check_database(server)), "not while one runs"
    await log.close()
    state = await PostgresStateStore.open(server, clock)
    await state.audit([AuditEntry(time=NOON, actor="user:ada", action="x", entity="area:a", outcome="done")])
    await state.close()
    assert [one.what for one in await check_database(server)] == [
        "The server runs with fsync = off: what it confirms can be lost when its computer loses power."
    ]
    cluster.sql(f"SET search_path = sitewarden; {statement}", database.rpartition("/")[2])
    assert any(what in one.what for one in await check_database(server))


async def test_names_and_searches_that_text_in_the_database_cannot_hold(database: str, tmp_path: Path) -> None:
    log = await opened(database, tmp_path, StillClock())
    odd = event(1, origin="a\x00b", entity="door:\x00", related=("back\\slash",), type="x\x00y", text="nul \x00 here")
    await log.append([odd], Confirm("a\x00b", 1, 1))
    await log.close()
    log = await opened(database, tmp_path, StillClock())
    assert log.confirmed("a\x00b") == (1, 1)
    assert await log.append([odd]) == []
    for which in (EventFilter(entity="door:\x00"), EventFilter(entity="back\\slash"), EventFilter(types=("x\x00y",))):
        assert [one.event for one in await log.read(which)] == [odd]
    assert await log.read(EventFilter(text="\x00")) == []
    assert await log.read(EventFilter(text="\ud800")) == []
    assert len(await log.read(EventFilter(after=-(1 << 70), before=1 << 70, start=-(1 << 80), end=1 << 80))) == 1
    await log.close()


async def test_one_event_that_cannot_be_stored_keeps_none_of_the_others_out(database: str, tmp_path: Path) -> None:
    log = await opened(database, tmp_path, StillClock())
    results = await asyncio.gather(
        log.append([event(1)]),
        log.append([event(2)], Confirm("gate", 1, 1 << 80)),
        log.append([event(3)]),
        return_exceptions=True,
    )
    assert [type(one).__name__ for one in results] == ["list", "Unreachable", "list"]
    assert [one.event.key for one in await log.read(EventFilter(after=0))] == ["gate/1/1", "gate/1/3"]
    with pytest.raises(Invalid):
        await log.read(EventFilter(limit=0))
    await log.close()


async def test_the_way_in_by_password_and_tls(cluster: Cluster, tmp_path: Path) -> None:
    authority = Authority.open(tmp_path / "tls")
    pair = authority.server([cluster.host])
    folder = cluster.folder.parent
    certificate, key = folder / "server.pem", folder / "server.key"
    certificate.write_bytes(pair.certificate.read_bytes())
    key.write_bytes(pair.key.read_bytes())
    key.chmod(0o600)
    cluster.sql("CREATE ROLE ada LOGIN PASSWORD 'a secret'")
    cluster.sql("CREATE DATABASE hers OWNER ada")
    cluster.sql(f"ALTER SYSTEM SET ssl_cert_file = '{certificate}'")
    cluster.sql(f"ALTER SYSTEM SET ssl_key_file = '{key}'")
    cluster.sql("ALTER SYSTEM SET ssl = on")
    hba = (cluster.folder / "pg_hba.conf").read_text()
    cluster.admit(f"hostssl all ada {cluster.host}/8 scram-sha-256\n{hba.replace('all all', 'all postgres')}")
    cluster.sql("SELECT pg_reload_conf()")
    secret = tmp_path / "secret"
    secret.write_text("a secret\nanother line\n")
    ca = str(tmp_path / "tls" / "ca.pem")
    url = cluster.url("hers", user="ada")
    try:

        async def tls_of(**more: str) -> str:
            connection = await Server(Database(**{"url": url, "password_file": str(secret), **more})).connect()  # type: ignore[arg-type]
            try:
                return str(await connection.fetchval("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
            finally:
                await connection.close()

        assert await tls_of(tls="verify-full", ca=ca) == "TLSv1.3"
        assert await tls_of(tls="require") == "TLSv1.3"
        with pytest.raises(Unreachable, match="certificate is not trusted"):
            await tls_of(tls="verify-full")
        with pytest.raises(Unreachable, match="does not let this user in"):
            await tls_of(tls="off")
        secret.write_text("wrong")
        with pytest.raises(Unreachable, match="does not let this user in") as refused:
            await tls_of(tls="require")
        assert "wrong" not in str(refused.value)
        with pytest.raises(Exception, match="authority's certificate cannot be read"):
            await tls_of(tls="verify-full", ca=str(tmp_path / "nothing.pem"))
        with pytest.raises(Exception, match="file of the password cannot be read"):
            await tls_of(tls="require", password_file=str(tmp_path / "nothing"))
    finally:
        cluster.admit(hba)
        cluster.sql("ALTER SYSTEM RESET ALL")
        cluster.sql("SELECT pg_reload_conf()")
