"""Debian's Prometheus as a peer: started on made-up samples that remote-write brings it, asked over its HTTP API."""

from __future__ import annotations

import http.client
import json
import math
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

STALE = 0x7FF0000000000002
"""Bits of the NaN that ends a series."""


@dataclass
class Made:
    """A series: milliseconds and values; a value of None is a stale marker."""

    labels: dict[str, str]
    times: list[int] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _message(tag: int, body: bytes) -> bytes:
    return bytes([tag << 3 | 2]) + varint(len(body)) + body


def write_request(series: Sequence[Made]) -> bytes:
    """prometheus.WriteRequest."""
    out = bytearray()
    for one in series:
        body = bytearray()
        for name, value in sorted(one.labels.items()):
            body += _message(1, _message(1, name.encode()) + _message(2, value.encode()))
        for moment, value in zip(one.times, one.values, strict=True):
            bits = struct.pack("<Q", STALE) if value is None else struct.pack("<d", value)
            body += _message(2, b"\x09" + bits + b"\x10" + varint(moment))
        out += _message(1, bytes(body))
    return bytes(out)


def snappy(data: bytes) -> bytes:
    """A block of literals alone, which every reader takes."""
    out = bytearray(varint(len(data)))
    for start in range(0, len(data), 60):
        part = data[start : start + 60]
        out.append((len(part) - 1) << 2)
        out += part
    return bytes(out)


class Prometheus:
    """One that runs."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._connection = http.client.HTTPConnection(host, port, timeout=60)

    def ask(self, path: str, **parameters: Any) -> Any:
        """Return the answer of the API, whatever its status."""
        body = urlencode(parameters, doseq=True)
        self._connection.request("POST", f"/api/v1/{path}", body, {"content-type": "application/x-www-form-urlencoded"})
        return json.loads(self._connection.getresponse().read())

    def get(self, path: str, **parameters: Any) -> Any:
        self._connection.request("GET", f"/api/v1/{path}?{urlencode(parameters, doseq=True)}")
        return json.loads(self._connection.getresponse().read())

    def ready(self) -> bool:
        try:
            self._connection.request("GET", "/-/ready")
            answer = self._connection.getresponse()
            answer.read()
            return answer.status == 200
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return False

    def close(self) -> None:
        self._connection.close()

    def write(self, series: Sequence[Made]) -> None:
        """Write samples in order of time, as it demands."""
        moments = sorted({moment // 1_800_000 for one in series for moment in one.times})
        for half_hour in moments:
            part = []
            for one in series:
                kept = [
                    (moment, value)
                    for moment, value in zip(one.times, one.values, strict=True)
                    if moment // 1_800_000 == half_hour
                ]
                if kept:
                    part.append(Made(one.labels, [moment for moment, _ in kept], [value for _, value in kept]))
            headers = {
                "content-encoding": "snappy",
                "content-type": "application/x-protobuf",
                "x-prometheus-remote-write-version": "0.1.0",
            }
            self._connection.request("POST", "/api/v1/write", snappy(write_request(part)), headers)
            answer = self._connection.getresponse()
            said = answer.read()
            assert answer.status == 204, said


@contextmanager
def prometheus(host: str, port: int, directory: Path, settings: str = "global: {}\n") -> Iterator[Prometheus]:
    """Run it with `settings` (YAML); skipped where it is not installed."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("needs prometheus (scripts/system-packages.sh)")
    config = directory / "prometheus.yml"
    config.write_text(settings)
    arguments = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'tsdb'}",
        f"--web.listen-address={host}:{port}",
        "--web.enable-remote-write-receiver",
        "--storage.tsdb.retention.time=3000d",
        "--log.level=error",
    ]
    with (directory / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(arguments, stdout=log, stderr=log)
    peer = Prometheus(host, port)
    try:
        end = time.monotonic() + 60
        while not peer.ready():
            assert process.poll() is None and time.monotonic() < end, (directory / "prometheus.log").read_text()
            time.sleep(0.05)
        yield peer
    finally:
        peer.close()
        process.kill()
        process.wait()


def same_number(left: str, right: str, tolerance: float = 1e-9) -> bool:
    """Tell whether two values are one but for how floats are added up."""
    a, b = float(left), float(right)
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-9)
