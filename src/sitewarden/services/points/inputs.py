"""Points that act as inputs: each change of state is a status and an event. In the process that holds the values."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.points.inputs import Watch, word
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.domain.refs import ref
from sitewarden.domain.status import Status

log = logging.getLogger(__name__)

WAITING: Final = 10_000
"""Events that wait while the outbox refuses; beyond it the oldest are dropped, and said."""
AGAIN: Final = 1.0
LOOK: Final = 0.2
"""Seconds between two looks at states whose delay runs."""

Emit = Callable[[Sequence[Event]], Awaitable[None]]


class PointInputs:
    """All inputs of a process. `told` with each batch of points that changed; `run` beside it."""

    def __init__(self, clock: Clock, status: Callable[[Status], None], emit: Emit) -> None:
        self._clock = clock
        self._status = status
        self._emit = emit
        self._held: dict[str, tuple[Point, Watch]] = {}
        self._last: dict[str, Value] = {}
        self._delayed: set[str] = set()
        self._events: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._origin = f"input/{clock.now()}"
        self._count = 0

    def configure(self, points: Iterable[Point]) -> None:
        """Watch these points; one whose input stayed the same keeps its state."""
        before, self._held = self._held, {}
        for point in points:
            if point.input is None:
                continue
            held = before.get(point.id)
            same = held is not None and held[0].input == point.input
            self._held[point.id] = (point, held[1] if same and held is not None else Watch(point.input))
        self._last = {id_: value for id_, value in self._last.items() if id_ in self._held}
        self._delayed &= self._held.keys()

    def told(self, samples: Samples) -> None:
        """Take points that changed."""
        if not self._held:
            return
        now = self._clock.now()
        for id_, value, quality in zip(samples.points, samples.values, samples.qualities, strict=True):
            held = self._held.get(id_)
            if held is None:
                continue
            point, watch = held
            self._last[id_] = value
            before = watch.state
            if watch.take(value, quality, now):
                self._tell(point, watch, before)
            if watch.waits:
                self._delayed.add(id_)
            else:
                self._delayed.discard(id_)

    def look(self) -> None:
        """Tell what has lasted for its delay."""
        now = self._clock.now()
        for id_ in list(self._delayed):
            point, watch = self._held[id_]
            before = watch.state
            if watch.due(now):
                self._tell(point, watch, before)
            if not watch.waits:
                self._delayed.discard(id_)

    async def run(self) -> None:
        """Hand over events, and look at delays, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._looking(), name="input delays")
            group.create_task(self._handing(), name="input events")

    async def _looking(self) -> None:
        while True:
            if self._delayed:
                self.look()
            await asyncio.sleep(LOOK)

    async def _handing(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._events:
                batch = list(self._events)
                self._events.clear()
                try:
                    await self._emit(batch)
                except Refusal as refusal:
                    log.warning("%d events of inputs wait: %s", len(batch), refusal)
                    self._events.extendleft(reversed(batch))
                    await asyncio.sleep(AGAIN)

    def _tell(self, point: Point, watch: Watch, before: str | None) -> None:
        state = watch.state or "normal"
        reference, now = ref("point", point.id), self._clock.now()
        value = self._last.get(point.id)
        self._status(Status(ref=reference, state="online", since=now, data={"input": state}))
        if before is None and state == "normal":
            # What is as it should be from the beginning is no change.
            return
        said = "no value" if value is None else f"{word(value)} {point.unit}".strip()
        data = {"name": point.name, "state": state, "before": before or "", "value": said}
        self._count += 1
        self._events.append(
            Event(
                key=f"{self._origin}/{self._count}",
                type=f"point.{state}",
                entity=reference,
                time=now,
                severity=severity(f"point.{state}"),
                related=(ref("device", point.device),),
                text=describe(f"point.{state}", data),
                data=data,
            )
        )
        while len(self._events) > WAITING:
            self._events.popleft()
            log.error("an event of an input was dropped: more than %d wait", WAITING)
        self._wake.set()
