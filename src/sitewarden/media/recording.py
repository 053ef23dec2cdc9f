"""One camera's recording: frames to fragments, fragments to segments. Synchronous; the volume's thread does the writing."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sitewarden.domain.clock import SECOND
from sitewarden.domain.video.model import Segment
from sitewarden.media.hub import Frame, Run, Track
from sitewarden.media.layout import segment_id, segment_path
from sitewarden.media.volume import SegmentFile, Volume
from sitewarden.wire.fmp4 import TIMESCALE, Sound, fragment_header
from sitewarden.wire.fmp4_init import init_segment

FRAGMENT: Final = TIMESCALE // 2
"""A fragment ends after half a second, or with its group of pictures: so much a crash can cost."""
LEAD: Final = TIMESCALE // 2
"""Where a segment with sound begins its pictures, so that sound which comes late finds its place before the first of them."""
MOST_RUNS: Final = 100
"""Runs of sound that wait for a picture, about 10 s; what comes beyond them is left out."""
DRIFT: Final = 2 * SECOND
"""Microseconds by which wall and media time may part within a segment before a new one is begun."""


class _Open:
    """A segment that is being written."""

    def __init__(self, file: SegmentFile, path: str, track: Track, first: Frame) -> None:
        self.file = file
        self.path = path
        self.track = track
        self.start = first.wall
        self.base = first.decode_time - (LEAD if track.audio else 0)
        self.sequence = 0
        self.heard = -(1 << 62)
        """Where its sound ends, in units of the sound's rate."""
        self.end = first.wall


class Recording:
    """Subscribes to the hub for one camera. A segment begins and ends at key frames, after about `segment_seconds`.

    `on_sealed(segment, cut)` tells of a finished segment; `cut` where the disk failed, so that its end must be looked up.
    """

    def __init__(
        self,
        camera: str,
        volume: Volume,
        *,
        segment_seconds: float,
        on_sealed: Callable[[Segment, bool], None],
        on_failed: Callable[[str, OSError], None],
    ) -> None:
        self.camera = camera
        self._volume = volume
        self._length = round(segment_seconds * SECOND)
        self._on_sealed = on_sealed
        self._on_failed = on_failed
        self._track: Track | None = None
        self._open: _Open | None = None
        self._pending: list[Frame] = []
        self._runs: list[Run] = []
        self._last: Frame | None = None
        self.paused = False
        """True while the disk has no room: nothing is written."""
        self.sealing = 0
        """Segments that the writer has still to close."""
        self.dropped = 0
        """Groups of pictures left out because the disk was too slow."""

    def on_track(self, track: Track) -> None:
        if self._track is not None and (track.video, track.audio) != (self._track.video, self._track.audio):
            self.close()
        self._track = track

    def on_lost(self, reason: str) -> None:
        self.close()

    def on_frame(self, frame: Frame) -> None:
        last = self._last
        self._last = frame
        if self.paused or self._track is None:
            return
        if self._open is None:
            if frame.key:
                self._begin(frame)
            return
        pending = self._pending
        if frame.jumped or (last is not None and _parted(last, frame)):
            self.close()
            if frame.key:
                self._begin(frame)
            return
        if frame.key or frame.decode_time - pending[0].decode_time >= FRAGMENT:
            if not self._flush(frame.decode_time - pending[-1].decode_time):
                return
            if frame.key and frame.wall - self._open.start >= self._length:
                self._seal()
                self._begin(frame)
                return
        self._pending.append(frame)

    def on_sound(self, run: Run) -> None:
        if self._open is not None and len(self._runs) < MOST_RUNS:
            self._runs.append(run)

    def close(self) -> None:
        """End the segment with what there is."""
        if self._open is not None:
            if self._pending and not self._flush(max(1, self._pending[-1].duration)):
                return
            self._seal()

    def current(self) -> Segment | None:
        """Return the open segment as far as it is written, unsealed; None where there is none."""
        now = self._open
        if now is None or now.file.failed or not now.file.size or now.end <= now.start:
            return None
        return self._segment(now, now.path, now.file.size, sealed=False)

    def _begin(self, frame: Frame) -> None:
        assert self._track is not None
        path = segment_path(self.camera, frame.wall, sealed=False)
        file = self._volume.create(self._volume.root / path, lambda error: self._on_failed(self.camera, error))
        self._open = _Open(file, path, self._track, frame)
        self._pending = [frame]
        self._runs = []

    def _flush(self, last_duration: int) -> bool:
        """Give the pending frames to the writer as one fragment; False where the segment ended because they did not fit."""
        now, frames = self._open, self._pending
        assert now is not None
        self._pending = []
        times = [frame.decode_time for frame in frames]
        durations = [later - earlier for earlier, later in itertools.pairwise(times)]
        durations.append(last_duration)
        now.sequence += 1
        sound, heard = self._heard(now) if self._runs else (None, [])
        parts = [
            fragment_header(
                now.sequence,
                times[0] - now.base,
                durations,
                [len(frame.data) for frame in frames],
                [frame.key for frame in frames],
                [frame.offset for frame in frames],
                frames[0].wall,
                sound,
            ),
            *(frame.data for frame in frames),
            *heard,
        ]
        if now.sequence == 1:
            parts.insert(0, init_segment(now.track.video, now.track.audio, created=now.start))
        if not now.file.write(parts):
            self.dropped += 1
            self._seal()
            return False
        now.end = frames[-1].wall + last_duration * SECOND // TIMESCALE
        return True

    def _heard(self, now: _Open) -> tuple[Sound | None, list[bytes]]:
        """Return the sound that waits, as columns and frames; a gap between two runs makes the frame before it longer."""
        runs, self._runs = self._runs, []
        audio = now.track.audio
        if audio is None:
            return None, []
        base = now.base * audio.rate // TIMESCALE
        runs = [run for run in runs if run.audio == audio and run.time >= max(base, now.heard)]
        if not runs:
            return None, []
        frames: list[bytes] = []
        durations: list[int] = []
        end = start = runs[0].time
        for run in runs:
            if durations:
                durations[-1] += run.time - end
            frames += run.frames
            durations += run.durations
            end = run.time + sum(run.durations)
        now.heard = end
        return Sound(start - base, durations, [len(frame) for frame in frames]), frames

    def _seal(self) -> None:
        now = self._open
        assert now is not None
        self._open = None
        self._pending = []
        self.sealing += 1
        path = segment_path(self.camera, now.start)

        def done(size: int) -> None:
            self.sealing -= 1
            if size:
                self._on_sealed(self._segment(now, path, size, sealed=True), now.file.failed)

        now.file.seal(self._volume.root / Path(path), done)

    def _segment(self, now: _Open, path: str, size: int, *, sealed: bool) -> Segment:
        return Segment(
            id=segment_id(self.camera, now.start),
            camera=self.camera,
            path=path,
            start=now.start,
            end=now.end,
            bytes=size,
            codec=now.track.codec,
            width=now.track.video.width,
            height=now.track.video.height,
            sealed=sealed,
        )


def _parted(last: Frame, frame: Frame) -> bool:
    media = (frame.decode_time - last.decode_time) * SECOND // TIMESCALE
    return abs(frame.wall - last.wall - media) > DRIFT
