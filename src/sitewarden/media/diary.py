"""What the recorder has to tell: segments and gaps for the index, events for the log. Each waits here until it is taken."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.errors import Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.domain.video.model import Gap, Segment
from sitewarden.store.interfaces import SegmentIndex

log = logging.getLogger(__name__)

GAPS_KEPT: Final = 10_000
"""Gaps that wait while the index refuses them; beyond it the oldest is dropped, and its time has no reason."""
EVENTS_KEPT: Final = 10_000
"""Events that wait while the outbox refuses them; beyond it the oldest is dropped."""

Emit = Callable[[Sequence[Event]], Awaitable[None]]


class Diary:
    """Keeps order: a segment is told of when the index has it. `wake` is called when something waits."""

    def __init__(
        self,
        index: SegmentIndex,
        emit: Emit,
        wake: Callable[[], None],
        *,
        name: Callable[[str], str],
        exact: Callable[[Segment], Segment],
    ) -> None:
        """`name` gives a camera's name, `exact` the entry of a file that a failing disk cut, as it really is (it blocks)."""
        self._index = index
        self._emit = emit
        self._wake = wake
        self._name = name
        self._exact = exact
        self._sealed: deque[tuple[Segment, bool]] = deque()
        self._indexing: list[Segment] = []
        self._gaps: deque[Gap] = deque(maxlen=GAPS_KEPT)
        self._noting = asyncio.Lock()
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)

    def sealed(self, segment: Segment, cut: bool) -> None:
        """Take a finished segment; `cut` where its end must be looked up."""
        self._sealed.append((segment, cut))
        self._wake()

    def note(self, gap: Gap) -> None:
        """Take a gap that began or is over."""
        self._gaps.append(gap)
        self._wake()

    def tell(self, type_: str, entity: str, time: int, key: str, data: Mapping[str, Any]) -> None:
        """Take an event; its text and severity are the catalogue's."""
        found = dict(data)
        self._events.append(
            Event(
                key=f"media/{key}/{type_}",
                type=type_,
                entity=entity,
                time=time,
                severity=severity(type_),
                text=describe(type_, found),
                data=found,
            )
        )

    def unindexed(self) -> list[Segment]:
        """Return the finished segments that the index does not know yet."""
        return [*(one for one, _ in self._sealed), *self._indexing]

    def unnoted(self, camera: str) -> list[Gap]:
        """Return a camera's gaps that the index does not know yet."""
        return [one for one in self._gaps if one.camera == camera]

    async def settle(self) -> None:
        """Bring what was sealed and the gaps into the index, and the events that wait into the log; each without the other."""
        await self._index_sealed()
        await self.index_gaps()
        while self._events:
            events = [self._events.popleft() for _ in range(len(self._events))]
            try:
                await self._emit(events)
            except Refusal as error:
                log.warning("events could not be handed over, trying again: %s", error)
                self._events.extendleft(reversed(events))
                return

    async def _index_sealed(self) -> None:
        while self._sealed:
            batch = [self._sealed.popleft() for _ in range(min(len(self._sealed), 200))]
            segments = [await asyncio.to_thread(self._exact, segment) if cut else segment for segment, cut in batch]
            self._indexing = segments
            try:
                await self._index.add(segments)
            except Refusal as error:
                log.warning("%d segments could not be indexed, trying again: %s", len(segments), error)
                self._sealed.extendleft((segment, False) for segment in reversed(segments))
                return
            finally:
                self._indexing = []
            for segment in segments:
                seconds = round((segment.end - segment.start) / 1e6, 1)
                data = {"name": self._name(segment.camera), "seconds": seconds, "segment": segment.id, "bytes": segment.bytes}
                self.tell("video.segment.sealed", ref("camera", segment.camera), segment.end, f"segment/{segment.id}", data)

    async def index_gaps(self) -> None:
        """Bring the gaps into the index."""
        async with self._noting:
            while self._gaps:
                batch = [self._gaps.popleft() for _ in range(min(len(self._gaps), 1000))]
                try:
                    await self._index.note(batch)
                except Refusal as error:
                    log.warning("%d gaps could not be noted, trying again: %s", len(batch), error)
                    self._gaps.extendleft(reversed(batch))
                    return
