"""Occupancy: no more than so many people within areas. Who was let in counts from then on, before they went through the door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sitewarden.domain.access.case import Case, Refusal
from sitewarden.domain.access.guards.guard import Guard, lies_in
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.snapshot import OccupancyRow, PointRow, Tables
from sitewarden.domain.access.zone_state import Draft, Place
from sitewarden.domain.clock import SECOND

if TYPE_CHECKING:
    from sitewarden.domain.access.rules import Rules

AWAITED: Final = 60 * SECOND
"""How long a place is kept for somebody who was let in and is not heard of again."""


class OccupancyGuard(Guard):
    """One occupancy zone at an access point that leads into, out of or about in it. `area` is "" where it leads out."""

    def __init__(self, row: OccupancyRow, enters: bool, area: str) -> None:
        super().__init__(row)
        self._zone = row
        self._enters = enters
        self._area = area

    @classmethod
    def at(cls, row: OccupancyRow, tables: Tables, point: PointRow) -> OccupancyGuard | None:
        """Return the guard of a point; None where it has nothing to do with the areas."""
        areas = frozenset(row.areas)
        before, after = lies_in(tables, point.area_from, areas), lies_in(tables, point.area_to, areas)
        if not before and not after:
            return None
        return cls(row, after and not before, tables.areas[point.area_to].id if after else "")

    def check(self, case: Case) -> Refusal | None:
        """Refuse to enter where it would be one too many."""
        inside = case.zones.inside.get(self.zone, 0)
        place = case.zones.place(self.zone, case.holder_id)
        awaited = sum(
            1 for holder, until in case.zones.awaited.get(self.zone, {}).items() if until > case.now and holder != case.holder_id
        )
        state = f"{inside} of {self._zone.limit}" + (f", {awaited} on their way" if awaited else "")
        more = case.party - (place is not None and place.area != "")
        if not self._enters or inside + awaited + more <= self._zone.limit:
            self.view(case, state)
            return None
        return self.judge(case, self._zone.hard, DenyReason.OCCUPANCY_LIMIT, state, f"is full, {state}")

    def granted(self, draft: Draft, holder: str, now: int) -> None:
        """Keep a place for somebody who enters."""
        if self._enters:
            left = {one: until for one, until in draft.read("awaited").get(self.zone, {}).items() if until > now}
            draft.write("awaited")[self.zone] = {**left, holder: now + AWAITED}

    def passed(self, draft: Draft, rules: Rules, holder: str, now: int) -> None:
        """Count somebody in or out."""
        self.not_passed(draft, holder)
        draft.move(self.zone, holder, Place(self._area, now))

    def not_passed(self, draft: Draft, holder: str) -> None:
        """Give the place that was kept for somebody back."""
        kept = draft.read("awaited").get(self.zone, {})
        if holder in kept:
            draft.write("awaited")[self.zone] = {one: until for one, until in kept.items() if one != holder}
