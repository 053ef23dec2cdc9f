"""From a fast volume to a large one: by age and by fill, whole after a crash at any step."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.video.model import Segment
from sitewarden.kit.clock import SystemClock
from sitewarden.media import copying
from sitewarden.media.disk import Disk
from sitewarden.media.hub import Hub
from sitewarden.media.moving import Mover
from sitewarden.media.plan import Plan
from sitewarden.media.playback import stream
from sitewarden.media.survey import survey
from sitewarden.store.sqlite import SqliteSegmentIndex
from sitewarden.store.sqlite.fsck import check_all
from tests.media.support import camera, feed, pictures
from tests.media.volume_rig import EVER, SECOND, Rig

DAY = 86_400 * SECOND


class Crash(BaseException):
    """What ends the process here."""


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path)
    yield made
    await made.index.close()


async def recorded(rig: Rig, days: float, **fast: Any) -> list[Segment]:
    """Record three files of two seconds, so many days ago, on the volume "fast"; return them, and leave nothing running."""
    recorder = await rig.start(rig.spec("fast", tier="fast", **fast), rig.spec("large"))
    recorder.configure([camera("hall")])
    feed(rig.hub, "hall", pictures(), range(150), wall=SystemClock().now() - round(days * DAY))
    await rig.stop()
    return await rig.index.find("hall", *EVER)


async def opened(rig: Rig, **fast: Any) -> Mover:
    """Start anew, as after a crash, with nothing that goes on by itself."""
    rig.hub = Hub(SystemClock())
    recorder = await rig.start(rig.spec("fast", tier="fast", **fast), rig.spec("large"))
    recorder.configure([camera("hall")])
    await rig.hold()
    return recorder.upkeep.mover


def whole(rig: Rig, segments: list[Segment]) -> bytes:
    roots = {one: str(rig.root(one)) for one in ("fast", "large")}
    return b"".join(stream(Plan(roots=roots, start=segments[0].start, end=segments[-1].end, segments=tuple(segments))))


def checked(rig: Rig) -> list[str]:
    """Return what fsck finds."""
    return [one.what for one in check_all(rig.folder, {one: rig.root(one) for one in ("fast", "large")})]


async def test_what_is_old_moves_bit_for_bit_and_plays_on(rig: Rig) -> None:
    before = await recorded(rig, 3, keep_days=2)
    content = {one.path: (rig.root("fast") / one.path).read_bytes() for one in before}
    played = whole(rig, before)
    mover = await opened(rig, keep_days=2)
    assert await mover.step() == 3 and await mover.step() == 0
    after = await rig.index.find("hall", *EVER)
    assert [one.volume for one in after] == ["large"] * 3
    assert [(one.id, one.bytes, one.end) for one in after] == [(one.id, one.bytes, one.end) for one in before]
    assert {path: (rig.root("large") / path).read_bytes() for path in rig.files("large")} == content
    assert rig.files("fast") == [] and await rig.index.leftovers("fast") == []
    # A plan that was made before the move finds the files all the same.
    assert whole(rig, after) == whole(rig, before) == played
    fast = next(one for one in (await survey(rig.recorder)).volumes if one.id == "fast")
    assert (fast.held, fast.next_tier, fast.keep_days) == (0, "large", 2)
    await rig.stop()


async def test_what_is_young_stays_until_the_volume_fills(rig: Rig) -> None:
    await recorded(rig, 0.1, keep_days=2)
    mover = await opened(rig, keep_days=2)
    assert await mover.step() == 0
    disk = rig.recorder.volumes.disks["fast"]
    oldest = (await rig.index.find("hall", *EVER))[0]
    disk.total, disk.free = 1_000_000, disk.min_free + 100_000 - oldest.bytes
    assert await mover.step() == 1, "as much as brings it below nine tenths"
    assert [one.volume for one in await rig.index.find("hall", *EVER)] == ["large", "fast", "fast"]
    await rig.stop()


async def test_the_oldest_of_the_next_tier_make_way(rig: Rig) -> None:
    await recorded(rig, 3, keep_days=2)
    mover = await opened(rig, keep_days=2)
    large = rig.recorder.volumes.disks["large"]
    segments = await rig.index.find("hall", *EVER)
    large.free = large.min_free + segments[0].bytes + segments[1].bytes
    assert await mover.step() == 3
    left = [one.id for one in await rig.index.find("hall", *EVER)]
    assert left in ([one.id for one in segments[1:]], [segments[2].id]), "there was room for two: the oldest went"
    large.why = ("disk-failed", "the disk failed")
    await recorded_again(rig)
    assert await mover.step() == 0, "nothing moves to a volume that takes nothing"
    await rig.stop()


async def recorded_again(rig: Rig) -> None:
    feed(rig.hub, "hall", pictures(), range(150), wall=SystemClock().now() - 3 * DAY + 20 * SECOND)
    rig.hub.lost("hall", "cut")
    await rig.until("video.segment.sealed", 3)


def fail(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, *, after: bool = False) -> None:
    """Crash once in front of a step, or behind it."""
    real: Callable[..., Any] = getattr(where, name)

    def crash(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(where, name, real)
        if after:
            real(*args, **kwargs)
        raise Crash

    monkeypatch.setattr(where, name, crash)


STEPS = {
    "while it is copied": (copying.Pace, "spend", True),
    "before it is read back": (copying, "_digest", False),
    "before it has its name": (copying, "_digest", True),
    "before its name is durable": (copying, "sync_folder", False),
    "before the index is told": (copying, "sync_folder", True),
    "before the old file is deleted": (Disk, "delete", False),
    "before that is noted": (Disk, "delete", True),
}


@pytest.mark.parametrize("step", STEPS)
async def test_a_crash_at_any_step_leaves_every_recording_whole(rig: Rig, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    before = await recorded(rig, 3, keep_days=2)
    played = whole(rig, before)
    mover = await opened(rig, keep_days=2)
    where, name, after = STEPS[step]
    fail(monkeypatch, where, name, after=after)
    with pytest.raises(Crash):
        await mover.step()
    await rig.stop()
    assert whole(rig, await rig.index.find("hall", *EVER)) == played
    mover = await opened(rig, keep_days=2)
    assert not list(rig.folder.glob("*/*/*/*.moving")), "the start deletes half copies"
    assert await mover.step() in (2, 3)
    await rig.stop()
    found = await rig.index.find("hall", *EVER)
    assert [one.volume for one in found] == ["large"] * 3 and whole(rig, found) == played
    assert rig.files("fast") == [] and checked(rig) == []


async def test_a_copy_that_reads_back_differently_is_not_taken(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await recorded(rig, 3, keep_days=2)
    mover = await opened(rig, keep_days=2)
    real = copying._write

    def rotten(source: Path, draft: Path, pace: copying.Pace) -> tuple[int, bytes]:
        found = real(source, draft, pace)
        with draft.open("r+b") as file:
            file.seek(100)
            file.write(b"\xff\x00\xff")
        return found

    monkeypatch.setattr(copying, "_write", rotten)
    assert await mover.step() == 0
    assert await rig.index.find("hall", *EVER) == before and rig.files("large") == []
    await rig.until("system.volume.stays")
    monkeypatch.undo()
    mover._skipped.clear()
    assert await mover.step() == 3
    await rig.until("system.volume.moves")
    assert rig.log.types().count("system.volume.stays") == 1, "told once, not of each file"
    await rig.stop()


async def test_what_is_deleted_while_it_is_copied_does_not_come_back(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    await recorded(rig, 3, keep_days=2)
    mover = await opened(rig, keep_days=2)
    real = SqliteSegmentIndex.move

    async def late(index: SqliteSegmentIndex, segment: Segment, volume: str) -> bool:
        await index.remove([segment.id])
        return await real(index, segment, volume)

    monkeypatch.setattr(SqliteSegmentIndex, "move", late)
    assert await mover.step() == 0
    assert rig.files("large") == [] and await rig.index.leftovers("fast") == []
    await rig.stop()


def test_copying_waits_for_busy_disks_and_ends_when_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(os.urandom(3 * copying.CHUNK))
    asked: list[int] = []

    def busy() -> bool:
        asked.append(1)
        return len(asked) < 3

    assert copying.copy(tmp_path / "a", tmp_path / "far" / "b", copying.Pace(1e9, busy)) == 3 * copying.CHUNK
    assert (tmp_path / "far" / "b").read_bytes() == (tmp_path / "a").read_bytes() and len(asked) >= 3
    pace = copying.Pace(1e9, lambda: True)
    pace.stop.set()
    with pytest.raises(copying.Stopped):
        copying.copy(tmp_path / "a", tmp_path / "c", pace)
    assert not (tmp_path / "c").exists()
