"""What multicast distribution costs: processor per stream of the media process, beside one `ffmpeg -c copy -f mpegts` a stream.

The frames come from memory at their pace; what feeding costs is measured first and taken off. Nobody has joined: what leaves is
handed to the kernel, and no network card is in it. ffmpeg reads a file, which its own way costs little too.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import uvloop

from bench.harness import Row, workspace
from sim.encode import Loop, loop
from sitewarden.config import MulticastSettings, Settings
from sitewarden.kit.clock import SystemClock
from sitewarden.media.hub import Hub
from sitewarden.media.multicast import Multicast
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.h264 import PPS, SPS, video_format

TITLE = "1080p30 H.264 of 4 Mbit/s sent to a multicast group as MPEG-TS in UDP (loopback, nobody joined)"
ROOT = Path(__file__).parents[1]
COUNTS = (16, 64)
FPS = 30
SETTLE, SECONDS = 2.0, 6.0
PLAIN_COUNT = 8
GROUP = "225.5.10.1"


def pictures() -> Loop:
    """Return the stream that all send."""
    return loop("multicast", width=1920, height=1080, fps=FPS, gop_seconds=1.0, seconds=4.0, bitrate=4_000_000)


def run() -> list[Row]:
    """Measure COUNTS of streams, and ffmpeg with PLAIN_COUNT of them."""
    pictures()
    plain = _ffmpeg() if shutil.which("ffmpeg") else None
    rows = []
    for count in COUNTS:
        found = _ours(count)
        rows.append(
            Row(
                name=f"{count} streams: processor",
                value=round(found["cpu"], 3),
                unit="% of a core a stream",
                better="lower",
                plain=plain,
                plain_name="ffmpeg -c copy a stream",
                note=f"aim: 0.2 or less; {found['sent']:.0%} of the pace sent, {found['dropped']:.0f} left out",
            )
        )
    return rows


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def _ours(count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.multicast", str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT, env=_environment(), text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _ffmpeg() -> float:
    with workspace("multicast") as folder:
        raw, file = folder / "x.h264", folder / "x.mp4"
        raw.write_bytes(b"".join(b"\0\0\0\1" + nal for unit in pictures().units for nal in unit.nals))
        subprocess.run(
            ["ffmpeg", "-v", "error", "-framerate", str(FPS), "-i", str(raw), "-c", "copy", str(file)], check=True, timeout=60
        )
        running = [
            subprocess.Popen(
                [
                    *(
                        "ffmpeg",
                        "-v",
                        "error",
                        "-nostdin",
                        "-re",
                        "-stream_loop",
                        "-1",
                        "-i",
                        str(file),
                        "-c",
                        "copy",
                        "-f",
                        "mpegts",
                    ),
                    f"udp://{GROUP}:{2000 + number}?pkt_size=1316&localaddr=127.0.0.1",
                ]
            )
            for number in range(PLAIN_COUNT)
        ]
        try:
            time.sleep(SETTLE)
            before = sum(sum(psutil.Process(one.pid).cpu_times()[:2]) for one in running)
            time.sleep(SECONDS)
            return (sum(sum(psutil.Process(one.pid).cpu_times()[:2]) for one in running) - before) / SECONDS / PLAIN_COUNT * 100
        finally:
            for one in running:
                one.kill()
                one.wait()


async def _measure(folder: Path, count: int) -> dict[str, float]:
    made, clock = pictures(), SystemClock()
    hub, net = Hub(clock), LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", folder)
    casts = Multicast(hub, net, clock, GROUP, MulticastSettings(), (1025, 65534))
    names = [f"c{number}" for number in range(count)]
    for name in names:
        hub.video_track(name, video_format(made.parameter_sets))
    units = [([nal for nal in unit.nals if nal[0] & 31 not in (SPS, PPS)], unit.key) for unit in made.units]
    fed = 0

    async def feed() -> None:
        nonlocal fed
        loop_ = asyncio.get_running_loop()
        begun, number = loop_.time(), 0
        while True:
            # Cameras do not send in step: each has its own part of the interval.
            for place, name in enumerate(names):
                due = begun + (number + place / count) / FPS
                if (left := due - loop_.time()) > 0.001:
                    await asyncio.sleep(left)
                nals, key = units[(number + place) % len(units)]
                hub.access_unit(name, nals, number * 90_000 // FPS, clock.now(), key)
                fed += 1
            number += 1

    feeding = asyncio.create_task(feed())
    used = []
    for sending in (False, True):
        if sending:
            for name in names:
                casts.hold(name, "mpegts", "bench", 3600)
        await asyncio.sleep(SETTLE)
        before, frames, begun = time.process_time(), fed, time.monotonic()
        await asyncio.sleep(SECONDS)
        used.append((time.process_time() - before) / (time.monotonic() - begun) / count * 100)
    pace = (fed - frames) / (time.monotonic() - begun) / count / FPS
    dropped = sum(one.dropped for one in casts.casts())
    feeding.cancel()
    await net.close()
    return {"cpu": used[1] - used[0], "sent": pace, "dropped": dropped}


def main() -> None:
    """Measure in a process of its own; print what was found as JSON."""
    with workspace("multicast") as folder:
        sys.stdout.write(json.dumps(uvloop.run(_measure(folder, int(sys.argv[1])))))


if __name__ == "__main__":
    main()
