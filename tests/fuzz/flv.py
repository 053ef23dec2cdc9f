"""Any tags of an encoder give access units of a known format, and sound of one; nothing raises."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from sim.encode import loop
from sim.rtmp_publisher import tags
from sitewarden.wire.flv import Demuxer
from sitewarden.wire.formats import AudioFormat, VideoFormat
from sitewarden.wire.rtmp_chunks import AUDIO, VIDEO


def _recorded(codec: str, sound: str) -> bytes:
    made = loop("test", width=320, height=176, fps=25, gop_seconds=0.4, seconds=2.0, codec=codec)
    return b"".join(
        bytes((kind,)) + time.to_bytes(4, "big") + len(body[:600]).to_bytes(2, "big") + body[:600]
        for kind, time, body in itertools.islice(tags(made, sound), 12)
    )


SEEDS = [_recorded("h264", "aac"), _recorded("h265", "pcmu")]


def check(data: bytes) -> None:
    sound: list[AudioFormat] = []
    told: list[VideoFormat] = []

    def unit(parts: Sequence[bytes], time: int, key: bool) -> None:
        assert told and parts and all(parts)

    def heard(frames: Sequence[bytes], duration: int, time: int) -> None:
        assert sound and duration >= 0 and all(frames)

    def audio(found: AudioFormat | None) -> None:
        sound[:] = [found] if found is not None else []

    def video(found: VideoFormat) -> None:
        assert found.width > 0 and found.height > 0 and found.parameter_sets
        told.append(found)

    demuxer, position = Demuxer(unit, video, audio, heard), 0
    while position + 7 <= len(data):
        size = int.from_bytes(data[position + 5 : position + 7], "big")
        body = data[position + 7 : position + 7 + size]
        demuxer.take(VIDEO if data[position] & 1 else AUDIO, int.from_bytes(data[position + 1 : position + 5], "big"), body)
        position += 7 + size
