"""Recordings as units: every picture once, at its wall time, gaps short, pieces in order, and the units' form on the socket."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.errors import NotFound
from sitewarden.media.channel import Frame, Run
from sitewarden.media.plan import Plan
from sitewarden.media.replay import GAP, first_head, replay
from sitewarden.media.units import Picture, Sound, Unit, UnitError, decode, of_frame, of_run
from sitewarden.wire.fmp4 import sample
from sitewarden.wire.formats import AudioFormat
from tests.api.rtsp.rig import RECORDED, Rig
from tests.media.support import FPS
from tests.services.house import House

SECOND = 1_000_000
PCMA = AudioFormat(encoding="PCMA", codec="alaw", rate=8000, channels=1)


@pytest.fixture
async def rig(tmp_path: Path, host: str) -> Rig:
    house = House()
    house.close()
    made = Rig(house, tmp_path, host)
    await made.record(tmp_path)
    return made


def plan(rig: Rig, start: int = 0, end: int = RECORDED) -> Plan:
    first, last = rig.began + start * SECOND, rig.began + end * SECOND
    return Plan(roots={"main": str(rig.root)}, start=first, end=last, segments=tuple(rig.segments))


def played(rig: Rig, start: float, end: float, *, keys_only: bool = False) -> list[Unit]:
    pieces = replay(plan(rig), rig.began + int(start * SECOND), rig.began + int(end * SECOND), keys_only=keys_only)
    return [unit for piece in pieces for unit in piece.units]


async def test_every_picture_comes_once_as_it_was_and_a_gap_is_short(rig: Rig) -> None:
    found = [unit for unit in played(rig, 0, RECORDED) if isinstance(unit, Picture)]
    half, gap = RECORDED * FPS // 2, 4 * FPS
    numbers = [*range(half), *range(half + gap, RECORDED * FPS)]
    assert [unit.wall for unit in found] == [rig.began + number * SECOND // FPS for number in numbers]
    wanted = [rig.made.units[number % len(rig.made.units)] for number in numbers]
    assert [unit.data for unit in found] == [sample([nal for nal in one.nals if nal[0] & 31 not in (7, 8)]) for one in wanted]
    assert [unit.key for unit in found] == [one.key for one in wanted]
    steps = [later.time - earlier.time for earlier, later in itertools.pairwise(found)]
    assert max(steps) <= (GAP + SECOND // FPS) * 9 // 100 and steps.count(max(steps)) == 1
    assert sorted(set(steps))[0] == 90_000 // FPS


async def test_it_begins_at_the_key_frame_before_and_ends_where_it_is_told(rig: Rig) -> None:
    found = [unit for unit in played(rig, 3.1, 5.0) if isinstance(unit, Picture)]
    assert found[0].key and rig.began + 2.5 * SECOND <= found[0].wall <= rig.began + 3.1 * SECOND
    assert found[-1].wall == rig.began + 5 * SECOND - SECOND // FPS
    keys = [unit for unit in played(rig, 3.1, 5.0, keys_only=True) if isinstance(unit, Picture)]
    assert keys == [unit for unit in found if unit.key]
    inside = [unit for unit in played(rig, 11.0, 13.5) if isinstance(unit, Picture)]
    assert inside[0].key and inside[-1].wall < rig.began + 10 * SECOND, "what stands over the gap"


async def test_files_that_are_gone_or_broken_are_passed_over(rig: Rig) -> None:
    (rig.root / rig.segments[0].path).unlink()
    (rig.root / rig.segments[1].path).write_bytes(b"nonsense")
    whole = [unit for unit in played(rig, 0, RECORDED) if isinstance(unit, Picture)]
    assert whole and whole[0].wall >= rig.segments[2].start
    with pytest.raises(NotFound):
        first_head(Plan(roots={"main": str(rig.root)}, start=0, end=5, segments=tuple(rig.segments)))


@given(st.integers(0, 1 << 50), st.integers(-9000, 90_000), st.integers(0, 1 << 50), st.booleans(), st.binary(max_size=50))
def test_pictures_cross_the_socket(time: int, offset: int, wall: int, key: bool, data: bytes) -> None:
    assert decode(of_frame(Frame(data, 1, time, offset, 3600, wall, key, False))) == Picture(time + offset, wall, key, data)


@given(st.integers(0, 1 << 50), st.lists(st.tuples(st.binary(max_size=30), st.integers(0, 5000)), max_size=8))
def test_sound_crosses_the_socket(time: int, made: list[tuple[bytes, int]]) -> None:
    frames, durations = [one for one, _ in made], [one for _, one in made]
    found = decode(of_run(Run(PCMA, frames, durations, time, 1)))
    assert isinstance(found, Sound)
    assert (found.time, list(found.durations), list(found.frames)) == (time, durations, frames)


@given(st.binary(max_size=60))
def test_other_bytes_are_refused(data: bytes) -> None:
    try:
        decode(data)
    except UnitError:
        pass
