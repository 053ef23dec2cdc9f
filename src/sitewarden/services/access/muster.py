"""Muster: who is inside an area as the zones know it, and who of them is safe since they showed up at a muster point."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.guards.guard import lies_in
from sitewarden.domain.access.people import CredentialHolder
from sitewarden.domain.access.rules import Rules
from sitewarden.domain.access.snapshot import AntipassbackRow, OccupancyRow
from sitewarden.domain.access.zone_state import Place
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock, to_datetime
from sitewarden.domain.errors import Conflict, Invalid, NotFound
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.domain.site import Site
from sitewarden.services.access.zones import ZoneBook
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.muster import MarkedSafe, MarkSafe, RollCall, RollCallExport, RollCallPerson, RollCallQuery
from sitewarden.store.interfaces import StateStore

HEADINGS: Final = ("state", "name", "id", "company", "visitor", "host", "area", "since", "door", "safe", "muster point")


class Muster:
    """The operations of the roll call."""

    def __init__(self, state: StateStore, clock: Clock, bus: Bus, book: ZoneBook, rules: Callable[[], Rules]) -> None:
        self._state = state
        self._clock = clock
        self._bus = bus
        self._book = book
        self._rules = rules

    def operations(self) -> list[Operation]:
        """Return the operations; who looked is in the audit log, since the list says where people are."""

        def area(params: RollCallQuery) -> str:
            return ref("area", params.area) if params.area else "*"

        def holder(params: MarkSafe) -> str:
            return ref("credential-holder", params.holder)

        return [
            Operation("muster.list", "muster.read", RollCallQuery, RollCall, self._list, area, audit=False),
            Operation("muster.export", "muster.read", RollCallExport, str, self._export, area),
            Operation("muster.mark", "muster.mark", MarkSafe, MarkedSafe, self._mark, holder),
        ]

    async def _list(self, caller: Caller, params: RollCallQuery) -> RollCall:
        rules, state = self._rules(), self._book.state
        tables = rules.tables
        names = {row.id: row.name for row in tables.areas}
        if params.area is not None and params.area not in names:
            raise NotFound(
                f"There is no area {params.area!r}.",
                where=ref("area", params.area),
                remedy="Look at the areas for its id.",
            )
        asked = frozenset(place for place, row in enumerate(tables.areas) if params.area in (None, row.id))
        inner = {row.id for place, row in enumerate(tables.areas) if lies_in(tables, place, asked)}
        zones = [
            row
            for row in tables.zones
            if (isinstance(row, OccupancyRow) or (isinstance(row, AntipassbackRow) and not row.timed))
            and any(lies_in(tables, area, asked) for area in row.areas)
        ]
        if not zones:
            raise Conflict(
                "Nobody counts who is in there.",
                where=ref("area", params.area) if params.area else "site:site",
                remedy="Make an anti-passback or occupancy zone of the area; a soft one refuses nobody.",
            )
        where: dict[str, Place] = {}
        for row in zones:
            for holder, place in state.people(row.id):
                if place.area in inner and (holder not in where or where[holder].since < place.since):
                    where[holder] = place
        people = sorted((self._person(*one, names) for one in where.items()), key=lambda one: (one.safe is not None, one.name))
        safe = sum(one.safe is not None for one in people)
        return RollCall(
            area=params.area,
            area_name=names[params.area] if params.area is not None else self._site().name,
            time=self._clock.now(),
            missing=len(people) - safe,
            safe=safe,
            people=tuple(people),
            points=tuple(row.name for row in tables.points if row.muster),
        )

    def _person(self, id_: str, place: Place, areas: dict[str, str]) -> RollCallPerson:
        rules = self._rules()
        holder, safe = self._holder(id_), self._book.state.safe.get(id_)
        host = self._holder(holder.host) if holder is not None and holder.host else None
        came, at = rules.points.get(place.access_point), rules.points.get(safe.access_point) if safe is not None else None
        counts = safe is not None and safe.time >= place.since
        return RollCallPerson(
            holder=id_,
            name=holder.name if holder is not None else id_,
            company=holder.company if holder is not None else "",
            visitor=holder is not None and holder.kind == "visitor",
            host=host.name if host is not None else "",
            area=place.area,
            area_name=areas.get(place.area, place.area),
            since=place.since,
            door_name=rules.tables.doors[came[1].door].name if came is not None else "",
            safe=safe.time if safe is not None and counts else None,
            safe_at=at[1].name if at is not None and counts else "",
        )

    def _holder(self, id_: str) -> CredentialHolder | None:
        held = self._state.get("credential-holder", id_)
        return held.entity if held is not None and isinstance(held.entity, CredentialHolder) else None

    def _site(self) -> Site:
        held = self._state.get("site", "site")
        return held.entity if held is not None and isinstance(held.entity, Site) else Site(id="site", name="The site")

    async def _export(self, caller: Caller, params: RollCallExport) -> str:
        """Return the list as CSV (RFC 4180), times in the site's zone."""
        call = await self._list(caller, RollCallQuery(area=params.area))
        zone = ZoneInfo(self._site().timezone)

        def moment(time: int | None) -> str:
            return to_datetime(time).astimezone(zone).isoformat(" ", "seconds") if time is not None else ""

        out = io.StringIO(newline="")
        lines = csv.writer(out)
        lines.writerow(HEADINGS)
        for one in call.people:
            row: tuple[Any, ...] = (
                "missing" if one.safe is None else "safe", one.name, one.holder, one.company, "yes" if one.visitor else "",
                one.host, one.area_name, moment(one.since), one.door_name, moment(one.safe), one.safe_at,
            )  # fmt: skip
            lines.writerow([_plain(cell) for cell in row])
        return out.getvalue()

    async def _mark(self, caller: Caller, params: MarkSafe) -> MarkedSafe:
        holder = self._holder(params.holder)
        if holder is None:
            raise NotFound(
                f"There is no credential-holder {params.holder!r}.", where="holder", remedy="Look at the list for the id."
            )
        reason = (params.reason or caller.reason).strip()
        if not reason:
            raise Invalid("It needs a reason.", where="reason", remedy="Say who saw them and where; it goes into the audit log.")
        now, entity = self._clock.now(), ref("credential-holder", holder.id)
        data = {"name": holder.name, "holder": holder.id, "actor": caller.actor, "reason": reason}
        event = Event(
            key=f"muster/{uuid.uuid4().hex}",
            type="muster.safe",
            entity=entity,
            time=now,
            severity=severity("muster.safe"),
            related=(caller.actor,),
            text=describe("muster.safe", data),
            data=data,
        )
        await self._bus.emit([event])
        self._book.tell("muster.safe", data, now)
        return MarkedSafe(holder=holder.id, safe=now)


def _plain(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
