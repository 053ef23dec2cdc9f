"""The data disk: how fast a commit is, how fast recordings can be written, and whether they fit for as long as they stay."""

from __future__ import annotations

import os
import shutil
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from msgspec import Struct

from sitewarden.app import show
from sitewarden.app.doctor.facts import Facts
from sitewarden.app.places import Places
from sitewarden.app.volumes import volumes
from sitewarden.domain.clock import DAY, MINUTE
from sitewarden.domain.video.volumes import VolumeSpec
from sitewarden.services.surface.doctor import Finding

COMMITS = 16
BLOCK = 1024 * 1024
WRITE = 32 * BLOCK
LONGEST = 3.0
"""Seconds that measuring may take."""
SLOW_COMMIT = 0.05
SLOW_WRITE = 20 * BLOCK
"""Bytes a second below which a disk is slow whatever is recorded."""
AHEAD = 3
"""A disk is to write so many times faster than recordings come, or a burst fills the queues."""
COMMIT_WHY = "an event is on disk before it is told; with a slow commit, alarms and the console wait."
ROOM_WHY = "the oldest recordings go before their time."


class Speed(Struct, frozen=True, kw_only=True):
    """What was measured."""

    commit: float
    """Seconds that a small write and its fsync take, the median."""
    write: float
    """Bytes a second."""


class Recorded(Struct, frozen=True, kw_only=True):
    """What the cameras recorded lately."""

    rate: float
    """Bytes a second, all cameras together."""
    held: int
    """Bytes of all recordings."""
    seconds: float
    """How long the rate was looked at."""


def check(facts: Facts) -> list[Finding]:
    """Measure and compare."""
    directory = facts.settings.data
    while not directory.exists() and directory != directory.parent:
        directory = directory.parent
    free = shutil.disk_usage(directory).free
    least = facts.settings.limits.min_free_bytes
    if free < least:
        return [
            Finding(
                level="error",
                check="disk",
                what=f"{show.size(free)} are free on {directory}; recording stops below {show.size(least)}",
                why="what is not recorded is lost.",
                remedy="Free some room, or name another data_dir.",
            )
        ]
    recorded = recordings(Places.of(facts.settings))
    found = [Finding(level="ok", check="disk", what=f"{show.size(free)} are free on {directory}")]
    if os.access(directory, os.W_OK):
        found += judge_speed(measure(directory), recorded.rate if recorded else 0.0, directory)
    if recorded is not None:
        room = sum(spare(spec, least) for spec in volumes(facts.settings) if spec.records)
        found.append(judge_room(recorded, room, facts.retention))
    return found


def spare(spec: VolumeSpec, least: int) -> int:
    """Return the bytes that recordings may still take of a volume; 0 where it is not there."""
    try:
        path = spec.home if spec.inner and not Path(spec.path).exists() else spec.path
        return max(0, shutil.disk_usage(path).free - (spec.min_free or least))
    except OSError:
        return 0


def measure(directory: Path) -> Speed:
    """Write and flush a file without a name in `directory`; at most 32 MiB and some seconds."""
    commits: list[float] = []
    with tempfile.TemporaryFile(dir=directory) as file:
        descriptor, begun = file.fileno(), time.monotonic()
        for _ in range(COMMITS):
            before = time.monotonic()
            os.write(descriptor, bytes(4096))
            os.fsync(descriptor)
            commits.append(time.monotonic() - before)
            if time.monotonic() - begun > LONGEST:
                break
        block, written, before = os.urandom(BLOCK), 0, time.monotonic()
        while written < WRITE and time.monotonic() - before < LONGEST:
            written += os.write(descriptor, block)
        os.fsync(descriptor)
        took = max(time.monotonic() - before, 1e-6)
    return Speed(commit=statistics.median(commits), write=written / took)


def judge_speed(speed: Speed, rate: float, directory: Path) -> list[Finding]:
    """Return the findings on a disk's speed; `rate` is what recordings bring, in bytes a second."""
    measured = f"a commit takes {speed.commit * 1000:.1f} ms, and {show.size(speed.write)} are written in a second"
    found = []
    if speed.commit > SLOW_COMMIT:
        found.append(
            Finding(
                level="warning",
                check="disk",
                what=f"{directory} is slow to commit: {measured}",
                why=COMMIT_WHY,
                remedy="Put data_dir on a solid-state disk, and not on a network share.",
            )
        )
    if speed.write < max(SLOW_WRITE, AHEAD * rate):
        need = f"; recordings bring {show.size(rate)} a second" if rate else ""
        found.append(
            Finding(
                level="warning",
                check="disk",
                what=f"{directory} is slow to write: {measured}{need}",
                why="recordings wait in memory, and are dropped when it is full.",
                remedy="Put data_dir on a faster disk, or record fewer streams on this one.",
            )
        )
    return found or [Finding(level="ok", check="disk", what=measured)]


def judge_room(recorded: Recorded, room: int, days: float) -> Finding:
    """Return the finding on `room` free bytes (beyond those held already) for recordings that are to stay `days`."""
    need = recorded.rate * days * 86_400
    reach = (room + recorded.held) / recorded.rate / 86_400
    come = f"recordings come at {show.size(recorded.rate * 86_400)} a day"
    if need > room + recorded.held:
        return Finding(
            level="warning",
            check="disk",
            what=f"{come}: the disk holds {reach:.1f} days of them, and {days:g} are asked for ({show.size(need)})",
            why=ROOM_WHY,
            remedy="Add room, lower the cameras' bit rate, or lower their retention_days.",
        )
    return Finding(level="ok", check="disk", what=f"{come}: the disk holds {reach:.0f} days of them, {days:g} are asked for")


def recordings(places: Places) -> Recorded | None:
    """Return what was recorded in the last day; None where that is less than ten minutes."""
    now = int(time.time() * 1_000_000)
    size, held, first, last = 0, 0, now, 0
    for path in sorted(places.data.glob("segments-*.db")):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2.0)
        try:
            window = 'SELECT coalesce(sum(bytes), 0), min(start), max("end") FROM segments WHERE start >= ?'
            lately, begun, ended = connection.execute(window, (now - DAY,)).fetchone()
            held += connection.execute("SELECT coalesce(sum(bytes), 0) FROM segments").fetchone()[0]
        except sqlite3.Error:
            continue
        finally:
            connection.close()
        size += lately
        first, last = min(first, begun or now), max(last, ended or 0)
    if last - first < 10 * MINUTE or not size:
        return None
    return Recorded(rate=size / ((last - first) / 1_000_000), held=held, seconds=(last - first) / 1_000_000)


__all__ = ["Recorded", "Speed", "check", "judge_room", "judge_speed", "measure", "recordings"]
