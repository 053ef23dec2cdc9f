from pathlib import Path

import pytest

from sitewarden.domain.errors import Invalid
from sitewarden.store.sqlite import SqliteSegmentIndex
from sitewarden.store.sqlite.connection import connect_writer
from sitewarden.store.sqlite.fsck import check_all
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.segment_index import SCHEMA, STORE
from tests.store.samples_of import NOON, segment

S = 1_000_000


async def test_segments_that_overlap_are_found_in_order_after_a_restart(tmp_path: Path) -> None:
    index = SqliteSegmentIndex.open(tmp_path / "segments-0.db")
    rows = [segment(f"s{n}", n * 10, n * 10 + 10, width=1920, height=1080) for n in range(20)]
    await index.add(rows[::-1])
    await index.add([segment("long", 3, 155), segment("other", 0, 100, camera="gate", sealed=False)])
    await index.close()
    index = SqliteSegmentIndex.open(tmp_path / "segments-0.db")

    async def ids(start: int, end: int, camera: str = "yard") -> list[str]:
        return [one.id for one in await index.find(camera, NOON + start * S, NOON + end * S)]

    assert await ids(20, 30) == ["long", "s2"]
    assert await ids(29, 31) == ["long", "s2", "s3"]
    assert await ids(160, 161) == ["s16"]
    assert await ids(154, 155) == ["long", "s15"]
    assert await ids(500, 600) == []
    assert await ids(0, 1000, "gate") == ["other"]
    assert (await index.find("gate", 0, 1 << 60))[0].sealed is False
    assert (await index.find("yard", 0, NOON + 1))[0] == rows[0]
    assert await index.usage() == {"yard": (21_000, NOON, NOON + 200 * S), "gate": (1000, NOON, NOON + 100 * S)}
    assert {one.id for one in await index.oldest(2)} == {"other", "s0"}
    assert [one.id for one in await index.oldest(2, camera="yard")] == ["s0", "long"]
    await index.remove(["s0", "long", "unknown"])
    assert [one.id for one in await index.oldest(1, camera="yard")] == ["s1"]
    await index.close()


async def test_a_segment_is_replaced_by_its_id(tmp_path: Path) -> None:
    index = SqliteSegmentIndex.open(tmp_path / "segments-0.db")
    await index.add([segment("a", 0, 10, sealed=False)])
    await index.add([segment("a", 0, 20)])
    assert [(one.end, one.sealed) for one in await index.find("yard", 0, 1 << 60)] == [(NOON + 20 * S, True)]
    await index.close()


@pytest.mark.parametrize("fields", [{"path": "../outside.mp4"}, {"path": "/etc/passwd"}, {"bytes": -1}])
async def test_what_cannot_be_is_refused(tmp_path: Path, fields: dict[str, object]) -> None:
    index = SqliteSegmentIndex.open(tmp_path / "segments-0.db")
    with pytest.raises(Invalid):
        await index.add([segment("a", 0, 10, **fields)])
    with pytest.raises(Invalid):
        await index.add([segment("a", 10, 0)])
    assert await index.usage() == {}
    await index.close()


async def test_an_index_from_before_there_were_volumes_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "segments-0.db"
    connection = connect_writer(path)
    migrate(connection, path, STORE, SCHEMA[:2])
    connection.execute("INSERT INTO segments VALUES ('a', 'yard', 'yard/a.mp4', 1, 5, 9, 'avc1', 8, 8, 1)")
    connection.close()
    (tmp_path / "media/yard").mkdir(parents=True)
    (tmp_path / "media/yard/a.mp4").write_bytes(bytes(9))
    assert check_all(tmp_path) == []
    index = SqliteSegmentIndex.open(path)
    assert [(one.id, one.volume) for one in await index.find("yard", 0, 9)] == [("a", "main")]
    assert await index.volumes() == {}
    await index.know("main", "mark", True)
    assert await index.volumes() == {"main": ("mark", True)}
    await index.close()


async def test_a_segment_that_is_moved_leaves_its_old_file_to_be_deleted(tmp_path: Path) -> None:
    index = SqliteSegmentIndex.open(tmp_path / "segments-0.db")
    await index.add([segment("a", 0, 10), segment("b", 20, 30)])
    before = await index.oldest(volume="main")
    assert await index.move(before[0], "raid") and not await index.move(before[0], "raid")
    assert [one.volume for one in await index.find("yard", 0, 1 << 60)] == ["raid", "main"]
    assert [one.id for one in await index.oldest(volume="raid")] == ["a"]
    assert await index.leftovers("main") == [before[0].path] and await index.leftovers("raid") == []
    await index.cleared("main", [before[0].path])
    assert await index.leftovers("main") == []
    await index.close()
