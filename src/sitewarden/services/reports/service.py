"""The operations report.events and report.rights: core gathers rows in slices, a child renders them, the file is fetched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from sitewarden.domain.access.questions import Way
from sitewarden.domain.catalogue import describe
from sitewarden.domain.clock import Clock, to_datetime
from sitewarden.domain.errors import NotFound, TooMany
from sitewarden.domain.events import StoredEvent
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.refs import ref, slug
from sitewarden.domain.site import Site
from sitewarden.services.access.rights import RightsQuestions
from sitewarden.services.aside import aside
from sitewarden.services.events import Events
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.reports.child import make
from sitewarden.services.reports.sheet import MOST_ROWS, Column, Form, Head, Rows
from sitewarden.services.spool import Spool, item_bytes
from sitewarden.services.surface.history import EventQuery, EventSearch
from sitewarden.services.surface.people import FileTicket
from sitewarden.services.surface.reports import EventReport, RightsReport
from sitewarden.services.surface.rights import RightRow, WhatQuery, WhoQuery
from sitewarden.store.interfaces import StateStore

AT_ONCE: Final = 2
"""Reports made at once; more are refused, since each takes a core."""
TIMEOUT: Final = 60.0
PAGE: Final = 1000
SEVERITIES: Final = ("", "notice", "warning", "alarm")
MEDIA: Final = {"csv": "text/csv", "pdf": "application/pdf"}
EVENTS: Final = (
    Column("Time", 15), Column("Severity", 7), Column("Type", 15), Column("Entity", 18), Column("What", 45),
    Column("Related", 25), Column("No.", 7),
)  # fmt: skip
RIGHTS: Final = (
    Column("Person", 18), Column("Credential", 14), Column("Door", 14), Column("Access point", 14), Column("When", 22),
    Column("Profile", 16), Column("Group", 10), Column("Valid", 20), Column("Now", 18),
)  # fmt: skip
_VERDICTS: Final = {"now": "yes", "later": "at other times", "no": "no"}

Row = tuple[str, ...]


class Reports:
    """Wired by app."""

    def __init__(self, state: StateStore, clock: Clock, spool: Spool, events: Events, questions: RightsQuestions) -> None:
        self._state = state
        self._clock = clock
        self._spool = spool
        self._events = events
        self._questions = questions
        self._free = asyncio.Semaphore(AT_ONCE)

    def operations(self) -> list[Operation]:
        """Return the operations; whoever may read the events, or ask for the rights, may have them as a report."""
        return [
            Operation(
                "report.events", "event.read", EventReport, FileTicket, self._of_events, filtered=True, timeout=TIMEOUT,
                detail=_given,
            ),
            Operation(
                "report.rights", _right, RightsReport, FileTicket, self._of_rights, _about, timeout=TIMEOUT, detail=_given
            ),
        ]  # fmt: skip

    async def _of_events(self, caller: Caller, params: EventReport) -> FileTicket:
        zone = self._zone()
        facts = [
            ("From", self._moment(params.start, zone) or "the beginning of the log"),
            ("To", self._moment(params.end, zone) or "now"),
            ("Of", self._name(params.entity) if params.entity else "everything"),
            ("Types", ", ".join(params.type) or "all"),
            ("Severity", f"{SEVERITIES[params.severity]} and above" if params.severity else "all"),
            *((("Area", self._name(ref("area", params.area))),) if params.area else ()),
            *((("Person", self._name(ref("credential-holder", params.holder))),) if params.holder else ()),
            *((("Source", params.source),) if params.source else ()),
            *((("Text", params.q),) if params.q else ()),
        ]
        rows = (self._event_row(one, zone) async for one in self._read(caller, params))
        return await self._make(caller, params.form, "Events", facts, EVENTS, rows)

    async def _read(self, caller: Caller, params: EventReport) -> AsyncIterator[StoredEvent]:
        after: int | None = 0
        while after is not None:
            fields = {name: getattr(params, name) for name in EventSearch.__struct_fields__}
            query = EventQuery(after=after, limit=PAGE, **fields)
            page = await self._events.page(caller, query)
            for one in page.items:
                yield one
            after = page.next

    def _event_row(self, stored: StoredEvent, zone: ZoneInfo) -> Row:
        event = stored.event
        return (
            self._moment(event.time, zone),
            SEVERITIES[event.severity],
            event.type,
            self._name(event.entity),
            event.text or describe(event.type, event.data),
            ", ".join(self._name(one) for one in event.related),
            str(stored.seq),
        )

    async def _of_rights(self, caller: Caller, params: RightsReport) -> FileTicket:
        for kind, id_ in (("door", params.door), ("credential-holder", params.holder)):
            if id_ and self._state.get(kind, id_) is None:
                raise NotFound(f"There is no {kind} {id_!r}.", where=ref(kind, id_), remedy="Look at the list for its id.")
        facts = [
            ("Door", self._name(ref("door", params.door)) if params.door else "all"),
            ("Person", self._name(ref("credential-holder", params.holder)) if params.holder else "all"),
            ("As of", self._moment(self._clock.now(), self._zone())),
        ]
        return await self._make(caller, params.form, "Access rights", facts, RIGHTS, self._rights_rows(caller, params))

    async def _rights_rows(self, caller: Caller, params: RightsReport) -> AsyncIterator[Row]:
        zone = self._zone()
        if params.holder:
            page = await self._questions.what(caller, WhatQuery(id=params.holder, limit=PAGE))
            for item in page.items:
                for way in item.ways:
                    if way.door == params.door or not params.door:
                        yield self._right_row(item, way, zone)
            return
        allowed = rights(caller.grants)
        doors = [params.door] if params.door else sorted(held.entity.id for held in self._state.list("door"))
        for door in doors:
            subject = self._questions.subjects.of(ref("door", door))
            if not allowed.allows("door.rights", subject, self._questions.subjects.parent):
                continue
            async for item in self._questions.everyone(caller, WhoQuery(id=door)):
                for way in item.ways:
                    yield self._right_row(item, way, zone)

    def _right_row(self, item: RightRow, way: Way, zone: ZoneInfo) -> Row:
        begin, end = self._moment(way.valid_from, zone), self._moment(way.valid_to, zone)
        verdict, why = (item.verdict, item.why) if item.verdict == "no" else (way.verdict, way.why)
        return (
            f"{item.holder_name} ({item.holder})",
            item.credential_name if item.credential_name != item.holder_name else item.credential,
            self._name(ref("door", way.door)),
            way.access_point_name,
            f"{way.when} ({way.schedule_name})",
            way.profile_name,
            self._name(ref("holder-group", way.group)) if way.group else "",
            f"{begin or '…'} to {end or '…'}" if begin or end else "",
            f"{_VERDICTS[verdict]}: {why}" if why else _VERDICTS[verdict],
        )

    # -- making -------------------------------------------------------------------------------------------------------

    async def _make(
        self, caller: Caller, form: Form, title: str, facts: list[tuple[str, str]], columns: tuple[Column, ...],
        rows: AsyncIterator[Row],
    ) -> FileTicket:  # fmt: skip
        if self._free.locked():
            raise TooMany(f"{AT_ONCE} reports are being made already.", remedy="Try again in a minute.")
        async with self._free:
            zone, now = self._zone(), self._clock.now()
            with self._spool.passing(".rows") as gathered, self._spool.made(f".{form}") as out:
                count, more = await _gather(gathered, rows, MOST_ROWS[form])
                head = Head(
                    title=title,
                    facts=(
                        ("Site", self._site()),
                        *facts,
                        ("Made", f"{self._moment(now, zone)} by {self._name(caller.actor)}"),
                        ("Time zone", zone.key),
                        ("Rows", str(count)),
                    ),
                    columns=columns,
                    truncated=more,
                )
                size = await aside(lambda part: None, make, form, head, gathered, count, out)
        local = datetime.fromtimestamp(now / 1e6, zone)
        name = f"{slug(title)}-{local:%Y%m%d-%H%M}.{form}"
        return FileTicket(path=str(out), name=name, media_type=MEDIA[form], size=size)

    def _name(self, reference: str) -> str:
        kind, _, id_ = reference.partition(":")
        held = self._state.get(kind, id_)
        return held.entity.name if held is not None else reference

    def _site(self) -> str:
        held = self._state.get("site", "site")
        return held.entity.name if held is not None else "–"

    def _zone(self) -> ZoneInfo:
        held = self._state.get("site", "site")
        return ZoneInfo(held.entity.timezone if held is not None and isinstance(held.entity, Site) else "UTC")

    @staticmethod
    def _moment(time: int | None, zone: ZoneInfo) -> str:
        return "" if time is None else f"{to_datetime(time).astimezone(zone):%Y-%m-%d %H:%M:%S}"


async def _gather(path: Path, rows: AsyncIterator[Row], most: int) -> tuple[int, bool]:
    """Write rows to the spool; return how many, and whether there are more than `most`."""
    encode: Callable[[Rows], bytes] = msgspec.msgpack.Encoder().encode
    count = 0
    part: list[Row] = []
    with path.open("wb", buffering=1 << 20) as file:
        async for row in rows:
            if count == most:
                file.write(item_bytes(encode(Rows(part))))
                return count, True
            part.append(row)
            count += 1
            if len(part) == 200:
                file.write(item_bytes(encode(Rows(part))))
                part = []
                await asyncio.sleep(0)
        file.write(item_bytes(encode(Rows(part))))
    return count, False


def _right(params: RightsReport) -> str:
    return "credential-holder.rights" if params.holder else "door.rights"


def _about(params: RightsReport) -> str:
    if params.holder:
        return ref("credential-holder", params.holder)
    return ref("door", params.door) if params.door else "*"


def _given(params: EventReport | RightsReport) -> dict[str, object]:
    """Return what was asked for, for the audit log."""
    return {name: value for name in params.__struct_fields__ if (value := getattr(params, name)) not in (None, "", (), 0)}
