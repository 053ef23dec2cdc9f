import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sitewarden.domain.errors import StorageFull
from sitewarden.store.interfaces import EventFilter
from sitewarden.store.sqlite import SqliteEventLog, SqliteSampleStore
from sitewarden.store.sqlite.fsck import check_all
from tests.store.samples_of import event, samples

ROOT = Path(__file__).parents[2]


def test_a_full_file_system_refuses_and_goes_on_once_there_is_room(tmp_path: Path) -> None:
    mount = f'mount -t tmpfs -o size=14m tmpfs "{tmp_path}"'
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], check=False, capture_output=True).returncode:
        pytest.skip("mount namespaces are not permitted here; test_a_bounded_file stands for it")
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f'{mount} && exec "{sys.executable}" -m tests.store.full_disk "{tmp_path}"'],
        check=False,
        capture_output=True,
        env=environment,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told == {f"fill_{store}": [True, []] for store in ("events", "state", "samples", "outbox")}


async def test_a_bounded_file_refuses_as_a_full_disk_does(tmp_path: Path) -> None:
    log = SqliteEventLog.open(tmp_path / "events.db", page_limit=60)
    taken = 0
    with pytest.raises(StorageFull, match="no room"):
        for taken in range(1000):
            await log.append([event(taken, text="x" * 1000)])
    assert log.head() == taken > 10
    assert await log.retain(max_bytes=1) > 0
    again = await log.append([event(taken), event(taken + 1)])
    assert [one.seq for one in again] == [taken + 1, taken + 2]
    assert [one.seq for one in await log.read(EventFilter(limit=3))] == [taken + 2, taken + 1, taken]
    await log.close()
    assert check_all(tmp_path) == []


async def test_names_of_a_refused_batch_are_given_again(tmp_path: Path) -> None:
    store = SqliteSampleStore.open(tmp_path / "samples.db", page_limit=20)
    await store.append(samples(("first", 1, 1.0)))
    with pytest.raises(StorageFull):
        await store.append(samples(*((f"p{n}", n, "x" * 100) for n in range(5000))))
    await store.append(samples(("second", 1, 2.0)))
    assert {one.point for one in await store.latest()} == {"first", "second"}
    await store.close()
    assert check_all(tmp_path) == []
