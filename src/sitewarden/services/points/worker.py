"""Points in the iot process: endpoints are run, samples kept and told, commands carried out."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import Clock
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid, Refusal, TooLarge
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.refs import ref
from sitewarden.domain.status import Status
from sitewarden.drivers import registry
from sitewarden.kit.context import Context
from sitewarden.kit.driver import Driver, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net import Network
from sitewarden.net.interfaces import Tls
from sitewarden.net.tls import Application
from sitewarden.services.points.house import LocalHouse
from sitewarden.services.points.inputs import PointInputs
from sitewarden.services.points.messages import ARRIVED, LATEST, TOPIC, Arrival, Arrived, LatestQuery
from sitewarden.services.points.table import PointTable
from sitewarden.store.interfaces import SampleStore

log = logging.getLogger(__name__)

TELL_EVERY: Final = 0.1
"""Seconds between two publications of what changed; a point that changes more often is told once."""
TELL_MOST: Final = 2_000
"""Points in one message."""
KEEP_EVERY: Final = 0.5
"""Seconds between two batches for the store; what a killed process loses is younger than this."""
KEEP_MOST: Final = 50_000
"""Samples in one batch for the store."""
KEEP_AGAIN: Final = 5.0
"""Seconds until a store that refused is tried again."""
CLAIMED: Final = ("point:*", "device:*", "endpoint:*")


class IotWorker:
    """All endpoints of machines of one process. Make it, `configure` it, and let `run` go on beside."""

    def __init__(
        self,
        bus: Bus,
        network: Network,
        clock: Clock,
        store: SampleStore,
        status: Callable[[Status], None],
        *,
        load: Callable[[str], Driver] = registry.load,
        face_tls: Callable[[], Tls] | None = None,
        own_tls: Callable[[], ssl.SSLContext] | None = None,
        application: Callable[[], Application] | None = None,
        stored: Callable[[Samples], None] = lambda samples: None,
    ) -> None:
        """`face_tls` and `own_tls` make contexts for the listeners of drivers, `application` gives their RSA certificate, see
        `kit.context`. `stored` is told of each batch once it is in the store.
        """
        self.table = PointTable()
        self._house = LocalHouse(bus, self.table)
        self._bus = bus
        self._store = store
        self._stored = stored
        context = Context(
            net=network,
            clock=clock,
            emit=bus.emit,
            samples=self.table.take,
            status=status,
            face_tls=face_tls,
            own_tls=own_tls,
            application=application,
            house=self._house,
        )
        self._supervisor = Supervisor(context, load)
        self._inputs = PointInputs(clock, status, bus.emit)
        self._restored = False
        self._store_refuses = False

    async def configure(self, wanted: Sequence[tuple[str, EndpointSpec]]) -> None:
        """Run exactly these endpoints and hold their points; what did not change goes on."""
        points = [point for _, spec in wanted for device in spec.devices for point in device.points]
        self.table.configure(points)
        self._inputs.configure(points)
        if not self._restored:
            try:
                self.table.restore(await self._store.latest())
                self._restored = True
            except Refusal as refusal:
                log.warning("points begin without their last values, which cannot be read now: %s", refusal)
        await self._supervisor.reconcile(wanted)

    async def run(self) -> None:
        """Answer, tell and keep until cancelled; then stop the endpoints and keep what waits."""
        self._bus.serve(LATEST, self._latest)
        self._bus.serve(ARRIVED, self._arrived)
        self._bus.claim(CLAIMED, self.execute)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tell(), name="points live")
                group.create_task(self._keep(), name="points history")
                group.create_task(self._house.run(), name="house")
                group.create_task(self._inputs.run(), name="inputs")
        finally:
            self._bus.claim((), self.execute)
            await self._supervisor.close()
            await self._keep_waiting()

    async def execute(self, command: Command) -> Result:
        """Carry out a command for a point or device of this process."""
        return await self._supervisor.execute(command)

    async def _tell(self) -> None:
        encode = msgspec.msgpack.Encoder().encode
        while True:
            while (changed := self.table.changed(TELL_MOST)) is not None:
                self._bus.publish(TOPIC, encode(changed))
                self._house.told(changed)
                self._inputs.told(changed)
            await asyncio.sleep(TELL_EVERY)

    async def _keep(self) -> None:
        while True:
            stored = await self._keep_waiting()
            await asyncio.sleep(KEEP_EVERY if stored else KEEP_AGAIN)

    async def _keep_waiting(self) -> bool:
        """Store what waits; False where the store refuses for now, and the samples wait on."""
        waiting = self.table.to_keep()
        if waiting is None:
            return True
        for start in range(0, len(waiting), KEEP_MOST):
            batch = _slice(waiting, start, start + KEEP_MOST)
            try:
                await self._store.append(batch)
                self._stored(batch)
            except (Invalid, TooLarge) as refusal:
                self.table.dropped += len(batch)
                log.error("%d samples were dropped, the store cannot take them: %s", len(batch), refusal)
            except Refusal as refusal:
                if not self._store_refuses:
                    log.error("samples wait in memory, the store refuses them: %s", refusal)
                self._store_refuses = True
                self.table.put_back(_slice(waiting, start, len(waiting)))
                return False
            except asyncio.CancelledError:
                self.table.put_back(_slice(waiting, start, len(waiting)))
                raise
        if self._store_refuses:
            log.warning("samples are stored again; %d were dropped in all", self.table.dropped)
        self._store_refuses = False
        return True

    async def _arrived(self, body: bytes) -> bytes:
        """Store what others sent, then answer: who sends may forget it."""
        arrived = msgspec.msgpack.decode(body, type=Arrived)
        samples = self._supervisor.receive(ref("endpoint", arrived.endpoint), arrived.runs)
        for start in range(0, len(samples), KEEP_MOST):
            await self._store.append(_slice(samples, start, start + KEEP_MOST))
        self._stored(samples)
        self.table.stored(samples)
        return msgspec.msgpack.encode(Arrival(len(samples)))

    async def _latest(self, body: bytes) -> bytes:
        query = msgspec.msgpack.decode(body, type=LatestQuery)
        return msgspec.msgpack.encode(self.table.latest(query.points))


def _slice(samples: Samples, start: int, end: int) -> Samples:
    if start == 0 and end >= len(samples):
        return samples
    return Samples(
        samples.points[start:end],
        samples.source_times[start:end],
        samples.server_times[start:end],
        samples.values[start:end],
        samples.qualities[start:end],
    )
