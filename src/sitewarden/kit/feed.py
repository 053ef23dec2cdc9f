"""Pictures and sound of one clock, as containers have them, on their way to the media room, with their figures. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sitewarden.domain.clock import Clock
from sitewarden.kit.context import MediaSink
from sitewarden.wire.formats import AudioFormat, VideoFormat
from sitewarden.wire.rtp_clock import WallClock

MICROS: Final = 1e6 / 90000
"""Microseconds of a tick of the pictures' clock."""
MAX_JITTER: Final = 5e6
"""Microseconds beyond which a picture that came late, or a step of a clock, is no jitter."""


class Feed:
    """One stream, from its first picture to its end."""

    def __init__(self, camera: str, media: MediaSink, clock: Clock, *, audio: bool) -> None:
        self._camera, self._media, self._clock = camera, media, clock
        self._hears = audio
        self._wall = WallClock()
        self.rate = 0
        """Samples a second of the sound that is taken."""
        self._anchor: tuple[int, int] | None = None
        self._key_unit: tuple[int, int] | None = None
        self._transit: float | None = None
        self._jitter = 0.0
        self.silent = ""
        """Why there is no sound, where it is wanted."""
        self.broken = 0
        """What could not be understood."""
        self.arrival = 0
        """Wall time of what is taken now, microseconds since 1970 UTC."""
        self.video: VideoFormat | None = None
        self.sound = ""
        """Codec of the sound that is taken."""
        self.units = 0
        self.bytes = 0
        self.group = (0, 0.0)
        """Pictures and seconds from the key frame before the last to the last."""

    def end(self, reason: str) -> None:
        """Tell the media room that it is over, where it ever began."""
        if self.units:
            self._media.lost(self._camera, reason)

    def figures(self, rate: float, fps: float, transport: str) -> dict[str, Any]:
        """Return the data of the camera's status; `rate` in bytes a second."""
        video = self.video
        return {
            "bitrate": round(rate * 8),
            "fps": round(fps, 1),
            "codec": video.codec if video else "",
            "width": video.width if video else 0,
            "height": video.height if video else 0,
            "audio": self.sound or (self.silent if self._hears else "") or "off",
            "transport": transport,
            "losses": self.broken,
            "jitter": round(self._jitter / 1000, 1) if self.units > 1 else None,
            "gop_frames": self.group[0],
            "gop_seconds": round(self.group[1], 2),
        }

    def format(self, video: VideoFormat) -> None:
        """Take what the pictures are coded as from here on."""
        if self.video is None and not self.sound:
            self._media.audio_track(self._camera, None)
        self.video = video
        self._media.video_track(self._camera, video)

    def unit(self, parts: Sequence[bytes], rtp_time: int, key: bool) -> None:
        """Take an access unit, shown at `rtp_time` (1/90,000 s)."""
        self.units += 1
        if key:
            last, self._key_unit = self._key_unit, (self.units, rtp_time)
            if last is not None:
                self.group = (self.units - last[0], max(0.0, (rtp_time - last[1]) / 90000))
        transit = self.arrival - rtp_time * MICROS
        if self._transit is not None and abs(change := transit - self._transit) < MAX_JITTER:
            self._jitter += (abs(change) - self._jitter) / 16
        self._transit = transit
        wall = self._wall.wall(rtp_time, self.arrival)
        self._anchor = (rtp_time, wall)
        self._media.access_unit(self._camera, parts, rtp_time, wall, key)

    def audio(self, audio: AudioFormat | None) -> None:
        """Take what the sound is coded as from here on; None where there is none."""
        if not self._hears:
            return
        self.sound = audio.codec if audio is not None else ""
        self.rate = audio.rate if audio is not None else 0
        self._media.audio_track(self._camera, audio)

    def hear(self, frames: Sequence[bytes], duration: int, rtp_time: int) -> None:
        """Take frames of sound of `duration` samples each, the first one's time in samples on the pictures' clock."""
        # Pictures lead: sound has its place from theirs, since both have one clock.
        if not self._hears or self._anchor is None:
            return
        shown, wall = self._anchor
        apart = rtp_time / self.rate - shown / 90000
        self._media.sound(self._camera, frames, duration, rtp_time, wall + round(apart * 1e6))
