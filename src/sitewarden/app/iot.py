"""The iot process: connectors to machines, their latest values, and the one writer of the samples."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sitewarden.app.worker import Worker
from sitewarden.config import Settings
from sitewarden.domain.clock import DAY, Clock
from sitewarden.domain.errors import Refusal
from sitewarden.net import Network
from sitewarden.services.points.worker import IotWorker
from sitewarden.store.interfaces import SampleStore
from sitewarden.store.sqlite import SqliteSampleStore

log = logging.getLogger(__name__)

RETENTION_SECONDS = 600.0


async def run(name: str, settings: Settings, network: Network, clock: Clock, ready: Callable[[], None]) -> None:
    """Serve until cancelled."""
    worker = Worker(name, settings, network, clock)
    store = SqliteSampleStore.open(worker.places.samples)
    points = IotWorker(worker.bus, network, clock, store, worker.status)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(worker.run(), name="worker")
            group.create_task(points.run(), name="points")
            group.create_task(_retain(store, settings, clock), name="retention")
            async for assigned in worker.assignments():
                worker.keep({reference for item in assigned.endpoints for reference in item.spec.owned()})
                await points.configure([(item.driver, item.spec) for item in assigned.endpoints])
                ready()
    finally:
        await store.close()
        await worker.close()


async def _retain(store: SampleStore, settings: Settings, clock: Clock) -> None:
    while True:
        await asyncio.sleep(RETENTION_SECONDS)
        try:
            await store.retain(before=clock.now() - settings.limits.sample_days * DAY)
        except Refusal as refusal:
            log.warning("old samples stay: %s", refusal)
