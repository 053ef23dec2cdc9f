"""Anti-passback: nobody enters where they are already, leaves where they are not, or comes again too soon.

A zone knows its own areas; all else is outside. Of areas that lie in each other a person is in the innermost, so that who came
into the inner one leaves it before the outer one. Who is not known to be anywhere may pass, and is known from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewarden.domain.access.calendars import Calendar
from sitewarden.domain.access.case import Case, Refusal, moment
from sitewarden.domain.access.decision import ZoneView
from sitewarden.domain.access.guards.guard import Guard, nearest
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.snapshot import EXEMPT, AntipassbackRow, PointRow, Tables
from sitewarden.domain.access.zone_state import Draft, Place

if TYPE_CHECKING:
    from sitewarden.domain.access.rules import Rules


class AntipassbackGuard(Guard):
    """One anti-passback zone at an access point that crosses its bounds."""

    def __init__(self, row: AntipassbackRow, tables: Tables, leaves: int, enters: int, reset: Calendar | None) -> None:
        super().__init__(row)
        self._zone = row
        self._leaves = tables.areas[leaves].id if leaves >= 0 else ""
        self._enters = tables.areas[enters].id if enters >= 0 else ""
        self._names = {area.id: area.name for area in tables.areas}
        self._reset = reset

    @classmethod
    def at(cls, row: AntipassbackRow, tables: Tables, point: PointRow, calendars: list[Calendar]) -> AntipassbackGuard | None:
        """Return the guard of a point; None where it stays within one area of the zone, or outside."""
        areas = frozenset(row.areas)
        leaves, enters = nearest(tables, point.area_from, areas), nearest(tables, point.area_to, areas)
        if leaves == enters or (row.timed and enters < 0):
            return None
        return cls(row, tables, leaves, enters, calendars[row.reset_schedule] if row.reset_schedule >= 0 else None)

    def check(self, case: Case) -> Refusal | None:
        """Refuse who is elsewhere than on the near side of the door, or was here too short a time ago."""
        place = self._known(case.zones.place(self.zone, case.holder_id), case.now)
        if case.rules.holders.flags[case.holder] & EXEMPT:
            state = self._state(place)
            case.views += (ZoneView(zone=self.zone, kind=self.kind, state=state, verdict="exempt"),)
            return None
        if place is None or (self._zone.timed and place.area != self._enters):
            self.view(case, self._state(place))
            return None
        if self._zone.timed:
            if case.now - place.since >= self._zone.window:
                self.view(case, self._state(place))
                return None
            again = moment(place.since + self._zone.window)
            text = f"came into {self._name(self._enters)} at {moment(place.since)}, again from {again}"
            return self.judge(case, self._zone.hard, DenyReason.TIMED_ANTIPASSBACK, self._state(place), text)
        if place.area == self._leaves:
            self.view(case, self._state(place))
            return None
        text = f"is {self._where(place.area)} since {moment(place.since)}, not {self._where(self._leaves)}"
        return self.judge(case, self._zone.hard, DenyReason.ANTIPASSBACK_VIOLATION, self._state(place), text)

    def passed(self, draft: Draft, rules: Rules, holder: str, now: int) -> None:
        """Somebody is on the far side now."""
        draft.move(self.zone, holder, Place(self._enters, now))

    def _known(self, place: Place | None, now: int) -> Place | None:
        """Return a place unless it is to be forgotten by now."""
        if place is None or (self._zone.reset_after and now - place.since >= self._zone.reset_after):
            return None
        if self._reset is not None and place.since < self._reset.run_start(now):
            return None
        return place

    def _state(self, place: Place | None) -> str:
        return f"{self._where(place.area)} since {moment(place.since)}" if place is not None else "not known where"

    def _where(self, area: str) -> str:
        return f"in {self._name(area)}" if area else "outside"

    def _name(self, area: str) -> str:
        return self._names.get(area, area)
