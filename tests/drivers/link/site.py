"""A site's core in the test's own process: real stores, hub, access service, link driver, TLS; and controllers that dial in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from sim.controller import SimController
from sim.demo_access import CONTROLLERS, entities, provision, settings
from sitewarden.app.endpoints import controller_endpoints, direct_endpoints
from sitewarden.bus.hub import Hub
from sitewarden.config import Settings
from sitewarden.domain.access.people import Credential
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.clock import Clock
from sitewarden.domain.entities import KINDS
from sitewarden.domain.entity import Entity
from sitewarden.domain.events import Confirm, Event, StoredEvent
from sitewarden.domain.status import Status
from sitewarden.drivers import registry
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.context import Context
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import Authority, link_client_context, link_server_context
from sitewarden.nodes.controller.settings import DirectSettings
from sitewarden.services.access import AccessService
from sitewarden.services.access.boards import LimitsOf
from sitewarden.services.nearby.service import Nearby
from sitewarden.services.secrets import SecretBox
from sitewarden.store.interfaces import Change, EventFilter
from sitewarden.store.sqlite import SqliteEventLog, SqliteStateStore

PIN_KEY = b"p" * 32
PINS = {"ada": "2468", "farid": "1357", "hugo": "9753"}


class Core:
    """The parts of core that doors need. `start` and `stop` may be called in turn; the data stays."""

    limits_of: LimitsOf = staticmethod(lambda controller, snapshot, now: ())

    def __init__(self, data: Path, host: str, *, clock: Clock | None = None) -> None:
        self.data, self.host = data, host
        self.clock = clock or SystemClock()
        self.statuses: dict[str, Status] = {}
        self.emit_gate: Callable[[], Any] | None = None
        """Awaited before events are stored: a slow disk."""
        self.authority = Authority.open(data / "tls")
        self.secrets = SecretBox.load(data / "secret.key")

    async def start(self) -> None:
        self.log = SqliteEventLog.open(self.data / "events.db")
        self.hub = Hub(self.log, self._read)
        self.state = SqliteStateStore.open(self.data / "state.db", self.clock, self.hub.emit)
        identity = self.authority.node("server")
        der = self._der(identity.certificate.read_bytes())
        self.access = AccessService(
            self.state,
            self.clock,
            self.hub,
            pin_key=PIN_KEY,
            certificate=der,
            ca=self.authority.pem,
            sign=self.authority.sign,
            limits_of=self.limits_of,
            code_of=Nearby(self.state, self.secrets).code_of,
            zones=self.data / "zones",
            owed=self.data / "owed",
        )
        self.network = LocalNetwork(Settings.for_test(self.host, self.data), "core", self.data / "run")
        self.answers = self.access.answers()

        async def inquire(kind: str, question: Any) -> Any:
            return await self.answers[kind](question)

        context = Context(
            net=self.network,
            clock=self.clock,
            emit=self._emit,
            samples=lambda batch: None,
            status=self._status,
            inquire=inquire,
            confirmed=self.log.confirmed,
            tls=link_server_context(identity, self.authority.file),
            dial_tls=link_client_context(self.authority.file, identity),
            node="server",
            strangers=self.access.admit,
        )
        self.drivers = Supervisor(context, registry.load)
        self.state.watch(self._changed)
        self._reconciling = asyncio.Lock()
        self._tasks = [asyncio.create_task(self.access.run()), asyncio.create_task(self.state.run())]
        await self._reconcile()

    async def stop(self) -> None:
        await self.drivers.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.state.deliver(self.hub.emit)
        await self.network.close()
        await self.hub.close()
        await self.state.close()
        await self.log.close()

    async def put(self, *entities: Entity) -> None:
        """Make or change entities in one transaction."""
        changes = [Change(kind=kind_of(entity), id=entity.id, entity=entity) for entity in entities]
        await self.state.apply(changes)

    async def events(self, *types: str) -> list[StoredEvent]:
        return await self.log.read(EventFilter(after=0, types=types, limit=10_000))

    async def wait_events(self, count: int, *types: str) -> list[StoredEvent]:
        """Return the events of these types once there are `count`."""
        async with asyncio.timeout(60):
            while True:
                head = self.log.head()
                found = await self.events(*types)
                if len(found) >= count:
                    return found
                subscription = self.hub.events(after=head)
                async for _ in subscription:
                    break
                subscription.close()

    async def _emit(self, events: Sequence[Event], confirm: Confirm | None = None) -> None:
        if self.emit_gate is not None:
            await self.emit_gate()
        await self.hub.emit(events, confirm)

    def _status(self, status: Status) -> None:
        self.statuses[status.ref] = status

    def _changed(self, changes: Sequence[Change]) -> None:
        if any(change.kind in ("controller", "door") for change in changes):
            self._tasks.append(asyncio.create_task(self._reconcile()))

    async def _reconcile(self) -> None:
        async with self._reconciling:
            wanted = (*controller_endpoints(self.state), *direct_endpoints(self.state, self.secrets.open))
            await self.drivers.reconcile([(one.driver, one.spec) for one in wanted])
            self.hub.claim(self.drivers.entities(), self.drivers.execute)

    async def _read(self, after: int, limit: int, types: Sequence[str]) -> list[StoredEvent]:
        return await self.log.read(EventFilter(after=after, types=tuple(types), limit=limit))

    @staticmethod
    def _der(pem: bytes) -> bytes:
        import ssl

        end = pem.index(b"-----END CERTIFICATE-----") + len(b"-----END CERTIFICATE-----")
        return ssl.PEM_cert_to_DER_cert(pem[:end].decode() + "\n")


def kind_of(entity: Entity) -> str:
    return next(kind for kind, model in KINDS.items() if type(entity) is model)


def demo() -> list[Entity]:
    """The demo's entities, with PINs."""
    return [
        msgspec.structs.replace(one, pin_hash=hash_pin(PIN_KEY, PINS[one.holder]))
        if isinstance(one, Credential) and one.holder in PINS
        else one
        for one in entities()
    ]


@asynccontextmanager
async def running_core(data: Path, host: str) -> AsyncIterator[Core]:
    core = Core(data, host)
    await core.start()
    try:
        yield core
    finally:
        await core.stop()


@asynccontextmanager
async def running_controller(
    core: Core,
    name: str,
    *,
    ready: bool = True,
    paired: bool = True,
    direct: DirectSettings | None = None,
    **more: Any,
) -> AsyncIterator[SimController]:
    """A controller of the demo, paired beforehand unless told otherwise, connected and with the rules of now."""
    assert name in CONTROLLERS
    data = core.data / "sim"
    if paired:
        provision(core.authority, name, data)
    found = settings(name, data, core.host)
    if direct is not None:
        found = msgspec.structs.replace(found, direct=direct, bind=core.host)
    sim = SimController(found, **more)
    task = asyncio.create_task(sim.run())
    try:
        if ready:
            async with asyncio.timeout(60):
                await sim.wait_ready()
                await sim.wait_rules(core.access.rulebook.rules.version)
        yield sim
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
