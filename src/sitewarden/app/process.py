"""Entry of the node's own processes: `python -m sitewarden.app.process NAME --settings FILE`, started by the supervisor."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

from sitewarden.app.places import Places
from sitewarden.app.supervisor import end_with_parent
from sitewarden.config import Settings, SettingsFile, load
from sitewarden.domain.errors import Refusal
from sitewarden.kit.clock import SystemClock
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork

log = logging.getLogger("sitewarden")

COLLECT: Final = (10_000, 20, 20)
"""Thresholds of the collector: with the interpreter's own, a burst of records spends a fifth of its time in collections."""

Run = Callable[[str, Settings, LocalNetwork, SystemClock, Callable[[], None]], Awaitable[None]]
"""(name, settings, network, clock, ready) -> serves until cancelled; calls `ready` once it serves."""

ROLES = {
    "core": "sitewarden.app.core",
    "web": "sitewarden.app.web",
    "media": "sitewarden.app.media",
    "iot": "sitewarden.app.iot",
}


def main() -> int:
    """Run one process until it is told to stop; return the exit status."""
    parser = argparse.ArgumentParser(description="One process of a Sitewarden node; started by `sitewarden run`.")
    parser.add_argument("name")
    parser.add_argument("--settings", type=Path, required=True)
    arguments = parser.parse_args()
    end_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.umask(0o077)
    try:
        settings = load(arguments.settings)
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_until_told(arguments.name, settings, SettingsFile(arguments.settings)))
    except Refusal as refusal:
        log.error("%s", refusal)
        return 1
    return 0


async def _until_told(name: str, settings: Settings, file: SettingsFile) -> None:
    role = name.partition("-")[0]
    module = import_module(ROLES[role])
    # Core alone writes the file, when a change of a port is kept.
    run: Run = partial(module.run, file=file) if role == "core" else module.run
    places = Places.of(settings)
    network = LocalNetwork(settings, name)

    def ready() -> None:
        mark = places.ready(name)
        # A worker says so again after each change of what it has to do.
        first = gc.get_freeze_count() == 0
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(str(os.getpid()))
        if first:
            # What is there now stays: no collection shall walk through it, which would hold the loop for as long.
            gc.collect()
            gc.freeze()
            gc.set_threshold(*COLLECT)

    work = asyncio.ensure_future(run(name, settings, network, SystemClock(), ready))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        log.info("%s stops", name)
    finally:
        await network.close()


if __name__ == "__main__":
    raise SystemExit(main())
