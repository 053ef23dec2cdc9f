"""The list of found devices: search for them, show them, add one to the site."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from sitewarden.config import Settings
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Conflict, NotFound, Refusal, Unreachable
from sitewarden.domain.events import Event
from sitewarden.domain.identity.grants import Subject
from sitewarden.domain.refs import ref, slug
from sitewarden.net.interfaces import Network
from sitewarden.net.interfaces_table import interfaces
from sitewarden.net.links import networks
from sitewarden.services.cameras.adding import SECONDS, CameraAdding
from sitewarden.services.discovery.search import Search, places
from sitewarden.services.discovery.sightings import Sightings
from sitewarden.services.entities import Entities
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.cameras import AddCamera
from sitewarden.services.surface.devices import AddDevice, AddedDevice, FoundDevice, FoundDevices, SearchRequest, SearchState
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.identity import Nothing
from sitewarden.store.interfaces import StateStore

Emit = Callable[[Sequence[Event]], Awaitable[None]]
IDLE: Final = SearchState(running=False)


class FoundDeviceList:
    """The operations on found devices. The list lives in memory: a search brings it back."""

    def __init__(
        self, settings: Settings, state: StateStore, clock: Clock, entities: Entities, emit: Emit, adding: CameraAdding
    ) -> None:
        self._settings = settings
        self._state = state
        self._clock = clock
        self._entities = entities
        self._emit = emit
        self._adding = adding
        self._network: Network | None = None
        self._sightings = Sightings()
        self._search: Search | None = None
        # Bound: one search at a time; `_begin` refuses a second one.
        self._asked: asyncio.Queue[tuple[Search, str]] = asyncio.Queue(1)
        self._known: set[str] = set()
        self._searches = 0

    def attach(self, network: Network) -> None:
        """Give the network of the process that searches."""
        self._network = network

    def operations(self) -> list[Operation]:
        """Return the operations on found devices."""
        return [
            Operation("network.devices", "network.read", Nothing, FoundDevices, self._list, audit=False),
            Operation("network.search", "network.search", SearchRequest, SearchState, self._begin, detail=_detail),
            Operation(
                "network.device.add",
                "camera.create",
                AddDevice,
                AddedDevice,
                self._add,
                proposed=self._proposed,
                own_audit=True,
                timeout=SECONDS,
            ),
        ]

    async def run(self) -> None:
        """Do the searches that are asked for until cancelled."""
        while True:
            search, actor = await self._asked.get()
            await search.run()
            await self._tell(actor)

    async def _list(self, caller: Caller, params: Nothing) -> FoundDevices:
        return FoundDevices(
            search=self._search.state if self._search is not None else IDLE,
            items=tuple(self._sightings.rows(self._site())),
        )

    async def _begin(self, caller: Caller, asked: SearchRequest) -> SearchState:
        if self._network is None:
            raise Unreachable("the server does not run", remedy="Start it, or search with `sitewarden discover devices`.")
        if self._search is not None and self._search.state.running:
            raise Conflict("a search runs already", remedy="Wait until it ends; its results are for everyone.")
        chosen, problems = places(asked.interfaces, interfaces(), self._settings)
        if not chosen:
            raise Unreachable(problems[0], where="interfaces")
        self._search = Search(self._network, self._clock, self._sightings, chosen, asked.seconds, problems, networks())
        self._asked.put_nowait((self._search, caller.actor))
        return self._search.state

    async def _add(self, caller: Caller, asked: AddDevice) -> AddedDevice:
        row = self._row(asked.id)
        if asked.url is None:
            return await self._ask(caller, row, asked)
        messages = MESSAGES["camera"]
        told = " ".join(filter(None, (row.maker, row.model))) or "unknown model"
        body: dict[str, Any] = {
            "name": asked.name or row.suggestion.name,
            "url": asked.url,
            "username": asked.username,
            "area": asked.area,
            "description": f"Found at {row.address}: {told}.",
        }
        if asked.password:
            body["password"] = asked.password
        if not slug(body["name"]):
            body["id"] = f"camera-{slug(row.address)}"
        reply = await self._entities.create("camera", caller, messages.input(**body))
        return AddedDevice(entity=ref("camera", reply.value.id), next="Watch whether it delivers video.")

    async def _ask(self, caller: Caller, row: FoundDevice, asked: AddDevice) -> AddedDevice:
        """Add what the device itself tells of its streams."""
        if not row.suggestion.onvif:
            raise Conflict(
                "this device did not answer over ONVIF, so nobody knows where its stream is",
                where="url",
                remedy="Switch ONVIF on at the device and search again, or give the address of its stream, from its manual.",
            )
        given = AddCamera(
            address=next(iter(row.services), row.address),
            username=asked.username,
            password=asked.password,
            name=asked.name,
            area=asked.area,
        )
        added = await self._adding.add(caller, given)
        return AddedDevice(entity=added.entity, next=f"It is recorded from {added.url}. Watch whether it delivers video.")

    def _proposed(self, asked: AddDevice) -> Subject:
        return Subject(ref("camera", slug(asked.name or "") or "-"), asked.area)

    def _row(self, id_: str) -> FoundDevice:
        row = self._sightings.row(id_, self._site())
        if row is None:
            raise NotFound("this device is not in the list of found devices", where="id", remedy="Search again.")
        return row

    def _site(self) -> dict[str, list[str]]:
        """Return what stands in the site, by the host that it is reached at, and by the address of its ONVIF services."""
        found: dict[str, list[str]] = {}
        for kind in ("camera", "endpoint"):
            for held in self._state.list(kind):
                entity: Any = held.entity
                host = urlsplit(entity.url).hostname if kind == "camera" else entity.config.get("host")
                services = entity.onvif if kind == "camera" else ""
                for key in filter(None, (host, services)):
                    found.setdefault(key, []).append(ref(kind, entity.id))
        return found

    async def _tell(self, actor: str) -> None:
        ids = {row.id for row in self._sightings.rows({})}
        data = {"actor": actor, "count": len(ids), "fresh": len(ids - self._known)}
        self._known = ids
        self._searches += 1
        now = self._clock.now()
        event = Event(
            key=f"search/{now}/{self._searches}",
            type="network.searched",
            entity=ref("node", self._settings.node),
            time=now,
            severity=severity("network.searched"),
            related=(actor,),
            text=describe("network.searched", data),
            data=data,
        )
        try:
            await self._emit([event])
        except Refusal:
            # The list itself shows what was found; only its line in the log is missing.
            return


def _detail(asked: SearchRequest) -> dict[str, Any]:
    return {"interfaces": list(asked.interfaces), "seconds": asked.seconds}
