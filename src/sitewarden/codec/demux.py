"""What a child runs that takes a stream apart: `python -m sitewarden.codec.demux NICE`. Nothing is decoded.

It gets a Source on its standard input, and tells packets on its standard output until the stream ends. It is killed when it is
to stop, and dies with its parent.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from typing import Any, Final

import av
import av.error

from sitewarden.codec.child import confine
from sitewarden.codec.demux_messages import HEADER, PLAYED, Ended, Heard, Picture, Pictures, Sound, Source, Told, framed, sources
from sitewarden.codec.film import CODECS, Film, WrongFile
from sitewarden.wire.formats import AudioFormat
from sitewarden.wire.nal import NalError
from sitewarden.wire.nal_records import read_avc, read_hevc
from sitewarden.wire.rtp_audio import AudioError, aac_format

PR_SET_PDEATHSIG: Final = 1
PACED: Final = frozenset(("hls",))
"""What comes in pieces of seconds, and is let go in its own time."""
BEHIND: Final = 10.0
"""Seconds between a packet's turn and now that mean a new timeline."""
OPEN_SECONDS: Final = 15.0
SILENT_SECONDS: Final = 10.0


def main() -> int:
    """Take the stream apart until it ends; return the exit status."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    answers = confine(int(sys.argv[1]))
    source = sources.decode(_exactly(int.from_bytes(_exactly(HEADER), "big")))
    try:
        if source.file >= 0:
            Film(source, lambda told: _tell(answers, told), _Pace(), _Ears(answers)).play(_described)
            _tell(answers, Ended(PLAYED))
        else:
            _play(source, answers)
            _tell(answers, Ended("the stream ended"))
    except av.error.ProtocolNotFoundError:
        _tell(answers, Ended("this server's FFmpeg does not speak that protocol", wrong=True))
    except av.error.HTTPUnauthorizedError:
        _tell(answers, Ended("the user or the password is refused", wrong=True))
    except WrongFile as error:
        _tell(answers, Ended(str(error), wrong=True))
    except (av.error.FFmpegError, ValueError, NalError) as error:
        _tell(answers, Ended(_plain(error, source.url)))
    except BrokenPipeError:
        return 1
    return 0


def _plain(error: Exception, url: str) -> str:
    """Return an error's text without the address, in which a password may stand."""
    text = str(getattr(error, "strerror", None) or error)
    return (text.replace(url, "the address") if url else text)[:200]


def _play(source: Source, answers: int) -> None:
    options = {"protocol_whitelist": source.protocols}
    with av.open(source.url, options=options, timeout=(OPEN_SECONDS, SILENT_SECONDS)) as container:
        videos = [one for one in container.streams.video if one.codec_context.name in CODECS]
        if not videos:
            names = ", ".join(one.codec_context.name for one in container.streams.video) or "nothing"
            raise ValueError(f"its pictures are {names}; set it to H.264 or H.265")
        video = videos[0]
        form = container.format.name.split(",")[0]
        _tell(answers, _described(video, form))
        taken: list[Any] = [video]
        ears = _Ears(answers)
        if source.audio and container.streams.audio:
            taken.append(container.streams.audio[0])
            ears.begin(container.streams.audio[0])
        pace = _Pace() if form in PACED else None
        for packet in container.demux(*taken):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is None or not packet.size:
                continue
            shown = round(stamp * packet.time_base * 90000)
            if pace is not None and packet.stream is video:
                pace.wait(shown / 90000)
            if packet.stream is video:
                _tell(answers, Picture(shown, bytes(packet)))
            else:
                ears.take(shown, bytes(packet))


def _described(video: Any, form: str) -> Pictures:
    extra = bytes(video.codec_context.extradata or b"")
    encoding = CODECS[video.codec_context.name]
    if extra[:1] == b"\x01":
        length, sets = (read_avc if encoding == "H264" else read_hevc)(extra)
        return Pictures(encoding=encoding, length=length, sets=sets, form=form)  # type: ignore[arg-type]
    return Pictures(encoding=encoding, length=0, form=form)  # type: ignore[arg-type]


class _Pace:
    """Lets pictures go in their own time."""

    def __init__(self) -> None:
        self._start: float | None = None

    def wait(self, shown: float) -> None:
        now = time.monotonic()
        if self._start is None or abs(self._start + shown - now) > BEHIND:
            self._start = now - shown
        late = self._start + shown - now
        if late > 0:
            time.sleep(late)


class _Ears:
    """AAC, as a transport stream (ADTS) or a file has it, and G.711."""

    def __init__(self, answers: int) -> None:
        self._answers = answers
        self._audio: AudioFormat | None = None
        self._frame = 0
        self._adts = False

    def begin(self, stream: Any) -> None:
        context = stream.codec_context
        extra = bytes(context.extradata or b"")
        if context.name in ("pcm_mulaw", "pcm_alaw"):
            encoding, codec = ("PCMU", "ulaw") if context.name == "pcm_mulaw" else ("PCMA", "alaw")
            made = AudioFormat(encoding=encoding, codec=codec, rate=context.sample_rate, channels=context.channels)  # type: ignore[arg-type]
            self._say(made, 0)
        elif context.name == "aac" and extra:
            self._configure(extra)
        elif context.name == "aac":
            self._adts = True
        else:
            _tell(self._answers, Heard(silent=context.name))

    def take(self, shown: int, data: bytes) -> None:
        if self._adts:
            if len(data) < 8 or data[0] != 0xFF or data[1] & 0xF0 != 0xF0:
                return
            if self._audio is None:
                kind, rate = (data[2] >> 6) + 1, data[2] >> 2 & 15
                channels = (data[2] & 1) << 2 | data[3] >> 6
                self._configure(bytes((kind << 3 | rate >> 1, (rate & 1) << 7 | channels << 3)))
            data = data[7 if data[1] & 1 else 9 :]
        if self._audio is not None and data:
            duration = self._frame or len(data) // self._audio.channels
            _tell(self._answers, Sound(shown, duration, data))

    def _configure(self, config: bytes) -> None:
        try:
            self._say(*aac_format(config, 0))
        except AudioError as error:
            self._adts = False
            _tell(self._answers, Heard(silent=str(error)))

    def _say(self, audio: AudioFormat, frame: int) -> None:
        self._audio, self._frame = audio, frame
        _tell(self._answers, Heard(audio=audio))


def _tell(answers: int, message: Told) -> None:
    view = memoryview(framed(message))
    while view:
        view = view[os.write(answers, view) :]


def _exactly(size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            raise SystemExit(1)
        data += part
    return data


if __name__ == "__main__":
    raise SystemExit(main())
