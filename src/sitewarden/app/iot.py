"""The iot process: connectors to machines, their latest values, and the one writer of the samples."""

from __future__ import annotations

import asyncio
import functools
import logging
import ssl
import sys
from collections.abc import Callable, Mapping

from sitewarden.app.samples import open_samples
from sitewarden.app.worker import Worker
from sitewarden.config import Settings
from sitewarden.domain.clock import DAY, Clock
from sitewarden.domain.errors import Refusal
from sitewarden.domain.refs import ref
from sitewarden.net import Network
from sitewarden.net.interfaces import Tls
from sitewarden.net.tls import Application, application, server_context, serves_tls
from sitewarden.services.points.senders import Senders
from sitewarden.services.points.worker import IotWorker
from sitewarden.store.interfaces import SampleStore
from sitewarden.store.sqlite import SqliteSends

log = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0005
"""How long the thread that seals samples may keep the interpreter from the loop; Python's own default is 5 ms."""
TEND_SECONDS = 15.0
"""Seconds between two looks at what is to be packed; each works for a second at most."""
RETENTION_SECONDS = 600.0


async def run(name: str, settings: Settings, network: Network, clock: Clock, ready: Callable[[], None]) -> None:
    """Serve until cancelled."""
    sys.setswitchinterval(SWITCH_SECONDS)
    worker = Worker(name, settings, network, clock)
    store = await open_samples(settings, network)
    kept: dict[str, str] = {}

    @functools.cache
    def own_tls() -> ssl.SSLContext:
        return server_context(settings, worker.places.tls)

    def face_tls() -> Tls:
        return own_tls() if serves_tls(settings) else None

    @functools.cache
    def opcua() -> Application:
        return application(worker.places.tls, "opcua", f"urn:sitewarden:opcua:{settings.node}")

    sends = SqliteSends.open(worker.places.sends)
    senders = Senders(network, clock, store.reader, sends, worker.status, worker.bus)
    points = IotWorker(
        worker.bus,
        network,
        clock,
        store,
        worker.status,
        face_tls=face_tls,
        own_tls=own_tls,
        application=opcua,
        stored=senders.stored,
    )
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(worker.run(), name="worker")
            group.create_task(points.run(), name="points")
            group.create_task(senders.run(), name="remote write")
            group.create_task(_tend(store, clock), name="tending")
            group.create_task(_retain(store, settings, clock, kept), name="retention")
            async for assigned in worker.assignments():
                kept.clear()
                kept.update(assigned.kept)
                targets = {ref("remote-write", send.id) for send in assigned.sends}
                worker.keep(targets | {reference for item in assigned.endpoints for reference in item.spec.owned()})
                await points.configure([(item.driver, item.spec) for item in assigned.endpoints])
                await senders.configure(assigned.sends, assigned.metrics)
                ready()
    finally:
        await sends.close()
        await store.close()
        await worker.close()


async def _tend(store: SampleStore, clock: Clock) -> None:
    while True:
        more = False
        try:
            more = await store.tend(clock.now())
        except Refusal as refusal:
            log.warning("samples are not packed: %s", refusal)
        await asyncio.sleep(1.0 if more else TEND_SECONDS)


async def _retain(store: SampleStore, settings: Settings, clock: Clock, kept: Mapping[str, str]) -> None:
    limits = settings.limits
    days = {"brief": limits.sample_days_brief, "long": limits.sample_days_long}
    while True:
        await asyncio.sleep(RETENTION_SECONDS)
        now = clock.now()
        try:
            await store.retain(
                before=now - limits.sample_days * DAY,
                of={point: now - days[class_] * DAY for point, class_ in kept.items() if class_ in days},
                rolls_before=now - limits.rollup_days * DAY,
            )
        except Refusal as refusal:
            log.warning("old samples stay: %s", refusal)
