"""A StateStore in memory, with the contract of the real one, for tests of the services alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sitewarden.domain.clock import SECOND
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Conflict
from sitewarden.domain.events import Event, StoredEvent
from sitewarden.store.interfaces import AuditEntry, AuditRecord, Change, EventFilter, Held
from sitewarden.store.plain import ReadingLog


class TestClock:
    __test__ = False

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def now(self) -> int:
        return int(self.seconds * SECOND)

    def monotonic(self) -> float:
        return self.seconds


class MemoryState:
    def __init__(self) -> None:
        self.version = 0
        self.events: list[Event] = []
        self.audited: list[AuditEntry] = []
        self._held: dict[str, dict[str, Held]] = {}
        self._watchers: list[Callable[[Sequence[Change]], None]] = []

    def get(self, kind: str, id_: str) -> Held | None:
        return self._held.get(kind, {}).get(id_)

    def list(self, kind: str) -> list[Held]:
        return list(self._held.get(kind, {}).values())

    async def apply(self, changes: Sequence[Change], *, events: Sequence[Event] = (), audit: Sequence[AuditEntry] = ()) -> int:
        for change in changes:
            held = self.get(change.kind, change.id)
            if change.revision is not None and change.revision != (held.revision if held else 0):
                raise Conflict("It was changed meanwhile.", where=f"{change.kind}:{change.id}")
        for change in changes:
            of_kind = self._held.setdefault(change.kind, {})
            if change.entity is None:
                of_kind.pop(change.id, None)
            else:
                held = of_kind.get(change.id)
                of_kind[change.id] = Held(change.entity, held.revision + 1 if held else 1, self.version + 1)
        self.version += 1
        self.events += events
        self.audited += audit
        for watcher in self._watchers:
            watcher(changes)
        return self.version

    def watch(self, changed: Callable[[Sequence[Change]], None]) -> None:
        self._watchers.append(changed)

    async def audit(self, entries: Sequence[AuditEntry]) -> None:
        self.audited += entries

    async def audit_page(self, before: int | None = None, limit: int = 100) -> list[AuditRecord]:
        numbered = [AuditRecord(id=i + 1, entry=entry, hash="") for i, entry in enumerate(self.audited)]
        return [record for record in reversed(numbered) if before is None or record.id < before][:limit]

    async def put(self, kind: str, *entities: Entity) -> None:
        await self.apply([Change(kind=kind, id=entity.id, entity=entity) for entity in entities])


class MemoryLog(ReadingLog):
    """An EventLog over the events that a MemoryBus stored."""

    def __init__(self, stored: list[StoredEvent]) -> None:
        self.stored = stored
        self.reads = 0

    def head(self) -> int:
        return self.stored[-1].seq if self.stored else 0

    async def read(self, which: EventFilter) -> list[StoredEvent]:
        self.reads += 1
        found = [
            item
            for item in self.stored
            if (which.after is None or item.seq > which.after)
            and (which.before is None or item.seq < which.before)
            and item.event.severity >= which.severity
            and (which.start is None or item.event.time >= which.start)
            and (which.end is None or item.event.time < which.end)
            and which.text.lower() in item.event.text.lower()
            and (which.entity is None or which.entity == item.event.entity or which.entity in item.event.related)
            and (
                not which.types
                or any(item.event.type == t or (t[-2:] == ".*" and item.event.type.startswith(t[:-1])) for t in which.types)
            )
        ]
        if which.after is None:
            found.reverse()
        return found[: which.limit]


def _fits(type_: str, name: str) -> bool:
    return type_ == name or (name.endswith(".*") and type_.startswith(name[:-1]))
