"""Tracer path (b): a camera streams, is recorded without transcoding, is listed, played back, and seen live."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import av
import httpx
import PIL.Image
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sitewarden.app.verify import examine
from tests.e2e.site import ENVIRONMENT, ROOT, Site, until

pytestmark = pytest.mark.e2e
SECOND = 1_000_000


def recordings(client: httpx.Client) -> list[dict[str, Any]]:
    now = time.time_ns() // 1000
    answer = client.get("/cameras/lobby/recordings", params={"start": now - 3600 * SECOND, "end": now + 60 * SECOND})
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_a_recording_is_listed_and_plays_in_any_player(client: httpx.Client, tmp_path: Path) -> None:
    until(lambda: any(item["end"] - item["start"] > 4 * SECOND for item in recordings(client)))
    found = recordings(client)[-1]
    start, end = found["start"] + SECOND, found["start"] + 3 * SECOND
    with client.stream("GET", "/cameras/lobby/playback.mp4", params={"start": start, "end": end}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("video/mp4")
        file = tmp_path / "clip.mp4"
        file.write_bytes(b"".join(answer.iter_bytes()))
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert probe.stderr == ""
    stream = json.loads(probe.stdout)["streams"][0]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 640, 360)
    assert int(stream["nb_read_frames"]) >= 20


def test_live_video_begins_with_a_picture_at_once(site: Site, client: httpx.Client) -> None:
    until(lambda: recordings(client))
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with connect(
        f"ws://{site.host}:8600/api/v1/cameras/lobby/live",
        additional_headers={"Cookie": cookie},
        origin=site.url,
        max_size=1 << 22,  # type: ignore[arg-type]
    ) as live:
        first = json.loads(live.recv(timeout=60))
        assert first["codec"].startswith("avc1.")
        assert (first["width"], first["height"]) == (640, 360)
        init = live.recv(timeout=60)
        assert isinstance(init, bytes)
        assert init[4:8] == b"ftyp"
        for _ in range(10):
            fragment = live.recv(timeout=60)
            assert isinstance(fragment, bytes)
            assert fragment[4:8] == b"moof"


def test_live_video_needs_the_right_to_it(site: Site) -> None:
    url = f"ws://{site.host}:8600/api/v1/cameras/lobby/live"
    with connect(url, origin=site.url) as live, pytest.raises(ConnectionClosed) as closed:  # type: ignore[arg-type]
        while True:
            assert isinstance(live.recv(timeout=60), str), "video came without a sign-in"
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_a_camera_that_is_killed_is_recorded_again_when_it_is_back(site: Site, client: httpx.Client) -> None:
    until(lambda: recordings(client))
    site.kill("sim-camera-lobby")
    mark = time.time_ns() // 1000
    until(lambda: recordings(client)[-1]["end"] > mark + 2 * SECOND)


def test_pictures_of_now_and_of_the_recording_are_given_as_jpeg(site: Site, client: httpx.Client, tmp_path: Path) -> None:
    until(lambda: any(item["end"] - item["start"] > 2 * SECOND for item in recordings(client)))
    now = client.get("/cameras/lobby/snapshot", params={"width": 320}, timeout=60)
    then = client.get("/cameras/lobby/thumbnail", params={"at": recordings(client)[-1]["start"] + SECOND}, timeout=60)
    for answer, size in ((now, (320, 180)), (then, (640, 360))):
        assert answer.headers["content-type"] == "image/jpeg", answer.text
        assert PIL.Image.open(io.BytesIO(answer.content)).size == size
    assert abs(int(now.headers["x-picture-time"]) - time.time_ns() // 1000) < 30 * SECOND
    for option in ([], ["--at", "-0.0003"]):
        saved = tmp_path / "lobby.jpg"
        command = [sys.executable, "-m", "sitewarden.cli", "snapshot", "lobby", "-o", str(saved), *option]
        settings = str(site.data / "sitewarden.toml")
        done = subprocess.run([*command, "-s", settings], capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert PIL.Image.open(io.BytesIO(saved.read_bytes())).size == (640, 360)


def test_an_export_with_a_mask_and_a_watermark_says_so_and_verifies(site: Site, client: httpx.Client, tmp_path: Path) -> None:
    until(lambda: any(item["end"] - item["start"] > 3 * SECOND for item in recordings(client)))
    found = recordings(client)[-1]
    query = {
        "camera": "lobby",
        "start": found["start"],
        "end": found["start"] + 2 * SECOND,
        "reason": "Theft",
        "mask": "lobby:50:0:50:80",
        "watermark": "true",
    }
    answer = client.get("/exports/video.zip", params=query, timeout=60)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        told = examine(archive, None)
        assert told["ok"], told["wrong"]
        (file,) = told["files"]
        assert file["converted"]["masks"] == ((50.0, 0.0, 50.0, 80.0),) and " · " in file["converted"]["watermark"]
        (tmp_path / "film.mp4").write_bytes(archive.read(file["name"]))
    with av.open(str(tmp_path / "film.mp4")) as film:
        pictures = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    assert len(pictures) >= 20
    assert all(one[:286, 322:].max() < 30 < one[:286, :318].max() for one in pictures)


def test_no_server_process_loads_the_codecs_to_record_and_play(site: Site, client: httpx.Client) -> None:
    until(lambda: recordings(client))
    for name in ("core", "media-0", "iot", "web-0"):
        loaded = Path(f"/proc/{site.process(name).pid}/maps").read_text()
        assert "libavcodec" not in loaded, f"{name} loaded PyAV"
