"""The site's rules as one board can hold them: cards with dates and a right a door, and what is lost on the way. Pure.

Where the board cannot say what the rules say it gets less, never more: nobody opens a door by it who may not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sitewarden.domain.access.calendars import WINDOW, utc_to_wall
from sitewarden.domain.access.cards import decode_h10301, encode_h10301, format_card
from sitewarden.domain.access.limits import NAMED, Limit
from sitewarden.domain.access.recurrence import DAY_SECONDS
from sitewarden.domain.access.snapshot import CREDENTIAL_ENABLED, EXTENDED, HOLDER_ENABLED, DoorRow, PointRow, Snapshot, integers
from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import ref
from sitewarden.drivers.uhppote.config import DeviceConfig
from sitewarden.drivers.uhppote.profiles import FIRST_DAY, IDS, LAST_DAY, Chain, compile_rules, window

NEVER: Final = 0
ALWAYS: Final = 1
DOORS: Final = 4

Right = int | Chain
"""NEVER, ALWAYS, or the time profiles in which a door opens."""
Rights = tuple[Right, Right, Right, Right]
NOTHING: Final[Rights] = (NEVER, NEVER, NEVER, NEVER)


class CardRow(NamedTuple):
    """What a board shall hold of a card: days counted from 1970-01-01, both included, and a right for each door."""

    first: int
    last: int
    rights: Rights


class DoorPlan(NamedTuple):
    """A door of a board: its place, 1 to 4, its delay in whole seconds, and its access points by direction (1 in, 2 out)."""

    row: DoorRow
    number: int
    delay: int
    points: dict[int, PointRow]


class Table(NamedTuple):
    """All that a board shall hold, and until when that is true (microseconds since 1970 UTC)."""

    doors: tuple[DoorPlan, ...]
    cards: dict[int, CardRow]
    limits: tuple[Limit, ...]
    until: int | None


def doors_of(serial: int) -> int:
    """Return how many doors a board has, as its serial number begins: 1, 2 or 4."""
    return {1: 1, 2: 2}.get(serial // 100_000_000, 4)


def reader_of(serial: int, door: int, direction: int) -> int | None:
    """Return the reader of a door, as the board's terminals count them; a board of four doors has none for the way out."""
    if doors_of(serial) == DOORS:
        return door if direction == 1 else None
    return 2 * door - 2 + direction


def number_of(card: str) -> int | None:
    """Return a card of 26 bits as a board counts it, facility code and five digits of the number; None for any other card."""
    bits, _, digits = card.partition(":")
    if bits != "26":
        return None
    try:
        facility, number = decode_h10301(int(digits, 16))
    except (Invalid, ValueError):
        return None
    return facility * 100_000 + number or None


def card_of(number: int) -> str:
    """Return the text form of a card that a board tells; empty where the number is no card of 26 bits."""
    facility, rest = divmod(number, 100_000)
    if not number or facility > 0xFF or rest > 0xFFFF:
        return ""
    return format_card(26, encode_h10301(facility, rest))


class _Limits:
    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[str, dict[str, None], list[int]]] = {}

    def add(self, rule: str, text: str, entity: str, *, notice: bool = False) -> None:
        severity = "notice" if notice else "warning"
        _, named, count = self._found.setdefault((rule, text), (severity, {}, [0]))
        if entity not in named:
            count[0] += 1
            if len(named) < NAMED:
                named[entity] = None

    def all(self) -> tuple[Limit, ...]:
        made = [
            Limit(
                rule=rule,
                severity="notice" if severity == "notice" else "warning",
                text=text,
                count=count[0],
                entities=tuple(named),
            )
            for (rule, text), (severity, named, count) in self._found.items()
        ]
        return tuple(sorted(made, key=lambda limit: (limit.severity != "warning", limit.rule)))


def table_of(snapshot: Snapshot, controller: str, config: DeviceConfig, now: int) -> Table:
    """Return what the board of a controller shall hold at `now`, microseconds since 1970 UTC."""
    return _Maker(snapshot, controller, config, now).table()


def limits_of(snapshot: Snapshot, controller: str, config: DeviceConfig, now: int) -> tuple[Limit, ...]:
    """Return what the board of a controller cannot keep of the rules."""
    return table_of(snapshot, controller, config, now).limits


class _Maker:
    def __init__(self, snapshot: Snapshot, controller: str, config: DeviceConfig, now: int) -> None:
        self._snapshot, self._config, self._now = snapshot, config, now
        self._controller = ref("controller", controller)
        self._id = controller
        self._limits = _Limits()
        self._zone = ZoneInfo(snapshot.zone)
        self._doors: list[DoorPlan] = []
        self._entries: dict[int, int] = {}
        """Place of an access point to the door that it opens."""
        self._chains: dict[frozenset[int], Chain] = {}
        self._ids = 0
        self._until: int | None = None

    def table(self) -> Table:
        self._look_at_controller()
        for place, row in enumerate(self._snapshot.doors):
            if row.controller == self._id:
                self._look_at_door(place, row)
        cards = dict(self._cards())
        if len(cards) > self._config.capacity:
            self._limits.add(
                "capacity",
                f"The board holds {self._config.capacity} cards, and {len(cards)} have a right here."
                " It may not take the last of them.",
                self._controller,
            )
        return Table(tuple(self._doors), cards, self._limits.all(), self._until)

    # -- controller and doors -----------------------------------------------------------------------------------------

    def _look_at_controller(self) -> None:
        row = next((row for row in self._snapshot.controllers if row.id == self._id), None)
        if row is not None and row.matching == "server":
            text = "The board decides by itself, whatever its matching says; the server is not asked at the door."
            self._limits.add("matching", text, self._controller)

    def _look_at_door(self, place: int, row: DoorRow) -> None:
        me, has = ref("door", row.id), doors_of(self._config.serial)
        if not 1 <= row.output <= has:
            text = (
                f"Output {row.output} is no door of the board, whose doors are 1 to {has}, so nobody opens it."
                " Set the output to the number printed beside the terminals."
            )
            self._limits.add("output", text, me)
            return
        delay = min(max(round(row.release_time), 1), 255)
        if delay != row.release_time:
            text = f"The board keeps whole seconds from 1 to 255: the door is released for {delay} s."
            self._limits.add("release-time", text, me, notice=True)
        standard = DoorRow("", "", "", 0, 3.0, 10.0, 10.0, 30.0, 0.0, 5.0)
        if any(
            getattr(row, name) != getattr(standard, name)
            for name in ("open_time", "extended_release_time", "extended_open_time", "delay_before_relock", "pre_alarm_time")
        ):
            text = (
                "The board has one time, the release time. When a door is open for too long it tells after a time of its own;"
                " extended times, a delay before relocking and the pre-alarm are not kept."
            )
            self._limits.add("timings", text, me)
        self._doors.append(DoorPlan(row, row.output, delay, self._points(place, row)))

    def _points(self, place: int, row: DoorRow) -> dict[int, PointRow]:
        found: dict[int, PointRow] = {}
        places: dict[int, int] = {}
        readers = {reader_of(self._config.serial, row.output, direction): direction for direction in (1, 2)}
        for at, point in enumerate(self._snapshot.points):
            if point.door != place:
                continue
            me, direction = ref("access-point", point.id), readers.get(point.reader)
            if direction is None:
                has = " and ".join(str(reader) for reader in readers if reader is not None)
                text = (
                    f"Door {row.output} of the board has reader {has}, not {point.reader}, so nobody opens it from here."
                    " Correct the reader's number."
                )
                self._limits.add("reader", text, me)
                continue
            found[direction], places[direction] = point, at
        entry = found.get(1) or found.get(2)
        if entry is None:
            return found
        for point in found.values():
            self._look_at_point(point)
        if entry.enabled and entry.authentication in ("card", "card-or-pin"):
            self._entries[places[1 if entry is found.get(1) else 2]] = row.output
        if len(found) == 2:
            self._compare(places[1], places[2], row)
        return found

    def _look_at_point(self, point: PointRow) -> None:
        me = ref("access-point", point.id)
        if not point.enabled:
            text = (
                "The board cannot switch a reader off. Where it is the way in, nobody has a right at the door;"
                " where it is the way out, it stays open to who may enter."
            )
            self._limits.add("disabled-point", text, me)
        if point.authentication == "card-or-pin":
            self._limits.add("pin", "PINs are kept as digests, which the board cannot check: only cards open this door.", me)
        elif point.authentication != "card":
            text = (
                "PINs are kept as digests, which the board cannot check, so it lets nobody in where one is asked for."
                ' Ask for "card", or use a Sitewarden controller.'
            )
            self._limits.add("pin", text, me)

    def _compare(self, way_in: int, way_out: int, row: DoorRow) -> None:
        for profile in self._snapshot.profiles:
            rights = [{schedule for point, schedule in profile.policies if point == way} for way in (way_in, way_out)]
            if rights[0] != rights[1]:
                text = f"The board keeps one right a door: at {row.name} that of the way in is taken for both ways."
                self._limits.add("one-right", text, ref("access-profile", profile.id))

    # -- cards --------------------------------------------------------------------------------------------------------

    def _cards(self) -> Iterator[tuple[int, CardRow]]:
        rows = self._snapshot.credentials
        begins, ends, bundles = integers("q", rows.valid_from), integers("q", rows.valid_to), integers("I", rows.bundles)
        rights = [self._rights(bundle) for bundle in self._snapshot.bundles]
        for slot, card in enumerate(rows.cards):
            wanted = rights[bundles[slot]]
            if wanted is None or not rows.flags[slot] & CREDENTIAL_ENABLED or not rows.flags[slot] & HOLDER_ENABLED:
                continue
            me, begin, end = ref("credential", rows.ids[slot]), begins[slot], ends[slot]
            if end <= self._now:
                continue
            number = number_of(card) if card else None
            if number is None:
                self._no_card(card, me)
                continue
            if rows.flags[slot] & EXTENDED:
                self._limits.add("extended", "The board releases a door for the same time for everyone.", me)
            first, early = divmod(self._wall(begin), DAY_SECONDS)
            last, late = divmod(self._wall(end), DAY_SECONDS)
            if not FIRST_DAY <= first <= LAST_DAY:
                first, early = FIRST_DAY, 0
            if not FIRST_DAY <= last <= LAST_DAY:
                last, late = LAST_DAY + 1, 0
            if (early and begin > self._now) or late:
                text = (
                    "The board knows whole days. The server brings and takes these cards at their hour;"
                    " while it cannot reach the board, they begin late and last until midnight."
                )
                self._limits.add("validity", text, me, notice=True)
                self._until_at(begin if begin > self._now else end)
                if early and begin > self._now:
                    continue
            if wanted != NOTHING:
                yield number, CardRow(first, last if late else last - 1, wanted)

    def _no_card(self, card: str, me: str) -> None:
        if card:
            text = "The board is given cards of 26 bits (H10301) alone; it does not know these, and refuses them."
            self._limits.add("card-format", text, me)
        else:
            self._limits.add("pin", "PINs are kept as digests, which the board cannot check; who has no card is not let in.", me)

    def _wall(self, moment: int) -> int:
        """Return a moment as seconds of the wall clock; what lies beyond a board's days as its edge."""
        low, high = FIRST_DAY * DAY_SECONDS, (LAST_DAY + 1) * DAY_SECONDS
        if not low <= moment // 1_000_000 < high:
            return low if moment // 1_000_000 < low else high
        return utc_to_wall(moment, self._zone)

    def _rights(self, bundle: tuple[tuple[int, int, int], ...]) -> Rights | None:
        """Return the rights of a set of access profiles; None where it has nothing to do with this board."""
        schedules: dict[int, set[int]] = defaultdict(set)
        concerned = False
        for place, begin, end in bundle:
            profile = self._snapshot.profiles[place]
            for point, schedule in profile.policies:
                door = self._entries.get(point)
                if door is None or not profile.enabled or end <= self._now:
                    continue
                concerned = True
                for edge in (begin, end):
                    if edge > self._now and abs(edge) < 1 << 62:
                        self._until_at(edge)
                        text = (
                            "The board knows no dates of access profiles. The server brings and takes these rights at their"
                            " time, if it reaches the board."
                        )
                        self._limits.add("profile-validity", text, ref("access-profile", profile.id), notice=True)
                if begin <= self._now:
                    schedules[door].add(schedule)
        if not concerned:
            return None
        one, two, three, four = (self._right(frozenset(schedules[door])) for door in range(1, DOORS + 1))
        return one, two, three, four

    def _right(self, places: frozenset[int]) -> Right:
        rows = [self._snapshot.schedules[place] for place in sorted(places)]
        if not rows:
            return NEVER
        if any(row.rules is None for row in rows):
            return ALWAYS
        chain = self._chains.get(places)
        if chain is None:
            made = compile_rules([rule for row in rows for rule in row.rules or ()], self._snapshot.zone, self._now)
            for row in rows if made.dated or made.rounded else ():
                alone = compile_rules(row.rules or (), self._snapshot.zone, self._now)
                self._look_at_schedule(ref("schedule", row.id), dated=alone.dated, rounded=alone.rounded)
            chain = made.chain
            if self._ids + len(chain) > len(IDS):
                text = (
                    f"The board holds {len(IDS)} time profiles, and more are needed. Who needs this schedule is not let in."
                    " Use fewer, or simpler schedules."
                )
                for row in rows:
                    self._limits.add("time-profiles", text, ref("schedule", row.id))
                chain = ()
            elif chain not in self._chains.values():
                self._ids += len(chain)
            self._chains[places] = chain
        return chain or NEVER

    def _look_at_schedule(self, me: str, *, dated: bool, rounded: bool) -> None:
        if dated:
            text = (
                "The board has no words for this recurrence. It is given the dates of the next four to eight weeks, and the"
                " server renews them; if it cannot for that long, the doors stay shut."
            )
            self._limits.add("recurrence", text, me, notice=True)
            self._until_at(window(self._now) + WINDOW)
        if rounded:
            self._limits.add("seconds", "The board knows hours and minutes: seconds at the edges are left out.", me, notice=True)

    def _until_at(self, moment: int) -> None:
        if moment > self._now and (self._until is None or moment < self._until):
            self._until = moment
