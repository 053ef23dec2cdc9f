import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from sitewarden.domain.access.model import Area, Door
from sitewarden.domain.events import Confirm
from sitewarden.store.interfaces import AuditEntry, Change
from sitewarden.store.sqlite import Outbox, SqliteEventLog, SqliteSampleStore, SqliteSegmentIndex, SqliteStateStore
from sitewarden.store.sqlite.fsck import check_all
from tests.store.samples_of import NOON, StillClock, event, samples, segment


async def filled(data: Path) -> None:
    log = SqliteEventLog.open(data / "events.db", now=lambda: NOON)
    await log.append([event(n, related=("holder:ada",)) for n in range(50)], Confirm("gate", 1, 40))
    await log.append([event(n, origin="late") for n in range(5)])
    await log.retain(max_bytes=1, keep_from=20)
    await log.close()
    state = SqliteStateStore.open(data / "state.db", StillClock())
    entry = AuditEntry(time=NOON, actor="user:ada", action="x", entity="area:hall", outcome="done")
    hall = Change(kind="area", id="hall", entity=Area(id="hall", name="Hall"))
    await state.apply([hall], events=[event(1)], audit=[entry, entry])
    await state.close()
    store = SqliteSampleStore.open(data / "samples.db")
    await store.append(samples(("flow", 1, 1.0), ("level", 1, 2.0)))
    await store.close()
    outbox = Outbox.open(data / "outbox-iot.db")
    await outbox.append([event(1)])
    await outbox.close()
    for worker in (0, 1):
        index = SqliteSegmentIndex.open(data / f"segments-{worker}.db")
        await index.add([segment(f"s{worker}", 0, 10, camera=f"c{worker}")])
        await index.close()
        (data / f"media/c{worker}").mkdir(parents=True)
        (data / f"media/c{worker}/s{worker}.mp4").write_bytes(bytes(1000))


async def test_whole_stores_have_no_findings_and_progress_is_told(tmp_path: Path) -> None:
    await filled(tmp_path)
    told: list[tuple[str, int, int]] = []
    assert check_all(tmp_path, progress=lambda *step: told.append(step)) == []
    assert ("events.db", 36, 36) in told
    assert check_all(tmp_path / "empty") == []


def execute(name: str, statement: str) -> Callable[[Path], None]:
    def damage(data: Path) -> None:
        connection = sqlite3.connect(data / name)
        connection.execute(statement)
        connection.commit()
        connection.close()

    return damage


def overwrite_pages(data: Path) -> None:
    connection = sqlite3.connect(data / "samples.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    path = data / "samples.db"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "where", "what"),
    [
        (execute("events.db", "DELETE FROM events WHERE seq = 30"), "event 31", "The events 30 to 30 are missing."),
        (execute("events.db", "UPDATE events SET time = 5 WHERE seq = 30"), "event 30", "columns differ"),
        (execute("events.db", "UPDATE events SET body = '{' WHERE seq = 30"), "event 30", "cannot be read"),
        (execute("events.db", "UPDATE postings SET places = replace(places, '01e', '')"), "event 30", "by entity"),
        (execute("events.db", "DELETE FROM blocks"), "event 20", "by time"),
        (execute("state.db", "UPDATE audit SET entry = replace(entry, 'ada', 'eve') WHERE id = 1"), "audit 1", "was changed"),
        (execute("state.db", "DELETE FROM audit WHERE id = 2"), "audit 1", "up to 2"),
        (execute("state.db", "UPDATE entities SET data = '{}'"), "area:hall", "does not fit"),
        (execute("samples.db", "DELETE FROM names WHERE name = 'flow'"), "point 1", "no point id"),
        (overwrite_pages, "samples.db", "damage"),
        (
            execute("segments-0.db", "INSERT INTO gaps VALUES ('c0', 1, 0, 'off', ''), ('c0', 2, 0, 'off', '')"),
            "camera c0",
            "2 gaps last",
        ),
        (execute("segments-0.db", "INSERT INTO gaps VALUES ('c0', 9, 5, 'off', '')"), "gap c0/9", "ends before"),
        (execute("segments-0.db", "INSERT INTO gaps VALUES ('c0', 1, 5, 'whim', '')"), "gap c0/1", "'whim'"),
        (execute("segments-0.db", "INSERT INTO locks VALUES ('l', 'c0', 9, 5, 0, '', '', 0)"), "lock l", "holds nothing"),
        (lambda data: (data / "media/c0/s0.mp4").unlink(), "segment s0", "is missing"),
        (lambda data: (data / "media/c1/s1.mp4").write_bytes(b"x"), "segment s1", "has 1 bytes"),
        (lambda data: (data / "media/c1/stray.mp4").write_bytes(b"x"), "stray.mp4", "in no index"),
        (lambda data: (data / "outbox-iot.db").write_bytes(b"x" * 9000), "outbox-iot.db", "damaged"),
    ],
)
async def test_damage_is_found_with_its_place_and_a_remedy(
    tmp_path: Path, damage: Callable[[Path], None], where: str, what: str
) -> None:
    await filled(tmp_path)
    damage(tmp_path)
    findings = check_all(tmp_path)
    assert any(where in one.where and what in one.what and one.remedy for one in findings), findings


async def test_a_chain_that_was_written_anew_does_not_match_the_event_log(tmp_path: Path) -> None:
    await filled(tmp_path)
    state = SqliteStateStore.open(tmp_path / "state.db", StillClock())
    number, digest = state.audit_head()
    await state.close()
    log = SqliteEventLog.open(tmp_path / "events.db")
    started = {"type": "system.started", "entity": "node:n"}
    await log.append([event(1, origin="node", data={"audit": f"0 {'0' * 64}"}, **started)])
    await log.append([event(2, origin="node", data={"audit": f"{number} {digest}"}, **started)])
    await log.close()
    assert check_all(tmp_path) == []
    (tmp_path / "state.db").unlink()
    state = SqliteStateStore.open(tmp_path / "state.db", StillClock())
    forged = AuditEntry(time=NOON, actor="user:eve", action="x", entity="area:hall", outcome="done")
    await state.audit([forged] * 5)
    assert await state.verify_chain() == []
    await state.close()
    assert [one.where for one in check_all(tmp_path)] == ["state.db: audit 2"]


async def test_a_reference_to_nothing_is_found(tmp_path: Path) -> None:
    await filled(tmp_path)
    state = SqliteStateStore.open(tmp_path / "state.db", StillClock())
    await state.apply([Change(kind="door", id="main", entity=Door(id="main", name="Main", controller="gone"))])
    await state.close()
    assert [(one.where, one.what) for one in check_all(tmp_path)] == [
        ("state.db: door:main/controller", "It names controller:gone, which does not exist.")
    ]


async def test_a_long_list_of_one_kind_is_cut_and_counted(tmp_path: Path) -> None:
    index = SqliteSegmentIndex.open(tmp_path / "segments-0.db")
    await index.add([segment(f"s{number}", number, number + 1) for number in range(150)])
    await index.close()
    findings = check_all(tmp_path)
    assert len(findings) == 101
    assert findings[-1].what == "50 more of the same kind."


async def test_each_volume_is_checked_against_the_index_both_ways(tmp_path: Path) -> None:
    index = SqliteSegmentIndex.open(tmp_path / "segments-0.db")
    names = {"here": "a", "moved": "a", "gone": "b", "sold": "c", "left": "b"}
    for name, volume in names.items():
        await index.add([segment(name, 0, 10, path=f"yard/{name}.mp4", volume=volume)])
    (moved,) = [one for one in await index.find("yard", 0, 1 << 60) if one.id == "left"]
    assert await index.move(moved, "a")
    assert await index.leftovers("b") == ["yard/left.mp4"]
    assert await index.held() == {"a": {"yard": 3000}, "b": {"yard": 1000}, "c": {"yard": 1000}}
    await index.close()
    for place in ("a/yard/here.mp4", "d/yard/moved.mp4", "a/yard/left.mp4", "d/yard/left.mp4", "d/yard/stray.mp4"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(bytes(1000))
    volumes = {"a": tmp_path / "a", "d": tmp_path / "d"}
    found = {one.where.rpartition("/")[2]: one.what for one in check_all(tmp_path, volumes, gone={"b": "no disk"})}
    assert "not checked: no disk" in found.pop("volume b")
    assert found.pop("segments-0.db: segment moved").endswith("missing on the volume a; it lies on d.")
    assert found.pop("segments-0.db: volume c").startswith("1 segments lie on it")
    assert "lies on the volume a, not on d" in found.pop("moved.mp4")
    assert "lies on the volume a, not on d" in found.pop("left.mp4")
    assert "in no index" in found.pop("stray.mp4") and not found
