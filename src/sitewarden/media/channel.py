"""One stream in the hub: its tracks, its current group of pictures, its frames and runs of sound on their way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import Struct

from sitewarden.domain.clock import SECOND
from sitewarden.media.timeline import Timeline
from sitewarden.wire import flac
from sitewarden.wire.fmp4 import TIMESCALE, Sound, frame_header, sound_header
from sitewarden.wire.fmp4_init import init_segment
from sitewarden.wire.formats import AudioFormat, VideoFormat, codecs

MAX_GOP_BYTES: Final = 16 * 1024 * 1024
MAX_GOP_FRAMES: Final = 1200
RUN: Final = 0.1
"""Seconds of sound that travel together."""
APART: Final = 0.06
"""Seconds by which sound may part from the pictures before it is put right, with a gap or by leaving some out."""


class Track(Struct, frozen=True, kw_only=True):
    """What a camera sends now."""

    video: VideoFormat
    audio: AudioFormat | None = None
    init: bytes
    """The init segment of the pictures for live viewing; empty for JPEG, whose pictures are sent as they are."""
    sound_init: bytes = b""
    """The init segment of the sound for live viewing, PCM as FLAC; empty where there is none."""

    @classmethod
    def of(cls, video: VideoFormat, audio: AudioFormat | None) -> Track:
        """Make the track of these formats; raises a NalError where the parameter sets cannot be read."""
        return cls(
            video=video,
            audio=audio,
            init=b"" if video.encoding == "JPEG" else init_segment(video),
            sound_init=init_segment(None, audio, as_flac=True) if audio else b"",
        )

    @property
    def codec(self) -> str:
        """All codecs by RFC 6381: "avc1.64001f,mp4a.40.2"."""
        return codecs(self.video, self.audio)


class Frame:
    """One access unit on its way to recorder and viewers."""

    __slots__ = ("_fragment", "data", "decode_time", "duration", "jumped", "key", "offset", "sequence", "wall")

    def __init__(
        self, data: bytes, sequence: int, decode_time: int, offset: int, duration: int, wall: int, key: bool, jumped: bool
    ) -> None:
        self.data = data
        """NAL units with 4-byte lengths, or a JPEG file."""
        self.sequence = sequence
        self.decode_time = decode_time
        self.offset = offset
        self.duration = duration
        """Of the frame before, 1/90,000 s: its own is not known yet."""
        self.wall = wall
        self.key = key
        self.jumped = jumped
        """True where the camera began a new timeline here."""
        self._fragment: bytes | None = None

    @property
    def fragment(self) -> bytes:
        """The frame as a fragment of its own; made once, at the first viewer's wish."""
        if self._fragment is None:
            head = frame_header(self.sequence, self.decode_time, self.duration, self.offset, self.key, len(self.data))
            self._fragment = head + self.data
        return self._fragment


class Run:
    """About RUN of sound, as columns; `time` is the first frame's on the pictures' timeline, in units of the sound's own rate."""

    __slots__ = ("_fragment", "audio", "durations", "frames", "sequence", "time")

    def __init__(self, audio: AudioFormat, frames: list[bytes], durations: list[int], time: int, sequence: int) -> None:
        self.audio = audio
        self.frames = frames
        self.durations = durations
        self.time = time
        self.sequence = sequence
        self._fragment: bytes | None = None

    @property
    def fragment(self) -> bytes:
        """The run as a fragment for live viewing, PCM as FLAC; made once, at the first listener's wish."""
        if self._fragment is None:
            frames = flac.frames(self.audio, self.frames, self.time) if self.audio.plain else self.frames
            head = sound_header(self.sequence, Sound(self.time, self.durations, [len(one) for one in frames]))
            self._fragment = b"".join((head, *frames))
        return self._fragment


class Subscriber(Protocol):
    """Who takes a channel's frames; its methods must not block and must not raise."""

    def on_track(self, track: Track) -> None: ...

    def on_frame(self, frame: Frame) -> None: ...

    def on_sound(self, run: Run) -> None: ...

    def on_lost(self, reason: str) -> None: ...


class Channel:
    """One stream in the hub."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.track: Track | None = None
        self.audio: AudioFormat | None = None
        self.gop: list[Frame] = []
        self.subscribers: list[Subscriber] = []
        self.timeline = Timeline()
        self.plain = False
        """True where access units are one file, not NAL units."""
        self.sequence = 0
        self.frames = 0
        self.bytes = 0
        self.last = 0
        """Wall time of the last frame, microseconds since 1970 UTC; 0 before the first."""
        self.sounds = 0
        """Frames of sound so far."""
        self._gop_bytes = 0
        self._anchor: Frame | None = None
        self._run: list[bytes] = []
        self._durations: list[int] = []
        self._run_time = 0
        self._run_length = 0
        self._sound_end = 0
        self._sound_rtp: int | None = None
        self._sound_sequence = 0

    def take(self, frame: Frame) -> None:
        """Keep the frame and hand it on."""
        size = len(frame.data)
        if frame.key:
            self.gop = [frame]
            self._gop_bytes = size
        elif self.gop:
            self.gop.append(frame)
            self._gop_bytes += size
            if self._gop_bytes > MAX_GOP_BYTES or len(self.gop) > MAX_GOP_FRAMES:
                self.gop = []
        self.frames += 1
        self.bytes += size
        self.last = frame.wall
        if self.audio is not None:
            self._tie(frame)
        for subscriber in tuple(self.subscribers):
            subscriber.on_frame(frame)

    def _tie(self, frame: Frame) -> None:
        """Keep the frame that is shown last: only its wall time is exact where frames come out of order."""
        anchor = self._anchor
        if anchor is None or frame.jumped or frame.decode_time + frame.offset >= anchor.decode_time + anchor.offset:
            self._anchor = frame

    def listen(self, frames: Sequence[bytes], duration: int, rtp_time: int, wall: int) -> None:
        """Take frames of sound; they are handed on as a run."""
        audio, anchor = self.audio, self._anchor
        if audio is None or anchor is None:
            return
        if rtp_time != self._sound_rtp:
            self.flush_sound()
        if not self._run:
            shown = anchor.decode_time + anchor.offset + (wall - anchor.wall) * TIMESCALE // SECOND
            time = shown * audio.rate // TIMESCALE
            if rtp_time == self._sound_rtp and abs(time - self._sound_end) <= APART * audio.rate:
                time = self._sound_end
            elif time < max(0, self._sound_end):
                self._sound_rtp = None
                return
            self._run_time = time
        self._run += frames
        self._durations += [duration] * len(frames)
        self._run_length += duration * len(frames)
        self._sound_rtp = rtp_time + duration * len(frames)
        self.sounds += len(frames)
        if self._run_length >= RUN * audio.rate:
            self.flush_sound()

    def flush_sound(self) -> None:
        """Hand on what was gathered of a run."""
        if not self._run or self.audio is None:
            return
        self._sound_sequence += 1
        run = Run(self.audio, self._run, self._durations, self._run_time, self._sound_sequence)
        self._sound_end = self._run_time + self._run_length
        self._run, self._durations, self._run_length = [], [], 0
        for subscriber in tuple(self.subscribers):
            subscriber.on_sound(run)

    def silence(self, audio: AudioFormat | None) -> None:
        """Begin the sound anew, in this format."""
        self._run, self._durations, self._run_length = [], [], 0
        self._sound_rtp = None
        if audio != self.audio:
            self._sound_end = 0
        self.audio = audio
