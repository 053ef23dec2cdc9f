"""What a zone asks at one access point. A guard looks at a case, and writes what happened into the draft of the next state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewarden.domain.access.case import Case, Refusal
from sitewarden.domain.access.decision import ZoneView
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.snapshot import Tables, ZoneRow
from sitewarden.domain.access.zone_state import Draft

if TYPE_CHECKING:
    from sitewarden.domain.access.rules import Rules


class Guard:
    """One zone at one access point. `zone` is its reference, `kind:id`."""

    def __init__(self, row: ZoneRow) -> None:
        self.row = row
        self.zone = row.id
        self.kind = row.id.partition(":")[0]
        self.exempt = frozenset(row.exempt)

    def check(self, case: Case) -> Refusal | None:
        """Return why the case is refused; None lets it pass."""
        raise NotImplementedError

    def granted(self, draft: Draft, holder: str, now: int) -> None:
        """Somebody may pass now."""

    def passed(self, draft: Draft, rules: Rules, holder: str, now: int) -> None:
        """Somebody passed."""

    def not_passed(self, draft: Draft, holder: str) -> None:
        """Somebody did not go."""

    def view(self, case: Case, state: str) -> None:
        """Add to the explanation that the zone lets pass."""
        case.views += (ZoneView(zone=self.zone, kind=self.kind, state=state, verdict="passed"),)

    def judge(self, case: Case, hard: bool, reason: DenyReason, state: str, text: str) -> Refusal | None:
        """Refuse, or, where the zone is soft, let pass and tell."""
        case.views += (ZoneView(zone=self.zone, kind=self.kind, state=state, verdict="refused" if hard else "told"),)
        if hard:
            return Refusal(reason, self.kind.removesuffix("-zone"), f"{self.row.name}: {text}")
        case.warnings += (reason,)
        return None


def groups_of(rules: Rules, holder: str) -> tuple[int, ...]:
    """Return the places of the groups of a holder; none where nobody knows them."""
    place = rules.holders.ids.find(holder)
    return () if place is None else rules.groups[rules.holders.groups[place]]


def around(tables: Tables, area: int) -> list[int]:
    """Return an area and those that it lies in, the nearest first; nothing for -1, which is outside."""
    found = []
    while area >= 0:
        found.append(area)
        area = tables.areas[area].parent
    return found


def lies_in(tables: Tables, area: int, areas: frozenset[int]) -> bool:
    """Tell whether an area is one of `areas` or lies in one."""
    return any(one in areas for one in around(tables, area))


def nearest(tables: Tables, area: int, areas: frozenset[int]) -> int:
    """Return the one of `areas` that an area is or lies in most closely; -1 where there is none."""
    return next((one for one in around(tables, area) if one in areas), -1)
