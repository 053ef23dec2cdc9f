"""A whole node that serves RTSP to other systems: its ports, its addresses, a stream and a recording pulled by ffprobe."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.site import ENVIRONMENT, Site, until
from tests.netns import namespace

pytestmark = pytest.mark.e2e
SECOND = 1_000_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running demo site with RTSP out."""
    data = tmp_path_factory.mktemp("site") / "data"
    with namespace() as isolated:
        if not isolated:
            pytest.skip("network namespaces are not permitted here, and 322 and 554 need a right")
        running = Site(Path(data), "127.0.0.1", SITEWARDEN_RTSP_OUT_ENABLED="true")
        running.start()
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="module")
def token(site: Site) -> str:
    with site.client() as client:
        body = {"name": "Recorder", "user": "admin", "actions": ["camera.live", "camera.playback"]}
        answer = client.post("/tokens", json=body)
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["token"]
        return found


def probe(address: str) -> dict[str, Any]:
    done = subprocess.run(
        [*("ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_streams", "-show_packets"), "-of", "json", address],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_ports_are_open_and_told(site: Site, client: httpx.Client) -> None:
    def told() -> dict[str, Any]:
        found: dict[str, Any] = client.get("/cameras/lobby/rtsp").json()
        return found

    until(lambda: all(door["open"] for door in told()["doors"]), 20, lambda: str(told()))
    assert [(door["scheme"], door["port"]) for door in told()["doors"]] == [("rtsps", 322), ("rtsp", 554)]
    assert (told()["enabled"], told()["udp"], told()["live"]) == (True, True, "/cameras/lobby/live")


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps"])
def test_a_recording_is_pulled_to_its_end(site: Site, client: httpx.Client, token: str, scheme: str) -> None:
    def items() -> list[dict[str, Any]]:
        now = time.time_ns() // 1000
        found: list[dict[str, Any]] = client.get(
            "/cameras/lobby/recordings", params={"start": now - 3600 * SECOND, "end": now + 60 * SECOND}
        ).json()["items"]
        return found

    until(lambda: any(item["end"] - item["start"] > 5 * SECOND for item in items()))
    start = items()[-1]["start"] + SECOND
    number = 554 if scheme == "rtsp" else 322
    path = f"/cameras/lobby/recorded?start={start}&end={start + 2 * SECOND}"
    found = probe(f"{scheme}://admin:{token}@{site.host}:{number}{path}")
    assert (found["streams"][0]["codec_name"], found["streams"][0]["width"]) == ("h264", 640)
    assert 20 <= len([one for one in found["packets"] if one["codec_type"] == "video"]) <= 80
    log = client.get("/audit", params={"limit": 100}).json()["items"]
    assert any((one["action"], one["entity"]) == ("camera.playback", "camera:lobby") for one in log)


def test_a_wrong_token_sees_nothing(site: Site) -> None:
    with pytest.raises(AssertionError, match="401"):
        probe(f"rtsp://admin:swt_wrong@{site.host}:554/cameras/lobby/live")


def test_a_camera_that_publishes_is_seen_recorded_and_refused_without_its_key(
    site: Site, client: httpx.Client, tmp_path: Path
) -> None:
    made = client.post("/cameras", json={"name": "Roof", "driver": "rtmp"})
    assert made.status_code == 201, made.text
    told = client.post("/cameras/roof/stream-key").json()
    assert (told["address"]["port"], told["address"]["path"]) == (1935, "/live/roof")
    until(lambda: client.get("/cameras/roof/publishing").json()["open"], 60)

    complaints = tmp_path / "encoder.log"

    def publish(key: str) -> subprocess.Popen[bytes]:
        command = f"{sys.executable} -m sim.rtmp_publisher --host {site.host} --camera roof --key {key}"
        with complaints.open("ab") as log:
            return subprocess.Popen(command.split(), stderr=log, env=ENVIRONMENT)

    def state() -> str:
        return (client.get("/cameras/roof").json()["status"] or {}).get("state", "")

    def dialled_again() -> bool:
        """Start the encoder anew where it ended, as encoders do."""
        nonlocal encoder
        if encoder.poll() is not None:
            encoder = publish(told["key"])
        return state() == "online"

    assert publish("another-key").wait(60) != 0
    encoder = publish(told["key"])
    try:
        until(dialled_again, 120, lambda: f"{client.get('/cameras/roof').json()['status']} {complaints.read_text()[-2000:]}")
        now = time.time_ns() // 1000
        span = {"start": now - 600 * SECOND, "end": now + 600 * SECOND}
        until(lambda: client.get("/cameras/roof/recordings", params=span).json()["items"], 60)
    finally:
        encoder.kill()
        encoder.wait()
    until(lambda: client.get("/cameras/roof").json()["status"]["state"] == "offline", 60)
    types = {one["event"]["type"] for one in client.get("/events", params={"entity": "camera:roof", "limit": 50}).json()["items"]}
    assert {"camera.publish-refused", "camera.online", "camera.offline"} <= types
    assert client.delete("/cameras/roof").status_code in (200, 204)
