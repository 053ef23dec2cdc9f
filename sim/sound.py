"""What a simulated camera hears: a short tone at each full second, coded with PyAV once and played in a loop."""

from __future__ import annotations

import asyncio
import functools
import secrets
import time
from collections.abc import Callable
from typing import Final

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from msgspec import Struct

from sitewarden.wire.rtp import build

SETTINGS: Final = {
    "pcmu": ("pcm_mulaw", "s16", 8000, 160, 1),
    "pcma": ("pcm_alaw", "s16", 8000, 160, 1),
    "l16": ("pcm_s16be", "s16", 16000, 320, 1),
    "opus": ("libopus", "s16", 48000, 960, 1),
    "aac": ("aac", "fltp", 16000, 1024, 8),
}
"""FFmpeg's encoder, its sample format, samples a second and of a frame, seconds after which frames and seconds meet again."""
TONE: Final = 0.15
"""Seconds of the tone."""
PAYLOAD_TYPE: Final = 97

Listener = Callable[[bytes, int], None]
"""`(packet, timestamp)`: the RTP packet of one frame."""


class Coded(Struct, frozen=True):
    """A piece of sound whose end fits its beginning."""

    codec: str
    rate: int
    frame: int
    frames: tuple[bytes, ...]
    config: bytes


@functools.lru_cache
def coded(codec: str) -> Coded:
    """Return the tone in this codec."""
    name, layout, rate, frame, seconds = SETTINGS[codec]
    made = av.CodecContext.create(name, "w")
    assert isinstance(made, AudioCodecContext)
    made.sample_rate, made.layout, made.format = rate, "mono", layout
    made.bit_rate = 32000
    made.open()
    moment = np.arange(rate * seconds) / rate
    wave = np.where(moment % 1 < TONE, 0.3 * np.sin(2 * np.pi * 880 * moment), 0.0)
    samples = wave.astype(np.float32) if layout == "fltp" else (wave * 32767).astype(np.int16)
    frames: list[bytes] = []
    for start in range(0, len(samples), frame):
        piece = av.AudioFrame.from_ndarray(samples[None, start : start + frame], format=layout, layout="mono")
        piece.sample_rate, piece.pts = rate, start
        frames += [bytes(packet) for packet in made.encode(piece)]
    frames += [bytes(packet) for packet in made.encode(None)]
    return Coded(codec, rate, frame, tuple(frames[: len(samples) // frame]), bytes(made.extradata or b""))


class Sound:
    """One stream of sound; all who listen get the same packets."""

    def __init__(self, codec: str) -> None:
        self.coded = coded(codec)
        self.ssrc = secrets.randbits(32)
        self.sequence = secrets.randbits(16)
        self._base = secrets.randbits(32)
        self._origin = time.time()
        self.listeners: list[Listener] = []
        self.frozen = False
        """True holds the sound, as a camera does whose microphone fails."""

    def timestamp(self, wall: float) -> int:
        """Return the RTP time of a moment in seconds since 1970."""
        return (self._base + round((wall - self._origin) * self.coded.rate)) & 0xFFFFFFFF

    async def run(self) -> None:
        """Send until cancelled, each frame when its last sample was heard."""
        clock = asyncio.get_running_loop()
        made = self.coded
        length = made.frame / made.rate
        number = round(self._origin / length)
        offset = clock.time() - time.time()
        while True:
            await asyncio.sleep(max(0.0, (number + 1) * length + offset - clock.time()))
            if self.listeners and not self.frozen:
                self._send(number, length)
            number += 1

    def _send(self, number: int, length: float) -> None:
        made = self.coded
        frame = made.frames[number % len(made.frames)]
        if made.codec == "aac":
            frame = b"\x00\x10" + (len(frame) << 3).to_bytes(2, "big") + frame
        timestamp = self.timestamp(number * length)
        packet = build(PAYLOAD_TYPE, self.sequence, timestamp, self.ssrc, True, frame)
        self.sequence = (self.sequence + 1) & 0xFFFF
        for listener in tuple(self.listeners):
            listener(packet, timestamp)

    def describe(self) -> list[str]:
        """Return the lines of SDP."""
        made = self.coded
        name = {"pcmu": "PCMU/8000", "pcma": "PCMA/8000", "l16": "L16/16000", "opus": "opus/48000/2"}.get(made.codec)
        lines = [f"m=audio 0 RTP/AVP {PAYLOAD_TYPE}", f"a=rtpmap:{PAYLOAD_TYPE} {name or f'MPEG4-GENERIC/{made.rate}/1'}"]
        if made.codec == "aac":
            settings = "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3"
            lines.append(f"a=fmtp:{PAYLOAD_TYPE} {settings};config={made.config[:2].hex()}")
        return [*lines, "a=control:track2"]
