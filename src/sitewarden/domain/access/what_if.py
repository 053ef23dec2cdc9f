"""What-if: requests that were made, decided again by the rules of now and by those of a draft. Pure; events in order of time.

The log holds who asked where and when, not what was keyed in. So a card stands for its credential, a PIN that is asked for beside
it counts as right unless it was wrong then, and who showed a PIN alone is counted, not decided. Each side keeps zones of its own:
who is refused by the draft does not pass, and who is let in by it alone is taken to pass at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, Literal

from msgspec import Struct, field

from sitewarden.domain.access.decision import Decision, DoorContext, LockPriority, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.model import DenyReason, DoorMode
from sitewarden.domain.access.transitions import advance, facts_of, holders_of
from sitewarden.domain.access.zone_facts import facts_in
from sitewarden.domain.access.zone_state import Passed, ZoneState

SHOWN: Final = 1000
"""Differences that are kept, the first ones; all are counted."""
BUSIEST: Final = 100
"""Doors and people of which counts are told, those with the most differences."""
WAITING: Final = 4096
"""Grants of which it is not yet known whether somebody passed; the oldest goes."""
KEPT: Final[tuple[str, ...]] = (
    "access_point", "door", "holder", "credential", "first_holder", "first_credential", "card", "format", "reason", "explanation",
    "unwatched", "zone", "credentials",
)  # fmt: skip
"""What a replay reads of an event's data."""

Outcome = Literal["granted", "asks", "denied"]


class Happened(Struct, frozen=True, array_like=True):
    """An event of the log, as far as a replay reads it. `door` is its door where the event is about one."""

    seq: int
    type: str
    time: int
    door: str
    data: dict[str, Any]


class Side(Struct, frozen=True, kw_only=True):
    """What one set of rules says. `asks` is a granted request that wants something more first, such as a PIN."""

    outcome: Outcome
    reason: str = ""
    rule: str = ""
    text: str = ""
    profile: str = ""
    schedule: str = ""


class Difference(Struct, frozen=True, kw_only=True):
    """A request on which the rules of now and the draft differ. `recorded` is what came of it then."""

    seq: int
    time: int
    access_point: str
    door: str
    holder: str
    credential: str
    recorded: Outcome
    before: Side
    after: Side


class Touched(Struct, frozen=True, kw_only=True):
    """How many differ at a door or of a person: let in by the draft alone, asked for more by it, kept out by it alone."""

    id: str
    granted: int
    asks: int
    denied: int


class Outcomes(Struct, kw_only=True):
    """What came of a replay."""

    requests: int = 0
    """Decided by both."""
    same: int = 0
    granted: int = 0
    """Differences by what the draft says: now let in, …"""
    asks: int = 0
    denied: int = 0
    other_reason: int = 0
    """Refused by both, for another reason; among `same`."""
    changed_since: int = 0
    """Requests on which the rules of now differ from what was recorded: the site has changed since."""
    left_out: int = 0
    """Requests that cannot be decided again: a PIN alone, or a credential that neither side knows."""
    differences: list[Difference] = field(default_factory=list)
    doors: tuple[Touched, ...] = ()
    holders: tuple[Touched, ...] = ()


class Replay:
    """`take` each event, oldest first; `done` tells what came of it. Events before `start` only tell where people were."""

    def __init__(self, before: Rules, after: Rules, start: int) -> None:
        self._sides = (_Side(before), _Side(after))
        self._start = start
        self._found = Outcomes()
        self._doors: dict[str, Counter[Outcome]] = {}
        self._holders: dict[str, Counter[Outcome]] = {}

    def take(self, event: Happened) -> None:
        """Take an event."""
        data = {**event.data, "door": event.door} if event.door else event.data
        if event.type not in ("access.granted", "access.denied"):
            for side in self._sides:
                side.told(event.type, data, event.time)
            return
        request = self._request(data, event.time)
        door = _context(data)
        decisions = [side.decide(request, door, event.time) for side in self._sides] if request is not None else []
        fits = bool(decisions) and _fits(data, decisions[0], decisions[1])
        wrong_pin = data.get("reason") == DenyReason.INVALID_PIN
        for side, decision in zip(self._sides, decisions, strict=False):
            side.follow(request, decision, event, data, wrong_pin=wrong_pin)
        if event.time < self._start:
            return
        if not fits:
            self._found.left_out += 1
            return
        self._compare(event, data, decisions, wrong_pin=wrong_pin)

    def done(self) -> Outcomes:
        """Return what came of it."""
        self._found.doors, self._found.holders = _busiest(self._doors), _busiest(self._holders)
        return self._found

    def _compare(self, event: Happened, data: Mapping[str, Any], decisions: list[Decision], *, wrong_pin: bool) -> None:
        found = self._found
        before, after = (_told(decision, wrong_pin=wrong_pin) for decision in decisions)
        found.requests += 1
        recorded: Outcome = "granted" if event.type == "access.granted" else "denied"
        # A PIN that is asked for was keyed in right, or the record would say that it was wrong.
        found.changed_since += recorded != ("denied" if before.outcome == "denied" else "granted")
        if before.outcome == after.outcome:
            found.same += 1
            found.other_reason += before.reason != after.reason
            return
        setattr(found, after.outcome, getattr(found, after.outcome) + 1)
        holder = decisions[0].holder or decisions[1].holder or _text(data, "holder")
        door = _text(data, "door")
        self._doors.setdefault(door, Counter())[after.outcome] += 1
        if holder:
            self._holders.setdefault(holder, Counter())[after.outcome] += 1
        if len(found.differences) < SHOWN:
            found.differences.append(
                Difference(
                    seq=event.seq,
                    time=event.time,
                    access_point=_text(data, "access_point"),
                    door=door,
                    holder=holder,
                    credential=decisions[0].credential or decisions[1].credential or _text(data, "credential"),
                    recorded=recorded,
                    before=before,
                    after=after,
                )
            )

    def _request(self, data: Mapping[str, Any], time: int) -> Request | None:
        """Return the request that was made; None where it cannot be known."""
        point, credential, first = _text(data, "access_point"), _text(data, "credential"), _text(data, "first_credential")
        format_ = _text(data, "format")
        if not credential:
            card = _text(data, "card")
            return Request(access_point=point, card=card, first=first, first_at=time) if card else None
        keys = next((keys for side in self._sides if (keys := _keys(side.rules, credential))), ())
        for key in keys:
            kind, _, value = key.partition(":")
            if format_.endswith("-bit"):
                if kind == format_.removesuffix("-bit"):
                    return Request(access_point=point, card=key, first=first, first_at=time)
            elif kind == "licence-plate":
                return Request(access_point=point, licence_plate=value, first=first, first_at=time)
            elif not kind.isdigit():
                return Request(access_point=point, biometric=key, first=first, first_at=time)
        return None


class _Side:
    """One set of rules with the zones as they came to be by it."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._zones = ZoneState()
        self._waiting: dict[tuple[str, str], None] = {}
        """Access point and last holder of grants that the log tells the end of."""

    def decide(self, request: Request, door: DoorContext, now: int) -> Decision:
        return decide(self.rules, request, door, now, "", self._zones)

    def follow(
        self, request: Request | None, decision: Decision, event: Happened, data: Mapping[str, Any], *, wrong_pin: bool
    ) -> None:
        """Go on with what this side decided, whatever came of it then."""
        if request is None:
            return
        if _told(decision, wrong_pin=wrong_pin).outcome == "denied" or not decision.holder:
            for fact in facts_of(request, decision, event.time) if not decision.granted else ():
                self._zones = advance(self.rules, self._zones, fact)
            return
        passed = {**data, "holder": decision.holder, "credential": decision.credential}
        for fact in facts_in("access.granted", {**passed, "unwatched": False}, event.time):
            self._zones = advance(self.rules, self._zones, fact)
        if event.type == "access.granted" and not data.get("unwatched"):
            self._waiting[_text(data, "access_point"), decision.holder] = None
            if len(self._waiting) > WAITING:
                del self._waiting[next(iter(self._waiting))]
            return
        fact = Passed(_text(data, "access_point"), holders_of(decision), event.time)
        self._zones = advance(self.rules, self._zones, fact)

    def told(self, type_: str, data: Mapping[str, Any], time: int) -> None:
        """Take what happened by itself; whether somebody passed only where this side let them."""
        if type_ in ("access.taken", "access.not-taken"):
            key = (_text(data, "access_point"), _text(data, "holder"))
            if key not in self._waiting:
                return
            del self._waiting[key]
        for fact in facts_in(type_, data, time):
            self._zones = advance(self.rules, self._zones, fact)


def _told(decision: Decision, *, wrong_pin: bool) -> Side:
    why = decision.explanation
    outcome: Outcome = "granted" if decision.granted else "asks" if decision.needs else "denied"
    reason, text, rule = str(decision.reason or ""), why.text, why.rule
    if outcome == "asks" and decision.needs == "pin" and wrong_pin:
        outcome, reason, text, rule = "denied", str(DenyReason.INVALID_PIN), "the PIN is wrong", "pin"
    return Side(
        outcome=outcome,
        reason="" if outcome == "granted" else reason,
        rule=rule,
        text=text,
        profile=why.profile,
        schedule=why.schedule,
    )


def _fits(data: Mapping[str, Any], *decisions: Decision) -> bool:
    """Tell whether what was made of the record finds the credential that was found then; by either side, if at all."""
    credential = _text(data, "credential")
    if not credential:
        return True
    found = {decision.credential for decision in decisions if decision.credential}
    return not found or credential in found


def _context(data: Mapping[str, Any]) -> DoorContext:
    """Return how the door was, from "locked-down (emergency)"."""
    why = data.get("explanation")
    mode, _, rest = (_text(why, "door_mode") if isinstance(why, Mapping) else "").partition(" (")
    priorities: dict[str, LockPriority] = {"scheduled": "scheduled", "operator": "operator", "emergency": "emergency"}
    try:
        return DoorContext(mode=DoorMode(mode), priority=priorities.get(rest.rstrip(")"), "none"))
    except ValueError:
        return DoorContext()


def _keys(rules: Rules, credential: str) -> tuple[str, ...]:
    slot = rules.credentials.ids.find(credential)
    if slot is None:
        return ()
    first = rules.credentials.keys[slot]
    return tuple(key for key in (first, *rules.credentials.more.get(slot, ())) if key)


def _busiest(counts: Mapping[str, Counter[Outcome]]) -> tuple[Touched, ...]:
    rows = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))[:BUSIEST]
    return tuple(Touched(id=id_, granted=one["granted"], asks=one["asks"], denied=one["denied"]) for id_, one in rows)


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
