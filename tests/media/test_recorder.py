from __future__ import annotations

import asyncio
import errno
import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.kit.clock import SystemClock
from sitewarden.media import recovery
from sitewarden.media.hub import Hub
from sitewarden.media.layout import parse_path
from sitewarden.media.plan import Plan
from sitewarden.media.playback import spans, stream
from sitewarden.media.recorder import Recorder, RecorderSettings
from sitewarden.media.retention import Keep
from sitewarden.media.scan import scan
from sitewarden.store.sqlite import SqliteSegmentIndex
from sitewarden.wire.fmp4_read import parse_moof
from tests.media.support import BEGIN, FPS, Log, camera, feed, pictures, probe, volume_at

SECOND = 1_000_000
EVER = (0, 2**62)


class Rig:
    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "media"
        self.hub = Hub(SystemClock())
        self.log = Log()
        self.room = 10**12
        self.path = tmp_path / "segments.db"
        self.index: Any = None

    async def start(self, **settings: Any) -> Recorder:
        self.index = self.index or SqliteSegmentIndex.open(self.path)
        self.recorder = Recorder(
            self.hub,
            self.index,
            volume_at(self.root),
            SystemClock(),
            self.log.emit,
            RecorderSettings(**{"segment_seconds": 2.0, **settings}),
            free=lambda root: self.room,
        )
        await self.recorder.start()
        self._task = asyncio.create_task(self.recorder.run())
        return self.recorder

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.recorder.stop()

    async def until(self, type_: str, count: int = 1) -> None:
        while self.log.types().count(type_) < count:
            await asyncio.sleep(0.02)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path)
    yield made
    if made.index is not None:
        await made.index.close()


async def test_frames_become_files_that_any_player_reads(rig: Rig) -> None:
    recorder = await rig.start()
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(130))
    rig.hub.lost("lobby", "end")
    await rig.stop()
    segments = await rig.index.find("lobby", *EVER)
    assert [round((one.end - one.start) / SECOND, 2) for one in segments] == [2.0, 2.0, 1.2]
    assert segments[0].start == BEGIN and segments[1].start == segments[0].end
    assert (segments[0].width, segments[0].height, segments[0].codec[:5]) == (320, 180, "avc1.")
    total = 0
    for one in segments:
        found = probe(rig.root / one.path)
        assert found["frames"][0]["key_frame"] == 1
        assert len({frame["pts"] for frame in found["frames"]}) == len(found["frames"])
        assert (rig.root / one.path).stat().st_size == one.bytes
        total += len(found["frames"])
    assert total == 130
    assert rig.log.types().count("video.segment.sealed") == 3
    assert spans(segments)[0].end - BEGIN == 130 * SECOND // FPS and len(spans(segments)) == 1


async def test_a_fragment_holds_at_most_half_a_second(rig: Rig) -> None:
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(100))
    await rig.stop()
    (segment,) = await rig.index.find("lobby", *EVER)
    content = scan(rig.root / segment.path)
    assert all(place.duration <= 45000 + 3600 for place in content.places)
    assert content.start_wall == BEGIN and content.end_wall == segment.end
    assert sum(len(place.fragment.sizes) for place in content.places) == 100


async def test_what_is_switched_off_is_not_recorded(rig: Rig) -> None:
    recorder = await rig.start()
    recorder.configure([camera("a", record=False), camera("b", enabled=False), camera("c")])
    for name in "abc":
        feed(rig.hub, name, pictures(), range(30))
    assert [recorder.recording(name) for name in "abc"] == [False, False, True]
    recorder.configure([])
    await rig.until("video.segment.sealed")
    feed(rig.hub, "c", pictures(), range(30, 60))
    await rig.stop()
    assert len(await rig.index.find("c", *EVER)) == 1
    assert sorted(path.name for path in rig.root.iterdir()) == [".sitewarden-volume", "c"]


async def test_a_stream_that_breaks_leaves_a_visible_gap(rig: Rig) -> None:
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(50))
    rig.hub.lost("lobby", "cable")
    feed(rig.hub, "lobby", pictures(), range(150, 200))
    await rig.stop()
    found = spans(await rig.index.find("lobby", *EVER))
    assert [(span.start - BEGIN, span.end - BEGIN) for span in found] == [(0, 2 * SECOND), (6 * SECOND, 8 * SECOND)]


async def test_a_crash_costs_the_last_fragment_at_most(rig: Rig) -> None:
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(60))
    await rig.recorder.volumes.first.writer.stop()
    rig._task.cancel()
    (left,) = recovery.unsealed(rig.root)
    with left.open("ab") as file:
        file.write(scan(left).init[:3] + b"half a fragment")
    rig.hub = Hub(SystemClock())
    await rig.start()
    await rig.until("video.segment.sealed")
    await rig.stop()
    (segment,) = await rig.index.find("lobby", *EVER)
    assert len(probe(rig.root / segment.path)["frames"]) == 50
    assert segment.bytes == (rig.root / segment.path).stat().st_size
    assert not list(recovery.unsealed(rig.root))


async def test_every_cut_of_a_file_is_recovered(rig: Rig, tmp_path: Path) -> None:
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(40))
    await rig.stop()
    (segment,) = await rig.index.find("lobby", *EVER)
    whole = (rig.root / segment.path).read_bytes()
    ends = [place.end for place in scan(rig.root / segment.path).places]
    for cut in [0, 7, 300, *range(600, len(whole), len(whole) // 40), *(end + step for end in ends for step in (-1, 0, 1))]:
        root = tmp_path / f"cut-{cut}"
        path = root / "lobby" / "2025-11-21" / f"{BEGIN}.mp4.part"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(whole[:cut])
        found = recovery.recover(root, path)
        expected = max((end for end in ends if end <= cut), default=0)
        if expected:
            assert found is not None and found.bytes == expected
            assert (root / found.path).read_bytes() == whole[:expected]
        else:
            assert found is None
        assert not path.exists()


async def test_a_file_that_is_not_ours_is_kept(rig: Rig) -> None:
    path = rig.root / "lobby" / "2025-11-21" / f"{BEGIN}.mp4.part"
    path.parent.mkdir(parents=True)
    path.write_bytes(os.urandom(10000))
    await rig.start()
    await rig.stop()
    assert [one.suffix for one in path.parent.iterdir()] == [".broken"]


async def test_a_sealed_file_that_the_index_missed_is_found(rig: Rig) -> None:
    now = SystemClock().now()
    recorder = await rig.start()
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(30), wall=now)
    await rig.stop()
    (segment,) = await rig.index.find("lobby", *EVER)
    await rig.index.remove([segment.id])
    await rig.start()
    await rig.stop()
    assert await rig.index.find("lobby", *EVER) == [segment]


async def test_no_room_stops_recording_and_room_lets_it_go_on(rig: Rig) -> None:
    recorder = await rig.start(min_free_bytes=1000)
    recorder.configure([camera("a"), camera("b")])
    for name in "ab":
        feed(rig.hub, name, pictures(), range(30))
    rig.room = 0
    await rig.until("video.recording.stopped", 2)
    assert recorder.full and not recorder.recording("a")
    feed(rig.hub, "a", pictures(), range(30, 60))
    rig.room = 10**12
    await rig.until("video.recording.resumed", 2)
    feed(rig.hub, "a", pictures(), range(60, 90))
    await rig.stop()
    found = [event for event in rig.log.events if not event.type.startswith("video.segment")]
    assert [event.type for event in found] == [
        "system.disk.full",
        *["video.recording.stopped"] * 2,
        "system.disk.ok",
        *["video.recording.resumed"] * 2,
    ]
    assert found[0].severity == 3 and found[1].entity == "camera:a" and "disk is full" in found[1].text
    assert [one.start - BEGIN for one in await rig.index.find("a", *EVER)] == [0, 60 * SECOND // FPS]


async def test_a_write_that_fails_keeps_what_was_written(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(41))
    while rig.recorder.current("lobby") is None or rig.recorder.volumes.first.writer.waiting:
        await asyncio.sleep(0.01)

    def full(fd: int, parts: Any) -> int:
        os.write(fd, b"a piece")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "writev", full)
    feed(rig.hub, "lobby", pictures(), range(41, 80))
    await rig.until("system.disk.full")
    monkeypatch.undo()
    await rig.until("video.segment.sealed")
    (segment,) = await rig.index.find("lobby", *EVER)
    assert len(probe(rig.root / segment.path)["frames"]) == 40
    assert segment.end - segment.start == 40 * SECOND // FPS
    await rig.stop()


async def test_retention_deletes_by_days_and_by_room(rig: Rig) -> None:
    now = SystemClock().now()
    recorder = await rig.start()
    recorder.configure([camera("a", retention_days=2.0), camera("b")])
    days = (5, 1)
    for number, back in enumerate(days):
        for name in "ab":
            wall = now - back * 86400 * SECOND
            feed(rig.hub, name, pictures(), range(100 * number, 100 * number + 50), wall=wall - 4 * number * SECOND)
            rig.hub.lost(name, "cut")
    await rig.until("video.segment.sealed", 4)
    await recorder.upkeep.retention.by_age({"a": Keep(days=2.0), "b": Keep()}, now)
    assert [len(await rig.index.find(name, *EVER)) for name in "ab"] == [1, 2]
    assert len(list(rig.root.glob("*/*/*.mp4"))) == 3
    first = (await rig.index.find("b", *EVER))[0]
    assert await recorder.upkeep.retention.for_space(recorder.volumes.first, 10, {}, now) == first.bytes
    assert [one.id for one in await rig.index.find("b", *EVER)] != [first.id]
    assert await recorder.upkeep.retention.for_space(recorder.volumes.first, 10**15, {}, now) > 0
    assert not list(rig.root.glob("*/*/*.mp4"))
    await rig.stop()


def _play(rig: Rig, segments: Any, start: int, end: int, out: Path) -> dict[str, Any]:
    out.write_bytes(b"".join(stream(Plan(roots={"main": str(rig.root)}, start=start, end=end, segments=tuple(segments)))))
    return probe(out)


async def test_playback_joins_segments_from_the_key_frame_before(rig: Rig, tmp_path: Path) -> None:
    recorder = await rig.start()
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(200))
    await rig.stop()
    segments = await rig.index.find("lobby", BEGIN + 1_500_000, BEGIN + 5_000_000)
    assert len(segments) == 3
    found = _play(rig, segments, BEGIN + 1_500_000, BEGIN + 5_000_000, tmp_path / "out.mp4")
    times = [frame["pts"] for frame in found["frames"]]
    assert times == [3600 * number for number in range(len(times))]
    assert times[-1] >= (5.0 - 1.2) * 90000 - 3600
    assert found["frames"][0]["key_frame"] == 1


async def test_playback_stays_true_to_time_over_a_gap(rig: Rig, tmp_path: Path) -> None:
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(50))
    rig.hub.lost("lobby", "cable")
    feed(rig.hub, "lobby", pictures(), range(500, 550))
    await rig.stop()
    segments = await rig.index.find("lobby", *EVER)
    found = _play(rig, segments, BEGIN, BEGIN + 60 * SECOND, tmp_path / "out.mp4")
    times = [frame["pts"] for frame in found["frames"]]
    assert times == [3600 * number for number in [*range(50), *range(500, 550)]]


async def test_playback_over_a_changed_picture(rig: Rig, tmp_path: Path) -> None:
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(50))
    feed(rig.hub, "lobby", pictures(480, 270), range(50, 100))
    await rig.stop()
    segments = await rig.index.find("lobby", *EVER)
    assert [(one.width, one.height) for one in segments] == [(320, 180), (480, 270)]
    out = tmp_path / "out.mp4"
    assert len(_play(rig, segments, BEGIN, BEGIN + 10 * SECOND, out)["frames"]) == 100
    import av

    with av.open(str(out)) as file:
        assert [(frame.width, frame.height) for frame in file.decode(video=0)] == [(320, 180)] * 50 + [(480, 270)] * 50


async def test_the_open_segment_can_be_played(rig: Rig, tmp_path: Path) -> None:
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(61))
    while rig.recorder.volumes.first.writer.waiting:
        await asyncio.sleep(0.01)
    current = recorder.current("lobby")
    assert current is not None and not current.sealed
    found = _play(rig, [current], BEGIN, BEGIN + 10 * SECOND, tmp_path / "out.mp4")
    assert len(found["frames"]) == 60
    await rig.stop()
    assert len(_play(rig, [current], BEGIN, BEGIN + 10 * SECOND, tmp_path / "out.mp4")["frames"]) == 61


def test_an_empty_span_is_refused_before_the_first_byte(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="nothing is recorded"):
        stream(Plan(roots={"main": str(tmp_path)}, start=0, end=1, segments=()))


@pytest.mark.parametrize(
    "path", ["../x/2025-01-01/1.mp4", "a/2025-01-01/../1.mp4", "a/b/1.mp4", "a/2025-01-01/x.mp4", "A/2025-01-01/1.mp4"]
)
def test_other_paths_are_no_segments(path: str) -> None:
    assert parse_path(path) is None


async def test_a_writer_that_ends_is_not_overlooked(rig: Rig) -> None:
    await rig.start()
    await rig.recorder.volumes.first.writer.stop()
    with pytest.raises(RuntimeError, match="must be started anew"):
        await asyncio.wait_for(rig._task, 60)


async def test_the_media_directory_vanishes_and_comes_back(rig: Rig) -> None:
    recorder = await rig.start()
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(30))
    while rig.recorder.volumes.first.writer.waiting:
        await asyncio.sleep(0.01)
    gone = rig.root.with_name("gone")
    rig.root.rename(gone)
    rig.root.write_text("in the way")
    feed(rig.hub, "lobby", pictures(), range(30, 120))
    await rig.until("video.recording.stopped")
    rig.root.unlink()
    gone.rename(rig.root)
    await rig.until("video.recording.resumed")
    feed(rig.hub, "lobby", pictures(), range(120, 150))
    await rig.stop()
    assert (await rig.index.find("lobby", *EVER))[-1].start == BEGIN + 120 * SECOND // FPS


async def test_any_span_plays_from_its_key_frame_to_its_end(rig: Rig) -> None:
    recorder = await rig.start(segment_seconds=1.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(120))
    await rig.stop()
    for start, end in itertools.product(range(0, 4_700_000, 330_000), (400_000, 1_700_000, 5_000_000)):
        span = (BEGIN + start, BEGIN + start + end)
        segments = tuple(await rig.index.find("lobby", *span))
        pieces = list(stream(Plan(roots={"main": str(rig.root)}, start=span[0], end=span[1], segments=segments)))
        fragments = [parse_moof(piece) for piece in pieces[1:]]
        assert fragments[0].keys[0] and fragments[0].decode_time == 0
        time = 0
        for number, fragment in enumerate(fragments):
            assert fragment.decode_time == time and fragment.sequence == number + 1
            time += sum(fragment.durations)
        covered = min(end, 120 * SECOND // FPS - start) * 90000 // SECOND
        assert covered <= time + 2 <= covered + 36000 + 48600 + 2


async def test_a_disk_that_is_too_slow_is_said_once_and_leaves_a_gap_with_its_reason(rig: Rig) -> None:
    now = SystemClock().now() - 60 * SECOND
    recorder = await rig.start(segment_seconds=60.0)
    recorder.configure([camera()])
    feed(rig.hub, "lobby", pictures(), range(50), wall=now)
    while recorder.volumes.first.writer.waiting:
        await asyncio.sleep(0.01)
    recorder.volumes.first.writer._limit = 0
    feed(rig.hub, "lobby", pictures(), range(50, 200), wall=now)
    recorder.volumes.first.writer._limit = 10**9
    feed(rig.hub, "lobby", pictures(), range(200, 250), wall=now)
    await rig.until("system.disk.slow")
    await rig.stop()
    assert rig.log.types().count("system.disk.slow") == 1 and recorder.volumes.first.slow
    gaps = [one for one in await rig.index.gaps("lobby", now, now + 10 * SECOND) if one.reason == "disk-slow"]
    assert len(gaps) == 1 and gaps[0].end == now + 8 * SECOND
