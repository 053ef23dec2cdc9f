"""First person in: doors wait for somebody of the groups, in each run of a schedule or each day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewarden.domain.access.calendars import Calendar, Days
from sitewarden.domain.access.case import Case, Refusal, moment
from sitewarden.domain.access.guards.guard import Guard, groups_of
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.snapshot import NEVER, FirstPersonRow
from sitewarden.domain.access.zone_state import Draft, ZoneState

if TYPE_CHECKING:
    from sitewarden.domain.access.rules import Rules


class FirstPersonGuard(Guard):
    """One first-person zone; the same at each access point of its doors."""

    def __init__(self, row: FirstPersonRow, calendars: list[Calendar], days: Days) -> None:
        super().__init__(row)
        self._zone = row
        self._groups = frozenset(row.groups)
        self._calendar = calendars[row.schedule] if row.schedule >= 0 else None
        self._days = days

    def has_come(self, zones: ZoneState, now: int) -> bool:
        """Tell whether nobody needs to be waited for."""
        start = self._start(now)
        return start is None or zones.first.get(self.zone, NEVER - 1) >= start

    def check(self, case: Case) -> Refusal | None:
        """Refuse those who are not the first person, where the zone holds them."""
        if self.has_come(case.zones, case.now):
            came = case.zones.first.get(self.zone)
            self.view(case, "nobody is waited for" if came is None else f"the first person came at {moment(came)}")
            return None
        if self._counts(case.groups) or not self._zone.hold_others:
            self.view(case, "the first person is awaited")
            return None
        state = "the first person is awaited"
        return self.judge(case, True, DenyReason.FIRST_PERSON_MISSING, state, "the first person has not come yet")

    def passed(self, draft: Draft, rules: Rules, holder: str, now: int) -> None:
        """Note the first person."""
        start = self._start(now)
        if start is None or draft.read("first").get(self.zone, NEVER - 1) >= start:
            return
        if self._counts(groups_of(rules, holder)):
            draft.write("first")[self.zone] = now

    def _counts(self, groups: tuple[int, ...]) -> bool:
        return not self._groups or not self._groups.isdisjoint(groups)

    def _start(self, now: int) -> int | None:
        """Return since when somebody must have come; None where nobody must."""
        if self._calendar is None:
            return self._days.start(now)
        return self._calendar.run_start(now) if self._calendar.holds(now) else None
