"""One camera's recording: frames to fragments, fragments to segments. Synchronous; the volume's thread does the writing."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sitewarden.domain.clock import SECOND
from sitewarden.domain.video.account import Account
from sitewarden.domain.video.model import Segment
from sitewarden.domain.video.wish import Why
from sitewarden.media.disk import Disk
from sitewarden.media.hub import Frame, Run, Track
from sitewarden.media.layout import segment_id, segment_path
from sitewarden.media.preroll import Preroll
from sitewarden.media.volume import SegmentFile
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

    def __init__(self, file: SegmentFile, disk: Disk, path: str, track: Track, first: Frame) -> None:
        self.file = file
        self.disk = disk
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
    `account` learns from when on the camera is recorded, and from when on it is not, and why.
    """

    def __init__(
        self,
        camera: str,
        disk: Disk,
        account: Account,
        now: Callable[[], int],
        *,
        segment_seconds: float,
        on_sealed: Callable[[Segment, bool], None],
        on_failed: Callable[[str, Disk, OSError], None],
    ) -> None:
        self.camera = camera
        self._disk = disk
        self._account = account
        self._now = now
        self._length = round(segment_seconds * SECOND)
        self._on_sealed = on_sealed
        self._on_failed = on_failed
        self._track: Track | None = None
        self._open: _Open | None = None
        self._pending: list[Frame] = []
        self._runs: list[Run] = []
        self._last: Frame | None = None
        self._preroll = Preroll(0.0)
        self._lost: str | None = "no picture has come yet"
        self._slow = False
        self._blocked: Why | None = None
        self._waiting: Why | None = None
        self._moving: Why | None = None
        self.closing: list[Segment] = []
        """Segments that the writer has still to close."""
        self.dropped = 0
        """Groups of pictures left out because the disk was too slow."""

    @property
    def writing(self) -> bool:
        """True while what comes is written."""
        return self._blocked is None and self._waiting is None

    def allow(self, blocked: Why | None, waiting: Why | None, pre_seconds: float) -> None:
        """Say what shall be written from now on.

        `blocked`: nothing, at once, for this reason. `waiting`: nothing from the next key frame on, while the last
        `pre_seconds` are kept in memory. Neither: everything, beginning with what is kept.
        """
        self._preroll.seconds = pre_seconds
        self._waiting = waiting
        if blocked != self._blocked:
            self._blocked = blocked
            if blocked is not None:
                self._preroll.clear()
                self.close()
        if self._open is None and self.writing:
            self._begin_earlier()
        if self._open is None:
            self._explain(self._now())

    def onto(self, disk: Disk) -> None:
        """Write the next file on this volume; at once where the one before takes nothing any more."""
        if disk is self._disk:
            return
        before, self._disk = self._disk, disk
        if before.why is not None:
            self._moving = before.why[0], f"{before.why[1]}; going on on the volume {disk.id}"
            self.close()

    def _explain(self, at: int) -> None:
        """Tell the account why nothing is written from `at` on."""
        self._account.missing(at, *self._why())

    def _why(self) -> Why:
        if self._blocked is not None:
            return self._blocked
        if self._lost is not None:
            return "camera-lost", self._lost
        if self._slow:
            return "disk-slow", "the disk did not take it in time"
        if self._waiting is not None:
            return self._waiting
        if self._moving is not None:
            return self._moving
        return "starting", "waiting for a key frame"

    def on_track(self, track: Track) -> None:
        if self._track is not None and (track.video, track.audio) != (self._track.video, self._track.audio):
            self.close()
            self._preroll.clear()
        self._track = track

    def on_lost(self, reason: str) -> None:
        self._lost = reason or "its stream ended"
        if self._open is None:
            self._explain(self._now())
        self.close()

    def on_frame(self, frame: Frame) -> None:
        last = self._last
        self._last = frame
        if self._open is None:
            self._idle(frame, last)
            return
        pending = self._pending
        if frame.jumped or (last is not None and _parted(last, frame)):
            self._part(frame, last)
            return
        if frame.key or frame.decode_time - pending[0].decode_time >= FRAGMENT:
            if not self._flush(frame.decode_time - pending[-1].decode_time):
                return
            if frame.key and self._waiting is not None:
                self._seal()
                self._idle(frame, last)
                return
            if frame.key and frame.wall - self._open.start >= self._length:
                self._seal(over=False)
                self._begin(frame)
                return
        self._pending.append(frame)

    def on_sound(self, run: Run) -> None:
        if self._open is not None:
            if len(self._runs) < MOST_RUNS:
                self._runs.append(run)
        elif self._waiting is not None and self._blocked is None:
            self._preroll.sound(run)

    def _idle(self, frame: Frame, last: Frame | None) -> None:
        """Take a frame while no segment is open."""
        if self._lost is not None:
            self._lost = None
            self._preroll.clear()
        if self._blocked is not None or self._track is None:
            return
        if self._waiting is not None:
            if frame.jumped or (last is not None and _parted(last, frame)):
                self._preroll.clear()
            self._preroll.frame(frame)
            self._explain(frame.wall)
        elif frame.key:
            self._begin(frame)
        else:
            self._explain(frame.wall)

    def _begin_earlier(self) -> None:
        """Write what is kept in memory; what was lost a while ago is not of this event."""
        last = self._last
        if last is None or (self._lost is not None and self._now() - last.wall > self._preroll.seconds * SECOND):
            self._preroll.clear()
            return
        items, lost = self._preroll.take(), self._lost
        self._last = None
        for item in items:
            if isinstance(item, Frame):
                self.on_frame(item)
            else:
                self.on_sound(item)
        self._last = last
        if lost is not None and items:
            self._lost = lost
            self.close()

    def _part(self, frame: Frame, last: Frame | None) -> None:
        """Begin anew where the camera's time or ours made a step."""
        self.close()
        if self._open is None and last is not None and not frame.jumped:
            step = (frame.wall - last.wall) / SECOND
            self._account.missing(
                last.wall, "clock", f"the clock was put {'forward' if step > 0 else 'back'} by {abs(step):.0f} s"
            )
        self._idle(frame, None)

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
        disk = self._disk
        file = disk.writer.create(disk.root / path, lambda error: self._on_failed(self.camera, disk, error))
        self._open = _Open(file, disk, path, self._track, frame)
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
            self._slow = True
            now.disk.lag()
            self._seal()
            return False
        if now.sequence == 1:
            self._slow = False
            self._moving = None
            self._account.recorded(now.start)
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

    def _seal(self, *, over: bool = True) -> None:
        """End the file; `over` False where the next one begins where it ends."""
        now = self._open
        assert now is not None
        self._open = None
        self._pending = []
        if over:
            self._explain(now.end)
        path = segment_path(self.camera, now.start)
        closing = self._segment(now, path, now.file.size, sealed=False)
        self.closing.append(closing)

        def done(size: int) -> None:
            self.closing.remove(closing)
            if size:
                self._on_sealed(self._segment(now, path, size, sealed=True), now.file.failed)
            elif now.end > now.start:
                # Its file is taken up when the disk is there again; until then, this is why it cannot be seen.
                self._account.lost(now.start, now.end, *(now.disk.why or ("disk-failed", "its file could not be closed")))

        now.file.seal(now.disk.root / Path(path), done)

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
            volume=now.disk.id,
        )


def _parted(last: Frame, frame: Frame) -> bool:
    media = (frame.decode_time - last.decode_time) * SECOND // TIMESCALE
    return abs(frame.wall - last.wall - media) > DRIFT
