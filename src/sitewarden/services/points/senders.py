"""The targets of remote write of one process, held to what is configured; their health as events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.status import Status
from sitewarden.kit.health import Health
from sitewarden.net import Network
from sitewarden.services.points.sending import SampleSource, Send, SendStore, Target

log = logging.getLogger(__name__)

AGAIN: Final = 30.0
"""Seconds until a target that failed by a store of its own is begun again."""


class Keeping(SendStore, Protocol):
    """A `SendStore` that forgets targets."""

    async def keep(self, targets: Sequence[str]) -> None: ...


class Senders:
    """Make it, `configure` it after each change, and let `run` go on beside. `stored` is told of each batch in the store."""

    def __init__(
        self, net: Network, clock: Clock, source: SampleSource, store: Keeping, status: Callable[[Status], None], bus: Bus
    ) -> None:
        self._net, self._clock, self._source, self._store, self._bus = net, clock, source, store, bus
        self._wake = asyncio.Event()
        self._health = Health(clock, status, self._wake.set)
        self._epoch, self._count = clock.now(), 0
        self._running: dict[str, tuple[Target, Mapping[str, dict[str, str]], asyncio.Task[None]]] = {}

    def stored(self, samples: Samples) -> None:
        """Tell every target."""
        for target, _, _ in self._running.values():
            target.stored(samples)

    async def configure(self, sends: Sequence[Send], metrics: Mapping[str, dict[str, str]]) -> None:
        """Run exactly these; one that changed begins anew where it was."""
        wanted = {send.id: send for send in sends}
        for id_, (target, known, task) in list(self._running.items()):
            if wanted.get(id_) == target.send and known == metrics:
                continue
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            del self._running[id_]
            if id_ not in wanted:
                self._health.forget(f"remote-write:{id_}")
        for id_, send in wanted.items():
            if id_ in self._running:
                continue
            self._health.name(f"remote-write:{id_}", send.name)
            target = Target(
                send, metrics, self._net, self._clock, self._source, self._store, self._health.report, self._teller(id_)
            )
            self._running[id_] = (target, metrics, asyncio.create_task(self._run(target), name=f"remote write {id_}"))
        try:
            await self._store.keep([send.id for send in sends])
        except Refusal as refusal:
            log.warning("cursors of remote write are not tidied: %s", refusal)

    async def run(self) -> None:
        """Hand events to the log until cancelled, then stop all."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._health.pending:
                    await self._bus.emit([self._health.pending.popleft()])
        finally:
            for _, _, task in self._running.values():
                task.cancel()
            await asyncio.gather(*(task for _, _, task in self._running.values()), return_exceptions=True)
            self._running.clear()

    async def _run(self, target: Target) -> None:
        while True:
            try:
                await target.run()
                return
            except* Refusal as group:
                log.error("remote write to %s begins again: %s", target.send.id, group.exceptions[0])
            await asyncio.sleep(AGAIN)

    def _teller(self, id_: str) -> Callable[[str, dict[str, object]], None]:
        def tell(type_: str, data: dict[str, object]) -> None:
            self._count += 1
            self._health.pending.append(
                Event(
                    key=f"remote-write/{id_}/{self._epoch}/{self._count}",
                    type=type_,
                    entity=f"remote-write:{id_}",
                    time=self._clock.now(),
                    severity=severity(type_),
                    text=describe(type_, data),
                    data=data,
                )
            )
            self._wake.set()

        return tell
