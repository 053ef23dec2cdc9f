"""H.264 of the simulated cameras, made with PyAV: live, or a loop that is encoded once and kept on disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import msgspec
from av.video.codeccontext import VideoCodecContext
from msgspec import Struct

from sim.scene import LOOP, Picture, Scene
from sitewarden.wire.h264 import IDR, PPS, SPS, split_annex_b

VERSION: Final = 4
"""Grows when the scene or the encoder's settings change, so that old cached loops are not used."""
START: Final = 1_700_000_000_000_000
"""What the clock of a pre-encoded loop shows at its beginning, microseconds since 1970 UTC."""


class Unit(Struct, frozen=True, array_like=True):
    """One access unit, without start codes."""

    nals: tuple[bytes, ...]
    key: bool


class Loop(Struct, frozen=True):
    """A piece of video whose end fits its beginning."""

    fps: int
    units: tuple[Unit, ...]

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        return tuple(nal for nal in self.units[0].nals if nal[0] & 0x1F in (SPS, PPS))


class Encoder:
    """One libx264 encoder; every frame given comes back at once (no B-frames, no lookahead)."""

    def __init__(
        self, width: int, height: int, fps: int, gop: int, *, preset: str = "ultrafast", bitrate: int = 0, quality: int = 25
    ) -> None:
        codec = av.CodecContext.create("libx264", "w")
        assert isinstance(codec, VideoCodecContext)
        codec.width, codec.height = width, height
        codec.pix_fmt = "yuv420p"
        codec.time_base = Fraction(1, fps)
        codec.framerate = Fraction(fps, 1)
        codec.gop_size = gop
        codec.thread_count = 1
        options = {"preset": preset, "tune": "zerolatency", "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:threads=1"}
        if bitrate:
            options["x264-params"] += f":bitrate={bitrate // 1000}:vbv-maxrate={bitrate // 1000}:vbv-bufsize={bitrate // 1000}"
        else:
            options["crf"] = str(quality)
        codec.options = options
        self._codec = codec
        self._count = 0

    def encode(self, picture: Picture) -> list[Unit]:
        """Return the access units that `picture` completes."""
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = self._count
        self._count += 1
        return [_unit(bytes(packet)) for packet in self._codec.encode(frame)]

    def finish(self) -> list[Unit]:
        """Return what the encoder still holds."""
        return [_unit(bytes(packet)) for packet in self._codec.encode(None)]


def _unit(stream: bytes) -> Unit:
    nals = tuple(split_annex_b(stream))
    return Unit(nals, any(nal[0] & 0x1F == IDR for nal in nals))


def pictures(scene: Scene, fps: int, seconds: float) -> Iterator[Picture]:
    """Yield the frames of `seconds` of a scene, its clock from START on."""
    for number in range(round(seconds * fps)):
        yield scene.frame(number / fps, START + round(number * 1_000_000 / fps))


def loop(
    name: str,
    *,
    width: int = 640,
    height: int = 360,
    fps: int = 15,
    gop_seconds: float = 2.0,
    seconds: float = LOOP,
    bitrate: int = 0,
    seed: int | None = None,
) -> Loop:
    """Return a pre-encoded loop, from the cache where it was made before with the same settings."""
    settings = repr((VERSION, name, width, height, fps, gop_seconds, seconds, bitrate, seed))
    folder = Path(os.environ.get("SITEWARDEN_SIM_CACHE") or Path(tempfile.gettempdir()) / f"sitewarden-sim-{os.getuid()}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = folder / f"{hashlib.sha256(settings.encode()).hexdigest()[:24]}.loop"
    if kept.exists():
        try:
            return msgspec.msgpack.decode(kept.read_bytes(), type=Loop)
        except msgspec.MsgspecError:
            kept.unlink()
    encoder = Encoder(width, height, fps, round(fps * gop_seconds), preset="veryfast", bitrate=bitrate)
    scene = Scene(name, width, height, seed)
    units = [unit for picture in pictures(scene, fps, seconds) for unit in encoder.encode(picture)]
    made = Loop(fps, (*units, *encoder.finish()))
    fresh = kept.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(msgspec.msgpack.encode(made))
    fresh.rename(kept)
    return made
