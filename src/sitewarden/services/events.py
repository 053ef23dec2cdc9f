"""Reading the event log and the audit log, and what a caller may follow of them live."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from sitewarden.domain.clock import DAY, HOUR, MINUTE, SECOND, to_datetime
from sitewarden.domain.entities import KINDS
from sitewarden.domain.errors import Invalid, NotFound
from sitewarden.domain.events import StoredEvent
from sitewarden.domain.identity.grants import Rights, around, rights
from sitewarden.domain.refs import ref, split_ref
from sitewarden.domain.site import Site
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.history import EventCountQuery, EventCounts, EventPage, EventQuery, EventSearch, EventSeries
from sitewarden.services.surface.identity import Nothing, Scope, Visible
from sitewarden.services.surface.system import AuditPage, AuditQuery, AuditRecord
from sitewarden.store.interfaces import EventFilter, EventLog, StateStore, Tally

PEOPLE: Final = frozenset({"user", "group", "role", "token", "session"})
"""Kinds whose events only those see who may also read users."""
_NOWHERE: Final = frozenset(
    {"site", "network", "role", "group", "user", "token", "credential-holder", "credential", "saved-search"}
)
"""Kinds that stand in no area."""
_BATCH: Final = 1000
_ROUNDS: Final = 20
"""Batches read for one page at most, for a caller who may see few of many; the page then says where to go on."""
_SECONDS: Final = 1.0
"""How long one page, or one count, is searched for; what was not looked at until then is said."""
_SERIES: Final = 8
"""Types that are told apart in counts; the rarer ones are summed up."""
_STEPS: Final = (
    *(n * SECOND for n in (1, 2, 5, 15, 30)),
    *(n * MINUTE for n in (1, 2, 5, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 7, 14, 28)),
)
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
            Operation("events.count", "event.read", EventCountQuery, EventCounts, self.count, audit=False, filtered=True),
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
        """Return a page of the events that the caller may see, as far as the time goes."""
        allowed = rights(caller.grants)
        which = self.filter(query)
        found: list[StoredEvent] = []
        end = time.monotonic() + _SECONDS
        for _ in range(_ROUNDS):
            wanted = query.limit - len(found) + 1
            batch_limit = wanted if allowed.everywhere("event.read") else min(_BATCH, max(wanted, 100))
            batch = await self._log.search(replace(which, limit=batch_limit), max(0.05, end - time.monotonic()))
            for position, stored in enumerate(batch.items):
                if self.visible(allowed, stored.event.entity):
                    found.append(stored)
                if len(found) == query.limit:
                    more = position + 1 < len(batch.items) or batch.next is not None
                    return EventPage(items=found, next=found[-1].seq if more else None)
            if batch.next is None:
                return EventPage(items=found, next=None)
            which = replace(which, **{"after" if query.after is not None else "before": batch.next})
            if time.monotonic() > end:
                break
        reached = which.after if query.after is not None else which.before
        return EventPage(items=found, next=reached, searched=await self._time_of(reached or 0))

    def filter(self, query: EventSearch) -> EventFilter:
        """Return the filter of a search, without its page's limit. Raises NotFound for an area that there is not."""
        among: list[tuple[str, ...]] = []
        if query.area:
            if self._state.get("area", query.area) is None:
                raise NotFound(f"There is no area {query.area!r}.", where="area", remedy="Look at the list for its id.")
            among.append(self._within(query.area))
        if query.holder:
            among.append((ref("credential-holder", query.holder),))
        return EventFilter(
            after=getattr(query, "after", None),
            before=getattr(query, "before", None),
            types=query.type,
            entity=query.entity,
            severity=query.severity,
            start=query.start,
            end=query.end,
            text=query.q,
            among=tuple(among),
            source=query.source,
        )

    def _within(self, area: str) -> tuple[str, ...]:
        """Return the references of all that stands in an area or below it."""
        of, parent = self._subjects.of_entity, self._subjects.parent
        inside = {one.entity.id for one in self._state.list("area") if area in around(one.entity.id, parent)}
        return tuple(
            reference
            for kind in KINDS
            for one in (() if kind in _NOWHERE else self._state.list(kind))
            if (reference := ref(kind, one.entity.id)) and (of(kind, one.entity).area in inside or reference == ref("area", area))
        )

    async def _time_of(self, seq: int) -> int | None:
        """Return when the event at or after a place of the log happened."""
        found = await self._log.read(EventFilter(after=max(0, seq - 1), limit=1))
        return found[0].event.time if found else None

    async def count(self, caller: Caller, query: EventCountQuery) -> EventCounts:
        """Count what the caller may see, over time."""
        oldest = await self._log.read(EventFilter(after=0, limit=1))
        newest = await self._log.read(EventFilter(limit=1))
        if not oldest or not newest:
            return EventCounts(start=0, end=0, step=SECOND, series=[], total=0)
        start = oldest[0].event.time if query.start is None else query.start
        end = max(newest[0].event.time, newest[0].stored) + 1 if query.end is None else query.end
        if end <= start:
            raise Invalid("The end is not after the start.", where="end", remedy="Give a later end.")
        start, end, step = self._steps(start, end, query.steps)
        which = replace(self.filter(query), start=start, end=end)
        if rights(caller.grants).everywhere("event.read") and rights(caller.grants).everywhere("user.get"):
            counted = await self._log.count(which, step, _SECONDS)
            tallies, reached = counted.tallies, counted.reached
        else:
            tallies, reached = await self._counted(caller, query, start, end, step)
        when = await self._time_of(reached) if reached is not None else None
        return _counts(tallies, query.by, start, end, step, when)

    async def _counted(
        self, caller: Caller, query: EventCountQuery, start: int, end: int, step: int
    ) -> tuple[list[Tally], int | None]:
        """Count event by event what a caller with few rights may see, the newest first, as far as the time goes."""
        tallies: list[Tally] = []
        before: int | None = None
        until = time.monotonic() + _SECONDS
        fields = {name: getattr(query, name) for name in EventSearch.__struct_fields__} | {"start": start, "end": end}
        while time.monotonic() < until:
            page = await self.page(caller, EventQuery(before=before, limit=_BATCH, **fields))
            tallies += [
                Tally(start + (one.event.time - start) // step * step, one.event.type, one.event.severity, 1)
                for one in page.items
            ]
            before = page.next
            if before is None:
                return tallies, None
        return tallies, before

    def _steps(self, start: int, end: int, most: int) -> tuple[int, int, int]:
        """Return a span around the one asked for that whole steps make up, on the site's clock, and the step."""
        held = next(iter(self._state.list("site")), None)
        zone = ZoneInfo(held.entity.timezone) if held is not None and isinstance(held.entity, Site) else ZoneInfo("UTC")
        offset = int((to_datetime(start).astimezone(zone).utcoffset() or timedelta()).total_seconds()) * SECOND
        for step in _STEPS:
            first = (start + offset) // step * step - offset
            if -(-(end - first) // step) <= most:
                break
        else:
            step = -(-(end - start) // (most - 1) // DAY + 1) * DAY
            first = (start + offset) // step * step - offset
        return first, first + -(-(end - first) // step) * step, step

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


def _counts(tallies: Sequence[Tally], by: str, start: int, end: int, step: int, reached: int | None) -> EventCounts:
    """Return the counts as columns, the most frequent type first."""
    size = (end - start) // step
    sums: dict[str, list[int]] = {str(level): [0] * size for level in range(4)} if by == "severity" else {}
    for one in tallies:
        column = sums.setdefault(str(one.severity) if by == "severity" else one.type, [0] * size)
        column[(one.start - start) // step] += one.count
    names = list(sums) if by == "severity" else sorted(sums, key=lambda name: -sum(sums[name]))
    series = [EventSeries(name=name, counts=sums[name]) for name in names[:_SERIES]]
    if rest := names[_SERIES:]:
        series.append(EventSeries(name="", counts=[sum(column) for column in zip(*(sums[name] for name in rest), strict=True)]))
    return EventCounts(start=start, end=end, step=step, series=series, total=sum(one.count for one in tallies), reached=reached)
