"""The simulated camera as a person starts it, seen by a player that is not ours."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.scene import LOOP, Scene

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("digest", ["md5", "sha-256", "basic"])
async def test_a_player_reads_the_camera_and_it_ends_cleanly(digest: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sim.camera", "--port", "0", "--name", "yard", "--user", "ada", "--password", "pw"),
        *("--digest", digest, "--size", "320x180"),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": "/usr/bin:/bin"},
    )
    assert process.stdout is not None
    url = (await asyncio.wait_for(process.stdout.readline(), 60)).decode().split()[-1]
    if digest != "sha-256":
        command = ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_streams", "-of", "json"]
        found = await asyncio.to_thread(
            subprocess.run, [*command, url.replace("://", "://ada:pw@")], capture_output=True, text=True, timeout=60, check=True
        )
        stream = json.loads(found.stdout)["streams"][0]
        assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 320, 180)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 60) == 0


def test_a_scene_moves_repeats_and_differs_by_name() -> None:
    yard, lobby = Scene("yard", 320, 180), Scene("lobby", 320, 180)
    first = yard.frame(1.0)
    assert first.shape == (180, 320, 3)
    assert np.array_equal(first, Scene("yard", 320, 180).frame(1.0 + LOOP))
    assert not np.array_equal(first, yard.frame(1.5))
    assert not np.array_equal(first, lobby.frame(1.0))
    assert not np.array_equal(yard.frame(1.0, 0), yard.frame(1.0, 1_000_000))
