"""The core process: state, event log, bus, services, decisions, the controllers' listener. Nothing long runs here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from sitewarden.app import backup_job
from sitewarden.app.endpoints import Assignment, assignment, share
from sitewarden.app.event_retention import Retention
from sitewarden.app.homes import open_homes
from sitewarden.app.listeners import NUMBERS, NodeListeners
from sitewarden.app.local import TARGET as LOCAL_TARGET
from sitewarden.app.platform import Platform
from sitewarden.app.supervisor import ProcessStatus, read_processes
from sitewarden.app.worker import ASSIGNMENT, CHANGED, tell_ledger
from sitewarden.config import Settings, SettingsFile
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.domain.site import Site
from sitewarden.drivers import registry
from sitewarden.kit.context import Context
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import link_client_context, link_server_context
from sitewarden.services.invoke import TARGET as INVOKE_TARGET
from sitewarden.services.nearby import boards
from sitewarden.services.nearby.asking import Asker
from sitewarden.services.status import TOPIC as STATUS_TOPIC
from sitewarden.store.interfaces import Change

log = logging.getLogger(__name__)

WATCH_SECONDS = 0.5
RETENTION_SECONDS = 600.0


async def run(
    name: str,
    settings: Settings,
    network: LocalNetwork,
    clock: Clock,
    ready: Callable[[], None],
    file: SettingsFile | None = None,
) -> None:
    """Serve until cancelled. `file` is where the settings came from, for a change of a port."""
    platform = Platform(settings, file, await open_homes(settings, network, clock))
    if file is not None:
        platform.backups.spawn = partial(backup_job.make, file.path)
    platform.spool.clear()
    try:
        await platform.identity.prepare()
        await Core(name, platform, network, clock).run(ready)
    finally:
        await platform.close()


class Core:
    """The running parts around a platform."""

    def __init__(self, name: str, platform: Platform, network: LocalNetwork, clock: Clock) -> None:
        self._name = name
        self._platform = platform
        self._network = network
        self._clock = clock
        platform.nearby.asker = Asker(network, platform.settings.bind)
        platform.nearby.boards = partial(boards.search, network, platform.settings.bind)
        self._drivers = Supervisor(self._context(), registry.load)
        self._changed = asyncio.Event()
        self._started = clock.now()
        self._told = 0
        platform.probes.attach(network)

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve until cancelled."""
        platform, bus = self._platform, self._platform.bus
        bus.serve(INVOKE_TARGET, platform.dispatcher.serve)
        bus.serve(LOCAL_TARGET, platform.local.serve)
        platform.machines.attach()
        bus.serve(ASSIGNMENT, self._assign)
        bus.serve(NUMBERS, self._numbers)
        platform.devices.attach(self._network)
        platform.cameras.attach(self._network)
        platform.announcement.attach(self._network)
        platform.port_changes.attach(NodeListeners(bus, self._network, platform.settings))
        platform.state.watch(self._state_changed)
        async with asyncio.TaskGroup() as group:
            for service in platform.services:
                group.create_task(service.run(), name=type(service).__name__)
            group.create_task(platform.state.run(), name="outbox relay")
            await self._reconcile()
            await bus.listen(self._network, platform.places.bus)
            group.create_task(tell_ledger(bus, self._name, self._network), name="ledger")
            group.create_task(self._follow_changes(), name="changes")
            group.create_task(self._watch_processes(), name="processes")
            group.create_task(self._watch_database(), name="database")
            group.create_task(self._retain(), name="retention")
            number, digest = platform.state.audit_head()
            await self._tell("system.started", {"process": self._name, "audit": f"{number} {digest}"})
            platform.uses.keep()
            ready()
        await self._drivers.close()

    def _context(self) -> Context:
        platform = self._platform
        return Context(
            net=self._network,
            clock=self._clock,
            emit=platform.bus.emit,
            samples=lambda batch: None,
            status=lambda status: platform.bus.publish(STATUS_TOPIC, msgspec.msgpack.encode(status)),
            inquire=platform.inquire,
            confirmed=platform.log.confirmed,
            tls=link_server_context(platform.node, platform.authority.file),
            dial_tls=link_client_context(platform.authority.file, platform.node),
            node=platform.settings.node,
            strangers=platform.access.pairing.desk.admit if platform.access.pairing else None,
        )

    async def _assign(self, body: bytes) -> bytes:
        worker = msgspec.msgpack.decode(body, type=str)
        role, _, number = worker.partition("-")
        whole = assignment(self._platform.state, role, self._platform.secrets.open)
        count = self._platform.settings.processes.media if role == "media" else 1
        return msgspec.msgpack.encode(share(whole, int(number or 0), count))

    async def _numbers(self, body: bytes) -> bytes:
        return msgspec.msgpack.encode(self._platform.port_changes.numbers)

    def _state_changed(self, changes: Sequence[Change]) -> None:
        self._changed.set()
        if any(isinstance(change.entity, Site) and not change.entity.demo for change in changes):
            self._platform.places.demo_over.touch()

    async def _follow_changes(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            self._platform.bus.publish(CHANGED, b"")
            self._platform.uses.keep()
            await self._reconcile()

    async def _reconcile(self) -> None:
        wanted: Assignment = assignment(self._platform.state, "core", self._platform.secrets.open)
        await self._drivers.reconcile([(item.driver, item.spec) for item in wanted.endpoints])
        self._platform.bus.claim(self._drivers.entities(), self._drivers.execute)

    async def _watch_processes(self) -> None:
        """Tell when a process of the node was lost and is back, as the supervisor writes it down."""
        known = {item.name: item for item in self._read_processes()}
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for item in self._read_processes():
                before = known.get(item.name)
                known[item.name] = item
                if before is None:
                    continue
                if item.restarts != before.restarts:
                    await self._platform.port_changes.process_lost(item.name)
                    await self._tell("system.worker.lost", {"process": item.name, "detail": item.detail or "it was killed"})
                if item.state == "running" and (before.state != "running" or item.restarts != before.restarts):
                    await self._tell("system.worker.back", {"process": item.name})

    async def _watch_database(self) -> None:
        """Tell when the database was lost and is back; the journal takes both."""
        before = ""
        while True:
            away = self._platform.homes.away()
            if bool(away) != bool(before):
                await self._tell("system.database.away" if away else "system.database.back", {"detail": away} if away else {})
            before = away
            await asyncio.sleep(WATCH_SECONDS)

    def _read_processes(self) -> list[ProcessStatus]:
        return [item for item in read_processes(self._platform.places.processes) if item.name != self._name]

    async def _retain(self) -> None:
        retention = Retention(self._platform.settings, self._platform.log, self._clock)
        while True:
            await asyncio.sleep(RETENTION_SECONDS)
            try:
                await retention.once()
            except Refusal as refusal:
                log.warning("old events stay: %s", refusal)

    async def _tell(self, type_: str, data: dict[str, str]) -> None:
        self._told += 1
        event = Event(
            key=f"node/{self._started}/{self._told}",
            type=type_,
            entity=ref("node", self._platform.settings.node),
            time=self._clock.now(),
            severity=severity(type_),
            text=describe(type_, data),
            data=data,
        )
        try:
            await self._platform.bus.emit([event])
        except Refusal as refusal:
            log.warning("%s is not in the log: %s", type_, refusal)
