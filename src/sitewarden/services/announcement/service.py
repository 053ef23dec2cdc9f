"""The operations on servers and nodes that announce themselves, and the service behind them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from sitewarden.config import Settings
from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.errors import Conflict, NotFound, Unreachable
from sitewarden.domain.identity.grants import Subject
from sitewarden.domain.network.node import Node
from sitewarden.domain.refs import ref, slug
from sitewarden.domain.status import Status
from sitewarden.net.announcing import AnnouncementPort, Own, Speaker
from sitewarden.net.interfaces import Network
from sitewarden.net.tls import Signer, Verifier
from sitewarden.services.announcement.alarms import CLEARED, RAISED, READ, Alarms
from sitewarden.services.announcement.collisions import Collision, collisions
from sitewarden.services.announcement.hearing import Hearing
from sitewarden.services.announcement.nodes import NodeWatch
from sitewarden.services.announcement.reach import Looker
from sitewarden.services.announcement.shown import own_fingerprint, shown
from sitewarden.services.announcement.table import Put, Row, Table
from sitewarden.services.announcement.teller import Emit, Teller
from sitewarden.services.announcement.watch import Watch, scoped
from sitewarden.services.entities import Entities
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.servers import (
    FoundServer,
    FoundServers,
    GroupCollision,
    RegisteredServer,
    RegisterServer,
)
from sitewarden.store.interfaces import EventFilter, EventLog, StateStore
from sitewarden.wire.plain import plain

STEP_SECONDS: Final = 1.0
TITLES: Final = {"server": "Server", "analytics": "Analytics node", "lpr": "LPR node"}


class Announcement:
    """Announces this node, hears others, registers them. The list lives in memory: it fills again within seconds."""

    def __init__(
        self,
        settings: Settings,
        state: StateStore,
        clock: Clock,
        entities: Entities,
        *,
        emit: Emit,
        publish: Callable[[Status], None],
        log: EventLog,
        signer: Signer,
        verifier: Verifier,
        own: Callable[[], Own | None],
    ) -> None:
        self._settings, self._state, self._clock, self._entities, self._log = settings, state, clock, entities, log
        self._signer, self._own = signer, own
        self._reference = ref("node", settings.node)
        self._teller = Teller(emit, clock)
        self._alarms = Alarms(self._reference, clock, self._teller, publish)
        self._boot = os.urandom(8)
        self._table = Table(signer.key, self._boot, clock.now())
        self._hearing = Hearing(clock, self._table, verifier, self._told)
        self._watch = Watch(clock, self._table)
        self._registered = NodeWatch(clock, self._table, self._teller, publish, self._nodes)
        self._port: AnnouncementPort | None = None
        self._speaker: Speaker | None = None
        self._looker: Looker | None = None

    def attach(self, network: Network) -> None:
        """Give the network of the process that announces."""
        self._looker = Looker(network, self._clock)
        if self._settings.announcement.enabled:
            self._port = AnnouncementPort(network, self._settings, self._hearing.take)
            self._speaker = Speaker(self._port, self._signer, self._clock, self._own, self._boot)

    def operations(self) -> list[Operation]:
        """Return the operations on found servers."""
        return [
            Operation("network.servers", "network.read", Nothing, FoundServers, self._list, audit=False),
            Operation(
                "network.server.register",
                "node.create",
                RegisterServer,
                RegisteredServer,
                self._register,
                proposed=self._proposed,
                own_audit=True,
                timeout=20.0,
            ),
        ]

    @property
    def collisions(self) -> list[Collision]:
        """Servers that use this server's media group now."""
        own = self._own() if self._speaker is not None else None
        if own is None or not own.group:
            return []
        return collisions((self._signer.key, self._boot), own.group, self._table)

    @property
    def heard_collisions(self) -> list[Collision] | None:
        """The same; None where this process does not listen."""
        return self.collisions if self._port is not None else None

    async def run(self) -> None:
        """Announce, hear and look until cancelled; without a network there is nothing to do."""
        if self._looker is None:
            return
        types = (RAISED, CLEARED)
        self._alarms.restore(await self._log.read(EventFilter(types=types, entity=self._reference, limit=READ)))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._teller.run(), name="announcement events")
            group.create_task(self._watch.run(self._looker), name="found servers")
            group.create_task(self._registered.run(self._looker), name="registered nodes")
            group.create_task(self._age(), name="announcement ages")
            if self._speaker is not None:
                group.create_task(self._speaker.run(), name="announcement")

    async def _age(self) -> None:
        while True:
            for row in self._table.expire(self._clock.now(), self._clock.monotonic()):
                self._teller.stranger("node.lost", self._reference, {**_data(row), "detail": "it is not heard any more"})
            self._alarms.step(self.collisions)
            await asyncio.sleep(STEP_SECONDS)

    def _told(self, put: Put, row: Row) -> None:
        if put in ("new", "back"):
            self._teller.stranger("node.found", self._reference, _data(row))
            if self._speaker is not None:
                self._speaker.soon()
        elif put == "gone":
            self._teller.stranger("node.lost", self._reference, {**_data(row), "detail": "it was stopped"})

    def _nodes(self) -> Iterator[Node]:
        return (held.entity for held in self._state.list("node") if isinstance(held.entity, Node))

    async def _list(self, caller: Caller, params: Nothing) -> FoundServers:
        own = self._own() if self._speaker is not None else None
        problems = (*(self._port.problems if self._port is not None else ()), *self._hearing.problems)
        return FoundServers(
            enabled=self._settings.announcement.enabled,
            places=tuple(str(place) for place in self._port.places) if self._port is not None else (),
            group=own.group if own is not None else "",
            key=self._signer.key,
            fingerprint=own_fingerprint(own),
            heard=self._hearing.heard,
            refused=self._hearing.refused,
            problems=problems,
            collisions=tuple(_collision(each) for each in self.collisions),
            items=tuple(listed(self._table, list(self._nodes()), self._watch)),
        )

    async def _register(self, caller: Caller, asked: RegisterServer) -> RegisteredServer:
        row = self._table.get(asked.id)
        if row is None or self._looker is None:
            raise NotFound("this server is not in the list of found servers", where="id", remedy="See the list again.")
        role = asked.role or next(iter(row.roles), None)
        if role is None or role not in row.roles:
            raise Conflict(
                f"{row.name} does not say that it is {role or 'a server or a node'}.",
                where="role",
                remedy=f"It is: {', '.join(row.roles) or 'nothing that can be registered'}.",
            )
        if asked.fingerprint is not None and asked.fingerprint != row.tls:
            raise Conflict(
                "It announces another certificate than the one that was compared.",
                where="fingerprint",
                remedy="See the list again, and compare the fingerprint at the other server.",
            )
        entity = await self._checked(row, role)
        body: dict[str, Any] = {
            "name": asked.name or row.name,
            "role": role,
            "address": entity.address,
            "port": entity.port,
            "fingerprint": row.tls,
            "key": row.key,
            "area": asked.area,
            "description": f"Registered from its announcement: {row.message.node}, version {plain(row.message.version)}.",
        }
        if not slug(body["name"]) or slug(body["name"]) == self._settings.node:
            body["id"] = slug(f"{role}-{entity.address}")
        reply = await self._entities.create("node", caller, MESSAGES["node"].input(**body))
        return RegisteredServer(
            entity=ref("node", reply.value.id), next="It is watched from now on: its page tells whether it is reachable."
        )

    async def _checked(self, row: Row, role: str) -> Node:
        """Return the node as it would be registered, once its port has presented the certificate that it announces."""
        number = row.port(role)
        if not number:
            raise Conflict(f"{row.name} announces no port for {role}.", where="role", remedy="Update it.")
        known = next((node for node in self._nodes() if (node.key, node.role) == (row.key, role)), None)
        if known is not None:
            raise Conflict(f"It is registered already, as {known.name}.", where=ref("node", known.id))
        if self._looker is None:
            raise Unreachable("the server does not run", remedy="Start it.")
        reach = await self._looker.look(scoped(row), number, row.tls)
        if reach.state == "other-certificate":
            raise Conflict(
                f"{row.name} cannot be registered: {reach.detail}.",
                where="fingerprint",
                remedy="Somebody may be in between, or its certificate is being renewed: compare the fingerprints at both ends.",
            )
        if reach.state != "reachable":
            raise Unreachable(
                f"{row.name} cannot be registered: {reach.detail}.",
                where=row.host,
                remedy=f"Open TCP {number} from here to {row.host}; `sitewarden probe {row.host}` tells what is in the way.",
            )
        return Node(id="found", name=row.name, role=role, address=row.host, port=number)  # type: ignore[arg-type]

    def _proposed(self, asked: RegisterServer) -> Subject:
        return Subject(ref("node", slug(asked.name or "") or "-"), asked.area)


def listed(table: Table, nodes: Sequence[Node], watch: Watch | None = None) -> list[FoundServer]:
    """Return the rows as the faces show them: those that are present first, then by name."""
    rows = sorted(table, key=lambda row: (row.silent, row.name.casefold(), row.host, row.id))
    return [shown(row, nodes, watch.reach(row) if watch is not None else None) for row in rows]


def _data(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "role": " and ".join(TITLES[role].lower() for role in row.roles) or "node",
        "address": row.host,
        "node": row.message.node,
        "key": row.key,
        "skew": round(row.skew / SECOND, 3),
    }


def _collision(each: Collision) -> GroupCollision:
    return GroupCollision(id=each.id, name=each.name, address=each.address, key=each.key, group=each.group, offer=each.offer)
