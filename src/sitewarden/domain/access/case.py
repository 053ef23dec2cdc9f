"""One request being decided: what the rules look at, and what they leave behind for the explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sitewarden.domain.access.decision import DoorContext, Needs, Request, ZoneView
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.snapshot import PointRow
from sitewarden.domain.access.zone_state import ZoneState
from sitewarden.domain.clock import to_datetime

if TYPE_CHECKING:
    from sitewarden.domain.access.rules import Rules

LAST_MOMENT = 253_402_300_800_000_000
"""The end of the year 9999, microseconds since 1970 UTC."""


class Refusal(NamedTuple):
    """Why not: the reason, the rule that found it, and a line for the operator. `needs` tells that something is still to come."""

    reason: DenyReason
    rule: str
    text: str
    needs: Needs = ""


class Case:
    """A request at an access point. `place` is that of the access point, `slot` that of the credential, `holder` its holder's."""

    dual_window = 0
    """Microseconds that the second of two holders has; 0 where one is enough."""
    slot = holder = -1
    holder_id = profile = schedule = ""
    groups: tuple[int, ...] = ()
    party = 1
    """How many pass at once."""
    views: tuple[ZoneView, ...] = ()
    warnings: tuple[DenyReason, ...] = ()

    def __init__(
        self, rules: Rules, request: Request, door: DoorContext, zones: ZoneState, now: int, place: int, point: PointRow
    ) -> None:
        self.rules, self.request, self.door, self.zones, self.now = rules, request, door, zones, now
        self.place, self.point = place, point
        self.level = point.authentication
        self.duress = request.duress

    def identify(self, slot: int) -> None:
        """Take the credential that was found."""
        rules = self.rules
        self.slot = slot
        self.holder = holder = rules.credentials.holders[slot]
        self.holder_id = rules.holders.ids.texts[holder]
        self.groups = rules.groups[rules.holders.groups[holder]]


def moment(time: int) -> str:
    """Return a moment as an operator reads it."""
    if not 0 <= time < LAST_MOMENT:
        return "a time out of reckoning"
    return f"{to_datetime(time):%Y-%m-%d %H:%M} UTC"
