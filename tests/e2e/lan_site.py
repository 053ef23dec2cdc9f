"""A node on a computer of a lan: set up as an installer does, started, and asked from the other computers."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.site import ENVIRONMENT, until
from tests.lan import Computer

READY_SECONDS = 60.0
PASSWORD = "correct horse battery"


class Node:
    """A running node."""

    def __init__(self, computer: Computer, directory: Path) -> None:
        self.computer, self.directory = computer, directory
        self.data = directory / "data"
        self.settings = directory / "sitewarden.toml"
        self.ca = self.data / "tls" / "ca.pem"

    def cli(self, *arguments: str, on: Computer | None = None, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run the command line on a computer, the node's own unless named."""
        command = [sys.executable, "-m", "sitewarden.cli", *arguments]
        return (on or self.computer).run(command, env=ENVIRONMENT, cwd=self.directory, timeout=timeout)

    def asked(self, *arguments: str, on: Computer | None = None, timeout: float = 60.0) -> Any:
        """Return what a command prints with --json, whatever its exit status."""
        done = self.cli(*arguments, "--json", on=on, timeout=timeout)
        assert done.stdout, f"{arguments}: {done.stderr}"
        return json.loads(done.stdout)


@contextmanager
def node(computer: Computer, directory: Path, site_name: str = "Lan", **settings: str) -> Iterator[Node]:
    """Set up a node on a computer, start it, and give it once it serves. `settings` are lines of its settings file."""
    made = Node(computer, directory)
    done = made.cli(
        "init", "--yes", "--bind", "0.0.0.0", "--data-dir", str(made.data), "--site-name", site_name, "--timezone", "UTC",
        "--admin", "admin", "--admin-password", PASSWORD,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    if settings:
        lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
        made.settings.write_text(lines + made.settings.read_text())
    output = directory / "output.txt"
    with output.open("wb") as file:
        process = computer.popen(
            [sys.executable, "-m", "sitewarden.cli", "run"], env=ENVIRONMENT, cwd=directory, stdout=file, stderr=subprocess.STDOUT
        )
        until(lambda: process.poll() is not None or "Ready" in output.read_text(), READY_SECONDS, output.read_text)
        assert process.poll() is None, output.read_text()
        try:
            yield made
        finally:
            process.terminate()
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
