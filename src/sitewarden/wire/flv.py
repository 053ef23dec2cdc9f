"""FLV tags, which RTMP carries, to access units and sound (Adobe, FLV 10.1, annex E; Enhanced RTMP v1), and back. Pure.

Pictures are H.264 and H.265 (as Enhanced RTMP names it, and as older cameras do, codec id 12); sound is AAC and G.711. All
share one clock of milliseconds modulo 2^32, which is unwrapped here: every time that leaves has the same zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sitewarden.wire.formats import AudioFormat, VideoFormat
from sitewarden.wire.nal import NalError, OnFormat, OnUnit
from sitewarden.wire.nal_records import avc_record, hevc_record, read_avc, read_hevc
from sitewarden.wire.nal_units import Units, split
from sitewarden.wire.rtmp_chunks import AUDIO, VIDEO
from sitewarden.wire.rtp_audio import MAX_FRAME, AudioError, OnSound, aac_format
from sitewarden.wire.rtp_clock import unwrap

AVC, HEVC = 7, 12
AAC, PCMA, PCMU = 10, 7, 8
HEADER, UNITS, END, UNITS_AT_ONCE = 0, 1, 2, 3
"""Kinds of a tag of pictures; the last is Enhanced RTMP's, for pictures that are shown when they are decoded."""
TICKS: Final = 90
"""Of the pictures' clock in a millisecond."""
LOOSE: Final = 0.04
"""Seconds by which whole frames of sound may part from their tags' milliseconds before these count."""
_FOURCC: Final = {b"hvc1": HEVC, b"avc1": AVC}
_VIDEO: Final = {2: "Sorenson H.263", 3: "screen video", 4: "VP6", 5: "VP6", 6: "screen video"}
_SOUND: Final = {
    0: "PCM",
    1: "ADPCM",
    2: "MP3",
    3: "PCM",
    4: "Nellymoser",
    5: "Nellymoser",
    6: "Nellymoser",
    11: "Speex",
    14: "MP3",
}
_COMMAND_FRAME: Final = 5

OnAudio = Callable[[AudioFormat | None], None]


class Demuxer:
    """The tags of one stream. Never raises: what cannot be understood is left out, and `unspoken` or `broken` tells of it."""

    def __init__(self, on_unit: OnUnit, on_format: OnFormat, on_audio: OnAudio, on_sound: OnSound) -> None:
        self._on_unit, self._on_format = on_unit, on_format
        self._on_audio, self._on_sound = on_audio, on_sound
        self._codec = 0
        self._pictures: Units | None = None
        self._length = 4
        self._time: int | None = None
        self._lost = False
        self._audio: AudioFormat | None = None
        self._source = -1
        self._frame = 0
        self._due: int | None = None
        self.unspoken = ""
        """What the pictures are coded as, where that is not taken."""
        self.silent = ""
        """What the sound is coded as, where that is not taken."""
        self.broken = 0
        """Tags that could not be understood."""

    @property
    def dropped(self) -> int:
        """Pictures that were left out."""
        return self._pictures.dropped if self._pictures is not None else 0

    def take(self, kind: int, time: int, body: bytes) -> None:
        """Take one tag's body; `time` is its decoding time."""
        now = self._time = time if self._time is None else unwrap(self._time, time)
        if kind == VIDEO and len(body) > 1:
            self._video(now, body)
        elif kind == AUDIO and len(body) > 1:
            self._sound(now, body)

    def _video(self, now: int, body: bytes) -> None:
        head = body[0]
        if head & 0x80:
            codec, kind, start = _FOURCC.get(body[1:5], -1), head & 0x0F, 5
            name = body[1:5].decode("latin-1")
            composed = kind == UNITS
        else:
            codec, kind, start = head & 0x0F, body[1], 2
            name = _VIDEO.get(codec, f"codec {codec}")
            composed = True
        if head >> 4 & 7 == _COMMAND_FRAME:
            return
        if codec not in (AVC, HEVC):
            self.unspoken = name if name.isprintable() else "an unknown codec"
            return
        offset = 0
        if composed:
            offset = int.from_bytes(body[start : start + 3], "big", signed=True)
            start += 3
        if kind == HEADER:
            self._header(codec, body[start:])
        elif kind in (UNITS, UNITS_AT_ONCE) and codec == self._codec:
            self._units(now + offset, body, start)

    def _header(self, codec: int, record: bytes) -> None:
        try:
            self._length, sets = (read_avc if codec == AVC else read_hevc)(record)
        except NalError:
            self.broken += 1
            return
        self.unspoken = ""
        if codec != self._codec or self._pictures is None:
            self._codec = codec
            self._pictures = Units("H264" if codec == AVC else "H265", self._on_unit, self._on_format)
        self._pictures.describe(sets)

    def _units(self, shown: int, body: bytes, start: int) -> None:
        assert self._pictures is not None
        nals = split(body, start, self._length)
        if nals is None:
            self.broken += 1
            self._lost = True
            return
        lost, self._lost = self._lost, False
        self._pictures.push(nals, shown * TICKS, lost=lost)

    def _sound(self, now: int, body: bytes) -> None:
        source = body[0]
        form = source >> 4
        start = 2 if form == AAC else 1
        if source != self._source:
            self._source, self._audio, self._due, self.silent = source, None, None, ""
            if form in (PCMA, PCMU):
                encoding, codec = ("PCMA", "alaw") if form == PCMA else ("PCMU", "ulaw")
                self._set(AudioFormat(encoding=encoding, codec=codec, rate=8000, channels=(source & 1) + 1), 0)  # type: ignore[arg-type]
            elif form != AAC:
                self.silent = _SOUND.get(form, "an unknown format")
                self._on_audio(None)
        if form == AAC and body[1] == HEADER:
            self._configure(body[2:])
            return
        data, audio = body[start:], self._audio
        if audio is None or not data or len(data) > MAX_FRAME:
            return
        duration = self._frame or len(data) // audio.channels
        exact = now * audio.rate // 1000
        if self._due is None or abs(exact - self._due) > LOOSE * audio.rate:
            self._due = exact
        due, self._due = self._due, self._due + duration
        self._on_sound((data,), duration, due)

    def _configure(self, config: bytes) -> None:
        try:
            audio, frame = aac_format(config, 0)
        except AudioError as error:
            self.silent, self._audio = str(error), None
            self._on_audio(None)
            return
        if audio != self._audio:
            self._set(audio, frame)

    def _set(self, audio: AudioFormat, frame: int) -> None:
        self._audio, self._frame, self._due = audio, frame, None
        self._on_audio(audio)


def video_header(video: VideoFormat) -> bytes:
    """Return the tag's body that announces pictures; H.265 as Enhanced RTMP names it."""
    if video.encoding == "H265":
        return b"\x90hvc1" + hevc_record(video.parameter_sets, complete=True)
    return bytes((0x10 | AVC, HEADER, 0, 0, 0)) + avc_record(video.parameter_sets)


def video_units(video: VideoFormat, nals: Sequence[bytes], *, key: bool, offset: int = 0) -> bytes:
    """Return the tag's body of one access unit, shown `offset` milliseconds after it is decoded."""
    data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in nals)
    frame = 0x10 if key else 0x20
    if video.encoding == "H265":
        if not offset:
            return bytes((0x80 | frame | UNITS_AT_ONCE,)) + b"hvc1" + data
        return bytes((0x80 | frame | UNITS,)) + b"hvc1" + offset.to_bytes(3, "big", signed=True) + data
    return bytes((frame | AVC, UNITS)) + offset.to_bytes(3, "big", signed=True) + data


def audio_header(audio: AudioFormat) -> bytes:
    """Return the tag's body that announces AAC; G.711 has none, and gives b""."""
    return bytes((AAC << 4 | 0x0F, HEADER)) + audio.config if audio.encoding == "AAC" else b""


def audio_frame(audio: AudioFormat, data: bytes) -> bytes:
    """Return the tag's body of a frame of AAC, or of samples of G.711."""
    if audio.encoding == "AAC":
        return bytes((AAC << 4 | 0x0F, UNITS)) + data
    return bytes(((PCMA if audio.encoding == "PCMA" else PCMU) << 4 | 0x02 | audio.channels - 1,)) + data
