"""Intrusion: while areas are armed, nobody enters but who may disarm them, which entering does where the zone says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewarden.domain.access.case import Case, Refusal, moment
from sitewarden.domain.access.guards.guard import Guard, groups_of, lies_in
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.snapshot import IntrusionRow, PointRow, Tables
from sitewarden.domain.access.zone_state import Draft

if TYPE_CHECKING:
    from sitewarden.domain.access.rules import Rules


class IntrusionGuard(Guard):
    """One intrusion zone at an access point that leads into it or about in it."""

    def __init__(self, row: IntrusionRow) -> None:
        super().__init__(row)
        self._zone = row
        self._disarm = frozenset(row.disarm)

    @classmethod
    def at(cls, row: IntrusionRow, tables: Tables, point: PointRow) -> IntrusionGuard | None:
        """Return the guard of a point; None where it does not lead into the areas."""
        return cls(row) if lies_in(tables, point.area_to, frozenset(row.areas)) else None

    def check(self, case: Case) -> Refusal | None:
        """Refuse to enter what is armed."""
        since = case.zones.armed.get(self.zone)
        if since is None:
            self.view(case, "disarmed")
            return None
        state = f"armed since {moment(since)}"
        if case.now < since + self._zone.exit_delay:
            self.view(case, f"{state}, people may still leave")
            return None
        if self._zone.on_entry and not self._disarm.isdisjoint(case.groups):
            self.view(case, f"{state}, this holder disarms it")
            return None
        return self.judge(case, True, DenyReason.ZONE_ARMED, state, state)

    def passed(self, draft: Draft, rules: Rules, holder: str, now: int) -> None:
        """Disarm, where somebody came who may."""
        since = draft.read("armed").get(self.zone)
        if since is None or not self._zone.on_entry or now < since + self._zone.exit_delay:
            return
        if not self._disarm.isdisjoint(groups_of(rules, holder)):
            del draft.write("armed")[self.zone]
