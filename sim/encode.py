"""Pictures of the simulated cameras, coded with PyAV: live, or a loop that is encoded once and kept on disk."""

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
from sitewarden.wire import h264, h265
from sitewarden.wire.nal import split_annex_b

VERSION: Final = 5
"""Grows when the scene or the encoder's settings change, so that old cached loops are not used."""
START: Final = 1_700_000_000_000_000
"""What the clock of a pre-encoded loop shows at its beginning, microseconds since 1970 UTC."""


CODECS: Final = {"h264": "libx264", "h265": "libx265", "mjpeg": "mjpeg"}
"""What a camera can be told to send, and FFmpeg's encoder for it."""


class Unit(Struct, frozen=True, array_like=True):
    """One access unit: NAL units without start codes, or one JPEG file."""

    nals: tuple[bytes, ...]
    key: bool


class Loop(Struct, frozen=True):
    """A piece of video whose end fits its beginning."""

    fps: int
    units: tuple[Unit, ...]
    codec: str = "h264"

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        return parameter_sets(self.units[0], self.codec)


def parameter_sets(unit: Unit, codec: str) -> tuple[bytes, ...]:
    """Return the parameter sets of a key frame."""
    if codec == "mjpeg":
        return ()
    if codec == "h265":
        return tuple(nal for nal in unit.nals if h265.VPS <= h265.kind(nal) <= h265.PPS)
    return tuple(nal for nal in unit.nals if nal[0] & 0x1F in (h264.SPS, h264.PPS))


class Encoder:
    """One encoder; every frame given comes back at once (no B-frames, no lookahead)."""

    def __init__(
        self,
        width: int,
        height: int,
        fps: int,
        gop: int,
        *,
        codec: str = "h264",
        preset: str = "ultrafast",
        bitrate: int = 0,
        quality: int = 25,
    ) -> None:
        made = av.CodecContext.create(CODECS[codec], "w")
        assert isinstance(made, VideoCodecContext)
        made.width, made.height = width, height
        made.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        made.time_base = Fraction(1, fps)
        made.framerate = Fraction(fps, 1)
        made.gop_size = gop
        made.thread_count = 1
        rate = f":bitrate={bitrate // 1000}:vbv-maxrate={bitrate // 1000}:vbv-bufsize={bitrate // 1000}" if bitrate else ""
        group = f"keyint={gop}:min-keyint={gop}:scenecut=0"
        if codec == "mjpeg":
            # RTP carries no Huffman tables: they must be the standard ones.
            made.options = {"huffman": "default", "qmin": "8", "qmax": "8"}
        elif codec == "h265":
            params = f"{group}:bframes=0:pools=none:frame-threads=1:log-level=none{rate}"
            made.options = {"preset": "ultrafast", "tune": "zerolatency", "x265-params": params}
        else:
            made.options = {"preset": preset, "tune": "zerolatency", "x264-params": f"{group}:threads=1{rate}"}
        if not rate and codec != "mjpeg":
            made.options = {**made.options, "crf": str(quality)}
        self._format = made.pix_fmt
        self._name = codec
        self._codec = made
        self._count = 0

    def encode(self, picture: Picture) -> list[Unit]:
        """Return the access units that `picture` completes."""
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame = frame.reformat(format=self._format)
        frame.pts = self._count
        self._count += 1
        return [self._unit(bytes(packet)) for packet in self._codec.encode(frame)]

    def finish(self) -> list[Unit]:
        """Return what the encoder still holds."""
        return [self._unit(bytes(packet)) for packet in self._codec.encode(None)]

    def _unit(self, stream: bytes) -> Unit:
        if self._name == "mjpeg":
            return Unit((stream,), True)
        nals = tuple(split_annex_b(stream))
        if self._name == "h265":
            return Unit(nals, any(h265.BLA_W_LP <= h265.kind(nal) <= h265.LAST_IRAP for nal in nals))
        return Unit(nals, any(nal[0] & 0x1F == h264.IDR for nal in nals))


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
    codec: str = "h264",
) -> Loop:
    """Return a pre-encoded loop, from the cache where it was made before with the same settings."""
    settings = repr((VERSION, name, width, height, fps, gop_seconds, seconds, bitrate, seed, codec))
    folder = Path(os.environ.get("SITEWARDEN_SIM_CACHE") or Path(tempfile.gettempdir()) / f"sitewarden-sim-{os.getuid()}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = folder / f"{hashlib.sha256(settings.encode()).hexdigest()[:24]}.loop"
    if kept.exists():
        try:
            return msgspec.msgpack.decode(kept.read_bytes(), type=Loop)
        except msgspec.MsgspecError:
            kept.unlink()
    encoder = Encoder(width, height, fps, round(fps * gop_seconds), codec=codec, preset="veryfast", bitrate=bitrate)
    scene = Scene(name, width, height, seed)
    units = [unit for picture in pictures(scene, fps, seconds) for unit in encoder.encode(picture)]
    made = Loop(fps, (*units, *encoder.finish()), codec)
    fresh = kept.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(msgspec.msgpack.encode(made))
    fresh.rename(kept)
    return made
