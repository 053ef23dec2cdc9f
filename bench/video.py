"""What recording costs: processor and memory per stream of the media process, beside one `ffmpeg -c copy` a camera.

Over TCP and over UDP. How late the event loop is tells how long anything else in the media process waits meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from bench.harness import Row, percentile, workspace

TITLE = "1080p30 H.264 of 4 Mbit/s over RTSP (loopback), recorded as fragmented MP4 without transcoding"
ROOT = Path(__file__).parents[1]
COUNTS = tuple(map(int, os.environ.get("SITEWARDEN_BENCH_STREAMS", "16,64,256").split(",")))
AIMS = {"tcp": 400, "udp": 300}
"""Streams a core."""
SETTLE, SECONDS = 3.0, 6.0
PLAIN_COUNT = 8
"""Cameras of the plain side; ffmpeg's cost per camera does not depend on how many there are."""
LOOK = 0.005
"""Seconds after which the event loop is to wake, again and again, to see how late it does."""


def run() -> list[Row]:
    """Measure COUNTS of streams over TCP and over UDP, and ffmpeg with PLAIN_COUNT of them."""
    rows = []
    for transport, aim in AIMS.items():
        plain = _ffmpeg(transport) if shutil.which("ffmpeg") else None
        for count in COUNTS:
            found = _ours(count, transport)
            what = f"{transport.upper()}, {count} streams"
            note = f"{found['received'] / count / found['seconds'] / 30:.0%} of the frames delivered"
            note += f"; a core carries {100 / found['cpu']:.0f}, aim: {aim}"
            rows.append(_row(f"{what}: processor", found["cpu"], "% of a core a stream", plain and plain["cpu"], note))
            rows.append(_row(f"{what}: memory", found["memory"], "MB a stream", plain and plain["memory"], ""))
            late = Row(
                name=f"{what}: event loop late, p99", value=round(found["late"], 2), unit="ms", better="lower", note="aim: 10"
            )
            left = f"{found['dropped']:.0f} left out"
            rows += [late, Row(name=f"{what}: written", value=round(found["written"], 1), unit="MB/s", note=left)]
    return rows


def _row(name: str, value: float, unit: str, plain: float | None, note: str) -> Row:
    return Row(
        name=name, value=round(value, 3), unit=unit, better="lower", plain=plain, plain_name="ffmpeg -c copy a camera", note=note
    )


@contextmanager
def _fleet(count: int) -> Iterator[int]:
    """Run `count` simulated cameras in a process of their own; give their port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sim.camera_fleet", "--port", "0", "--count", str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=_environment(),
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
    finally:
        process.terminate()
        process.wait()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def _ours(count: int, transport: str) -> dict[str, float]:
    with workspace("video") as folder, _fleet(count) as port:
        done = subprocess.run(
            [sys.executable, "-m", "bench.video", str(folder), str(port), str(count), transport],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=_environment(),
            check=True,
        )
        found: dict[str, float] = json.loads(done.stdout)
        return found


def _ffmpeg(transport: str) -> dict[str, float]:
    with workspace("video") as folder, _fleet(PLAIN_COUNT) as port:
        processes = [
            subprocess.Popen(
                [
                    "ffmpeg",
                    "-v",
                    "error",
                    "-nostdin",
                    "-rtsp_transport",
                    transport,
                    "-i",
                    f"rtsp://127.0.0.1:{port}/cam-{number}",
                    "-c",
                    "copy",
                    "-f",
                    "mp4",
                    "-movflags",
                    "frag_keyframe+empty_moov",
                    str(folder / f"{number}.mp4"),
                ],
                cwd=folder,
            )
            for number in range(PLAIN_COUNT)
        ]
        watched = [psutil.Process(process.pid) for process in processes]
        time.sleep(SETTLE)
        before, begun = sum(map(_cpu, watched)), time.monotonic()
        time.sleep(SECONDS)
        spent, passed = sum(map(_cpu, watched)) - before, time.monotonic() - begun
        memory = sum(one.memory_full_info().uss for one in watched)
        for process in processes:
            process.send_signal(signal.SIGINT)
        for process in processes:
            process.wait()
    return {"cpu": 100 * spent / passed / PLAIN_COUNT, "memory": memory / PLAIN_COUNT / 1e6}


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _record(folder: Path, port: int, count: int, transport: str) -> dict[str, float]:
    from sitewarden.config import Settings
    from sitewarden.domain.video.model import Camera
    from sitewarden.domain.video.volumes import VolumeSpec
    from sitewarden.drivers import registry
    from sitewarden.kit.clock import SystemClock
    from sitewarden.kit.context import Context
    from sitewarden.kit.driver import EndpointSpec
    from sitewarden.kit.supervise import Supervisor
    from sitewarden.media.recorder import RecorderSettings
    from sitewarden.media.worker import MediaWorker
    from sitewarden.net.network import LocalNetwork
    from sitewarden.store.sqlite import SqliteSegmentIndex

    async def emit(events: Sequence[Any], confirm: Any = None) -> None:
        return

    net = LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", folder / "run")
    index = SqliteSegmentIndex.open(folder / "segments.db")
    settings = RecorderSettings(min_free_bytes=0)
    disk = VolumeSpec(path=str(folder / "media"), inner=True)
    worker = MediaWorker(net, SystemClock(), index, [disk], emit, socket=folder / "live.sock", settings=settings)
    context = Context(net=net, clock=SystemClock(), emit=emit, samples=_ignore, status=_ignore, media=worker.hub)
    supervisor = Supervisor(context, registry.load)
    running = asyncio.create_task(worker.run())
    await worker.started.wait()
    process = psutil.Process()
    empty = process.memory_full_info().uss
    names = [f"cam-{number}" for number in range(count)]
    worker.configure([Camera(id=name, name=name, url="rtsp://127.0.0.1/x") for name in names])
    await supervisor.reconcile(
        [
            ("rtsp", EndpointSpec(id=name, name=name, config=_camera(port, name, transport), ref=f"camera:{name}"))
            for name in names
        ]
    )
    await asyncio.sleep(SETTLE)

    def state() -> tuple[float, float, int, int]:
        channels = [worker.hub.channel(name) for name in names]
        return time.monotonic(), _cpu(process), sum(one.frames for one in channels), sum(one.bytes for one in channels)

    late: list[float] = []
    first = state()
    while (now := time.monotonic()) < first[0] + SECONDS:
        await asyncio.sleep(LOOK)
        late.append((time.monotonic() - now - LOOK) * 1000)
    last = state()
    seconds, cpu, frames, octets = (late - early for early, late in zip(first, last, strict=True))
    memory = process.memory_full_info().uss - empty
    dropped = worker.recorder.volumes.first.writer.dropped
    await supervisor.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await index.close()
    await net.close()
    return {
        "cpu": 100 * cpu / seconds / count,
        "memory": memory / count / 1e6,
        "received": frames,
        "seconds": seconds,
        "written": octets / seconds / 1e6,
        "dropped": dropped,
        "late": percentile(late, 0.99),
    }


def _camera(port: int, name: str, transport: str) -> dict[str, str]:
    return {"url": f"rtsp://127.0.0.1:{port}/{name}", "transport": transport}


def _ignore(_: Any) -> None:
    return


def main() -> None:
    """Be the measured media process: arguments are folder, port, number of cameras, transport."""
    from sitewarden.net.loop import new_event_loop

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        print(json.dumps(runner.run(_record(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))))


if __name__ == "__main__":
    main()
