"""Who is it: from what was shown, under what the access point asks for, to a credential; and whether that one may be used."""

from __future__ import annotations

import hmac
from typing import Final

from sitewarden.domain.access.cards import canonical_card
from sitewarden.domain.access.case import Case, Refusal, moment
from sitewarden.domain.access.decision import Needs
from sitewarden.domain.access.levels import ASKED, BIOMETRIC, BIOMETRICS, CARD, LEVELS, PIN, PLATE
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.pins import pin_digest
from sitewarden.domain.access.plates import plate_key
from sitewarden.domain.access.snapshot import CREDENTIAL_ENABLED, HOLDER_ENABLED, VISITOR
from sitewarden.domain.errors import Invalid

_NEEDS: Final[dict[str, Needs]] = {CARD: "card", BIOMETRIC: "biometric", PLATE: "licence-plate"}
_UNKNOWN: Final = {CARD: "the card is not known", BIOMETRIC: "the face or finger is not known", PLATE: "the plate is not known"}


def ask_for(case: Case) -> None:
    """Find out what the access point asks for now: the first policy of its authentication profile that holds."""
    if case.point.profile < 0:
        return
    row = case.rules.tables.authentications[case.point.profile]
    for schedule, level, dual in row.policies:
        if case.rules.calendars[schedule].holds(case.now):
            case.level = level
            case.dual_window = row.dual_window if dual else 0
            return


def identify(case: Case) -> Refusal | None:
    """Find the credential; return why there is none."""
    request = case.request
    if case.level == CARD and request.card:
        found = _by_key(case, CARD)
        if isinstance(found, Refusal):
            return found
        case.identify(found)
        return None
    shown = {
        method
        for method, given in (
            (CARD, request.card),
            (PIN, request.pin is not None),
            (BIOMETRIC, request.biometric),
            (PLATE, request.licence_plate),
        )
        if given
    }
    text = f"the access point asks for {ASKED[case.level]}"
    begun: Refusal | None = None
    for group in LEVELS[case.level]:
        # A PIN that goes with something else is looked at last, and finds nobody.
        finding = group if group[0] == PIN else tuple(method for method in group if method != PIN)
        lacking = [method for method in finding if method not in shown]
        if not lacking:
            return _find(case, finding)
        if len(lacking) < len(finding):
            begun = _find(case, tuple(method for method in finding if method in shown)) or Refusal(
                DenyReason.INVALID_IDENTIFIER_VALUE, "identifier", text, _NEEDS[lacking[0]]
            )
    return begun or Refusal(DenyReason.INVALID_IDENTIFIER_VALUE, "identifier", text)


def _find(case: Case, group: tuple[str, ...]) -> Refusal | None:
    """Find the one credential that everything shown belongs to."""
    slot: int | None = None
    holder = -1
    for method in group:
        found = _by_pin(case) if method == PIN else _by_key(case, method)
        if isinstance(found, Refusal):
            return found
        if slot is not None and case.rules.credentials.holders[found] != holder:
            text = "what was shown belongs to two holders"
            return Refusal(DenyReason.INVALID_IDENTIFIER_VALUE, "identifier", text)
        if slot is None:
            slot, holder = found, case.rules.credentials.holders[found]
    assert slot is not None
    case.identify(slot)
    return None


def _by_key(case: Case, method: str) -> int | Refusal:
    request, credentials = case.request, case.rules.credentials
    try:
        if method == CARD:
            key = request.card
            if case.point.formats:
                key = case.rules.formats.read(case.point.formats, key)
            slot = credentials.by_card.get(key)
            if slot is None:
                slot = credentials.by_card.get(canonical_card(key))
        elif method == PLATE:
            slot = credentials.by_token.get(plate_key(request.licence_plate))
        else:
            type_ = request.biometric.partition(":")[0]
            slot = credentials.by_token.get(request.biometric) if type_ in BIOMETRICS else None
    except Invalid as problem:
        return Refusal(DenyReason.INVALID_IDENTIFIER_VALUE, "identifier", problem.what)
    if slot is None:
        return Refusal(DenyReason.CREDENTIAL_NOT_FOUND, "credential-known", _UNKNOWN[method])
    return slot


def _by_pin(case: Case) -> int | Refusal:
    """Find the one credential that has the PIN; a PIN that several have is nobody's."""
    digest = pin_digest(case.rules.tables.pin_key, case.request.pin or "")
    slots = case.rules.credentials.by_pin.get(digest, ())
    if len(slots) != 1:
        return Refusal(DenyReason.INVALID_PIN, "credential-known", "the PIN is not known")
    case.duress = case.duress or case.rules.credentials.duress.get(slots[0]) == digest
    return slots[0]


def usable(case: Case) -> Refusal | None:
    """Return why credential or holder may not be used now."""
    credentials, holders = case.rules.credentials, case.rules.holders
    slot, holder, now = case.slot, case.holder, case.now
    if not credentials.flags[slot] & CREDENTIAL_ENABLED:
        cause = credentials.disabled.get(slot)
        text = f"the credential is disabled: {cause}" if cause else "the credential is disabled"
        return Refusal(DenyReason.CREDENTIAL_NOT_ENABLED, "credential-enabled", text)
    if not holders.flags[holder] & HOLDER_ENABLED:
        return Refusal(DenyReason.CREDENTIAL_NOT_ENABLED, "holder-enabled", "the holder is disabled")
    if now < credentials.valid_from[slot]:
        text = f"the credential is valid from {moment(credentials.valid_from[slot])}"
        return Refusal(DenyReason.CREDENTIAL_NOT_ACTIVE, "credential-valid", text)
    if now >= credentials.valid_to[slot]:
        text = f"the credential was valid until {moment(credentials.valid_to[slot])}"
        return Refusal(DenyReason.CREDENTIAL_EXPIRED, "credential-valid", text)
    if now < holders.valid_from[holder]:
        text = f"the {_who(case)} is expected from {moment(holders.valid_from[holder])}"
        return Refusal(DenyReason.CREDENTIAL_NOT_ACTIVE, "holder-valid", text)
    if now >= holders.valid_to[holder]:
        text = f"the time of the {_who(case)} ended at {moment(holders.valid_to[holder])}"
        return Refusal(DenyReason.CREDENTIAL_EXPIRED, "holder-valid", text)
    return None


def _who(case: Case) -> str:
    return "visitor" if case.rules.holders.flags[case.holder] & VISITOR else "holder"


def check_pin(case: Case) -> Refusal | None:
    """Return why the PIN that goes with what was shown does not fit; a duress PIN fits, and is noted."""
    if PIN not in case.level or not any(PIN in group[1:] for group in LEVELS[case.level]):
        return None
    if case.request.pin is None:
        return Refusal(DenyReason.INVALID_PIN, "pin", "the PIN is missing", "pin")
    pin, duress = (table.get(case.slot) for table in (case.rules.credentials.pins, case.rules.credentials.duress))
    if pin is None:
        return Refusal(DenyReason.INVALID_PIN, "pin", "the credential has no PIN, and the door asks for one")
    digest = pin_digest(case.rules.tables.pin_key, case.request.pin)
    if duress is not None and hmac.compare_digest(duress, digest):
        case.duress = True
    elif not hmac.compare_digest(pin, digest):
        return Refusal(DenyReason.INVALID_PIN, "pin", "the PIN is wrong")
    return None
