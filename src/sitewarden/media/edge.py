"""What a camera recorded itself, on its way into a gap: put on our clock, cut to the gap, handed to a recording. Synchronous."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from msgspec import Struct

from sitewarden.domain.clock import SECOND
from sitewarden.kit.context import MediaSink
from sitewarden.media.hub import Frame, Run, Track
from sitewarden.media.plan import Plan
from sitewarden.media.recording import Recording
from sitewarden.media.replay import replay
from sitewarden.media.units import Picture
from sitewarden.wire.fmp4 import TIMESCALE

BEFORE: Final = 10 * SECOND
"""Microseconds before a gap that are fetched too: the key frames in it, recorded by both, tell how far apart the clocks are."""
APART: Final = 10 * SECOND
"""Greatest difference of the two clocks that such a key frame is believed."""

Pace = Callable[[int], float]


class Stretch(Struct, frozen=True, kw_only=True):
    """A recording of the camera by where it is replayed; times by our clock, microseconds since 1970 UTC."""

    url: str
    start: int
    end: int
    offset: int
    """By how much the camera's clock is ahead of ours, as it says itself: to a second."""


class Edge(Protocol):
    """The cameras' own recordings, as `app` gives them."""

    def able(self, camera: str) -> bool:
        """Tell whether a camera can be asked now, and records itself."""
        ...

    async def find(self, camera: str, start: int, end: int) -> Sequence[Stretch]:
        """Return what the camera has of [start, end), in order. Raises a Refusal or a DriverError."""
        ...

    async def fetch(
        self, camera: str, stretch: Stretch, start: int, end: int, media: MediaSink, pace: Pace, enough: Callable[[], bool]
    ) -> None:
        """Hand what it recorded in [start, end) to the channel `camera` of `media`, on our clock; return when it is all there."""
        ...


class Cutter:
    """Subscribes to what is replayed; gives a recording what lies in [start, end).

    `known` are key frames that were recorded shortly before the gap, digest to wall time. Pictures are cut in decoding order,
    so that what is recorded always decodes: it begins at a key frame.
    """

    def __init__(self, recording: Recording, start: int, end: int, known: dict[bytes, int]) -> None:
        self._recording = recording
        self._start, self._end, self._known = start, end, known
        self.shift = 0
        """Microseconds that are added to the times of the replay."""
        self.aligned = False
        self.past = False
        """All of the gap was seen."""
        self.first = self.last = 0
        """Times of the first picture that was recorded, and of the end of the last one; 0 before."""

    def on_track(self, track: Track) -> None:
        self._recording.on_track(track)

    def on_lost(self, reason: str) -> None:
        self._recording.on_lost(reason)

    def on_sound(self, run: Run) -> None:
        if self.first and not self.past:
            self._recording.on_sound(run)

    def on_frame(self, frame: Frame) -> None:
        if self.past:
            return
        if frame.key and self._known and not self.aligned:
            wall = self._known.get(digest(frame.data))
            if wall is not None and abs(wall - frame.wall) <= APART:
                self.shift, self.aligned = wall - frame.wall, True
        frame.wall += self.shift
        over = frame.wall + frame.duration * SECOND // TIMESCALE
        if frame.wall < self._start:
            return
        if over > self._end:
            self.past = True
            return
        if not self.first:
            if not frame.key:
                return
            self.first = frame.wall
        self.last = max(self.last, over)
        self._recording.on_frame(frame)


def digest(data: bytes) -> bytes:
    """Return what an access unit is known by."""
    return hashlib.blake2b(data, digest_size=16).digest()


def keys_before(plan: Plan) -> dict[bytes, int]:
    """Return the key frames of what was recorded before a gap, digest to wall time; what comes twice is left out. Reads files."""
    found: dict[bytes, int] = {}
    twice: set[bytes] = set()
    for piece in replay(plan, plan.start, plan.end, keys_only=True):
        for unit in piece.units:
            if isinstance(unit, Picture):
                name = digest(unit.data)
                if name in found:
                    twice.add(name)
                found[name] = unit.wall
    return {name: wall for name, wall in found.items() if name not in twice}
