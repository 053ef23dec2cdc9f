"""What every worker process shares: its bus, its outbox, its status memory, and what it has to run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import msgspec

from sitewarden.app.endpoints import Assignment
from sitewarden.app.places import Places
from sitewarden.bus.client import BusClient
from sitewarden.bus.interfaces import Bus
from sitewarden.config import Settings
from sitewarden.domain.clock import Clock
from sitewarden.domain.entity import Secret
from sitewarden.domain.errors import Refusal
from sitewarden.domain.status import Status
from sitewarden.net import Network
from sitewarden.services.secrets import SecretBox
from sitewarden.store.sqlite import Outbox

log = logging.getLogger(__name__)

ASSIGNMENT = "config.assignment"
"""Bus request to core: msgpack of a worker's name; the answer is msgpack of its Assignment."""
CHANGED = "config/changed"
"""Topic: the state has changed; fetch the assignment again."""
LEDGER_SECONDS = 2.0
RETRY_SECONDS = 0.5


class Worker:
    """One media or iot process."""

    def __init__(self, name: str, settings: Settings, network: Network, clock: Clock) -> None:
        self.name = name
        self.settings = settings
        self.places = Places.of(settings)
        self.network = network
        self.clock = clock
        self.secrets = SecretBox.load(self.places.secrets)
        self.outbox = Outbox.open(self.places.outbox(name))
        self.bus = BusClient(network, self.places.bus, name, self.outbox)
        self._statuses: dict[str, bytes] = {}
        self._look = asyncio.Event()

    def status(self, status: Status) -> None:
        """Publish a status; it is told again whenever core is back."""
        payload = msgspec.msgpack.encode(status)
        self._statuses[status.ref] = payload
        self.bus.publish("status", payload)

    def keep(self, references: set[str]) -> None:
        """Forget the statuses of all but these entities."""
        for reference in self._statuses.keys() - references:
            del self._statuses[reference]

    async def run(self) -> None:
        """Hold the link to core until cancelled; tell the ledger, and the statuses whenever core is back."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.bus.run(), name="bus")
            group.create_task(tell_ledger(self.bus, self.name, self.network), name="ledger")
            group.create_task(self._tell_again(), name="statuses")
            group.create_task(self._hear(), name="changes")

    async def close(self) -> None:
        """Close the outbox."""
        await self.outbox.close()

    async def assignments(self) -> AsyncIterator[Assignment]:
        """Yield what to run: at once what it was at the last start, then what core says, after every change."""
        known = self._cached()
        if known is not None:
            yield known
        while True:
            self._look.clear()
            fetched = await self._fetch()
            if known is None or fetched != known:
                known = fetched
                self._keep(fetched)
                yield fetched
            await self._look.wait()

    async def _fetch(self) -> Assignment:
        while True:
            await self.bus.ready()
            try:
                return msgspec.msgpack.decode(
                    await self.bus.request(ASSIGNMENT, msgspec.msgpack.encode(self.name)), type=Assignment
                )
            except Refusal as refusal:
                log.warning("core does not say what to run: %s", refusal)
                await asyncio.sleep(RETRY_SECONDS)

    async def _hear(self) -> None:
        async for _ in self.bus.subscribe(CHANGED, capacity=1):
            self._look.set()

    async def _tell_again(self) -> None:
        while True:
            await self.bus.ready()
            self._look.set()
            for payload in list(self._statuses.values()):
                self.bus.publish("status", payload)
            await self.bus.lost()

    def _cached(self) -> Assignment | None:
        path = self.places.assignment(self.name)
        try:
            text = self.secrets.open(Secret(sealed=path.read_text()), f"assignment:{self.name}")
            return msgspec.json.decode(text, type=Assignment)
        except FileNotFoundError:
            return None
        except (Refusal, msgspec.DecodeError) as error:
            log.warning("%s is not readable and is made anew: %s", path.name, error)
            return None

    def _keep(self, assignment: Assignment) -> None:
        path = self.places.assignment(self.name)
        draft = path.with_suffix(".new")
        draft.write_text(self.secrets.seal(msgspec.json.encode(assignment).decode(), f"assignment:{self.name}").sealed)
        draft.replace(path)


async def tell_ledger(bus: Bus, name: str, network: Network) -> None:
    """Publish what this process holds open, every two seconds, until cancelled."""
    while True:
        bus.publish(f"ledger/{name}", msgspec.msgpack.encode(network.ledger()))
        await asyncio.sleep(LEDGER_SECONDS)
