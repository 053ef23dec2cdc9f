"""What one publisher sends: tags taken apart, their pictures and sound handed on. No I/O."""

from __future__ import annotations

from typing import Any

from sitewarden.domain.clock import Clock
from sitewarden.kit.context import MediaSink
from sitewarden.kit.feed import Feed
from sitewarden.wire.flv import Demuxer


class Stream(Feed):
    """One publisher's stream, from its first tag to its end."""

    def __init__(self, camera: str, media: MediaSink, clock: Clock, *, audio: bool) -> None:
        super().__init__(camera, media, clock, audio=audio)
        self._tags = Demuxer(self.unit, self.format, self.audio, self.hear)

    @property
    def unspoken(self) -> str:
        """What the pictures are coded as, where that is not taken."""
        return self._tags.unspoken

    @property
    def pictures(self) -> int:
        """Pictures that came, whole or not."""
        return self.units + self._tags.dropped + self._tags.broken

    def take(self, kind: int, time: int, body: bytes) -> None:
        """Take one tag."""
        self.bytes += len(body)
        self._tags.take(kind, time, body)

    def figures(self, rate: float, fps: float, transport: str) -> dict[str, Any]:
        """Return the data of the camera's status; `rate` in bytes a second."""
        self.silent, self.broken = self._tags.silent, self._tags.broken
        return super().figures(rate, fps, transport)
