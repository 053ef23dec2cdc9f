"""What a child tells of a stream, as access units and sound for the media room. No I/O."""

from __future__ import annotations

from typing import Final

from sitewarden.codec.demux_messages import Ended, Heard, Picture, Pictures, Sound, Told
from sitewarden.domain.clock import Clock
from sitewarden.kit.context import MediaSink
from sitewarden.kit.feed import Feed
from sitewarden.wire.nal import split_annex_b
from sitewarden.wire.nal_units import Units, split

LOOSE: Final = 0.04
"""Seconds by which whole frames of sound may part from their times before these count."""


class Stream(Feed):
    """One child's stream."""

    def __init__(self, camera: str, media: MediaSink, clock: Clock, *, audio: bool) -> None:
        super().__init__(camera, media, clock, audio=audio)
        self._clock_of = clock
        self._pictures: Units | None = None
        self._length = 0
        self._lost = False
        self._due: int | None = None
        self.form = ""
        """What carries the stream, by FFmpeg's name."""

    @property
    def pictures(self) -> int:
        """Pictures that came, whole or not."""
        return self.units + self.broken + (self._pictures.dropped if self._pictures is not None else 0)

    def take(self, told: Told) -> None:
        """Take one message."""
        match told:
            case Picture():
                self._picture(told)
            case Sound():
                self._sound(told)
            case Pictures():
                self._pictures = Units(told.encoding, self.unit, self.format)
                self._pictures.describe(told.sets)
                self._length, self.form = told.length, told.form
            case Heard():
                self.silent, self._due = told.silent, None
                self.audio(told.audio)
            case Ended():
                pass

    def _picture(self, told: Picture) -> None:
        self.arrival = self._clock_of.now()
        self.bytes += len(told.data)
        if self._pictures is None:
            return
        nals = split(told.data, 0, self._length) if self._length else split_annex_b(told.data)
        if nals is None:
            self.broken += 1
            self._lost = True
            return
        lost, self._lost = self._lost, False
        self._pictures.push(nals, told.time, lost=lost)

    def _sound(self, told: Sound) -> None:
        self.bytes += len(told.data)
        if not self.rate or not told.data:
            return
        exact = told.time * self.rate // 90000
        if self._due is None or abs(exact - self._due) > LOOSE * self.rate:
            self._due = exact
        due, self._due = self._due, self._due + told.duration
        self.hear((told.data,), told.duration, due)
