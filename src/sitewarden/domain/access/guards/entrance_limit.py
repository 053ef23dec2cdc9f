"""Entrance limit: so many entries in a run of a schedule or a day, and not too soon after each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewarden.domain.access.calendars import Calendar, Days
from sitewarden.domain.access.case import Case, Refusal, moment
from sitewarden.domain.access.guards.guard import Guard
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.shards import Shards
from sitewarden.domain.access.snapshot import EntranceLimitRow
from sitewarden.domain.access.zone_state import Draft, Entries

if TYPE_CHECKING:
    from sitewarden.domain.access.rules import Rules


class EntranceLimitGuard(Guard):
    """One entrance limit at one of its access points."""

    def __init__(self, row: EntranceLimitRow, calendars: list[Calendar], days: Days) -> None:
        super().__init__(row)
        self._zone = row
        self._calendar = calendars[row.schedule] if row.schedule >= 0 else None
        self._days = days

    def check(self, case: Case) -> Refusal | None:
        """Refuse one entry too many, or too soon."""
        shards = case.zones.entries.get(self.zone)
        entries = shards.get(case.holder_id) if shards is not None else None
        start = self._start(case.now)
        count = entries.count if entries is not None and entries.start >= start else 0
        state = f"{count} entries" + (f" of {self._zone.limit}" if self._zone.limit else "")
        if self._zone.limit and count >= self._zone.limit:
            text = f"has entered {count} times of {self._zone.limit}"
            return self.judge(case, self._zone.hard, DenyReason.ENTRANCE_LIMIT, state, text)
        if entries is not None and self._zone.interval and case.now - entries.last < self._zone.interval:
            text = f"entered at {moment(entries.last)}, again from {moment(entries.last + self._zone.interval)}"
            return self.judge(case, self._zone.hard, DenyReason.ENTRANCE_LIMIT, state, text)
        self.view(case, state)
        return None

    def passed(self, draft: Draft, rules: Rules, holder: str, now: int) -> None:
        """Count an entry."""
        shards: Shards[Entries] = draft.read("entries").get(self.zone) or Shards()
        before, start = shards.get(holder), self._start(now)
        count = before.count if before is not None and before.start >= start else 0
        draft.write("entries")[self.zone] = shards.put(holder, Entries(start, count + 1, now))

    def _start(self, now: int) -> int:
        return self._calendar.run_start(now) if self._calendar is not None else self._days.start(now)
