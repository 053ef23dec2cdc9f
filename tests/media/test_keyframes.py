"""Key frames alone, forward and backward, held against all frames of the same recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.errors import NotFound
from sitewarden.media import keyframes
from sitewarden.media.playback import Plan
from sitewarden.media.scan import scan
from sitewarden.wire.fmp4_read import parse_moof
from tests.media.support import BEGIN, FPS, camera, feed, pictures, probe
from tests.media.test_recorder import EVER, SECOND, Rig

GOP = 10
"""Frames between two key frames of `pictures`."""


async def record(tmp_path: Path, *spans: range, big: range | None = None) -> tuple[Rig, list[Any]]:
    rig = Rig(tmp_path)
    recorder = await rig.start(segment_seconds=1.0)
    recorder.configure([camera()])
    for span in spans:
        feed(rig.hub, "lobby", pictures(), span)
        rig.hub.lost("lobby", "cable")
    if big is not None:
        feed(rig.hub, "lobby", pictures(480, 270), big)
    await rig.stop()
    segments = await rig.index.find("lobby", *EVER)
    await rig.index.close()
    return rig, list(segments)


def play(rig: Rig, segments: list[Any], start: int, end: int, **how: Any) -> tuple[int, list[tuple[int, int, bytes]]]:
    """Return (start, (time, duration, picture) of each fragment); times in 1/90,000 s."""
    found = keyframes.film(Plan(roots={"main": str(rig.root)}, start=start, end=end, segments=tuple(segments)), **how)
    shown, time = [], 0
    for number, piece in enumerate(list(found.pieces)[1:]):
        fragment = parse_moof(piece)
        assert (fragment.sequence, fragment.decode_time, fragment.keys) == (number + 1, time, (True,))
        time += fragment.durations[0]
        shown.append((fragment.decode_time, fragment.durations[0], piece[fragment.data_offset :]))
    return found.start, shown


def at(frame: int) -> int:
    return BEGIN + frame * SECOND // FPS


async def test_forward_and_backward_show_the_same_pictures_at_the_same_times(tmp_path: Path) -> None:
    rig, segments = await record(tmp_path, range(120))
    assert len(segments) > 2
    start, shown = play(rig, segments, at(15), at(95))
    assert start == at(10), "the key frame before the start"
    assert [time for time, _, _ in shown] == [frame * 3600 for frame in range(0, 90, GOP)]
    assert shown[-1][1] == 5 * 3600, "the last one stands until the end of the span"
    end, back = play(rig, segments, at(15), at(95), backward=True)
    assert end == at(95)
    assert [picture for _, _, picture in back] == [picture for _, _, picture in reversed(shown)]
    spans = [(start * 9 // 100 + time, duration) for time, duration, _ in shown]
    assert [(end * 9 // 100 - time - duration, duration) for time, duration, _ in reversed(back)] == spans


async def test_no_two_are_closer_than_was_asked(tmp_path: Path) -> None:
    rig, segments = await record(tmp_path, range(120))
    _, shown = play(rig, segments, BEGIN, at(120), every=1_000_000)
    assert [time for time, _, _ in shown] == [frame * 3600 for frame in range(0, 120, 3 * GOP)]
    _, back = play(rig, segments, BEGIN, at(120), every=1_000_000, backward=True)
    assert [time + duration for time, duration, _ in back] == [(120 - frame) * 3600 for frame in (110, 80, 50, 20)]


async def test_the_last_picture_before_a_gap_stands_either_way(tmp_path: Path) -> None:
    rig, segments = await record(tmp_path, range(50), range(500, 550))
    start, shown = play(rig, segments, BEGIN, at(550))
    assert [(time // 3600, duration // 3600) for time, duration, _ in shown] == [
        *((frame, GOP) for frame in range(0, 40, GOP)), (40, 460), *((frame, GOP) for frame in range(500, 550, GOP)),
    ]  # fmt: skip
    _, back = play(rig, segments, start, at(550), backward=True)
    assert [duration for _, duration, _ in reversed(back)] == [duration for _, duration, _ in shown]


async def test_what_it_gives_decodes_over_a_changed_picture(tmp_path: Path) -> None:
    rig, segments = await record(tmp_path, range(50), big=range(50, 100))
    plan = Plan(roots={"main": str(rig.root)}, start=BEGIN, end=at(100), segments=tuple(segments))
    for backward in (False, True):
        found = keyframes.film(plan, backward=backward)
        assert found.codecs.startswith("avc3.")
        out = tmp_path / f"{backward}.mp4"
        out.write_bytes(b"".join(found.pieces))
        assert [frame["key_frame"] for frame in probe(out)["frames"]] == [1] * 10


async def test_it_is_bounded_and_says_where_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig, segments = await record(tmp_path, range(100))
    monkeypatch.setattr(keyframes, "MOST", 3)
    _, shown = play(rig, segments, BEGIN, at(100))
    assert [(time, duration) for time, duration, _ in shown] == [(frame * 3600, GOP * 3600) for frame in (0, 10, 20)]
    with pytest.raises(NotFound, match="nothing is recorded"):
        keyframes.film(Plan(roots={"main": str(rig.root)}, start=0, end=SECOND, segments=tuple(segments)))
    for one in segments:
        (rig.root / one.path).unlink()
    with pytest.raises(NotFound, match="nothing is recorded"):
        keyframes.film(Plan(roots={"main": str(rig.root)}, start=BEGIN, end=at(100), segments=tuple(segments)))


async def test_a_file_with_rubbish_is_left_out(tmp_path: Path) -> None:
    rig, segments = await record(tmp_path, range(100))
    kept = scan(rig.root / segments[1].path).start_wall
    (rig.root / segments[0].path).write_bytes(b"\x00\x00\x00\x18ftyprubbish")
    start, _ = play(rig, segments, BEGIN, at(100))
    assert start == kept
