"""Access units without a camera: a loop pushed into the hub with times of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sim.encode import Loop, loop
from sitewarden.domain.events import Event
from sitewarden.domain.video.model import Camera
from sitewarden.domain.video.volumes import VolumeSpec
from sitewarden.media.hub import Hub
from sitewarden.media.scan import scan
from sitewarden.wire.h264 import PPS, SPS, video_format

BEGIN = 1_763_700_000_000_000
FPS = 25


def pictures(width: int = 320, height: int = 180) -> Loop:
    return loop("media", width=width, height=height, fps=FPS, gop_seconds=0.4, seconds=4.0)


def feed(hub: Hub, camera: str, made: Loop, numbers: Iterable[int], *, wall: int = BEGIN, rtp: int = 0) -> None:
    """Push the frames of these numbers, as a camera that began at `wall` would send them."""
    channel = hub.channel(camera)
    sets = made.parameter_sets
    if channel.track is None or channel.track.video.parameter_sets != sets:
        hub.video_track(camera, video_format(sets))
    for number in numbers:
        unit = made.units[number % len(made.units)]
        nals = [nal for nal in unit.nals if nal[0] & 31 not in (SPS, PPS)]
        hub.access_unit(camera, nals, rtp + number * 90000 // FPS, wall + number * 1_000_000 // FPS, unit.key)


def camera(id_: str = "lobby", **more: Any) -> Camera:
    return Camera(id=id_, name=id_.title(), url="rtsp://127.0.0.1/a", **more)


def volume_at(path: Path) -> list[VolumeSpec]:
    """Return the one volume of a plain site."""
    return [VolumeSpec(path=str(path), inner=True)]


class Log:
    def __init__(self) -> None:
        self.events: list[Event] = []

    async def emit(self, events: Any) -> None:
        self.events.extend(events)

    def types(self) -> list[str]:
        return [event.type for event in self.events]


def probe(path: Path) -> dict[str, Any]:
    """Return what ffprobe finds, decoding every frame; fail on any complaint."""
    command = [
        "ffprobe",
        "-v",
        "warning",
        "-count_frames",
        "-show_streams",
        "-show_entries",
        "frame=pts,key_frame",
        "-of",
        "json",
    ]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == "", done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def samples(path: Path) -> tuple[list[bytes], list[bytes]]:
    """Return the pictures and the frames of sound of a recorded file, as they stand in it."""
    data = path.read_bytes()
    pictures: list[bytes] = []
    sounds: list[bytes] = []
    for place in scan(path).places:
        position = place.data
        for sizes, found in (
            (place.fragment.sizes, pictures),
            (place.fragment.sound.sizes if place.fragment.sound else (), sounds),
        ):
            for size in sizes:
                found.append(data[position : position + size])
                position += size
    return pictures, sounds


def nals(picture: bytes) -> list[bytes]:
    """Return the NAL units of a picture as it stands in a file."""
    found, position = [], 0
    while position < len(picture):
        size = int.from_bytes(picture[position : position + 4], "big")
        found.append(picture[position + 4 : position + 4 + size])
        position += 4 + size
    return found
