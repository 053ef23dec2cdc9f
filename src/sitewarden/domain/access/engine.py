"""The decision engine: the same code on the server and on every controller. Pure; time is an argument."""

from __future__ import annotations

import hmac

from sitewarden.domain.access.calendars import Calendar
from sitewarden.domain.access.cards import canonical_card
from sitewarden.domain.access.decision import Decision, DoorContext, Explanation, Request
from sitewarden.domain.access.model import DenyReason, DoorMode
from sitewarden.domain.access.pins import pin_digest
from sitewarden.domain.access.snapshot import CREDENTIAL_ENABLED, EXTENDED, HOLDER_ENABLED, ProfileRow, Snapshot, integers
from sitewarden.domain.clock import to_datetime
from sitewarden.domain.errors import Invalid

LAST_MOMENT = 253_402_300_800_000_000
"""The end of the year 9999, microseconds since 1970 UTC."""


class Rules:
    """A snapshot made ready to be asked: a dict by card, arrays, and calendars. It never changes what it answers."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.version = snapshot.version
        rows = snapshot.credentials
        self.ids, self.holders = rows.ids, rows.holders
        self.flags = rows.flags
        self.valid_from = integers("q", rows.valid_from)
        self.valid_to = integers("q", rows.valid_to)
        self.bundles = integers("I", rows.bundles)
        self.pins, self.disabled = rows.pins, rows.disabled
        # Keyed by the column's own texts: a card in its one text form is found without being taken apart.
        self.by_card = {card: slot for slot, card in enumerate(rows.cards) if card}
        self.by_pin: dict[bytes, int | None] = {}
        for slot, digest in rows.pins.items():
            self.by_pin[digest] = None if digest in self.by_pin else slot
        self.points = {row.id: (place, row) for place, row in enumerate(snapshot.points)}
        self.calendars = [Calendar(row.rules) for row in snapshot.schedules]
        self.profiles = snapshot.profiles
        self.sets = snapshot.bundles
        self.policies: list[dict[int, tuple[int, ...]]] = [_by_point(row) for row in snapshot.profiles]
        """By profile: place of an access point to the places of the schedules that it may be passed in."""


def _by_point(profile: ProfileRow) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for point, schedule in profile.policies:
        found[point] = (*found.get(point, ()), schedule)
    return found


def decide(rules: Rules, request: Request, door: DoorContext, now: int, decided_by: str = "") -> Decision:
    """Decide on a request at `now` (microseconds since 1970 UTC).

    The checks, in order: access point, identifier, credential, its state and validity, rights and their schedules, the door's
    mode, the PIN. The first that fails is the reason.
    """
    found = rules.points.get(request.access_point)
    if found is None:
        return _deny(rules, decided_by, DenyReason.OTHER, "access-point", f"access point {request.access_point} is not known")
    place, point = found
    if not point.enabled:
        return _deny(rules, decided_by, DenyReason.OTHER, "access-point", "the access point is switched off")
    slot = _identify(rules, request, point.authentication)
    if isinstance(slot, tuple):
        reason, rule, text = slot
        return _deny(rules, decided_by, reason, rule, text)
    refusal = _state(rules, slot, now)
    if refusal is not None:
        return _deny(rules, decided_by, *refusal, slot=slot)
    profile, schedule, right_refusal = _right(rules, slot, place, now)
    if right_refusal is not None:
        return _deny(rules, decided_by, *right_refusal, slot=slot, profile=profile, schedule=schedule)
    if door.mode is DoorMode.LOCKED_DOWN:
        reason, text = DenyReason.DOOR_LOCKED_DOWN, "the door is locked down"
        return _deny(rules, decided_by, reason, "door-mode", text, slot=slot, profile=profile, schedule=schedule)
    if door.mode is DoorMode.BLOCKED:
        reason, text = DenyReason.DOOR_BLOCKED, "the door is blocked"
        return _deny(rules, decided_by, reason, "door-mode", text, slot=slot, profile=profile, schedule=schedule)
    if point.authentication == "card-and-pin":
        if request.pin is None:
            text = "the PIN is missing"
            return _deny(rules, decided_by, DenyReason.INVALID_PIN, "pin", text, slot=slot, profile=profile, needs="pin")
        digest = rules.pins.get(slot)
        if digest is None or not hmac.compare_digest(digest, pin_digest(rules.snapshot.pin_key, request.pin)):
            text = "the PIN is wrong" if digest is not None else "the credential has no PIN, and the door asks for one"
            return _deny(rules, decided_by, DenyReason.INVALID_PIN, "pin", text, slot=slot, profile=profile, schedule=schedule)
    return Decision(
        granted=True,
        credential=rules.ids[slot],
        holder=rules.holders[slot],
        extended=bool(rules.flags[slot] & EXTENDED),
        duress=request.duress,
        explanation=Explanation(
            rule="granted",
            text=f"profile {profile}, schedule {schedule}",
            profile=profile,
            schedule=schedule,
            snapshot=rules.version,
            decided_by=decided_by,
        ),
    )


def _identify(rules: Rules, request: Request, authentication: str) -> int | tuple[DenyReason, str, str]:
    """Return the credential's slot, or why there is none."""
    if request.card and authentication != "pin":
        slot = rules.by_card.get(request.card)
        if slot is None:
            try:
                slot = rules.by_card.get(canonical_card(request.card))
            except Invalid as problem:
                return DenyReason.INVALID_IDENTIFIER_VALUE, "identifier", problem.what
        return slot if slot is not None else (DenyReason.CREDENTIAL_NOT_FOUND, "credential-known", "the card is not known")
    if request.pin is not None and authentication in ("pin", "card-or-pin"):
        slot = rules.by_pin.get(pin_digest(rules.snapshot.pin_key, request.pin))
        return slot if slot is not None else (DenyReason.INVALID_PIN, "credential-known", "the PIN is not known")
    wanted = {"pin": "a PIN", "card-or-pin": "a card or a PIN"}.get(authentication, "a card")
    return DenyReason.INVALID_IDENTIFIER_VALUE, "identifier", f"the access point asks for {wanted}"


def _state(rules: Rules, slot: int, now: int) -> tuple[DenyReason, str, str] | None:
    flags = rules.flags[slot]
    if not flags & CREDENTIAL_ENABLED:
        cause = rules.disabled.get(slot)
        text = f"the credential is disabled: {cause}" if cause else "the credential is disabled"
        return DenyReason.CREDENTIAL_NOT_ENABLED, "credential-enabled", text
    if not flags & HOLDER_ENABLED:
        return DenyReason.CREDENTIAL_NOT_ENABLED, "holder-enabled", "the holder is disabled"
    if now < rules.valid_from[slot]:
        text = f"the credential is valid from {_moment(rules.valid_from[slot])}"
        return DenyReason.CREDENTIAL_NOT_ACTIVE, "credential-valid", text
    if now >= rules.valid_to[slot]:
        text = f"the credential was valid until {_moment(rules.valid_to[slot])}"
        return DenyReason.CREDENTIAL_EXPIRED, "credential-valid", text
    return None


def _right(rules: Rules, slot: int, point: int, now: int) -> tuple[str, str, tuple[DenyReason, str, str] | None]:
    """Return (profile, schedule, None) of a right that holds; else the nearest miss and why it is none."""
    nearest: tuple[int, str, str, tuple[DenyReason, str, str]] | None = None
    policies, schedules = rules.policies, rules.snapshot.schedules
    for place, begin, end in rules.sets[rules.bundles[slot]]:
        for schedule in policies[place].get(point, ()):
            profile = rules.profiles[place]
            if not profile.enabled:
                miss = 0, DenyReason.UNAUTHORIZED, "profile-enabled", f"profile {profile.name} is switched off"
            elif now < begin:
                text = f"profile {profile.name} is valid from {_moment(begin)}"
                miss = 1, DenyReason.NOT_PERMITTED_AT_THIS_TIME, "profile-valid", text
            elif now >= end:
                text = f"profile {profile.name} was valid until {_moment(end)}"
                miss = 1, DenyReason.NOT_PERMITTED_AT_THIS_TIME, "profile-valid", text
            elif rules.calendars[schedule].holds(now):
                return profile.id, schedules[schedule].id, None
            else:
                text = f"outside {schedules[schedule].name} of profile {profile.name}"
                miss = 2, DenyReason.NOT_PERMITTED_AT_THIS_TIME, "schedule", text
            if nearest is None or miss[0] > nearest[0]:
                nearest = miss[0], profile.id, schedules[schedule].id, (miss[1], miss[2], miss[3])
    if nearest is None:
        return "", "", (DenyReason.UNAUTHORIZED, "right", "no access profile leads through here")
    return nearest[1], nearest[2], nearest[3]


def _moment(time: int) -> str:
    if not 0 <= time < LAST_MOMENT:
        return "a time out of reckoning"
    return f"{to_datetime(time):%Y-%m-%d %H:%M} UTC"


def _deny(
    rules: Rules,
    decided_by: str,
    reason: DenyReason,
    rule: str,
    text: str,
    *,
    slot: int | None = None,
    profile: str = "",
    schedule: str = "",
    needs: str = "",
) -> Decision:
    return Decision(
        granted=False,
        reason=reason,
        credential="" if slot is None else rules.ids[slot],
        holder="" if slot is None else rules.holders[slot],
        needs="pin" if needs else "",
        explanation=Explanation(
            rule=rule, text=text, profile=profile, schedule=schedule, snapshot=rules.version, decided_by=decided_by
        ),
    )
