"""Two holders, one after the other (ONVIF DualCredential): the second comes within the window, and both are let in together."""

from __future__ import annotations

from sitewarden.domain.access.case import Case, Refusal
from sitewarden.domain.access.identity import usable
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.rights_check import right
from sitewarden.domain.access.zone_check import check_zones
from sitewarden.domain.clock import SECOND

RULE = "dual-credential"


def wait_for_second(case: Case) -> Refusal:
    """Say that a second holder is needed."""
    text = f"a second person is needed within {case.dual_window // SECOND} s"
    return Refusal(DenyReason.DUAL_CREDENTIAL_TIMEOUT, RULE, text, "second")


def check_second(case: Case) -> Refusal | None:
    """Return why the two are not let in: the second came late or is the first, or one of them may not pass now."""
    rules, request = case.rules, case.request
    first = rules.credentials.ids.find(request.first)
    if not 0 <= case.now - request.first_at <= case.dual_window:
        text = f"the second person came after {(case.now - request.first_at) // SECOND} s"
        return Refusal(DenyReason.DUAL_CREDENTIAL_TIMEOUT, RULE, text)
    if first is None or rules.credentials.holders[first] == case.holder:
        text = "the second credential is of the same person" if first is not None else "the first credential is gone"
        return Refusal(DenyReason.UNAUTHORIZED, RULE, text)
    other = Case(rules, request, case.door, case.zones, case.now, case.place, case.point)
    other.identify(first)
    guards = rules.guards[case.place]
    refusal = usable(other) or right(other) or check_zones(other, guards)
    if refusal is not None:
        return Refusal(refusal.reason, refusal.rule, f"the first person: {refusal.text}")
    case.party = 2
    case.views, case.warnings = other.views, other.warnings
    return check_zones(case, guards)
