"""A media process that is killed, and one whose disk is really full."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sim.rtsp_server import CameraServer
from sim.rtsp_source import LoopSource
from sitewarden.media import recovery
from sitewarden.media.scan import scan
from tests.media.support import pictures, probe

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def url() -> AsyncIterator[str]:
    server = CameraServer({"a": LoopSource(pictures())})
    port = await server.start("127.0.0.1", 0)
    yield f"rtsp://127.0.0.1:{port}/a"
    await server.stop()


async def start(folder: Path, url: str, seconds: float, *prefix: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *prefix,
        *(sys.executable, "-m", "tests.media.process", str(folder), url, str(seconds)),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
    )


async def until(process: asyncio.subprocess.Process, type_: str) -> dict[str, Any]:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while line := await process.stdout.readline():
            event: dict[str, Any] = json.loads(line)
            if event["type"] == type_:
                return event
    raise AssertionError(f"the process ended before {type_}")


async def test_kill_9_costs_a_second_at_most(tmp_path: Path, url: str) -> None:
    process = await start(tmp_path, url, 60.0)
    root = tmp_path / "media"
    async with asyncio.timeout(60):
        while not [path for path in recovery.unsealed(root) if path.stat().st_size > 60_000]:
            await asyncio.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    killed = time.time_ns() // 1000
    await process.wait()
    (left,) = recovery.unsealed(root)
    assert killed - scan(left).end_wall < 1_000_000
    whole = len(probe(left)["frames"])
    process = await start(tmp_path, url, 60.0)
    sealed = await until(process, "video.segment.sealed")
    await until(process, "camera.online")
    process.terminate()
    assert await process.wait() == 0
    path = root / "lobby" / left.parent.name / left.name.removesuffix(".part")
    assert len(probe(path)["frames"]) in (whole, whole - 1)
    assert sealed["data"]["bytes"] == path.stat().st_size
    assert len(list(root.glob("*/*/*.mp4"))) == 2 and not list(recovery.unsealed(root))


async def test_a_disk_that_is_really_full(tmp_path: Path, url: str) -> None:
    # The index lays out 1 MiB of write-ahead log at its start; some hundred kilobytes are left for recording.
    ballast = f"head -c 1150000 /dev/zero > {tmp_path}/ballast"
    mount = ("unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o size=2600k none {tmp_path} && {ballast} && exec "$@"', "sh")
    allowed = subprocess.run([*mount, "true"], capture_output=True, check=False).returncode == 0
    if not allowed:
        pytest.skip("the kernel does not permit a mount namespace here")
    process = await start(tmp_path, url, 2.0, *mount)
    try:
        full = await until(process, "system.disk.full")
        assert "disk is full" in (await until(process, "video.recording.stopped"))["text"]
        assert full["data"]["path"] == str(tmp_path / "media")
        inside = Path(f"/proc/{process.pid}/root{tmp_path}")
        files = sorted((inside / "media").glob("*/*/*.mp4"))
        assert files
        for path in files:
            copy = Path(f"{tmp_path}-{path.name}")
            copy.write_bytes(path.read_bytes())
            probe(copy)
            copy.unlink()
        outside = tmp_path / "copy"
        outside.mkdir()
        for path in inside.glob("segments.db*"):
            (outside / path.name).write_bytes(path.read_bytes())
        with contextlib.closing(sqlite3.connect(outside / "segments.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (inside / "ballast").unlink()
        await until(process, "video.recording.resumed")
        await until(process, "video.segment.sealed")
    finally:
        process.terminate()
        await process.wait()
