"""What real encoders sent, kept as bytes, and what is made of it. `golden/*.bin` are by `tests.drivers.rtmp.encoders`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, cast

import pytest

from sitewarden.domain.clock import Clock
from sitewarden.drivers.rtmp.stream import Stream
from sitewarden.wire.rtmp import Publish, Server
from tests.drivers.rtmp.encoders import GOLDEN, NONCE
from tests.drivers.rtsp.support import Sink
from tests.services.memory import TestClock

CASES = sorted(GOLDEN.glob("*.bin"))


def made_of(data: bytes, cut: int) -> dict[str, Any]:
    """Return what a connection and its stream make of an encoder's bytes that come in pieces."""
    sink, clock = Sink(), TestClock()
    stream = Stream("lobby", sink, cast("Clock", clock), audio=True)
    asked: list[Publish] = []

    def publish(one: Publish) -> str:
        asked.append(one)
        return ""

    server = Server(NONCE, publish, stream.take)
    for at in range(0, len(data), cut):
        server.feed(data[at : at + cut])
        server.take()
    (one,) = asked
    nals = b"".join(nal for unit, *_ in sink.units for nal in unit)
    (video,) = sink.tracks
    return {
        "publish": [one.camera, one.key],
        "encoder": server.encoder,
        "ended": server.ended,
        "video": [video.codec, video.width, video.height],
        "audio": [sink.audio.codec, sink.audio.rate, sink.audio.channels] if sink.audio else None,
        "pictures": [[sum(map(len, unit)), time - sink.units[0][1], key] for unit, time, _, key in sink.units],
        "slices": hashlib.sha256(nals).hexdigest(),
        "sounds": len(sink.sounds),
        "sound": hashlib.sha256(b"".join(frame for frame, *_ in sink.sounds)).hexdigest(),
        "broken": stream.broken,
    }


@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
@pytest.mark.parametrize("cut", [1, 7, 1460, 1 << 20])
def test_golden(case: Path, cut: int) -> None:
    assert made_of(case.read_bytes(), cut) == json.loads(case.with_suffix(".json").read_text())


def test_each_implementation_is_there() -> None:
    assert [case.stem for case in CASES] == ["ffmpeg", "rtmp2sink", "rtmpsink"]
