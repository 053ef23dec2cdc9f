"""RTSP out to other systems: how many clients a core carries, live, over TCP, without and with TLS.

A node records four cameras and serves them; clients in a process of their own sign in, play, and count what comes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil

from bench._rig import ENVIRONMENT, HOST, Rig, beside
from bench.combined import online, wait
from bench.harness import Row, workspace
from sitewarden.config import RtspOutSettings, write_settings
from sitewarden.domain.video.model import Camera

TITLE = "RTSP out: 1080p30 of 4 Mbit/s to other systems, RTP inside the connection"
CAMERAS = 4
CLIENTS = int(os.environ.get("SITEWARDEN_BENCH_CLIENTS", "128"))
SECONDS = float(os.environ.get("SITEWARDEN_BENCH_SECONDS", "10"))
SOURCE = 8554
PORTS = {"rtsp": 554, "rtsps": 322}


def run() -> list[Row]:
    """Return the figures."""
    with workspace("rtspout") as base:
        rig = Rig(base / "data", tls=True)
        rig.settings = msgspec.structs.replace(rig.settings, rtsp_out=RtspOutSettings(enabled=True, clients=4096))
        write_settings(rig.file, rig.settings)
        rig.put(Camera(id=f"cam-{n}", name=f"Camera {n}", url=f"rtsp://{HOST}:{SOURCE}/cam-{n}") for n in range(CAMERAS))
        with beside(["sim.camera_fleet", "--host", HOST, "--port", str(SOURCE), "--count", str(CAMERAS)]):
            rig.start()
            try:
                token = _ready(rig)
                time.sleep(3)
                return [_measure(rig, scheme, token) for scheme in PORTS]
            finally:
                rig.stop()


def _ready(rig: Rig) -> str:
    """Return a token to play with, once every camera is there."""
    with rig.client() as client:
        wait(lambda: online(client, "camera") == CAMERAS, 60, "every camera")
        body = {"name": "Wall", "user": "admin", "actions": ["camera.live", "camera.playback"]}
        answer = client.post("/tokens", json=body)
        answer.raise_for_status()
        return str(answer.json()["token"])


def _measure(rig: Rig, scheme: str, token: str) -> Row:
    urls = [f"{scheme}://{HOST}:{PORTS[scheme]}/cameras/cam-{n}/live" for n in range(CAMERAS)]
    authority = [str(Path(rig.places.tls) / "ca.pem")] if scheme == "rtsps" else []
    command = [sys.executable, "-m", "bench._rtsp_viewers", ",".join(urls), str(CLIENTS), str(SECONDS), *authority]
    web = [psutil.Process(pid) for name, pid in rig.pids().items() if name.startswith("web")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True) as clients:
        assert clients.stdin is not None
        assert clients.stdout is not None
        clients.stdin.write(f"admin {token}\n")
        clients.stdin.flush()
        if clients.stdout.readline() != "counting\n":
            raise RuntimeError("the clients did not play")
        before = _used(web)
        found = json.loads(clients.stdout.readline())
        spent = _used(web) - before
    share = found["bytes"] * 8 / SECONDS / CLIENTS / 4e6
    return Row(
        name=f"clients a core, {scheme}",
        value=CLIENTS * SECONDS / spent,
        unit="clients",
        note=f"{found['connected']} connected, each got {share:.0%} of 4 Mbit/s",
    )


def _used(processes: list[psutil.Process]) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in processes)
