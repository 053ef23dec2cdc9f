"""A real node for a bench: its own data directory, entities given in one transaction, started as `sitewarden run`."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from sitewarden.app.places import Places
from sitewarden.app.platform import Platform
from sitewarden.app.setup import create
from sitewarden.app.supervisor import read_processes
from sitewarden.config import Settings, TlsSettings, write_settings
from sitewarden.domain.entities import KINDS
from sitewarden.domain.entity import Entity
from sitewarden.store.interfaces import Change

HOST = "127.0.0.1"
PASSWORD = "a bench password"
READY_SECONDS = 90.0
ROOT = Path(__file__).resolve().parent.parent
_OURS = {name: value for name, value in os.environ.items() if not name.startswith("SITEWARDEN_BENCH_")}
ENVIRONMENT = {**_OURS, "NO_COLOR": "1", "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


class Rig:
    """A node with its processes."""

    def __init__(self, data: Path, *, tls: bool = False) -> None:
        mode = TlsSettings(mode="always" if tls else "auto")
        self.settings = Settings(bind=HOST, data_dir=str(data.resolve()), tls=mode)
        self.places = Places.of(self.settings)
        self.file = data / "sitewarden.toml"
        self.url = f"{'https' if tls else 'http'}://{HOST}:8600"
        self._process: subprocess.Popen[bytes] | None = None
        create(self.settings, "Bench", "UTC", "admin", PASSWORD, demo=False)
        write_settings(self.file, self.settings)

    def put(self, entities: Iterable[Entity]) -> None:
        """Make entities in one transaction; the node must not run."""
        models = {model: kind for kind, model in KINDS.items()}
        changes = [Change(kind=models[type(one)], id=one.id, entity=one, revision=0) for one in entities]
        asyncio.run(_apply(self.settings, changes))

    def start(self) -> float:
        """Start the node; return the seconds until every process serves."""
        started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sitewarden.cli", "run", "--settings", str(self.file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if b"Ready" in line:
                return time.perf_counter() - started
        raise RuntimeError("the node ended before it was ready")

    def stop(self) -> None:
        """Stop the node as Ctrl-C does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(40)
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    def pids(self) -> dict[str, int]:
        """Return the node's processes."""
        return {item.name: item.pid for item in read_processes(self.places.processes) if item.state == "running"}

    def processor_seconds(self) -> dict[str, float]:
        """Return the processor time that each process has used."""
        found = {}
        for name, pid in self.pids().items():
            times = psutil.Process(pid).cpu_times()
            found[name] = times.user + times.system
        return found

    def memory(self) -> dict[str, float]:
        """Return each process's proportional share of memory, in MiB."""
        return {name: psutil.Process(pid).memory_full_info().pss / 2**20 for name, pid in self.pids().items()}

    def tls(self) -> ssl.SSLContext:
        """Return a client context that trusts the node's own CA."""
        return ssl.create_default_context(cafile=str(self.places.tls / "ca.pem"))

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """Give a signed-in client."""
        verify = self.tls() if self.url.startswith("https") else True
        with httpx.Client(base_url=f"{self.url}/api/v1", headers={"X-Sitewarden": "1"}, timeout=30, verify=verify) as client:
            client.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
            yield client


@contextmanager
def beside(*commands: Sequence[str]) -> Iterator[None]:
    """Run commands beside the block; they are stopped at its end."""
    running = [
        subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        for command in commands
    ]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


async def _apply(settings: Settings, changes: Sequence[Change]) -> None:
    platform = Platform(settings)
    try:
        await platform.state.apply(changes)
    finally:
        await platform.close()
