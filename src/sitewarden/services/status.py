"""The status board: how everything is now, as the processes tell it over the bus topic `status`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.refs import ref, split_ref
from sitewarden.domain.status import ASPECTS, Status, owner
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.system import Statuses, StatusQuery
from sitewarden.store.interfaces import Change, StateStore

TOPIC: Final = "status"
BOARD: Final = "status.board"
"""Bus request of the node's own processes: nothing -> list[Status], all of them."""
LARGEST: Final = 100_000
"""Entities with a status; a status of one more is dropped and counted."""


class StatusBoard:
    """Keeps the last status of each entity; forgets those of entities that are deleted."""

    def __init__(self, bus: Bus, state: StateStore, subjects: Subjects) -> None:
        self._bus = bus
        self._subjects = subjects
        self._statuses: dict[str, Status] = {}
        # Bound: the last LARGEST that were deleted; a process tells "disabled" of one a moment after that.
        self._gone: dict[str, None] = {}
        self._decode = msgspec.msgpack.Decoder(Status).decode
        self.refused = 0
        self._changed: list[Callable[[Status], None]] = []
        state.watch(self._forget)

    def operations(self) -> list[Operation]:
        """Return the operation that lists the statuses."""
        return [Operation("status.list", "status.list", StatusQuery, Statuses, self._list, audit=False, filtered=True)]

    def get(self, reference: str) -> Status | None:
        """Return the last status of an entity; None where none was told."""
        return self._statuses.get(reference)

    def put(self, status: Status) -> None:
        """Take a status; one of an entity that was deleted is dropped."""
        if owner(status.ref) in self._gone:
            return
        if status.ref not in self._statuses and len(self._statuses) >= LARGEST:
            self.refused += 1
            return
        self._statuses[status.ref] = status
        for tell in self._changed:
            tell(status)

    def watch(self, changed: Callable[[Status], None]) -> None:
        """Call `changed` with each status that is taken."""
        self._changed.append(changed)

    async def run(self) -> None:
        """Take what comes over the bus until cancelled."""
        self._bus.serve(BOARD, self._serve)
        # Bound: the last 4096 messages; what is dropped is told again by its source with its next change.
        subscription = self._bus.subscribe(TOPIC, capacity=4096)
        try:
            async for topic, payload in subscription:
                if topic != TOPIC:
                    continue
                try:
                    status = self._decode(payload)
                except (msgspec.ValidationError, msgspec.DecodeError):
                    self.refused += 1
                    continue
                self.put(status)
        finally:
            subscription.close()

    async def _serve(self, _: bytes) -> bytes:
        return msgspec.msgpack.encode(list(self._statuses.values()))

    async def _list(self, caller: Caller, query: StatusQuery) -> Statuses:
        allowed = rights(caller.grants)
        items = []
        for status in self._statuses.values():
            kind = split_ref(status.ref)[0]
            if query.kind and kind not in query.kind:
                continue
            about = owner(status.ref)
            action = f"{split_ref(about)[0]}.get"
            if allowed.everywhere(action) or allowed.allows(action, self._subjects.of(about), self._subjects.parent):
                items.append(status)
        return Statuses(items=items)

    def _forget(self, changes: Sequence[Change]) -> None:
        for change in changes:
            about = ref(change.kind, change.id)
            self._gone.pop(about, None)
            if change.entity is None:
                self._gone[about] = None
                for kind in (change.kind, *(aspect for aspect, of in ASPECTS.items() if of == change.kind)):
                    self._statuses.pop(f"{kind}:{change.id}", None)
        while len(self._gone) > LARGEST:
            del self._gone[next(iter(self._gone))]
