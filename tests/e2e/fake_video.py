"""A moving picture as the live WebSocket brings it: a head, an init segment, one-frame fragments."""

from __future__ import annotations

import asyncio
import functools
import io
import json
import time
from collections.abc import AsyncIterator

import av
import numpy as np
import PIL.Image

RATE = 15


def still(width: int) -> bytes:
    """Return a picture as the server decodes it."""
    out = io.BytesIO()
    image = PIL.Image.new("RGB", (width, width * 9 // 16), (70, 80, 90))
    image.paste((200, 190, 160), (width // 3, width // 8, width // 2, width // 2))
    image.save(out, "JPEG")
    return out.getvalue()


def camera_health(camera: str) -> dict[str, object]:
    """Return an hour of a stream that was lost once and lost packets twice."""
    now, step = time.time_ns() // 1000, 30_000_000
    rows = [n for n in range(120) if n not in (70, 71, 72, 73)]
    history = {
        "step": step,
        "times": [now - (120 - n) * step for n in rows],
        "bitrate": [3_600_000 + n * 37 % 11 * 90_000 for n in rows],
        "fps": [25.0 - (n % 17 == 0) for n in rows],
        "loss": [{31: 2.4, 32: 0.8}.get(n, 0.0) for n in rows],
        "jitter": [3.0 + n % 7 / 2 for n in rows],
    }
    lost = {"time": now - 50 * step, "back": now - 46 * step, "reason": "the camera sent no packet for 5 s"}
    figures = {"codec": "avc1.64001F", "width": 1920, "height": 1080, "bitrate": 4_000_000, "fps": 25.0, "transport": "udp"}
    stream = {"stream": "main", "state": "online", "since": now - 46 * step, **figures, "clock_offset": -3.2, "history": history}
    stream |= {"lost": 182, "reordered": 4, "jitter": 3.5, "loss": 0.8, "gop_frames": 50, "gop_seconds": 2.0, "key_requests": 2}
    stream |= {"poor": [{"figure": "loss", "since": now - 20 * step, "value": 2.4, "limit": 2.0}]}
    defaults = {"detail": "", "audio": "off", "instead_until": 0, "instead_reason": ""}
    return {"camera": camera, "time": now, "streams": [{**defaults, **stream, "restarts": 1, "interruptions": [lost]}]}


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


async def live_fragments(*, keys: bool = False) -> AsyncIterator[str | bytes]:
    """Yield the head, then binary messages, in real time; `keys`: key frames alone, one a second."""
    pipe = _Pipe()
    options = {"movflags": "frag_every_frame+empty_moov+default_base_moof"}
    container = av.open(pipe, "w", format="mp4", options=options)
    stream = container.add_stream(
        "libx264", rate=RATE, options={"preset": "ultrafast", "tune": "zerolatency", "g": "15", "profile": "baseline"}
    )
    stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
    yield json.dumps({"codec": "avc1.42C01E", "width": 640, "height": 360})
    init, fragment, made, started = b"", b"", 0, time.monotonic()
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
                    if not keys or made % RATE == 0:
                        yield fragment
                    fragment, made = b"", made + 1
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
