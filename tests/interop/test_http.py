"""HTTP against peers that are not ours: curl pushes with TLS and a key; Python's http.server is asked, killed and restarted."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from sitewarden.config import Settings
from sitewarden.config.model import TlsSettings
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.http.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.tls import server_context
from tests.kit.fakes import Recorder
from tests.kit.listening import ListenNetwork

pytestmark = pytest.mark.interop
PATIENCE = 60.0
KEY = "a key that curl sends"
DEVICE = """
import itertools, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

count = itertools.count(int(sys.argv[3]))

class Handler(BaseHTTPRequestHandler):
    protocol_version = sys.argv[4]
    def do_GET(self):
        body = b'{"v": %d}' % next(count)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
"""


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    yield Recorder()


def free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def device(**config: object) -> DeviceSpec:
    return DeviceSpec(id="d", name="D", config=config, points=(Point(id="v", name="V", device="d", address={"path": "/v"}),))


def values(recorder: Recorder) -> list[object]:
    return [batch.values[0] for batch in recorder.batches if batch.qualities[0] == Quality.GOOD]


async def test_curl_pushes_over_tls_with_its_key(host: str, tmp_path: Path, recorder: Recorder) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("needs curl (scripts/system-packages.sh)")
    port = free_port(host)
    context = server_context(Settings.for_test(host, tmp_path, tls=TlsSettings(names=(host,))), tmp_path / "tls")
    supervisor = Supervisor(
        replace(recorder.context(ListenNetwork(host)), own_tls=lambda: context), lambda _name: DRIVER, steady=0.0
    )
    config = {"mode": "server", "port": port, "tls": "on", "most": 4096}
    spec = EndpointSpec(id="e", name="E", config=config, devices=(device(key_hash=hashlib.sha256(KEY.encode()).hexdigest()),))
    large = tmp_path / "large.json"
    large.write_bytes(b'{"v": 8, "x": "' + b"x" * 3000 + b'"}')

    async def push(body: str, *more: str) -> str:
        arguments = [curl, "-s", "--cacert", str(tmp_path / "tls" / "ca.pem"), "-w", " %{http_code}", "-d", body, *more]
        process = await asyncio.create_subprocess_exec(*arguments, f"https://{host}:{port}/", stdout=subprocess.PIPE)
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        return said.decode().strip()

    bearer = ("-H", f"Authorization: Bearer {KEY}")
    try:
        await supervisor.reconcile([("http", spec)])
        await recorder.until(lambda: recorder.statuses, PATIENCE)
        assert await push('{"v": 7}', *bearer) == "204"
        assert await push(f"@{large}", *bearer, "-H", "Expect: 100-continue", "-H", "Transfer-Encoding: chunked") == "204"
        assert await push('{"v": 9}', "-H", "Authorization: Bearer wrong") == '{"error":"No device has this key."} 401'
        assert (await push(f"@{large}", *bearer, "-d", f"@{large}")).endswith("413")
    finally:
        await supervisor.close()
    assert values(recorder) == [7.0, 8.0]


@pytest.mark.parametrize("protocol", ["HTTP/1.1", "HTTP/1.0"])
async def test_a_device_is_killed_in_mid_load_and_comes_back(
    host: str, tmp_path: Path, recorder: Recorder, protocol: str
) -> None:
    script = tmp_path / "device.py"
    script.write_text(DEVICE)
    port = free_port(host)

    def start(first: int) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, str(script), host, str(port), str(first), protocol]
        return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    supervisor = Supervisor(
        recorder.context(ListenNetwork(host)), lambda _name: DRIVER, backoff=lambda: Backoff(0.05, 0.2), steady=0.0
    )
    config = {"mode": "client", "host": host, "port": port, "bad_after": 60.0}
    spec = EndpointSpec(id="e", name="E", config=config, devices=(device(path="/state", every=0.1),))
    running = start(1_000)
    try:
        await supervisor.reconcile([("http", spec)])
        await recorder.until(lambda: len(values(recorder)) > 5, PATIENCE)
        running.kill()
        running.wait()
        await recorder.until(lambda: recorder.batches[-1].qualities[0] == Quality.UNCERTAIN_LAST_KNOWN_VALUE, PATIENCE)
        running = start(2_000)
        await recorder.until(lambda: values(recorder)[-1] == 2_003, PATIENCE)
    finally:
        running.kill()
        running.wait()
        await supervisor.close()
    assert [value for value in values(recorder) if isinstance(value, float) and value >= 2_000] == [2000, 2001, 2002, 2003]
