"""The platform in one process: stores, bus, services and the dispatcher put together.

Core runs it; the command line opens it too where no core is running, so that a verb does the same either way.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import psutil

from sitewarden.app.checks import typed_config
from sitewarden.app.doctor import examine, facts_of
from sitewarden.app.endpoints import board_config
from sitewarden.app.homes import Homes, sqlite_homes
from sitewarden.app.places import Places
from sitewarden.app.supervisor import read_processes
from sitewarden.app.uses import Uses
from sitewarden.bus.hub import Hub
from sitewarden.config import Settings, SettingsFile
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import NotFound
from sitewarden.domain.events import StoredEvent
from sitewarden.domain.identity.model import Grant
from sitewarden.drivers import registry
from sitewarden.kit.clock import SystemClock
from sitewarden.net.announcing import teller
from sitewarden.net.exports import Plan, lines, opened
from sitewarden.net.tls import Authority, Signer, Verifier, serves_tls
from sitewarden.ports import MANIFEST, number_of, row
from sitewarden.services.access import AccessService
from sitewarden.services.access.normal import normal
from sitewarden.services.access.pictures import Pictures
from sitewarden.services.access.rights import RightsQuestions
from sitewarden.services.access.what_if import WhatIfs
from sitewarden.services.announcement.nodes import other_than
from sitewarden.services.announcement.service import Announcement
from sitewarden.services.backups import Backups
from sitewarden.services.cameras.adding import CameraAdding
from sitewarden.services.cameras.control import CameraControl
from sitewarden.services.cameras.filling import CameraFilling
from sitewarden.services.cameras.footage import CameraFootage, playable
from sitewarden.services.cameras.publishing import CameraPublishing
from sitewarden.services.cameras.reacting import CameraReacting
from sitewarden.services.cameras.talking import CameraTalk
from sitewarden.services.config_secrets import ConfigSecrets
from sitewarden.services.discovery.devices import FoundDeviceList
from sitewarden.services.dispatch import Dispatcher
from sitewarden.services.doctor import Doctor
from sitewarden.services.entities import Entities
from sitewarden.services.event_export import EventExports, Proof
from sitewarden.services.events import Events
from sitewarden.services.firewall import Firewall
from sitewarden.services.identity import Identity
from sitewarden.services.invoke import Credentials
from sitewarden.services.multicast import Multicast
from sitewarden.services.nearby.service import Nearby
from sitewarden.services.network import Ledgers, NetworkPorts
from sitewarden.services.operations import Caller, Operations
from sitewarden.services.passwords import Passwords
from sitewarden.services.people.exports import Exports
from sitewarden.services.people.imports import Imports
from sitewarden.services.people.states import States
from sitewarden.services.points.browsing import Browsing
from sitewarden.services.points.history import PointHistory
from sitewarden.services.points.keys import DeviceKeys
from sitewarden.services.points.machines import MachineWrites
from sitewarden.services.points.operations import Points
from sitewarden.services.points.tables.files import MachineExports, MachineImports
from sitewarden.services.portchange import PortChanges
from sitewarden.services.probe import Probes, UdpRow
from sitewarden.services.proposal import Get
from sitewarden.services.recording import RecordingDesk
from sitewarden.services.reports.service import Reports
from sitewarden.services.rtsp_out import RtspOut
from sitewarden.services.secrets import SecretBox
from sitewarden.services.sessions import Sessions
from sitewarden.services.setup import Setup
from sitewarden.services.site import SiteFiles
from sitewarden.services.spool import Spool
from sitewarden.services.status import TOPIC as STATUS
from sitewarden.services.status import StatusBoard
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.system import ProcessInfo
from sitewarden.services.system import System
from sitewarden.services.timeseries.readable import Readable
from sitewarden.services.timeseries.receivable import Receivable
from sitewarden.services.video import Video
from sitewarden.services.video_export import VideoExports
from sitewarden.services.video_pictures import VideoPictures
from sitewarden.services.viewings import Viewings
from sitewarden.store.interfaces import EventFilter

PEM_END: Final = "-----END CERTIFICATE-----\n"
LOCAL = Caller(actor="system:cli", grants=(Grant(action="*", selector="*"),))
"""Who may read and write the data directory may do everything: the Unix socket and the files are this user's alone."""


@dataclass(frozen=True, slots=True)
class Everyone:
    """The authenticator of the node's own command line."""

    async def authenticate(self, credentials: Credentials, remote: str) -> Caller:
        return LOCAL


class Running(Protocol):
    """A service with work of its own beside its operations."""

    async def run(self) -> None: ...


class Platform:
    """All that core consists of, without a port."""

    def __init__(self, settings: Settings, file: SettingsFile | None = None, homes: Homes | None = None) -> None:
        """Take the stores; None opens the files. `file` is where the settings came from."""
        self.settings = settings
        self.places = places = Places.of(settings)
        self.clock = clock = SystemClock()
        places.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.homes = homes = homes or sqlite_homes(settings, clock)
        self.log = homes.log
        self.bus = bus = Hub(self.log, self._read)
        self.state = state = homes.state
        state.relay_to(bus.emit)
        self.secrets = SecretBox.load(places.secrets)
        self.subjects = Subjects(state)
        self.board = StatusBoard(bus, state, self.subjects)
        self.identity = Identity(state, clock, Sessions(clock, places.keys / "sessions"), Passwords(), bus.emit, self.secrets)
        self.authority = Authority.open(places.tls)
        self.node = self.authority.node(settings.node)
        self.nearby = Nearby(state, self.secrets)
        self.access = AccessService(
            state,
            clock,
            bus,
            pin_key=self.secrets.derive("pins"),
            certificate=ssl.PEM_cert_to_DER_cert(self.node.certificate.read_text().partition(PEM_END)[0] + PEM_END),
            ca=self.authority.pem,
            sign=self.authority.sign,
            code_of=self.nearby.code_of,
            zones=places.zones,
            owed=places.owed,
            limits_of=lambda one, rules, now: registry.limits(one.driver, rules, one.id, board_config(one), now),
        )
        seal = ConfigSecrets(self.secrets).normal

        def stored(entity: Entity, get: Get) -> Entity:
            return normal(seal(entity, get), get)

        hashers = {
            ("user", "password_hash"): self.identity.hash_password,
            ("credential", "pin_hash"): self.access.hash_pin,
            ("credential", "duress_pin_hash"): self.access.hash_pin,
        }
        checks = (typed_config, other_than(settings.node), playable(settings.video.files), *self.access.checks)
        self.entities = Entities(
            state, clock, self.subjects, self.secrets, status=self.board.get, hashers=hashers, checks=checks, normal=stored
        )
        self.spool = Spool(places.spool)
        self.imports = Imports(state, clock, self.spool, self.entities.changing, self.secrets.derive("pins"), places.imports)
        self.machine_imports = MachineImports(state, clock, self.spool, self.entities.changing, checks=checks, normal=stored)
        self.rights = RightsQuestions(state, self.subjects, clock, lambda: self.access.rulebook.rules)
        events = Events(self.log, state, self.subjects)
        site_files = SiteFiles(
            state, clock, self.secrets, hashers=hashers, checks=checks, normal=stored, notes=self.access.boards.said
        )
        book = self.access.rulebook
        self.what_ifs = WhatIfs(state, self.log, clock, self.spool, book.packed, book.draft, site_files.draft)
        self._answers: dict[str, Callable[[Any], Awaitable[Any]]] = {**self.access.answers(), **self.nearby.answers()}
        self.uses = uses = Uses(state, places.uses)
        ledgers = Ledgers(bus, clock)
        self.port_changes = PortChanges(settings, file, places.port_trial, state, clock)
        self.network = NetworkPorts(
            settings.node,
            MANIFEST,
            lambda name: number_of(name, settings.ports),
            ledgers,
            uses.now,
            self.port_changes.trial_of,
        )
        self.probes = Probes(clock, settings.bind, lambda: _served(settings, uses.now()), ledgers.listening)
        self.cameras = CameraAdding(state, clock, self.entities)
        self.devices = FoundDeviceList(settings, state, clock, self.entities, bus.emit, self.cameras)
        control = CameraControl(state, bus, clock)
        self.backups = Backups(settings, places.backups, clock, bus.emit)
        self.announcement = Announcement(
            settings,
            state,
            clock,
            self.entities,
            emit=bus.emit,
            publish=lambda status: bus.publish(STATUS, msgspec.msgpack.encode(status)),
            log=self.log,
            signer=Signer(self.node),
            verifier=Verifier(self.authority.certificate),
            own=teller(settings, bytes.fromhex(self.authority.fingerprint.replace(":", "")), _presented(settings), self._name),
        )
        proof = Proof(
            node=settings.node,
            site=self._name,
            sign=Signer(self.node).sign,
            certificate=self.node.certificate.read_text().partition(PEM_END)[0] + PEM_END,
            authority=self.authority.pem.decode(),
        )
        recording = RecordingDesk(state, bus, clock, self.subjects, settings.processes.media)
        viewings = Viewings(state, clock, places.viewings)
        self.services: list[Running] = [
            viewings,
            self.board,
            recording,
            self.access,
            self.network,
            self.port_changes,
            self.devices,
            self.announcement,
            self.backups,
            control,
            CameraReacting(state, bus, clock, control),
        ]
        self.operations = Operations()
        for service in (
            self.identity,
            self.entities,
            self.board,
            self.access,
            Pictures(state, clock, self.secrets, places.pictures),
            self.nearby,
            site_files,
            self.what_ifs,
            self.rights,
            self.imports,
            States(self.entities),
            Exports(state, self.spool),
            self.machine_imports,
            MachineExports(state, self.spool),
            Points(bus, state, self.subjects, clock),
            DeviceKeys(state, self.entities),
            Browsing(bus, state),
            PointHistory(state, self.subjects),
            Readable(state, self.subjects),
            Receivable(state, self.subjects),
            Video(state, bus, viewings),
            VideoPictures(state, bus, clock),
            CameraFilling(state, bus),
            VideoExports(
                state,
                bus,
                self.subjects,
                clock,
                node=settings.node,
                site=self._name,
                sign=Signer(self.node).sign,
                certificate=self.node.certificate.read_text().partition(PEM_END)[0] + PEM_END,
                authority=self.authority.pem.decode(),
            ),
            recording,
            Multicast(state, bus, self.board, self.subjects, settings.multicast_group, settings.bind),
            self.cameras,
            control,
            CameraTalk(state, bus, clock, control),
            CameraPublishing(state, settings, self.entities, ledgers.listening),
            CameraFootage(settings.video.files),
            RtspOut(state, settings.rtsp_out, settings.ports, ledgers.listening),
            System(settings.node, clock, self.log, self._processes, [places.data]),
            events,
            Reports(state, clock, self.spool, events, self.rights),
            EventExports(state, clock, self.spool, events, proof),
            self.network,
            self.port_changes,
            self.probes,
            self.devices,
            self.announcement,
            self.backups,
            Firewall(settings, uses.now),
            Doctor(
                clock,
                lambda: partial(
                    examine, facts_of(settings, state, uses.now(), ledgers.entries(), self.announcement.heard_collisions)
                ),
            ),
            Setup(state, clock, self.entities),
        ):
            self.operations.add(service.operations())
        self.dispatcher = Dispatcher(self.operations, self.identity, state, self.subjects, clock)
        self.local = Dispatcher(self.operations, Everyone(), state, self.subjects, clock)
        self.machines = MachineWrites(bus, self.operations, state, self.subjects, clock)

    async def inquire(self, kind: str, question: Any) -> Any:
        """Answer what a device asks the server; raise NotFound for a question that nobody answers."""
        answer = self._answers.get(kind)
        if answer is None:
            raise NotFound(f"nobody answers {kind!r} here", remedy="Run the same version on the server and its devices.")
        return await answer(question)

    async def close(self) -> None:
        """Hand over what waits and close the stores."""
        await self.imports.close()
        await self.machine_imports.close()
        await self.what_ifs.close()
        self.uses.keep()
        await self.state.deliver(self.bus.emit)
        await self.bus.close()
        await self.state.close()
        await self.log.close()

    async def _read(self, after: int, limit: int, types: Sequence[str]) -> list[StoredEvent]:
        return await self.log.read(EventFilter(after=after, types=tuple(types), limit=limit))

    def _name(self) -> str:
        """Return what others know this node by: its name in the settings; the site's where that was never set."""
        if self.settings.name != Settings().name:
            return self.settings.name
        held = self.state.get("site", "site")
        return held.entity.name if held is not None else self.settings.name

    def _processes(self) -> list[ProcessInfo]:
        return [
            ProcessInfo(
                name=item.name,
                role=item.role,
                pid=item.pid,
                state=item.state,
                since=item.since,
                restarts=item.restarts,
                memory=_memory(item.pid),
            )
            for item in read_processes(self.places.processes)
        ]


def _presented(settings: Settings) -> Path | None:
    """Return the file of the certificate that the port for clients presents; None where it speaks no TLS."""
    if not serves_tls(settings):
        return None
    return Path(settings.tls.certificate) if settings.tls.certificate else settings.data / "tls" / "server.pem"


def _served(settings: Settings, used: Plan) -> list[UdpRow]:
    """Return the UDP rows that this node listens on for what the site uses."""
    return [
        UdpRow(name=line.name, first=line.first, last=line.last, shared=row(line.name).shared)
        for line in lines(settings, used)
        # What is received on a group is bound to the group: nothing that is sent to this computer alone ever reaches it.
        if line.way == "in" and line.transport == "udp" and line.first and opened(line) and not line.group
    ]


def _memory(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
