"""What `make run` starts must be importable from anywhere, not only from the source tree's directory."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest


def test_the_installed_program_finds_its_simulated_machines(tmp_path: Path) -> None:
    try:
        importlib.metadata.version("sitewarden")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("sitewarden is not installed in this environment (make install)")
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([sys.executable, "-c", "import sitewarden.cli, sim.demo"], cwd=tmp_path, env=clean, check=True, timeout=60)
