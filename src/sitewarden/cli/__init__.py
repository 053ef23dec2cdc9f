"""The command line: one verb a function, no logic. `main` turns a refusal into one clear sentence and exit status 1."""

from __future__ import annotations

import os

# Each file adds its commands to the application; `--help` lists them in this order.
# isort: off
from sitewarden.cli import node, log, points, history, doors, cameras, people, controllers, multicast, rtsp, network
from sitewarden.cli import recording, users, backup

# isort: on
from sitewarden.cli.options import app
from sitewarden.domain.errors import Refusal

__all__ = [
    "app",
    "backup",
    "cameras",
    "controllers",
    "doors",
    "history",
    "log",
    "main",
    "multicast",
    "network",
    "node",
    "people",
    "points",
    "recording",
    "rtsp",
    "users",
]


def main() -> None:
    """Run the command line. What it writes is this user's alone."""
    os.umask(0o077)
    try:
        app()
    except Refusal as problem:
        from sitewarden.app import show

        show.refusal(problem)
        raise SystemExit(1) from None
