"""Where a simulated camera's pictures come from: encoded live with a true clock, or a loop that many streams share."""

from __future__ import annotations

import asyncio
import functools
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from sim.encode import Encoder, Loop, Unit, parameter_sets
from sim.scene import Scene
from sim.sound import Sound
from sitewarden.wire import h264, h265, jpeg
from sitewarden.wire.rtp import build

Listener = Callable[[list[bytes], bool, int], None]
"""`(packets, key, timestamp)`: the RTP packets of one access unit."""


@functools.lru_cache(maxsize=4096)
def _payloads(nals: tuple[bytes, ...], codec: str) -> tuple[tuple[bytes, bool], ...]:
    if codec == "mjpeg":
        return tuple(_jpeg_payloads(nals[0]))
    return tuple(h265.packetise(nals) if codec == "h265" else h264.packetise(nals))


def _jpeg_payloads(file: bytes) -> Iterator[tuple[bytes, bool]]:
    """Take a JPEG file with one quantisation table apart, as RFC 2435 wants it."""
    table = file.index(b"\xff\xdb") + 5
    size = file.index(b"\xff\xc0") + 5
    height, width = (int.from_bytes(file[place : place + 2], "big") for place in (size, size + 2))
    scan = file[file.index(b"\xff\xda") + 14 :]
    return jpeg.packetise(scan, width, height, quantisation=file[table : table + 64])


class Source:
    """One stream; all who watch it get the same packets."""

    def __init__(self, fps: int, sets: Sequence[bytes], codec: str = "h264", sound: Sound | None = None) -> None:
        self.fps = fps
        self.parameter_sets = tuple(sets)
        self.codec = codec
        self.payload_type = 26 if codec == "mjpeg" else 96
        self.sound = sound
        self.ssrc = secrets.randbits(32)
        self.sequence = secrets.randbits(16)
        self._base = secrets.randbits(32)
        self._origin = time.time()
        self.listeners: list[Listener] = []
        self.frozen = False
        """True holds the stream without ending it, as a hung camera does."""
        self.markers = True
        """False leaves the marker bits out, as some cameras do."""

    def timestamp(self, wall: float) -> int:
        """Return the RTP time of a moment in seconds since 1970."""
        return (self._base + round((wall - self._origin) * 90000)) & 0xFFFFFFFF

    def _send(self, unit: Unit, wall: float) -> None:
        if self.frozen:
            return
        timestamp = self.timestamp(wall)
        packets = []
        for payload, marker in _payloads(unit.nals, self.codec):
            packets.append(build(self.payload_type, self.sequence, timestamp, self.ssrc, marker and self.markers, payload))
            self.sequence = (self.sequence + 1) & 0xFFFF
        for listener in tuple(self.listeners):
            listener(packets, unit.key, timestamp)

    async def run(self) -> None:
        """Send until cancelled."""
        raise NotImplementedError


class LoopSource(Source):
    """Plays a pre-encoded loop without end; `phase` shifts its key frames, so that a fleet's do not come at once."""

    def __init__(self, loop: Loop, phase: float = 0.0, sound: Sound | None = None) -> None:
        super().__init__(loop.fps, loop.parameter_sets, loop.codec, sound)
        self.loop = loop
        """What is played; another one may be put in its place while it runs."""
        self._phase = phase

    async def run(self) -> None:
        """Send until cancelled; after a long stall it goes on from now."""
        clock = asyncio.get_running_loop()
        number = int(self._phase * len(self.loop.units))
        due = clock.time() + self._phase / self.fps
        while True:
            await asyncio.sleep(max(0.0, due - clock.time()))
            if self.listeners:
                self._send(self.loop.units[number % len(self.loop.units)], time.time())
            number += 1
            due += 1 / self.fps
            if clock.time() - due > 1.0:
                due = clock.time()


class LiveSource(Source):
    """Draws and encodes as time goes, only while somebody watches."""

    def __init__(self, scene: Scene, fps: int, gop_seconds: float = 1.0, codec: str = "h264", sound: Sound | None = None) -> None:
        self._scene = scene
        self._gop = max(1, round(fps * gop_seconds))
        trial = Encoder(scene.width, scene.height, fps, self._gop, codec=codec)
        units = [*trial.encode(scene.frame(0.0)), *trial.finish()]
        super().__init__(fps, parameter_sets(units[0], codec), codec, sound)

    def _picture(self, encoder: Encoder, wall: float) -> list[Unit]:
        return encoder.encode(self._scene.frame(wall, round(wall * 1_000_000)))

    async def run(self) -> None:
        """Encode in a thread of its own and send until cancelled."""
        clock = asyncio.get_running_loop()
        encoder: Encoder | None = None
        due = clock.time()
        with ThreadPoolExecutor(1, "encoder") as thread:
            while True:
                await asyncio.sleep(max(0.0, due - clock.time()))
                due = max(due + 1 / self.fps, clock.time() - 1.0)
                if not self.listeners:
                    encoder = None
                    continue
                if encoder is None:
                    encoder = Encoder(self._scene.width, self._scene.height, self.fps, self._gop, codec=self.codec)
                wall = time.time()
                for unit in await clock.run_in_executor(thread, self._picture, encoder, wall):
                    self._send(unit, wall)
