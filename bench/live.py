"""Live video to people: how many viewers a core carries, how soon the first picture comes, how late each picture is.

A node records four cameras; viewers in a process of their own take what comes. Lateness is from the moment that a camera in this
process has written a picture's last packet to the moment that this process has it as a viewer.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from bench._rig import ENVIRONMENT, HOST, Rig, beside
from bench.combined import online, wait
from bench.harness import Row, percentile, workspace
from sim.encode import loop as encoded
from sim.rtsp_server import CameraServer
from sim.rtsp_source import LoopSource
from sitewarden.domain.video.model import Camera

TITLE = "live: 1080p30 of 4 Mbit/s to WebSockets as fragmented MP4, a fragment a frame"
CAMERAS = 4
VIEWERS = int(os.environ.get("SITEWARDEN_BENCH_VIEWERS", "240"))
SECONDS = float(os.environ.get("SITEWARDEN_BENCH_SECONDS", "10"))
CLICKS = 40
RTSP, OWN, LIBRARY = 8554, 8555, 8700
FRAME = 4_000_000 // 8 // 30
TAIL = 48
"""Bytes at the end of a picture by which it is known again."""


class Timed(LoopSource):
    """A camera that remembers when the last packet of each picture was written."""

    def __init__(self) -> None:
        super().__init__(encoded("fleet", width=1920, height=1080, fps=30, seconds=8.0, bitrate=4_000_000))
        self.sent: dict[bytes, float] = {}

    def written(self, packets: list[bytes], key: bool, timestamp: int) -> None:
        """Note the time; listens after the connection to the server."""
        self.sent[packets[-1][-TAIL:]] = time.perf_counter()


class Late:
    """A viewer of our own camera. What was sent before it came is its first picture, not late."""

    def __init__(self, camera: Timed) -> None:
        self._camera = camera
        self._came = time.perf_counter()
        self.seen: list[float] = []

    def take(self, data: bytes | str) -> None:
        """Take a message."""
        sent = self._camera.sent.pop(data[-TAIL:], None) if isinstance(data, bytes) else None
        if sent is not None and sent > self._came:
            self.seen.append((time.perf_counter() - sent) * 1000)


def socket(rig: Rig, camera: str, cookie: str) -> connect:
    """Return what connects to a camera's live pictures."""
    secure = rig.tls() if rig.url.startswith("https") else None
    url = f"{rig.url.replace('http', 'ws', 1)}/api/v1/cameras/{camera}/live"
    headers = {"Cookie": cookie}
    return connect(
        url, ssl=secure, additional_headers=headers, origin=rig.url, compression=None, max_size=1 << 24, close_timeout=0.1
    )  # type: ignore[arg-type]


async def first_pictures(rig: Rig, cookie: str) -> list[float]:
    """Return milliseconds from the connection's first packet to a whole key frame."""
    found = []
    for number in range(CLICKS):
        begun = time.perf_counter()
        async with socket(rig, f"cam-{number % CAMERAS}", cookie) as live:
            await _picture(live)
            found.append((time.perf_counter() - begun) * 1000)
    return found


async def _picture(live: ClientConnection) -> None:
    """Wait for the first fragment: it follows the text and the init segment."""
    binary = 0
    while binary < 2:
        binary += isinstance(await live.recv(), bytes)


async def lateness(rig: Rig, cookie: str, camera: Timed, seconds: float) -> list[float]:
    """Return how many milliseconds each picture took from our camera to us."""
    async with socket(rig, "own", cookie) as live:
        late = Late(camera)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            late.take(await live.recv())
    return late.seen


async def crowd(urls: list[str], count: int, authority: str, cookie: str, measured: list[int]) -> tuple[float, dict[str, int]]:
    """Return the processor seconds of the processes `measured` for SECONDS of `count` viewers, and what those counted."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench._viewers", ",".join(urls), str(count), str(SECONDS), *([authority] if authority else [])),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(cookie.encode() + b"\n")
    if await process.stdout.readline() != b"counting\n":
        raise RuntimeError("the viewers did not connect")
    before = _used(measured)
    found: dict[str, int] = json.loads(await process.stdout.readline())
    spent = _used(measured) - before
    await process.wait()
    return spent, found


def _used(pids: list[int]) -> float:
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(one.user + one.system for one in times)


def _rows(way: str, spent: float, found: dict[str, int], plain: float | None, aim: int) -> list[Row]:
    share = found["bytes"] * 8 / SECONDS / VIEWERS / 4e6
    note = f"{found['connected']} connected, each got {share:.0%} of 4 Mbit/s; aim {aim:,}"
    name = "" if plain is None else "websockets, broadcast"
    return [
        Row(
            name=f"viewers a core, {way}",
            value=VIEWERS * SECONDS / spent,
            unit="viewers",
            plain=plain,
            plain_name=name,
            note=note,
        )
    ]


async def measure(rig: Rig, cookie: str, camera: Timed, way: str, plain: float | None, aim: int) -> list[Row]:
    """Return the figures of a node that runs."""
    clicks = await first_pictures(rig, cookie)
    alone = await lateness(rig, cookie, camera, SECONDS)
    urls = [f"{rig.url.replace('http', 'ws', 1)}/api/v1/cameras/cam-{n}/live" for n in range(CAMERAS)]
    authority = str(rig.places.tls / "ca.pem") if rig.url.startswith("https") else ""
    web = [pid for name, pid in rig.pids().items() if name.startswith("web")]
    spent, found = await crowd(urls, VIEWERS, authority, cookie, web)
    _, together = await asyncio.gather(crowd(urls, VIEWERS, authority, cookie, web), lateness(rig, cookie, camera, SECONDS + 6))
    share = found["bytes"] * 8 / SECONDS / VIEWERS / 4e6
    return [
        Row(
            name=f"viewers a core, {way}",
            value=VIEWERS * SECONDS / spent,
            unit="viewers",
            plain=plain,
            plain_name="websockets, broadcast" if plain else "",
            note=f"{found['connected']} connected, each got {share:.0%} of 4 Mbit/s; aim: {aim:,}",
        ),
        Row(name=f"first picture, {way}, p50", value=percentile(clicks, 0.5), unit="ms", better="lower"),
        Row(name=f"first picture, {way}, p99", value=percentile(clicks, 0.99), unit="ms", better="lower", note="aim: 150"),
        Row(name=f"camera to viewer, {way}, p50", value=percentile(alone, 0.5), unit="ms", better="lower"),
        Row(name=f"camera to viewer, {way}, p99", value=percentile(alone, 0.99), unit="ms", better="lower", note="aim: 10"),
        Row(
            name=f"camera to viewer, {way}, beside {VIEWERS}, p99",
            value=percentile(together, 0.99),
            unit="ms",
            better="lower",
            note="viewers, cameras and this camera share the two cores",
        ),
    ]


async def node(base: Path, *, tls: bool, plain: float | None) -> list[Row]:
    """Run a node and measure it."""
    rig = await asyncio.to_thread(Rig, base / ("tls" if tls else "plain"), tls=tls)
    cameras = [Camera(id=f"cam-{n}", name=f"Camera {n}", url=f"rtsp://{HOST}:{RTSP}/cam-{n}") for n in range(CAMERAS)]
    await asyncio.to_thread(rig.put, [*cameras, Camera(id="own", name="Own", url=f"rtsp://{HOST}:{OWN}/own")])
    camera = Timed()
    server = CameraServer({"own": camera})
    await server.start(HOST, OWN)
    with beside(["sim.camera_fleet", "--host", HOST, "--port", str(RTSP), "--count", str(CAMERAS)]):
        await asyncio.to_thread(rig.start)
        try:
            cookie = await asyncio.to_thread(_ready, rig)
            camera.listeners.append(camera.written)
            await asyncio.sleep(3)
            return await measure(rig, cookie, camera, "TLS" if tls else "plain", plain, 600 if tls else 1200)
        finally:
            await asyncio.to_thread(rig.stop)
            await server.stop()


def _ready(rig: Rig) -> str:
    """Return the cookie of a session, once every camera is there."""
    with rig.client() as client:
        wait(lambda: online(client, "camera") == CAMERAS + 1, 60, "every camera")
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def library() -> float:
    """Return how many viewers a core of the plain alternative carries."""
    with subprocess.Popen([sys.executable, "-m", "bench._fan_out", str(LIBRARY), str(FRAME), "30"], env=ENVIRONMENT) as server:
        try:
            time.sleep(2)
            spent, _ = asyncio.run(crowd([f"ws://{HOST}:{LIBRARY}/"], VIEWERS, "", "", [server.pid]))
        finally:
            server.terminate()
    return VIEWERS * SECONDS / spent


def run() -> list[Row]:
    """Return the figures."""
    plain = library()
    with workspace("live") as base:
        rows = []
        for tls in (False, True):
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                rows += runner.run(node(base, tls=tls, plain=None if tls else plain))
        return rows
