"""The zones of an access point, asked one after the other; the first that refuses counts."""

from __future__ import annotations

from sitewarden.domain.access.case import Case, Refusal
from sitewarden.domain.access.decision import ZoneView
from sitewarden.domain.access.guards import Guards
from sitewarden.domain.access.model import DenyReason


def fire_zone(case: Case, guards: Guards) -> str:
    """Return the fire zone that holds the door open; empty where there is none."""
    return next((zone for zone in guards.fires if zone in case.zones.fire), "")


def check_zones(case: Case, guards: Guards) -> Refusal | None:
    """Return why a zone refuses. A zone that whoever decides does not hold answers as it is set to."""
    held = case.zones.held
    for guard in guards.zones:
        if guard.exempt and not guard.exempt.isdisjoint(case.groups):
            case.views += (ZoneView(zone=guard.zone, kind=guard.kind, state="", verdict="exempt"),)
        elif held is not None and guard.zone not in held:
            case.views += (ZoneView(zone=guard.zone, kind=guard.kind, state="", verdict="not-held"),)
            if guard.row.deny_offline:
                text = f"{guard.row.name}: only the server knows, and it was not reached"
                return Refusal(DenyReason.SERVER_UNREACHABLE, "zone-held", text)
        else:
            refusal = guard.check(case)
            if refusal is not None:
                return refusal
    return None
