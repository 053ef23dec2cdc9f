"""A piece of recording with masks and a watermark, as one fragmented MP4 that a child codes anew. Synchronous, for a thread.

The sound is as it was recorded, that of the first file of the piece; PCM becomes FLAC, which loses nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from sitewarden.codec.children import Child
from sitewarden.codec.messages import Answer, Begin, Coded, Failed, Finish, Mark, Shot, Unit
from sitewarden.domain.errors import Unreachable
from sitewarden.domain.video.export import Mask
from sitewarden.media.plan import Plan
from sitewarden.media.replay import replay
from sitewarden.media.units import Head, Picture
from sitewarden.media.units import Sound as Heard
from sitewarden.wire import flac
from sitewarden.wire.fmp4 import TIMESCALE, Sound, fragment_header
from sitewarden.wire.fmp4_init import init_segment
from sitewarden.wire.formats import AudioFormat, VideoFormat

SECONDS: Final = 30.0
"""Longest that a child may take for one picture."""
FRAGMENT: Final = 25
"""Pictures of a fragment."""


class Look(Struct, frozen=True, kw_only=True):
    """What is drawn into the pictures of a camera."""

    masks: tuple[Mask, ...] = ()
    mark: Mark | None = None


class Film:
    """One file. `chunks` gives it; afterwards `left_out` counts the pictures that could not be decoded."""

    def __init__(self, plan: Plan, look: Look) -> None:
        self.plan, self._look = plan, look
        self.left_out = 0
        self.at = plan.start
        """Wall time of the picture that was converted last, microseconds since 1970 UTC."""
        self._why = ""

    def chunks(self) -> Iterator[bytes]:
        """Yield the file; nothing where nothing was recorded. Raises Unreachable and TimedOut where it cannot be made."""
        writer: _Writer | None = None
        head: Head | None = None
        with _child(self._look) as child:
            for piece in replay(self.plan, self.plan.start, self.plan.end):
                fresh, head = piece.head != head, piece.head
                writer = writer or _Writer(head.audio)
                for unit in piece.units:
                    if isinstance(unit, Picture):
                        video = head.video if fresh else None
                        shot = Shot(video=video, time=unit.time, wall=unit.wall, key=unit.key, data=unit.data)
                        fresh = False
                        writer.take(self._coded(child.ask(shot, SECONDS)))
                        self.at = max(self.at, unit.wall)
                    elif head.audio == writer.audio:
                        writer.hear(unit)
                yield writer.some()
            if writer is not None:
                writer.take(self._coded(child.ask(Finish(), SECONDS)))
                if not writer.begun:
                    raise Unreachable(f"No picture could be converted: {self._why}", where="mask", remedy="Export without masks.")
                yield writer.rest()

    def _coded(self, answer: Answer) -> Coded:
        if isinstance(answer, Coded):
            return answer
        self.left_out += 1
        self._why = answer.why if isinstance(answer, Failed) else "the decoder answers something else"
        return Coded()


@contextlib.contextmanager
def _child(look: Look) -> Iterator[Child]:
    child = Child()
    try:
        child.ask(Begin(live=False, masks=look.masks, mark=look.mark), SECONDS)
        yield child
    finally:
        child.kill()


class _Writer:
    """Makes fragments of units and sound."""

    def __init__(self, audio: AudioFormat | None) -> None:
        self.audio = audio
        self._video: VideoFormat | None = None
        self._units: list[Unit] = []
        self._sounds: list[Heard] = []
        self._heard = 0
        """Where the sound that was written ends."""
        self._sequence = 0
        self._length = TIMESCALE // 25

    @property
    def begun(self) -> bool:
        """True once a picture was made."""
        return self._video is not None

    def take(self, coded: Coded) -> None:
        self._video = self._video or coded.video
        self._units += coded.units

    def hear(self, sound: Heard) -> None:
        # Before the first picture there is nothing to hear it with; sound that goes back in time cannot be written.
        if sound.time >= self._heard:
            self._sounds.append(sound)
            self._heard = sound.time + sum(sound.durations)

    def some(self) -> bytes:
        """Return the fragments that are whole; the last picture waits, since nobody knows yet how long it stands."""
        parts = []
        while len(self._units) > FRAGMENT:
            parts.append(self._fragment(self._units[:FRAGMENT], self._units[FRAGMENT].time))
            del self._units[:FRAGMENT]
        return b"".join(parts)

    def rest(self) -> bytes:
        """Return what is left."""
        parts = [self.some()]
        if self._units:
            parts.append(self._fragment(self._units, self._units[-1].time + self._length))
            self._units = []
        return b"".join(parts)

    def _fragment(self, units: list[Unit], end: int) -> bytes:
        assert self._video is not None
        times = [unit.time for unit in units]
        durations = [after - before for before, after in zip(times, [*times[1:], end], strict=True)]
        self._length = durations[-1]
        sound, heard = self._sound()
        begin = b""
        if not self._sequence:
            begin = init_segment(self._video, self.audio, created=units[0].wall, as_flac=True)
        self._sequence += 1
        sizes, keys = [len(unit.data) for unit in units], [unit.key for unit in units]
        head = fragment_header(self._sequence, times[0], durations, sizes, keys, [0] * len(units), units[0].wall, sound)
        return b"".join((begin, head, *(unit.data for unit in units), heard))

    def _sound(self) -> tuple[Sound | None, bytes]:
        """Return the sound that waits, as far as it is without a gap."""
        if not self._sounds or self.audio is None:
            return None, b""
        first, end, count = self._sounds[0], self._sounds[0].time, 0
        for one in self._sounds:
            if one.time != end:
                break
            end += sum(one.durations)
            count += 1
        frames = [frame for one in self._sounds[:count] for frame in one.frames]
        durations = [length for one in self._sounds[:count] for length in one.durations]
        del self._sounds[:count]
        if self.audio.plain:
            frames = flac.frames(self.audio, frames, first.time)
        return Sound(first.time, durations, [len(frame) for frame in frames]), b"".join(frames)
