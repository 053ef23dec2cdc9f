"""A moving picture as the live WebSocket brings it: a head, an init segment, one-frame fragments."""

from __future__ import annotations

import asyncio
import functools
import json
import time
from collections.abc import AsyncIterator

import av
import numpy as np

RATE = 15


class _Pipe:
    """What the muxer writes, taken piece by piece."""

    def __init__(self) -> None:
        self.held = bytearray()

    def write(self, data: bytes) -> int:
        self.held += data
        return len(data)


def _boxes(held: bytearray) -> list[tuple[str, bytes]]:
    out = []
    while len(held) >= 8 and len(held) >= (size := int.from_bytes(held[:4], "big")):
        out.append((held[4:8].decode("latin1"), bytes(held[:size])))
        del held[:size]
    return out


async def live_fragments() -> AsyncIterator[str | bytes]:
    """Yield the head, then binary messages, in real time."""
    pipe = _Pipe()
    options = {"movflags": "frag_every_frame+empty_moov+default_base_moof"}
    container = av.open(pipe, "w", format="mp4", options=options)
    stream = container.add_stream(
        "libx264", rate=RATE, options={"preset": "ultrafast", "tune": "zerolatency", "g": "15", "profile": "baseline"}
    )
    stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
    yield json.dumps({"codec": "avc1.42C01E", "width": 640, "height": 360})
    init, fragment, started = b"", b"", time.monotonic()
    for n in range(10**9):
        picture = np.full((360, 640, 3), 70, np.uint8)
        picture[:, (n * 6) % 600 : (n * 6) % 600 + 40] = (200, 190, 160)
        for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
            container.mux(packet)
        for kind, box in _boxes(pipe.held):
            if kind in ("ftyp", "moov"):
                init += box
                if kind == "moov":
                    yield init
            else:
                fragment += box
                if kind == "mdat":
                    yield fragment
                    fragment = b""
        await asyncio.sleep(max(0.0, started + n / RATE - time.monotonic()))


@functools.cache
def film(seconds: int) -> bytes:
    """Return a recording as the server plays it: one fragmented MP4, a key frame a second."""
    pipe = _Pipe()
    container = av.open(pipe, "w", format="mp4", options={"movflags": "frag_keyframe+empty_moov+default_base_moof"})
    stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "g": "15", "profile": "baseline"})
    stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
    for n in range(seconds * RATE):
        picture = np.full((360, 640, 3), 70, np.uint8)
        picture[:, (n * 6) % 600 : (n * 6) % 600 + 40] = (200, 190, 160)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
    container.mux(stream.encode())
    container.close()
    return bytes(pipe.held)
