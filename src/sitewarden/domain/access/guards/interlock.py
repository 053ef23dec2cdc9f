"""Interlock: one of the doors at a time. A door counts as open from the moment at which somebody was let through it."""

from __future__ import annotations

from typing import Final

from sitewarden.domain.access.case import Case, Refusal
from sitewarden.domain.access.guards.guard import Guard
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.snapshot import InterlockRow, PointRow, Tables
from sitewarden.domain.access.zone_state import Draft
from sitewarden.domain.clock import SECOND

RELEASED: Final = 15 * SECOND
"""How long a door counts as open after a grant, where nothing more is heard of it."""


class InterlockGuard(Guard):
    """One interlock at an access point of one of its doors."""

    def __init__(self, row: InterlockRow, door: str, others: tuple[tuple[str, str], ...]) -> None:
        super().__init__(row)
        self._door = door
        self._others = others

    @classmethod
    def at(cls, row: InterlockRow, tables: Tables, point: PointRow) -> InterlockGuard | None:
        """Return the guard of a point; None where its door is not of the zone."""
        if point.door not in row.doors:
            return None
        others = tuple((tables.doors[door].id, tables.doors[door].name) for door in row.doors if door != point.door)
        return cls(row, tables.doors[point.door].id, others)

    def check(self, case: Case) -> Refusal | None:
        """Refuse while another door is open or unlocked."""
        doors = case.zones.open_doors
        for door, name in self._others:
            until = doors.get(door)
            if until is not None and (until == 0 or until > case.now):
                text = f"{name} is open or unlocked"
                return self.judge(case, True, DenyReason.INTERLOCK_ACTIVE, text, text)
        self.view(case, "all other doors are shut")
        return None

    def granted(self, draft: Draft, holder: str, now: int) -> None:
        """Take the door to be open."""
        if draft.read("open_doors").get(self._door) != 0:
            draft.write("open_doors")[self._door] = now + RELEASED
