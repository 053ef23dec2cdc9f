"""A whole node for a test: started as a person starts it, asked over HTTP as a program asks, killed without mercy."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from sitewarden.app.supervisor import ProcessStatus, read_processes

T = TypeVar("T")
READY_SECONDS = 60.0
ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


class Site:
    """A demo site in a directory of its own."""

    def __init__(self, data: Path, host: str, **environment: str) -> None:
        """`environment` is given to every process of the node beside what they all get."""
        self._environment = environment
        self.data = data
        self.host = host
        self.url = f"http://{host}:8600"
        self.password = ""
        self._cookies = httpx.Cookies()
        self._process: subprocess.Popen[bytes] | None = None
        self.output = data.parent / "output.txt"

    def start(self) -> None:
        """Start the demo and wait until it says that it is ready."""
        offset = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sitewarden.cli", "demo", "--bind", self.host],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                # A flag beats the environment, for every process of the node.
                env={**ENVIRONMENT, **self._environment, "SITEWARDEN_DATA_DIR": str(self.data), "SITEWARDEN_BIND": "127.0.0.9"},
            )

        def ready() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, f"the demo ended:\n{self.output.read_text()}"
            return "Ready" in self.output.read_bytes()[offset:].decode()

        try:
            until(ready, READY_SECONDS, lambda: f"not ready:\n{self.output.read_text()}")
        except AssertionError:
            if self._process.poll() is None:
                self.stop()
            raise
        if not self.password:
            found = re.search(r"password:?\s+(\S+)", self.output.read_text())
            assert found, self.output.read_text()
            self.password = found[1]

    def stop(self) -> int:
        """Press Ctrl-C and wait for the end."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(30)
        self._process = None
        return code

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """Give an HTTP client that is signed in as the first administrator."""
        base = f"{self.url}/api/v1"
        with httpx.Client(base_url=base, headers={"X-Sitewarden": "1"}, cookies=self._cookies, timeout=60) as client:
            # One session serves many tests: the server limits how often one address signs in.
            if client.get("/session").status_code != 200:
                answer = client.post("/session", json={"username": "admin", "password": self.password})
                assert answer.status_code == 200, f"sign-in was refused: {answer.text}"
                self._cookies = client.cookies
            yield client

    def process(self, name: str) -> ProcessStatus:
        """Return what the supervisor says of one process."""
        return next(item for item in read_processes(self.data / "run" / "processes.json") if item.name == name)

    def kill(self, name: str) -> ProcessStatus:
        """Kill a process with SIGKILL and wait until another one runs in its place."""
        before = self.process(name)
        os.kill(before.pid, signal.SIGKILL)
        until(lambda: self.process(name).state == "running" and self.process(name).pid != before.pid)
        return self.process(name)

    @contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """Let a process stand still: what it holds stays open, and it answers nothing."""
        pid = self.process(name).pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


def until(condition: Callable[[], T], seconds: float = 60.0, why: Callable[[], str] = lambda: "") -> T:
    """Return the first true value of `condition`; fail when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, why() or f"did not come within {seconds} s"
        time.sleep(0.05)


def items(client: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """Return the items of a listing."""
    response = client.get(path, params=params)
    response.raise_for_status()
    found: list[dict[str, Any]] = response.json()["items"]
    return found
