"""Several volumes: cameras are spread, go on elsewhere when one is lost, and what is on it is never silently gone."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sitewarden.domain.video.model import Segment
from sitewarden.domain.video.volumes import Standing, VolumeSpec, choose, first_tier, next_tier
from sitewarden.kit.clock import SystemClock
from sitewarden.media import marker
from sitewarden.media.hub import Hub
from sitewarden.media.plan import Plan
from sitewarden.media.playback import stream
from sitewarden.media.retention import Keep
from sitewarden.media.survey import merged, survey
from tests.media.support import camera, feed, pictures
from tests.media.volume_rig import EVER, SECOND, Rig


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path)
    yield made
    await made.index.close()


def standing(id_: str, **more: Any) -> Standing:
    return Standing(**{"id": id_, "tier": "large", "takes": True, "room": 100, "cameras": 0, **more})


def test_a_camera_goes_where_most_room_is_left_for_it() -> None:
    assert choose([standing("a", room=100, cameras=1), standing("b", room=60)]) == "b"
    assert choose([standing("a", room=300, cameras=1), standing("b", room=60)]) == "a"
    assert choose([standing("a", room=900), standing("b", tier="fast", room=1)]) == "b"
    assert choose([standing("a", takes=False), standing("b", tier="archive")]) == "b"
    assert choose([standing("a", takes=False)]) is None


def test_recordings_begin_on_the_first_tier_and_move_to_the_next_that_there_is() -> None:
    specs = [VolumeSpec(id="a", path="a", tier="fast"), VolumeSpec(id="b", path="b", tier="archive")]
    assert (first_tier(specs), next_tier(specs, "fast"), next_tier(specs, "archive")) == ("fast", "archive", None)


async def test_cameras_are_spread_or_recorded_where_they_name(rig: Rig) -> None:
    rig.room = {"a": 3 * 10**9, "b": 10**9}
    recorder = await rig.start(rig.spec("a"), rig.spec("b"))
    names = [f"c{number}" for number in range(4)]
    recorder.configure([*(camera(one) for one in names), camera("named", volume="b"), camera("odd", volume="nowhere")])
    for one in (*names, "named", "odd"):
        feed(rig.hub, one, pictures(), range(60))
    await rig.stop()
    found = {one: {each.volume for each in await rig.index.find(one, *EVER)} for one in (*names, "named", "odd")}
    assert found["named"] == {"b"} and all(len(one) == 1 for one in found.values())
    assert sorted(min(found[one]) for one in names) == ["a", "a", "a", "b"]
    for id_ in "ab":
        assert {Path(path).parts[0] for path in rig.files(id_)} == {one for one, on in found.items() if on == {id_}}


async def test_a_volume_that_vanishes_is_told_its_cameras_go_on_and_its_recordings_come_back(rig: Rig) -> None:
    recorder = await rig.start(rig.spec("a"), rig.spec("b"))
    recorder.configure([camera("hall", volume="a")])
    now = SystemClock().now() - 60 * SECOND
    feed(rig.hub, "hall", pictures(), range(65), wall=now)
    await rig.written("hall")
    before = await recorder.find("hall", *EVER)
    assert {one.volume for one in before} == {"a"}
    away = rig.folder / "unmounted"
    rig.root("a").rename(away)
    rig.root("a").mkdir()
    await rig.until("video.recording.moved")
    feed(rig.hub, "hall", pictures(), range(65, 160), wall=now)
    await rig.until("video.segment.sealed", 2)
    assert rig.files("a") == [], "nothing is written where the disk is not mounted"
    found = await recorder.find("hall", *EVER)
    readable, gaps = recorder.volumes.readable(found)
    assert {one.volume for one in readable} == {"b"} and gaps[0].reason == "volume-gone"
    assert gaps[0].start == now and "is its disk mounted" in gaps[0].detail
    told = next(one for one in rig.log.events if one.type == "system.volume.gone")
    assert told.severity == 3 and told.data["volume"] == "a"
    states = {one.id: one for one in (await survey(recorder)).volumes}
    assert (states["a"].state, states["b"].state, states["b"].cameras) == ("gone", "ok", 1)
    rig.root("a").rmdir()
    away.rename(rig.root("a"))
    await rig.until("video.recording.moved", 2)
    assert rig.log.types().count("system.volume.back") == 1
    feed(rig.hub, "hall", pictures(), range(160, 300), wall=now)
    await rig.stop()
    found = await rig.index.find("hall", *EVER)
    assert recorder.volumes.readable(found) == (found, [])
    assert {one.volume for one in found} == {"a", "b"} and found[-1].volume == "a"
    assert not list(rig.folder.glob("*/*/*/*.part")), "what was open when it vanished is taken up"
    plan = Plan(roots=recorder.volumes.roots(), start=now, end=now + 12 * SECOND, segments=tuple(found))
    whole = b"".join(stream(plan))
    assert len(whole) > sum(one.bytes for one in found) // 2


async def test_no_volume_left_stops_and_the_first_that_is_back_goes_on(rig: Rig) -> None:
    recorder = await rig.start(rig.spec("a"), rig.spec("b"))
    recorder.configure([camera("hall", volume="a")])
    rig.room = {"a": 0}
    await rig.until("video.recording.moved")
    assert not recorder.full and rig.on("hall") == "b"
    rig.room = {"a": 0, "b": 0}
    await rig.until("video.recording.stopped")
    assert recorder.full
    rig.room = {"a": 0}
    await rig.until("video.recording.resumed")
    assert rig.on("hall") == "b"
    await rig.stop()


@pytest.mark.parametrize("what", ["another volume's", "damaged", "no directory"])
async def test_a_wrong_disk_is_not_written_to(rig: Rig, what: str) -> None:
    recorder = await rig.start(rig.spec("a"))
    await rig.stop()
    if what == "another volume's":
        (rig.root("a") / marker.NAME).unlink()
        marker.write(rig.root("a"), "b")
    elif what == "damaged":
        (rig.root("a") / marker.NAME).write_bytes(b"{")
    else:
        shutil.rmtree(rig.root("a"))
    rig.hub = Hub(SystemClock())
    recorder = await rig.start(rig.spec("a"))
    recorder.configure([camera("hall")])
    feed(rig.hub, "hall", pictures(), range(60))
    assert recorder.full and recorder.volumes.first.state == "gone"
    await rig.stop()
    assert what == "no directory" or rig.files("a") == []
    assert what != "no directory" or not rig.root("a").exists()


def test_a_disk_of_its_own_is_not_mistaken_for_another(tmp_path: Path) -> None:
    def look(known: marker.Known | None, home: str = "/proc") -> marker.Look:
        spec = VolumeSpec(id="a", path=str(tmp_path / "a"), home=home)
        return marker.look(spec, known, lambda root: 5)

    first = look(None)
    assert first.known.own and first.free == 5 and not look(first.known).problem
    assert "another disk" in look(marker.Known(mark="x", own=True)).problem
    assert not look(marker.Known(mark="x", own=False)).problem
    (tmp_path / "a" / marker.NAME).unlink()
    assert "mounted" in look(first.known).problem
    # It was first used while its disk was not mounted, and now is: the disk becomes the volume.
    assert look(marker.Known(mark="x", own=False)).known.own
    (tmp_path / "a" / marker.NAME).unlink()
    assert "mounted" in look(marker.Known(mark="x", own=False), home=str(tmp_path)).problem


async def test_each_volume_makes_room_for_itself_and_keeps_to_its_size(rig: Rig) -> None:
    recorder = await rig.start(rig.spec("a"), rig.spec("b", max_bytes=1))
    now = SystemClock().now()
    recorder.configure([camera("hall", volume="a"), camera("yard", volume="b")])
    for name in ("hall", "yard"):
        feed(rig.hub, name, pictures(), range(120), wall=now - 86400 * SECOND)
        rig.hub.lost(name, "cut")
    await rig.until("video.segment.sealed", 6)
    retention, keeps = recorder.upkeep.retention, {"hall": Keep(), "yard": Keep()}
    oldest = (await rig.index.find("hall", *EVER))[0]
    assert await retention.for_space(recorder.volumes.disks["a"], 1, keeps, now) == oldest.bytes
    assert len(rig.files("b")) == 3
    await retention.by_volume(keeps, now)
    assert rig.files("b") == [] and len(rig.files("a")) == 2
    await rig.stop()


async def test_what_lies_on_a_volume_that_is_gone_waits_for_it_and_is_forgotten_where_it_is_named_no_more(rig: Rig) -> None:
    old = SystemClock().now() - 40 * 86400 * SECOND
    row = Segment(
        id="hall/1", camera="hall", path="hall/2025-01-01/1.mp4", start=old, end=old + 1, bytes=5, codec="avc1", volume="a"
    )
    await rig.index.add([row, msgspec.structs.replace(row, id="hall/2", path="hall/2025-01-01/2.mp4", volume="sold")])
    await rig.index.know("a", "mark", True)
    rig.root("b").mkdir()
    recorder = await rig.start(rig.spec("a"), rig.spec("b"))
    states = {one.id: one for one in (await survey(recorder)).volumes}
    assert (states["a"].state, states["sold"].state, states["sold"].held) == ("gone", "gone", 5)
    assert "do not name any more" in recorder.volumes.missing("sold")
    await recorder.upkeep.retention.by_age({"hall": Keep(days=30.0)}, SystemClock().now())
    assert [one.volume for one in await rig.index.find("hall", *EVER)] == ["a"]
    await rig.stop()


async def test_an_index_from_before_is_read_as_the_one_volume(rig: Rig) -> None:
    recorder = await rig.start(rig.spec("main", inner=True, records=False), rig.spec("new"))
    now = SystemClock().now() - 9 * SECOND
    recorder.configure([camera("hall")])
    feed(rig.hub, "hall", pictures(), range(60), wall=now)
    await rig.stop()
    assert {one.volume for one in await rig.index.find("hall", *EVER)} == {"new"}
    assert [one.id for one in (await survey(recorder)).volumes] == ["new"], (
        "an empty place that nothing is recorded on is not shown"
    )


async def test_two_processes_are_told_of_as_one_disk(rig: Rig) -> None:
    recorder = await rig.start(rig.spec("a"))
    (one,) = (await survey(recorder)).volumes
    await rig.stop()
    other = msgspec.structs.replace(one, state="slow", held=7, oldest=5, cameras=2, full_at=9)
    (both,) = merged([one], [other])
    assert (both.state, both.held, both.oldest, both.cameras, both.full_at) == ("slow", 7, 5, 2, 9)
