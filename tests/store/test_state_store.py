import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import create_engine, inspect

from sitewarden.domain.access.model import Area, Door
from sitewarden.domain.access.zones import FirstPersonZone
from sitewarden.domain.entity import Secret
from sitewarden.domain.errors import Conflict, Invalid, NotFound, StorageFull, TooLarge, Unreachable
from sitewarden.domain.events import Event
from sitewarden.domain.video.model import Camera
from sitewarden.store.held_state import HeldStateStore
from sitewarden.store.interfaces import AuditEntry, Change
from sitewarden.store.sqlite import SqliteStateStore
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.state_tables import SCHEMA, STORE
from sitewarden.store.state_tables import METADATA
from tests.store.conftest import Home
from tests.store.samples_of import NOON, StillClock, event


@pytest_asyncio.fixture
async def state(home: Home) -> AsyncIterator[HeldStateStore]:
    opened = await home.state(StillClock())
    yield opened
    await opened.close()


def area(id_: str, name: str = "Hall", revision: int | None = None) -> Change:
    return Change(kind="area", id=id_, entity=Area(id=id_, name=name), revision=revision)


def gone(id_: str, revision: int | None = None) -> Change:
    return Change(kind="area", id=id_, entity=None, revision=revision)


def entry(number: int = 0) -> AuditEntry:
    return AuditEntry(time=NOON + number, actor="user:ada", action="area.update", entity="area:hall", outcome="done", reason="ü")


async def test_entities_are_held_with_revision_and_time_and_come_back_after_a_restart(home: Home) -> None:
    clock = StillClock()
    state = await home.state(clock)
    camera = Camera(id="yard", name="Yard", url="rtsp://10.0.0.1/s", password=Secret("box"), tags=("a",))
    assert await state.apply([area("hall"), Change(kind="camera", id="yard", entity=camera)]) == 1
    clock.time += 5
    assert await state.apply([area("hall", "Big hall"), area("cellar")]) == 2
    assert await state.apply([gone("cellar")]) == 3
    await state.close()
    state = await home.state(clock)
    assert state.version == 3
    held = state.get("area", "hall")
    assert held is not None
    assert (held.entity.name, held.revision, held.changed) == ("Big hall", 2, NOON + 5)
    assert state.get("area", "cellar") is None
    assert [one.entity for one in state.list("camera")] == [camera]
    assert state.list("door") == ()
    await state.close()


async def test_a_revision_that_does_not_match_is_a_conflict_and_changes_nothing(state: HeldStateStore) -> None:
    await state.apply([area("hall", revision=0)])
    for wrong in (
        area("hall", "X", revision=0),
        area("hall", "X", revision=2),
        gone("hall", revision=7),
        area("new", revision=1),
    ):
        with pytest.raises(Conflict):
            await state.apply([area("other"), wrong])
    with pytest.raises(NotFound):
        await state.apply([gone("nothing")])
    assert state.version == 1
    assert state.get("area", "other") is None
    assert await state.apply([area("hall", "Y", revision=1)]) == 2


async def test_of_two_changes_on_the_same_revision_one_wins(state: HeldStateStore) -> None:
    await state.apply([area("hall")])
    results = await asyncio.gather(
        *(state.apply([area("hall", f"by {number}", revision=1)]) for number in range(8)), return_exceptions=True
    )
    assert [type(one) for one in results].count(Conflict) == 7
    held = state.get("area", "hall")
    assert held is not None and held.revision == 2 and held.entity.name == "by 0"


async def test_much_and_little_share_the_queue_and_each_is_checked_on_what_came_before(state: HeldStateStore) -> None:
    many = [area(f"a{number}") for number in range(500)]
    results = await asyncio.gather(
        state.apply([area("first", revision=0)]),
        state.apply(many),
        state.apply([area("a7", "again", revision=1)]),
        state.apply([*many, area("first", revision=0)]),
        state.apply([gone("first", revision=1)]),
        return_exceptions=True,
    )
    assert [one if isinstance(one, int) else type(one) for one in results] == [1, 2, 3, Conflict, 4]
    held = state.get("area", "a7")
    assert held is not None and (held.entity.name, held.revision) == ("again", 2)
    assert len(state.list("area")) == 500


async def test_a_delete_and_a_new_start_in_one_transaction(state: HeldStateStore) -> None:
    await state.apply([area("hall")])
    await state.apply([gone("hall", revision=1), area("hall", "New", revision=0)])
    held = state.get("area", "hall")
    assert held is not None and (held.entity.name, held.revision) == ("New", 1)


@pytest.mark.parametrize(
    "change",
    [
        Change(kind="area", id="hall", entity=Door(id="hall", name="Hall", controller="c")),
        Change(kind="nothing", id="hall", entity=Area(id="hall", name="Hall")),
        Change(kind="area", id="hall", entity=Area(id="other", name="Hall")),
        Change(kind="area", id="HALL", entity=Area(id="HALL", name="Hall")),
        Change(kind="area", id="hall", entity=Area(id="hall", name="")),
        Change(kind="door", id="d", entity=Door(id="d", name="D", controller="c", output=900)),
    ],
)
async def test_what_could_not_be_loaded_again_is_not_stored(state: HeldStateStore, change: Change) -> None:
    with pytest.raises(Invalid):
        await state.apply([change])
    assert state.version == 0


async def test_watchers_hear_of_every_transaction_in_order_after_the_commit(state: HeldStateStore) -> None:
    heard: list[tuple[str, str | None]] = []

    def changed(changes: Sequence[Change]) -> None:
        for change in changes:
            held = state.get(change.kind, change.id)
            heard.append((change.id, held.entity.name if held else None))

    state.watch(changed)
    await state.apply([area("a", "1")])
    await state.apply([area("a", "2"), area("b")])
    await state.apply([gone("a")])
    await state.audit([entry()])
    assert heard == [("a", "1"), ("a", "2"), ("b", "Hall"), ("a", None)]


async def test_events_wait_in_the_outbox_until_the_log_took_them(home: Home) -> None:
    state = await home.state(StillClock())
    await state.apply([area("a")], events=[event(1), event(2)])
    with pytest.raises(Conflict):
        await state.apply([area("a", revision=9)], events=[event(3)])
    await state.close()
    state = await home.state(StillClock())
    taken: list[Event] = []

    async def refuse(events: Sequence[Event]) -> None:
        raise StorageFull("no room")

    async def take(events: Sequence[Event]) -> None:
        taken.extend(events)

    with pytest.raises(StorageFull):
        await state.deliver(refuse)
    assert await state.waiting() == 2
    assert await state.deliver(take) == 2
    assert taken == [event(1), event(2)]
    assert await state.deliver(take) == 0
    await state.close()


async def test_the_relay_delivers_as_changes_come_and_tries_again(home: Home) -> None:
    refusals = 2
    taken: asyncio.Queue[Event] = asyncio.Queue()

    async def emit(events: Sequence[Event]) -> None:
        nonlocal refusals
        if refusals:
            refusals -= 1
            raise Unreachable("not yet")
        for one in events:
            taken.put_nowait(one)

    state = await home.state(StillClock(), emit)
    relay = asyncio.create_task(state.run())
    await state.apply([area("a")], events=[event(1)])
    assert await asyncio.wait_for(taken.get(), 60) == event(1)
    await state.apply([area("b")], events=[event(2)])
    assert await asyncio.wait_for(taken.get(), 60) == event(2)
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)
    await state.close()


async def test_the_audit_log_is_a_chain_that_shows_every_touch(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    state = SqliteStateStore.open(path, StillClock())
    assert state.audit_head() == (0, "0" * 64)
    await asyncio.gather(*(state.audit([entry(number)]) for number in range(10)))
    await state.apply([area("a")], audit=[entry(10), entry(11)])
    assert state.audit_head()[0] == 12
    assert await state.verify_chain() == []
    page = await state.audit_page(limit=5)
    assert [one.id for one in page] == [12, 11, 10, 9, 8]
    assert page[0].entry == entry(11)
    assert page[0].hash == state.audit_head()[1]
    assert [one.id for one in await state.audit_page(before=3)] == [2, 1]
    await state.close()

    async def findings_after(statement: str) -> list[str]:
        copy = tmp_path / "copy.db"
        copy.write_bytes(path.read_bytes())
        tampered = SqliteStateStore.open(copy, StillClock())
        with tampered._file._engine.begin() as connection:
            connection.exec_driver_sql(statement)
        found = [f"{one.where.rpartition(' ')[2]} {one.what}" for one in await tampered.verify_chain()]
        await tampered.close()
        copy.unlink()
        return found

    assert await findings_after("SELECT 1") == []
    assert (await findings_after("UPDATE audit SET entry = replace(entry, 'ada', 'eve') WHERE id = 4"))[0].startswith("4 ")
    assert (await findings_after("DELETE FROM audit WHERE id = 6"))[0] == "6 Entries 6 to 6 are missing."
    assert (await findings_after("DELETE FROM audit WHERE id > 10"))[0] == "10 The log ends at entry 10; it was written up to 12."
    assert len(await findings_after("UPDATE audit SET hash = zeroblob(32) WHERE id = 12")) == 2


@pytest.mark.parametrize(("detail", "error"), [({"x": object()}, Invalid), ({"x": "y" * 70_000}, TooLarge)])
async def test_an_entry_that_cannot_be_stored_harms_no_other(
    state: HeldStateStore, detail: dict[str, object], error: type[Exception]
) -> None:
    bad = AuditEntry(time=NOON, actor="user:ada", action="x", entity="area:a", outcome="done", detail=detail)
    results = await asyncio.gather(
        state.audit([bad]), state.audit([entry()]), state.apply([area("a")], audit=[bad]), return_exceptions=True
    )
    assert [type(one) for one in results] == [error, type(None), error]
    assert state.audit_head()[0] == 1
    assert state.get("area", "a") is None


async def test_the_chain_goes_on_after_a_restart(home: Home) -> None:
    for number in range(3):
        state = await home.state(StillClock())
        await state.audit([entry(number)])
        assert state.audit_head()[0] == number + 1
        assert await state.verify_chain() == []
        await state.close()


async def test_a_document_of_another_version_is_refused_at_the_start_by_name(tmp_path: Path) -> None:
    state = SqliteStateStore.open(tmp_path / "state.db", StillClock())
    await state.apply([area("hall")])
    with state._file._engine.begin() as connection:
        connection.exec_driver_sql("""UPDATE entities SET data = '{"id":"hall","name":"Hall","colour":"red"}'""")
    await state.close()
    with pytest.raises(Unreachable, match="area:hall"):
        SqliteStateStore.open(tmp_path / "state.db", StillClock())


async def test_a_caller_that_gives_up_leaves_memory_and_home_alike(home: Home) -> None:
    state = await home.state(StillClock())
    applying = asyncio.create_task(state.apply([area("hall")]))
    await asyncio.sleep(0)
    applying.cancel()
    await asyncio.gather(applying, return_exceptions=True)
    await state.apply([area("other")])
    in_memory = {one.entity.id for one in state.list("area")}
    await state.close()
    again = await home.state(StillClock())
    assert {one.entity.id for one in again.list("area")} == in_memory
    await again.close()


async def test_the_tables_in_the_code_are_those_in_the_file(tmp_path: Path) -> None:
    state = SqliteStateStore.open(tmp_path / "state.db", StillClock())
    engine = create_engine(f"sqlite:///{state.path}")
    found = inspect(engine)
    assert set(found.get_table_names()) - {"migrations"} == set(METADATA.tables)
    for name, table in METADATA.tables.items():
        in_file = {column["name"]: (str(column["type"]), column["nullable"]) for column in found.get_columns(name)}
        assert in_file == {column.name: (column.type.compile(engine.dialect), column.nullable) for column in table.columns}
    engine.dispose()
    await state.close()


async def test_a_door_that_waited_for_the_first_person_has_a_zone_for_it(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, path, STORE, SCHEMA[:1])
    for id_, waits in (("front", True), ("back", False)):
        door = {"id": id_, "name": id_.title(), "controller": "c", "unlock_schedule": "day", "first_person": waits}
        connection.execute("INSERT INTO entities VALUES ('door', ?, 4, 5, ?)", (id_, json.dumps(door)))
    connection.close()
    store = SqliteStateStore.open(path, StillClock())
    assert sorted(held.entity.id for held in store.list("door")) == ["back", "front"]
    assert [held.entity for held in store.list("first-person-zone")] == [
        FirstPersonZone(id="front", name="Front", doors=("front",), schedule="day")
    ]
    await store.close()
