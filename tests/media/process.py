"""A media process for tests that kill it or fill its disk: `python -m tests.media.process DIR URL SEGMENT_SECONDS`.

Prints a line of JSON for every event; ends at SIGTERM.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sitewarden.config import Settings
from sitewarden.domain.events import Event
from sitewarden.drivers import registry
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.media.recorder import RecorderSettings
from sitewarden.media.worker import MediaWorker
from sitewarden.net.network import LocalNetwork
from sitewarden.store.sqlite import SqliteSegmentIndex
from tests.media.support import camera, volume_at


async def emit(events: Sequence[Event], confirm: Any = None) -> None:
    for event in events:
        sys.stdout.write(json.dumps({"type": event.type, "time": event.time, "text": event.text, "data": event.data}) + "\n")
    sys.stdout.flush()


async def main() -> None:
    folder, url, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    net = LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", folder / "run")
    index = SqliteSegmentIndex.open(folder / "segments.db")
    settings = RecorderSettings(segment_seconds=seconds, min_free_bytes=0)
    worker = MediaWorker(
        net, SystemClock(), index, volume_at(folder / "media"), emit, socket=folder / "run" / "live.sock", settings=settings
    )
    context = Context(
        net=net, clock=SystemClock(), emit=emit, samples=lambda batch: None, status=lambda status: None, media=worker.hub
    )
    supervisor = Supervisor(context, registry.load)
    task = asyncio.create_task(worker.run())
    await worker.started.wait()
    worker.configure([camera()])
    await supervisor.reconcile([("rtsp", EndpointSpec(id="lobby", name="Lobby", config={"url": url}, ref="camera:lobby"))])
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await supervisor.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await index.close()
    await net.close()


if __name__ == "__main__":
    asyncio.run(main())
