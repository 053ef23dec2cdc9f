"""A media process: camera sessions, recording, live crossing. It goes on recording while core is down."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Sequence

from sitewarden.app.edge import CameraEdge
from sitewarden.app.endpoints import Assignment
from sitewarden.app.keyframes import KeyFrames
from sitewarden.app.volumes import declare, volumes
from sitewarden.app.worker import Worker
from sitewarden.config import Settings
from sitewarden.domain.access.calendars import Calendar, zone_of
from sitewarden.domain.clock import Clock
from sitewarden.domain.events import Confirm, Event
from sitewarden.domain.status import Status
from sitewarden.drivers import registry
from sitewarden.kit.context import Context
from sitewarden.kit.supervise import Supervisor
from sitewarden.media.backfill import Backfill
from sitewarden.media.duty import Plan
from sitewarden.media.recorder import RecorderSettings
from sitewarden.media.worker import Group, MediaWorker
from sitewarden.net import Network
from sitewarden.net.interfaces import Tls
from sitewarden.net.tls import server_context, serves_tls
from sitewarden.ports import row
from sitewarden.store.sqlite import SqliteFills, SqliteSegmentIndex

FIND = "video.find/"
LIVE = "video.live/"
HEALTH = "video.health/"
MULTICAST = "video.multicast/"
RECORD = "video.record/"
TRIGGER = "video.trigger/"
LOCK = "video.lock/"
FILL = "video.fill/"
"""Bus requests by camera: each is owned by the worker that has the camera."""
STORAGE = "video.storage/"
"""Bus request by process."""


async def run(name: str, settings: Settings, network: Network, clock: Clock, ready: Callable[[], None]) -> None:
    """Serve until cancelled."""
    worker = Worker(name, settings, network, clock)
    places = worker.places
    index = SqliteSegmentIndex.open(places.segments(name))
    specs = volumes(settings)
    declare(specs, network)
    limits = RecorderSettings(min_free_bytes=settings.limits.min_free_bytes, move_bytes=settings.limits.move_bytes)
    media = MediaWorker(
        network,
        clock,
        index,
        specs,
        worker.bus.emit,
        socket=places.run / f"{name}.sock",
        multicast=Group(
            group=settings.multicast_group, ports=row("media-multicast").span or (1025, 65534), settings=settings.multicast
        ),
        settings=limits,
    )

    def status(status: Status) -> None:
        edge.hear(status)
        keys.hear(status)
        worker.status(media.decorate(status))

    async def emit(events: Sequence[Event], confirm: Confirm | None = None) -> None:
        for event in events:
            media.recorder.heard(event)
        await worker.bus.emit(events, confirm)

    @functools.cache
    def face_tls() -> Tls:
        return server_context(settings, places.tls) if serves_tls(settings) else None

    context = Context(
        net=network,
        clock=clock,
        emit=emit,
        samples=lambda batch: None,
        status=status,
        media=media.hub,
        face_tls=face_tls,
        files=settings.video.files,
    )
    supervisor = Supervisor(context, registry.load)
    edge = CameraEdge(network, clock, supervisor.execute)
    keys = KeyFrames(supervisor.execute)
    media.hub.on_starved = keys.want
    fills = SqliteFills.open(places.fills(name))
    media.backfill = Backfill(media.recorder, fills, edge)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(worker.run(), name="worker")
            group.create_task(media.run(), name="media")
            await media.started.wait()
            async for assigned in worker.assignments():
                media.configure(assigned.cameras, plans(assigned))
                edge.configure(assigned)
                keys.configure(assigned.cameras)
                private = media.private()
                worker.keep({item.spec.reference for item in assigned.endpoints} | {one.ref for one in private})
                await supervisor.reconcile([(item.driver, item.spec) for item in assigned.endpoints])
                for one in private:
                    worker.status(one)
                for camera in assigned.cameras:
                    worker.bus.serve(RECORD + camera.id, media.desk.record)
                    worker.bus.serve(TRIGGER + camera.id, media.desk.trigger)
                    worker.bus.serve(LOCK + camera.id, media.desk.lock)
                    worker.bus.serve(FILL + camera.id, media.fill)
                    worker.bus.serve(FIND + camera.id, media.find)
                    worker.bus.serve(LIVE + camera.id, media.live)
                    worker.bus.serve(HEALTH + camera.id, media.health)
                    worker.bus.serve(MULTICAST + camera.id, media.cast)
                worker.bus.claim(supervisor.entities(), supervisor.execute)
                worker.bus.serve(STORAGE + name, media.desk.storage)
                ready()
    finally:
        await keys.close()
        await supervisor.close()
        await index.close()
        await fills.close()
        await worker.close()


def plans(assigned: Assignment) -> dict[str, Plan]:
    """Return the schedules of an assignment, by id, ready to be asked."""
    zone = zone_of(assigned.zone)
    return {row.id: Plan(row.name, Calendar(row.rules, row.special, zone)) for row in assigned.schedules}
