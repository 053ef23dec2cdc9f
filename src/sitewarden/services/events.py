"""Reading the event log and the audit log, and what a caller may follow of them live."""

from __future__ import annotations

from typing import Final

from sitewarden.domain.entities import KINDS
from sitewarden.domain.events import StoredEvent
from sitewarden.domain.identity.grants import Rights, rights
from sitewarden.domain.refs import ref, split_ref
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.identity import Nothing, Scope, Visible
from sitewarden.services.surface.system import AuditPage, AuditQuery, AuditRecord, EventPage, EventQuery
from sitewarden.store.interfaces import EventFilter, EventLog, StateStore

PEOPLE: Final = frozenset({"user", "group", "role", "token", "session"})
"""Kinds whose events only those see who may also read users."""
_BATCH: Final = 1000
_ROUNDS: Final = 20
"""Batches read for one page at most, for a caller who may see few of many; the page then says where to go on."""
STATUS_KINDS: Final = ("endpoint", "device", "point", "camera", "controller", "door", "access-point")


class Events:
    """The operations on the logs."""

    def __init__(self, log: EventLog, state: StateStore, subjects: Subjects) -> None:
        self._log = log
        self._state = state
        self._subjects = subjects

    def operations(self) -> list[Operation]:
        """Return the operations on the logs."""
        return [
            Operation("events.list", "event.read", EventQuery, EventPage, self.page, audit=False, filtered=True),
            Operation("audit.list", "audit.read", AuditQuery, AuditPage, self._audit, audit=False),
            Operation("live.scope", "live.scope", Nothing, Scope, self._scope, audit=False, signed_in=True),
        ]

    def visible(self, allowed: Rights, reference: str) -> bool:
        """Tell whether events of an entity may be seen with these rights."""
        if split_ref(reference)[0] in PEOPLE and not allowed.everywhere("user.get"):
            return False
        if allowed.everywhere("event.read"):
            return True
        return allowed.allows("event.read", self._subjects.of(reference), self._subjects.parent)

    async def page(self, caller: Caller, query: EventQuery) -> EventPage:
        """Return a page of the events that the caller may see."""
        allowed = rights(caller.grants)
        upwards = query.after is not None
        after, before = query.after, query.before
        found: list[StoredEvent] = []
        for _ in range(_ROUNDS):
            wanted = query.limit - len(found) + 1
            batch_limit = wanted if allowed.everywhere("event.read") else min(_BATCH, max(wanted, 100))
            batch = await self._log.read(
                EventFilter(
                    after=after,
                    before=before,
                    types=query.type,
                    entity=query.entity,
                    severity=query.severity,
                    start=query.start,
                    end=query.end,
                    text=query.q,
                    limit=batch_limit,
                )
            )
            for position, stored in enumerate(batch):
                if self.visible(allowed, stored.event.entity):
                    found.append(stored)
                if len(found) == query.limit:
                    more = position + 1 < len(batch) or len(batch) == batch_limit
                    return EventPage(items=found, next=found[-1].seq if more else None)
            if len(batch) < batch_limit:
                return EventPage(items=found, next=None)
            if upwards:
                after = batch[-1].seq
            else:
                before = batch[-1].seq
        return EventPage(items=found, next=after if upwards else before)

    async def _audit(self, caller: Caller, query: AuditQuery) -> AuditPage:
        page = await self._state.audit_page(query.before, query.limit)
        items = [
            AuditRecord(
                seq=record.id,
                time=record.entry.time,
                actor=record.entry.actor,
                action=record.entry.action,
                entity=record.entry.entity,
                outcome=record.entry.outcome,
                reason=record.entry.reason,
                detail=record.entry.detail,
                remote=record.entry.remote,
                hash=record.hash,
            )
            for record in page
        ]
        return AuditPage(items=items, next=items[-1].seq if len(items) == query.limit and items[-1].seq > 1 else None)

    async def _scope(self, caller: Caller, query: Nothing) -> Scope:
        allowed = rights(caller.grants)
        status_kinds = tuple(kind for kind in STATUS_KINDS if allowed.everywhere(f"{kind}.get"))
        status_refs = tuple(
            reference
            for kind in STATUS_KINDS
            if kind not in status_kinds
            for reference in self._refs(allowed, f"{kind}.get", (kind,))
        )
        return Scope(
            status=Visible(all=len(status_kinds) == len(STATUS_KINDS), kinds=status_kinds, refs=status_refs)
            if allowed.any("status.list")
            else Visible(),
            points=self._visible(allowed, "point.read", ("point",)),
            events=self._visible(allowed, "event.read", tuple(KINDS)),
            people=allowed.everywhere("user.get"),
            network=allowed.everywhere("network.read"),
        )

    def _visible(self, allowed: Rights, action: str, kinds: tuple[str, ...]) -> Visible:
        if allowed.everywhere(action):
            return Visible(all=True)
        return Visible(refs=tuple(self._refs(allowed, action, kinds)))

    def _refs(self, allowed: Rights, action: str, kinds: tuple[str, ...]) -> list[str]:
        if not allowed.any(action):
            return []
        of, parent = self._subjects.of_entity, self._subjects.parent
        return [
            ref(kind, held.entity.id)
            for kind in kinds
            for held in self._state.list(kind)
            if allowed.allows(action, of(kind, held.entity), parent)
        ]
